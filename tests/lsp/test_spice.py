"""SPICE in an editor: the server as it is shipped."""

import subprocess
import sys
from pathlib import Path

import pytest
import pytest_lsp
from lsp_waiting import diagnostics_of
from lsprotocol import types as t
from pygls.exceptions import JsonRpcException
from pytest_lsp import ClientServerConfig, LanguageClient

LIBRARY = ".subckt amp in out\nR1 in out 1k\n.ends\n"
DECK = '* t\n.include "amp.lib"\nV1 a 0 1\nX1 a b amp\nR1 b o 1k\nR2 b 0 1k\n.op\n.end\n'


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[sys.executable, "-m", "kiki_lsp"]))
async def client(lsp_client: LanguageClient):
    watched = t.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
    capabilities = t.ClientCapabilities(workspace=t.WorkspaceClientCapabilities(did_change_watched_files=watched))

    @lsp_client.feature(t.CLIENT_REGISTER_CAPABILITY)
    def register(params: t.RegistrationParams) -> None:
        lsp_client.registered = params.registrations

    await lsp_client.initialize_session(t.InitializeParams(capabilities=capabilities, process_id=None))
    yield
    await lsp_client.shutdown_session()


async def codes(client: LanguageClient, path: Path, text: str) -> list[str]:
    document = t.TextDocumentItem(path.as_uri(), "spice", 1, text)
    client.text_document_did_open(t.DidOpenTextDocumentParams(document))
    return await published(client, path.as_uri())


async def published(client: LanguageClient, uri: str) -> list[str]:
    return sorted(str(each.code) for each in await diagnostics_of(client, uri))


async def test_a_fix_is_offered_where_one_is_sure(client, tmp_path):
    (tmp_path / "amp.lib").write_text(LIBRARY)
    deck = tmp_path / "d.cir"
    assert "SP402" in await codes(client, deck, DECK)
    at = t.Position(4, 6)
    actions = await client.text_document_code_action_async(
        t.CodeActionParams(t.TextDocumentIdentifier(deck.as_uri()), t.Range(at, at), t.CodeActionContext([]))
    )
    (action,) = [one for one in actions if one.title == "Write 0"]
    (edit,) = action.edit.changes[deck.as_uri()]
    assert (edit.new_text, edit.range.start, edit.range.end) == ("0", t.Position(4, 5), t.Position(4, 6))


async def test_an_include_that_appears_on_the_disk_is_noticed(client, tmp_path):
    deck = tmp_path / "d.cir"
    assert "SP206" in await codes(client, deck, DECK)
    assert client.registered[0].method == t.WORKSPACE_DID_CHANGE_WATCHED_FILES
    library = tmp_path / "amp.lib"
    library.write_text(LIBRARY)
    event = t.FileEvent(library.as_uri(), t.FileChangeType.Created)
    client.workspace_did_change_watched_files(t.DidChangeWatchedFilesParams([event]))
    assert "SP206" not in await published(client, deck.as_uri())


async def test_an_unsaved_library_wins_over_the_disk(client, tmp_path):
    library, deck = tmp_path / "amp.lib", tmp_path / "d.cir"
    library.write_text(LIBRARY)
    assert "SP204" not in await codes(client, deck, DECK)
    await codes(client, library, LIBRARY.replace("in out\nR1", "in out extra\nR1"))
    if "SP204" not in [each.code for each in client.diagnostics[deck.as_uri()]]:
        assert "SP204" in await published(client, deck.as_uri())


async def test_definition_of_an_unreadable_include_is_the_file(client, tmp_path):
    deck = tmp_path / "d.cir"
    await codes(client, deck, DECK)
    document = t.TextDocumentIdentifier(deck.as_uri())
    (place,) = await client.text_document_definition_async(t.DefinitionParams(document, t.Position(1, 12)))
    assert place.uri == (tmp_path / "amp.lib").as_uri()


