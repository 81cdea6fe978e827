"""An answer beside a mark of its question, as numbers for the classifier."""

from __future__ import annotations

import math
import re

import numpy as np
import numpy.typing as npt

from kiki_core.debias.marks import BIASES, CROWD, Mark, sentences
from kiki_core.debias.options import Option, conclusion
from kiki_core.planning import quantities

NAMES = (*BIASES, "follows", "opposes", "unclear", "echoes", "grounds", "contrast", "long", "filler", "repeats")
_GROUNDS = re.compile(r"=|\b(?:because|since|therefore|so that|dissipat\w+|efficien\w+|loss(?:es)?|drop\w*|noise|ripple|margin|"
                      r"datasheet|formula|depends on|ratio|bandwidth|tolerance)\b", re.IGNORECASE)  # fmt: skip
_CONTRAST = re.compile(r"\b(?:but|however|although|though|depends|instead|unless|on the other hand|not necessarily|while|whereas|"
                       r"neither|both|drawback|trade-?off)\b", re.IGNORECASE)  # fmt: skip
_FILLER = re.compile(r"\b(?:it is (?:important|worth|crucial|essential) to|in (?:conclusion|summary|general|today's)|as (?:mentioned|stated|we)|"
                     r"needless to say|a (?:wide )?(?:range|variety) of|plays? a (?:crucial|vital|key) role|various|numerous|overall|furthermore|"
                     r"moreover|additionally|ultimately|comprehensive|robust|seamless\w*|state-of-the-art|cutting-edge|holistic\w*)\b",
                     re.IGNORECASE)  # fmt: skip
_EMOTIVE = re.compile(
    r"\b(?:love\w*|trust\w*|beautiful|wonderful|amazing|garbage|awful|terrible|brilliant|elegant|horrible|ugly|great)\b",
    re.I,
)
_AGREES = re.compile(
    r"^\W*(?:yes|right|exactly|absolutely|indeed|you(?:'re| are) right|correct|of course|definitely)\b", re.IGNORECASE
)
_DENIES = re.compile(
    r"^\W*(?:no\b|it isn't|it is not|i can't (?:confirm|agree)|i (?:don't|disagree)|not necessarily|actually|nein|non)\b",
    re.IGNORECASE,
)
_ORDER = re.compile(r"\b(?:first|last|latter|former) (?:one|option|choice)\b", re.IGNORECASE)

Row = npt.NDArray[np.float64]


def row(mark: Mark, answer: str, found: tuple[Option, ...], question: str) -> Row:
    """The features named in `NAMES`."""
    text = answer[:20_000]
    chosen = conclusion(text, [one.text for one in found])
    follows, opposes = _follows(mark, text, chosen)
    words = max(len(text.split()), 1)
    new = {(q.value, q.unit) for q in quantities.read(text)} - {
        (q.value, q.unit) for q in quantities.read(question[:20_000])
    }
    grounds = len(_GROUNDS.findall(text)) + len(new)
    places = [text[a:b].strip().lower() for a, b in sentences(text)]
    return np.array(
        [
            *(float(mark.bias == bias) for bias in BIASES),
            float(follows),
            float(opposes),
            float(not follows and not opposes),
            float(_echoes(mark, text)),
            math.log1p(grounds),
            float(bool(_CONTRAST.search(text))),
            max(0.0, math.log(words / 120)),
            min(1.0, 12 * len(_FILLER.findall(text)) / words),
            1 - len(set(places)) / len(places) if places else 0.0,
        ]
    )


def _follows(mark: Mark, text: str, chosen: int | None) -> tuple[bool, bool]:
    if mark.bias != "position" and _DENIES.match(text):
        return False, True
    if mark.bias == "position":
        return chosen == 0, chosen not in (0, None)
    if mark.value is not None:
        said = [q.value for q in quantities.read(text) if q.unit == mark.unit]
        same = [value for value in said if math.isclose(value, mark.value, rel_tol=0.02)]
        if mark.towards is None or chosen is None:
            return bool(same), bool(said) and not same
    if chosen is None:
        return bool(_AGREES.match(text)), False
    if mark.towards is not None:
        return chosen == mark.towards, chosen != mark.towards
    if mark.against is not None:
        return chosen != mark.against, chosen == mark.against
    return bool(_AGREES.match(text)), False


def _echoes(mark: Mark, text: str) -> bool:
    pattern = {"bandwagon": CROWD, "sentiment": _EMOTIVE, "framing": _AGREES, "position": _ORDER}.get(mark.bias)
    return pattern is not None and pattern.search(text) is not None
