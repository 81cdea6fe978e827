"""The three layouts: what one writes another reads, to the bit; what none can hold is refused."""

import json
import struct
from dataclasses import replace
from pathlib import Path

import lora
import numpy as np
import pytest
import safetensors.numpy as official
from hypothesis import given, settings
from hypothesis import strategies as st

from kiki_core.adapters import gguf, safetensors
from kiki_core.adapters.base import Base, LinearAttention, base_of, normal_name, same_name
from kiki_core.adapters.files import open_adapter, save
from kiki_core.adapters.model import Adapter, Module, Tensor, single
from kiki_core.adapters.order import in_order
from kiki_core.errors import KikiError

TINY = Base("qwen2", "tiny-qwen2", lora.BLOCKS, lora.HIDDEN, lora.HEADS, lora.KV_HEADS, lora.FEED_FORWARD, 0)
LLAMA = replace(TINY, architecture="llama")


def through(adapter: Adapter, folder: Path, *layouts: str, base: Base = TINY) -> Adapter:
    """The adapter after it was written to and read from each layout in turn."""
    for number, layout in enumerate(layouts):
        out = folder / f"{number}-{layout}{'.gguf' if layout == 'gguf' else ''}"
        assert save(adapter, layout, out, base) == ()
        adapter = open_adapter(out).adapter
    return adapter


@pytest.mark.parametrize("dtype", ["F32", "F16", "BF16"])
@pytest.mark.parametrize(
    "way", ["peft mlx", "mlx peft", "gguf peft", "peft gguf mlx", "mlx gguf", "gguf mlx gguf peft"]
)
def test_conversions_change_no_bit(tmp_path: Path, dtype: str, way: str) -> None:
    adapter = lora.adapter(dtype=dtype, scale=20.0)
    there = through(adapter, tmp_path, *way.split())
    assert lora.same_bits(in_order(there, "hf", TINY), adapter)
    assert same_name(there.base_name, "Tiny-Qwen2")


@settings(max_examples=25)
@given(
    st.sampled_from([1, 2, 3, 8, 16]),
    st.one_of(st.sampled_from([1.0, 0.1, 20.0, 2.0, 1 / 3]), st.floats(0.001, 1000.0)),
    st.permutations(["peft", "mlx"]),
)
def test_any_scaling_survives_safetensors(tmp_path_factory, rank: int, scale: float, layouts: list[str]) -> None:
    adapter = lora.adapter(rank=rank, scale=scale, kinds=["self_attn.q_proj"], blocks=1)
    there = through(adapter, tmp_path_factory.mktemp("x"), *layouts)
    (mine,), (theirs,) = adapter.modules.values(), there.modules.values()
    assert theirs.scale == pytest.approx(mine.scale, rel=1e-15)


def test_a_gguf_file_written_again_is_the_same_file(tmp_path: Path) -> None:
    save(lora.adapter(), "gguf", tmp_path / "a.gguf", TINY)
    through(open_adapter(tmp_path / "a.gguf").adapter, tmp_path, "peft", "mlx", "gguf")
    assert (tmp_path / "a.gguf").read_bytes() == (tmp_path / "2-gguf.gguf").read_bytes()


def test_the_files_are_what_the_official_library_reads_and_writes(tmp_path: Path) -> None:
    adapter = lora.adapter(kinds=["self_attn.q_proj"], blocks=1)
    save(adapter, "peft", tmp_path / "p", TINY)
    read = official.load_file(tmp_path / "p" / "adapter_model.safetensors")
    key = "base_model.model.model.layers.0.self_attn.q_proj"
    module = adapter.modules["layers.0.self_attn.q_proj"]
    assert module.a
    assert module.b
    np.testing.assert_array_equal(read[f"{key}.lora_A.weight"], module.a.bits)
    assert read[f"{key}.lora_B.weight"].shape == (64, 4)
    official.save_file(read, tmp_path / "p" / "adapter_model.safetensors")
    assert lora.same_bits(open_adapter(tmp_path / "p").adapter, adapter)


