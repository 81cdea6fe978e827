"""Plain pins of a request: lamps, buttons, outputs and inputs, and which of them toggles which."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from kiki_core.planning.firmware import words
from kiki_core.planning.firmware.amounts import amounts
from kiki_core.planning.firmware.entries import add_priority
from kiki_core.planning.firmware.groups import PIN

_NOUN = re.compile(
    r"(?<![A-Za-z0-9])(?P<led>traffic lights?|ampel|feux? tricolores?|sem[áa]foro|LEDs?|LD\d|(?:blink|toggl|flash|clignot|parpade)\w*(?= (?:pin |la |le |den |el )?P[A-K]\d)|blinky|lamps?|(?-i:DELs?|D\.E\.L\.?s?)|heartbeat)(?![A-Za-z])|(?P<button>push ?buttons?|buttons?|boutons?|tast(?:er|en?druck|en?)\b|"
    r"knopf|bot[óo]n(?:es)?|pulsador\w*|switch(?=\W+(?:on|at|input|p[a-k]\d))|keys?(?= ))|(?P<relay>relays?|relais|relé)|"
    r"(?P<buzzer>buzzer)|(?P<irq>EXTI\d*|external interrupts?|interrupci[oó]n externa|interruption externe|externer interrupt)|"
    r"(?P<out>(?:digital |push-?pull |open-?drain |gpio )*outputs?|push-?pull(?! out)|open[- ]?drain(?! out)|sorties?|ausg[äa]ng\w*|salidas?|chip[- ]?select|"
    r"enable pin|en sortie)|"
    r"(?P<edge>(?:rising|falling|both|any)[- ]edges?|fronts? (?:montant|descendant)|(?:steigende|fallende)\w* flanke|flanco de (?:subida|bajada))|"
    r"(?P<in>tacho\w*|tach(?: output| signal| line)?(?= (?:on|at|an|sur|en))|(?:hall|reed|limit|flow|PIR|door)[- ](?:sensor|switch|contact)(?= (?:on|at|an|sur|en))|(?:digital |gpio )?inputs?|entrées?|eing[äa]ng\w*|entradas?|en entrée)|(?P<analog>analog\w*)|"
    r"(?P<gpio>GPIOs?(?![A-K]))",
    re.IGNORECASE,
)
_OUT = frozenset({"led", "relay", "buzzer", "out"})
_LABELS = {"led": "LED", "button": "BUTTON", "relay": "RELAY", "buzzer": "BUZZER", "irq": "EVENT", "out": "OUT",
           "in": "IN", "gpio": "GPIO", "analog": "AN"}  # fmt: skip
_ACTIVE_LOW = re.compile(r"active[- ]low|low[- ]active|actif (?:à l'état )?bas|aktiv low|activo (?:en )?bajo|to ground|à la masse|"
                         r"gegen masse|a masa", re.IGNORECASE)  # fmt: skip

_WAKES = re.compile(r"wak(?:e|es|ing)\b(?!.{0,20}\bevery)|réveil|\bweck|aufweck|despert", re.IGNORECASE)


@dataclass(slots=True)
class Item:
    """One kind of plain pin with its pins and what is said of it."""

    kind: str
    pins: list[str] = field(default_factory=list)
    start: int = 0
    end: int = 0


def plain_pins(text: str, timed: bool) -> tuple[list[dict[str, Any]], str]:
    """The entries of a plan for plain pins, and the label of the lamp that a timer is to toggle, if one is.

    ``timed``: a timer of the request toggles a lamp, so that main needn't.
    """
    items = _items(text)
    with_pins = [item for item in items if item.pins]
    kinds = {item.kind for item in with_pins}
    items = [item for item in items if item.pins or (item.kind not in kinds and item.kind in ("led", "button", "relay",
                                                                                              "buzzer"))]  # fmt: skip
    seen: set[str] = set()
    entries: list[dict[str, Any]] = []
    toggling: list[tuple[int, dict[str, Any]]] = []
    for number, item in enumerate(items):
        end = items[number + 1].start if number + 1 < len(items) else len(text)
        begin = 0 if number == 0 else text.rfind(";", 0, item.start) + 1 or item.start
        begin = max(begin, items[number - 1].end if number else 0)
        own = text[begin:end]
        for pin in item.pins or [""]:
            if pin and pin in seen:
                continue
            seen.add(pin)
            mine = _of_pin(pin, own, text) if len(item.pins) > 1 else own
            label = _label(item.kind, pin, len(item.pins) > 1 or _count(items, item.kind) > 1)
            entry = _entry(item.kind, label, pin, mine, timed, text)
            entries.append(entry)
            if item.kind == "button" and "debounce_ms" not in entry and entry["direction"] == "in":
                _debounced(entry, text)
            if entry["direction"] == "in" and words.TOGGLES.search(own):
                if "debounce_ms" not in entry:
                    entry.setdefault("edge", "falling" if entry.get("pull") == "up" else "rising")
                toggling.append((len(entries), entry))
    flat = re.sub(r"\s*;\s*", " ", text)
    buttons = [(at, entry) for at, entry in enumerate(entries, start=1) if entry["direction"] == "in"]
    if not toggling and len(buttons) == 1 and _AT_PRESS.search(flat) and _FLIPS.search(flat):
        if "debounce_ms" not in buttons[0][1]:
            buttons[0][1].setdefault("edge", "falling" if buttons[0][1].get("pull") == "up" else "rising")
        toggling.append(buttons[0])
    blinking = [entry for entry in entries if entry.get("blink_hz")]
    if len(blinking) == 2 and words.ALTERNATE.search(flat):
        blinking[1]["initial"] = not blinking[0].get("initial", False)
    if len(buttons) == 1 and not timed:
        _interrupting(buttons[0][1], flat)
    _interrupting_all([entry for _, entry in buttons], flat)
    _chasing(entries, text)
    _following(entries, flat, bool(toggling))
    lamps = [entry for entry in entries if entry["direction"] == "out"]
    for number, entry in toggling:
        if not lamps and re.search(r"\bLED\b|lamp", text, re.IGNORECASE):
            lamps.append({"kind": "gpio", "label": "LED", "direction": "out"})
            entries.append(lamps[0])
        if lamps:
            lamp = next((each for each in entries[number:] if each["direction"] == "out"), lamps[0])
            entry["toggles"] = lamp["label"]
            lamp.pop("blink_hz", None)
    return entries, lamps[0]["label"] if lamps and timed else ""


def _interrupting(button: dict[str, Any], text: str) -> None:
    """The one input of a text that speaks of an interrupt somewhere else: "EXTI please"."""
    asked = words.INTERRUPT.search(text) and not words.NO_INTERRUPT.search(text)
    if asked and "edge" not in button and not button.get("debounce_ms") and not re.search(r"TIM|USART|UART|ADC", text):
        button["edge"] = "falling" if button.get("pull") == "up" else "rising"
        add_priority(button, text)


def _interrupting_all(inputs: list[dict[str, Any]], text: str) -> None:
    """Several inputs of which the text says the edge once: "PC4 and PC5, falling edge each, by interrupt"."""
    edge = "both" if words.BOTH_EDGES.search(text) else "falling" if words.FALLING.search(text) else "rising" if words.RISING.search(text) else ""  # fmt: skip
    asked = words.INTERRUPT.search(text) and not words.NO_INTERRUPT.search(text)
    if len(inputs) < 2 or not asked or not edge or any("edge" in entry for entry in inputs):
        return
    if words.RISING.search(text) and words.FALLING.search(text) and edge != "both":
        return  # each its own
    for entry in inputs:
        if not entry.get("debounce_ms"):
            entry["edge"] = edge


_AT_PRESS = re.compile(
    r"(?:each|every|on|at|upon|bei|mit|à|chaque|con|cada|per) (?:\w+ )?(?:press|push|edge|tast\w*|druck|flanke|appui|pulsaci[óo]n|pulso|flanco|front)|press|from EXTI|EXTI\d+|by (?:the |an )?(?:external )?interrupt",
    re.IGNORECASE,
)
_FLIPS = re.compile(r"togg[le]|umschalt|bascul|conmut|invert|flip|commut|wechsel|cambia|\bchang", re.IGNORECASE)


def _of_pin(pin: str, own: str, text: str) -> str:
    """What is said of one of several pins: the clauses that name it, where it is named again by itself."""
    named = [clause for clause in text.split(";") if re.search(rf"{pin}(?!\d)", clause, re.IGNORECASE)]
    alone = [clause for clause in named if len(set(PIN.findall(clause))) == 1]
    return " ; ".join(named) if len(named) > 1 and alone else own


_CHASE = re.compile(r"running light|chas(?:e|er|ing)|lauflicht|chenillard|knight ?rider|luz corrida|luces secuenciales|one after (?:the other|another)|nacheinander|l'un après l'autre|un[oa] tras otr[oa]", re.IGNORECASE)  # fmt: skip


def _chasing(entries: list[dict[str, Any]], text: str) -> None:
    """Outputs of which one is on at a time."""
    lamps = [entry for entry in entries if entry["direction"] == "out"]
    times = [each.value for each in amounts(text).of("s") if 0.001 <= each.value <= 60]
    if len(lamps) < 2 or not _CHASE.search(text):
        return
    for lamp in lamps:
        lamp.pop("blink_hz", None)
        lamp["chase_ms"] = round(times[0] * 1000) if times else 200


def _following(entries: list[dict[str, Any]], text: str, toggling: bool) -> None:
    """A lamp that is on while a button is pressed."""
    inputs = [entry for entry in entries if entry["direction"] == "in"]
    outputs = [entry for entry in entries if entry["direction"] == "out"]
    if toggling or len(inputs) != 1 or len(outputs) != 1 or not words.WHILE_PRESSED.search(text):
        return
    if "edge" not in inputs[0] or (inputs[0]["edge"] == "both" and re.search(words.SHOWS, text, re.IGNORECASE)):
        level = re.search(r"P[A-K]\d{1,2}\)? (?:is |goes |gets )?(low|high)", text, re.IGNORECASE)
        if level and "pull" not in inputs[0]:
            inputs[0]["pull"] = "up" if level.group(1).lower() == "low" else "down"
        outputs[0]["follows"] = inputs[0]["label"]
        outputs[0].pop("blink_hz", None)


def _count(items: list[Item], kind: str) -> int:
    return sum(item.kind == kind for item in items)


def _label(kind: str, pin: str, several: bool) -> str:
    label = _LABELS[kind]
    return f"{label}_{pin}" if pin and (several or kind in ("out", "in", "gpio", "irq", "analog")) else label


def _items(text: str) -> list[Item]:
    """Nouns with the pins that follow them, or stand just before them."""
    marks: list[tuple[int, int, str, str]] = []
    text = _OF_A_BUTTON.sub(lambda match: match.group(1) + " " * (len(match.group(0)) - len(match.group(1))), text)
    for match in _NOUN.finditer(text):
        marks.append((match.start(), match.end(), "noun", match.lastgroup or ""))
    for match in PIN.finditer(text):
        marks.append((match.start(), match.end(), "pin", f"P{match.group(1).upper()}{int(match.group(2))}"))
    marks.sort()
    items: list[Item] = []
    loose: list[tuple[int, int, str]] = []
    for start, end, what, value in marks:
        if what == "pin":
            if items and items[-1].kind in _OUT and items[-1].pins and _TESTED.search(text[items[-1].end : start]):
                pressed = re.search(
                    r"press|held|appuy|enfonc|gedr[üu]ckt|pulsad|presionad|apretad", text, re.IGNORECASE
                )
                items.append(Item("button" if pressed else "in", [value], start, end))
            elif items and _SHOWN.search(text[:start]):
                items.append(Item("in", [value], start, end))
            elif _leads(text, marks, start) or (
                items and items[-1].pins and _begins(text, items[-1].end, loose[0][0] if loose else start)
            ):
                loose.append((start, end, value))
            elif (acts := _acted(text, start, end)) and (
                not items
                or not (
                    _listed(items[-1], text[items[-1].end : start]) or _belongs(items[-1], text[items[-1].end : start])
                )
            ):
                if loose:
                    items.append(Item(_kind_of(text), [pin for _, _, pin in loose], loose[0][0], loose[-1][1]))
                    loose = []
                items.append(Item(acts, [value], start, end))
            elif items and not loose and not re.search(r"\S[.;]\s*$", text[items[-1].end : start][-3:]):
                items[-1].pins.append(value)
                items[-1].end = end
            else:
                loose.append((start, end, value))
            continue
        before = items[-1] if items else None
        if value == "edge":
            if not loose:
                if before is not None and before.kind in ("gpio", "in"):
                    before.kind = "irq"
                elif before is None:
                    items.append(Item("irq", [], start, end))
                continue
            value = "irq"
        if loose:
            kind = value
            items.append(Item(kind, [pin for _, _, pin in loose], loose[0][0], end))
            loose = []
            continue
        if value in ("irq", "out", "in", "gpio") and before is not None:
            gap = text[before.end : start]
            if not re.search(r"P[A-K]\d", text[end : end + 14], re.IGNORECASE) or not before.pins:
                if before.kind == "gpio" or (before.kind in ("irq",) and value == "in"):
                    before.kind = value
                before.end = max(before.end, start) if ";" not in gap else before.end
                continue
        if before is not None and not before.pins and before.kind in ("irq", "out", "in", "gpio"):
            before.kind = value if before.kind != "irq" or value == "button" else before.kind
            before.end = end
            continue
        items.append(Item(value, [], start, end))
    if loose and items:
        items[-1].pins += [pin for _, _, pin in loose]
    elif loose:
        items.append(Item(_kind_of(text), [pin for _, _, pin in loose], loose[0][0], loose[-1][1]))
    return items


_IS_A = re.compile(
    r"P[A-K]\d{1,2}(?:[\s;,/&]|and |et |und |y |P[A-K]\d{1,2})*(?:=|are\b|as\b|is an?\b|sind\b|als\b|sont\b|comme\b|son\b|como\b)\s?(?:an? |the )?(?:[a-zäöü-]+ ){0,2}?(?:outputs?|inputs?|sorties?|entrées?|eing[äa]ng\w*|ausg[äa]ng\w*|entradas?|salidas?|analog\w*)\b",
    re.IGNORECASE,
)
"""Pins in a list, whose noun comes after them: "PA0, PA1, PA4 = inputs"."""
_SHOWN = re.compile(rf"{words.SHOWS}\W+(?:\w+\W+){{0,2}}?$", re.IGNORECASE)
_TESTED = re.compile(
    r"\b(?:while|as long as|if|when(?:ever)?|unless|solange|wenn|falls|tant que|quand|lorsque|si|mientras|cuando)\b[^.]{0,40}$",
    re.IGNORECASE,
)
"""A condition just before a pin, after an output's own: that pin is looked at."""
_OF_A_BUTTON = re.compile(rf"({words.SHOWS})\W+(?:\w+\W+){{0,2}}?\w*(?:button|switch|bouton|taster\w*|bot[óo]n|pulsador|input|entrée|entrada)", re.IGNORECASE)  # fmt: skip
"""A lamp that tells a button's state: that button is no other one."""


