"""The judge of answers from sensor to converter: both sides must tell the same numbers.

The front end's netlist is run at both ends of the range with sources of this module's own; what comes out is turned into
counts here, and the answer's own `sensor_value` must give the sensor's quantity back. The code is judged as `stm32` does.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import stm32
from judging import Judged, boxed

from kiki_tools.spice import ngspice
from kiki_tools.text import Snapshot

_CARDS = re.compile(r"^\s*(?:\.(?:tran|ac|dc|op|meas\w*|end)\b(?!s)|\*).*$", re.IGNORECASE | re.MULTILINE)


PLANNER, FILES = "cross", True
"""Its planner; an answer may have several files: `judge` gets the JSON of them by name."""


async def judge(item: dict[str, Any], artefact: str | None) -> Judged:
    """The files of an answer against the item's checks."""
    if not artefact:
        return Judged(False, ("nothing was made",))
    files = json.loads(artefact)
    deck = next((text for name, text in files.items() if name.endswith(".cir")), None)
    if deck is None or "main.c" not in files:
        return Judged(False, ("no deck, or no code",))
    code = {name: text for name, text in files.items() if name.endswith((".c", ".h"))}
    rest = [
        _paced(check, item["text"], files["main.c"])
        for check in item["checks"]
        if check["kind"] not in ("ends", "filter")
    ]
    judged = await stm32.judge({**item, "checks": rest}, json.dumps(code))
    failed = list(judged.failed)
    for check in item["checks"]:
        if check["kind"] == "ends":
            failed += await _ends(check, deck, files["main.c"])
        elif check["kind"] == "filter":
            failed += await _filter(check, deck)
    return Judged(not failed, tuple(failed))


def _paced(check: dict[str, Any], text: str, code: str) -> dict[str, Any]:
    """A timer's check; of the timer whose trigger output the code sets up, where the text names none."""
    if check["kind"] != "timer" or re.search(r"\bTIM(?:ER)? ?\d", text, re.IGNORECASE):
        return check
    timers = re.findall(r"\b(TIM\d+)->CR2\s*\|?=", code)
    return {**check, "timer": timers[0]} if timers else check


def wrong(artefact: str) -> list[str]:
    """Answers that must fail: another resistor, another count."""
    files = json.loads(artefact)
    name = next(name for name in files if name.endswith(".cir"))
    deck = re.sub(r"^(R(?:1|g|shunt) \S+ \S+) (\S+)", r"\1 1234", files[name], flags=re.MULTILINE)
    code = re.sub(r"(SENSOR_COUNTS_HIGH) \d+", r"\1 2000", files["main.c"])
    return [json.dumps({**files, name: deck}), json.dumps({**files, "main.c": code})]


def _driven(deck: str, level: float, ac: bool = False) -> str:
    """The netlist with its sensor's source at a level, and this module's analysis."""
    body = _CARDS.sub("", deck)
    body = re.sub(r"^((?:Vin|Iin) \S+ \S+).*$", rf"\1 DC {level:.9g}{' AC 1' if ac else ''}", body, flags=re.MULTILINE)
    analysis = ".ac dec 200 0.01 10meg" if ac else ".op"
    return f"* judged\n{body}\n{analysis}\n.end\n"


async def _ends(check: dict[str, Any], deck: str, code: str) -> list[str]:
    full = 2 ** check.get("bits", 12) - 1
    counts = []
    for level in check["input"]:
        run = await ngspice.simulate(Snapshot(_driven(deck, level), "/judge.cir"))
        volts = next((a.vectors["v(out)"].values[-1] for a in run.analyses if "v(out)" in a.vectors), None)
        if volts is None:
            return ["the deck doesn't run"]
        if not -0.01 <= volts.real <= check.get("reference", 3.3) * 1.002:
            return [f"{volts.real:.4g} V at {level:g} is outside the converter's range"]
        counts.append(max(0, min(full, round(volts.real / check.get("reference", 3.3) * full))))
    if abs(counts[1] - counts[0]) < check.get("least", 0.6) * full:
        return [f"only {abs(counts[1] - counts[0])} counts of {full} are used"]
    match = re.search(r"#define SENSOR_COUNTS_LOW.*?\n}\n", code, re.DOTALL)
    if match is None:
        return ["the code doesn't convert"]
    with tempfile.TemporaryDirectory() as folder:
        calls = "".join(f'printf("%.6f\\n", (double)sensor_value({count}));' for count in counts)
        source = f"#include <stdint.h>\n#include <stdio.h>\n{match.group(0)}\nint main(void){{{calls}return 0;}}\n"
        Path(folder, "a.c").write_text(source)
        subprocess.run(["gcc", "-w", "a.c", "-o", "a"], cwd=folder, check=True, timeout=60)
        lines = subprocess.run(boxed(f"{folder}/a"), capture_output=True, text=True, timeout=10).stdout.split()
    span = abs(check["value"][1] - check["value"][0])
    wrong_ends = [
        f"{float(got):.4g}, not {want:g}"
        for got, want in zip(lines, check["value"], strict=True)
        if abs(float(got) - want) > 0.015 * span
    ]
    return wrong_ends


async def _filter(check: dict[str, Any], deck: str) -> list[str]:
    stated = re.search(r"^(?:Vin|Iin) \S+ \S+ DC ([-+\d.]+(?:e[-+]?\d+)?)([munp]?)", deck, re.MULTILINE | re.IGNORECASE)
    scale_of = {"m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12}
    level = float(stated[1]) * scale_of.get(stated[2].lower(), 1) if stated else 0.0
    run = await ngspice.simulate(Snapshot(_driven(deck, level, ac=True), "/judge.cir"))
    analysis = next((a for a in run.analyses if a.kind == "ac"), None)
    if analysis is None:
        return ["no response"]
    scale, gain = analysis.vectors["frequency"].values.real, abs(analysis.vectors["v(out)"].values)
    corner = next((f for f, g in zip(scale, gain, strict=True) if g < gain[0] / 2**0.5), 0.0)
    return [] if abs(corner / check["hz"] - 1) < 0.12 else [f"corner at {corner:.4g} Hz"]