@pytest.mark.parametrize(
    "key",
    [
        "base_model.model.model.layers.0.self_attn.q_proj.lora_{}.weight",
        "base_model.model.model.layers.0.self_attn.q_proj.lora_{}.default.weight",
        "base_model.model.model.language_model.layers.0.self_attn.q_proj.lora_{}.weight",
        "model.layers.0.self_attn.q_proj.lora_{}.weight",
        "layers.0.self_attn.q_proj.lora_{}.spice.weight",
    ],
)
def test_pefts_key_layouts(tmp_path: Path, key: str) -> None:
    tensors = {key.format("A"): single(np.ones((2, 8))), key.format("B"): single(np.ones((4, 2)))}
    write(tmp_path / "adapter_model.safetensors", tensors)
    (tmp_path / "adapter_config.json").write_text('{"r": 2, "lora_alpha": 8}')
    (module,) = open_adapter(tmp_path).adapter.modules.values()
    assert (module.name, module.scale) == ("layers.0.self_attn.q_proj", 4.0)


@pytest.mark.parametrize(
    ("config", "scale"),
    [
        ({"r": 4, "lora_alpha": 8}, 2.0),
        ({"r": 4, "lora_alpha": 8, "use_rslora": True}, 4.0),
        ({"r": 8, "lora_alpha": 8, "rank_pattern": {"layers.0.self_attn.q_proj": 4}}, 2.0),
        ({"r": 4, "lora_alpha": 8, "alpha_pattern": {"q_proj": 2}}, 0.5),
        ({"r": 4, "lora_alpha": 8, "alpha_pattern": {"k_proj": 2}}, 2.0),
    ],
)
def test_pefts_scaling(tmp_path: Path, config: dict[str, object], scale: float) -> None:
    key = "base_model.model.model.layers.0.self_attn.q_proj"
    tensors = {f"{key}.lora_A.weight": single(np.ones((4, 8))), f"{key}.lora_B.weight": single(np.ones((4, 4)))}
    write(tmp_path / "adapter_model.safetensors", tensors)
    (tmp_path / "adapter_config.json").write_text(json.dumps(config))
    (module,) = open_adapter(tmp_path).adapter.modules.values()
    assert module.scale == scale


@pytest.mark.parametrize(
    ("key", "config", "told"),
    [
        ("m.lora_magnitude_vector.default.weight", {}, "DoRA"),
        ("model.embed_tokens.lora_embedding_A", {}, "embedding"),
        ("base_model.model.lm_head.weight", {}, "no factor"),
        ("base_model.model.model.layers.0.mlp.experts.lora_A.weight", {}, "fused experts"),
        ("layers.0.q_proj.lora_A.weight", {"peft_type": "IA3"}, "IA3"),
        ("layers.0.q_proj.lora_A.weight", {"use_dora": True}, "use_dora"),
        ("layers.0.q_proj.lora_A.weight", {"bias": "all"}, "biases"),
        ("layers.0.q_proj.lora_A.weight", {"r": 3}, "rank 2"),
        ("layers.0.q_proj.lora_A.weight", {"r": 2, "lora_alpha": "x"}, "rank or alpha"),
        ("layers.0.q_proj.lora_A.weight", {"r": 2, "alpha_pattern": {"(a+)+$": 1}}, "pattern"),
        ("layers.0.q_proj.lora_a", {"fine_tune_type": "dora", "scale": 1}, "dora"),
        ("layers.0.q_proj.lora_a", {"lora_parameters": {"rank": 2}}, "scale"),
    ],
)
def test_what_is_no_plain_update_is_refused(tmp_path: Path, key: str, config: dict[str, object], told: str) -> None:
    write(tmp_path / "adapter_model.safetensors", {key: single(np.ones((2, 8)))})
    (tmp_path / "adapter_config.json").write_text(json.dumps(config))
    with pytest.raises(KikiError, match=told):
        open_adapter(tmp_path)


