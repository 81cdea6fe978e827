"""`make bench`: every budget measured, in one table."""

import importlib
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).parent


def main() -> None:
    sys.path.insert(0, str(FOLDER))
    table = Table("measurement", "median", "p95", "goal", "peer", "ratio")
    wanted = sys.argv[1:] or [
        "bench_sandbox",
        "bench_start",
        "bench_terminal",
        "bench_spice",
        "bench_editor",
        "bench_kicad",
        "bench_serving",
        "bench_stm32",
        "bench_router",
        "bench_adapters",
        "bench_pipeline",
        "bench_memory",
    ]
    for name in wanted:
        for one in importlib.import_module(name).benchmarks():
            ratio = "" if one.ratio is None else f"{one.ratio:.2f}x"
            shown = [f"{value:.1f} {one.unit}" for value in (one.median, one.p95)]
            table.add_row(one.name, *shown, one.goal, one.peer, ratio)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
