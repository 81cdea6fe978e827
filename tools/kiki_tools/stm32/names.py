"""A firmware project's names for the whole workspace, and the lenses above its vector table, handlers and pins."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

from kiki_tools.language import Lens, Symbol, Workspace
from kiki_tools.stm32.code import Function, Source
from kiki_tools.stm32.device import vectors
from kiki_tools.stm32.pinout import used_pins
from kiki_tools.stm32.project import Project, is_firmware, project_of
from kiki_tools.stm32.source import source_of
from kiki_tools.text import Snapshot, Span

_HANDLER = re.compile(r"(\w+)_IRQHandler")
_SOURCES = ("Src", "src", "Core/Src")
_MOST = 300
_VECTOR = re.compile(r"^[ \t]*(?:\.word|DCD)[ \t]+(\w+_(?:IRQ)?Handler)\b", re.MULTILINE)
_TABLE = re.compile(r"^[ \t]*(?:g_pfnVectors|__Vectors|__vector_table)\b[^\n]*", re.MULTILINE)
_INSTANCE = re.compile(
    r"(?:US?ART|SPI|I2C|I2S|TIM|ADC|DAC|CAN|FDCAN|SAI|ETH|LPUART|LPTIM|QUADSPI|SDIO|SDMMC|RTC|IWDG|WWDG|RNG|CRC|HASH|"
    r"CRYP|DCMI|DMA\d_(?:Stream|Channel)|DFSDM|LTDC|USB\w*|COMP|OPAMP)\w*"
)


def is_startup(path: str) -> bool:
    """Whether a file holds a vector table in assembler, by its name."""
    name = os.path.basename(path).lower()
    return name.startswith("startup_") and name.endswith(".s")


def names(snapshot: Snapshot) -> list[Symbol]:
    """The peripherals, pins and interrupt handlers that a file sets up or defines."""
    if not snapshot.path.endswith((".c", ".cpp")) or not is_firmware(snapshot):
        return []
    source = source_of(snapshot)
    found = [*_handlers(source), *_peripherals(source)]
    project = Project(None, "", {snapshot.path: source}, dict(source.defines))
    for use in used_pins(project).values():
        detail = use.label or use.function or use.mode
        label = f"{use.pin} {detail}".strip()
        found.append(Symbol(label, "pin", use.where, use.span, use.span))
    return sorted(found, key=lambda each: each.span)


def _handlers(source: Source) -> Iterator[Symbol]:
    for function in source.functions:
        if _HANDLER.fullmatch(function.name.text):
            name_span = function.place(function.name.span)
            yield Symbol(function.name.text, "interrupt", "", function.place(function.span), name_span)


def _peripherals(source: Source) -> Iterator[Symbol]:
    """Where a handle's `Instance` is set, and where LL or plain code first names a peripheral in a call of an init."""
    seen = set()
    for function in source.functions:
        for assignment in function.assignments:
            name = assignment.value.text
            is_instance = assignment.target.text.replace("->", ".").endswith(".Instance")
            if is_instance and _INSTANCE.fullmatch(name) and name not in seen:
                seen.add(name)
                span = function.place(assignment.value.span)
                yield Symbol(name, "peripheral", f"set up in {function.name.text}", span, span)
        for call in function.calls:
            if re.fullmatch(r"LL_\w+_Init", call.name.text) and call.arguments:
                name = call.arguments[0].text
                if _INSTANCE.fullmatch(name) and name not in seen:
                    seen.add(name)
                    span = function.place(call.arguments[0].span)
                    yield Symbol(name, "peripheral", f"set up in {function.name.text}", span, span)


# -- lenses ----------------------------------------------------------------------------------------------------------


def lenses(snapshot: Snapshot, workspace: Workspace) -> Sequence[Lens]:
    """Above the vector table: what is handled; above a handler: its vector and priority; above pins: the pin-out."""
    if not is_firmware(snapshot):
        return []
    if is_startup(snapshot.path):
        return list(_of_table(snapshot, workspace))
    if not snapshot.path.endswith(".c"):
        return []
    project = project_of(snapshot, workspace)
    return [*_of_handlers(snapshot, project), *_of_pins(snapshot, project)]


def sources_near(path: str) -> Iterator[str]:
    """The C files of a startup file's project, which lie beside it, below it, or in `Src` next to its folder."""
    folder = os.path.dirname(path)
    above = os.path.dirname(folder)
    for near in (folder, *(os.path.join(each, name) for each in (folder, above) for name in _SOURCES)):
        try:
            listed = sorted(os.listdir(near))
        except OSError:
            continue
        yield from (os.path.normpath(os.path.join(near, name)) for name in listed[:_MOST] if name.endswith(".c"))


def _of_table(snapshot: Snapshot, workspace: Workspace) -> Iterator[Lens]:
    text = snapshot.text
    defined = {
        function.name.text: os.path.basename(path)
        for path, other in workspace.snapshots.items()
        if path.endswith(".c")
        for function in source_of(other).functions
    }
    vectors_found = list(_VECTOR.finditer(text))
    table = _TABLE.search(text)
    handled = [match for match in vectors_found if match.group(1) in defined]
    if table is not None or vectors_found:
        start = table.start() if table is not None else vectors_found[0].start()
        title = f"{len(handled)} of {len(vectors_found)} vectors are handled"
        yield Lens(Span(start, start), title)
    for match in handled:
        yield Lens(Span(match.start(1), match.end(1)), f"{match.group(1)}: {defined[match.group(1)]}")


def _of_handlers(snapshot: Snapshot, project: Project) -> Iterator[Lens]:
    table = vectors(project.device) if project.device is not None else ()
    for function in project.sources[snapshot.path].functions:
        found = _HANDLER.fullmatch(function.name.text)
        if found is None or found.group(1) not in table:
            continue
        number = table.index(found.group(1))
        told = [f"interrupt {number}, vector 0x{4 * (number + 16):03X}", *_settings(found.group(1), project)]
        yield Lens(function.place(function.name.span), ", ".join(told))


def _settings(name: str, project: Project) -> Iterator[str]:
    """Its priority, and whether it is enabled anywhere."""
    calls = [
        call
        for source in project.sources.values()
        for function in source.functions
        for call in function.calls
        if "NVIC_" in call.name.text and call.arguments and call.arguments[0].text == f"{name}_IRQn"
    ]
    for call in calls:
        if call.name.text.endswith("SetPriority") and len(call.arguments) > 1:
            yield f"priority {call.arguments[1].text}"
            break
    if not any(call.name.text.endswith("EnableIRQ") for call in calls):
        yield "not enabled in the project"


def _of_pins(snapshot: Snapshot, project: Project) -> Iterator[Lens]:
    """Above the first function of the file that sets up pins."""
    used = used_pins(project)
    here = [use for use in used.values() if use.path == snapshot.path]
    if not here or project.device is None:
        return
    first = min(here, key=lambda each: each.span)
    function: Function | None = project.sources[snapshot.path].function(first.where)
    if function is not None:
        yield Lens(function.place(function.name.span), f"Pins: {len(used)} used; open the pin-out", "render")
