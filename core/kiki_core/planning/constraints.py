"""Words of a request that bind the circuit: "without inductors", "E12", "single supply", "Sallen-Key", a transistor.

Each is looked up in the deck that was made, or in its plan: what a kit does not heed is said, and the answer is not
called verified. Numbers that nothing uses `spice` counts itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from kiki_core.planning.roles import order, sections
from kiki_core.planning.wording import SINGLE_SUPPLY
from kiki_tools.spice.kits.model import Design

_WITHOUT = (
    r"(?<!\w)(?:pas d'|(?:no|not? using|without(?: any| using)?|avoid(?:ing)?|free of|sans|pas de|ohne|keine?n?|"
    r"sin|ni|nor)[- ](?:[\w-]{2,14}(?:,| (?:or|nor|and|ou|ni|oder|o|y|und|et)) (?:an? )?)?)"
)
_COILS = (
    r"(?:inductors?|inductances?|coils?|chokes?|bobines?|selfs?|spulen?|induktivit\w+|drosseln?|bobinas?|inductores)"
)
_AMPS = r"(?:op-?\s?amps?|operational amp\w*|aop|ampli\w* op\w*|operationsverst\w*|opv|operacional\w*)"
NO_COILS = _WITHOUT + _COILS + r"(?!\w)|inductor-?(?:less|free)|spulenfrei"
SERIES = re.compile(r"(?<!\w)e-?(6|12|24|48|96|192)(?!\w)", re.IGNORECASE)
_RESISTORS_ONLY = re.compile(
    r"(?<!\w)e-?\d{1,3}[- ](?:series )?(?:resist|r[ée]sist|widerst)\w*|(?:resist|r[ée]sist|"
    r"widerst)\w{0,8}(?: \w+){0,3} e-?\d{1,3}(?!\w)",
    re.IGNORECASE,
)
_PER_DECADE = {"E6": 6, "E12": 12, "E24": 24, "E48": 48, "E96": 96, "E192": 192}
_LETTERS = re.compile(r"^\s*([A-Za-z])\w*\s+\S+\s+\S+", re.MULTILINE)
_NEGATIVE = re.compile(r"^\s*V\w*\s+\S+\s+0\s+(?:DC\s+)?-\d", re.MULTILINE | re.IGNORECASE)
_SUBCIRCUIT = re.compile(r"^\s*\.subckt.*?^\s*\.ends[^\n]*$", re.MULTILINE | re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of a request: the kit's name, its plan, the deck and its fitted parts."""

    kit: str
    plan: Mapping[str, Any]
    title: str
    deck: str
    values: Mapping[str, float]

    def has(self, letter: str) -> bool:
        """Whether an element of this kind stands in the deck, outside of subcircuits."""
        body = _SUBCIRCUIT.sub("", self.deck.partition("\n")[2])
        return any(match[1].upper() == letter for match in _LETTERS.finditer(body))


@dataclass(frozen=True, slots=True)
class Rule:
    """Words that bind, how people say it, and whether what was made heeds it."""

    said: str
    words: re.Pattern[str]
    holds: Callable[[Made], bool]


def _rule(said: str, words: str, holds: Callable[[Made], bool]) -> Rule:
    return Rule(said, re.compile(words, re.IGNORECASE), holds)


def _named(*kits: str) -> Callable[[Made], bool]:
    return lambda made: made.kit in kits


def _response(name: str) -> Callable[[Made], bool]:
    return lambda made: name in made.title.lower() or made.plan.get("response") == name


_EITHER_SIGN = ("active_lowpass", "active_highpass")
_UPRIGHT = ("noninverting_amplifier", "voltage_follower", "ac_amplifier", "emitter_follower",
            "source_follower", "common_base", "difference_amplifier", "instrumentation_amplifier")  # fmt: skip
