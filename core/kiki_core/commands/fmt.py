"""`kiki fmt`."""

from __future__ import annotations

from pathlib import Path

import click

from kiki_core.checking import snapshots
from kiki_core.files import write_atomically
from kiki_core.netlists import service_for


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; exit 1 and name the files that would change.")
@click.pass_context
def command(ctx: click.Context, paths: tuple[Path, ...], check: bool) -> None:
    """Formats netlists and KiCad files in place: blanks and columns, never a word."""
    changed = 0
    for snapshot in snapshots(paths, "format"):
        edits = service_for(snapshot).format(snapshot)
        if not edits:
            continue
        changed += 1
        click.echo(f"{'would change' if check else 'formatted'} {snapshot.path}")
        if not check:
            write_atomically(Path(snapshot.path), encoded(Path(snapshot.path), snapshot.edited(edits).text))
    ctx.exit(1 if check and changed else 0)


def encoded(path: Path, text: str) -> bytes:
    """The text in the encoding that the file has."""
    before = path.read_bytes()
    if before.startswith((b"\xff\xfe", b"\xfe\xff")):
        return text.encode("utf-16")
    if before.startswith(b"\xef\xbb\xbf"):
        return text.encode("utf-8-sig")
    try:
        before.decode("utf-8")
    except UnicodeDecodeError:
        return text.encode("latin-1")
    return text.encode("utf-8")
