"""The instrument: KiCad's own checks and pictures, by kicad-cli in the sandbox."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from kiki_tools import process
from kiki_tools.kicad import installation
from kiki_tools.process import Limits, Outcome
from kiki_tools.text import Snapshot

_LIMITS = Limits(cpu_s=120, wall_s=180, memory_bytes=8_000_000_000, output_bytes=4_000_000)
_ENVIRONMENT = {"HOME": "/w/home", "LC_ALL": "C.UTF-8"}
Report = Literal["erc", "drc"]


class KicadMissing(RuntimeError):
    """kicad-cli isn't installed, or is older than 8."""


class KicadFailed(RuntimeError):
    """KiCad gave no result: it refused the file, crashed or ran out of time. The message is what it said."""


@dataclass(frozen=True, slots=True)
class Violation:
    """What KiCad reports: the rule, how bad it takes it, where on the sheet or board (mm), and the items' UUIDs."""

    rule: str
    severity: str
    message: str
    items: tuple[tuple[str, float, float, str], ...]
    """Each item's description, x, y, UUID."""
    sheet: str


def _kicad() -> installation.Kicad:
    found = installation.find()
    if found is None or found.major < installation.OLDEST:
        raise KicadMissing("kicad-cli 8 or newer is not installed")
    return found


async def _run(words: Sequence[str], files: Mapping[str, bytes], collect: Sequence[str]) -> Outcome:
    kicad = _kicad()
    shares = [
        Path(folder) for folder in ("/usr/share/kicad", "/usr/local/share/kicad", "/etc/fonts", "/usr/share/fonts")
    ]
    readonly = [Path("/usr/bin"), *(folder for folder in shares if folder.is_dir())]
    inputs = {**files, "home/.keep": b""}
    environment = {**_ENVIRONMENT, "KICAD_CONFIG_HOME": "/out/config"}
    return await process.run(
        [kicad.path, *words], inputs=inputs, readonly=readonly, collect=collect, limits=_LIMITS, env=environment
    )


def project_files(main: Snapshot, texts: Mapping[str, Snapshot]) -> tuple[str, dict[str, bytes]]:
    """The main file's name in the sandbox, and the texts of the project by their names there.

    The project's folder becomes `p`; what lies outside of it isn't given.
    """
    folder = os.path.dirname(main.path)
    found = {}
    for path, snapshot in {**texts, main.path: main}.items():
        relative = os.path.relpath(path, folder)
        if not relative.startswith(".."):
            found[f"p/{relative}"] = snapshot.text.encode("utf-8", "surrogatepass")
    return f"/w/p/{os.path.basename(main.path)}", found


async def check(report: Report, main: Snapshot, texts: Mapping[str, Snapshot]) -> list[Violation]:
    """KiCad's electrical (`erc`) or design (`drc`) rules check of a root sheet or a board.

    Raises:
        KicadMissing, KicadFailed.
    """
    name, files = project_files(main, texts)
    kind = "sch" if report == "erc" else "pcb"
    words = [kind, report, "--format", "json", "--severity-all", "--units", "mm", "-o", "/out/report.json", name]
    if report == "drc" and (name.removesuffix(".kicad_pcb") + ".kicad_sch").removeprefix("/w/") in files:
        words.insert(2, "--schematic-parity")
    outcome = await _run(words, files, ["report.json"])
    content = outcome.outputs.get("report.json")
    if content is None:
        raise KicadFailed(_said(outcome))
    return _violations(json.loads(content), 100.0 if report == "erc" else 1.0)


def _said(outcome: Outcome) -> str:
    if outcome.stopped is not None:
        return f"KiCad was stopped: {outcome.stopped}"
    text = (outcome.stderr + outcome.stdout).decode("utf-8", "replace").strip()
    lines = [line for line in text.splitlines() if line.strip() and "Loading" not in line]
    return lines[-1][:300] if lines else f"KiCad ended with {outcome.returncode}"


def _violations(data: Any, scale: float) -> list[Violation]:
    """KiCad 8 and 9 give the electrical check's places in hundredths of a millimetre, whatever they say."""
    found = []
    sheets = data.get("sheets", [])
    groups = [(sheet.get("path", "/"), sheet.get("violations", [])) for sheet in sheets]
    groups += [("", data.get(key, [])) for key in ("violations", "unconnected_items", "schematic_parity")]
    for sheet, violations in groups:
        for each in violations:
            items = tuple(
                (
                    str(item.get("description", "")),
                    float(item.get("pos", {}).get("x", 0)) * scale,
                    float(item.get("pos", {}).get("y", 0)) * scale,
                    str(item.get("uuid", "")),
                )
                for item in each.get("items", [])
            )
            found.append(
                Violation(
                    str(each.get("type", "")),
                    str(each.get("severity", "")),
                    str(each.get("description", "")),
                    items,
                    sheet,
                )
            )
    return found


Picture = Literal["svg", "pdf"]


async def picture(main: Snapshot, texts: Mapping[str, Snapshot]) -> bytes:
    """A sheet, board, symbol library's first symbol or footprint as SVG, drawn by KiCad.

    Raises:
        KicadMissing, KicadFailed.
    """
    suffix = os.path.splitext(main.path)[1]
    name, files = project_files(main, texts)
    base = os.path.splitext(os.path.basename(main.path))[0]
    if suffix == ".kicad_sch":
        words = ["sch", "export", "svg", "--no-background-color", "-o", "/out", name]
    elif suffix == ".kicad_pcb":
        layers = "F.Cu,B.Cu,F.SilkS,F.Mask,Edge.Cuts"
        words = [
            "pcb",
            "export",
            "svg",
            "--layers",
            layers,
            "--mode-single",
            "--page-size-mode",
            "2",
            "-o",
            f"/out/{base}.svg",
            name,
        ]
        if _kicad().major < 9:
            words.remove("--mode-single")
    elif suffix == ".kicad_mod":
        files = {f"p/p.pretty/{os.path.basename(main.path)}": main.text.encode()}
        words = ["fp", "export", "svg", "-o", "/out", "/w/p/p.pretty"]
    else:
        words = ["sym", "export", "svg", "-o", "/out", name]
    outcome = await _run(words, files, [f"{base}.svg", *_symbol_pictures(main, suffix)])
    for content in outcome.outputs.values():
        return content
    raise KicadFailed(_said(outcome))


def _symbol_pictures(main: Snapshot, suffix: str) -> list[str]:
    if suffix != ".kicad_sym":
        return []
    from kiki_tools.kicad.libraries import symbol_names

    return [f"{name}_unit{unit}.svg" for name in symbol_names(main)[:1] for unit in (1,)]
