"""One question and its answer: what streams in, who answered, and the verdicts."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static
from textual.widgets.markdown import MarkdownStream

from kiki_core import events
from kiki_core.events import Answer, Event
from kiki_core.sessions import Turn as TurnRecord
from kiki_tui.export import cut
from kiki_tui.spoken import requirement_line, summary
from kiki_tui.widgets.deliberation_block import DeliberationBlock
from kiki_tui.widgets.expert_bar import ExpertBar
from kiki_tui.widgets.markdown import Answering
from kiki_tui.widgets.verdict_card import VerdictCard

MAX_SHOWN = 200_000
"""Characters of an answer that are drawn; the session keeps all of it."""


class QuestionLine(Static, can_focus=True):
    """The question. On an old turn, enter or a click unfolds the answer."""

    BINDINGS = [  # noqa: RUF012
        Binding("enter,space", "unfold", "Unfold the answer", show=False),
        Binding("c", "copy", "Copy the answer", show=False),
    ]

    def __init__(self, turn: TurnView) -> None:
        """The line of ``turn``."""
        super().__init__(Content(turn.record.question), classes="question", markup=False)
        self.turn = turn

    async def action_unfold(self) -> None:
        """Shows a folded turn again."""
        await self.turn.unfold()

    def action_copy(self) -> None:
        """Copies the answer."""
        if answer := self.turn.record.answer:
            self.app.copy_to_clipboard(answer.text)
            self.app.notify("Answer copied")

    async def on_click(self) -> None:
        """Shows a folded turn again."""
        await self.turn.unfold()


class TurnView(Vertical):
    """A turn on the screen. `show` draws one event; `fold` leaves only the question."""

    def __init__(self, record: TurnRecord) -> None:
        """Draws the events that ``record`` holds already."""
        super().__init__()
        self.record = record
        self.folded = False
        self._stream: MarkdownStream | None = None
        self._answer: Answering | None = None
        self._attempt = 0
        self._drawn = 0
        self._streamed = ""
        self._block: DeliberationBlock | None = None
        self._texts: dict[tuple[int, str], tuple[str, str]] = {}

    def compose(self) -> ComposeResult:
        """The question, and a line for what is going on."""
        yield QuestionLine(self)
        yield Static("", classes="step", markup=False)

    async def on_mount(self) -> None:
        """Draws what is known."""
        for event in list(self.record.events):
            await self.show(event)

    async def show(self, event: Event) -> None:
        """Draws one event."""
        match event:
            case events.Routed():
                await self.mount(ExpertBar(event), after=0)
            case events.Recalled(memories) if memories:
                await self._note("recalled " + "; ".join(cut(memory.text, 60) for memory in memories[:3]))
            case events.Progress(text, fraction):
                self.step(text if fraction is None else f"{text} {fraction:.0%}")
            case events.Token(text, attempt):
                await self._token(text, attempt)
            case events.Candidate(attempt, _, artefacts):
                for artefact in artefacts:
                    self._texts[attempt, artefact.name] = (artefact.text, artefact.language)
            case events.Verdict():
                await self._verdict(event)
            case events.Vote() | events.Dissent() | events.Ruling():
                await self._said(event)
            case events.BiasFinding(bias, _, _, reason, action):
                await self._note(f"{bias}: {action}: {reason}")
            case events.Failed(step, message):
                await self._note(f"{step} failed: {message}", "failure")
            case events.Answer():
                await self._finish(event)

    def step(self, text: str) -> None:
        """Says what is going on; nothing when empty."""
        line = self.query_one(".step", Static)
        line.update(Content(f"… {text}") if text else "")
        line.display = bool(text)

    async def stopped(self) -> None:
        """The answer was cancelled: what streamed stays, with a note."""
        await self._end_stream()
        self.step("")
        await self._note("stopped", "failure")

    async def failed(self, text: str) -> None:
        """No answer came, for this reason."""
        await self._end_stream()
        self.step("")
        await self._note(text, "failure")

    async def fold(self) -> None:
        """Leaves only the question, so that a long conversation stays quick."""
        if self.folded or self._stream is not None:
            return
        self.folded = True
        kept = {self.query_one(QuestionLine), self.query_one(".step")}
        await self.remove_children([child for child in self.children if child not in kept])
        self.step("")
        self._answer = self._block = None
        self.query_one(QuestionLine).update(Content(f"▸ {self.record.question}"))
        self.add_class("folded")

    async def unfold(self) -> None:
        """Draws a folded turn again."""
        if not self.folded:
            return
        self.folded = False
        self.remove_class("folded")
        self.query_one(QuestionLine).update(Content(self.record.question))
        for event in list(self.record.events):
            await self.show(event)

    async def _token(self, text: str, attempt: int) -> None:
        if self._answer is None or attempt != self._attempt:
            await self._end_stream()
            if self._answer is not None:
                await self._answer.remove()
                await self._note(f"draft {self._attempt + 1} didn't hold; repairing")
            self._attempt, self._drawn, self._streamed = attempt, 0, ""
            self._answer = Answering()
            await self.mount(self._answer, before=".step")
            self._stream = Answering.get_stream(self._answer)
            self.step("writing")
        if self._stream is not None and self._drawn < MAX_SHOWN:
            self._drawn += len(text)
            self._streamed += text
            await self._stream.write(text)

    async def _end_stream(self) -> None:
        if self._stream is not None:
            stream, self._stream = self._stream, None
            await stream.stop()

    async def _verdict(self, verdict: events.Verdict) -> None:
        self.step("")
        key = (verdict.attempt, verdict.artefact)
        text, language = self._texts.get(key) or self._artefact(verdict.artefact)
        await self.mount(VerdictCard(verdict, text, language), before=".step")

    async def _said(self, event: events.Vote | events.Dissent | events.Ruling) -> None:
        self.step("")
        if self._block is None:
            self._block = DeliberationBlock(event)
            await self.mount(self._block, before=".step")
        else:
            self._block.add(event)

    def _artefact(self, name: str) -> tuple[str, str]:
        answer = self.record.answer
        for artefact in answer.artefacts if answer else ():
            if artefact.name == name:
                return artefact.text, artefact.language
        return "", "text"

    async def _finish(self, answer: Answer) -> None:
        await self._end_stream()
        self.step("")
        text = cut_text(answer.text)
        if self._answer is None:
            if text:
                self._answer = Answering(text)
                cards = self.query(VerdictCard)
                await self.mount(self._answer, before=cards.first() if cards else ".step")
        elif text != self._streamed:
            await self._answer.update(text)
        await self._note(summary(answer), "summary")
        for requirement in answer.requirements:
            await self._note(requirement_line(requirement), "failure" if requirement.ok is False else "note")
        if answer.error and not self.query(".failure"):
            await self._note(answer.error, "failure")

    async def _note(self, text: str, kind: str = "note") -> None:
        await self.mount(Static(Content(text), classes=kind, markup=False), before=".step")


def cut_text(text: str) -> str:
    """What is drawn of a very long answer."""
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "\n\n*(cut here; /export holds all of it)*"
