"""Which design kits a request may mean, by the words of the field in English, French, German and Spanish."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kiki_core.planning import constraints
from kiki_core.planning.implied_stages import high_and_low
from kiki_core.planning.kind_words import KINDS, NOT_NEEDED, ROWS, TECHNIQUES
from kiki_core.planning.roles import Labelled, order

_LP = ("active_lowpass", "sallen_key_lowpass", "lowpass_active", "opamp_lowpass")
_FILTERS = {
    ("lowpass", "rc"): ("rc_lowpass",), ("highpass", "rc"): ("rc_highpass",), ("lowpass", "rl"): ("rl_lowpass",),
    ("highpass", "rl"): ("rl_highpass",), ("bandpass", "rc"): ("rc_bandpass",),
    ("bandstop", "rc"): ("twin_t_notch",), ("bandstop", "twin"): ("twin_t_notch",),
    **{(kind, "rlc"): ("rlc_" + kind, "lc_" + kind) for kind in ("lowpass", "highpass", "bandpass")},
    ("bandstop", "rlc"): ("rlc_notch", "lc_bandstop"), ("allpass", "rc"): ("active_allpass", "allpass"),
    **{(kind, "lc"): (f"lc_{kind}", f"passive_{kind}", f"{kind}_lc", "rlc_" + kind) for kind in ("lowpass", "highpass",
        "bandpass")},
    ("bandstop", "lc"): ("lc_bandstop", "lc_notch", "passive_notch", "rlc_notch", "rlc_bandstop"),
    **{(kind, "active"): (f"active_{kind}", f"{kind}_active", f"sallen_key_{kind}") for kind in ("lowpass", "highpass",
        "bandpass")},
    ("bandstop", "active"): ("active_bandstop", "active_notch", "notch_active", "notch", "twin_t"),
    ("allpass", "active"): ("active_allpass", "allpass", "allpass_active"),
}  # fmt: skip
_COMPILED_KINDS = {name: re.compile(words, re.IGNORECASE) for name, words in KINDS.items()}
_COMPILED_TECHNIQUES = {name: re.compile(words, re.IGNORECASE) for name, words in TECHNIQUES.items()}
_NOTCH = re.compile(
    r"notch|band[- ]?(?:stop|reject)|kerb|coupe[- ]?bande|réject|trap\b|rechaz|elimina|twin", re.IGNORECASE
)
_FILTER_WORD = re.compile(r"filt(?:er|re|ro)\w*", re.IGNORECASE)
_FORM = re.compile(
    r"(?:low|high)[- ]?pass[- ](?:form|type|topolog\w*|version|configuration|variant|style|l|pi|t|match\w*|section|"
    r"network)(?!\w)|(?:form|type|topolog\w*|version|forme|tipo|typ) (?:of an? |de )?(?:a )?(?:low|high)[- ]?pass|"
    r"(?:tief|hoch)pass-?\s?(?:form|typ\w*|struktur|ausf[üu]hrung|anpass\w*|l|netz\w*)(?!\w)|(?:en |de )?(?:forme?a?|"
    r"tipo|type|structure|estructura|topolog\w*) (?:de )?(?:passe-?(?:bas|haut)|pas[ao]-?\s?(?:baj|alt)os?)|"
    r"dc[- ]block\w*|block(?:s|ing)? (?:the )?dc\b|dc (?:is |gets |must be )?block\w*",
    re.IGNORECASE,
)
"""How a matching network may be, in a filter's words."""
_COMPILED_LC = re.compile(r"(?<!\w)r?-?l-?c(?!\w)|induct\w*|coils?\b|spule\w*|bobin\w*|ladder", re.IGNORECASE)
_WAYS = re.compile(r"\b(?:two|2|three|3)-?\s?way|zwei-?wege|deux voies|dos v[íi]as|both (?:ways|drivers|outputs)", re.I)
_AUDIO = 20e3
_RF = 300e3
"""From here on inductors are small and op-amps dear: a passive filter is the usual choice."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A kit that the words name; ``stated``: the request names this technique itself, so that no other may stand in."""

    name: str
    score: float
    stated: bool = True