_DC_ONLY = frozenset(
    "linear_regulator adjustable_regulator zener_regulator zener_pass buck_converter boost_converter "
    "buck_boost_converter voltage_divider led_resistor led_current_driver charge_pump".split()
)
RULES: tuple[Rule, ...] = (
    _rule("no inductor", NO_COILS, lambda m: not m.has("L")),
    _rule("no op-amp", _WITHOUT + _AMPS, lambda m: "OPAMP" not in m.deck),
    _rule("passive", r"(?<![\w-])(?:passive?s?|passive[nrs]|pasiv[oa]s?)(?!\w)|"
          r"(?<!\w)no active (?:parts|components|devices)",
          lambda m: not any(m.has(letter) for letter in "XQMJ")),
    _rule("a single supply", SINGLE_SUPPLY, lambda m: not _NEGATIVE.search(m.deck)),
    _rule("a Sallen-Key stage", r"sallen", lambda m: "sallen" in m.title.lower()),
    _rule("multiple feedback", r"\bmfb\b|multiple[- ]feedback|(?<!\w)rauch|mehrfachgegen\w*",
          lambda m: "multiple feedback" in m.title.lower()),
    _rule("an elliptic response", r"(?<!\w)ellip(?:tic\w*|tisch\w*)|cauer\w*|el[íi]ptic\w*", _response("elliptic")),
    _rule("a Chebyshev response", r"(?<!\w)(?:t?s?cheb[iy]\w*|tscheby\w*|tcheby\w*)", _response("chebyshev")),
    _rule("a Bessel response", r"(?<!\w)bessel\w*|thomson", _response("bessel")),
    _rule("a Butterworth response", r"(?<!\w)butterw\w*",
          lambda m: _response("butterworth")(m) or m.kit.startswith(("rlc_", "state_")) or m.plan.get("q") is not None),
    _rule("a Linkwitz-Riley response", r"linkwitz", _response("linkwitz-riley")),
    _rule("a T section", r"(?<![\w-])(?:t|tee)[- ](?:pad|attenuator|type|network|section|glied|match\w*)|"
          r"(?:att[ée]nuateur|atenuador|r[ée]seau|red) en t(?!\w)",
          lambda m: m.plan.get("topology") in ("t", "bridged-t") or m.plan.get("feedback") == "t"),
    _rule("no switching", r"(?:not?|without|ohne|sans|sin) (?:the |any )?(?:switching|switched|switch|schalten|"
        r"commutation|conmutaci[óo]n)(?!\w)",
          lambda m: m.kit not in ("buck_converter", "boost_converter", "buck_boost_converter")),
    _rule("a pi section", r"(?<![\w-])(?:pi|π)[- ](?:pad|attenuator|type|network|section|glied|match\w*|filt\w*)|"
          r"(?:att[ée]nuateur|atenuador|r[ée]seau|red) en (?:pi|π)(?!\w)",
          lambda m: m.plan.get("topology", "pi") == "pi"),
    _rule("inverting", r"(?<!non)(?<!non[- ])(?<!not )(?<!nicht)(?<!nicht[- ])(?<!no )(?<!sans )(?<!ohne )(?<!sin )"
          r"(?<!without )(?<![\w-])(?:inverting|invertierend\w*|inverseu(?:r|se)|inversora?)(?=[\s,;.:)])",
          lambda m: m.plan.get("sign") == "inverting" if m.kit in _EITHER_SIGN else m.kit not in _UPRIGHT),
    _rule("non-inverting", r"non[- ]?invert\w*|nicht[- ]?invertierend\w*|non[- ]?inverseur|no inversor|"
          r"(?:without inverting|sans inverser|ohne zu invertieren|sin invertir)",
          lambda m: m.kit not in ("inverting_amplifier", "summing_amplifier", "common_emitter", "common_source")
          and not (m.kit == "hysteresis_comparator" and m.plan.get("kind", "inverting") == "inverting")),
    _rule("a JFET", r"(?<!mos)(?<!\w)j-?fet", lambda m: m.has("J")),
    _rule("a MOSFET", r"(?<!\w)[np]?-?(?:channel )?mos(?:fet)?s?(?!\w)", lambda m: m.has("M")),
    _rule("a bipolar transistor", r"(?<!\w)(?:bjts?|npns?|pnps?|bipolar\w*|bipolaire\w*)(?!\w)", lambda m: m.has("Q")),
    _rule("a PNP transistor", r"(?<!\w)pnps?(?!\w)", lambda m: " PNP(" in m.deck),
    _rule("an NPN transistor", r"(?<!\w)npns?(?!\w)", lambda m: " NPN(" in m.deck),
    _rule("op-amps", r"(?<!\w)op-?\s?amps?(?!\w)|operationsverst\w*|amplificateurs? op[ée]r\w*|operacional\w*|opamps?|"
          r"(?<!\w)opv(?!\w)",
          lambda m: "OPAMP" in m.deck or "CMP" in m.deck),
    _rule("transistors", r"(?<!\w)(?:with|using|of|from|avec|mit|con|two|2|three|deux|trois|zwei|drei|dos|tres) "
          r"(?:an? |one |two |three |une? |einem? |deux |zwei |dos )?(?:\w+ )?transistor(?:s|en|es)?(?!\w)(?! output)",
          lambda m: any(m.has(letter) for letter in "QMJ")),
    _rule("an AC input", r"\d\s?v(?:olts?)?[\s-]?ac(?!\w)|\d\s?v~|transformers?(?!\w)|trafo(?!\w)|transformateur",
          lambda m: m.kit not in _DC_ONLY),
    _rule("both directions", r"bi-?direction\w*|bidirek\w*|bidirec\w*", lambda _: False),
    _rule("isolation", r"(?<!\w)(?:galvanic\w*|isolated|isoliert\w*|potentialfrei\w*|isol[ée]e?|aislad[oa])(?!\w)",
          lambda _: False),
    _rule("adjustable", r"(?<!\w)(?:adjustable|(?<!state[- ])variable(?! d')|tun(?:e)?able|potentiometer|"
        r"einstellbar\w*|verstellbar\w*|poti|r[ée]glable|ajustable|potenti[oó]metro|trim(?:mer|pot))(?!\w)",
          _named("adjustable_regulator", "variable_supply", "tone_control")),
    _rule("a constant current", r"constant[- ]current|konstantstrom\w*|courant constant|corriente constante",
          lambda m: m.kit in ("current_mirror", "voltage_to_current", "current_limiter", "jfet_current_source",
                              "lm317_current_source", "transistor_current_source", "led_current_driver")),
    _rule("a balanced or differential output", r"balanced (?:output|line)|fully differential|differential output|"
          r"sym(?:m[ée]trique|metrisch\w*) (?:ausgang|sortie)", _named("differential_pair")),
    _rule("temperature compensation", r"temperature[- ](?:compens\w*|stable|independ\w*)|temperaturkomp\w*",
          lambda _: False),
)  # fmt: skip
"""What binds a circuit beyond its numbers."""


