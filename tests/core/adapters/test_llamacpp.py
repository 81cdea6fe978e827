"""Adapters in the real llama.cpp: on a tiny unquantised model to the rounding of floats, and on the default model."""

from dataclasses import replace
from pathlib import Path

import lora
import numpy as np
import pytest
import xllamacpp

from kiki_core.adapters import algebra, gguf
from kiki_core.adapters.base import base_of
from kiki_core.adapters.files import open_adapter, save
from kiki_core.adapters.model import Adapter, Module, single
from kiki_core.adapters.neurons import amplify
from kiki_core.backends.llamacpp import LlamaCppBackend
from kiki_core.backends.protocol import Message, Request, WeightedAdapter
from kiki_core.config import BackendSettings, Config

PROMPT = "The corner frequency of an RC filter is"


def logprobs(model: Path, adapters: list[Path], *sets: dict[int, float]) -> list[np.ndarray]:
    """The log-probabilities of every token after the prompt, for each set of adapter id -> scale."""
    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.n_ctx, params.n_parallel, params.warmup, params.verbosity = 256, 1, False, -1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(path), 0.0) for path in adapters]
    server = xllamacpp.Server(params)
    found = []
    for scales in sets:
        body = {
            "prompt": PROMPT, "n_predict": 1, "n_probs": lora.VOCABULARY, "temperature": 0.0, "cache_prompt": False,
            "lora": [{"id": n, "scale": scales.get(n, 0.0)} for n in range(len(adapters))],
        }  # fmt: skip
        answer = server.handle_completions(body)
        top = answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
        found.append(np.array([one["logprob"] for one in sorted(top, key=lambda one: one["id"])]))
    assert all(len(one) == lora.VOCABULARY for one in found)
    return found


def merged(found: dict[str, np.ndarray], adapter: Adapter, weight: float = 1.0) -> dict[str, np.ndarray]:
    return {
        name: w + weight * lora.delta(adapter.modules[name]) if name in adapter.modules else w
        for name, w in found.items()
    }


@pytest.mark.parametrize("architecture", ["qwen2", "llama"])
def test_an_adapter_is_its_update_of_the_weights(tmp_path: Path, architecture: str) -> None:
    """Scale 0 is the base; scale 1 is the base with dW added to its weights, in the publisher's order of heads."""
    plain, adapter = lora.weights(), replace(lora.adapter(1), architecture=architecture)
    model = lora.model(tmp_path / "m.gguf", plain, architecture)
    summed = lora.model(tmp_path / "s.gguf", merged(plain, adapter), architecture)
    save(adapter, "peft", tmp_path / "p", None)
    save(open_adapter(tmp_path / "p").adapter, "gguf", tmp_path / "a.gguf", base_of(str(model)))
    off, on = logprobs(model, [tmp_path / "a.gguf"], {}, {0: 1.0})
    (bare,), (expected,) = logprobs(model, [], {}), logprobs(summed, [], {})
    np.testing.assert_allclose(off, bare, atol=1e-6)
    np.testing.assert_allclose(on, expected, atol=2e-4)
    assert np.abs(on - bare).max() > 0.5


def test_the_concatenation_is_the_sum_of_both(tmp_path: Path) -> None:
    plain = lora.weights()
    first, second = lora.adapter(1), lora.adapter(2, rank=3, scale=0.5)
    model = lora.model(tmp_path / "m.gguf", plain)
    base = base_of(str(model))
    both = algebra.compose([(first, 0.7), (second, -0.4)])
    paths = [tmp_path / f"{n}.gguf" for n in range(3)]
    for path, adapter in zip(paths, (first, second, both), strict=True):
        save(adapter, "gguf", path, base)
    native, joined = logprobs(model, paths, {0: 0.7, 1: -0.4}, {2: 1.0})
    summed = lora.model(tmp_path / "s.gguf", merged(merged(plain, first, 0.7), second, -0.4))
    (expected,) = logprobs(summed, [], {})
    np.testing.assert_allclose(joined, native, atol=1e-5)
    np.testing.assert_allclose(joined, expected, atol=2e-4)


