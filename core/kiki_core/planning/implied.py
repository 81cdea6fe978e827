"""What a request says without naming the slot: pairs of a map, losses beside a notch, where a gain is measured."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from kiki_core.planning.roles import Labelled, sections
from kiki_tools.spice.kits.model import Kit


@dataclass
class Filling:
    """A plan in the making: values by slot, the labels that it holds, and where each value came from."""

    kit: Kit
    text: str
    labels: Sequence[Labelled]
    plan: dict[str, Any] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)
    sources: dict[str, Labelled] = field(default_factory=dict)

    def put(self, name: str, label: Labelled, value: float | None = None) -> None:
        """The slot ``name`` from a label."""
        self.plan[name] = label.value if value is None else value
        self.used.add(label.index)
        self.sources[name] = label

    def open(self, name: str) -> bool:
        """Whether the kit has such a slot and nothing is in it yet."""
        return self.kit.slot(name) is not None and name not in self.plan

    def free(self, *roles: str) -> list[Labelled]:
        """Labels of these roles that nothing holds yet."""
        return [each for each in self.labels if each.role in roles and each.index not in self.used]


_RF = 300e3
_STIFF_SOURCE = re.compile(
    r"(?:zero|0 ?(?:ohms?|Ω)|no|negligible|(?:very )?low|basically zero|nearly zero) (?:output |source |internal )?"
    r"(?:impedance|resistance)|(?:driven|fed) (?:by|from) (?:an op-?amp|a voltage source|an ideal (?:voltage )?source|"
    r"a stiff source)|ideal(?:e[rn]?)? (?:voltage source|spannungsquelle)|(?:r[ée]sistance|imp[ée]dance) (?:de sortie |"
    r"de source )?nulle|innenwiderstand (?:null|0)|(?:resistencia|impedancia) (?:de salida |de fuente )?(?:nula|cero)",
    re.IGNORECASE,
)
_BECOMES = re.compile(
    r"^.{0,12}(?:->|→|=>|(?<!\w)(?:maps? to|becomes?|gives?|should (?:be|give|read)|reads?|yields?|devien\w*|"
    r"donne\w*|wird|ergibt|ergeben|werden|corresponde\w*|da|pasa a))",
    re.IGNORECASE,
)
TWICE = re.compile(
    r"(?<!\w)(?:(?P<two>doubl\w*|verdopp\w*|duplic\w*)|(?P<half>halve|halbier\w*|half)|(?P<three>triple|verdreif\w*|"
    r"triplica\w*))\s(?:the |its |le |den |die |la |el )?(?:voltage )?(?:gain|verst[äa]rk\w*|ganancia)",
    re.IGNORECASE,
)
_SINGLE = re.compile(
    r"(?<!\w)(?:(?:one|a|only one|just one) )?(?:single|un seul|une seule|einzige[rns]?|un solo|"
    r"una sola)[ -](?:\w+ )?(?:r-?[cl]|section|stage|cell\w*|glied|stufe|c[ée]lula|etapa|pole)(?!\w)",
    re.IGNORECASE,
)


def mapped(to: Filling) -> None:
    """ "-10 V -> 0 V, 0 V -> 1.65 V and 10 V -> 3.3 V": a range mapper's ends, from pairs of input and output."""
    if not to.open("in_min") or not to.open("out_max"):
        return
    pairs = [
        (low, high)
        for low, high in pairwise(to.labels)
        if low.quantity.unit == high.quantity.unit == "V" and low.quantity.form != "±"
        and _BECOMES.search(to.text[low.quantity.end : high.quantity.start])
    ]  # fmt: skip
    if len(pairs) < 2:
        return
    first = min(pairs, key=lambda pair: pair[0].value)
    last = max(pairs, key=lambda pair: pair[0].value)
    for (low, high), ends in ((first, ("in_min", "out_min")), (last, ("in_max", "out_max"))):
        to.put(ends[0], low)
        to.put(ends[1], high)
    slope = (last[1].value - first[1].value) / ((last[0].value - first[0].value) or 1.0)
    for low, high in pairs:
        at = first[1].value + slope * (low.value - first[0].value)
        if abs(at - high.value) <= 0.02 * abs(last[1].value - first[1].value):
            to.used.update((low.index, high.index))
    supplies = [each for each in to.labels if each.index not in to.used and each.quantity.unit == "V"]
    for each in supplies:
        if any(abs(abs(each.value) - abs(other.value)) < 1e-9 for pair in pairs for other in pair):
            to.used.add(each.index)  # "a sensor with ±10 V and an ADC on 3.3 V" says the same


