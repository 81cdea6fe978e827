"""The last line: model and where it runs, session, memory, ngspice, and a download on its way."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Label, ProgressBar, Static


class StatusBar(Horizontal):
    """Facts about the work in hand, one line."""

    model: reactive[str] = reactive("")
    session: reactive[str] = reactive("")
    memory: reactive[bool] = reactive(True)
    ngspice: reactive[str] = reactive("")
    domain: reactive[str] = reactive("")

    def compose(self) -> ComposeResult:
        """The facts, and a bar that shows while something is fetched."""
        yield Static("", id="facts", markup=False)
        yield Label("", id="fetching", markup=False)
        yield ProgressBar(show_eta=False, id="fetched")

    def on_mount(self) -> None:
        """Hides the bar."""
        self.fetched("", None)
        self.write()

    def write(self) -> None:
        """Writes the line again."""
        memory = f"memory {'on' if self.memory else 'off'}"
        facts = [self.model, memory, self.ngspice, self.session]  # the session last: it may be cut
        if self.domain:
            facts.insert(1, f"only {self.domain}")
        self.query_one("#facts", Static).update(Content(" │ ".join(fact for fact in facts if fact)))

    def fetched(self, name: str, fraction: float | None) -> None:
        """How much of ``name`` has come; None hides the bar."""
        bar, label = self.query_one("#fetched", ProgressBar), self.query_one("#fetching", Label)
        bar.display = label.display = fraction is not None
        if fraction is not None:
            label.update(name)
            bar.update(total=1.0, progress=fraction)

    def _again(self) -> None:
        if self.is_mounted:
            self.write()

    watch_model = watch_session = watch_memory = watch_ngspice = watch_domain = _again
