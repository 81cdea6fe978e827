"""A kit's slots filled from the labelled quantities of a request: by rules, so that no number is invented."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from kiki_core.planning import implied, implied_bands, implied_stages, named_slots
from kiki_core.planning.kind_words import KINDS
from kiki_core.planning.roles import Labelled, order
from kiki_core.planning.wording import SINGLE_SUPPLY
from kiki_tools.spice.kits.model import Kit, Slot

_ROLES: Mapping[str, tuple[str, ...]] = {
    "cutoff": ("cutoff", "f_high", "f_low", "center", "bandwidth", "pass"),
    "pass": ("pass",), "stop": ("stop",), "max_loss_db": ("loss", "ripple_db"), "stop_db": ("attenuation",),
    "depth_db": ("attenuation",), "attenuation_db": ("attenuation",), "attenuation": ("attenuation",),
    "loss_db": ("attenuation", "loss"),
    "rolloff_db_per_decade": ("slope",), "ripple_db": ("ripple_db",), "order": ("order", "sections"),
    "sections": ("sections", "order"), "response": (), "q": ("q",), "gain": ("gain",), "gain_db": ("gain_db",),
    "center": ("center", "cutoff", "oscillation", "stop"), "bandwidth": ("bandwidth", "cutoff"),
    "supply_current": ("supply_current",),
    "low": ("f_low",), "high": ("f_high",), "f_low": ("f_low", "cutoff"), "f_high": ("f_high", "bandwidth"),
    "frequency": ("oscillation", "center", "switching", "mains", "cutoff", "stop"),
    "switching_frequency": ("switching", "oscillation"), "mains": ("mains",), "line_frequency": ("mains",),
    "supply": ("supply", "input_voltage", "output_voltage"), "reference": ("reference",),
    "input_voltage": ("input_voltage", "supply", "amplitude"), "vin": ("input_voltage", "supply"),
    "output_voltage": ("output_voltage", "zener"), "vout": ("output_voltage", "zener"),
    "output_current": ("output_current",), "load_current": ("output_current",), "iout": ("output_current",),
    "current": ("quiescent", "output_current", "supply_current"), "led_current": ("output_current", "quiescent"),
    "zener_voltage": ("zener", "output_voltage"), "forward_voltage": ("forward",),
    "ripple": ("ripple",), "ripple_current": ("ripple_current", "ripple"), "amplitude": ("amplitude", "input_voltage"),
    "load": ("load", "system"), "source": ("source", "system"), "source_resistance": ("source", "system"),
    "load_resistance": ("load", "system"), "impedance": ("system", "load", "source", "input_resistance", "resistance"),
    "input_resistance": ("input_resistance",), "output_resistance": ("output_resistance",),
    "resistance": ("resistance", "r_upper"),
    "r1": ("r_upper",), "r2": ("r_lower",), "capacitance": ("capacitance",), "inductance": ("inductance",),
    "time_constant": ("tau",), "tau": ("tau",), "pulse": ("pulse", "period", "delay"), "pulse_width": ("pulse",
    "delay"),
    "period": ("period",), "delay": ("delay",), "duty": ("duty",), "efficiency": ("efficiency",),
    "boost_db": (), "flat": (), "boost": (),
    "threshold": ("threshold", "output_voltage"), "hysteresis": ("hysteresis",), "phase": ("phase",),
    "cmrr_db": ("cmrr",),
    "psrr_db": ("psrr",), "ratio": ("ratio",), "power": ("power",), "dropout": ("dropout",), "beta": ("beta",),
    "f_unity": ("oscillation", "cutoff", "center", "bandwidth"), "f_limit": ("cutoff", "f_high", "bandwidth"),
    "diode_capacitance": ("capacitance",), "v_in": ("input_voltage", "amplitude", "output_voltage"),
    "output": ("output_voltage", "zener"),
    "vac": ("input_voltage", "amplitude", "supply", "mains"), "ripple_percent": ("ripple",), "led_voltage": ("forward",
    "output_voltage"),
    "phase_margin": ("phase",), "dip": ("overshoot",), "drive": ("drive",),
    "coil_resistance": ("resistance", "source", "load"),
    "ring_frequency": ("oscillation", "center"), "corner": ("cutoff",), "voltage": ("supply", "input_voltage"),
    "coil_inductance": ("inductance",), "load_capacitance": ("capacitance",), "crystal_resistance": ("resistance",),
    "drop": ("dropout", "saturation"), "stages": ("sections",), "peaking_db": ("ripple_db",), "load_step": ("step",),
    "vin_min": ("in_low",), "vin_max": ("in_high",), "count": ("leds",), "gain1": ("gain",), "gain2": ("gain",),
    "gain3": ("gain",),
    "regulation": ("regulation",), "input": ("input_voltage", "supply"), "crossover": ("cutoff", "center",
    "oscillation"),
    "woofer": ("load", "system"),  "rise_time": ("rise",), "return_loss_db": ("return_loss",), "lower": ("f_low",),
    "overshoot": ("overshoot",), "transimpedance": ("resistance", "gain"),
}  # fmt: skip
"""Which roles may fill a slot, by its name without a unit's ending, the best first."""
_ENDINGS = ("_deg", "_hz", "_ohm", "_v", "_a", "_s", "_f", "_h", "_w")
_UNITS = {"V/V": "", "": "", "ohm": "ohm", "%": "%"}
_LOOSE_UNITS = frozenset({"%", "deg", "Hz", "V", "A", "ohm", "s", "F", "H", "W", "dB"})
_UPRIGHT = r"non[- ]?invert\w*|nicht[- ]?invert\w*|non[- ]?inverseu\w*|no inversor\w*|sin invertir|sans inverser"
_WORDS: Mapping[str, str] = {
    "butterworth": r"butterw\w*|maximally flat|maximalement plat|maximal flach", "chebyshev": r"t?s?cheb\w*|"
        r"tscheb\w*|tcheb\w*",
    "bessel": r"bessel\w*|thomson|linear[- ]phase|flat (?:group )?delay", "elliptic": r"ellip\w*|cauer\w*|"
        r"el[íi]ptic\w*",
    "linkwitz-riley": r"linkwitz\w*", "sallen-key": r"sallen\w*", "mfb": r"mfb|multiple[- ]feedback|rauch|"
        r"gegengekoppelt|mehrfach\w*",
    "multiple-feedback": r"mfb|multiple[- ]feedback|rauch", "state-variable": r"state[- ]variable|khn|zustandsvar\w*",
    "biquad": r"biquad|tow[- ]thomas", "twin-t": r"twin[- ]?t|doppel-?t|double t", "source": r"sourc\w*|pnp|"
        r"high[- ]side|from the supply",
    "sink": r"sink\w*|senke|npn", "pi": r"\bpi\b|π",
    "t": r"\bt(?:ee)?[- ](?:type|topolog\w*|pad|network|section|att\w*|match\w*|glied|netz\w*|filter)|"
        r"\ben t\b", "e24": r"\be24\b",
    "a-weighting": r"(?<!\w)a[- ]?(?:weight|bewert)\w*|pond[ée]ration a(?!\w)|ponderaci[óo]n a(?!\w)|db\(a\)",
    "c-weighting": r"(?<!\w)c[- ]?(?:weight|bewert)\w*|pond[ée]ration c(?!\w)|ponderaci[óo]n c(?!\w)|db\(c\)",
    "tripler": r"tripl\w*|dreifach\w*|verdreifach\w*", "quadrupler": r"quadrupl\w*|cuadruplic\w*|\w*vierfach\w*",
    "doubler": r"doubl(?:er|eur)|verdoppl\w*|doblador", "lumped": r"lumped|coils?|inductors?|konzentriert\w*|"
        r"localis[ée]s", "lines": r"(?:transmission )?lines?(?! (?:level|output|input))|microstrip|stripline",
    "pair": r"(?:two|2|zwei|deux|dos)[- ](?:\w+ )?(?:npns?|pnps?|bjts?|transistor(?:s|en|es)?)(?!\w)",
    "zener": r"zeners?|z-?diod\w*", "diodes": r"diodes|dioden|diodos", "led": r"(?<!\w)leds?(?!\w)|leuchtdiode",
    "single": SINGLE_SUPPLY, "dual": r"±|\+ ?/ ?-|\+-|dual|split[- ]supp\w*|sym(?:m[ée]tri\w*|[ée]trique)|"
        r"\+ ?\d+ ?v? (?:and|und|et|y) [-−] ?\d+",
    "e96": r"\be96\b|1 ?% (?:resist|part)", "e12": r"\be12\b", "e6": r"\be6\b", "e48": r"\be48\b", "e192": r"\be192\b",
    "bridge": r"bridge|br[üu]cke\w*|pont|puente|graetz", "center-tap": r"cent(?:er|re)[- ]tap\w*|mittelpunkt\w*|"
        r"point milieu",
    "half": r"hal[fv]e?[- ]?wave|einweg\w*|mono", "full": r"full[- ]?wave|doppelweg\w*", "npn": r"npn", "pnp": r"pnp",
    "nmos": r"nmos|n-?channel",
    "pmos": r"pmos|p-?channel",
    "inverting": r"(?<!non)(?<!non[- ])(?<!no )(?<!nicht)(?<!nicht[- ])(?<!sin )(?<!sans )(?<!ohne )"
        r"(?:invert\w*|invers(?:or|eu[rs]e?)\w*)",
    "lead": r"(?<!\w)leads?(?:ing)?(?!\w)|(?:vor|voraus)eil\w*|en avance|adelant\w*|\+ ?\d+ ?(?:°|deg)",
    "lag": r"(?<!\w)lag(?:s|ging)?(?!\w)|nacheil\w*|en retard|atras\w*", "both outputs": r"both outputs",
    "single-ended": r"single[- ]end\w*|(?<!\w)(?:one|un seul|une seule|un solo|ein(?:em|en)?) "
        r"(?:output|collector|collecteur|sortie|salida|kollektor|ausgang)",
    "non-inverting": _UPRIGHT,
    "lowpass": KINDS["lowpass"], "highpass": KINDS["highpass"] + r"|dc (?:is |gets |stays |must be )?block\w*",
    "noninverting": _UPRIGHT, "low": r"low[- ]?pass", "high": r"high[- ]?pass",
}  # fmt: skip
UNITY = re.compile(
    r"unity[- ]gain|(?<!\w)unity(?!\w)|(?:without|ohne|sans|sin) (?:voltage )?(?:gain|verst[äa]rkung|ganancia)|"
    r"gain of (?:one|unity)|gain unit\w*|verst[äa]rkung eins|ganancia unit\w*",
    re.IGNORECASE,
)
_PP_SLOTS = re.compile(r"peak to peak|peak-to-peak", re.IGNORECASE)


