"""Sessions: conversations kept as JSON lines under ``$KIKI_HOME/sessions``, one file each.

A line is appended and flushed per fact (a question, an event, a new title), so a crash costs at most the
line that was being written; a torn or foreign line is skipped on reading and counted in `Session.skipped`.
Tokens, drafts and progress aren't kept: the `Answer` holds the text that counts.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kiki_core import events
from kiki_core.errors import KikiError
from kiki_core.events import Answer, Event, to_json

_KEPT = (
    events.Routed,
    events.Recalled,
    events.Verdict,
    events.Vote,
    events.Dissent,
    events.Ruling,
    events.BiasFinding,
    events.Remembered,
    events.Failed,
    events.Answer,
)
_EVENTS = {re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower(): kind for kind in _KEPT}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_LINE_LIMIT = 16_000_000
"""Characters of one line that are read; a longer one isn't ours."""
_TITLE_LENGTH = 60


@dataclass(slots=True)
class Turn:
    """A question, the files that went with it, and what was kept of the events that answered it."""

    question: str
    files: tuple[str, ...] = ()
    time: str = ""
    events: list[Event] = field(default_factory=list)

    @property
    def answer(self) -> Answer | None:
        """The answer; None while it is being written, or when it was cut off."""
        last = self.events[-1] if self.events else None
        return last if isinstance(last, Answer) else None


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A session as a list shows it. ``updated`` is the time of its last line."""

    id: str
    title: str
    turns: int
    updated: datetime


@dataclass(slots=True)
class Session:
    """A conversation with a file of its own, which is created by the first question."""

    id: str
    folder: Path
    title: str = ""
    turns: list[Turn] = field(default_factory=list)
    skipped: int = 0

    @property
    def path(self) -> Path:
        """The file that holds the session."""
        return self.folder / f"{self.id}.jsonl"

    @property
    def name(self) -> str:
        """The title, else the start of the first question, else ``new session``."""
        if self.title:
            return self.title
        return _titled(self.turns[0].question) if self.turns else "new session"

    def asked(self, question: str, files: tuple[str, ...] = ()) -> Turn:
        """Begins a turn and writes its question down."""
        turn = Turn(question, files, datetime.now(UTC).isoformat(timespec="seconds"))
        self._append({"kind": "question", "text": question, "files": list(files), "time": turn.time})
        self.turns.append(turn)
        return turn

    def keep(self, event: Event) -> None:
        """Writes an event of the last turn down, if it is of a kind that is kept."""
        if not isinstance(event, _KEPT):
            return
        if not self.turns:
            raise ValueError("an event without a question")
        self.turns[-1].events.append(event)
        self._append({"kind": "event", **to_json(event)}, sync=isinstance(event, Answer))

    def rename(self, title: str) -> None:
        """Gives the session a title.

        Raises:
            KikiError: if the title is empty.
        """
        title = " ".join(title.split())[:200]
        if not title:
            raise KikiError("a session's title can't be empty", "give it a name")
        self.title = title
        self._append({"kind": "title", "title": title})

    def _append(self, line: dict[str, Any], *, sync: bool = False) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            torn = _ends_torn(self.path)
            with self.path.open("ab") as file:
                text = json.dumps(line, ensure_ascii=False)
                file.write((b"\n" if torn else b"") + text.encode("utf-8", "surrogatepass") + b"\n")
                file.flush()
                if sync:
                    os.fsync(file.fileno())
        except OSError as error:
            raise KikiError(
                f"the session can't be kept in {self.path}: {error.strerror}", "free or unlock that folder"
            ) from error


def new(folder: Path) -> Session:
    """A fresh session; nothing is written before its first question."""
    now = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return Session(f"{now}-{secrets.token_hex(2)}", folder)


def resume(folder: Path, name: str) -> Session:
    """The session with this id or title (or the only one whose id starts so).

    Raises:
        KikiError: if there is none, or several fit.
    """
    if _NAME.fullmatch(name) and (folder / f"{name}.jsonl").is_file():
        return _read(folder, name)
    known = sessions(folder)
    fitting = [info for info in known if info.title.casefold() == name.casefold()]
    fitting = fitting or [info for info in known if name and info.id.startswith(name)]
    if not fitting:
        raise KikiError(f"there is no session {name!r}", "see the list of sessions")
    if len(fitting) > 1:
        raise KikiError(f"several sessions are called {name!r}", f"name one by its id, such as {fitting[0].id}")
    return _read(folder, fitting[0].id)


def sessions(folder: Path) -> list[SessionInfo]:
    """All sessions, the latest used first. Files that can't be read are left out."""
    found: list[SessionInfo] = []
    if not folder.is_dir():
        return found
    for path in folder.glob("*.jsonl"):
        if not _NAME.fullmatch(path.stem):
            continue
        try:
            updated = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            title, turns = _summary(path)
        except OSError:
            continue
        if turns or title:
            found.append(SessionInfo(path.stem, title or "untitled", turns, updated))
    return sorted(found, key=lambda info: info.updated, reverse=True)


def _summary(path: Path) -> tuple[str, int]:
    """Title (or the start of the first question) and number of questions, without decoding the events."""
    title = first = ""
    turns = 0
    for raw in _lines(path):
        if '"kind": "event"' in raw[:40]:
            continue
        line = _decoded(raw)
        if line.get("kind") == "title" and isinstance(line.get("title"), str):
            title = line["title"]
        elif line.get("kind") == "question" and isinstance(line.get("text"), str):
            turns += 1
            first = first or line["text"]
    return title or _titled(first), turns


def _read(folder: Path, id_: str) -> Session:
    session = Session(id_, folder)
    try:
        for raw in _lines(session.path):
            if not _take(session, _decoded(raw)):
                session.skipped += 1
    except OSError as error:
        raise KikiError(f"the session {id_} can't be read: {error.strerror}", "check its file") from error
    return session


def _take(session: Session, line: dict[str, Any]) -> bool:
    """Adds what a line says to the session; False if it says nothing that we know."""
    match line:
        case {"kind": "title", "title": str(title)}:
            session.title = title
        case {"kind": "question", "text": str(text)}:
            files = line.get("files")
            names = tuple(str(name) for name in files) if isinstance(files, list) else ()
            session.turns.append(Turn(text, names, str(line.get("time", ""))))
        case {"kind": "event", "event": str(name)} if session.turns:
            event = _event(name, line)
            if event is None:
                return False
            session.turns[-1].events.append(event)
        case _:
            return False
    return True


def _event(name: str, line: dict[str, Any]) -> Event | None:
    from pydantic import TypeAdapter, ValidationError

    kind = _EVENTS.get(name)
    if kind is None:
        return None
    values = {key: value for key, value in line.items() if key not in ("kind", "event")}
    try:
        event: Event = TypeAdapter[Any](kind).validate_python(values)
    except ValidationError:
        return None
    return event


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
        while line := file.readline(_LINE_LIMIT):
            if line.strip():
                yield line


def _decoded(raw: str) -> dict[str, Any]:
    try:
        line = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return line if isinstance(line, dict) else {}


def _ends_torn(path: Path) -> bool:
    """Whether the file's last line lacks its line end: what a crash leaves behind."""
    try:
        with path.open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return False
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"
    except FileNotFoundError:
        return False


def _titled(question: str) -> str:
    line = " ".join(question.split())
    return line if len(line) <= _TITLE_LENGTH else line[: _TITLE_LENGTH - 1].rstrip() + "…"