def _kind_of(text: str) -> str:
    """What pins without a noun are."""
    asks = any(word.search(text) for word in (words.INTERRUPT, words.RISING, words.FALLING))
    return "irq" if asks else "gpio"


def _belongs(item: Item, gap: str) -> bool:
    """Whether a pin is the one of the noun just before it: "LED verte (PA5) clignote"."""
    return not item.pins and item.kind in _OUT and ";" not in gap and len(gap) < 24


def _begins(text: str, end: int, start: int) -> bool:
    """Whether a list of pins begins whose noun comes after it, rather than one before it going on."""
    return _IS_A.match(text[start:]) is not None and not _LISTED.fullmatch(text[end:start])


def _listed(item: Item, gap: str) -> bool:
    """Whether a pin goes on with a list; what an output does begins anew after an input's clause."""
    return bool(_LISTED.fullmatch(gap)) and (item.kind in _OUT or ";" not in gap)


_LISTED = re.compile(r"(?:[\s,;/&+()-]|and|et|und|y|on|at|an|auf|sur|en|pins?|the)*", re.IGNORECASE)


@lru_cache(maxsize=8)
def _acts(text: str) -> tuple[tuple[int, int], ...]:
    """Where a text does something to pins; asked for each pin of it."""
    return tuple(found.span() for found in words.ACTED.finditer(text))


