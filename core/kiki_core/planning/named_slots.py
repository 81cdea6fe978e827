"""Words by which one kit's slots are told apart, where the roles of all kits don't: an inrush, a droop, treble.

For each kit a slot has its words; a number goes to the slot of its unit whose word stands nearest to it, each number
and slot once. An empty pattern takes what is left of its unit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

from kiki_core.planning import implied_stages
from kiki_core.planning.implied import Filling
from kiki_core.planning.quantities import neighbours
from kiki_core.planning.roles import Labelled
from kiki_tools.spice.kits.model import Kit, Slot

_REACH = 48.0
_CLAUSE = re.compile(r"[,;:.]\s|\n|(?<!\w)(?:and|et|und|y|with|avec|mit|con)(?!\w)")
_SUPPLY = (
    r"suppl\w*|rail\w*|vcc|vdd|batter\w*|pile\b|bater[íi]a|aliment\w*|versorg\w*|from\b|aus\b|input|"
    r"eingang|entr[ée]e"
)
_OUTPUT = r"out(?:put)?\b|ausgang\w*|sortie|salida|logic|level"
_WORDS: Mapping[str, Mapping[str, str]] = {
    "soft_start": {
        "current": r"in-?rush|einschalt\w*|anlauf\w*|appel|limit\w*|peak|surge|charg(?:e|ing)|begrenz\w*|irrupci\w*|"
        r"arranque|ladestrom|spitze\w*|",
        "load_current": r"load|last\b|draws?|carga|steady|continu\w*|running|betrieb\w*|nominal|nenn\w*|consum\w*",
        "capacitance": "", "rise_time": "", "": r"p-?(?:channel|kanal)?[- ]?mos\w*|mosfet|limits? inrush",
    },
    "sample_and_hold": {
        "acquisition": r"acqui\w*|settl\w*|track\w*|sampl\w*|follow\w*|erfass\w*|einschwing\w*|adquisi\w*|abtast\w*|"
        r"[ée]chantillon\w*|muestre\w*",
        "hold": r"hold\w*|halt\w*|over\b|in\b|during|for\b|within|maint\w*|retenc\w*|[üu]ber|pendant|durante|while",
        "droop": r"droops?\b|drift\w*|drops?|loses?|loss|abfall\w*|chute|ca[íi]da|entlad\w*|per\b|droop rate",
        "amplitude": r"step|full|range|input|swing|signals?|up to|to\b|eingang\w*|entr[ée]e|entrada|sprung|bis\b",
        "supply": r"suppl\w*|powered|rails?|versorg\w*|aliment\w*|vcc|vdd",
        "capacitance": "", "accuracy": "", "droop_rate": "",
        "": r"hold capacitor|analog switch|haltekond\w*",
    },
    "log_amplifier": {
        "slope": r"per|/|decade|slope|dekade|d[ée]cad\w*|pro\b|steigung|pente|pendiente|dec\b",
        "reference": r"reference|referenz|r[ée]f[ée]rence|referencia|(?:gives?|equals?) 0 ?v|zero",
        "": r"matched (?:pair|transistors)|transistors?",
    },
    "antilog_amplifier": {
        "slope": r"per|/|decade|slope|dekade|d[ée]cad\w*|pro\b|steigung|pente|pendiente|dec\b",
        "output": r"out(?:put)?|ausgang|sortie|salida",
    },
    "wilkinson_divider": {
        "isolation_db": r"isolat\w*|entkoppl\w*|aisla\w*|between (?:the )?(?:outputs|ports)",
        "return_loss_db": r"return|match\w*|s11|anpass\w*|r[üu]ckfluss\w*|adapta\w*",
        "": r"lumped[- ]?(?:elements?|parts)?|two[- ]way|2[- ]way|power|splitter",
    },
    "bias_tee": {
        "isolation_db": r"isolat\w*|entkoppl\w*|aisla\w*|block\w*|suppress\w*|dc port",
        "loss_db": r"loss|verlust\w*|d[äa]mpf\w*|perte\w*|p[ée]rdida\w*|insertion",
        "current": "", "supply": "", "impedance": "",
    },
    "clipper": {
        "resistance": "", "": r"(?:back[- ]to[- ]back |anti-?parallel )?(?:diodes?|zeners?)|schottky",
    },
    "input_protection": {
        "current": "", "cutoff": "", "resistance": "",
        "": r"schottky|diodes?|bat ?54\w*|series resistor|clamp\w*|over-?voltages?|[üu]berspannung\w*|surtensions?",
    },
    "rail_splitter": {
        "supply": r"from\b|suppl\w*|batter\w*|of\b|aus\b|single|pile|aliment\w*|versorg\w*|bater\w*", "current": "",
    },
    "gyrator": {"inductance": "", "frequency": "", "": r"op-?amps?|simulat\w*|grounded"},
    "zero_crossing": {
        "supply": _OUTPUT + "|" + r"suppl\w*|cmos|ttl|versorg\w*|aliment\w*",
        "vac": r"ac\b|mains|transform\w*|trafo|secteur|netz\w*|red\b|rms|eff\w*",
        "amplitude": r"sine|peak|amplitude|signal|sinus\w*|seno\w*|cr[êe]te|input",
        "error": "", "frequency": "",
    },
    "jfet_current_source": {"current": "", "supply": "", "load": "", "": r"resistors?"},
    "lm317_current_source": {
        "output": r"across|forward|leds?\b|voltage of|load of|drop|battery|akku|charg\w*|an der last|vf\b",
        "supply": _SUPPLY, "current": "", "load": "", "": r"leds?\b|batter(?:y|ies)|charger|akku",
    },
    "transistor_current_source": {
        "load": "", "supply": _SUPPLY, "current": "",
        "": r"transistors?|zeners?|diodes?|leds?|reference|(?:emitter|sense) resistor|z-?diode",
    },
    "voltage_to_current": {
        "sense": r"shunts?\b|sens(?:e|ing)\b|mess\w*|mesure|medici[óo]n|emitter resistor|source resistor|rs\b",
        "": r"(?:n-?)?(?:channel |ch )?mos(?:fet)?|npn|shunt|sense resistor|drain|collector", "v_in": r"per\b|"
            r"control\w*|input|eingang\w*|command\w*|steuer\w*|at\b|bei\b"},
    "variable_supply": {
        "vin": r"input|from\b|in\b|eingang\w*|entr[ée]e|entrada|transformer|raw|unregulated|batter\w*|aus\b",
        "current": "", "": r"pot(?:entiometer)?s?\b|poti|adjust\w*|variable",
    },
    "voltage_multiplier": {
        "output": r"out(?:put)?\b|at least|ausgang\w*|sortie|salida|mindestens|get|to\b",
        "vac": r"ac\b|from\b|rms|mains|input|transform\w*|eff\w*|aus\b|secondary|trafo|eingang\w*|entr[ée]e|entrada",
        "current": "", "load": "", "frequency": "", "ripple": r"ripple|welligkeit|brumm\w*|ondulation|rizado",
        "": r"diodes?|capacitors?|stages?",
    },
    "jfet_amplifier": {"": r"self[- ]bias\w*|source (?:resistor|bypass\w*)"},
    "hysteresis_comparator": {
        "threshold": r"around|about|cent(?:er|r)ed|mid\w*|um\b|mitte|autour|alrededor|zentriert|centr[ée]e?|centrado",
        "": r"(?:rail[- ]to[- ]rail|push-?pull)(?: output)?",
    },
    "type2_compensator": {
        "zero": r"zero|nullstelle|z[ée]ro|cero", "pole": r"pole|pol\b|p[ôo]le|polo",
        "": r"error amp\w*|compensat\w*|mid-?band|op-?amp",
    },
    "transistor_bias": {
        "emitter": r"emitter|[ée]metteur|emisor|v_?e(?!\w)", "vce": r"v_?ce(?!\w)|across (?:the|it)|"
            r"c-?e\b", "collector": r"collect\w*|kollektor|colector|v_?c(?!\w)",
        "supply": _SUPPLY + r"|on\b|an\b|sous\b|con\b|", "current": "", "": r"(?:four |vier |quatre |"
            r"cuatro )?(?:bias )?(?:resistors?|widerst[äa]nde\w*|r[ée]sistances?|resistencias?)|"
        r"(?:amplif\w*|verst[äa]rk\w*)",
    },
    "logic_inverter": {
        "drive": r"in(?:put)?\b|entr[ée]e|eingang\w*|entrada|from\b|gpio|von\b|aus\b|de\b|logic|mcu",
        "supply": r"out(?:put)?\b|sortie|ausgang\w*|salida|to\b|suppl\w*|auf\b|nach\b|vers\b|[àa]\b", "pull_up": "",
        "": r"transistors?|pull-?ups?|invers(?:eur|or)|invertier\w*|invert\w*",
    },
    "reverse_polarity": {"": r"p-?(?:channel |ch |kanal[- ]?|canal )?(?:mos\w*|fet)|mosfet|load|last|charge|carga|"
        r"polarity"},
    "fixed_regulator": {
        "input_f": r"in(?:put)?\b|entr[ée]e|eingang\w*|entrada", "output_f": r"out(?:put)?\b|sortie|ausgang\w*|salida",
        "": r"capacitors?|datasheet|regulator|kondensator\w*",
    },
    "tone_control": {"": r"(?:pots?|potentiometers?|knobs?|bass|treble)"},
}  # fmt: skip


def patterns(kit: Kit) -> Iterator[re.Pattern[str]]:
    """The words that a kit's slots are known by, and what it is made of."""
    yield from (re.compile(words, re.IGNORECASE) for words in _WORDS.get(kit.name, {}).values() if words)


