"""What one peripheral of a request does to another: events that switch outputs, values that are sent or set widths."""

from __future__ import annotations

import re
from typing import Any

from kiki_core.planning.firmware import words
from kiki_core.planning.firmware.amounts import BAUDS, amounts
from kiki_core.planning.firmware.commands import commanded
from kiki_core.planning.firmware.converters import averaged, limits_in_volts
from kiki_core.planning.firmware.entries import repeat_of
from kiki_core.planning.firmware.pins import pins_in
from kiki_core.planning.firmware.serial import QUIET
from kiki_tools.stm32.device import Device

_ON = re.compile(
    r"(?:turn|switch)\w*\W+(?:\w+\W+){0,5}?on\b|(?:light|illuminat)(?:s|ing)?\b(?: up)?|allum\w*|enciend\w*|encend\w*|einschalt\w*|"
    r"schalte?t?\w*\W+(?:\w+\W+){0,6}?ein\b|(?:sets?|drives?|pulls?|raises?|put(?:s|ting)?)\W+(?:\w+\W+){0,4}?(?:high|on)\b|goes high",
    re.IGNORECASE,
)
_OFF = re.compile(
    r"(?:turn|switch)\w*\W+(?:\w+\W+){0,5}?off\b|extinguish\w*|éteint\w*|éteind\w*|apag\w*|ausschalt\w*|"
    r"schalte?t?\w*\W+(?:\w+\W+){0,6}?aus\b|(?:sets?|drives?|pulls?|put(?:s|ting)?|clears?)\W+(?:\w+\W+){0,4}?(?:low|off)\b|clears? P[A-K]\d|goes low",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.;!?](?=\s|$)|\n")
_PART = re.compile(r"[.;!?](?=\s|$)|\n|,|\s(?:and|et|und|y|while|whereas|während|mais|pero|aber|but)\s", re.IGNORECASE)
_SENDS = re.compile(r"send|sent|print|report|transmit|stream|output|\blog\b|show|dump|envo|transmet|affich|imprim|sende|schick|ausgeb|gib|übertr|env[íi]|manda|muestr", re.IGNORECASE)  # fmt: skip
_SETS = re.compile(
    r"\b(?:sets?|adjust\w*|controls?|determines?|gives?|is|as|steuer\w*|bestimm\w*|stellt|règle\w*|fixe|ajusta\w*|fija)\b.{0,24}?\b(?:duty|brightness|width|rapport cyclique|tastgrad|helligkeit|luminosité|ciclo de trabajo|brillo)|"
    r"\b(?:duty|brightness)\b.{0,40}?\b(?:by|from|with|via|over)\b.{0,24}?\b(?:byte|uart|usart|serial|received|encoder|position)", re.IGNORECASE,
)  # fmt: skip
_BRIDGE = re.compile(r"bridg|forward|pass(?:es|ed)? (?:it |them |everything )?on\b|pass-?through|gateway|goes out|sent out|<->|weiterleit|weitergegeben|retransm|reenv[ií]|ressort|passerelle|renvoy\w+ sur|sale por", re.IGNORECASE)  # fmt: skip
_FADES = re.compile(r"\bfad(?:e|es|ing)\b|breath|pulsat|(?:dim|ramp)\w*\W+(?:\w+\W+){0,8}?up and down|up and down|auf und ab|respir|atm(?:en|et)", re.IGNORECASE)  # fmt: skip
_TURNS = re.compile(r"\bthen\b|followed|traffic|sequence|in turn|over again|repeat|puis|ensuite|dann|danach|ampel|luego|después|sem[áa]foro|feux? tricolores?|cycle", re.IGNORECASE)  # fmt: skip


