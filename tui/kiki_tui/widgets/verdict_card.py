"""A tool's verdict on one artefact: a line that opens into plot, deck, log and measures."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static, TabbedContent, TabPane

from kiki_core.events import Verdict
from kiki_tui.highlighting import coloured
from kiki_tui.spoken import headline, measured, printable

_LOG_LIMIT = 100_000


class VerdictLine(Static, can_focus=True):
    """The card's first line: enter, space or a click opens it."""

    BINDINGS = [  # noqa: RUF012
        Binding("enter,space", "turn", "Open or close", show=False),
        Binding("c", "copy", "Copy the deck", show=False),
    ]

    def __init__(self, card: VerdictCard) -> None:
        """The line of ``card``."""
        super().__init__(markup=False)
        self.card = card

    def action_turn(self) -> None:
        """Opens or closes the card."""
        self.card.toggle()

    def action_copy(self) -> None:
        """Copies the artefact."""
        self.app.copy_to_clipboard(self.card.text)
        self.app.notify(f"{self.card.verdict.artefact} copied")

    def on_click(self, event: events.Click) -> None:
        """Opens or closes the card."""
        event.stop()
        self.card.toggle()


class VerdictCard(Vertical):
    """Closed: one line. Open: plot (if there are curves), deck, log, measures."""

    DEFAULT_CSS = """
    VerdictCard { height: auto; margin: 0 0 0 1; background: $surface; border-left: outer $success; }
    VerdictCard.failed { border-left: outer $error; }
    VerdictCard VerdictLine { padding: 0 1; height: auto; }
    VerdictCard VerdictLine:hover { background: $panel; }
    VerdictCard VerdictLine:focus { background: $panel; text-style: bold; }
    VerdictCard TabbedContent { height: auto; display: none; }
    VerdictCard ContentSwitcher { height: auto; }
    VerdictCard TabPane { height: auto; padding: 0 1; }
    VerdictCard .sheet { height: auto; max-height: 16; }
    VerdictCard .sheet Static { width: auto; min-width: 100%; }
    """

    def __init__(self, verdict: Verdict, text: str = "", language: str = "spice") -> None:
        """``text``: the artefact that was judged."""
        super().__init__(classes="" if verdict.evidence.ok else "failed")
        self.verdict = verdict
        self.text = text
        self.language = language
        self.open = False

    def compose(self) -> ComposeResult:
        """The line; the rest is built when the card opens."""
        yield VerdictLine(self)

    def on_mount(self) -> None:
        """Writes the line."""
        self._write_line()

    def _write_line(self) -> None:
        ok = self.verdict.evidence.ok
        mark = Content.styled("✔ " if ok else "✘ ", "bold $text-success" if ok else "bold $text-error")
        arrow = Content.styled("▾ " if self.open else "▸ ", "$text-muted")
        line = Content(headline(self.verdict.evidence, self.verdict.artefact))
        self.query_one(VerdictLine).update(arrow + mark + line)

    def toggle(self) -> None:
        """Opens the closed card, closes the open one."""
        self.open = not self.open
        self._write_line()
        self.run_worker(self._show(), exclusive=True)

    async def _show(self) -> None:
        if self.open and not self.query(TabbedContent):
            await self.mount(self._sheets())
        for tabs in self.query(TabbedContent):
            tabs.styles.display = "block" if self.open else "none"
        self.call_after_refresh(self.scroll_visible, animate=False)

    def _sheets(self) -> TabbedContent:
        evidence = self.verdict.evidence
        names: list[str] = []
        sheets: list[Widget] = []
        if self.verdict.series:
            from kiki_tui.widgets.plot import Curves

            names.append("Plot")
            sheets.append(Curves(self.verdict))
        if self.text:
            names.append("Deck" if self.language == "spice" else "Text")
            sheets.append(_sheet(coloured(self.text, self.language)))
        names.append("Measures")
        lines = [evidence.summary, "", *measured(evidence), "", f"input SHA-256 {evidence.input_sha256}"]
        sheets.append(_sheet(Content("\n".join(lines))))
        if self.verdict.log:
            names.append("Log")
            sheets.append(_sheet(Content(printable(self.verdict.log[:_LOG_LIMIT]))))
        tabs = TabbedContent()
        for name, sheet in zip(names, sheets, strict=True):
            tabs.compose_add_child(TabPane(name, sheet))
        return tabs


def _sheet(content: Content) -> VerticalScroll:
    return VerticalScroll(Static(content), classes="sheet")