def test_amplified_neurons_run_as_an_adapter(tmp_path: Path) -> None:
    plain = lora.weights()
    model = lora.model(tmp_path / "m.gguf", plain)
    module = amplify(1, plain["layers.1.mlp.down_proj"], [3, 14, 15, 92], 3.0)
    save(Adapter({module.name: module}, "hf", "", "qwen2"), "gguf", tmp_path / "a.gguf", base_of(str(model)))
    stronger = {name: weight.copy() for name, weight in plain.items()}
    for kind in ("up_proj",):  # down(silu(gate) * up): a stronger up row is a stronger neuron
        stronger[f"layers.1.mlp.{kind}"][[3, 14, 15, 92]] *= 3.0
    (on,) = logprobs(model, [tmp_path / "a.gguf"], {0: 1.0})
    (expected,) = logprobs(lora.model(tmp_path / "s.gguf", stronger), [], {})
    np.testing.assert_allclose(on, expected, atol=2e-4)


@pytest.fixture(scope="module")
def default_model() -> Path:
    from kiki_core.backends.llamacpp import weights_path

    path = weights_path("qwen2.5-coder-0.5b")
    assert path, "the default model is not here: `kiki models pull`"
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KIKI_HOME", str(tmp_path / "home"))
    return tmp_path


def _random(model: Path, seed: int, size: float) -> Adapter:
    base = base_of("qwen2.5-coder-0.5b")
    random = np.random.default_rng(seed)
    modules = {}
    for layer in range(base.blocks):
        for kind in ("self_attn.q_proj", "self_attn.v_proj"):
            name = f"layers.{layer}.{kind}"
            out, into = base.expected(name)
            assert out
            assert into
            a, b = random.standard_normal((4, into)) / np.sqrt(into), size * random.standard_normal((out, 4))
            modules[name] = Module(name, single(a), single(b), 1.0)
    return Adapter(modules, "hf", "Qwen/Qwen2.5-Coder-0.5B-Instruct", "qwen2")


async def test_adapters_per_request_on_the_default_model(home: Path, default_model: Path) -> None:
    """Each request has its own adapters, and leaves nothing behind for the next one."""
    base = base_of("qwen2.5-coder-0.5b")
    first, second = _random(default_model, 1, 0.05), _random(default_model, 2, 0.05)
    loud = _random(default_model, 3, 30.0)
    files = {}
    both = algebra.compose([(first, 0.5), (second, 0.25)])
    for name, adapter in {"first": first, "second": second, "both": both, "loud": loud}.items():
        files[name] = home / f"{name}.gguf"
        save(adapter, "gguf", files[name], base)
    backend = LlamaCppBackend(Config(backend=BackendSettings(threads=1, context=1024)), files)

    async def say(**adapters: float) -> str:
        weighted = tuple(WeightedAdapter(name, weight) for name, weight in adapters.items())
        request = Request((Message("user", "Say: hello"),), max_tokens=6, temperature=0.0, seed=1, adapters=weighted)
        return "".join([piece.text async for piece in backend.generate(request)])

    try:
        plain = await say()
        assert await say(loud=0.0) == plain
        assert await say(loud=1.0) != plain
        assert await say() == plain
        assert await say(first=0.5, second=0.25) == await say(both=1.0)
    finally:
        await backend.aclose()


def test_the_default_models_file_tells_its_base(default_model: Path) -> None:
    base = base_of("qwen2.5-coder-0.5b")
    assert (base.architecture, base.name, base.blocks) == ("qwen2", "qwen2.5-coder-0.5b-instruct", 24)
    assert base.expected("layers.0.self_attn.k_proj") == (128, 896)
    assert len(gguf.read(default_model).entries) == 291
