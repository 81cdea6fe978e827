"""What a request wants between sensor and converter: rate, filter, gain, level, range, clamps, the amplifier's make."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kiki_core.planning.cross.ranges import Range, target_of, value_of
from kiki_core.planning.quantities import Quantity, read

_FILTERING = re.compile(
    r"filter|filtr|alias|corner|cut-?off|coupure|grenz|corte|bandwidth|bandbreite|tiefpass|low[- ]?pass|passe[- ]bas|pasa|bande passante|ancho de banda|-\s?3\s?dB|butterworth|bessel|\border\b|ordnung|\bordre|\borden|\bRC\b|\bpole\b|\bLP[FB]?\b",
    re.IGNORECASE,
)
_PER_SECOND = re.compile(r"(?<!\d)(\d+(?:[.,]\d+)?)\s?([kM]?)\s?(?:s/s|éch(?:antillons)?\.?/s|ech/s|Abt(?:astungen)?\.?/s|Werte/s|muestras/s|samples?/s|sps|(?:conversions?|readings?|messungen|mesures|medidas)\s?(?:/|per |a |pro |par |por )\s?(?:s\b|second|sekunde|seconde|segundo))(?!\w)",
                         re.IGNORECASE)  # fmt: skip
_SAMPLING = re.compile(r"sampl|échantillon|abtast|muestr|conver|trigger|\bTIM\d|\bpaced|déclench|update", re.IGNORECASE)
_ORDERS = {"first": 1, "single": 1, "one": 1, "1st": 1, "second": 2, "two": 2, "2nd": 2, "third": 3, "three": 3, "3rd": 3, "fourth": 4, "four": 4,
           "4th": 4, "erster": 1, "zweiter": 2, "dritter": 3, "vierter": 4, "premier": 1, "deuxième": 2, "second ordre": 2, "troisième": 3,
           "quatrième": 4, "primer": 1, "segundo": 2, "tercer": 3, "cuarto": 4}  # fmt: skip
_ORDER = re.compile(
    rf"(?<!\w)(?:({'|'.join(_ORDERS)}|\d)(?:\.|nd|rd|th|st|e|er|ème|º|°)?[- ]?(?:order|ordnung|ordre|orden|pole|polig\w*|pôles?|polos?)|(?:order|ordnung|ordre|orden) (\d))(?!\w)",
    re.IGNORECASE,
)
_RESPONSE = re.compile(r"butterworth|bessel|tscheb\w*|cheb\w*|elliptic|elliptisch|cauer", re.IGNORECASE)
_SALLEN = re.compile(r"sallen|multiple feedback|\bMFB\b|active (?:low|filter|anti)|aktive[rsn]? (?:filter|tief)|filtre actif|filtro activo", re.IGNORECASE)  # fmt: skip
_GAIN = re.compile(
    r"(?:\bgains?|verstärkung(?:sfaktor)?|ganancia|amplification)\W{0,3}(?:factor |faktor )?(?:of|de|von|=|:|is|um|by|about|to|at|x|×)?\W{0,3}(?:about |x|×)?(\d+(?:[.,]\d+)?)\s?(dB|V/V|x)?(?![\d.,]*\s?[kM]?Hz)|"
    r"\b[AG]v?\s?=\s?(\d+(?:[.,]\d+)?)\b|(?:amplif\w+|multipl\w+|verstärk\w*)\W+(?:\w+\W+){0,2}?(?:by|um|par|por|x|×)\s?(?:a factor of )?(\d+(?:[.,]\d+)?)(?!\w)|"
    r"(?<![\w.,])(?:x|×)\s?(\d+(?:[.,]\d+)?)(?=\s|[,.;)]|$)|(?<![\w.,])(\d+(?:[.,]\d+)?)\s?(?:x|×|V/V|-?fach\w*)\s(?:gain|amplif\w*|verst\w*)",
    re.IGNORECASE,
)
_OFFSET = re.compile(
    r"(?:bias(?:ed)?|offset|mid-?point|level[- ]?shift\w*|shifted|centr\w+|décal\w+|mittelpunkt|vorspannung|polaris\w+|desplaz\w+)\W+(?:(?:at|to|of|by|on|around|up|a|à|auf|um|de|en|is|it|voltage|level|the)\W+){0,3}(\d+(?:[.,]\d+)?)\s?(m?)V(?!\w)|"
    r"(\d+(?:[.,]\d+)?)\s?(m?)V\s?(?:dc )?(?:bias|offset|mid-?point|virtual ground|midscale|mid-?supply|level shift|vorspannung)",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"(?:use|using|fill\w*|cover\w*|onto|exploit\w*|utilis\w*|usar|nutz\w*)\W+(?:\w+\W+){0,3}?full[- ]?scale|(?:full(?![- ]?scale)|whole|entire|complete|maximum|ganze[nr]?|volle[nr]?|toute?|tout|pleine|todo|toda|completo)\W+(?:\w+\W+){0,3}?(?:range|scale|span|bereich|échelle|plage|rango|escala|dynami\w+)|"
    r"(?:ADC|converter|input)(?:'s)?\W+(?:whole|full|entire)|subtract|remove (?:the )?offset|(?:ganzen|vollen) (?:adc-?)?bereich|aussteuer|maximi[sz]e",
    re.IGNORECASE,
)
_INVERTING = re.compile(
    r"(?<!non)(?<!non[- ])(?<!nicht)(?<!nicht[- ])invert\w*|inverseur|(?<!no )inversor", re.IGNORECASE
)
_BARE = re.compile(
    r"\b(?:no|without(?: an?| any)?|sans(?: aucun)?|ohne|kein\w*|sin)\s+(?:op-?amp\w*|amplif\w*|offset|level[- ]shift\w*|front[- ]?end|bias|verstärker|décalage|active parts)|"
    r"\b(?:straight|directly|direkt|directement|directamente)\s+(?:on|to|in|an|sur|vers|au|a|al|into|onto)\b",
    re.IGNORECASE,
)
"""The sensor is to go to the converter as it is."""
_BUFFERED = re.compile(
    r"high[- ]?(?:input )?impedance|high[- ]?z\b|(?<!dma )(?<!ring )(?<!circular )(?<!sample )(?<!double )(?<!output )buffer(?:ed|s)?\b(?! of| size| with \d| for \d)|follower|hochohmig\w*|impedanzwandler|haute impédance|alta impedancia|electrode|elektrode|électrode|electrodo",
    re.IGNORECASE,
)
_CLAMP = re.compile(
    r"clamp\w*|protection diodes?|schottky|over-?voltage protect\w*|input protect\w*|protect\w* (?:the )?(?:input|adc|pin)|klemmdiode\w*|schutzdiode\w*|überspannungsschutz|diodes? de (?:protection|clamp)|écrêt\w*|"
    r"diodos? de protecci[óo]n|BAT54\w?",
    re.IGNORECASE,
)
_ATTENUATION = re.compile(
    r"(\d+(?:[.,]\d+)?)\s?dB\W+(?:\w+\W+){0,4}?(?:at|bei|à|a|en|@|above|from)\s?(\d+(?:[.,]\d+)?)\s?([kM]?)Hz",
    re.IGNORECASE,
)
_DOWN = re.compile(
    r"(\d+(?:[.,]\d+)?)\s?([kM]?)Hz\W+(?:(?:is|are|must|be|sont|wird|um|by|to|at|least|mindestens|au|moins|al|menos)\W+){0,5}(?:down|attenuated|suppressed|rejected|gedämpft|atténué\w*|atenuad\w*)\W+(?:(?:by|at|least|more|than|um|mindestens|de|au|moins)\W+){0,3}(\d+(?:[.,]\d+)?)\s?dB",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"(\d(?:[.,]\d+)?)\s?V\s?(?:adc |external |externe? |analog )?(?:vref\+?|v?ref\b|reference|référence|referenz|referencia|full[- ]scale adc|vdda|adc-?\s?(?:ref|range|reference))|"
    r"(?:v?ref\w*\+?|vdda|référence|referenz\w*|referencia|reference)\W{0,5}(?:voltage |is |at |= ?|spannung |externe )?(?:of|is|=|de|von|:|at)?\s?(\d(?:[.,]\d+)?)\s?V(?!/)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the text wants, in SI; 0, None or False where it says nothing.

    ``corner``: of the filter, always set. ``order``: 0 for the least that does. ``attenuation``: decibels and hertz.
    ``offset``: the level at the converter for no signal. ``target``: the range there. ``whole``: the signal is to fill
    the converter's range, its own offset taken off.
    """

    reference: float
    rate: float | None
    corner: float
    corner_stated: bool = False
    order: int = 0
    response: str = "butterworth"
    attenuation: tuple[float, float] | None = None
    gain: float = 0.0
    offset: float | None = None
    target: Range | None = None
    whole: bool = False
    inverting: bool = False
    clamped: bool = False
    bare: bool = False
    buffered: bool = False

    @property
    def facts(self) -> tuple[float, ...]:
        """Numbers of the text that the front end or the converter has."""
        return tuple(each for each in (self.reference, self.rate, self.corner, self.offset, *(self.attenuation or ()),
                                       *(self.target.facts if self.target else ())) if each is not None)  # fmt: skip


