"""Pins of a symbol from words: tables, lists with numbers, lists in order, ranges."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kiki_tools.kicad.symbols import Pin

_NUMBER = r"(?:\d{1,3}|[A-H]\d{1,2}|EP|PAD)"
_NAME = r"(?:[A-Za-z~+\-/][\w+\-/~{}#*.&]{0,40}|\d[A-Z]\w{0,4}|\d\.\d[A-Z]\w*)"
_TYPES: Sequence[tuple[str, str]] = (
    (
        r"power[ _-]?(?:supply )?out\w*|sortie d'alim\w*|supply[ _-]?out\w*|salida de (?:alim|pot)\w*|versorgungsausgang|ausgang.{0,3}versorgung|output power",
        "power_out",
    ),
    (r"power(?:[ _-]?in)?|pwr|supply|alimentation|versorgung|alimentación|ground|masse|tierra", "power_in"),
    (r"bi-?di(?:r\w*)?|i/?o\b|inout|in/out|bidirectionnel", "bidirectional"),
    (r"open[ _-]?(?:collector|drain)|collecteur ouvert|offener kollektor", "open_collector"),
    (r"open[ _-]?emitter", "open_emitter"),
    (r"tri-?state|three-state|3-state", "tri_state"),
    (
        r"no[ _-]?connect\w*|not connected|non connect\w*|unconnected|\bn/?c\b|nicht verbunden|sin conexión",
        "no_connect",
    ),
    (r"passive|passif|passiv|pasivo", "passive"),
    (r"out(?:puts?)?\b|sortie|ausg[aä]ng|salida", "output"),
    (r"in(?:puts?)?\b|entrée|eing[aä]ng|entrada|clock|horloge", "input"),
)
_TABLE = re.compile(
    rf"^\s*\|?\s*({_NUMBER})\s*[|,;\t]\s*({_NAME})\s*(?:[|,;\t]\s*([^|;\n]*?))?\s*(?:[|;,].*)?$", re.MULTILINE
)
_TABLE_NAME_FIRST = re.compile(
    rf"^\s*\|?\s*({_NAME})\s*[|;\t]\s*({_NUMBER})\s*(?:[|;\t]\s*([^|;\n]*?))?\s*(?:[|;].*)?$", re.MULTILINE
)
_KIND_AFTER = (
    r"(?:\s*[(\[]\s*([^)\]\n]{1,30})\s*[)\]]|\s+((?:digital |analog |analogue |supply )?(?:power[ _-]?(?:input|output|in|out|supply)|power|pwr|push-pull output|input|output|bidirectional|bidi|tri-?state|supply|not connected|nc|colector abierto|collecteur ouvert|bidirectionnel|bidireccional|passiv|passif|pasivo)|bidirectional|passive|open[ -](?:collector|drain)|in|out|io|i/o|"
    r"entrée|sortie|eingang|ausgang|entrada|salida|alimentation)(?=\s*(?:[,;.\n]|$|and|et|und|y\b)))?"
)
_NUMBERED = re.compile(
    rf"(?<![\w.-])(?:pins?|broches?|anschl(?:uss|üsse)|patillas?|pines?)?\s*#?({_NUMBER})\s*(?:=|:|->|→|–|(?<=[\dA-H])-|-(?=\s)|\)|\.(?!\d)|(?:ist|is|are|est|es)\b|\s)\s*"
    rf"(?:the\s|the |le |la |l'|die |der |el )?(?:(?:red|green|blue|white|common|anode|cathode|kathode|ánodo|cátodo|emitter|emisor|émetteur|collector|kollektor|colector|collecteur|base|basis|gate|drain|source|supply|ground|clock|data|signal|entrada|salida|entrée|sortie|eingang|ausgang|input|output)\s+(?=(?-i:[A-Z]))|"
    rf"(?:(?:red|green|blue|white|common)\s+(?:anode|cathode)\s+(?=(?-i:[A-Z]))))?({_NAME})(?![\w]){_KIND_AFTER}",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"(?<![\w.])({_NAME})\s*(?:\(\s*(?:pin\s*)?|=\s*|:\s*|@\s*|on pin\s+|at pin\s+|pin\s+|sur (?:la )?broche\s+|an pin\s+|en (?:el )?pin\s+|->\s*)({_NUMBER})\s*\)?(?![\w.])"
    rf"{_KIND_AFTER}",
    re.IGNORECASE,
)
_NAME_THEN_NUMBER = re.compile(
    rf"(?<![\w.])(?-i:(?=[A-Z~+-]))({_NAME})\s+({_NUMBER})(?=\s*(?:[,;.(\n]|$|and\b|et\b|und\b|y\b)){_KIND_AFTER}",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"(?<![\w.])(?:pins?\s*)?(\d{1,3})\s*(?:-|–|to|\.\.+|à|bis|a)\s*(\d{1,3})\s*(?:=|:|are|is|sont|sind|son|for|as)\s*([A-Za-z_]+)(\d{1,2})\s*(?:-|–|down to|to|\.\.+|à|bis|a)\s*(?:\3)?(\d{1,2})(\s*\([^()\n]{2,30}\))?",
    re.IGNORECASE,
)
_LETTERED = re.compile(
    r"(?<![\w.])(\d{1,3})\s*(?:-|–|to|\.\.+)\s*(\d{1,3})\s*(?:=|:|are)\s*([A-Z])\s*(?:-|–|to|\.\.+)\s*([A-Z])(?!\w)"
)
_RANGE_NAMED = re.compile(
    r"(?<![\w.])([A-Za-z_]+)(\d{1,2})\s*(?:-|–|to|\.\.+|à|bis|a)\s*(?:\1)?(\d{1,2})\s*(?:\(|on|=|:|are|at)?\s*(?:pins?\s*)(\d{1,3})\s*(?:-|–|to|\.\.+|à|bis|a)\s*(\d{1,3})",
    re.IGNORECASE,
)
_LISTED = re.compile(
    r"(?:pins?(?: (?:are|named|called|in order|order|names?|list))*|pinout|with pins?|broches?(?: dans l'ordre)?|anschlüsse|pines?|patillas|pin names?)"
    r"(?:\s*\([^)]*\)|\s*,?\s*(?:from |von |de |du )?(?:pin )?1\s?(?:to|-|–|through|thru|\.\.+|…|à|bis|a)\s?(?:pin )?\d{1,3}(?![\w.]))?\s*(?:are|is|:|=|sont|sind|son|in order|,)?\s*:?\s*",
    re.IGNORECASE,
)
_STOP = frozenset(
    "pin pins lead leads v mm mil mils mhz khz hz bit bits channel channels unit units gate gates input inputs output outputs of in on the a and with "
    "to for is are package dip soic sot volt volts ma position row rows way ways port ports x symbol ic op-amp opamp op broches broche anschlüsse pines "
    "bis sind ist sont est son es hasta through thru entrées sorties eingänge ausgänge entradas salidas left right top bottom side per each through nand nor and or xor -pin op-amps input-output balls bumps pads contacts six five four three two eight inverters comparators".split()
)
_SPLIT = re.compile(r"\s*(?:,|;|/(?=\s)|\band\b|\bet\b|\bund\b|\by\b|&)\s*", re.IGNORECASE)


_NEVER = frozenset("PIN PINS LEAD LEADS V MM MIL MILS MHZ KHZ HZ BIT BITS DIP SOIC SOT IC MA VOLT VOLTS PACKAGE OP-AMP OPAMP OF THE AND WITH TO FOR IS ARE NAND NOR XOR OR UNIT UNITS "
                   "CHANNEL CHANNELS INPUTS OUTPUTS GATES ROW ROWS WAY WAYS PORT PORTS SYMBOL BROCHES PINES X BALLS PADS".split())  # fmt: skip
"""Words that aren't pins even in capitals."""


