"""What the chip allows at a place: values of init structures, alternate functions, fields, registers, handlers.

A C language server proposes every name that is declared; here are only those that fit the place, and text that no
header has (handlers, init functions, expectations).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kiki_tools.language import Completion, Workspace
from kiki_tools.stm32.described import plain
from kiki_tools.stm32.headers import Library, library_of
from kiki_tools.stm32.meanings import meaning, named_values
from kiki_tools.stm32.places import (
    Around,
    access_before,
    around,
    line_at,
    meant,
    member_of,
    port_of,
    project_lately,
    register_of,
    settings_of,
)
from kiki_tools.stm32.project import Project, is_firmware
from kiki_tools.text import Snapshot, Span

_ASSIGNED = re.compile(r"([A-Za-z_][\w\[\]>.\-\s]*?)\s*(?:[|&^]?=)(?!=)\s*([^;]*)$")
_REGISTER_CALL = re.compile(r"\b(?:SET_BIT|CLEAR_BIT|READ_BIT|MODIFY_REG|WRITE_REG)\s*\(\s*([^,()]+?)\s*,\s*([^;]*)$")
_TESTED = re.compile(r"([A-Za-z_]\w*(?:->|\.)[\w\[\]>.\-]*?)\s*&\s*(?:\(\s*)?~?(\w*)$")
_MEMBER_ACCESS = re.compile(r"(?:->)\s*(\w*)$")
_EXPECT = re.compile(r"(?://|/\*|\*)[^\n]*?(@\w*(?:\s+u?a?r?t?)?)$")
_TOP = re.compile(r"\s*(?:void\s+)?(\w*)$")
_OUTER_STEP = re.compile(r"(\w+)\s*\(([^()]*(?:\([^()]*\)[^()]*)*)$")


@dataclass(frozen=True, slots=True)
class _Place:
    """All that the sources of proposals look at. ``before``: the line up to the place; ``word``: what's typed of it."""

    snapshot: Snapshot
    offset: int
    before: str
    word: str
    near: Around
    project: Project
    library: Library

    @property
    def span(self) -> Span:
        """What a proposal replaces."""
        return Span(self.offset - len(self.word), self.offset)

    def proposal(self, label: str, detail: str, insert: str = "", kind: str = "value") -> Completion:
        """One proposal for the place."""
        return Completion(label, "function" if kind == "function" else "value", self.span, insert or label, detail)


def completions(snapshot: Snapshot, offset: int, workspace: Workspace) -> Sequence[Completion]:
    """What fits at the place; nothing where only a C language server has something to propose."""
    if not is_firmware(snapshot):
        return []
    line, start = line_at(snapshot, offset)
    before = line[: offset - start]
    word = re.search(r"\w*$", before)
    typed = word.group() if word else ""
    near = around(snapshot, offset)
    project = project_lately(snapshot, workspace)
    place = _Place(snapshot, offset, before, typed, near, project, library_of(workspace))
    for source in (_expectations, _outside, _assigned, _tested, _arguments, _registers):
        found = list(source(place))
        if found:
            return list({each.label: each for each in found}.values())
    return []


def _expectations(place: _Place) -> Iterator[Completion]:
    """In a comment: what `kiki run` checks."""
    found = _EXPECT.search(place.before)
    if found and "@expect uart".startswith(" ".join(found.group(1).split())):
        span = Span(place.offset - len(found.group(1)), place.offset)
        detail = "kiki run checks that the firmware says it"
        yield Completion("@expect uart", "keyword", span, '@expect uart "', detail)


# -- between functions -----------------------------------------------------------------------------------------------


def _outside(place: _Place) -> Iterator[Completion]:
    """Handlers that the project lacks, and functions that set a peripheral up."""
    found = _TOP.fullmatch(place.before)
    if found is None or not place.near.is_outside or not (place.word or "void" in place.before):
        return
    from kiki_tools.stm32.skeletons import handlers, initialisations

    span = Span(place.offset - len(place.before.lstrip()), place.offset)
    word = place.word.lower()
    for name, text, detail in (*handlers(place.project, place.library), *initialisations(place.project, place.word)):
        if _fits(word, name):
            yield Completion(name, "function", span, text, detail)