def test_the_server_starts_without_what_is_heavy():
    shown = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "kiki_lsp"], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    loaded = {line.rpartition("|")[2].strip().split(".")[0] for line in shown.stderr.splitlines()}
    assert "pygls" in loaded
    assert not loaded & {"kiki_core", "numpy", "lancedb", "onnxruntime", "matplotlib", "textual", "httpx", "pyarrow"}


MEASURED = (
    "* rc\nV1 in 0 DC 5 AC 1\nR1 in out 1k\nR2 out 0 1k\nC1 out 0 1u\n"
    ".ac dec 20 1 100k\n.meas ac fc when vdb(out)=-9\n* @expect v(out)@1 > 2\n.end\n"
)


async def test_saving_simulates_and_shows_the_real_numbers(client, tmp_path):
    deck = tmp_path / "rc.cir"
    assert await codes(client, deck, MEASURED) == []
    document = t.TextDocumentIdentifier(deck.as_uri())
    client.text_document_did_save(t.DidSaveTextDocumentParams(document))
    assert await published(client, deck.as_uri()) == ["SP503"]
    whole = t.Range(t.Position(0, 0), t.Position(9, 0))
    shown = await client.text_document_inlay_hint_async(t.InlayHintParams(document, whole))
    labels = {(hint.position.line, hint.label) for hint in shown}
    assert {(1, "5 V"), (2, "2.5 V"), (2, "2.5 mA, 6.25 mW"), (7, "✗ 500m")} <= labels
    assert any(line == 6 and label.startswith("= ") for line, label in labels)
    pulled = await client.text_document_diagnostic_async(t.DocumentDiagnosticParams(document))
    assert [each.code for each in pulled.items] == ["SP503"]


async def test_an_edit_takes_the_measured_values_away(client, tmp_path):
    deck = tmp_path / "rc.cir"
    await codes(client, deck, MEASURED)
    document = t.TextDocumentIdentifier(deck.as_uri())
    client.text_document_did_save(t.DidSaveTextDocumentParams(document))
    assert await published(client, deck.as_uri()) == ["SP503"]
    edit = t.TextDocumentContentChangePartial(t.Range(t.Position(2, 10), t.Position(2, 12)), "2k")
    versioned = t.VersionedTextDocumentIdentifier(version=2, uri=deck.as_uri())
    client.text_document_did_change(t.DidChangeTextDocumentParams(versioned, [edit]))
    assert await published(client, deck.as_uri()) == []
    whole = t.Range(t.Position(0, 0), t.Position(9, 0))
    assert not await client.text_document_inlay_hint_async(t.InlayHintParams(document, whole))


async def test_names_are_renamed_and_bad_ones_refused(client, tmp_path):
    deck = tmp_path / "rc.cir"
    await codes(client, deck, MEASURED)
    document, place = t.TextDocumentIdentifier(deck.as_uri()), t.Position(2, 7)
    edit = await client.text_document_rename_async(t.RenameParams(document, place, "mid"))
    assert len(edit.changes[deck.as_uri()]) == 5
    with pytest.raises(JsonRpcException, match="taken"):
        await client.text_document_rename_async(t.RenameParams(document, place, "in"))


async def test_a_delta_of_colours_gives_the_whole(client, tmp_path):
    deck = tmp_path / "rc.cir"
    await codes(client, deck, MEASURED)
    document = t.TextDocumentIdentifier(deck.as_uri())
    first = await client.text_document_semantic_tokens_full_async(t.SemanticTokensParams(document))
    edit = t.TextDocumentContentChangePartial(t.Range(t.Position(3, 0), t.Position(3, 0)), "R9 out 0 2k\n")
    versioned = t.VersionedTextDocumentIdentifier(version=2, uri=deck.as_uri())
    client.text_document_did_change(t.DidChangeTextDocumentParams(versioned, [edit]))
    delta = await client.text_document_semantic_tokens_full_delta_async(
        t.SemanticTokensDeltaParams(document, first.result_id)
    )
    data = list(first.data)
    for change in delta.edits:
        data[change.start : change.start + change.delete_count] = change.data
    whole = await client.text_document_semantic_tokens_full_async(t.SemanticTokensParams(document))
    assert data == list(whole.data)
    assert len(whole.data) == len(first.data) + 4 * 5


