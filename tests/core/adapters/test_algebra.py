"""Sums, approximations and angles, each against dW formed densely in float64."""

import json
from dataclasses import replace

import lora
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiki_core.adapters import algebra
from kiki_core.adapters.angles import angles, null_angle
from kiki_core.adapters.base import Base
from kiki_core.adapters.health import health
from kiki_core.adapters.model import Adapter, Module, Tensor, single
from kiki_core.adapters.neurons import amplify
from kiki_core.errors import KikiError

Q = "layers.0.self_attn.q_proj"
seeds = st.integers(0, 2**32 - 1)


def one(name: str, b: np.ndarray, a: np.ndarray, scale: float = 1.0) -> Adapter:
    factor = lambda values: Tensor("F64", np.ascontiguousarray(values, dtype=np.float64))  # noqa: E731
    return Adapter({name: Module(name, factor(a), factor(b), scale)})


def random_one(seed: int, rank: int, out: int = 24, into: int = 20, scale: float = 1.0) -> Adapter:
    random = np.random.default_rng(seed)
    return one(Q, random.standard_normal((out, rank)), random.standard_normal((rank, into)), scale)


@given(
    st.lists(
        st.tuples(seeds, st.integers(1, 6), st.floats(-3, 3), st.sampled_from([0.5, 1.0, 2.0])), min_size=1, max_size=4
    )
)
def test_the_sum_is_exact(parts: list[tuple[int, int, float, float]]) -> None:
    adapters = [(random_one(seed, rank, scale=scale), weight) for seed, rank, weight, scale in parts]
    total = algebra.compose(adapters)
    dense = sum(weight * lora.delta(adapter.modules[Q]) for adapter, weight in adapters)
    module = total.modules[Q]
    assert module.scale == 1.0
    assert module.rank == sum(rank for _, rank, _, _ in parts)
    np.testing.assert_allclose(lora.delta(module), dense, atol=3e-5)


def test_modules_of_one_adapter_only_are_kept() -> None:
    first, second = lora.adapter(1, kinds=["self_attn.q_proj"]), lora.adapter(2, kinds=["self_attn.v_proj"])
    total = algebra.compose([(first, 0.5), (second, 2.0)])
    assert total.modules.keys() == first.modules.keys() | second.modules.keys()
    for name, module in total.modules.items():
        dense = (
            0.5 * lora.delta(first.modules[name]) if name in first.modules else 2.0 * lora.delta(second.modules[name])
        )
        np.testing.assert_allclose(lora.delta(module), dense, rtol=1e-5, atol=1e-7)


def test_filling_up_the_rank_changes_no_update() -> None:
    total = algebra.compose([(lora.adapter(1, rank=2), 1.0), (lora.adapter(2, kinds=["mlp.up_proj"]), 1.0)])
    filled = algebra.uniform(total)
    assert {module.rank for module in filled.modules.values()} == {6}
    for name, module in filled.modules.items():
        np.testing.assert_array_equal(lora.delta(module), lora.delta(total.modules[name]))


@pytest.mark.parametrize("weight", [float("nan"), float("inf")])
def test_a_weight_must_be_finite(weight: float) -> None:
    with pytest.raises(KikiError, match="finite"):
        algebra.compose([(lora.adapter(), weight)])


def test_adapters_of_different_bases_are_not_summed() -> None:
    with pytest.raises(KikiError, match="different base"):
        algebra.compose([(random_one(1, 2), 1.0), (random_one(2, 2, out=25), 1.0)])
    with pytest.raises(KikiError, match="of one base"):
        algebra.compose([(lora.adapter(), 1.0), (lora.adapter(base_name="kiki/Other"), 1.0)])
    with pytest.raises(KikiError, match="nothing"):
        algebra.compose([])


@given(seeds, st.integers(2, 8), st.integers(1, 8))
def test_recompression_is_the_best_approximation_and_tells_its_error(seed: int, rank: int, limit: int) -> None:
    adapter = random_one(seed, rank, scale=0.7)
    dense = lora.delta(adapter.modules[Q])
    smaller = algebra.recompress(adapter, limit)
    module = smaller.adapter.modules[Q]
    assert module.rank <= limit or module.rank == rank <= limit
    singular = np.linalg.svd(dense, compute_uv=False)
    best = np.linalg.norm(singular[limit:]) if limit < rank else 0.0
    lost = np.linalg.norm(dense - lora.delta(module))
    assert lost == pytest.approx(best, abs=1e-5 * np.linalg.norm(dense))
    assert smaller.error == pytest.approx(best / np.linalg.norm(dense), abs=1e-9)
    assert smaller.errors[Q] == pytest.approx(smaller.error)


def test_a_sum_of_four_comes_back_to_sixteen_where_they_overlap() -> None:
    base = random_one(1, 8, out=64, into=64)
    total = algebra.compose([(base, 0.25)] * 4)
    assert total.rank == 32
    smaller = algebra.recompress(total, 8)
    np.testing.assert_allclose(lora.delta(smaller.adapter.modules[Q]), lora.delta(base.modules[Q]), atol=1e-4)
    assert smaller.error < 1e-6


