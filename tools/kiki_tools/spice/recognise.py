"""Whether a file is a SPICE netlist."""

from __future__ import annotations

import re
from pathlib import PurePath

_SURE = frozenset({".cir", ".ckt", ".sp", ".spi", ".spice", ".spc", ".subckt"})
_MAYBE = frozenset({".net", ".lib", ".inc", ".mod", ".sub", ".model", ".cdl"})
_CARDS = re.compile(
    r"(?im)^\s*(?:\.(?:subckt|model|include|param|tran|ac|dc|op|ends?)\b|[rclvidqmx]\w*\s+\S+\s+\S+\s+\S+)"
)


def is_spice(path: str, text: str) -> bool:
    """By its suffix where that is sure; else by what the beginning looks like."""
    suffix = PurePath(path).suffix.lower()
    if suffix in _SURE:
        return True
    return suffix in _MAYBE and len(_CARDS.findall(text[:20_000])) >= 2
