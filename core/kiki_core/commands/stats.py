"""`kiki stats`: how the model's proposals in the editor fared."""

from __future__ import annotations

import json

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(as_json: bool) -> None:
    """Proposals while typing: shown, taken, refused and held back, by language. Counted on this machine only."""
    from kiki_core.completing import counts

    found = counts.read()
    if as_json:
        click.echo(json.dumps({"completion": found}))
        return
    if not found:
        click.echo("nothing was proposed yet")
        return
    click.echo(f"{'language':10}" + "".join(f"{what:>12}" for what in counts.ALL) + f"{'taken':>9}")
    for language, row in sorted(found.items()):
        shown = row.get("shown", 0)
        taken = f"{row.get('accepted', 0) / shown:.0%}" if shown else "-"
        click.echo(f"{language:10}" + "".join(f"{row.get(what, 0):>12}" for what in counts.ALL) + f"{taken:>9}")