def choices(text: str, labels: Sequence[Labelled], kits: Collection[str]) -> list[Choice]:
    """The kits that a request may mean, the likeliest first; none if no word names one."""
    head = NOT_NEEDED.sub(" ", text[:4000])
    found: dict[str, Choice] = {}
    others = _others(head, kits)
    filters = _filters(head, labels, kits)
    if kind_of(head) is None and any(each.score >= 1.5 for each in others or ()):
        filters = []  # numbers alone make no filter of a circuit that words name
    if any(each.name == "matching_network" and each.score >= 1.5 for each in others or ()) and _FORM.search(head):
        filters = []  # "an L match in the high-pass form": how it is, not what it is
    if not others and not filters:
        return _converter(labels, kits) if others is not None else []
    for choice in [*filters, *(others or ())]:
        if choice.name not in found or choice.score > found[choice.name].score:
            found[choice.name] = choice
    sides = [name for name in ("lowpass", "highpass") if _COMPILED_KINDS[name].search(head)]
    both = _WAYS.search(head) or ("woofer" in head.lower() and "tweeter" in head.lower())
    if len(sides) == 1 and any(each.endswith(sides[0]) for each in found) and not both:
        found.pop("crossover", None)  # one side of a crossover is a filter
    amperes = [each.index for each in labels if each.quantity.unit == "A"]
    volts = [each.index for each in labels if each.quantity.unit == "V" and each.role != "supply"]
    if "current_loop" in found and amperes and volts and amperes[0] < volts[0]:
        # "4 to 20 mA across 250 ohm into 0 to 3.3 V" is the other end of the loop.
        del found["current_loop"]
    if "noninverting_amplifier" in found and any(each.role == "gain" and each.value < 0 for each in labels):
        found["inverting_amplifier"] = Choice("inverting_amplifier", found.pop("noninverting_amplifier").score + 0.5)
    if {"attenuator", "voltage_divider"} & set(found) and any(e.role == "gain" and e.value < 0 for e in labels):
        found["inverting_amplifier"] = Choice("inverting_amplifier", max(e.score for e in found.values()) + 0.5)
    band = any(e.role == "f_low" for e in labels) and any(e.role == "mark" and e.quantity.unit == "dB" for e in labels)
    if band and found and max(found.values(), key=lambda each: each.score).name == "noninverting_amplifier":
        found["ac_amplifier"] = Choice("ac_amplifier", found["noninverting_amplifier"].score + 0.5)
    if "active_bandpass" in found and any(each.role == "q" and each.value > 25 for each in labels):
        found["state_variable"] = Choice("state_variable", found["active_bandpass"].score + 0.5)
    if "riaa_preamp" in found and kind_of(head) is not None and "riaa" not in head.lower():
        del found["riaa_preamp"]  # a rumble filter for a turntable
    if "rc_delay" in found and any(each.quantity.unit == "deg" for each in labels):
        found["allpass"] = Choice("allpass", found["rc_delay"].score + 0.5)
    timed = any(each.quantity.unit == "s" and each.role != "period" for each in labels)
    if "astable_555" in found and high_and_low(text, labels) is not None:
        found.pop("monostable_555", None)
    elif "astable_555" in found and timed and not any(each.quantity.unit == "Hz" for each in labels):
        found["monostable_555"] = Choice("monostable_555", found["astable_555"].score + 0.5)
    if "voltage_to_current" in found:
        found.pop("transistor_current_source", None)  # an op-amp's transistor
    if "current_mirror" in found and any(each.quantity.unit == "A" and each.value > 0.05 for each in labels):
        # A mirror of small transistors ends at 50 mA; two transistors with a sense resistor go on.
        found["current_limiter"] = Choice("current_limiter", found["current_mirror"].score + 0.5)
    return sorted(found.values(), key=lambda each: -each.score)


def _converter(labels: Sequence[Labelled], kits: Collection[str]) -> list[Choice]:
    """A switching converter by its numbers alone: "12 V -> 5.1 V at 2.5 A, 500 kHz"."""
    of = {each.role: each for each in labels if each.quantity.unit == "V"}
    before, after = of.get("input_voltage"), of.get("output_voltage")
    amperes = any(each.quantity.unit in ("A", "W") for each in labels)
    switched = any(each.quantity.unit == "Hz" and each.value >= _AUDIO for each in labels)
    if before is None or after is None or not amperes or not switched or before.value <= 0:
        return []
    name = (
        "buck_boost_converter"
        if after.value < 0
        else "boost_converter"
        if after.value > before.value
        else "buck_converter"
    )
    return [Choice(name, 1.0)] if name in kits else []


