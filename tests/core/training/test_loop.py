"""The loop and its order, memory and recipes, without a framework."""

import itertools
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import lora
import numpy as np
import pytest

from kiki_core.adapters.base import Base
from kiki_core.adapters.model import Adapter
from kiki_core.domains import DOMAINS
from kiki_core.errors import KikiError
from kiki_core.training import loop, memory, recipes
from kiki_core.training.engine import Array, Encoded, packed
from kiki_core.training.evaluation import Outcome, Rates, wilson
from kiki_core.training.pairs import Pair
from kiki_core.training.preparing import prepared

PAIRS = [Pair(f"q{n}", "yes", "dsp", "MIT", "s", f"g{n}", "none") for n in range(9)]


class Counting:
    """Stands for a framework that tests haven't: its one number falls, and it notes what it was given."""

    def __init__(self, spoilt_at: int = -1) -> None:
        self.value = 8.0
        self.seen: list[tuple[int, ...]] = []
        self.rates: list[float] = []
        self._spoilt_at = spoilt_at

    def free(self) -> float | None:
        return None

    def encode(self, pair: Pair) -> Encoded:
        return Encoded((int(pair.instruction[1:]), *range(10)), 1)

    def loss(self, batch: Sequence[Encoded]) -> tuple[float, int]:
        return self.value, 1

    def step(self, batch: Sequence[Encoded], learning_rate: float) -> tuple[float, int]:
        self.seen.append(tuple(one.tokens[0] for one in batch))
        self.rates.append(learning_rate)
        self.value -= 0.1
        return (math.nan if len(self.seen) == self._spoilt_at else self.value), 1

    def state(self) -> dict[str, Array]:
        return {"value": np.array([self.value]), "adam.step": np.array([len(self.seen)], np.float32)}

    def restore(self, state: Mapping[str, Array]) -> None:
        self.value = float(state["value"][0])

    def adapter(self) -> Adapter:
        return lora.adapter()


def run(
    engine: Counting, folder: Path, stop_after: int = 10**9, identity: str = "x", **changes: Any
) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    wanted = {"steps": 20, "batch": 2, "checkpoint": 5, **changes}
    recipe = recipes.recipe("dsp", "small", wanted)
    stopping = lambda: len(engine.seen) >= stop_after  # noqa: E731
    try:
        loop.train(engine, recipe, PAIRS, PAIRS[:2], folder, identity, told.append, stopping)
    except loop.Stopped:
        told.append({"event": "stopped"})
    return told


def test_a_stopped_training_goes_on_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    whole, first, second = Counting(), Counting(), Counting()
    told = run(whole, tmp_path / "one")
    assert run(first, tmp_path / "two", stop_after=7)[-1] == {"event": "stopped"}
    rest = run(second, tmp_path / "two")
    assert first.seen + second.seen == whole.seen
    assert first.rates + second.rates == pytest.approx(whole.rates)
    assert second.value == pytest.approx(whole.value)
    assert {"event": "resumed", "step": 7, "steps": 20} in rest
    losses = [[one["loss"] for one in some if one["event"] == "held_out"] for some in (told, rest)]
    assert losses[0] == pytest.approx(losses[1])  # the loss before is the one that was measured before the stop


@pytest.mark.parametrize("spoil", ["other", "damaged", "empty"])
def test_another_training_s_checkpoint_is_not_gone_on_with(tmp_path: Path, spoil: str) -> None:
    run(Counting(), tmp_path, stop_after=7)
    path = tmp_path / loop.CHECKPOINT
    if spoil != "other":
        path.write_bytes(path.read_bytes()[:40] if spoil == "damaged" else b"")
    again = Counting()
    assert "resumed" not in [one["event"] for one in run(again, tmp_path, identity="y" if spoil == "other" else "x")]
    assert len(again.seen) == 20


def test_a_run_that_is_ended_early_keeps_the_rates_of_the_longer_one() -> None:
    long, short = (recipes.recipe("dsp", "small", {"steps": steps, "decay": 75}) for steps in (75, 42))
    assert [loop.rate_of(short, step) for step in range(42)] == [loop.rate_of(long, step) for step in range(42)]
    assert loop.rate_of(short, 41) > 3 * loop.rate_of(long, 74)


