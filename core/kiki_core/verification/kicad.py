"""KiCad's files: read by kiki's own analysis, then loaded and checked by KiCad where it is installed."""

from __future__ import annotations

import asyncio

from kiki_core.events import Artefact, Evidence, Verdict
from kiki_core.verification import own
from kiki_core.verification.checked import Checked

_MOST = 4


async def check_kicad(artefact: Artefact, attempt: int) -> Checked:
    """A schematic by the electrical check, a board by the design check, a symbol or footprint by drawing it.

    Design rules are read by kiki alone: KiCad drops a file that it can't read without a word. A file with errors isn't
    given to KiCad: it could say less of it.
    """
    found = await asyncio.to_thread(own.analysed, artefact)
    verdicts = [own.verdict(artefact, attempt, found)]
    told = own.complaints(artefact, found)
    if told or artefact.language == "kicad_dru":
        return Checked(tuple(verdicts), not told, told)
    evidence, ok, told = await _by_kicad(artefact)
    return Checked((*verdicts, Verdict(attempt, artefact.name, evidence)), ok, told)


async def _by_kicad(artefact: Artefact) -> tuple[Evidence, bool | None, tuple[str, ...]]:
    from kiki_tools.kicad import installation, instrument

    snapshot = own.snapshot_of(artefact)
    kicad = await asyncio.to_thread(installation.find)
    version = kicad.version if kicad is not None else ""
    try:
        if artefact.language in ("kicad_sch", "kicad_pcb"):
            report: instrument.Report = "erc" if artefact.language == "kicad_sch" else "drc"
            violations = await instrument.check(report, snapshot, {})
            errors = [each for each in violations if each.severity == "error"]
            told = tuple(_said(each) for each in errors[:_MOST])
            rest = len(violations) - len(errors)
            said = f"{len(errors)} errors of its {report.upper()}, first: {told[0]}" if errors else ""
            said = said or f"loads; its {report.upper()} finds no error" + (f" and {rest} warnings" if rest else "")
        else:
            await instrument.picture(snapshot, {})
            told, said = (), "loads and draws it"
    except instrument.KicadMissing as error:
        return Evidence("kicad-cli", version, snapshot.sha256, False, f"{error}: nothing was verified"), None, ()
    except instrument.KicadFailed as error:
        told, said = (f"KiCad: {error}",), str(error)
    return Evidence("kicad-cli", version, snapshot.sha256, not told, said), not told, told


def _said(violation: object) -> str:
    from kiki_tools.kicad.instrument import Violation

    assert isinstance(violation, Violation)
    items = "; ".join(item[0] for item in violation.items[:2])
    return f"{violation.rule}: {violation.message}" + (f" ({items})" if items else "")
