"""`kiki clangd`."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import click

from kiki_core.errors import KikiError
from kiki_core.files import write_atomically


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=".")
@click.option("--write", is_flag=True, help="Write the files; else they are shown.")
@click.option("--force", is_flag=True, help="Replace files that kiki didn't write.")
@click.option("--headers", multiple=True, type=click.Path(path_type=Path, exists=True), help="Where ST's headers lie.")
@click.option("--device", default="", help="The device, where nothing in the project names it.")
@click.option("--json", "as_json", is_flag=True, help="What was found and the files, as JSON.")
def command(folder: Path, write: bool, force: bool, headers: tuple[Path, ...], device: str, as_json: bool) -> None:
    """What makes clangd read a firmware project: `.clangd` for the arm toolchain, and a `compile_commands.json` where
    no build tool makes one, deduced from CMake, Make, PlatformIO, STM32CubeIDE or STM32CubeMX files.
    """
    from kiki_core.clangd import offered, refusals, to_json

    offer = asyncio.run(offered(folder, headers, device))
    if write:
        there = refusals(offer)
        if there and not force:
            raise KikiError(
                f"{there[0]} is there and isn't kiki's", "look at what `kiki clangd` shows; --force replaces it"
            )
        for path, text in offer.files.items():
            write_atomically(path, text)
        offer = replace(offer, written=tuple(offer.files))
    if as_json:
        click.echo(json.dumps(to_json(offer), ensure_ascii=False))
        return
    if not write:
        for path, text in offer.files.items():
            shown = text if len(text) < 6000 else text[:6000] + f"… ({len(text)} characters)\n"
            click.echo(f"==> {path} <==\n{shown}")
    known = offer.deduced.device
    found = ", ".join(offer.deduced.found_in) or "the folders"
    click.echo(f"{offer.sources} sources for {known.name if known else 'an unknown device'}, by {found}", err=True)
    defined = any(word.startswith("-DSTM32") for word in offer.deduced.words)
    if not defined and not offer.database:
        click.echo("nothing names the device: give --device, such as STM32F446RE", err=True)
    if offer.database:
        click.echo(f"{offer.database}/compile_commands.json is the build tool's own, and used", err=True)
    if offer.lost:
        others = f" and {len(offer.lost) - 3} others" if len(offer.lost) > 3 else ""
        click.echo(f"not found: {', '.join(offer.lost[:3])}{others}; name ST's headers with --headers", err=True)
    for path in offer.written:
        click.echo(f"wrote {path}", err=True)
    if not write:
        click.echo("nothing is written; --write does", err=True)
