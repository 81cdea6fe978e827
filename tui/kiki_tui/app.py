"""The screen: conversation, prompt and status line."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.containers import VerticalScroll
from textual.widgets import Static
from textual.worker import Worker

from kiki_core.errors import KikiError
from kiki_core.events import Event
from kiki_core.sessions import Turn
from kiki_tui import actions, mentions, surroundings
from kiki_tui.actions import ACTIONS, Action
from kiki_tui.desk import Desk
from kiki_tui.history import History
from kiki_tui.palette import Palette
from kiki_tui.themes import THEMES
from kiki_tui.widgets.prompt import Asking, Prompt
from kiki_tui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from kiki_core.memory.idle import IdleConsolidation
    from kiki_tui.widgets.turn import TurnView

UNFOLDED = 20
"""Turns that are drawn in full; older ones fold into their question."""
SHOWN = 200
"""Turns on the screen; the session's file holds all."""
_LOOK_S = 15.0
"""How often the screen looks whether it has been idle."""
WELCOME = """kiki: experts argue, ngspice decides.

Ask for a circuit, such as  RC low-pass, 1 kHz corner, 3 components at most
/sim FILE simulates a deck, /check FILE reads one, @file attaches one, ? helps."""


class KikiApp(App[int]):
    """The terminal program. ``prepare`` runs in the background once the prompt can be used."""

    CSS_PATH = "kiki.tcss"
    TITLE = "kiki"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {Palette}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(action.key, f"run('{action.slash}')", action.title, show=False, priority=action.key != "escape")
        for action in ACTIONS
        if action.key and action.slash != "quit"
    ]

    def __init__(self, desk: Desk, *, prepare: bool = True, theme: str = "dark") -> None:
        """``prepare`` False: don't look for tools and weights. ``theme``: until the configuration is read."""
        super().__init__()
        self.fault: KikiError | None = None
        self.desk = desk
        self.prepare = prepare
        self._files: Sequence[str] | None = None
        self._answering: Worker[None] | None = None
        self._consolidation: IdleConsolidation | None = None
        for known in THEMES:
            self.register_theme(known)
        self.theme = f"kiki-{desk.config.tui.theme if desk.config else theme}"

    def compose(self) -> ComposeResult:
        """Conversation, prompt, status line."""
        with VerticalScroll(id="transcript", can_focus=False):
            yield Static(WELCOME, id="welcome", markup=False)
        yield Prompt(History(self.desk.home / "history.jsonl"), self.files)
        yield StatusBar()

    def on_mount(self) -> None:
        """Gives the prompt the focus and starts what can wait."""
        self.query_one(Asking).focus()
        self.query_one("#transcript").anchor()
        self.write_status()
        if self.desk.attached:
            self.note("attached to the next question: " + ", ".join(self.desk.attached))
        if self.prepare:
            from kiki_tui import preparation

            self.call_after_refresh(preparation.begin, self)
        self.set_interval(_LOOK_S, self._consolidate)

    async def on_event(self, event: events.Event) -> None:
        """Takes each key and click as a sign of life."""
        if self._consolidation is not None and isinstance(event, events.Key | events.MouseDown):
            self._consolidation.busy()
        await super().on_event(event)

    async def _consolidate(self) -> None:
        if self._consolidation is None:
            return
        if self._answering is not None and self._answering.is_running:
            self._consolidation.busy()
        elif self.desk.memory:
            await self._consolidation.tick()

    def configured(self) -> None:
        """The configuration has been read."""
        if self.desk.config is not None:
            self.theme = f"kiki-{self.desk.config.tui.theme}"
            from kiki_core.memory.idle import IdleConsolidation

            self._consolidation = IdleConsolidation(self.desk.config.memory.idle_s)
        self.write_status()

    def files(self) -> Sequence[str]:
        """Files of the working folder, walked once per prompt's life."""
        if self._files is None:
            self._files = mentions.walk(self.desk.folder)
        return self._files

    def write_status(self) -> None:
        """Brings the status line up to date."""
        status = self.query_one(StatusBar)
        status.model = surroundings.model_line(self.desk.config)
        status.session = self.desk.session.name
        status.memory = self.desk.memory
        status.domain = self.desk.domain or ""

    def note(self, text: str, kind: str = "note") -> None:
        """Writes a line into the conversation."""
        self.query_one("#transcript").mount(Static(text, classes=kind, markup=False))

    # what was typed

    def on_asking_help_wanted(self) -> None:
        """`?` on an empty line."""
        self.do_help("")

    def on_asking_scrolled(self, event: Asking.Scrolled) -> None:
        """Page keys move the conversation."""
        transcript = self.query_one("#transcript", VerticalScroll)
        (transcript.scroll_page_up if event.pages < 0 else transcript.scroll_page_down)()

    async def on_asking_sent(self, event: Asking.Sent) -> None:
        """Runs a slash command, or asks."""
        command = actions.parse(event.text)
        if command is None:
            await self.ask(event.text)
            return
        name, argument = command
        action = actions.find(name)
        if action is None:
            self.note(actions.nearest(name), "failure")
        else:
            self.perform(action, argument)

    def action_run(self, slash: str) -> None:
        """A key of the table."""
        action = actions.find(slash)
        if action is not None and (len(self.screen_stack) == 1 or slash == "cancel"):
            self.perform(action, "")

    def choose(self, action: Action) -> None:
        """From the palette: performs, or writes the command that still needs its argument."""
        if action.argument and not action.argument.startswith("["):
            prompt = self.query_one(Asking)
            prompt.text = f"/{action.slash} "
            prompt.move_cursor(prompt.document.end)
            prompt.focus()
        else:
            self.perform(action, "")

    def perform(self, action: Action, argument: str) -> None:
        """Does it; an error becomes a line of the conversation."""
        try:
            said = getattr(self, action.run)(argument)
        except KikiError as error:
            self.note(str(error), "failure")
            return
        if isinstance(said, str):
            self.note(said)
        self.write_status()

    # asking

    async def ask(self, text: str) -> None:
        """Asks, unless an answer is being written."""
        if self.answering:
            self.notify("an answer is being written; Esc stops it", severity="warning")
            prompt = self.query_one(Asking)
            prompt.text = prompt.text or text
            return
        try:
            record = self.desk.begin(text)
        except KikiError as error:
            self.note(str(error), "failure")
            return
        turn = await self.show_turn(record)
        turn.step("thinking")
        self.write_status()
        self._answering = self.run_worker(self._answer(turn), group="answer", exit_on_error=True)

    @property
    def answering(self) -> bool:
        """Whether an answer is being written."""
        return self._answering is not None and not self._answering.is_finished

    async def _answer(self, turn: TurnView) -> None:
        async with self._guarded(turn), aclosing(self.desk.answer(turn.record)) as stream:
            async for event in stream:
                await turn.show(event)
        self._files = None  # an answer may have written files

    @asynccontextmanager
    async def _guarded(self, turn: TurnView) -> AsyncIterator[None]:
        """What goes wrong inside is a line of the turn, not the program's end."""
        try:
            yield
        except asyncio.CancelledError:
            await turn.stopped()
            raise
        except KikiError as error:
            await turn.failed(str(error))
        except Exception as error:
            if os.environ.get("KIKI_DEBUG") == "1":
                raise
            await turn.failed(f"{type(error).__name__}: {error}; this is a fault of kiki")

    async def show_turn(self, record: Turn) -> TurnView:
        """Draws a turn at the end, and folds the old ones."""
        from kiki_tui.widgets.turn import TurnView  # Markdown takes a while: not before the first paint

        transcript = self.query_one("#transcript", VerticalScroll)
        for welcome in self.query("#welcome"):
            await welcome.remove()
        turn = TurnView(record)
        await transcript.mount(turn)
        transcript.anchor()
        turns = list(self.query(TurnView))
        for old in turns[:-UNFOLDED]:
            await old.fold()
        for old in turns[:-SHOWN]:
            await old.remove()
        return turn

    def use_instrument(self, line: str, using: Callable[[], Any]) -> None:
        """Shows the events of ``using()`` as a turn of its own."""
        self.run_worker(self._use(line, using), group="instrument")

    async def _use(self, line: str, using: Callable[[], Any]) -> None:
        record = Turn(line)
        turn = await self.show_turn(record)
        turn.step("running")
        async with self._guarded(turn):
            found: Sequence[Event] = await using()
            record.events.extend(found)
            for event in found:
                await turn.show(event)

    # the table's actions

    def do_help(self, argument: str) -> None:
        """Opens the help."""
        from kiki_tui.screens.help import HelpScreen

        self.push_screen(HelpScreen())

    def do_check(self, argument: str) -> None:
        """Diagnostics of a file."""
        from kiki_tui import instruments

        path = self.desk.file(argument)
        self.use_instrument(f"/check {argument}", lambda: instruments.check(path))

    def do_sim(self, argument: str) -> None:
        """Simulates a deck."""
        from kiki_tui import instruments

        path = self.desk.file(argument)
        self.use_instrument(f"/sim {argument}", lambda: instruments.simulate(path))

    def do_new(self, argument: str) -> None:
        """A fresh session."""
        self.stop()
        self.desk.new()
        self.run_worker(self.show_session(), group="session", exclusive=True)

    def do_sessions(self, argument: str) -> None:
        """Resumes a session, by name or from a list."""
        if argument:
            self._resume(argument)
            return
        from kiki_core import sessions
        from kiki_tui.screens.choose import Choice, ChooseScreen

        choices = [
            Choice(info.id, info.title, f"{info.turns} questions · {info.updated:%Y-%m-%d %H:%M} · {info.id}")
            for info in sessions.sessions(self.desk.sessions_folder)
        ]
        if not choices:
            raise KikiError("there is no earlier session", "ask something to begin one")
        self.push_screen(ChooseScreen("Sessions", choices), self._resume)

    def _resume(self, name: str | None) -> None:
        if name is None:
            return
        self.stop()
        session = self.desk.resume(name)
        self.run_worker(self.show_session(), group="session", exclusive=True)
        if session.skipped:
            self.notify(f"{session.skipped} unreadable lines were left out", severity="warning")

    async def show_session(self) -> None:
        """Draws the session from its start, or the last turns of a long one."""
        from kiki_tui.widgets.turn import TurnView

        transcript = self.query_one("#transcript", VerticalScroll)
        await transcript.remove_children()
        turns = self.desk.session.turns
        if not turns:
            await transcript.mount(Static(WELCOME, id="welcome", markup=False))
        if len(turns) > UNFOLDED:
            text = f"{len(turns) - UNFOLDED} earlier questions; /export holds them all"
            await transcript.mount(Static(text, classes="earlier"))
        await transcript.mount_all([TurnView(record) for record in turns[-UNFOLDED:]])
        transcript.anchor()
        self.write_status()

    def do_rename(self, argument: str) -> str:
        """Gives the session a title."""
        return self.desk.rename(argument)

    def do_export(self, argument: str) -> str:
        """Writes the session as Markdown."""
        return self.desk.export(argument)

    def do_save(self, argument: str) -> str:
        """Writes the last artefact to a file."""
        return self.desk.save(argument)

    def do_copy(self, argument: str) -> None:
        """Copies the last answer, or its code."""
        answer = self.desk.last_answer()
        if answer is None:
            raise KikiError("there is no answer to copy", "ask something first")
        if argument == "code":
            code = self.desk.last_code()
            if code is None:
                raise KikiError("there is no code in the last answer", "copy the answer by /copy")
            self.copy_to_clipboard(code)
            self.notify("Code copied")
        else:
            self.copy_to_clipboard(answer.text)
            self.notify("Answer copied")

    def do_verdict(self, argument: str) -> None:
        """Opens or closes the last verdict."""
        from kiki_tui.widgets.verdict_card import VerdictCard

        cards = self.query(VerdictCard)
        if not cards:
            raise KikiError("there is no verdict yet", "try /sim FILE")
        cards.last().toggle()

    def do_domain(self, argument: str) -> str:
        """Asks one domain only."""
        return self.desk.choose_domain(argument)

    def do_pin(self, argument: str) -> str:
        """Pins an expert, or none."""
        return self.desk.pin(argument)

    def do_mute(self, argument: str) -> str:
        """Mutes an expert, or none."""
        return self.desk.mute(argument)

    def do_memory(self, argument: str) -> str:
        """Memory on or off."""
        return self.desk.switch_memory(argument)

    def do_theme(self, argument: str) -> None:
        """Light or dark."""
        if argument not in ("", "dark", "light"):
            raise KikiError(f"there is no theme {argument!r}", "say dark or light")
        other = "light" if self.theme == "kiki-dark" else "dark"
        self.theme = f"kiki-{argument or other}"

    def do_model(self, argument: str) -> None:
        """Chooses a model."""
        from kiki_tui import preparation

        preparation.choose_model(self, argument)

    def do_download(self, argument: str) -> None:
        """Fetches missing weights."""
        from kiki_tui import preparation

        preparation.fetch(self, argument)

    def do_settings(self, argument: str) -> str | None:
        """Shows or changes the configuration."""
        from kiki_tui import settings

        return settings.perform(self, argument)

    def change_setting(self, section: str, key: str, text: str) -> None:
        """Writes a setting and works by it from now on. Raises KikiError if it doesn't fit."""
        from kiki_tui import settings

        if self.desk.config is None:
            raise KikiError("there is no configuration", "start kiki-tui")
        self.desk.reconfigure(settings.change(self.desk.config, f"{section}.{key}", text))
        if (section, key) == ("tui", "theme"):
            self.theme = f"kiki-{self.desk.config.tui.theme}"
        self.write_status()

    def do_cancel(self, argument: str) -> None:
        """Stops the answer."""
        if len(self.screen_stack) == 1:
            self.stop()
            self.query_one(Asking).focus()

    def do_quit(self, argument: str) -> None:
        """Leaves."""
        self.exit(0)

    def stop(self) -> None:
        """Stops the answer and the instruments that run."""
        self.workers.cancel_group(self, "answer")
        self.workers.cancel_group(self, "instrument")

    async def action_quit(self) -> None:
        """Ctrl-Q."""
        self.exit(0)

    async def on_unmount(self) -> None:
        """Ends what the first question started, and what runs beside."""
        if self._consolidation is not None:
            self._consolidation.stop()
        await self.desk.aclose()
