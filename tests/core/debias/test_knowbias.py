"""KnowBias on a tiny random model: the adapter does what the hooks do, and is installed like any other."""

import json
from pathlib import Path

import lora
import numpy as np
import pytest
import shell
from mlx_model import tiny

from kiki_core.adapters.algebra import uniform
from kiki_core.adapters.base import base_of
from kiki_core.adapters.files import save
from kiki_core.backends.protocol import WeightedAdapter
from kiki_core.debias import knowbias
from kiki_core.debias.attribution import open_base
from kiki_core.errors import KikiError

pytest.importorskip("mlx_lm")
TOKENS = [3, 50, 120, 7, 200]


def test_the_adapter_equals_the_hooks_on_logits(tmp_path: Path) -> None:
    model = tiny(tmp_path / "Tiny-Qwen2")
    known = base_of(str(model))
    base = open_base(model, "mlx")
    asked = knowbias.knowledge()
    found = knowbias.scores(base, (asked[0], asked[1], asked[-1], asked[-2]), lambda _: None)
    assert found.shape == (lora.BLOCKS, lora.FEED_FORWARD)
    chosen = knowbias.best(found, 8)
    assert sum(map(len, chosen.values())) == 8

    factors = {layer: np.ones(lora.FEED_FORWARD, np.float32) for layer in chosen}
    for layer, some in chosen.items():
        factors[layer][list(some)] = 1.7
    hooked, plain = base.logits(TOKENS, factors), base.logits(TOKENS, {})
    save(uniform(knowbias.adapter(base, chosen, 1.7, known)), "mlx", tmp_path / "made", known)
    from mlx_lm import load

    adapted, _ = load(str(model), adapter_path=str(tmp_path / "made"))[:2]
    import mlx.core as mx

    logits = np.array(adapted(mx.array([TOKENS]))[0, -1].astype(mx.float32))
    assert np.abs(hooked - plain).max() > 0.01
    np.testing.assert_allclose(logits, hooked, rtol=1e-4, atol=1e-4)


def test_the_attribution_is_the_slope_of_the_odds(tmp_path: Path) -> None:
    base = open_base(tiny(tmp_path / "Tiny-Qwen2"), "mlx")
    slope = base.attribution("Is it so?", "yes", "no")
    layer, neuron = map(int, np.unravel_index(np.abs(slope).argmax(), slope.shape))
    prompt = list(b"Answer with yes or no. Is it so?")

    def odds(factor: float) -> float:
        factors = np.ones(lora.FEED_FORWARD, np.float32)
        factors[neuron] = factor
        tokenizer = base._tokenizer  # type: ignore[attr-defined]
        tokens = tokenizer.encode(bytes(prompt).decode(), add_special_tokens=False)
        last = base.logits(tokens, {layer: factors})
        return float(last[tokenizer.encode("Yes")[0]] - last[tokenizer.encode("No")[0]])

    assert (odds(1.01) - odds(0.99)) / 0.02 == pytest.approx(slope[layer, neuron], rel=0.05)


def test_the_command_builds_and_installs_it(tmp_path: Path) -> None:
    model = tiny(tmp_path / "Tiny-Qwen2")
    environment = {"KIKI_HOME": str(tmp_path / "home"), "KIKI_CONFIG": str(tmp_path / "none.toml")}
    ran = shell.kiki(
        "debias", "knowbias", "--base", model, "--engine", "mlx", "--neurons", 6, "--json", environment=environment
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["name"] == "knowbias"
    manifest = json.loads((tmp_path / "home" / "adapters" / "knowbias" / "manifest.json").read_text())
    assert manifest["provenance"]["factor"] == 1.5
    assert sum(map(len, manifest["provenance"]["neurons"].values())) == 6


def test_a_backend_without_adapters_says_so() -> None:
    experts = (WeightedAdapter("spice-sim", 0.8),)
    assert knowbias.composed(experts, 4, True) == (*experts, WeightedAdapter("knowbias", 1.0))
    with pytest.raises(KikiError, match="unavailable: this backend takes no adapters"):
        knowbias.composed(experts, 0, True)
    with pytest.raises(KikiError, match="unavailable: there is no such adapter"):
        knowbias.composed(experts, 4, False)
