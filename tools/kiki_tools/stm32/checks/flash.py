"""Writing to flash: unlocked, erased, in the width and at the addresses that the device takes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kiki_tools.stm32.checks.scope import Finding, Findings, Scope, handle, having, line_before
from kiki_tools.stm32.code import Call, Function

_WRITING = re.compile(r"HAL_FLASH_Program(?:_IT)?|HAL_FLASHEx_Erase(?:_IT)?")
_UNLOCK = ("HAL_FLASH_Unlock", "LL_FLASH_Unlock", "HAL_FLASHEx_Unlock_Bank1")
_WIDTHS = {"BYTE": 1, "HALFWORD": 2, "WORD": 4, "DOUBLEWORD": 8, "QUADWORD": 16, "FLASHWORD": 32}
_OWN_WIDTHS = {
    "f1": ("HALFWORD", "WORD", "DOUBLEWORD"), "f0": ("HALFWORD", "WORD", "DOUBLEWORD"),
    "f3": ("HALFWORD", "WORD", "DOUBLEWORD"), "f2": ("BYTE", "HALFWORD", "WORD", "DOUBLEWORD"),
    "f4": ("BYTE", "HALFWORD", "WORD", "DOUBLEWORD"), "f7": ("BYTE", "HALFWORD", "WORD", "DOUBLEWORD"),
    "g0": ("DOUBLEWORD", "FAST"), "g4": ("DOUBLEWORD", "FAST", "FAST_AND_LAST"),
    "l4": ("DOUBLEWORD", "FAST", "FAST_AND_LAST"),
    "l5": ("DOUBLEWORD",), "wb": ("DOUBLEWORD", "FAST"), "wl": ("DOUBLEWORD", "FAST"), "u5": ("QUADWORD", "BURST"),
    "h5": ("QUADWORD",), "h7": ("FLASHWORD",), "l0": ("WORD",), "l1": ("WORD",), "c0": ("DOUBLEWORD", "FAST"),
}  # fmt: skip
"""What a family's flash is written in (the HAL drivers' FLASH_Type_Program)."""


def flash(scope: Scope) -> Findings:
    """ST516 to ST519."""
    writes = any(_WRITING.fullmatch(name) for name in scope.called)
    erased = writes and (
        any("erase" in name.lower() for name in (*scope.called, *scope.functions))
        or any("FLASH_CR" in each.text for source in scope.project.sources.values() for each in having(source, "FLASH"))
    )
    for function in having(scope.source, "FLASH"):
        if writes:
            for call in function.calls:
                if call.name.text.startswith("HAL_FLASH_Program") and _WRITING.fullmatch(call.name.text):
                    for each in _program(scope, function, call, erased=erased):
                        yield each.moved(function.start)
            yield from _locked(scope, function)
            yield from _left_open(scope, function)
        yield from _by_register(scope, function)


def _locked(scope: Scope, function: Function) -> Findings:
    """ST516: writing that isn't unlocked, or is locked again before."""
    unlocking = scope.reaching(_unlocks_itself)
    elsewhere = any(_unlocks_itself(each) for each in scope.functions.values() if each is not function)
    loops = [
        branch.body
        for branch in function.branches[:_MOST_LOOPS]
        if branch.kind in ("while", "for", "do") and any(name in function.text for name in _UNLOCK)
    ]
    unlocks = [call.span.start for call in function.calls if call.name.text in _UNLOCK][:_MOST_LOOPS]
    open_in = [body for body in loops if any(body.start <= at < body.end for at in unlocks)]
    state = ""
    locked_at = 0
    for call in function.calls:
        name = call.name.text
        if name in _UNLOCK or name in unlocking:
            state = "open"
        elif name == "HAL_FLASH_Lock":
            state, locked_at = "locked", call.span.start
        elif not _WRITING.fullmatch(name):
            continue
        elif state == "locked" and not any(body.start <= call.span.start < body.end for body in open_in):
            message = f"the flash is locked again in line {scope.line(function, locked_at)}: {name} fails"
            yield Finding("ST516", call.name.span, message).moved(function.start)
        elif not state and not elsewhere:
            fix = line_before(function, call.span.start, "HAL_FLASH_Unlock();")
            message = f"nothing unlocks the flash before {name}: it fails"
            yield Finding("ST516", call.name.span, message, (fix,)).moved(function.start)


