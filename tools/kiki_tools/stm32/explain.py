"""What stands at a place, on hover: a pin, register, field, peripheral, interrupt, or something of ST's drivers."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from kiki_tools.language import Hover, Workspace
from kiki_tools.stm32.described import field_text, interrupt_text, peripheral_text, register_table
from kiki_tools.stm32.device import Device
from kiki_tools.stm32.drivers import constant_text, function_text, listed, type_text
from kiki_tools.stm32.expressions import evaluate
from kiki_tools.stm32.headers import Library, library_of
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
    word_at,
)
from kiki_tools.stm32.project import Project, is_firmware
from kiki_tools.text import Snapshot, Span

_PIN_NAMES = re.compile(r"P([A-K])(\d{1,2})|(?:LL_)?GPIO_PIN_(\d{1,2})")
_INTERRUPT = re.compile(r"(\w+?)_(?:IRQn|IRQHandler)")
_ASSIGNED = re.compile(r"([A-Za-z_][\w\[\]>.\-\s]*?)\s*(\||&|\^|\+|-|<<|>>)?=(?!=)\s*([^;]*)")


def hover(snapshot: Snapshot, offset: int, workspace: Workspace) -> Hover | None:
    """What stands at the place; None where only a C language server has something to say."""
    found = word_at(snapshot, offset) if is_firmware(snapshot) else None
    if found is None:
        return None
    word, span = found
    project = project_lately(snapshot, workspace)
    near = around(snapshot, offset)
    library = library_of(workspace)
    for text in _told(word, span, snapshot, near, project, library):
        if text:
            return Hover(span, text)
    return None


def described(name: str, workspace: Workspace) -> str:
    """What a name that is proposed stands for, as far as the project's headers tell."""
    library = library_of(workspace)
    if name in library.functions:
        return function_text(name, library)
    field = library.registers.field(name)
    if field is not None:
        return field_text(*field, name, library)
    if name in library.constants or name in library.enumerators:
        return constant_text(name, library)
    return ""


def _told(word: str, span: Span, snapshot: Snapshot, near: Around, project: Project, library: Library) -> Iterator[str]:
    yield _pin(word, near, project)
    if word[0].isdigit():
        yield _constant(span, snapshot, near, project, library)
        return
    before = near.text[: span.end - near.start]
    access = access_before(before)
    if access != word:
        yield _member(access, near, snapshot, project, library, before)
        return
    name = meant(word, project)
    if name in library.registers.instances:
        yield peripheral_text(name, library, project.device)
    interrupt = _INTERRUPT.fullmatch(word)
    if interrupt is not None:
        yield _interrupt(interrupt.group(1), project, library)
    if word in library.functions:
        yield function_text(word, library)
    field = library.registers.field(word)
    if field is not None:
        yield field_text(*field, word, library)
    if word in library.constants or word in library.enumerators:
        yield constant_text(word, library)
    if word in library.structs or word in library.enums:
        yield type_text(word, library)


# -- pins ------------------------------------------------------------------------------------------------------------


def _pin(word: str, near: Around, project: Project) -> str:
    pin = _PIN_NAMES.fullmatch(meant(word, project))
    if pin is None or project.device is None:
        return ""
    port, number = (pin.group(1), pin.group(2)) if pin.group(1) else (port_of(near, project), pin.group(3))
    return pin_table(project.device, f"P{port}{number}") if port else ""


def pin_table(device: Device, pin: str) -> str:
    """What a pin can do and where it is on the package, as Markdown."""
    from kiki_tools.stm32.packages import packages

    functions = device.functions(pin)
    places = {f"{package.name} {position}" for package in packages(device.name) for position in package.positions(pin)}
    if not functions:
        return f"**{pin}** isn't on {device.name}"
    rows = [f"| {each.af if each.af is not None else ''} | {each.name} |" for each in functions]
    table = "| AF | function |\n| --- | --- |\n" + "\n".join(rows)
    where = f"\n\nPosition: {', '.join(sorted(places))}" if places else ""
    return f"**{pin}** of {device.name}{where}\n\n{table}"


# -- registers -------------------------------------------------------------------------------------------------------


def _member(access: str, near: Around, snapshot: Snapshot, project: Project, library: Library, before: str) -> str:
    rest = near.text[len(before) :]
    index = re.match(r"\s*\[\s*\d+[uU]?\s*\]", rest)
    found = register_of(access + (index.group() if index else ""), near, snapshot, project, library)
    if found is not None:
        return register_table(found, library)
    owner, member, _ = member_of(access, near, snapshot, project, library)
    for name, kind, about, group in library.structs.get(owner, ["", []])[1]:
        if name == member:
            values = library.values(group) or library.values(kind)
            return "\n\n".join([f"**{owner}.{name}** (`{kind}`)" + (f": {about}" if about else ""), *listed(values)])
    return ""


def _constant(span: Span, snapshot: Snapshot, near: Around, project: Project, library: Library) -> str:
    """A number that is written to a register, taken apart."""
    line, start = line_at(snapshot, span.start)
    for match in _ASSIGNED.finditer(line):
        if match.start(3) <= span.start - start < match.end(3):
            access = register_of(re.sub(r"\s+", "", match.group(1)), near, snapshot, project, library)
            value = evaluate(match.group(3), lambda name: known_value(name, library))
            if access is not None and access.prefix and value is not None:
                operator = match.group(2) or ""
                mask = {"": 0xFFFF_FFFF, "&": ~value & 0xFFFF_FFFF}.get(operator, value)
                return register_table(access, library, value, mask)
    return ""


def known_value(name: str, library: Library) -> int | None:
    """The value of a field's macro: `USART_CR1_UE`, `USART_CR1_M_0`, `USART_CR1_UE_Pos`, `RCC_CFGR_SW_PLL`."""
    found = library.registers.field(name)
    if found is None:
        return None
    field = found[1]
    rest = name.removeprefix(field.macro)
    if rest == "_Pos":
        return field.position
    if rest in ("", "_Msk"):
        return field.mask
    if rest[1:].isdigit() and int(rest[1:]) < field.width:
        return 1 << (field.position + int(rest[1:]))
    return next((value.value << field.position for value in field.values if value.name == name), None)


def _interrupt(name: str, project: Project, library: Library) -> str:
    handled, settings = "", []
    for path, source in project.sources.items():
        for function in source.functions:
            if function.name.text == f"{name}_IRQHandler":
                handled = os.path.basename(path)
            for call in function.calls:
                is_set = call.name.text.endswith(("NVIC_SetPriority", "NVIC_EnableIRQ"))
                if is_set and call.arguments and call.arguments[0].text == f"{name}_IRQn":
                    rest = ", ".join(each.text for each in call.arguments[1:])
                    verb = f"Priority {rest}" if "Priority" in call.name.text else "Enabled"
                    settings.append(f"{verb} in {function.name.text} ({os.path.basename(path)})")
    return interrupt_text(name, library, project.device, handled, settings)
