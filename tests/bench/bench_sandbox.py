"""A deck of about 30 ms through the sandbox, against bare ngspice in the same run."""

import asyncio
import subprocess
import tempfile
from pathlib import Path

from rows import Row, row, seconds

from kiki_tools.spice import ngspice
from kiki_tools.text import Snapshot

LIMITS = ngspice.Limits(cpu_s=60, wall_s=60)
DECK = "* ladder\nV1 n0 0 PULSE(0 1 0 1n 1n 1u 2u)\n{ladder}.tran 10n {stop}\n.end\n"


def _deck(stop: str) -> str:
    ladder = "".join(f"R{i} n{i - 1} n{i} 100\nC{i} n{i} 0 10p\n" for i in range(1, 21))
    return DECK.format(ladder=ladder, stop=stop)


def benchmarks() -> list[Row]:
    rows = []
    for name, stop, times, goal in (("30 ms deck", "50u", 30, "<= 1.5x"), ("2 s deck", "4200u", 3, "<= 1.05x")):
        text = _deck(stop)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "d.cir"
            file.write_text(text)
            command = ["ngspice", "-n", "-b", "-r", f"{folder}/o.raw", str(file)]
            bare = seconds(lambda c=command: subprocess.run(c, capture_output=True, check=True), times)  # type: ignore[misc]
        ours = seconds(lambda t=text: asyncio.run(ngspice.simulate(Snapshot(t), limits=LIMITS)), times)  # type: ignore[misc]
        rows.append(row(f"sandboxed simulation, {name}", ours, goal, ("bare ngspice", bare)))
    return rows
