"""Words by which a request for firmware is understood, in English, French, German and Spanish."""

from __future__ import annotations

import re


def _any(*words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w])(?:{'|'.join(words)})", re.IGNORECASE)


ASKS = _any(
    r"set ?-?up", r"configur", r"init", r"writ", r"generat", r"creat", r"mak[ei]", r"need", r"give", r"want", r"code",
    r"program", r"implement", r"enabl", r"use\b", r"using", r"driv", r"blink", r"toggl", r"produce", r"provide", r"bring",
    r"start", r"run", r"send", r"read", r"sampl", r"output", r"measur", r"prepare", r"build", r"please", r"should",
    r"must", r"route", r"wake", r"feed", r"clock", r"print",
    r"écri", r"ecri", r"génèr", r"gener", r"génér", r"crée", r"créer", r"fais", r"faire", r"mets", r"mettre", r"besoin",
    r"donne", r"veux", r"voudrais", r"active", r"programme", r"utilis", r"il faut", r"il me faut", r"prépar", r"clignot",
    r"schreib", r"erzeug", r"erstell", r"richte", r"einricht", r"einstell", r"stell", r"brauch", r"möchte", r"bitte",
    r"mach", r"aktivier", r"soll", r"nutz", r"verwend", r"gib", r"lass", r"blink", r"takte",
    r"escrib", r"crea", r"haz", r"hacer", r"necesit", r"quiero", r"quisiera", r"pon\b", r"poner", r"activ", r"usa",
    r"dame", r"prepara", r"debe", r"parpade", r"manda", r"envi", r"mide", r"lee",
)  # fmt: skip
QUESTION = re.compile(
    r"\s*(?:hi|hello|hey|bonjour|salut|hallo|hola)?[ ,!.]*(?:what|why|which|when|who|where|explain|describe|compare|is|are|"
    r"does|do|did|tell me (?:about|why|what)|how (?:many|much|does|is|are|come|fast|accurate)|difference|"
    r"should i|pourquoi|quelle?s?|qu'est|que\b|comment (?:fonctionne|marche)|explique|combien|est-ce|quand|"
    r"warum|wieso|was\b|welche\w*|wie (?:viele?|funktioniert|schnell|genau)|erkläre?|ist\b|sind\b|"
    r"por qué|porque|qué|cuál|cuánt\w*|cómo funciona|explica|es\b|¿)",
    re.IGNORECASE,
)
HOW_TO = re.compile(r"how (?:do|can|should|would) (?:i|you|we)|how to|comment (?:configurer|faire|initialiser|régler)|wie "
                    r"(?:konfiguriere|richte|stelle|kann ich|initialisiere)|cómo (?:configuro|hago|puedo|inicializo)",
                    re.IGNORECASE)  # fmt: skip
REPAIR = _any(r"fix", r"debug", r"bug", r"wrong with", r"doesn'?t work", r"not work", r"review", r"corrige", r"répare",
              r"ne (?:marche|fonctionne) pas", r"repariere", r"funktioniert nicht", r"geht nicht", r"no funciona",
              r"arregla", r"revisa", r"hard ?fault", r"error:", r"undefined reference")  # fmt: skip
STM32 = re.compile(r"stm ?-?32|nucleo|blue ?pill|black ?pill|cubemx|cubeide|\bHAL_|discovery board", re.IGNORECASE)

HAL = re.compile(r"\bHAL\b|cube ?mx|cube ?ide|stm32cube|\bcube\b", re.IGNORECASE)
NO_HAL = re.compile(
    r"(?:rid of|away from|instead of|statt|au lieu de(?: la)?|en vez de|registers? or|registres? ou(?: la)?|register oder|registros o|plain registers.{0,30}) (?:ST's |the |any )?HAL\b|\bHAL (?:or|ou|oder|o) (?:plain |bare )?regist\w+|(?:\bno|without|sans|ohne|sin|pas de|pas la|keine?|nicht|nada de|ning[uú]n\w*|don'?t use|\bnot|never|avoid) (?:mit |use |using |usar |utiliser )?(?:the |any |la |die |der |el |ST's )?hal\b",
    re.IGNORECASE,
)  # fmt: skip
REGISTERS = re.compile(
    rf"regist|bare[- ]?metal|\bcmsis\b|{NO_HAL.pattern}|direct access|baremetal|"
    r"low[- ]level drivers|\bLL\b",
    re.IGNORECASE,
)