def coupled(entries: list[dict[str, Any]], text: str, device: Device) -> None:
    """Ties the entries as the text says."""
    outputs = [entry for entry in entries if entry["kind"] == "gpio" and entry["direction"] == "out" and not entry["label"].endswith("_CS")]  # fmt: skip
    converting = [entry for entry in entries if entry["kind"] == "adc"]
    if len(converting) == 1:
        averaged(converting[0], text, device)
        if "low" not in converting[0] and "high" not in converting[0]:
            limits_in_volts(converting[0], text, amounts(text))
        if converting[0].get("average", 1) > 1 and len(reporting := [e for e in entries if e.get("reports")]) == 1:
            has = amounts(text)
            paced = repeat_of(text, has.of("s"), [each for each in has.of("Hz") if each.value <= 100])
            reporting[0]["repeat_ms"] = paced or 1  # each mean as it is there
    _turns(outputs, text)
    _buttons(entries, outputs, text)
    _gated(entries, outputs, text)
    commanded(entries, outputs, text)
    _sampled(entries, text)
    _events(entries, outputs, text)
    ports = [entry for entry in entries if entry["kind"] == "usart"]
    _values(entries, ports, text)
    _told_apart(entries, ports, text)
    listening = [entry for entry in ports if entry.get("direction") != "tx"]
    if len(ports) == 2 and _BRIDGE.search(text):
        _bridged(ports, text)
    pulses = [entry for entry in entries if entry["kind"] == "pwm" and not entry.get("follows")]
    if pulses and _SETS.search(text):
        if len(listening) == 1 and re.search(
            r"byte|received|octet|reçu|zeichen|empfangen|recibid", text, re.IGNORECASE
        ):
            hundred = re.search(r"0 ?(?:\.\.+|-|–|to|bis|à|a) ?100\b|per ?cent|%\W+(?:duty|of duty)|prozent|pour ?cent|por ciento", text, re.IGNORECASE)  # fmt: skip
            for entry in pulses:
                entry |= {"follows": True, "by": "byte", "most": 100 if hundred else 255}
        elif any(entry["kind"] == "encoder" for entry in entries) and "adc" not in {entry["kind"] for entry in entries}:
            most = next((entry["counts"] for entry in entries if entry["kind"] == "encoder" and "counts" in entry), 0)
            for entry in pulses if most > 1 else ():
                entry |= {"follows": True, "by": "encoder", "most": most - 1}
    if len(pulses) == 1 and not pulses[0].get("follows") and _FADES.search(text):
        times = [each.value for each in amounts(text).of("s") if each.value >= 0.1]
        if len(times) == 1:
            pulses[0]["fade_ms"] = round(times[0] * 1000)
            pulses[0].pop("duty_percent", None)
    times = [each.value for each in amounts(text).of("s") if 0.001 <= each.value <= 3600]
    if len(listening) == 1 and len(times) == 1 and QUIET.search(text) and not listening[0].get("idle"):
        listening[0]["quiet_ms"] = round(times[0] * 1000)
    quiet = [entry for entry in ports if entry.get("quiet_ms")]
    for entry in quiet:
        if len(outputs) == 1 and _ON.search(text):
            entry |= {"lights": outputs[0]["label"], "interrupt": True}
            outputs[0].pop("blink_hz", None)
            outputs[0].pop("initial", None)
        else:
            del entry["quiet_ms"]
    _woken(entries, text, device)
    for entry in entries:
        if entry["kind"] == "lowpower" and entry["mode"] == "standby" and outputs and _WOKEN.search(text):
            entry["woken"] = outputs[0]["label"]
            outputs[0].pop("initial", None)


_BACK = re.compile(
    r"\becho|\bécho|\beco\b|zurück(?:send|geb|schick|gesend)|sen[dt]s?\W+(?:\w+\W+){0,3}back\b", re.IGNORECASE
)


def _told_apart(entries: list[dict[str, Any]], ports: list[dict[str, Any]], text: str) -> None:
    """What the text says of its one serial port in a sentence about something else."""
    if len(ports) != 1:
        return
    usual = {round(each.value) for each in amounts(text).plain() if each.value >= 4800 and round(each.value) in BAUDS}
    if "baud" not in ports[0] and len(usual) == 1:
        ports[0]["baud"] = usual.pop()
    both = ports[0].get("direction", "both") == "both" and not any(entry["kind"] == "capture" for entry in entries)
    if both and not ports[0].get("dma") and words.said(_BACK, text):
        ports[0]["echo"] = True


