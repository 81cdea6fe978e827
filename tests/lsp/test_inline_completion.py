"""Proposals while typing, through the protocol: a real server, a scripted model behind the completions API."""

import asyncio
import json
from pathlib import Path

from filling_api import Filling, served
from lsp_editor import PLAIN, editor
from lsp_waiting import diagnostics_of
from lsprotocol import types as t
from pytest_lsp import LanguageClient

DECK = "* divider\nV1 in 0 DC 5\nR1 in out 1k\nR2 out 0 1k\n\n.op\n.end\n"


async def opened(client: LanguageClient, path: Path, text: str = DECK) -> str:
    client.text_document_did_open(t.DidOpenTextDocumentParams(t.TextDocumentItem(path.as_uri(), "spice", 1, text)))
    await diagnostics_of(client, path.as_uri())
    return path.as_uri()


async def typed(client: LanguageClient, uri: str, version: int, line: int, at: int, text: str) -> t.Position:
    """Types a text, and gives the place behind it."""
    place = t.Position(line, at)
    change = t.TextDocumentContentChangePartial(t.Range(place, place), text)
    client.text_document_did_change(
        t.DidChangeTextDocumentParams(t.VersionedTextDocumentIdentifier(version, uri), [change])
    )
    return t.Position(line, at + len(text))


def asked(uri: str, at: t.Position, **context: object) -> t.InlineCompletionParams:
    kind = t.InlineCompletionTriggerKind.Automatic
    asking = t.InlineCompletionContext(kind, **context)  # type: ignore[arg-type]
    return t.InlineCompletionParams(asking, t.TextDocumentIdentifier(uri), at)


async def test_a_proposal_that_fits_is_shown_and_counted(tmp_path: Path) -> None:
    model = Filling(lambda prompt: "0 2k" if prompt.endswith("R3 out") else "R9 nowhere 0 1k")
    async with served(model) as url, editor(url, tmp_path) as client:
        uri = await opened(client, tmp_path / "d.cir")
        at = await typed(client, uri, 2, 4, 0, "R3 out ")
        found = await client.text_document_inline_completion_async(asked(uri, at))
        (item,) = found.items
        assert item.insert_text == "0 2k"
        assert item.range == t.Range(at, at)
        await client.workspace_execute_command_async(
            t.ExecuteCommandParams(item.command.command, item.command.arguments)
        )
        status = await client.workspace_execute_command_async(t.ExecuteCommandParams("kiki.status", []))
        assert status["remote"] is True
        assert url.split("/")[2] in status["name"]
        assert (status["counts"]["spice"]["shown"], status["counts"]["spice"]["accepted"]) == (1, 1)
        popup = t.SelectedCompletionInfo(t.Range(at, at), "x")
        assert (
            await client.text_document_inline_completion_async(asked(uri, at, selected_completion_info=popup)) is None
        )


async def test_what_does_not_fit_is_not_shown(tmp_path: Path) -> None:
    async with served(Filling(lambda prompt: "nowhere 2k")) as url, editor(url, tmp_path) as client:
        uri = await opened(client, tmp_path / "d.cir")
        at = await typed(client, uri, 2, 4, 0, "C1 out ")
        assert await client.text_document_inline_completion_async(asked(uri, at)) is None
        inside = t.Position(2, 4)  # in the middle of a node's name
        assert await client.text_document_inline_completion_async(asked(uri, inside)) is None


async def test_a_storm_of_keys_leaves_one_request_and_the_server_alive(tmp_path: Path) -> None:
    model = Filling(lambda prompt: "0 2k", wait_s=0.05)
    async with served(model) as url, editor(url, tmp_path) as client:
        uri = await opened(client, tmp_path / "d.cir")
        waiting = []
        for number, char in enumerate("R3 out "):
            at = await typed(client, uri, number + 2, 4, number, char)
            waiting.append(asyncio.ensure_future(client.text_document_inline_completion_async(asked(uri, at))))
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert results[-1].items[0].insert_text == "0 2k"
        assert len(model.asked) < len(waiting)
        hover = t.HoverParams(t.TextDocumentIdentifier(uri), t.Position(2, 1))
        assert "resistor" in (await client.text_document_hover_async(hover)).contents.value


async def test_off_means_off(tmp_path: Path) -> None:
    model = Filling(lambda prompt: "0 2k")
    async with served(model) as url, editor(url, tmp_path, KIKI_EDITOR__MODEL="false") as client:
        uri = await opened(client, tmp_path / "d.cir")
        at = await typed(client, uri, 2, 4, 0, "R3 out ")
        assert await client.text_document_inline_completion_async(asked(uri, at)) is None
        status = await client.workspace_execute_command_async(t.ExecuteCommandParams("kiki.status", []))
        assert status["model"] is False
        assert model.asked == []


