"""Installed whole or not at all, whatever happens; never for another base; never changed unnoticed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import lora
import pytest

from kiki_core.adapters import algebra, cache, serving, store
from kiki_core.adapters.base import Base, base_of
from kiki_core.adapters.files import open_adapter, save
from kiki_core.errors import KikiError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KIKI_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return lora.model(tmp_path / "tiny.gguf", lora.weights())


@pytest.fixture
def base(model: Path) -> Base:
    return base_of(str(model))


@pytest.fixture
def made(tmp_path: Path, base: Base) -> Path:
    save(lora.adapter(1), "peft", tmp_path / "made", base)
    return tmp_path / "made"


def left(home: Path) -> list[str]:
    """What lies in the store besides its lock."""
    return sorted(path.name for path in (home / "adapters").iterdir() if path.name != ".lock")


def test_an_adapter_is_installed_with_what_is_known_of_it(home: Path, made: Path, base: Base) -> None:
    told = {"data": "sha256:abc", "recipe": {"lr": 1e-5}, "evaluation": {"loss": 0.4}}
    store.install(made, "spice", base, domain="spice", provenance=told, source="here")
    opened, one = store.load("spice", base)
    assert lora.same_bits(opened.adapter, lora.adapter(1))
    assert (one.domain, one.rank, one.alpha, one.layout, one.source) == ("spice", 4, 8.0, "peft", "here")
    assert (one.fingerprint, one.provenance, one.gate) == (base.fingerprint, told, None)
    assert set(one.files) == {"adapter_model.safetensors", "adapter_config.json"}
    assert [each.name for each in store.installed()] == ["spice"]
    store.remove("spice")
    assert left(home) == []
    with pytest.raises(KikiError, match="no adapter 'spice'"):
        store.load("spice")


@pytest.mark.parametrize("name", ["", "..", "a/b", ".hidden", "x" * 65, "a\nb", "-dash"])
def test_a_name_stays_in_its_folder(home: Path, made: Path, base: Base, name: str) -> None:
    with pytest.raises(KikiError, match="no name"):
        store.install(made, name, base)
    with pytest.raises(KikiError):
        store.remove(name)


@pytest.mark.parametrize(
    "other",
    [
        {"name": "tiny-qwen3"},
        {"blocks": 3},
        {"embedding": 128},
        {"heads": 8},
        {"feed_forward": 97},
        {"architecture": "qwen3"},
    ],
)
def test_it_never_loads_on_another_base(home: Path, made: Path, base: Base, other: dict[str, object]) -> None:
    store.install(made, "a", base)
    with pytest.raises(KikiError, match="another base"):
        store.load("a", replace(base, **other))


def test_it_is_not_installed_for_another_base(home: Path, tmp_path: Path, made: Path, base: Base) -> None:
    with pytest.raises(KikiError, match="is for kiki/Tiny-Qwen2"):
        store.install(made, "a", replace(base, name="qwen3.6-35b-a3b"))
    save(replace(lora.adapter(), base_name=""), "gguf", tmp_path / "a.gguf", base)
    with pytest.raises(KikiError, match="is for qwen2, not for llama"):
        store.install(tmp_path / "a.gguf", "a", replace(base, architecture="llama"))
    shapes = {**base.shapes, "blk.0.ffn_up.weight": (97, 64)}
    with pytest.raises(KikiError, match="96 rows, the base has 97"):
        store.install(tmp_path / "a.gguf", "a", replace(base, shapes=shapes))
    save(lora.adapter(blocks=3), "peft", tmp_path / "deep", base)
    with pytest.raises(KikiError, match="has no such module"):
        store.install(tmp_path / "deep", "a", base)
    assert store.installed() == ()


def test_an_unhealthy_one_is_not_installed(home: Path, tmp_path: Path, base: Base) -> None:
    zero = lora.with_module(lora.adapter(), "layers.1.mlp.up_proj", b=lora.stored(0 * lora.np.ones((96, 4)), "F32"))
    save(zero, "gguf", tmp_path / "z.gguf", base)
    with pytest.raises(KikiError, match=r"layers\.1\.mlp\.up_proj: lora_B is zero"):
        store.install(tmp_path / "z.gguf", "z", base)
    assert left(home) == [] if (home / "adapters").exists() else True


def test_a_change_after_the_installation_is_noticed(home: Path, made: Path, base: Base, model: Path) -> None:
    store.install(made, "a", base)
    weights = home / "adapters" / "a" / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + b"\x00\x00\x80\x3f")
    with pytest.raises(KikiError, match="changed after it was installed"):
        store.load("a", base)
    assert serving.loadable(model) == {}
    assert "changed" in str(serving.refusal("a", model))


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"version": 2, "layout": "peft", "files": {}}'])
def test_a_damaged_manifest_is_told_and_can_be_removed(home: Path, made: Path, base: Base, text: str) -> None:
    store.install(made, "a", base)
    (home / "adapters" / "a" / "manifest.json").write_text(text)
    with pytest.raises(KikiError, match="adapters remove a"):
        store.manifest("a")
    assert store.installed() == ()
    store.remove("a")
    assert left(home) == []


def test_a_version_can_be_taken_back(home: Path, tmp_path: Path, made: Path, base: Base) -> None:
    save(lora.adapter(2), "peft", tmp_path / "newer", base)
    store.install(made, "a", base)
    with pytest.raises(KikiError, match="--replace"):
        store.install(tmp_path / "newer", "a", base)
    store.install(tmp_path / "newer", "a", base, replace=True)
    assert lora.same_bits(store.load("a")[0].adapter, lora.adapter(2))
    assert store.roll_back("a") is True
    assert lora.same_bits(store.load("a")[0].adapter, lora.adapter(1))
    assert store.roll_back("a") is False
    assert store.installed() == ()


def test_the_gates_report_ends_the_wait_for_it(home: Path, tmp_path: Path, made: Path, base: Base) -> None:
    save(lora.adapter(2), "peft", tmp_path / "newer", base)
    store.install(made, "a", base)
    store.install(tmp_path / "newer", "a", base, replace=True)
    store.keep("a", {"decision": "keep"})
    assert store.manifest("a").gate == {"decision": "keep"}
    assert store.roll_back("a") is False


KILLED = """
import os, sys, time
from pathlib import Path
from kiki_core.adapters import store
from kiki_core.adapters.base import base_of
stop, real = int(sys.argv[3]), os.replace
count = 0
def replace(source, target):
    global count
    if "adapters" in str(target) and not str(source).rpartition("/")[2].startswith(".manifest"):
        count += 1
        if count == stop + 1:
            print("stopping", flush=True)
            time.sleep(60)
    real(source, target)