CONTEXT = re.compile(
    r"(?<!\w)(?:for|behind|after|before|feeding|supplying|in front of|ahead of|of|pour|derri[èe]re|apr[èe]s|devant|"
    r"für|hinter|vor|nach|para|tras|delante de) (?:use (?:in|with) |my |our |an? |the |une? |la |le |mon |ma |"
    r"eine[nmr]? |meine[nmr]? |den |das |una? |el |mi )[^.;,\n]{0,80}",
    re.IGNORECASE,
)
"""What something is for: "an LC input filter for a 200 kHz buck" is no buck."""
_CONTEXTS = frozenset(
    "buck_converter boost_converter buck_boost_converter linear_regulator rectifier wien_oscillator "
    "colpitts_oscillator crystal_oscillator astable_555 level_shifter noninverting_amplifier ac_amplifier "
    "instrumentation_amplifier relaxation_oscillator load_switch led_resistor class_ab matching_network "
    "attenuator".split()
)
"""Kits that are often only what another circuit is for."""
_ADJECTIVES = frozenset({"inverting_amplifier", "noninverting_amplifier"})
"""Kits whose words also say how another circuit is: "an inverting summer", "a non-inverting Schmitt trigger"."""
_ADJECTIVE_OF = frozenset(
    "summing_amplifier hysteresis_comparator integrator differentiator charge_pump buck_boost_converter ac_amplifier "
    "difference_amplifier transimpedance_amplifier precision_rectifier active_lowpass active_highpass "
    "active_bandpass level_shifter voltage_follower peak_detector instrumentation_amplifier log_amplifier "
    "sample_and_hold common_emitter common_source common_base emitter_follower source_follower".split()
)


def _others(text: str, kits: Collection[str]) -> list[Choice] | None:
    """The kits that rows name; null if the likeliest row has none."""
    found: dict[str, tuple[float, bool]] = {}
    without = 0.0
    contexts = [match.span() for match in CONTEXT.finditer(text)]
    for row in ROWS:
        match = row.words.search(text)
        name = next((name for name in row.names if name in kits), None)
        if match is not None and name is None and not any(low < match.start() < high for low, high in contexts):
            without = max(without, row.weight)
        if match is not None and name is not None:
            # What is said first is what is asked for.
            score = row.weight + 0.3 / (1 + match.start() / 40)
            beside = name in _CONTEXTS and any(low < match.start() < high for low, high in contexts)
            if name not in found or score > found[name][0]:
                found[name] = (score, beside)
    if without > max((score for score, _ in found.values()), default=0.0):
        return None  # the circuit that is named best has no kit: no other may stand in for it
    main = {name for name, (_, beside) in found.items() if not beside}
    choices = []
    for name, (score, beside) in found.items():
        if beside and main:
            score -= 1.6
        if name in _ADJECTIVES and _ADJECTIVE_OF & main:
            score = min(score, 0.5)
        choices.append(Choice(name, score))
    return choices


def kind_of(text: str) -> str | None:
    """lowpass, highpass, bandpass, bandstop or allpass, if the words name one; the first named counts."""
    places = {name: match.start() for name, words in _COMPILED_KINDS.items() if (match := words.search(text))}
    if not places:
        return None
    if "bandstop" in places and "bandpass" not in places:
        passes = {"lowpass", "highpass"} & set(places)
        if not passes or _NOTCH.search(text):
            return "bandstop"
        del places["bandstop"]  # hum that a low-pass or high-pass is to keep out
    return min(places, key=lambda name: places[name])


