"""The words that name circuits: kinds of filters, techniques, and the rows of kits, in four languages."""

from __future__ import annotations

import re

from kiki_core.planning.kind_rows import FURTHER, Row
from kiki_core.planning.kind_rows import row as _row

_PASS = r"[- ]?(?:pass\w*|pas)"
KINDS = {
    "bandpass": r"band" + _PASS + r"|passe[- ]?bande|pasa[- ]?banda|paso[- ]?banda|paso de banda|\bbpf\b|bandfilter",
    "bandstop": r"notch\w*|muesca|ranura|zumbido|ronflement|ronflette|netzbrumm\w*|brummen|(?:take|filter|strip|"
        r"cut) out (?:the )?\d+|mains hum|\bhum\b|band[- ]?(?:stop|reject|sperr|elim)\w*|kerb\w*|coupe[- ]?bande|"
        r"r[ée]jecteur|r[ée]jection de|trap\b|rechaza[- ]?banda|elimina[- ]?banda|hum (?:filter|reject\w*|remov\w*)|"
        r"(?:kill|remove|reject|get rid of|null|suppress)\w* (?:the )?(?:\w+ )?(?:\d+ ?hz )?(?:mains |hum)|"
        r"sperrfilter|sperrkreis|brummfilter|\bbsf\b|twin[- ]?t",
    "lowpass": r"(?:attenuat|remov|reject|block|kill|cut|suppress|strip|filter)\w* (?:out )?(?:everything|all|anything|"
        r"frequencies|signals|noise) (?:\w+ )?above|low" + _PASS + r"|\blpf?\b|\bl\.p\.|tief" + _PASS + r"|"
        r"passe[- ]?bas|pasa[- ]?bajos?|"
        r"paso[- ]?bajos?|anti-?alias\w*|"
    r"high[- ]cut|treble cut|(?:class[- ]d|output) filter|keep\w* (?:[\w']+ ){0,3}below|smooth(?:ing)? filter|"
    r"reconstruction filter|tp-?filter",
    "highpass": r"(?:rid of|remov\w*|strip\w*|eliminat\w*) (?:the |any |its )?dc\b(?! hum)|(?:attenuat|remov|"
        r"reject|block|kill|cut|suppress|strip|filter)\w* (?:out )?(?:everything|all|"
        r"anything|"
        r"frequencies|signals|noise) (?:\w+ )?below|high" + _PASS + r"|\bhpf?\b|hoch" + _PASS + r"|passe[- ]?haut|"
        r"pasa[- ]?altos?|paso[- ]?altos?|dc[- ]block\w*|block(?:s|ing)? (?:the )?dc\b|low[- ]cut|rumble|(?:sub|"
        r"infra)-?s[oó]ni\w*|trittschall\w*|rumpel\w*|coupling cap\w*|koppelkond\w*|condensateur de liaison|"
        r"condensador de acoplo|keep\w* (?:[\w']+ ){0,3}above",
    "allpass": r"all" + _PASS + r"|passe[- ]?tout|pasa[- ]?todo",
}  # fmt: skip
TECHNIQUES = {
    "twin": r"twin[- ]?t\b|doppel-?t|double t\b",
    "rlc": r"(?<!\w)r-?l-?c(?!\w)|resonan(?:t|ce) circuit|schwingkreis|circuit résonant|circuito resonante|"
        r"tank circuit",
    "rl": r"(?<!\w)r-?l(?!\w|c)|inductor and (?:a )?resistor|resistor and (?:an )?inductor",
    "rc": r"(?<!\w)r-?c(?!\w)|(?<!\w)r (?:and|et|und|y|&|\+) c(?!\w)|r[ée]sist\w* (?:and|et|y|und) cap\w*|"
        r"widerst\w* und kondens\w*|resistor[- ]capacitor|first[- ]order|1st[- ]order|erster ordnung|premier ordre|"
        r"primer orden|single[- ]pole|one[- ]pole|einpolig",
    "lc": r"(?<!\w)r?-?l-?c(?!\w)|\bladder\b|inductors?\b|passiv\w*|pasiv\w*|leiterfilter|abzweig\w*|"
        r"doubly[- ]terminated|coil|spule\w*|bobine",
    "active": r"(?<!\w)acti[vf]\w*|op[- ]?amps?\b|operationsverst\w*|aktiv\w*|amplificateur op\w*|aop\b|"
        r"operacional\w*|sallen|mfb|multiple[- ]feedback|rauch|state[- ]variable|biquad|tow[- ]thomas|opv\b|\bkhn\b",
}  # fmt: skip


