"""Registers, fields, peripherals and interrupts as a reference manual shows them, in Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kiki_tools.stm32.device import Device, vectors
from kiki_tools.stm32.headers import Library
from kiki_tools.stm32.meanings import meaning, named_values, value_name
from kiki_tools.stm32.places import Access
from kiki_tools.stm32.registers import Field, Register, Registers

_ACCESSES = {"rw": "read and write", "r": "read only", "w": "write only"}
_MOST_VALUES = 8


def plain(fields: Sequence[Field]) -> list[Field]:
    """Fields without second names for the same bits, highest bits first."""
    seen: dict[tuple[int, int], Field] = {}
    for field in fields:
        seen.setdefault((field.position, field.width), field)
    return sorted(seen.values(), key=lambda each: (-each.position, each.width))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _from_svd(access: Access, library: Library) -> tuple[int | None, dict[tuple[int, int], Field]]:
    """The reset value of a register and its fields by their bits, where an SVD file has it."""
    known: Registers = library.described
    instance = access.instance or next(iter(library.registers.instances_of(access.struct)), "")
    if instance not in known.instances or instance not in library.registers.instances:
        return None, {}
    at = library.registers.address(instance, access.register, access.number)
    struct, base = known.instances[instance]
    for register in known.registers(struct):
        if base + register.offset == at:
            fields = known.fields(known.prefix(struct, register.name, None, instance))
            return register.reset, {(each.position, each.width): each for each in fields}
    return None, {}


def register_table(access: Access, library: Library, value: int | None = None, mask: int = 0xFFFF_FFFF) -> str:
    """A register with its address and fields; with a ``value``, what its fields come to in the ``mask``."""
    reset, told = _from_svd(access, library)
    head = [f"**{_name(access)}**"]
    if access.register.about:
        head[0] += f": {access.register.about}"
    facts = [f"offset `0x{access.register.offset + access.register.size * (access.number or 0):02X}`"]
    if access.instance in library.registers.instances:
        facts.insert(0, f"address `0x{library.registers.address(access.instance, access.register, access.number):08X}`")
    facts += [f"{access.register.size * 8} bits", _ACCESSES.get(access.register.access, access.register.access)]
    if reset is not None:
        facts.append(f"reset value `0x{reset:0{access.register.size * 2}X}`")
    head.append(", ".join(facts))
    fields = plain(library.registers.fields(access.prefix)) or plain(list(told.values()))
    if not fields:
        return "\n\n".join(head)
    columns = ["bits", "field"] + (["value"] if value is not None else ["reset"] if reset is not None else [])
    rows = [f"| {' | '.join([*columns, 'meaning'])} |", f"|{' --- |' * (len(columns) + 1)}"]
    for field in fields:
        if not field.mask & mask:
            continue
        svd = told.get((field.position, field.width))
        about = field.about or (svd.about if svd else "") or meaning(access.prefix, field, library)
        cells = [field.bits, f"`{field.name}`"]
        if value is not None:
            part = (value & field.mask) >> field.position
            named = value_name(access.prefix, field, part)
            cells.append(f"{part}: {named}" if named else f"{part}")
        elif reset is not None:
            cells.append(f"{(reset & field.mask) >> field.position:#x}")
        rows.append(f"| {' | '.join([*cells, _cell(about)])} |")
    values = named_values(access.prefix, fields[0]) if access.prefix.startswith("GPIO_") and value is None else []
    if 1 < len(values) <= _MOST_VALUES:
        head.append("Values: " + ", ".join(f"{number} {name}" for number, name in values))
    return "\n\n".join([*head, "\n".join(rows)])


def _name(access: Access) -> str:
    kind = re.sub(r"_?Type(?:Def)?$", "", access.struct)
    owner = access.instance or kind
    number = f"[{access.number}]" if access.number is not None else ""
    return f"{owner}->{access.register.name}{number}"


def field_text(prefix: str, field: Field, macro: str, library: Library) -> str:
    """One field of a register: bits, meaning, values, and which functions set it."""
    owners = library.registers.owners(prefix)
    about = meaning(prefix, field, library)
    instances = [name for struct, _, _ in owners for name in library.registers.instances_of(struct)]
    reset = None
    svd: Field | None = None
    if owners:
        struct, register, number = owners[0]
        instance = next(
            (name for name in instances if prefix.startswith(f"{name}_")), instances[0] if instances else ""
        )
        reset, told = _from_svd(Access(struct, register, number, instance, prefix), library)
        svd = told.get((field.position, field.width))
    about = about or (svd.about if svd else "")
    register_about = owners[0][1].about if owners else ""
    lines = [f"**{macro}**: {about}" if about else f"**{macro}**"]
    width = "bit" if field.width == 1 else "bits"
    where = f"{width} {field.bits} of `{prefix}`" + (f" ({register_about})" if register_about else "")
    facts = [where, f"mask `0x{field.mask:08X}`"]
    named = next((each for each in field.values if each.name == macro), None)
    if named is not None:
        lines = [f"**{macro}** = {named.value}: {named.about}" if named.about else f"**{macro}** = {named.value}"]
        lines += [f"a value of `{field.name}`" + (f", {about}" if about else "")]
    if reset is not None:
        facts.append(f"after reset {(reset & field.mask) >> field.position:#x}")
    one = re.fullmatch(rf"{re.escape(field.macro)}_(\d+)", macro)
    if one:
        facts.append(f"this is bit {one.group(1)} of the field")
    lines.append(", ".join(facts))
    values = named_values(prefix, field)
    if not values and svd is not None:
        values = sorted((each.value, each.about or each.name) for each in svd.values)
    if values:
        rows = [f"| {number} | {_cell(name)} |" for number, name in values[:32]]
        lines.append("| value | meaning |\n| --- | --- |\n" + "\n".join(rows))
    if instances:
        shown = ", ".join(instances[:_MOST_VALUES]) + (" …" if len(instances) > _MOST_VALUES else "")
        lines.append(f"In {shown}")
    functions = [name for name in dict.fromkeys(library.fields.get(field.macro, ())) if name in library.functions]
    if functions:
        lines.append("LL: " + ", ".join(f"`{name}`" for name in functions[:_MOST_VALUES]))
    return "\n\n".join(lines)


def peripheral_text(instance: str, library: Library, device: Device | None) -> str:
    """A peripheral: where it lies, its interrupts, its registers, the pins that it can use."""
    struct, base = library.registers.instances[instance]
    about = library.registers.structs[struct][0]
    lines = [f"**{instance}**: {about}" if about else f"**{instance}**", f"at `0x{base:08X}`, {struct}"]
    short = re.sub(r"_COMMON$", "", instance)
    interrupts = [
        f"{name} ({number})"
        for name, (number, _) in library.registers.interrupts.items()
        if re.search(rf"(?:^|_){re.escape(short)}(?:_|$)", name.removesuffix("_IRQn") + "_")
    ]
    if interrupts:
        lines.append("Interrupts: " + ", ".join(interrupts))
    if device is not None:
        signals: dict[str, list[str]] = {}
        for pin, function in device.pins_of(instance):
            if function.signal:
                af = f" (AF{function.af})" if function.af is not None else ""
                signals.setdefault(function.signal, []).append(pin + af)
        if signals:
            lines.append("\n".join(f"- {name}: {', '.join(pins)}" for name, pins in sorted(signals.items())[:40]))
    rows = [_register_row(register) for register in library.registers.registers(struct)]
    if rows:
        lines.append("| offset | register | |\n| --- | --- | --- |\n" + "\n".join(rows[:80]))
    return "\n\n".join(lines)


def _register_row(register: Register) -> str:
    count = f"[{register.count}]" if register.count else ""
    return f"| 0x{register.offset:02X} | `{register.name}{count}` | {_cell(register.about)} |"


def interrupt_text(name: str, library: Library, device: Device | None, handled: str, settings: Sequence[str]) -> str:
    """An interrupt by its name without ending: its place in the vector table, who handles and who sets it."""
    number, about = library.registers.interrupts.get(f"{name}_IRQn", [None, ""])
    if number is None and device is not None and name in (table := vectors(device)):
        number = table.index(name)
    if number is None:
        return f"**{name}** is no interrupt of {device.name}" if device is not None else ""
    lines = [f"**{name}**: {about}" if about else f"**{name}**"]
    lines.append(f"interrupt {number}, vector at offset `0x{4 * (number + 16):03X}`")
    lines.append(f"Handled in {handled}" if handled else f"No `{name}_IRQHandler` in the project")
    lines += settings
    return "\n\n".join(lines)