def kind_of(name: str, said: str = "", *, regulator: bool = False, connector: bool = False) -> str:
    """The electrical type of a pin: as it is said, else as its name tells."""
    for pattern, kind in _TYPES:
        if said and re.search(rf"(?<![a-z])(?:{pattern})", said, re.IGNORECASE):
            return kind
    if connector:
        return "passive"
    upper = re.sub(r"[~{}#]", "", name.upper())
    if re.fullmatch(r"N\.?C\.?\d*|DNC|NC_\d+", upper):
        return "no_connect"
    if re.fullmatch(r"(?:[ADPS]?V(?:CC|DD|BAT|IN|SS|EE|BUS|SYS|S|DDA|SSA|DDIO|CCIO|REFIN)?\w{0,2}|[ADPS]?GND\w*|[+-]?V[SCDE]{0,2}[+-]?|VI|EP|PAD|[+-]?\d+V\d*|VPP)",
                    upper) and not upper.startswith("VOUT"):  # fmt: skip
        return "power_in"
    if regulator and re.fullmatch(r"V?OUT\d*|VO|OUTPUT", upper):
        return "power_out"
    if re.match(
        r"(?:OUT|Q\d*$|Q[A-H][A-Z']?$|Y\d*|\d?Y\d?$|TX|DO\b|DO$|SDO|MISO|DOUT|VOUT|INT|IRQ|RDY|ALERT|PG$|PGOOD|FAULT|COUT|OUT[A-D]|O\d)",
        upper,
    ):
        return "open_collector" if re.match(r"INT|IRQ|ALERT|PG|FAULT", upper) else "output"
    if re.match(r"(?:IO\w*|GPIO|P[A-K]\d|D[+-]|DP|DM|SDA|DQ|D\d+$|DATA|SIO|PIO|USB|SWDIO|IO\d)", upper):
        return "bidirectional"
    if re.match(r"(?:IN|EN|CE|CS|SS|NSS|OE|CLK|SCK|SCL|SCLK|SRCLK|RCLK|RX|DI\b|DI$|DIN|SDI|MOSI|SER|A\d*$|B\d*$|\d[AB]$|ADDR|RST|RESET|NRST|SHDN|"
                r"WP|HOLD|LE|DIR|SEL|SET|CLR|MR|TRIG|THR|CTRL|CONT|FB|ADJ|BOOT|MODE|WR|RD|S\d$|EN\d|STBY|PWM|G\d?$|REF|IN\d|\+IN|-IN|\+$|-$|INH|LD|DE$|RE$|TXD)",
                upper):  # fmt: skip
        return "input"
    return "passive"


