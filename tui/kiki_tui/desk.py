"""What both front ends (screen and plain) work on: the session, the folder and the choices made."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from kiki_core import sessions
from kiki_core.domains import DOMAINS
from kiki_core.errors import KikiError
from kiki_core.events import Answer, Artefact, Event
from kiki_core.sessions import Session, Turn
from kiki_tui import export, mentions

if TYPE_CHECKING:
    from kiki_core.config import Config


class Kiki(Protocol):
    """The part of `kiki_core.app.Kiki` that a front end uses."""

    def ask(self, question: Any) -> AsyncIterator[Event]:
        """Events of one answer; the `Answer` is the last."""
        ...

    async def aclose(self) -> None:
        """Ends what was started."""
        ...


class Desk:
    """One person's place of work."""

    def __init__(
        self,
        folder: Path,
        home: Path,
        *,
        config: Config | None = None,
        kiki: Kiki | None = None,
        attached: tuple[str, ...] = (),
    ) -> None:
        """``attached`` goes with the first question, which also opens ``kiki`` if there is none."""
        self.folder = folder
        self.home = home
        self.config = config
        self.kiki = kiki
        self.attached = attached
        self.domain: str | None = None
        self.pinned: tuple[str, ...] = ()
        self.muted: tuple[str, ...] = ()
        self.memory = config.memory.enabled if config else True
        self._retired: list[Kiki] = []
        self.session: Session = sessions.new(self.sessions_folder)

    @property
    def sessions_folder(self) -> Path:
        """Where sessions are kept."""
        return self.home / "sessions"

    def begin(self, text: str) -> Turn:
        """Writes a question down, with the files it mentions."""
        files = tuple(dict.fromkeys(self.attached + mentions.mentioned(text, self.folder)))
        self.attached = ()
        return self.session.asked(text, files)

    async def answer(self, turn: Turn) -> AsyncGenerator[Event, None]:
        """Events of the answer to the session's last turn. Closing the generator stops the answer."""
        from kiki_core.pipeline import Question
        from kiki_core.routing import Wishes

        session = self.session
        question = Question(
            turn.question,
            domain=self.domain,
            files=tuple(Path(file) for file in turn.files),
            session=session.id,
            memory=self.memory,
            wishes=Wishes(self.pinned, self.muted),
            history=tuple(
                (earlier.question, earlier.answer.text)
                for earlier in session.turns[-5:-1]
                if earlier.answer is not None
            ),
        )
        if self.kiki is None:
            from kiki_core.app import open_kiki

            self.kiki = cast("Kiki", open_kiki(self.config))
        async with aclosing(cast("AsyncGenerator[Event, None]", self.kiki.ask(question))) as stream:
            async for event in stream:
                session.keep(event)
                yield event

    def configure(self, config: Config) -> None:
        """Takes the configuration that was read after the start."""
        self.config = config
        self.memory = self.memory and config.memory.enabled

    def reconfigure(self, config: Config) -> None:
        """Works by another configuration from the next question on."""
        self.config = config
        if self.kiki is not None:
            self._retired.append(self.kiki)
            self.kiki = None

    async def aclose(self) -> None:
        """Ends what the questions started."""
        for kiki in (*self._retired, self.kiki):
            if kiki is not None:
                await kiki.aclose()
        self._retired.clear()
        self.kiki = None

    def new(self) -> None:
        """Begins a fresh session."""
        self.session = sessions.new(self.sessions_folder)

    def resume(self, name: str) -> Session:
        """Goes on with an earlier session. Raises KikiError if there is none of that name."""
        self.session = sessions.resume(self.sessions_folder, name)
        return self.session

    def rename(self, title: str) -> str:
        """Gives the session a title; what to tell."""
        self.session.rename(title)
        return f"this session is called {self.session.title}"

    def export(self, name: str) -> str:
        """Writes the session as Markdown; what to tell. Raises KikiError if the file exists."""
        if not self.session.turns:
            raise KikiError("there is nothing to export", "ask something first")
        path = self._new_file(name or export.file_name(self.session.name, ".md"))
        return f"exported to {export.write_new(path, export.markdown(self.session))}"

    def save(self, name: str) -> str:
        """Writes the last artefact to a new file; what to tell. Raises KikiError if it can't."""
        artefact = self.last_artefact()
        if artefact is None:
            raise KikiError("there is no artefact in this session", "ask for one first")
        path = self._new_file(name or Path(artefact.name).name or "artefact")
        return f"saved as {export.write_new(path, artefact.text)}"

    def last_answer(self) -> Answer | None:
        """The latest answer of the session."""
        return next((turn.answer for turn in reversed(self.session.turns) if turn.answer), None)

    def last_artefact(self) -> Artefact | None:
        """The latest artefact of the session."""
        found = (turn.answer.artefacts for turn in reversed(self.session.turns) if turn.answer)
        return next((artefacts[-1] for artefacts in found if artefacts), None)

    def last_code(self) -> str | None:
        """The last artefact of the latest answer, else the last code block in its text."""
        answer = self.last_answer()
        if answer is None:
            return None
        if answer.artefacts:
            return answer.artefacts[-1].text
        blocks = re.findall(r"^```[^\n]*\n(.*?)^```", answer.text, re.MULTILINE | re.DOTALL)
        return blocks[-1] if blocks else None

    def choose_domain(self, name: str) -> str:
        """Asks one domain only, or the router's choice; what to tell. Raises KikiError if unknown."""
        if not name:
            self.domain = None
            return "the router chooses the experts"
        _known(name)
        self.domain = name
        return f"questions go to {name}"

    def pin(self, name: str) -> str:
        """Has an expert answer in any case, or no more; what to tell. Raises KikiError if unknown."""
        self.pinned = _toggled(self.pinned, name)
        self.muted = tuple(domain for domain in self.muted if domain not in self.pinned)
        return f"pinned: {', '.join(self.pinned)}" if self.pinned else "no expert is pinned"

    def mute(self, name: str) -> str:
        """Has an expert never answer, or answer again; what to tell. Raises KikiError if unknown."""
        self.muted = _toggled(self.muted, name)
        self.pinned = tuple(domain for domain in self.pinned if domain not in self.muted)
        return f"muted: {', '.join(self.muted)}" if self.muted else "no expert is muted"

    def switch_memory(self, word: str) -> str:
        """Memory on, off, or the other of the two; what to tell."""
        if word not in ("", "on", "off"):
            raise KikiError(f"memory can't be {word!r}", "say on or off")
        self.memory = not self.memory if not word else word == "on"
        return f"memory is {'on' if self.memory else 'off'}"

    def file(self, name: str) -> Path:
        """The file that a command names. Raises KikiError if it isn't there."""
        name = name.strip().removeprefix("@").strip("\"'")
        if not name:
            raise KikiError("no file is named", "give a file's name after the command")
        try:
            path = self._new_file(name)
            if path.is_file():
                return path
        except (OSError, ValueError) as error:
            raise KikiError(f"{name!r} can't be opened: {error}", "check its name") from error
        raise KikiError(f"there is no file {name}", f"name one below {self.folder}")

    def _new_file(self, name: str) -> Path:
        path = Path(name).expanduser()
        return path if path.is_absolute() else self.folder / path


def _known(name: str) -> None:
    if name not in DOMAINS:
        from difflib import get_close_matches

        close = get_close_matches(name, DOMAINS, 1)
        raise KikiError(
            f"there is no domain {name!r}",
            f"did you mean {close[0]}?" if close else f"one of {', '.join(DOMAINS)}",
        )


def _toggled(chosen: tuple[str, ...], name: str) -> tuple[str, ...]:
    if not name:
        return ()
    _known(name)
    return tuple(domain for domain in chosen if domain != name) if name in chosen else (*chosen, name)
