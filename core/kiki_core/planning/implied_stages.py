"""What requests for switches, timers and supplies say without naming the slot: times, limits, a coil, a load."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from kiki_core.planning.implied import Filling
from kiki_core.planning.roles import Labelled

_HIGH = re.compile(r"(?<!\w)(?:high|on|ein\w*|an|haut|allum[ée]e?|alto|encendid[oa]|mark|oben)(?!\w)", re.IGNORECASE)
_LOW = re.compile(r"(?<!\w)(?:low|off|aus\w*|bas|[ée]teint\w*|bajo|apagad[oa]|space|unten)(?!\w)", re.IGNORECASE)
_BESIDE = 24
_TIMED = frozenset({"frequency", "duty"})


def high_and_low(text: str, labels: Sequence[Labelled]) -> tuple[Labelled, Labelled] | None:
    """The two times of a square wave, "high for 0.8 s, low for 0.2 s", "1 s on and 3 s off"; None without both."""
    times = [each for each in labels if each.quantity.unit == "s" and each.value > 0]
    found: dict[str, Labelled] = {}
    for n, each in enumerate(times):
        begin = max(times[n - 1].quantity.end if n else 0, each.quantity.start - _BESIDE)
        end = min(times[n + 1].quantity.start if n + 1 < len(times) else len(text), each.quantity.end + _BESIDE)
        before = re.split(r"[,;]", text[begin : each.quantity.start])[-1]
        after = text[each.quantity.end : end]
        near = []
        for side, words in (("high", _HIGH), ("low", _LOW)):
            near += [(len(before) - match.end(), side) for match in words.finditer(before)]
            # the word behind a number is its own where the next number has none of its own
            near += [(match.start() + 2, side) for match in words.finditer(re.split(r"[,;]", after)[0])]
        if near:
            found.setdefault(min(near)[1], each)
    if len(found) != 2 or found["high"] is found["low"]:
        return None
    return found["high"], found["low"]


def timed(to: Filling) -> None:
    """An oscillator's frequency and duty ratio from its high and its low time."""
    if not (to.open("frequency") and to.open("duty")):
        return
    both = high_and_low(to.text, to.labels)
    if both is None:
        return
    high, low = both
    to.plan["frequency"] = 1 / (high.value + low.value)
    to.plan["duty"] = 100 * high.value / (high.value + low.value)
    to.used.update((high.index, low.index))


def switched(to: Filling) -> None:
    """A coil's resistance where one is stated; a switch's own drop."""
    ohms = [each for each in to.labels if each.quantity.unit == "ohm" and each.index not in to.used]
    if to.open("coil_resistance") and len(ohms) == 1:
        to.put("coil_resistance", ohms[0])
    drops = to.free("saturation", "dropout", "forward")
    if to.open("drop") and drops and drops[0].quantity.unit == "V":
        to.put("drop", drops[0])


def converted(to: Filling) -> None:
    """A converter's current from the resistance of its load, its inductance and capacitance where they are stated."""
    output = to.plan.get("output")
    if to.kit.slot("ripple_current") is None or not isinstance(output, float | int):
        return
    loads = [each for each in to.labels if each.quantity.unit == "ohm" and each.value > 0]
    if to.open("current") and len(loads) == 1:
        to.put("current", loads[0], abs(output) / loads[0].value)


_SHARED = re.compile(
    r"(?:divid\w*|teil\w*|divis\w*)[^.;\n]{0,40}?(?<!\w)(?:by|durch|par|por|entre) (\d{1,4}(?:[.,]\d{1,3})?)"
    r"(?![.,]?\d|\s?(?:[kmµu]?[vaw]|k|[km]?ohms?|[km]?Ω|%|[km]?hz|(?:equal )?(?:r[ée]sist|widerst)\w*)(?!\w))",
    re.IGNORECASE,
)


def limited(to: Filling) -> None:
    """What a divider divides by; the power that it may take, as the current that it may draw."""
    shared = _SHARED.search(to.text[:4000])
    if to.open("ratio") and to.open("output_v") and shared is not None:
        parts = float(shared[1].replace(",", "."))
        if parts > 1:
            to.plan["ratio"] = 1 / parts
            to.used.update(each.index for each in to.labels if each.value == parts and not each.quantity.unit)
    watts = [each for each in to.free("power", "") if each.quantity.unit == "W" and each.value > 0]
    volts = to.plan.get("input_v")
    if to.open("current_a") and to.kit.slot("output_v") and watts and isinstance(volts, float | int) and volts:
        to.put("current_a", watts[0], watts[0].value / abs(volts))


