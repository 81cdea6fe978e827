"""Whether a question asks for an analog circuit to be made: not to explain, compare, or mend an attached one."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TELL = re.compile(
    r"^\W*(?:(?:hi|hello|hey|ok|so|please|bonjour|hallo|hola|salut)\W+)?(?:(?:can|could|would) you (?:please )?|"
    r"please )?(?:explain|describe|why|what(?:'s| is| are| does| do| would| happens| causes| cutoff| gain|"
    r" frequency)|compare|how (?:does|do (?!i|we)|is|are|much|come|many)|which|when|who|is it|are there|is there|"
    r"does|do (?!i need)|tell me (?:about|why|how)|define|summari[sz]e|teach|translate(?!.{0,30}\d ?m?v\b)|"
    r"difference (?:between|entre)|review|should i (?:worry|care)|explique|expliquer|pourquoi|qu'est|quelle? (?:est|"
    r"sont)|comment (?:fonctionne|marche)|comparez?|d[ée]cris|erkl[äa]r\w*|warum|wieso|was (?:ist|sind|bedeutet|"
    r"macht|passiert)|wie funktioniert|vergleiche\w*|welche\w*|explica\w*|por qu[ée]|qu[ée] (?:es|son|significa)|"
    r"c[óo]mo funciona|compar(?:a|ar|e|en)|cu[áa]l)(?!\w)",
    re.IGNORECASE,
)
_STRONG_MAKE = re.compile(
    r"(?<!\w)(?:design|build|netlist|give me|i need|do i need|entwirf|brauche|con[çc]ois|j'ai besoin|il me faut|"
    r"dise[ñn]\w+|necesito)(?!\w)",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"(?<!\w)(?:my|this|these|attached|the (?:attached|following|above)|below|following|mon|ma|ce|cette|ci-joint\w*|"
    r"mein\w*|dies\w*|angeh[äa]ngt\w*|mi|este|esta|adjunt\w*)\s(?:[\w-]+\s){0,3}?(?:netlist|circuit|deck|file|"
    r"schematic|design|filter|amplifier|code|fichier|circuit|schaltung|datei|netzliste|circuito|archivo|fichero|"
    r"montage|simulation)",
    re.IGNORECASE,
)
_MEND = re.compile(
    r"(?<!\w)(?:debug|fix|repair|check|review|verify|simulate|improve|modify|change|correct|what'?s wrong|"
    r"doesn'?t work|not working|fails?|error|convert|translate|corrige\w*|r[ée]pare\w*|v[ée]rifi\w*|korrigier\w*|"
    r"pr[üu]f\w*|repariere\w*|[äa]nder\w*|corrig\w*|arregla\w*|revisa\w*|comprueba\w*|modifi\w*)(?!\w)",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"(?<!\w)(?:kicad|footprint|symbol library|schematic symbol|\.kicad_\w+|stm32\w*|firmware|hal_\w+|(?:arduino|"
    r"esp32|esp8266|micropython) (?:code|sketch|program\w*|library|firmware)|(?:code|sketch|program\w*|"
    r"library) (?:\w+ ){0,3}(?:arduino|esp32|esp8266)|analogread\w*|digitalwrite\w*|python|numpy|scipy|matlab|(?:gnu|"
    r"in|with|using) octave|octave (?:code|script)|verilog\w*|vhdl|fpga|digital filter|digitalfilter|"
    r"filtre num[ée]rique|filtro digital|fir filter|fir|iir|z-transform|biquad coefficients|javascript|rust|c\+\+|"
    r"in c|in software|en logiciel|freecad|openscad|docker\w*|sql|latex|react|css|html|yaml|json)(?!\w)",
    re.IGNORECASE,
)
_WITHOUT_KIT = re.compile(
    r"(?<!\w)(?:(?:true )?rms[- ](?:to[- ]dc|converter|detector)|"
    r"(?:analog(?:ue)?|four[- ]quadrant) multiplier|mixer|modulator|demodulator|pll|phase[- ]locked loop|vco|"
    r"voltage[- ]controlled oscillator|charge amp\w*|lock-?in|"
    r"(?<!for a )(?<!for my )(?<!behind a )(?<!of a )"
    r"class[- ](?:c|d) (?:amp\w*|output|stage)|push[- ]pull converter|flyback (?:converter|supply|transformer)|sepic|"
    r"[cć]uk|forward converter|resonant converter|llc|h[- ]bridge|half[- ]bridge|delta[- ]sigma|sigma[- ]delta|"
    r"thermostat|audio mixer|equali[sz]er)(?!\w)",
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