os.replace = replace
store.install(Path(sys.argv[1]), "a", base_of(sys.argv[2]), replace=True)
print("done", flush=True)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("stop", [0, 1])
def test_a_killed_replacement_leaves_the_old_or_the_new_version(
    home: Path, tmp_path: Path, made: Path, model: Path, base: Base, stop: int, how: signal.Signals
) -> None:
    save(lora.adapter(2), "peft", tmp_path / "newer", base)
    store.install(made, "a", base)
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, tmp_path / "newer", model, str(stop)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, "KIKI_HOME": str(home)},
    )  # fmt: skip
    assert child.stdout
    assert child.stdout.readline() == "stopping\n"
    child.send_signal(how)
    child.wait(60)
    assert lora.same_bits(store.load("a", base)[0].adapter, lora.adapter(1))
    store.install(made, "b", base)  # whoever changes something next clears up
    assert [name for name in left(home) if name not in ("a", "b", ".previous")] == []


def test_a_full_disk_changes_nothing(home: Path, tmp_path: Path, made: Path, model: Path, base: Base) -> None:
    store.install(made, "a", base)
    code = (
        "import resource, sys; from pathlib import Path; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
        "from kiki_core.adapters import store; from kiki_core.adapters.base import base_of;"
        "store.install(Path(sys.argv[1]), 'a', base_of(sys.argv[2]), replace=True)"
    )
    ran = subprocess.run([sys.executable, "-c", code, made, model], capture_output=True, text=True, check=False)
    assert "KikiError: can't install a: File too large" in ran.stderr
    assert left(home) == ["a"]
    assert lora.same_bits(store.load("a", base)[0].adapter, lora.adapter(1))


