"""Constants of another field or argument, and pin numbers in place of pin masks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from kiki_tools.language import Fix
from kiki_tools.stm32.checks import fields, ll_arguments
from kiki_tools.stm32.checks.scope import Finding, Findings, Scope
from kiki_tools.stm32.code import Assignment, Call, Function, Word
from kiki_tools.stm32.source import locals_of
from kiki_tools.text import Edit

_CONSTANT = re.compile(r"[A-Z][A-Z0-9]*_\w+")
_PARAMETER = re.compile(r"(\w+)\s*\*\s*(\w+)\s*[,)]")


def constants(scope: Scope, function: Function) -> Findings:
    """ST501: each constant given to a field or an argument that takes others; ST506: pins given as numbers."""
    kinds: Mapping[str, str] | None = None
    for assignment in function.assignments:
        target, written = assignment.target.text, assignment.value.text
        if not (written[:1].isupper() or written[:1] in "(0123456789"):
            continue
        if assignment.operator not in ("=", "|=") or ("." not in target and "->" not in target):
            continue
        target = target.replace("->", ".").lstrip("(*&").replace(")", "")
        path, _, name = target.rpartition(".")
        if name == "Pin" and written[:1].isdigit():
            yield from _number(scope, assignment)
            continue
        value = scope.value(written)
        if not _CONSTANT.match(value):
            continue
        kinds = _kinds(scope, function) if kinds is None else kinds
        kind = fields.structure(kinds.get(path.partition(".")[0].partition("[")[0], ""))
        if kind == "RCC_Osc" and ".PLL" in path:
            kind = "RCC_PLL"
        for part in value.split("|") if "|" in value else (value,):
            wrong = _wrong(kind, name, scope.value(part.strip()))
            if wrong:
                yield Finding("ST501", assignment.value.span, wrong)
    for call in function.calls:
        arguments = fields.ARGUMENTS.get(call.name.text) or ll_arguments.ARGUMENTS.get(call.name.text)
        if arguments:
            yield from _arguments(scope, call, arguments)


def _kinds(scope: Scope, function: Function) -> dict[str, str]:
    """The types of the variables that a function sees, by their names."""
    found = dict(scope.types)
    head = function.text[: function.text.find("{")]
    found.update((name, kind) for kind, name in _PARAMETER.findall(head))
    found.update((each.name.text, each.type) for each in locals_of(function))
    return found


@lru_cache(maxsize=4096)
def _wrong(kind: str, field: str, value: str) -> str:
    """What is wrong with a constant in a field; empty if nothing is, or nothing is known."""
    allowed = fields.patterns(kind, field)
    if not allowed or value.startswith(allowed) or not _CONSTANT.fullmatch(value):
        return ""
    belongs = fields.owner(value)
    if belongs is None:
        return ""
    of, other, start = belongs
    if (of, other) == ("", "") and not kind:
        return ""
    if {value.partition("_")[0], allowed[0].partition("_")[0]} == {"UART", "USART"}:
        return ""  # The same numbers by two names.
    if field == "Pin" and re.fullmatch(r"(?:LL_)?GPIO_PIN_\w+", value):
        return ""
    wanted = " or ".join(f"{each}…" if each.endswith("_") else each for each in dict.fromkeys(allowed[:3]))
    place = f".{other} of {of}" if other else f"another place ({start}…)"
    return f"{value} is for {place}; .{field} takes {wanted}"


def _number(scope: Scope, assignment: Assignment) -> Findings:
    """`.Pin = 5`: a mask is wanted, and 5 is that of the pins 0 and 2."""
    word = assignment.value
    yield from _pin_number(word, "GPIO_PIN_")


def _pin_number(word: Word, prefix: str) -> Findings:
    found = re.fullmatch(r"(\d{1,2})[uUlL]*", word.text)
    if found and 0 <= (pin := int(found.group(1))) <= 15:
        name = f"{prefix}{pin}"
        fix = Fix(f"Use {name}", (Edit(word.span, name),))
        message = f"{pin} is taken as a mask of pins ({_pins(pin)}); pin {pin} is {name}"
        yield Finding("ST502", word.span, message, (fix,))


def _pins(mask: int) -> str:
    pins = [str(number) for number in range(16) if mask >> number & 1]
    return f"pin {', '.join(pins)}" if len(pins) == 1 else f"pins {', '.join(pins)}" if pins else "no pin"


def _arguments(scope: Scope, call: Call, arguments: Mapping[int, str]) -> Findings:
    for index, allowed in arguments.items():
        if index >= len(call.arguments):
            continue
        word = call.arguments[index]
        if allowed.endswith("GPIO_PIN_") and index == 1 and word.text[:1].isdigit():
            yield from _pin_number(word, allowed)
            continue
        if not word.text[:1].isupper():
            continue
        for part in scope.value(word.text).split("|"):
            wrong = _wrong_argument(call.name.text, allowed, scope.value(part.strip()))
            if wrong:
                yield Finding("ST501", word.span, wrong)


@lru_cache(maxsize=4096)
def _wrong_argument(name: str, allowed: str, value: str) -> str:
    starts = tuple(allowed.split("|"))
    if not _CONSTANT.fullmatch(value):
        return ""
    if value.startswith(starts) and not (allowed.endswith("GPIO_PIN_") and value in ("GPIO_PIN_SET", "GPIO_PIN_RESET")):
        return ""
    is_ll = name.startswith("LL_")
    if is_ll:
        group = next((each for each in ll_arguments.GROUPS if value.startswith(each)), "")
        kind, own = ll_arguments.KINDS.match(value), ll_arguments.KINDS.match(name)
        if not group or (kind and own and {kind.group(1), own.group(1)} == {"LPUART", "USART"}):
            return ""
    elif fields.owner(value) is None:
        return ""
    wanted = " or ".join(f"{each}…" if each.endswith("_") else each for each in starts[:3])
    return f"{name} takes {wanted} here, not {value}"
