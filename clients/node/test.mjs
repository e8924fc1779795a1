// Unmodified clients of the npm registry against a running gateway: openai, the AI SDK with its providers, and the coding
// clients Codex CLI, Claude Code and gemini-cli. The simulated model calls the tool that a prompt names in [[call:…]].
// Run by `make test-clients`; the gateway's address and the models to try stand in the environment.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embed, generateObject, generateText, stepCountIs, streamText, tool } from "ai";
import OpenAI from "openai";
import { z } from "zod";

globalThis.AI_SDK_LOG_WARNINGS = false;

const URL = process.env.UNIGATE_URL;
const MODELS = process.env.UNIGATE_MODELS.split(" ");
const KEY = "none-needed";
const EMBEDDINGS = { openai: "openai/text-embedding-3-small", gemini: "gemini/gemini-embedding-001" };
const WEATHER = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const HELLO = [{ role: "user", content: "Hello there" }];

const SKIPPED = Symbol("skipped");
const providerOf = (model) => model.split("/")[0];

const openai = new OpenAI({ baseURL: `${URL}/v1`, apiKey: KEY, maxRetries: 0 });

const openaiNode = {
  async chat(model) {
    const answer = await openai.chat.completions.create({ model, messages: HELLO });
    assert.match(answer.choices[0].message.content, /Hello there/);
  },
  async stream(model) {
    const stream = openai.chat.completions.stream({ model, messages: HELLO });
    assert.match((await stream.finalChatCompletion()).choices[0].message.content, /Hello there/);
  },
  async tools(model) {
    const get_weather = { name: "get_weather", parameters: WEATHER, function: () => "sunny", parse: JSON.parse };
    const tools = [{ type: "function", function: get_weather }];
    const messages = [{ role: "user", content: "The weather in Paris?" }];
    assert.match(await openai.chat.completions.runTools({ model, messages, tools }).finalContent(), /sunny/);
  },
  async responses(model) {
    const answer = await openai.responses.create({ model, input: "Hello there" });
    assert.match(answer.output_text, /Hello there/);
  },
  async embeddings(model) {
    const name = EMBEDDINGS[providerOf(model)];
    if (!name) return SKIPPED;
    const answer = await openai.embeddings.create({ model: name, input: "Hi" });
    assert.ok(answer.data[0].embedding.length > 100);
  },
};

function aiSdk(modelOf, embeddingOf) {
  return {
    async text(model) {
      const { text } = await generateText({ model: modelOf(model), prompt: "Hello there", maxRetries: 0 });
      assert.match(text, /Hello there/);
    },
    async stream(model) {
      const errors = [];
      const onError = ({ error }) => errors.push(error);
      const { textStream } = streamText({ model: modelOf(model), prompt: "Hello there", maxRetries: 0, onError });
      let text = "";
      for await (const piece of textStream) text += piece;
      assert.deepEqual(errors, []);
      assert.match(text, /Hello there/);
    },
    async tools(model) {
      const inputSchema = z.object({ city: z.string() });
      const get_weather = tool({ description: "The weather.", inputSchema, execute: () => "sunny" });
      const prompt = "The weather in Paris?";
      const stopWhen = stepCountIs(3);
      const { text } = await generateText({ model: modelOf(model), tools: { get_weather }, prompt, stopWhen, maxRetries: 0 });
      assert.match(text, /sunny/);
    },
    async structured_output(model) {
      const schema = z.object({ name: z.string() });
      const { object } = await generateObject({ model: modelOf(model), schema, prompt: "Who?", maxRetries: 0 });
      assert.equal(typeof object.name, "string");
    },
    async embeddings(model) {
      const name = EMBEDDINGS[providerOf(model)];
      if (!name || !embeddingOf) return SKIPPED;
      const { embedding } = await embed({ model: embeddingOf(name), value: "Hi", maxRetries: 0 });
      assert.ok(embedding.length > 100);
    },
  };
}

const asOpenAI = createOpenAI({ baseURL: `${URL}/v1`, apiKey: KEY });
const asCompatible = createOpenAICompatible({
  name: "unigate", baseURL: `${URL}/v1`, apiKey: KEY, supportsStructuredOutputs: true,
});
const asAnthropic = createAnthropic({ baseURL: `${URL}/anthropic/v1`, apiKey: KEY });
const asGoogle = createGoogleGenerativeAI({ baseURL: `${URL}/gemini/v1beta`, apiKey: KEY });

