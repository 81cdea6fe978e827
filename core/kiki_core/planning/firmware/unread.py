"""Behaviour that a request names and its plan hasn't: what a program is to do beyond setting peripherals up."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from kiki_core.planning.firmware import can, words
from kiki_core.planning.firmware.actions import ACTIONS
from kiki_core.planning.firmware.chips import CHIPS, chip_in
from kiki_core.planning.firmware.commands import CHARACTER
from kiki_core.planning.firmware.lexicon import strangers
from kiki_core.planning.firmware.spelt import left

_Entries = Sequence[Mapping[str, Any]]


def _has(*keys: str) -> Callable[[_Entries], bool]:
    return lambda entries: any(entry.get(key) not in (None, False, "", 0, ()) for entry in entries for key in keys)


def _is(key: str, *values: str) -> Callable[[_Entries], bool]:
    return lambda entries: any(entry.get(key) in values for entry in entries)


def _never(entries: _Entries) -> bool:
    return False


_CHASE = (r"running light|\bchas(?:e|er|ing)\b|lauflicht|chenillard|knight ?rider|luz corrida|luces secuenciales|one after (?:the other|another)|nacheinander|"
          r"l'un après l'autre|un[oa] tras otr[oa]")  # fmt: skip
_BEHAVIOUR: Sequence[tuple[str, str, Callable[[_Entries], bool]]] = (
    ("debouncing", words.DEBOUNCE.pattern, _has("debounce_ms", "samples")),
    ("printf", r"\bprintf|retarget|stdout", _has("printf")),
    ("the ring buffer", r"ring[- ]?(?:buffer|puffer)|circular buffer|(?:tampon|buffer) circulaire|b[úu]fer circular",
     lambda entries: any(entry["kind"] == "usart" and (entry.get("interrupt") or entry.get("idle")) for entry in entries)
     or any(entry["kind"] in ("adc", "dac") and entry.get("dma") for entry in entries)),
    ("the echo", r"\becho(?:es|ed|ing)?\b|\bécho\b|\beco\b", lambda e: _has("echo")(e) or any(each["kind"] == "capture" for each in e) or not any(each["kind"] == "usart" for each in e)),
    ("the idle line interrupt", r"\bidle[- ]?(?:line|interrupt|detect|irq)", _has("idle")),
    ("the driver enable of RS-485", r"driver[- ]enable|RS-?485.{0,30}\b(?:DE|RTS|direction)\b", _has("driver_enable")),
    ("half duplex", r"half[- ]?duplex|single[- ]wire|halbduplex|semi-?duplex", _has("half_duplex", "driver_enable")),
    ("the DAC's trigger", r"(?:\bDAC|CNA\b).{0,60}(?:trigger|trgo|déclench|getrigger|ausgelöst|dispar)", lambda e: _has("trigger")(
        [each for each in e if each["kind"] in ("dac", "adc")]) or not any(each["kind"] == "dac" for each in e)),
    ("the waveform", r"(?:triang|dreieck|saw-?tooth|sägezahn|dents? de scie|diente de sierra)\w*|\bsin(?:e|us|uso\w*|oid\w*)\b", _has("wave")),
    ("centre-aligned counting", words.CENTRED.pattern, _is("aligned", "center")),
    ("the inverted output", r"invert(?:ed|ing)? (?:output|polarity|pwm)|polarity (?:low|inverted)|polarité inversée", _has("inverted", "complementary")),
    ("the break input", r"\bbreak(?: input|[- ]in)?\b(?! (?:detect|char|length|interrupt|symbol|field))|\bbkin|brake input", _has("stop")),
    ("the single pulse", words.ONE_PULSE.pattern, _has("one_pulse", "once")),
    ("the interrupt's priority", r"\bpriorit|prioridad|priorität", lambda entries: any("priority" in entry for entry in entries)),
    ("injected conversions", r"injected|injekt|injiziert|injecté|inyectad", _has("injected")),
    ("the analogue watchdog", r"analog(?:ue)?[- ]watch-?dog|\bAWD\d?\b", lambda entries: any("low" in entry or "high" in entry for entry in entries)),
    ("oversampling", r"oversampl|suréchantillonn|überabtast|sobremuestreo", _has("oversample", "oversampling")),
    ("averaging", r"averag|moyenn|mittelwert|mittelung|promedi|\bmean\b|median|smooth|moving", _has("oversample", "average")),
    ("the alarm", r"\balarm|wecker\b", _has("alarm")),
    ("the window of the watchdog", r"watch-?dog.{0,40}(?:window|fenster|fenêtre|ventana)|(?:window|fenster).{0,12}watch-?dog", lambda e: _has("closed_ms")(e) or any(each["kind"] == "wwdg" for each in e)),
    ("the early wake-up interrupt", r"early[- ]wake|\bEWI\b", lambda e: any(each["kind"] == "wwdg" and each.get("interrupt") for each in e)),
    ("the filter", r"\bfilter|\bfiltr", lambda e: _has("filter_id", "oversample")(e) or any(each["kind"] in ("encoder", "capture") for each in e)),
    ("the slave", r"\bslave (?:mode|at|address 0x|with)|as (?:an? )?(?:i2c |spi )?slave|mode esclave|als slave|como esclavo", lambda e: _has("slave")(e) or _is("role", "slave")(e) or _has("address")(e)),
    ("open drain", r"open[- ]?drain|drain ouvert|drenador abierto", lambda e: _has("open_drain", "half_duplex")(e) or any(each["kind"] == "i2c" for each in e)),
    ("the receive filter's mask", r"\bmask 0x", _has("filter_mask")),
    ("switching something on and off", r"(?:switch|turn)\w*\W+(?:\w+\W+){0,5}?off\b|(?:first|second|one|other)\b.{0,30}(?:switch|turn)\w*|schalt\w*\W+(?:\w+\W+){0,6}?aus\b|éteind|éteint|apaga",
     lambda e: _has("follows", "lights", "blink_hz", "high_ms", "toggles", "sets", "clears", "commands", "turn_ms", "chase_ms", "woken", "stop")(e) or not any(each["kind"] == "gpio" for each in e)),
    ("what received characters do", r"(?:mit|with|when|if|on|bei|avec|quand|con|recib\w*|receiv\w*|char\w*|letter|zeichen|command) ['\"‘“][^'\"]{1,8}['\"’”]|['‘][^']{1,3}['’] (?:turns?|switch|to|for|=|:|allume|schaltet|enciende|pour|para|zum|für)|\b(?:on|when|if|bei|wenn|al|sur)\b[^.;]{0,40}(?:recib\w+|recei\w+|arriv\w*|réception|empf\w+|reçoit)\W+(?:\w+\W+){0,3}['‘\"“][^'\"]{1,8}['’\"”]", _has("commands")),
    ("sending what is read", r"\b(?:print(?:s|ed|ing)?|sen[dt]s?|sending|report(?:s|ed)?|transmit(?:s|ted)?|output(?:s|ted)?|show(?:s|n)?|dump(?:s|ed)?|log(?:s|ged)?|stream(?:s|ed)?|affich\w*|envoy\w*|envoie\w*|imprim\w*|ausgeb\w*|ausgegeben|gibt?|sende\w*|schick\w*|env[ií]\w*|manda\w*|muestr\w*)\b",
     lambda e: not any(each["kind"] == "usart" and each.get("direction") != "rx" for each in e) or not _has("reads", "command")(e) or _has("values", "reports", "printf", "greeting")(e)),
    ("scanning the bus", r"\bscan\w*\b.{0,20}(?:bus|i2c|address|adress)|(?:bus|i2c)[- ]?scan", _never),
    ("a computation", r"\b(?:compute|calculate|calcul\w*|berechn\w*|deduce|estimate)\b(?!.{0,16}CRC)", lambda e: any(each["kind"] == "crc" for each in e)),
    ("the longest timeout", r"max\w* (?:possible )?time-?out|longest (?:possible )?time-?out|größte\w* timeout", _never),
    ("what is sent at a press", r"press\w*|gedrückt|appuy|pulsa(?:r|do)|each time", lambda e: not (any(each.get("greeting") for each in e) and any(each.get("direction") == "in" for each in e))),
    ("passing bytes on", r"bridg|forward|pass-?through|gateway|goes out|<->|weiterleit|retransm|reenv[ií]a", lambda e: sum(each["kind"] == "usart" for each in e) < 2 or _has("forwards")(e)),
    ("alternating", words.ALTERNATE.pattern, lambda e: _has("turn_ms", "chase_ms")(e) or any(each.get("initial") and each.get("blink_hz") for each in e)),
    ("what several inputs do together", r"\b(?:both|either|all (?:two|three|four)?|any|beide\w*|alle|les deux|ambos|ambas|l[oa]s dos)\b\W+(?:of (?:the|them)\W+)?(?:\w+\W+){0,6}?(?:are |is |sind |sont |están )?(?:pressed|held|pushed|closed|gedrückt|geschlossen|appuyés?|enfoncés?|fermés?|pulsad\w*|presionad\w*|apretad\w*|cerrad\w*)",
     lambda e: _has("gate")(e) or sum(each["kind"] == "gpio" and each["direction"] == "in" and (each.get("edge", "none") != "none" or _has("toggles", "sets", "clears")([each])) for each in e) > 1),
    ("retransmission", can.ONCE.pattern, lambda e: _has("once", "one_pulse")(e) or not any(each["kind"] == "can" for each in e)),
    ("all pins", r"all (?:the |unused |other )?(?:gpios?|pins|ports)\b", lambda e: sum(each["kind"] == "gpio" for each in e) > 3),
    ("the reason of a reset", r"reset (?:reason|cause|source|flags?)|boot (?:count|reason)", _never),
    ("the size of the ring buffer", r"(?:ring|circular)[- ]?buffer\W+(?:(?:of|with|size)\W+){0,2}\d", _has("ring")),
    ("sleep on exit", r"sleep[- ]on[- ]exit", _never),
    ("a differential input", r"\bdifferen[tz]i(?:al|ell)|différentiel|diferencial", lambda e: _has("differential")(e) or not any(each["kind"] == "adc" for each in e)),
    ("the limits", r"threshold|\bleaves|exceed|outside (?:of )?\d|seuil|schwelle|umbral|dépass|überschreit|supera", lambda e: any("low" in each or "high" in each for each in e)),
    ("SPI with one data line", r"3[- ]wire|bidirectional|\bBIDI|single data line|drei ?draht|trois fils", lambda e: _has("one_line")(e) or not any(each["kind"] == "spi" for each in e)),
    ("what the alarm does", r"alarm.{0,40}(?:turn|switch|light|sets? P|allum|einschalt|enciend)", _has("toggles", "sets", "clears")),
    ("what a value controls", r"control(?:s|led|la)?\b|steuer|contrôl|proportional|according to|dépend|depend|abhängig|sets the (?:duty|brightness|speed|frequency)", lambda e: _has("follows")(e) or not any(each["kind"] == "adc" for each in e)),
    ("toggling", r"toggl|toggel|umschalt|bascul|conmut", lambda e: _has("toggles", "blink_hz", "high_ms", "burst", "commands")(e)),
    ("the pattern of blinks", r"(?:times|fois|\bmal|veces)\b.{0,40}(?:paus|then|puis|dann|luego)|(?:double|triple)[- ](?:blink|flash)", _has("burst")),
    ("a running light", _CHASE, _has("chase_ms")),
    ("the output's speed", r"(?:high|medium|max\w*|fast)[- ](?:output |slew )?speed|geschwindigkeit|vitesse (?:élev|maxi|haute|moy)|alta velocidad|velocidad m[áa]xima",
     lambda e: _has("speed", "max_hz", "speed_hz", "baud")(e) or not any(each["kind"] == "gpio" for each in e)),
    ("waking from low power", r"(?:wak\w*|weck\w*|réveil\w*|despiert\w*)\b.{0,24}(?:stop|stand-?by|sleep|schlaf|veille)", lambda e: any(each["kind"] == "lowpower" for each in e)),
    ("a fade or pattern", r"\bfad(?:e|ing)|breath|\bramp(?:s|ing)?\b(?! signal)|\bsweep|dimm\w* (?:up|down|slowly|langsam)|slowly (?:up|brighter)|traffic light|feu tricolore|ampel\b|sem[áa]foro|"
     r"\bpattern|morse|\bSOS\b|melod|\btune\b|\bsong|sequence of (?:leds?|colou?rs)", lambda e: _is("wave", "sawtooth")(e) or _has("turn_ms", "fade_ms")(e)),
    ("a control loop", r"\bPID\b|closed[- ]loop|control loop|regelung|régulation|lazo cerrado|thermostat|hysteres", _never),
    ("starting in the init", r"(?:start|arran|inici|lanc|démarr|gestartet)\w*\W+(?:\w+\W+){0,3}?(?:in|during|en|dans|während|pendant|durante)\W+(?:the |la |l'|der )?ini[tc]", lambda e: not any(each["kind"] == "copy" for each in e) or _has("at_start")(e)),
    ("a unit conversion", r"(?:send|print|report|show|display|output|log)\w*\W+(?:the )?(?:\w+ ){0,3}?(?:degrees|celsius|fahrenheit|milli-?volts?|volts|rpm)\b|(?:in|to|as|into|en|als|nach) (?:milli-?volts?|mV\b|volts?\b|degrees|celsius|°C|fahrenheit|rpm|grad celsius|grados|degrés)|convert\w* (?:the |it |them )?(?:\w+ )?(?:to|into)|umrechn|conviert\w*\b(?! (?:el )?P[A-K]\d)", _never),
    ("commands that come in", r"commands?\b.{0,30}(?:over|via|from|by) (?:the )?(?:uart|usart|serial)|pars(?:e|er|ing)|command[- ]line|\bshell\b|\bmenu\b|at commands|protocol\b|packet|checksum|\bcobs\b|\bnmea\b", _never),
    ("text on a display", r"(?:display|show|draw|print|write|affich\w*|zeig\w*|anzeig\w*|muestra|dibuj\w*)\W+(?:\w+\W+){0,6}?(?:oled|lcd|display|screen|écran|bildschirm|pantalla|tft)", _never),
    ("speed or position", r"\brpm\b|velocity|(?:motor |rotation(?:al)? |wheel )speed|speed (?:of|in|measure)|vitesse de rotation|drehzahl|velocidad", _never),
    ("the phase between channels", r"phase[- ]?(?:shift|offset|angle)|déphas|phasenversch|phasenverschiebung|desfas|degrees apart|out of phase|quadrature output", _never),
    ("timers that drive each other", r"cascad|chained? timers?|timers? chain|(?:gated|reset) (?:mode|timer)|timers?\b.{0,20}slave mode|slave mode.{0,12}timer|master[/ -]slave|synchroni[sz]", lambda e: any(each.get("pwm") or each.get("one_pulse") for each in e)),
    ("LIN, receiver timeout or FIFO", r"\bLIN\b(?! ?ear)|receiver time-?out|\bRTO\b|break detect", _has("lin", "timeout_bits")),
    ("counting outer pulses", r"external clock mode|count(?:s|ing)? (?:external |incoming |rising )?(?:pulses|edges|events|impulses)|\bETR\b|impulszähl|comptage d'impulsions|contar pulsos|pulse counter", lambda e: _is("starts", "ETR")(e) or _has("etr")(e) or _has("counts")([each for each in e if each["kind"] == "capture"]) or any(each["kind"] == "gpio" and each.get("edge", "none") != "none" for each in e)),
    ("output compare", r"output[- ]compare|toggle on match|\bOC\d?\b mode|compare match", _never),
    ("dual converters", r"dual[- ](?:mode|adc|regular|simultan)|simultaneous|interleaved|gleichzeitig|simultan[ée]", _never),
    ("a second buffer", r"double[- ]buffer|ping-?pong|half[- ](?:transfer|complete)|doppelpuffer|double tampon|doble b[úu]fer", _never),
    ("a UART's special mode", r"auto[- ]?baud|synchronous mode|multi-?processor|address mark|swap (?:tx|rx|pins)|\bbreak character", _never),
    ("the inverted line", r"invert(?:ed|s)? (?:tx|rx)|(?:tx|rx) (?:is )?invert|\bSBUS\b", _has("inverted")),
    ("CAN FD's data phase", r"\bBRS\b|bit ?rate switch|data (?:phase|bit ?rate)|datenphase|débit de données|64[- ]byte|fd frames?|can fd mode|mit FD", lambda e: _has("data_bitrate")(e) or not any(each["kind"] == "can" for each in e)),
    ("clock security or spreading", r"clock security|\bCSS\b|spread spectrum", _never),
    ("supply supervision", r"brown-?out|\bBOR\b|\bPVD\b|voltage detector", lambda e: any(each["kind"] == "pvd" for each in e)),
    ("option bytes", r"option bytes?|read[- ]?protect|\bRDP\b|\bfuses?\b|write protect", _never),
    ("backup registers or tamper", r"backup (?:register|domain|sram)|\bBKP|tamper|time-?stamp (?:pin|event)", _never),
    ("the chip's own number", r"unique (?:device )?id|\bUID\b|96[- ]bit", _never),
    ("the trace port", r"\bITM\b|\bSWO\b|semihost", _never),
    ("bit-banging", r"bit-?bang|soft(?:ware)? (?:i2c|spi|uart|pwm)|software-?(?:i2c|spi|uart)", _never),
    ("locked pins", r"\bLCKR\b|lock (?:the )?(?:pin|gpio)", _never),
    ("another language", r"(?<![A-Za-z])C\+\+|\brust\b|assembl(?:y|er)\b|ensamblador", _never),
    ("a protocol of one wire or of its own", r"DS18[BS]20|\bDHT ?-?\d\d|AM2302|WS281\dB?|SK6812|neopixel|HC-?SR04|HX711|1-wire|one[- ]wire(?! (?:uart|half))|HD44780|seven[- ]segment|7[- ]seg\w*|74HC595|keypad|matrix keyboard|"
     r"stepper|schrittmotor|pas à pas|paso a paso|infrared|\bIR (?:remote|receiver)|\bRC5\b|\bNEC (?:protocol|code)|\bDALI\b|\bDMX|dshot", _never),
    ("bit reversal or another polynomial", r"polynom|reflect|reversed?\b|crc-?(?:8|16|7|ccitt)|initial value|xor", _never),
)  # fmt: skip
_PATTERNS = tuple((name, re.compile(pattern, re.IGNORECASE), fulfilled) for name, pattern, fulfilled in _BEHAVIOUR)
_TALKS = re.compile(r"\bread|\bget\b|fetch|driver\b|library|\bdraw|\bshow|lire|lis\b|récup|auslese|\blies\b|abfrag|treiber|pilote|\bleer\b|\blee\b|controlador|initiali[sz]e the|who_?am_?i|jedec|chip[- ]?id|"
                    r"measure (?:the )?(?:temp|accel|press|hum|dist)|set the time|write (?:a )?(?:page|byte|text)|erase", re.IGNORECASE)  # fmt: skip
_PART = re.compile(
    r"(?<![A-Za-z0-9_])(?=[A-Za-z0-9-]*\d)(?=[A-Za-z0-9-]*[A-Z]{2})[A-Z][A-Za-z0-9]{1,4}-?\d[A-Za-z0-9-]{1,8}(?![A-Za-z0-9_])"
)
"""What looks like a part's number: capitals with digits."""
_OURS = re.compile(r"(?:STM32|LP?UART|US?ART|UART|SPI|I2C|I2S|TIM|ADC|DAC|CAN|FDCAN|MCO|GPIO|EXTI|DMA|HSI|HSE|LSE|LSI|APB|AHB|PCLK|CH|IN|AF|RS|CRC|TRGO|MPU|P[A-K]|SWD|ISO|USB|ST|M|NUCLEO|DISCO|PLL|CRC|UTF|ASCII)[- _]?\d*[NPQRS]?\d*(?:[_-].*)?",
                   re.IGNORECASE)  # fmt: skip