def test_a_missing_configuration_is_said_not_guessed_silently(tmp_path: Path) -> None:
    key = "model.layers.0.self_attn.q_proj"
    path = tmp_path / "x.safetensors"
    write(path, {f"{key}.lora_A.weight": single(np.ones((2, 8))), f"{key}.lora_B.weight": single(np.ones((4, 2)))})
    adapter = open_adapter(path).adapter
    assert adapter.modules["layers.0.self_attn.q_proj"].scale == 1.0
    assert "scaling of 1 is assumed" in adapter.notes[0]


def test_one_file_keeps_its_configuration_in_its_header(tmp_path: Path) -> None:
    save(lora.adapter(scale=5.0), "peft", tmp_path / "mine.safetensors", TINY)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.safetensors"]
    assert {m.scale for m in open_adapter(tmp_path / "mine.safetensors").adapter.modules.values()} == {5.0}


@pytest.mark.parametrize("layout", ["mlx", "gguf"])
def test_scalings_that_one_number_cannot_hold_go_into_b_and_are_told(tmp_path: Path, layout: str) -> None:
    mixed = lora.with_module(lora.adapter(scale=2.0), "layers.0.mlp.up_proj", scale=0.3)
    out = tmp_path / f"a{'.gguf' if layout == 'gguf' else ''}"
    (note,) = save(mixed, layout, out, TINY)
    assert "multiplied into B" in note
    for name, module in open_adapter(out).adapter.modules.items():
        np.testing.assert_allclose(lora.delta(module), lora.delta(mixed.modules[name]), rtol=1e-6, atol=1e-9)


def test_peft_holds_different_ranks_and_scalings(tmp_path: Path) -> None:
    mixed = lora.with_module(lora.adapter(scale=2.0), "layers.0.mlp.up_proj", scale=0.3)
    other = lora.adapter(rank=2, seed=3).modules["layers.1.mlp.up_proj"]
    mixed = replace(mixed, modules={**mixed.modules, other.name: other})
    assert lora.same_bits(through(mixed, tmp_path, "peft"), mixed)


def test_a_scaling_of_zero_stays_zero_in_gguf(tmp_path: Path) -> None:
    save(lora.adapter(scale=0.0), "gguf", tmp_path / "a.gguf", TINY)
    assert all(not lora.delta(module).any() for module in open_adapter(tmp_path / "a.gguf").adapter.modules.values())


def test_llamas_heads_are_interleaved_in_gguf_and_come_back(tmp_path: Path) -> None:
    adapter = replace(lora.adapter(dtype="F16"), architecture="llama")
    save(adapter, "gguf", tmp_path / "a.gguf", LLAMA)
    raw = open_adapter(tmp_path / "a.gguf").adapter
    for kind, heads in (("q", lora.HEADS), ("k", lora.KV_HEADS)):
        name = f"layers.1.self_attn.{kind}_proj"
        expected = lora.interleaved(lora.delta(adapter.modules[name]), heads)
        np.testing.assert_allclose(lora.delta(raw.modules[name]), expected, rtol=1e-12)
    assert lora.same_bits(in_order(raw, "hf", LLAMA), adapter)
    with pytest.raises(KikiError, match="--base"):
        in_order(raw, "hf", None)


def test_qwen2_keeps_its_rows() -> None:
    adapter = lora.adapter()
    assert lora.same_bits(in_order(adapter, "gguf", None), adapter)


def test_an_unknown_architecture_is_refused_only_where_heads_matter() -> None:
    odd = replace(lora.adapter(), architecture="newmodel")
    with pytest.raises(KikiError, match="newmodel"):
        in_order(odd, "gguf", None)
    feed_forward = replace(lora.adapter(kinds=["mlp.up_proj"]), architecture="newmodel")
    assert lora.same_bits(in_order(feed_forward, "gguf", None), feed_forward)


