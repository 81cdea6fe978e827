"""What a design kit is: slots that a request fills, and a design with variables and requirements that ngspice measures.

A plan is a plain mapping from the names of slots to SI numbers or words. A kit's `design` turns it into a `Design`:
starting values from textbook formulas, a template of the deck, and what has to be measured on it. The measures are
``.meas`` cards that know nothing of the formulas; `fitting` runs them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal

Plan = Mapping[str, Any]
Values = Mapping[str, float]
Op = Literal["=", ">=", "<="]


class Impossible(ValueError):
    """Nothing can be designed from a plan: ``reason`` in an engineer's words.

    ``best``: slots that would make it possible, as far as the kit knows (such as ``{"order": 3}``).
    """

    def __init__(self, reason: str, best: Mapping[str, float | str] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.best = dict(best or {})


@dataclass(frozen=True, slots=True)
class Slot:
    """A number in SI units, or a word out of ``choices``, that a request may state.

    ``least`` and ``most``: what is physically sensible, both inclusive. ``unit``: Hz, dB, ohm, V, A, s, F, H, %, V/V,
    or empty for counts.
    """

    name: str
    unit: str
    about: str
    required: bool = False
    default: float | str | None = None
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A requirement: the measure ``measure`` of the deck compared with ``value`` in ``unit``.

    ``tolerance`` is absolute, in the same unit: how far ``=`` may be off. ``condition``: under which it holds, for
    people ("at 10 kHz"). ``cards``: the ``.meas`` cards that give the measure, where the template doesn't have them.
    """

    quantity: str
    measure: str
    op: Op
    value: float
    unit: str
    tolerance: float = 0.0
    condition: str = ""
    cards: tuple[str, ...] = ()

    def slack(self, measured: float | None) -> float:
        """How well it holds: 1 at the wanted value of ``=``, 0 at its limits, below 0 if it fails.

        An inequality's slack counts in twentieths of the value (of 10 dB at least, for levels).
        """
        if measured is None or not math.isfinite(measured):
            return -math.inf
        if self.op == "=":
            allowed = self.tolerance or abs(self.value) * 1e-3 or 1e-12
            return 1 - abs(measured - self.value) / allowed
        scale = self.tolerance or max(abs(self.value), 10.0 if self.unit == "dB" else 0.0) / 20 or 1e-12
        return (measured - self.value if self.op == ">=" else self.value - measured) / scale

    def expectation(self) -> str:
        """The ``* @expect`` line that says the same."""
        if self.op != "=":
            return f"* @expect {self.measure} {self.op} {self.value:.6g}"
        if self.unit not in ("dB", "deg") and self.value and 1e-4 < (part := self.tolerance / abs(self.value)) < 1:
            return f"* @expect {self.measure} = {self.value:.6g} +/- {part * 100:.4g}%"
        return f"* @expect {self.measure} = {self.value:.6g} +/- {self.tolerance:.4g}"


@dataclass(frozen=True, slots=True)
class Variable:
    """A part's value that may be fitted from ``low`` to ``high``, by steps of ``series`` (E6 … E192) if it has one.

    ``finer``: the series to take when nothing holds with that one.
    """

    name: str
    start: float
    low: float
    high: float
    series: str | None = None
    finer: str | None = None


def fixed(name: str, value: float) -> Variable:
    """A value that was given, which stays as it is."""
    return Variable(name, value, value, value)


@dataclass(frozen=True)
class Design:
    """A circuit to be fitted. ``template`` gives the whole deck, from its title to ``.end``, for the variables' values.

    ``predictor``: for values, a formula for the measures near them, where there is one. It leads the search;
    ngspice decides.
    """

    title: str
    template: Callable[[Values], str]
    variables: tuple[Variable, ...]
    wanted: tuple[Wanted, ...]
    notes: tuple[str, ...] = ()
    predictor: Callable[[Values], Callable[[Values], Mapping[str, float]]] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Kit:
    """A family of circuits that engineering knows how to compute. ``examples``: how people ask for it."""

    name: str
    title: str
    about: str
    slots: tuple[Slot, ...]
    examples: tuple[str, ...]
    design: Callable[[Plan], Design] = field(repr=False)

    def slot(self, name: str) -> Slot | None:
        """The slot of a name."""
        return next((slot for slot in self.slots if slot.name == name), None)


