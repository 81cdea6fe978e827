"""`kiki generate`."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kiki_core.errors import KikiError
from kiki_core.files import write_atomically
from kiki_tools.text import NotText, decode

if TYPE_CHECKING:
    from kiki_core.generating.kinds import Made

_MOST = 2_000_000


@click.command()
@click.argument("plan", required=False)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write the files here.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.option("--kind", help="The plan's kind, if it doesn't name one.")
@click.option("--headers", multiple=True, type=click.Path(path_type=Path, exists=True), help="Where ST's headers lie.")
@click.option("--schema", "schema_of", metavar="KIND", help="Print the JSON schema of a kind of plan.")
@click.option("--json", "as_json", is_flag=True, help="Files and verdicts as JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    plan: str | None,
    out: Path | None,
    force: bool,
    kind: str | None,
    headers: tuple[Path, ...],
    schema_of: str | None,
    as_json: bool,
) -> None:
    """Artefacts from a plan (JSON; `-` reads standard input), checked by their tools: an STM32's init in C, a SPICE
    deck from a design kit, a KiCad schematic, symbol, footprint or design rules.

    Exit 1 if a check failed.
    """
    from kiki_core.generating.kinds import KINDS, NotMade, kind_of

    if schema_of is not None:
        if schema_of not in KINDS:
            raise KikiError(f"{schema_of} is no kind of plan", f"name one of {', '.join(KINDS)}")
        click.echo(json.dumps(KINDS[schema_of].plan_schema(), indent=2))
        return
    if plan is None:
        raise KikiError("no plan", "name its file, or `-`; `kiki generate --schema KIND` says what stands in it")
    data = _parsed(plan)
    if out is not None:
        headers = (*headers, out)
    try:
        of, rest = kind_of(data, kind)
        made = asyncio.run(of.make(rest, [str(each) for each in headers]))
    except NotMade as error:
        if as_json:
            click.echo(json.dumps({"ok": False, "problems": list(error.problems)}, ensure_ascii=False))
            ctx.exit(2)
        raise KikiError(f"nothing can be made of {plan}: {error}", "change the plan") from error
    written = _write(made, out, force) if out is not None else []
    _show(of.name, made, written, as_json=as_json)
    if made.verified is False:
        ctx.exit(1)


def _parsed(plan: str) -> Any:
    try:
        if plan == "-":
            content = sys.stdin.buffer.read(_MOST + 1)
        else:
            with open(plan, "rb") as file:
                content = file.read(_MOST + 1)
    except OSError as error:
        raise KikiError(f"can't read {plan}: {error.strerror}", "name a plan in JSON") from error
    if len(content) > _MOST:
        raise KikiError(f"{plan} is larger than {_MOST // 1_000_000} MB", "name a plan in JSON")
    try:
        return json.loads(decode(content))
    except NotText as error:
        raise KikiError(f"{plan} is no JSON: {error}", "name a plan in JSON") from error
    except (ValueError, RecursionError) as error:
        raise KikiError(
            f"{plan} is no JSON: {error}", "`kiki generate --schema KIND` says what stands in a plan"
        ) from error


def _write(made: Made, out: Path, force: bool) -> list[Path]:
    """Writes all files, or none if one is there with another text."""
    paths = {out / each.name: each.text for each in made.artefacts}
    there = [path for path, text in paths.items() if path.exists() and not _is_same(path, text)]
    if there and not force:
        raise KikiError(f"{there[0]} is there already", "name another folder, or give --force to replace it")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KikiError(f"can't make {out}: {error.strerror}", "choose another folder") from error
    for path, text in paths.items():
        write_atomically(path, text)
    return list(paths)


def _is_same(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False


def _show(kind: str, made: Made, written: list[Path], *, as_json: bool) -> None:
    if as_json:
        artefacts = [
            {"name": each.name, "language": each.language, "text": each.text, "verified": each.verified}
            for each in made.artefacts
        ]
        evidence = [
            {"tool": each.tool, "version": each.version, "input_sha256": each.input_sha256, "ok": each.ok,
             "summary": each.summary}
            for each in made.evidence
        ]  # fmt: skip
        found = {
            "ok": made.verified is not False,
            "kind": kind,
            "verified": made.verified,
            "artefacts": artefacts,
            "evidence": evidence,
            "notes": list(made.notes),
            "written": [str(path) for path in written],
        }
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    if not written:
        for each in made.artefacts:
            if len(made.artefacts) > 1:
                click.echo(f"==> {each.name} <==")
            click.echo(each.text, nl=len(made.artefacts) > 1)
    for line in made.notes:
        click.echo(line, err=True)
    for path in written:
        click.echo(f"wrote {path}", err=True)
    for one in made.evidence:
        mark, colour = ("✓", "green") if one.ok else ("✗", "red" if made.verified is False else "yellow")
        click.secho(f"{mark} {one.tool}: {one.summary}", fg=colour, err=True)
