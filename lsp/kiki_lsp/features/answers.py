"""Whole answers as code actions: fix, explain, generate, expect, review. A change is offered, never just made."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from kiki_lsp import convert, documents
from kiki_lsp.documents import Document
from kiki_lsp.features.simulation import progress
from kiki_lsp.server import KikiServer
from kiki_tools.language import Diagnostic, Workspace
from kiki_tools.text import Position, Span

if TYPE_CHECKING:
    from kiki_core.editing.asking import Asked
    from kiki_core.editing.change import Change
    from kiki_core.events import Answer

COMMANDS = {
    "kiki.fix": "Fix with kiki",
    "kiki.explainHere": "Explain with kiki",
    "kiki.generate": "Generate from this comment",
    "kiki.expect": "Add expectations from this comment",
    "kiki.review": "Review this file",
}
_APPLY, _DISMISS = "Apply", "Dismiss"
_MOST_SHOWN = 1500


def actions(ls: KikiServer, document: Document, chosen: Span, found: Sequence[Diagnostic]) -> list[types.CodeAction]:
    """The answers that can be asked for at a place; none where the model is switched off."""
    if not ls.experts.usable:
        return []
    from kiki_core.editing.comments import comment_at

    position = document.snapshot.position(chosen.start, ls.encoding)
    place = [document.uri, position.line, position.character]
    here = [one for one in found if one.span.start <= chosen.end and chosen.start <= one.span.end]
    names = ["kiki.explainHere"]
    if any(one.severity in ("error", "warning") for one in here):
        names.insert(0, "kiki.fix")
    if comment_at(document.service, document.snapshot, chosen.start) is not None:
        names.append("kiki.generate")
        if document.service.language == "spice":
            names.append("kiki.expect")
    if chosen.start == 0:
        names.append("kiki.review")
    ends = document.snapshot.position(chosen.end, ls.encoding)
    whole = [*place, ends.line, ends.character]
    kind = {"kiki.fix": types.CodeActionKind.QuickFix, "kiki.review": types.CodeActionKind.Source}
    return [
        types.CodeAction(
            COMMANDS[name],
            kind.get(name, types.CodeActionKind.RefactorRewrite),
            command=types.Command(COMMANDS[name], name, arguments=whole),
        )
        for name in names
    ]


def register(server: KikiServer) -> None:
    """Adds the commands behind the actions. Each gives what it found, and asks before it changes anything."""

    @server.command("kiki.fix")
    async def fix(ls: KikiServer, *place: Any) -> dict[str, Any] | None:
        from kiki_core.editing import asking

        async def work(document: Document, chosen: Span, workspace: Workspace) -> dict[str, Any]:
            messages = await _messages(ls, document, chosen)
            asked = asking.fix(document.service, document.snapshot, chosen.start, messages)
            return await _changed(ls, document, asked, workspace)

        return await _at(ls, place, "Fixing", work)

    @server.command("kiki.generate")
    async def generate(ls: KikiServer, *place: Any) -> dict[str, Any] | None:
        from kiki_core.editing import asking, comments

        async def work(document: Document, chosen: Span, workspace: Workspace) -> dict[str, Any]:
            comment = comments.comment_at(document.service, document.snapshot, chosen.start)
            if comment is None:
                return _problem(ls, "there is no comment here")
            asked = asking.generate(document.service, document.snapshot, comment)
            return await _changed(ls, document, asked, workspace)

        return await _at(ls, place, "Generating", work)

    @server.command("kiki.explainHere")
    async def explain(ls: KikiServer, *place: Any) -> dict[str, Any] | None:
        from kiki_core.editing import asking

        async def work(document: Document, chosen: Span, workspace: Workspace) -> dict[str, Any]:
            messages = await _messages(ls, document, chosen)
            return await _told(ls, asking.explain(document.service, document.snapshot, chosen, messages))

        return await _at(ls, place, "Explaining", work)

    @server.command("kiki.review")
    async def review(ls: KikiServer, *place: Any) -> dict[str, Any] | None:
        from kiki_core.editing import asking

        async def work(document: Document, chosen: Span, workspace: Workspace) -> dict[str, Any]:
            messages = await _messages(ls, document, Span(0, document.snapshot.length))
            return await _told(ls, asking.review(document.service, document.snapshot, messages))

        return await _at(ls, place, "Reviewing", work)

    @server.command("kiki.expect")
    async def expect(ls: KikiServer, *place: Any) -> dict[str, Any] | None:
        from kiki_core.editing import change, comments, expecting
        from kiki_tools.spice import ngspice

        async def work(document: Document, chosen: Span, workspace: Workspace) -> dict[str, Any]:
            snapshot = document.snapshot
            comment = comments.comment_at(document.service, snapshot, chosen.start)
            if comment is None:
                return _problem(ls, "there is no comment here")
            try:
                ran = await ngspice.simulate(snapshot, includes=workspace.snapshots, search=workspace.search)
            except (ngspice.NgspiceMissing, ngspice.Refused) as error:
                return _problem(ls, str(error))
            lines, unmeasured = expecting.lines(comment[0], ran.analyses)
            missing = f"not measured in this deck: {', '.join(unmeasured)}" if unmeasured else ""
            if not lines:
                return _problem(ls, missing or "the comment states no number that can be measured")
            at, put = Span(comment[1].end, comment[1].end), "".join(f"{line}\n" for line in lines)
            found = await change.checked(snapshot, at, put, document.service, workspace, missing)
            return await _offered(ls, document, found)

        return await _at(ls, place, "Measuring", work)


async def _at(ls: KikiServer, place: Sequence[Any], title: str, work: Any) -> dict[str, Any] | None:
    """Does the work for a place in an open document, with progress that can be cancelled; a failure is told."""
    from kiki_core.errors import KikiError

    if len(place) < 3 or not ls.experts.wanted:
        return None
    document = ls.open.get(documents.path_of(str(place[0])))
    if document is None:
        return None
    ends = place[3:5] if len(place) >= 5 else place[1:3]
    start, end = (
        document.snapshot.offset(Position(int(line), int(character)), ls.encoding)
        for line, character in (place[1:3], ends)
    )
    try:
        async with progress(ls, title):
            workspace = ls.gathered(document)
            found: dict[str, Any] = await work(document, Span(start, max(start, end)), workspace)
            return found
    except KikiError as error:
        return _problem(ls, str(error))


async def _messages(ls: KikiServer, document: Document, chosen: Span) -> list[str]:
    found = [*(await ls.diagnostics(document) or ()), *ls.of_simulation(document)]
    return [one.message for one in found if one.span.start <= chosen.end and chosen.start <= one.span.end]


async def _answer(ls: KikiServer, asked: Asked) -> Answer | None:
    from kiki_core.events import Answer

    core = await ls.experts.opened()
    if core is None:
        _problem(ls, ls.experts.problem or "the model is switched off")
        return None
    answer = None
    async with _closing(core.kiki.ask(asked.question)) as events:
        async for event in events:
            if isinstance(event, Answer):
                answer = event
    return answer


@contextlib.asynccontextmanager
async def _closing(events: Any) -> AsyncIterator[Any]:
    try:
        yield events
    finally:
        await events.aclose()


async def _changed(ls: KikiServer, document: Document, asked: Asked, workspace: Workspace) -> dict[str, Any]:
    from kiki_core.editing import change

    answer = await _answer(ls, asked)
    if answer is None or answer.error:
        return _problem(ls, answer.error if answer is not None and answer.error else "there is no answer")
    found = await change.of_answer(asked, answer, document.service, workspace)
    if found is None:
        return {**_problem(ls, f"nothing to change: {answer.text[:300]}"), "text": answer.text}
    return await _offered(ls, document, found)


async def _told(ls: KikiServer, asked: Asked) -> dict[str, Any]:
    answer = await _answer(ls, asked)
    if answer is None or answer.error:
        return _problem(ls, answer.error if answer is not None and answer.error else "there is no answer")
    ls.window_show_message(types.ShowMessageParams(types.MessageType.Info, answer.text[:_MOST_SHOWN]))
    return {"text": answer.text, "verified": answer.verified}


async def _offered(ls: KikiServer, document: Document, found: Change | None) -> dict[str, Any]:
    """Shows a change with its evidence, and makes it if the person says so and the text is still the same."""
    if found is None:
        return _problem(ls, "nothing to change")
    state = {True: "verified", False: "NOT verified", None: "not verified: a tool is missing"}[found.verified]
    told = "\n".join(filter(None, [f"kiki: {state}", *found.evidence, found.text, found.diff]))
    given: dict[str, Any] = {
        "verified": found.verified, "evidence": list(found.evidence), "diff": found.diff, "applied": False,
        "edits": [],
    }  # fmt: skip
    items = [types.MessageActionItem(_APPLY), types.MessageActionItem(_DISMISS)]
    asked = types.ShowMessageRequestParams(types.MessageType.Info, told[:_MOST_SHOWN], items)
    chosen = await ls.window_show_message_request_async(asked)
    edits = [convert.edit(document.snapshot, one, ls.encoding) for one in found.edits]
    given["edits"] = [{"range": _plain(one.range), "newText": one.new_text} for one in edits]
    if chosen is None or chosen.title != _APPLY:
        return given
    now = ls.open.get(document.snapshot.path)
    if now is None or now.snapshot is not document.snapshot:
        return {**given, **_problem(ls, "the file was changed meanwhile: ask again")}
    versioned = types.OptionalVersionedTextDocumentIdentifier(document.uri, document.snapshot.version)
    edit = types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(versioned, edits)])
    workspace = ls.client_capabilities.workspace
    able = workspace.workspace_edit if workspace else None
    if able is None or not able.document_changes:
        edit = types.WorkspaceEdit({document.uri: edits})
    answered = await ls.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, "kiki"))
    return {**given, "applied": answered.applied}


def _plain(span: types.Range) -> dict[str, Any]:
    return {
        "start": {"line": span.start.line, "character": span.start.character},
        "end": {"line": span.end.line, "character": span.end.character},
    }


def _problem(ls: KikiServer, told: str) -> dict[str, Any]:
    ls.window_show_message(types.ShowMessageParams(types.MessageType.Warning, f"kiki: {told}"))
    return {"problem": told}
