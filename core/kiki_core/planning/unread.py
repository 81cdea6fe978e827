"""Wishes of a request that nothing read: words in a binding place that no rule, role or kit knows.

"With soft start", "stereo", "that can be switched off", "followed by a comparator": whatever a request binds the
circuit to beyond what its kit has, an answer can't be called verified while it wasn't read. What a circuit is for ("for
my guitar"), greetings and filling words bind nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from kiki_core.planning import constraints, kinds, named_slots, roles, slots
from kiki_core.planning.kind_words import KINDS, NOT_NEEDED, ROWS, TECHNIQUES
from kiki_core.planning.quantities import read
from kiki_core.planning.role_words import ROLES
from kiki_core.planning.roles import Labelled
from kiki_tools.spice.kits.model import Kit

_MOST_TEXT = 4000
_MOST = 4
"""Wishes that are told."""
_SHORT = 3
"""Words of a fragment between two commas that is a wish of its own."""
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_CUT = re.compile(
    r"[,;:!?)\n]|(?<!max)(?<!min)(?<!eff)(?<!ca)\.(?!\d)|(?<!\w)(?=(?:with|without|w/o?|and|but|plus|including|incl|"
    r"using|that|which|must|should|shall|has to|have to|needs? to|can|may|followed|then|no|not|only|made|built|avec|"
    r"sans|et|mais|qui|doit|peut|mit|"
    r"ohne|und|aber|soll|muss|kann|der|die|das|con|sin|y|pero|que|debe|puede|si)(?!\w))",
    re.IGNORECASE,
)
_BINDS = re.compile(
    r"(?:with|without|w/o?|plus|including|incl|using|must|should|shall|has to|have to|needs? to|can|followed|then|no|"
    r"not|only|made|built|(?:that|which) (?:can|must|has|have|is|are|should|does|works?|doesn't|can't)|and (?:an?|the|"
    r"its?|has|have|is|with|must|should|can|also|then)|avec|sans|doit|peut|qui (?:doit|peut)|et (?:une?|avec|sans)|"
    r"mit|ohne|soll|muss|kann|und (?:eine?[rnm]?|mit|ohne)|con|sin|debe|puede|que (?:debe|pueda?)|"
    r"y (?:una?|con|sin))(?!\w)",
    re.IGNORECASE,
)
_REFUSES = re.compile(r"(?:no|not|without|w/o|sans|pas|ohne|kein\w{0,2}|sin)(?!\w)", re.IGNORECASE)
_PROPERTY = re.compile(
    r"(?<![\w-])(?:(?!a?stable|monostable|bistable)\w{3,16}(?:able|ible|ous|less|proof|tolerant|protected|isolated|balanced)|stereo|quadrature|quad|dual|"
    r"triple|two[- ]channel|multi-?\w{3,12})(?= )",
    re.IGNORECASE,
)
"""Words before a circuit's name that say how it has to be, not what it is for."""
_OF_PARTS = re.compile(
    r"[\w ]{2,12} (?:an? |une? |einem? |einen? )?(?:\w+ )?(?:resistor|capacitor|widerstand|kondensator|r[ée]sistance|"
    r"condensateur|resistencia|condensador)s?\W*$",
    re.IGNORECASE,
)
_INPUTS = re.compile(r"inputs?|entr[ée]es|eing[äa]nge\w*|entradas|channels", re.IGNORECASE)
_EITHER = re.compile(r"(?<!\w)(?:or|ou|oder|o) (?:an? |une? |einem? )?\w+", re.IGNORECASE)
_TELLS = re.compile(
    r"(?:i|i'm|i've|we|my|it's|it is|this is|there'?s?|because|since|so|as|when|if|hi|hello|thanks?|cheers|please|for|"
    r"in|on|at|of|to|from|behind|after|before|je|j'ai|nous|mon|pour|ich|wir|mein\w*|weil|f[üu]r|im|am|bei|yo|tengo|para|"
    r"en|desde|pas de soucis|danke|merci|gracias)(?!\w)",
    re.IGNORECASE,
)
_FILLERS = frozenset(
    # articles, prepositions, conjunctions, pronouns and forms of to be, to have, can and must, in four languages
    "the an and but for from with without into onto over under about above below between than that which this these "
    "those its it's his her our your their my there here where when while what who how why if or nor not no yes as at "
    "by in of on to up off out so too very much many more most less least some any all each every both either neither "
    "other another same own such only just even also still again then now is are was were be been being am do does "
    "did done has have had having can could may might must shall should will would need needs needed want wants i'd "
    "i'm i've i'll we us me you they them he she don't doesn't isn't aren't won't can't mustn't shouldn't let lets "
    "der die das den dem des ein eine einen einem einer eines und oder aber für mit ohne von vom zum zur bei beim "
    "nach aus auf über unter zwischen als wie wenn weil dass ist sind war sein wird werden hat haben kann können muss "
    "müssen soll sollen sollte darf möchte ich wir sie mir mich uns mein meine meinen meinem meiner man kein keine "
    "keinen nicht nur auch noch schon sehr mehr weniger etwa rund ungefähr bitte danke alle jede jeder jedes beide im "
    "ins dabei les une un du de la le aux pour avec sans dans sur sous entre par que qui dont est sont être avoir ont "
    "doit doivent peut peuvent faut veux voudrais je nous vous mon mes son ses leur leurs ce cet cette ces pas plus "
    "moins très aussi seulement environ tout tous toute toutes merci d'un d'une l'on qu'il j'ai il ils elle elles "
    "puis donc los las una unos unas del con sin para por sobre bajo quien es está están ser estar hay debe deben "
    "puede pueden quiero quisiera necesito mis sus este esta estos esas más menos muy también solo sólo todo todos "
    "gracias favor como cuando donde pero sea sean "
    # what is made, and how people ask for it
    "circuit circuits schaltung circuito montage filter filters filtre filtro stage stages étage etapa stufe design "
    "designed build built make made give get use used using want looking create draw netlist spice deck schematic "
    "linear allowed simulation simulate please thanks thank hello simple simplest plain basic small little good nice "
    "usual standard "
    "normal typical classic ordinary cheap quick quickly practical own suitable proper right exactly roughly "
    "approximately nearly around version kind type sort something anything nothing everything whatever value values "
    "part parts component components resistor resistors capacitor capacitors widerstand widerstände kondensator "
    "kondensatoren résistance résistances condensateur condensateurs resistencia resistencias condensador "
    "condensadores topology configuration solution implementation approach project frequency frequencies voltage "
    "current signal signals level levels side sides end ends point hertz volts ohms amps conception conçois entwirf "
    "entwerfen baue brauche suche diseña diseñar busco besoin cherche einfach einfache einfacher einfachen einfaches "
    "simples sencillo plz pls first second third fourth fifth one two three four five six erster zweiter dritter "
    "order ordnung ordre orden".split()
)
_EITHER_BEFORE = re.compile(r"(?<!\w)(?:or|ou|oder|o|nor|no|not|without|instead of)\s(?:an? |the )?$", re.IGNORECASE)
_MOVES = frozenset(
    "pasa baja sube cae supera sinkt steigt fällt monte descend dépasse rises falls goes drops reads".split()
)
_NAMED_UNITS = frozenset({"V", "A", "s", "%", "W", "F", "H"})
_NAMES = re.compile(
    r"([^\W\d_][^\W\d_-]{2,20})\s?(?:\s(?:of|is|below|under|above|over|max\.?|at most|at least|less than|lower than|"
    r"no more than|smaller than|better than|von|unter|über|höchstens|de|sous|bajo|menor que)|<=?|>=?|≤|≥|=|:)?\s?$",
    re.IGNORECASE,
)
"""A word that says what the number behind it is."""
_CHAIN = re.compile(
    r"(?<!\w)(?:followed by|(?:and )?then|after (?:that|which|it)|behind (?:it|that)|feeding|driving|and (?:an?|then|"
    r"also|another)|plus|as well as|together with|combined with|with (?:an?|another)|into an?|suivie? (?:de|d'un)|puis|"
    r"et (?:une?|puis)|gefolgt von|und (?:dann |danach )?(?:eine?[mnr]?)?|danach|dahinter|seguido de|y (?:luego|"
    r"despu[ée]s|una?))(?!\w)",
    re.IGNORECASE,
)
_BEFORE_OWN = re.compile(
    r"[^.;]{0,24}?(?<!\w)(?:plus|followed by|(?:and )?then|feeding|suivie? d|puis|gefolgt von|und dann|"
    r"seguido de)(?!\w)",
    re.IGNORECASE,
)
_ANOTHER = 1.5
"""Weight from which a row's words name a circuit, not a property of one."""