INTERRUPT = _any(r"interr?upt", r"irq", r"\bisr\b", r"interruption", r"unterbrech", r"interrupci", r"exti", r"nvic",
                 r"rxne", r"par it\b", r"\bit\b(?= mode)")  # fmt: skip
_NOT_INSTEAD = "".join(
    rf"(?<!{word} )"
    for word in ("instead of", "rather than", "not", "no", "without", "statt", "anstatt", "kein", "nicht", "lieu de", "lieu de la", "plutôt que", "sans", "en vez de", "en lugar de", "sin")
)  # fmt: skip
"""What makes of a word of polling a wish for its opposite."""
NO_INTERRUPT = _any(r"(?:no|without|sans|ohne|sin|kein\w*|not? (?:by|use)) (?:any |an |the |d')?(?:interru\w*|irqs?)",
                    rf"{_NOT_INSTEAD}(?:polling|polled|scrutation|pollend|por sondeo|sondeo)")  # fmt: skip
DMA = re.compile(r"(?<!no )(?<!without )(?<!sans )(?<!ohne )(?<!sin )(?<!kein )\bdma\d?\b", re.IGNORECASE)
TX_ONLY = _any(r"t(?:x|ransmit(?:ter)?|ransmission)[- ]only", r"only (?:tx|transmit|send)", r"(?:seulement|uniquement) (?:en )?"
               r"(?:tx|émission)", r"émission seule", r"tx seul", r"nur (?:tx|senden)", r"s[oó]lo (?:tx|transmi)",
               r"output only", r"just tx", r"only needs? (?:to )?(?:send|transmit|tx)", r"no rx", r"without rx", r"ohne rx",
               r"sans rx", r"sin rx")  # fmt: skip
RX_ONLY = _any(r"r(?:x|eceive(?:r)?|eception)[- ]only", r"only (?:rx|receive)", r"(?:seulement|uniquement) (?:en )?(?:rx|réception)",
               r"réception seule", r"nur (?:rx|empfangen)", r"s[oó]lo (?:rx|recep)", r"just rx", r"no tx",
               r"without tx")  # fmt: skip
FLOW = _any(r"rts ?[/+,&]? ?(?:and |et |und |y )?cts", r"cts ?[/+,&]? ?(?:and |et |und |y )?rts", r"hardware (?:flow|handshak)",
            r"flow control", r"contrôle de flux", r"flusssteuerung", r"control de flujo", r"hw flow")  # fmt: skip
ECHO = _any(r"echo", r"écho", r"send(?:s|ing)? (?:it )?back", r"renvo", r"zurück(?:send|geb|schick)", r"\beco\b",
            r"devuelv", r"reenv", r"sends back")  # fmt: skip
EVERY = _any(r"every", r"each", r"once (?:a|per)", r"toutes? les", r"tous les", r"chaque", r"alle", r"jede[nrs]?", r"cada",
             r"periodic", r"périod", r"periodisch", r"period")  # fmt: skip
SLAVE = _any(r"slave", r"esclav", r"peripheral mode", r"secondary", r"target mode")
LSB = _any(r"lsb", r"least significant bit first")
CONTINUOUS = _any(r"continu", r"free[- ]running", r"kontinuier", r"fortlaufend", r"dauernd", r"freilaufend", r"circular",
                  r"circulaire", r"zirkular", r"nonstop")  # fmt: skip
