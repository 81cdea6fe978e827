// Starts kiki-lsp and hands it the netlists.
import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions, type StaticFeature } from "vscode-languageclient/node";

const LANGUAGES = [
  "spice", "kicad_sch", "kicad_pcb", "kicad_sym", "kicad_mod", "kicad_dru", "kicad_wks", "kicad_table", "c", "cpp"];

let client: LanguageClient | undefined;

/** What the server answers to textDocument/inlineCompletion (LSP 3.18), which this client library doesn't know yet. */
interface Proposal {
  insertText: string;
  command?: vscode.Command;
}

const proposals: vscode.InlineCompletionItemProvider = {
  async provideInlineCompletionItems(document, position, context, token) {
    if (!client?.isRunning() || context.selectedCompletionInfo) {
      return undefined;
    }
    const found = await client.sendRequest<{ items: Proposal[] } | null>(
      "textDocument/inlineCompletion",
      {
        textDocument: { uri: document.uri.toString() },
        position: { line: position.line, character: position.character },
        context: { triggerKind: context.triggerKind === vscode.InlineCompletionTriggerKind.Invoke ? 1 : 2 },
      },
      token,
    );
    return found?.items.map(
      (item) =>
        new vscode.InlineCompletionItem(item.insertText, new vscode.Range(position, position), item.command),
    );
  },
};

/** Says that proposals are shown in the text, so that the server doesn't list them among the completions too. */
const inline: StaticFeature = {
  fillClientCapabilities(capabilities) {
    capabilities.textDocument = { ...capabilities.textDocument, ...{ inlineCompletion: {} } };
  },
  initialize() {},
  getState: () => ({ kind: "static" }),
  clear() {},
};

async function start(): Promise<void> {
  const settings = vscode.workspace.getConfiguration("kiki");
  const command = settings.get<string>("server.path", "kiki-lsp");
  const server: ServerOptions = { command, args: ["--stdio"] };
  const options: LanguageClientOptions = {
    initializationOptions: { model: settings.get<boolean>("model", true) },
    documentSelector: [
      ...LANGUAGES.map((language) => ({ language })),
      { scheme: "file", pattern: "**/startup_*.s" },
    ],
  };
  client = new LanguageClient("kiki", "kiki", server, options);
  client.registerFeature(inline);
  try {
    await client.start();
  } catch (error) {
    const choice = await vscode.window.showErrorMessage(
      `kiki: can't start ${command}: ${String(error)}; set kiki.server.path`,
      "Open settings",
    );
    if (choice) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "kiki.server.path");
    }
  }
}

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    vscode.commands.registerCommand("kiki.restart", async () => {
      await deactivate();
      await start();
    }),
  );
  context.subscriptions.push(
    vscode.languages.registerInlineCompletionItemProvider(
      LANGUAGES.map((language) => ({ language })),
      proposals,
    ),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  if (client?.isRunning()) {
    await client.stop();
  }
  client = undefined;
}