@dataclass(frozen=True)
class Filled:
    """A plan with where each value came from. ``used``: indices of labels that the plan holds.

    ``missing``: required slots without a value. ``assumed``: what the request didn't say, a line each.
    """

    plan: dict[str, Any]
    used: frozenset[int]
    missing: tuple[Slot, ...]
    assumed: tuple[str, ...] = ()
    sources: Mapping[str, Labelled] = field(default_factory=dict)


def stem(name: str) -> str:
    """A slot's name without the ending of its unit."""
    for ending in _ENDINGS:
        if name.endswith(ending):
            return name.removesuffix(ending)
    return name


def filled(kit: Kit, text: str, labels: Sequence[Labelled]) -> Filled:
    """The plan of a kit as far as the request's words say it."""
    plan: dict[str, Any] = {}
    used: set[int] = set()
    sources: dict[str, Labelled] = {}
    assumed: list[str] = []
    for slot in kit.slots:
        if slot.choices:
            word = _choice(slot, text)
            if word is not None:
                plan[slot.name] = word
    to = implied.Filling(kit, text, labels, plan, used, sources)
    named_slots.fill(to, _value)
    implied.as_parts(to)
    implied_bands.of_one_side(to)
    implied_bands.coupled(to)
    implied_bands.an_octave_beside(to)
    implied_bands.beside_a_trap(to)
    implied_bands.at_least_a_band(to)
    implied_bands.kept_out(to)
    implied_bands.lost_at_dc(to)
    implied_bands.matched_over(to)
    implied.mapped(to)
    implied.looped(to)
    implied.summed(to)
    implied.received(to)
    implied.curve(to)
    implied.divided(to)
    implied.edges(to)
    implied.integrating(to)
    implied.notch_width(to)
    implied_stages.timed(to)
    implied_stages.switched(to)
    implied_stages.lossy(to)
    implied.depth(to)
    _ranges(kit, labels, plan, used, sources)
    _thresholds(kit, labels, plan, used, sources)
    _stops(kit, labels, plan, used, sources)
    _derived(kit, text, labels, plan, used, sources)
    # A word's first role wins over another slot's second choice.
    for rank in range(6):
        for slot in kit.slots:
            roles = _ROLES.get(stem(slot.name), ())
            if slot.choices or slot.name in plan or rank >= len(roles):
                continue
            label = next((each for each in labels if each.index not in used and _fits(each, slot, roles[rank])), None)
            if label is not None:
                plan[slot.name] = _value(label, slot)
                used.add(label.index)
                sources[slot.name] = label
    implied.resistances(to)
    implied.measured_at(to)
    _by_unit(kit, text, labels, plan, used, sources)
    implied.single(to)
    implied_stages.limited(to)
    implied_stages.converted(to)
    implied.supplied(to)
    implied.within_pass_band(to)
    implied_bands.lossy_edges(to)
    implied.other_end(to)
    stated = order(text)
    if "order" not in plan and stated and kit.slot("order"):
        plan["order"] = float(stated)
    _tolerance(kit, plan, sources)
    for name, label in sources.items():
        if label.assumed and name in plan:
            assumed.append(f"“{label.quantity.text}” has no unit; it was taken in {label.quantity.unit}")
    missing = tuple(slot for slot in kit.slots if slot.required and slot.name not in plan) + _neither(kit, plan)
    for slot in missing:
        # Out of its range all the same: the kit says why.
        rest = [each for each in labels if each.index not in used and each.quantity.unit == slot.unit and slot.unit]
        if len(rest) == 1 and not rest[0].role and not _within(rest[0].value, slot):
            to.put(slot.name, rest[0])
            missing = tuple(each for each in missing if each is not slot)
    marks = {each.index for each in labels if each.role in ("mark", "order")}
    return Filled(plan, frozenset(used | marks), missing, tuple(assumed), sources)


