"""`kiki ask`."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import aclosing
from pathlib import Path

import click

from kiki_core import config as configuration
from kiki_core.app import open_kiki
from kiki_core.commands.models import ensure_all
from kiki_core.commands.worded import Worded
from kiki_core.deliberation.told import told
from kiki_core.errors import KikiError
from kiki_core.events import (
    Answer,
    BiasFinding,
    Dissent,
    Event,
    Failed,
    Progress,
    Routed,
    Ruling,
    Token,
    Verdict,
    Vote,
    to_json,
)
from kiki_core.files import write_atomically
from kiki_core.pipeline import MOST_QUESTION, Question, read_attached, validate
from kiki_core.routing import Wishes

_VERDICTS = {True: "verified", False: "unverified: a check failed", None: "unverified: nothing here was checked"}


@click.command(cls=Worded)
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, the answer last.")
@click.option("--domain", help="This expert only, instead of the router's choice.")
@click.option("--pin", "pinned", multiple=True, metavar="DOMAIN", help="This expert answers in any case.")
@click.option("--mute", "muted", multiple=True, metavar="DOMAIN", help="This expert doesn't answer.")
@click.option("--file", "files", multiple=True, type=click.Path(path_type=Path), help="Attach a file.")
@click.option("--session", help="Remember under this session.")
@click.option("--no-memory", is_flag=True, help="Neither recall nor remember.")
@click.option("--candidates", default=1, type=click.IntRange(1, 8), help="Drafts to try before repairs.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write the artefacts here.")
def command(
    text: str,
    as_json: bool,
    domain: str | None,
    pinned: tuple[str, ...],
    muted: tuple[str, ...],
    files: tuple[Path, ...],
    session: str | None,
    no_memory: bool,
    candidates: int,
    out: Path | None,
) -> None:
    """One answer, with its artefacts verified; `-` reads the question from standard input."""
    if text == "-":
        text = sys.stdin.buffer.read(4 * MOST_QUESTION + 4).decode("utf-8", "replace")
    wishes = Wishes(pinned, muted)
    question = Question(text, domain, files, session, not no_memory, candidates, wishes=wishes)
    validate(question)
    for path in files:
        read_attached(path)
    config = configuration.load()
    ensure_all(config)
    answer = asyncio.run(_ask(question, config, as_json))
    if out is not None:
        _write(answer, out, quiet=as_json)
    if answer.error:
        raise KikiError(answer.error)


async def _ask(question: Question, config: configuration.Config, as_json: bool) -> Answer:
    kiki = open_kiki(config)
    shown = _Shown(streams=sys.stdout.isatty())
    answer = Answer("", None, error="no answer came")
    try:
        async with aclosing(kiki.ask(question)) as events:
            async for event in events:
                if as_json:
                    click.echo(json.dumps(to_json(event), ensure_ascii=False))
                else:
                    shown.show(event)
                if isinstance(event, Answer):
                    answer = event
    finally:
        await kiki.aclose()
    return answer


class _Shown:
    """The answer for people: on standard output its text, on standard error how it came about.

    ``streams``: write drafts as they come (on a terminal); else only the answer's text, whatever was tried before.
    """

    def __init__(self, streams: bool) -> None:
        self._streams = streams
        self._attempt = 0
        self._draft = ""

    def show(self, event: Event) -> None:
        """Writes what there is to say of an event."""
        match event:
            case Routed(experts, _):
                named = ", ".join(f"{expert.domain} {expert.weight:.2f}" for expert in experts)
                click.secho(f"experts: {named or 'none'}", fg="cyan", err=True)
            case Token(text, attempt):
                self._token(text, attempt)
            case Progress(text, _):
                click.secho(f"… {text}", fg="cyan", err=True)
            case Verdict():
                mark, colour = ("✓", "green") if event.evidence.ok else ("✗", "red")
                version = f" {event.evidence.version}" if event.evidence.version else ""
                said = f"\n{mark} {event.artefact}: {event.evidence.tool}{version}: {event.evidence.summary}"
                click.secho(said, fg=colour, err=True)
            case Vote() | Dissent() | Ruling():
                click.secho(told(event), fg="magenta", err=True)
            case BiasFinding(bias, _, _, reason, action):
                click.secho(f"{bias}: {action}: {reason}", fg="magenta", err=True)
            case Failed(step, message):
                click.secho(f"{step}: {message}", fg="yellow", err=True)
            case Answer():
                self._answer(event)

    def _token(self, text: str, attempt: int) -> None:
        if attempt != self._attempt:
            self._attempt, self._draft = attempt, ""
            if self._streams:
                click.secho(f"\n[draft {attempt + 1}]", fg="cyan", err=True)
        self._draft += text
        if self._streams:
            click.echo(text, nl=False)

    def _answer(self, answer: Answer) -> None:
        if not self._streams or answer.text.strip() != self._draft.strip():
            if self._streams and self._draft:
                click.secho("\n[answer]", fg="cyan", err=True)
            click.echo(answer.text.rstrip())
        else:
            click.echo()
        if answer.error:
            return
        for one in answer.requirements:
            measured = "not measured" if one.measured is None else f"measured {one.measured:.4g} {one.unit}".rstrip()
            mark = "✓" if one.ok else "✗"
            click.echo(
                f"{mark} {one.quantity} {one.op} {one.value:.4g} {one.unit}".rstrip() + f": {measured}", err=True
            )
        colour = {True: "green", False: "red", None: "yellow"}[answer.verified]
        missing = next((each.summary for each in answer.evidence if not each.ok), "")
        word = _VERDICTS[answer.verified]
        if answer.verified is None and missing:
            word = f"unverified: {missing}"
        if answer.verified is False and not answer.artefacts:
            word = "unverified: nothing was made"
        click.secho(word, fg=colour, bold=True, err=True)


def _write(answer: Answer, out: Path, quiet: bool) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KikiError(f"can't make {out}: {error.strerror}", "choose another folder") from error
    for artefact in answer.artefacts:
        path = _free(out / Path(artefact.name).name)
        write_atomically(path, artefact.text)
        if not quiet:
            click.echo(f"wrote {path}", err=True)


def _free(path: Path) -> Path:
    """The path, or its next free neighbour: an artefact never replaces a file."""
    number, free = 2, path
    while free.exists():
        free, number = path.with_stem(f"{path.stem}-{number}"), number + 1
    return free
