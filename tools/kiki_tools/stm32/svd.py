"""Registers from an SVD file: the same index as `registers.index` gives, with reset values and meanings.

SVD files come from anywhere: entities are refused, and size, depth and counts are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.parsers import expat

LARGEST = 24_000_000
_DEEPEST = 40
_MOST_NODES = 2_000_000
_MOST_REPEATED = 256
_ENUMERATED = 64


class NotSvd(ValueError):
    """The text is no SVD file that is read; the message says why."""


class _Node:
    """An element: its text, its children by name in their order."""

    __slots__ = ("attributes", "children", "name", "text")

    def __init__(self, name: str, attributes: Mapping[str, str]) -> None:
        self.name, self.attributes = name, attributes
        self.text = ""
        self.children: list[_Node] = []

    def get(self, name: str) -> str:
        """The text of a child; empty if there is none."""
        return next((" ".join(each.text.split()) for each in self.children if each.name == name), "")

    def below(self, *names: str) -> Iterator[_Node]:
        """The elements down a path of names."""
        for child in self.children:
            if child.name == names[0]:
                if len(names) == 1:
                    yield child
                else:
                    yield from child.below(*names[1:])


def index(text: str) -> dict[str, Any]:
    """What an SVD file says of registers, as plain data in the form of `registers.index`.

    Raises:
        NotSvd: if it isn't well-formed, declares entities, or is too large or deep.
    """
    root = _read(text)
    peripherals = {each.get("name"): each for each in root.below("peripherals", "peripheral")}
    found: dict[str, Any] = {"structs": {}, "instances": {}, "fields": {}, "interrupts": {}}
    for name, node in peripherals.items():
        source = peripherals.get(node.attributes.get("derivedFrom", ""), node)
        base = _int(node.get("baseAddress"))
        if base is None or not name:
            continue
        struct = f"{source.get('name')}_TypeDef"
        if struct not in found["structs"]:
            default = _properties(root, _properties(source, {}))
            members, fields = _registers(source, default)
            found["structs"][struct] = [source.get("description"), 0, members]
            for register, listed in fields.items():
                found["fields"][f"{source.get('name')}_{register}"] = listed
        found["instances"][name] = [struct, base]
        for interrupt in node.below("interrupt"):
            number = _int(interrupt.get("value"))
            if number is not None:
                found["interrupts"][f"{interrupt.get('name')}_IRQn"] = [number, interrupt.get("description")]
    return found


def _read(text: str) -> _Node:
    if len(text) > LARGEST:
        raise NotSvd(f"is larger than {LARGEST // 1_000_000} MB")
    parser = expat.ParserCreate()
    top = _Node("", {})
    stack = [top]
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if len(stack) > _DEEPEST or count > _MOST_NODES:
            raise NotSvd("is too deep or has too many elements")
        node = _Node(name, attributes)
        stack[-1].children.append(node)
        stack.append(node)

    def end(_: str) -> None:
        stack.pop()

    def words(more: str) -> None:
        if len(stack[-1].text) < 2000:
            stack[-1].text += more

    def refuse(*_: object) -> None:
        raise NotSvd("declares a document type or entities")

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, words
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise NotSvd(f"isn't well-formed: {error}") from error
    device = next(iter(top.children), None)
    if device is None or device.name != "device":
        raise NotSvd("has no <device>")
    return device


def _int(text: str) -> int | None:
    """A number as SVD writes it: `0x40`, `64`, `#0100`."""
    text = text.strip().lower()
    try:
        if text.startswith("#"):
            return int(text[1:].replace("x", "0"), 2)
        return int(text, 16 if text.startswith("0x") else 10)
    except ValueError:
        return None


_INHERITED = ("size", "access", "resetValue")
_ACCESS = {"read-only": "r", "write-only": "w", "writeOnce": "w"}


def _properties(node: _Node, given: Mapping[str, str]) -> dict[str, str]:
    """The properties that registers inherit; those in ``given`` count first."""
    return {name: given.get(name) or node.get(name) for name in _INHERITED}


def _registers(peripheral: _Node, default: Mapping[str, str]) -> tuple[list[list[Any]], dict[str, list[list[Any]]]]:
    members: list[list[Any]] = []
    fields: dict[str, list[list[Any]]] = {}
    nodes = {each.get("name"): each for each in peripheral.below("registers", "register")}
    todo = [(each, 0) for each in peripheral.below("registers", "register")]
    for cluster in peripheral.below("registers", "cluster"):
        at = _int(cluster.get("addressOffset")) or 0
        todo += [(each, at) for each in cluster.below("register")]
    owner = peripheral.get("name")
    for node, inside in todo:
        source = nodes.get(node.attributes.get("derivedFrom", ""), node)
        had = _properties(_node(default), _properties(source, _properties(node, {})))
        offset = _int(node.get("addressOffset"))
        if offset is None:
            continue
        size = max(1, (_int(had["size"]) or 32) // 8)
        kind = f"uint{size * 8}_t"
        access = _ACCESS.get(had["access"], "rw")
        about = node.get("description") or source.get("description")
        reset = _int(had["resetValue"])
        for name, step in _repeated(node):
            name = name.removeprefix(f"{owner}_") if name != owner else name
            members.append([name, kind, inside + offset + step, size, 0, access, about, reset])
            fields.setdefault(name, _fields(source))
    members.sort(key=lambda each: each[2])
    return members, fields


def _node(default: Mapping[str, str]) -> _Node:
    """Properties as an element that has them."""
    node = _Node("", {})
    for name, value in default.items():
        child = _Node(name, {})
        child.text = value
        node.children.append(child)
    return node


def _repeated(node: _Node) -> Iterator[tuple[str, int]]:
    """The names and steps of a register or field that stands for several: `CCR%s`, 4 times, every 4 bytes."""
    name = node.get("name")
    count, step = _int(node.get("dim")), _int(node.get("dimIncrement")) or 0
    if not count or "%s" not in name:
        yield name.replace("[%s]", "").replace("%s", ""), 0
        return
    listed = node.get("dimIndex")
    numbers = [each.strip() for each in listed.split(",")] if "," in listed else []
    span = re.fullmatch(r"(\d+)-(\d+)", listed)
    first = int(span.group(1)) if span and len(span.group(1)) < 6 else 0
    for number in range(min(count, _MOST_REPEATED)):
        label = numbers[number] if number < len(numbers) else str(first + number)
        yield name.replace("[%s]", label).replace("%s", label), number * step


def _fields(register: _Node) -> list[list[Any]]:
    found = []
    for node in register.below("fields", "field"):
        place = _bits(node)
        if place is None:
            continue
        low, width = place
        values = [
            [each.get("name"), value, each.get("description")]
            for each in node.below("enumeratedValues", "enumeratedValue")
            if (value := _int(each.get("value"))) is not None
        ][:_ENUMERATED]
        for name, step in _repeated(node):
            found.append([name, low + step, width, node.get("description"), values])
    return sorted(found, key=lambda each: each[1])


def _bits(node: _Node) -> tuple[int, int] | None:
    """The lowest bit and the width of a field, in any of the three ways that SVD has."""
    span = re.fullmatch(r"\[(\d{1,3}):(\d{1,3})\]", node.get("bitRange"))
    if span:
        high, low = int(span.group(1)), int(span.group(2))
    else:
        one = _int(node.get("bitOffset"))
        two = _int(node.get("lsb")) if one is None else one
        if two is None:
            return None
        low, width, top = two, _int(node.get("bitWidth")), _int(node.get("msb"))
        high = low + (width or 1) - 1 if one is not None or top is None else top
    return (low, high - low + 1) if 0 <= low <= high < 64 else None
