"""`kiki memory`: what is remembered, for people and (as JSON, one object a line) for programs.

Written to a pipe, or with `--json`, results are JSON; on a terminal they are lines to read.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kiki_core.commands.incoming import LONGEST_LINE
from kiki_core.commands.memory_streams import add_lines, recall_lines
from kiki_core.errors import KikiError

if TYPE_CHECKING:
    from kiki_core.memory import Memory

_ENCODE_FIRST_S = 20.0


@click.group()
def command() -> None:
    """What kiki remembers: add, recall, walk, see, change, forget."""


def _project(function: Any) -> Any:
    return click.option("--project", metavar="P", help="The project; default: that of the working folder.")(function)


def _json(function: Any) -> Any:
    return click.option("--json", "as_json", is_flag=True, help="JSON also on a terminal.")(function)


@command.command()
@click.argument("text", required=False)
@click.option("--jsonl", is_flag=True, help='A stream of {"text": …} lines in; {"id", "ref"} out once each is durable.')
@click.option("--session", default="", metavar="S")
@click.option("--author", default="", metavar="WHO")
@click.option("--domain", default="", metavar="D")
@click.option("--ref", default="", metavar="R", help="Your own id for it.")
@click.option("--time", "moment", default=None, metavar="T", help="ISO 8601 or seconds since 1970; default: now.")
@click.option("--supersedes", multiple=True, metavar="REF", help="What no longer holds with it.")
@click.option("--link", "links", multiple=True, metavar="KIND:REF", help="causal, topical or temporal.")
@_json
@_project
def add(text: str | None, jsonl: bool, project: str | None, as_json: bool, **values: Any) -> None:
    """Remember a text; `-` reads it from standard input."""
    memory = _memory(project)
    if jsonl:
        status = add_lines(memory)
        _tell(memory)
        sys.exit(status)
    if text is None:
        raise KikiError("there is nothing to remember", "kiki memory add TEXT, or --jsonl for a stream")
    if text == "-":
        text = sys.stdin.buffer.read(1_000_000).decode("utf-8", "replace")
    if not text.strip():
        raise KikiError("there is nothing to remember: the text is empty", "write some")
    given: dict[str, Any] = {"text": text, "time": values.pop("moment")}
    given["links"] = [dict(zip(("kind", "ref"), link.partition(":")[::2], strict=True)) for link in values.pop("links")]
    given["supersedes"] = list(values.pop("supersedes"))
    from kiki_core.memory.interchange import episode_of

    identity = memory.add([episode_of(json.dumps({**given, **values}))])[0]
    click.echo(json.dumps({"id": identity}))
    _tell(memory)


@command.command()
@click.argument("query", required=False)
@click.option("--k", default=10, show_default=True, type=click.IntRange(1, 1_000), help="At most so many.")
@click.option("--jsonl", is_flag=True, help='A stream of {"query", "k", "session"} lines in, a result line each out.')
@click.option("--relevant", is_flag=True, help="Nothing below the relevance floor: possibly nothing.")
@click.option("--budget", type=click.IntRange(1), metavar="N", help="At most so many tokens of text.")
@click.option("--superseded", is_flag=True, help="Also what no longer holds.")
@click.option("--global", "everywhere", is_flag=True, help="All projects.")
@click.option("--session", default="", metavar="S", help="The session that asks; its own episodes are preferred.")
@click.option("--since", metavar="T")
@click.option("--until", metavar="T")
@_json
@_project
def recall(query: str | None, jsonl: bool, everywhere: bool, project: str | None, as_json: bool, **values: Any) -> None:
    """The best episodes for a question, each with its reason; "last Tuesday" and "before the respin" are understood."""
    from kiki_core.memory import Query, times
    from kiki_core.memory.interchange import recalled

    if not jsonl and (query is None or not query.strip()):
        raise KikiError("no question given", "kiki memory recall QUERY, or --jsonl for a stream")
    for name in ("since", "until"):
        values[name] = times.parse(values[name]) if values[name] else None
    memory = _memory(project, encoder=True)
    values["project"] = None if everywhere else memory.project
    _encode_first(memory)
    if jsonl:
        status = recall_lines(memory, values)
        memory.close()
        _tell(memory)
        sys.exit(status)
    assert query is not None
    found = memory.search(Query(query, **values))
    if _for_programs(as_json):
        click.echo(json.dumps([recalled(one) for one in found], ensure_ascii=False))
    elif not found:
        click.echo("nothing")
    else:
        for one in found:
            _show_line(one.id, one.time, one.text, f"{one.score:.2f}")
            click.echo(f"            {one.why}")
    _tell(memory)


@command.command()
@click.argument("episode")
@click.option("--depth", default=2, show_default=True, type=click.IntRange(1, 10))
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice(["temporal", "causal", "topical", "summary-of", "supersedes"])
)
@click.option("--direction", default="both", type=click.Choice(["out", "in", "both"]), help="in: what rests on it.")
@_json
@_project
def walk(episode: str, kinds: tuple[str, ...], project: str | None, as_json: bool, **values: Any) -> None:
    """The episodes that an episode is tied to, and theirs."""
    from kiki_core.memory.interchange import shown_time

    memory = _memory(project)
    if kinds:
        values["kinds"] = kinds
    steps = memory.walk(episode, **values)
    for step in steps:
        one = step.episode
        if _for_programs(as_json):
            found = {
                "id": one.id, "ref": one.ref, "text": one.text, "time": shown_time(one), "session": one.session,
                "kind": step.kind, "direction": "out" if step.forwards else "in", "depth": step.depth,
                "superseded": one.superseded_by is not None,
            }  # fmt: skip
            click.echo(json.dumps(found, ensure_ascii=False))
        else:
            arrow = f"{'-' if step.forwards else '<'}{step.kind}{'>' if step.forwards else '-'}"
            _show_line(one.id, one.time, one.text, "  " * (step.depth - 1) + arrow)
    if not steps and not _for_programs(as_json):
        click.echo("it stands alone")
    _tell(memory)


@command.command("list")
@click.option("--most", "-n", default=20, show_default=True, type=click.IntRange(1), help="At most so many.")
@click.option("--all", "everything", is_flag=True, help="Without a limit.")
@click.option("--session", metavar="S")
@click.option("--since", metavar="T")
@click.option("--until", metavar="T")
@click.option("--facts", "as_facts", is_flag=True, help="The short statements taken from episodes that hold now.")
@click.option("--global", "everywhere", is_flag=True, help="All projects.")
@_json
@_project
def list_(
    most: int, everything: bool, as_facts: bool, everywhere: bool, project: str | None, as_json: bool, **values: Any
) -> None:
    """Episodes, the newest first."""
    from kiki_core.memory import times
    from kiki_core.memory.interchange import exported

    memory = _memory(project)
    scope = None if everywhere else memory.project
    if as_facts:
        for fact in memory.facts(project=scope, most=most):
            if _for_programs(as_json):
                keys = ("subject", "value", "statement", "episode", "valid_from", "valid_to")
                click.echo(json.dumps({key: getattr(fact, key) for key in keys}, ensure_ascii=False))
            else:
                _show_line(fact.episode, fact.valid_from, fact.statement, "")
        return
    for name in ("since", "until"):
        values[name] = times.parse(values[name]) if values[name] else None
    for episode in memory.episodes(project=scope, most=None if everything else most, **values):
        if _for_programs(as_json):
            found = exported(episode, *memory.links(episode))
            click.echo(json.dumps({**found, "superseded": episode.superseded_by is not None}, ensure_ascii=False))
        else:
            _show_line(episode.id, episode.time, episode.text, _marks(episode))
    _tell(memory)


@command.command()
@click.argument("episode")
@_json
@_project
def show(episode: str, project: str | None, as_json: bool) -> None:
    """One episode in full, by id, its beginning, or its ref."""
    from kiki_core.memory.interchange import exported

    memory = _memory(project)
    found = memory.get(episode)
    whole = {**exported(found, *memory.links(found)), "superseded": found.superseded_by is not None}
    if _for_programs(as_json):
        click.echo(json.dumps(whole, ensure_ascii=False))
        return
    for name, value in whole.items():
        if value not in ("", None, False) and name not in ("text", "answer"):
            click.echo(f"{name:10}  {value if isinstance(value, str) else json.dumps(value)}")
    click.echo(f"\n{found.text}")


@command.command()
@click.argument("episode")
@click.argument("text", required=False)
@click.option("--answer", help="A new answer too.")
@_project
def edit(episode: str, text: str | None, answer: str | None, project: str | None) -> None:
    """Replace the text of an episode; without TEXT your editor opens."""
    memory = _memory(project)
    if text is None:
        text = click.edit(memory.get(episode).question)
        if text is None:
            raise KikiError("nothing was changed", "save in the editor, or give the TEXT")
        text = text.strip()
    click.echo(json.dumps({"id": memory.edit(episode, text, answer)}))
    _tell(memory)


@command.command()
@click.argument("episode")
@click.option("--off", is_flag=True, help="Let it age again.")
@_project
def pin(episode: str, off: bool, project: str | None) -> None:
    """Keep an episode whatever its age."""
    click.echo(json.dumps({"id": _memory(project).pin(episode, pinned=not off), "pinned": not off}))


@command.command()
@click.argument("episode")
@click.argument("kind", type=click.Choice(["temporal", "causal", "topical", "supersedes"]))
@click.argument("other")
@_project
def link(episode: str, kind: str, other: str, project: str | None) -> None:
    """Tie an episode to OTHER: it is so because of it, is about the same, or holds instead of it."""
    click.echo(json.dumps({"id": _memory(project).link(episode, kind, other)}))


@command.command()
@click.argument("episodes", nargs=-1)
@click.option("--session", metavar="S", help="All of a session.")
@click.option("--before", metavar="T", help="All that are older.")
@click.option("--all", "everything", is_flag=True, help="All of the project.")
@_project
def forget(
    episodes: tuple[str, ...], session: str | None, before: str | None, everything: bool, project: str | None
) -> None:
    """Forget episodes; after `kiki memory compact` no file holds them any more."""
    from kiki_core.memory import times

    memory = _memory(project)
    names = list(episodes)
    if session or before or everything:
        until = times.parse(before) if before else None
        names += [one.id for one in memory.episodes(project=memory.project, session=session, until=until)]
    elif not names:
        raise KikiError("nothing to forget was named", "give ids, --session, --before or --all")
    click.echo(json.dumps({"forgotten": memory.forget(list(dict.fromkeys(names)))}))


@command.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), default="-")
@_project
def export(file: Path, project: str | None) -> None:
    """All episodes as JSON, one a line, in the order in which they came; without --project of all projects."""
    from kiki_core.files import write_atomically
    from kiki_core.memory.interchange import exported

    memory = _memory(project)
    lines = (
        json.dumps(exported(episode, *memory.links(episode)), ensure_ascii=False)
        for episode in memory.episodes(project=project, newest_first=False)
    )
    if str(file) == "-":
        for line in lines:
            click.echo(line)
    else:
        write_atomically(file, "".join(f"{line}\n" for line in lines))
    _tell(memory)


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@_project
def import_(file: Path, project: str | None) -> None:
    """Take in what `export` or `backup` wrote; what is there already stays as it is."""
    from kiki_core.memory import backups

    memory = _memory(project)
    before = memory.stats()["episodes"]
    if str(file) != "-" and backups.is_backup(file):
        backups.take_in(memory, file)
    else:
        try:
            stream = sys.stdin.buffer if str(file) == "-" else file.open("rb")
        except OSError as error:
            raise KikiError(f"can't read {file}: {error.strerror}", "name a file that `export` wrote") from error
        with stream:
            backups.import_lines(memory, iter(lambda: stream.readline(LONGEST_LINE), b""))
    click.echo(json.dumps({"imported": memory.stats()["episodes"] - before}))
    _tell(memory)


@command.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Copy the whole store into one new file, also while it is in use."""
    memory = _memory(None)
    memory.backup(file)
    click.echo(json.dumps({"file": str(file), "bytes": file.stat().st_size}))