async def test_the_formatted_text_and_the_links(client, tmp_path):
    (tmp_path / "amp.lib").write_text(LIBRARY)
    deck = tmp_path / "d.cir"
    await codes(client, deck, DECK.replace("R1 b o", "R1   b o"))
    document = t.TextDocumentIdentifier(deck.as_uri())
    edits = await client.text_document_formatting_async(
        t.DocumentFormattingParams(document, t.FormattingOptions(2, True))
    )
    assert [edit.new_text for edit in edits] == ["R1 b o 1k"]
    (link,) = await client.text_document_document_link_async(t.DocumentLinkParams(document))
    assert link.target == (tmp_path / "amp.lib").as_uri()


async def test_calls_lead_into_a_library_and_back(client, tmp_path):
    (tmp_path / "amp.lib").write_text(LIBRARY)
    deck = tmp_path / "d.cir"
    await codes(client, deck, DECK)
    document = t.TextDocumentIdentifier(deck.as_uri())
    (item,) = await client.text_document_prepare_call_hierarchy_async(
        t.CallHierarchyPrepareParams(document, t.Position(3, 8))
    )
    assert (item.name, item.detail, item.uri) == ("amp", "in out", (tmp_path / "amp.lib").as_uri())
    (call,) = await client.call_hierarchy_incoming_calls_async(t.CallHierarchyIncomingCallsParams(item))
    assert call.from_.name == "d.cir"
    assert [place.start for place in call.from_ranges] == [t.Position(3, 7)]


async def test_lenses_count_calls_and_simulate(client, tmp_path):
    deck = tmp_path / "d.cir"
    await codes(client, deck, LIBRARY.join(["* t\nV1 a 0 1\n", "X1 a b amp\nX2 b 0 amp\n.op\n.end\n"]))
    document = t.TextDocumentIdentifier(deck.as_uri())
    lenses = await client.text_document_code_lens_async(t.CodeLensParams(document))
    assert [lens.command.title for lens in lenses] == ["2 calls", "Simulate"]
    command = lenses[1].command
    done = await client.workspace_execute_command_async(t.ExecuteCommandParams(command.command, command.arguments))
    assert done["values"] > 0


async def test_names_of_the_workspace_are_found_by_their_letters(client, tmp_path):
    await codes(client, tmp_path / "e.cir", "* t\n.subckt opamp2 a b\nR1 a b 1\n.ends\n.model dx d\n")
    found = await client.workspace_symbol_async(t.WorkspaceSymbolParams("oa2"))
    assert [symbol.name for symbol in found] == ["opamp2"]


async def test_a_proposal_is_explained_when_it_is_looked_at(client, tmp_path):
    deck = tmp_path / "d.cir"
    await codes(client, deck, "* t\nV1 a 0 1\nD1 a 0 d\n.model dfast d(is=1n)\n.op\n.end\n")
    document = t.TextDocumentIdentifier(deck.as_uri())
    listed = await client.text_document_completion_async(t.CompletionParams(document, t.Position(2, 8)))
    item = next(one for one in listed.items if one.label == "dfast")
    assert item.documentation is None
    resolved = await client.completion_item_resolve_async(item)
    assert "is=1n" in resolved.documentation


async def test_closed_files_of_the_workspace_are_looked_at_too(client, tmp_path):
    folder = tmp_path / "boards"
    folder.mkdir()
    (folder / "bad.cir").write_text("* t\nV1 a 0 1\nX1 a nosub\n.op\n.end\n")
    client.workspace_did_change_workspace_folders(
        t.DidChangeWorkspaceFoldersParams(
            t.WorkspaceFoldersChangeEvent([t.WorkspaceFolder(folder.as_uri(), "boards")], [])
        )
    )
    report = await client.workspace_diagnostic_async(t.WorkspaceDiagnosticParams([]))
    (file,) = report.items
    assert [each.code for each in file.items] == ["SP203"]
