"""More rows of kits and the words that name them: JFETs, currents, curves of audio, radio, limits, supplies."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """Kits by the first of ``names`` that exists, and the words that name them."""

    names: tuple[str, ...]
    words: re.Pattern[str]
    weight: float = 1.0


def row(names: str, words: str, weight: float = 1.0) -> Row:
    """A row of kits that ``names`` lists, with its words without regard to case."""
    return Row(tuple(names.split()), re.compile(words, re.IGNORECASE), weight)


_JFET = (
    r"(?:(?<!mos)(?<!\w)j-?fets?(?![- ](?:input|op|eing|entr))|"
    r"(?<!\w)(?:2n ?(?:545[78]|3819|4416|4393)|j ?(?:201|11[23]|310)|mpf ?102|bf ?2(?:45|56))[abc]?(?!\w))"
)
_CURRENT = (
    r"(?:current[- ](?:source|sink|regul\w*|generator)|constant[- ]current|stromquelle|stromsenke|konstantstrom\w*|"
    r"(?:source|puits|g[ée]n[ée]rateur) de courant|courant constant|(?:fuente|sumidero) de corriente|"
    r"corriente constante|\d ?[mµu]?a (?:sink|source|senke|quelle)\b)"
)
_FOLLOWER = (
    r"(?:follower|buffer|common[- ]drain|folger|impedanzwandler|suiveur|drain commun|seguidor|drenador com[úu]n)"
)
_AMP = (
    r"(?:common[- ]source|(?:pre-?)?amp\w*|stage|verst[äa]rk\w*|vorverst\w*|pr[ée]ampl\w*|[ée]tage|etapa|gain|"
    r"sourceschaltung|source commune|fuente com[úu]n|ganancia|stufe)"
)
_TRANSISTOR = r"(?:transistors?|npn|pnp|bjt|2n ?\d{4}|bc ?\d{3})"


def _both(one: str, other: str, within: int = 60) -> str:
    """Two words in either order, near each other."""
    return rf"{one}.{{0,{within}}}{other}|{other}.{{0,{within}}}{one}"


FURTHER: tuple[Row, ...] = (
    row("jfet_current_source", _both(_JFET, _CURRENT), 3.7),
    row("jfet_follower", _both(_JFET, _FOLLOWER), 3.5),
    row("jfet_amplifier", _both(_JFET, _AMP), 3.3),
    row("type2_compensator", r"type[- ]?(?:ii|2)\b(?! diabet).{0,24}(?:compensat\w*|error amp\w*|regl\w*|controller|"
        r"network)|"
        r"(?:compensat\w*|kompensat\w*|error amp\w*) .{0,24}type[- ]?(?:ii|2)\b|(?:compensateur|compensador|"
        r"kompensator|"
        r"regler) (?:de )?(?:typ[eo]?)[- ]?(?:ii|2)\b", 4.0),
    row("transistor_bias", _both(_TRANSISTOR, r"(?:\bbias(?:ed|ing)?\b(?! (?:current|of \d))|four[- ]resistor|"
        r"operating point|quiescent "
        r"point|arbeitspunkt|vorspann\w*|point de (?:repos|fonctionnement)|polari[sz]\w*|punto de (?:trabajo|"
        r"operaci[óo]n|"
        r"reposo))", 90), 1.5),
    row("logic_inverter", r"(?:one|single|un seul|einem(?: einzigen)?|un solo|an? (?:npn|mosfet|bjt))[- ](?:\w+[- ])?"
        r"(?:transistor )?(?:logic )?inverter|(?:transistor|npn|mosfet)[- ](?:logic[- ])?inverter|"
        + _both(r"(?:invert(?:ing|iert\w*|ierend\w*)|invers(?:eur|or)\w*)[ -](?:logic[- ])?(?:level[- ](?:shift\w*|"
            r"translat\w*|"
        r"convert\w*)|pegel\w*)|(?:d[ée]caleur|adaptateur|convertisseur) de niveaux? (?:logiques? )?inverseur|"
        r"(?:desplazador|"
        r"conversor|adaptador) de niveles? (?:l[óo]gicos? )?inversor", r"(?:transistor|npn|mosfet|logi\w+|l[óo]gi\w+|"
        r"bss ?138|2n ?\d{4})",
        90), 3.7),
    row("reverse_polarity", r"reverse[- ](?:polarity|battery|voltage)(?: protect\w*)?|revers(?:ed?|al of) (?:battery|"
        r"supply|polarity)|"
        r"(?:wrong|reversed) polarity|verpol\w*|inversions? de (?:la )?polarit[ée]|inversi[óo]n de (?:la )?polaridad|"
        r"polaridad inversa|ideal diode .{0,30}(?:pmos|p-?(?:ch\w*|mos\w*|fet))", 3.7),
    row("fixed_regulator", r"(?<![\w.])(?:l|lm|ua|µa|mc|ka)?78[lm]?(?:0[5689]|1[0258]|24|33)\w{0,3}(?!\w)|"
        r"(?<!\w)(?:lm|ams|ld|ncp|tlv|reg)?1117\w{0,3}(?:[- ](?:1[.v]8|2[.v]5|3[.v]3|5))(?!\w)", 3.3),
    row("tl431_pass", _both(r"tl ?43[12]\w?", r"(?:pass|series|l[äa]ngs|ballast|npn|transistor|emitter[- ]follower|"
        r"bjt|paso)", 80), 3.9),
    row("cascode", r"cas[ck]ode|kaskode|cascodo", 3.6),
    row("lm317_current_source", _both(r"lm ?(?:317|338|350)\w?", _CURRENT), 3.9),
    row("lm317_current_source", r"lm ?(?:317|338|350)\w?(?=.{0,60}\d ?m?a\b)(?!.{0,80}\d ?v\b.{0,40}\d ?v\b).{0,60}"
        r"(?:led|charg)|lm ?317\w?.{0,60}ni-?(?:mh|cd)\b", 3.6),
    row("variable_supply", r"lm ?(?:317|338|350)\w?.{0,80}\d ?v? ?(?:-|–|to|bis|[àa]|\.\.+|…|hasta) ?\d[\d.,]* ?v\b|"
        r"(?:variable|adjustable|regelbare?s?|einstellbare?s?|r[ée]glable|ajustable|regulable) .{0,40}\d ?v? ?(?:-|–|"
        r"to|bis|[àa]|\.\.+|…|hasta) ?\d[\d.,]* ?v\b.{0,60}lm ?317|lm ?317\w?.{0,60}(?:pot(?:entiometer)?\b|poti\b|"
        r"potenci[óo]metro|potentiom[èe]tre)|bench supply", 3.7),
    row("transistor_current_source", _both(_CURRENT, _TRANSISTOR, 80), 2.75),
    row("voltage_multiplier", r"(?<!\w)(?:tripler|quadrupler|tripleur|quadrupleur|(?:spannungs)?verdreifach\w*|"
        r"(?:spannungs)?vervierfach\w*|triplicador|cuadruplicador|cockcroft|cascade multiplier|(?:voltage|spannungs|"
        r"diode)[- ]?(?:multiplier|vervielfach\w*|kaskade)|multiplicador de tensi[óo]n|multiplicateur de tension|"
        r"(?:\d|two|three|four|five|six|eight)[- ]stage (?:voltage )?multiplier|tripl(?:e|ing) (?:the |an? )?\d|"
        r"(?:villard|greinacher)[^.;]{0,40}(?:stages?|stufen?\w*|[ée]tages|etapas|cas[ck]ad\w*|kaskade))", 3.4),
    row("soft_start", r"soft[- ]?start\w*|inrush|sanftanlauf|einschaltstrom\w*|d[ée]marrage (?:progressif|doux)|"
        r"courant d'appel|arranque suave|corriente de (?:arranque|irrupci[óo]n)|slow turn[- ]?on|anlaufstrom\w*", 3.6),
    row("tone_control", r"baxandall|tone[- ](?:control|stack)|klangregl\w*|klangstell\w*|bass and treble (?:control|"
        r"adjust\w*|knob)|control de tonos?|correcteur de tonalit[ée]|r[ée]glage (?:des )?graves", 3.7),
    row("weighting_filter", r"(?<!\w)[ac][- ]?(?:weight\w*|bewert\w*|filter nach iec)|pond[ée]ration [ac](?!\w)|"
        r"ponderaci[óo]n [ac](?!\w)|filtre (?:de )?pond[ée]ration|db\(a\)", 4.2),
    row("sample_and_hold", r"sample[- ]?(?:and|&|n|/)?[- ]?hold|track[- ]?(?:and|&)[- ]?hold|abtast-?\s?(?:und )?-?"
        r"halte\w*|[ée]chantillonneur[- ]?bloqueur|muestreo y retenci[óo]n|(?<!\w)s ?(?:/|&) ?h(?!\w)", 3.8),
    row("antilog_amplifier", r"anti-?log\w*|exponential (?:amp\w*|conv\w*)|exponentier\w*|exponentiel\w*|"
        r"exponenzier\w*", 4.0),
    row("log_amplifier", r"(?<!anti)(?<!anti[- ])(?<!\w)log(?:arithm\w*)?[- ](?:amp\w*|conv\w*|verst\w*)|"
        r"logarithmier\w*|ampli\w* logar\w*|logarithmic|v(?:olts?)?(?: per|/) ?(?:decade|dec)\b.{0,40}"
        r"(?:transistor|log)", 3.8),
    row("wilkinson_divider", r"wilkinson|(?:power|rf) (?:divider|splitter).{0,40}(?:isolat|\d ?[mg]hz)|leistungsteiler|"
        r"diviseur de puissance|divisor de potencia", 3.8),
    row("bias_tee", r"bias[- ]?(?:tee|t)(?!\w)|fernspeiseweiche|speiseweiche|t[ée] de polarisation|"
        r"t de polarizaci[óo]n", 4.0),
    row("input_protection", r"(?:protect|clamp|sch[üu]tz\w*|prot[ée]g\w*|proteg\w*)\w* .{0,40}(?:adc|gpio|input|"
        r"eingang|entr[ée]e|entrada|pin\b|microcontroller|mcu)|(?:input|adc|gpio|over-?voltage) (?:over-?voltage )?"
        r"(?:protect\w*|clamp\w*)|[üu]berspannungsschutz|(?:eingangs|adc-)schutz\w*|protecci[óo]n de entrada|"
        r"protection d'entr[ée]e", 3.0),
    row("clipper", r"(?:diode|zener|signal|audio|sym\w*|soft|hard)[- ](?:clip\w*|limit\w*|clamp\w*)|clipp?(?:er|ing)"
        r"|clips?(?= (?:a|the|at|to|sine|signals?))|limiter (?:circuit )?(?:with|using) (?:two )?(?:diodes|zener)|"
        r"begrenzer(?!.{0,20}strom)|[ée]cr[êe]teur|recortador|limitador (?:de|con) (?:tensi|diod|zener)\w*", 2.9),
    row("rail_splitter", r"rail[- ]?split\w*|virtual ground|virtuelle masse|masse virtuelle|(?:tierra|masa) virtual|"
        r"half[- ]supply (?:reference|buffer|ground)", 3.4),
    row("gyrator", r"gyrat\w*|(?:simulated|synthetic|active) induct\w*|simulierte (?:spule|induktivit\w*)|inductance "
        r"simul[ée]e|inductancia simulada|girador", 3.8),
    row("zero_crossing", r"zero[- ]?cross\w*|nulldurchg\w*|passages? (?:par|[àa]) z[ée]ro|cruces? por cero", 3.8),
)  # fmt: skip
"""Beside `kind_words.ROWS`, for the kits that came later."""
