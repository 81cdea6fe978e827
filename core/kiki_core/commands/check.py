"""`kiki check`."""

from __future__ import annotations

from pathlib import Path

import click

from kiki_core.checking import check
from kiki_core.errors import KikiError
from kiki_core.reports import FORMATS


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option("--simulate", is_flag=True, help="Run the decks too, and hold them to their @expect comments.")
@click.option("--no-tools", is_flag=True, help="kiki's own analysis only.")
@click.pass_context
def command(ctx: click.Context, paths: tuple[Path, ...], form: str, simulate: bool, no_tools: bool) -> None:
    """Diagnostics for files and folders; exit 1 if any is an error."""
    if simulate and no_tools:
        raise KikiError("--simulate and --no-tools exclude each other", "give one of them")
    findings = check(paths, simulate, instruments=not no_tools)
    shown = FORMATS[form](findings)
    if shown:
        click.echo(shown)
    if form == "text" and not findings:
        click.echo("nothing to remark", err=True)
    ctx.exit(1 if any(finding.diagnostic.severity == "error" for finding in findings) else 0)