_SIGNAL = ("", "output_voltage", "amplitude")
"""Roles of a voltage that is a signal's, not a supply's."""
_EITHER = (
    ("cutoff_hz", "pass_hz", "stop_hz", "capacitance_f", "inductance_h", "capacitance", "inductance"),
    ("center_hz", "low_hz", "high_hz"),
    ("gain", "gain_db"),
    ("current", "load_ohm"),
)
"""Slots of which one has to be stated; the first is asked for."""


def _neither(kit: Kit, plan: Mapping[str, Any]) -> tuple[Slot, ...]:
    missing = []
    for group in _EITHER:
        slot = kit.slot(group[0])
        if slot is None or slot.required or slot.default is not None or any(name in plan for name in group):
            continue
        if not all(kit.slot(name) for name in group[:2]):
            continue
        if group[0] != "gain" or not (kit.slot("cutoff_hz") or kit.slot("center_hz")):
            missing.append(slot)
    return tuple(missing)


def _fits(label: Labelled, slot: Slot, role: str) -> bool:
    return (
        label.role == role
        and _has_unit(label, slot)
        and (label.value != 0 or slot.unit == "" or slot.name == "gain_db")
    )


def _has_unit(label: Labelled, slot: Slot) -> bool:
    unit = label.quantity.unit
    if slot.unit in ("V/V", ""):
        return unit in ("", "V/V") and not (label.quantity.scaled and slot.unit == "")
    if slot.unit == "ohm" and label.quantity.scaled and label.value >= 1:
        return True
    if stem(slot.name).startswith("rolloff"):
        return unit in ("dB/decade", "dB/octave")
    return unit == slot.unit


