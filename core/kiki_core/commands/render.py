"""`kiki render`."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import click

from kiki_core.checking import snapshots
from kiki_core.errors import KikiError
from kiki_core.files import write_atomically
from kiki_core.netlists import drawn_in

_DRAWN = ("kicad_sch", "kicad_pcb", "kicad_sym", "kicad_mod")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", "-o", type=click.Path(path_type=Path), help="Where to (.svg, or .md for pins); else the output.")
@click.option("--package", default="", help="The chip's package, such as LQFP64, for pins.")
@click.option("--no-tools", is_flag=True, help="Draw it plainly, without KiCad.")
def command(file: Path, out: Path | None, package: str, no_tools: bool) -> None:
    """A picture of a schematic sheet, board, symbol library or footprint, or of a chip's pins in use, as SVG.

    Firmware is a C file or a project's folder; to a .md file its pins go as a table.
    """
    from kiki_tools.kicad import drawing, pictures
    from kiki_tools.kicad.paths import kind_of

    if file.is_dir() or file.suffix in (".c", ".cpp"):
        _written(*pins(file, out, package), out)
        return
    (snapshot,) = snapshots([file], "draw")
    if kind_of(snapshot.path) not in _DRAWN:
        raise KikiError(f"{file} has no picture", f"name one of {', '.join('.' + kind for kind in _DRAWN)}")
    if no_tools:
        found = pictures.Picture(drawing.svg(snapshot).encode(), "kiki")
    else:
        found = asyncio.run(pictures.picture(snapshot, drawn_in(snapshot)))
    _written(found.svg, f"drawn by {found.by}", out)


def _written(content: bytes, told: str, out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.write(content)
    else:
        write_atomically(out, content)
        click.echo(f"{out}: {told}", err=True)


def pins(file: Path, out: Path | None, package: str) -> tuple[bytes, str]:
    """The pins that firmware uses, as a picture or, for a Markdown file, a table; and what to say of it.

    Raises:
        KikiError: for a folder without firmware, a device or package that isn't known.
    """
    from kiki_tools.stm32 import pinout
    from kiki_tools.stm32.project import is_firmware, project_of
    from kiki_tools.stm32.source import source_of

    main = [each for each in snapshots([file], "draw") if each.path.endswith((".c", ".cpp")) and is_firmware(each)]
    if not main:
        raise KikiError(f"{file} holds no firmware for an STM32", "name a C file or a project's folder")
    first = max(main, key=lambda each: (Path(each.path).name == "main.c", each.length))
    project = project_of(first, drawn_in(first))
    sources = dict(project.sources)
    for each in main if file.is_dir() else ():
        sources.setdefault(each.path, source_of(each))
    project = replace(project, sources=sources)
    if project.device is None:
        raise KikiError(f"the device of {file} is unknown", "say it with -DSTM32… in compile_flags.txt")
    try:
        chosen = pinout.package_of(project, package)
    except ValueError as error:
        raise KikiError(str(error), "name one of them") from error
    count = len(pinout.used_pins(project))
    told = f"{count} pin{'' if count == 1 else 's'} in use"
    if out is not None and out.suffix.lower() in (".md", ".markdown"):
        return pinout.markdown(project, chosen).encode(), told
    if chosen is None:
        raise KikiError(f"the packages of {project.device.name} are unknown", "write a table: --out pins.md")
    return pinout.svg(project, chosen).encode(), f"{told} of {chosen.name}"