def test_value_heads_of_delta_nets_are_tiled(tmp_path: Path) -> None:
    linear = LinearAttention(key_heads=2, value_heads=6, key_dim=4, value_dim=3)
    base = Base("qwen35moe", "q", 4, 8, 4, 2, 16, 2, linear)
    rows = {"in_proj_qkv": (2 * 8 + 18, 8), "in_proj_z": (18, 8), "in_proj_a": (6, 8), "out_proj": (8, 18)}
    modules = {}
    for kind, (out, into) in rows.items():
        name = f"layers.0.linear_attn.{kind}"
        b = np.arange(out * 2, dtype=float).reshape(out, 2) + 1
        modules[name] = Module(name, single(np.arange(2 * into, dtype=float).reshape(2, into)), single(b), 1.0)
    adapter = Adapter(modules, "hf", "q", "qwen35moe", True)
    tiled = in_order(adapter, "gguf", base)
    # Head k*3+r of the publisher is head r*2+k of llama.cpp.
    order = [0, 3, 1, 4, 2, 5]
    a_of = lambda a: a.modules["layers.0.linear_attn.in_proj_a"].b.bits  # noqa: E731
    np.testing.assert_array_equal(a_of(tiled), a_of(adapter)[order])
    z = adapter.modules["layers.0.linear_attn.in_proj_z"].b
    assert z
    wide = z.bits.reshape(6, 3, 2)[order].reshape(18, 2)
    there = tiled.modules["layers.0.linear_attn.in_proj_z"].b
    assert there
    np.testing.assert_array_equal(there.bits, wide)
    assert lora.same_bits(through(adapter, tmp_path, "gguf", "mlx", "gguf", "peft", base=base), adapter)


def test_experts_are_stacked_and_come_apart(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    modules = {}
    for expert in range(3):
        for kind in ("gate_proj", "up_proj", "down_proj"):
            name = f"layers.0.mlp.experts.{expert}.{kind}"
            out, into = (16, 8) if kind != "down_proj" else (8, 16)
            a, b = random.standard_normal((2, into)), random.standard_normal((out, 2))
            modules[name] = Module(name, lora.stored(a, "BF16"), lora.stored(b, "BF16"), 0.5)
    adapter = Adapter(modules, "hf", "q", "qwen3moe")
    base = Base("qwen3moe", "q", 1, 8, 4, 2, 16, 3)
    assert lora.same_bits(through(adapter, tmp_path, "mlx", "gguf", "peft", base=base), adapter)
    assert gguf.read(tmp_path / "1-gguf.gguf").entries["blk.0.ffn_up_exps.weight.lora_b"].shape == (3, 16, 2)
    stack = safetensors.read(tmp_path / "0-mlx" / "adapters.safetensors").tensors
    assert stack["model.layers.0.mlp.switch_mlp.up_proj.lora_b"].shape == (3, 16, 2)


def test_an_expert_without_an_update_gets_zeros(tmp_path: Path) -> None:
    name = "layers.0.mlp.experts.1.up_proj"
    module = Module(name, single(np.ones((2, 8))), single(np.ones((16, 2))), 1.0)
    (note,) = save(
        Adapter({name: module}, "hf", "", "qwen3moe"),
        "gguf",
        tmp_path / "a.gguf",
        Base("qwen3moe", "q", 1, 8, 4, 2, 16, 3),
    )
    assert "zeros for 2 of 3" in note
    there = open_adapter(tmp_path / "a.gguf").adapter.modules
    assert [bool(lora.delta(there[f"layers.0.mlp.experts.{n}.up_proj"]).any()) for n in range(3)] == [
        False,
        True,
        False,
    ]


def test_q8_0_is_read_exactly(tmp_path: Path) -> None:
    save(lora.adapter(kinds=["self_attn.q_proj"], blocks=1), "gguf", tmp_path / "a.gguf", TINY)
    quants = np.arange(-32, 32, dtype=np.int8).reshape(2, 32)
    blocks = b"".join(np.float16(0.25).tobytes() + row.tobytes() for row in quants)
    name = "blk.0.attn_q.weight.lora_a"
    entry = gguf.Entry((1, 64), 8, 0, len(blocks))
    file = gguf.Gguf(tmp_path / "x", {}, {name: entry}, memoryview(blocks))
    np.testing.assert_array_equal(file.tensor(name).doubles(), quants.reshape(1, 64) * 0.25)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Qwen/Qwen2.5-Coder-0.5B-Instruct", "Qwen2.5 Coder 0.5B Instruct AWQ", True),
        ("mlx-community/Qwen3.6-35B-A3B-4bit", "Qwen/Qwen3.6-35B-A3B", True),
        ("qwen2.5-coder-0.5b-instruct-q4_k_m", "Qwen2.5-Coder-0.5B-Instruct-GGUF", True),
        ("/models/Qwen3.6-35B-A3B-MLX-4bit/", "Qwen3.6-35B-A3B-BF16", True),
        ("Qwen2.5-Coder-0.5B", "Qwen2.5-Coder-0.5B-Instruct", False),
        ("Qwen2.5-0.5B-Instruct", "Qwen2.5-Coder-0.5B-Instruct", False),
        ("", "", False),
    ],
)
def test_names_of_bases(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same, (normal_name(one), normal_name(other))


def test_a_gguf_file_and_a_configuration_have_the_same_fingerprint(tmp_path: Path) -> None:
    model = lora.model(tmp_path / "tiny.gguf", lora.weights())
    folder = tmp_path / "models--kiki--Tiny-Qwen2" / "snapshots" / "abc"
    folder.mkdir(parents=True)
    config = {
        "model_type": "qwen2", "num_hidden_layers": 2, "hidden_size": 64, "num_attention_heads": 4,
        "num_key_value_heads": 2, "intermediate_size": 96,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    assert base_of(str(model)).fingerprint == base_of(str(folder)).fingerprint
    (folder / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 3}))
    assert base_of(str(model)).fingerprint != base_of(str(folder)).fingerprint


