"""The instrument: ngspice in the sandbox, judged by its messages and its data, never by its exit code."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from kiki_tools import process
from kiki_tools.process import Limits
from kiki_tools.spice import expect, rawfile, refusal
from kiki_tools.spice.cards import Deck, parse
from kiki_tools.spice.includes import included
from kiki_tools.spice.log import SimulationError, read_errors, read_measures
from kiki_tools.spice.rawfile import Vector
from kiki_tools.spice.vocabulary import ANALYSES
from kiki_tools.text import Edit, Snapshot, Span

DECK = "/w/deck.cir"
RAW = "kiki.raw"
_KINDS = {
    "operating point": "op", "transient": "tran", "ac ": "ac", "dc ": "dc", "noise": "noise", "transfer": "tf",
    "pole": "pz", "distortion": "disto", "sens": "sens", "s-param": "sp", "sp ": "sp",
}  # fmt: skip
_RUNS = frozenset(["run", "op", "tran", "ac", "dc", "noise", "tf", "pz", "disto", "sens", "sp", "pss"])
_IN_MEMORY = (".meas", ".measure", ".four", ".control")
_CAPTURE = (
    "set filetype=binary",
    "set appendwrite",
    "foreach kiki_plot $plots",
    "setplot $kiki_plot",
    f"write /out/{RAW}",
    "end",
    "quit 0",
)
_SYSTEM_FOLDERS = ("/usr/", "/lib", "/proc", "/dev", "/etc", "/sys", "/bin", "/sbin", "/out", "/w/")


class NgspiceMissing(RuntimeError):
    """ngspice is not installed."""


class Refused(ValueError):
    """A deck reaches out of the simulation and there is no sandbox to hold it."""


@dataclass(frozen=True, slots=True)
class Ngspice:
    """The installed simulator."""

    path: str
    version: str


@dataclass(frozen=True)
class Analysis:
    """One analysis: ``kind`` as in its card (op, tran, ac, dc, …); the first vector is the scale."""

    kind: str
    title: str
    vectors: dict[str, Vector]

    @property
    def points(self) -> int:
        """Points of the scale."""
        return len(next(iter(self.vectors.values())).values) if self.vectors else 0


@dataclass(frozen=True)
class Simulation:
    """What a run gave. ``ok``: it ran, without an error, and every expectation was met."""

    ok: bool
    simulator_version: str
    input_sha256: str
    analyses: tuple[Analysis, ...] = field(repr=False)
    measures: dict[str, float | None]
    expectations: tuple[expect.Expectation, ...]
    errors: tuple[SimulationError, ...]
    log: str = field(repr=False)
    elapsed_s: float
    raw: bytes = field(repr=False)


@cache
def find() -> Ngspice | None:
    """The installed ngspice with its version (``46``), if there is one."""
    path = shutil.which("ngspice")
    if path is None:
        return None
    try:
        shown = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=10, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"ngspice-(\d+(?:\.\d+)?)", shown.stdout)
    return Ngspice(path, match.group(1) if match else "unknown")


async def simulate(
    snapshot: Snapshot,
    *,
    includes: Mapping[str, Snapshot] | None = None,
    search: Sequence[str] = (),
    limits: Limits | None = None,
) -> Simulation:
    """Runs the deck with the files that it includes (by absolute path); nothing else of the host is in reach.

    ``search``: folders in which includes were found that don't lie beside the deck.

    Raises:
        NgspiceMissing: if there is no ngspice.
        Refused: if the deck reaches out and this machine has no sandbox.
    """
    simulator = find()
    if simulator is None:
        raise NgspiceMissing("ngspice is not installed")
    deck = parse(snapshot, title=True)
    sandbox = process.isolation()
    if not sandbox.works:
        refuse_reaching(deck, sandbox.why_not)
    staged = {
        path: file.text.encode("utf-8", "replace")
        for path, file in (includes or {}).items()
        if path != snapshot.path and not path.startswith(_SYSTEM_FOLDERS)
    }
    edits = _rerouted(deck, includes or {}, search) + _without_tolerances(deck)
    arguments = ["-n", "-b"]
    if _streams(deck, staged):
        arguments += ["-r", f"/out/{RAW}"]
    else:
        edits.append(_capturing(deck))
    outcome = await _ran([simulator.path, *arguments, DECK], snapshot.edited(edits).text, staged, limits)
    log = _log_of(outcome)
    raw = rawfile.without_constants(outcome.outputs.get(RAW, b""))
    others = [parse(file, title=False) for path, file in (includes or {}).items() if path != snapshot.path]
    errors = list(read_errors(log, [deck, *others])) if _ERRORS.search(log) else []
    if any(error.line is not None for error in errors):  # what names no place only repeats it
        errors = [error for error in errors if error.line is not None or not error.unsolved]
    if outcome.stopped:
        errors.append(SimulationError(snapshot.path, None, _over(outcome.stopped, limits or Limits())))
    analyses: tuple[Analysis, ...] = ()
    try:
        analyses = tuple(Analysis(_kind(plot.name), plot.name, plot.vectors) for plot in rawfile.read(raw))
    except rawfile.BadRawFile as error:
        if not errors:
            errors.append(SimulationError(snapshot.path, None, f"its data can't be read: {error}"))
    if not analyses and not errors:
        errors.append(SimulationError(snapshot.path, None, "no analysis ran; add .op, .tran, .ac or .dc"))
    measures = read_measures(log, deck)
    for kind in _measured_too_late(deck, measures):
        alone = snapshot.edited([*edits, *_without_other_analyses(deck, kind)]).text
        again = await _ran([simulator.path, "-n", "-b", DECK], alone, staged, limits)
        found = read_measures(_log_of(again), deck)
        measures |= {name: value for name, value in found.items() if value is not None and measures[name] is None}
    expectations = tuple(expect.check(deck, measures, analyses))
    errors += [
        SimulationError(snapshot.path, _measure_line(deck, name), f"measure {name} failed")
        for name, value in measures.items()
        if value is None and analyses
    ]
    ok = not errors and all(e.ok for e in expectations)
    return Simulation(
        ok, simulator.version, snapshot.sha256, analyses, measures, expectations, tuple(errors), log,
        outcome.elapsed_s, raw,
    )  # fmt: skip


async def _ran(
    command: Sequence[str], text: str, staged: Mapping[str, bytes], limits: Limits | None
) -> process.Outcome:
    return await process.run(
        list(command),
        inputs={"deck.cir": text.encode("utf-8", "replace"), **staged},
        readonly=[path for path in (Path("/usr/share/ngspice"),) if path.exists()],
        collect=[RAW],
        limits=limits,
        env={"OMP_NUM_THREADS": "1"},
    )


def _log_of(outcome: process.Outcome) -> str:
    return _without_noise((outcome.stdout + b"\n" + outcome.stderr).decode("utf-8", "replace"))


def _measured_too_late(deck: Deck, measures: Mapping[str, float | None]) -> list[str]:
    """The analyses whose measures failed because another one ran after them.

    ngspice measures when all analyses of a deck are done, and has the last one's vectors then.
    """
    ran = {card.name.low for card in deck.cards if card.kind == "directive" and card.name.low in ANALYSES}
    if len(ran) < 2 or any(card.kind == "control" for card in deck.cards):
        return []
    kinds = dict.fromkeys(
        card.words[1].low
        for card in deck.directives(".meas", ".measure")
        if len(card.words) > 2 and measures.get(card.words[2].low, 0.0) is None
    )
    return [kind for kind in kinds if f".{kind}" in ran]


def _without_other_analyses(deck: Deck, kind: str) -> list[Edit]:
    """Takes out the analyses but one kind, and the measures of the others."""
    gone = [card for card in deck.cards if card.kind == "directive" and card.name.low in ANALYSES]
    gone = [card for card in gone if card.name.low != f".{kind}"]
    gone += [c for c in deck.directives(".meas", ".measure") if len(c.words) > 1 and c.words[1].low != kind]
    return [Edit(card.span, "*") for card in gone]


def refuse_reaching(deck: Deck, why_not: str) -> None:
    """Refuses a deck that reaches out.

    Raises:
        Refused: naming the first line that does.
    """
    for card, what in refusal.reaching(deck):
        raise Refused(f"line {card.line + 1}: `{card.name.text}` {what}, and there is no sandbox ({why_not})")
    for card, _, path in included(deck):
        folder = Path(deck.snapshot.path).parent
        if not Path(path).is_relative_to(folder):
            raise Refused(f"line {card.line + 1}: includes {path} from elsewhere, and there is no sandbox ({why_not})")


def _rerouted(deck: Deck, known: Mapping[str, Snapshot], search: Sequence[str]) -> list[Edit]:
    """Relative includes by their absolute paths, under which the sandbox shows them."""
    return [Edit(word.span, f'"{path}"') for _, word, path in included(deck, known, search)]


def _without_tolerances(deck: Deck) -> list[Edit]:
    """Takes out the ``tol=`` of components, which other simulators read and ngspice refuses."""
    edits = []
    for card in deck.devices("rcl"):
        for name, span in card.bindings():
            if name.low == "tol":
                edits.append(Edit(Span(name.span.start, span.end), ""))
    return edits


def _streams(deck: Deck, staged: Mapping[str, bytes]) -> bool:
    """Whether ngspice can write its raw file while it runs, which is two to three times as fast.

    It can't with ``.meas``, which needs the vectors in memory, nor when a ``.control`` block runs the analyses.
    """
    if any(card.kind == "control" for card in deck.cards) or any(True for _ in deck.directives(*_IN_MEMORY)):
        return False
    return not any(word in text.lower() for text in staged.values() for word in (b".meas", b".control", b".four"))


def _capturing(deck: Deck) -> Edit:
    """Commands that save every plot, after the deck's own: ``.meas`` and a raw file exclude each other otherwise."""
    ends = list(deck.directives(".endc"))
    if ends:
        commands = [card for card in deck.cards if card.kind == "control"]
        ran = any(card.name.low in _RUNS for card in commands)
        quits = next((card for card in commands if card.name.low in ("quit", "exit")), None)
        at = (quits or ends[-1]).span.start
        lines = _CAPTURE if ran else ("run", *_CAPTURE)
        return Edit(Span(at, at), "\n".join(lines) + "\n")
    at = deck.end.span.start if deck.end else len(deck.snapshot.text)
    block = "\n".join((".control", "run", *_CAPTURE, ".endc")) + "\n"
    lead = "" if at == 0 or deck.snapshot.text[at - 1] in "\r\n" else "\n"
    return Edit(Span(at, at), lead + block)


