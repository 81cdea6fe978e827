"""KiCad's files in an editor: a first analysis, an edit to its diagnostics, requests; beside kicad-cli and kiutils."""

import gc
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rows import Row, row, seconds

from kiki_tools.kicad.layout import laid_out
from kiki_tools.kicad.service import KICAD
from kiki_tools.language import Workspace
from kiki_tools.text import Edit, Snapshot, Span

_EFFECTS = "(effects (font (size 1.27 1.27)))"
_numbers = iter(range(1, 10**9))


def ident() -> str:
    return f"{next(_numbers):08x}-0000-4000-8000-000000000000"


def _field(name: str, text: str, at: str, layer: str = "") -> str:
    where = f'(layer "{layer}") (uuid "{ident()}") ' if layer else ""
    return f'(property "{name}" "{text}" (at {at} 0) {where}{_EFFECTS})'


def _net(number: int) -> str:
    return f'(net {number} "{f"/N{number}" if number else ""}")'


def board(footprints: int = 2600, segments: int = 24_000) -> str:
    """A board of KiCad 9: resistors with two pads, tracks between them."""
    names = {0: "F.Cu", 2: "B.Cu", 5: "F.SilkS", 1: "F.Mask", 25: "Edge.Cuts", 35: "F.Fab", 13: "F.Paste"}
    layers = " ".join(f'({n} "{name}" {"signal" if "Cu" in name else "user"})' for n, name in names.items())
    parts = []
    for number in range(footprints):
        pads = " ".join(
            f'(pad "{pad}" smd roundrect (at {0.8 if pad == 2 else -0.8} 0) (size 0.8 0.95) '
            f'(layers "F.Cu" "F.Mask" "F.Paste") (roundrect_rratio 0.25) {_net(number + pad - 1)} '
            f'(pintype "passive") (uuid "{ident()}"))'
            for pad in (1, 2)
        )
        fields = _field("Reference", f"R{number + 1}", "0 -1.4", "F.SilkS") + _field("Value", "10k", "0 1.4", "F.SilkS")
        at = f"{number % 60 * 4} {number // 60 * 3}"
        parts.append(
            f'(footprint "Resistor_SMD:R_0603" (layer "F.Cu") (uuid "{ident()}") (at {at}) {fields} (attr smd) {pads})'
        )
    tracks = "".join(
        f"(segment (start {n % 240} {n % 997}.{n % 10}) (end {n % 240 + 1} {n % 997}.{n % 10}) (width 0.2) "
        f'(layer "F.Cu") (net {n % footprints}) (uuid "{ident()}"))'
        for n in range(segments)
    )
    nets = "".join(_net(number) for number in range(footprints + 1))
    head = '(version 20241229) (generator "pcbnew") (generator_version "9.0") (general (thickness 1.6)) (paper "A4")'
    return laid_out(f"(kicad_pcb {head} (layers {layers}) {nets} {''.join(parts)} {tracks})")