_RANGE = r"[-+±]?\d[\d.,]{0,8}\s?m?v?\s?(?:to|a|à|bis|-|–|…|\.\.+|hasta|jusqu'à)\s?[-+]?\d[\d.,]{0,8}\s?m?v(?!\w)"
"""Two voltages as one writes a range."""
NOT_NEEDED = re.compile(
    r"(?<!\w)(?:[\w-]{1,24} ){1,2}(?:is |are )?(?:not|isn't|aren't) (?:needed|required|necessary|wanted)\b|"
    r"\b(?:no need for|don't (?:need|want)|instead of|rather than) (?:an? |any |the )?[\w-]+",
    re.IGNORECASE,
)
"""What a request says that it doesn't want."""
_AMP = r"(?:amp\w*|stage|verst[äa]rk\w*|ampli\w*|etapa|[ée]tage|stufe|circuit|configuration)"
_AMPLIFIES = r"(?:amp\w*|stages?|gain|verst[äa]rk\w*|ampli\w*|etapa|[ée]tage|stufe|ganancia|db)(?!\w)"
"""A transistor's name alone is no amplifier: it may be a switch or a current source."""
_OPAMP = r"(?<!no )(?<!without )(?<!without an )(?<!ohne )(?<!sans )(?<!sin )op[- ]?amp"
ROWS: tuple[Row, ...] = (
    _row("howland_pump", r"howland", 3.6),
    _row("logic_shifter", r"(?:bss ?138|mosfet|nmos|logic)[- ](?:\w+ )?(?:level[- ])?(?:shift\w*|translat\w*)|"
        r"logic[- ]level (?:shift|translat|convert)\w*|logikpegel\w*|adaptateur de niveaux? logiques?|"
        r"(?:adaptador|conversor) de niveles? l[óo]gicos?|pegelwandler .{0,30}(?:mosfet|bss ?138)", 3.6),
    _row("compensated_probe", r"(?:oscillo)?scope probe|compensated (?:\S+ ){0,2}probe|tastkopf|"
        r"sonde (?:d'oscilloscope|compens[ée]e)|sonda (?:de osciloscopio|compensada)", 3.6),
    _row("tl431_shunt", r"tl ?43[12]\w?", 3.6),
    _row("crystal_oscillator", r"crystal|quar[tz]z?\w*|pierce\b|cristal", 3.4),
    _row("ring_oscillator", r"ring[- ]oscil\w*|ringoszil\w*|oscillateur en anneau|oscilador en anillo", 3.6),
    _row("monostable_multivibrator", r"(?:mono\w*|one-?shot).{0,40}transistor|transistor.{0,40}(?:mono\w*|one-?shot)",
        3.2),
    _row("monostable_555", r"mono(?:stable|flop|vibrat)\w*|one-?shot|single pulse|monoestable|impulsgeber", 2.4),
    _row("relay_driver", r"rela(?:y|is)\b|rel[ée]\b|solenoid", 2.4),
    _row("led_driver", r"(?:leds?\b.{0,40}(?:gpio|microcontroller|mcu|transistor|3\.3 ?v logic|pin\b|driver))|"
         r"(?:(?:gpio|microcontroller|mcu|transistor|driver).{0,40}\bleds?\b)", 2.6),
    _row("riaa_preamp", r"(?<!\w)riaa(?!\w)|phono|moving[- ]magnet|plattenspieler|tourne-?disque|tocadiscos", 3.6),
    _row("shelf", r"(?<!\w)shel(?:f|ving)(?!\w)|pre-?[ée]mphas\w*|pr[ée]-?accentuation|pre-?[ée]nfasis|(?:bass|"
        r"treble|low|high)[- ](?:boost|lift|emphasis|enhance\w*)|"
        r"bass-?anheb\w*|(?:tiefen|h[öo]hen|bass)(?:anhebung|entzerrer)|correcteur (?:de |d')?(?:graves|aigus|"
        r"tonalit[ée])|(?:realce|refuerzo) de (?:graves|agudos|bajos)|rehausse\w* (?:de |les |des )?(?:graves|aigus|"
        r"basses)", 3),
    _row("adjustable_regulator", r"lm ?317|lm ?350|lm ?338|lm ?1117[- ]?adj|adjustable (?:\w+ ){0,3}regul\w*|"
        r"r[ée]gulateur (?:de tension )?(?:r[ée]glable|ajustable)|einstellbare[rn]? (?:spannungs)?regler|"
        r"regulador (?:de tensi[óo]n )?(?:ajustable|variable)", 3.4),
    _row("zener_pass", r"zener\w* .{0,40}(?:pass[- ]transistor|series transistor|npn|bjt|transistor|"
        r"emitter[- ]follower)|(?:pass[- ]transistor|series transistor|npn|transistor|l[äa]ngstransistor|"
        r"ballast) .{0,40}(?:zener|z-?diode)|z-?diode\w* .{0,40}transistor", 3.2),
    _row("current_limiter", r"current[- ]limit\w*|limit\w* (?:the )?(?:\w+ )?current|strombegrenz\w*|"
        r"limiteur de courant|limitador de corriente", 3),
    _row("lc_supply_filter", r"(?:supply|input|emi|power|output)[- ](?:line )?filter (?:for|of|on) (?:an? |the |"
        r"my )?(?:\d\S* ?\w?hz )?(?:buck|boost|dc-?dc|switch\w*|smps|converter|psu|supply)", 3.2),
    _row("lc_supply_filter", r"(?:supply|input|emi|power)[- ](?:line )?filter|filter for (?:a|"
        r"the) (?:\w+ )?(?:supply|converter)|netzfilter|versorgungsfilter|filtre d'alimentation|damped lc", 2.2),
    _row("state_variable", r"state[- ]variable|\bkhn\b|zustandsvariable\w*|variables? d'état|variables? de estado", 4),
    _row("current_loop", r"4 ?(?:ma)? ?(?:-|–|to|\.\.+|…|a|à|bis|hasta) ?20 ?ma|current[- ]loop|stromschleife|"
        r"boucle de courant|lazo de corriente", 3.1),
    _row("voltage_to_current", _OPAMP + r"s?\b.{0,60}?current (?:sink|source)|current (?:sink|"
        r"source) .{0,60}(?:" + _OPAMP + r"|"
        r"control\w*)|voltage[- ](?:to[- ]|controlled )current|\bv-to-i\b|howland|spannungs-?strom|"
        r"tension[- ]courant|transconductance amp\w*|programmable current", 2.8),
    _row("charge_pump", r"charge pump|ladungspumpe|pompe de charge|bomba de carga", 3.4),
    _row("instrumentation_amplifier", r"(?:bridge|load[- ]?cell|strain[- ]?gauge|w[äa]gezelle\w*|messbr[üu]cke\w*|"
        r"dms|pont de (?:jauges|wheatstone)|jauges?|galga\w*|celda de carga|wheatstone) (?:\w+ ){0,2}(?:amp\w*|"
        r"verst\w*|pre-?amp\w*)|(?:amp\w*|verst\w*|ampli\w*) (?:\w+ ){0,3}(?:load[- ]?cell|strain[- ]?gauge|"
        r"wheatstone|jauges?|w[äa]gezelle|dms|galga\w*|celda de carga)", 2.6),
    _row("instrumentation_amplifier", r"instrumentation|in-?amp\b|instrumentenverst\w*|instrumentaci[óo]n|three op", 3),
    _row("difference_amplifier", r"differen(?:ce|tial|z)\w*[- ]?(?:op[- ]?amp\w* )?" + _AMP + r"|subtract\w*|"
        r"amplificateur (?:de diff|diff)\w*|amplificador (?:de )?diferen\w*|subtrah\w*|restador|soustract\w*|"
        r"differenzverst\w*|subtrahier\w*", 2),
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
        r"mcp ?60\d\d)\w{0,3}(?!\w)|op[- ]?amp\w*|operationsverst\w*|amplificateur op\w*|amplificador operacional|"
        r"(?<!\w)amplif(?:y|ier|icateur|icador)\b|verst[äa]rker\b|preamp\w*|vorverst\w*|pr[ée]ampl\w*", 0.6),
    _row("voltage_follower", r"(?:voltage|unity[- ]gain|op[- ]?amp)[- ](?:follower|buffer)|\bbuffer\b|"
        r"spannungsfolger|suiveur|seguidor de (?:tensi|volt)\w*|impedanzwandler", 2),
    _row("ac_amplifier", r"ac[- ]coupled|coupl[ée]\w* en (?:alternatif|ac\b)|ac-?gekoppelt\w*|"
        r"wechselspannungsgekoppelt\w*|kapazitiv gekoppelt\w*|acoplad\w* en (?:alterna|ca\b|ac\b)|"
        r"ac amplifier|mic(?:rophone|ro)?[- ]?(?:pre)?-?amp\w*|"
        r"single[- ]supply (?:\w+ )?(?:amp|gain|op)\w*|mikrofon\w*|wechselspannungsverst\w*|audio (?:pre)?-?amp\w*|"
        r"electret", 2),
    _row("level_shifter", r"level[- ]shift\w*|(?:map|scale|shift|translate|convert|bring)\w* .{0,40}(?:range|to 0|"
        r"0 ?(?:-|to|\.\.)|adc)|front[- ]end for (?:an? )?adc|fit\w* .{0,40}range|range of (?:an?|the) (?:adc|"
        r"converter)|pegelwandl\w*|adaptation de niveau|acondiciona\w*|signal conditioning|offset and (?:gain|"
        r"scale)", 1.8),
    _row("level_shifter", r"(?:[-−+±]?\d[\d.,]{0,8}\s?m?v\s?(?:->|→|=>|maps? to|becomes?|gives?|should (?:be|"
        r"give|read)|"
        r"devien\w*|donne\w*|wird zu|ergibt|soll\w* .{0,12}werden)\s?[-−+]?\d[\d.,]{0,8}\s?m?v.{0,24}){2,}", 2.6),
    _row("level_shifter", r"ramen\w+ .{0,40}(?:adc|can\b|\d ?v)|adapt\w* .{0,40}(?:adc|can\b)|"
        r"\bbias\w* .{0,30}adc", 1.9),
    _row("level_shifter", r"±\s?\d[\d.,]{0,8}\s?m?v (?:in(?:put)?|signal|sensor|am eingang|en entr[ée]e).{0,16}?"
        + _RANGE, 2.8),
    _row("level_shifter", _RANGE + r".{0,60}?" + _RANGE + r"(?=.{0,60}(?:opv|op-?amps?|opamps?|ampli|linear))", 2.2),
    _row("level_shifter", _RANGE + r".{0,36}?(?:to|into|onto|en|auf|in|vers|->|→|a|à)\s(?:the )?" + _RANGE, 1.8),
    _row("common_emitter", r"common[- ]emitter|emitterschaltung|[ée]metteur commun|emisor com[úu]n|"
        r"single[- ]transistor amp\w*|bjt amp\w*|npn amp\w*|one[- ]transistor amp\w*|transistor amplifier|"
        r"(?:bc ?\d{3}|2n ?\d{4})\w?(?!\w)[^.;]{0,60}(?<!\w)" + _AMPLIFIES + r"|"
        r"(?<!\w)" + _AMPLIFIES + r"[^.;]{0,60}(?:bc ?\d{3}|2n ?\d{4})\w?(?!\w)|transistorverst\w*|"
        r"\bce (?:amp|stage)\w*", 2.2),
    _row("emitter_follower", r"emitter[- ]follower|emitterfolger|common[- ]collector|collecteur commun|"
        r"kollektorschaltung|colector com[úu]n|seguidor de emisor|suiveur [àa] [ée]metteur|[ée]metteur suiveur", 2.6),
    _row("common_base", r"common[- ]base|basisschaltung|base commune|base com[úu]n", 2.6),
    _row("common_source", r"(?:mosfet|nmos)[- ]?verst\w*|ampli\w* (?:à |con |mit )?(?:un )?(?:mosfet|nmos)|"
        r"common[- ]source|sourceschaltung|source commune|fuente com[úu]n|mosfet amp\w*|nmos amp\w*|fet amp\w*", 2.6),
    _row("source_follower", r"source[- ]follower|common[- ]drain|sourcefolger|drain commun|seguidor de fuente|"
        r"fet (?:buffer|follower)", 2.8),
    _row("cascode", r"cascode|kaskode|cascodo", 3.2),
    _row("class_ab push_pull", r"class[- ]?ab\b|classe ab|clase ab|ab-?betrieb|push[- ]?pull|class[- ]?(?:a?b)\b|"
        r"gegentakt\w*|complementary (?:output|emitter)", 3.2),
    _row("current_mirror", r"current[- ]mirror|stromspiegel|miroir de courant|espejo de corriente", 3),
    _row("current_mirror", r"(?:constant[- ])?current (?:source|sink)|stromquelle|konstantstrom\w*|stromsenke|"
        r"source de courant|fuente de corriente", 2),
    _row("current_mirror", r"(?:constant[- ])?current (?:source|sink)|stromquelle|source de courant|"
        r"fuente de corriente", 1),
    _row("voltage_divider divider", r"divid(?:er|e|ing)\b|(?:by|with|w/|using|only|just) (?:two |2 |"
        r"a pair of )?resistors|(?:mit|avec|con) (?:zwei|deux|dos|2) (?:widerst|r[ée]sist)\w*|resistor ladder|"
        r"spannungsteiler|(?<!\w)teiler(?!\w)|diviseur|divisor|teile .{0,20}auf|resistive? (?:tap|divid\w*)|step(?:s|"
        r"ping)? .{0,24}down to .{0,20}resistors|scale .{0,16}down to", 2),
    _row("voltage_divider divider", r"(?<!frequency )divider(?!\w)|spannungsteiler|diviseur (?:de tension|r[ée]sistif)|"
        r"divisor (?:de tensi[óo]n|resistivo)", 2.4),
    _row("voltage_divider divider", r"(?:by|with|w/|using|only|just) (?:two |2 |a pair of )?resistors|(?:two|deux|"
        r"zwei|dos|2) (?:resist|r[ée]sist|widerst)\w*", 2.5),
    _row("wheatstone wheatstone_bridge bridge", r"wheatstone|strain gauge|br[üu]cke .{0,12}(?:dms|pt100)|"
        r"messbr[üu]cke|pont de wheatstone|puente de wheatstone", 2.2),
    _row("led_current_driver", r"constant[- ]current .{0,30}leds?\b|leds?\b .{0,30}constant[- ]current|"
        r"konstantstrom\w* .{0,30}leds?|leds?\b.{0,30}konstantstrom|courant constant .{0,30}leds?|"
        r"leds? .{0,40}(?:courant constant|corriente constante)|corriente constante .{0,30}leds?", 3.4),
    _row("led_resistor led", r"(?<!\w)leds?(?!\w)|leuchtdiode|diodo led", 1.8),
    _row("half_wave halfwave_rectifier half_wave_rectifier rectifier", r"hal[fv]e?[- ]?wave|einweg\w*|"
        r"simple alternance|mono-?alternance|media onda", 3),
    _row("full_wave bridge_rectifier full_wave_rectifier rectifier", r"full[- ]?wave|bridge rect\w*|rectif\w*|"
        r"gleichricht\w*|redress\w*|doppelweg\w*|br[üu]ckengleich\w*|graetz|double alternance|pont de diodes|"
        r"onda completa|puente (?:rectificador|de diodos)|diode bridge|full[- ]bridge(?! (?:conv|driver|inv))|"
        r"(?:reservoir|smoothing) cap\w*|siebelko|ladeelko|glättungs\w*|condensateur de filtrage|"
        r"linear (?:power )?supply from (?:the )?mains|netzteil", 2.4),
    _row("voltage_doubler doubler voltage_multiplier", r"doubl(?:er|eur|es?)\b(?! t\b| the| its| alternance| pole|"
        r" gain| supply)(?![- ]\w*(?:order|wound|diode))|multiplier|verdoppl\w*|doblador|villard|greinacher|"
        r"cockcroft", 3),
    _row("zener_regulator zener", r"zener\w*|shunt (?:volt\w* )?regul\w*|z-?diod\w*", 2.4),
    _row("ldo ldo_regulator linear_regulator series_regulator", r"\bldo\b|low[- ]drop\w*|"
        r"linear (?:voltage )?regulator|linearregler|r[ée]gulateur lin\w*|regulador lineal|(?:voltage )?regulator|"
        r"\blinear .{0,16}from|spannungsregler|r[ée]gulateur (?:de tension)?|regulador|series pass|l[äa]ngsregler|"
        r"pass transistor", 1.7),
    _row("buck buck_converter", r"\bbuck\b|step(?:s|ping)?[- ]?down(?! transf| with (?:two )?resist| by resist)|"
        r"abw[äa]rts\w*|tiefsetz\w*|abaisseur|d[ée]volteur|reductor|hacheur s[ée]rie|buck\w*", 3),
    _row("boost boost_converter", r"\bboost\w*\b(?!.*(?:op-?\s?amp|signal|gain|db\b)).{0,40}\d ?v\b|\bboost (?:conv|"
        r"reg|switch|dc|from|\d)\w*|^\W*boost:?$|boost-?(?:wandler|regler)|step(?:s|ping)?[- ]?up(?! transf)|"
        r"aufw[äa]rts\w*|hochsetz\w*|[ée]l[ée]vateur|survolteur|elevador\w*|hacheur parall\w*", 3),
    _row("buck_boost inverting_converter buck_boost_converter", r"buck[- ]?boost|inverting (?:dc|switch|conv)\w*|"
        r"inverswandler", 4),
    _row("lc_filter input_filter", r"(?:input|emi|output) filter for", 1),
    _row("wien wien_bridge wien_oscillator", r"wien\b|wien[- ]", 3),
    _row("phase_shift phase_shift_oscillator", r"oscil\w* (?:with|of) three (?:rc )?sections|phase[- ]shift oscil\w*|"
        r"phasenschieber-?\w*osz\w*|(?:oscil\w*|osz\w*|oscilad\w*) .{0,20}(?:d[ée]phasage|(?:desplazamiento|"
        r"corrimiento) de fase|phasenschieber\w*)", 3.4),
    _row("colpitts colpitts_oscillator", r"colpitts", 3),
    _row("hartley hartley_oscillator", r"hartley|tapped coil", 3),
    _row("clapp_oscillator", r"clapp", 3.4),
    _row("quadrature_oscillator", r"quadrat?ur\w*[- ]?(?:oscil|oszil)\w*|(?:oscil|oszil)\w* (?:en |de |"
        r"in )?(?:quadrat\w*|cuadratura)|"
        r"sine and cosine (?:osc|gen)\w*", 3.6),
    _row("astable_555 ne555_astable timer_astable ne555 timer_555", r"(?:ne)?555\b(?!.{0,60}(?:mono|one-?shot|pulse))",
        3),
    _row("monostable_555 ne555_monostable timer_monostable", r"(?:ne)?555\b.{0,60}(?:mono|one-?shot|pulse)|"
        r"(?:mono\w*|one-?shot).{0,60}555", 4),
    _row("astable_multivibrator", r"(?:square|oscil\w*|blink\w*|flash\w*|rechteck\w*).{0,40}(?:two|2|deux|zwei|"
        r"dos) (?:\w+ )?transistor\w*|astable|multivibrat\w*|flip-?flop (?:blink|flash)\w*|transistor (?:osc|blink|"
        r"flash)\w*|astabil\w*", 2.2),
    _row("relaxation relaxation_oscillator schmitt_oscillator", r"relaxation|comparator oscil\w*|"
        r"schmitt[- ]?(?:trigger )?oscil\w*|square[- ]?wave|rechteck\w*|signal carr[ée]|onda cuadrada|kipp\w*|"
        r"rc oscillator|generador de onda", 2),
    _row("triangle_generator", r"triang\w*|dreieck\w*|function generator|sawtooth|ramp gen\w*", 2.6),
    _row("wien wien_bridge wien_oscillator", r"sine(?:[- ]?wave)? (?:osc|gen)\w*|sinus\w*(?:osz|gen|oscil)?\w*|"
        r"oscillateur sinus\w*|oscilador senoidal", 2.1),
    _row("wien wien_bridge wien_oscillator", r"oscillat\w*|oszillat\w*|oscilad\w*", 0.8),
    _row("colpitts colpitts_oscillator", r"(?:rf|lc|mhz) oscil\w*", 1.6),
    _row("hysteresis_comparator schmitt_trigger", r"schmitt|bascule à hyst\w*|disparador schmitt|hyster[eé]s\w*|"
        r"hyst[ée]r\w*|histér\w*", 2.2),
    _row("hysteresis_comparator comparator", r"comparat\w*|komparat\w*|comparad\w*|schwellwert\w*|trips? at|"
        r"umschalt\w*", 1.6),
    _row("zero_crossing", r"zero[- ]cross\w*|nulldurchgang\w*|passage par z[ée]ro|cruce por cero", 3),
    _row("led_boost", r"leds?\b.{0,24}\bboost|\bboost .{0,24}\bleds?\b", 3.6),
    _row("flyback_converter", r"fly-?back(?! di)|sperrwandler|sepic|forward converter|push[- ]pull converter", 4.2),
    _row("attenuator", r"[-−]?\d+ ?db\b(?!.{0,60}hz).{0,30}\d ?(?:ohms?|Ω)\b.{0,24}(?:into|to|auf|vers|"
        r"a) .{0,8}\d ?(?:ohms?|Ω)", 1.7),
    _row("common_gate", r"common[- ]gate|gateschaltung|grille commune|puerta com[úu]n", 2.8),
    _row("boost_converter", r"\d ?v\b.{0,30}\bboost\b(?!.{0,20}(?:db|signal))", 2.6),
    _row("linear_regulator", r"\d ?v\b.{0,40}\blinear\b(?! phase)", 1.6),
    _row("load_switch", r"(?:irl?f?z?\d{2,4}\w?|2n7000|bss138|tip ?\d{2,3}\w?|darlington)\b.{0,12}(?:switch|"
        r"for (?:an? )?.{0,24}"
        r"(?:load|motor|lamp|heater|fan))", 2.2),
    _row("window_comparator", r"window (?:comp|det)\w*|fenster(?:komp|disk)\w*|comparateur [àa] fen[êe]tre|"
        r"comparador de ventana",
        3),
    _row("buck_boost_converter", r"\d ?v(?:olts?)?(?: \w+)? (?:to|->|→|into|auf|à|a|in) ?(?:get |"
        r"make )?[-−–] ?\d[\d.,]{0,8} ?v", 2.8),
    _row("buck_boost_converter", r"[-−–]\d[\d.,]{0,8} ?v.{0,24}(?:from|out of|aus|à partir de?|"
        r"desde) (?:a )?\+?\d[\d.,]{0,8} ?v", 2.6),
    _row("load_switch mosfet_switch", r"(?:mosfet|transistor|leistungs)-?schalter|schalttransistor|(?:interrupteur|"
        r"commutateur) (?:à |a )?(?:mosfet|transistor|nmos)|conmutador (?:con |a )?(?:mosfet|transistor)|"
        r"(?:low[- ]side|mosfet|nmos|transistor|npn|pnp|bjt|darlington) switch\w*|switch (?:a|the|an) .{0,20}(?:load|"
        r"relay|lamp|motor|solenoid)|schalte\w* .{0,20}(?:last|relais)|interrupteur|conmuta\w* .{0,16}(?:carga|"
        r"rel[ée])|relay driver|relaistreiber", 2),
    _row("high_side_switch", r"high[- ]side|p-?(?:channel |kanal[- ]?)?mos(?:fet)? (?:load )?switch|"
        r"pmos .{0,20}switch|(?:commutateur|interrupteur) c[ôo]t[ée] haut|lado alto|plus-?seitig\w*", 2.9),
    _row("integrator", r"integrat(?:or|eur)|integrierer|integrador|miller integr\w*", 2.6),
    _row("differentiator", r"differentiator|d[ée]rivateur|differenzierer|derivador|diferenciador", 3),
    _row("transimpedance transimpedance_amplifier", r"trans-?impedan\w*|\btia\b|photodiod\w*|"
        r"current[- ]to[- ]voltage|fotodiod\w*|strom-?spannungs\w*", 3),
    _row("precision_rectifier", r"rect\w* .{0,24}op-?\s?amp|precision (?:full[- ]?wave |half[- ]?wave )rect\w*|"
        r"(?:op-?amp|active) (?:\w+[- ]){0,2}rect\w*|(?:full|half)[- ]wave (?:precision|active|op-?amp) rect\w*|"
        r"redresseur (?:de pr[ée]cision|actif)|rectificador (?:de precisi[óo]n|activo)|betragsbildner|"
        r"aktiver gleichr\w*|valeur absolue|valor absoluto|precision rect\w*|super ?diode|absolute[- ]value|"
        r"pr[äa]zisionsgleich\w*|redresseur sans seuil", 4),
    _row("peak_detector", r"peak[- ]hold|maximalwert\w*|scheitelwert\w*|peak[- ]detect\w*|envelope|spitzenwert\w*|"
        r"d[ée]tecteur de cr[êe]te|detector de pico", 3),
    _row("clamp clipper limiter", r"clamp\w*|clip(?:per|ping)?\b|limiter|begrenz\w*|[ée]cr[êe]t\w*|recortador", 1.8),
    _row("attenuator", r"attenuat\w*\b(?!.{0,60}(?:hz|above|below|everything|frequenc)).{0,60}(?:resistors|"
        r"ohms?\b)", 2),
    _row("pi_attenuator attenuator_pi attenuator pad", r"\bpi\b[- ]?(?:pad|attenuat\w*|d[äa]mpf\w*)|π[- ]?(?:pad|"
        r"attenuat\w*)|attenuator|att[ée]nuateur|d[äa]mpfungsglied|atenuador|\bpad\b", 2.2),
    _row("t_attenuator attenuator_t tee_attenuator attenuator pad", r"\bt(?:ee)?[- ](?:pad|attenuat\w*|"
        r"network att\w*|d[äa]mpf\w*)|att[ée]nuateur en t\b|t-?glied|atenuador en t\b", 3),
    _row("matching_network", r"(?<!\w)l[- ](?:match\w*|network|section|netzwerk)|match(?:ing|es)?\b|anpass\w*|"
        r"adaptation (?:d'imp\w*|(?:en )?(?:l|pi|t)(?!\w))|adaptaci[óo]n|adaptar|adapt[ée]r? ", 2),
    _row("matching_network", r"\bpi[- ](?:match\w*|network|section|netzwerk)|r[ée]seau en pi", 3),
    _row("matching_network", r"(?<!feedback )\bt[- ](?:match\w*|network|section)(?!.{0,16} feedback)", 3),
    _row("series_resonator rlc_series resonator", r"series (?:rlc|resonan\w*)|serienschwing\w*|tank circuit|"
        r"resonan(?:t|ce) circuit|schwingkreis|circuit r[ée]sonant|circuito resonante|rlc series", 1.8),
    _row("rc_delay rc_step rc_timing", r"rise time of|delay of|verz[öo]gerung|retard de|retardo de|"
        r"(?:rc )?time[- ]constant|rc (?:charg|delay|step)\w*|zeitkonstante|constante de (?:temps|tiempo)|"
        r"rc[- ]glied|power-?on reset|reset delay", 2),
    _row("snubber rc_snubber", r"snubber|amortisseur rc|red snubber|bedämpf\w* (?:der )?schalt\w*", 3),
    _row("crossover", r"crossover|frequenzweiche|filtre (?:r[ée]partiteur|actif deux voies)|divisor de frecuencia", 3),
    _row("baxandall tone_control", r"baxandall|tone control|klangregler|bass and treble", 3),
    _row("allpass", r"phase shifter|phase shift of|d[ée]phas\w*|phasenschieber(?!-?\w*osz)\w*|phasendreh\w*|"
        r"desfas\w*|(?:desplazamiento|corrimiento) de fase|phase[- ]shift(?:s|ing|ed)?(?! osc)", 2),
    _row("gyrator", r"gyrator|simulated inductor", 3),
    *FURTHER,
)  # fmt: skip