const BINARIES = join(fileURLToPath(new globalThis.URL(".", import.meta.url)), "node_modules/.bin");
const folderFor = (name) => mkdtempSync(join(tmpdir(), `unigate-${name}-`));
const call = (tool, input) => `[[call:${tool} ${JSON.stringify(input)}]]`;

// What a program prints, run in a folder with settings of its own in the environment.
function run(program, options, folder, settings) {
  const environment = { ...process.env, ...settings };
  return new Promise((resolve, reject) => {
    const done = (error, out, told) => (error ? reject(new Error(`${error.message}\n${out}\n${told}`)) : resolve(out));
    const child = execFile(join(BINARIES, program), options, { cwd: folder, env: environment, timeout: 90_000 }, done);
    child.stdin.end();
  });
}

// Has tools/with_gateway.py, whose child this is, restart all adapters.
async function restartAdapters() {
  const count = () => readFileSync(process.env.UNIGATE_RESTARTS, "utf8");
  const before = count();
  process.kill(process.ppid, "SIGUSR1");
  for (let waited = 0; count() === before; waited += 1) {
    assert.ok(waited < 600, "the adapters did not come back");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

// One turn of Codex CLI; returns the events it tells.
async function codexTurn(home, folder, model, ...prompt) {
  const settings = [
    "model_provider=unigate", "model_providers.unigate.name=unigate",
    `model_providers.unigate.base_url=${URL}/v1`, "model_providers.unigate.env_key=UNIGATE_KEY",
    "model_providers.unigate.wire_api=responses",
  ].flatMap((setting) => ["-c", setting]);
  const options = ["exec", "--json", "--skip-git-repo-check", "-s", "danger-full-access", ...settings, "-m", model];
  const out = await run("codex", [...options, ...prompt], folder, { CODEX_HOME: home, UNIGATE_KEY: KEY });
  return out.trim().split("\n").map((line) => JSON.parse(line));
}

const patch = "*** Begin Patch\n*** Add File: made.txt\n+patched\n*** End Patch\n";
const command = `apply_patch <<'EOF'\n${patch}EOF`;

const echo = (text) => call("exec_command", { cmd: `echo ${text} >> said.txt` });
let codexSessions;

// A first turn with every model, and then one restart for all of them; what failed in it shows in the second turn.
async function interruptedSessions() {
  const sessions = new Map();
  for (const model of MODELS) {
    const session = { home: folderFor("home"), folder: folderFor("work") };
    await codexTurn(session.home, session.folder, model, echo("one")).catch(console.error);
    sessions.set(model, session);
  }
  await restartAdapters();
  return sessions;
}

const codex = {
  async shell_and_patch(model) {
    const [home, folder] = [folderFor("home"), folderFor("work")];
    const events = await codexTurn(home, folder, model, call("exec_command", { cmd: command }));
    assert.equal(events.at(-1).type, "turn.completed");
    assert.equal(readFileSync(join(folder, "made.txt"), "utf8"), "patched\n");
  },
  async second_turn(model) {
    const [home, folder] = [folderFor("home"), folderFor("work")];
    await codexTurn(home, folder, model, echo("one"));
    const events = await codexTurn(home, folder, model, "resume", "--last", echo("two"));
    assert.equal(events.at(-1).type, "turn.completed");
    assert.equal(readFileSync(join(folder, "said.txt"), "utf8"), "one\ntwo\n");
  },
  // a vendor that is busy more often than the gateway asks it again
  async waits_for_a_limit(model) {
    const text = `limit ${crypto.randomUUID()} [[sim:429x4]]`;
    const events = await codexTurn(folderFor("home"), folderFor("work"), model, text);
    assert.equal(events.at(-1).type, "turn.completed");
  },
  async told_of_a_full_context(model) {
    const events = await codexTurn(folderFor("home"), folderFor("work"), model, "too much [[sim:overflow]]").catch(String);
    assert.match(JSON.stringify(events), /ran out of room in the model's context window/);
  },
  // with a thought, a call and its result from before the restart in what it sends
  async turn_after_a_restart(model) {
    codexSessions ??= await interruptedSessions();
    const { home, folder } = codexSessions.get(model);
    const events = await codexTurn(home, folder, model, "resume", "--last", echo("two"));
    assert.equal(events.at(-1).type, "turn.completed");
    assert.equal(readFileSync(join(folder, "said.txt"), "utf8"), "one\ntwo\n");
  },
};

// One turn of Claude Code, which may write files; returns what it says at the end.
async function claudeTurn(home, folder, model, ...prompt) {
  const settings = {
    HOME: home, ANTHROPIC_BASE_URL: `${URL}/anthropic`, ANTHROPIC_API_KEY: KEY, DISABLE_TELEMETRY: "1",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  };
  const options = ["--model", model, "--allowedTools", "Write,Bash", "--output-format", "json"];
  return JSON.parse(await run("claude", ["-p", ...prompt, ...options], folder, settings));
}

const claude = {
  async writes_a_file(model) {
    const [home, folder] = [folderFor("home"), folderFor("work")];
    const file = join(folder, "made.txt");
    const answer = await claudeTurn(home, folder, model, call("Write", { file_path: file, content: "hi" }));
    assert.equal(answer.is_error, false);
    assert.equal(readFileSync(file, "utf8"), "hi");
  },
  async second_turn(model) {
    const [home, folder] = [folderFor("home"), folderFor("work")];
    const say = (text) => call("Bash", { command: `echo ${text} >> said.txt`, description: "says" });
    await claudeTurn(home, folder, model, say("one"));
    const answer = await claudeTurn(home, folder, model, say("two"), "--continue");
    assert.equal(answer.is_error, false);
    assert.equal(readFileSync(join(folder, "said.txt"), "utf8"), "one\ntwo\n");
  },
};

const geminiCli = {
  async writes_a_file(model) {
    const [home, folder] = [folderFor("home"), folderFor("work")];
    mkdirSync(join(home, ".gemini"));
    const chosen = { security: { auth: { selectedType: "gemini-api-key" } }, privacy: { usageStatisticsEnabled: false } };
    writeFileSync(join(home, ".gemini", "settings.json"), JSON.stringify(chosen));
    const file = join(folder, "made.txt");
    const prompt = call("write_file", { file_path: file, content: "hi" });
    const settings = {
      HOME: home, GOOGLE_GEMINI_BASE_URL: `${URL}/gemini`, GEMINI_API_KEY: KEY, GEMINI_CLI_TRUST_WORKSPACE: "true",
    };
    await run("gemini", ["-p", prompt, "-m", model, "--approval-mode", "yolo"], folder, settings);
    assert.equal(readFileSync(file, "utf8"), "hi");
  },
};

const CLIENTS = {
  "openai (node)": openaiNode,
  "AI SDK openai": aiSdk((name) => asOpenAI(name), (name) => asOpenAI.embedding(name)),
  "AI SDK openai-compatible": aiSdk((name) => asCompatible(name), (name) => asCompatible.embeddingModel(name)),
  "AI SDK anthropic": aiSdk((name) => asAnthropic(name)),
  "AI SDK google": aiSdk((name) => asGoogle(name), (name) => asGoogle.embedding(name)),
  "Codex CLI": codex,
  "Claude Code": claude,
  "gemini-cli": geminiCli,
};

const results = {};
let failures = 0;
for (const [client, features] of Object.entries(CLIENTS)) {
  for (const [feature, attempt] of Object.entries(features)) {
    if (!`${client}, ${feature}`.match(process.env.CLIENTS_ONLY ?? "")) continue;
    for (const model of MODELS) {
      let outcome = "yes";
      try {
        if ((await attempt(model)) === SKIPPED) outcome = "–";
      } catch (error) {
        outcome = "no";
        failures += 1;
        console.log(`FAILED ${client}, ${feature}, ${model}: ${String(error?.stack ?? error).slice(0, 2000)}`);
      }
      ((results[client] ??= {})[feature] ??= {})[providerOf(model)] = outcome;
    }
  }
}
if (process.env.CLIENTS_RESULTS) writeFileSync(process.env.CLIENTS_RESULTS, JSON.stringify(results, null, 1));
console.log(failures ? `${failures} failed` : "all passed");
process.exit(failures ? 1 : 0);