async def test_one_language_can_be_switched_off(tmp_path: Path) -> None:
    model = Filling(lambda prompt: "0 2k")
    async with served(model) as url, editor(url, tmp_path, KIKI_EDITOR__COMPLETION='["c"]') as client:
        uri = await opened(client, tmp_path / "d.cir")
        at = await typed(client, uri, 2, 4, 0, "R3 out ")
        assert await client.text_document_inline_completion_async(asked(uri, at)) is None
        assert model.asked == []


async def test_a_client_without_inline_completion_gets_an_item(tmp_path: Path) -> None:
    async with served(Filling(lambda prompt: "0 2k")) as url, editor(url, tmp_path, PLAIN) as client:
        uri = await opened(client, tmp_path / "d.cir")
        at = await typed(client, uri, 2, 4, 0, "R3 out ")
        await client.workspace_execute_command_async(t.ExecuteCommandParams("kiki.status", []))  # the core is open
        params = t.CompletionParams(t.TextDocumentIdentifier(uri), at)
        found = await client.text_document_completion_async(params)
        assert found.is_incomplete
        async with asyncio.timeout(60):
            while not (proposed := [item for item in found.items if item.detail == "kiki proposes"]):
                await asyncio.sleep(0.05)
                found = await client.text_document_completion_async(params)
        (item,) = proposed
        assert item.text_edit.new_text == "0 2k"
        assert item == found.items[-1]


async def test_a_model_that_is_not_there_costs_the_language_service_nothing(tmp_path: Path) -> None:
    async with editor("http://127.0.0.1:1/v1", tmp_path) as client:
        uri = await opened(client, tmp_path / "d.cir")
        at = await typed(client, uri, 2, 4, 0, "R3 out ")
        assert await client.text_document_inline_completion_async(asked(uri, at)) is None
        status = await client.workspace_execute_command_async(t.ExecuteCommandParams("kiki.status", []))
        assert "127.0.0.1:1" in status["problem"]
        hover = t.HoverParams(t.TextDocumentIdentifier(uri), t.Position(2, 1))
        assert "resistor" in (await client.text_document_hover_async(hover)).contents.value


async def test_a_model_that_breaks_off_costs_one_proposal(tmp_path: Path) -> None:
    model = Filling(lambda prompt: "0 2k", breaks=1)
    async with served(model) as url, editor(url, tmp_path) as client:
        uri = await opened(client, tmp_path / "d.cir")
        at = await typed(client, uri, 2, 4, 0, "R3 out ")
        assert await client.text_document_inline_completion_async(asked(uri, at)) is None
        status = await client.workspace_execute_command_async(t.ExecuteCommandParams("kiki.status", []))
        assert status["problem"]
        found = await client.text_document_inline_completion_async(asked(uri, at))
        assert found.items[0].insert_text == "0 2k"


async def test_two_editors_at_once_each_get_theirs(tmp_path: Path) -> None:
    model = Filling(lambda prompt: "0 2k" if prompt.endswith("R3 out") else "0 2n", wait_s=0.02)
    async with served(model) as url, editor(url, tmp_path) as one, editor(url, tmp_path) as other:
        places = []
        for client, card in ((one, "R3 out "), (other, "C3 out ")):
            uri = await opened(client, tmp_path / f"{card[0]}.cir")
            places.append((client, asked(uri, await typed(client, uri, 2, 4, 0, card))))
        found = await asyncio.gather(*(client.text_document_inline_completion_async(at) for client, at in places))
        assert [listed.items[0].insert_text for listed in found] == ["0 2k", "0 2n"]
    counted = json.loads((tmp_path / "stats" / "completion.json").read_text())
    assert counted["spice"]["shown"] == 2


async def test_rubbish_does_not_reach_the_buffer(tmp_path: Path) -> None:
    rubbish = ["```spice\nC1 out 0 1n\n```", "0 1k\x1b]0;x\x07", "Here you go: a resistor", "R" * 5000]
    model = Filling(lambda prompt: rubbish[0])
    async with served(model) as url, editor(url, tmp_path) as client:
        uri = await opened(client, tmp_path / "d.cir")
        at = await typed(client, uri, 2, 4, 0, "C1 out ")
        while rubbish:
            assert await client.text_document_inline_completion_async(asked(uri, at)) is None
            rubbish.pop(0)
            model.says = lambda prompt: rubbish[0]
