"""Requests for analog circuits: a kit, its plan, and the deck that ngspice found to meet every requirement."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kiki_core.planning import (
    Planned,
    asking,
    constraints,
    contradictions,
    doubts,
    kinds,
    modelled,
    report,
    shares,
    slots,
    unread,
    wording,
)
from kiki_core.planning.roles import Labelled, labelled
from kiki_core.planning.slots import Filled

if TYPE_CHECKING:
    from kiki_core.backends.protocol import Backend, WeightedAdapter
    from kiki_core.events import Artefact, Requirement, Verdict
    from kiki_tools.spice.kits.fitting import Fitted
    from kiki_tools.spice.kits.model import Design, Kit, Slot, Wanted

_MOST_TEXT = 8000
_TIE = 0.12
"""Kits whose scores are nearer than this are told apart by the model."""
_SAYS_NOTHING = frozenset({"", "g", "kg", "N", "Pa", "bar", "lx", "lm", "m", "K", "degC"})
"""Units, or none, with which a number can't be what a circuit's slot misses."""
_TRIED = 3
_CLOSE = 0.02
"""Tolerance that is tried first where a kit's own is wider."""
_REQUIREMENTS: Mapping[str, str] = {
    "cutoff": "cutoff", "pass": "pass-band edge", "stop": "stop-band edge", "attenuation": "attenuation",
    "ripple_db": "pass-band ripple",
    "loss": "pass-band loss", "cmrr": "common-mode rejection", "psrr": "supply rejection", "gain_db": "gain",
    "gain": "gain",
    "slope": "slope", "q": "Q", "center": "centre frequency", "bandwidth": "bandwidth", "f_low": "lower edge",
    "f_high": "upper edge",
    "output_voltage": "output voltage", "ripple": "ripple", "hysteresis": "hysteresis", "threshold": "threshold",
    "output_current": "output current", "quiescent": "bias current", "overshoot": "overshoot",
    "input_resistance": "input resistance",
    "output_resistance": "output resistance", "load": "load", "source": "source resistance", "tau": "time constant",
    "pulse": "pulse width",
    "delay": "delay", "rise": "rise time", "duty": "duty cycle", "efficiency": "efficiency",
    "regulation": "regulation", "phase": "phase",
    "slew": "slew rate", "power": "power", "oscillation": "frequency", "dropout": "drop-out", "amplitude": "amplitude",
    "period": "period", "input_voltage": "input voltage", "supply": "supply", "switching": "switching frequency",
}  # fmt: skip
"""Roles that a request states as something to hold, with their names for people."""
_DEFAULTS: Mapping[str, float] = {
    "cutoff": 1e3, "center": 1e3, "frequency": 1e3, "input_voltage": 12.0, "input": 12.0, "vin": 12.0,
    "output_voltage": 5.0,
    "vout": 5.0,
    "output_current": 0.1, "load_current": 0.1, "iout": 0.1, "current": 1e-3, "led_current": 0.02, "impedance": 50.0,
    "load": 50.0,
    "source": 50.0, "gain": 10.0, "attenuation_db": 10.0, "attenuation": 10.0, "loss_db": 10.0, "time_constant": 1e-3,
    "tau": 1e-3,
    "pulse": 1e-3, "pulse_width": 1e-3, "q": 5.0, "in_min": 0.0, "in_max": 10.0, "out_max": 3.3, "hysteresis": 1.0,
    "threshold": 2.5,
    "low": 300.0, "high": 3400.0, "f_low": 300.0, "f_high": 3400.0, "bandwidth": 200.0, "ripple": 1.0, "amplitude": 1.0,
    "resistance": 1e4, "transimpedance": 1e5, "delay": 1e-3, "period": 1.0, "zener_voltage": 5.1, "phase": 90.0,
}  # fmt: skip
"""What is usual where a request states no number at all."""


@dataclass
class _Cost:
    prompt: int = 0
    completion: int = 0

    def add(self, said: modelled.Said) -> None:
        self.prompt += said.prompt_tokens
        self.completion += said.completion_tokens


