"""Which design kits a request may mean, by the words of the field in English, French, German and Spanish."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kiki_core.planning.roles import Labelled, order

_PASS = r"[- ]?(?:pass\w*|pas)"
_KINDS = {
    "bandpass": r"band" + _PASS + r"|passe[- ]?bande|pasa[- ]?banda|paso[- ]?banda|paso de banda|\bbpf\b|bandfilter",
    "bandstop": r"notch\w*|muesca|ranura|zumbido|ronflement|ronflette|netzbrumm\w*|brummen|(?:take|filter|strip|"
        r"cut) out (?:the )?\d+|mains hum|\bhum\b|"
        r"band[- ]?(?:stop|reject|"
        r"sperr|elim)\w*|kerb\w*|coupe[- ]?bande|r[ée]jecteur|"
        r"r[ée]jection de|trap\b|"
    r"rechaza[- ]?banda|elimina[- ]?banda|hum (?:filter|reject\w*|remov\w*)|(?:kill|remove|reject|get rid of|null|"
    r"suppress)\w*"
    r" (?:the )?(?:\w+ )?(?:\d+ ?hz )?(?:mains |hum)|sperrfilter|sperrkreis|brummfilter|\bbsf\b|twin[- ]?t",
    "lowpass": r"(?:attenuat|remov|reject|block|kill|cut|suppress|strip|filter)\w* (?:out )?(?:everything|all|anything|"
        r"frequencies|signals|noise) (?:\w+ )?above|low" + _PASS + r"|\blpf?\b|\bl\.p\.|tief" + _PASS + r"|"
        r"passe[- ]?bas|pasa[- ]?bajos?|"
        r"paso[- ]?bajos?|anti-?alias\w*|"
    r"high[- ]cut|treble cut|(?:class[- ]d|output) filter|keep\w* (?:[\w']+ ){0,3}below|smooth(?:ing)? filter|"
    r"reconstruction filter|tp-?filter",
    "highpass": r"(?:rid of|remov\w*|strip\w*|eliminat\w*) (?:the |any |its )?dc\b(?! hum)|(?:attenuat|remov|"
        r"reject|block|kill|cut|suppress|strip|filter)\w* (?:out )?(?:everything|all|"
        r"anything|"
        r"frequencies|signals|noise) (?:\w+ )?below|high" + _PASS + r"|\bhpf?\b|hoch" + _PASS + r"|"
        r"passe[- ]?haut|pasa[- ]?altos?|paso[- ]?altos?|"
        r"dc[- ]block\w*|block(?:s|ing)? (?:the )?dc\b|low[- ]cut|"
    r"rumble|(?:sub|infra)-?s[oó]ni\w*|trittschall\w*|rumpel\w*|"
    r"coupling cap\w*|koppelkond\w*|condensateur de liaison|condensador de acoplo|keep\w* (?:[\w']+ ){0,3}above",
    "allpass": r"all" + _PASS + r"|passe[- ]?tout|pasa[- ]?todo",
}  # fmt: skip
_TECHNIQUES = {
    "twin": r"twin[- ]?t\b|doppel-?t|double t\b",
    "rlc": r"(?<!\w)r-?l-?c(?!\w)|resonan(?:t|ce) circuit|schwingkreis|circuit résonant|circuito resonante|"
        r"tank circuit",
    "rl": r"(?<!\w)r-?l(?!\w|c)|inductor and (?:a )?resistor|resistor and (?:an )?inductor",
    "rc": r"(?<!\w)r-?c(?!\w)|(?<!\w)r (?:and|et|und|y|&|\+) c(?!\w)|r[ée]sist\w* (?:and|et|y|und) cap\w*|"
        r"widerst\w* und "
        r"kondens\w*|resistor[- ]capacitor|first[- ]order|1st[- ]order|erster ordnung|premier ordre|"
        r"primer orden|single[- ]pole|one[- ]pole|einpolig",
    "lc": r"(?<!\w)r?-?l-?c(?!\w)|\bladder\b|inductors?\b|passiv\w*|pasiv\w*|leiterfilter|abzweig\w*|"
        r"doubly[- ]terminated|coil|spule\w*|bobine",
    "active": r"(?<!\w)acti[vf]\w*|op[- ]?amps?\b|operationsverst\w*|aktiv\w*|amplificateur op\w*|aop\b|"
        r"operacional\w*|sallen|mfb|"
    r"multiple[- ]feedback|rauch|state[- ]variable|biquad|tow[- ]thomas|opv\b|\bkhn\b",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """Kits by the first of ``names`` that exists, and the words that name them."""

    names: tuple[str, ...]
    words: re.Pattern[str]
    weight: float = 1.0


def _row(names: str, words: str, weight: float = 1.0) -> Row:
    return Row(tuple(names.split()), re.compile(words, re.IGNORECASE), weight)


_RANGE = r"[-+±]?\d[\d.,]{0,8}\s?m?v?\s?(?:to|a|à|bis|-|–|…|\.\.+|hasta|jusqu'à)\s?[-+]?\d[\d.,]{0,8}\s?m?v(?!\w)"
"""Two voltages as one writes a range."""
_NOT_NEEDED = re.compile(
    r"(?<!\w)(?:[\w-]{1,24} ){1,2}(?:is |are )?(?:not|isn't|aren't) (?:needed|required|necessary|wanted)\b|"
    r"\b(?:no need for|don't (?:need|want)|instead of|rather than) (?:an? |any |the )?[\w-]+",
    re.IGNORECASE,
)
"""What a request says that it doesn't want."""
_AMP = r"(?:amp\w*|stage|verst[äa]rk\w*|ampli\w*|etapa|[ée]tage|stufe|circuit|configuration)"
ROWS: tuple[Row, ...] = (
    _row("crystal_oscillator", r"crystal|quar[tz]z?\w*|pierce\b|cristal", 3.4),
    _row("ring_oscillator", r"ring[- ]oscil\w*|ringoszil\w*|oscillateur en anneau|oscilador en anillo", 3.6),
    _row("monostable_multivibrator", r"(?:mono\w*|one-?shot).{0,40}transistor|transistor.{0,40}(?:mono\w*|one-?shot)",
        3.2),
    _row("monostable_555", r"mono(?:stable|flop|vibrat)\w*|one-?shot|single pulse|monoestable|impulsgeber", 2.4),
    _row("relay_driver", r"rela(?:y|is)\b|rel[ée]\b|solenoid", 2.4),
    _row("led_driver", r"(?:leds?\b.{0,40}(?:gpio|microcontroller|mcu|transistor|3\.3 ?v logic|pin\b|driver))|"
         r"(?:(?:gpio|microcontroller|mcu|transistor|driver).{0,40}\bleds?\b)", 2.6),
    _row("riaa_preamp", r"(?<!\w)riaa(?!\w)|phono|moving[- ]magnet|plattenspieler|tourne-?disque|tocadiscos", 3.6),
    _row("shelf", r"(?<!\w)shel(?:f|ving)(?!\w)|(?:bass|treble|low|high)[- ](?:boost|lift|emphasis|enhance\w*)|"
        r"bass-?anheb\w*|"
        r"(?:tiefen|h[öo]hen|bass)(?:anhebung|entzerrer)|correcteur (?:de |d')?(?:graves|aigus|tonalit[ée])|"
        r"(?:realce|refuerzo) de "
        r"(?:graves|agudos|bajos)|rehausse\w* (?:de |les |des )?(?:graves|aigus|basses)", 3),
    _row("adjustable_regulator", r"lm ?317|lm ?350|lm ?338|lm ?1117[- ]?adj|adjustable (?:\w+ ){0,3}regul\w*|"
        r"r[ée]gulateur (?:de tension )?(?:r[ée]glable|ajustable)|einstellbare[rn]? (?:spannungs)?regler|"
        r"regulador (?:de "
        r"tensi[óo]n )?(?:ajustable|variable)", 3.4),
    _row("zener_pass", r"zener\w* .{0,40}(?:pass[- ]transistor|series transistor|npn|bjt|transistor|"
        r"emitter[- ]follower)|"
        r"(?:pass[- ]transistor|series transistor|npn|transistor|l[äa]ngstransistor|ballast) .{0,40}(?:zener|z-?diode)|"
        r"z-?diode\w* .{0,40}transistor", 3.2),
    _row("current_limiter", r"current[- ]limit\w*|limit\w* (?:the )?(?:\w+ )?current|strombegrenz\w*|"
        r"limiteur de courant|limitador de corriente", 3),
    _row("lc_supply_filter", r"(?:supply|input|emi|power|output)[- ](?:line )?filter (?:for|of|on) (?:an? |the |my )?"
        r"(?:\d\S* ?\w?hz )?(?:buck|boost|dc-?dc|switch\w*|smps|converter|psu|supply)", 3.2),
    _row("lc_supply_filter", r"(?:supply|input|emi|power)[- ](?:line )?filter|filter for (?:a|"
        r"the) (?:\w+ )?(?:supply|converter)|netzfilter|versorgungsfilter|filtre d'alimentation|damped lc", 2.2),
    _row("state_variable", r"state[- ]variable|\bkhn\b|zustandsvariable\w*|variables? d'état|variables? de estado", 4),
    _row("current_loop", r"4 ?(?:ma)? ?(?:-|–|to|\.\.+|…|a|à|bis|hasta) ?20 ?ma|current[- ]loop|stromschleife|"
        r"boucle de courant|"
        r"lazo de corriente", 3.1),
    _row("voltage_to_current", r"op-?amp\w* .{0,16}current (?:sink|source)|current (?:sink|"
        r"source) .{0,60}(?:op-?amp|control\w*)|voltage[- ](?:to[- ]|controlled )current|\bv-to-i\b|howland|"
        r"spannungs-?strom|"
        r"tension[- ]courant|"
         r"transconductance amp\w*|programmable current", 2.8),
    _row("charge_pump", r"charge pump|ladungspumpe|pompe de charge|bomba de carga", 3.4),
    _row("instrumentation_amplifier", r"(?:bridge|load[- ]?cell|strain[- ]?gauge|w[äa]gezelle\w*|messbr[üu]cke\w*|"
        r"dms|pont de (?:jauges|wheatstone)|jauges?|galga\w*|celda de carga|wheatstone) (?:\w+ ){0,2}"
        r"(?:amp\w*|verst\w*|pre-?amp\w*)|(?:amp\w*|verst\w*|ampli\w*) (?:\w+ ){0,3}(?:load[- ]?cell|"
        r"strain[- ]?gauge|wheatstone|jauges?|w[äa]gezelle|dms|galga\w*|celda de carga)", 2.6),
    _row("instrumentation_amplifier", r"instrumentation|in-?amp\b|instrumentenverst\w*|instrumentaci[óo]n|three op", 3),
    _row("difference_amplifier", r"differen(?:ce|tial|z)\w*[- ]?(?:op[- ]?amp\w* )?" + _AMP + r"|subtract\w*|"
        r"amplificateur (?:de diff|diff)\w*|"
         r"amplificador (?:de )?diferen\w*|subtrah\w*|restador|soustract\w*|differenzverst\w*|subtrahier\w*", 2),
    _row("differential_pair", r"differential pair|long[- ]tail\w*|paire diff\w*|differenzstufe|par diferencial|"
         r"differential amp\w* (?:with|of|using) (?:two )?(?:npn|bjt|transistor)\w*", 3),
    _row("summing_amplifier", r"summ(?:ing|er)\b|adder|mixer|add (?:two|three|up)|\bsum\b|sommateur|summier\w*|"
        r"addier\w*|sumador|sum of", 2),
    _row("inverting_amplifier",
        r"(?<!non)(?<!non-)(?<!non )(?<!nicht)(?<!nicht-)(?<!no )(?<!without )(?<!not )"
        r"(?<!sans )(?<!ohne )(?<!ohne zu )(?<!sin )"
        r"\b(?:invert\w*|invers\w*|"
        r"inverseur\w*)[- ]?(?:op[- ]?)?\w*|gain of -\d|"
         r"(?:flip|change|revers)\w* (?:the )?(?:sign|polarity|phase)|sign[- ](?:flip|change)|negates?\b|gain (?:=|"
         r":)? ?-\d|verst[äa]rkung (?:von )?-\d|ganancia (?:de )?-\d|gain de -\d", 1.6),
    _row("noninverting_amplifier", r"(?:non|not|without)[- ]?invert\w*|(?:sans inverser|ohne (?:zu )?invert|"
        r"sin invert)\w*|in phase|same sign|nicht[- ]?invertier\w*|non[- ]?invers\w*|no inversor\w*", 2.4),
    _row("noninverting_amplifier", r"(?<!\w)(?:lm ?(?:358|324|741|833)|tl ?0[678][1-4]|ne ?5532|opa ?\d{3,4}|"
        r"mcp ?60\d\d)\w{0,3}(?!\w)|"
        r"op[- ]?amp\w*|operationsverst\w*|amplificateur op\w*|amplificador operacional|"
        r"(?<!\w)amplif(?:y|ier|icateur|icador)\b|"
         r"verst[äa]rker\b|preamp\w*|vorverst\w*|pr[ée]ampl\w*", 0.6),
    _row("voltage_follower", r"(?:voltage|unity[- ]gain|op[- ]?amp)[- ](?:follower|buffer)|\bbuffer\b|"
        r"spannungsfolger|suiveur|seguidor de (?:tensi|volt)\w*|"
         r"impedanzwandler", 2),
    _row("ac_amplifier", r"ac[- ]coupled|ac amplifier|mic(?:rophone|ro)?[- ]?(?:pre)?-?amp\w*|"
        r"single[- ]supply (?:\w+ )?(?:amp|gain|op)\w*|"
         r"mikrofon\w*|wechselspannungsverst\w*|audio (?:pre)?-?amp\w*|electret", 2),
    _row("level_shifter", r"level[- ]shift\w*|(?:map|scale|shift|translate|convert|bring)\w* .{0,40}(?:range|to 0|"
        r"0 ?(?:-|to|\.\.)|adc)|front[- ]end for (?:an? )?adc|fit\w* .{0,40}range|range of (?:an?|the) (?:adc|"
        r"converter)|"
         r"pegelwandl\w*|adaptation de niveau|acondiciona\w*|signal conditioning|offset and (?:gain|scale)", 1.8),
    _row("level_shifter", r"(?:[-−+±]?\d[\d.,]*\s?m?v\s?(?:->|→|=>|maps? to|becomes?|gives?|should (?:be|give|read)|"
        r"devien\w*|donne\w*|wird zu|ergibt|soll\w* .{0,12}werden)\s?[-−+]?\d[\d.,]*\s?m?v.{0,24}){2,}", 2.6),
    _row("level_shifter", r"ramen\w+ .{0,40}(?:adc|can\b|\d ?v)|adapt\w* .{0,40}(?:adc|can\b)|"
        r"\bbias\w* .{0,30}adc", 1.9),
    _row("level_shifter", _RANGE + r".{0,16}?(?:to|into|onto|en|auf|in|vers|->|→|a|à)\s(?:the )?" + _RANGE, 1.8),
    _row("common_emitter", r"common[- ]emitter|emitterschaltung|[ée]metteur commun|emisor com[úu]n|"
        r"single[- ]transistor amp\w*|bjt amp\w*|npn amp\w*|"
         r"one[- ]transistor amp\w*|transistor amplifier|bc547|2n3904|2n2222|transistorverst\w*|\bce (?:amp|stage)\w*",
             2.2),
    _row("emitter_follower", r"emitter[- ]follower|emitterfolger|common[- ]collector|collecteur commun|"
        r"kollektorschaltung|colector com[úu]n|"
         r"seguidor de emisor|suiveur [àa] [ée]metteur|[ée]metteur suiveur", 2.6),
    _row("common_base", r"common[- ]base|basisschaltung|base commune|base com[úu]n", 2.6),
    _row("common_source", r"(?:mosfet|nmos)[- ]?verst\w*|ampli\w* (?:à |con |mit )?(?:un )?(?:mosfet|nmos)|"
        r"common[- ]source|sourceschaltung|source commune|fuente com[úu]n|mosfet amp\w*|"
        r"nmos amp\w*|fet amp\w*", 2.6),
    _row("source_follower", r"source[- ]follower|common[- ]drain|sourcefolger|drain commun|seguidor de fuente|"
        r"fet (?:buffer|follower)", 2.8),
    _row("cascode", r"cascode|kaskode|cascodo", 3.2),
    _row("class_ab push_pull", r"class[- ]?ab\b|classe ab|clase ab|ab-?betrieb|push[- ]?pull|"
        r"class[- ]?(?:a?b)\b|gegentakt\w*|complementary (?:output|emitter)", 3.2),
    _row("current_mirror", r"current[- ]mirror|stromspiegel|miroir de courant|espejo de corriente", 3),
    _row("current_mirror", r"(?:constant[- ])?current (?:source|sink)|stromquelle|"
        r"konstantstrom\w*|stromsenke|source de courant|"
         r"fuente de corriente", 2),
    _row("current_mirror", r"(?:constant[- ])?current (?:source|sink)|stromquelle|source de courant|"
        r"fuente de corriente", 1),
    _row("voltage_divider divider", r"divid(?:er|e|ing)\b|"
        r"(?:by|with|w/|using|only|just) (?:two |2 |a pair of )?resistors|"
        r"(?:mit|avec|con) (?:zwei|deux|dos|2) (?:widerst|r[ée]sist)\w*|"
        r"resistor ladder|"
        r"spannungsteiler|(?<!\w)teiler(?!\w)|diviseur|divisor|teile .{0,20}auf|"
        r"resistive? (?:tap|divid\w*)|"
         r"step(?:s|ping)? .{0,24}down to .{0,20}resistors|scale .{0,16}down to", 2),
    _row("voltage_divider divider", r"(?:by|with|w/|using|only|just) (?:two |2 |a pair of )?resistors|(?:two|"
        r"deux|zwei|dos|2) "
        r"(?:resist|r[ée]sist|widerst)\w*", 2.5),
    _row("wheatstone wheatstone_bridge bridge", r"wheatstone|strain gauge|br[üu]cke .{0,12}(?:dms|pt100)|"
        r"messbr[üu]cke|pont de wheatstone|puente de wheatstone", 2.2),
    _row("led_current_driver", r"constant[- ]current .{0,30}leds?\b|leds?\b .{0,30}constant[- ]current|"
        r"konstantstrom\w* .{0,30}leds?|"
        r"leds?\b.{0,30}konstantstrom|courant constant .{0,30}leds?|leds? .{0,40}(?:courant constant|"
        r"corriente constante)|"
        r"corriente constante .{0,30}leds?", 3.4),
    _row("led_resistor led", r"(?<!\w)leds?(?!\w)|leuchtdiode|diodo led", 1.8),
    _row("half_wave halfwave_rectifier half_wave_rectifier rectifier", r"half[- ]?wave|einweg\w*|simple alternance|"
        r"mono-?alternance|media onda", 3),
    _row("full_wave bridge_rectifier full_wave_rectifier rectifier", r"full[- ]?wave|bridge rect\w*|rectif\w*|"
        r"gleichricht\w*|redress\w*|doppelweg\w*|br[üu]ckengleich\w*|graetz|"
         r"double alternance|pont de diodes|onda completa|puente (?:rectificador|de diodos)|diode bridge|"
         r"full[- ]bridge(?! (?:conv|driver|inv))|(?:reservoir|smoothing) cap\w*|siebelko|ladeelko|"
        r"glättungs\w*|condensateur de filtrage|"
         r"linear (?:power )?supply from (?:the )?mains|netzteil", 2.4),
    _row("voltage_doubler doubler voltage_multiplier", r"doubl(?:er|eur|es?)\b(?! t\b| the| its| alternance|"
        r" pole| gain| supply)(?![- ]\w*(?:order|wound|diode))|multiplier|verdoppl\w*|"
        r"doblador|villard|greinacher|cockcroft", 3),
    _row("zener_regulator zener", r"zener\w*|shunt (?:volt\w* )?regul\w*|z-?diod\w*", 2.4),
    _row("ldo ldo_regulator linear_regulator series_regulator", r"\bldo\b|low[- ]drop\w*|"
        r"linear (?:voltage )?regulator|linearregler|r[ée]gulateur lin\w*|regulador lineal|"
         r"(?:voltage )?regulator|\blinear .{0,16}from|spannungsregler|r[ée]gulateur (?:de tension)?|regulador|"
         r"series pass|l[äa]ngsregler|"
         r"pass transistor", 1.7),
    _row("buck buck_converter", r"\bbuck\b|step(?:s|ping)?[- ]?down(?! transf| with (?:two )?resist| by resist)|"
        r"abw[äa]rts\w*|tiefsetz\w*|abaisseur|d[ée]volteur|reductor|hacheur s[ée]rie|buck\w*", 3),
    _row("boost boost_converter", r"\bboost\w*\b(?!.*(?:op-?\s?amp|signal|gain|db\b)).{0,40}\d ?v\b|"
        r"\bboost (?:conv|reg|switch|dc|from|\d)\w*|^\W*boost:?$|boost-?(?:wandler|regler)|"
        r"step(?:s|ping)?[- ]?up(?! transf)|aufw[äa]rts\w*|hochsetz\w*|[ée]l[ée]vateur|survolteur|elevador\w*|"
        r"hacheur parall\w*", 3),
    _row("buck_boost inverting_converter buck_boost_converter", r"buck[- ]?boost|inverting (?:dc|switch|conv)\w*|"
        r"inverswandler", 4),
    _row("lc_filter input_filter", r"(?:input|emi|output) filter for", 1),
    _row("wien wien_bridge wien_oscillator", r"wien\b|wien[- ]", 3),
    _row("phase_shift phase_shift_oscillator", r"oscil\w* (?:with|of) three (?:rc )?sections|phase[- ]shift oscil\w*|"
        r"phasenschieber-?\w*osz\w*|(?:oscil\w*|osz\w*|oscilad\w*) .{0,20}(?:d[ée]phasage|(?:desplazamiento|"
        r"corrimiento) de fase|"
        r"phasenschieber\w*)", 3.4),
    _row("colpitts colpitts_oscillator", r"colpitts", 3),
    _row("hartley hartley_oscillator", r"hartley|tapped coil", 3),
    _row("clapp", r"clapp", 3),
    _row("quadrature_oscillator", r"quadrature oscil\w*", 3.4),
    _row("astable_555 ne555_astable timer_astable ne555 timer_555", r"(?:ne)?555\b(?!.{0,60}(?:mono|one-?shot|pulse))",
        3),
    _row("monostable_555 ne555_monostable timer_monostable", r"(?:ne)?555\b.{0,60}(?:mono|one-?shot|pulse)|"
        r"(?:mono\w*|one-?shot).{0,60}555", 4),
    _row("astable_multivibrator", r"(?:square|oscil\w*|blink\w*|flash\w*|rechteck\w*).{0,40}(?:two|2|deux|zwei|"
        r"dos) (?:\w+ )?transistor\w*|astable|multivibrat\w*|flip-?flop (?:blink|flash)\w*|transistor (?:osc|blink|"
        r"flash)\w*|astabil\w*", 2.2),
    _row("relaxation relaxation_oscillator schmitt_oscillator", r"relaxation|comparator oscil\w*|"
        r"schmitt[- ]?(?:trigger )?oscil\w*|square[- ]?wave|rechteck\w*|signal carr[ée]|onda cuadrada|"
         r"kipp\w*|rc oscillator|generador de onda", 2),
    _row("triangle_generator", r"triang\w*|dreieck\w*|function generator|sawtooth|"
        r"ramp gen\w*", 2.6),
    _row("wien wien_bridge wien_oscillator", r"sine(?:[- ]?wave)? (?:osc|gen)\w*|sinus\w*(?:osz|gen|oscil)?\w*|"
        r"oscillateur sinus\w*|oscilador senoidal", 2.1),
    _row("wien wien_bridge wien_oscillator", r"oscillat\w*|oszillat\w*|oscilad\w*", 0.8),
    _row("colpitts colpitts_oscillator", r"(?:rf|lc|mhz) oscil\w*", 1.6),
    _row("hysteresis_comparator schmitt_trigger", r"schmitt|bascule à hyst\w*|disparador schmitt|hyster[eé]s\w*|"
        r"hyst[ée]r\w*|histér\w*", 2.2),
    _row("hysteresis_comparator comparator", r"comparat\w*|komparat\w*|comparad\w*|schwellwert\w*|"
        r"trips? at|umschalt\w*", 1.6),
    _row("zero_crossing", r"zero[- ]cross\w*|nulldurchgang\w*|passage par z[ée]ro|cruce por cero", 3),
    _row("led_boost", r"leds?\b.{0,24}\bboost|\bboost .{0,24}\bleds?\b", 3.6),
    _row("flyback_converter", r"fly-?back(?! di)|sperrwandler|sepic|forward converter|push[- ]pull converter", 4.2),
    _row("window_comparator", r"window (?:comp|det)\w*|fenster(?:komp|disk)\w*|comparateur [àa] fen[êe]tre|"
        r"comparador de ventana",
        3),
    _row("buck_boost_converter", r"\d ?v(?:olts?)?(?: \w+)? (?:to|->|→|into|auf|à|a|in) ?(?:get |"
        r"make )?[-−–] ?\d[\d.,]* ?v", 2.8),
    _row("load_switch mosfet_switch", r"(?:mosfet|transistor|leistungs)-?schalter|schalttransistor|"
        r"(?:interrupteur|commutateur) "
        r"(?:à |a )?(?:mosfet|transistor|nmos)|conmutador (?:con |a )?(?:mosfet|transistor)|(?:low[- ]side|"
        r"mosfet|nmos|transistor|npn|pnp|bjt|darlington) switch\w*|"
        r"switch (?:a|the|an) .{0,20}(?:load|relay|lamp|motor|solenoid)|"
         r"schalte\w* .{0,20}(?:last|relais)|interrupteur|conmuta\w* .{0,16}(?:carga|rel[ée])|relay driver|"
         r"relaistreiber", 2),
    _row("high_side_switch", r"high[- ]side|p-?(?:channel |kanal[- ]?)?mos(?:fet)? (?:load )?switch|pmos .{0,20}switch|"
        r"(?:commutateur|interrupteur) c[ôo]t[ée] haut|lado alto|plus-?seitig\w*", 2.9),
    _row("integrator", r"integrat(?:or|eur)|integrierer|integrador|miller integr\w*", 2.6),
    _row("differentiator", r"differentiator|d[ée]rivateur|differenzierer|derivador|diferenciador", 3),
    _row("transimpedance transimpedance_amplifier", r"trans-?impedan\w*|\btia\b|photodiod\w*|"
        r"current[- ]to[- ]voltage|fotodiod\w*|strom-?spannungs\w*", 3),
    _row("precision_rectifier", r"rect\w* .{0,24}op-?\s?amp|precision (?:full[- ]?wave |half[- ]?wave )rect\w*|"
        r"(?:op-?amp|"
        r"active) (?:\w+[- ]){0,2}"
        r"rect\w*|(?:full|half)[- ]wave (?:precision|active|op-?amp) rect\w*|redresseur (?:de pr[ée]cision|actif)|"
        r"rectificador (?:de precisi[óo]n|activo)|betragsbildner|aktiver gleichr\w*|valeur absolue|valor absoluto|"
        r"precision rect\w*|super ?diode|absolute[- ]value|pr[äa]zisionsgleich\w*|"
        r"redresseur sans seuil", 4),
    _row("peak_detector", r"peak[- ]hold|maximalwert\w*|scheitelwert\w*|peak[- ]detect\w*|envelope|"
        r"spitzenwert\w*|d[ée]tecteur de cr[êe]te|detector de pico", 3),
    _row("clamp clipper limiter", r"clamp\w*|clip(?:per|ping)?\b|limiter|begrenz\w*|[ée]cr[êe]t\w*|recortador", 1.8),
    _row("attenuator", r"attenuat\w*\b(?!.{0,60}(?:hz|above|below|everything|frequenc)).{0,60}(?:resistors|"
        r"ohms?\b)", 2),
    _row("pi_attenuator attenuator_pi attenuator pad", r"\bpi\b[- ]?(?:pad|attenuat\w*|d[äa]mpf\w*)|π[- ]?(?:pad|"
        r"attenuat\w*)|attenuator|att[ée]nuateur|d[äa]mpfungsglied|atenuador|\bpad\b", 2.2),
    _row("t_attenuator attenuator_t tee_attenuator attenuator pad", r"\bt(?:ee)?[- ](?:pad|attenuat\w*|"
        r"network att\w*|d[äa]mpf\w*)|att[ée]nuateur en t\b|t-?glied|atenuador en t\b", 3),
    _row("matching_network", r"(?<!\w)l[- ](?:match\w*|network|section|netzwerk)|match(?:ing|es)?\b|anpass\w*|"
        r"adaptation d'imp\w*|adaptaci[óo]n|adaptar|adapt[ée]r? ", 2),
    _row("matching_network", r"\bpi[- ](?:match\w*|network|section|netzwerk)|r[ée]seau en pi", 3),
    _row("matching_network", r"\bt[- ](?:match\w*|network|section)", 3),
    _row("series_resonator rlc_series resonator", r"series (?:rlc|resonan\w*)|serienschwing\w*|tank circuit|"
        r"resonan(?:t|ce) circuit|schwingkreis|circuit r[ée]sonant|circuito resonante|rlc series", 1.8),
    _row("rc_delay rc_step rc_timing", r"rise time of|delay of|verz[öo]gerung|retard de|retardo de|"
        r"(?:rc )?time[- ]constant|rc (?:charg|delay|step)\w*|zeitkonstante|constante de (?:temps|tiempo)|"
        r"rc[- ]glied|power-?on reset|reset delay", 2),
    _row("snubber rc_snubber", r"snubber|amortisseur rc|red snubber|bedämpf\w* (?:der )?schalt\w*", 3),
    _row("crossover", r"crossover|frequenzweiche|filtre (?:r[ée]partiteur|actif deux voies)|divisor de frecuencia", 3),
    _row("baxandall tone_control", r"baxandall|tone control|klangregler|bass and treble", 3),
    _row("allpass", r"phase shifter|phase shift of|d[ée]phas\w*|phasenschieber(?!-?\w*osz)\w*|phasendreh\w*|desfas\w*|"
        r"(?:desplazamiento|corrimiento) de fase|phase[- ]shift(?:s|ing|ed)?(?! osc)", 2),
    _row("gyrator", r"gyrator|simulated inductor", 3),
)  # fmt: skip
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
_COMPILED_KINDS = {name: re.compile(words, re.IGNORECASE) for name, words in _KINDS.items()}
_COMPILED_TECHNIQUES = {name: re.compile(words, re.IGNORECASE) for name, words in _TECHNIQUES.items()}
_NOTCH = re.compile(
    r"notch|band[- ]?(?:stop|reject)|kerb|coupe[- ]?bande|réject|trap\b|rechaz|elimina|twin", re.IGNORECASE
)
_FILTER_WORD = re.compile(r"filt(?:er|re|ro)\w*", re.IGNORECASE)
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
    head = _NOT_NEEDED.sub(" ", text[:4000])
    found: dict[str, Choice] = {}
    others = _others(head, kits)
    filters = _filters(head, labels, kits)
    if kind_of(head) is None and any(each.score >= 1.5 for each in others or ()):
        filters = []  # numbers alone make no filter of a circuit that words name
    if others is None and not filters:
        return []
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
    if "active_bandpass" in found and any(each.role == "q" and each.value > 25 for each in labels):
        found["state_variable"] = Choice("state_variable", found["active_bandpass"].score + 0.5)
    if "rc_delay" in found and any(each.quantity.unit == "deg" for each in labels):
        found["allpass"] = Choice("allpass", found["rc_delay"].score + 0.5)
    timed = any(each.quantity.unit == "s" and each.role != "period" for each in labels)
    if "astable_555" in found and timed and not any(each.quantity.unit == "Hz" for each in labels):
        found["monostable_555"] = Choice("monostable_555", found["astable_555"].score + 0.5)
    if "current_mirror" in found and any(each.quantity.unit == "A" and each.value > 0.05 for each in labels):
        # A mirror of small transistors ends at 50 mA; two transistors with a sense resistor go on.
        found["current_limiter"] = Choice("current_limiter", found["current_mirror"].score + 0.5)
    return sorted(found.values(), key=lambda each: -each.score)