INTERNAL_PULL = _any(r"internal pull", r"pull-?ups? (?:enabled|on|interne)", r"résistances? (?:de tirage |pull-?up )interne",
                     r"interne[nr]? pull", r"pull-?ups? intern", r"resistencias? (?:de )?pull-?up intern",
                     r"with (?:the )?pull-?ups?", r"(?:avec|mit|con) (?:les |den |los )?pull-?ups?")  # fmt: skip
PULL_UP = _any(
    r"pull(?:ed)?[- ]?up", r"pull-?ups?", r"tirage (?:vers le )?haut", r"rappel (?:au|vers le) (?:plus|haut)"
)
PULL_DOWN = _any(r"pull(?:ed)?[- ]?down", r"tirage (?:vers le )?bas", r"rappel à la masse")
RISING = _any(r"rising", r"montant", r"steigend", r"subida", r"ascend", r"low[- ]to[- ]high", r"positive edge")
FALLING = _any(r"falling", r"descendant", r"fallend", r"bajada", r"descend", r"high[- ]to[- ]low", r"negative edge")
BOTH_EDGES = _any(r"both edges", r"(?:any|either|each|every) edge", r"rising (?:and|&|/|or) falling", r"deux fronts",
                  r"beide\w* flanken", r"ambos flancos", r"montants? et descendants?", r"chang", r"rising/falling",
                  r"steigend\w* und fallend\w*", r"subida y (?:de )?bajada", r"tous les fronts")  # fmt: skip
OPEN_DRAIN = _any(r"open[- ]?drain", r"drain ouvert", r"drenador abierto", r"\bod\b")
HIGH_START = _any(r"initial(?:ly|isé\w*)? (?:high|on|à 1|haut)", r"(?:start|anfangs|initial|ruhe|default)\w*\W+(?:\w+\W+){0,2}?(?:high|haut|alto)\b", r"(?:on|lit|high) (?:while awake|before)", r"start(?:s|ing)? (?:high|on)", r"\bhigh\) (?:at|on) (?:the )?(?:start|boot|reset)", r"high at (?:the )?start",
                  r"default high", r"default(?:s)? to high", r"idle high", r"anfangs (?:an|high)", r"active[- ]low",
                  r"(?:état )?haut au (?:départ|démarrage)", r"inicialmente (?:alto|en alto)", r"set high")  # fmt: skip
BLINK = _any(r"blink", r"flash(?!\s*(?:mem|lat|wait|read|write))", r"clignot", r"parpade", r"toggl\w*", r"heartbeat",
             r"umschalt", r"bascul", r"altern", r"conmut", r"pulse\b")  # fmt: skip
TOGGLES = _any(r"toggl", r"toggel", r"umschalt", r"bascul", r"altern", r"conmut", r"invert", r"invers(?:er|es?|ez)\b", r"change(?:s)? (?:the )?state", r"flip",
               r"commut", r"switch(?:es)? (?:the )?led", r"wechsel", r"cambi", r"clignot", r"blink",
               r"parpade")  # fmt: skip
BOTH = _any(
    r"both", r"all of them", r"(?:toutes? |tous )?les deux", r"beide", r"ambos", r"ambas", r"all (?:three|with)"
)
SECOND = _any(
    r"another", r"second", r"other", r"autre", r"deuxième", r"zweite", r"weitere", r"otro", r"otra", r"segundo"
)
COMPLEMENTARY = _any(r"complement", r"complément", r"komplement", r"half[- ]bridge", r"demi-pont", r"halbbrücke",
                     r"dead[- ]?time", r"temps mort", r"totzeit", r"tiempo muerto", r"h-bridge", r"medio puente",
                     r"inverter leg", r"ch\d ?/ ?ch\dn", r"ch\dn\b")  # fmt: skip
DEAD = _any(r"dead[- ]?(?:time|band)", r"temps mort", r"totzeit", r"tiempo muerto")
SERVO = _any(r"servo")

