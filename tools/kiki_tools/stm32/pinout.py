"""Which pins a project uses for what: as a table, and as a picture of the package."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from kiki_tools.stm32.code import Function
from kiki_tools.stm32.device import Device
from kiki_tools.stm32.packages import Package, packages, port_pin
from kiki_tools.stm32.places import meant
from kiki_tools.stm32.project import Project
from kiki_tools.text import Span

_PIN = re.compile(r"(?:LL_)?GPIO_PIN_(\d{1,2})")
_MODES = (
    ("AF", "alternate"), ("ALTERNATE", "alternate"), ("OUTPUT", "output"), ("IT_", "interrupt"), ("EVT", "event"),
    ("ANALOG", "analog"), ("INPUT", "input"),
)  # fmt: skip
_COLOURS = {
    "alternate": "#bfdbfe", "output": "#bbf7d0", "input": "#fef08a", "analog": "#fbcfe8", "interrupt": "#fed7aa",
    "event": "#fed7aa", "power": "#e5e7eb", "": "#ffffff",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Use:
    """What a pin is used for: `PA2` as `USART2_TX`, set in a function of a file. ``label``: the project's own name."""

    pin: str
    mode: str
    function: str
    label: str
    path: str
    span: Span
    where: str


def used_pins(project: Project) -> dict[str, Use]:
    """The pins that the project's sources set up, in the order of ports and numbers; what is set last counts."""
    found: dict[str, Use] = {}
    for path, source in project.sources.items():
        for function in source.functions:
            for use in (*_of_hal(path, function, project), *_of_ll(path, function, project)):
                found[use.pin] = use
    return dict(sorted(found.items(), key=lambda each: (each[0][1], int(each[0][2:]))))


def _of_hal(path: str, function: Function, project: Project) -> Iterator[Use]:
    """`HAL_GPIO_Init(GPIOA, &init)` and LL's, with what was set of the structure before."""
    calls = [
        call
        for call in function.calls
        if call.name.text in ("HAL_GPIO_Init", "LL_GPIO_Init") and len(call.arguments) == 2
    ]
    for call in calls:
        owner = call.arguments[1].text.lstrip("& ")
        values: dict[str, str] = {}
        for assignment in function.assignments:
            if assignment.target.span.start > call.span.start:
                break
            name, _, member = assignment.target.text.replace("->", ".").rpartition(".")
            if name == owner and assignment.operator == "=":
                values[member] = assignment.value.text
            elif name == owner and assignment.operator == "|=":
                values[member] = f"{values.get(member, '')} | {assignment.value.text}"
        yield from _uses(path, function, call.span, call.arguments[0].text, values, project)


def _of_ll(path: str, function: Function, project: Project) -> Iterator[Use]:
    """`LL_GPIO_SetPinMode(GPIOA, LL_GPIO_PIN_5, LL_GPIO_MODE_OUTPUT)`, with the alternate function set beside it."""
    functions: dict[tuple[str, str], str] = {}
    for call in function.calls:
        if call.name.text.startswith("LL_GPIO_SetAFPin") and len(call.arguments) == 3:
            port, pin, af = (each.text for each in call.arguments)
            functions[port, pin] = af
    for call in function.calls:
        if call.name.text == "LL_GPIO_SetPinMode" and len(call.arguments) == 3:
            port, pin, mode = (each.text for each in call.arguments)
            values = {"Pin": pin, "Mode": mode, "Alternate": functions.get((port, pin), "")}
            yield from _uses(path, function, call.span, port, values, project)


def _uses(
    path: str, function: Function, span: Span, port_text: str, values: Mapping[str, str], project: Project
) -> Iterator[Use]:
    port = re.fullmatch(r"GPIO([A-K])", meant(port_text, project))
    mode_text = meant(values.get("Mode", ""), project)
    mode = next((name for mark, name in _MODES if mark in mode_text), "")
    for part in values.get("Pin", "").split("|") if port is not None else ():
        word = part.strip().strip("()").strip()
        number = _PIN.fullmatch(meant(word, project))
        if number is None or port is None:
            continue
        pin = f"P{port.group(1)}{number.group(1)}"
        label = "" if _PIN.fullmatch(word) else word
        name = _function(project.device, pin, mode, meant(values.get("Alternate", ""), project))
        yield Use(pin, mode, name, label, path, function.place(span), function.name.text)


