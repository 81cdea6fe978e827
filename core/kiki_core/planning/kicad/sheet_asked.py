"""What a request names and its schematic hasn't: parts, references, nets, values, voltages, kinds of circuits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kiki_core.events import Requirement
from kiki_core.planning.kicad import naming, wired
from kiki_core.planning.kicad.blocks.common import COUNTS
from kiki_core.planning.kicad.negated import INPUTS, asserted, refused
from kiki_core.planning.kicad.sheet import Ask, supply, written

_PARTS: Sequence[tuple[str, str, str]] = (
    ("a resistor", r"resistors?|résistances?|widerst[aä]nd\w*|vorwiderstand|resistencias?|pull-?ups?|pull-?downs?", "R|RV|RN"),
    ("a capacitor", r"capacitors?|condensateurs?|kondensator\w*|condensador\w*|decoupling|découplage|entkopplung|desacoplo", "C"),
    ("an inductor", r"inductors?|bobines?|spulen?|inductancia", "L"),
    ("an LED", r"LEDs?(?! ?strips?| ?streifen| ?bande)|leuchtdioden?", "D"),
    ("a diode", r"(?<!de )diodes?|schottky|zener|freilaufdiode|diodo", "D"),
    ("a button", r"push[- ]?buttons?|(?:reset|boot|user) (?:button|switch)|buttons?|taster|boutons?|pulsador\w*|botón", "SW"),
    ("a crystal", r"crystals?|quartz|quarz|cristal", "Y"),
    ("a connector", r"connectors?|headers?|connecteurs?|stecker\w*|stiftleiste|conector\w*|terminal block|bornier", "J"),
    ("a relay", r"relays?|relais|relé", "K"),
    ("a fuse", r"fuses?|polyfuse|fusibles?|sicherung\w*", "F"),
    ("a potentiometer", r"potentiometers?|potentiomètre|poti|trimmer|potenciómetro", "RV"),
    ("a thermistor", r"thermistors?|ntc", "TH"),
    ("a buzzer", r"buzzers?|summer|zumbador", "BZ|LS"),
    ("a speaker", r"(?:loud)?speakers?|haut-parleur|lautsprecher|altavo[zc]\w*", "LS|J"),
    ("a battery", r"batter(?:y|ies)|batterien?|piles?|bater[íi]as?|pilas?|akku\w*|coin cell|accu\w*", "BT|J"),
    ("a test point", r"test ?points?|testpunkte?|points? de test|puntos? de (?:prueba|test)", "TP"),
    ("a jumper", r"jumpers?|solder bridge|cavalier|lötbrücke|steckbrücke|puente de soldadura", "JP"),
    ("a ferrite bead", r"ferrite?s?(?: bead)?|ferritperle|ferrita|perle de ferrite", "FB|L"),
    ("a transistor", r"transistors?|transistores|mosfets?|bjt|npn|pnp|n-?mos|p-?mos", "Q"),
    ("an op-amp", r"op-?amps?|operationsverstärker|opv|aop|amplificateur opérationnel|ampli op|amplificador operacional", "U"),
    ("a transformer", r"transformers?|transformateur|transformator|trafo|transformador", "T"),
    ("a microphone", r"microphones?|mikrofon|micrófono|electret|elektret", "MK|J"),
    ("a motor", r"(?:dc |stepper |servo )?motors?|moteurs?|motores", "M|J"),
    ("a switch", r"toggle switch|slide switch|dip switch|power switch|on[/-]off switch|schalter|kippschalter|interrupteur|interruptor", "SW"),
    ("a varistor", r"varistors?|\bmov\b|varistance", "RV"),
    ("a TVS diode", r"tvs|transient suppressor|suppressordiode|esd(?: protection| diode| schutz)?", "D|U"),
    ("an antenna", r"antennas?|antennes?|antena", "AE"),
    ("a display", r"oled|lcd|displays?|afficheurs?|anzeige(?!-?led)|pantalla", "DS|J"),
    ("a heatsink", r"heat ?sinks?|kühlkörper|dissipateur|disipador", "HS"),
    ("an encoder", r"rotary encoder|encodeur|drehgeber|codificador", "SW"),
    ("a triac", r"triacs?|thyristors?|scr", "Q|D"),
)  # fmt: skip
_SEVERAL = (rf"(?<![\w.,/-])({'|'.join(COUNTS)}|[2-9])\s+(?!pin|way|pol|[kmg]?hz|[munp]?[fhvaw]\b|mm|mil|k\b|input|position|terminal|channel|ohm|kohm|volt|watt|stage)"
            r"(?:[a-zà-ÿ]{3,}\s+)?")  # fmt: skip
_FILTER = re.compile(r"(?:low|high|band)[- ]?pass|passe-?(?:bas|haut|bande)|(?:tief|hoch|band)pass|pasa-?(?:baj|alt|banda)|notch|sallen",
                     re.IGNORECASE)  # fmt: skip
_TOPOLOGIES: Sequence[tuple[str, str, str]] = (
    ("the H-bridge", r"h[- ]?bridge|pont en h|h-brücke|vollbrücke|puente (?:en )?h\b|full[- ]bridge driver", r"h-bridge"),
    ("the half bridge", r"half[- ]?bridge|demi-pont|halbbrücke|medio puente", r"half bridge"),
    ("the high side", r"high[- ]?side|côté haut|lado alto|oberseitig|plusseitig", r"high-side|high side"),
    ("the low side", r"low[- ]?side|côté bas|lado bajo", r"low-side"),
    ("the instrumentation amplifier", r"instrumentation amp\w*|instrumentenverst\w+|amplificateur d'instrumentation|amplificador de instrumentación", r"instrumentation"),
    ("the difference amplifier", r"differen(?:ce|tial) amp\w*|differenzverst\w+|amplificateur (?:de différence|différentiel)|subtract(?:or|er)|amplificador diferencial", r"difference"),
    ("the summing amplifier", r"summing|sommateur|summier\w*|addierer|sumador", r"summing"),
    ("the integrator", r"integrator|intégrateur|integrierer|integrador", r"integrator"),
    ("the differentiator", r"differentiator|dérivateur|differenzierer|derivador", r"differentiator"),
    ("the inverting stage", r"(?<!non)(?<!non[- ])inverting|(?<!nicht)(?<!nicht[- ])invertierend\w*|(?<!non )(?<!non-)inverseur|(?<!no )inversor(?! de)", r"(?<!non-)inverting|74|inverter"),
    ("the non-inverting stage", r"non[- ]inverting|nicht[- ]?invertierend\w*|non[- ]inverseur|no inversor", r"non-inverting|follower|filter"),
    ("the follower", r"follower|suiveur|spannungsfolger|seguidor|unity[- ]gain buffer|impedanzwandler", r"follower|sallen"),
    ("the Sallen-Key filter", r"sallen", r"sallen"),
    ("the band-pass", r"band[- ]?pass|passe-?bande|pasa-?banda", r"band-pass"),
    ("the notch", r"notch|coupe-?bande|kerbfilter|bandsperre|twin[- ]?t|rechaza", r"notch"),
    ("the high-pass", r"high[- ]?pass|passe-?haut|hochpass|pasa-?altos?", r"high-pass"),
    ("the low-pass", r"low[- ]?pass|passe-?bas|tiefpass|pasa-?bajos?", r"low-pass"),
    ("the oscillator", r"wien|colpitts|hartley|phase[- ]shift osc\w*|relaxation osc\w*|ring oscillator", r"oscillator(?! of)"),
    ("the charge pump", r"charge pump|pompe de charge|ladungspumpe", r"charge pump"),
    ("the boost converter", r"boost|step-?up|élévateur|hochsetz\w*|aufwärtswandler|elevador", r"boost"),
    ("the buck converter", r"\bbuck\b|step-?down|abaisseur|abwärtswandler|tiefsetz\w*", r"buck"),
    ("the flyback converter", r"flyback (?:converter|supply|transformer)|sperrwandler", r"flyback"),
    ("the current source", r"current (?:source|sink|mirror)|source de courant|miroir de courant|stromquelle|stromspiegel|konstantstrom\w*|constant current|fuente de corriente|espejo de corriente", r"current (?:source|sink|mirror)"),
    ("the peak detector", r"peak detector|détecteur de crête|spitzenwert\w*", r"peak"),
    ("the push-pull stage", r"push-?pull|totem[- ]?pole|class[- ]?ab?\b (?:stage|amp)|gegentakt", r"push-pull"),
    ("the Darlington pair", r"darlington (?:pair|transistor|stage)", r"darlington"),
    ("the latch", r"latch(?:ing)?|flip-?flop|bascule|bistab\w*|soft power", r"latch|flip|bistable"),
    ("the monostable", r"monostab\w*|one[- ]shot|monoflop", r"monostable"),
    ("the ideal diode", r"ideal diode|oring|power path|power mux|or-ing", r"ideal diode|oring"),
    ("the crowbar", r"crowbar|overvoltage protection|surtension|überspannungsschutz|sobretensión", r"crowbar|overvoltage|zener|tvs"),
    ("the isolated output", r"isolated output|opto\w* (?:isolated )?output|sortie isol\w+|getrennte\w* ausgang|salida aislada", r"isolated output"),
    ("the board that is named", r"\barduino\b|raspberry|nucleo|\bshield\b|feather|blue ?pill", r"atmega|stm32"),
    ("the snubber", r"snubber", r"snubber"),
    ("the matrix", r"matrix|matrice|matriz|keypad|clavier|tastenfeld|charlieplex\w*", r"matrix"),
    ("the emitter follower", r"emitter follower|émetteur suiveur|emitterfolger|seguidor de emisor|common[- ](?:emitter|base|collector|source|drain)|émetteur commun|emitterschaltung",
     r"emitter|collector|common"),
    ("the multivibrator", r"multivibrat\w*", r"multivibrat|555"),
    ("the soft start", r"soft[- ]?start|inrush|sanftanlauf", r"soft"),
    ("the phantom supply", r"phantom", r"phantom"),
    ("the voltage doubler", r"voltage (?:doubler|multiplier)|doubleur de tension|spannungsverdoppler|doblador", r"doubler"),
)  # fmt: skip
"""Kinds of circuits that a text names, and how the title of a sheet that has one tells it."""
_PART_NUMBER = re.compile(
    r"(?<![\w.+-])(?=[A-Za-z0-9-]*[A-Za-z])(\d{0,2}[A-Za-z]{1,6}-?\d{2,6}[A-Za-z]{0,5}\d{0,3}(?:-[A-Za-z0-9.]{1,10})*)(?![\w])"
)
_NO_PARTS = re.compile(
    r"(?:rs-?\d{3}|usb\S*|gpio\S*|i2c\S*|io\d+|p[a-k]\d{1,2}|sot-?\d.*|soi?c?-?\d.*|to-?\d{2,3}.*|q?fn-?\d.*|t?ssop.*|dip-?\d+|m\d(?:\d)?|awg\d+|ip\d\d|din\d+|iec\d+|iso\d+|"
    r"[lt]?qfp-?\d+|e\d\d|x\d+r|c0g|np0|cr\d{4}|en\d+|v\d+|kicad\d*|e-?\d+|a\d\d?|"
    r"[1-9]\d?x\d+\w*|\d+(?:[.,]\d+)?(?:[pnuµmkKMG]?(?:V|v|A|F|H|Hz|hz|W|ohms?|Ohm|R|s|m|b|B)?(?:pp|rms|ac|dc)?|k|meg|nf|uf|pf|mh|uh|khz|mhz|ma|mw|ms|us|bit|pin|way|mm|mil)\d*)",
    re.IGNORECASE,
)  # fmt: skip
_UNHEARD_VOLTS = re.compile(
    r"forward|\bvf\b|drop|durchlass|directe|logic|gpio|control|signal|level|pegel|niveau|nivel|threshold|seuil|schwell|umbral|rated|rating|gate|drive[nr]?|steuer\w*|commande|mando|mcu|"
    r"max\w*|breakdown|reverse|standoff|clamp|zener|tolerant|swing|\badc|eingang|input|entrée|entrada|pwm|pin\b|ausgang des|micro\w*|coil|spule|bobin\w*|relay|relais|relé|threshold",
    re.IGNORECASE,
)  # fmt: skip
GAIN = re.compile(
    r"(?:gain|verstärkung|ganancia)s?\W{0,3}(?:of|de|von|=|:|is|um|by)?\W{0,3}(?:[a-zé]+\s)?[-−]?\d", re.IGNORECASE
)


def of_sheet(text: str, plan: Mapping[str, Any], claims: Sequence[Requirement] = ()) -> Iterator[str]:
    """What a text asks for that a sheet's plan hasn't, in words for the answer. ``claims``: what its values come to."""
    parts = plan["parts"]
    wanted_text = asserted(text)
    kinds_text = INPUTS.sub(" input", wanted_text)
    yield from _nouns(wanted_text, parts)
    yield from (f"without {each}" for each in refused(text) if any(True for _ in _had(each, parts)))
    title = plan["title"].lower()
    yield from (
        name
        for name, asks, told in (_TOPOLOGIES if title != "circuit as stated" else ())
        if re.search(asks, kinds_text, re.IGNORECASE) and not re.search(told, title)
    )
    references = {part["reference"] for part in parts}
    nets = {net for part in parts for net in part["pins"].values()}
    values = {part["reference"]: Ask.of(str(part["value"])).quantities[:1] for part in parts}
    for each in naming.stated(wanted_text):
        if each.name not in references | nets:
            yield each.name
        elif each.value and (had := values.get(each.name)) and abs(had[0].value - each.value) > 0.011 * each.value:
            yield f"{each.name} of {written(each.value)}"
    yield from (f"the net {name}" for name, _ in naming.nets(wanted_text) if name not in nets)
    yield from wired.unmet(wanted_text, parts)
    yield from _ends_and_straps(wanted_text, parts, nets)
    yield from _part_numbers(wanted_text, parts, nets, references)
    yield from _values(wanted_text, parts, claims)
    yield from _others(wanted_text, parts, nets, claims)


_POLES = re.compile(
    r"(?<![\w.-])(\d{1,2})[- ]?(?:pin|way|pol|polig\w*|broches?|pines|pôles|position)s?[- ](?:male |female |screw |pin |jst )?(?:headers?|connectors?|terminals?|stecker|stiftleisten?|klemmen?|conector\w*)|"
    r"(?:header|connector|terminal|connecteur|bornier|conector|stiftleiste)s? (?:of |with |with |à |de |mit )?(\d{1,2})[- ]?(?:pins?|broches|pines|way|pôles|positions)",
    re.IGNORECASE,
)
_GROUNDED = re.compile(
    r"(?<![\w/])([A-Z][A-Z0-9_]{1,9})(?: pins?)?(?: is| are)? (?:to|tied to|connected to|at|an|auf|à|a|on) (?:the )?(?:GND|ground|masse|tierra)(?!\w)|\b(address)(?: pins?)? (?:to|tied to|at) (?:GND|ground)"
)


def _ends_and_straps(text: str, parts: Sequence[Mapping[str, Any]], nets: set[str]) -> Iterator[str]:
    """Connectors of a stated size, pins that are to lie on ground, and inputs that are counted."""
    sizes = [len(part["pins"]) for part in parts if _letters(part) == "J"]
    for match in _POLES.finditer(text):
        if sizes and int(match[1] or match[2]) not in sizes:
            yield match[0]
    for match in _GROUNDED.finditer(text):
        if re.search(
            r"(?:from|between|von|zwischen|entre|de|across|from [^,;]{0,25}|[RCLD]\d{1,2}[^,;]{0,12})\s+(?:the )?$",
            text[: match.start()],
            re.IGNORECASE,
        ):
            continue
        loose = (
            match[1]
            if match[1] in nets
            else next((net for net in nets if match[2] and re.fullmatch(r"ADDR?\d?|AD?\d", net)), "")
        )
        if loose and not re.search(r"GND|VSS|VEE", loose):
            yield f"{loose} at ground"
    counted = re.search(
        rf"(?<!\w)({'|'.join(COUNTS)}|[2-9]) (?:inputs|eingänge\w*|entrées|entradas)(?!\w)", text, re.IGNORECASE
    )
    inputs = len({net for net in nets if re.fullmatch(r"IN\d", net)})
    if counted and inputs and inputs != (COUNTS.get(counted[1].lower()) or int(counted[1])):
        yield counted[0]


def _letters(part: Mapping[str, Any]) -> str:
    return re.sub(r"\d+$", "", part["reference"])


def _nouns(text: str, parts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    letters = [_letters(part) for part in parts]
    for name, pattern, wanted in _PARTS:
        said = re.search(rf"(?<![\w-])(?:{pattern})(?![\w])", text, re.IGNORECASE)
        if said and not set(letters) & set(wanted.split("|")):
            yield name
        several = re.search(rf"{_SEVERAL}(?:{pattern})(?![\w])", text, re.IGNORECASE)
        if several and set(letters) & set(wanted.split("|")):
            count = COUNTS.get(several.group(1).lower()) or int(several.group(1))
            if sum(letter in wanted.split("|") for letter in letters) < count:
                yield several.group(0)
    buttons = {
        match[1].lower()
        for match in re.finditer(
            r"\b(reset|boot|user|wake)\d?[- ](?:push-?)?(?:button|taster|switch)", text, re.IGNORECASE
        )
    }
    if len(buttons) > letters.count("SW") > 0:
        yield f"{len(buttons)} buttons"
    drawn = " ".join(f"{part['symbol']} {part['value']}" for part in parts)
    for name, asks, told in (("an LED", r"\bleds?\b(?! ?strips?| ?streifen)|leuchtdiode", r":LED\b|WS2812"), ("a Zener diode", r"zener", r"Zener"), ("a Schottky diode", r"schottky", r"Schottky"),
                             ("a TVS diode", r"\btvs\b", r"TVS|LC6|SMAJ"), ("a P-channel MOSFET", r"p-?(?:channel|kanal|ch)\b|p-?mosfet|p-?mos\b|p-?fet|canal p\b", r"AO3401|IRF95|DMG2305|PMOS|AO4407|Q_P|IRLML6402|SI2301|BSS84"),
                             ("an N-channel MOSFET", r"n-?(?:channel|kanal|ch)\b|n-?mosfet|n-?mos\b|n-?fet|canal n\b", r"2N7002|AO3400|IRLZ|IRF540|IRF[35]20|BSS138|SI2302|IRLML6344|NMOS|DMN|Q_N"),
        ("a PNP transistor", r"\bpnp\b", r"BC557|BC327|BC807|3906|PNP|2907")):  # fmt: skip
        if re.search(asks, text, re.IGNORECASE) and not re.search(told, drawn):
            yield name


def _had(noun: str, parts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The parts of the kind that a noun names."""
    for _, pattern, wanted in _PARTS:
        if re.search(rf"(?<![\w-])(?:{pattern})(?![\w])", noun, re.IGNORECASE) and "op-?amps" not in pattern:
            yield from (part["reference"] for part in parts if _letters(part) in wanted.split("|")
                        and not (wanted == "J" and not part["symbol"].startswith("Connector:Conn_")))  # fmt: skip