def _fits(word: str, name: str) -> bool:
    """Whether the letters typed stand in a name in their order, the first two together at a part's beginning."""
    lowered = name.lower()
    at = re.search(rf"(?:^|_){re.escape(word[:2])}", lowered)
    if at is None:
        return False
    rest = iter(lowered[at.start() :])
    return all(char in rest for char in word)


# -- values ----------------------------------------------------------------------------------------------------------


def _assigned(place: _Place) -> Iterator[Completion]:
    """Behind `=`: alternate functions of the pin, values of an init structure's member, fields of a register."""
    found = _ASSIGNED.search(place.before)
    if found is None:
        call = _REGISTER_CALL.search(place.before)
        if call is not None:
            yield from _fields(place, call.group(1))
        return
    target = re.sub(r"\s+", "", found.group(1))
    owner, _, member = target.replace("->", ".").rpartition(".")
    if not owner:
        return
    if member == "Alternate":
        yield from _alternate_functions(place, target)
        return
    struct, member, _ = member_of(target, place.near, place.snapshot, place.project, place.library)
    if struct in place.library.structs:
        yield from _member_values(place, struct, member)
    elif "->" in target or "." in target:
        yield from _fields(place, target)


def _alternate_functions(place: _Place, target: str) -> Iterator[Completion]:
    device = place.project.device
    owner = re.split(r"->|\.", target)[0]
    port = port_of(place.near, place.project)
    pins = settings_of(place.near, owner).get("Pin", "")
    is_ll = "LL_" in pins
    if device is None or not port:
        return
    for part in pins.split("|"):
        number = re.search(r"GPIO_PIN_(\d+)", meant(part.strip(), place.project))
        for each in device.functions(f"P{port}{number.group(1)}") if number else ():
            if each.af is not None:
                label = f"LL_GPIO_AF_{each.af}" if is_ll else _named_function(place, each.af, each.peripheral)
                yield place.proposal(label, f"{each.name} on P{port}{number.group(1) if number else ''}")


def _named_function(place: _Place, af: int, peripheral: str) -> str:
    """How the HAL calls an alternate function: `GPIO_AF7_USART2`, else the nearest name that its headers have."""
    name = f"GPIO_AF{af}_{peripheral}"
    known = place.library.constants
    if not known or name in known:
        return name
    short = re.sub(r"\d+$", "", peripheral)
    for each in (f"GPIO_AF{af}_{short}", *(name for name in known if name.startswith(f"GPIO_AF{af}_{short}"))):
        if each in known:
            return each
    return name


def _member_values(place: _Place, struct: str, member: str) -> Iterator[Completion]:
    library = place.library
    kind = next((each[1] for each in library.structs[struct][1] if each[0] == member), "")
    if member == "Instance" or kind.endswith("TypeDef *"):
        for name in library.registers.instances_of(kind.rstrip(" *")):
            if not name.endswith("_BASE"):
                yield place.proposal(name, f"at 0x{library.registers.instances[name][1]:08X}")
        return
    for name, about in library.legal(struct, member):
        yield place.proposal(name, about or f"{member} of {struct}")


def _fields(place: _Place, target: str) -> Iterator[Completion]:
    """The masks and named values of a register's fields."""
    access = register_of(re.sub(r"\s+", "", target), place.near, place.snapshot, place.project, place.library)
    if access is None or not access.prefix:
        return
    for field in reversed(plain(place.library.registers.fields(access.prefix))):
        about = meaning(access.prefix, field, place.library)
        yield place.proposal(field.macro, f"[{field.bits}] {about}".strip())
        for value in field.values:
            yield place.proposal(value.name, f"[{field.bits}] = {value.value} {value.about}".strip())
        if not field.values and field.width > 1:
            for number, name in named_values(access.prefix, field):
                if number & (number - 1) == 0 and number:
                    bit = number.bit_length() - 1
                    yield place.proposal(f"{field.macro}_{bit}", f"[{field.position + bit}] {about}: {name}")


def _tested(place: _Place) -> Iterator[Completion]:
    """Behind `USART1->SR &`: the fields of the register."""
    found = _TESTED.search(place.before)
    if found is not None:
        yield from _fields(place, found.group(1))