def test_a_conversion_that_fails_leaves_nothing(tmp_path: Path, base: Base) -> None:
    code = (
        "import resource, sys; from pathlib import Path; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
        "from kiki_core.adapters.files import open_adapter, save;"
        "save(open_adapter(Path(sys.argv[1])).adapter, sys.argv[2], Path(sys.argv[3]), None)"
    )
    save(lora.adapter(), "gguf", tmp_path / "a.gguf", base)
    for layout, out in (("gguf", "b.gguf"), ("peft", "b"), ("mlx", "c.safetensors")):
        words = [sys.executable, "-c", code, tmp_path / "a.gguf", layout, tmp_path / out]
        ran = subprocess.run(words, capture_output=True, text=True, check=False)
        assert "File too large" in ran.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.gguf", "tiny.gguf"]


def test_compositions_are_made_once_and_the_least_used_goes_first(home: Path, tmp_path: Path, base: Base) -> None:
    for number in (1, 2):
        save(lora.adapter(number), "peft", tmp_path / f"m{number}", base)
        store.install(tmp_path / f"m{number}", f"e{number}", base)
    first = cache.composed([("e1", 0.7), ("e2", 0.3)], base, "gguf")
    assert first
    assert cache.composed([("e2", 0.301), ("e1", 0.699)], base, "gguf") == first
    assert cache.composed([("e1", 0.001)], base, "gguf") is None
    weights = [cache.quantised(0.7), cache.quantised(0.3)]
    expected = algebra.compose([(lora.adapter(1), weights[0]), (lora.adapter(2), weights[1])])
    assert lora.same_bits(replace(open_adapter(first).adapter, order="hf"), expected)
    limited = cache.composed([("e1", 0.7), ("e2", 0.3)], base, "peft", most_rank=4)
    assert limited
    assert open_adapter(limited).adapter.rank == 4
    os.utime(first, (time.time() + 10, time.time() + 10))
    size = first.stat().st_size
    other = cache.composed([("e1", 0.2), ("e2", 0.3)], base, "gguf", most_bytes=int(2.5 * size))
    assert other
    assert not limited.exists()
    assert first.exists()
    third = cache.composed([("e1", 0.4), ("e2", 0.3)], base, "gguf", most_bytes=size)
    assert [path.name for path in first.parent.iterdir() if not path.name.startswith(".")] == [
        third.name if third else ""
    ]


def test_a_composition_of_another_bases_adapter_is_refused(home: Path, made: Path, base: Base) -> None:
    store.install(made, "a", base)
    with pytest.raises(KikiError, match="another base"):
        cache.composed([("a", 1.0)], replace(base, blocks=9), "gguf")


def test_the_server_gets_only_adapters_of_its_base(
    home: Path, tmp_path: Path, made: Path, model: Path, base: Base
) -> None:
    assert serving.loadable(model) == {}
    store.install(made, "mine", base)
    manifest = home / "adapters" / "mine" / "manifest.json"
    shutil.copytree(home / "adapters" / "mine", home / "adapters" / "theirs")
    other = json.loads(manifest.read_text())
    other["base"]["fingerprint"] = "0" * 64
    (home / "adapters" / "theirs" / "manifest.json").write_text(json.dumps(other))
    found = serving.loadable(model)
    assert list(found) == ["mine"]
    assert found["mine"].suffix == ".gguf"
    assert "another base" in str(serving.refusal("theirs", model))