@command.command()
@_json
@_project
def stats(project: str | None, as_json: bool) -> None:
    """How much is remembered, and what it takes."""
    memory = _memory(project)
    found = {**memory.stats(), "project": memory.project, "folder": str(memory.files.path)}
    if _for_programs(as_json):
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        for name, value in found.items():
            click.echo(f"{name:14}  {value if isinstance(value, str | int) else json.dumps(value)}")
    _tell(memory)


@command.command()
@click.option(
    "--seconds", default=120.0, show_default=True, type=click.FloatRange(0), help="For encoding and summaries."
)
@click.option("--full", is_flag=True, help="Encode all that isn't yet, however long it takes.")
def compact(seconds: float, full: bool) -> None:
    """Encode, summarise, let go of what is too old, and move what is old into LanceDB; one process at a time."""
    from kiki_core import config
    from kiki_core.memory import tending

    memory = _memory(None, encoder=True)
    limit = float("inf") if full else seconds
    done = tending.compact(memory, config.load().memory, limit_s=limit, tell=_progress)
    click.echo(json.dumps(done))
    _tell(memory)


@command.command()
@_project
def off(project: str | None) -> None:
    """Remember and recall nothing in this project; what is there stays."""
    memory = _memory(project)
    memory.switch(memory.project, enabled=False)
    click.echo(json.dumps({"project": memory.project, "enabled": False}))