@dataclass(frozen=True)
class _Attempt:
    """One kit tried on the request."""

    kit: Kit
    filled: Filled
    fitted: Fitted | None
    reason: str = ""
    nearest: Fitted | None = None
    best: Mapping[str, float | str] = field(default_factory=dict)
    defaults: tuple[str, ...] = ()
    unclear: tuple[Slot, ...] = ()

    @property
    def ok(self) -> bool:
        return self.fitted is not None and self.fitted.ok


async def planned(
    text: str,
    domains: Sequence[str],
    backend: Backend,
    *,
    adapters: Sequence[WeightedAdapter] = (),
    files: Sequence[tuple[str, str]] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> Planned | None:
    """The answer to a request for a circuit that a design kit covers, else None. Attached files are never read here."""
    from kiki_tools.spice.kits import KITS, load
    from kiki_tools.spice.ngspice import NgspiceMissing

    text = text[:_MOST_TEXT]
    if not asking.wants_circuit(text, files):
        return None
    text = shares.without_shares(wording.without_equations(wording.with_levels(wording.with_rails(text))))
    labels = await asyncio.to_thread(labelled, text)
    options = kinds.choices(text, labels, KITS)
    cost = _Cost()
    if not options:
        if not (reason := contradictions.of_any(text, labels)):
            return None
        kit = load("rc_lowpass")  # what is stated excludes itself, whatever kit is meant
        return await _answered(text, labels, _Attempt(kit, slots.filled(kit, text, labels), None, reason), cost)
    options = await _decided(
        text, options, {name: load(name).title for name in (o.name for o in options)}, backend, adapters, cost
    )
    attempt: _Attempt | None = None
    try:
        for option in options[:_TRIED]:
            kit = load(option.name)
            tell(f"designing: {kit.title}")
            tried = await _tried(kit, text, labels, backend, adapters, cost)
            if attempt is None or tried.ok:
                attempt = tried
            if attempt.ok or options[0].stated or attempt.unclear:
                break
    except NgspiceMissing:
        return None
    assert attempt is not None
    return await _answered(text, labels, attempt, cost)


async def _decided(
    text: str, options: list[kinds.Choice], titles: Mapping[str, str], backend: Backend,
    adapters: Sequence[WeightedAdapter], cost: _Cost,
) -> list[kinds.Choice]:  # fmt: skip
    near = [each for each in options if options[0].score - each.score < _TIE]
    if len(near) < 2:
        return options
    names = [each.name for each in near]
    name, said = await modelled.chosen(text, names, [titles[name] for name in names], backend, adapters)
    cost.add(said)
    return options if name is None else sorted(options, key=lambda each: each.name != name)


async def _tried(
    kit: Kit, text: str, labels: Sequence[Labelled], backend: Backend, adapters: Sequence[WeightedAdapter], cost: _Cost
) -> _Attempt:
    from kiki_tools.spice.kits.fitting import fitted

    filled = slots.filled(kit, text, labels)
    contradiction = contradictions.found(text, labels, kit.name)
    if contradiction:
        return _Attempt(kit, filled, None, contradiction)
    defaults: list[str] = []
    if (
        kit.slot("q")
        and kit.slot("bandwidth_hz")
        and not {"q", "bandwidth_hz", "low_hz", "high_hz", "order"} & set(filled.plan)
    ):
        filled = replace(filled, plan={**filled.plan, "q": 5.0})
        defaults = ["the Q: 5"]
    if filled.missing:
        filled = await _from_model(kit, text, labels, filled, backend, adapters, cost)
    if filled.missing:
        bare = [each for each in labels if each.index not in filled.used and each.quantity.unit in _SAYS_NOTHING]
        usual = {slot.name: _DEFAULTS.get(slots.stem(slot.name)) for slot in filled.missing}
        if bare or any(value is None for value in usual.values()):
            return _Attempt(kit, filled, None, unclear=filled.missing)
        filled = replace(filled, plan={**filled.plan, **usual}, missing=())
        defaults += [_said_default(kit, name, value) for name, value in usual.items() if value is not None]
    stated = dict(filled.sources)
    sharpened = replace(
        kit,
        design=lambda plan: constraints.with_parts(
            constraints.of_limits(constraints.of_series(_sharpened(kit.design(plan), stated), text), text), text
        ),
    )
    result = await fitted(replace(kit, design=lambda plan: _closer(sharpened.design(plan))), filled.plan)
    if result.text and not result.ok:
        result = await fitted(sharpened, filled.plan)
    if result.text:
        return _Attempt(kit, filled, result, result.reason, defaults=tuple(defaults))
    nearest = await fitted(sharpened, {**filled.plan, **result.best}) if result.best else None
    return _Attempt(kit, filled, None, result.reason, nearest, result.best, tuple(defaults))


def _said_default(kit: Kit, name: str, value: float) -> str:
    from kiki_tools.spice.kits.model import said, shown

    slot = kit.slot(name)
    assert slot is not None
    return f"{said(slot)}: {shown(value, slot.unit)}"


async def _from_model(
    kit: Kit, text: str, labels: Sequence[Labelled], filled: Filled, backend: Backend,
    adapters: Sequence[WeightedAdapter], cost: _Cost,
) -> Filled:  # fmt: skip
    """Required slots that no rule filled, from the numbers that are left over; only those are on offer."""
    left = [each for each in labels if each.index not in filled.used and each.quantity.unit]
    open_slots = [slot for slot in filled.missing if any(slot.unit == each.quantity.unit for each in left)]
    if not open_slots:
        return filled
    numbers = {each.quantity.text: each for each in left}
    found, said = await modelled.assigned(
        text, [(slot.name, slot.about) for slot in open_slots], list(numbers), backend, adapters
    )
    cost.add(said)
    plan, used, sources = dict(filled.plan), set(filled.used), dict(filled.sources)
    for slot in open_slots:
        label = numbers.get(found.get(slot.name, ""))
        if label is not None and label.quantity.unit == slot.unit and label.index not in used:
            plan[slot.name] = label.value
            used.add(label.index)
            sources[slot.name] = label
    missing = tuple(slot for slot in filled.missing if slot.name not in plan)
    return replace(filled, plan=plan, used=frozenset(used), missing=missing, sources=sources)


def _sharpened(design: Design, sources: Mapping[str, Labelled]) -> Design:
    """The design with the request's own comparisons: a stated tolerance, "at least", "at most"."""
    wanted: list[Wanted] = []
    for one in design.wanted:
        bound = next((each for each in sources.values() if _loosened(one, each)), None)
        if bound is not None:
            wanted.append(replace(one, value=abs(bound.value)))
            continue
        label = next((each for each in sources.values() if _is_of(one, each)), None)
        if label is None or one.op != "=":
            wanted.append(one)
            continue
        quantity = label.quantity
        if quantity.tolerance is not None and quantity.tolerance < one.tolerance and quantity.unit == one.unit:
            wanted.append(replace(one, tolerance=quantity.tolerance))
        elif quantity.op in (">=", "<="):
            wanted += [one, replace(one, op=">=" if quantity.op == ">=" else "<=", tolerance=0.0)]
        else:
            wanted.append(one)
    return replace(design, wanted=tuple(wanted))


def _loosened(wanted: Wanted, label: Labelled) -> bool:
    """Whether a kit's bound is near the request's own, which then holds instead of it."""
    quantity = label.quantity
    if wanted.op != quantity.op or wanted.op == "=" or wanted.unit != quantity.unit or not quantity.value:
        return False
    ratio = wanted.value / abs(quantity.value)
    return ratio != 1 and (0.5 <= ratio <= 1.2 if wanted.op == "<=" else 1 / 1.2 <= ratio <= 2)


def _closer(design: Design) -> Design:
    """The design aimed closer than it has to be, so that other instruments and other ideas of "about" agree too."""
    return replace(
        design,
        wanted=tuple(
            replace(one, tolerance=min(one.tolerance, _CLOSE * abs(one.value)))
            if one.op == "=" and one.unit not in ("dB", "deg") and one.value
            else one
            for one in design.wanted
        ),
    )


def _is_of(wanted: Wanted, label: Labelled) -> bool:
    unit = "V/V" if not label.quantity.unit else label.quantity.unit
    if (wanted.unit or "V/V") != unit or not label.value:
        return False
    return abs(abs(wanted.value) - abs(label.value)) <= 1e-6 * abs(label.value)


async def _answered(text: str, labels: Sequence[Labelled], attempt: _Attempt, cost: _Cost) -> Planned:
    filled, kit = attempt.filled, attempt.kit
    unmeasured, unused = _left_over(text, labels, filled)
    plan: dict[str, Any] = {"kit": kit.name, **filled.plan}
    if attempt.unclear:
        bare = [
            each.quantity.text
            for each in labels
            if each.quantity.unit in _SAYS_NOTHING and each.index not in filled.used
        ]
        said = report.unclear(kit.title, attempt.unclear, bare)
        return Planned("spice", plan, said, (), tuple(unmeasured), (), False, (), cost.prompt, cost.completion)
    if attempt.fitted is None:
        said = report.impossible(kit.title, attempt.reason, attempt.nearest, attempt.best)
        nearest = attempt.nearest
        artefacts, verdicts = await _checked(nearest.text, False) if nearest is not None and nearest.text else ((), ())
        stated = _stated(labels)
        return Planned(
            "spice", plan, said, artefacts, stated, verdicts, False, (attempt.reason,), cost.prompt, cost.completion
        )
    fitted = attempt.fitted
    made = constraints.Made(kit.name, filled.plan, fitted.title, fitted.text, fitted.values)
    unheeded = [*constraints.unheeded(text, made), *(f"“{each}”" for each in unread.others(text, kit))]
    ok = fitted.ok and not unmeasured and not unheeded
    unused = [each for each in unused if not (each.tolerance and _within(fitted, each.tolerance))]
    artefacts, verdicts = await _checked(fitted.text, None)
    if any(each.verified is False for each in artefacts):
        ok = False
    requirements = (*(report.requirement(check) for check in fitted.checks), *unmeasured)
    assumed = [*attempt.defaults, *filled.assumed]
    notes = [*fitted.notes, *([f"Not used: {', '.join(each.text for each in unused)}."] if unused else [])]
    unsure = doubts.doubt(
        text, kit, sources=filled.sources.values(), defaults=attempt.defaults, assumed=filled.assumed,
        unused=[each.text for each in unused], counting=[each.text for each in unused if each.counts],
        corner=unread.corner(text, kit, filled.plan, labels),
    ) if ok else ""  # fmt: skip
    body = report.answer(fitted.title, fitted, unmeasured, assumed, notes, unheeded=unheeded)
    verified = None if unsure else ok
    if unsure:
        body = body.replace("every requirement is met in the simulation.", f"met in the simulation as read.{unsure}", 1)
    return Planned(
        "spice", plan, body, artefacts, requirements, verdicts, verified, tuple(notes), cost.prompt, cost.completion
    )


@dataclass(frozen=True, slots=True)
class Unused:
    """A number that nothing uses, with the word beside it; ``counts``: it has a unit and says something."""

    text: str
    counts: bool
    tolerance: float | None = None


_OF_WHAT = re.compile(
    r"\s(?:\w+ )?(?:transmit\w*|receiv\w*|radio|carrier|qrp|rig|transceiver|antenna|sender\w*|empf[äa]ng\w*|"
    r"[ée]metteur|r[ée]cepteur|emisor|receptor|antena|antenne)(?!\w)",
    re.IGNORECASE,
)
"""Behind a frequency that only says what something is: "my 7 MHz transmitter"."""
_OUTSIDE = frozenset(
    {"", "bit", "B", "baud", "bit/s", "S/s", "m", "g", "kg", "N", "Pa", "bar", "lx", "lm", "Ah", "Wh", "VA", "J", "rpm"}
)
"""Units of what stands around a circuit: a number in another one says something of the circuit."""


def _within(fitted: Fitted, percent: float) -> bool:
    """Whether everything that has to be equal is so within a tolerance of the request."""
    return all(
        check.measured is not None
        and abs(check.measured - check.wanted.value) <= percent / 100 * abs(check.wanted.value)
        for check in fitted.checks
        if check.wanted.op == "=" and check.wanted.unit not in ("dB", "deg") and check.wanted.value
    )


def _left_over(text: str, labels: Sequence[Labelled], filled: Filled) -> tuple[list[Requirement], list[Unused]]:
    """What the plan doesn't hold: requirements that nothing measures, and numbers that nothing uses."""
    from kiki_core.events import Requirement

    unmeasured, unused = [], []
    # Said twice is held once.
    held = {(each.value, each.quantity.unit) for each in labels if each.index in filled.used}
    for label in labels:
        if label.index in filled.used or (label.value, label.quantity.unit) in held or _follows(label, labels, filled):
            continue
        if label.value == 0 and label.quantity.unit in ("V", "A", "Hz", ""):
            unused.append(Unused(_around(text, label), False))
            continue
        name = _REQUIREMENTS.get(label.role)
        if name is None and label.quantity.unit and (label.quantity.op != "=" or label.quantity.unit == "dB"):
            name = f"“{_around(text, label)}”"
        if name is not None:
            condition = next((each.text for each in label.quantity.conditions), "")
            shown = f"{name} at {condition}" if condition else name
            unmeasured.append(Requirement(shown, label.quantity.op, label.value, label.quantity.unit, None, None))
        else:
            counts = label.quantity.unit not in _OUTSIDE and label.value != 0 and not label.assumed
            behind = text[label.quantity.end : label.quantity.end + 24]
            if label.role == "sampling" or (label.quantity.unit == "Hz" and _OF_WHAT.match(behind)):
                counts = False
            share = label.value if label.quantity.unit == "%" and label.role in ("tolerance", "regulation") else None
            unused.append(Unused(_around(text, label), counts, share))
    return unmeasured, unused


def _follows(label: Labelled, labels: Sequence[Labelled], filled: Filled) -> bool:
    """Whether a number follows from those that the plan holds: a looser bound right behind one, or Ohm's law."""
    one = label.quantity
    before = next((each for each in labels if each.index == label.index - 1), None)
    if one.op != "=" and before is not None and before.index in filled.used and before.quantity.op == "=":
        bounded = before.value <= label.value if one.op == "<=" else before.value >= label.value
        if before.quantity.unit == one.unit and label.role in ("", before.role) and bounded:
            return True  # "25 % (so below 50 %)"
    if one.unit != "A" or one.op != "=":
        return False
    ohms = [each.value for each in labels if each.quantity.unit == "ohm" and each.index in filled.used and each.value]
    volts = [each.value for each in labels if each.quantity.unit == "V"]
    return any(abs(v / ohm - label.value) <= 0.02 * abs(label.value) for ohm in ohms for v in volts)


def _around(text: str, label: Labelled) -> str:
    """The number with the word before or after it, for people."""
    one = label.quantity
    after = re.match(r"\s[^\W\d]{2,16}", text[one.end :])
    return re.sub(r"\s+", " ", one.text + (after[0] if after else "")).replace("|", "/")


def _stated(labels: Sequence[Labelled]) -> tuple[Requirement, ...]:
    from kiki_core.events import Requirement

    return tuple(
        Requirement(_REQUIREMENTS[each.role], each.quantity.op, each.value, each.quantity.unit, None, None)
        for each in labels
        if each.role in _REQUIREMENTS
    )


async def _checked(deck: str, verdict: bool | None) -> tuple[tuple[Artefact, ...], tuple[Verdict, ...]]:
    """The deck as an artefact, judged by the check that every artefact gets."""
    from kiki_core.events import Artefact
    from kiki_core.verification import check_deck

    artefact = Artefact("circuit.cir", "spice", deck, verdict)
    checked = await check_deck(artefact, 0)
    return (replace(artefact, verified=checked.ok if verdict is None else verdict),), checked.verdicts
