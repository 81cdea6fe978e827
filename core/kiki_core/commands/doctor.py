"""`kiki doctor`."""

from __future__ import annotations

import dataclasses
import json

import click

from kiki_core import config as configuration
from kiki_core.diagnosis import components, works


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """What is found, what is missing, and the command that adds it; exit 1 if the main job can't run."""
    found = components(configuration.load())
    ok = works(found)
    if as_json:
        keys = ("name", "found", "version", "path", "needed_for", "fix")
        listed = [{key: value for key, value in dataclasses.asdict(c).items() if key in keys} for c in found]
        click.echo(json.dumps({"ok": ok, "components": listed}))
    else:
        for component in found:
            mark, colour = ("✓", "green") if component.found else ("✗", "red" if component.required else "yellow")
            click.secho(f"{mark} {component.name:24}", fg=colour, nl=False)
            click.echo(f" {component.version:14} for {component.needed_for}")
            if component.fix:
                click.echo(f"    add it: {component.fix}")
        click.secho("ready" if ok else "the main job can't run yet", fg="green" if ok else "red", bold=True)
    ctx.exit(0 if ok else 1)