def _value(label: Labelled, slot: Slot) -> float:
    quantity = label.quantity
    value = quantity.value
    if quantity.unit == "dB/octave":
        value *= 1 / math.log10(2)
    if slot.unit == "deg" or (slot.unit in ("dB", "dB/decade") and stem(slot.name) not in ("gain_db", "gain")):
        value = abs(value)
    if slot.name == "current_a" and quantity.op == "<=":
        return value * 0.6  # room for preferred values below the stated most
    if quantity.unit in ("V", "A"):
        wants_rms = re.search(r"\brms\b|effective", slot.about) is not None
        wants_pp = _PP_SLOTS.search(slot.about) is not None
        wants_peak = re.search(r"\bpeak\b", slot.about) is not None and not wants_pp
        peak = {"pp": value / 2, "rms": value * math.sqrt(2), "peak": value}.get(quantity.form)
        if peak is not None:
            value = peak / math.sqrt(2) if wants_rms else 2 * peak if wants_pp else peak if wants_peak else value
    return value


_DENIED = re.compile(
    r"(?<!\w)(?:not?|without|instead of|rather than|ohne|kein\w{0,2}|nicht|statt|sans|pas|sin|en vez de) "
    r"(?:an? |the |de |un[ae]? |eine?[nrs]? )?$",
    re.IGNORECASE,
)
"""Before a choice that a request doesn't want."""


