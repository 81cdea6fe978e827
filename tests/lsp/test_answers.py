"""Whole answers in the editor, with a scripted model: offered with their evidence, made only when a person says so."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from lsp_editor import INLINE, editor
from lsp_waiting import diagnostics_of
from lsprotocol import types as t
from pytest_lsp import LanguageClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

BROKEN = "* divider\nV1 in 0 DC 10\nR1 in out 1k\nR2 out 0\n.op\n.end\n"
MENDED = BROKEN.replace("R2 out 0\n", "R2 out 0 1k\n")


@asynccontextmanager
async def talking(*answers: str) -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """A chat server that gives these answers, the last one again and again; and what it was asked."""
    asked: list[dict[str, Any]] = []

    async def models(request: Request) -> Response:
        return JSONResponse({"data": [{"id": "told", "owned_by": "kiki"}]})

    async def chat(request: Request) -> Response:
        asked.append(await request.json())
        text = answers[min(len(asked), len(answers)) - 1]

        async def events() -> AsyncIterator[str]:
            choice = {"index": 0, "delta": {"content": text}, "finish_reason": "stop"}
            yield f"data: {json.dumps({'choices': [choice]})}\n\ndata: [DONE]\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    routes = [Route("/v1/models", models), Route("/v1/chat/completions", chat, methods=["POST"])]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), port=0, log_level="error", lifespan="off"))
    running = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/v1", asked
    finally:
        server.should_exit = True
        await running


class Person:
    """Answers what the server asks, and keeps what it is shown and what is changed."""

    def __init__(self, client: LanguageClient, says: str) -> None:
        self.shown: list[str] = []
        self.edits: list[t.WorkspaceEdit] = []

        @client.feature(t.WINDOW_SHOW_MESSAGE_REQUEST)
        def asked(params: t.ShowMessageRequestParams) -> t.MessageActionItem | None:
            self.shown.append(params.message)
            return next((one for one in params.actions or () if one.title == says), None)

        @client.feature(t.WORKSPACE_APPLY_EDIT)
        def apply(params: t.ApplyWorkspaceEditParams) -> t.ApplyWorkspaceEditResult:
            self.edits.append(params.edit)
            return t.ApplyWorkspaceEditResult(True)


async def run(client: LanguageClient, name: str, uri: str, line: int, character: int = 0) -> dict[str, Any]:
    given = await client.workspace_execute_command_async(
        t.ExecuteCommandParams(name, [uri, line, character, line, character])
    )
    return given if isinstance(given, dict) else dict(vars(given)) if hasattr(given, "__dict__") else given._asdict()


async def opened(client: LanguageClient, path: Path, text: str) -> str:
    path.write_text(text)
    client.text_document_did_open(t.DidOpenTextDocumentParams(t.TextDocumentItem(path.as_uri(), "spice", 1, text)))
    await diagnostics_of(client, path.as_uri())
    return path.as_uri()


def of(deck: str) -> str:
    return f"Here it is.\n```spice\n{deck}```\n"


async def test_a_fix_is_offered_with_its_evidence_and_made_when_told_to(tmp_path: Path) -> None:
    async with talking(of(MENDED)) as (url, asked), editor(url, tmp_path, INLINE) as client:
        person = Person(client, "Apply")
        uri = await opened(client, tmp_path / "d.cir", BROKEN)
        given = await run(client, "kiki.fix", uri, 3)
        assert given["verified"] is True
        assert given["applied"] is True
        (shown,) = person.shown
        assert "verified" in shown
        assert "ngspice" in shown
        assert "+R2 out 0 1k" in shown
        (edit,) = person.edits
        (change,) = (edit.changes or {}).get(uri) or edit.document_changes[0].edits
        assert change.new_text == "R2 out 0 1k\n"
        assert "R2 out 0" in json.dumps(asked[0]["messages"])
        assert (tmp_path / "d.cir").read_text() == BROKEN


async def test_nothing_is_made_unasked_and_what_fails_is_said_to_be_unverified(tmp_path: Path) -> None:
    wrong = MENDED.replace("R2 out 0 1k", "R2 out 0 1k\nX9 a b nothing")
    async with talking(of(wrong)) as (url, _), editor(url, tmp_path, INLINE, KIKI_PIPELINE__REPAIRS="0") as client:
        person = Person(client, "Dismiss")
        uri = await opened(client, tmp_path / "d.cir", BROKEN)
        given = await run(client, "kiki.fix", uri, 3)
        assert given["verified"] is False
        assert given["applied"] is False
        assert "NOT verified" in person.shown[0]
        assert person.edits == []


async def test_expectations_are_written_for_what_can_be_measured(tmp_path: Path) -> None:
    deck = "* t\n* the output voltage is 5 V and the gain 20 dB\nV1 in 0 DC 10\nR1 in out 1k\nR2 out 0 1k\n.op\n.end\n"
    async with talking("unasked") as (url, asked), editor(url, tmp_path, INLINE) as client:
        person = Person(client, "Apply")
        uri = await opened(client, tmp_path / "d.cir", deck)
        given = await run(client, "kiki.expect", uri, 1)
        assert given["verified"] is True
        assert "+* @expect v(out) = 5 +/- 5%" in given["diff"]
        assert "not measured in this deck: gain" in person.shown[0]
        assert len(person.edits) == 1
        assert asked == []


async def test_actions_are_offered_where_they_make_sense(tmp_path: Path) -> None:
    async with talking("x") as (url, _), editor(url, tmp_path, INLINE) as client:
        uri = await opened(
            client, tmp_path / "d.cir", BROKEN.replace("V1", "* an RC low-pass with a corner at 1 kHz\nV1")
        )
        await client.workspace_execute_command_async(t.ExecuteCommandParams("kiki.status", []))

        async def titles(line: int, *only: str) -> list[str]:
            at = t.Position(line, 0)
            context = t.CodeActionContext([], only=list(only) or None)  # type: ignore[arg-type]
            params = t.CodeActionParams(t.TextDocumentIdentifier(uri), t.Range(at, at), context)
            return [one.title for one in await client.text_document_code_action_async(params) or ()]

        assert "Fix with kiki" in await titles(4)
        assert "Generate from this comment" in await titles(1)
        assert "Add expectations from this comment" in await titles(1)
        assert "Fix with kiki" not in await titles(2)
        assert await titles(1, "quickfix") == []
        assert "Review this file" in await titles(0, "source")


async def test_an_explanation_changes_nothing(tmp_path: Path) -> None:
    async with talking("R2 has no value.") as (url, _), editor(url, tmp_path, INLINE) as client:
        person = Person(client, "Apply")
        uri = await opened(client, tmp_path / "d.cir", BROKEN)
        given = await run(client, "kiki.explainHere", uri, 3)
        assert given["text"] == "R2 has no value."
        assert person.edits == []
        assert "R2 has no value." in client.messages[-1].message


async def test_a_model_that_is_not_there_is_told(tmp_path: Path) -> None:
    async with editor("http://127.0.0.1:1/v1", tmp_path, INLINE) as client:
        uri = await opened(client, tmp_path / "d.cir", BROKEN)
        given = await run(client, "kiki.fix", uri, 3)
        assert "127.0.0.1:1" in given["problem"]
