// The gateway's own page in a real browser: it shows what runs, talks to a model, and fetches nothing from elsewhere.
// Run by `make test-clients` where there is a Chromium; SCREENSHOTS names a folder for pictures.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium } from "playwright-core";

const URL = process.env.UNIGATE_URL;
const BROWSER = process.env.CHROMIUM ?? "/usr/bin/chromium";
const PICTURES = process.env.SCREENSHOTS;
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--no-first-run"];

if (!existsSync(BROWSER)) {
  console.log(`the page was not tested: there is no ${BROWSER} (Debian's package chromium, or CHROMIUM=…)`);
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), "page-"));
const image = join(folder, "dot.png");
writeFileSync(image, PNG);
const browser = await chromium.launch({ executablePath: BROWSER, args: ARGUMENTS });

async function opened(options, check, path = "/", ready = () => document.querySelectorAll("#models option").length > 5) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const asked = [], wrong = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("console", (message) => message.type() === "error" && !/ 429 /.test(message.text()) && wrong.push(message.text()));
  page.on("pageerror", (error) => wrong.push(String(error)));
  try {
    await page.goto(URL + path);
    await page.waitForFunction(ready);
    await check(page);
    assert.deepEqual(asked.filter((url) => !url.startsWith(URL) && !url.startsWith("data:") && !url.startsWith("blob:")), []);
    assert.deepEqual(wrong, []);
  } finally {
    await context.close();
  }
}

async function picture(page, name) {
  if (!PICTURES) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, name), fullPage: true });
}

async function answered(page, count) {
  await page.waitForFunction((n) => document.querySelectorAll("#talk .model .about").length >= n, count);
  return page.locator("#talk .model").last().textContent();
}

try {
  await opened({ viewport: { width: 1100, height: 900 }, colorScheme: "light" }, async (page) => {
    assert.equal(await page.locator("#status").textContent(), "ready");
    assert.ok((await page.locator("#providers li").count()) >= 7);
    await page.fill("#model", "anthropic/claude-haiku-4-5");
    await page.fill("#text", "Hello from a browser");
    await page.click("#send");
    assert.match(await answered(page, 1), /Hello from a browser/);
    await page.fill("#text", "And this picture?");
    await page.setInputFiles("#image", image);
    await page.click("#send");
    assert.match(await answered(page, 2), /image\/png/);
    await page.getByRole("tab", { name: "Anthropic" }).click();
    assert.match(await page.locator("#snippet").textContent(), /anthropic\.Anthropic\(base_url="http/);
    await picture(page, "page.png");
    await page.fill("#model", "openai/sim-429");
    await page.fill("#text", "x");
    await page.click("#send");
    await page.waitForSelector("#talk .error");
    assert.equal(await page.evaluate(() => Object.keys(localStorage).length + document.cookie.length), 0);
  });
  await opened({ viewport: { width: 390, height: 844 }, colorScheme: "dark" }, async (page) => {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    assert.equal(wide, false, "the page is wider than a phone");
    // by keyboard alone: fill the model in, go on to the message, send it
    await page.focus("#model");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("gemini/gemini-2.5-flash");
    for (let i = 0; i < 6 && (await page.evaluate(() => document.activeElement.id)) !== "text"; i += 1) await page.keyboard.press("Tab");
    await page.keyboard.type("By keyboard");
    await page.keyboard.press("Control+Enter");
    assert.match(await answered(page, 1), /By keyboard/);
    await page.focus("#tabs [aria-selected=true]");
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.locator("#tabs [aria-selected=true]").textContent(), "OpenAI");
    await picture(page, "page-phone-dark.png");
  });
  await opened({ viewport: { width: 1100, height: 900 } }, async (page) => {
    assert.ok((await page.locator(".opblock").count()) > 20);
    await page.click(".opblock-summary-get >> nth=0");
    await picture(page, "docs.png");
  }, "/docs", () => document.querySelectorAll(".opblock").length > 20);
  console.log("the page works in a browser: models, streaming, an image, an error, a phone, the keyboard, /docs, nothing from elsewhere");
} finally {
  await browser.close();
}
