"""KiCad's files in an editor: the server as it is shipped."""

import sys
from pathlib import Path

import pytest_lsp
from drawn import ROOT, label, schematic, sheet, symbol, wire
from lsp_waiting import diagnostics_of
from lsprotocol import types as t
from pytest_lsp import ClientServerConfig, LanguageClient

CHILD = "11111111-0000-4000-8000-000000000000"


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[sys.executable, "-m", "kiki_lsp"]))
async def client(lsp_client: LanguageClient):
    await lsp_client.initialize_session(t.InitializeParams(capabilities=t.ClientCapabilities(), process_id=None))
    yield
    await lsp_client.shutdown_session()


def project(folder: Path) -> tuple[Path, str]:
    """A root sheet with a resistor, and a sheet with another; they hang together by the port IN."""
    inner = schematic(
        symbol("Device:R", "R9", 50.8, 50.8, path=f"{ROOT}/{CHILD}"),
        label("IN", 50.8, 48.26, "hierarchical_label"),
        label("MID", 50.8, 53.34),
        uuid=CHILD,
    )
    (folder / "inner.kicad_sch").write_text(inner)
    root = schematic(
        symbol("Device:R", "R1", 50.8, 50.8),
        wire(50.8, 53.34, 100, 53.34),
        sheet("in", "inner.kicad_sch", [("IN", 100, 53.34)], CHILD),
    )
    path = folder / "t.kicad_sch"
    path.write_text(root)
    return path, root


async def opened(client: LanguageClient, path: Path, text: str, language: str = "kicad_sch") -> list[t.Diagnostic]:
    client.text_document_did_open(
        t.DidOpenTextDocumentParams(t.TextDocumentItem(path.as_uri(), language, 1, text))
    )  # fmt: skip
    return await diagnostics_of(client, path.as_uri())


def place(text: str, what: str, step: int = 1) -> t.Position:
    """Just inside the first occurrence of some text."""
    at = text.index(what) + step
    line = text.count("\n", 0, at)
    return t.Position(line, at - (text.rfind("\n", 0, at) + 1))


async def test_an_open_pin_is_told_and_its_fix_mends_it(client, tmp_path):
    path, text = project(tmp_path)
    found = await opened(client, path, text)
    (one,) = [each for each in found if each.code == "KC301"]
    assert "pin 1 of R1 is not connected" in one.message
    asked = t.CodeActionParams(t.TextDocumentIdentifier(path.as_uri()), one.range, t.CodeActionContext([]))
    (action,) = [
        each for each in await client.text_document_code_action_async(asked) if each.title.startswith("Mark the pin")
    ]
    (edit,) = action.edit.changes[path.as_uri()]
    lines = text.splitlines(keepends=True)
    start = sum(map(len, lines[: edit.range.start.line])) + edit.range.start.character
    mended = text[:start] + edit.new_text + text[start:]
    other = tmp_path / "mended" / "t.kicad_sch"
    other.parent.mkdir()
    (other.parent / "inner.kicad_sch").write_text((tmp_path / "inner.kicad_sch").read_text())
    assert "KC301" not in [each.code for each in await opened(client, other, mended)]


async def test_hover_tells_a_nets_pins_over_the_sheets(client, tmp_path):
    path, text = project(tmp_path)
    await opened(client, path, text)
    hover = await client.text_document_hover_async(
        t.HoverParams(t.TextDocumentIdentifier(path.as_uri()), place(text, "(pts"))
    )
    assert "pts" in hover.contents.value
    hover = await client.text_document_hover_async(
        t.HoverParams(t.TextDocumentIdentifier(path.as_uri()), place(text, '(pin "IN"', 7))
    )
    assert "R1.2" in hover.contents.value
    assert "R9.1" in hover.contents.value


async def test_a_port_is_renamed_in_the_sheet_and_at_its_symbol(client, tmp_path):
    path, text = project(tmp_path)
    await opened(client, path, text)
    edit = await client.text_document_rename_async(
        t.RenameParams(
            new_name="SUPPLY",
            text_document=t.TextDocumentIdentifier(path.as_uri()),
            position=place(text, '(pin "IN"', 7),
        )
    )
    changes = edit.changes or {}
    inner = (tmp_path / "inner.kicad_sch").as_uri()
    assert {uri: [each.new_text for each in edits] for uri, edits in changes.items()} == {
        path.as_uri(): ["SUPPLY"],
        inner: ["SUPPLY"],
    }


async def test_definition_leads_into_the_sheet_and_to_the_symbols_copy(client, tmp_path):
    path, text = project(tmp_path)
    await opened(client, path, text)
    identifier = t.TextDocumentIdentifier(path.as_uri())
    found = await client.text_document_definition_async(
        t.DefinitionParams(identifier, place(text, '"inner.kicad_sch"', 3))
    )
    assert [each.uri for each in found] == [(tmp_path / "inner.kicad_sch").as_uri()]
    found = await client.text_document_definition_async(
        t.DefinitionParams(identifier, place(text, '(lib_id "Device:R"', 10))
    )
    assert found[0].uri == path.as_uri()
    assert found[0].range.start.line < place(text, "(lib_id").line


async def test_completion_offers_what_may_stand_there(client, tmp_path):
    path, text = project(tmp_path)
    typed = text.replace("(sheet_instances", "(\n(sheet_instances", 1)
    await opened(client, path, typed)
    at = place(typed, "(\n(sheet_instances", 1)
    found = await client.text_document_completion_async(
        t.CompletionParams(t.TextDocumentIdentifier(path.as_uri()), at)
    )  # fmt: skip
    assert {"wire", "junction", "symbol", "label"} <= {item.label for item in found.items}


async def test_an_edit_in_an_inner_sheet_reaches_the_root(client, tmp_path):
    path, text = project(tmp_path)
    assert "KC313" not in [each.code for each in await opened(client, path, text)]
    inner = tmp_path / "inner.kicad_sch"
    changed = inner.read_text().replace('"IN"', '"OTHER"')
    await opened(client, inner, changed)
    while "KC313" not in [each.code for each in client.diagnostics[path.as_uri()]]:
        await client.wait_for_notification(t.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)


async def test_symbols_folding_tokens_and_lenses_are_there(client, tmp_path):
    path, text = project(tmp_path)
    await opened(client, path, text)
    identifier = t.TextDocumentIdentifier(path.as_uri())
    symbols = await client.text_document_document_symbol_async(t.DocumentSymbolParams(identifier))
    assert {"R1", "in"} <= {each.name for each in symbols}
    assert await client.text_document_semantic_tokens_full_async(t.SemanticTokensParams(identifier))
    lenses = await client.text_document_code_lens_async(t.CodeLensParams(identifier))
    assert any("ERC: 1 errors" in each.command.title for each in lenses)
    everything = t.Range(t.Position(0, 0), t.Position(text.count("\n"), 0))
    hints = await client.text_document_inlay_hint_async(t.InlayHintParams(identifier, everything))
    assert "/in/IN" in {each.label for each in hints} or "/IN" in {each.label for each in hints}
