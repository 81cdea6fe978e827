"""Size and stack of firmware in an editor: lenses after a save."""

import sys
from pathlib import Path

import pytest_lsp
from lsp_waiting import diagnostics_of
from lsprotocol import types as t
from pytest_lsp import ClientServerConfig, LanguageClient

MAIN = "/* STM32F446xx */\nint table[10];\nint main(void)\n{\n  return table[0];\n}\n"


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[sys.executable, "-m", "kiki_lsp"]))
async def client(lsp_client: LanguageClient):
    await lsp_client.initialize_session(t.InitializeParams(capabilities=t.ClientCapabilities(), process_id=None))
    yield
    await lsp_client.shutdown_session()


async def test_a_save_shows_memory_and_stack(client: LanguageClient, tmp_path: Path):
    path = tmp_path / "main.c"
    path.write_text(MAIN)
    uri = path.as_uri()
    client.text_document_did_open(t.DidOpenTextDocumentParams(t.TextDocumentItem(uri, "c", 1, MAIN)))
    await diagnostics_of(client, uri)
    client.text_document_did_save(t.DidSaveTextDocumentParams(t.TextDocumentIdentifier(uri)))
    await client.workspace_execute_command_async(t.ExecuteCommandParams("kiki.simulate", [uri]))
    asked = t.CodeLensParams(t.TextDocumentIdentifier(uri))
    titles = {lens.command.title: lens.range.start.line for lens in await client.text_document_code_lens_async(asked)}
    assert next(line for title, line in titles.items() if "bss 40 bytes" in title) == 0
    assert titles["stack 0 bytes"] == 2
    change = t.TextDocumentContentChangeWholeDocument(MAIN + "\n")
    client.text_document_did_change(t.DidChangeTextDocumentParams(t.VersionedTextDocumentIdentifier(2, uri), [change]))
    later = await client.text_document_code_lens_async(asked)
    assert not any("stack" in lens.command.title for lens in later or ()), "an edited text isn't the compiled one"