def wishes_of(text: str) -> Wishes:
    """What a text wants between its sensor and the converter."""
    reference = reference_of(text)
    rate = rate_of(text)
    stated = _corner(text, rate)
    corner = stated or (rate / 10 if rate else 1000.0)
    order = _order(text)
    attenuation = None
    if down := _DOWN.search(text):
        attenuation = (value_of(down[3]), value_of(down[1]) * {"k": 1e3, "M": 1e6}.get(down[2], 1.0))
    elif (found := _ATTENUATION.search(text)) and found[2]:
        attenuation = (value_of(found[1]), value_of(found[2]) * {"k": 1e3, "M": 1e6}.get(found[3], 1.0))
    response = (_RESPONSE.search(text) or ["butterworth"])[0].lower()
    if not order and (_SALLEN.search(text) or _RESPONSE.search(text)):
        order = 2
    return Wishes(reference, rate, corner, bool(stated), order, response, attenuation, gain_of(text), _offset(text, reference),
                  target_of(text, reference), _WHOLE.search(text) is not None, _INVERTING.search(text) is not None,
                  _CLAMP.search(text) is not None, _BARE.search(text) is not None, _BUFFERED.search(text) is not None)  # fmt: skip


def reference_of(text: str) -> float:
    """The converter's reference in volts; 3.3 where the text names none that a converter may have."""
    found = _REFERENCE.search(text)
    value = value_of(found.group(1) or found.group(2)) if found else 3.3
    return value if 1.6 <= value <= 3.6 else 3.3


