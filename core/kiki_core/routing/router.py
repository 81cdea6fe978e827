"""The router: which experts a question goes to, by sentence vectors and a few marks that a hardware text carries."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from kiki_core.domains import DOMAINS, MAX_ACTIVE
from kiki_core.encoder import Encoder
from kiki_core.events import Expert

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MIDDLE, _SLOPE = 0.42, 14.0
"""The similarity at which a domain is as likely as not, and how sharply that turns."""
_ACTIVE = 0.5
_BONUS = 0.22

_CARD = r"(?im)^\s*(?:\.(?:tran|ac|dc|op|meas|subckt|model)\b|[rclvi]\d\w* \S+ \S+ \S)"
_CIRCUIT = (
    r"(?i)\b(?:resistor|op-?amp|transistor|diode|mosfet|(?:low|high|band)-?pass|divider|rectifier|amplifier|"
    r"oscillator|r[lc]{1,2} (?:filter|circuit))\b"
)
_FRENCH = r"(?i)\b(?:bonjour|merci|s'il (?:te|vous) pla[iî]t|peux-tu|pouvez-vous|expliquer?-moi)\b"

MARKS: tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...] = (
    ("a SPICE card", ("spice", "spice-sim"), re.compile(_CARD)),
    ("the word SPICE or netlist", ("spice", "spice-sim"), re.compile(r"(?i)\b(?:ng|lt|p|h)?spice\b|\bnetlist\b")),
    ("a KiCad file", ("kicad-dsl",), re.compile(r"\(kicad_(?:sch|pcb|symbol_lib)|\.kicad_(?:sch|sym|mod|dru)\b")),
    ("the word KiCad", ("kicad-pcb", "kicad-dsl"), re.compile(r"(?i)\bkicad\b")),
    ("a HAL call or STM32", ("stm32",), re.compile(r"\bHAL_\w+|(?i:\bstm32\w*)")),
    ("a circuit's words", ("electronics",), re.compile(_CIRCUIT)),
    ("a supply's words", ("power",), re.compile(r"(?i)\b(?:buck|boost|flyback|ldo|regulator|smps|power supply)\b")),
    ("platformio", ("platformio",), re.compile(r"(?i)\bplatformio\b")),
    ("FreeCAD", ("freecad",), re.compile(r"(?i)\bfreecad\b")),
    ("Docker", ("docker",), re.compile(r"(?i)\bdocker(?:file)?\b")),
    ("French words", ("chat-fr",), re.compile(_FRENCH)),
)
"""What stands in a text, the domains that it speaks for, and how it is found."""


@dataclass(frozen=True, slots=True)
class Routing:
    """Scores of all domains in 0..1, the active experts (at most four, best first), and whether there are none."""

    scores: dict[str, float]
    active: tuple[Expert, ...]
    none: bool
    why: tuple[str, ...] = ()


class Router:
    """Routes by nearest prototypes; the vectors are computed once, on first use."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def route(self, text: str) -> Routing:
        """The experts for ``text``; only its first thousands of characters count.

        Raises:
            KikiError: if the encoder is not here.
        """
        import numpy as np

        text = text[:8000].strip()
        if not any(char.isalnum() for char in text):
            return Routing(dict.fromkeys(DOMAINS, 0.0), (), True, ("no words",))
        owners, sentences, vectors = self._prototypes
        similarity = vectors @ self._encoder.encode([text])[0]
        best = {domain: float(np.sort(similarity[owners == index])[-2:].mean()) for index, domain in enumerate(DOMAINS)}
        why = []
        for index in np.argsort(-similarity)[:3]:
            why.append(f"{DOMAINS[owners[index]]}: like “{sentences[index]}” ({similarity[index]:.2f})")
        for mark, domains, pattern in MARKS:
            if pattern.search(text):
                why.append(f"{', '.join(domains)}: {mark}")
                for domain in domains:
                    best[domain] += _BONUS
        scores = {d: float(1 / (1 + np.exp(-_SLOPE * (s - _MIDDLE)))) for d, s in best.items()}
        ranked = sorted(scores.items(), key=lambda item: -item[1])
        chosen = [(d, s) for d, s in ranked[:MAX_ACTIVE] if s >= _ACTIVE]
        return Routing(scores, tuple(Expert(d, round(s, 4)) for d, s in chosen), not chosen, tuple(why))

    @cached_property
    def _prototypes(self) -> tuple[NDArray[Any], list[str], NDArray[Any]]:
        import numpy as np

        table = tomllib.loads(files("kiki_core.routing").joinpath("prototypes.toml").read_text("utf-8"))
        pairs = [(index, sentence) for index, domain in enumerate(DOMAINS) for sentence in table[domain]]
        sentences = [sentence for _, sentence in pairs]
        return np.array([index for index, _ in pairs]), sentences, self._encoder.encode(sentences)