def _says(said: str) -> bool:
    """Whether words tell a type."""
    return any(re.search(rf"(?<![a-z])(?:{pattern})", said, re.IGNORECASE) for pattern, _ in _TYPES)


_ALL = re.compile(
    r"\ball (?!(?-i:[A-Z]\w*)\s+(?:pins?|outputs?|inputs?|lines?))(?:of (?:the|its) )?(?:pins |leads )?(?:are |being )?([a-z][a-z _-]{2,20})|\balle (?:pins |anschlüsse )?([a-z]{3,20})|"
    r"\btou(?:te)?s (?:les broches )?(?:en )?([a-zé]{3,20})|\btod[ao]s (?:l[oa]s (?:pines|patillas) )?([a-z]{3,20})",
    re.IGNORECASE,
)


def _kind_of_all(text: str) -> str:
    """The type that a request gives every pin, such as "all pins passive"; empty if none."""
    for match in _ALL.finditer(text):
        said = next(part for part in match.groups() if part)
        if (kind := kind_of("", said)) != "passive" or re.match(r"passi[fv]|pasiv", said, re.IGNORECASE):
            return kind
    return ""


def pins_of(text: str, count: int, *, regulator: bool, connector: bool) -> list[Pin]:
    """The pins that a text names; empty if it names fewer than two."""
    best: list[tuple[str, str, str]] = []
    thermal = _THERMAL.search(text)
    text = _THERMAL.sub(" ", text)
    text = re.sub(r"=\s*(?:pin|broche|patilla)\s+(?=\d)", "= ", text, flags=re.IGNORECASE)
    text = _TWICE.sub(lambda match: f"{match[1]} {match[2]}, {match[1]} {match[3]}", text)
    text = re.sub(rf"[:.]\s+(?={_NUMBER}\s*[;|,\t]\s*[A-Za-z+~-][\w+~-]*\s*[;|,\t])", ":\n", text)
    spelt = _spelt_ranges(text)
    for found in (
        _from(_TABLE, text, 1, 2),
        _from(_TABLE_NAME_FIRST, text, 2, 1),
        _from(_NUMBERED, spelt, 1, 2),
        _from(_NAMED, spelt, 2, 1),
        _from(_NAME_THEN_NUMBER, spelt, 2, 1),
    ):
        if len(found) > len(best):
            best = found
    if len(best) < 2 or (count and len(best) < count / 2):
        listed = _in_order(text)
        if len(listed) >= max(2, len(best)):
            best = [(str(number), name, said) for number, (name, said) in enumerate(listed, 1)]
    sides = _by_sides(text)
    if len(sides) > len(best):
        best = sides
    if len(best) < 2:
        best = _in_a_run(text, count)
    if len(best) < 2:
        return []
    if "K" in {name for _, name, _ in best}:
        best = [(number, name, said or ("passive" if len(name) == 1 else "")) for number, name, said in best]
    if thermal and thermal[1] not in {number for number, *_ in best}:
        name = thermal[2] if thermal[2] and thermal[2].isupper() else "EP"
        best = [*best, (thermal[1], name, "")]
    if any(re.fullmatch(r"NO\d*", name) for _, name, _ in best):  # contacts of a relay or switch
        best = [
            (number, name, said or ("passive" if re.match(r"NC\d*$|NO\d*$|COM", name) else ""))
            for number, name, said in best
        ]
    best = [(number, name, said if _says(said) else "") for number, name, said in best]
    every, groups = _kind_of_all(text), _kinds_of_groups(text)
    return [
        Pin(
            number.upper(),
            name,
            ((_of_group(name, groups) or every) if not said else "")
            or kind_of(name, said, regulator=regulator, connector=connector),
            side=_side(text, name),
        )
        for number, name, said in best
    ]


