"""A session as Markdown, and files that are written whole or not at all and never over another."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from kiki_core.deliberation.told import told
from kiki_core.errors import KikiError
from kiki_core.events import Dissent, Evidence, Routed, Ruling, Vote
from kiki_core.sessions import Session, Turn


def markdown(session: Session) -> str:
    """The conversation: questions as headings, answers, artefacts and the evidence they stand on."""
    parts = [f"# {session.name}\n"]
    for turn in session.turns:
        parts.append(_turn(turn))
    return "\n".join(parts)


def _turn(turn: Turn) -> str:
    first, *rest = turn.question.strip().splitlines() or [""]
    parts = [f"## {first}\n"]
    if rest:
        parts.append("\n".join(rest) + "\n")
    if turn.files:
        parts.append("Files: " + ", ".join(f"`{file}`" for file in turn.files) + "\n")
    for event in turn.events:
        if isinstance(event, Routed) and event.experts:
            named = ", ".join(f"{expert.domain} {expert.weight:.0%}" for expert in event.experts)
            parts.append(f"*Experts: {named}*\n")
    answer = turn.answer
    if answer is None:
        return "\n".join([*parts, "*(no answer)*\n"])
    parts.append(answer.text.rstrip() + "\n")
    for artefact in answer.artefacts:
        if artefact.text.strip() and artefact.text.strip() not in answer.text:
            fence = "`" * max(3, 1 + max(map(len, re.findall(r"`+", artefact.text)), default=0))
            parts.append(f"**{artefact.name}**\n\n{fence}{artefact.language}\n{artefact.text.rstrip()}\n{fence}\n")
    parts += [_evidence(evidence) for evidence in answer.evidence]
    for event in turn.events:
        if isinstance(event, (Vote, Dissent, Ruling)):
            parts.append(f"- {told(event)}\n")
    if answer.error:
        parts.append(f"> Failed: {answer.error}\n")
    return "\n".join(parts)


def _evidence(evidence: Evidence) -> str:
    measures = ", ".join(
        f"{name} = {'failed' if value is None else format(value, '.6g')}" for name, value in evidence.measures.items()
    )
    mark = "✔" if evidence.ok else "✘"
    return f"- {mark} {evidence.tool} {evidence.version}: {evidence.summary}" + (
        f" ({measures})\n" if measures else "\n"
    )


def write_new(path: Path, text: str) -> Path:
    """Writes a file that isn't there yet, in one step.

    Raises:
        KikiError: if the file exists or can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", errors="replace", dir=path.parent, prefix=".kiki-", delete=False
        ) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(file.name, path)  # fails if the file exists, also when it came to be just now
        finally:
            os.unlink(file.name)
    except FileExistsError as error:
        raise KikiError(f"{path} is there already", "name another file") from error
    except (OSError, ValueError) as error:
        raise KikiError(f"{path} can't be written: {error}", "name another file") from error
    return path


def file_name(title: str, suffix: str) -> str:
    """A file's name made of a title."""
    stem = re.sub(r"[^\w.-]+", "-", title).strip("-.")[:60]
    return f"{stem or 'kiki'}{suffix}"


def cut(text: str, length: int) -> str:
    """``text`` on one line of at most ``length`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