def protected(to: Filling) -> None:
    """What may come at a pin, how far it may be driven, and by how much a signal within the rails may be off.

    "12 V may push the pin to 4 V at most, -5 V no lower than -0.7 V": a bound is the pin's own, beside what comes.
    """
    volts = [each for each in to.labels if each.quantity.unit == "V" and each.value]
    bounds = [each for each in volts if each.quantity.op != "="]
    comes = [each for each in volts if each.quantity.op == "="]
    if len(volts) < 3 or not comes:
        return
    error = next((each for each in bounds if 0 < each.value <= 0.2), None)
    rails = [each for each in comes if 1.5 <= each.value <= 5.5]
    largest = max(comes, key=lambda each: abs(each.value))
    if not rails or abs(largest.value) <= rails[0].value:
        return
    to.put("supply", rails[0])
    to.put("amplitude", largest, abs(largest.value))
    below = next((each for each in comes if each.value < 0 and each is not largest), None)
    if below is not None and largest.value > 0:
        to.used.add(below.index)  # less than what is taken for both signs
    for each in bounds:
        if each is error:
            continue
        if each.value < 0:
            to.put("output_below", each, -each.value)
        elif each.value > rails[0].value:
            to.put("output_most", each)
    if error is not None:
        to.put("error", error)
        inside = [each for each in comes if each.index not in to.used and 0 < each.value < rails[0].value]
        if inside:
            to.put("inside", inside[-1])


_MARK = re.compile(
    r"(?<![\w.])(?:l|lm|ua|µa|mc|ka)?(?P<family>78l?)m?(?P<volts>0[5689]|1[0258]|24|33)|"
    r"1117\w{0,3}[- ](?P<other>1[.v]8|2[.v]5|3[.v]3|5)",
    re.IGNORECASE,
)


def marked(to: Filling) -> None:
    """A three-terminal regulator's family and output from its own name: 7805, 78L12, 1117-3.3."""
    match = _MARK.search(to.text[:4000])
    if match is None:
        return
    to.plan["family"] = (match["family"] or "1117").lower()
    volts = float((match["volts"] or match["other"]).lower().replace("v", "."))
    to.plan["output"] = 3.3 if match["volts"] == "33" else volts
    to.used.update(
        each.index for each in to.labels
        if (each.quantity.unit == "V" and each.value == to.plan["output"]) or _MARK.match(each.quantity.text)
    )  # fmt: skip
    rest = [each for each in to.labels if each.quantity.unit == "V" and each.index not in to.used and each.value > 0]
    if len(rest) == 1 and rest[0].value > volts:
        to.put("vin", rest[0])


def reversible(to: Filling) -> None:
    """The supply, which comes with either sign, and what may be lost."""
    volts = [each for each in to.labels if each.quantity.unit == "V" and each.value]
    lost = next((each for each in volts if 0 < each.value <= 2 and each.quantity.op == "<="), None)
    if lost is not None:
        to.put("drop", lost)
    whole = next((each for each in volts if each is not lost and each.value > 0), None)
    if whole is not None:
        to.put("supply", whole)
        to.used.update(each.index for each in volts if each.value == -whole.value)


def lossy(to: Filling) -> None:
    """A follower that "loses at most 2 dB at 1 kHz"; resistors that may not be larger than stated."""
    if to.kit.name.endswith("_follower") and to.open("gain") and not (to.kit.slot("gain_db") or to.kit.slot("loss_db")):
        lost = next((each for each in to.free("loss") if each.quantity.unit == "dB" and each.value > 0), None)
        if lost is not None:
            to.put("gain", lost, 10 ** (-lost.value / 20))
            to.used.update(each.index for each in to.free("pass", "") if each.quantity.lead == "at"
                           and each.quantity.unit == "Hz" and each.value >= 500)  # fmt: skip
    if to.open("most_ohm"):
        most = next((each for each in to.free("resistance", "feedback", "") if each.quantity.unit == "ohm"
                     and each.quantity.op == "<="), None)  # fmt: skip
        if most is not None:
            to.put("most_ohm", most)


_TO_SUPPLY = re.compile(
    r"\s?(?:load )?(?:(?:up |tied |hung )?to|from|on|an|nach|gegen|vers|[àa]|al|au)\s(?:the |die |le |la )?\+?",
    re.IGNORECASE,
)


def hung(to: Filling) -> None:
    """The supply on which a load hangs: "5 ohm to +12 V"."""
    for ohm, volts in pairwise(to.labels):
        if ohm.quantity.unit == "ohm" and volts.quantity.unit == "V" and volts.value > 0:
            between = to.text[ohm.quantity.end : volts.quantity.start]
            if _TO_SUPPLY.fullmatch(between) or _TO_SUPPLY.fullmatch(between + "+"):
                to.put("supply", volts)


_MOSFET = re.compile(
    r"(?<!\w)(?:2n ?700[02]|bss ?138|bs ?170|n-?mos\w*|n-?(?:channel|kanal)\w*|fet)(?!\w)", re.IGNORECASE
)


def inverted(to: Filling) -> None:
    """The two levels of an inverting logic shifter, the input's first unless words say the other way."""
    volts = [each for each in to.labels if each.quantity.unit == "V" and each.value > 0]
    if _MOSFET.search(to.text[:4000]):
        to.plan["transistor"] = "mosfet"
    if len(volts) != 2:
        return
    first, second = volts
    if first.role == "output_voltage" or second.quantity.lead == "from":
        first, second = second, first
    to.put("drive", first)
    to.put("supply", second)