def _acted(text: str, start: int, end: int) -> str:
    """Out for a pin that something is done to ("PA5 is high"); else empty."""
    if not any(begin <= end and start <= stop for begin, stop in _acts(text)):
        return ""
    return "in" if _ASKED.search(text[:start]) else "out"


_ASKED = re.compile(
    r"(?:when|while|if|until|whenever|as long as|wenn|solange|sobald|bis|si|quand|lorsque|tant que|cuando|mientras)\W+"
    r"(?:(?:the|pin|input|der|die|le|la|el|l')\W*){0,3}$",
    re.IGNORECASE,
)


def _leads(text: str, marks: list[tuple[int, int, str, str]], at: int) -> bool:
    """Whether a pin stands before its noun: none comes before it in its clause, and one after it."""
    begin = text.rfind(";", 0, at) + 1
    end = text.find(";", at)
    nouns = [
        start for start, _, what, _ in marks if what == "noun" and begin <= start < (end if end >= 0 else len(text))
    ]
    return bool(nouns) and nouns[0] > at


def _entry(kind: str, label: str, pin: str, own: str, timed: bool, text: str) -> dict[str, Any]:
    output = kind in _OUT or (
        kind == "gpio" and not re.search(r"input|entr[ée]|eing|entrada|button", own, re.IGNORECASE)
    )
    entry: dict[str, Any] = {"kind": "gpio", "label": label, "direction": "out" if output else "in"}
    if pin:
        entry["pin"] = pin
    if (
        pin
        and (
            found := re.search(
                rf"(?<!\w)(\d{{1,2}}) (?:for|pour|für|para|to|an|à|auf) {pin}(?!\d)|{pin}\W+(?:\w+\W+){{0,2}}?priori\w*\W+(\d{{1,2}})",
                text,
                re.IGNORECASE,
            )
        )
        and re.search("priori", text, re.IGNORECASE)
    ):
        entry["priority"] = min(15, int(found.group(1) or found.group(2)))
    if kind == "analog":
        return entry | {"direction": "analog"}
    if not output and "priority" not in entry:
        add_priority(entry, own)
    pulled = "down" if words.PULL_DOWN.search(own) else "up" if words.PULL_UP.search(own) else ""
    if pulled and not re.search(r"(?:no|without|sans|ohne|sin|kein\w*) (?:\w+ )?pull", own, re.IGNORECASE):
        entry["pull"] = pulled
    if output:
        entry |= _output(kind, own, timed, text)
    else:
        entry |= _input(kind, own, "pull" in entry)
    return entry