def read(kit: Kit, plan: Plan) -> dict[str, Any]:
    """The plan with its defaults, each slot checked: known, there if required, a number in its range or a choice.

    Raises:
        Impossible: naming the first slot that is wrong, and what may stand there.
    """
    for name in plan:
        if kit.slot(str(name)) is None:
            near = get_close_matches(str(name), [slot.name for slot in kit.slots], 1)
            known = f"did you mean {near[0]}?" if near else f"there are {', '.join(s.name for s in kit.slots)}"
            raise Impossible(f"{kit.title} has no slot {str(name)[:40]!r}; {known}")
    found: dict[str, Any] = {}
    for slot in kit.slots:
        value = plan.get(slot.name)
        if value is None:
            if slot.required:
                raise Impossible(f"{said(slot)} is missing: {slot.about}")
            if slot.default is not None:
                found[slot.name] = slot.default
            continue
        found[slot.name] = _choice(slot, value) if slot.choices else _number(slot, value)
    return found


def said(slot: Slot) -> str:
    """A slot's name for people: "the stop frequency", …"""
    return "the " + slot.name.removesuffix("_hz").removesuffix("_ohm").replace("_", " ")


def schema(kit: Kit) -> dict[str, Any]:
    """The JSON schema of a plan of the kit."""
    properties: dict[str, Any] = {}
    for slot in kit.slots:
        about = slot.about + (f" ({slot.unit})" if slot.unit else "")
        if slot.choices:
            properties[slot.name] = {"enum": list(slot.choices), "description": about}
            continue
        limits = {"minimum": slot.least, "maximum": slot.most}
        properties[slot.name] = {
            "type": "number", "description": about, **{key: at for key, at in limits.items() if at is not None},
        }  # fmt: skip
    required = [slot.name for slot in kit.slots if slot.required]
    return {"type": "object", "description": kit.about, "properties": properties, "additionalProperties": False,
            "required": required}  # fmt: skip


def _choice(slot: Slot, value: object) -> str:
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    found = next((choice for choice in slot.choices if choice.lower() == word), None)
    if found is None:
        raise Impossible(f"{said(slot)} is one of {', '.join(slot.choices)}, not {str(value)[:40]!r}")
    return found


def _number(slot: Slot, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
        raise Impossible(f"{said(slot)} has to be a number, not {str(value)[:40]!r}")
    number = float(value)
    for limit, word in ((slot.least, "at least"), (slot.most, "at most")):
        if limit is not None and (number < limit if word == "at least" else number > limit):
            raise Impossible(f"{said(slot)} of {shown(number, slot.unit)} makes no sense here: {word} "
                             f"{shown(limit, slot.unit)} is possible ({slot.about})")  # fmt: skip
    return number


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


_SI = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"), (1e-12, "p"))


def shown(value: float, unit: str) -> str:
    """A value for people: ``1.5 kHz``, ``40 dB``, ``5 %``."""
    if unit in ("dB", "%", "", "V/V", "deg") or value == 0 or not math.isfinite(value):
        return f"{value:.4g} {unit}".strip()
    scale, prefix = next(((s, p) for s, p in _SI if abs(value) >= s * 0.99995), _SI[-1])
    return f"{value / scale:.4g} {prefix}{'Ω' if unit == 'ohm' else unit}"


def article(name: str) -> str:
    """A name with its article: ``an LC filter``, ``a band-pass``."""
    return f"{'an' if name[0] in 'aeioALRE' else 'a'} {name}"
