"""Whether a question asks for an analog circuit to be made: not to explain, compare, or mend an attached one."""

from __future__ import annotations

import re
from collections.abc import Sequence

_MAKE = re.compile(
    r"(?<!\w)(?:design|build|make|create|give me|i need|we need|needed|i want|i'd like|i would like|looking for|"
    r"calculate|compute|"
    r"size|dimension|draw|generate|write|provide|sketch|please|could you|can you do|find (?:the )?(?:values|parts)|"
    r"netlist for|"
    r"show me|set up|come up with|put together|suggest|do i need|should i use|"
    r"con[çc]ois|concevoir|conception|dimensionn\w*|r[ée]alise\w*|fais|donne\w*|j'ai besoin|il me faut|je veux|"
    r"je voudrais|"
    r"je cherche|calcule\w*|cr[ée]e\w*|propose\w*|"
    r"entwirf|entwerfe\w*|brauche|ben[öo]tige|gib mir|erstelle\w*|bau\w*|berechne\w*|dimensioniere\w*|mach\w*|"
    r"ich m[öo]chte|"
    r"ich suche|bitte|gesucht|"
    r"dise[ñn]\w*|necesito|quiero|quisiera|haz\w*|dame|calcul\w*|crea\w*|busco|hazme)(?!\w)",
    re.IGNORECASE,
)
_TELL = re.compile(
    r"^\W*(?:(?:hi|hello|hey|ok|so|please|bonjour|hallo|hola|salut)\W+)?(?:(?:can|could|would) you (?:please )?|"
    r"please )?"
    r"(?:explain|describe|why|what(?:'s| is| are| does| do| would| happens| causes| cutoff| gain| frequency)|compare|"
    r"how (?:does|do (?!i|we)|is|"
    r"are|much|come|many)|which|when|who|is it|are there|is there|does|do (?!i need)|tell me (?:about|why|how)|"
    r"define|summari[sz]e|teach|"
    r"translate(?!.{0,30}\d ?m?v\b)|difference (?:between|entre)|review|should i (?:worry|care)|"
    r"explique|expliquer|pourquoi|qu'est|quelle? (?:est|sont)|comment (?:fonctionne|marche)|comparez?|d[ée]cris|"
    r"erkl[äa]r\w*|warum|wieso|was (?:ist|sind|bedeutet|macht|passiert)|wie funktioniert|vergleiche\w*|welche\w*|"
    r"explica\w*|por qu[ée]|qu[ée] (?:es|son|significa)|c[óo]mo funciona|compar(?:a|ar|e|en)|cu[áa]l)(?!\w)",
    re.IGNORECASE,
)
_STRONG_MAKE = re.compile(
    r"(?<!\w)(?:design|build|netlist|give me|i need|do i need|entwirf|brauche|con[çc]ois|j'ai besoin|il me faut|"
    r"dise[ñn]\w+|necesito)(?!\w)",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"(?<!\w)(?:my|this|these|attached|the (?:attached|following|above)|below|following|mon|ma|ce|cette|ci-joint\w*|"
    r"mein\w*|"
    r"dies\w*|angeh[äa]ngt\w*|mi|este|esta|adjunt\w*)\s(?:[\w-]+\s){0,3}?(?:netlist|circuit|deck|file|schematic|"
    r"design|filter|amplifier|"
    r"code|fichier|circuit|schaltung|datei|netzliste|circuito|archivo|fichero|montage|simulation)",
    re.IGNORECASE,
)
_MEND = re.compile(
    r"(?<!\w)(?:debug|fix|repair|check|review|verify|simulate|improve|modify|change|correct|what'?s wrong|"
    r"doesn'?t work|not working|"
    r"fails?|error|convert|translate|corrige\w*|r[ée]pare\w*|v[ée]rifi\w*|korrigier\w*|pr[üu]f\w*|repariere\w*|"
    r"[äa]nder\w*|"
    r"corrig\w*|arregla\w*|revisa\w*|comprueba\w*|modifi\w*)(?!\w)",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"(?<!\w)(?:kicad|footprint|symbol library|schematic symbol|\.kicad_\w+|stm32\w*|firmware|hal_\w+|"
    r"(?:arduino|esp32|esp8266|micropython) (?:code|sketch|program\w*|library|firmware)|"
    r"(?:code|sketch|program\w*|library) (?:\w+ ){0,3}(?:arduino|esp32|esp8266)|analogread\w*|digitalwrite\w*|"
    r"python|numpy|"
    r"scipy|matlab|(?:gnu|in|with|using) octave|octave (?:code|script)|"
    r"verilog\w*|vhdl|fpga|digital filter|digitalfilter|filtre num[ée]rique|"
    r"filtro digital|"
    r"fir filter|fir|iir|"
    r"z-transform|biquad coefficients|javascript|rust|c\+\+|in c|in software|en logiciel|freecad|openscad|docker\w*|"
    r"sql|latex|"
    r"react|css|html|yaml|json)(?!\w)",
    re.IGNORECASE,
)
_WITHOUT_KIT = re.compile(
    r"(?<!\w)(?:(?:true )?rms[- ](?:to[- ]dc|converter|detector)|anti-?log\w*|log(?:arithmic)? (?:amp\w*|converter)|"
    r"(?:analog(?:ue)?|four[- ]quadrant) multiplier|mixer|modulator|demodulator|pll|phase[- ]locked loop|vco|"
    r"voltage[- ]controlled oscillator|sample[- ]and[- ]hold|track[- ]and[- ]hold|gyrator|charge amp\w*|"
    r"lock-?in|class[- ](?:c|d) (?:amp\w*|output|stage)|push[- ]pull converter|"
    r"flyback (?:converter|supply|transformer)|sepic|[cć]uk|forward converter|resonant converter|llc|h[- ]bridge|"
    r"half[- ]bridge|delta[- ]sigma|sigma[- ]delta|thermostat|audio mixer|equali[sz]er)(?!\w)",
    re.IGNORECASE,
)
"""Circuits that no kit makes, whose words and numbers look like those of one that does."""
_FENCE = re.compile(r"```|~~~|^\s*\.(?:end|ac|tran|op|subckt)\b", re.MULTILINE | re.IGNORECASE)


def wants_circuit(text: str, files: Sequence[tuple[str, str]] = ()) -> bool:
    """Whether the question asks for a new circuit. A bare noun phrase ("RC low-pass, 1 kHz") does.

    ``files``: only that there are some counts, never what is in them.
    """
    head = text[:4000]
    if _OTHER.search(head) or _WITHOUT_KIT.search(head) or _FENCE.search(head):
        return False
    if (files or _OWN.search(head)) and _MEND.search(head):
        return False
    return not (_TELL.search(head) and not _STRONG_MAKE.search(head))


def asks_plainly(text: str) -> bool:
    """Whether a word says that something is to be made."""
    return _MAKE.search(text[:4000]) is not None