def _choice(slot: Slot, text: str) -> str | None:
    best: tuple[int, str] | None = None
    for choice in slot.choices:
        found = re.finditer(words_of(choice), text[:4000], re.IGNORECASE)
        match = next((each for each in found if not _DENIED.search(text[: each.start()])), None)
        if match is not None and (best is None or len(match[0]) > best[0]):
            best = (len(match[0]), choice)
    return None if best is None else best[1]


def words_of(choice: str) -> str:
    """The pattern of the words that mean a slot's choice."""
    return _WORDS.get(choice.lower().replace(" ", "-"), rf"(?<!\w){re.escape(choice)}(?!\w)")


def _ranges(
    kit: Kit, labels: Sequence[Labelled], plan: dict[str, Any], used: set[int], sources: dict[str, Labelled]
) -> None:
    """ "from -10 V to 10 V to 0 … 3.3 V": the pairs of a range mapper, in their order."""
    names = ("in_min", "in_max", "out_min", "out_max")
    if not all(kit.slot(name) for name in names) or "in_min" in plan:
        return
    volts = [
        each for each in labels if each.quantity.unit in ("V", "") and each.role not in ("supply", "reference", "gain")
    ]
    values: list[tuple[float, Labelled]] = []
    for each in volts:
        if each.quantity.form == "±":
            values += [(-abs(each.value), each), (abs(each.value), each)]
        else:
            values.append((each.value, each))
    plus_minus = [each for each in labels if each.role == "supply" and each.quantity.form == "±"]
    if not values and plus_minus:
        values = [(-abs(plus_minus[0].value), plus_minus[0]), (abs(plus_minus[0].value), plus_minus[0])]
    if len(values) == 2 and plus_minus and values[0][1] is not plus_minus[0]:
        one = plus_minus[0]
        values = [(-abs(one.value), one), (abs(one.value), one), *values]
    if len(values) == 3:
        values.insert(2, (0.0, values[2][1]))
    for name, (value, label) in zip(names, values[:4], strict=False):
        plan[name] = value
        used.add(label.index)
        sources[name] = label


