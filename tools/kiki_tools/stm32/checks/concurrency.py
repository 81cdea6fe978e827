"""What interrupts and the program share: calls that block, variables that aren't volatile."""

from __future__ import annotations

import re

from kiki_tools.language import Fix
from kiki_tools.stm32.checks.scope import Finding, Findings, Scope
from kiki_tools.stm32.code import Function, Source
from kiki_tools.stm32.source import locals_of
from kiki_tools.text import Edit, Span

_BLOCKING = re.compile(
    r"HAL_Delay(?:_us)?|LL_mDelay|osDelay(?:Until)?|vTaskDelay(?:Until)?|v?s?n?f?printf|puts|putchar|v?s?n?f?scanf|getchar|"
    r"gets|malloc|calloc|realloc|free|"
    r"HAL_(?:UART|USART|SPI|I2C|I2S|CAN|SMBUS|IRDA|SMARTCARD|SAI|QSPI|FMPI2C)(?:Ex)?_(?:Master_|Slave_|Mem_)?"
    r"(?:Transmit|Receive|TransmitReceive|ReceiveToIdle|Read|Write|IsDeviceReady)|"
    r"HAL_\w+_PollFor\w+|HAL_FLASH_Program|HAL_FLASHEx_Erase|HAL_SD_(?:Read|Write)Blocks|HAL_RNG_GenerateRandomNumber_"
)


def blocking(scope: Scope) -> Findings:
    """ST304: calls that wait, in an interrupt or a HAL callback."""
    for function in scope.source.functions:
        origin = scope.interrupted.get(function.name.text)
        if origin is None or function.is_endless:
            continue
        for call in function.calls:
            called = scope.value(call.name.text)
            if _BLOCKING.fullmatch(called):
                way = "" if origin == function.name.text else f", which {origin} calls"
                message = f"{called} blocks in {function.name.text}{way}: an interrupt must not wait"
                yield Finding("ST304", call.name.span, message, _without_waiting(called, call.name.span)).moved(
                    function.start
                )


_HAS_IT = re.compile(
    r"HAL_(?:UART|USART|SPI|I2C|I2S|IRDA)_(?:Master_|Slave_|Mem_)?(?:Transmit|Receive|TransmitReceive|Read|Write)"
)


def _without_waiting(called: str, span: Span) -> tuple[Fix, ...]:
    """Nothing that can be done in one place, but for transfers: these have a form that doesn't wait."""
    return (Fix(f"Use {called}_IT", (Edit(span, f"{called}_IT"),)),) if _HAS_IT.fullmatch(called) else ()


# -- shared variables ------------------------------------------------------------------------------------------------


def _written(function: Function) -> frozenset[str]:
    """The variables that a function writes, its own ones aside."""
    own = {each.word.text for each in locals_of(function)} | set(function.parameters)
    found = {root.group() for each in function.assignments if (root := re.match(r"\w+(?!\w*->)", each.target.text))}
    return frozenset(found - own)


def _read(function: Function) -> tuple[frozenset[str], frozenset[str]]:
    """The variables that the conditions of a function ask for: in loops that wait for them, and in any."""
    waited: set[str] = set()
    asked: set[str] = set()
    loops = [each.body for each in function.branches if each.kind in ("while", "for", "do")]
    for branch in function.branches:
        if branch.condition is None:
            continue
        names = set(_NAME.findall(_CALL.sub("", branch.condition.text)))
        if branch.kind in ("while", "do"):
            waited |= names
        elif branch.kind in ("if", "switch") and any(it.start <= branch.condition.start < it.end for it in loops):
            asked |= names
    own = {each.word.text for each in locals_of(function)} | set(function.parameters)
    return frozenset(waited - own), frozenset(asked - own)


_NAME = re.compile(r"(?<![.>\w])[A-Za-z_]\w*")
_CALL = re.compile(r"\b\w+(?=\s*\()")


def _roles(scope: Scope, source: Source) -> tuple[dict[str, str], dict[str, str], set[str]]:
    """Of one file: the variables written in interrupts, those waited for outside, those declared volatile elsewhere."""
    written: dict[str, str] = {}
    waited: dict[str, str] = {}
    for function in source.functions:
        name = function.name.text
        if name in scope.interrupted:
            for each in function.noted("written", _written):
                written.setdefault(each, name)
        elif function.branches:
            loops, ifs = function.noted("read", _read)
            for each in loops | ifs:
                waited.setdefault(each, name)
    return written, waited, {each.word.text for each in source.externs if each.is_volatile}