def test_progress_tells_loss_speed_and_time(tmp_path: Path) -> None:
    steps = [one for one in run(Counting(), tmp_path, report=5) if one["event"] == "step"]
    assert [one["step"] for one in steps] == [5, 10, 15, 20]
    assert steps[-1]["eta_s"] == 0
    assert all(one["tokens_per_s"] > 0 for one in steps)
    assert steps[0]["loss"] == pytest.approx(7.7)


def test_a_loss_that_is_no_number_ends_it(tmp_path: Path) -> None:
    with pytest.raises(KikiError, match="isn't finite at step 3"):
        run(Counting(spoilt_at=3), tmp_path)


def test_too_long_pairs_are_left_out_and_told(tmp_path: Path) -> None:
    with pytest.raises(KikiError, match="no pair has 5 tokens or less"):
        run(Counting(), tmp_path, sequence=5)


def test_every_pair_comes_once_an_epoch() -> None:
    places = list(itertools.chain(*itertools.islice(loop.order(7, 3, 1, 0), 7)))
    assert [sorted(places[at : at + 7]) for at in (0, 7, 14)] == [list(range(7))] * 3
    assert list(itertools.islice(loop.order(7, 3, 1, 4), 3)) == list(itertools.islice(loop.order(7, 3, 1, 0), 7))[4:]


def test_the_curriculum_has_every_domain_once_and_foundations_first() -> None:
    order = recipes.curriculum()
    assert sorted(order) == sorted(DOMAINS)
    assert set(order[:3]) == {"chat-fr", "reasoning", "python"}
    assert order.index("spice") < order.index("stm32") < order.index("spice-sim")


@pytest.mark.parametrize(("domain", "steps"), [("python", 1000), ("cpp", 500), ("stm32", 300), ("security", 300)])
def test_the_large_recipe_is_the_published_one(domain: str, steps: int) -> None:
    one = recipes.recipe(domain, "large")
    assert (one.rank, one.alpha, one.layers, one.learning_rate, one.steps) == (16, 16, 32, 1e-5, steps)
    assert one.batch == 1
    assert not any("experts" in module and "shared" not in module for module in one.modules)


def test_niches_take_100_to_200_steps_and_small_bases_at_most_300() -> None:
    for domain in ("kicad-dsl", "spice-sim", "emc", "freecad", "platformio", "power", "dsp"):
        assert 100 <= recipes.recipe(domain, "large").steps <= 200
    assert all(recipes.recipe(domain, "small").steps <= 300 for domain in DOMAINS)


def test_the_35b_base_needs_what_was_published() -> None:
    known = recipes.known_bases()["qwen3.6-35b-a3b"]
    size = memory.size_from(known)
    needed = memory.estimate(size, recipes.recipe("python", "large"), "mlx", 2.0 * size.parameters, 2)
    assert needed.total / memory.GB == pytest.approx(107, abs=2)
    with pytest.raises(KikiError, match=r"about 107\.\d GB \(weights 70\.0.*this machine has 24\.0 GB free"):
        memory.refuse_if_too_large(needed, 24 * memory.GB, "this machine")


def test_a_mixture_s_experts_count(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"vocab_size": 248320}')
    base = Base("qwen35moe", "x", 40, 2048, 16, 2, 512, 256)
    size = memory.size_of(base, tmp_path)
    assert size.parameters == pytest.approx(35e9, rel=0.1)
    assert (size.inner, size.vocabulary) == (4608, 248_320)


@pytest.mark.parametrize("key", ["rank", "batch", "sequence", "layers"])
def test_more_of_anything_takes_more(key: str) -> None:
    size = memory.Size(500_000_000, 24, 896, 151_936, 4864, 1152)
    one, twice = (
        memory.estimate(size, recipes.recipe("dsp", "small", {key: count}), "torch", 2e9, 4) for count in (8, 16)
    )
    assert twice.total > one.total


