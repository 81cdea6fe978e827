"""What a schematic is generated from: parts, the nets of their pins, and the symbols of libraries for them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kiki_tools.kicad import layout
from kiki_tools.kicad.installation import folders
from kiki_tools.kicad.libraries import nearest, split, symbol_names
from kiki_tools.kicad.schematic import LibrarySymbol, library_symbol
from kiki_tools.kicad.sexpr import quoted
from kiki_tools.kicad.syntax import document_of
from kiki_tools.text import Snapshot
from kiki_tools.workspace import Unreadable, read_snapshot

_SUPPLY = re.compile(
    r"[+-]\d+(?:[.,]\d+)?V?\d*|[+-]?V(?:CC|DD|BAT|BUS|IN|SYS|EE|SS|DDA|SSA|REF|AA|PP)\w*|[+-]V\w*", re.I
)
_GROUND = re.compile(r"[ADPS]?GND\w*|GND[ADPS]?|EARTH|CHASSIS|0|0V|V?SS|VSSA", re.I)
_MOST_PARTS = 2000


class ImpossibleCircuit(ValueError):
    """No schematic can be drawn from this: says which part, pin or net, and what is possible."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its symbol by library and name, and the net of each pin by the pin's number or name.

    A pin that isn't named isn't connected. A name that several pins have stands for all of them.
    """

    reference: str
    symbol: str
    pins: Mapping[str, str]
    value: str = ""
    footprint: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Circuit:
    """Parts in the order in which a reader follows the signal.

    ``power``: the nets that are drawn with power symbols; None: those with the name of a supply or ground.
    ``notes``: text beside the circuit, such as directives for a simulation.
    """

    title: str
    parts: Sequence[Part]
    power: Collection[str] | None = None
    notes: str = ""

    def is_power(self, net: str) -> bool:
        """Whether a net is drawn with power symbols."""
        if self.power is not None:
            return net in self.power
        return bool(_SUPPLY.fullmatch(net)) or is_ground(net)


def is_ground(net: str) -> bool:
    """Whether a net of this name is drawn with a ground symbol."""
    return _GROUND.fullmatch(net) is not None


@dataclass(frozen=True, slots=True)
class Found:
    """A symbol of a library as a schematic embeds it: its text, laid out, and what it means."""

    identifier: str
    text: str
    symbol: LibrarySymbol


Finder = Callable[[str], Found]


class Symbols:
    """The symbols of library files, by `library:name`.

    ``paths``: libraries by their nicknames, beside those of the installed KiCad.
    """

    def __init__(self, paths: Mapping[str, str] | None = None) -> None:
        self._paths = dict(paths or {})
        self._folders = [folder for folder in folders() if os.path.basename(folder) == "symbols"]
        self._libraries: dict[str, Snapshot] = {}
        self._found: dict[str, Found] = {}

    def __call__(self, identifier: str) -> Found:
        """The symbol. Raises ImpossibleCircuit if no library has it."""
        if identifier not in self._found:
            self._found[identifier] = self._find(identifier)
        return self._found[identifier]

    def _find(self, identifier: str) -> Found:
        nickname, name = split(identifier)
        library = self._library(nickname, identifier)
        own = _symbol_text(library, name)
        if own is None:
            near = nearest(name, symbol_names(library))
            hint = f"; did you mean {nickname}:{near}?" if near else ""
            raise ImpossibleCircuit(f"the library {nickname} has no symbol {name}{hint}")
        seen = {name}
        while (base := _extended(own)) and base not in seen:
            seen.add(base)
            other = _symbol_text(library, base)
            if other is None:
                raise ImpossibleCircuit(f"{identifier} extends {base}, which its library doesn't have")
            own = _merged(own, other, name, base)
        return embedded(identifier, own)

    def _library(self, nickname: str, identifier: str) -> Snapshot:
        if nickname not in self._libraries:
            if not re.fullmatch(r"[\w .+-]+", nickname):
                raise ImpossibleCircuit(f"{identifier!r} is no symbol: library:name expected, such as Device:R")
            known = self._paths.get(nickname)
            for path in [known] if known else [os.path.join(at, f"{nickname}.kicad_sym") for at in self._folders]:
                try:
                    self._libraries[nickname] = read_snapshot(Path(path))
                    break
                except Unreadable:
                    continue
            else:
                raise ImpossibleCircuit(self._missing(nickname))
        return self._libraries[nickname]

    def _missing(self, nickname: str) -> str:
        known = sorted(
            {
                *self._paths,
                *(name[:-10] for at in self._folders for name in os.listdir(at) if name.endswith(".kicad_sym")),
            }
        )
        if not known:
            return f"there is no library {nickname}: KiCad's symbols aren't installed"
        near = nearest(nickname, known)
        return f"there is no library {nickname}" + (f"; did you mean {near}?" if near else "")


def embedded(identifier: str, text: str) -> Found:
    """A symbol's text as a schematic embeds it: with its library's name."""
    lines = layout.laid_out(text).split("\n")
    lines[0] = f"(symbol {quoted(identifier)}"
    text = "\n".join(lines)
    main = document_of(Snapshot(f"(kicad_symbol_lib (version 20241209)\n{text})", "found.kicad_sym")).main
    node = main.find("symbol") if main is not None else None
    if node is None:
        raise ImpossibleCircuit(f"the symbol {identifier} can't be read")
    return Found(identifier, text, library_symbol(node))


def _symbol_text(library: Snapshot, name: str) -> str | None:
    """A symbol as its library has it; read alone where the library is laid out as KiCad does."""
    text = library.text
    begin = re.search(rf"^(\t|  )\(symbol {re.escape(quoted(name))}$", text, re.MULTILINE)
    if begin is not None:
        end = text.find(f"\n{begin.group(1)})", begin.end())
        if end > 0:
            return text[begin.start() : end] + "\n)"
    document = document_of(library)
    for node in document.main.all("symbol") if document.main is not None else ():
        if node.value() == name:
            span = document.span(node)
            return text[span.start : span.end]
    return None


def _items(text: str) -> Iterator[str]:
    """The lists in a symbol, each with its lines."""
    lines: list[str] = []
    for line in layout.laid_out(text).splitlines()[1:-1]:
        if line.startswith("\t(") and lines:
            yield "\n".join(lines)
            lines = []
        lines.append(line)
    if lines:
        yield "\n".join(lines)


def _extended(text: str) -> str:
    found = re.search(r'^\t\(extends "((?:[^"\\]|\\.)*)"\)$', layout.laid_out(text), re.MULTILINE)
    return found.group(1) if found else ""


def _field_name(item: str) -> str:
    found = re.match(r'\t\(property (?:private )?"((?:[^"\\]|\\.)*)"', item)
    return found.group(1) if found else ""


def _merged(own: str, base: str, name: str, base_name: str) -> str:
    """A symbol that extends another as one of its own: the other's drawing and pins, its own fields."""
    fields = {_field_name(item): item for item in _items(own) if _field_name(item)}
    merged = []
    for item in _items(base):
        if called := _field_name(item):
            merged.append(fields.pop(called, item))
        else:
            if fields and item.startswith("\t(symbol "):
                merged += fields.values()
                fields = {}
            begin, unit = f'\t(symbol "{_escaped(base_name)}', f'\t(symbol "{_escaped(name)}'
            merged.append(unit + item.removeprefix(begin) if item.startswith(begin) else item)
    return f"(symbol {quoted(name)}\n" + "\n".join([*merged, *fields.values()]) + "\n)"