def _part_numbers(text: str, parts: Sequence[Mapping[str, Any]], nets: set[str], references: set[str]) -> Iterator[str]:
    drawn = re.sub(r"[^A-Z0-9]", "", " ".join(f"{part['symbol']} {part['value']}" for part in parts).upper())
    spans = [(each.start, each.end) for each in Ask.of(text).quantities if each.unit or each.scaled]
    for match in _PART_NUMBER.finditer(text):
        token = match[1]
        plain = re.sub(r"[^A-Z0-9]", "", token.upper())
        if (
            _NO_PARTS.fullmatch(token)
            or token.upper() in nets | references
            or (any(low <= match.start() < high for low, high in spans) and not re.fullmatch(r"[12]N\d{3,4}\w?", token))
        ):
            continue
        if re.search(r"[a-z]{3,}", token) and not re.fullmatch(r"[a-z]{2,6}\d+[a-z]*", token):
            continue
        digits = re.sub(r"\D", "", token)
        stem = re.sub(r"[A-Z]{1,4}$|-.*", "", re.sub(r"[^A-Z0-9-]", "", token.upper()))
        if plain not in drawn and stem not in drawn and not (len(digits) >= 4 and digits in drawn):
            yield token


def _values(text: str, parts: Sequence[Mapping[str, Any]], claims: Sequence[Requirement]) -> Iterator[str]:
    """Stated resistances, capacitances and inductances that no part has and nothing comes to."""
    had = {str(part["value"]).replace(" ", "").rstrip("ΩFH").lower() for part in parts}
    numbers = [each.value for part in parts for each in Ask.of(str(part["value"])).quantities[:1]]
    ask = Ask.of(text)
    for each in ask.quantities:
        if (each.unit in ("ohm", "F", "H") or (each.scaled and each.unit == "")) and each.value > 0:
            forms = {written(each.value), f"{each.value * 1e6:g}u", f"{each.value:g}", f"{each.value * 1e3:g}m"}
            told = any(
                claim.unit in ("ohm", "F", "H") and abs(claim.value - each.value) <= 0.01 * each.value
                for claim in claims
            )
            told = told or any(abs(number - each.value) <= 1e-6 * each.value for number in numbers)
            if (
                not told
                and not any(form.lower() in had for form in forms)
                and not re.search(
                    r"load|charge|last|carga|impedance|stray|CL\b|speaker|sens|baud|bps|bit/s|rpm",
                    text[max(0, each.start - 24) : each.end + 16],
                    re.IGNORECASE,
                )
            ):
                yield each.text.strip()