def test_what_is_left_of_the_data_is_told(tmp_path: Path) -> None:
    from kiki_core.training import pairs

    recipe = recipes.recipe("dsp", "small")
    good = [Pair(f"What is {n} times {n}?", str(n * n), "dsp", "MIT", "s", f"g{n}", "none") for n in range(40)]
    leak = Pair("What is 17 + 26?", "43", "dsp", "MIT", "s", "g1", "none")  # stands in kiki's probes
    other = Pair("x", "y", "cpp", "MIT", "s", "g1", "none")
    pairs.write(tmp_path / "p.jsonl", [*good, leak, other, good[3]])
    pairs.write(tmp_path / "eval.jsonl", [good[5]])
    found = prepared(tmp_path / "p.jsonl", recipe, [tmp_path / "eval.jsonl"])
    assert (found.others, found.doubles, found.leaks) == (1, 1, 2)
    assert len(found.train) + len(found.held_out) == 39
    assert len(found.held_out) == 6
    pairs.write(tmp_path / "p.jsonl", [*good, Pair("x", "y", "dsp", "GPL-3.0-only", "theirs", "g", "none")])
    with pytest.raises(KikiError, match=r"licence 'GPL-3.0-only' of 'theirs'"):
        prepared(tmp_path / "p.jsonl", recipe)
    assert prepared(tmp_path / "p.jsonl", recipe, licences=["GPL-3.0-only"]).licences[0] == ("GPL-3.0-only", 1)
    pairs.write(tmp_path / "p.jsonl", good[:5])
    with pytest.raises(KikiError, match="leaves 5 pairs"):
        prepared(tmp_path / "p.jsonl", recipe)


def test_a_recipe_s_kinds_are_used_alone(tmp_path: Path) -> None:
    from kiki_core.training import pairs

    recipe = recipes.recipe("dsp", "small", {"kinds": ("low", "high")})
    kinds = ("low", "high", "band")
    pairs.write(
        tmp_path / "p.jsonl",
        [Pair(f"{kind} {n}?", f"{n}", "dsp", "MIT", "s", f"{kind}/{n}", "none") for kind in kinds for n in range(15)],
    )
    found = prepared(tmp_path / "p.jsonl", recipe)
    assert {pair.group.split("/")[0] for pair in (*found.train, *found.held_out)} == {"low", "high"}
    assert (found.other_kinds, found.others) == (15, 0)
    pairs.write(tmp_path / "p.jsonl", [Pair(f"{n}?", f"{n}", "dsp", "MIT", "s", f"g{n}", "none") for n in range(30)])
    assert prepared(tmp_path / "p.jsonl", recipe).other_kinds == 0  # somebody's own data, with kinds of its own


def test_rates_have_their_intervals() -> None:
    found = Rates(tuple(Outcome(str(n), n < 10, n >= 5) for n in range(40)))
    told = found.to_json()
    assert (told["base"], told["adapter"], told["won"], told["lost"]) == (0.25, 0.875, 30, 5)
    assert found.better
    assert wilson(10, 40) == pytest.approx([0.1419, 0.4019], abs=1e-3)
    assert wilson(0, 5)[0] == 0


def test_packed_pairs_see_what_they_would_see_alone() -> None:
    batch = [Encoded((1, 2, 3, 4, 9), 3), Encoded((1, 2, 5, 6, 7, 9), 4), Encoded((1, 2, 3, 8), 3)]
    row = packed(batch)
    assert row.tokens.tolist() == [1, 2, 3, 4, 5, 6, 7, 3]  # what all begin with stands there once
    wanted = [(one.tokens[:at], one.tokens[at]) for one in batch for at in range(one.start, len(one.tokens))]
    seen = []
    for place, target in zip(row.predicting, row.targets, strict=True):
        columns = np.flatnonzero(row.visible[place])
        assert row.positions[columns].tolist() == list(range(len(columns)))
        seen.append((tuple(row.tokens[columns].tolist()), int(target)))
    assert seen == wanted


def test_packing_keeps_the_token_that_the_answer_follows() -> None:
    row = packed([Encoded((1, 2, 9), 2), Encoded((1, 2, 8), 2)])  # the same question twice
    assert row.tokens[row.predicting].tolist() == [2, 2]
    assert row.targets.tolist() == [9, 8]