@command.command()
@_project
def on(project: str | None) -> None:
    """Remember and recall in this project again."""
    memory = _memory(project)
    memory.switch(memory.project, enabled=True)
    click.echo(json.dumps({"project": memory.project, "enabled": True}))


def _memory(project: str | None, *, encoder: bool = False) -> Memory:
    from kiki_core import app, config

    settings = config.load()
    if encoder:
        from kiki_core.commands.models import ensure
        from kiki_core.models.registry import ENCODER

        try:
            ensure(ENCODER)
        except KikiError as error:
            click.echo(f"kiki: words alone, without the sentence encoder: {error}", err=True)
    return app.open_memory(settings, project=project)


def _encode_first(memory: Memory) -> None:
    """New episodes get their vectors before they are asked for, if that doesn't take too long; the rest while idle."""
    try:
        left = memory.encode_pending(_ENCODE_FIRST_S, _progress)
        if left:
            memory.encode_in_background()
    except KikiError as error:
        click.echo(f"kiki: {error}", err=True)


def _progress(left: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{left} left to encode " if left else "\r\x1b[K", nl=False, err=True)


def _for_programs(as_json: bool) -> bool:
    return as_json or not sys.stdout.isatty()


def _show_line(identity: str, moment: float, text: str, marks: str) -> None:
    from kiki_core.memory import times

    line = " ".join(text.split())
    click.echo(f"{identity[:8]}  {times.day(moment)}  {marks}{' ' if marks else ''}{line[:160]}")


def _marks(episode: Any) -> str:
    marks = ["pinned"] * episode.pinned + ["superseded"] * (episode.superseded_by is not None)
    return (
        f"[{', '.join(marks + [episode.kind] * (episode.kind == 'summary'))}]"
        if marks or episode.kind == "summary"
        else ""
    )


def _tell(memory: Memory) -> None:
    for note in memory.files.notes:
        click.echo(f"kiki: {note}", err=True)
    memory.files.notes.clear()
