"""A design's connectivity for others: nets with their pins, KiCad's XML, a SPICE deck."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
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
_LETTERS = {
    "SUBCKT": "X", "NPN": "Q", "PNP": "Q", "NMOS": "M", "PMOS": "M", "NJFET": "J", "PJFET": "J", "SW": "S",
    "TLINE": "T",
}  # fmt: skip
_MODEL_LETTERS = {
    "D": "D", "NPN": "Q", "PNP": "Q", "NMOS": "M", "PMOS": "M", "VDMOS": "M", "NJF": "J", "PJF": "J",
}  # fmt: skip
_BUILT_IN = {"D": "D", "NPN": "NPN", "PNP": "PNP", "NMOS": "NMOS", "PMOS": "PMOS", "NJFET": "NJF", "PJFET": "PJF"}
_ORDERS = {"D": "AK", "Q": "CBES", "M": "DGSB", "J": "DGS"}
_SHAPES = {
    "SIN": ("SIN", ("dc", "ampl", "f", "td", "theta", "phase")),
    "PULSE": ("PULSE", ("y1", "y2", "td", "tr", "tf", "tw", "per", "np")),
    "EXP": ("EXP", ("y1", "y2", "td1", "tau1", "td2", "tau2")),
}
Reader = Callable[[str], str | None]


def spice(design: Design, library: Reader = lambda path: None) -> str:
    """The design as a SPICE deck: parts by their simulation fields, directives from the sheets' texts.

    Ground is the net called 0, GND or the like; a part that no field or letter makes simulable becomes a comment.
    ``library`` gives the text of a file that a field names, for its models and the order of their pins.
    """
    names = _node_names(design)
    libraries: dict[str, None] = {}
    cards: list[str] = []
    units: dict[str, list[Symbol]] = {}
    for _, symbol, reference, _ in parts_of(design):
        if not reference.startswith("#"):
            units.setdefault(reference, []).append(symbol)
    for reference, symbols in sorted(units.items(), key=lambda each: _natural(each[0])):
        part = _SpicePart(reference, symbols, library)
        cards.append(part.card(names))
        if part.file and part.simulable:
            libraries[part.file] = None
    lines = [f"* {os.path.basename(design.root.sheet.path)}", *(f'.include "{path}"' for path in libraries), *cards]
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


class _SpicePart:
    """A part as the simulator sees it."""

    def __init__(self, reference: str, symbols: list[Symbol], library: Reader) -> None:
        self.reference = reference
        self.symbols = symbols
        self.symbol = symbol = symbols[0]
        given = symbol.value("Sim.Params")
        self.params = {key.lower(): text.strip('"') for key, text in _PARAMETER.findall(given)}
        self.device = (symbol.value("Sim.Device") or symbol.value("Spice_Primitive")).upper()
        self.model = symbol.value("Sim.Name") or symbol.value("Spice_Model")
        self.file = symbol.value("Sim.Library") or symbol.value("Spice_Lib_File")
        if self.device == "SPICE":
            self.device = self.params.get("type", "").upper()
            self.model = self.params.get("model", "")
            self.file = self.params.get("lib", "")
        self.definition = ""
        """A model card of its own, where the part has parameters and no library."""
        if self.device in _BUILT_IN and not self.model:
            self.model = f"__{re.sub(r'[^0-9A-Za-z_]', '_', reference)}"
            values = " ".join(f"{key}={magnitude(text)}" for key, text in self.params.items() if key != "type")
            self.definition = f".model {self.model} {_BUILT_IN[self.device]}({values})"
        self.order: list[str] = []
        kind = self._defined(library(self.file) or "") if self.file and self.model else ""
        self.letter = _LETTERS.get(self.device, self.device[:1]) or kind
        if not self.letter:
            own = reference[:1].upper()
            self.letter = own if own in "RCLVIDQMJ" and (own in "RCLVI" or self.model) else "X" if self.model else ""

    def _defined(self, text: str) -> str:
        """The letter for what the library defines by the model's name; keeps a subcircuit's pins."""
        name = re.escape(self.model)
        if call := re.search(rf"^\s*\.subckt\s+{name}\s+([^\n]*)", text, re.IGNORECASE | re.MULTILINE):
            for word in call.group(1).split():
                if "=" in word or word.lower() in ("params:", "optional:"):
                    break
                self.order.append(word)
            return "X"
        found = re.search(rf"^\s*\.model\s+{name}\s+(?:ako:\S+\s+)?(\w+)", text, re.IGNORECASE | re.MULTILINE)
        return _MODEL_LETTERS.get(found.group(1).upper(), "") if found else ""

    @property
    def simulable(self) -> bool:
        """Whether a card comes of it."""
        symbol = self.symbol
        enabled = symbol.value("Sim.Enable") != "0" and symbol.value("Spice_Netlist_Enabled") != "N"
        known = bool(self.letter) and (self.letter in _TWO_PINS or bool(self.model))
        return enabled and symbol.simulated and known and bool(self._pins())

    def card(self, names: Mapping[tuple[str, str], str]) -> str:
        """The part's line; a comment if it can't be simulated."""
        value = self.symbol.value("Value")
        if not self.simulable:
            return f"* {self.reference} {value}: not simulated"
        nodes = [names.get((self.reference, number), "nc") for number in self._pins()]
        if self.letter == "M" and len(nodes) == 3:
            nodes.append(nodes[2])  # a transistor without a pin of its bulk has it at the source
        own = self.reference[:1].upper() == self.letter
        name = re.sub(r"\s", "_", self.reference if own else f"{self.letter}{self.reference}")
        if self.letter in "VI":
            text = self._source()
        elif self.letter in "RCL":
            text = magnitude(self.params.get(self.letter.lower(), "") or value)
        else:
            text = self.model or value
        line = " ".join([name, *nodes, text]).rstrip()
        return f"{line}\n{self.definition}" if self.definition else line

    def _pins(self) -> list[str]:
        """The symbol's pins in the order in which the card wants their nodes."""
        if mapped := self.symbol.value("Sim.Pins"):
            pairs = [pair.partition("=") for pair in mapped.split() if "=" in pair]
            by_model = {model.lower(): number for number, _, model in pairs}
            if self.order and all(word.lower() in by_model for word in self.order):
                return [by_model[word.lower()] for word in self.order]
            order = _ORDERS.get(self.letter, "+-")
            if all(model.isdigit() for _, _, model in pairs):
                return [number for number, _, _ in sorted(pairs, key=lambda pair: int(pair[2]))]
            if all(model in order for _, _, model in pairs):
                return [number for number, _, _ in sorted(pairs, key=lambda pair: order.index(pair[2]))]
            return [number for number, _, _ in pairs]
        if sequence := self.symbol.value("Spice_Node_Sequence"):
            return [number for number in re.split(r"[,\s]+", sequence) if number]
        return sorted({pin.number for each in self.symbols for pin in each.pins}, key=_natural)

    def _source(self) -> str:
        kind, params = self.symbol.value("Sim.Type").upper(), self.params
        if not kind or kind not in (*_SHAPES, "DC"):
            return self.model or magnitude(self.symbol.value("Value"))
        alternating = f" AC {params['ac']}" if "ac" in params else ""
        if kind == "DC":
            direct = params.get("dc", "") or ("0" if alternating else self.symbol.value("Value"))
            return f"DC {magnitude(direct)}{alternating}"
        shape, keys = _SHAPES[kind]
        words = [magnitude(params.get(key, "0")) for key in keys]
        while len(words) > 3 and keys[len(words) - 1] not in params:
            words.pop()
        return f"{shape}({' '.join(words)}){alternating}"


def magnitude(value: str) -> str:
    """A schematic's value in SPICE's letters: 4k7, 4.7 kΩ, 100nF, 1M."""
    text = value.strip().replace("Ω", "").replace("Ohm", "").replace("ohm", "").replace("µ", "u").replace("μ", "u")
    if match := re.fullmatch(r"(\d+)([RkKMmunp])(\d+)", text):
        whole, suffix, fraction = match.groups()
        text = f"{whole}.{fraction}{'' if suffix == 'R' else suffix}"
    text = re.sub(r"(?<=\d)\s+(?=[a-zA-Z]+$)", "", text)
    text = re.sub(r"(?<=[\dpnumkMG])[FHVA]$", "", text)
    text = re.sub(r"(?<=\d)R$", "", text)
    return re.sub(r"(?<=\d)M(?!EG|eg)", "MEG", text) or "0"


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