def depth(to: Filling) -> None:
    """A level alone at a notch is its depth: "120 Hz, I'd be happy with 30 dB"."""
    name = next((name for name in ("stop_db", "depth_db") if to.open(name)), None)
    if name is None or not ("notch" in to.kit.name or "bandstop" in to.kit.name):
        return
    levels = [each for each in to.free("", "attenuation") if each.quantity.unit == "dB" and abs(each.value) >= 6]
    if len(levels) == 1:
        to.put(name, levels[0], abs(levels[0].value))


def notch_width(to: Filling) -> None:
    """A notch's Q from what may be lost beside it: ``10 lg(1 + 1 / (Q (f/f0 - f0/f))²)`` dB."""
    kit, losses = to.kit, to.free("loss", "attenuation")
    if not (to.open("q") and to.open("bandwidth_hz") and kit.slot("stop_db")):
        return
    deep = next((each for each in to.free("") if each.quantity.unit == "dB" and each.value >= 6), None)
    if to.open("stop_db") and deep is not None:
        to.put("stop_db", deep)
    middle = next((each for each in to.labels if each.role == "center"), None)
    center = float(to.plan.get("center_hz") or (middle.value if middle is not None else 0.0))
    if not center:
        return
    lost = next((each for each in losses if 0 < each.value <= 3.1 and each.quantity.op == "<="), None)
    if lost is None:
        return
    beside = [
        each for each in to.labels
        if each.quantity.unit == "Hz" and abs(each.value / center - 1) > 0.02
        and each.role not in ("bandwidth", "center")
    ]  # fmt: skip
    if not beside:
        return
    ratio = min(abs(each.value / center - center / each.value) for each in beside)
    to.plan["q"] = round(1.15 / (ratio * math.sqrt(10 ** (lost.value / 10) - 1)), 3)
    to.used.update((lost.index, *(each.index for each in beside)))
    for name in ("low_hz", "high_hz"):
        to.plan.pop(name, None)


def measured_at(to: Filling) -> None:
    """ "A gain of 20 at 1 kHz": where the gain holds, not where something turns; and "within 1 dB to 20 kHz"."""
    kit = to.kit
    if not (kit.slot("gain") or kit.slot("gain_db")) or kit.slot("cutoff_hz") or kit.slot("center_hz"):
        return
    for before, label in pairwise(to.labels):
        if label.index in to.used or label.quantity.unit != "Hz" or label.quantity.lead != "at":
            continue
        if not _is_gain(to, before) and (
            before.role not in ("gain", "gain_db", "input_resistance", "output_resistance", "mark")
        ):
            continue
        to.used.add(label.index)
        if to.open("bandwidth") and label.value > 2e3:
            to.plan["bandwidth"] = 4 * label.value
        if to.open("f_low") and label.value < 200:
            to.plan["f_low"] = label.value / 10
    highs = to.free("f_high", "pass", "cutoff") if to.open("bandwidth") else []
    if highs:
        highest = max(highs, key=lambda each: each.value)
        lost = next((each for each in to.free("loss", "ripple_db") if 0 < each.value <= 3), None)
        part = 1.0 if lost is None else 1.05 / math.sqrt(10 ** (lost.value / 10) - 1)
        to.plan["bandwidth"] = highest.value * part
        to.used.update(each.index for each in (*highs, *([lost] if lost else []), *to.free("f_low")))


def _is_gain(to: Filling, level: Labelled) -> bool:
    """ "Gain 100 (40 dB ± 1 dB) at 10 kHz": the level is the gain again."""
    gain = to.plan.get("gain")
    same = bool(gain) and level.quantity.unit == "dB" and abs(20 * math.log10(abs(gain or 1)) - level.value) <= 0.5
    if same:
        to.used.add(level.index)
    return same