_GROUP = re.compile(
    r"(?<![\w])((?:[A-Z~+-][A-Z0-9_+~{}-]*x?(?:\s*(?:,|/|&|and|und|et|y|to|through|bis|à|a)\s*)?){1,9})\s*(?:(?:pins?|lines?|signals?|broches?|pines?|patillas?|anschlüsse|leitungen)?\s+"
    r"(?:are|is|sind|ist|sont|est|son|es|als|as)|(?:pins?|lines?|signals?|outputs?|inputs?|broches?|pines?|patillas?|anschlüsse|leitungen))\s+(?:all |both |alle |beide |tous |todos |an? |une? |des )?([A-ZÀ-Ý]?[a-zà-ÿ]+(?:[ -](?:in|out|input|output|collector|drain|state)s?)?)"
)
"""Pins whose type is told together: "A and B pins are bidirectional"."""


def _kinds_of_groups(text: str) -> list[tuple[str, str]]:
    """Names, or beginnings of names, and the type that the text gives them."""
    found = []
    for match in _GROUP.finditer(text):
        kind = kind_of("", match[2])
        if kind != "passive" or re.match(r"passi[fv]|pasiv", match[2], re.IGNORECASE):
            names = re.split(
                r"\s*(?:,|/|&|\band\b|\bund\b|\bet\b|\by\b)\s*|\s+", _ROW_OF_NAMES.sub(_spelt_row, match[1])
            )
            found += [(name, kind) for name in names if name]
    return found


_ROW_OF_NAMES = re.compile(r"([A-Z][A-Z_]*)(\d{1,2})\s*(?:to|through|bis|à|a|-)\s*\1?(\d{1,2})(?!\w)")


def _spelt_row(match: re.Match[str]) -> str:
    """Names that a row stands for: "S0 to S2"."""
    low, high = sorted((int(match[2]), int(match[3])))
    return ", ".join(f"{match[1]}{number}" for number in range(low, min(high, low + 63) + 1))


def kinds_told(text: str, names: Sequence[str]) -> dict[str, str]:
    """The types that a text gives groups of pins, by the pin's name: "E and S0 to S2 are inputs"."""
    groups = _kinds_of_groups(text)
    return {name: kind for name in names if (kind := _of_group(name, groups))}


def _of_group(name: str, groups: Sequence[tuple[str, str]]) -> str:
    """The type of the group that a pin belongs to: by its own name, else by what the name begins with."""
    own = next((kind for told, kind in groups if told == name), "")
    return own or next(
        (kind for told, kind in groups if re.fullmatch(rf"{re.escape(told.rstrip('x'))}(?:\d+|[A-H]'?)", name)), ""
    )


