"""What an editor sees of the server, over real standard input and output."""

import sys
from pathlib import Path

import pytest_lsp
from lsp_waiting import diagnostics_of
from lsprotocol import types as t
from pytest_lsp import ClientServerConfig, LanguageClient

SERVER = [sys.executable, str(Path(__file__).with_name("serve_small_language.py"))]


@pytest_lsp.fixture(config=ClientServerConfig(server_command=SERVER))
async def client(lsp_client: LanguageClient):
    result = await lsp_client.initialize_session(
        t.InitializeParams(capabilities=t.ClientCapabilities(), process_id=None)
    )
    lsp_client.capabilities_seen = result.capabilities
    yield
    await lsp_client.shutdown_session()


def opened(client: LanguageClient, path: Path, text: str, language: str = "spice") -> str:
    uri = path.as_uri()
    client.text_document_did_open(t.DidOpenTextDocumentParams(t.TextDocumentItem(uri, language, 1, text)))
    return uri


async def messages(client: LanguageClient, uri: str) -> list[str]:
    return [each.message for each in await diagnostics_of(client, uri)]


def at(uri: str, line: int, character: int) -> dict:
    return {"text_document": t.TextDocumentIdentifier(uri), "position": t.Position(line, character)}


async def test_announces_what_it_can(client):
    seen = client.capabilities_seen
    assert seen.text_document_sync.change == t.TextDocumentSyncKind.Incremental
    assert seen.hover_provider
    assert seen.completion_provider
    assert seen.definition_provider
    assert seen.document_symbol_provider


async def test_an_edit_after_a_wide_character_is_placed_in_utf16(client, tmp_path):
    uri = opened(client, tmp_path / "a.cir", "\U0001f600 bad\r\n")
    assert await messages(client, uri) == ["bad word"]
    found = client.diagnostics[uri][0]
    assert (found.range.start.character, found.code, found.source) == (3, "SP101", "kiki")
    edit = t.TextDocumentContentChangePartial(t.Range(t.Position(0, 3), t.Position(0, 6)), "good")
    client.text_document_did_change(
        t.DidChangeTextDocumentParams(t.VersionedTextDocumentIdentifier(version=2, uri=uri), [edit])
    )
    assert await messages(client, uri) == []


async def test_definition_leads_into_a_file_from_the_disk(client, tmp_path):
    (tmp_path / "b.lib").write_text("\ndef amp\n")
    uri = opened(client, tmp_path / "a.cir", "include b.lib\n")
    assert await messages(client, uri) == []
    (place,) = await client.text_document_definition_async(t.DefinitionParams(**at(uri, 0, 0)))
    assert place.uri == (tmp_path / "b.lib").as_uri()
    assert place.range.start == t.Position(1, 4)


async def test_an_unreadable_include_says_why(client, tmp_path):
    (tmp_path / "b.lib").write_bytes(b"\0\1")
    uri = opened(client, tmp_path / "a.cir", "include b.lib\n")
    assert "NUL" in (await messages(client, uri))[0]


async def test_answers_outline_hover_and_completion(client, tmp_path):
    uri = opened(client, tmp_path / "a.cir", "def amp\n")
    document = t.TextDocumentIdentifier(uri)
    (entry,) = await client.text_document_document_symbol_async(t.DocumentSymbolParams(document))
    assert entry.name == "amp"
    hover = await client.text_document_hover_async(t.HoverParams(**at(uri, 0, 2)))
    assert hover.contents.value == "at 2"
    (item,) = (await client.text_document_completion_async(t.CompletionParams(**at(uri, 0, 2)))).items
    assert item.label == "zeta"


async def test_lives_on_after_a_failing_analysis(client, tmp_path):
    opened(client, tmp_path / "a.cir", "crash")
    await client.wait_for_notification(t.WINDOW_LOG_MESSAGE)
    assert "small language crashed" in client.log_messages[-1].message
    assert await messages(client, opened(client, tmp_path / "b.cir", "bad")) == ["bad word"]


async def test_closing_clears_the_diagnostics(client, tmp_path):
    uri = opened(client, tmp_path / "a.cir", "bad")
    assert await messages(client, uri) == ["bad word"]
    client.text_document_did_close(t.DidCloseTextDocumentParams(t.TextDocumentIdentifier(uri)))
    assert await messages(client, uri) == []