_CONTEXT = re.compile(
    r"(?<!\w)(?:for|behind|after|before|feeding|supplying|in front of|ahead of|of|pour|derri[èe]re|apr[èe]s|devant|für|"
    r"hinter|vor|nach|para|tras|delante de)"
    r" (?:use (?:in|with) |my |our |an? |the |une? |la |le |mon |ma |eine[nmr]? |meine[nmr]? |den |das |una? |el |mi )"
    r"[^.;,\n]{0,80}",
    re.IGNORECASE,
)
"""What something is for: "an LC input filter for a 200 kHz buck" is no buck."""
_CONTEXTS = frozenset(
    "buck_converter boost_converter buck_boost_converter linear_regulator rectifier wien_oscillator "
    "colpitts_oscillator crystal_oscillator astable_555 level_shifter noninverting_amplifier ac_amplifier "
    "instrumentation_amplifier "
    "relaxation_oscillator load_switch led_resistor class_ab matching_network attenuator".split()
)
"""Kits that are often only what another circuit is for."""
_ADJECTIVES = frozenset({"inverting_amplifier", "noninverting_amplifier"})
"""Kits whose words also say how another circuit is: "an inverting summer", "a non-inverting Schmitt trigger"."""
_ADJECTIVE_OF = frozenset(
    "summing_amplifier hysteresis_comparator integrator differentiator charge_pump buck_boost_converter ac_amplifier "
    "difference_amplifier transimpedance_amplifier precision_rectifier active_lowpass active_highpass active_bandpass "
    "level_shifter voltage_follower peak_detector instrumentation_amplifier log_amplifier sample_and_hold "
    "common_emitter common_source common_base emitter_follower source_follower".split()
)