def _function(device: Device | None, pin: str, mode: str, alternate: str) -> str:
    """The signal that an alternate function is on a pin: `USART2_TX`."""
    number = re.search(r"AF_?(\d+)(?:_(\w+))?", alternate)
    if mode != "alternate" or number is None:
        return ""
    listed = [each for each in device.functions(pin) if each.af == int(number.group(1))] if device is not None else []
    own = [each for each in listed if each.peripheral == number.group(2)]
    return ", ".join(each.name for each in own or listed) or alternate


def package_of(project: Project, name: str = "") -> Package | None:
    """The package to draw: the one named, else the smallest of the device that has all pins in use.

    Raises:
        ValueError: if the device has no package of that name; the message names those that it has.
    """
    if project.device is None:
        return None
    known = packages(project.device.name)
    if name:
        found = next((each for each in known if each.name.upper() == name.upper()), None)
        if found is None:
            raise ValueError(f"{project.device.name} comes in {', '.join(each.name for each in known)}")
        return found
    used = set(used_pins(project))
    pins = [(each, {port_pin(pin) for pin in each.pins.values()}) for each in known]
    fitting = [each for each, has in pins if used <= has]
    around = [each for each in fitting if not each.is_grid]
    return next(iter(around or fitting or known[-1:]), None)


def markdown(project: Project, package: Package | None) -> str:
    """The pins in use, as a table."""
    device = project.device
    used = used_pins(project)
    title = f"# Pin-out: {device.name if device is not None else 'unknown device'}"
    place = f" in {package.name}" if package is not None else ""
    pins = "pin" if len(used) == 1 else "pins"
    lines = [title, "", f"{len(used)} {pins} in use{place}.", ""]
    lines += ["| pin | position | mode | function | name | set in |", "| --- | --- | --- | --- | --- | --- |"]
    for use in used.values():
        at = ", ".join(package.positions(use.pin)) if package is not None else ""
        where = f"{use.where} ({os.path.basename(use.path)})"
        lines.append(f"| {use.pin} | {at or '-'} | {use.mode} | {use.function} | {use.label} | {where} |")
    return "\n".join(lines) + "\n"


# -- the picture -----------------------------------------------------------------------------------------------------


def svg(project: Project, package: Package) -> str:
    """The package from above with its pins, those in use in colour and with what they do."""
    used = used_pins(project)
    parts, width, height = _grid(package, used) if package.is_grid else _around(package, used)
    title = f"{project.device.name if project.device is not None else ''} {package.name}: pins in use ({len(used)})"
    legend = []
    for number, name in enumerate(each for each in _COLOURS if each and each != "event"):
        x = 16 + number * 92
        legend.append(f'<rect x="{x}" y="{height + 8}" width="12" height="12" fill="{_COLOURS[name]}" stroke="#555"/>')
        legend.append(f'<text x="{x + 17}" y="{height + 18}">{name}</text>')
    width = max(width, 16 + 6 * 92)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height + 30}" '
        f'font-family="sans-serif" font-size="9">\n<title>{escape(title)}</title>\n'
        f'<rect width="{width}" height="{height + 30}" fill="#fff"/>\n'
        f'<text x="16" y="20" font-size="13" font-weight="bold">{escape(title)}</text>\n'
        + "\n".join([*parts, *legend])
        + "\n</svg>\n"
    )


def _fill(package: Package, position: str, use: Use | None) -> str:
    if use is not None:
        return _COLOURS.get(use.mode) or "#ddd6fe"
    return _COLOURS["power"] if position in package.power else _COLOURS[""]


def _words(name: str, use: Use | None) -> str:
    """What stands beside a pin: its name, and what it is used for."""
    if use is None:
        return name
    told = [each for each in (use.label, use.function or use.mode) if each]
    return f"{use.pin}  {', '.join(told)}"