def _thresholds(
    kit: Kit, labels: Sequence[Labelled], plan: dict[str, Any], used: set[int], sources: dict[str, Labelled]
) -> None:
    """Two thresholds of a comparator, in either order."""
    if not (kit.slot("v_low") and kit.slot("v_high")):
        return
    volts = [
        each for each in labels if each.quantity.unit == "V" and each.role not in ("supply", "hysteresis", "reference")
    ]
    named = [each for each in volts if each.role == "threshold"]
    bounds = [each for each in labels if each.quantity.unit == "V" and each.quantity.op != "="]
    either = bounds if len(bounds) == 2 and {each.quantity.op for each in bounds} == {">=", "<="} else volts
    pair = sorted(named if len(named) == 2 else either, key=lambda each: each.value)
    if len(pair) == 2:
        for name, label in zip(("v_low", "v_high"), pair, strict=True):
            plan[name] = label.value
            used.add(label.index)
            sources[name] = label


def _stops(
    kit: Kit, labels: Sequence[Labelled], plan: dict[str, Any], used: set[int], sources: dict[str, Labelled]
) -> None:
    """The stop frequencies of a band-pass: below and above its band."""
    if not (kit.slot("stop_low_hz") and kit.slot("stop_high_hz")):
        return
    roles = ("center", "f_low", "f_high", "")
    inside = [each.value for each in labels if each.role in roles and each.quantity.unit == "Hz"]
    if not inside:
        return
    middle = math.exp(sum(math.log(max(value, 1e-9)) for value in inside) / len(inside))
    for label in labels:
        if label.role == "stop":
            name = "stop_low_hz" if label.value < middle else "stop_high_hz"
            if name not in plan:
                plan[name] = label.value
                used.add(label.index)
                sources[name] = label


def _derived(
    kit: Kit, text: str, labels: Sequence[Labelled], plan: dict[str, Any], used: set[int], sources: dict[str, Labelled]
) -> None:
    """What is said in other words: "every 2 s" for a frequency, "unity gain", "a time constant of 1 ms"."""
    for label in labels:
        if label.role == "period" and label.value > 0 and label.index not in used:
            name = next((name for name in ("frequency", "frequency_hz") if kit.slot(name)), None)
            if name is not None and not any(each.quantity.unit == "Hz" for each in labels):
                plan[name] = 1 / label.value
                used.add(label.index)
        if label.role == "tau" and label.value > 0 and kit.slot("cutoff_hz") and label.index not in used:
            plan["cutoff_hz"] = 1 / (2 * math.pi * label.value)
            used.add(label.index)
    slope = next((each for each in labels if each.role == "slope"), None)
    if slope is not None and kit.slot("order") and not kit.slot("rolloff_db_per_decade") and order(text) is None:
        per_pole = 20.0 if slope.quantity.unit == "dB/decade" else 6.0206
        sides = 2 if kit.slot("stop_low_hz") else 1  # a band-pass falls on both, and its poles share them
        plan["order"] = float(sides * max(round(abs(slope.value) / per_pole), 1))
        used.add(slope.index)
    if kit.slot("gain") and kit.slot("gain_db") and not any(each.role in ("gain", "gain_db") for each in labels):
        levels = {each.role: each for each in labels if each.quantity.unit == "V"}
        low, high = levels.get("input_voltage"), levels.get("output_voltage")
        if low is not None and high is not None and low.value:
            plan["gain"] = abs(high.value / low.value)
            used.update((low.index, high.index))
        elif UNITY.search(text):
            plan["gain"] = 1.0
    if kit.slot("transimpedance") and not any(each.quantity.unit == "ohm" for each in labels):
        # "1 V per 10 µA"
        volts = [each for each in labels if each.quantity.unit == "V" and each.role in _SIGNAL]
        amperes = [each for each in labels if each.quantity.unit == "A" and each.value > 0]
        if len(volts) == 1 and len(amperes) == 1 and volts[0].value:
            plan["transimpedance"] = abs(volts[0].value) / amperes[0].value
            used.update((volts[0].index, amperes[0].index))
    volts = [each for each in labels if each.quantity.unit == "V" and each.value > 0]
    values = sorted({each.value for each in volts})
    if kit.slot("input_v") and kit.slot("output_v") and len(values) == 2 and values[0] < values[1]:
        roles = {each.role for each in volts}
        stated = [(a, b) for a, b in pairwise(labels) if (a.role, b.role) == ("input_voltage", "output_voltage")]
        if not {"input_voltage", "output_voltage"} <= roles and not stated:
            plan["output_v"], plan["input_v"] = values  # a divider only goes down
            used.update(each.index for each in volts)
    limits = [each.value for each in labels if each.role in ("in_low", "in_high")]
    if kit.slot("vin") and len(limits) == 2 and not any(each.role == "input_voltage" for each in labels):
        plan["vin"] = sum(limits) / 2