_TWO_CAPACITORS = re.compile(
    r"(?<!\w)(?:each|both|two|2 ?x|2 ?×|pair of|je(?:weils)?|zwei|chacun\w*|deux|cada uno|dos)(?!\w)|"
    r"(?<!\w)(?:\w*cap(?:acitor)?s|\w*kondensatoren|\w*kapazit[äa]ten|condensateurs|condensadores)(?!\w)",
    re.IGNORECASE,
)
"""That a crystal's capacitance is said of the two parts, not of the crystal."""


def as_parts(to: Filling) -> None:
    """The two capacitors of a crystal as parts; two resistances to match, from the first to the second."""
    if to.open("each_capacitor") and _TWO_CAPACITORS.search(to.text[:4000]):
        label = next((each for each in to.labels if each.quantity.unit == "F"), None)
        if label is not None:
            to.put("each_capacitor", label)
    if to.kit.name == "logic_shifter":
        volts = sorted({each.value for each in to.labels if each.quantity.unit == "V" and each.value > 0})
        if len(volts) == 2:
            to.plan["low_supply"], to.plan["high_supply"] = volts
            to.used.update(each.index for each in to.labels if each.value in volts)
        ohm = next((e for e in to.labels if e.quantity.unit == "ohm" or (e.quantity.scaled and e.value >= 100)), None)
        if ohm is not None:
            to.put("pull_up", ohm)
    if to.kit.name == "compensated_probe":
        _of_a_probe(to)
    if to.kit.name == "tl431_shunt":
        held = next(iter(to.free("reference", "output_voltage", "zener")), None)
        if held is not None:
            to.put("output", held)
    if to.kit.name == "matching_network" and to.open("source_ohm") and to.open("load_ohm"):
        ohms = [each for each in to.labels if each.quantity.unit == "ohm" and each.value > 0]
        if len(ohms) == 2 and not any(each.role in ("load", "source") for each in ohms):
            to.put("source_ohm", ohms[0])
            to.put("load_ohm", ohms[1])


def _of_a_probe(to: Filling) -> None:
    """The oscilloscope's input and the ratio; the tip's resistance is their product, and is used where it agrees."""
    ohms = sorted((each for each in to.labels if each.quantity.unit == "ohm"), key=lambda each: each.value)
    ratio = next((e for e in to.labels if e.role in ("ratio", "gain") and e.value), None)
    farad = next((e for e in to.labels if e.quantity.unit == "F"), None)
    if ratio is not None:
        to.put("ratio", ratio, abs(ratio.value))
    if farad is not None:
        to.put("scope_f", farad)
    if ohms:
        to.put("scope_ohm", ohms[0])
    times = to.plan.get("ratio", 10.0)
    times = times if times > 1 else 1 / times
    if len(ohms) == 2 and abs(ohms[1].value / (ohms[0].value * times) - 1) < 0.02:
        to.used.add(ohms[1].index)


def resistances(to: Filling) -> None:
    """Zero resistance of a source, a load that is only called a resistor, gain from two resistors."""
    if to.open("source_ohm") and _STIFF_SOURCE.search(to.text[:4000]):
        to.plan["source_ohm"] = 0.0
    if (
        to.kit.name.startswith(("rlc_", "rl_"))
        and to.open("resistance")
        and (load := next(iter(to.free("load")), None)) is not None
    ):
        to.put("resistance", load)
    if to.open("load_ohm") and not (to.kit.slot("resistance") or to.kit.slot("r1_ohm")):
        label = next(iter(to.free("resistance")), None)
        if label is not None:
            to.put("load_ohm", label)
    feedback, entry = to.free("feedback"), [each for each in to.labels if each.role == "input_resistance"]
    if to.open("gain") and to.open("gain_db") and feedback and entry and entry[0].value:
        gain = feedback[0].value / entry[0].value
        changed = TWICE.search(to.text[:4000])
        if changed is not None:
            gain *= 2.0 if changed["two"] else 0.5 if changed["half"] else 3.0
        to.plan["gain"] = gain
        to.used.add(feedback[0].index)


_LEAST_LOSS = re.compile(
    r"min(?:imum|imal\w*)?[- ]loss|least loss|(?:geringst|minimal)\w* (?:d[äa]mpfung|verlust)\w*|pertes? minimales?|"
    r"p[ée]rdidas? m[íi]nimas?",
    re.IGNORECASE,
)


