"""What the tools say of artefacts: ngspice of netlists, KiCad of its files, gcc of firmware, and of numbers in prose.

`check` takes all artefacts of one draft; foreign code runs in the sandbox only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from kiki_core.events import Artefact
from kiki_core.verification.checked import Checked
from kiki_core.verification.spice import check_deck, curves, simulate_file, summary, verdict_of

__all__ = ["Checked", "check", "check_deck", "curves", "simulate_file", "summary", "verdict_of"]

_KICAD = frozenset({"kicad_sch", "kicad_sym", "kicad_mod", "kicad_pcb", "kicad_dru"})
_C = frozenset({"c", "cpp"})


async def check(artefacts: Sequence[Artefact], attempt: int) -> list[Checked]:
    """Each artefact's check, in their order. Firmware's files are compiled together."""
    firmware = [one for one in artefacts if one.language in _C]
    others = [one for one in artefacts if one.language not in _C]
    found: dict[int, Checked] = {}
    if firmware:
        from kiki_core.verification.firmware import check_firmware

        for one, checked in zip(firmware, await check_firmware(firmware, attempt), strict=True):
            found[id(one)] = checked
    for one, checked in zip(others, await asyncio.gather(*(_check(one, attempt) for one in others)), strict=True):
        found[id(one)] = checked
    return [found[id(one)] for one in artefacts]


async def _check(artefact: Artefact, attempt: int) -> Checked:
    if artefact.language in _KICAD:
        from kiki_core.verification.kicad import check_kicad

        return await check_kicad(artefact, attempt)
    return await check_deck(artefact, attempt)
