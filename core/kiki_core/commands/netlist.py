"""`kiki netlist`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import click

from kiki_core.checking import snapshots
from kiki_core.errors import KikiError
from kiki_core.netlists import deck_of, drawn_in, service_for

if TYPE_CHECKING:
    from kiki_tools.text import Snapshot


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(["json", "kicadxml", "spice", "pyspice"]), default="json", show_default=True
)
@click.option("--hierarchical", is_flag=True, help="Leave a deck's subcircuits closed.")
def command(path: Path, form: str, hierarchical: bool) -> None:
    """The connectivity of a deck, or of a KiCad schematic with its sheets: nets with their pins."""
    snapshot = _snapshot(path)
    language = service_for(snapshot).language
    if language == "c":
        raise KikiError(f"{path} is firmware and has no nets", "name a deck or a schematic")
    if language == "kicad":
        click.echo(_of_schematic(snapshot, form, path), nl=form == "json")
    else:
        click.echo(_of_deck(snapshot, form, path, flat=not hierarchical), nl=form in ("json", "kicadxml"))


def _snapshot(path: Path) -> Snapshot:
    """The file; in a folder, the schematic of its project."""
    if path.is_dir():
        projects = sorted(path.glob("*.kicad_pro"))
        roots = [root for project in projects if (root := project.with_suffix(".kicad_sch")).is_file()]
        if len(roots) != 1:
            raise KikiError(f"{path} holds {len(roots)} KiCad projects with a schematic", "name the root sheet's file")
        path = roots[0]
    elif path.suffix in (".kicad_pro", ".kicad_pcb"):
        path = path.with_suffix(".kicad_sch")
    (snapshot,) = snapshots([path], "read")
    return snapshot


def _of_schematic(snapshot: Snapshot, form: str, path: Path) -> str:
    from kiki_tools.kicad import netlist
    from kiki_tools.kicad.paths import context_of, kind_of

    if kind_of(snapshot.path) != "kicad_sch":
        raise KikiError(f"{path} is no schematic", "name a .kicad_sch, a .kicad_pro or a project's folder")
    if form == "pyspice":
        raise KikiError("a schematic has no PySpice form", "use --format spice, then `kiki netlist` on the deck")
    if form == "spice":
        return deck_of(snapshot).text
    design = context_of(snapshot, drawn_in(snapshot)).design
    if form == "kicadxml":
        return netlist.xml(design) + "\n"
    return json.dumps({"nets": [{"name": name, "pins": pins} for name, pins in netlist.nets(design).items()]})


def _of_deck(snapshot: Snapshot, form: str, path: Path, *, flat: bool) -> str:
    from kiki_tools.spice.cards import parse
    from kiki_tools.spice.connectivity import TooLarge, nets
    from kiki_tools.spice.pyspice import to_script

    if form == "spice":
        return snapshot.text
    if form == "pyspice":
        return to_script(parse(snapshot, title=True))
    try:
        found = nets(snapshot, drawn_in(snapshot), flat=flat)
    except TooLarge as error:
        raise KikiError(f"{path}: {error}", "try --hierarchical") from error
    if form == "json":
        return json.dumps({"nets": [{"name": name, "pins": pins} for name, pins in sorted(found.items())]})
    root = ElementTree.Element("export", version="E")
    listed = ElementTree.SubElement(root, "nets")
    for code, (name, pins) in enumerate(sorted(found.items()), start=1):
        net = ElementTree.SubElement(listed, "net", code=str(code), name=name)
        for device, pin in pins:
            ElementTree.SubElement(net, "node", ref=device, pin=pin)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode")
