"""A desk whose kiki answers from a script; everything else is real."""

import asyncio
import math

import pytest

from kiki_core.config import Config
from kiki_core.events import Answer, Artefact, Candidate, Evidence, Expert, Routed, Token, Verdict
from kiki_tui.app import KikiApp
from kiki_tui.desk import Desk

DECK = "RC low-pass\nV1 in 0 AC 1\nR1 in out 1k\nC1 out 0 159n\n.ac dec 20 10 100k\n.end\n"
EVIDENCE = Evidence("ngspice", "46", "ab" * 32, True, "ran ac in 0.04 s", {"f3db": 1000.97, "gain_db": -0.0004})
FREQUENCIES = tuple(10 * 10 ** (n / 20) for n in range(81))
GAINS = tuple(-10 * math.log10(1 + (f / 1000.97) ** 2) for f in FREQUENCIES)
VERDICT = Verdict(0, "rc.cir", EVIDENCE, "Doing analysis\nDone", {"v(out) dB": (FREQUENCIES, GAINS)}, "Hz", True)
ARTEFACT = Artefact("rc.cir", "spice", DECK, True)
TEXT = f"A first-order low-pass:\n\n```spice\n{DECK}```\n\nIts corner is at **1 kHz**.\n"


def full_answer():
    """The events of a good answer."""
    yield Routed((Expert("spice", 0.72), Expert("electronics", 0.28)), none=False)
    for start in range(0, len(TEXT), 7):
        yield Token(TEXT[start : start + 7])
    yield Candidate(0, TEXT, (ARTEFACT,))
    yield VERDICT
    yield Answer(
        TEXT,
        True,
        (ARTEFACT,),
        evidence=(EVIDENCE,),
        experts=(Expert("spice", 0.72),),
        usage={"prompt_tokens": 90, "completion_tokens": 120},
        timings_ms={"total": 4210.0},
    )


class ScriptedKiki:
    """Answers every question with the same events; `hold` keeps it waiting after the first ones."""

    def __init__(self, script=full_answer):
        self.script = script
        self.questions = []
        self.hold_after = None
        self.closed_streams = 0
        self.closed = False

    async def ask(self, question):
        self.questions.append(question)
        try:
            for number, event in enumerate(self.script()):
                if number == self.hold_after:
                    await asyncio.Event().wait()
                yield event
                await asyncio.sleep(0)
        finally:
            self.closed_streams += 1

    async def aclose(self):
        self.closed = True


@pytest.fixture
def kiki():
    return ScriptedKiki()


@pytest.fixture
def folder(tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    (work / "rc.cir").write_text(DECK)
    return work


@pytest.fixture
def desk(tmp_path, folder, kiki, monkeypatch):
    monkeypatch.setenv("KIKI_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("KIKI_HOME", str(tmp_path / "home"))
    return Desk(folder, tmp_path / "home", config=Config(), kiki=kiki)


@pytest.fixture
def app(desk):
    return KikiApp(desk, prepare=False)


async def finished(app, pilot):
    """Waits until no answer is being written and the screen is drawn."""
    await app.workers.wait_for_complete()
    await pilot.pause()


@pytest.fixture
def settle():
    return finished