_TWICE = re.compile(r"(?<![\w.])([A-Z][A-Z0-9_]*)\s+(\d{1,3})\s*(?:and|und|et|y|&|/)\s*(\d{1,3})(?=\s*(?:[,;.\n(]|$))")
"""A name with two pins: "GND 1 and 7"."""
_THERMAL = re.compile(
    r"(?:the\s+)?(?:thermal|exposed|cent(?:re|er)|power)[ -]?pad\s*[(,]?\s*(?:is |= ?|as |being )?(?:pin|number|pad|no\.?)\s*#?(\d{1,3})\)?(?:\s*(?:,|is|goes to|to|=|:|connected to|tied to|on|internally connected to|called|named)\s*(?:net |the )?)*([A-Z][A-Z0-9_]*)?",
    re.IGNORECASE,
)


_RUN = re.compile(
    r"(?<![\w~+-])(?:[A-Z~+-][A-Z0-9_+~{}/#-]{0,19}(?:\s*[,;/|]\s*|\s+)(?:and |und |et |y )?){2,99}[A-Z~+-][A-Z0-9_+~{}/#-]{0,19}(?![\w])"
)


def _in_a_run(text: str, count: int) -> list[tuple[str, str, str]]:
    """Names in capitals one behind the other, as many as the part has pins."""
    for match in _RUN.finditer(text):
        names = [each for each in re.split(r"[\s,;|]+", match[0]) if each and each not in ("and", "und", "et", "y")]
        if len(names) == count or (not count and re.search(r"order|ordre|reihenfolge|orden", text, re.IGNORECASE)):
            return [(str(number), name, "") for number, name in enumerate(names, 1)]
    return []


_SIDES = re.compile(
    r"(?:left|right|top|bottom|links|rechts|oben|unten|gauche|droite|haut|bas|izquierda|derecha|arriba|abajo)(?: side| seite)?\s*[:=]\s*([^;:\n]*?)"
    r"(?=[,;.]?\s*(?:and |und |et |y |on the |on |à |en |a la )?(?:left|right|top|bottom|links|rechts|oben|unten|gauche|droite|haut|bas|izquierda|derecha|arriba|abajo|name\w*|called)\b|[;\n.]|$)",
    re.IGNORECASE,
)


def _by_sides(text: str) -> list[tuple[str, str, str]]:
    """Pins that are only told by the side where they are to stand, numbered in their order."""
    found = [
        (each[1], each[2] or "")
        for match in _SIDES.finditer(text)
        for each in re.finditer(r"(?<![\w(])([A-Z~+-][\w+~{}-]*)(?:\s*\(([^()]*)\))?", match[1])
    ]
    if len({name for name, _ in found}) != len(found):
        return []
    return [(str(number), name, said) for number, (name, said) in enumerate(found, 1)]


def _spelt_ranges(text: str) -> str:
    def spelt(whole: str, first: int, last: int, stem: str, low: int, high: int, said: str = "") -> str:
        step = 1 if high >= low else -1
        if last - first != abs(high - low) or not 0 < last - first < 200:
            return whole
        return ", ".join(f"{first + n}={stem}{low + step * n}{said}" for n in range(last - first + 1))

    def numbered(match: re.Match[str]) -> str:
        first, last, stem, low, high = int(match[1]), int(match[2]), match[3], int(match[4]), int(match[5])
        return spelt(match[0], first, last, stem, low, high, match[6] or "")

    def named(match: re.Match[str]) -> str:
        stem, low, high, first, last = match[1], int(match[2]), int(match[3]), int(match[4]), int(match[5])
        return spelt(match[0], first, last, stem, low, high)

    def lettered(match: re.Match[str]) -> str:
        first, last, low, high = int(match[1]), int(match[2]), ord(match[3]), ord(match[4])
        step = 1 if high >= low else -1
        if last - first != abs(high - low) or not 0 < last - first < 26:
            return match[0]
        return ", ".join(f"{first + n}={chr(low + step * n)}" for n in range(last - first + 1))

    return _RANGE_NAMED.sub(named, _RANGE.sub(numbered, _LETTERED.sub(lettered, text)))


