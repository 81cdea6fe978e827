"""`kiki data`."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kiki_core import paths

if TYPE_CHECKING:
    from kiki_core.training.data.building import Built, Generator, Placed


@click.group()
def command() -> None:
    """Training data whose answers a tool has accepted."""


@command.command()
@click.argument("domain")
@click.option("--count", default=600, show_default=True, type=click.IntRange(1, 20_000), help="Pairs to keep.")
@click.option("--seed", default=1, show_default=True, type=int, help="The same seed gives the same pairs.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="The folder; else $KIKI_HOME/data/DOMAIN."
)
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1, 64), help="Drafts judged at a time.")
@click.option(
    "--from", "source", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Your files, too."
)
@click.option("--licence", default="", metavar="SPDX", help="The licence of those that don't name their own.")
@click.option("--check-only", is_flag=True, help="Judge the pairs that are there once more; exit 1 if one fails.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def build(
    ctx: click.Context,
    domain: str,
    count: int,
    seed: int,
    out: Path | None,
    jobs: int,
    source: Path | None,
    licence: str,
    check_only: bool,
    as_json: bool,
) -> None:
    """Questions with answers for a DOMAIN: spice-sim, electronics, kicad-dsl or stm32. Keeps what its tool accepts.

    Stopped at any time, the same command goes on where it was.
    """
    from kiki_core.training.data.building import DATASHEET, PAIRS, generator

    drafts = generator(domain)
    if source is not None:
        from kiki_core.training.data import folders

        drafts = folders.folder(domain, source.absolute(), licence, drafts)
    folder = out or paths.home() / "data" / domain
    if check_only:
        if not asyncio.run(_check(folder / PAIRS, domain, jobs, as_json)):
            ctx.exit(1)
        return
    built = asyncio.run(_build(domain, count, seed, folder, jobs, drafts, as_json))
    from kiki_core.files import write_atomically
    from kiki_core.training import pairs as training
    from kiki_core.training.data import datasheet

    pairs = [one.pair for one in built.kept() if one.pair is not None]
    training.write(folder / PAIRS, pairs)
    write_atomically(folder / DATASHEET, datasheet.page(built))
    sha256 = training.digest(pairs)
    if as_json:
        told = {"event": "built", "domain": domain, "pairs": len(pairs), "drafts": len(built.placed),
                "refused": built.refused(), "tools": dict(built.tools), "sha256": sha256, "file": str(folder / PAIRS),
                "datasheet": str(folder / DATASHEET)}  # fmt: skip
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for reason, number in built.refused().items():
        click.echo(f"{number:6} refused: {reason}", err=True)
    click.echo(
        f"{len(pairs)} pairs of {len(built.placed)} drafts in {folder / PAIRS}; {DATASHEET} beside it tells of them"
    )


async def _build(
    domain: str, count: int, seed: int, folder: Path, jobs: int, drafts: Generator, as_json: bool
) -> Built:
    from kiki_core.training.data import building

    progress = _Progress(count, as_json)
    built: Built | None = None
    async with aclosing(building.build(domain, count, seed, folder, jobs, drafts)) as steps:
        async for step in steps:
            if isinstance(step, building.Built):
                built = step
            else:
                progress.tell(step)
    progress.end()
    assert built is not None
    if built.resumed and not as_json:
        click.echo(f"went on after {built.resumed} drafts of an earlier build", err=True)
    return built


class _Progress:
    """A line on a terminal's stderr that counts, or events on stdout."""

    def __init__(self, count: int, as_json: bool) -> None:
        self._count, self._as_json = count, as_json
        self._kept = self._tried = 0
        self._started = self._told = time.monotonic()
        self._shown = False

    def tell(self, placed: Placed) -> None:
        self._tried += 1
        self._kept += placed.pair is not None
        if self._as_json:
            event: dict[str, Any] = {
                "event": "draft",
                "place": placed.place,
                "kind": placed.kind,
                "kept": placed.pair is not None,
            }
            if placed.pair is None:
                event.update(reason=placed.reason, detail=placed.detail)
            click.echo(json.dumps(event, ensure_ascii=False))
            return
        now = time.monotonic()
        if now - self._told >= (0.2 if sys.stderr.isatty() else 10):
            self._told = now
            rate = self._tried / max(now - self._started, 1e-9)
            line = f"{self._kept} kept of {self._tried} drafts, {rate:.1f}/s"
            click.echo(f"\r{line}\x1b[K" if sys.stderr.isatty() else line, err=True, nl=not sys.stderr.isatty())
            self._shown = sys.stderr.isatty()

    def end(self) -> None:
        if self._shown:
            click.echo("\r\x1b[K", err=True, nl=False)


async def _check(file: Path, domain: str, jobs: int, as_json: bool) -> bool:
    from kiki_core.training import pairs as training
    from kiki_core.training.data import building
    from kiki_core.training.data.tools import versions

    pairs = training.read(file)
    versions(domain)
    failed = judged = 0
    async with aclosing(building.checked_again(pairs, jobs)) as results:
        async for number, judgement in results:
            judged += 1
            failed += not judgement.ok
            if as_json:
                told = {
                    "event": "checked",
                    "line": number + 1,
                    "ok": judgement.ok,
                    "reason": judgement.reason,
                    "detail": judgement.detail,
                }
                click.echo(json.dumps(told, ensure_ascii=False))
            elif not judgement.ok:
                click.echo(f"{file}:{number + 1}: {judgement.reason} {judgement.detail}".rstrip())
    if not as_json:
        click.echo(f"{judged - failed} of {judged} pairs pass", err=True)
    return failed == 0