def _output(kind: str, own: str, timed: bool, text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if words.OPEN_DRAIN.search(own):
        found["open_drain"] = True
    if (
        words.HIGH_START.search(own)
        or (kind == "out" and words.IS_HIGH.search(own))
        or (words.TURN_ON.search(own) and not words.CONDITION.search(text))
        or (_ACTIVE_LOW.search(own) and kind == "led")
    ):
        found["initial"] = True
    for pattern, speed in ((r"very high speed|sehr hohe|max\w*[- ](?:\w+[- ])?(?:speed|geschw|vitesse|velocidad)|vitesse maximale|velocidad m[áa]xima", "very_high"), (r"high[- ]speed|haute vitesse|hohe geschw|alta velocidad", "high"),
                           (r"medium speed|vitesse moyenne", "medium")):  # fmt: skip
        if re.search(pattern, own, re.IGNORECASE):
            found["speed"] = speed
            break
    if not timed and (lengths := _bursts(own) or _on_and_off(own)):
        return found | lengths
    blinks = words.BLINK.search(own)
    if not blinks and kind == "led" and words.BLINK.search(text):
        blinks = re.search(r"\d ?Hz", own, re.IGNORECASE)
    if blinks and not timed:
        has = amounts(own)
        rates, times = [each for each in has.of("Hz") if each.value <= 500], has.of("s")
        if rates:
            found["blink_hz"] = min(500.0, rates[0].value)
        elif times and times[0].value >= 0.001:
            toggles = words.TOGGLES.search(own) and not re.search(r"period|périod|blink|clignot", own, re.IGNORECASE)
            found["blink_hz"] = min(500.0, 1 / times[0].value / (2 if toggles else 1))
        elif re.search(r"once (?:a|per) second|every second|(?:toutes les|par) seconde|jede sekunde|pro sekunde|cada segundo",
                       own, re.IGNORECASE) or (kind == "led" and not re.search(r"toggled by|interrupt|button", own, re.IGNORECASE)):  # fmt: skip
            found["blink_hz"] = 1.0
    return found


_ON = r"(?:on|high|lit|allum\w+|haut|an|ein|encend\w+|alto)"
_OFF = r"(?:off|low|dark|éteint\w*|bas|aus|apagad\w*|bajo)"
_TIME = r"(\d+(?:[.,]\d+)?) ?(ms|s|sec(?:onds?)?|secondes?|sekunden?|segundos?)(?!\w)"
_EACH = r"(?:every|each|toutes les|tous les|alle|cada|jede)"
_SHARE = re.compile(
    rf"(?:on|allum\w*|lit|lights?|leuchte\w*|an|flash\w*|blink\w*|enciend\w*|éclair\w*) (?:for |pendant |für |durante )?{_TIME}\W+(?:\w+\W+){{0,2}}?{_EACH} {_TIME}",
    re.IGNORECASE,
)
_LENGTHS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\w){_ON}(?:time)? (?:for |during |pendant |für |durante )?{_TIME}.{{0,16}}?(?<!\w){_OFF}(?:time)? (?:for |during |pendant |für |durante )?{_TIME}",
        rf"{_TIME} {_ON}(?!\w).{{0,12}}?{_TIME} {_OFF}(?!\w)",
    )
)


