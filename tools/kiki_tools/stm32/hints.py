"""In the margin: what clock settings, baud rates and timers come to, and register constants taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kiki_tools.language import Hint, Workspace
from kiki_tools.stm32.checks import buses, resolved
from kiki_tools.stm32.clocks import clocks_of
from kiki_tools.stm32.code import Assignment
from kiki_tools.stm32.described import plain
from kiki_tools.stm32.explain import known_value
from kiki_tools.stm32.expressions import evaluate
from kiki_tools.stm32.headers import Library, library_of
from kiki_tools.stm32.meanings import value_name
from kiki_tools.stm32.places import Access, around, register_of
from kiki_tools.stm32.project import Project, is_firmware, project_of
from kiki_tools.stm32.rates import rates
from kiki_tools.stm32.registers import Field
from kiki_tools.stm32.source import source_of
from kiki_tools.text import Snapshot, Span

_OPERATORS = ("=", "|=", "&=", "^=")
_MOST_FIELDS = 6
_LONGEST = 80


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
    family = project.device.family
    found_rates = rates(source, known, value, family) if known is not None else ()
    shown += [(rate.function.place(rate.span).end, rate.shown) for rate in found_rates]
    shown += decoded(snapshot, within, project, library_of(workspace))
    found = []
    for end, label in shown:
        line_end = snapshot.line_start(snapshot.line_of(end) + 1)
        at = end + len(snapshot.slice(Span(end, line_end)).rstrip())
        if label and within.start <= at <= within.end:
            found.append(Hint(at, label))
    return sorted(found, key=lambda hint: hint.offset)


def decoded(snapshot: Snapshot, within: Span, project: Project, library: Library) -> list[tuple[int, str]]:
    """Where a register is given a number, and what its fields come to."""
    if not library.registers.instances:
        return []
    found = []
    for function in source_of(snapshot).functions:
        if function.start > within.end or function.start + function.span.end < within.start:
            continue
        for assignment in function.assignments:
            end = function.start + assignment.value.span.end
            if "->" not in assignment.target.text or not within.start <= end <= within.end:
                continue
            if assignment.operator in _OPERATORS and re.search(r"(?<![\w.])\d", assignment.value.text):
                label = _label(snapshot, function.start, assignment, project, library)
                if label:
                    found.append((end, label))
    return found


def _label(snapshot: Snapshot, start: int, assignment: Assignment, project: Project, library: Library) -> str:
    near = around(snapshot, start + assignment.target.span.end)
    access = register_of(assignment.target.text, near, snapshot, project, library)
    if access is None or not access.prefix:
        return ""

    def value_of(name: str) -> int | None:
        known = known_value(name, library)
        return known if known is not None else evaluate(resolved(name, project.defines))

    value = evaluate(assignment.value.text, value_of)
    if value is None:
        return ""
    parts = list(_joined(list(_parts(access, assignment.operator, value & 0xFFFF_FFFF, library))))
    label = ", ".join(parts[:_MOST_FIELDS]) + (" …" if len(parts) > _MOST_FIELDS else "")
    return label if len(label) <= _LONGEST else label[:_LONGEST].rpartition(",")[0] + " …"


def _joined(parts: list[tuple[str, str]]) -> Iterator[str]:
    """Numbered fields in a row that are set alike as one: `MODER15..13=alternate function`."""
    at = 0
    while at < len(parts):
        name, shown = parts[at]
        found = re.fullmatch(r"(.*?)(\d+)", name)
        end = at + 1
        if found:
            number = int(found.group(2))
            while end < len(parts) and parts[end] == (f"{found.group(1)}{number - (end - at)}", shown):
                end += 1
            name = f"{name}..{number - (end - at) + 1}" if end - at > 1 else name
        yield shown.format(name)
        at = end


def _parts(access: Access, operator: str, value: int, library: Library) -> Iterator[tuple[str, str]]:
    """The fields that the assignment sets, and how that is shown: `{}=alternate function`, `{}`, `clears {}`."""
    cleared = ~value & 0xFFFF_FFFF
    for field in plain(library.registers.fields(access.prefix)):
        if operator == "&=":
            if cleared & field.mask:
                yield field.name, "clears {}"
        elif operator == "^=":
            if value & field.mask:
                yield field.name, "toggles {}"
        elif value & field.mask and not _is_inside(field, access, library):
            part = (value & field.mask) >> field.position
            name = value_name(access.prefix, field, part)
            yield field.name, f"{{}}={name or part}" if field.width > 1 else "{}"


def _is_inside(field: Field, access: Access, library: Library) -> bool:
    """Whether a wider field has its bits too; that one is told."""
    return any(
        other.width > field.width and other.mask & field.mask == field.mask
        for other in library.registers.fields(access.prefix)
    )