def divided(to: Filling) -> None:
    """A divider by its ratio and its resistance; a pad that loses no more than it must."""
    if to.open("ratio") and to.kit.slot("output_v"):
        ratio = next(iter(to.free("ratio")), None)
        if ratio is not None and ratio.value:
            to.put("ratio", ratio, min(abs(ratio.value), 1 / abs(ratio.value)))
        whole = next(iter(to.free("input_resistance")), None)
        volts = to.plan.get("input_v") or next(
            (e.value for e in to.labels if e.quantity.unit == "V" and e.value > 0), 10.0
        )
        if whole is not None and to.open("current_a") and whole.value:
            to.plan["current_a"] = volts / whole.value
            to.used.add(whole.index)
        if "ratio" in to.plan and not any(each.quantity.unit == "V" for each in to.labels):
            to.plan["input_v"] = 10.0
    if to.open("loss_db") and to.kit.slot("return_loss_db") and _LEAST_LOSS.search(to.text[:4000]):
        ohms = sorted(each.value for each in to.labels if each.quantity.unit == "ohm" and each.value > 0)
        if len(ohms) >= 2:
            apart = ohms[-1] / ohms[0]
            to.plan["loss_db"] = math.ceil(2000 * math.log10(math.sqrt(apart) + math.sqrt(apart - 1))) / 100


def supplied(to: Filling) -> None:
    """A converter's current from its power, its ripple current from a share, a secondary from the output behind it."""
    plan = to.plan
    output = plan.get("output", plan.get("output_v"))
    volts = abs(output) if isinstance(output, float | int) else 0.0  # of a filter it names the tap
    power = next(iter(to.free("power")), None)
    if to.open("current") and power is not None and volts and not to.kit.slot("power"):
        plan["current"] = power.value / volts
        to.used.add(power.index)
    part = next((each for each in to.free("ripple") if each.quantity.unit == "%"), None)
    if to.open("ripple") and not to.kit.slot("ripple_percent") and part is not None and volts:
        plan["ripple"] = part.value / 100 * volts
        to.used.add(part.index)
    share = next((each for each in to.free("ripple_current") if each.quantity.unit == "%"), None)
    if to.open("ripple_current") and share is not None and "current" in plan:
        plan["ripple_current"] = share.value / 100 * plan["current"]
        to.used.add(share.index)
    load = next(iter(to.free("load", "resistance")), None)
    if to.kit.name == "rectifier" and to.open("current") and load is not None and load.value and plan.get("vac"):
        drops = 1 if plan.get("kind") in ("half", "full") else 2
        peak = plan["vac"] * math.sqrt(2) - 0.8 * drops - plan.get("ripple", 0.0) / 2
        plan["current"] = max(peak, 0.1) / load.value
        to.used.add(load.index)
    if (
        to.kit.name == "rectifier"
        and plan.get("output")
        and plan.get("vac", 0) >= 100
        and "transform" in to.text.lower()
    ):
        del plan["vac"]  # the mains' own; the secondary follows from the output
    if to.open("time_constant") and to.kit.name == "integrator" and not to.plan.get("f_unity"):
        rate = next((each for each in to.labels if each.quantity.unit == "V/s" and each.value), None)
        level = next((each for each in to.labels if each.quantity.unit == "V" and each.value), None)
        if rate is not None:
            plan["time_constant"] = abs(level.value if level is not None else 1.0) / abs(rate.value)
            to.used.update({rate.index, *([level.index] if level is not None else [])})
            if level is not None and plan.get("supply") == level.value:
                del plan["supply"]
    if to.kit.name in ("voltage_to_current", "howland_pump"):
        pair = next(((low, high) for low, high in pairwise(to.labels) if low.quantity.unit == high.quantity.unit == "V"
                     and low.value == 0 < high.value), None)  # fmt: skip
        if pair is not None:
            to.put("v_in", pair[1])
            if plan.get("supply") == pair[1].value:
                del plan["supply"]