_MOST_LOOPS = 100


def _unlocks_itself(function: Function) -> bool:
    return "FLASH" in function.text and any(call.name.text in _UNLOCK for call in function.calls)


def _left_open(scope: Scope, function: Function) -> Findings:
    """ST518: unlocked and never locked again."""
    for call in function.calls:
        if call.name.text == "HAL_FLASH_Unlock" and not {"HAL_FLASH_Lock", "LL_FLASH_Lock"} & scope.called:
            message = "nothing locks the flash again: a stray write can change the program"
            yield Finding("ST518", call.span, message).moved(function.start)


def _program(scope: Scope, function: Function, call: Call, *, erased: bool) -> Iterator[Finding]:
    """ST517: not erased; ST519: width and address."""
    if not erased:
        yield Finding("ST517", call.name.span, "nothing erases the flash before: bits only go from one to zero")
    if len(call.arguments) != 3:
        return
    kind, address, _ = call.arguments
    width = re.fullmatch(r"FLASH_TYPEPROGRAM_(\w+)", scope.value(kind.text))
    if width is None:
        return
    family = scope.device.family if scope.device else ""
    own = _OWN_WIDTHS.get(family)
    if own and width.group(1) not in own:
        message = (
            f"the flash of {family.upper()} is written in {' or '.join(own).lower()}, not in {width.group(1).lower()}"
        )
        yield Finding("ST519", kind.span, message)
        return
    size = _WIDTHS.get(width.group(1))
    if size is None or (family in ("f0", "f1", "f3") and size > 2):
        return
    place = scope.number(address.text)
    if place is not None and place % size:
        yield Finding("ST519", address.span, f"{place:#x} isn't a multiple of the {size} bytes that are written")
        return
    step = _step(scope, function, call, handle(address.text), size)
    if step is not None and step[0] % size:
        yield Finding(
            "ST519", step[1].name.span, f"the address goes on by {step[0]} bytes, and {size} are written at a time"
        )


def _step(scope: Scope, function: Function, call: Call, address: str, size: int) -> tuple[int, Call] | None:
    """By how many bytes the address goes on in the loop of the call."""
    name = re.match(r"\w+", address)
    if name is None or not call.loops:
        return None
    for each in function.assignments:
        if each.target.text != name.group():
            continue
        if each.operator == "+=":
            by = scope.number(each.value.text)
        elif each.operator == "=" and (found := re.fullmatch(rf"{name.group()}\s*\+\s*(\w+)", each.value.text)):
            by = scope.number(found.group(1))
        else:
            continue
        if by:
            return by, call
    return None


def _by_register(scope: Scope, function: Function) -> Findings:
    """ST516 for register code: `FLASH->CR |= FLASH_CR_PG` without the keys."""
    if "FLASH->" not in function.text:
        return
    for each in function.assignments:
        if not re.fullmatch(r"FLASH->(?:NS)?CR\d?", each.target.text) or each.operator not in ("=", "|="):
            continue
        if not re.search(r"FLASH_(?:NS)?CR_(?:PG|SER|PER|MER\d?|STRT)\b", each.value.text):
            continue
        keyed = any("KEYR" in it.text for it in scope.functions.values() if "FLASH" in it.text)
        if not keyed and not set(_UNLOCK) & scope.called:
            message = "nothing writes the keys to FLASH->KEYR before: the register doesn't change"
            yield Finding("ST516", each.target.span, message).moved(function.start)
            return