def _others(
    text: str, parts: Sequence[Mapping[str, Any]], nets: set[str], claims: Sequence[Requirement]
) -> Iterator[str]:
    """Stated voltages, frequencies, times and gains of which neither a net, a value nor a claim tells."""
    drawn = " ".join(f"{part['symbol']} {part['value']}" for part in parts)
    for each in Ask.of(text).quantities:
        told = any(
            claim.unit == each.unit and abs(abs(claim.value) - abs(each.value)) <= 0.01 * abs(each.value)
            for claim in claims
        )
        if told or each.value == 0:
            continue
        around = text[max(0, each.start - 26) : each.end + 18]
        if each.unit == "V" and not each.scaled and abs(each.value) < 1000:
            named = {supply(each.value), supply(-each.value), supply(abs(each.value)).lstrip("+")}
            if (
                not named & nets
                and f"{abs(each.value):g}" not in re.findall(r"\d+(?:\.\d+)?", drawn)
                and not _UNHEARD_VOLTS.search(around)
            ):
                renamed = {net for net in nets if not re.match(r"[+-]\d", net) and re.search(r"V|BAT|IN|OUT|PWR", net)}
                if not renamed:
                    yield each.text.strip()
        elif each.unit == "Hz":
            forms = (f"{each.value / 1e6:g}M", f"{each.value / 1e3:g}k")
            if not any(form in drawn for form in forms) and not re.search(
                r"i2c|i²c|pwm|switching|schalt|clock|bus|spi|fast", around, re.IGNORECASE
            ):
                yield each.text.strip()
        elif (each.unit == "s" and not re.search(r"debounc|entprell|rebond|antirreb|reset", text, re.IGNORECASE)) or (
            each.unit == "dB" and not any(claim.quantity in ("gain", "attenuation", "loss") for claim in claims)
        ):
            yield each.text.strip()
    if GAIN.search(text) and not any(claim.quantity == "gain" for claim in claims):
        yield "the gain"