def within_pass_band(to: Filling) -> None:
    """A loss that is allowed belongs to the edge of a pass band: a frequency that no word names is that edge."""
    if "max_loss_db" not in to.plan or "pass_hz" in to.plan or to.kit.slot("pass_hz") is None:
        return
    source = to.sources.get("cutoff_hz")
    if source is not None and source.role in ("", "center"):
        to.plan["pass_hz"] = to.plan.pop("cutoff_hz")
        to.sources["pass_hz"] = to.sources.pop("cutoff_hz")
        return
    del to.plan["max_loss_db"]
    label = to.sources.pop("max_loss_db", None)
    if label is not None:
        to.used.discard(label.index)  # nothing measures it


def curve(to: Filling) -> None:
    """Levels that a RIAA stage has by its curve, and the two ends of a shelf."""
    levels = [
        (level, next((each for each in to.labels if each.quantity.start == at.start), None))
        for level in to.labels if level.quantity.unit == "dB" for at in level.quantity.conditions if at.unit == "Hz"
    ]  # fmt: skip
    if to.kit.name == "riaa_preamp":
        from kiki_tools.spice.kits.equalisers import riaa_db

        middle = next((level for level, at in levels if at is not None and abs(at.value - 1e3) < 1), None)
        if middle is not None:
            to.put("gain_db", middle, abs(middle.value))
        gain = float(to.plan.get("gain_db", 40.0))
        for level, at in levels:
            if at is not None and abs(level.value - gain - riaa_db(at.value)) <= 0.6:
                to.used.update((level.index, at.index))
        to.used.update(each.index for each in to.labels if each.role in ("loss", "tolerance") and each.value >= 0.7)
    if to.open("boost_db"):
        pairs = [(level, at) for level, at in pairwise(to.labels)
                 if level.quantity.unit == "dB" and at.quantity.unit == "Hz"]  # fmt: skip
        lifts = [(level, at) for level, at in pairs if level.value]
        lifted = max(lifts, key=lambda pair: abs(pair[0].value), default=None)
        flat = next(((level, at) for level, at in pairs if not level.value), None)
        if lifted is not None:
            to.put("boost_db", lifted[0])
            to.put("boost_hz", lifted[1])
            between = [pair for pair in lifts if 0 < pair[0].value < lifted[0].value]
            if len(between) == 1 and to.open("mid_db"):
                to.put("mid_db", between[0][0])
                to.put("mid_hz", between[0][1])
            tau = next((each for each in to.labels if each.quantity.unit == "s" and each.value > 0), None)
            if tau is not None and abs(2 * math.pi * tau.value * float(to.plan.get("mid_hz", 0.0)) - 1) < 0.02:
                to.used.add(tau.index)  # "50 µs … +3 dB at 3.18 kHz" says the same
        rest = [each for each in to.free("pass", "", "f_low", "f_high", "stop") if each.quantity.unit == "Hz"]
        if flat is not None:
            to.put("flat_hz", flat[1])
            to.used.add(flat[0].index)
        elif rest:
            to.put("flat_hz", rest[0])
        to.used.update(each.index for each in to.labels if each.quantity.unit == "dB" and 1.0 <= each.value <= 2.0)


_EACH = re.compile(
    r"(?<!\w)(?:each|every|all|both|equal\w*|same|per (?:input|channel)|je(?:weils|der|de)?|"
    r"chacun\w*|chaque|cada|todos)(?!\w)",
    re.I,
)
_THREE = re.compile(r"(?<!\w)(?:three|3|drei|trois|tres)(?!\w)[ -](?!db|hz|v\b)", re.I)


def summed(to: Filling) -> None:
    """ "Three microphones, each with a gain of 10": the same gain for every input."""
    if not (to.kit.slot("gain1") and to.kit.slot("gain2")):
        return
    gains = [each for each in to.labels if each.role == "gain"]
    if len(gains) == 1 and _EACH.search(to.text[:4000]):
        to.put("gain1", gains[0], abs(gains[0].value))
        to.plan["gain2"] = to.plan["gain1"]
    if _THREE.search(to.text[:4000]) and "gain3" not in to.plan and len(gains) <= 1:
        to.plan["gain3"] = to.plan.get("gain1", 1.0)
        to.plan.setdefault("gain2", to.plan["gain3"])


