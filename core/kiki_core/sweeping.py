"""Running a sweep: on this machine's cores or a Dask cluster, resumable, its rows to CSV or Parquet."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import hashlib
import io
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from pathlib import Path

from kiki_core.errors import KikiError
from kiki_core.files import write_atomically
from kiki_tools.language import Workspace
from kiki_tools.process import Limits
from kiki_tools.spice import ngspice
from kiki_tools.spice.sweep import Plan, Row, Run, columns, row_of
from kiki_tools.text import Snapshot

Report = Callable[[int, int], None]
"""Told how many runs are done, of how many."""


async def run_all(
    plan: Plan,
    workspace: Workspace,
    *,
    jobs: int,
    timeout_s: float,
    journal: Path | None = None,
    cluster: str = "",
    report: Report,
) -> list[Row]:
    """The rows of all runs, by their number. With a journal, what an interrupted call has done is not done again.

    Raises:
        KikiError: if ngspice is missing, a deck refused, the journal unwritable, or the cluster out of reach.
    """
    rows: dict[int, Row] = {}
    with contextlib.ExitStack() as stack:
        keep: Callable[[Row], None] = lambda row: None  # noqa: E731
        if journal is not None:
            done, keep = stack.enter_context(_journal(journal, _key(plan, workspace.snapshots)))
            rows |= {int(row["run"] or 0): row for row in done}
        waiting = [run for run in plan.runs if run.number not in rows]
        report(len(rows), len(plan.runs))
        work = _on_cluster if cluster else _here
        async for row in work(plan, waiting, workspace, jobs, timeout_s, cluster):
            rows[int(row["run"] or 0)] = row
            keep(row)
            report(len(rows), len(plan.runs))
    return [rows[number] for number in sorted(rows)]


async def _here(
    plan: Plan, runs: Sequence[Run], workspace: Workspace, jobs: int, timeout_s: float, cluster: str
) -> AsyncIterator[Row]:
    """At most ``jobs`` simulators at a time."""
    queue = iter(runs)
    limits = Limits(cpu_s=int(timeout_s) + 1, wall_s=timeout_s)

    async def next_row() -> Row | None:
        run = next(queue, None)
        if run is None:
            return None
        return row_of(run, await _simulated(plan.snapshot(run), workspace, limits))

    busy = {asyncio.ensure_future(next_row()) for _ in range(jobs)}
    try:
        while busy:
            done, busy = await asyncio.wait(busy, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                row = task.result()
                if row is not None:
                    busy.add(asyncio.ensure_future(next_row()))
                    yield row
    finally:
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)


async def _simulated(snapshot: Snapshot, workspace: Workspace, limits: Limits) -> ngspice.Simulation:
    try:
        return await ngspice.simulate(snapshot, includes=workspace.snapshots, search=workspace.search, limits=limits)
    except ngspice.NgspiceMissing as error:
        raise KikiError("ngspice is not installed", "`kiki doctor` names the command that adds it") from error
    except ngspice.Refused as error:
        raise KikiError(f"the deck was not run: {error}", "`kiki doctor` tells how to add the sandbox") from error


def run_one(text: str, path: str, includes: dict[str, str], search: Sequence[str], timeout_s: float, run: Run) -> Row:
    """One run from plain data: what a worker of a cluster does."""
    limits = Limits(cpu_s=int(timeout_s) + 1, wall_s=timeout_s)
    workspace = Workspace({name: Snapshot(content, name) for name, content in includes.items()}, {}, search)
    return row_of(run, asyncio.run(_simulated(Snapshot(text, path), workspace, limits)))


async def _on_cluster(
    plan: Plan, runs: Sequence[Run], workspace: Workspace, jobs: int, timeout_s: float, cluster: str
) -> AsyncIterator[Row]:
    """The workers of a Dask cluster, each with kiki and ngspice installed."""
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise KikiError("Dask is not installed", "pip install 'micro-kiki[dask]'") from error
    try:
        client = await Client(cluster, asynchronous=True, timeout=10)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError) as error:
        raise KikiError(f"the cluster {cluster} can't be reached: {error}", "check its address") from error
    try:
        includes = {name: snapshot.text for name, snapshot in workspace.snapshots.items()}
        path = plan.deck.snapshot.path
        futures = [
            client.submit(
                run_one, plan.snapshot(run).text, path, includes, workspace.search, timeout_s, run, pure=False
            )
            for run in runs
        ]
        async for future in as_completed(futures):  # type: ignore[no-untyped-call]
            yield await future
    finally:
        await client.close()


def _key(plan: Plan, includes: Mapping[str, Snapshot]) -> str:
    """What a journal belongs to: the deck, what it draws in, and the plan."""
    parts = [plan.deck.snapshot.sha256, *sorted(one.sha256 for one in includes.values()), plan.distribution]
    told = "\n".join([*parts, *(repr(run) for run in plan.runs)])
    return hashlib.sha256(told.encode()).hexdigest()


@contextlib.contextmanager
def _journal(path: Path, key: str) -> Iterator[tuple[list[Row], Callable[[Row], None]]]:
    """The rows that are there already, and a function that keeps one more."""
    done: list[Row] = []
    with contextlib.suppress(OSError, ValueError, KeyError):
        first, *lines = path.read_text("utf-8").splitlines()
        if json.loads(first)["sweep"] == key:
            for line in lines:
                with contextlib.suppress(ValueError):  # the last line of a killed run
                    done.append(json.loads(line))
    try:
        with path.open("w", encoding="utf-8") as file:
            file.write(json.dumps({"sweep": key}) + "\n")
            for row in done:
                file.write(json.dumps(row) + "\n")
            file.flush()

            def keep(row: Row) -> None:
                try:
                    file.write(json.dumps(row) + "\n")
                    file.flush()
                except OSError as error:
                    raise KikiError(f"can't write {path}: {error.strerror}", "free some space and go on") from error

            yield done, keep
    except OSError as error:
        raise KikiError(f"can't write {path}: {error.strerror}", "choose another --out") from error


def journal_of(out: Path) -> Path:
    """The journal beside the rows' file; it goes when the rows are whole."""
    return out.with_name(f".{out.name}.journal")


def write_rows(out: Path, rows: Sequence[Row]) -> None:
    """The rows as CSV or, by the suffix, Parquet.

    Raises:
        KikiError: if they can't be written.
    """
    names = columns(rows)
    if out.suffix.lower() == ".parquet":
        import pyarrow
        import pyarrow.parquet

        buffer = pyarrow.BufferOutputStream()
        table = pyarrow.table({name: [row.get(name) for row in rows] for name in names})
        pyarrow.parquet.write_table(table, buffer)
        write_atomically(out, buffer.getvalue().to_pybytes())
        return
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_atomically(out, text.getvalue())