HSE = re.compile(
    r"\bHSE\b|crystal|quartz|xtal|quarz|cristal|(?<!TIM\d )external (?:\d+ ?MHz|clock(?! mode)|osc\w*|source)|oscillat(?:or|eur) externe|"
    r"(?<!modo de )(?<!mode )(?<!mode d')(?:horloge|reloj) extern\w|externe\w* (?:takt(?![- ]?modus)|oszillator|quarz)|resonator|\bTCXO\b|oscillator module",
    re.IGNORECASE,
)
HSI = re.compile(
    r"\bHSI(?:16)?\b|internal (?:rc|osc\w*|clock)|(?:oscillateur|horloge) interne|interne\w* (?:rc|takt|oszillator)|"
    r"oscilador interno|reloj interno|(?:no|without|sans|ohne|sin) (?:an? |external )?(?:crystal|quartz|quarz|cristal|hse)",
    re.IGNORECASE,
)
BYPASS = re.compile(r"bypass|clock input|active oscillator|st-?link mco|\btcxo\b|oscillator module", re.IGNORECASE)
CORE = re.compile(
    r"sys ?-?clk|system clock|\bcore\b|\bcpu\b|\bmcu\b|\bhclk\b|\bpll\b|run(?:s|ning)? at|clock(?:ed)? (?:at|to|of|the)|"
    r"horloge (?:système|à|de|du)|cadenc|fréquence (?:système|cœur|coeur|cpu)|systemtakt|\btakt\b|kerntakt|getaktet|"
    r"reloj (?:del? sistema|a|de)|frecuencia (?:del? (?:sistema|cpu|núcleo))|\bfcpu\b|main clock|full speed|overclock|"
    r"tourne|läuft|laufen|corre|clock tree|\bclock\b|horloge|reloj|\brunning\b|\bat \d+ ?mhz",
    re.IGNORECASE,
)

ONE_PULSE = _any(r"one[- ]?(?:pulse|shot)", r"single[- ](?:pulse|shot)", r"mono-?(?:coup|stable|flop)", r"einzel(?:ner )?(?:im)?puls", r"un seul (?:coup|pulse)",
                 r"impulsion unique", r"monoestable", r"un solo (?:pulso|impulso)", r"pulso [úu]nico", r"opm\b", r"einmal-?puls")  # fmt: skip
CENTRED = _any(r"cent(?:er|re)[- ]?aligned", r"align[ée]e? au centre", r"centr[ée]e?s?\b", r"mittig", r"mittenzentriert", r"zentriert", r"centrad[oa]",
               r"alineado al centro", r"phase[- ]correct", r"up[- /]?down count", r"symmetric", r"symétrique")  # fmt: skip
INVERTED = _any(r"active[- ]low", r"invert(?:ed|ing)? (?:output|polarity|pwm)", r"(?:output )?polarity (?:is )?(?:low|inverted)", r"low[- ]active", r"inverted",
                r"polarité inversée", r"invertiert", r"invertid[oa]", r"aktiv low", r"actif bas")  # fmt: skip
BREAK = _any(r"break(?: input|[- ]in\b|\b)", r"bkin", r"brake input", r"emergency (?:stop|shut)", r"fault input", r"not-?aus", r"entrée (?:de )?(?:frein|break)",
             r"entrada de (?:freno|break)", r"bremseingang")  # fmt: skip
COUNTS = re.compile(r"(?:count|tick|zähl|zaehl|compt|cuent|contador|resolution|auflösung|résolution|resolución|time[- ]?base|timer clock|prescal|Zählrate|increment|timestamp)",
                    re.IGNORECASE)  # fmt: skip
