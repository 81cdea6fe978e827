"""Requests that can't be: what contradicts itself or physics is said in a sentence, before anything is designed."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from kiki_core.planning.roles import Labelled, order
from kiki_tools.spice.kits.model import shown

_SINGLE_RC = re.compile(
    r"(?<!\w)(?:one|a single|single|only one|just one|1|un seul|une seule|einem(?: einzigen)?|einzelne[sn]?|"
    r"un [úu]nico|un solo)[- ](?:simple )?(?:section|stage|r-?c|r-?l|rc section|rc stage|pole|p[ôo]le|"
    r"resistor and (?:one |"
    r"a (?:single )?)?cap\w*)(?!\w)",
    re.IGNORECASE,
)
_PASSIVE = re.compile(
    r"(?<!\w)(?:passiv\w*|pasiv\w*|r-?c|l-?c|r-?l|divider|spannungsteiler|diviseur|divisor|attenuator|"
    r"only (?:resistors|r and c))(?!\w)",
    re.IGNORECASE,
)
_ACTIVE = re.compile(
    r"op[- ]?amp|acti[vf]|aktiv|transistor|amplif(?:ier|icat|icad)|verst[äa]rk|opv|oscil|oszil|coupled|"
    r"buffer",
    re.IGNORECASE,
)
_STEP_DOWN = frozenset({"buck", "buck_converter", "voltage_divider", "divider", "ldo", "ldo_regulator",
    "linear_regulator",
                        "series_regulator", "zener_regulator", "zener"})  # fmt: skip
_ONCE = {"cutoff": "the cutoff", "center": "the centre frequency", "q": "Q", "oscillation": "the frequency",
         "input_resistance": "the input resistance", "output_resistance": "the output resistance",
         "gain": "the gain"}  # fmt: skip


def found(text: str, labels: Sequence[Labelled], kit: str) -> str:
    """What can't be, in a sentence; empty if nothing contradicts."""
    for check in (_nothing, _slope, _passive_gain, _twice, _gains, _band, _conversion, _efficiency):
        said = check(text, labels, kit)
        if said:
            return said
    return ""


def of_any(text: str, labels: Sequence[Labelled]) -> str:
    """What can't be, in a sentence, whatever circuit is meant; empty if nothing contradicts."""
    return _slope(text, labels, "") or _passive_gain(text, labels, "")


def _of(labels: Sequence[Labelled], role: str) -> Labelled | None:
    return next((each for each in labels if each.role == role), None)


def _nothing(text: str, labels: Sequence[Labelled], kit: str) -> str:
    """ "A cutoff of 0 Hz"."""
    for each in labels:
        name = _ONCE.get(each.role)
        if name and each.value == 0 and each.quantity.op == "=" and (each.quantity.unit == "Hz" or each.role == "gain"):
            return f"{name} of {each.quantity.text.strip()} can't be: nothing comes through then, or nothing turns"
    return ""


def _slope(text: str, labels: Sequence[Labelled], kit: str) -> str:
    slope = _of(labels, "slope")
    if slope is None:
        return ""
    wanted = abs(slope.value) * (1 / math.log10(2) if slope.quantity.unit == "dB/octave" else 1)
    poles = 1 if _SINGLE_RC.search(text) else order(text)
    if poles is None or wanted <= 20 * poles + 1.5:
        return ""
    each = "one RC section has one pole and" if poles == 1 else f"order {poles}"
    return (
        f"{each} falls at {20 * poles} dB per decade, not at {wanted:.0f}: each pole gives 20 dB per decade (6 dB "
        f"per octave). {wanted:.0f} dB per decade take order {math.ceil(wanted / 20 - 0.08)}"
    )


def _passive_gain(text: str, labels: Sequence[Labelled], kit: str) -> str:
    if not _PASSIVE.search(text) or _ACTIVE.search(text):
        return ""
    gain, level = _of(labels, "gain"), _of(labels, "gain_db")
    if gain is not None and abs(gain.value) > 1.001 and gain.quantity.op != "<=":
        return (
            f"a passive network can't amplify: a gain of {gain.value:g} needs an op-amp or a transistor. It gives at "
            "most 1 (0 dB)"
        )
    if level is not None and level.value > 0.01 and level.quantity.op != "<=":
        return (
            f"a passive network can't amplify: {level.value:g} dB of gain need an op-amp or a transistor. It gives "
            "at most 0 dB"
        )
    return ""