def test_recompressing_zero_gives_zero() -> None:
    zero = one(Q, np.zeros((8, 4)), np.ones((4, 8)))
    assert not lora.delta(algebra.recompress(zero, 2).adapter.modules[Q]).any()


@given(seeds, st.integers(1, 6), st.lists(st.floats(-12, 12), min_size=1, max_size=6))
def test_thin_qr_is_one_whatever_the_columns(seed: int, rows: int, sizes: list[float]) -> None:
    random = np.random.default_rng(seed)
    tall = random.standard_normal((4 * rows, len(sizes))) * 10.0 ** np.array(sizes)
    if len(sizes) > 2:
        tall[:, 1] = tall[:, 0] * (1 + 1e-9 * random.standard_normal(len(tall)))  # nearly dependent
        tall[:, 2] = 0
    q, r = algebra.thin_qr(tall)
    np.testing.assert_allclose(q.T @ q, np.eye(q.shape[1]), atol=1e-11)
    assert np.abs(q @ r - tall).max() <= 1e-11 * np.abs(tall).max()


def principal(first: np.ndarray, second: np.ndarray) -> float:
    """The smallest principal angle between the column spaces of two dense updates, in degrees."""
    bases = []
    for dense in (first, second):
        u, s, _ = np.linalg.svd(dense)
        bases.append(u[:, : int((s > 1e-6 * s[0]).sum())])
    return float(np.degrees(np.arccos(np.clip(np.linalg.svd(bases[0].T @ bases[1], compute_uv=False)[0], -1, 1))))


@given(seeds, seeds, st.integers(1, 5), st.integers(1, 5))
def test_angle_and_cosine_are_those_of_the_dense_updates(seed: int, other: int, rank: int, rank2: int) -> None:
    first, second = random_one(seed, rank, scale=2.0), random_one(other, rank2, scale=0.5)
    one_, two = lora.delta(first.modules[Q]), lora.delta(second.modules[Q])
    found = angles(first, second)
    assert found is not None
    (module,) = found.modules
    assert module.angle_deg == pytest.approx(principal(one_, two), abs=1e-5 if principal(one_, two) > 0.01 else 0.01)
    cosine = (one_ * two).sum() / np.linalg.norm(one_) / np.linalg.norm(two)
    assert module.cosine == pytest.approx(cosine, abs=1e-9)
    assert found.cosine == pytest.approx(cosine, abs=1e-9)
    assert found.max == found.p95 == found.min == found.weighted_mean == module.angle_deg


@given(seeds, st.floats(0.1, 10))
def test_the_same_update_with_other_factors_is_at_zero(seed: int, scale: float) -> None:
    random = np.random.default_rng(seed)
    a, b, turn = random.standard_normal((4, 20)), random.standard_normal((24, 4)), random.standard_normal((4, 4))
    turn += 4 * np.eye(4)
    found = angles(one(Q, b, a), one(Q, b @ turn, np.linalg.solve(turn, a), scale))
    assert found is not None
    assert found.max == pytest.approx(0, abs=1e-5)
    assert found.cosine == pytest.approx(1)


@pytest.mark.parametrize("degrees", [0.0, 1e-6, 0.1, 29.9, 30.1, 60.0, 89.9, 90.0])
def test_a_known_angle(degrees: float) -> None:
    first, second = np.zeros((5, 1)), np.zeros((5, 1))
    first[0], second[:2, 0] = 1, (np.cos(np.radians(degrees)), np.sin(np.radians(degrees)))
    found = angles(one(Q, first, np.ones((1, 3))), one(Q, second, np.ones((1, 3))))
    assert found is not None
    assert found.max == pytest.approx(degrees, abs=1e-9)


def test_columns_that_a_zero_row_silences_do_not_count() -> None:
    b = np.eye(6)[:, :2]
    silent = one(Q, b, np.array([[1.0, 2.0], [0.0, 0.0]]))
    other = one(Q, np.eye(6)[:, 1:2], np.array([[1.0, 1.0]]))
    found = angles(silent, other)
    assert found is not None
    assert found.max == pytest.approx(90)


def test_the_mean_is_weighted_by_energy() -> None:
    names = ("layers.0.a", "layers.1.a")
    e = np.eye(4)
    make = lambda first, second: Adapter({**one(names[0], *first).modules, **one(names[1], *second).modules})  # noqa: E731
    row = np.ones((1, 4))
    found = angles(make((e[:, :1], row), (10 * e[:, :1], row)), make((e[:, :1], row), (e[:, 1:2], row)))
    assert found is not None
    assert [module.angle_deg for module in found.modules] == pytest.approx([0, 90])
    assert found.weighted_mean == pytest.approx(90 * 10 / 11)
    assert (found.max, found.min) == pytest.approx((90, 0))
    assert set(found.to_json()) >= {"modules", "max", "p95", "weighted_mean"}
    assert set(found.to_json()["modules"][0]) >= {"name", "angle_deg", "cosine", "null_deg"}
    json.dumps(found.to_json())