COUNTS_EDGES = re.compile(
    r"external[- ]clock[- ]mode(?: ?1)?|(?:modo|mode) (?:de |d')?(?:reloj|horloge) extern\w+|extern\w* takt-?modus|(?:contador|compteur) extern\w+|"
    r"external (?:event |pulse )?counter|externe[rn]? (?:ereignis|impuls)?zähler|impulszähler|pulse counter|"
    r"(?:count|zähl|compt|cont[aá])\w*\W+(?:\w+\W+){0,3}?(?:pulses|edges|impuls\w*|flancos|fronts|flanken|pulsos)", re.IGNORECASE,
)  # fmt: skip
"""A timer whose clock is an input."""
FREE = _any(r"free[- ]?run", r"freilauf", r"frei ?laufend", r"en roue libre", r"libre\b", r"timestamp", r"stopwatch", r"time[- ]?stamp", r"32[- ]?bit (?:counter|timer|free)",
            r"r[au]n(?:s|ning)? freely", r"l[äa]uft frei", r"frei laufen", r"tourne librement", r"corre libre", r"\d+-?bit-?(?:mikro|milli|nano)sekundenz[äa]hler", r"(?:mikro|milli|nano)sekundenz[äa]hler",
            r"compteur (?:de |des |en |à la )?(?:micro|milli|nano)seconde", r"contador (?:de |en )?(?:micro|mili|nano)segundos", r"zeitstempel", r"horodat", r"marca de tiempo", r"microsecond (?:counter|timer|clock|tick)")  # fmt: skip
TICKS = re.compile(r"(\d+(?:[.,]\d+)?)\s?([mµμun])s (?:steps?|schritt\w*|pas\b|pasos?|tick|resolution|counter|count|timer tick|per (?:tick|count)|auflösung|résolution|de résolution|resolución|time ?base)|"
                   r"(?:resolution|tick|count\w*|auflösung|résolution|resolución)\W+(?:of |de |von |every |at |= ?|is )?(\d+(?:[.,]\d+)?)\s?([µμun]s)", re.IGNORECASE)  # fmt: skip
DEBOUNCE = _any(r"de-?bounc", r"anti-?rebond", r"entprell", r"antirrebote", r"anti-?rebote", r"bouncing", r"prellen")
SHOWS = (r"(?:shows?|displays?|indicates?|mirrors?|reflects?|zeigt|spiegelt|affiche|montre|indique|reflète|muestra|indica|refleja)\W+(?:the |den |l'|el |le |la )?"
         r"(?:state|status|level|position|zustand|pegel|état|niveau|estado|nivel)")  # fmt: skip
"""An output that tells an input's level."""
WHILE_PRESSED = re.compile(r"(?:when|while|if|whenever|as long as|wenn|solange|quand|si|tant que|cuando|mientras)\b.{0,20}?P[A-K]\d{1,2}\)? (?:is |goes |gets |ist |est |está )?(?:low|high|pulled|driven|bas\b|haut\b|alto|bajo)|(?:while|as long as|only when|whenever|when|if|tant que|lorsque|quand|solange|wenn|mientras|cuando)\b.{0,40}?(?:press|held|hold|pushed|down|appuy|enfonc|"
                           r"gedrückt|pulsad|presionad|apretad)|(?:follows?|mirrors?|suit|folgt|spiegelt|sigue|refleja)\b.{0,30}(?:button|switch|bouton|taster|bot[óo]n|input|pulsador|P[A-K]\d)|" + SHOWS, re.IGNORECASE)  # fmt: skip

_DENIED = re.compile(r"(?:\bno|\bnot|without|\bdon'?t (?:use|need|want)(?: an?| any| the)?|sans|\bpas de|ohne|kein\w*|\bsin|\bning[uú]n\w*|\bni|disabled?|no need for)(?: an?| any| the| d['e]?)?\s*$",
                     re.IGNORECASE)  # fmt: skip
_REFUSED = re.compile(r"\s*(?:\w+ )?(?:is |are |ist |est |es )?(?:not needed|isn'?t needed|unused|disabled|off\b|nicht (?:nötig|benötigt|gebraucht)|inutile|no necesari)", re.IGNORECASE)  # fmt: skip