def _twice(text: str, labels: Sequence[Labelled], kit: str) -> str:
    if kit in ("crossover", "integrator", "summing_amplifier", "baxandall", "tone_control"):
        return ""
    for role, name in _ONCE.items():
        same = [each for each in labels if each.role == role and each.quantity.op == "=" and not each.assumed]
        values = {round(abs(each.value), 12) for each in same}
        units = {each.quantity.unit for each in same}
        if len(values) > 1 and len(units) == 1:
            said = " and ".join(each.quantity.text for each in same[:3])
            often = "twice" if len(same) == 2 else "several times"
            return f"{name} is stated {often}, differently: {said}. Which one holds?"
    return ""


def _gains(text: str, labels: Sequence[Labelled], kit: str) -> str:
    gain, level = _of(labels, "gain"), _of(labels, "gain_db")
    if gain is None or level is None or not gain.value or kit == "summing_amplifier":
        return ""
    db = 20 * math.log10(abs(gain.value))
    if abs(db - level.value) <= 0.6 or gain.quantity.op != "=" or level.quantity.op != "=":
        return ""
    return f"a gain of {gain.value:g} is {db:.1f} dB, not {level.value:g} dB. Which one holds?"


def _band(text: str, labels: Sequence[Labelled], kit: str) -> str:
    center, width = _of(labels, "center"), _of(labels, "bandwidth")
    quality = _of(labels, "q")
    if center is None or width is None or quality is None or not width.value:
        return ""
    q = center.value / width.value
    if abs(q - quality.value) <= 0.1 * abs(quality.value):
        return ""
    return (
        f"a centre of {shown(center.value, 'Hz')} and a bandwidth of {shown(width.value, 'Hz')} are a Q of {q:.3g}, "
        f"not {quality.value:g}. Which two hold?"
    )


_LINEAR = ("linear_regulator", "adjustable_regulator", "zener_regulator", "zener_pass", "variable_supply")


def _efficiency(text: str, labels: Sequence[Labelled], kit: str) -> str:
    """What passes the load's current on from a higher voltage burns the difference: at most ``Vout / Vin``."""
    wanted = next((each for each in labels if each.role == "efficiency" and each.quantity.op != "<="), None)
    if wanted is None:
        return ""
    before, after = _of(labels, "input_voltage"), _of(labels, "output_voltage")
    best = 100.0
    if kit in _LINEAR and before is not None and after is not None and 0 < after.value < before.value:
        best = 100 * after.value / before.value
    if wanted.value <= best:
        return ""
    if best == 100.0:
        return f"an efficiency of {wanted.value:g} % can't be: nothing gives out more than it takes"
    assert before is not None
    assert after is not None
    return (
        f"a linear regulator from {shown(before.value, 'V')} to {shown(after.value, 'V')} has an efficiency of at most "
        f"Vout / Vin = {best:.0f} %, not {wanted.value:g} %: a buck converter can have it"
    )


def _conversion(text: str, labels: Sequence[Labelled], kit: str) -> str:
    before, after = _of(labels, "input_voltage"), _of(labels, "output_voltage")
    if before is None or after is None or before.value <= 0 or after.value <= 0:
        return ""
    raised = after.value >= before.value
    if kit in _STEP_DOWN and raised:
        how = "a boost converter" if after.value > before.value else "a direct connection"
        what = {"v": "a divider", "d": "a divider", "b": "a buck converter", "z": "a Zener regulator"}.get(
            kit[0], "a linear regulator"
        )
        return (
            f"{what} can't make {shown(after.value, 'V')} out of {shown(before.value, 'V')}: its output is below its "
            f"input. {how.capitalize()} does that"
        )
    if kit.startswith("boost") and not raised:
        return (
            f"a boost converter can't make {shown(after.value, 'V')} out of {shown(before.value, 'V')}: its output "
            "is above its input. A buck converter does that"
        )
    return ""
