"""vLLM: adapters loaded at run time, several composed into one; against a small server that follows its API."""

import json
from pathlib import Path

import lora
import pytest
from vllm_api import Vllm, served

from kiki_core.adapters import admission, store
from kiki_core.adapters.base import Base
from kiki_core.adapters.files import save
from kiki_core.adapters.gate import Thresholds
from kiki_core.adapters.probes import Probe
from kiki_core.backends import build, vllm
from kiki_core.backends.protocol import Message, Request, WeightedAdapter
from kiki_core.backends.vllm import VllmBackend
from kiki_core.config import BackendSettings, Config
from kiki_core.errors import KikiError

BASE = Base("qwen2", "tiny-qwen2", lora.BLOCKS, lora.HIDDEN, lora.HEADS, lora.KV_HEADS, lora.FEED_FORWARD, 0)
MODEL = "kiki/Tiny-Qwen2-AWQ"


@pytest.fixture(autouse=True)
def _experts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIKI_HOME", str(tmp_path / "home"))
    for number, name in enumerate(("one", "two", "wide")):
        save(lora.adapter(number, rank=40 if name == "wide" else 4), "peft", tmp_path / name, BASE)
        store.install(tmp_path / name, name, BASE)


def wanted(*adapters: tuple[str, float], **rest: object) -> Request:
    parts = tuple(WeightedAdapter(name, weight) for name, weight in adapters)
    return Request((Message("user", "hi"),), adapters=parts, **rest)  # type: ignore[arg-type]


async def said(backend: VllmBackend, request: Request) -> str:
    return "".join([piece.text async for piece in backend.generate(request)])


async def test_without_adapters_the_model_of_the_server_answers() -> None:
    async with served(Vllm(MODEL)) as url:
        backend = VllmBackend(BackendSettings(kind="vllm", url=url))
        assert await said(backend, wanted()) == MODEL
        assert MODEL in backend.name
        await backend.aclose()


async def test_several_adapters_are_composed_into_one_and_loaded_once() -> None:
    server = Vllm(MODEL)
    async with served(server) as url:
        backend = VllmBackend(BackendSettings(kind="vllm", url=url))
        name = await said(backend, wanted(("one", 0.75), ("two", 0.5)))
        assert await said(backend, wanted(("two", 0.5), ("one", 0.75))) == name
        assert await said(backend, wanted(("one", 0.75))) != name
        assert await said(backend, wanted(("one", 0.0))) == MODEL
        await backend.aclose()
        assert server.loads == 2
        settings = json.loads((server.adapters[name] / "adapter_config.json").read_text())
        assert settings["r"] == 8
        another = VllmBackend(BackendSettings(kind="vllm", url=url))
        assert await said(another, wanted(("one", 0.75), ("two", 0.5))) == name
        await another.aclose()
    assert server.loads == 2


async def test_a_composition_above_the_rank_of_the_server_is_recompressed() -> None:
    server = Vllm(MODEL, most_rank=16)
    async with served(server) as url:
        backend = VllmBackend(BackendSettings(kind="vllm", url=url, adapter_rank=16))
        assert (await said(backend, wanted(("wide", 1.0)))).startswith("kiki-")
        await backend.aclose()
        wrong = VllmBackend(BackendSettings(kind="vllm", url=url, adapter_rank=64))
        with pytest.raises(KikiError, match=r"greater than max_lora_rank 16.*backend\.adapter_rank"):
            await said(wrong, wanted(("wide", 1.0)))
        await wrong.aclose()


async def test_a_server_that_forgot_an_adapter_gets_it_again() -> None:
    server = Vllm(MODEL)
    async with served(server) as url:
        backend = VllmBackend(BackendSettings(kind="vllm", url=url))
        name = await said(backend, wanted(("one", 1.0)))
        server.adapters.clear()
        assert await said(backend, wanted(("one", 1.0))) == name
        await backend.aclose()


async def test_what_was_not_used_for_longest_is_unloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vllm, "_MOST_LOADED", 2)
    server = Vllm(MODEL)
    async with served(server) as url:
        backend = VllmBackend(BackendSettings(kind="vllm", url=url))
        names = [await said(backend, wanted(("one", weight))) for weight in (0.25, 0.5, 0.25, 0.75)]
        await backend.aclose()
    assert sorted(server.adapters) == sorted({names[0], names[3]})