def _filters(text: str, labels: Sequence[Labelled], kits: Collection[str]) -> list[Choice]:
    kind = kind_of(text) or _kind_by_numbers(text, labels)
    if kind is None:
        return []
    stated = [name for name in ("twin", "rlc", "rl", "active", "rc", "lc") if _wished(name, text)]
    refused = [name for name in ("active", "lc") if name not in stated and _COMPILED_TECHNIQUES[name].search(text)]
    wishes = list(stated)
    if "rc" in wishes and "active" in wishes:
        wishes.remove("rc")
    needs_more = _needs_more(text, labels)
    literal = re.search(r"(?<!\w)r-?c(?!\w)|resistors? and cap", text, re.IGNORECASE) is not None
    if "rc" in wishes and not literal and needs_more and order(text) != 1:
        wishes.remove("rc")
    if "passiv" in text.lower() and ("rc" in stated or "lc" in stated) and not {"rlc", "twin"} & set(stated):
        low = max((each.value for each in labels if each.quantity.unit == "Hz"), default=1e3) < _AUDIO
        named = _COMPILED_LC.search(text) is not None
        simple = "rc" in stated or kind == "bandstop" or (not needs_more and low)
        wishes = ["rc", "lc"] if simple and low and not named else ["lc", "rc"]
    defaults = [each for each in _by_default(kind, labels, needs_more) if each not in refused]
    ordered = [*wishes, *(each for each in defaults if each not in wishes)]
    if _NO_COILS.search(text):
        wishes = [each for each in wishes if each not in _OF_COILS]
        ordered = [each for each in ordered if each not in _OF_COILS]
    found = []
    for place, technique in enumerate(ordered):
        name = next((each for each in _FILTERS.get((kind, technique), ()) if each in kits), None)
        if name is not None:
            found.append(Choice(name, 3.0 - 0.2 * place, technique in wishes))
    return [each for each in found if each.stated] if wishes else found


_REFUSAL = re.compile(
    r"(?<!\w)(?:no|not?(?: any)?|neither|nor|without(?: an?| any)?|avoid(?:ing)?|sans|pas d['’e]|ni|ohne|kein\w{0,2}|"
    r"sin)[\s-]?(?:[\w-]{2,14}(?:,| (?:or|nor|and|ou|ni|oder|o|y|und|et)) (?:an? )?)?$",
    re.IGNORECASE,
)


_NO_COILS = re.compile(constraints.NO_COILS, re.IGNORECASE)
_OF_COILS = ("lc", "rlc", "rl")


def _wished(technique: str, text: str) -> bool:
    """Whether a technique is named otherwise than to refuse it: "no op-amps, no coils" names neither."""
    found = _COMPILED_TECHNIQUES[technique].finditer(text)
    return any(not _REFUSAL.search(text[max(0, match.start() - 30) : match.start()]) for match in found)


def _kind_by_numbers(text: str, labels: Sequence[Labelled]) -> str | None:
    """A filter without a named kind, from its pass and stop bands."""
    levels = any(each.role == "attenuation" for each in labels) and any(each.role == "stop" for each in labels)
    if (
        not _FILTER_WORD.search(text)
        and not levels
        and not any(_COMPILED_TECHNIQUES[each].search(text) for each in ("rc", "lc", "rl"))
    ):
        return None
    if any(each.role == "f_low" for each in labels):
        return "bandpass"
    passes = [each.value for each in labels if each.role in ("pass", "cutoff")]
    if levels and not passes:
        passes = [each.value for each in labels if each.quantity.unit == "Hz" and each.role in ("", "f_low", "f_high")]
    stops = [each.value for each in labels if each.role == "stop"]
    if passes and stops:
        return "lowpass" if stops[0] > passes[0] else "highpass"
    return "lowpass" if passes else None


def _needs_more(text: str, labels: Sequence[Labelled]) -> bool:
    """Whether more than one pole is asked for."""
    stated = order(text)
    roles = {each.role for each in labels}
    shaped = re.search(r"butterw\w*|cheb\w*|tscheb\w*|tcheb\w*|bessel|ellipti\w*|cauer|linkwitz", text, re.IGNORECASE)
    return bool((stated or 1) > 1 or roles & {"q", "slope", "gain", "gain_db", "ripple_db", "attenuation"} or shaped)


def _by_default(kind: str, labels: Sequence[Labelled], needs_more: bool) -> list[str]:
    frequencies = [each.value for each in labels if each.quantity.unit == "Hz"]
    roles = {each.role for each in labels}
    rf = max(frequencies, default=0) > _RF or bool(roles & {"load", "source", "system"})
    if roles & {"gain", "gain_db", "supply"} and not rf:
        return ["active", "lc", "rc"]
    if kind in ("lowpass", "highpass") and not needs_more:
        return ["rc", "active", "lc"]
    return ["lc", "active", "rc"] if rf else ["active", "lc", "rc"]