def looped(to: Filling) -> None:
    """ "0 to 5 V in, 4 to 20 mA out": two ranges of a current loop."""
    if not (to.open("i_min") and to.open("v_max")):
        return
    for unit, names in (("V", ("v_min", "v_max")), ("A", ("i_min", "i_max"))):
        ranges = [
            (low, high) for low, high in pairwise(to.labels)
            if low.quantity.unit == high.quantity.unit == unit and 0 <= low.value < high.value
            and high.quantity.start - low.quantity.end < 8 and low.role != "supply"
        ]  # fmt: skip
        if ranges:
            to.put(names[0], ranges[0][0])
            to.put(names[1], ranges[0][1])


def received(to: Filling) -> None:
    """ "4 to 20 mA across 250 ohm into 0 to 3.3 V": the input range is the current's times the resistor."""
    if not to.open("in_min") or not to.open("out_max"):
        return
    ohm = next((each for each in to.labels if each.quantity.unit == "ohm" and each.value > 0), None)
    amperes = [each for each in to.labels if each.quantity.unit == "A"]
    volts = [each for each in to.labels if each.quantity.unit == "V" and each.role != "supply"]
    if ohm is None or len(amperes) != 2 or not 1 <= len(volts) <= 2:
        return
    for name, each in zip(("in_min", "in_max"), sorted(amperes, key=lambda one: one.value), strict=True):
        to.put(name, each, each.value * ohm.value)
    to.used.add(ohm.index)
    if len(volts) == 2:
        to.put("out_min", min(volts, key=lambda one: one.value))
    to.put("out_max", max(volts, key=lambda one: one.value))


def integrating(to: Filling) -> None:
    """ "A gain of 1 at 1 kHz, at most 100 at DC": where an integrator's line runs, and where it ends."""
    if not to.open("f_unity"):
        return
    for before, label in pairwise(to.labels):
        if before.role == "gain" and label.quantity.unit == "Hz" and label.quantity.lead == "at" and before.value:
            factor = abs(before.value) if to.kit.name == "integrator" else 1 / abs(before.value)
            to.put("f_unity", label, label.value * factor)
            to.used.add(before.index)
            break
    rest = to.free("gain")
    if to.open("dc_gain") and rest and re.search(_AT_DC, to.text[:4000]):
        to.put("dc_gain", rest[0], abs(rest[0].value))


_AT_DC = re.compile(
    r"(?<!\w)(?:dc|continua?|courant continu|gleich\w*|low frequenc\w*|tiefen? freq\w*)(?!\w)",
    re.IGNORECASE,
)


def edges(to: Filling) -> None:
    """Two corners of one band-pass: "-3 dB points at 300 Hz and 3 kHz"."""
    if not (to.open("low_hz") and to.open("high_hz")) or to.kit.slot("cutoff_hz") or to.plan.get("q"):
        return
    marks = [each for each in to.free("cutoff", "pass", "") if each.quantity.unit == "Hz"]
    if len(marks) == 2 and not to.free("center", "bandwidth") and marks[0].value != marks[1].value:
        low, high = sorted(marks, key=lambda each: each.value)
        if any(each.role == "cutoff" for each in marks) and "center_hz" not in to.plan:
            to.put("low_hz", low)
            to.put("high_hz", high)


def single(to: Filling) -> None:
    """ "One single RC section": its number of sections."""
    if _SINGLE.search(to.text[:4000]):
        for name in ("order", "sections"):
            if to.open(name):
                to.plan[name] = 1.0
    row = sections(to.text[:4000])
    if row and to.kit.name in ("rc_lowpass", "rc_highpass") and to.open("order"):
        to.plan["order"] = float(row)


def other_end(to: Filling) -> None:
    """ "75 ohm" is a line's on both sides; a speaker or another load alone hangs on a voltage source."""
    if to.open("source_ohm") and "load_ohm" in to.plan:
        stated = to.sources.get("load_ohm")
        highest = max((each.value for each in to.labels if each.quantity.unit == "Hz"), default=0.0)
        small = stated is not None and stated.value <= 16
        loaded = stated is not None and highest < _RF and (stated.role in ("load", "resistance") or small)
        # a class D amplifier's carrier lies above audio, and its output is a voltage source all the same
        loaded = loaded or (stated is not None and small and stated.role == "load" and highest < 10 * _RF)
        to.plan["source_ohm"] = 0.0 if loaded else to.plan["load_ohm"]
