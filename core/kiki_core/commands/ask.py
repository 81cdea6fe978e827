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
from kiki_core.errors import KikiError
from kiki_core.events import Answer, Event, Failed, Routed, Token, Verdict, to_json
from kiki_core.files import write_atomically
from kiki_core.pipeline import MOST_QUESTION, Question, read_attached, validate
from kiki_core.routing import Wishes

_VERDICTS = {True: "verified", False: "unverified: a check failed", None: "unverified: nothing here was checked"}


@click.command()
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
    answer = Answer("", None, error="no answer came")
    try:
        async with aclosing(kiki.ask(question)) as events:
            async for event in events:
                if as_json:
                    click.echo(json.dumps(to_json(event), ensure_ascii=False))
                else:
                    _show(event)
                if isinstance(event, Answer):
                    answer = event
    finally:
        await kiki.aclose()
    return answer


def _show(event: Event) -> None:
    match event:
        case Routed(experts, _):
            named = ", ".join(f"{expert.domain} {expert.weight:.2f}" for expert in experts)
            click.secho(f"experts: {named or 'none'}", fg="cyan", err=True)
        case Token(text, _):
            click.echo(text, nl=False)
        case Verdict():
            mark, colour = ("✓", "green") if event.evidence.ok else ("✗", "red")
            version = f" {event.evidence.version}" if event.evidence.version else ""
            said = f"\n{mark} {event.artefact}: {event.evidence.tool}{version}: {event.evidence.summary}"
            click.secho(said, fg=colour, err=True)
        case Failed(step, message):
            click.secho(f"{step}: {message}", fg="yellow", err=True)
        case Answer():
            _show_answer(event)


def _show_answer(answer: Answer) -> None:
    click.echo()
    if answer.error:
        return
    for one in answer.requirements:
        measured = "not measured" if one.measured is None else f"measured {one.measured:.4g} {one.unit}".rstrip()
        mark = "✓" if one.ok else "✗"
        click.echo(f"{mark} {one.quantity} {one.op} {one.value:.4g} {one.unit}: {measured}", err=True)
    colour = {True: "green", False: "red", None: "yellow"}[answer.verified]
    click.secho(_VERDICTS[answer.verified], fg=colour, bold=True, err=True)


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