_ONCE = re.compile(
    r"\b(?:one|once|une?|ein\w*|una?)\b(?: (?:sample|reading|measurement|conversion|value|mesure|messung|medida|lecture|mal|fois|vez))? (?:per|a|each|every|pro|par|por) (?:second|sekunde|seconde|segundo)\b|\bevery second\b|\bjede sekunde\b|\bcada segundo\b|\bchaque seconde\b",
    re.IGNORECASE,
)


def per_second(text: str) -> str:
    """The text with its samples a second in one unit."""
    text = _ONCE.sub("1 S/s", text)
    return _PER_SECOND.sub(r"\1 \2S/s", text)


def rate_of(text: str) -> float | None:
    """Samples a second: with its unit, or a frequency beside a word of sampling."""
    text = per_second(text)
    for each in read(text):
        if each.unit == "S/s":
            return each.value
    for each in read(text):
        before, after = text[max(0, each.start - 26) : each.start], text[each.end : each.end + 26]
        filtered = _FILTERING.search(before.split(",")[-1] + " " + after.split(",")[0])
        if each.unit == "Hz" and each.value < 5e6 and _SAMPLING.search(before + after) and not filtered:
            return each.value
    every = re.search(r"(?:sampl|échantillon|abtast|muestr|conver|mess|measur|mesur|read|lect|lies|trigger|TIM\d+)\w*\W+(?:\w+\W+){0,3}?(?:every|each|toutes les|alle|jede|cada) (\d+(?:[.,]\d+)?) ?(m|µ|u)?s(?!\w)",
                      text, re.IGNORECASE)  # fmt: skip
    if every and value_of(every.group(1)) > 0:
        unit = {"m": 1e-3, "µ": 1e-6, "u": 1e-6}.get((every.group(2) or "").lower(), 1.0)
        return float(f"{1 / (value_of(every.group(1)) * unit):.6g}")
    found = re.search(
        r"(?<!\d)(\d+(?:[.,]\d+)?)\s?(k?)\s?(?:samples?|échantillons|abtastungen|muestras|Werte)\s?(?:/|per |par |pro |por |a |each )\s?s",
        text,
        re.IGNORECASE,
    )
    if found:
        return value_of(found.group(1)) * (1e3 if found.group(2) else 1)
    if period := re.search(
        r"\b(?:every|each|toutes les|alle|cada)\s(\d+(?:[.,]\d+)?)\s?(ms|s)(?!\w)", text, re.IGNORECASE
    ):
        return (
            float(f"{1 / (value_of(period[1]) * (1e-3 if period[2] == 'ms' else 1)):.6g}")
            if value_of(period[1])
            else None
        )
    return None


