"""`kiki explain`."""

from __future__ import annotations

import sys

import click

from kiki_core.errors import KikiError
from kiki_tools.languages import rules
from kiki_tools.rules import page


@click.command()
@click.argument("code")
def command(code: str) -> None:
    """The page of one diagnostic code."""
    known = rules()
    rule = known.get(code.upper())
    if rule is None:
        from rapidfuzz import process

        nearest = process.extract(code.upper(), list(known), limit=1)[0][0]
        raise KikiError(f"no diagnostic has the code {code}", f"did you mean {nearest}?")
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.markdown import Markdown

        Console().print(Markdown(page(rule)))
    else:
        click.echo(page(rule), nl=False)
