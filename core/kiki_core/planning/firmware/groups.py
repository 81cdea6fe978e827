"""A request taken apart: which words are about which peripheral."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from kiki_core.planning.firmware import words

PIN = re.compile(r"(?<![A-Za-z0-9_])P([A-K])[ _]?(1[0-5]|\d)(?!\d|[A-Za-z])", re.IGNORECASE)
_MORE = re.compile(
    r"(?<![A-Za-z0-9_])P([A-K])(1[0-5]|\d)((?:\s?/\s?(?:1[0-5]|\d)(?!\d|\w)){1,7}|\s?(?:-|\.\.|–|to|à|bis)\s?(?:P\1)?"
    r"(?:1[0-5]|\d)(?!\d))",
    re.IGNORECASE,
)


def pins_spelt(text: str) -> str:
    """The text with "PA5/6/7" and "PD12-PD15" written out."""

    def spelt(match: re.Match[str]) -> str:
        port, first, rest = match.group(1).upper(), int(match.group(2)), match.group(3)
        if "/" in rest:
            others = [int(each) for each in re.findall(r"\d+", rest)]
        else:
            last = int(re.findall(r"\d+", rest)[-1])
            if not first < last <= first + 15:
                return match.group(0)
            others = list(range(first + 1, last + 1))
        return "/".join(f"P{port}{number}" for number in (first, *others))

    return _MORE.sub(spelt, text)


@dataclass(slots=True)
class Group:
    """One peripheral as the text has it: its kind (as in plans), instance, and the parts of the text about it."""

    kind: str
    instance: str
    texts: list[str] = field(default_factory=list)
    number: int = 0

    @property
    def text(self) -> str:
        """All that is said of it."""
        return " ; ".join(self.texts)


@dataclass(frozen=True, slots=True)
class _Anchor:
    start: int
    end: int
    kind: str
    instance: str


_INSTANCES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(rf"(?<![A-Za-z0-9]){pattern}(?![0-9])", re.IGNORECASE))
    for kind, pattern in (
        ("usart", r"(LPUART|low[- ]power (?=uart))[ _-]?(1)?(?:uart)?"),
        ("crc", r"(CRC(?:[- ]?(?:32|unit|calculation|peripheral))?|checksum unit)()"),
        ("copy", r"(mem(?:ory)?[- ]?(?:to|2)[- ]?mem\w*|\bM2M|mémoire[- ](?:à|vers)[- ](?:la )?mémoire|(?:speicher|ram)[- ](?:zu|nach)[- ](?:speicher|ram)|"
                 r"memoria[- ]a[- ]memoria|(?:memcpy|cop(?:y|ies)|kopier\w*|copi(?:e[rz]?|ar?))(?=\W+(?:\w+\W+){0,8}?DMA)|DMA[- ](?:cop(?:y|ies)|kopie\w*))()"),
        ("cycles", r"(DWT|CYCCNT|cycle counter|delay_us|microsecond delays?|(?:us|µs)[- ]delay|compteur de cycles|zykluszähler|contador de ciclos)()"),
        ("usart", r"(US?ART|serial port|serial|port s[ée]rie|liaison s[ée]rie|puerto serie|serielle? schnittstelle)[ _-]?(\d{1,2})"
                  r"(?![\d,.]*\s?(?:k?(?:baud|bps|bit)|[78][NEO]))"),
        ("usart", r"(US?ARTs?|serial|s[ée]rie|seriell\w*|RS-?232|RS-?485|printf|terminal|modbus)(?![\w]|\s?wire|\s?peripheral)()"),
        ("spi", r"(SPI)[ _-]?(\d)?"),
        ("i2c", r"(I2C|IIC|I²C|TWI(?![a-z]))[ _-]?(\d)?"),
        ("timer", r"(TIM|TIMER|temporisateur|temporizador|zeitgeber)s?[ _-]?(\d{1,2})?(?![A-Za-z])"),
        ("pwm", r"(square[- ]wave|rechteck(?:signal)?|signal carré|onda cuadrada|PWM|MLI|servo\w*|pulse[- ]width)()"),
        ("encoder", r"(encoder|quadratur\w*|codeur|encodeur|drehgeber|inkrementalgeber)()"),
        ("capture", r"(pwm[- ]input(?: mode)?|entrée pwm|pwm-?eingang|entrada pwm|input[- ]capture|capture (?:input|on)|capture(?:[- ]d'entrée)?|eingangserfassung|captura|capture mode|pulse width measure\w*|"
                    r"frequency (?:counter|measure\w*)|frequenzmess\w*|periodenmess\w*|pulsbreitenmess\w*|mesur\w* (?:de |d'une |la |le |une )?(?:fréquence|période|largeur)|med(?:ir|ición|e) (?:de |la |el )?(?:frecuencia|per[ií]odo|ancho)|fréquencemètre|frecuencímetro|measure (?:the )?(?:frequency|period|pulse))()"),
        ("adc", r"(ADC|CAN analogique|analog(?:ue)? input|analog-?to-?digital\w*|entrée analogique|analogeingang|entrada anal[oó]gica|(?:convert|sample|digiti[sz]e)(?= (?:pin )?P[A-K]\d)|v_?ref_?int|(?:voltage|tension|spannung|voltaje|potentiomet\w*|potenci[óo]metro|poti|joystick|microphone|LDR|thermistor|NTC|analog sensor)(?=\W+(?:\w+\W+){0,4}?P[A-K]\d)|analog(?:ue)?[- ]watch-?dog|AWD\d?(?= )|watchdog analogique|"
                r"internal temp\w*|(?:die|chip|mcu) temp(?:erature)? ?sensor|(?:chip|mcu) temp\w*|capteur de température interne|interne\w* temperatur\w*|sensor de temperatura interno|convertisseur analogique|A/D)[ _-]?(\d)?"),
        ("dac", r"(DAC|CNA|digital-?to-?analog\w*|analog(?:ue)? output|sortie analogique|analogausgang|salida anal[oó]gica)[ _-]?(\d)?"),
        ("usb", r"(USB)(?![ -]?(?:c\b|serial|uart|to|2))()"),
        ("rtc", r"(RTC|real[- ]time clock|calendar|horloge temps réel|echtzeituhr|reloj de tiempo real|alarm[ea]?\b|wecker|wake-?up timer)()"),
        ("wwdg", r"(WWDG|window(?:ed)? watchdog|watchdog (?:à |avec |en )?(?:une )?fen[êe]tr\w*|watch-?dog with (?:an? )?window\w*|watchdog mit fenster|watchdog con ventana|fenster-?watchdog|watchdog de ventana)()"),
        ("iwdg", r"(IWDG|(?:independent )?(?<!analog )(?<!analogue )(?<!analog-)watch-?dog\w*|chien de garde|perro guardi[áa]n)()"),
        ("pvd", r"(PVD|(?:programmable )?voltage detector|brown-?out (?:warning|interrupt)|supply (?:supervis|monitor)\w*(?! with))()"),
        ("mco", r"(MCO|clock output|sortie d'horloge|taktausgang|salida de reloj|(?:SYSCLK|HSE|HSI|LSE|LSI|PLL\w*)(?: ?/ ?\d+)?(?= (?:undivided )?(?:out )?(?:on|at|to|sur|auf|an|en) (?:pin )?(?:PA8|PC9)))[ _-]?([12])?"),
        ("lowpower", r"(low[- ]?power|sleep(?:ing|s)?\b|stop[- ]?mode|stop ?[012]\b|standby|stand-by|enter(?:s|ing)? stop|mode (?:stop|veille|standby|"
                     r"sleep)|basse consommation|veille|stromspar\w*|schlafmodus|stopp?-?modus|bajo consumo|modo (?:stop|standby|"
                     r"sleep|de bajo consumo)|wfi)()"),
        ("systick", r"(sys ?tick|(?:system|millisecond|ms|µs|us) tick(?:s|er)?)()"),
    )
)  # fmt: skip
_CAN = re.compile(
    r"(?<![A-Za-z0-9])((?:bx|FD)?CAN)[ _-]?(\d)?(?![0-9A-Za-z])(?!\s+(?:you|i|we|it|anyone|be|someone)\b)"
)
_CAN_NUMBERED = re.compile(r"(?<![a-z0-9])((?:fd|bx)?can)[ _]?([1-3])(?![0-9a-z]| you| we)", re.IGNORECASE)
_CAN_LOOSE = re.compile(
    r"(?<![a-z0-9])((?:fd|bx)can|can)[ -]?(\d)?(?= ?(?:bus|fd\b|at|à|mit|con|[12]\b|\d+ ?k))", re.IGNORECASE
)
FLEXIBLE = re.compile(r"[ -]?fd\b", re.IGNORECASE)
_GPIO = re.compile(
    r"(?<![A-Za-z0-9])(?<!DE[- ])(traffic lights?|ampel|feux? tricolores?|sem[áa]foro|tacho\w*|tach(?: output| signal| line)?(?= (?:on|at|an|sur|en))|(?:hall|reed|limit|flow|PIR|door)[- ](?:sensor|switch|contact)(?= (?:on|at|an|sur|en))|LEDs?|LD\d|blinky|lamps?|(?-i:DELs?|D\.E\.L\.?s?)|push ?buttons?|buttons?|boutons?|tast(?:er|en?druck|en?)(?![a-zäöü])|B1(?= (?:at|on|an|auf|sur|en|\(?P[A-K]\d))|tasters|knopf|botón|boton|pulsador|switch(?=\W+(?:on|at|input|p[a-k]\d))|keys?(?= )|"
    r"relays?|relais|relé|buzzer|GPIOs?(?![A-K]?->)|EXTI\d*|outputs?(?= (?:pins?|on|p[a-k]\d))|(?<!break )(?<!trigger )(?<!capture )(?<!analog )inputs?(?= (?:pins?|on|with|p[a-k]\d))|"
    r"sorties?(?= (?:sur|push|open|p[a-k]\d))|entrées?(?= (?:sur|avec|p[a-k]\d|num))|ausgang|eingang|salida(?= )|entrada(?= )|"
    r"(?:(?<=p[a-k]\d )|(?<=p[a-k]\d\d ))(?:as |als |en |comme |como )?(?:an? |une? |digital |analog )?(?:outputs?|inputs?(?! capture)|sorties?|entrées?|salidas?|"
    r"entradas?|ausgang|eingang|analog\w*(?! (?:input|in\b|channel))|push-?pull|open-?drain)|"
    r"(?:parallel|8[- ]bit) (?:output|input)s?(?: port)?|(?:output|input) port|(?:push-?pull|open-?drain|digital|gpio) (?:outputs?|inputs?)|(?:as|als|en|como) analog\w*(?! in)|analog(?:ue)? (?:mode|state)|"
    r"digital (?:in|out)put|chip[- ]?select|enable pin|external interrupt|interrupci[oó]n externa|"
    r"interruption externe|externer interrupt)(?![A-Za-z])",
    re.IGNORECASE,
)
_UNIT = re.compile(r"[.,]?\d*\s?(?:[kMG]?(?:Hz|bits?\b|b/s|bps|bauds?|Bd|S/s|sps)|[mun]?s\b|[mun]?V\b|%|ch\b|channels?|pins?)",
                   re.IGNORECASE)  # fmt: skip
_PLAIN = re.compile(r"(?:rising|falling|both|any)[- ]edges?|fronts? (?:montant|descendant)|deux fronts|beide\w* flanken|ambos flancos|(?:steigende|fallende)\w* flanke|"
                   r"flanco de (?:subida|bajada)|interr?up\w*(?= (?:on|at|an|auf|sur|en) (?:pin |the |la |le |den |el )?P[A-K]\d)|(?:blink|toggl|flash|clignot|blinke?|parpade)\w*(?= (?:pin |la |le |den |el )?P[A-K]\d)",
                   re.IGNORECASE)  # fmt: skip
_CLAUSE = re.compile(
    r"(?:[;\n]|(?<!\.)[.!?](?=\s|$)|,(?!\d)|\s\+\s|\s&\s|(?<=\s)(?<!\d\s)(?:and|et|und|y|e)(?=\s)|(?<=\s)(?:and|et|und|y|e)(?=\s(?!\d))|(?<=\s)(?:plus|then|also|puis|dann|außerdem|luego|además|sowie|"
    r"ainsi que|with also|along with)(?=\s))",
    re.IGNORECASE,
)
_PACES = re.compile(
    r"trigger|trgo|pac(?:e|ing)|clocked by|driven by|getrigger|ausgelöst|déclench|cadenc|dispara", re.IGNORECASE
)
_WAVED = re.compile(r"noise|triang|sine|saw|bruit|rauschen|dreieck|sinus|sägezahn|ruido|seno|onda|wave", re.IGNORECASE)
_STARTS = re.compile(r"\s*(?:is |and |it )?(?:triggered|started|trigger|start|déclench\w*|ausgelöst|gestartet|dispar\w*|iniciad\w*|on (?:a|each|every) (?:rising|falling))",
                     re.IGNORECASE)  # fmt: skip
_SAME = {"pwm": {"timer"}, "encoder": {"timer"}, "capture": {"timer"}}


def groups(text: str) -> list[Group]:
    """The peripherals of a request, in the order in which the text names them; all plain pins are one group."""
    found: list[Group] = []
    waiting: list[str] = []
    current: Group | None = None
    for clause in _clauses(text):
        anchors = _merged(clause, _anchors(clause))
        if current is not None and _STARTS.match(clause) and words.ONE_PULSE.search(current.text):
            current.texts.append(clause)
            continue
        if current is None and not anchors:
            waiting.append(clause)
        elif not anchors:
            assert current is not None
            told = [group for group in found if group.kind != "gpio"][-2:] if words.BOTH.search(clause) else [current]
            for group in told or [current]:
                group.texts.append(clause)
        plain = any(anchor.kind == "gpio" for anchor in anchors)
        for number, anchor in enumerate(anchors):
            begin = 0 if number == 0 else anchor.start
            end = anchors[number + 1].start if number + 1 < len(anchors) else len(clause)
            whole = anchor.kind in ("timer", "systick", "rtc") and plain
            current = _joined(found, anchor, clause if whole else clause[begin:end])
    if found and waiting:
        found[0].texts = [*waiting, *found[0].texts]
    for group in found:
        if group.kind == "timer" and _PUTS_OUT.search(group.text):
            group.kind = "pwm"
        measured = not re.search(r"\d ?%|duty", group.text)
        if (
            group.kind in ("timer", "pwm")
            and measured
            and words.COUNTS_EDGES.search(group.text)
            and PIN.search(group.text)
        ):
            group.kind = "capture"
        if group.kind == "timer" and _ETR.search(group.text):
            group.kind = "capture"
        if group.kind == "pwm" and _MEASURES.search(group.text) and not re.search(r"\d ?%|dead|compl", group.text):
            group.kind = "capture"
    return [Group(each.kind, each.instance, each.texts, number) for number, each in enumerate(found)]


_ETR = re.compile(r"(?<![A-Za-z0-9])(?:TIM\d+_)?ETR\b|external clock mode 2", re.IGNORECASE)
_MEASURES = re.compile(r"(?:pulse[- ]width|largeur d'impulsion|pulsbreite|ancho de pulso)\b.{0,40}(?:both edges|signal|measur|mess|mesur|med[ií])|(?:measur|mess|mesur|med[ií])\w*\W+(?:\w+\W+){0,4}?(?:pulse|puls|impuls|ancho|duty|period|frequen)",
                       re.IGNORECASE)  # fmt: skip
_MAKES = re.compile(r"\d ?%|generat|génèr|génér|erzeug|gener[ae]|puts? out|output|sortie|ausgabe|ausgang|salida|loop(?:ed)? back|dead",
                    re.IGNORECASE)  # fmt: skip
_PUTS_OUT = re.compile(
    r"CH ?[1-4]\b|complement|dead[- ]?time|duty|rapport cyclique|tastgrad|ciclo de trabajo", re.IGNORECASE
)


def _joined(found: list[Group], anchor: _Anchor, text: str) -> Group:
    """Adds a part of the text to the peripheral that it is about: one that is there, or a new one."""
    group = _there(found, anchor, text)
    if group is None:
        group = Group(anchor.kind, anchor.instance)
        found.append(group)
    if not (anchor.kind == "timer" and group.kind in ("adc", "dac")):
        group.instance = group.instance or anchor.instance
    group.texts.append(text)
    return group


def _there(found: list[Group], anchor: _Anchor, text: str) -> Group | None:
    """The peripheral that an anchor speaks of again; None for a new one."""
    for group in found:
        named = anchor.instance and group.instance == anchor.instance
        if named and (group.kind == anchor.kind or "timer" in (anchor.kind, group.kind)):
            group.kind = anchor.kind if group.kind == "timer" else group.kind
            return group
        if group.kind == anchor.kind == "gpio":
            return group
    if words.SECOND.search(text):
        return None
    if anchor.kind == "timer":
        paced = next((group for group in reversed(found) if group.kind in ("adc", "dac")), None)
        alone = paced is not None and paced.kind == "dac" and not re.search(r"TIM", paced.text, re.IGNORECASE)
        if paced is not None and (_PACES.search(text) or (alone and _WAVED.search(paced.text))):
            return paced
        for group in found:
            if group.kind in ("pwm", "encoder", "capture") and not group.instance:
                return group
    alike = [group for group in found if group.kind == anchor.kind or group.kind in _SAME.get(anchor.kind, ())]
    if len(alike) != 1 or (anchor.instance and alike[0].instance):
        return None
    if anchor.kind == "pwm":
        if alike[0].kind == "pwm" and PIN.search(text) and PIN.search(alike[0].text):
            return None
        if alike[0].kind == "timer" and alike[0] is not found[-1]:
            return None
    if alike[0].kind == "timer":
        alike[0].kind = anchor.kind
    return alike[0]


_ASIDE = re.compile(r"(?<=\w) ?\((?:P[A-K]\d{1,2}|\d)[^()]{0,40}\)", re.IGNORECASE)
"""Pins and numbers in brackets, which belong to the noun before them: "USART1 (PA10, 115200) with priority 6"."""


def _clauses(text: str) -> Iterator[str]:
    begin = 0
    apart = [found.span() for found in _ASIDE.finditer(text)]
    for match in _CLAUSE.finditer(text):
        if match.group(0) == "," and any(start < match.start() < end for start, end in apart):
            continue
        if text[begin : match.start()].strip():
            yield text[begin : match.start()].strip()
        begin = match.end()
    if text[begin:].strip():
        yield text[begin:].strip()


_HEARTBEAT = re.compile(
    rf"{words.PORT_PIN}\W+(?:\w+\W+){{0,3}}heartbeat|heartbeat\W+(?:\w+\W+){{0,3}}{words.PORT_PIN}", re.IGNORECASE
)
_REFUSABLE = frozenset({"crc", "wwdg", "iwdg", "dac", "usb", "mco", "lowpower"})


def _anchors(clause: str) -> list[_Anchor]:
    found: list[_Anchor] = []
    for kind, pattern in _INSTANCES:
        for match in pattern.finditer(clause):
            if kind in _REFUSABLE and not words.said(re.compile(re.escape(match.group(0))), clause):
                continue
            found.append(_anchor(kind, match, _instance(kind, match)))
    for pattern in (_CAN, _CAN_NUMBERED, _CAN_LOOSE):
        for match in pattern.finditer(clause):
            name = "FDCAN" if match.group(1).lower().startswith("fd") or FLEXIBLE.match(clause, match.end()) else "CAN"
            found.append(_anchor("can", match, f"{name}{match.group(2)}" if match.group(2) else ""))
    if not found and not _GPIO.search(clause) and _PLAIN.search(clause) and (pin := PIN.search(clause)):
        found.append(_Anchor(pin.start(), pin.end(), "gpio", ""))
    elif not _GPIO.search(clause):
        found += [_Anchor(match.start(), match.end(), "gpio", "") for match in words.ACTED.finditer(clause)]
    found += [_Anchor(match.start(), match.end(), "gpio", "") for match in _GPIO.finditer(clause)]
    if not found and (beats := _HEARTBEAT.search(clause)):
        found.append(_Anchor(beats.start(), beats.end(), "gpio", ""))
    found.sort(key=lambda each: (each.start, -each.end, not each.instance))
    apart: list[_Anchor] = []
    for each in found:
        if apart and each.start < apart[-1].end:
            continue
        apart.append(each)
    return apart


def _anchor(kind: str, match: re.Match[str], instance: str) -> _Anchor:
    """An anchor; a number apart from its word that a unit follows is a quantity ("CAN 1 Mbit/s", "SPI 8 MHz")."""
    if instance and instance != "LPUART1" and " " in match.group(0) and _UNIT.match(match.string[match.end() :]):
        return _Anchor(match.start(), match.end(1), kind, "")
    return _Anchor(match.start(), match.end(), kind, instance)


def _instance(kind: str, match: re.Match[str]) -> str:
    number = match.group(2)
    if not number and match.group(1).upper().startswith(("LPUART", "LOW")):
        return "LPUART1"
    if not number:
        return ""
    if kind == "usart":
        word = match.group(1).upper()
        if word.startswith("L"):
            return "LPUART1"
        prefix = word if word in ("UART", "USART") else "USART"
        return f"{prefix}{number}"
    return {"spi": "SPI", "i2c": "I2C", "timer": "TIM", "adc": "ADC", "dac": "DAC", "mco": "MCO"}.get(kind, "") + number


def _merged(clause: str, anchors: list[_Anchor]) -> list[_Anchor]:
    """A kind's word and its instance as one: "PWM on TIM3", "UART (USART2)", "encoder mode of TIM4"."""
    done: list[_Anchor] = []
    if any(each.kind == "capture" for each in anchors) and not _MAKES.search(clause):
        # the pulses that are measured: "frequency and duty of a PWM at PA6 with TIM3 in PWM input mode"
        anchors = [replace(each, kind="capture") if each.kind == "pwm" else each for each in anchors]
    for each in anchors:
        before = done[-1] if done else None
        if before is None:
            done.append(each)
            continue
        kinds = {before.kind, each.kind}
        one_named = not (before.instance and each.instance)
        timed = "timer" in kinds and kinds & {"pwm", "encoder", "capture"} and one_named
        if (before.kind == each.kind and one_named and each.kind != "gpio") or timed or kinds == {"encoder", "capture"}:
            special = next((kind for kind in (before.kind, each.kind) if kind != "timer"), "timer")
            start, end = before.start, each.end
            done[-1] = _Anchor(start, end, special, before.instance or each.instance)
        elif (before.kind == "adc" and (each.kind == "timer" or (each.kind == "pwm" and _PACES.search(clause)))) or (
            before.kind == "dac" and each.kind == "timer" and _PACES.search(clause)
        ):
            continue  # what paces conversions is read with the converter
        elif before.kind == "timer" and each.kind in ("adc", "dac") and _PACES.search(clause):
            done[-1] = _Anchor(before.start, each.end, each.kind, each.instance)
        elif (
            each.kind == "gpio" and before.kind not in ("gpio", "timer", "pwm") and not PIN.search(clause[each.start :])
        ) or (each.kind in ("rtc", "lowpower") and before.kind in ("rtc", "lowpower") and each.kind == before.kind):
            continue
        else:
            done.append(each)
    return done