def fill(to: Filling, value: Callable[[Labelled, Slot], float]) -> None:
    """The slots of `_WORDS` from the labels; ``value``: a label's number as a slot wants it."""
    _sides(to)
    if to.kit.name in _RULES:
        _RULES[to.kit.name](to)
    words = _WORDS.get(to.kit.name, {})
    found = []
    for slot in (to.kit.slot(name) for name in words if name):
        if slot is None or slot.name in to.plan:
            continue
        for label in to.labels:
            if label.index in to.used or not _is_for(label, slot):
                continue
            distance = _distance(to, label, words[slot.name])
            if distance is not None:
                found.append((distance, label.index, slot, label))
    for _, _, slot, label in sorted(found, key=lambda each: each[:2]):
        if slot.name not in to.plan and label.index not in to.used:
            to.put(slot.name, label, value(label, slot))


def _is_for(label: Labelled, slot: Slot) -> bool:
    unit = label.quantity.unit
    if slot.unit == "ohm" and label.quantity.scaled and label.value >= 1 and unit in ("", "ohm"):
        return True
    if label.role == "supply" and slot.name != "supply" and (label.quantity.form == "±" or slot.name == "v_in"):
        return False
    return unit == slot.unit and unit != "" and label.role not in ("mark",) and label.value != 0


