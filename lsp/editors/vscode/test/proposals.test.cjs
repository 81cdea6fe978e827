// The extension without VS Code: what it asks the server for, and what it makes of the answer.
const assert = require("node:assert");
const Module = require("node:module");
const path = require("node:path");
const { test } = require("node:test");

const seen = { requests: [], errors: [] };
const server = { answer: null, running: true, fails: null };

class LanguageClient {
  constructor(id, name, options, clientOptions) {
    Object.assign(seen, { options, clientOptions, features: [] });
  }
  registerFeature(feature) {
    seen.features.push(feature);
  }
  async start() {
    if (server.fails) throw new Error(server.fails);
  }
  async stop() {
    server.running = false;
  }
  isRunning() {
    return server.running;
  }
  async sendRequest(method, params, token) {
    seen.requests.push({ method, params, token });
    return server.answer;
  }
}

class Range {
  constructor(start, end) {
    Object.assign(this, { start, end });
  }
}

class InlineCompletionItem {
  constructor(insertText, range, command) {
    Object.assign(this, { insertText, range, command });
  }
}

const vscode = {
  Range,
  InlineCompletionItem,
  InlineCompletionTriggerKind: { Invoke: 0, Automatic: 1 },
  workspace: { getConfiguration: () => ({ get: (key, usual) => (key === "model" ? false : usual) }) },
  window: { showErrorMessage: async (text) => void seen.errors.push(text) },
  commands: { registerCommand: (name, run) => ({ name, run }), executeCommand: async () => undefined },
  languages: {
    registerInlineCompletionItemProvider: (selector, provider) => Object.assign(seen, { selector, provider }),
  },
};

const load = Module._load;
Module._load = (name, ...rest) =>
  name === "vscode" ? vscode : name === "vscode-languageclient/node" ? { LanguageClient } : load(name, ...rest);
const extension = require(path.join(__dirname, "..", "dist", "tested.js"));

const document = { uri: { toString: () => "file:///d.cir" } };
const position = { line: 4, character: 7 };
const ask = (context = {}) =>
  seen.provider.provideInlineCompletionItems(document, position, { triggerKind: 1, ...context }, "token");

test("the extension starts the server and offers proposals for its languages", async () => {
  await extension.activate({ subscriptions: [] });
  assert.deepStrictEqual(seen.clientOptions.initializationOptions, { model: false });
  assert.ok(seen.selector.some((one) => one.language === "spice"));
  const capabilities = { textDocument: { hover: {} } };
  for (const feature of seen.features) feature.fillClientCapabilities(capabilities);
  assert.deepStrictEqual(capabilities, { textDocument: { hover: {}, inlineCompletion: {} } });
});

test("a proposal is put at the cursor, with the command that counts it", async () => {
  const command = { title: "Taken", command: "kiki.completion.accepted", arguments: ["spice"] };
  server.answer = { items: [{ insertText: "0 2k", command }] };
  const [item] = await ask();
  assert.deepStrictEqual({ ...item, range: { ...item.range } },
    { insertText: "0 2k", range: { start: position, end: position }, command });
  const { method, params, token } = seen.requests.at(-1);
  assert.strictEqual(method, "textDocument/inlineCompletion");
  assert.deepStrictEqual(params, {
    textDocument: { uri: "file:///d.cir" }, position, context: { triggerKind: 2 } });
  assert.strictEqual(token, "token");
});

test("what a person asks for is told from what typing asks for", async () => {
  await ask({ triggerKind: 0 });
  assert.strictEqual(seen.requests.at(-1).params.context.triggerKind, 1);
});

test("nothing is asked while the pop-up is open or the server is away, and no answer is no proposal", async () => {
  server.answer = null;
  assert.strictEqual(await ask(), undefined);
  const before = seen.requests.length;
  assert.strictEqual(await ask({ selectedCompletionInfo: { text: "x" } }), undefined);
  server.running = false;
  assert.strictEqual(await ask(), undefined);
  assert.strictEqual(seen.requests.length, before);
});

test("a server that doesn't start is told in one line", async () => {
  server.fails = "no such file";
  await extension.activate({ subscriptions: [] });
  assert.match(seen.errors.at(-1), /^kiki: can't start kiki-lsp: Error: no such file; set kiki.server.path$/);
});
