"""A line at a time, for screen readers, dumb terminals and pipes: no escape codes, no redrawing."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import aclosing
from typing import TextIO

from kiki_core import events, sessions
from kiki_core.deliberation.told import told
from kiki_core.errors import KikiError
from kiki_core.events import Event
from kiki_tui import actions, export
from kiki_tui.actions import ACTIONS
from kiki_tui.desk import Desk
from kiki_tui.spoken import headline, measured, printable, requirement_line, summary

_LINE_LIMIT = 1_000_000


class PlainTalk:
    """A conversation on two streams."""

    def __init__(self, desk: Desk, given: TextIO, said: TextIO) -> None:
        """Reads lines from ``given``, writes to ``said``."""
        self.desk = desk
        self.given = given
        self.said = said
        self._drafting = False
        self._draft = ""

    def run(self) -> int:
        """Talks until /quit or the end of the input; gives the exit code 0."""
        self.say("kiki. /help lists the commands, /quit leaves.")
        if self.desk.attached:
            self.say("attached to the next question: " + ", ".join(self.desk.attached))
        with asyncio.Runner() as runner:
            while True:
                self.said.write("> ")
                self.said.flush()
                line = self.given.readline(_LINE_LIMIT)
                if not line:
                    self.say("")
                    break
                try:
                    if not runner.run(self.take(line.strip())):
                        break
                except KeyboardInterrupt:
                    self.say("\nstopped")
            runner.run(self.desk.aclose())
        return 0

    def say(self, text: str) -> None:
        """Writes lines."""
        self.said.write(printable(text) + "\n")
        self.said.flush()

    async def take(self, line: str) -> bool:
        """Does what a line says; False to leave."""
        command = actions.parse(line)
        try:
            if command is not None:
                return await self.perform(*command)
            if line == "?":
                return await self.perform("help", "")
            if line:
                await self.ask(line)
        except KikiError as error:
            self.say(str(error))
        except Exception as error:
            if os.environ.get("KIKI_DEBUG") == "1":
                raise
            self.say(f"{type(error).__name__}: {error}; this is a fault of kiki")
        return True

    async def ask(self, text: str) -> None:
        """Asks, and writes the answer as it comes."""
        turn = self.desk.begin(text)
        attempt = -1
        self._draft = ""
        async with aclosing(self.desk.answer(turn)) as stream:
            async for event in stream:
                if isinstance(event, events.Token):
                    if event.attempt != attempt and attempt >= 0:
                        self.say(f"\n[draft {event.attempt + 1}]")
                        self._draft = ""
                    attempt = event.attempt
                    self._drafting = True
                    self._draft += event.text
                    self.said.write(printable(event.text))
                    self.said.flush()
                else:
                    self.tell(event)

    def tell(self, event: Event) -> None:
        """Writes one event as a line."""
        if self._drafting and not isinstance(event, events.Progress):
            self._drafting = False
            self.say("")
        match event:
            case events.Routed(experts, none):
                named = ", ".join(f"{expert.domain} {expert.weight:.0%}" for expert in experts)
                self.say("[experts] " + ("none: the base model answers alone" if none or not named else named))
            case events.Recalled(memories) if memories:
                self.say("[recalled] " + "; ".join(export.cut(memory.text, 80) for memory in memories))
            case events.Verdict(_, artefact, evidence):
                self.say(f"[{'passed' if evidence.ok else 'failed'}] {headline(evidence, artefact)}")
                for measure in measured(evidence):
                    self.say(f"  {measure}")
            case events.Vote() | events.Dissent() | events.Ruling():
                self.say(f"[panel] {told(event)}")
            case events.BiasFinding(bias, _, _, reason, action):
                self.say(f"[bias] {bias}: {action}: {reason}")
            case events.Failed(step, message):
                self.say(f"[failed] {step}: {message}")
            case events.Answer():
                self._finish(event)
            case _:
                pass

    def _finish(self, answer: events.Answer) -> None:
        if answer.text.strip() != self._draft.strip():
            self.say(answer.text)
        for requirement in answer.requirements:
            self.say("  " + requirement_line(requirement))
        self.say(f"[{summary(answer)}]")
        if answer.error:
            self.say(f"[error] {answer.error}")

    async def perform(self, name: str, argument: str) -> bool:
        """Runs a slash command; False to leave."""
        action = actions.find(name)
        if action is None:
            raise KikiError(actions.nearest(name))
        if action.slash == "quit":
            return False
        if action.where == "screen":
            raise KikiError(f"/{name} needs the screen", "start kiki-tui without --plain")
        said = await getattr(self, action.run)(argument)
        if said:
            self.say(said)
        return True

    # the table's actions

    async def do_help(self, argument: str) -> str:
        """The commands, one a line."""
        return "\n".join(
            f"{action.usage}: {action.help}"
            for action in ACTIONS
            if action.where != "screen" and argument.casefold() in f"{action.usage} {action.help}".casefold()
        )

    async def do_check(self, argument: str) -> None:
        """Diagnostics of a file."""
        from kiki_tui import instruments

        for event in await instruments.check(self.desk.file(argument)):
            self.tell(event)
            if isinstance(event, events.Verdict) and event.log:
                self.say(event.log.rstrip())

    async def do_sim(self, argument: str) -> None:
        """Simulates a deck."""
        from kiki_tui import instruments

        for event in await instruments.simulate(self.desk.file(argument)):
            self.tell(event)

    async def do_new(self, argument: str) -> str:
        """A fresh session."""
        self.desk.new()
        return "a new session"

    async def do_sessions(self, argument: str) -> str:
        """Lists sessions, or resumes one."""
        if argument:
            session = self.desk.resume(argument)
            for turn in session.turns[-5:]:
                self.say(f"> {turn.question}")
                if turn.answer:
                    self.say(turn.answer.text)
            return f"resumed {session.name}"
        found = sessions.sessions(self.desk.sessions_folder)
        return "\n".join(f"{info.id}: {info.title} ({info.turns} questions)" for info in found) or "no sessions"

    async def do_rename(self, argument: str) -> str:
        """Gives the session a title."""
        return self.desk.rename(argument)

    async def do_export(self, argument: str) -> str:
        """Writes the session as Markdown."""
        return self.desk.export(argument)

    async def do_save(self, argument: str) -> str:
        """Writes the last artefact to a file."""
        return self.desk.save(argument)

    async def do_domain(self, argument: str) -> str:
        """Asks one domain only."""
        return self.desk.choose_domain(argument)

    async def do_pin(self, argument: str) -> str:
        """Pins an expert, or none."""
        return self.desk.pin(argument)

    async def do_mute(self, argument: str) -> str:
        """Mutes an expert, or none."""
        return self.desk.mute(argument)

    async def do_memory(self, argument: str) -> str:
        """Memory on or off."""
        return self.desk.switch_memory(argument)

    async def do_model(self, argument: str) -> str:
        """Lists the models, or uses one."""
        from kiki_core.models import MODELS
        from kiki_tui import preparation

        if not argument:
            used = self.desk.config.models.name if self.desk.config else ""
            return "\n".join(f"{name}{' (in use)' if name == used else ''}" for name in MODELS)
        preparation.model(argument)
        return await self.do_settings(f"models.name {argument}")

    async def do_download(self, argument: str) -> str:
        """Fetches weights, saying how far it is."""
        from kiki_core.models.fetch import FetchProgress, fetch
        from kiki_tui import preparation

        if self.desk.config is None:
            raise KikiError("there is no configuration", "start kiki-tui")
        weights = preparation.model(argument or self.desk.config.models.name)
        tenth, told = -1, ""

        def report(progress: FetchProgress) -> None:
            nonlocal tenth, told
            reached = int(10 * preparation.fraction(progress))
            if reached > tenth or (progress.note and progress.note != told):
                tenth, told = reached, progress.note or told
                self.say(f"{weights.name}: {10 * tenth} % {progress.note}".rstrip())

        await fetch(weights, self.desk.config, report)
        return f"{weights.name} is ready"

    async def do_settings(self, argument: str) -> str:
        """Lists or changes settings."""
        from kiki_tui import settings

        if self.desk.config is None:
            raise KikiError("there is no configuration", "start kiki-tui")
        name, _, value = argument.partition(" ")
        if value:
            self.desk.reconfigure(settings.change(self.desk.config, name, value.strip()))
            return f"{name} is {value.strip()}"
        found = [f"{key} = {now}" for key, now in settings.rows(self.desk.config) if name in key]
        return "\n".join(found) or f"there is no setting {name}"


def talk(desk: Desk) -> int:
    """`kiki-tui --plain` on standard input and output."""
    for stream in (sys.stdin, sys.stdout):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    return PlainTalk(desk, sys.stdin, sys.stdout).run()
