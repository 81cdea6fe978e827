"""The registers of a device: read from its CMSIS header, with fields, values and addresses.

`index` reads a header such as `stm32f446xx.h` or `core_cm4.h` once into plain data (fit for JSON); `Registers` looks
things up in one or more of them. An index has these parts:

- ``structs``: type -> [about, size in bytes, [[member, type, offset, size, count, access, about, reset]…]]
- ``instances``: name -> [type, address]
- ``fields``: register's prefix (`USART_CR1`) -> [[field, position, width, about, [[value's name, value, about]…]]…]
- ``interrupts``: name with `_IRQn` -> [number, about]
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kiki_tools.stm32.expressions import evaluate

_DEFINE = re.compile(
    r"^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+([^\n/]+(?:/(?!\*)[^\n/]*)*)(?:/\*!?<?[ \t]*([^\n]*?)[ \t]*\*/)?",
    re.MULTILINE,
)
_STRUCT = re.compile(r"typedef\s+struct\s*(?:\w+\s*)?\{")
_STRUCT_END = re.compile(r"\}\s*(\w+)\s*;")
_MEMBER = re.compile(
    r"(?:(__I|__O|__IO|__IM|__OM|__IOM|volatile|const)\s+)?(?:(?:const|volatile)\s+)?"
    r"(u?int(?:8|16|32|64)_t|\w+_(?:Type|TypeDef)|\w+TypeDef)\s+(\w+)\s*((?:\[[^\]\n]{1,40}\]\s*)*);"
    r"(?:[ \t]*/\*!?<?[ \t]*((?:[^*]|\*(?!/)){0,600})\*/)?"
)
_INTERRUPT = re.compile(r"^[ \t]*(\w+_IRQn)\s*=\s*(-?\d+)\s*,?(?:[ \t]*/\*!?<?[ \t]*([^\n]*?)[ \t]*\*/)?", re.MULTILINE)
_INSTANCE = re.compile(r"\(\s*\(\s*(\w+)\s*\*\s*\)\s*(.+?)\s*\)\s*$")
_MEANT = re.compile(r"0x[0-9A-Fa-f]{8}\s*$")
_COMMENTED_SHIFT = re.compile(r"/\*<<[^*\n]*\*/")
"""How the core's headers write a shift by 0: `(1UL /*<< SysTick_CTRL_ENABLE_Pos*/)`."""
_SAYS_NOTHING = re.compile(r"[\w ]+: [\w ]+ (?:Mask|Position)")
_SIZES = {"uint8_t": 1, "int8_t": 1, "uint16_t": 2, "int16_t": 2, "uint32_t": 4, "int32_t": 4, "uint64_t": 8,
          "int64_t": 8}  # fmt: skip
_MOST_BYTES = 0x1000_0000
_LONGEST_ARRAY = 16
_DEEPEST = 30


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a field that has a name: `RCC_CFGR_SW_PLL` is 2."""

    name: str
    value: int
    about: str


@dataclass(frozen=True, slots=True)
class Field:
    """Bits of a register. ``macro``: the mask's name, such as `USART_CR1_UE`."""

    name: str
    macro: str
    position: int
    width: int
    about: str
    values: tuple[Value, ...] = ()

    @property
    def mask(self) -> int:
        """The field's bits in its register."""
        return ((1 << self.width) - 1) << self.position

    @property
    def bits(self) -> str:
        """The place as a reference manual writes it: `13`, `7:4`."""
        return str(self.position) if self.width == 1 else f"{self.position + self.width - 1}:{self.position}"


@dataclass(frozen=True, slots=True)
class Register:
    """A member of a peripheral's struct. ``offset`` and ``size`` in bytes; ``count``: of an array, else 0.

    ``access``: `rw`, `r`, `w`. ``type``: what it is, another struct for a block. ``reset``: its value after reset
    where that is known.
    """

    name: str
    type: str
    offset: int
    size: int
    count: int
    access: str
    about: str
    reset: int | None = None


# -- reading a header -------------------------------------------------------------------------------------------------


