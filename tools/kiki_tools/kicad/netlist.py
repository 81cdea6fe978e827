"""A design's connectivity for others: nets with their pins, KiCad's XML, a SPICE deck."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree

from kiki_tools.kicad.design import Design, parts_of
from kiki_tools.kicad.schematic import Symbol


def nets(design: Design) -> dict[str, list[tuple[str, str]]]:
    """The pins of each net, as reference and pin number, in order; without power symbols."""
    found: dict[str, list[tuple[str, str]]] = {}
    for net in design.nets:
        pins = {(each.reference, each.pin.number) for each in net.pins if not each.reference.startswith("#")}
        if pins and net.driven:
            name = net.name
            number = 1
            while name in found:
                name = f"{net.name}_{number}"
                number += 1
            found[name] = sorted(pins, key=lambda pin: (_natural(pin[0]), _natural(pin[1])))
    return dict(sorted(found.items()))


def _natural(text: str) -> list[tuple[int, int, str]]:
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"\d{1,9}|\D+", text)]


def xml(design: Design) -> str:
    """KiCad's netlist format of nets and components."""
    root = ElementTree.Element("export", version="E")
    head = ElementTree.SubElement(root, "design")
    ElementTree.SubElement(head, "source").text = design.root.sheet.path
    components = ElementTree.SubElement(root, "components")
    types: dict[tuple[str, str], tuple[str, str]] = {}
    seen: set[str] = set()
    for instance, symbol, reference, _ in parts_of(design):
        if reference.startswith("#"):
            continue
        for pin in symbol.pins:
            types[reference, pin.number] = (pin.name, pin.type)
        if reference in seen:
            continue
        seen.add(reference)
        component = ElementTree.SubElement(components, "comp", ref=reference)
        ElementTree.SubElement(component, "value").text = symbol.value("Value")
        if symbol.value("Footprint"):
            ElementTree.SubElement(component, "footprint").text = symbol.value("Footprint")
        fields = ElementTree.SubElement(component, "fields")
        for name, (text, _) in symbol.properties.items():
            if name not in ("Reference", "Value"):
                ElementTree.SubElement(fields, "field", name=name).text = text
        library, _, part = symbol.library_id.partition(":")
        ElementTree.SubElement(component, "libsource", lib=library, part=part)
        ElementTree.SubElement(component, "sheetpath", names=instance.name, tstamps=f"{instance.path}/")
        ElementTree.SubElement(component, "tstamps").text = symbol.uuid
    listed = ElementTree.SubElement(root, "nets")
    for code, (name, pins) in enumerate(nets(design).items(), start=1):
        net = ElementTree.SubElement(listed, "net", code=str(code), name=name)
        for reference, number in pins:
            called, kind = types.get((reference, number), ("", ""))
            node = ElementTree.SubElement(net, "node", ref=reference, pin=number)
            if called and called != number:
                node.set("pinfunction", called)
            if kind:
                node.set("pintype", kind)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode")


_TWO_PINS = frozenset("RCLVID")
_GROUNDS = frozenset({"0", "gnd", "agnd", "dgnd", "gndd", "gnda", "vss0"})
_PARAMETER = re.compile(r'(\w+)=("[^"]*"|\S+)')


def spice(design: Design) -> str:
    """The design as a SPICE deck: parts by their simulation fields, directives from the sheets' texts.

    Ground is the net called 0, GND or the like; a part that no field or letter makes simulable becomes a comment.
    """
    lines = [f"* {os.path.basename(design.root.sheet.path)}"]
    names = _node_names(design)
    libraries: dict[str, None] = {}
    cards: list[str] = []
    units: dict[str, list[Symbol]] = {}
    for _, symbol, reference, _ in parts_of(design):
        if not reference.startswith("#"):
            units.setdefault(reference, []).append(symbol)
    for reference, symbols in sorted(units.items(), key=lambda each: _natural(each[0])):
        card, library = _card(reference, symbols, names)
        cards.append(card)
        if library:
            libraries[library] = None
    lines += [f'.include "{path}"' for path in libraries]
    lines += cards
    lines += _directives(design)
    if not any(line.lower().strip() == ".end" for line in lines):
        lines.append(".end")
    return "\n".join(lines) + "\n"


def _node_names(design: Design) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    used: dict[str, str] = {}
    for net in design.nets:
        name = net.name.removeprefix("/")
        if name.lower() in _GROUNDS:
            node = "0"
        else:
            node = re.sub(r"[^\w.+\-]", "_", name) or "n"
            while used.setdefault(node.lower(), net.name) != net.name:
                node += "_"
        for each in net.pins:
            found[each.reference, each.pin.number] = node
    return found


