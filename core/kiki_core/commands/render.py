"""`kiki render`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from kiki_core.checking import snapshots
from kiki_core.errors import KikiError
from kiki_core.files import write_atomically
from kiki_core.netlists import drawn_in

_DRAWN = ("kicad_sch", "kicad_pcb", "kicad_sym", "kicad_mod")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", "-o", type=click.Path(path_type=Path), help="Where to; else the output.")
@click.option("--no-tools", is_flag=True, help="Draw it plainly, without KiCad.")
def command(file: Path, out: Path | None, no_tools: bool) -> None:
    """A picture of a schematic sheet, board, symbol library or footprint, as SVG."""
    from kiki_tools.kicad import drawing, pictures
    from kiki_tools.kicad.paths import kind_of

    (snapshot,) = snapshots([file])
    if kind_of(snapshot.path) not in _DRAWN:
        raise KikiError(f"{file} has no picture", f"name one of {', '.join('.' + kind for kind in _DRAWN)}")
    if no_tools:
        found = pictures.Picture(drawing.svg(snapshot).encode(), "kiki")
    else:
        found = asyncio.run(pictures.picture(snapshot, drawn_in(snapshot)))
    if out is None:
        sys.stdout.buffer.write(found.svg)
    else:
        write_atomically(out, found.svg)
        click.echo(f"{out}: drawn by {found.by}", err=True)