def _others(text: str, kits: Collection[str]) -> list[Choice] | None:
    """The kits that rows name; null if the likeliest row has none."""
    found: dict[str, tuple[float, bool]] = {}
    without = 0.0
    contexts = [match.span() for match in _CONTEXT.finditer(text)]
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
    stated = [name for name in ("twin", "rlc", "rl", "active", "rc", "lc") if _COMPILED_TECHNIQUES[name].search(text)]
    wishes = list(stated)
    if "rc" in wishes and "active" in wishes:
        wishes.remove("rc")
    needs_more = _needs_more(text, labels)
    literal = re.search(r"(?<!\w)r-?c(?!\w)", text, re.IGNORECASE) is not None
    if "rc" in wishes and not literal and needs_more and order(text) != 1:
        wishes.remove("rc")
    if "passiv" in text.lower() and ("rc" in stated or "lc" in stated) and not {"rlc", "twin"} & set(stated):
        low = max((each.value for each in labels if each.quantity.unit == "Hz"), default=1e3) < _AUDIO
        named = _COMPILED_LC.search(text) is not None
        simple = "rc" in stated or kind == "bandstop" or (not needs_more and low)
        wishes = ["rc", "lc"] if simple and low and not named else ["lc", "rc"]
    defaults = _by_default(kind, labels, needs_more)
    ordered = [*wishes, *(each for each in defaults if each not in wishes)]
    found = []
    for place, technique in enumerate(ordered):
        name = next((each for each in _FILTERS.get((kind, technique), ()) if each in kits), None)
        if name is not None:
            found.append(Choice(name, 3.0 - 0.2 * place, technique in wishes))
    return [each for each in found if each.stated] if wishes else found


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