def _around(package: Package, used: Mapping[str, Use]) -> tuple[list[str], int, int]:
    """Pins on four sides, counted from the upper left corner downwards; on two sides if there are few (TSSOP, SO)."""
    positions = sorted(package.pins, key=lambda each: int(re.sub(r"\D", "", each) or 0))
    sides = 2 if re.match(r"TSSOP|SO\d", package.name) else 4
    count = -(-len(positions) // sides)
    pitch, room, edge = 16, 200, 16
    body = count * pitch + 2 * edge
    across = body if sides == 4 else 160
    top = room if sides == 4 else 40
    parts = [f'<rect x="{room}" y="{top}" width="{across}" height="{body}" rx="6" fill="#374151"/>']
    parts.append(f'<circle cx="{room + 14}" cy="{top + 14}" r="4" fill="#fff"/>')
    middle = f'x="{room + across / 2}" y="{top + body / 2}" fill="#fff" font-size="14" text-anchor="middle"'
    parts.append(f"<text {middle}>{escape(package.name)}</text>")
    for number, position in enumerate(positions):
        side, step = divmod(number, count)
        side = side if sides == 4 else side * 2
        along = edge + step * pitch + pitch / 2
        x: float
        y: float
        if side == 0:
            x, y, turn, anchor = room, top + along, 0, "end"
        elif side == 1:
            x, y, turn, anchor = room + along, top + body, 90, "start"
        elif side == 2:
            x, y, turn, anchor = room + across, top + body - along, 0, "start"
        else:
            x, y, turn, anchor = room + body - along, top, 90, "end"
        name = package.pins[position]
        use = used.get(port_pin(name))
        direction = -1 if anchor == "end" else 1
        weight = ' font-weight="bold"' if use is not None else ""
        number_at = -4 if direction == 1 else 4
        parts.append(
            f'<g transform="translate({x:g} {y:g}) rotate({turn})">'
            f'<rect x="{-14 if direction < 0 else 0}" y="-5" width="14" height="10" '
            f'fill="{_fill(package, position, use)}" stroke="#555"/>'
            f'<text x="{number_at}" y="3" font-size="7" fill="#fff" '
            f'text-anchor="{"start" if direction < 0 else "end"}">{escape(position)}</text>'
            f'<text x="{direction * 18}" y="3" text-anchor="{anchor}"{weight}>{escape(_words(name, use))}</text></g>'
        )
    return parts, across + 2 * room, body + (2 * room if sides == 4 else 60)


def _grid(package: Package, used: Mapping[str, Use]) -> tuple[list[str], int, int]:
    """Balls seen from above: rows by letters, columns by numbers."""
    places = {each: re.fullmatch(r"([A-Z]+)(\d+)", each) for each in package.pins}
    rows = sorted({found.group(1) for found in places.values() if found}, key=lambda each: (len(each), each))
    pitch, left, top = 58, 40, 56
    parts, columns = [], 0
    for position, found in places.items():
        if found is None:
            continue
        row, column = rows.index(found.group(1)), int(found.group(2))
        columns = max(columns, column)
        x, y = left + (column - 0.5) * pitch, top + (row + 0.5) * pitch
        name = package.pins[position]
        use = used.get(port_pin(name))
        parts.append(f'<circle cx="{x:g}" cy="{y:g}" r="26" fill="{_fill(package, position, use)}" stroke="#555"/>')
        lines = [port_pin(name) or name, *((use.label or use.function or use.mode).split(", ")[:1] if use else ())]
        for number, line in enumerate(lines):
            parts.append(
                f'<text x="{x:g}" y="{y + number * 9:g}" text-anchor="middle" font-size="7">{escape(line[:14])}</text>'
            )
    for number, row_name in enumerate(rows):
        parts.append(f'<text x="20" y="{top + (number + 0.5) * pitch:g}">{escape(row_name)}</text>')
    for column in range(1, columns + 1):
        parts.append(f'<text x="{left + (column - 0.5) * pitch:g}" y="48" text-anchor="middle">{column}</text>')
    return parts, left + columns * pitch + 20, top + len(rows) * pitch + 10