def _distance(to: Filling, label: Labelled, words: str) -> float | None:
    """Characters from a number to the nearest of the words, more across a comma.

    Words that are empty, or end with an empty one, take any number, last.
    """
    if not words:
        return 2 * _REACH
    if words.endswith("|"):
        named = _distance(to, label, words[:-1])
        return 2 * _REACH if named is None else named
    before, after = neighbours(to.text, [each.quantity for each in to.labels], label.index, 60)
    least = None
    pattern = re.compile(rf"(?<!\w)(?:{words})", re.IGNORECASE)
    for match in pattern.finditer(before):
        between = before[match.end() :]
        least = len(between) + 14.0 * len(_CLAUSE.findall(between))
    behind_it = pattern.search(after)
    if behind_it is not None:
        between = after[: behind_it.start()]
        behind = len(between) + 3.0 + 14.0 * len(_CLAUSE.findall(between))
        least = behind if least is None else min(least, behind)
    return least if least is not None and least <= _REACH else None


_UPPER = re.compile(
    r"(?<!\w)(?:upper|high(?:er)?(?:[- ]frequency)?|top|ober\w*|sup[ée]rieure?|superior|haute|alta)(?!\w)[^,;.]{0,32}$",
    re.IGNORECASE,
)


def _sides(to: Filling) -> None:
    """ "Obere Grenzfrequenz 5 MHz": one corner alone of a stage that has two."""
    corners = [each for each in to.labels if each.role == "cutoff"]
    if len(corners) == 1 and to.open("f_low") and to.open("f_high"):
        before, _ = neighbours(to.text, [each.quantity for each in to.labels], corners[0].index, 60)
        if _UPPER.search(before):
            to.put("f_high", corners[0])