def _on_and_off(own: str) -> dict[str, Any]:
    """How long an output is on and off, where the text says both."""
    found = next((match for pattern in _LENGTHS if (match := pattern.search(own))), None)
    if found is None and (share := _SHARE.search(own)):
        on, whole = [
            float(share.group(n).replace(",", ".")) * (1 if share.group(n + 1).lower() == "ms" else 1000)
            for n in (1, 3)
        ]
        return {"high_ms": max(1, round(on)), "low_ms": round(whole - on)} if on < whole else {}
    if found is None:
        return {}
    values = [
        float(found.group(n).replace(",", ".")) * (1 if found.group(n + 1).lower() == "ms" else 1000) for n in (1, 3)
    ]
    return {"high_ms": max(1, round(values[0])), "low_ms": max(1, round(values[1]))}


_TIMES = {"once": 1, "twice": 2, "double": 2, "two": 2, "deux": 2, "zwei": 2, "dos": 2, "triple": 3, "three": 3, "trois": 3, "drei": 3, "tres": 3,
          "four": 4, "quatre": 4, "vier": 4, "cuatro": 4, "five": 5, "cinq": 5, "fünf": 5, "cinco": 5, "zweimal": 2, "dreimal": 3,
          "viermal": 4, "fünfmal": 5}  # fmt: skip