_HEX = re.compile(r"(?<![\w])0x([0-9a-f]{1,8})(?![\w])", re.IGNORECASE)
_COUNTED = re.compile(r"(?<![\w.,/-])(\d{1,6})[- ](?:bytes?|octets?|samples?|points?|words?|interrupts?|overflows?|ticks?|counts?|steps?|times|readings?|values?|entries|measurements?|leds|pulses|mots|wörter|"
                      r"palabras|werte|muestras|échantillons|valeurs|conversions?|impulsions|impulse|pulsos|blinks)(?!\w)", re.IGNORECASE)  # fmt: skip
_IF = re.compile(r"(?<![\w'])(?:if(?! (?:possible|you|needed|i |that|there))|when(?:ever)?(?! (?:you|i |it starts|possible))|until|unless|as soon as|wenn(?! möglich)|sobald|falls|while (?:the|both|all|any|either|an?|P[A-K]\d|pressed|held)|as long as|solange|tant que|mientras|quand|lorsque|dès que|jusqu'à ce|cuando|en cuanto|hasta que)\b",
                 re.IGNORECASE)  # fmt: skip
_REACTS = (
    "follows",
    "toggles",
    "wake_pin",
    "alarm",
    "wakeup_s",
    "stop",
    "idle",
    "echo",
    "greeting",
    "interrupt",
    "slave",
    "lights",
    "expects",
    "sets",
    "clears",
    "commands",
    "quiet_ms",
    "timeout_bits",
    "woken",
)
_LEVEL = re.compile(
    r"(?<![\w.,/:-])[1-9]\d{2,4}(?![\w/:]|[.,]\d|\s?(?:[kKM]?(?:Hz|S/s|sps)|[munµ]?s\b|bauds?|bit|cycles|zyklen|ciclos|m?V\b|%))"
)
"""A converter's counts, where limits are set by them."""
_CHANNELS = re.compile(
    r"(?<![\w.])(\d{1,2})[- ](?:PWM |ADC |analog )?(?:channels|canaux|kanäle|canales)(?!\w)", re.IGNORECASE
)
_SCALED = re.compile(
    r"(?<!AHB )(?<!APB1 )(?<!APB2 )(?:prescaler|vorteiler|prédiviseur)s? ?(?:of |=|:|de |/)? ?(\d{1,5})(?!\d)",
    re.IGNORECASE,
)
_SHIFTED = re.compile(
    r"(?:shift\w*|versch\w*|décal\w*|desplaz\w*)\W+(?:(?:right|left|by|of|de|um|à|a|la|derecha|droite|rechts|nach)\W+){0,4}(\d)(?!\d)|"
    r"\b(?:um|by|de) (\d)[- ]?bits? (?:\w+ ){0,2}(?:geschoben|verschoben|shift|décal|desplaz|rechts)", re.IGNORECASE,
)  # fmt: skip
"""By how many bits the sum of an oversampled conversion is shifted; the plan shifts it back to 12."""
_TIMED = re.compile(r"(?:micro|milli|nano|mikro|mili)(?:se[ck]|s\b)|\d ?[µμunm]s\b|free(?:ly|[- ]run)", re.IGNORECASE)
_CALL = re.compile(r"(?<![\w.>])([a-z][a-z0-9]*(?:_[a-z0-9]+)+|[a-z]+[A-Z]\w+)\s?\((?:[^)]{0,40})\)")
_OFFERED = re.compile(
    r"delay_(?:ms|us)|board_init|main|\w+_(?:write|read|transfer|start|send|receive|refresh|position|ask|now|pulse)|_write",
    re.IGNORECASE,
)