def unread(text: str, kit: Kit) -> list[str]:
    """Wishes in the request's own words that nothing read, a few at most; ``kit``: what was made."""
    text = text[:_MOST_TEXT]
    known = _known(text, kit)
    found: list[str] = []
    for start, end in _clauses(text, known):
        clause = text[start:end].strip()
        if any(known[start:end]) or _TELLS.match(clause):
            continue  # what its number or its circuit leaves unsaid is told elsewhere
        words = [word for word in _WORD.findall(clause) if len(word) > 2]
        new = [word for word in words if word.lower() not in _FILLERS]
        between = start > 0 and text[start - 1] in ",;" and text[end : end + 1] in ("", *",;.!")
        alone = between and len(words) <= _SHORT
        if _OF_PARTS.match(clause) and not _REFUSES.match(clause):
            continue  # "and a sense resistor"
        refused = _REFUSES.match(clause) and any(row.words.search(clause) for row in ROWS)
        if new and not refused and (alone or _BINDS.match(clause)):
            found.append(re.sub(r"\s+", " ", clause).strip(" -"))
    found += [match[0] for match in _PROPERTY.finditer(text) if known[min(match.end() + 1, len(text) - 1)]
              and not any(known[match.start() : match.end()])]  # fmt: skip
    return found[:_MOST]