async def test_a_server_without_run_time_loading_says_how_to_start_it() -> None:
    async with served(Vllm(MODEL, run_time=False)) as url:
        backend = VllmBackend(BackendSettings(kind="vllm", url=url))
        with pytest.raises(KikiError, match="VLLM_ALLOW_RUNTIME_LORA_UPDATING=True"):
            await said(backend, wanted(("one", 1.0)))
        await backend.aclose()


async def test_an_adapter_never_goes_to_another_base() -> None:
    server = Vllm("kiki/Other-7B")
    async with served(server) as url:
        backend = VllmBackend(BackendSettings(kind="vllm", url=url))
        with pytest.raises(KikiError, match=r"one is for tiny-qwen2, not for kiki/Other-7B"):
            await said(backend, wanted(("one", 1.0)))
        with pytest.raises(KikiError, match="no adapter 'none'"):
            await said(backend, wanted(("none", 1.0)))
        await backend.aclose()
    assert server.loads == 0


async def test_grammars_and_schemas_go_in_the_fields_of_vllm() -> None:
    server = Vllm(MODEL)
    async with served(server) as url:
        backend = VllmBackend(BackendSettings(kind="vllm", url=url))
        await said(backend, wanted(grammar="root ::= x"))
        await said(backend, wanted(json_schema={"type": "object"}))
        await backend.aclose()
    assert server.asked[0]["structured_outputs"] == {"grammar": "root ::= x"}
    assert server.asked[1]["response_format"]["type"] == "json_schema"


def test_the_start_command_has_the_sizes_of_the_profile() -> None:
    program = vllm.program(Config.model_validate({"backend": {"profile": "rtx4090"}}).backend)
    words = " ".join(program.arguments)
    for expected in (
        "--max-model-len 32768", "--enable-lora --max-loras 2 --max-lora-rank 64", "--gpu-memory-utilization 0.92",
        "--host 127.0.0.1 --port {port}",
    ):  # fmt: skip
        assert expected in words
    assert program.environment["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] == "True"
    assert program.key_variable == "VLLM_API_KEY"
    many = BackendSettings(kind="vllm", model="m", gpus=4, nodes=2, adapter_rank=48)
    words = " ".join(vllm.program(many).arguments)
    assert "--tensor-parallel-size 4 --pipeline-parallel-size 2 --distributed-executor-backend ray" in words
    assert "--max-lora-rank 64" in words


async def test_without_an_address_and_without_vllm_the_remedy_is_told() -> None:
    backend = build(Config.model_validate({"backend": {"kind": "vllm", "model": "m"}}))
    with pytest.raises(KikiError, match=r"micro-kiki\[vllm\]|ended while it started"):
        await anext(backend.generate(wanted()))
    await backend.aclose()
    with pytest.raises(KikiError, match=r"backend\.model is empty"):
        VllmBackend(BackendSettings(kind="vllm"))


PROBES = [
    Probe(f"p{number}", "math", f"What about {number}?", {"kind": "choice", "options": ["x", "y"], "answer": 1}, 2)
    for number in range(4)
]


async def test_the_gate_measures_on_a_server_that_composes() -> None:
    """A server whose answers turn wrong with a second adapter of the same direction: the new one has to go."""
    server = Vllm(MODEL, says=lambda body: "A" if body["model"] != MODEL else "B")
    thresholds = Thresholds(30, 3)
    async with served(server) as url:
        config = Config(backend=BackendSettings(kind="vllm", url=url))
        new = admission.contender("one", BASE, "spice")
        report = await admission.run_gate(
            new, admission.priors_for(["two"], "one", BASE), PROBES, BASE, config, thresholds, lambda *_: None
        )
        assert (report.decision, report.win_rate_drop) == ("keep", 100)  # far from what is there: not its heir
        same = admission.priors_for(["one"], "new", BASE)
        report = await admission.run_gate(new, same, PROBES, BASE, config, thresholds, lambda *_: None)
        assert (report.decision, report.win_rate_drop) == ("rollback", 100)
        assert len(server.asked) == 16


async def test_the_gate_asks_to_install_what_a_server_is_to_get(tmp_path: Path) -> None:
    config = Config(backend=BackendSettings(kind="vllm", url="http://127.0.0.1:1/v1"))
    new = admission.contender(str(tmp_path / "one"), BASE, "spice")
    with pytest.raises(KikiError, match="is not installed"):
        await admission.run_gate(new, [], PROBES, BASE, config, Thresholds(30, 3), lambda *_: None)