def unread(text: str, plan: Mapping[str, Any]) -> Iterator[str]:
    """What a text (without the device's name) wants a program to do that the plan hasn't, in words for the answer."""
    entries: _Entries = plan["peripherals"]
    for name, pattern, fulfilled in (*_PATTERNS, *ACTIONS):
        if words.said(pattern, text) and not fulfilled(entries):
            yield name
    yield from left(text, times=any(entry["kind"] == "rtc" for entry in entries))
    yield from (f"what “{word}” asks for" for word in strangers(_bare(text, plan)))
    yield from _parts(text, entries)
    yield from _denied(text)
    ports = [entry for entry in entries if entry["kind"] == "usart"]
    known = {each[:4] for entry in ports for each in entry.get("commands", ())}
    for match in CHARACTER.finditer(text) if ports else ():
        said = any(match.group(1) in str(entry.get("greeting", "")) for entry in ports)
        if f"0x{ord(match.group(1)):02X}" not in known and not said:
            yield f"what '{match.group(1)}' does"
    values = set(_whole(plan))
    for match in _HEX.finditer(text):
        number = int(match.group(1), 16)
        split = number > 255 and {number >> 8, number & 255} <= values
        if not split and not {number, number | 0x80, number >> 1} & values:
            yield match.group(0)
    for match in _COUNTED.finditer(text):
        number = int(match.group(1))
        if number == len([entry for entry in entries if entry["kind"] == "gpio" and entry["direction"] == "out"]):
            continue
        if not {number, number - 1, number + 1} & values and number > 1:
            yield match.group(0)
    if any("low" in entry or "high" in entry for entry in entries):
        for match in _LEVEL.finditer(text):
            if int(match.group(0)) not in values:
                yield match.group(0)
    every = [
        len(entry["channels"]) if isinstance(entry.get("channels"), (list, tuple)) else entry.get("channels", 0)
        for entry in entries
    ]
    for match in _CHANNELS.finditer(text):
        if int(match.group(1)) not in {*every, sum(every)} and any(every):
            yield match.group(0)
    if (found := _IF.search(text)) and not _reacts(entries):
        yield f"what is to happen “{' '.join(text[found.start() :].split()[:6])}”"
    ratios = [entry["oversample"] for entry in entries if entry.get("oversample")]
    for match in _SHIFTED.finditer(text) if ratios else ():
        if 2 ** int(next(part for part in match.groups() if part)) not in ratios:
            yield f"the shift of the sum ({match.group(0)})"
    if _TIMED.search(text) and any(
        entry["kind"] == "timer" and not {"frequency_hz", "tick_hz", "prescaler", "counts", "trigger"} & set(entry)
        for entry in entries
    ):
        yield "the timer's count rate"
    for match in _SCALED.finditer(text):
        if int(match.group(1)) not in values and int(match.group(1)) > 1:
            yield match.group(0)
    for match in _CALL.finditer(text):
        if not _OFFERED.fullmatch(match.group(1)):
            yield f"the function {match.group(1)}"