def said(pattern: re.Pattern[str], text: str) -> bool:
    """Whether a text says a word without denying it: "no break input" doesn't say "break input"."""
    return any(
        not _DENIED.search(text[: match.start()]) and not _REFUSED.match(text[match.end() :])
        for match in pattern.finditer(text)
    )


PORT_PIN = r"P[A-K](?:1[0-5]|\d)(?!\d)"
ACTED = re.compile(
    rf"(?:toggl\w*|blink\w*|flash\w*|clignot\w*|parpade\w*|allum\w*|éteind\w*|encend\w*|enciend\w*|apag\w*|(?:turn|switch|drive|light)\w*(?: on| off| up| high| low)?|schalt\w*|invertier\w*|invers(?:er|es?|ez)|invertir|invert|bascul\w*|commut\w*|"
    rf"conmut\w*)(?: (?:pin|the|la|le|den|el|der|die|das|line|output|on|off|broche|sortie|salida))* (?={PORT_PIN})|"
    rf"{PORT_PIN}\)? ?(?:\(\w+\) )?(?:is |goes |stays |then |to |auf |à |a |wird |est |soll |must |should |be |geht |gehen |state )*(?:high(?![- ]?(?:speed|imped))|low(?![- ]?(?:speed|power|level))|(?:on|off)\b(?= *(?:while|when|for \d|after|at (?:start|boot|reset)|[.,;)]|$))|"
    rf"toggl\w*|blink\w*|flash\w*|umschalt\w*|umgeschaltet|an\b(?= *(?:[.,;]|$))|einschalt\w*|ausschalt\w*|lights? up|leuchte\w*|clignot\w*|parpade\w*|invert\w*|bascul\w*|allum\w*|toggeln|wechsel\w*|{SHOWS})(?!\w* +(?:pin |the |la |le |den |el )?{PORT_PIN})",
    re.IGNORECASE,
)  # fmt: skip
"""A pin that something is done to, without a noun: an output."""
IS_HIGH = re.compile(r"P[A-K]\d{1,2}\)? high\b(?![- ]?(?:speed|imped))|(?:is|goes|stays|set|put|drive\w*|auf|wird|est|à|a|en|be) (?:logic |l'état )?(?:high\b(?![- ]?(?:speed|imped))|haut\b|alto\b)|(?<!active )(?<!active-)\bhigh (?:while|when|at|during|initially)", re.IGNORECASE)  # fmt: skip
TURN_ON = re.compile(
    r"\b(?:turn\w*|switch\w*)\W+(?:\w+\W+){0,4}?on\b|\bon at (?:start|boot|power)|allum\w*|enciend\w*|encend\w*|einschalt\w*|"
    r"schalt\w*\W+(?:\w+\W+){0,5}?ein\b", re.IGNORECASE,
)  # fmt: skip
CONDITION = re.compile(
    r"(?<![\w'])(?:if|when(?:ever)?|while|until|unless|as (?:soon|long) as|wenn|sobald|falls|solange|bis|quand|lorsque|si|dès que|"
    r"tant que|cuando|mientras|hasta|alarm\w*|by (?:the )?(?:button|interrupt)|each|every|toggl\w*|blink\w*)\b", re.IGNORECASE,
)  # fmt: skip
NO_PLL = re.compile(
    r"(?:\bno|without|sans|ohne|\bsin|not use|bypass\w*) (?:using )?(?:any |the |la |le |den |die |el )?PLL|"
    r"PLL (?:is )?(?:off|disabled|unused|aus|désactivée?)|direct(?:ly|ement|amente|o)?\b(?=.{0,30}(?:HSI|HSE|clock|crystal|quartz|MHz))|"
    r"(?:HSI|HSE|crystal|oscillator)\W+(?:\w+\W+){0,2}?direct", re.IGNORECASE,
)  # fmt: skip
ALTERNATE = re.compile(
    r"alternat\w*|alternad\w*|alternan\w*|abwechselnd|en alternance|in turns?\b|in opposite phase|wechselweise|wechselblink",
    re.IGNORECASE,
)