def _from(pattern: re.Pattern[str], text: str, number: int, name: int) -> list[tuple[str, str, str]]:
    found: dict[str, tuple[str, str, str]] = {}
    twice: list[tuple[str, str, str]] = []
    for match in pattern.finditer(text):
        label = match.group(name).strip(".,;") or match.group(name)
        said = next((part for part in match.groups()[2:] if part), "") or ""
        if (label.lower() in _STOP and not _is_name(label, text, match.end(name))) or (
            re.fullmatch(r"pin|no\.?|number|name|nom", label, re.IGNORECASE) and label != "NO"
        ):
            continue
        key = match.group(number).upper()
        if key in found and re.fullmatch(r"[a-zà-ÿ]{3,}", found[key][1]) and re.search(r"[A-Z]", label):
            del found[key]  # "3-polig" names no pin
        had = found.setdefault(key, (match.group(number), label, said))
        if had[1] != label and re.fullmatch(r"[A-Z][A-Z0-9]*", had[1]) and re.fullmatch(r"[A-Z][A-Z0-9]*", label):
            twice.append((match.group(number), label, said))
    kept = [*found.values(), *twice]
    if sum(label.startswith("-") for _, label, _ in kept) == len(kept) > 1:
        kept = [(at, label.lstrip("-"), said) for at, label, said in kept]
    if sum(re.search(r"[A-Z]", label) is not None for _, label, _ in kept) > len(kept) / 2:
        kept = [each for each in kept if not re.fullmatch(r"[a-zà-ÿ]{3,}", each[1])]
    return kept


def _is_name(label: str, text: str, end: int) -> bool:
    """Whether a word that is usually none of a pin's is one here: in capitals, and an A before a comma or a number."""
    if label == "A":
        return re.match(r"\s*(?:[,;.)(\n|]|$|\d)", text[end:]) is not None
    return len(label) > 1 and label.isupper() and label not in _NEVER and not text.isupper()


def _in_order(text: str) -> list[tuple[str, str]]:
    """Names in the order of the pins: "pins: VIN, GND, EN, NC, VOUT"."""
    best: list[tuple[str, str]] = []
    for match in _LISTED.finditer(text):
        found = []
        for part in _SPLIT.split(re.split(r"\n|\.\s|\.$", text[match.end() : match.end() + 2000])[0]):
            said = re.search(r"\(([^)]*)\)", part)
            bare = re.sub(r"\([^)]*\)", "", part).strip().strip(".\"'`")
            if (
                re.fullmatch(_NAME, bare)
                and not re.fullmatch(
                    r"name|nom|nombre|(?:passi[fv]|pasiv)\w*|inputs?|outputs?|all|alle|tous", bare, re.IGNORECASE
                )
                and (bare.lower() not in _STOP or bare in ("A", "IN", "INPUT", "OUTPUT"))
                and len(bare) <= 20
            ):
                found.append((bare, said.group(1) if said else ""))
            elif ranged := re.fullmatch(r"([A-Za-z_]+)(\d{1,2})\s*(?:-|–|to|\.\.+|à|bis)\s*(?:\1)?(\d{1,2})", bare):
                low, high = int(ranged[2]), int(ranged[3])
                if low < high <= low + 64:
                    found += [(f"{ranged[1]}{n}", "") for n in range(low, high + 1)]
            elif found:
                tail = re.match(rf"({_NAME})\b", bare)
                if (
                    tail
                    and tail.group(1).lower() not in _STOP
                    and len(part.split()) <= 3
                    and re.search(r"[A-Z]", tail.group(1))
                    and re.split(r"[-/]", tail.group(1))[0] not in {name for name, _ in found}
                ):
                    found.append((tail.group(1), bare[tail.end() :]))
                break
        if len(found) > len(best):
            best = found
    return best


def _side(text: str, name: str) -> str:
    """Where the text wants a pin: "left: A, B; right: Y"."""
    for side, words in (("left", r"left|gauche|links|izquierda"), ("right", r"right|droite|rechts|derecha"),
                        ("top", r"\btop\b|haut|oben|arriba"), ("bottom", r"bottom|bas\b|unten|abajo")):  # fmt: skip
        found = re.search(rf"(?:on the |à |on |à la )?(?:{words})(?: side)?\s*[:=]\s*([^;:\n.]*)", text, re.IGNORECASE)
        if found and re.search(rf"(?<![\w]){re.escape(name)}(?![\w])", found.group(1)):
            return side
        behind = re.search(
            rf"(?<![\w]){re.escape(name)}(?:\s*(?:,|and|und|et|y)\s*[A-Z][\w+-]*){{0,6}}\s+(?:go |goes |should be |are |is )?(?:on the |to the |on |à |links |auf der |a la |en el )?(?:{words})(?![\w])",
            text,
        )
        if behind:
            return side
    return ""