def schematics(symbols: int = 500, sheets: int = 4) -> dict[str, str]:
    """A root with some sheets of resistor chains; texts by their file's name."""
    root, found = ident(), {}
    boxes = []
    for number in range(sheets):
        box = ident()
        body = []
        for part in range(symbols // sheets):
            x, y = 25.4 + part % 20 * 10.16, 25.4 + part // 20 * 20.32
            reference = f"R{number * 1000 + part + 1}"
            fields = (("Reference", reference), ("Value", "10k"), ("Footprint", ""), ("Datasheet", "~"))
            body.append(
                f'(symbol (lib_id "Device:R") (at {x} {y} 0) (unit 1) (exclude_from_sim no) (in_bom yes) '
                f'(on_board yes) (dnp no) (uuid "{ident()}") {"".join(_field(*each, f"{x} {y}") for each in fields)} '
                f'{"".join(f"""(pin "{pin}" (uuid "{ident()}"))""" for pin in (1, 2))} '
                f'(instances (project "bench" (path "/{root}/{box}" (reference "{reference}") (unit 1)))))'
            )
            body.append(
                f"(wire (pts (xy {x} {y + 3.81}) (xy {x} {y + 16.51})) (stroke (width 0) (type default)) "
                f'(uuid "{ident()}"))'
            )
        found[f"s{number}.kicad_sch"] = _file(ident(), "".join(body))
        name = _field("Sheetname", f"s{number}", "0 0") + _field("Sheetfile", f"s{number}.kicad_sch", "0 0")
        boxes.append(
            f'(sheet (at {30 + number * 40} 50) (size 20.32 20.32) (uuid "{box}") {name} '
            f'(instances (project "bench" (path "/{root}" (page "{number + 2}")))))'
        )
    return {"bench.kicad_sch": _file(root, "".join(boxes)), **found}


def _file(uuid: str, body: str) -> str:
    pins = "".join(
        f'(pin passive line (at 0 {y} {turn}) (length 1.27) (name "~" {_EFFECTS}) (number "{number}" {_EFFECTS}))'
        for number, y, turn in ((1, 3.81, 270), (2, -3.81, 90))
    )
    resistor = f'(symbol "Device:R" (in_bom yes) (on_board yes) (symbol "R_1_1" {pins}))'
    head = f'(version 20250114) (generator "eeschema") (generator_version "9.0") (uuid "{uuid}") (paper "A3")'
    end = '(sheet_instances (path "/" (page "1")))'
    return laid_out(f"(kicad_sch {head} (lib_symbols {resistor}) {body} {end})")


def _edits(snapshot: Snapshot, texts: dict[str, Snapshot], times: int) -> tuple[Snapshot, list[float]]:
    """A coordinate, a line, a parenthesis that goes: each is typed, checked, and taken back."""
    chance = random.Random(1)
    places = [match.end() for match in re.finditer(r"\(at ", snapshot.text)]
    samples = []
    for number in range(times):
        at = chance.choice(places)
        line = snapshot.line_start(snapshot.line_of(at))
        edit = [
            Edit(Span(at, at), "1"),
            Edit(Span(line, line), "\t\t(locked yes)\n"),
            Edit(Span(at - 4, at - 3), ""),
        ][number % 3]
        back = Edit(Span(edit.span.start, edit.span.start + len(edit.text)), snapshot.slice(edit.span))
        began = time.perf_counter()
        snapshot = snapshot.edited([edit])
        _check(snapshot, texts)
        samples.append(time.perf_counter() - began)
        snapshot = snapshot.edited([back])
        _check(snapshot, texts)
    return snapshot, samples


def _check(snapshot: Snapshot, texts: dict[str, Snapshot]) -> None:
    workspace = Workspace({**texts, snapshot.path: snapshot})
    KICAD.wanted(snapshot, workspace)
    KICAD.diagnostics(snapshot, workspace, patient=False)


def _requests(name: str, snapshot: Snapshot, workspace: Workspace) -> list[Row]:
    rows = []
    at = snapshot.text.find("(uuid ", snapshot.length // 2)
    for asked, ask in (("hover", KICAD.hover), ("completion", KICAD.completions), ("definition", KICAD.definition)):
        samples = []
        for step in range(20):
            began = time.perf_counter()
            ask(snapshot, at + step, workspace)
            samples.append(time.perf_counter() - began)
        rows.append(row(f"{asked}, {name}", samples, "p95 <= 20 ms"))
    return rows


_READ = """
import time
from kiutils.{module} import {reader}
began = time.perf_counter()
{reader}.from_file({path!r})
print(time.perf_counter() - began)
"""


def _kiutils(reader: str, path: Path) -> list[float]:
    """Seconds that kiutils takes to read a file, in a process of its own."""
    code = _READ.format(module=reader.lower(), reader=reader, path=str(path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return [float(done.stdout)]


def benchmarks() -> list[Row]:
    rows = []
    KICAD.diagnostics(Snapshot(board(1, 1), "/tmp/w.kicad_pcb"), Workspace())  # the schema is read once
    for text in schematics(4, 1).values():
        KICAD.diagnostics(Snapshot(text, "/tmp/w.kicad_sch"), Workspace())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = board()
        path = folder / "bench.kicad_pcb"
        path.write_text(text)
        snapshot = Snapshot(text, str(path))
        size = f"{len(text) / 1e6:.1f} MB board"
        began = time.process_time()
        KICAD.diagnostics(snapshot, Workspace({str(path): snapshot}))
        first = time.process_time() - began
        gc.freeze()
        theirs = _kiutils("Board", path)
        rows.append(
            Row(
                f"first analysis, CPU, {size}",
                first * 1e3,
                first * 1e3,
                "ms",
                "<= 1500 ms",
                "kiutils reads",
                first / theirs[0],
            )
        )
        cli = seconds(
            lambda: subprocess.run(
                ["kicad-cli", "pcb", "export", "pos", "-o", str(folder / "o"), str(path)], capture_output=True
            ),
            1,
        )
        rows.append(row(f"kicad-cli loads and exports positions, {size}", cli, ""))
        snapshot, edits = _edits(snapshot, {}, 60)
        rows.append(row(f"edit to diagnostics, {size}", edits, "p95 <= 50 ms"))
        rows += _requests(size, snapshot, Workspace({snapshot.path: snapshot}))
        gc.unfreeze()
        texts = {}
        for file, text in schematics().items():
            (folder / file).write_text(text)
            texts[str(folder / file)] = Snapshot(text, str(folder / file))
        total = sum(each.length for each in texts.values()) / 1e6
        root = texts[str(folder / "bench.kicad_sch")]
        size = f"500 symbols on 5 sheets ({total:.1f} MB)"
        samples = []
        for _ in range(5):
            fresh = {path: Snapshot(each.text, path) for path, each in texts.items()}
            began = time.process_time()
            KICAD.diagnostics(fresh[root.path], Workspace(fresh), patient=False)
            samples.append(time.process_time() - began)
        report = ["kicad-cli", "sch", "erc", "-o", str(folder / "o.rpt"), root.path]
        cli = seconds(lambda: subprocess.run(report, capture_output=True), 3)
        rows.append(row(f"own ERC from cold, CPU, {size}", samples, "<= 150 ms", ("kicad-cli erc", cli)))
        inner = texts[str(folder / "s1.kicad_sch")]
        gc.freeze()
        inner, edits = _edits(inner, texts, 60)
        rows.append(row(f"edit to own ERC, {size}", edits, "p95 <= 30 ms"))
        rows += _requests(size, inner, Workspace({**texts, inner.path: inner}))
        gc.unfreeze()
    return rows
