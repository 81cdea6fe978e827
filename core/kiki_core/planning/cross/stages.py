"""The stage that brings a sensor's volts onto a line of the converter: out = offset + slope * in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from kiki_core.planning.cross.ranges import Signal
from kiki_core.planning.cross.wishes import Wishes
from kiki_tools.spice.kits.series import nearest, pair


class Impossible(ValueError):
    """No front end does it: says why."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Cards from `s` to `sig` (none: the sensor goes on directly), and the line that rounded parts make.

    ``noise_gain``: what divides its amplifier's bandwidth.
    """

    cards: list[str]
    slope: float
    offset: float
    values: dict[str, float]
    kind: str
    noise_gain: float
    notes: list[str] = field(default_factory=list)


_MOST_GAIN = 2000


def staged(low: float, high: float, slope: float, offset: float, signal: Signal, wishes: Wishes) -> Stage:
    """The stage for a line, from volts ``low`` to ``high``. Raises Impossible."""
    reference = wishes.reference
    if abs(slope) > _MOST_GAIN:
        raise Impossible(
            f"a gain of {slope:.0f} in one stage brings more noise and offset than signal: take a delta-sigma converter"
        )
    made = _chosen(low, high, slope, offset, signal, wishes)
    loads = made.cards and made.kind not in ("non-inverting amplifier", "instrumentation amplifier")
    if wishes.buffered and loads and low >= -1e-9 and high <= reference:
        return _behind_follower(made)
    if wishes.buffered and loads and low < 0:
        return _behind_follower(made, "its amplifier lives from both polarities, since the sensor goes below ground")
    return made


def _behind_follower(stage: Stage, note: str = "") -> Stage:
    """The stage with a follower before it, which loads the sensor with nothing."""
    cards = [re.sub(r"^(R\d+) s ", r"\1 si ", card) for card in stage.cards]
    return replace(
        stage,
        cards=["X0 s si si opamp", *cards],
        kind=f"follower and {stage.kind}",
        notes=[*stage.notes, *([note] if note else [])],
    )


def _chosen(low: float, high: float, slope: float, offset: float, signal: Signal, wishes: Wishes) -> Stage:
    reference = wishes.reference
    shifts = abs(offset) > 2e-3 * reference
    if signal.floating:
        return _instrumentation(slope, offset if shifts else 0.0, reference)
    if wishes.inverting:
        return _inverting(low, high, slope, offset, reference)
    if shifts:
        return _raised(slope, offset, reference) if offset > 0 else _lowered(slope, offset, reference)
    if abs(slope - 1) < 1e-9:
        return Stage([], 1.0, 0.0, {}, "direct", 1.0)
    return _divided(slope) if slope < 1 else _amplified(slope, high, reference)


def _amplified(gain: float, high: float, reference: float) -> Stage:
    feedback, base = pair(max(0.01, gain - 1), "E96", 1e3, 10e3)
    real = 1 + feedback / base
    if real * high > reference:
        feedback = nearest(feedback * 0.98, "E96")
        real = 1 + feedback / base
    cards = ["X1 s fb sig opamp", f"R1 sig fb {feedback:.6g}", f"R2 fb 0 {base:.6g}"]
    return Stage(cards, real, 0.0, {"R1": feedback, "R2": base}, "non-inverting amplifier", real)


def _divided(slope: float) -> Stage:
    upper, lower = pair(1 / slope - 1, "E96", 4.7e3, 22e3)
    real = lower / (upper + lower)
    cards = [f"R1 s d {upper:.6g}", f"R2 d 0 {lower:.6g}", "X1 d sig sig opamp"]
    return Stage(cards, real, 0.0, {"R1": upper, "R2": lower}, "divider and follower", 1.0)


def _raised(slope: float, offset: float, reference: float) -> Stage:
    """Sensor and reference meet at the amplifier's input through resistors; what they lack in height its gain makes up."""
    share = offset / reference
    gain = max(1.0, slope + share)
    one, other = slope / gain, share / gain
    rest = 1 - one - other if 1 - one - other > 0.004 else 0.0
    r_in, r_ref, r_low = min(
        (_shares(10e3 * 10 ** (step / 96), one, other, rest) for step in range(96)), key=lambda each: each[0]
    )[1:]
    conductance = 1 / r_in + 1 / r_ref
    cards = [f"Vref ref 0 DC {reference:.6g}", f"R1 s d {r_in:.6g}", f"R2 ref d {r_ref:.6g}"]
    values = {"R1": r_in, "R2": r_ref}
    if r_low:
        conductance += 1 / r_low
        cards.append(f"R3 d 0 {r_low:.6g}")
        values["R3"] = r_low
    real = 1.0
    if gain > 1.004:
        feedback, base = pair(gain - 1, "E96", 1e3, 10e3)
        real = 1 + feedback / base
        cards += ["X1 d fb sig opamp", f"R4 sig fb {feedback:.6g}", f"R5 fb 0 {base:.6g}"]
        values |= {"R4": feedback, "R5": base}
    else:
        cards.append("X1 d sig sig opamp")
    return Stage(cards, real / r_in / conductance, real * reference / r_ref / conductance, values, "level shift", real)


