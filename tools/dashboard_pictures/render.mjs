// npm run pictures -- FOLDER: one PNG of each dashboard, of the last MINUTES (15) that PROMETHEUS has seen.
// Fails when a query fails; tells which panels have no data. ONLY=overview,hops draws these; TO is the end, in seconds since
// 1970; QUERY=var-provider=openai&var-model=… chooses.
import { readdirSync, writeFileSync } from 'node:fs';
import puppeteer from 'puppeteer-core';
import UPNG from 'upng-js';
import { DASHBOARDS, serve } from './serve.mjs';

const { PROMETHEUS = 'http://127.0.0.1:9090', MINUTES = '15', SCRAPE = '5', CHROMIUM = '/usr/bin/chromium', WIDTH = '1600', QUERY = '', ONLY = '', TO = '' } = process.env;
const folder = process.argv[2] ?? 'dist';
const names = readdirSync(DASHBOARDS).filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', '')).filter((name) => !ONLY || ONLY.split(',').includes(name));

const server = await serve();
const { port } = server.address();
const browser = await puppeteer.launch({
  executablePath: CHROMIUM,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
let failed = false;
try {
  const to = 1000 * Number(TO) || Date.now() - 1000 * Number(SCRAPE);
  for (const name of names) {
    const page = await browser.newPage();
    page.on('pageerror', (error) => { failed = true; console.error(`${name}: ${error}`); });
    await page.setViewport({ width: Number(WIDTH), height: 1000 });
    const asked = new URLSearchParams({ dashboard: name, prometheus: PROMETHEUS, from: to - 60000 * Number(MINUTES), to, scrape: SCRAPE, width: WIDTH });
    await page.goto(`http://127.0.0.1:${port}/?${asked}${QUERY && `&${QUERY}`}`);
    await page.waitForFunction('window.report && report.pending === 0 && document.querySelector("section")', { timeout: 120000 });
    // all of it in sight, for what is not is not painted; and charts draw when they know their size
    await page.setViewport({ width: Number(WIDTH), height: await page.evaluate('document.documentElement.scrollHeight') });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const { empty, failed: queries } = await page.evaluate('report');
    console.log(`${name}: ${empty.length ? `no data in ${empty.join(', ')}` : 'every panel has data'}`);
    queries.forEach((query) => { failed = true; console.error(`${name}: ${query}`); });
    const picture = UPNG.decode(await page.screenshot({ fullPage: true }));
    // few colors are enough for lines and text
    writeFileSync(`${folder}/${name}.png`, Buffer.from(UPNG.encode(UPNG.toRGBA8(picture), picture.width, picture.height, 128)));
    await page.close();
  }
} finally {
  await browser.close();
  server.close();
}
process.exit(failed ? 1 : 0);
