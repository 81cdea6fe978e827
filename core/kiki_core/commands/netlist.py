"""`kiki netlist`."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import click

from kiki_core.checking import snapshots
from kiki_core.errors import KikiError
from kiki_core.netlists import drawn_in
from kiki_tools.spice.cards import parse
from kiki_tools.spice.connectivity import TooLarge, nets
from kiki_tools.spice.pyspice import to_script

_FORMS = ("json", "kicadxml", "spice", "pyspice")


@click.command()
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--format", "form", type=click.Choice(["json", "kicadxml", "spice", "pyspice"]), default="json", show_default=True
)
@click.option("--hierarchical", is_flag=True, help="Leave subcircuits closed.")
def command(path: Path, form: str, hierarchical: bool) -> None:
    """The connectivity of a deck: nets with their pins, subcircuits opened."""
    (snapshot,) = snapshots([path])
    if form == "spice":
        click.echo(snapshot.text, nl=False)
        return
    if form == "pyspice":
        click.echo(to_script(parse(snapshot, title=True)), nl=False)
        return
    try:
        found = nets(snapshot, drawn_in(snapshot), flat=not hierarchical)
    except TooLarge as error:
        raise KikiError(f"{path}: {error}", "try --hierarchical") from error
    if form == "json":
        click.echo(json.dumps({"nets": [{"name": name, "pins": pins} for name, pins in sorted(found.items())]}))
        return
    root = ElementTree.Element("export", version="E")
    listed = ElementTree.SubElement(root, "nets")
    for code, (name, pins) in enumerate(sorted(found.items()), start=1):
        net = ElementTree.SubElement(listed, "net", code=str(code), name=name)
        for device, pin in pins:
            ElementTree.SubElement(net, "node", ref=device, pin=pin)
    ElementTree.indent(root)
    click.echo(ElementTree.tostring(root, encoding="unicode"))