def _woken(entries: list[dict[str, Any]], text: str, device: Device) -> None:
    """The pin that wakes from Standby: an input of the text with that function; its interrupt wakes nothing there."""
    asleep = next((entry for entry in entries if entry.get("mode") == "standby" and not entry.get("wake_pin")), None)
    if asleep is None:
        return
    for entry in entries:
        pin = entry.get("pin", "") if entry["kind"] == "gpio" and entry["direction"] == "in" else ""
        if pin and entry.get("edge") == "rising" and any("WKUP" in each.signal for each in device.functions(pin)):
            asleep["wake_pin"] = pin
            entries.remove(entry)
            return


_WOKEN = re.compile(r"after (?:a |the |each )?wak\w*(?:-?up)?\b.{0,40}\b(?:on|high|lit)\b|nach dem aufwachen.{0,40}\b(?:an|high)\b", re.IGNORECASE)  # fmt: skip


def _turns(outputs: list[dict[str, Any]], text: str) -> None:
    """Outputs that are on one after the other, each for its own time: "PB0 for 5 s, then PB2 for 4 s"."""
    if len(outputs) < 2 or not _TURNS.search(text) or any(entry.get("chase_ms") for entry in outputs):
        return
    marks = [
        (match.start(), match.group(0).upper()) for match in re.finditer(r"P[A-K]\d{1,2}(?!\d)", text, re.IGNORECASE)
    ]
    own = {entry.get("pin"): entry for entry in outputs}
    named = [(at, pin) for at, pin in marks if pin in own]
    if len(named) != len(own) or len({pin for _, pin in named}) != len(own):
        return
    times = []
    for number, (at, _) in enumerate(named):
        end = named[number + 1][0] if number + 1 < len(named) else len(text)
        found = amounts(text[at:end]).of("s")
        if len(found) != 1:
            return
        times.append(round(found[0].value * 1000))
    if min(times) < 1:
        return
    for number, ((_, pin), time) in enumerate(zip(named, times, strict=True)):
        own[pin].pop("blink_hz", None)
        own[pin] |= {"turn_ms": time, "initial": number == 0}


def _act(part: str) -> str:
    """What a part of a text does to an output: sets, clears, toggles; empty: nothing."""
    off, on = _OFF.search(part), _ON.search(part)
    if off and (not on or off.start() >= on.start()):
        return "clears"
    return "sets" if on else "toggles" if words.TOGGLES.search(part) else ""


def _buttons(entries: list[dict[str, Any]], outputs: list[dict[str, Any]], text: str) -> None:
    """Inputs of which one switches an output on and another off; each where its pin stands beside the verb."""
    inputs = [entry for entry in entries if entry["kind"] == "gpio" and entry["direction"] == "in" and entry.get("pin")]
    if len(inputs) < 2 or not outputs:
        return
    acts: list[tuple[dict[str, Any], str, dict[str, Any]]] = []
    for part in _PART.split(text):
        if not part:
            continue
        said = pins_in(part)
        own = [entry for entry in inputs if entry["pin"] in said]
        act = _act(part)
        if len(own) != 1 or not act:
            continue
        lamp = next((entry for entry in outputs if entry.get("pin") in said), outputs[0] if len(outputs) == 1 else None)
        if lamp is None and acts:
            lamp = acts[-1][2]
        if lamp is not None:
            acts.append((own[0], act, lamp))
    if len({id(entry) for entry, _, _ in acts}) < 2:
        return
    for entry, act, lamp in acts:
        entry.pop("toggles", None)
        entry[act] = lamp["label"]
        lamp.pop("blink_hz", None)
        lamp.pop("initial", None)
        if "debounce_ms" not in entry:
            entry.setdefault("edge", "falling" if entry.get("pull") == "up" else "rising")