def _over(limit: process.Stopped, limits: Limits) -> str:
    """What stopped the simulator, and what a person can do."""
    told = {
        "wall": f"stopped: over the limit of {limits.wall_s:g} s; simulate less, or allow more (--timeout)",
        "cpu": f"stopped: over the limit of {limits.cpu_s:g} s of the processor; simulate less, or in coarser steps",
    }
    return told.get(limit, f"stopped: over the limit ({limit}); save fewer vectors, or in coarser steps")


def _kind(plot: str) -> str:
    low = plot.lower()
    return next((kind for start, kind in _KINDS.items() if low.startswith(start)), low.split(" ")[0])


def _measure_line(deck: Deck, name: str) -> int | None:
    for card in deck.directives(".meas", ".measure"):
        if len(card.words) > 2 and card.words[2].low == name:
            return card.line
    return None


_ERRORS = re.compile(r"error|warning|unknown|unable|abort|too |doanalyses|limit|mal formed|undefined|no such", re.I)
_NOISE = re.compile(
    r"(?:Note: No compatibility mode|Using SPARSE|Using KLU|Total (?:analysis|elapsed|DRAM)|DRAM currently|"
    r"Maximum ngspice|Current ngspice|Shared ngspice|Text \(code\)|Stack =|Library pages|No\. of Data|"
    r"binary raw file|ngspice-\S+ done).*\n?"
)


def _without_noise(log: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", _NOISE.sub("", log)).replace(DECK, "deck").strip() + "\n"