def index(text: str) -> dict[str, Any]:
    """What a CMSIS header says of registers, as plain data."""
    text = _COMMENTED_SHIFT.sub("", text)
    structs = dict(_structs(text))
    defined: dict[str, tuple[str, str]] = {}
    for match in _DEFINE.finditer(text):
        name, value, about = match.groups()
        if name not in defined or not defined[name][1]:
            defined[name] = (value.strip(), " ".join((about or "").split()))
    known: dict[str, int | None] = {}
    instances: dict[str, list[Any]] = {}
    for name, (value, _) in defined.items():
        if "*" in value and (found := _INSTANCE.match(value)) and found.group(1) in structs:
            address = _number(found.group(2), defined, known)
            if address is not None:
                instances[name] = [found.group(1), address & 0xFFFF_FFFF]
    for name, (value, _) in defined.items():
        if value in instances and name not in instances:
            instances[name] = instances[value]
    interrupts = {name: [int(number), about or ""] for name, number, about in _INTERRUPT.findall(text)}
    return {
        "structs": structs,
        "instances": instances,
        "fields": _fields(defined, known, {member[0] for _, _, members in structs.values() for member in members}),
        "interrupts": interrupts,
    }


def _number(text: str, defined: Mapping[str, tuple[str, str]], known: dict[str, int | None]) -> int | None:
    """The value of an expression over macros; what is known is kept."""
    depth = 0

    def value_of(name: str) -> int | None:
        nonlocal depth
        if name not in known and depth < _DEEPEST:
            known[name] = None
            if name in defined:
                depth += 1
                known[name] = evaluate(defined[name][0], value_of)
                depth -= 1
        return known.get(name)

    return evaluate(text, value_of)