_CORNER = re.compile(
    r"(?<!\w)(?:cut-?\s?off|corner|grenzfreq\w*|eckfreq\w*|coupure|(?:frecuencia de )?corte)(?!\w)", re.IGNORECASE
)


def corner(text: str, kit: Kit, plan: Mapping[str, object], labels: Iterable[Labelled]) -> list[str]:
    """The mark of a corner (-3 dB) or its name, where the plan has the edge of a pass band and no corner."""
    if not plan.get("pass_hz") or kit.slot("cutoff_hz") is None or plan.get("cutoff_hz") or kit.slot("low_hz"):
        return []
    marks = [each.quantity.text for each in labels if each.role == "mark" and each.quantity.unit == "dB"]
    named = _CORNER.search(text[:_MOST_TEXT])
    return marks[:1] or ([named[0]] if named else [])


def guessed(text: str, kit: Kit, sources: Iterable[Labelled]) -> list[str]:
    """Numbers that filled a slot by their unit alone though a word says that they are something else: "offset 1 mV"."""
    text = text[:_MOST_TEXT]
    known = _known(text, kit)
    for role in ROLES:
        if not role.words.pattern.startswith(".{0}"):
            for match in role.words.finditer(text):
                known[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    found = []
    for label in sources:
        one = label.quantity
        noun = _NAMES.search(text[max(0, one.start - 40) : one.start]) if one.unit in _NAMED_UNITS else None
        if label.role or noun is None or noun[1].lower() in _FILLERS | _MOVES:
            continue
        at = max(0, one.start - 40) + noun.start(1)
        if not any(known[at : at + len(noun[1])]):
            found.append(f"{noun[0].strip()} {one.text}")
    return found[:_MOST]


def others(text: str, kit: Kit) -> list[str]:
    """Words that name another circuit behind the first one: "a divider and then a low-pass"."""
    head = NOT_NEEDED.sub(lambda match: " " * len(match[0]), text[:_MOST_TEXT])
    contexts = [match.span() for match in kinds.CONTEXT.finditer(head)]
    own = [match.span() for words in (*_own(kit), *named_slots.patterns(kit)) for match in words.finditer(head)]
    found = []
    rows = [(row.words, row.weight) for row in ROWS if kit.name not in row.names]
    ways = [(re.compile(words, re.IGNORECASE), 2.0) for name, words in KINDS.items() if not _is_kind(kit, name)]
    for words, weight in [*rows, *ways]:
        if weight < _ANOTHER:
            continue
        for match in words.finditer(head):
            first = _BEFORE_OWN.match(head, match.end()) and any(0 < low - match.end() < 40 for low, _ in own)
            inside = any(low <= match.start() < high for low, high in [*contexts, *own])
            if first and not inside:
                found.append(match[0].strip())
            before = head[max(0, match.start() - 40) : match.start()]
            chained = next((each for each in reversed(list(_CHAIN.finditer(before)))), None)
            if (
                inside
                or chained is None
                or _EITHER_BEFORE.search(before)
                or re.search(r"[.;,]\s", before[chained.end() :])
            ):
                continue
            found.append(match[0].strip())
    return list(dict.fromkeys(found))[:_MOST]


def _is_kind(kit: Kit, kind: str) -> bool:
    names = {"bandstop": ("bandstop", "notch"), "lowpass": ("lowpass", "lc_supply", "rc_delay")}
    return any(each in kit.name for each in names.get(kind, (kind,))) or kit.name in ("state_variable", "crossover")


def _own(kit: Kit) -> Iterator[re.Pattern[str]]:
    """The words that name a kit."""
    yield from (row.words for row in ROWS if kit.name in row.names or row.weight < 1)
    if kit.name == "summing_amplifier":
        yield _INPUTS
    yield from (re.compile(words, re.IGNORECASE) for name, words in KINDS.items() if _is_kind(kit, name))
    if kit.slot("cutoff_hz") or kit.slot("center_hz"):
        yield from (re.compile(words, re.IGNORECASE) for words in TECHNIQUES.values())


def _known(text: str, kit: Kit) -> bytearray:
    """For each character whether something read it: 1 the circuit or a rule, 2 a number."""
    known = bytearray(len(text))

    def mark(start: int, end: int, what: int = 1) -> None:
        known[start:end] = bytes([what]) * (end - start)

    patterns = [*_own(kit), *named_slots.patterns(kit), *(rule.words for rule in constraints.RULES)]
    patterns += [constraints.NAMED, constraints.SERIES]
    patterns += [re.compile(slots.words_of(choice), re.IGNORECASE) for slot in kit.slots for choice in slot.choices]
    patterns += [kinds.CONTEXT, NOT_NEEDED, slots.UNITY, _EITHER, *roles.ORDERS]
    for pattern in patterns:
        for match in pattern.finditer(text):
            mark(*match.span())
    for quantity in read(text):
        mark(quantity.start, min(quantity.end, len(text)), 2)
    return known


def _clauses(text: str, known: Sequence[int]) -> Iterator[tuple[int, int]]:
    cuts = [
        0,
        *(match.start() for match in _CUT.finditer(text) if known[min(match.start(), len(text) - 1)] < 2),
        len(text),
    ]
    for low, high in pairwise(sorted(set(cuts))):
        start = low + (text[low : low + 1] in tuple(",;:!?)\n."))
        if text[start:high].strip():
            yield start, high