_GATED = re.compile(
    r"(?:\bwhile|as long as|only (?:when|if|with)|\bwhen(?:ever)?|\bif|solange|wenn|falls|tant que|quand|lorsque|\bsi|mientras|cuando|s[óo]lo (?:con|si))\b[^.;!?]{0,110}?"
    r"(?:press\w*|held|pushed|\bdown\b|closed|active|\bhigh|\blow|appuy\w*|enfonc\w*|fermé\w*|gedrückt|geschlossen|betätigt|pulsad\w*|presionad\w*|apretad\w*|cerrad\w*)",
    re.IGNORECASE,
)
_ANY_OF = re.compile(r"\b(?:either|any|or|one of|at least one|oder|eine[rs]?|ou|l'une?|o|u|cualquiera|algun[oa]?)\b", re.IGNORECASE)  # fmt: skip
_ALL_OF = re.compile(
    r"\b(?:both|all|and|together|beide\w*|alle|und|les deux|tous|toutes|et|ambos|ambas|l[oa]s dos|y)\b|&", re.IGNORECASE
)
_ELSE = re.compile(r"\b(?:neither|exactly|xor|only one|not|unless|nicht|genau|weder|ni|pas)\b", re.IGNORECASE)


def _gated(entries: list[dict[str, Any]], outputs: list[dict[str, Any]], text: str) -> None:
    """An output that is on while several inputs are active, all of them or any: "only while both are pressed"."""
    inputs = [entry for entry in entries if entry["kind"] == "gpio" and entry["direction"] == "in" and entry.get("pin")]
    found = _GATED.search(text)
    if len(inputs) < 2 or len(outputs) != 1 or found is None or outputs[0].get("follows"):
        return
    if any(entry.get(key) for entry in inputs for key in ("toggles", "sets", "clears")) or words.TOGGLES.search(text):
        return
    said = pins_in(found.group(0))
    if said and not {entry["pin"] for entry in inputs} <= set(said):
        return
    any_of = _ANY_OF.search(found.group(0))
    if _ELSE.search(found.group(0)) or not (any_of or _ALL_OF.search(found.group(0))):
        return
    labels = [entry["label"] for entry in inputs]
    outputs[0] |= {"follows": labels[0], "gate": labels[1:]} | ({"any_of": True} if any_of else {})
    for key in ("blink_hz", "initial"):
        outputs[0].pop(key, None)


_READS_IN = re.compile(
    r"(?:\bISR|\bIRQ|interrupt\w*|handler|routine|callback|interrupci[óo]n|unterbrechung)\b[^.;]{0,30}?\b(?:reads?|samples?|polls?|checks?|scans?|debounc\w*|liest|lesen|fragt|abfrag\w*|tastet|entprell\w*|lit|lire|échantillonne\w*|anti-?rebond\w*|lee|leer|muestrea\w*)|"
    r"(?:debounc\w*|entprell\w*|anti-?rebond\w*|antirrebote\w*|read|sampl\w*|poll\w*|gelesen|abgefragt|abgetastet)\b[^.;]{0,40}?\b(?:by|in|with|from|within|using|im|in der|mit|durch|dans|par|avec|en|con|por)\W+(?:the |its |a |l'|la |le |el |dem |der )?(?:TIM\d+|timer|temporizador|ISR|(?:timer )?interrupt\w*|handler|callback)",
    re.IGNORECASE,
)
_EQUAL = re.compile(r"(\d{1,3}) (?:equal|same|consecutive|identical|successive|stable|gleiche\w*|aufeinanderfolgende\w*|identiques|consécuti\w*|iguales|consecutiv\w*|muestras|(?:times|samples|readings|reads) (?:in a row|the same|equal))", re.IGNORECASE)  # fmt: skip