def _structs(text: str) -> Iterator[tuple[str, list[Any]]]:
    sizes: dict[str, tuple[int, int]] = {}
    for start in _STRUCT.finditer(text):
        end = _STRUCT_END.search(text, start.end(), start.end() + 60_000)
        if end is None:
            continue
        body = text[start.end() : end.start()]
        if "typedef" in body:
            continue
        members, offset, align = [], 0, 1
        by_comment = "{" in body
        for access, kind, name, dimensions, about in _MEMBER.findall(body):
            size, needs = sizes.get(kind) or (_SIZES.get(kind, 4),) * 2
            count = 1
            for dimension in re.findall(r"\[([^\]]*)\]", dimensions):
                count *= max(evaluate(dimension) or 0, 0)
            offset = -(-offset // needs) * needs
            said, told = _comment(about)
            if by_comment and told is not None:
                offset = told
            align = max(align, needs)
            if not name.upper().startswith(("RESERVED", "UNUSED")):
                allowed = {"__I": "r", "__IM": "r", "const": "r", "__O": "w", "__OM": "w"}.get(access, "rw")
                members.append([name, kind, offset, size, count if dimensions else 0, allowed, said, None])
            offset += size * count
            if offset > _MOST_BYTES:
                break
        name = end.group(1)
        size = -(-offset // align) * align
        sizes[name] = (size, align)
        if members:
            yield name, [_about(text, start.start(), name), size, members]


def _comment(text: str) -> tuple[str, int | None]:
    """What a member's comment says, and the offset that it names."""
    text = " ".join(text.split())
    told = re.search(r"(?i)offset\s*:\s*(0x[0-9A-F]+)", text)
    text = re.sub(r"(?i),?\s*(?:address )?offset\s*:.*?(?:\([RW/ ]*\)\s*|$)", "", text, count=1)
    return text.strip(" ,"), int(told.group(1), 16) if told else None


def _about(text: str, at: int, name: str) -> str:
    """What the comment right before a place says as its `@brief`."""
    start = text.rfind("/**", max(0, at - 500), at)
    comment = text[start:at].rstrip() if start >= 0 else ""
    found = re.search(r"[@\\]brief\s+(.+)", comment)
    return found.group(1).strip(" */\r") if found and comment.endswith("*/") else ""


def _fields(
    defined: Mapping[str, tuple[str, str]], known: dict[str, int | None], members: set[str]
) -> dict[str, list[list[Any]]]:
    """The fields by their registers' prefixes, in the order of the bits."""
    found: dict[str, dict[str, list[Any]]] = {}
    shifted: dict[str, int] = {}
    for name, (value, about) in defined.items():
        if name.endswith("_Msk"):
            base = name[:-4]
            mask = _number(value, defined, known)
            about = defined.get(base, ("", ""))[1] or about
        elif "_IRQ" not in name and not name.endswith("_Pos") and f"{name}_Msk" not in defined:
            base, mask = name, None
            if value[:1] in "(0123456789" and _old_mask(name, members):
                mask = _number(value, defined, known)
        else:
            continue
        if not mask or mask > 0xFFFF_FFFF or "_" not in base:
            continue
        position = (mask & -mask).bit_length() - 1
        width = mask.bit_length() - position
        if mask != ((1 << width) - 1) << position:
            continue
        register = _prefix(base, members)
        short = base[len(register) + 1 :]
        if short:
            about = "" if _MEANT.match(about) or _SAYS_NOTHING.fullmatch(about) else about
            found.setdefault(register, {})[short] = [short, position, width, about, []]
            shifted[base] = position
    for registers in found.values():
        _without_parts(registers)
    _name_values(found, defined, known, members)
    return {
        register: sorted(fields.values(), key=lambda each: (each[1], -each[2])) for register, fields in found.items()
    }


def _old_mask(name: str, members: set[str]) -> bool:
    """Whether a macro without `_Pos` beside it can be a field, as old headers write them: `RCC_CR_HSION`."""
    parts = name.split("_")
    return len(parts) >= 3 and any(part in members for part in parts[1:-1]) and not parts[-1].isdigit()


def _prefix(name: str, members: set[str]) -> str:
    """The register in a field's name: `USB_OTG_GUSBCFG` of `USB_OTG_GUSBCFG_TOCAL`."""
    parts = name.split("_")
    for at in range(1, len(parts) - 1):
        if any(form in members for form in _forms(parts[at])):
            return "_".join(parts[: at + 1])
    return "_".join(parts[:2])


def _forms(part: str) -> Iterator[str]:
    """How a register's name in a field stands in the struct: `SxCR` as `CR`, `AFRL` as `AFR`, `EXTICR1` as `EXTICR`."""
    yield part
    yield part[:-1]
    if len(part) > 2:
        yield part[2:] if part[1] == "x" else part[1:] if part[0] == "x" else part


def _without_parts(fields: dict[str, list[Any]]) -> None:
    """Takes out what names single bits of a field (`HPRE_0`) or says a field a second time under a numbered name."""
    for name in list(fields):
        whole, _, bit = name.rpartition("_")
        if bit.isdigit() and whole in fields:
            one, of = fields[name], fields[whole]
            if of[1] <= one[1] and one[1] + one[2] <= of[1] + of[2] and of[2] > one[2]:
                del fields[name]


def _name_values(
    found: dict[str, dict[str, list[Any]]],
    defined: Mapping[str, tuple[str, str]],
    known: dict[str, int | None],
    members: set[str],
) -> None:
    """Gives the fields their named values: macros that begin with the field's name and lie in its mask."""
    for name, (value, about) in defined.items():
        if name.endswith(("_Pos", "_Msk")) or f"{name}_Msk" in defined or name.count("_") < 3:
            continue
        fields = found.get(_prefix(name, members))
        is_told = about and not _MEANT.match(about)
        if fields is None or not (is_told or value.startswith("0x")):
            continue
        short = name[len(_prefix(name, members)) + 1 :]
        whole = short
        while "_" in whole:
            whole = whole.rpartition("_")[0]
            if whole in fields and whole != short:
                break
        else:
            continue
        field = fields[whole]
        number = _number(value, defined, known)
        mask = ((1 << field[2]) - 1) << field[1]
        if number is None or number & ~mask or field[2] == 1 or short[len(whole) + 1 :].isdigit():
            continue
        fields.pop(short, None)
        field[4].append([name, number >> field[1], "" if _MEANT.match(about) else about])


# -- looking things up ------------------------------------------------------------------------------------------------


class Registers:
    """Looks up peripherals, registers and fields in indexes of headers; of two that say the same the first counts."""

    def __init__(self, indexes: Iterable[Mapping[str, Any]]) -> None:
        self.structs: dict[str, list[Any]] = {}
        self.instances: dict[str, list[Any]] = {}
        self.interrupts: dict[str, list[Any]] = {}
        self._fields: dict[str, list[list[Any]]] = {}
        for each in indexes:
            for mine, theirs in (
                (self.structs, "structs"), (self.instances, "instances"), (self.interrupts, "interrupts"),
                (self._fields, "fields"),
            ):  # fmt: skip
                for name, value in each.get(theirs, {}).items():
                    mine.setdefault(name, value)

    def registers(self, struct: str) -> tuple[Register, ...]:
        """The registers of a peripheral's type, in the order of their addresses."""
        found = self.structs.get(struct)
        return tuple(Register(*member) for member in found[2]) if found else ()

    def register(self, struct: str, name: str) -> Register | None:
        """One register of a type."""
        return next((each for each in self.registers(struct) if each.name == name), None)

    def prefix(self, struct: str, register: str, number: int | None = None, instance: str = "") -> str:
        """What the macros of a register's fields begin with: `GPIO_AFRH` for `AFR` number 1; empty if it has none."""
        kind = re.sub(r"_?Type(?:Def)?$", "", struct)
        owners = dict.fromkeys((instance, re.sub(r"\d+$", "", instance), kind, kind.rpartition("_")[0]))
        owners |= dict.fromkeys((re.sub(r"_?(?:Global|Device|Host|Common|Channel|Stream|Block|Bank\w*)$", "", kind),))
        owners |= dict.fromkeys((kind.partition("_")[0],))
        forms = [register, f"Sx{register}", f"Lx{register}", f"x{register}"]
        forms += [f"{register[0]}x{register[1:]}", register.replace("x", ""), f"{register[:-1]}0{register[-1:]}"]
        forms += [register[:-1]]
        if number is not None:
            forms[:0] = [f"{register}{number + 1}", f"{register}{'LH'[number]}" if number in (0, 1) else register]
        for owner in owners:
            for form in forms if owner else ():
                if f"{owner}_{form}" in self._fields:
                    return f"{owner}_{form}"
        return ""

    def fields(self, prefix: str) -> tuple[Field, ...]:
        """The fields of a register, by the prefix of their macros; of two names for the same bits both."""
        return tuple(
            Field(name, f"{prefix}_{name}", position, width, about, tuple(Value(*value) for value in values))
            for name, position, width, about, values in self._fields.get(prefix, ())
        )

    def field(self, macro: str) -> tuple[str, Field] | None:
        """A field by its macro, with or without `_Pos`, `_Msk` or a bit's number; and the prefix of its register."""
        base = re.sub(r"_(?:Pos|Msk)$", "", macro)
        for name in (base, re.sub(r"_\d+$", "", base)):
            parts = name.split("_")
            for at in range(len(parts) - 1, 0, -1):
                prefix, short = "_".join(parts[:at]), "_".join(parts[at:])
                for each in self._fields.get(prefix, ()):
                    if each[0] == short:
                        return prefix, next(field for field in self.fields(prefix) if field.name == short)
                    if any(value[0] == name for value in each[4]):
                        return prefix, next(field for field in self.fields(prefix) if field.name == each[0])
        return None

    def owners(self, prefix: str) -> list[tuple[str, Register, int | None]]:
        """The types that have the register of a prefix, with its number in an array."""
        return self._owners.get(prefix, [])

    @cached_property
    def _owners(self) -> dict[str, list[tuple[str, Register, int | None]]]:
        found: dict[str, list[tuple[str, Register, int | None]]] = {}
        for struct in self.structs:
            for register in self.registers(struct):
                for number in range(register.count) if 0 < register.count <= _LONGEST_ARRAY else (None,):
                    prefix = self.prefix(struct, register.name, number)
                    if prefix:
                        found.setdefault(prefix, []).append((struct, register, number))
        return found

    def instances_of(self, struct: str) -> list[str]:
        """The peripherals of a type."""
        return [name for name, (kind, _) in self.instances.items() if kind == struct]

    def address(self, instance: str, register: Register, number: int | None = None) -> int:
        """Where a register of a peripheral lies."""
        base: int = self.instances[instance][1]
        return base + register.offset + register.size * (number or 0)

    def decoded(self, prefix: str, value: int, mask: int = 0xFFFF_FFFF) -> list[tuple[Field, int, str]]:
        """The fields of a register that ``mask`` touches, each with its part of a value and that one's name if any."""
        found = []
        seen = 0
        for field in sorted(self.fields(prefix), key=lambda each: (each.position, each.width)):
            if field.mask & mask and not field.mask & seen:
                seen |= field.mask
                part = (value & field.mask) >> field.position
                name = next((each.name for each in field.values if each.value == part), "")
                found.append((field, part, name.removeprefix(field.macro + "_")))
        return found
