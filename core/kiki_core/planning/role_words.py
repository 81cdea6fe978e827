"""The words by which a number's role in a request is known: English, French, German and Spanish."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    """A role: the units that it may have, the words by which it is known. ``bare``: the unit of a number without."""

    name: str
    units: tuple[str, ...]
    words: re.Pattern[str]
    bare: str = ""


def _role(name: str, units: str, words: str, bare: str = "") -> Role:
    return Role(
        name, tuple("" if unit == "-" else unit for unit in units.split()), re.compile(words, re.IGNORECASE), bare
    )


ROLES: tuple[Role, ...] = (
    # Frequencies
    _role("cutoff", "Hz", r"(?:lower|upper) (?:edge|limit|end)|cut-?\s?off|corner|-\s?3\s?db|3\s?db[- ](?:point|"
        r"freq\w*|corner|down)|\bf_?c\b|\bfg\b|"
        r"f-?3db|coupure|cruce|[üu]bergangsfreq\w*|trennfreq\w*|\bf_?(?:l|low)\b|grenz\w*|eckfreq\w*|(?:de |"
        r"frecuencia de )corte|(?<!\w)corte(?= (?:en|a|de|que)\b)|"
        r"\bknee\b|break\s?(?:point|freq\w*)|pole at|polo?\b|turn-?over", "Hz"),
    _role("center", "Hz", r"cent(?:er|r[eé])(?![- ]?tap)\w*|zentr\w*|resonan\w*|résonance|mid-?band|\bf_?0\b|"
        r"mitten\w*|central|tuned|accordé|abgestimmt|sintoniz\w*|notch|band-?stop|réject\w*|sperr\w*|kerb\w*|hum|"
        r"brumm\w*|ronflement|zumbido|coupe-bande|rechaz\w*|eliminar?|supprimer|trap|kill|null|tank", "Hz"),
    _role("bandwidth", "Hz", r"band-?width|bande passante|bandbreite|ancho de banda|\bbw\b|wide\b|largeur", "Hz"),
    _role("pass", "Hz", r"ripple band|(?<![-\w])(?<!low )(?<!high )(?<!band )(?<!all )pass(?:es|ing)?\s$|"
        r"pass-?\s?band (?:edge|up to|to|end\w*|loss|ripple)|pass(?:es|ing)? (?:everything |all |signals? |"
        r"frequencies )?(?:up to|to|below|above|from|over)(?!\w)|laisse[rz]? passer|(?:pass-?)?band[- ]edge|"
        r"bord(?:e|ure)? de (?:la )?band[ae]|bandkante|\bfp\b|durchlass\w*|bande passante jusqu\w*|"
        r"flat (?:up )?to|banda de paso", "Hz"),
    _role("stop", "Hz", r"stop-?\s?band|\bfs\b|sperrbereich\w*|bande (?:coupée|atténuée)|banda de (?:rechazo|parada)|"
        r"stop edge", "Hz"),
    _role("sampling", "Hz", r"sampl\w*|abtast\w*|tastet|[ée]chantillonn\w*|muestre\w*", "Hz"),
    _role("switching", "Hz", r"switch\w*|schaltfreq\w*|découpage|conmutaci\w+|\bf_?sw\b|clock\w*|pwm|getaktet", "Hz"),
    _role("oscillation", "Hz", r"oscill\w*|oszill\w*|oscil\w*|square[- ]?wave|sine\b|sinus\w*|astable|blink\w*|"
        r"flash\w*|generat\w*|multivibrat\w*|tone|rechteck\w*|carré\w*|cuadrad\w*|senoidal|triang\w*|ring(?:s|ing)|"
        r"schwing\w*|klingel\w*|dreieck\w*", "Hz"),
    _role("mains", "Hz", r"mains|\bline\b|netz\w*|secteur|\bred\b|\bac\b|rectif\w*|gleichricht\w*|redress\w*|"
        r"transform\w*", "Hz"),
    # Levels
    _role("attenuation", "dB", r"attenuat\w*|atténu\w*|affaibl\w*|dämpf\w*|atenu\w*|reject\w*|réject\w*|rechazo|"
        r"suppress\w*|unterdrück\w*|stop[- ]?band\w*|sperr\w*|down\b|weaker|quieter|schwächer|leiser|más débil|"
        r"plus faible|kill\w*|depth|deep\b|tief\b|knock\w*|block\w*|weg\b", "dB"),
    _role("ripple_db", "dB",
        r"ripple|ondulation|welligkeit|rizado|peaking|chebyshev|tschebysch\w*|tchebyc\w*|cheby\w*", "dB"),
    _role("loss", "dB", r"loss(?:es)?\b|lost\b|loses?\b|perd\w*|verlier\w*|(?:insertion|pass-?band|max\w*) loss|"
        r"loss (?:up to|in the|below)|"
        r"flat(?:ness)?|insertion|einfügedämpf\w*|perte\w*|pérdida\w*|abfall\w*|droop\w*|drop\b|chute|caída|"
        r"durchgangs\w*|variation|within the band|in-?band", "dB"),
    _role("cmrr", "dB", r"cmrr|common-?mode|mode commun|gleichtakt\w*|modo común", "dB"),
    _role("psrr", "dB", r"psrr|supply rejection", "dB"),
    _role("return_loss", "dB", r"return loss|r[üu]ckfluss\w*|perte\w* (?:par |de |en )r[ée]flexion|"
        r"p[ée]rdida\w* de retorno|\bs11\b", "dB"),
    _role("gain_db", "dB", r"gains?\b|amplif(?!ier|icateur|icador)\w*|verstärk\w*|ganancia|boost\w*|anheb\w*", "dB"),
    _role("slope", "dB/decade dB/octave", r".{0}"),
    # Counts
    _role("gain", "- V/V", r"gains?\b|\bg\s?[=:]|amplif(?!ier|icateur|icador)\w*|verstärk\w*|ganancia|"
        r"multipl\w*|\ba_?v\b|\bav\b|facteur|"
        r"faktor\w*|factor|times"),
    _role("q", "-", r"\bq\b|quality|güte\w*|qualité|q-?fact\w*|calidad"),
    _role("order", "-", r"order|ordre|ordnung|orden|poles?\b|polig\w*|\bn\s?="),
    _role("sections", "-", r"sections?|stages?|inverters?|stufen?\w*|étages?|etapas?|zweistufig"),
    _role("ratio", "-", r"ratio|rapport|verhältnis|relación|turns"),
    _role("beta", "-", r"beta|hfe|β"),
    _role("leds", "-", r"leds?\b"),
    # Voltages
    _role("output_voltage", "V", r"out(?:put)?\b|v_?out|vo\b|deliver\w*|regulat\w*|sortie|"
        r"ausgang(?!s-?(?:well|brumm|strom|wider|imped))\w*|ausgabe|salida|"
        r"to get|get\b|produc\w*|make\b|gener\w*|stabil\w*|down to|up to|rail\b(?= from)|erzeug\w*|fournir|obtenir|"
        r"obtener|estabiliz\w*", "V"),
    _role("input_voltage", "V", r"in(?:put)?\b|v_?in|vi\b|source|entrée|eingang\w*|entrada|battery|batterie\w*|"
        r"batería|akku|from\b|depuis|partir|aus\b|desde|transformer|secondary|sekundär\w*|secundario|secondaire|"
        r"mains", "V"),
    _role("supply", "V", r"suppl\w*|relay|relais|coil|lamp|motor|fan\b|vcc|vdd|vee|rails?\b|power(?:ed)?|alim\w*|"
        r"pilas?\b|piles?\b|versorg\w*|betrieb\w*|speis\w*|single|symmetric\w*|symétrique|runs? (?:on|off|from)|"
        r"running|on a\b|(?:\bon|\ban|\bsous)\s$", "V"),
    _role("ripple", "V %", r"(?:ripples?|ondulation|welligkeit|brumm\w*|rizado)(?: (?:de (?:la )?|of the |on the |"
        r"at the |am )?(?:sortie|output|ausgang\w*|salida))?|residual", "V"),
    _role("amplitude", "V A", r"amplitud\w*|swing|peak|crête|spitze\w*|signal\w*|sine\b|level", "V"),
    _role("drive", "V", r"gpio|logic|microcontroller|mcu|arduino|pin\b|steuer\w*|ansteuer\w*|commande|gate\b|grille|"
        r"basis\b|driven|puerta|control\b|raspberry\w*|esp\d*|level\b", "V"),
    _role("saturation", "V", r"(?:drain|collector|switch|saturation|drop|v_?ds|v_?ce)(?: \w+){0,3} (?:must |"
        r"should )?(?:be|sit|stay|below|under|at most|less)|vce\(?sat|drop across|saturat\w*|s[äa]ttigung\w*|"
        r"ca[íi]da en", "V"),
    _role("threshold", "V", r"threshold\w*|trip\w*|switch\w* at|umschalt\w*|bascul\w*|dispar\w*|seuil\w*|schwell\w*|"
        r"umbral\w*|compar(?:es?|ed|ing|e[rz])?\b(?: to| with| at)?", "V"),
    _role("hysteresis", "V", r"hyster\w*|hystér\w*|histér\w*", "V"),
    _role("reference", "V", r"reference|\bvref\b|référence|referenz\w*|referencia", "V"),
    _role("forward", "V", r"forward|\bvf\b|v_f|drop\b|led\b|fluss\w*|tension directe|directa", "V"),
    _role("zener", "V", r"zener\w*|z-?diod\w*", "V"),
    _role("dropout", "V", r"drop-?out", "V"),
    _role("overshoot", "V %", r"overshoot|undershoot|überschw\w*|dépassement|sobre\w*|droop|dips?", "%"),
    # Currents
    _role("ripple_current", "A %", r"(?:inductor|current|coil|choke) ripple|ripple current|(?:strom|"
        r"drossel)welligkeit|courant ondul\w*|ripple(?: of)?[\s:=<]{1,3}$|rizado de corriente", "A"),
    _role("quiescent", "A", r"bias\w*|collect\w*|kollektor\w*|\bic\b|quiescent|drain\w*|tail|ruhe\w*|polaris\w*|"
        r"polariz\w*|repos|emitter current|operating", "A"),
    _role("supply_current", "A", r"(?:supply|total|quiescent supply) current|current (?:drawn|consum\w*|drain)|"
        r"consum\w*|consomm\w*|stromaufnahme|ruhestrom|draws? (?:no more|less|at most|under)|total(?:e|"
        r"er)? (?:supply )?current|corriente (?:total|de alimentaci[óo]n)|courant (?:total|d'alimentation)|"
        r"gesamtstrom", "A"),
    _role("output_current", "A", r"out(?:put)?\b|load\w*|last\b|laststrom|charge|carga|deliver\w*|suppl\w*|sortie|"
        r"ausgang\w*|salida|current|strom|courant|corriente|sink\w*|sourc\w*|draw\w*|led\w*|mirror\w*|"
        r"spiegel\w*", "A"),
    # Impedances
    _role("load", "ohm", r"load (?:imped|resist)\w*|load\w*|feed\w*|into\b|last\b|charge|carga|terminat\w*|driv\w*|"
        r"abschluss\w*|termin\w*|speaker|"
        r"belast\w*|charg[ée]e?\b|cargad[oa]|lautsprecher|tweeters?|woofers?|heaters?|headphones?|kopfh[öo]rer|"
        r"casque|auriculares|haut-parleur|altavoz|hocht[öo]ner|tieft[öo]ner|mitteltöner|sur\b|sobre|\brl\b|"
        r"abgeschlossen", "ohm"),
    _role("source", "ohm", r"(?:source|generator|driving) (?:imped|resist)\w*|source|generator|quelle\w*|générateur|"
        r"fuente|generador|from\b|aus\b|\brs\b|depuis|"
        r"innenwiderstand|match", "ohm"),
    _role("system", "ohm", r"system|impedan\w*|\bz_?0\b|characteristic|wellenwiderstand|line\b|coax\w*|both|doubly|"
        r"equally", "ohm"),
    _role("feedback", "ohm", r"\brf(?=\s?[=:]|\s(?:is |of |von |de )?$)|"
        r"\br_f\b|feedback resist\w*|r[üu]ckkoppel\w*|contre-r[ée]action", "ohm"),
    _role("input_resistance", "ohm", r"total resist\w*|gesamtwiderst\w*|r[ée]sistance totale|resistencia total|"
        r"input (?:resist|imped)\w*|\binput\b|\beingang\b|\bentr[ée]e\b|\bentrada\b|\bz_?in\b|\brin\b|"
        r"eingangs(?:widerstand|impedanz)|(?:résistance|impédance) d.entrée|(?:resistencia|"
        r"impedancia) de entrada", "ohm"),
    _role("output_resistance", "ohm", r"output (?:resist|imped)\w*|\bz_?out\b|\brout\b|ausgangs(?:widerstand|"
        r"impedanz)|(?:résistance|impédance) de sortie|(?:resistencia|impedancia) de salida|\besr\b", "ohm"),
    _role("r_upper", "ohm", r"(?:upper|top|high-?side|ober\w*) (?:resist|widerst|arm)\w*|r[ée]sistance (?:du haut|"
        r"sup[ée]rieure)|resistencia superior|\br1\b", "ohm"),
    _role("r_lower", "ohm", r"(?:lower|bottom|low-?side|unter\w*) (?:resist|widerst|arm)\w*|r[ée]sistance (?:du bas|"
        r"inf[ée]rieure)|resistencia inferior|\br2\b", "ohm"),
    _role("resistance", "ohm", r"resistors?\b|resistance|\br1?\b|widerst\w*|résistance|resistencia|total", "ohm"),
    _role("capacitance", "F", r"cap\w*|\bc1?\b|kondens\w*|condens\w*|using|with\b|cap\b", "F"),
    _role("inductance", "H", r"induct\w*|coil|\bl1?\b|spule|bobine|bobina|inducta\w*|choke", "H"),
    # Times
    _role("tau", "s", r"time[- ]?constant|\btau\b|τ|zeitkonstante|constante de (?:temps|tiempo)", "s"),
    _role("pulse", "s", r"pulse|one-?shot|mono\w*|impuls\w*|impulsion|pulso|wide\b|long\b|width", "s"),
    _role("delay", "s", r"delay\w*|verzög\w*|retard\w*|retraso", "s"),
    _role("period", "s", r"period\w*|période|every|each|alle\b|cada|toutes les", "s"),
    _role("rise", "s", r"rise|settl\w*|slew|anstieg\w*|montée|subida|risetime", "s"),
    _role("step_time", "s", r"step", "s"),
    _role("step", "A", r"step\w*|sprung\w*|lastsprung\w*|[ée]chelon|escal[óo]n", "A"),
    # Shares
    _role("duty", "%", r"duty|tastgrad|tastverh\w*|rapport cyclique|ciclo", "%"),
    _role("efficiency", "%", r"effic\w*|wirkungsgrad|rendement|rendimiento", "%"),
    _role("regulation", "%", r"regulat\w*|regelung", "%"),
    _role("tolerance", "%", r"toler\w*|resistors?\b|parts?\b|accura\w*|précis\w*|genau\w*|precis\w*", "%"),
    _role("power", "W", r".{0}"),
    _role("phase", "deg", r"phase\w*|shift\w*|fase|margin", "deg"),
    _role("temperature", "degC", r".{0}"),
    _role("bits", "bit", r".{0}"),
    _role("slew", "V/s", r".{0}"),
)  # fmt: skip