_TOLD = re.compile(r"\breturn\b([^;]*);")
_CALLED = re.compile(r"\b(\w+)\s*\(")
_MOST_CALLED = 2_000
"""Of a file with more functions in loops the rest is passed over."""


def _looped(function: Function) -> tuple[frozenset[str], frozenset[str]]:
    """What a function reads again and again: the functions that it calls in loops, and the variables that it reads
    there outside of conditions."""
    loops = [each for each in function.branches if each.kind in ("while", "for", "do")]
    called = {call.name.text for call in function.calls if call.loops}
    read: set[str] = set()
    for loop in loops:
        if loop.condition is not None:
            called |= set(_CALLED.findall(loop.condition.text))
    for each in function.assignments if loops else ():
        if any(loop.body.start <= each.value.start < loop.body.end for loop in loops):
            read |= set(_NAME.findall(_CALL.sub("", each.value.text)))
    for call in function.calls:
        if call.loops:
            read |= {word.text for word in call.arguments if word.text.isidentifier()}
    own = {each.word.text for each in locals_of(function)} | set(function.parameters)
    return frozenset(called), frozenset(read - own)


def _told(function: Function) -> frozenset[str]:
    """The variables that a function asks for or returns."""
    found = {name for text in _TOLD.findall(function.text) for name in _NAME.findall(_CALL.sub("", text))}
    for branch in function.branches:
        if branch.condition is not None and branch.kind in ("if", "switch"):
            found |= set(_NAME.findall(_CALL.sub("", branch.condition.text)))
    return frozenset(found - {each.word.text for each in locals_of(function)} - set(function.parameters))


def _read_in_loops(scope: Scope) -> dict[str, str]:
    """The variables that the program reads again and again, by itself or through functions that its loops call."""
    found: dict[str, str] = {}
    todo: list[tuple[str, int]] = []
    for function in scope.functions.values():
        name = function.name.text
        if name not in scope.interrupted and function.branches:
            called, read = function.noted("looped", _looped)
            todo += [(each, 2) for each in called if each in scope.functions]
            for each in read:
                found.setdefault(each, name)
    seen: set[str] = set()
    for name, depth in todo:
        if name in seen or len(seen) > _MOST_CALLED:
            continue
        seen.add(name)
        function = scope.functions[name]
        for each in function.noted("told", _told):
            found.setdefault(each, name)
        if depth:
            todo += [(call.name.text, depth - 1) for call in function.calls if call.name.text in scope.functions]
    return found


def shared(scope: Scope) -> Findings:
    """ST305: variables that an interrupt writes and a loop asks for, and that aren't volatile."""
    candidates = [
        each.moved(start)
        for start, said in scope.source.declared
        for each in said.variables
        if not each.is_volatile and not each.is_constant and not _AGGREGATE.search(each.type)
    ]
    if not candidates:
        return
    written: dict[str, str] = {}
    waited: dict[str, str] = {}
    for source in scope.project.sources.values():
        writes, waits, _ = _roles(scope, source)
        written = {**writes, **written}
        waited = {**waits, **waited}
    if any(each.word.text in written and each.word.text not in waited for each in candidates):
        waited = {**_read_in_loops(scope), **waited}
    for variable in candidates:
        name = variable.word.text
        if name in written and name in waited and not _is_volatile(scope, variable.type):
            readers = f"{waited[name]} reads it again and again"
            message = f"{written[name]} writes {name} in an interrupt and {readers}: it must be volatile"
            start = variable.type_span.start
            fix = Fix("Make it volatile", (Edit(Span(start, start), "volatile "),))
            yield Finding("ST305", variable.name.span, message, (fix,))


_AGGREGATE = re.compile(r"^(?:struct|union)|HandleTypeDef|Handle_t|osSemaphore|osMessage|osThread|Queue")


def _is_volatile(scope: Scope, kind: str) -> bool:
    """Whether a type's own definition is volatile: a macro of that name."""
    return "volatile" in scope.value(kind)