def _within(value: float, slot: Slot) -> bool:
    return (slot.least or -math.inf) <= value <= (slot.most or math.inf)


def _by_unit(
    kit: Kit, text: str, labels: Sequence[Labelled], plan: dict[str, Any], used: set[int], sources: dict[str, Labelled]
) -> None:
    """Numbers that no word explains fill the slots of their unit that a request usually means."""
    for label in labels:
        if label.quantity.scaled and not label.quantity.unit and not label.role and label.value >= 1:
            # "TIA 47k": ohms, where the kit can't do without and has no other use for a thousand
            open_ohm = [s for s in kit.slots if s.required and s.unit == "ohm" and s.name not in plan]
            if len(open_ohm) == 1 and label.index not in used:
                plan[open_ohm[0].name] = label.value
                used.add(label.index)
                sources[open_ohm[0].name] = label
        if (
            label.index in used
            or not label.value
            or label.quantity.unit not in _LOOSE_UNITS
            or label.role in ("mark", "attenuation")
        ):
            continue
        if label.role and label.quantity.unit in ("dB", "s", "F", "H", "W"):
            continue
        open_slots = [
            slot
            for slot in kit.slots
            if slot.unit == label.quantity.unit and slot.name not in plan and not slot.choices
            and stem(slot.name) in _USUAL and not (slot.name == "gain_db" and kit.slot("stop_db"))
            and not (label.quantity.form in ("pp", "rms", "peak") and slot.name == "supply")
            and (slot.required or _within(label.value, slot))
        ]  # fmt: skip
        # Of two resistances the one that holds on both sides comes first ("75 ohm pad").
        open_slots.sort(key=lambda slot: (not slot.required, slot.name == "output_ohm", _USUAL.index(stem(slot.name))))
        if open_slots and (not label.role or open_slots[0].required):
            plan[open_slots[0].name] = _value(label, open_slots[0])
            used.add(label.index)
            sources[open_slots[0].name] = label


_USUAL = (
    "cutoff", "center", "f_unity", "frequency", "vac", "input_voltage", "vin", "output", "output_voltage", "vout",
    "output_current", "load_current", "iout", "current",
    "led_current", "supply", "amplitude", "attenuation", "attenuation_db", "loss_db", "gain_db", "depth_db", "load",
    "load_resistance", "impedance", "source",
    "source_resistance", "resistance", "transimpedance", "time_constant", "tau", "pulse", "pulse_width", "period",
    "delay", "capacitance", "ring_frequency",
    "inductance", "diode_capacitance", "load_capacitance", "duty", "phase", "crossover", "woofer", "input",
    "switching_frequency", "zener_voltage", "hysteresis", "bandwidth",
)  # fmt: skip
"""Slots that a number without a word may fill, the likeliest first."""


def _tolerance(kit: Kit, plan: dict[str, Any], sources: Mapping[str, Labelled]) -> None:
    slot = kit.slot("tolerance")
    if slot is None or "tolerance" in plan:
        return
    for name in ("cutoff_hz", "center_hz", "frequency_hz", "frequency"):
        if name in sources and (width := sources[name].quantity.tolerance) is not None and sources[name].value:
            plan["tolerance"] = max(100 * width / abs(sources[name].value), slot.least or 0.0)
            return