_DENIED = re.compile(
    r"(?<![\w'’])(?:without|with no|no|sans|pas d(?:e |['’])|ohne|kein\w*|sin|ning[uú]n\w*|disabled?)\s+(?:any |an? |the |la |le |l['’]|el |den |die |das )?((?:[^\W\d_]{2,}[- ]?){1,3})",
    re.IGNORECASE,
)
_ABSENT = re.compile(
    r"interr?u|\bIRQ|DMA|poll|sondeo|scrutation|block|bloqu|cr[iy]stal|quart?z|\bHS[EI]|extern|intern|oscill|\bPLL|boost|\bHAL|library|librer|biblioth|cube|ll driver|rtos|operating|\bOS\b|parit|paridad|flow|flux|flujo|pull|résist|widerst|resist|"
    r"debounc|delay|prescal|vorteil|prédivis|buffer|puffer|tampon|break|dead|echo|mosi|miso|\bN?SS\b|\bCS\b|\b[RT]X|chip|receiv|recep|empfang|envoi|send|idle|timeout|filter|filtr|SWO|debug|float|printf|stdio|more|less|faster|slower|longer|"
    r"later|need|matter|other|else|problem|idea|special|particular|further|besonder|weiter|besti?m|bestück|extra|additional|change|touch|one\b|way|comment|explan|main|loop|schleife|boucle|bucle|code|magic|device|board|part|sensor|display|load|last|que\b|glitch|gap|jitter|ripple|lost|loss|losing|perd|verlust|drift|tearing|arrêt|falta|embargo|dout",
    re.IGNORECASE,
)
"""What is absent by itself, or only spoken of, where a text denies it."""