def unheeded(text: str, made: Made) -> list[str]:
    """What the words of a request ask for and what was made doesn't have."""
    head = text[:4000]
    missed = []
    for rule in RULES:
        match = rule.words.search(head)
        if match is None or rule.holds(made) or (rule.said != "no inductor" and _denied(head, match.start())):
            continue
        missed.append(rule.said)
    missed += [*_parts_missing(head, made), *_too_many(head, made)]
    row = sections(head) if made.kit in ("rc_lowpass", "rc_highpass") else None
    if row and made.plan.get("order", 1) != row:
        missed.append(f"{row} sections")
    stated = order(head)
    if stated and made.plan.get("order", made.plan.get("sections", _poles(made))) != stated:
        missed.append(f"order {stated}")
    wanted = series_of(head)
    if wanted is not None and not all(
        _preferred(value, wanted)
        for name, value in made.values.items()
        if name[0] in ("R" if _RESISTORS_ONLY.search(head) else "RCL")
    ):
        missed.append(f"parts of the {wanted} series")
    return missed


_ANY_PART = re.compile(
    r"(?<![\w-])((?:2n|2s[abcdjk]|bc|bd|bf|bu|tip|mje|irf[zplrb]?|irl[zbm]?|bss?|ao|fqp|mpsa|pn|mmbt|1n|ba[stv]|uf|mbr|"
    r"j) ?\d{2,5})[a-z]{0,3}(?!\w)",
    re.IGNORECASE,
)
"""A transistor or diode by its number."""


def _parts_missing(text: str, made: Made) -> list[str]:
    """Transistors and diodes that the request names and the deck doesn't; of "J201 or 2N5457" one is enough."""
    deck = made.deck.upper()
    named = [match for match in _ANY_PART.finditer(text) if not _REFUSED.search(text[: match.start()])]
    names = [re.sub(r"\s", "", match[1]).upper() for match in named]
    if len(named) > 1 and any(name in deck for name in names):
        gaps = (text[one.end() : other.start()] for one, other in pairwise(named))
        if all(_OR.fullmatch(gap) for gap in gaps):
            return []
    return [f"the part {name}" for name in dict.fromkeys(names) if name not in deck]


_REFUSED = re.compile(
    r"(?<!\w)(?:no|not|without|instead of|rather than|sans|ohne|kein\w*|sin)\s(?:an? )?$", re.IGNORECASE
)
_OR = re.compile(r"\s?(?:or|/|ou|oder|o)\s?(?:an? )?", re.IGNORECASE)
_HOW_MANY = re.compile(
    r"(?<!\w)(one|a single|single|1|two|2|three|3|four|4|une? seule?|deux|trois|einem?|einzigen?|zwei|drei|un solo|dos|"
    r"tres)[ -](?:\w{2,12}[ -])?(?:(op-?\s?amps?|ampli\w*[- ]op\w*|opv|operationsverst\w*|operacional\w*)|"
    r"(transistors?|transistoren?|transistores))(?!\w)",
    re.IGNORECASE,
)
_NUMBERS = {"two": 2, "2": 2, "deux": 2, "zwei": 2, "dos": 2, "three": 3, "3": 3, "trois": 3, "drei": 3, "tres": 3,
            "four": 4, "4": 4}  # fmt: skip