def _shares(scale: float, one: float, other: float, rest: float) -> tuple[float, float, float, float]:
    """Resistors of E96 that weigh sensor, reference and ground so, and how far their rounding is off."""
    largest = scale * max(1.0, max(one, other, rest))
    r_in, r_ref, r_low = (nearest(largest / part, "E96") if part else 0.0 for part in (one, other, rest))
    total = 1 / r_in + 1 / r_ref + (1 / r_low if r_low else 0.0)
    return abs(1 / r_in / total - one) / one + abs(1 / r_ref / total - other) / other, r_in, r_ref, r_low


def _lowered(slope: float, offset: float, reference: float) -> Stage:
    """A difference amplifier takes a part of the reference off the sensor's volts."""
    ratio = -offset / reference
    if slope / (1 + ratio) <= 1:
        feedback, base = pair(ratio, "E96", 2.2e3, 47e3)
        ratio = feedback / base
        lower, upper = (
            pair(1 / max(1e-9, (1 + ratio) / slope - 1), "E96", 4.7e3, 100e3) if slope < 1 + ratio else (0.0, 0.0)
        )
        share = lower / (upper + lower) if lower else 1.0
        cards = [f"Vref ref 0 DC {reference:.6g}", f"R1 ref fb {base:.6g}", f"R2 sig fb {feedback:.6g}", f"R3 s d {upper or 10e3:.6g}",
                 *([f"R4 d 0 {lower:.6g}"] if lower else []), "X1 d fb sig opamp"]  # fmt: skip
        values = {"R1": base, "R2": feedback, "R3": upper or 10e3, **({"R4": lower} if lower else {})}
        return Stage(cards, share * (1 + ratio), -ratio * reference, values, "difference amplifier", 1 + ratio)
    level = -offset / slope
    if not 0.005 * reference < level < 0.995 * reference:
        raise Impossible(
            f"{level:.4g} V to be taken off is beyond the reference of {reference:g} V: divide the signal first"
        )
    upper, lower = pair(reference / level - 1, "E96", 2.2e3, 22e3)
    level = reference * lower / (upper + lower)
    feedback, base = pair(slope, "E96", 4.7e3, 22e3)
    cards = [f"Vref ref 0 DC {reference:.6g}", f"R1 ref bias {upper:.6g}", f"R2 bias 0 {lower:.6g}", "X1 bias level level opamp",
             f"R3 level fb {base:.6g}", f"R4 sig fb {feedback:.6g}", f"R5 s d {base:.6g}", f"R6 d 0 {feedback:.6g}", "X2 d fb sig opamp"]  # fmt: skip
    real = feedback / base
    values = {"R1": upper, "R2": lower, "R3": base, "R4": feedback, "R5": base, "R6": feedback}
    return Stage(cards, real, -real * level, values, "difference amplifier", 1 + real)


