"""Markdown whose code blocks know decks and can be copied by a click."""

from __future__ import annotations

from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Markdown, Static
from textual.widgets._markdown import MarkdownFence

from kiki_tui.highlighting import coloured


class CopyLabel(Static):
    """The word above a code block that copies it."""

    class Pressed(Message):
        """It was clicked."""

    def on_click(self, event: events.Click) -> None:
        """Asks the block to copy itself."""
        event.stop()
        self.post_message(self.Pressed())


class Fence(MarkdownFence):
    """A code block with its language's name and a word to copy it."""

    def compose(self) -> ComposeResult:
        """The language and the copy word, then the code."""
        yield CopyLabel(Content(f"{self.lexer.split()[0] if self.lexer.split() else 'text'} · copy"))
        yield from super().compose()

    @classmethod
    def highlight(cls, code: str, language: str, ansi: bool = False, dark: bool = False) -> Content:
        """Colours of a deck, or of what Pygments knows."""
        return coloured(code, language)

    @on(CopyLabel.Pressed)
    def copy(self, event: CopyLabel.Pressed) -> None:
        """Puts the code on the clipboard."""
        event.stop()
        self.app.copy_to_clipboard(self.code)
        self.app.notify("Code copied")


class Answering(Markdown):
    """An answer's Markdown. Links aren't opened: what a model wrote is not ours to visit."""

    BLOCKS = {  # noqa: RUF012
        **Markdown.BLOCKS,
        "fence": Fence,
        "code_block": Fence,
    }

    def __init__(self, text: str = "", **how: Any) -> None:
        """An answer that begins with ``text``."""
        super().__init__(text, open_links=False, **how)
