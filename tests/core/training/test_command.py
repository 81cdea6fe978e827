"""`kiki train` with a tiny random model on MLX: trained, stopped, gone on with, refused, kept and rolled back."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import lora
import pytest
import shell
from mlx_model import tiny

from kiki_core.adapters import store
from kiki_core.adapters.base import base_of
from kiki_core.adapters.files import save
from kiki_core.backends.protocol import Capabilities, Piece, Request
from kiki_core.training import course, pairs, planning
from kiki_core.training.evaluation import Outcome, Rates, questions, rates
from kiki_core.training.pairs import Pair
from kiki_core.training.recipes import recipe

WORDS = "ohm volt watt farad henry tesla hertz joule weber pascal newton kelvin".split()


def data(count: int = 30) -> list[Pair]:
    return [
        Pair(
            f"Name what comes after {WORDS[n % 12]} and {n}.",
            WORDS[(n + 1) % 12],
            "spice-sim",
            "CC0-1.0",
            "test",
            f"g{n}",
            "none",
            {"kind": "exact", "answers": [WORDS[(n + 1) % 12]]},
        )
        for n in range(count)
    ]


class Place:
    """A home with the tiny base in both formats, and data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.model = tiny(folder / "Tiny-Qwen2")
        self.base = base_of(str(lora.model(folder / "tiny.gguf", lora.weights())))
        self.home = folder / "home"
        pairs.write(folder / "pairs.jsonl", data())
        probe = {"id": "p", "domain": "math", "prompt": "hm", "max_tokens": 1, "check": {"kind": "regex"}}
        probe["check"] = {"kind": "regex", "pattern": ""}
        (folder / "probes.jsonl").write_text(json.dumps(probe))
        self.environment = {
            "KIKI_HOME": str(self.home), "KIKI_CONFIG": str(folder / "none.toml"),
            "KIKI_MODELS__NAME": str(folder / "tiny.gguf"), "KIKI_BACKEND__THREADS": "1",
            "KIKI_BACKEND__CONTEXT": "1024", "HF_HUB_OFFLINE": "1",
        }  # fmt: skip
        self.words = (
            "train", "spice-sim", "--base", self.model, "--data", folder / "pairs.jsonl", "--engine", "mlx",
            "--probes", folder / "probes.jsonl", "--questions", 0, "--json",
        )  # fmt: skip

    def train(self, *words: object) -> shell.Ran:
        return shell.kiki(*self.words, *words, environment=self.environment)

    def start(self, *words: object, before: str = "") -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "kiki_core.cli", *map(str, (*self.words, *words))]
        if before:
            command = ["bash", "-c", f'{before}; exec "$@"', "bash", *command]
        return subprocess.Popen(
            command, env={**os.environ, **self.environment}, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    @property
    def run(self) -> Path:
        return self.home / "training" / "spice-sim"

    def installed(self) -> list[str]:
        folder = self.home / "adapters"
        return [path.name for path in folder.iterdir() if path.name[0] != "."] if folder.is_dir() else []


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    made = Place(tmp_path)
    monkeypatch.setenv("KIKI_HOME", str(made.home))
    return made


def events(ran: shell.Ran) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_what_the_gate_keeps_is_installed_and_what_it_rolls_back_changes_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = place.train("--steps", 30, "--learning-rate", 0.01)
    assert ran.returncode == 0, ran.stderr
    told = events(ran)
    before, after = [one["loss"] for one in told if one["event"] == "held_out"]
    assert after < before
    assert told[-1]["decision"] == "keep"
    kept = store.manifest("spice-sim")
    assert kept.domain == "spice-sim"
    assert kept.rank == 8
    assert (kept.gate or {})["decision"] == "keep"
    assert kept.provenance["recipe"]["steps"] == 30
    assert kept.provenance["data"]["sha256"] == pairs.digest(data())
    assert kept.provenance["training"]["held_out_loss"] == {"before": before, "after": after}
    assert not (place.run / "checkpoint.safetensors").exists()

    save(lora.adapter(1, size=0.001), "gguf", place.folder / "prior.gguf", place.base)
    store.install(place.folder / "prior.gguf", "prior", place.base, domain="stm32")
    ran = place.train("--steps", 30, "--learning-rate", 0.01, "--angle", 180, "--drop", -100)
    assert ran.returncode == 1, ran.stderr
    told = events(ran)
    assert [one["event"] for one in told][:2] == ["plan", "note"]  # trained already: judged anew
    assert told[-1]["decision"] == "rollback"
    assert "prior" in next(one for one in told if one["event"] == "gate")["angles"]
    assert store.manifest("spice-sim") == kept
    assert sorted(place.installed()) == ["prior", "spice-sim"]

    right = {"base": 2, "adapter": 2}

    async def measured(plan: Any, config: Any, base: Any, asked: list[Pair], new: Any, tell: Any) -> Rates:
        assert len(asked) == 4
        return Rates(tuple(Outcome(str(n), n < right["base"], n < right["adapter"]) for n in range(4)))

    monkeypatch.setattr(course, "measured", measured)  # a random model knows nothing
    ran = place.train("--steps", 30, "--learning-rate", 0.01, "--questions", 4)
    assert ran.returncode == 1, ran.stderr
    told = events(ran)
    assert "gate" not in [one["event"] for one in told]
    assert told[-1]["why"] == "it is no better than the base on held-out questions"
    assert json.loads(Path(told[-1]["card"]).read_text())["verified_rate"]["adapter"] == 0.5
    assert store.manifest("spice-sim") == kept

    assert place.train("--evaluate", "--questions", 4).returncode == 1
    right["adapter"] = 3
    ran = place.train("--evaluate", "--questions", 4)
    assert ran.returncode == 0, ran.stderr
    assert [one["event"] for one in events(ran)] == ["verified_rate", "evaluated"]


def test_ctrl_c_keeps_the_state_and_the_same_command_goes_on(place: Place) -> None:
    process = place.start("--steps", 4000)
    assert process.stdout
    child = 0
    for line in process.stdout:
        event = json.loads(line)
        if event["event"] == "step":
            (child,) = _children(process.pid)
            break
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=250)
    assert process.returncode == 130, errors
    assert "the same command goes on" in errors
    assert "Traceback" not in errors
    assert '"outcome"' not in rest
    assert not Path(f"/proc/{child}").exists()
    assert place.installed() == []

    again = place.start("--steps", 4000)
    assert again.stdout
    for line in again.stdout:
        event = json.loads(line)
        if event["event"] in ("resumed", "step"):
            break
    assert event["event"] == "resumed"
    assert event["step"] > 0
    (child,) = _children(again.pid)
    again.kill()  # and the process that trains sees its input end
    again.communicate(timeout=250)
    assert _gone(child)