@pytest.mark.parametrize(
    ("size", "rank", "expected"), [(2048, 16, 80.5), (2048, 64, 70.2), (4096, 16, 83.5), (64, 4, 67)]
)
def test_random_subspaces_are_where_the_null_says(size: int, rank: int, expected: float) -> None:
    random = np.random.default_rng(5)
    drawn = []
    for _ in range(3 if size > 64 else 60):
        first, second = (np.linalg.qr(random.standard_normal((size, rank)))[0] for _ in range(2))
        drawn.append(np.degrees(np.arccos(np.linalg.svd(first.T @ second, compute_uv=False)[0])))
    null = null_angle(size, rank, rank)
    assert null == pytest.approx(np.mean(drawn), abs=1.5)
    assert null == pytest.approx(expected, abs=2)


def test_subspaces_too_large_to_avoid_each_other_meet_by_chance() -> None:
    assert null_angle(8, 4, 5) == 0.0


def test_adapters_without_a_common_module_have_no_angle() -> None:
    assert angles(lora.adapter(kinds=["mlp.up_proj"]), lora.adapter(kinds=["mlp.gate_proj"])) is None


def test_health_names_every_ill_module() -> None:
    adapter = lora.adapter(blocks=2)
    module = adapter.modules[Q]
    assert module.b
    ill = {
        "layers.0.self_attn.q_proj": ({"b": single(np.zeros((64, 4)))}, "lora_B is zero"),
        "layers.0.self_attn.k_proj": ({"a": single(np.full((4, 64), np.inf))}, "256 numbers"),
        "layers.0.self_attn.v_proj": ({"a": None}, "lora_A is missing"),
        "layers.0.self_attn.o_proj": ({"b": single(np.ones((64, 3)))}, "rank of A is 4, that of B is 3"),
        "layers.0.mlp.up_proj": ({"scale": 0.0}, "scaling is 0"),
        "layers.0.mlp.gate_proj": ({"b": single(np.ones((95, 4)))}, "95 rows, the base has 96"),
    }
    for name, (change, _) in ill.items():
        adapter = lora.with_module(adapter, name, **change)
    base = Base(
        "qwen2", "t", 2, 64, 4, 2, 96, 0, None, {"blk.0.ffn_gate.weight": (96, 64), "blk.0.ffn_up.weight": (96, 64)}
    )
    base = replace(base, shapes={**base.shapes, **{f"blk.{n}.{k}.weight": s for n in (0, 1) for k, s in SIZES.items()}})
    found = health(adapter, base)
    assert not found.ok
    told = {module.name: module.problem for module in found.modules if not module.ok}
    assert told.keys() == ill.keys()
    for name, (_, expected) in ill.items():
        assert expected in (told[name] or "")


SIZES = {
    "attn_q": (64, 64), "attn_k": (32, 64), "attn_v": (32, 64), "attn_output": (64, 64), "ffn_gate": (96, 64),
    "ffn_up": (96, 64), "ffn_down": (64, 96),
}  # fmt: skip


def test_a_healthy_adapter_is_healthy_and_norms_are_those_of_dw() -> None:
    adapter = lora.adapter()
    found = health(adapter)
    assert found.ok
    for module in found.modules:
        assert module.norm == pytest.approx(np.linalg.norm(lora.delta(adapter.modules[module.name])))


def test_an_unusual_norm_is_named_but_not_ill() -> None:
    adapter = lora.adapter(blocks=6, kinds=["mlp.up_proj"])
    found = health(lora.with_module(adapter, "layers.3.mlp.up_proj", scale=500.0))
    assert found.ok
    (loud,) = [module for module in found.modules if module.warning]
    assert loud.name == "layers.3.mlp.up_proj"
    assert "median of up_proj" in (loud.warning or "")


@given(seeds, st.sets(st.integers(0, 95), min_size=1, max_size=8), st.floats(0, 4))
def test_amplified_neurons_are_a_change_of_the_down_projection(seed: int, neurons: set[int], factor: float) -> None:
    random = np.random.default_rng(seed)
    down, activations = random.standard_normal((64, 96)), random.standard_normal(96)
    chosen = sorted(neurons)
    module = amplify(1, down, chosen, factor)
    assert (module.name, module.rank) == ("layers.1.mlp.down_proj", len(chosen))
    stronger = activations.copy()
    stronger[chosen] *= factor
    np.testing.assert_allclose((down + lora.delta(module)) @ activations, down @ stronger, atol=1e-4)


@pytest.mark.parametrize("neurons", [[], [96], [-1], [3, 3]])
def test_neurons_must_be_there_and_differ(neurons: list[int]) -> None:
    with pytest.raises(KikiError):
        amplify(0, np.ones((64, 96)), neurons, 2.0)