def _denied(text: str) -> Iterator[str]:
    """What a text wants to be without that isn't absent by itself: "no clock stretching" asks for something."""
    for match in _DENIED.finditer(text):
        told = match.group(1)
        if _IF.search(text[max(0, match.start() - 24) : match.start()]):
            continue  # a condition: "when no byte comes"
        behaviours = (pattern for _, pattern, _ in (*_PATTERNS, *ACTIONS))
        if not _ABSENT.search(told) and not any(pattern.search(match.group(0)) for pattern in behaviours):
            yield f"“{' '.join(match.group(0).split())}”"


_QUOTED = re.compile(r"[\"“”«‘'`]([^\"“”«»‘’'`\n]{1,80})[\"“”»’'`]")
_NAME = re.compile(r"\b(?:called?|named?|label(?:l?ed)?|namens|nommée?|llamad[oa])\s+\W?\w+")


def _bare(text: str, plan: Mapping[str, Any]) -> str:
    """The text without what other checks have read: behaviours, chips, quoted texts."""
    for _, pattern, _ in (*_PATTERNS, *ACTIONS):
        if ".{" not in pattern.pattern:
            text = re.sub(rf"\w*(?:{pattern.pattern})\w*", " ", text, flags=re.IGNORECASE)
    for each in CHIPS:
        text = each.pattern.sub(" ", text)
    for entry in plan["peripherals"]:
        if greeting := str(entry.get("greeting", "")):
            text = text.replace(greeting, " ")
    return _NAME.sub(" ", _QUOTED.sub(" ", text))


def _reacts(entries: _Entries) -> bool:
    return _has(*_REACTS)(entries) or any(
        entry.get("edge", "none") != "none" or "low" in entry or "high" in entry or entry["kind"] == "capture"
        for entry in entries
    )


def _parts(text: str, entries: _Entries) -> Iterator[str]:
    """Parts that a program is to talk to, where the plan has no transfer for them."""
    if _has("reads", "writes", "command")(entries) or not _TALKS.search(text):
        return
    known = chip_in(text)
    if known is not None:
        yield f"talking to the {known[1]}"
        return
    for match in _PART.finditer(text):
        if not _OURS.fullmatch(match.group(0)):
            yield f"talking to the {match.group(0)}"
            return


def _whole(plan: Any) -> Iterator[int]:
    if isinstance(plan, Mapping):
        for each in plan.values():
            yield from _whole(each)
    elif isinstance(plan, (list, tuple)):
        for each in plan:
            yield from _whole(each)
    elif isinstance(plan, (int, float)) and not isinstance(plan, bool):
        yield round(plan)