def _corner(text: str, rate: float | None) -> float:
    """The filter's corner as stated; 0 if it isn't. A frequency alone beside the rate is meant for it."""
    text = per_second(text)
    near: list[tuple[int, Quantity]] = []
    for each in read(text):
        if each.unit != "Hz":
            continue
        before, after = (
            text[max(0, each.start - 40) : each.start].split(",")[-1],
            text[each.end : each.end + 22].split(",")[0],
        )
        words = [
            *(len(before) - found.end() for found in _FILTERING.finditer(before)),
            *(found.start() for found in _FILTERING.finditer(after)),
        ]
        if words and not re.search(r"dB\W+(?:at|bei|à|a|en|above|from|ab)?\W*$", before):
            near.append((min(words), each))
    if near:
        return min(near, key=lambda pair: pair[0])[1].value
    every = [each for each in read(text) if each.unit == "Hz" and each.value < 1e6]
    alone = [
        each.value
        for each in every
        if re.search(r"(?:^|[,;(])\s*$", text[: each.start]) and re.match(r"\s*(?:$|[,;.)])", text[each.end :])
    ]
    return alone[0] if len(alone) == 1 and (rate is None or alone[0] < rate / 2) else 0.0


def _order(text: str) -> int:
    found = _ORDER.search(text)
    if found is None:
        return 0
    word = (found[1] or found[2]).lower()
    return int(word) if word.isdigit() else _ORDERS[word]


def gain_of(text: str) -> float:
    """The gain that a text states, in volts per volt; 0 if it doesn't."""
    found = _GAIN.search(text)
    if found is None:
        return 0.0
    number = value_of(next(part for part in (found[1], found[3], found[4], found[5], found[6]) if part))
    if number == 1:  # a stage before the front end: what follows it is open
        return 0.0
    return 10 ** (number / 20) if (found[2] or "").lower() == "db" else number


def _offset(text: str, reference: float) -> float | None:
    found = _OFFSET.search(text)
    if found is not None:
        value = value_of(found[1] or found[3]) * (1e-3 if found[2] or found[4] else 1.0)
        return value if 0 < value < reference else None
    if re.search(r"(?:half|mid)[- ]?(?:the |of the )?(?:supply|reference|vref|vdda?|scale|rail)|(?:vcc|vdda?|vref|avdd)\s?/\s?2|halbe (?:versorgung|referenz)|moitié de|mitad de", text,
                 re.IGNORECASE):  # fmt: skip
        return reference / 2
    return None