def _card(reference: str, symbols: list[Symbol], names: Mapping[tuple[str, str], str]) -> tuple[str, str]:
    symbol = symbols[0]
    value = symbol.value("Sim.Params") or symbol.value("Value")
    device = symbol.value("Sim.Device") or symbol.value("Spice_Primitive")
    model = symbol.value("Sim.Name") or symbol.value("Spice_Model")
    library = symbol.value("Sim.Library") or symbol.value("Spice_Lib_File")
    enabled = symbol.value("Sim.Enable") != "0" and symbol.value("Spice_Netlist_Enabled") != "N" and symbol.simulated
    letter = (device or reference)[:1].upper()
    if device.upper() == "SUBCKT":
        letter = "X"
    elif device.upper() in ("NPN", "PNP"):
        letter = "Q"
    elif device.upper() in ("NMOS", "PMOS"):
        letter = "M"
    elif device.upper() in ("NJFET", "PJFET"):
        letter = "J"
    elif device.upper() == "SPICE":
        letter = (symbol.value("Sim.Type") or reference)[:1].upper()
    nodes = [names.get((reference, number), "nc") for number in _pin_order(symbols)]
    name = reference if reference[:1].upper() == letter else f"{letter}{reference}"
    name = re.sub(r"\s", "_", name)
    simulable = letter in "RCLVIDQMJXBEFGHK" and bool(nodes) and (letter in _TWO_PINS or model or value)
    if not enabled or not simulable:
        return f"* {reference} {symbol.value('Value')}: not simulated", ""
    if letter in "VI":
        text = _source(symbol, model or value)
    elif letter in "RCL":
        text = _parameter(value, letter.lower()) or _magnitude(symbol.value("Value"))
    else:
        text = model or symbol.value("Value")
    return " ".join([name, *nodes, text]).rstrip(), library


def _pin_order(symbols: list[Symbol]) -> list[str]:
    """The pins in the order in which the card wants their nodes."""
    symbol = symbols[0]
    if mapped := symbol.value("Sim.Pins"):
        return [pair.partition("=")[0] for pair in mapped.split() if "=" in pair]
    if sequence := symbol.value("Spice_Node_Sequence"):
        return [number.strip() for number in re.split(r"[,\s]+", sequence) if number.strip()]
    numbers = {pin.number for each in symbols for pin in each.pins}
    return sorted(numbers, key=_natural)


def _parameter(params: str, name: str) -> str:
    for key, text in _PARAMETER.findall(params):
        if key.lower() == name:
            return str(text).strip('"')
    return ""


def _magnitude(value: str) -> str:
    """A schematic's value in SPICE's letters: 4k7, 4.7 kΩ, 100nF, 1M."""
    text = value.strip().replace("Ω", "").replace("Ohm", "").replace("ohm", "").replace("µ", "u").replace("μ", "u")
    if match := re.fullmatch(r"(\d+)([RkKMmunp])(\d+)", text):
        whole, suffix, fraction = match.groups()
        text = f"{whole}.{fraction}{'' if suffix == 'R' else suffix}"
    text = re.sub(r"\s+", "", text)
    text = re.sub(r"(?<=[\dpnumkMG])[FHVA]$", "", text)
    text = re.sub(r"(?<=\d)R$", "", text)
    return re.sub(r"(?<=\d)M(?!EG|eg)", "MEG", text) or "0"


def _source(symbol: Symbol, text: str) -> str:
    kind = symbol.value("Sim.Type").upper()
    params = {key.lower(): found.strip('"') for key, found in _PARAMETER.findall(symbol.value("Sim.Params"))}
    if not kind or not params:
        return symbol.value("Spice_Model") or (text if not params else symbol.value("Value"))
    ac = f" AC {params['ac']}" if "ac" in params else ""
    dc = f"DC {params.get('dc', '0')} "
    if kind == "DC":
        return f"DC {params.get('dc', '0')}{ac}"
    if kind == "SIN":
        words = [params.get(key, "0") for key in ("dc", "ampl", "f", "td", "theta", "phase")]
        return f"{dc if 'dc' in params else ''}SIN({' '.join(words)}){ac}"
    if kind == "PULSE":
        words = [params.get(key, "0") for key in ("y1", "y2", "td", "tr", "tf", "tw", "per")]
        return f"PULSE({' '.join(words)}){ac}"
    return f"{dc}{ac}".strip()


def _directives(design: Design) -> Iterator[str]:
    """Texts on the sheets that are SPICE: each line that begins with a dot, a control block whole."""
    seen: set[str] = set()
    for instance in design.instances:
        main = instance.sheet.document.main
        if main is None or instance.sheet.path in seen:
            continue
        seen.add(instance.sheet.path)
        for node in main.children:
            if node.head not in ("text", "text_box"):
                continue
            text = node.value().replace("\\n", "\n").strip()
            if text.startswith((".", "*")) and "kiki: ignore" not in text:
                yield from (line.rstrip() for line in text.splitlines())