def _inverting(low: float, high: float, slope: float, offset: float, reference: float) -> Stage:
    """An inverting stage about a bias: out = bias (1 + k) - k in; its line runs down where the other runs up."""
    middle = offset + slope * (low + high) / 2
    feedback, base = pair(slope, "E96", 4.7e3, 47e3)
    k = feedback / base
    bias = (middle + k * (low + high) / 2) / (1 + k)
    if not 0.01 * reference < bias < 0.99 * reference:
        raise Impossible("the range lies too far from zero for one stage: shift it first")
    upper, lower = pair(reference / bias - 1, "E96", 4.7e3, 22e3)
    bias = reference * lower / (upper + lower)
    cards = [f"Vref ref 0 DC {reference:.6g}", f"R3 ref bias {upper:.6g}", f"R4 bias 0 {lower:.6g}", "X1 bias fb sig opamp",
             f"R1 sig fb {feedback:.6g}", f"R2 s fb {base:.6g}"]  # fmt: skip
    values = {"R1": feedback, "R2": base, "R3": upper, "R4": lower}
    return Stage(cards, -k, bias * (1 + k), values, "inverting level shift", 1 + k)


def _buffered(
    offset: float, reference: float, names: tuple[str, str, str]
) -> tuple[float, list[str], dict[str, float]]:
    """The node ``level`` near ``offset`` volts: divided from the reference by two resistors, behind a follower.

    ``names``: of the upper and the lower resistor and the follower. Gives the level in volts, cards and values.
    """
    over, under, follower = names
    upper, lower = pair(max(0.01, reference / offset - 1), "E96", 4.7e3, 22e3)
    cards = [f"Vref ref 0 DC {reference:.6g}", f"{over} ref bias {upper:.6g}", f"{under} bias 0 {lower:.6g}",
             f"{follower} bias level level opamp"]  # fmt: skip
    return reference * lower / (upper + lower), cards, {over: upper, under: lower}


def _instrumentation(gain: float, offset: float, reference: float) -> Stage:
    """Two stages: 1 + 2 R/Rg, then a difference amplifier of gain one, on ground or on a level from the reference."""
    r = 10e3
    if gain < 1:
        return _difference(gain, offset, reference)
    rg = nearest(2 * r / (gain - 1), "E96") if gain > 1.01 else 1e6
    real = 1 + 2 * r / rg
    if rg < 5:
        raise Impossible("no resistor of E96 sets this gain")
    foot, level, values = "0", 0.0, {"R1": r, "R2": r, "Rg": rg}
    cards: list[str] = []
    if offset > 0:
        level, cards, added = _buffered(offset, reference, ("R7", "R8", "X4"))
        foot, values = "level", values | added
    cards += ["X1 s n1 o1 opamp", "X2 sn n2 o2 opamp", f"R1 o1 n1 {r:.6g}", f"Rg n1 n2 {rg:.6g}", f"R2 n2 o2 {r:.6g}", "R3 o2 m 10k",
              "R4 m sig 10k", "R5 o1 q 10k", f"R6 q {foot} 10k", "X3 q m sig opamp"]  # fmt: skip
    return Stage(cards, real, level, values, "instrumentation amplifier", max(real, 2.0))


def _difference(gain: float, offset: float, reference: float) -> Stage:
    """One amplifier for a differential signal that is made smaller, on ground or on a level from the reference."""
    feedback, base = pair(gain, "E96", 22e3, 220e3)
    foot, level, values = "0", 0.0, {"R1": base, "R2": feedback, "R3": base, "R4": feedback}
    cards: list[str] = []
    if offset > 0:
        level, cards, added = _buffered(offset, reference, ("R5", "R6", "X2"))
        foot, values = "level", values | added
    cards += [
        f"R1 sn m {base:.6g}",
        f"R2 m sig {feedback:.6g}",
        f"R3 s q {base:.6g}",
        f"R4 q {foot} {feedback:.6g}",
        "X1 q m sig opamp",
    ]
    return Stage(cards, feedback / base, level, values, "difference amplifier", 1 + feedback / base)
