"""Verbs of what a program does, by what they mean, and which fields of a plan do it. None may go by unheld."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_Entries = Sequence[Mapping[str, Any]]


def has(*keys: str) -> Callable[[_Entries], bool]:
    """Whether an entry has one of the fields set."""
    return lambda entries: any(entry.get(key) not in (None, False, "", 0, (), []) for entry in entries for key in keys)


def _kind(*kinds: str) -> Callable[[_Entries], bool]:
    return lambda entries: any(entry["kind"] in kinds for entry in entries)


def _either(*checks: Callable[[_Entries], bool]) -> Callable[[_Entries], bool]:
    return lambda entries: any(check(entries) for check in checks)


def _never(entries: _Entries) -> bool:
    return False


def _no_output(entries: _Entries) -> bool:
    return not any(each["kind"] == "gpio" and each["direction"] == "out" for each in entries)


_SENT = has("greeting", "reports", "printf", "echo", "send_id", "command", "writes", "direction", "values", "forwards")
_TURNED = r"duty|brightness|luminosity|speed|frequency|angle|position|volume|colou?rs?|setpoint|threshold|blink(?:ing)? rate|rate of blink\w*|luminosité|vitesse|fréquence|helligkeit|geschwindigkeit|brillo|velocidad"
_ACTIONS: Sequence[tuple[str, str, Callable[[_Entries], bool]]] = (
    ("what is sent", r"(?<!never )(?<!not )(?<!n't )\b(?:sen[dt]s?|sending|print(?:s|ed|ing)?|report(?:s|ed|ing)?|log(?:s|ged|ging)?\b(?! ger)|dump(?:s|ed)?|stream(?:s|ed|ing)|announc\w+|echo(?:es)?|envoie\w*|envoy\w+|affich\w+|imprim\w+|"
     r"sende[nt]?|sendet|schick\w+|gesendet|ausgeb\w*|ausgegeben|env[ií][ae]\w*|manda\w*|transmite|muestr\w+)\b",
     _either(_SENT, lambda e: any("tx" in each.get("dma", ()) for each in e if each["kind"] in ("usart", "spi")),
             lambda e: not any(each["kind"] in ("usart", "spi", "i2c", "can") for each in e))),
    ("what is answered", r"\b(?:answer(?:s|ed|ing)?|repl(?:y|ies|ied)|respond(?:s|ed|ing)?|acknowledg\w+|ACKs?|NACKs?|répond\w*|antworte[tn]?|responde[nr]?)\b", has("echo", "reply", "slave")),
    ("what is shown", r"\b(?:shows?|shown|displays|displayed|indicat\w+|mirror(?:s|ed)?|reflect(?:s|ed)?|zeig\w+|anzeig\w+|angezeigt|montr\w+|indique\w*|muestr\w+|refleja\w*)\b",
     has("follows", "lights", "greeting", "reports", "toggles", "values", "woken")),
    ("what is read", r"\b(?:reads?|reading|readings|polls?|fetch(?:es)?|lit|lire|lis|lies|liest|lesen|lee|leer|lea)\b",
     _either(has("reads", "command", "reports", "follows"), _kind("adc", "encoder", "capture", "usart"), lambda e: any(each.get("direction") == "in" for each in e))),
    ("what is kept", r"\b(?:stor(?:e|es|ed|ing)|sav(?:e|es|ed|ing)|fill(?:s|ed|ing)?|collect(?:s|ed|ing)?|record(?:s|ed|ing)?|remember(?:s|ed)|buffer(?:s|ed|ing)|push(?:es)? (?:it|them)|speicher[nt]\w*|sammel\w*|stock\w+|enregistr(?:e|er|ez|és?)\b|guarda\w*|almacen\w+)\b",
     _either(has("dma", "ring", "circular", "slave"), lambda e: any(each.get("interrupt") for each in e if each["kind"] in ("usart", "adc", "spi", "capture", "can")), _kind("capture", "encoder", "can"))),
    ("what is averaged", r"\b(?:averag\w+|mean(?= (?:of|value))|moyenn\w+|mittelwert\w*|mittelung|gemittelt|promedi\w+|median|smooth\w*|low-?pass\w*|rolling|moving)\b", has("oversample", "average")),
    ("dimming", r"\b(?:dims?|dimm(?:s|ed|ing|en|t)|fad(?:e|es|ing)|breath(?:e|es|ing)|ramp(?:s|ed|ing)?|sweep(?:s|ing)?|heller|dunkler|brighter|darker|atmen\w*)\b(?! signal)", _either(has("follows", "fade_ms"), lambda e: any(each.get("wave") == "sawtooth" for each in e))),
    ("what a value sets", rf"\b(?:sets?|setting|adjust\w*|var(?:y|ies|ied)|chang\w*|control\w*|determin\w+|select\w*|defin\w+|map(?:s|ped)|scal(?:e|es|ed)|tun(?:e|es|ed)|steuer\w*|bestimm\w*|regel\w*|contrôl\w*|règle\w*|command\w*|ajust\w*|regul\w*)\W+(?:the |its |a |an |la |le |die |den |das |el )?(?:\w+ )?(?:{_TURNED})|"
     rf"(?:{_TURNED})\W+(?:\w+\W+){{0,3}}?(?:is |are |wird |est |es )?(?:set by|sets? from|controlled|adjustable|proportional|depends?|follows?|gesteuert|from the (?:adc|pot\w*|analog|value|byte|reading))|(?:adc|potentiometer|pot|poti|potenci[óo]metro|byte)\b.{{0,30}}?\b(?:as|is|to|als) (?:the )?(?:duty|brightness|speed)",
     _either(has("follows", "fade_ms"), lambda e: not any(each["kind"] in ("adc", "usart", "encoder", "gpio", "can") for each in e))),
    ("what an interrupt does", r"\b(?:in|within|inside|from|dans|im|in der|en)\W+(?:the |its |an? |l'|la |der |dem |el )?(?:\w+[ -]){0,3}?(?:interrupt(?:ion|ción)?s?|ISR|IRQ|handler|callback)\W+(?:handler |routine )?(?:\w+\W+){0,2}?(?:write|set|add|comput|calculat|increment|copy|put|load|update|store|clear|stop|start|call|decrement|disable|enable)\w*",
     has("toggles", "sets", "clears")),
    ("what the interrupt does", r"\b(?:ISR|IRQ|interrupt(?: (?:routine|handler))?|handler|routine|callback)\b(?: also| then| should| must| shall)?\W+(?:reads?|samples?|polls?|checks?|scans?|debounc\w+|comput\w+|calculat\w+|writes?|increment\w*|decrement\w*|updates?|sends?|starts?|stops?|compares?|liest|prüft|erhöht|schreibt|setzt|sendet|incrémente|écrit|calcule|envoie|lee|escribe|incrementa|calcula)\b(?! address| mode| bit)",
     _either(has("toggles", "sets", "clears", "samples"), lambda e: any(each.get("interrupt") for each in e if each["kind"] in ("usart", "adc", "spi", "i2c", "can")),
             lambda e: any(each["kind"] == "capture" or each.get("edge", "none") != "none" for each in e))),
    ("feeding the watchdog", r"\b(?:fed|feed(?:s|ing)?|kick(?:s|ed|ing)?|pet(?:s|ted)?|nourri\w*|füttert?\w*|aliment\w+)\b.{0,40}\b(?:only|while|if|when|unless|as long|each|every|from|in|seulement|nur|wenn|solange|solo|si|mientras)\b", _never),
    ("waiting for something to stay away", r"\b(?:time[- ]?outs?|no (?:byte|character|data|frame|message|edge|pulse|signal|activity)\w*|silence|inactivity|within \d+ ?m?s|lost|absent|missing|ausbleib\w*|sans (?:octet|réception|donn)\w*)\b",
     _either(_kind("iwdg", "wwdg"), has("idle", "quiet_ms", "timeout_bits"))),
    ("states", r"\b(?:state[- ]machine|(?<!wait )states\b(?! of)|modes? (?:cycle|change|switch)|cycl(?:e|es|ing) through|next (?:mode|state|step|led|pattern|colou?r)|zustandsautomat\w*|machine à états|máquina de estados)\b", _never),
    ("long presses", r"\b(?:long|short|double)[- ](?:press\w*|click\w*|tap\w*|push\w*)|press\w*\W+(?:\w+\W+){0,6}?(?:longer|shorter|more|less) than|h[eo]ld\W+(?:\w+\W+){0,4}?for\b|(?:appui|pulsación) (?:long|court|larg|cort)\w*|lang(?:er|en)? (?:tasten)?druck\w*", _never),
    ("a sequence in time", r"\b(?:followed by|after (?:that|which)|one after|in (?:that|this) order|and (?:then )?(?:over again|repeat\w*|start\w* (?:over|again))|over and over|puis (?:\w+ )?P[A-K]\d|dann (?:\w+ )?P[A-K]\d|then (?:\w+ ){0,2}P[A-K]\d)", _either(has("turn_ms", "chase_ms", "burst", "high_ms", "writes", "command", "reads"), lambda e: any(each["kind"] == "adc" and each.get("channels", 1) > 1 for each in e))),
    ("starting, stopping or latching", r"\b(?:re-?start(?:s|ed)? (?:the |it)|resum(?:e|es|ed)|paus(?:e|es|ed|ing)|latch(?:es|ed)?|trip(?:s|ped)?|shuts? (?:down|off)|stay(?:s|ing)? (?:on|off|lit|high|low)\b(?! the| at)|remain(?:s|ing)? (?:on|off|high|low)\b(?! the| at)|turns? itself|goes (?:out|dark) after|retr(?:y|ies)|give up)\b",
     has("burst", "follows", "stop", "one_pulse", "high_ms", "chase_ms", "turn_ms")),
    ("bits of a value", r"\b(?:upper|lower|top|bottom|high(?:est|er)?|low(?:est|er)?|most|least|significant|oberen?|unteren?)\W+(?:\w+\W+){0,2}?bits?\b(?! first)|\bbar ?graph|\bin binary|\bbinär|\ben binaire|en binario|LED bar (?:shows|graph)", _never),
    ("a count of presses", r"\b(?:count(?:s|ed|ing)?|number of|how (?:many|often)|zähl\w*|compte[rz]?|cuenta\w*)\W+(?:\w+\W+){0,3}?(?:press\w*|button|tast\w*|appuis?|pulsacion\w*|events?|times)\b", lambda e: any(each.get("edge", "none") != "none" for each in e)),
    ("holding a button", r"\b(?:held|hold(?:s|ing)?|releas(?:e|es|ed|ing)|maintenu\w*|relâch\w+|losgelassen|loslassen|gehalten|suelt\w+|soltar)\b(?! (?:register|back))", _either(has("follows"), lambda e: any(each.get("edge") == "both" for each in e))),
    ("blinking", r"\b(?:blink\w*|flash(?:es|ing)|flashed|clignot\w+|parpade\w+|heartbeat|toggl\w+|invert(?:s|ieren|iert) (?:the )?P[A-K]|chang(?:es?|ing)\W+(?:the )?states?|cambi\w+|wechsel\w*|basculer?|umschalten)\b", has("toggles", "blink_hz", "high_ms", "burst", "follows", "chase_ms", "turn_ms", "commands")),
    ("waking", r"\b(?:wak(?:e|es|ing|eup)|woken|awake|wake-up|sleep(?:s|ing)?|stand-?by|réveil\w*|aufwach\w*|aufweck\w*|weckt?|schläft|schlafen\w*|despiert\w*|duerm\w*|dorm\w*)\b", _either(_kind("lowpower", "wwdg"), has("wakeup_s", "alarm"))),
    ("counting", r"\b(?:count(?:s|ed|ing)?|counter|zähl(?:t|en|er)|compt(?:e|er|eur|age)|cuenta\w*|contador|contar)\b", _either(_kind("capture", "encoder", "timer", "cycles", "systick"), has("tick_hz", "counts"), lambda e: any(each.get("edge", "none") != "none" for each in e))),
    ("measuring", r"\b(?:measur(?:e|es|ed|ing)|mess(?:en|t|e)|gemessen|mesure[rz]?|medir|mide|detect(?:s|ed|ing)?|erkenn\w+|détect\w+|detecta\w*|monitor(?:s|ed|ing)?)\b", _either(_kind("capture", "adc", "encoder", "cycles"), has("reads", "command", "stop", "idle"), lambda e: any(each.get("direction") == "in" for each in e))),
    ("switching on or off", r"\b(?:lights?(?: up)?|lit|turn(?:s|ed|ing)? (?:it )?(?:on|off)|switch(?:es|ed|ing)? (?:it )?(?:on|off)|allum\w+|éteint\w*|éteind\w*|einschalt\w*|ausschalt\w*|encend\w+|enciend\w+|apag\w+|leuchte[nt]?)\b(?! sensor| barrier)", _either(has("lights", "follows", "toggles", "sets", "clears", "commands", "initial", "blink_hz", "high_ms", "burst", "chase_ms", "turn_ms", "woken"), _kind("dac"), _no_output)),
    ("comparing", r"\b(?:agree\w*|compar(?:e|es|ed|ing)|match(?:es|ed)?\b(?! the)|differ(?:s|ed)?\b|vérifi\w+|prüfe?\w*|überprüf\w+|verific\w+|comprueb\w+)\b", has("expects", "low", "high", "filter_id")),
    ("the value in a CAN frame", r"\b(?:value|reading|count|position|result|temperature|measurement|wert|messwert|valeur|mesure|valor|medida)\w*\b.{0,40}\b(?:frame|CAN|trame|trama)\b|\b(?:frame|CAN|trame|trama)\b.{0,60}\b(?:value|reading|position|result|temperature|measurement|messwert|valeur|mesure|valor|medida)\w*\b",
     lambda e: not (_kind("can")(e) and _kind("adc", "encoder", "capture")(e))),
    ("the text's form", r"\b(?:upper-?case|upper case|lower-?case|lower case|capital letters|revers(?:e|ed|es)|hex(?:adecimal)?\b(?! file)|json|csv|comma[- ]separated|tab[- ]separated|time-?stamp(?:s|ed)|line ending|until (?:a |the )?(?:newline|cr|lf|line)|new-?line[- ]terminated|zeilenweise|großbuchstaben|majuscules?|mayúsculas?)\b",
     _either(has("hexadecimal"), lambda e: not any(each["kind"] == "usart" for each in e))),
    ("the FPU", r"\b(?:FPU|floating[- ]point unit|CPACR)\b", has("fpu")),
    ("a frame", r"\b(?:payload|start byte|sync byte|preamble|stx|etx|header byte|length byte|packets?|telegram\w*|check-?sum|prüfsumme|somme de contrôle|suma de (?:verificación|control))\b", _kind("can")),
)  # fmt: skip
ACTIONS = tuple((name, re.compile(pattern, re.IGNORECASE), fulfilled) for name, pattern, fulfilled in _ACTIONS)
"""Name, words, and whether a plan does it."""
