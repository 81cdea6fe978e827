"""What an init is compiled from: the device, its clock, its peripherals; read from JSON, with that JSON's schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any

from kiki_tools.stm32.init.kinds import (
    ALONE,
    KINDS,
    Adc,
    Can,
    Capture,
    Clock,
    Copy,
    Crc,
    Cycles,
    Dac,
    Encoder,
    Gpio,
    I2c,
    Iwdg,
    Lowpower,
    Mco,
    Pvd,
    Pwm,
    Rtc,
    Spi,
    Systick,
    Timer,
    Usart,
    Usb,
    Wish,
    Wwdg,
)  # fmt: skip

__all__ = [
    "ALONE", "KINDS", "Adc", "Can", "Capture", "Clock", "Copy", "Crc", "Cycles", "Dac", "Encoder", "Gpio", "I2c",
    "ImpossiblePlan", "Iwdg", "Lowpower", "Mco", "Plan", "Pvd", "Pwm", "Rtc", "Spi", "Systick", "Timer", "Usart", "Usb",
    "Wish", "Wwdg", "read", "schema",
]  # fmt: skip

_MOST = 64


class ImpossiblePlan(ValueError):
    """No init can be made of this plan: ``problems`` say why, one each, with what is possible instead."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be set up, and in which style of C."""

    device: str
    style: str = "hal"
    clock: Clock = field(default_factory=Clock)
    swd: bool = True
    peripherals: tuple[Wish, ...] = ()


_TOP: Mapping[str, Mapping[str, Any]] = {
    "device": {"type": "string", "pattern": "^STM32[A-Z0-9]{4,12}$", "description": "Such as STM32F446RE."},
    "style": {"enum": ["hal", "register"], "description": "C for ST's HAL, or for CMSIS registers alone."},
    "swd": {"type": "boolean", "description": "Keep PA13 and PA14 for the debugger (default)."},
}


def schema() -> dict[str, Any]:
    """The JSON schema of a plan (draft 2020-12)."""
    kinds = []
    for name, made in KINDS.items():
        properties = {"kind": {"const": name}, **{each.name: dict(each.metadata) for each in fields(made)}}
        doc = (made.__doc__ or "").strip()
        kinds.append(
            {"type": "object", "description": doc, "properties": properties, "required": ["kind"],
             "additionalProperties": False}
        )  # fmt: skip
    clock = {"type": "object", "properties": {each.name: dict(each.metadata) for each in fields(Clock)},
             "additionalProperties": False}  # fmt: skip
    peripherals = {"type": "array", "maxItems": _MOST, "items": {"oneOf": kinds}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Plan of an STM32's init",
        "type": "object",
        "properties": {**{k: dict(v) for k, v in _TOP.items()}, "clock": clock, "peripherals": peripherals},
        "required": ["device", "peripherals"],
        "additionalProperties": False,
    }


def read(data: Any) -> Plan:
    """A plan from parsed JSON.

    Raises:
        ImpossiblePlan: for what the schema doesn't allow; names each place and what may stand there.
    """
    problems: list[str] = []
    if not isinstance(data, dict):
        raise ImpossiblePlan(f"a plan is an object, not {_what(data)}")
    allowed = [*_TOP, "clock", "peripherals"]
    problems += [_unknown("the plan", key, allowed) for key in data if key not in allowed]
    top = {key: data[key] for key in _TOP if key in data}
    for key, value in top.items():
        problems += _faults(key, value, _TOP[key])
    if "device" not in data:
        problems.append("the plan names no device, such as STM32F446RE")
    clock = _made(Clock, data.get("clock", {}), "clock", problems)
    listed = data.get("peripherals", [])
    if not isinstance(listed, list) or len(listed) > _MOST:
        problems.append(f"peripherals: at most {_MOST} in a list expected")
        listed = []
    wishes = []
    for number, entry in enumerate(listed):
        where = f"peripherals[{number}]"
        kind = entry.get("kind") if isinstance(entry, dict) else None
        if not isinstance(kind, str) or kind not in KINDS:
            near = get_close_matches(str(kind), KINDS, 1)
            hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(KINDS)}"
            problems.append(f"{where}.kind: {_what(kind)} is no kind of peripheral{hint}")
            continue
        rest = {key: value for key, value in entry.items() if key != "kind"}
        wishes.append(_made(KINDS[kind], rest, where, problems))
    if problems:
        raise ImpossiblePlan(*problems[:20])
    assert clock is not None
    return Plan(**top, clock=clock, peripherals=tuple(wish for wish in wishes if wish is not None))


