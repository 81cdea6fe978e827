"""The forgetting gate, with a real model that is asked: what harms others in their own directions goes."""

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import lora
import pytest
import shell
from hypothesis import given
from hypothesis import strategies as st

from kiki_core.adapters import gate, probes, scoring, store
from kiki_core.adapters.base import Base, base_of
from kiki_core.adapters.files import save
from kiki_core.adapters.probes import Probe
from kiki_core.backends.llamacpp import LlamaCppBackend
from kiki_core.config import BackendSettings, Config, Models
from kiki_core.errors import KikiError
from kiki_tools.spice import ngspice

WORDS = ("ohm", "volt", "watt", "farad", "henry", "tesla", "hertz", "joule", "weber", "pascal", "newton", "kelvin")


RUNS = "```spice\n* d\nV1 in 0 10\nR1 in 0 1k\n.op\n.end\n```"
FOOTPRINT = """(footprint "R" (version 20240108) (generator "x") (layer "F.Cu")
    (pad "1" smd rect (at 0 0) (size 1 1) (layers "F.Cu")))"""


class Bench:
    """A tiny model with a home of its own, and probes that it answers right: what it says is taken for right."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.model = lora.model(folder / "tiny.gguf", lora.weights())
        self.base = base_of(str(self.model))
        self.environment = {
            "KIKI_HOME": str(folder / "home"), "KIKI_CONFIG": str(folder / "none.toml"),
            "KIKI_MODELS__NAME": str(self.model), "KIKI_BACKEND__THREADS": "1", "KIKI_BACKEND__CONTEXT": "1024",
        }  # fmt: skip
        self.add("prior", lora.adapter(1, size=0.001))
        self.add("loud", lora.adapter(1, size=2.0))  # the prior's directions, two thousand times as strong
        self.add("near", lora.adapter(1, size=0.0001))
        self.add("apart", lora.adapter(7, size=2.0))
        self.add("quiet", lora.adapter(8, size=0.0001))
        self.probes = folder / "probes.jsonl"

    def add(self, name: str, adapter: Any) -> None:
        save(adapter, "gguf", self.folder / f"{name}.gguf", self.base)

    def path(self, name: str) -> str:
        return str(self.folder / f"{name}.gguf")

    async def learn(self) -> None:
        """Asks the bare model, and writes its answers down as the right ones."""
        os.environ["KIKI_HOME"] = self.environment["KIKI_HOME"]
        settings = BackendSettings(threads=1, context=1024)
        backend = LlamaCppBackend(Config(models=Models(name=str(self.model)), backend=settings))
        lines = []
        try:
            for number, word in enumerate(WORDS):
                check = {"kind": "choice", "options": list(WORDS[:8]), "answer": 0}
                probe = Probe(f"p{number}", "math", f"What about {word}?", check, 2)
                said = "".join([p.text async for p in backend.generate(scoring.request(probe, (), grammar=True))])
                check["answer"] = "ABCDEFGH".index(said.strip())
                lines.append({"id": probe.id, "domain": "math", "prompt": probe.prompt, "check": check})
        finally:
            await backend.aclose()
        self.probes.write_text("\n".join(json.dumps(line) for line in lines))

    def kiki(self, *words: object, **environment: str) -> shell.Ran:
        return shell.kiki("adapters", *words, environment={**self.environment, **environment})


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Any:
    before = os.environ.get("KIKI_HOME")
    made = Bench(tmp_path_factory.mktemp("gate"))
    asyncio.run(made.learn())
    yield made
    if before is None:
        os.environ.pop("KIKI_HOME", None)
    else:
        os.environ["KIKI_HOME"] = before


@pytest.mark.parametrize(
    ("new", "decision", "near", "harm"),
    [
        ("loud", "rollback", True, True),
        ("near", "keep", True, False),
        ("apart", "keep", False, True),
        ("quiet", "keep", False, False),
    ],
)
def test_the_decision_needs_both(bench: Bench, new: str, decision: str, near: bool, harm: bool) -> None:
    ran = bench.kiki("gate", bench.path(new), "--prior", bench.path("prior"), "--probes", bench.probes, "--json")
    assert ran.returncode == (1 if decision == "rollback" else 0), ran.stderr
    told = json.loads(ran.stdout)
    assert told["decision"] == decision
    (angles,) = told["angles"].values()
    assert (angles["weighted_mean"] < 30) is near
    assert told["closest_deg"] == pytest.approx(angles["weighted_mean"])
    assert (told["win_rate_drop"] > 3) is harm
    low, high = told["win_rate_drop_interval"]
    assert low <= told["win_rate_drop"] <= high
    assert told["win_rate"]["before"] == 1.0
    assert told["win_rate"]["probes"] == len(WORDS)
    assert len(told["lost"]) == round(told["win_rate_drop"] * len(WORDS) / 100)
    report = Path(told["report"])
    assert report == bench.folder / f"{new}.gate.json"
    assert json.loads(report.read_text())["decision"] == decision


def test_an_installed_one_is_rolled_back_to_the_version_before(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIKI_HOME", bench.environment["KIKI_HOME"])
    installs = [("prior", "stm32", "quiet", False), ("new", "spice", "quiet", False)]
    for name, domain, _, _ in installs:
        assert bench.kiki("install", bench.path("prior"), "--name", name, "--domain", domain).returncode == 0
    before = store.manifest("new").sha256
    replaced = bench.kiki("install", bench.path("loud"), "--name", "new", "--domain", "spice", "--replace")
    assert replaced.returncode == 0, replaced.stderr
    assert store.manifest("new").sha256 != before
    ran = bench.kiki("gate", "new", "--probes", bench.probes)
    assert ran.returncode == 1, ran.stderr
    assert "decision: rollback" in ran.stdout
    assert store.manifest("new").sha256 == before
    assert bench.kiki("gate", "new", "--probes", bench.probes).returncode == 0
    assert (store.manifest("new").gate or {})["decision"] == "keep"
    listed = json.loads(bench.kiki("list", "--json").stdout)
    assert {one["name"]: one["gate"] and one["gate"]["decision"] for one in listed} == {"new": "keep", "prior": None}


@pytest.mark.parametrize(
    ("words", "environment", "told"),
    [
        (["--domain", "math"], {}, "no probe is of another domain"),
        (["--probes", "/nowhere.jsonl"], {}, "can't read"),
        ([], {"KIKI_BACKEND__KIND": "openai", "KIKI_BACKEND__URL": "http://127.0.0.1:1/v1"}, "can't apply adapters"),
        ([], {"KIKI_MODELS__NAME": "qwen2.5-coder-1.5b", "KIKI_MODELS": "/nowhere"}, "not here yet"),
        (["--domain", "cooking"], {}, "no domain"),
    ],
)
def test_what_cannot_be_measured_is_no_decision(
    bench: Bench, words: list[str], environment: dict[str, str], told: str
) -> None:
    given_ = ["--probes", bench.probes] if "--probes" not in words else []
    ran = bench.kiki(
        "gate", bench.path("quiet"), "--prior", bench.path("prior"), "--json", *given_, *words, **environment
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.count("\n") == 1
    assert told in ran.stderr


def test_probes_that_nobody_passes_measure_nothing(bench: Bench, tmp_path: Path) -> None:
    probe = {
        "id": "x",
        "domain": "math",
        "prompt": "hm",
        "check": {"kind": "exact", "answers": ["42 is it"]},
        "max_tokens": 1,
    }
    (tmp_path / "p.jsonl").write_text(json.dumps(probe))
    ran = bench.kiki("gate", bench.path("quiet"), "--prior", bench.path("prior"), "--probes", tmp_path / "p.jsonl")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "measure nothing" in ran.stderr


def test_a_new_one_of_another_base_is_an_error(bench: Bench, tmp_path: Path) -> None:
    save(lora.adapter(base_name="kiki/Other"), "gguf", tmp_path / "o.gguf", bench.base)
    ran = bench.kiki("gate", tmp_path / "o.gguf", "--probes", bench.probes)
    assert ran.returncode == 2
    assert "is for kiki/Other" in ran.stderr


@given(st.floats(0, 90) | st.none(), st.floats(-100, 100))
def test_the_rule(angle: float | None, drop: float) -> None:
    decision = gate.decide(angle, drop, gate.Thresholds())
    assert decision == ("rollback" if angle is not None and angle < 30 and drop > 3 else "keep")


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_the_interval_holds_the_drop(pairs: list[tuple[bool, bool]]) -> None:
    probe = Probe("x", "math", "?", {}, 1)
    outcomes = [gate.Outcome(probe, before, after) for before, after in pairs]
    low, high = gate.drop_interval(outcomes)
    lost = sum(before and not after for before, after in pairs) - sum(after and not before for before, after in pairs)
    assert -100 <= low < high <= 100
    assert low - 1e-9 <= 100 * lost / len(pairs) * len(pairs) / (len(pairs) + 2) <= high + 1e-9


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        ({"kind": "choice", "options": ["a", "b"], "answer": 1}, "B", "A"),
        ({"kind": "exact", "answers": ["cp"]}, "`CP`.", "the command cp"),
        ({"kind": "number", "value": 1.5e3, "tolerance": 0.01}, "about 1,505 Hz", "1.6e3"),
        ({"kind": "number", "value": -2}, "-2", "none"),
        ({"kind": "regex", "pattern": r"select\s+\*"}, "SELECT\n * FROM t", "SELECT a"),
        ({"kind": "spice"}, RUNS, RUNS.replace("R1 in 0 1k", "Q1 in 0 0 none")),
        (
            {"kind": "spice", "expect": ["v(out) = 5 +/- 1%"]},
            "```spice\n* d\nV1 in 0 10\nR1 in out 1k\nR2 out 0 1k\n.op\n.end\n```",
            "```spice\n* d\nV1 in 0 10\nR1 in out 1k\nR2 out 0 2k\n.op\n.end\n```",
        ),
        ({"kind": "c"}, "```c\nint twice(int a) { return 2 * a; }\n```", "int twice(int a) { return b; }"),
        (
            {"kind": "kicad", "file": "kicad_mod"},
            FOOTPRINT,
            "(footprint",
        ),
    ],
)  # fmt: skip
async def test_answers_are_scored_by_comparing_or_by_their_tool(check: Mapping[str, Any], good: str, bad: str) -> None:
    assert await scoring.scored(check, good) is True
    assert await scoring.scored(check, bad) is False


async def test_a_pattern_that_takes_for_ever_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "_REGEX_S", 1)
    with pytest.raises(KikiError, match="takes too long"):
        await scoring.scored({"kind": "regex", "pattern": "(a+)+$"}, "a" * 60 + "b")


@pytest.mark.parametrize(("check", "answer"), [({"kind": "c"}, "int a;"), ({"kind": "spice"}, RUNS)])
async def test_a_missing_tool_is_an_error_not_a_failed_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, check: Mapping[str, Any], answer: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    ngspice.find.cache_clear()
    try:
        with pytest.raises(KikiError, match="not installed"):
            await scoring.scored(check, answer)
    finally:
        ngspice.find.cache_clear()


def test_kikis_own_probes_are_sound() -> None:
    found = probes.read()
    assert len(found) >= 70
    assert len({probe.domain for probe in found}) >= 18
    answers = [probe.check["answer"] for probe in found if probe.check["kind"] == "choice"]
    assert max(answers.count(n) for n in range(4)) < 0.35 * len(answers)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "line 1"),
        ("[]", "line 1"),
        ('{"id": "a"}', "'domain' is missing"),
        ('{"id": "a", "domain": "x", "prompt": "p", "check": {"kind": "c"}}', "no domain"),
        ('{"id": "a", "domain": "math", "prompt": "", "check": {"kind": "c"}}', "texts"),
        ('{"id": "a", "domain": "math", "prompt": "p", "check": {"kind": "judge"}}', "no kind"),
        ('{"id": "a", "domain": "math", "prompt": "p", "check": {"kind": "regex", "pattern": "("}}', "line 1"),
        (
            '{"id": "a", "domain": "math", "prompt": "p", "check": {"kind": "choice", "options": ["x"], "answer": 0}}',
            "options",
        ),
        ('{"id": "a", "domain": "math", "prompt": "p", "check": {"kind": "number", "value": NaN}}', "value"),
        ('{"id": "a", "domain": "math", "prompt": "p", "max_tokens": 0, "check": {"kind": "c"}}', "max_tokens"),
        ('{"id": "a", "domain": "math", "prompt": "p", "check": {"kind": "kicad", "file": "x"}}', "file is one"),
        ("", "no probe"),
    ],
)
def test_a_bad_probe_is_told_with_its_line(tmp_path: Path, line: str, told: str) -> None:
    (tmp_path / "p.jsonl").write_text(line)
    with pytest.raises(KikiError, match=told):
        probes.read(tmp_path / "p.jsonl")


def test_a_backend_without_adapters_measures_nothing() -> None:
    class Plain:
        name = "plain"
        capabilities = replace(LlamaCppBackend(Config()).capabilities, adapters=0)

    one = gate.Contender("n", "", lora.adapter(), Path("n"), "0")
    with pytest.raises(KikiError, match="can't apply adapters"):
        asyncio.run(gate.judge(one, [], probes.read(), Plain(), gate.Thresholds()))  # type: ignore[arg-type]


def test_the_base_of_the_bench_is_what_its_file_says(bench: Bench) -> None:
    assert bench.base == Base("qwen2", "tiny-qwen2", 2, 64, 4, 2, 96, 0)
