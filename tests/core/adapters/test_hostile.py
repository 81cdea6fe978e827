"""Files that mean ill: each gives one clear error, at once, and takes no memory."""

import contextlib
import json
import os
import resource
import struct
from pathlib import Path

import lora
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiki_core.adapters import algebra, gguf, safetensors
from kiki_core.adapters.base import Base
from kiki_core.adapters.files import open_adapter, save
from kiki_core.adapters.health import health
from kiki_core.adapters.model import Adapter, Module, single
from kiki_core.errors import KikiError

TINY = Base("qwen2", "tiny-qwen2", lora.BLOCKS, lora.HIDDEN, lora.HEADS, lora.KV_HEADS, lora.FEED_FORWARD, 0)
A = "layers.0.self_attn.q_proj.lora_A.weight"


@pytest.fixture(autouse=True)
def little_memory():
    """A file that makes the reader ask for gigabytes fails the test."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (8_000_000_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def header(text: str, data: bytes = b"", length: int | None = None) -> bytes:
    raw = text.encode()
    return struct.pack("<Q", len(raw) if length is None else length) + raw + data


def entry(dtype: object = "F32", shape: object = (1, 2), offsets: object = (0, 8)) -> str:
    return json.dumps({"dtype": dtype, "shape": shape, "data_offsets": offsets})


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\x01\x02", "cut short"),
        (header("{}", length=1 << 62), "claims"),
        (header("{}", length=1 << 20), "claims"),
        (header("not json"), "no JSON"),
        (header("[" * 200_000), "no JSON"),
        (header("[]"), "no JSON object"),
        (header('{"__metadata__": {"a": 1}}'), "map of strings"),
        (header(f'{{"{A}": {entry()}, "{A}": {entry()}}}', bytes(8)), "twice"),
        (header(f'{{"{A}": 5}}'), "no description"),
        (header(f'{{"{A}": {entry("I8")}}}', bytes(8)), "I8"),
        (header(f'{{"{A}": {entry(["F32"])}}}', bytes(8)), "F32"),
        (header(f'{{"{A}": {entry(shape=[-1, 2])}}}', bytes(8)), "bad shape"),
        (header(f'{{"{A}": {entry(shape=[True, 2])}}}', bytes(8)), "bad shape"),
        (header(f'{{"{A}": {entry(shape=[1.0, 2])}}}', bytes(8)), "bad shape"),
        (header(f'{{"{A}": {entry(shape=[1 << 39, 1 << 39])}}}', bytes(8)), "claims the shape"),
        (header(f'{{"{A}": {entry(shape=[1 << 20, 64])}}}', bytes(8)), "doesn't fit"),
        (header(f'{{"{A}": {entry(offsets=(0, 80))}}}', bytes(8)), "doesn't fit"),
        (header(f'{{"{A}": {entry(offsets=(8, 0))}}}', bytes(8)), "doesn't fit"),
        (header(f'{{"{A}": {entry(offsets=(8, 16))}}}', bytes(16)), "gap"),
        (header(f'{{"a": {entry()}, "b": {entry()}}}', bytes(8)), "overlap"),
        (header(f'{{"{A}": {entry()}}}', bytes(9)), "the file has 9"),
        (header("{}"), "no module"),
    ],
)
def test_hostile_safetensors(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "adapter_model.safetensors"
    path.write_bytes(content)
    with pytest.raises(KikiError, match=told):
        open_adapter(path)


def _gguf(*parts: bytes, tensors: int = 0, keys: int = 0, magic: bytes = b"GGUF", version: int = 3) -> bytes:
    return magic + struct.pack("<IQQ", version, tensors, keys) + b"".join(parts)


def key(name: str, kind: int, value: bytes) -> bytes:
    return struct.pack("<Q", len(name)) + name.encode() + struct.pack("<I", kind) + value


def row(name: str, shape: tuple[int, ...], kind: int, offset: int) -> bytes:
    shaped = struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)
    return struct.pack("<Q", len(name)) + name.encode() + shaped


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"GGU", "cut short"),
        (b"GGML" + bytes(20), "begin with GGUF"),
        (_gguf(version=1), "version 1"),
        (_gguf(version=0x03000000), "big-endian"),
        (_gguf(tensors=1 << 60), "claims"),
        (_gguf(keys=1 << 60), "claims"),
        (_gguf(struct.pack("<Q", 1 << 62), keys=1), "string of"),
        (_gguf(key("a", 8, struct.pack("<Q", 1000)), keys=1), "cut short"),
        (_gguf(key("a", 9, struct.pack("<IQ", 4, 1 << 61)), keys=1), "cut short"),
        (_gguf(key("a", 9, struct.pack("<IQ", 8, 1 << 61)), keys=1), "array of"),
        (_gguf(key("a", 9, struct.pack("<IQ", 8, 7_000_000)), keys=1), "cut short"),
        (_gguf(key("a", 9, struct.pack("<IQIQ", 9, 1, 9, 1)), keys=1), "array of"),
        (_gguf(key("a", 77, b""), keys=1), "unknown type"),
        (_gguf(key("a", 4, bytes(4)), key("a", 4, bytes(4)), keys=2), "twice"),
        (_gguf(key("general.alignment", 4, bytes(4)), keys=1), "alignment"),
        (_gguf(row("x", (1, 1, 1, 1, 1), 0, 0), tensors=1), "dimensions"),
        (_gguf(row("x", (2,), 99, 0), tensors=1), "unknown type 99"),
        (_gguf(row("x", (1 << 62, 1 << 62), 0, 0), tensors=1), "leaves the file"),
        (_gguf(row("x", (2,), 0, 1 << 60), tensors=1), "leaves the file"),
        (_gguf(row("x", (2,), 0, 3), bytes(64), tensors=1), "leaves the file"),
        (_gguf(row("x", (33,), 8, 0), bytes(640), tensors=1), "whole blocks"),
        (_gguf(row("x", (2,), 0, 0), row("x", (2,), 0, 32), bytes(128), tensors=2), "twice"),
        (_gguf(row("x", (2,), 0, 0), row("y", (2,), 0, 0), bytes(128), tensors=2), "overlap"),
        (_gguf(), "no LoRA adapter"),
    ],
)
def test_hostile_gguf(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(content)
    with pytest.raises(KikiError, match=told):
        open_adapter(path)


def test_a_header_that_claims_a_huge_sparse_file_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "adapter_model.safetensors"
    elements = 1 << 27
    path.write_bytes(header(f'{{"{A}": {entry(shape=[elements // 64, 64], offsets=(0, 4 * elements))}}}'))
    os.truncate(path, path.stat().st_size + 4 * elements)
    adapter = open_adapter(path).adapter
    (module,) = health(adapter).modules
    assert module.problem == "lora_B is missing"


def test_an_absurd_rank_is_not_computed_with() -> None:
    wide = Module("m", single(np.ones((100_000, 8))), single(np.ones((8, 100_000))), 1.0)
    (module,) = health(Adapter({"m": wide})).modules
    assert module.problem == "a rank of 100000"
    with pytest.raises(KikiError, match="a rank of 100000"):
        algebra.compose([(Adapter({"m": wide}), 1.0)])


_ADAPTERS = {}


def _content(layout: str, folder: Path) -> bytes:
    if layout not in _ADAPTERS:
        out = folder / f"a{'.gguf' if layout == 'gguf' else '.safetensors'}"
        save(lora.adapter(kinds=["self_attn.q_proj", "mlp.up_proj"], rank=2), layout, out, TINY)
        _ADAPTERS[layout] = out.read_bytes()
    return _ADAPTERS[layout]


@settings(max_examples=150)
@given(st.sampled_from(["peft", "mlx", "gguf"]), st.data())
def test_damage_anywhere_is_an_error_or_harmless(tmp_path_factory, layout: str, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("x")
    content = bytearray(_content(layout, folder))
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, min(len(content) - 1, 3000)))] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content
    path = folder / f"b{'.gguf' if layout == 'gguf' else '.safetensors'}"
    path.write_bytes(content)
    with contextlib.suppress(KikiError):
        health(open_adapter(path).adapter)


@pytest.mark.parametrize("name", ["adapter_model.bin", "adapter.pt", "x.pkl"])
def test_a_pickle_is_never_opened(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"cos\nsystem\n(S'touch pwned'\ntR.")
    with pytest.raises(KikiError, match="pickle"):
        open_adapter(tmp_path / name)
    if name == "adapter_model.bin":
        with pytest.raises(KikiError, match="pickle"):
            open_adapter(tmp_path)


def test_configurations_that_mean_ill(tmp_path: Path) -> None:
    save(lora.adapter(blocks=1), "peft", tmp_path / "a", TINY)
    config = tmp_path / "a" / "adapter_config.json"
    for text in ("[" * 100_000, "[]", "{", '{"r": 1e999}', '{"r": 0}', '{"r": null}', '{"lora_alpha": NaN}'):
        config.write_text(text)
        with pytest.raises(KikiError):
            open_adapter(tmp_path / "a")


def test_numbers_that_are_not_finite_are_read_and_named(tmp_path: Path) -> None:
    sick = lora.adapter()
    name = "layers.1.mlp.up_proj"
    broken = sick.modules[name].b
    assert broken
    bits = broken.bits.copy()
    bits[3, 1] = np.nan
    save(lora.with_module(sick, name, b=safetensors.Tensor("F32", bits)), "gguf", tmp_path / "a.gguf", TINY)
    found = health(open_adapter(tmp_path / "a.gguf").adapter)
    assert [(module.name, module.problem) for module in found.modules if not module.ok] == [
        (name, "lora_B holds 1 numbers that aren't finite")
    ]


def test_a_model_is_no_adapter(tmp_path: Path) -> None:
    model = lora.model(tmp_path / "m.gguf", lora.weights())
    with pytest.raises(KikiError, match="no LoRA adapter"):
        open_adapter(model)
    assert gguf.read(model).metadata["general.architecture"] == "qwen2"