def _made(made: type[Any], data: Any, where: str, problems: list[str]) -> Any:
    """An object of a class from its JSON; None, with the reasons among ``problems``, if it can't be."""
    if not isinstance(data, dict):
        problems.append(f"{where}: an object expected, not {_what(data)}")
        return None
    known = {each.name: each for each in fields(made)}
    before = len(problems)
    values: dict[str, Any] = {}
    for key, value in data.items():
        if key not in known:
            problems.append(_unknown(where, key, list(known)))
            continue
        if value is None:
            continue
        problems += _faults(f"{where}.{key}", value, known[key].metadata)
        values[key] = tuple(value) if isinstance(value, list) else value
    return made(**values) if len(problems) == before else None


def _unknown(where: str, key: str, allowed: Sequence[str]) -> str:
    near = get_close_matches(str(key), allowed, 1)
    return f"{where} has no {str(key)[:40]!r}" + (
        f"; did you mean {near[0]}?" if near else f"; there are {', '.join(allowed)}"
    )


def _faults(where: str, value: Any, wanted: Mapping[str, Any]) -> list[str]:
    """Why a value isn't what the schema's part wants."""
    if "enum" in wanted:
        if any(value == each and type(value) is type(each) for each in wanted["enum"]):
            return []
        return [f"{where}: {_what(value)} isn't among {', '.join(map(str, wanted['enum']))}"]
    kind = wanted["type"]
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        return [f"{where}: {kind} expected, not {_what(value)}"]
    return _RANGES[kind](where, value, wanted) if kind in _RANGES else []


def _number_faults(where: str, value: float, wanted: Mapping[str, Any]) -> list[str]:
    low, high = wanted["minimum"], wanted["maximum"]
    return [] if low <= value <= high else [f"{where}: {value} isn't within {low:,} and {high:,}".replace(",", " ")]


def _text_faults(where: str, value: str, wanted: Mapping[str, Any]) -> list[str]:
    if "pattern" in wanted and not re.search(wanted["pattern"], value):
        return [f"{where}: {_what(value)} isn't what is expected there: {wanted['description']}"]
    most = wanted.get("maxLength", 200)
    return (
        [] if len(value) <= most and value.isprintable() else [f"{where}: at most {most} printable characters expected"]
    )


def _list_faults(where: str, value: list[Any], wanted: Mapping[str, Any]) -> list[str]:
    low, high = wanted["minItems"], wanted["maxItems"]
    doubled = wanted.get("uniqueItems") and len({str(each) for each in value}) < len(value)
    if not low <= len(value) <= high or doubled:
        return [f"{where}: different ones, {low} to {high}, expected"]
    return [fault for n, each in enumerate(value) for fault in _faults(f"{where}[{n}]", each, wanted["items"])]


def _pin_faults(where: str, value: dict[Any, Any], wanted: Mapping[str, Any]) -> list[str]:
    ((pattern, inner),) = wanted["patternProperties"].items()
    found = []
    for key, each in value.items():
        if not re.search(pattern, key):
            found.append(f"{where}: no signal {str(key)[:40]!r}. {wanted['description']}")
        elif not isinstance(each, str) or not re.search(inner["pattern"], each):
            found.append(f"{where}.{key}: a pin such as PA9 expected, not {_what(each)}")
    return found


_TYPES: Mapping[str, tuple[type, ...]] = {
    "integer": (int,), "number": (int, float), "boolean": (bool,), "string": (str,), "array": (list,),
    "object": (dict,),
}  # fmt: skip
_RANGES: Mapping[str, Callable[[str, Any, Mapping[str, Any]], list[str]]] = {
    "integer": _number_faults, "number": _number_faults, "string": _text_faults, "array": _list_faults,
    "object": _pin_faults,
}  # fmt: skip


def _what(value: Any) -> str:
    return "nothing" if value is None else repr(value)[:40]
