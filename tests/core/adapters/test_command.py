"""`kiki adapters` as a shell sees it."""

import functools
import json
from collections.abc import Callable
from pathlib import Path

import lora
import numpy as np
import pytest
import shell

from kiki_core.adapters.base import base_of
from kiki_core.adapters.files import open_adapter, save


@pytest.fixture
def kiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., shell.Ran]:
    model = lora.model(tmp_path / "tiny.gguf", lora.weights())
    base = base_of(str(model))
    for number in (1, 2):
        save(lora.adapter(number), "gguf", tmp_path / f"a{number}.gguf", base)
    monkeypatch.chdir(tmp_path)
    environment = {
        "KIKI_HOME": str(tmp_path / "home"), "KIKI_MODELS__NAME": str(model),
        "KIKI_CONFIG": str(tmp_path / "none.toml"), "HF_ENDPOINT": "http://127.0.0.1:9",
    }  # fmt: skip
    return functools.partial(shell.kiki, "adapters", environment=environment)


def test_the_life_of_an_adapter(kiki: Callable[..., shell.Ran], tmp_path: Path) -> None:
    (tmp_path / "told.json").write_text('{"data": "x"}')
    assert kiki("install", "a1.gguf", "--domain", "spice", "--provenance", "told.json").returncode == 0
    (one,) = json.loads(kiki("list", "--json").stdout)
    assert (one["name"], one["domain"], one["provenance"]) == ("a1", "spice", {"data": "x"})
    health = kiki("health", "a1", "--json")
    assert health.returncode == 0
    told = json.loads(health.stdout)
    assert told["ok"] is True
    assert set(told["modules"][0]) >= {"name", "ok", "norm", "problem"}
    angle = json.loads(kiki("angle", "a1", "a2.gguf", "--json").stdout)
    assert set(angle) >= {"modules", "max", "p95", "weighted_mean"}
    composed = json.loads(kiki("compose", "a1:0.5", "a2.gguf:-2", "--out", "c.safetensors", "--json").stdout)
    assert (composed["rank"], composed["modules"]) == (8, 14)
    total = open_adapter(tmp_path / "c.safetensors").adapter
    for name, module in total.modules.items():
        dense = 0.5 * lora.delta(lora.adapter(1).modules[name]) - 2 * lora.delta(lora.adapter(2).modules[name])
        np.testing.assert_allclose(lora.delta(module), dense, atol=1e-5)
    smaller = json.loads(kiki("compose", "a1", "a2.gguf", "--out", "s.gguf", "--max-rank", "3", "--json").stdout)
    assert smaller["rank"] == 3
    assert 0 < smaller["error"] < 1
    converted = json.loads(kiki("convert", "a1", "folder", "--to", "mlx", "--json").stdout)
    assert converted["lossless"] is True
    assert sorted(path.name for path in (tmp_path / "folder").iterdir()) == [
        "adapter_config.json",
        "adapters.safetensors",
    ]
    assert kiki("remove", "a1").returncode == 0
    assert json.loads(kiki("list", "--json").stdout) == []


def test_health_ends_with_1_for_an_ill_one(kiki: Callable[..., shell.Ran], tmp_path: Path) -> None:
    ill = lora.with_module(lora.adapter(), "layers.0.mlp.up_proj", b=lora.stored(np.zeros((96, 4)), "F32"))
    save(ill, "peft", tmp_path / "ill", None)
    ran = kiki("health", "ill", "--json")
    assert ran.returncode == 1
    told = json.loads(ran.stdout)
    assert told["ok"] is False
    assert [one["name"] for one in told["modules"] if one["problem"]] == ["layers.0.mlp.up_proj"]
    assert kiki("health", "ill").returncode == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["health", "nothing.gguf"], "there is no adapter"),
        (["health", "tiny.gguf"], "no LoRA adapter"),
        (["health", "."], "holds no adapter"),
        (["install", "a1.gguf", "--domain", "cooking"], "no domain"),
        (["install", "a1.gguf", "--name", "../x"], "no name"),
        (["install", "kiki/not-there"], "can't reach kiki/not-there"),
        (["install", "a1.gguf", "--base", "nothing"], "no base model"),
        (["install", "a1.gguf", "--provenance", "tiny.gguf"], "no JSON"),
        (["remove", "a1"], "no adapter 'a1' is installed"),
        (["compose", "a1.gguf:x", "--out", "c.gguf"], "no weight"),
        (["compose", "a1.gguf:nan", "--out", "c.gguf"], "finite"),
        (["compose", "a1.gguf", "--out", "c.bin"], "neither a folder"),
        (["compose", "a1.gguf", "--out", "no/where.gguf"], "can't write"),
        (["compose", "--out", "c.gguf"], "Missing argument"),
        (["convert", "a1.gguf", "b.gguf", "--to", "peft"], "no name for the layout"),
        (["convert", "a1.gguf", "b", "--to", "gguf"], "end it in .gguf"),
        (["gate", "a1.gguf", "a2.gguf"], "--prior"),
    ],
)
def test_mistakes_are_one_line_with_what_to_do(
    kiki: Callable[..., shell.Ran], tmp_path: Path, words: list[str], told: str
) -> None:
    before = sorted(path.name for path in tmp_path.iterdir())
    ran = kiki(*words)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("kiki: ")
    assert ran.stderr.count("\n") == 1
    assert told in ran.stderr
    assert "; " in ran.stderr
    assert [name for name in sorted(path.name for path in tmp_path.iterdir()) if name != "home"] == before


def test_a_folder_that_is_there_is_not_overwritten(kiki: Callable[..., shell.Ran], tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("keep me")
    ran = kiki("convert", "a1.gguf", "full")
    assert ran.returncode == 2
    assert "is there already" in ran.stderr
    assert sorted(path.name for path in (tmp_path / "full").iterdir()) == ["mine.txt"]