def _units(to: Filling, unit: str) -> list[Labelled]:
    return [each for each in to.labels if each.quantity.unit == unit and each.index not in to.used]


_BASS = r"(?:bass|low|tief|graves|bajos|basses)"
_TREBLE = r"(?:treble|high|h[öo]hen|aigus|agudos|altos)"


def _tone(to: Filling) -> None:
    """Bass and treble: by their words, or the lower frequency and the higher one with one level for both."""
    levels, frequencies = _units(to, "dB"), sorted(_units(to, "Hz"), key=lambda each: each.value)
    if len(frequencies) == 2:
        to.put("bass_hz", frequencies[0])
        to.put("treble_hz", frequencies[1])
    elif len(frequencies) == 1:
        to.put("bass_hz" if frequencies[0].value < 1e3 else "treble_hz", frequencies[0])
    if len(levels) == 1:
        to.put("bass_db", levels[0], abs(levels[0].value))
        to.plan["treble_db"] = abs(levels[0].value)
    for label in levels if len(levels) == 2 else ():
        near = {side: _distance(to, label, words) for side, words in (("bass_db", _BASS), ("treble_db", _TREBLE))}
        next_one = next((one for level, one in pairwise(to.labels) if level is label), label)
        behind = next_one.value if next_one.quantity.unit == "Hz" else 0.0
        side = min((s for s in near if near[s] is not None), key=lambda s: near[s] or 0.0, default=None)
        if behind:
            side = "bass_db" if behind < 1e3 else "treble_db"
        if side is not None and side not in to.plan:
            to.put(side, label, abs(label.value))


def _weighting(to: Filling) -> None:
    """The gain at 1 kHz, and levels of the curve that a request repeats."""
    from kiki_tools.spice.kits.tone import weighting_db

    kind = str(to.plan.get("kind", "a-weighting"))
    pairs = [(level, at) for level, at in pairwise(to.labels)
             if level.quantity.unit == "dB" and at.quantity.unit == "Hz"]  # fmt: skip
    pairs += [(level, at) for at, level in pairwise(to.labels)
              if level.quantity.unit == "dB" and at.quantity.unit == "Hz"]  # fmt: skip
    middle = next((level for level, at in pairs if abs(at.value - 1e3) < 1), None)
    alone = _units(to, "dB")
    if middle is not None or len(alone) == 1:
        level = middle if middle is not None else alone[0]
        to.put("gain_db", level)
    # the kit keeps within half a decibel
    quantities = [each.quantity for each in to.labels]
    for each in alone:
        around = "".join(neighbours(to.text, quantities, each.index, 24))
        if 0.5 <= each.value <= 3 and re.search(r"toler|within|accura|innerhalb|genau|pr[ée]cis|margen", around):
            to.used.add(each.index)
    gain = float(to.plan.get("gain_db", 0.0))
    for level, at in pairs:
        if abs(level.value - gain - weighting_db(at.value, kind)) <= 0.6:
            to.used.update((level.index, at.index))