def _registers(place: _Place) -> Iterator[Completion]:
    """Behind `->`: the registers of the peripheral, with what they are for."""
    found = _MEMBER_ACCESS.search(place.before)
    access = access_before(place.before[: found.start()]) if found else ""
    if not access:
        return
    owner, member, _ = member_of(f"{access}->_", place.near, place.snapshot, place.project, place.library)
    if owner in place.library.registers.structs and member:
        for register in place.library.registers.registers(owner):
            yield place.proposal(register.name, f"0x{register.offset:02X} {register.about}".strip())


# -- arguments -------------------------------------------------------------------------------------------------------


def _arguments(place: _Place) -> Iterator[Completion]:
    """In a call of the HAL, LL or CMSIS: what that parameter takes."""
    found = call_at(place.near.before)
    if found is None:
        return
    name, number, written = found
    library = place.library
    if name.startswith(("HAL_NVIC_", "NVIC_")) and number == 0:
        yield from _interrupts(place)
        return
    if "SetAFPin" in name and number == 2 and len(written) > 1:
        yield from _functions_of_call(place, written)
        return
    told = library.functions.get(name)
    if told is None or number >= len(told["parameters"]):
        return
    parameter, kind, about = told["parameters"][number]
    bare = kind.replace("const", "").strip(" *")
    if bare in library.enums:
        for value, said in library.values(bare):
            yield place.proposal(value, said or f"{parameter} of {name}")
    elif bare in library.registers.structs and "*" in kind:
        for instance in library.registers.instances_of(bare):
            yield place.proposal(instance, f"{parameter} of {name}")
    elif parameter in ("GPIO_Pin", "PinMask"):
        prefix = "LL_" if name.startswith("LL_") else ""
        for pin in range(16):
            yield place.proposal(f"{prefix}GPIO_PIN_{pin}", f"{parameter} of {name}")
    else:
        for reference in re.findall(r"@ref\s+(\w+)", about):
            values = library.values(reference)
            if not values and reference in library.constants:
                values = [(reference, library.constants[reference][1])]
            for value, said in values:
                yield place.proposal(value, said or f"{parameter} of {name}")


def call_at(before: str) -> tuple[str, int, list[str]] | None:
    """The call that a text ends in: its function, the number of the argument, and those before it."""
    depth, end = 0, len(before)
    commas: list[int] = []
    for at in range(end - 1, max(-1, end - 2000), -1):
        char = before[at]
        if char in ")]":
            depth += 1
        elif char in "([":
            if depth == 0:
                name = re.search(r"([A-Za-z_]\w*)\s*$", before[max(0, at - 80) : at])
                if char == "[" or name is None:
                    return None
                cuts = [at, *reversed(commas), end]
                written = [before[low + 1 : high].strip() for low, high in pairwise(cuts)]
                return name.group(1), len(commas), written
            depth -= 1
        elif char == "," and depth == 0:
            commas.append(at)
        elif char in ";{}":
            return None
    return None


def _functions_of_call(place: _Place, written: list[str]) -> Iterator[Completion]:
    """The alternate functions for `LL_GPIO_SetAFPin_0_7(GPIOA, LL_GPIO_PIN_2, `."""
    port = re.fullmatch(r"GPIO([A-K])", meant(written[0], place.project))
    pin = re.fullmatch(r"LL_GPIO_PIN_(\d+)", meant(written[1], place.project))
    if port and pin and place.project.device is not None:
        for each in place.project.device.functions(f"P{port.group(1)}{pin.group(1)}"):
            if each.af is not None:
                yield place.proposal(f"LL_GPIO_AF_{each.af}", each.name)


def _interrupts(place: _Place) -> Iterator[Completion]:
    """The device's interrupts; those that have a handler in the project first."""
    project = place.project
    known = place.library.registers.interrupts
    if known:
        listed = {name: f"{number} {about}".strip() for name, (number, about) in known.items()}
    elif project.device is not None:
        listed = {f"{name}_IRQn": "" for name in sorted(project.device.interrupts)}
    else:
        return
    handled = {
        function.name.text.removesuffix("_IRQHandler")
        for source in project.sources.values()
        for function in source.functions
    }
    for name, detail in sorted(listed.items(), key=lambda each: each[0].removesuffix("_IRQn") not in handled):
        yield place.proposal(name, detail)
