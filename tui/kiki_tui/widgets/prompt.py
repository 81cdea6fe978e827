"""The prompt: a text of one or more lines, with history and proposals for files and commands."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, TextArea
from textual.widgets.option_list import Option

from kiki_tui import actions, mentions
from kiki_tui.history import History

_FILE = re.compile(r'(?<!\S)@(?:"([^"\n]*)|([^\s"]*))$')
_SLASH = re.compile(r"/([a-z]*)$")
_ARGUMENT = re.compile(r"/(?:check|sim) +([^\s]*)$")


@dataclass(frozen=True, slots=True)
class Proposal:
    """Text that would replace the last ``length`` characters before the cursor."""

    insert: str
    length: int
    shown: str


class Asking(TextArea):
    """The text itself."""

    @dataclass
    class Sent(Message):
        """The text was sent."""

        text: str

    class HelpWanted(Message):
        """`?` was typed on an empty line."""

    def __init__(self, history: History) -> None:
        """With the questions asked before."""
        super().__init__(
            soft_wrap=True,
            tab_behavior="focus",
            placeholder="Ask for a circuit · / commands · @ files · ? help",
            highlight_cursor_line=False,
            compact=True,
        )
        self.asked = history
        self.proposing: Proposals | None = None

    async def _on_key(self, event: events.Key) -> None:
        proposing = self.proposing if self.proposing is not None and self.proposing.display else None
        if proposing is not None and proposing.line != self.before_cursor():
            proposing = None  # typed faster than it could propose: what it holds is for an older text
        match event.key:
            case "enter" if proposing is not None and proposing.worth_taking(self.text):
                self._take(proposing)
            case "enter":
                self._send()
            case "tab" if proposing is not None:
                self._take(proposing)
            case "shift+enter" | "ctrl+j" | "alt+enter":
                self.insert("\n")
            case "escape" if proposing is not None:
                proposing.hide()
            case "up" | "down" if proposing is not None:
                proposing.move(-1 if event.key == "up" else 1)
            case "up" if self.cursor_location[0] == 0:
                self._recall(self.asked.earlier(self.text))
            case "down" if self.cursor_location[0] == self.document.line_count - 1:
                self._recall(self.asked.later())
            case "pageup" | "pagedown":
                self.post_message(self.Scrolled(-1 if event.key == "pageup" else 1))
            case "question_mark" if not self.text:
                self.post_message(self.HelpWanted())
            case _:
                await super()._on_key(event)
                return
        event.stop()
        event.prevent_default()

    @dataclass
    class Scrolled(Message):
        """The conversation should move by a page."""

        pages: int

    def _send(self) -> None:
        if text := self.text.strip():
            self.asked.add(text)
            self.clear()
            self.post_message(self.Sent(text))

    def _recall(self, text: str | None) -> None:
        if text is not None:
            with self.prevent(TextArea.Changed):
                self.text = text
            self.move_cursor(self.document.end)

    def _take(self, proposing: Proposals) -> None:
        if (proposal := proposing.chosen()) is not None:
            row, column = self.cursor_location
            self.replace(proposal.insert, (row, column - proposal.length), (row, column))

    def before_cursor(self) -> str:
        """The cursor's line up to the cursor."""
        row, column = self.cursor_location
        return self.document.get_line(row)[:column]


class Proposals(OptionList, can_focus=False):
    """What could be typed, best first."""

    def __init__(self) -> None:
        """Hidden until there is something to propose."""
        super().__init__()
        self.display = False
        self.proposals: Sequence[Proposal] = ()
        self.line = ""

    def offer(self, proposals: Sequence[Proposal], line: str = "") -> None:
        """Shows the proposals for ``line``, the text before the cursor, or hides when there are none."""
        self.proposals = proposals
        self.line = line
        self.set_options([Option(Content(proposal.shown)) for proposal in proposals])
        self.display = bool(proposals)
        if proposals:
            self.highlighted = 0

    def hide(self) -> None:
        """Proposes nothing."""
        self.offer(())

    def move(self, by: int) -> None:
        """Chooses another."""
        if self.proposals:
            self.highlighted = ((self.highlighted or 0) + by) % len(self.proposals)

    def chosen(self) -> Proposal | None:
        """The highlighted proposal."""
        return self.proposals[self.highlighted] if self.highlighted is not None and self.proposals else None

    def worth_taking(self, text: str) -> bool:
        """Whether enter should take the proposal: not when it is typed in full already."""
        chosen = self.chosen()
        return chosen is not None and not text.endswith(chosen.insert.rstrip())


class Prompt(Vertical):
    """The prompt with its proposals above."""

    def __init__(self, history: History, files: Callable[[], Sequence[str]]) -> None:
        """``files``: what can be mentioned."""
        super().__init__()
        self.files = files
        self.text = Asking(history)
        self.proposals = Proposals()
        self.text.proposing = self.proposals

    def compose(self) -> ComposeResult:
        """Proposals, then the text."""
        yield self.proposals
        yield self.text

    def on_text_area_changed(self) -> None:
        """Proposes for what stands before the cursor."""
        line = self.text.before_cursor()
        self.proposals.offer(propose(line, self.text.text, self.files), line)


def propose(line: str, text: str, files: Callable[[], Sequence[str]]) -> list[Proposal]:
    """Proposals for ``line``, the part of ``text``'s current line before the cursor."""
    if match := _FILE.search(line):
        fragment = match[1] or match[2] or ""
        found = mentions.proposals(fragment, files())
        return [Proposal(mentions.written(file) + " ", len(match[0]), file) for file in found]
    if line == text and (match := _SLASH.fullmatch(line)):
        return [
            Proposal(f"/{action.slash}" + (" " if action.argument else ""), len(match[0]), _shown(action))
            for action in actions.beginning(match[1])[:8]
        ]
    if line == text and (match := _ARGUMENT.fullmatch(line)):
        found = mentions.proposals(match[1], files())
        return [Proposal(file, len(match[1]), file) for file in found]
    return []


def _shown(action: actions.Action) -> str:
    return f"{action.usage:<22} {action.title}"