_BURST = re.compile(
    rf"(\d{{1,2}}|{'|'.join(_TIMES)})(?:[- ]?(?:times|fois|mal|veces|flash\w*|blink\w*|x)\b|(?<=mal)(?=\W))",
    re.IGNORECASE,
)
_PAUSE = re.compile(
    rf"(?:paus\w*|wait\w*|off|attend\w*|wart\w*|esper\w*|then|puis|dann|luego|followed by)\W+(?:\w+\W+){{0,4}}?{_TIME}|{_TIME} (?:paus\w*|break|off)|every {_TIME}",
    re.IGNORECASE,
)


def _bursts(own: str) -> dict[str, Any]:
    """So many blinks and a pause, over and over."""
    count, pause = _BURST.search(own), _PAUSE.search(own)
    if count is None or pause is None or not words.BLINK.search(own):
        return {}
    word = count.group(1).lower()
    number = int(word) if word.isdigit() else _TIMES[word]
    groups = [part for part in pause.groups() if part]
    rest = float(groups[0].replace(",", ".")) * (1 if groups[1].lower() == "ms" else 1000)
    others = [
        float(found.group(1).replace(",", ".")) * (1 if found.group(2).lower() == "ms" else 1000)
        for found in re.finditer(_TIME, own, re.IGNORECASE)
        if not pause.start() <= found.start() < pause.end()
    ]
    if not 1 <= number <= 20:
        return {}
    return {"burst": number, "high_ms": max(1, round(others[0])) if others else 100, "low_ms": max(1, round(rest))}


_STEADY = re.compile(r"(\d{1,3}) ?ms", re.IGNORECASE)


def _debounced(found: dict[str, Any], own: str) -> None:
    """For how long contacts must be quiet: the time beside the word, else 20 ms."""
    word = words.DEBOUNCE.search(own)
    if word is None:
        return
    times = sorted(_STEADY.finditer(own), key=lambda each: abs(each.start() - word.start()))
    found["debounce_ms"] = min(1000, max(1, int(times[0].group(1)))) if times else 20


def _input(kind: str, own: str, pulled: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if kind == "button" and not pulled:
        high = re.search(r"active[- ]high|actif (?:à l'état )?haut|aktiv high|activo (?:en )?alto|to (?:3v3|vdd|vcc)|externally|external pull",
                         own, re.IGNORECASE)  # fmt: skip
        found["pull"] = "down" if high and "extern" not in high.group(0).lower() else "none" if high else "up"
    if words.BOTH_EDGES.search(own):
        found["edge"] = "both"
    elif words.FALLING.search(own):
        found["edge"] = "falling"
    elif words.RISING.search(own):
        found["edge"] = "rising"
    elif kind == "irq" or _WAKES.search(own) or (words.INTERRUPT.search(own) and not words.NO_INTERRUPT.search(own)):
        found["edge"] = "falling" if kind == "button" else "rising"
    if found.get("edge") == "rising" and kind == "button" and not pulled and not words.RISING.search(own):
        found["edge"] = "falling" if found.get("pull") == "up" else "rising"
    _debounced(found, own)
    return found