def _escaped(name: str) -> str:
    return quoted(name)[1:-1]


def nets_of(part: Part, symbol: LibrarySymbol) -> dict[str, str]:
    """The net of each connected pin, by number. Raises ImpossibleCircuit for a pin that there isn't."""
    numbers = {pin.number for pin in symbol.all_pins()}
    by_name: dict[str, list[str]] = {}
    for pin in symbol.all_pins():
        by_name.setdefault(_plain(pin.name), []).append(pin.number)
    found: dict[str, str] = {}
    for pin_name, net in part.pins.items():
        if not net.strip():
            raise ImpossibleCircuit(f"{part.reference}: pin {pin_name} has a net without a name")
        hit = [pin_name] if pin_name in numbers else by_name.get(_plain(pin_name), [])
        if not hit:
            known = ", ".join(f"{pin.number} {pin.name}".strip() for pin in list(symbol.all_pins())[:40])
            raise ImpossibleCircuit(f"{part.reference} ({part.symbol}) has no pin {pin_name}; it has {known}")
        for number in hit:
            if found.setdefault(number, net) != net:
                raise ImpossibleCircuit(f"{part.reference}: pin {number} is on {found[number]} and on {net}")
    return found


def _plain(name: str) -> str:
    return re.sub(r"~\{([^}]*)\}", r"\1", name).upper()


def check(circuit: Circuit) -> None:
    """Raises ImpossibleCircuit for what no schematic can have."""
    if not circuit.parts:
        raise ImpossibleCircuit("a circuit without parts")
    if len(circuit.parts) > _MOST_PARTS:
        raise ImpossibleCircuit(f"{len(circuit.parts)} parts; at most {_MOST_PARTS} go on one sheet")
    seen: set[str] = set()
    for part in circuit.parts:
        if not re.fullmatch(r"[A-Za-z_]{1,20}\d{1,9}", part.reference):
            raise ImpossibleCircuit(f"{part.reference!r} is no reference: letters and a number expected, such as R1")
        if part.reference in seen:
            raise ImpossibleCircuit(f"two parts are called {part.reference}")
        seen.add(part.reference)
