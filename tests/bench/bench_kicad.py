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

from kiki_tools.kicad.service import KICAD
from kiki_tools.language import Workspace
from kiki_tools.text import Edit, Snapshot, Span

_EFFECTS = "\t\t\t(effects\n\t\t\t\t(font\n\t\t\t\t\t(size 1.27 1.27)\n\t\t\t\t)\n\t\t\t)\n"
_numbers = iter(range(1, 10**9))


def ident() -> str:
    return f"{next(_numbers):08x}-0000-4000-8000-000000000000"


def board(footprints: int = 2000, segments: int = 17_500) -> str:
    """A board of KiCad 9: resistors with two pads, tracks between them."""
    names = {0: "F.Cu", 2: "B.Cu", 5: "F.SilkS", 1: "F.Mask", 25: "Edge.Cuts", 35: "F.Fab", 13: "F.Paste"}
    layers = "".join(f'\t\t({n} "{name}" {"signal" if "Cu" in name else "user"})\n' for n, name in names.items())
    nets = "".join(f'\t(net {n} "{"/N" + str(n) if n else ""}")\n' for n in range(footprints + 1))
    parts = []
    for number in range(footprints):
        x, y = number % 60 * 4, number // 60 * 3
        pads = "".join(
            f'\t\t(pad "{pad}" smd roundrect\n\t\t\t(at {0.8 if pad == 2 else -0.8} 0)\n\t\t\t(size 0.8 0.95)\n'
            f'\t\t\t(layers "F.Cu" "F.Mask" "F.Paste")\n\t\t\t(roundrect_rratio 0.25)\n'
            f'\t\t\t(net {number + pad - 1} "{"/N" + str(number + pad - 1) if number + pad - 1 else ""}")\n'
            f'\t\t\t(pintype "passive")\n\t\t\t(uuid "{ident()}")\n\t\t)\n'
            for pad in (1, 2)
        )
        fields = "".join(
            f'\t\t(property "{name}" "{text}"\n\t\t\t(at 0 {at} 0)\n\t\t\t(layer "F.SilkS")\n\t\t\t(uuid "{ident()}")\n{_EFFECTS}\t\t)\n'
            for name, text, at in (("Reference", f"R{number + 1}", -1.4), ("Value", "10k", 1.4))
        )
        parts.append(
            f'\t(footprint "Resistor_SMD:R_0603"\n\t\t(layer "F.Cu")\n\t\t(uuid "{ident()}")\n\t\t(at {x} {y})\n'
            f"{fields}\t\t(attr smd)\n{pads}\t)\n"
        )
    tracks = "".join(
        f"\t(segment\n\t\t(start {n % 240} {n % 99}.{n % 10})\n\t\t(end {n % 240 + 1} {n % 99}.{n % 10})\n\t\t(width 0.2)\n"
        f'\t\t(layer "F.Cu")\n\t\t(net {n % footprints})\n\t\t(uuid "{ident()}")\n\t)\n'
        for n in range(segments)
    )
    return (
        '(kicad_pcb\n\t(version 20241229)\n\t(generator "pcbnew")\n\t(generator_version "9.0")\n\t(general\n\t\t(thickness 1.6)\n'
        f'\t)\n\t(paper "A4")\n\t(layers\n{layers}\t)\n{nets}{"".join(parts)}{tracks})\n'
    )


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
            body.append(
                f'\t(symbol\n\t\t(lib_id "Device:R")\n\t\t(at {x} {y} 0)\n\t\t(unit 1)\n\t\t(exclude_from_sim no)\n'
                f'\t\t(in_bom yes)\n\t\t(on_board yes)\n\t\t(dnp no)\n\t\t(uuid "{ident()}")\n'
                + "".join(
                    f'\t\t(property "{name}" "{text}"\n\t\t\t(at {x} {y} 0)\n{_EFFECTS}\t\t)\n'
                    for name, text in (
                        ("Reference", reference),
                        ("Value", "10k"),
                        ("Footprint", ""),
                        ("Datasheet", "~"),
                    )
                )
                + "".join(f'\t\t(pin "{pin}"\n\t\t\t(uuid "{ident()}")\n\t\t)\n' for pin in (1, 2))
                + f'\t\t(instances\n\t\t\t(project "bench"\n\t\t\t\t(path "/{root}/{box}"\n\t\t\t\t\t(reference "{reference}")\n'
                "\t\t\t\t\t(unit 1)\n\t\t\t\t)\n\t\t\t)\n\t\t)\n\t)\n"
            )
            body.append(_wire(x, y + 3.81, x, y + 16.51))
        found[f"s{number}.kicad_sch"] = _file(ident(), "".join(body))
        boxes.append(
            f'\t(sheet\n\t\t(at {30 + number * 40} 50)\n\t\t(size 20.32 20.32)\n\t\t(uuid "{box}")\n'
            f'\t\t(property "Sheetname" "s{number}"\n\t\t\t(at 0 0 0)\n{_EFFECTS}\t\t)\n'
            f'\t\t(property "Sheetfile" "s{number}.kicad_sch"\n\t\t\t(at 0 0 0)\n{_EFFECTS}\t\t)\n'
            f'\t\t(instances\n\t\t\t(project "bench"\n\t\t\t\t(path "/{root}"\n\t\t\t\t\t(page "{number + 2}")\n\t\t\t\t)\n\t\t\t)\n'
            "\t\t)\n\t)\n"
        )
    return {"bench.kicad_sch": _file(root, "".join(boxes)), **found}


def _wire(x1: float, y1: float, x2: float, y2: float) -> str:
    return (
        f"\t(wire\n\t\t(pts\n\t\t\t(xy {x1} {y1}) (xy {x2} {y2})\n\t\t)\n\t\t(stroke\n\t\t\t(width 0)\n"
        f'\t\t\t(type default)\n\t\t)\n\t\t(uuid "{ident()}")\n\t)\n'
    )


def _file(uuid: str, body: str) -> str:
    pins = "".join(
        f"\t\t\t\t(pin passive line\n\t\t\t\t\t(at 0 {y} {turn})\n\t\t\t\t\t(length 1.27)\n"
        f'\t\t\t\t\t(name "~"\n{_EFFECTS}\t\t\t\t\t)\n\t\t\t\t\t(number "{number}"\n{_EFFECTS}\t\t\t\t\t)\n\t\t\t\t)\n'
        for number, y, turn in ((1, 3.81, 270), (2, -3.81, 90))
    )
    return (
        f'(kicad_sch\n\t(version 20250114)\n\t(generator "eeschema")\n\t(generator_version "9.0")\n\t(uuid "{uuid}")\n'
        f'\t(paper "A3")\n\t(lib_symbols\n\t\t(symbol "Device:R"\n\t\t\t(in_bom yes)\n\t\t\t(on_board yes)\n'
        f'\t\t\t(symbol "R_1_1"\n{pins}\t\t\t)\n\t\t)\n\t)\n{body}\t(sheet_instances\n\t\t(path "/"\n\t\t\t(page "1")\n\t\t)\n\t)\n)\n'
    )


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


def _kiutils(reader: str, path: Path) -> list[float]:
    code = f"import time; from kiutils.{reader.lower()} import {reader} as R; t = time.perf_counter(); R.from_file({str(path)!r}); print(time.perf_counter() - t)"
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