def _sampled(entries: list[dict[str, Any]], text: str) -> None:
    """The one input that the one timer's interrupt reads and debounces."""
    timers = [e for e in entries if e["kind"] == "timer" and e.get("interrupt", True) and not e.get("tick_hz")]
    inputs = [entry for entry in entries if entry["kind"] == "gpio" and entry["direction"] == "in"]
    if len(timers) != 1 or len(inputs) != 1 or not _READS_IN.search(text):
        return
    if timers[0].get("toggles") and timers[0].pop("toggles") != inputs[0].get("toggles"):
        inputs[0]["toggles"] = next(entry["label"] for entry in entries if entry.get("direction") == "out")
    quiet = inputs[0].pop("debounce_ms", 20 if words.DEBOUNCE.search(text) else 0)
    inputs[0].pop("edge", None)
    equal = _EQUAL.search(text)
    periods = int(equal.group(1)) if equal else -(-quiet * timers[0].get("frequency_hz", 1000.0) // 1000)
    timers[0] |= {"samples": inputs[0]["label"], "steady": int(min(1000, max(2 if quiet or equal else 1, periods)))}


def _events(entries: list[dict[str, Any]], outputs: list[dict[str, Any]], text: str) -> None:
    """What limits of a converter, the supply's supervision or the alarm do to the one output."""
    sources = [entry for entry in entries if (entry["kind"] == "adc" and ("low" in entry or "high" in entry)) or entry["kind"] == "pvd" or entry.get("alarm")]  # fmt: skip
    if len(sources) != 1 or len(outputs) != 1 or sources[0].get("toggles"):
        return
    if _ON.search(text) and _OFF.search(text):
        return  # each has a condition of its own
    acts = [act for sentence in _SENTENCE.split(text) if sentence and (act := _act(sentence))]
    if len(set(acts)) != 1:
        return
    lamp = outputs[0]
    sources[0][acts[0]] = lamp["label"]
    lamp.pop("blink_hz", None)
    if acts[0] == "clears":
        lamp["initial"] = True
    else:
        lamp.pop("initial", None)


def _values(entries: list[dict[str, Any]], ports: list[dict[str, Any]], text: str) -> None:
    """Values other than a converter's that the one port sends."""
    sending = [entry for entry in ports if entry.get("direction") != "rx"]
    if len(sending) != 1 or not _SENDS.search(text) or any(entry["kind"] == "adc" for entry in entries):
        return
    values = []
    for entry in entries:
        if entry["kind"] == "encoder":
            values.append("encoder")
        elif entry["kind"] == "capture" and (entry.get("counts") or entry.get("etr")):
            values.append("count")
        elif entry["kind"] == "capture" and re.search(
            r"width|length|largeur|breite|ancho|high time", text, re.IGNORECASE
        ):
            if entry["channel"] in (1, 2):
                entry |= {"pwm": True, "edge": "rising"}
                values.append("width")
        elif entry["kind"] == "capture" and not entry.get("pwm"):
            values.append(
                "frequency" if re.search(r"frequen|fréquen|frecuen|\bHz\b", text, re.IGNORECASE) else "period"
            )
        elif entry["kind"] == "gpio" and entry.get("edge", "none") != "none" and re.search(r"count|number of|zähl|compt|cuent", text, re.IGNORECASE):  # fmt: skip
            values.append("edges")
    asked = [entry for entry in entries if (entry["kind"] == "i2c" and entry.get("reads")) or (entry["kind"] == "spi" and entry.get("command"))]  # fmt: skip
    if asked and not values:
        sending[0] |= {"values": ["device"], "repeat_ms": asked[0].get("repeat_ms", 0)}
        if re.search(r"\bhex", text, re.IGNORECASE):
            sending[0]["hexadecimal"] = True
        return
    if re.search(r"up-?time|seconds since|sekunden seit|secondes depuis|segundos desde", text, re.IGNORECASE):
        values.append("uptime")
    if not values:
        return
    has = amounts(text)
    repeat = repeat_of(text, [each for each in has.of("s") if each.value >= 0.005], [each for each in has.of("Hz") if each.value <= 100])  # fmt: skip
    sending[0] |= {"values": list(dict.fromkeys(values)), "repeat_ms": repeat or 1000}
    sending[0].pop("greeting", None)


def _bridged(ports: list[dict[str, Any]], text: str) -> None:
    """Bytes that come on one port and go out of the other; both ways where neither is one-way."""
    for entry, other in ((ports[0], ports[1]), (ports[1], ports[0])):
        if entry.get("direction") != "tx" and other.get("direction") != "rx":
            entry["forwards"] = True
        if entry.get("direction") == "tx" and entry.pop("interrupt", None):
            other["interrupt"] = True