def _children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _gone(pid: int) -> bool:
    """Waits on the process without a clock of its own."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    import select

    try:
        return bool(select.select([descriptor], [], [], 250)[0])
    finally:
        os.close(descriptor)


def test_a_base_that_nobody_can_judge_here_is_trained_and_said(place: Place) -> None:
    environment = {**place.environment, "KIKI_BACKEND__KIND": "openai", "KIKI_BACKEND__URL": "http://127.0.0.1:9/v1"}
    ran = shell.kiki(*place.words, "--steps", 2, environment=environment)
    assert ran.returncode == 2
    assert "is trained but not admitted: only the embedded backend" in ran.stderr
    assert events(ran)[1]["event"] == "note"
    assert (place.run / "adapter.safetensors").exists()
    assert place.installed() == []


def test_a_full_disk_is_said_and_leaves_nothing_half(place: Place) -> None:
    process = place.start("--steps", 4, before="ulimit -f 40")  # of 1 kB: data fit, the state doesn't
    _, errors = process.communicate(timeout=250)
    assert process.returncode == 2, errors
    assert errors.startswith("kiki: can't write ")
    assert errors.count("\n") == 1
    assert place.installed() == []
    assert not [path for path in place.run.iterdir() if path.name.startswith((".checkpoint", "checkpoint"))]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["train", "python", "--base", "qwen3.6-35b-a3b"], r"needs about 107.*weights 70.0.*GB free; take a smaller"),
        (["train", "cooking"], "'cooking' is no domain"),
        (["train"], "no domain is named"),
        (["train", "spice-sim", "--name", "../x"], "no name of an adapter"),
        (["train", "spice-sim", "--base", "/nowhere"], "no base model"),
        (["train", "spice-sim"], r"there is no .*pairs\.jsonl; `kiki data build spice-sim`|not installed"),
        (["train", "all"], "no domain has data"),
        (["train", "spice-sim", "--evaluate"], r"there is no .*pairs\.jsonl"),
    ],
)
def test_what_cannot_begin_is_one_line(place: Place, words: list[str], told: str) -> None:
    ran = shell.kiki(*words, environment=place.environment)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.count("\n") == 1
    import re

    assert re.search(told, ran.stderr), ran.stderr
    assert place.installed() == []


def test_the_extra_that_is_missing_is_named(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "find_spec", lambda name: None)
    ran = place.train("--engine", "torch")
    assert ran.returncode == 2
    assert "pip install 'micro-kiki[train]'" in ran.stderr


def test_a_bad_line_of_the_data_is_named(place: Place) -> None:
    with (place.folder / "pairs.jsonl").open("a") as file:
        file.write('{"instruction": "x"}\n')
    ran = place.train("--dry-run")
    assert ran.returncode == 2
    assert "pairs.jsonl, line 31: the answer is missing" in ran.stderr


def test_a_dry_run_shows_all_and_changes_nothing(place: Place) -> None:
    ran = place.train("--dry-run", "--steps", 7)
    (told,) = events(ran)
    assert told["recipe"]["steps"] == 7
    assert told["data"]["pairs"] + told["data"]["held_out"] == 30
    assert told["fits"] is True
    shown = shell.kiki(*place.words[:-1], "--dry-run", environment=place.environment)
    own = recipe("spice-sim", "small")
    assert f"rank {own.rank}, alpha {own.alpha}, last {own.layers} layers, {own.steps} steps" in shown.stdout
    listed = shell.kiki("train", "all", "--dry-run", "--base", "qwen3.6-35b-a3b", environment=place.environment)
    assert len(listed.stdout.splitlines()) == 35
    assert "1000 steps of 2048 tokens  foundations  no data yet" in listed.stdout.splitlines()[0]
    assert not (place.home / "training").exists()


class Scripted:
    """Answers `right` to some questions, and with the adapter to more."""

    name = "scripted"
    capabilities = Capabilities(4, False, False, False, False, 1024)

    async def generate(self, request: Request) -> AsyncGenerator[Piece, None]:
        number = int(request.messages[-1].content)
        good = number % (2 if request.adapters else 4) == 0
        assert request.temperature == 0
        for piece in ("ri", "ght" if good else "p"):
            yield Piece(piece)

    async def aclose(self) -> None:
        """Nothing to end."""


async def test_rates_are_of_the_same_questions_with_and_without() -> None:
    asked = [Pair(str(n), "right", "dsp", "MIT", "s", "g", "x", {"kind": "is", "text": "right"}) for n in range(40)]

    async def judge(check: Mapping[str, Any], text: str) -> bool:
        return bool(check["text"] == text)

    steps: list[tuple[int, int]] = []
    found = await rates(asked, Scripted(), "new", judge, 10, lambda done, of: steps.append((done, of)))
    assert (found.base, found.adapter, steps[-1]) == (0.25, 0.5, (80, 80))
    assert [one.instruction for one in questions(asked, 10)] == [str(4 * n) for n in range(10)]
    assert len(questions([*asked, replace(data()[0], check={})], 100)) == 40  # what no tool judges isn't asked


class Endless:
    """Answers with a block and goes on for ever."""

    name = "endless"
    capabilities = Capabilities(4, False, False, False, False, 1024)

    async def generate(self, request: Request) -> AsyncGenerator[Piece, None]:
        for piece in ("So:\n``", "`spice\n.op\n", "``", "`"):
            yield Piece(piece)
        while True:
            yield Piece("and so on ")

    async def aclose(self) -> None:
        """Nothing to end."""


async def test_what_is_judged_by_its_block_ends_with_it() -> None:
    heard = []

    async def judge(check: Mapping[str, Any], text: str) -> bool:
        heard.append(text)
        return True

    asked = [Pair("x", "y", "dsp", "MIT", "s", "g", "x", {"kind": kind}) for kind in ("card", "value")]
    await rates(asked, Endless(), "expert", judge, 384, lambda done, of: None)
    assert heard[0] == heard[2] == "So:\n```spice\n.op\n```"
    assert len(heard[1]) == len(heard[3]) == 40_000  # a number may stand anywhere