def _clipped(to: Filling) -> None:
    """ "±0.7 V", "at +3 V and -0.7 V", "a 20 V signal to 5 V": what is larger than the limits is the input."""
    volts = sorted(_units(to, "V"), key=lambda each: abs(each.value))
    negative = [each for each in volts if each.value < 0]
    if negative:
        above = next((each for each in volts if each.value > 0 and each.quantity.form not in _AS_INPUT), None)
        to.put("v_low", negative[0])
        if above is not None:
            to.put("v_high", above)
    elif volts and volts[0].quantity.form not in _AS_INPUT:
        to.put("level", volts[0], abs(volts[0].value))
    rest = [each for each in volts if each.index not in to.used]
    if rest:
        largest = rest[-1]
        to.put("amplitude", largest, abs(largest.value) * {"pp": 0.5, "rms": 2**0.5}.get(largest.quantity.form, 1.0))


_AS_INPUT = ("peak", "pp", "rms")
"""Forms of a voltage that is a signal's."""


def _protected(to: Filling) -> None:
    """The smaller voltage is the supply's, the larger one what may come."""
    implied_stages.protected(to)
    volts = sorted(_units(to, "V"), key=lambda each: abs(each.value))
    if len(volts) == 2:
        to.put("supply", volts[0], abs(volts[0].value))
        to.put("amplitude", volts[1], abs(volts[1].value))
    elif len(volts) == 1:
        to.put("supply" if abs(volts[0].value) <= 5.5 else "amplitude", volts[0], abs(volts[0].value))


def _halved(to: Filling) -> None:
    """The output that a request repeats is half of its supply."""
    volts = _units(to, "V")
    for each in volts:
        if any(abs(other.value - 2 * each.value) <= 1e-6 * abs(other.value) for other in volts):
            to.used.add(each.index)


def _logged(to: Filling) -> None:
    """The range of the input, when it isn't "from … to …" with its own roles."""
    low = next((each for each in to.free("in_low", "in_min", "input_voltage") if each.quantity.unit == "V"), None)
    high = next((each for each in to.free("in_high", "in_max", "output_voltage") if each.quantity.unit == "V"
                 and low is not None and each.index == low.index + 1), None)  # fmt: skip
    if low is not None and high is not None and low.value < high.value:
        to.put("v_min", low)
        to.put("v_max", high)


def _about_ground(to: Filling) -> None:
    """ "Thresholds of ±1 V", "±50 mV of hysteresis": both ends from one number."""
    for each in _units(to, "V"):
        if each.quantity.form != "±":
            continue
        if each.role == "threshold":
            to.put("v_high", each, abs(each.value))
            to.plan["v_low"] = -abs(each.value)
        elif each.role == "hysteresis":
            to.put("hysteresis", each, 2 * abs(each.value))


_TO = re.compile(r"\s?(?:-|–|—|\.{2,3}|…|to|up to|bis|[àa]|hasta|and|und|et|y)\s?(?:about )?", re.IGNORECASE)


def _ranged(to: Filling) -> None:
    """ "1.25 V to 12 V": the range of a variable supply."""
    for low, high in pairwise(_units(to, "V")):
        if low.value < high.value and _TO.fullmatch(to.text[low.quantity.end : high.quantity.start]):
            to.put("v_low", low)
            to.put("v_high", high)
            return
    rest = [each for each in _units(to, "V") if each.role in ("output_voltage", "") or each.quantity.op == "<="]
    if rest:
        to.put("v_high", rest[0])


def _teed(to: Filling) -> None:
    """One frequency alone is where it is used."""
    alone = _units(to, "Hz")
    if len(alone) == 1:
        to.put("f_low", alone[0])


_RULES: Mapping[str, Callable[[Filling], None]] = {
    "tone_control": _tone, "weighting_filter": _weighting, "clipper": _clipped, "input_protection": _protected,
    "rail_splitter": _halved,
    "fixed_regulator": implied_stages.marked, "reverse_polarity": implied_stages.reversible,
    "voltage_to_current": implied_stages.hung, "logic_inverter": implied_stages.inverted,
    "log_amplifier": _logged, "antilog_amplifier": _logged,
    "hysteresis_comparator": _about_ground, "variable_supply": _ranged, "bias_tee": _teed,
}  # fmt: skip
"""What a kit reads of a request before its words."""
