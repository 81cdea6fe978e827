"""What a pin can do, on hover and in completion; what the clocks come to, in the margin."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kiki_tools.language import Completion, Hint, Hover, Workspace
from kiki_tools.stm32.checks import buses, resolved
from kiki_tools.stm32.clocks import clocks_of, rates
from kiki_tools.stm32.device import Device
from kiki_tools.stm32.project import Project, is_firmware, project_of
from kiki_tools.stm32.source import source_of
from kiki_tools.text import Snapshot, Span

_WORD = re.compile(r"\w+")
_PIN_NAMES = re.compile(r"P([A-K])(\d{1,2})|(?:LL_)?GPIO_PIN_(\d{1,2})")


def _word_at(snapshot: Snapshot, offset: int) -> tuple[str, Span] | None:
    start = snapshot.line_start(snapshot.line_of(offset))
    line = snapshot.slice(Span(start, snapshot.line_start(snapshot.line_of(offset) + 1)))
    for match in _WORD.finditer(line):
        if match.start() <= offset - start <= match.end():
            return match.group(), Span(start + match.start(), start + match.end())
    return None


def _port_behind(snapshot: Snapshot, project: Project, offset: int) -> str:
    """The port that the next `HAL_GPIO_Init` behind the place is given."""
    for function in source_of(snapshot).functions:
        if function.start <= offset <= function.start + function.span.end:
            for call in function.calls:
                is_init = call.name.text in ("HAL_GPIO_Init", "LL_GPIO_Init", "HAL_GPIO_WritePin", "HAL_GPIO_TogglePin")
                if is_init and call.arguments and function.start + call.span.end >= offset:
                    port = re.fullmatch(r"GPIO([A-K])", resolved(call.arguments[0].text, project.defines))
                    return port.group(1) if port else ""
    return ""


def pin_table(device: Device, pin: str) -> str:
    """What a pin can do, as Markdown."""
    functions = device.functions(pin)
    if not functions:
        return f"**{pin}** isn't on {device.name}"
    rows = [f"| {each.af if each.af is not None else ''} | {each.name} |" for each in functions]
    return f"**{pin}** of {device.name}\n\n| AF | function |\n| --- | --- |\n" + "\n".join(rows)


def hover(snapshot: Snapshot, offset: int, workspace: Workspace) -> Hover | None:
    """What the pin at the place can do."""
    found = _word_at(snapshot, offset) if is_firmware(snapshot) else None
    if found is None:
        return None
    word, span = found
    project = project_of(snapshot, workspace)
    pin = _PIN_NAMES.fullmatch(resolved(word, project.defines))
    if pin is None or project.device is None:
        return None
    port, number = (pin.group(1), pin.group(2)) if pin.group(1) else ("", pin.group(3))
    port = port or _port_behind(snapshot, project, offset)
    return Hover(span, pin_table(project.device, f"P{port}{number}")) if port else None


def completions(snapshot: Snapshot, offset: int, workspace: Workspace) -> Sequence[Completion]:
    """Behind `.Alternate =`: the alternate functions that the pin set before has."""
    if not is_firmware(snapshot):
        return []
    start = snapshot.line_start(snapshot.line_of(offset))
    before = snapshot.slice(Span(start, offset))
    asked = re.search(r"(\w+)(?:\.|->)Alternate\s*=\s*(\w*)$", before)
    project = project_of(snapshot, workspace) if asked else None
    if asked is None or project is None or project.device is None:
        return []
    above = snapshot.slice(Span(max(0, start - 2000), start))
    pins = re.findall(rf"{asked.group(1)}(?:\.|->)Pin\s*=\s*([^;]+);", above)
    port = _port_behind(snapshot, project, offset)
    found = []
    span = Span(offset - len(asked.group(2)), offset)
    for text in pins[-1:]:
        for part in resolved(text, project.defines).split("|"):
            number = re.search(r"GPIO_PIN_(\d+)", resolved(part, project.defines))
            for each in project.device.functions(f"P{port}{number.group(1)}") if number and port else ():
                if each.af is not None:
                    label = f"GPIO_AF{each.af}_{each.peripheral}"
                    found.append(Completion(label, "value", span, label, each.name))
    return list({each.label: each for each in found}.values())


def hints(snapshot: Snapshot, within: Span, workspace: Workspace) -> Sequence[Hint]:
    """Behind clock settings, baud rates and timers: what they come to."""
    if not snapshot.path.endswith(".c") or not is_firmware(snapshot):
        return []
    project = project_of(snapshot, workspace)
    if project.device is None:
        return []
    source = source_of(snapshot)

    def value(text: str) -> str:
        return resolved(text, project.defines)

    shown = [
        (clocks.function.place(place.span).end, clocks.summary)
        for clocks in clocks_of(source, project.device, value)
        if (place := clocks.settings.get("latency") or clocks.settings.get("SYSCLKSource")) is not None
    ]
    known = buses(project, project.device)
    shown += [(rate.function.place(rate.span).end, rate.shown) for rate in rates(source, known, value)] if known else []
    found = []
    for end, label in shown:
        line_end = snapshot.line_start(snapshot.line_of(end) + 1)
        at = end + len(snapshot.slice(Span(end, line_end)).rstrip())
        if label and within.start <= at <= within.end:
            found.append(Hint(at, label))
    return sorted(found, key=lambda hint: hint.offset)
