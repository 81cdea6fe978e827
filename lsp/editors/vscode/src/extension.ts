// Starts kiki-lsp and hands it the netlists.
import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";

const LANGUAGES = [
  "spice", "kicad_sch", "kicad_pcb", "kicad_sym", "kicad_mod", "kicad_dru", "kicad_wks", "kicad_table", "c", "cpp"];

let client: LanguageClient | undefined;

async function start(): Promise<void> {
  const command = vscode.workspace.getConfiguration("kiki").get<string>("server.path", "kiki-lsp");
  const server: ServerOptions = { command, args: ["--stdio"] };
  const options: LanguageClientOptions = {
    documentSelector: [
      ...LANGUAGES.map((language) => ({ language })),
      { scheme: "file", pattern: "**/startup_*.s" },
    ],
  };
  client = new LanguageClient("kiki", "kiki", server, options);
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
  await start();
}

export async function deactivate(): Promise<void> {
  if (client?.isRunning()) {
    await client.stop();
  }
  client = undefined;
}