def test_a_nested_configuration_of_a_mixture(tmp_path: Path) -> None:
    (tmp_path / "Qwen3.6-35B-A3B").mkdir()
    text = {
        "model_type": "qwen3_5_moe_text", "num_hidden_layers": 40, "hidden_size": 2048, "num_attention_heads": 16,
        "num_key_value_heads": 2, "moe_intermediate_size": 512, "num_experts": 256, "linear_num_key_heads": 16,
        "linear_num_value_heads": 32, "linear_key_head_dim": 128, "linear_value_head_dim": 128,
    }  # fmt: skip
    config = {"model_type": "qwen3_5_moe", "text_config": text}
    (tmp_path / "Qwen3.6-35B-A3B" / "config.json").write_text(json.dumps(config))
    base = base_of(str(tmp_path / "Qwen3.6-35B-A3B"))
    assert (base.architecture, base.name, base.blocks, base.experts) == ("qwen35moe", "qwen3.6-35b-a3b", 40, 256)
    assert base.linear == LinearAttention(16, 32, 128, 128)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"model_type": "qwen2"}', '{"model_type": "x", "num_attention_heads": "4"}']
)
def test_a_broken_configuration_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(KikiError):
        base_of(str(tmp_path))


def test_settings_of_one_layout_do_not_leak_into_another(tmp_path: Path) -> None:
    save(lora.adapter(), "mlx", tmp_path / "m", TINY)
    config = json.loads((tmp_path / "m" / "adapter_config.json").read_text())
    (tmp_path / "m" / "adapter_config.json").write_text(json.dumps({**config, "num_layers": 2, "iters": 300}))
    adapter = open_adapter(tmp_path / "m").adapter
    save(adapter, "peft", tmp_path / "p", TINY)
    assert "iters" not in json.loads((tmp_path / "p" / "adapter_config.json").read_text())
    save(adapter, "mlx", tmp_path / "again", TINY)
    again = json.loads((tmp_path / "again" / "adapter_config.json").read_text())
    assert (again["num_layers"], again["iters"]) == (2, 300)


def write(path: Path, tensors: dict[str, Tensor]) -> None:
    path.write_bytes(b"".join(safetensors.encode(tensors, {})))


def test_the_header_is_as_the_format_says(tmp_path: Path) -> None:
    write(tmp_path / "a.safetensors", {"x": single(np.ones((2, 3)))})
    content = (tmp_path / "a.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    assert json.loads(content[8 : 8 + length]) == {"x": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}
    assert (8 + length) % 8 == 0