_MEASURED_TWICE = frozenset(
    {"instrumentation_amplifier", "difference_amplifier", "current_mirror", "differential_pair"}
)
"""Kits whose deck has the circuit a second time, to measure its common mode."""
_AMP_CARD = re.compile(r"^\s*X\w*\s.*OPAMP\w*\s*$", re.MULTILINE | re.IGNORECASE)
_TRANSISTOR_CARD = re.compile(r"^\s*[QMJ]\w*\s", re.MULTILINE | re.IGNORECASE)


def _too_many(text: str, made: Made) -> list[str]:
    """ "With one op-amp", and the deck has two."""
    body = _SUBCIRCUIT.sub("", made.deck.partition("\n")[2])
    missed = []
    for match in _HOW_MANY.finditer(text):
        most = _NUMBERS.get(match[1].lower(), 1)
        cards = _AMP_CARD if match[2] else _TRANSISTOR_CARD
        if len(cards.findall(body)) > most and made.kit not in _MEASURED_TWICE:
            missed.append(re.sub(r"\s+", " ", match[0]))
    return missed


_DENIED = re.compile(
    r"(?:n't|(?<!\w)(?:no|not|without|instead of|rather than|sans|ohne|kein\w*|sin|pas d'?e?|or|ou|oder|o))\s(?:an? |"
    r"any |using |the )?$"
)


def _denied(text: str, at: int) -> bool:
    before = text[max(0, at - 24) : at].lower()
    return _DENIED.search(before) is not None


def _poles(made: Made) -> int | None:
    """The order that a kit has of itself."""
    if made.kit in ("rc_lowpass", "rc_highpass", "rl_lowpass", "rl_highpass", "allpass", "rc_delay"):
        return 1
    if made.kit.startswith("rlc_") or made.kit in ("state_variable", "active_notch", "lc_supply_filter"):
        return 2
    return None


def series_of(text: str) -> str | None:
    """The preferred series that a request names for its parts, the coarsest of several."""
    found = sorted(int(match[1]) for match in SERIES.finditer(text[:4000]))
    return f"E{found[0]}" if found else None


def _preferred(value: float, series: str) -> bool:
    from kiki_tools.spice.kits.series import is_in

    return value <= 0 or is_in(value, series)


def of_series(design: Design, text: str) -> Design:
    """The design with its parts from the series that the request names."""
    wanted = series_of(text)
    if wanted is None:
        return design
    letters = "R" if _RESISTORS_ONLY.search(text[:4000]) else "RCL"
    return replace(
        design,
        variables=tuple(
            replace(each, series=wanted, finer=None)
            if each.series is not None and each.name[0] in letters and each.low < each.high
            else each
            for each in design.variables
        ),
    )


_LIMITED = re.compile(
    r"band[- ]?limit\w*|limited (?:[a-z]+ ){0,2}to\b|both (?:are |at )?.{0,4}[-−]? ?3 ?db|bandbegrenz\w*|limitad[oa] a|"
    r"limitée? (?:à|entre|de)",
    re.IGNORECASE,
)


def of_limits(design: Design, text: str) -> Design:
    """The design with its lower corner where a request limits the band, not only below it."""
    if not _LIMITED.search(text[:4000]):
        return design
    return replace(
        design,
        wanted=tuple(
            replace(one, op="=", tolerance=0.1 * one.value) if one.measure == "f_low" and one.op == "<=" else one
            for one in design.wanted
        ),
    )


NAMED = re.compile(
    r"(?<![\w-])(2n ?\d{4}|bc ?\d{3}|bd ?1[34]\d|tip ?\d{2,3}|irf ?z?\d{2,4}|irl ?z?\d{2,4}|bs ?170|bss ?138|"
    r"1n ?\d{3,4}|bat ?\d{2})[a-z]{0,2}(?!\w)",
    re.IGNORECASE,
)


def with_parts(design: Design, text: str) -> Design:
    """The design with the models of the transistors and diodes that the request names, where they are known."""
    from kiki_tools.spice.kits.named import MODELS_OF

    named = [re.sub(r"\s", "", match[1]).upper() for match in NAMED.finditer(text[:4000])]
    known = [name for name in dict.fromkeys(named) if name in MODELS_OF]
    if not known:
        return design
    made = design.template

    def template(values: Mapping[str, float]) -> str:
        deck = made(values)
        for name in known:
            generic, card = MODELS_OF[name]
            stand_in = next((each for each in generic if re.search(rf"^\.model {each} ", deck, re.MULTILINE)), None)
            if stand_in is not None:
                deck = re.sub(rf"^\.model {stand_in} .*$", f".model {stand_in} {card}", deck, flags=re.MULTILINE)
                deck = re.sub(rf"(?<!\w){stand_in}(?!\w)", f"M{name}" if name[0].isdigit() else name, deck)
        return deck

    return replace(design, template=template)
