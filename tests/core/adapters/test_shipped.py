"""The experts that come with kiki: what their cards say holds, and they speak on their base and on no other."""

import json
import time
from pathlib import Path

import pytest
import shell

from kiki_core import config as configuration
from kiki_core.adapters import store
from kiki_core.adapters.base import Base, base_of
from kiki_core.adapters.files import open_adapter
from kiki_core.adapters.health import health
from kiki_core.adapters.serving import speaking
from kiki_core.adapters.shipped import Shipped, shipped
from kiki_core.errors import KikiError
from kiki_core.events import Expert
from kiki_core.models.store import sha256_of
from kiki_core.training.recipes import recipe

_SIZES = {
    "model_type": "qwen2", "num_hidden_layers": 24, "hidden_size": 896, "num_attention_heads": 14,
    "num_key_value_heads": 2, "intermediate_size": 4864,
}  # fmt: skip
"""Of the embedded model, whose weights a test needn't have."""

every = pytest.mark.parametrize("expert", list(shipped().values()), ids=lambda one: one.name)


def base(folder: Path, name: str = "Qwen2.5-Coder-0.5B-Instruct") -> Base:
    (folder / name).mkdir()
    (folder / name / "config.json").write_text(json.dumps(_SIZES))
    return base_of(str(folder / name))


@every
def test_the_tools_accepted_more_of_its_answers_than_of_the_base_s(expert: Shipped) -> None:
    rate = expert.card["verified_rate"]
    assert rate["questions"] >= 30
    assert rate["adapter_interval"][0] > rate["base"]
    assert expert.card["gate"]["decision"] == "keep"
    assert expert.card["sha256"] == sha256_of(expert.weights)
    assert expert.weights.stat().st_size < 8_000_000
    loss = expert.card["training"]["held_out_loss"]
    assert loss["after"] < loss["before"]


@every
def test_its_recipe_is_the_one_that_kiki_train_takes(expert: Shipped) -> None:
    assert expert.card["recipe"] == recipe(expert.domain, "small").to_json()


@every
def test_it_is_healthy_on_its_base_and_refused_on_another(expert: Shipped, tmp_path: Path) -> None:
    own = base(tmp_path)
    opened = open_adapter(expert.weights)
    assert health(opened.adapter, own).ok
    store.admissible(opened, own, expert.name)
    with pytest.raises(KikiError, match=r"is for .*, not for qwen2.5-coder-1.5b-instruct"):
        store.admissible(opened, base(tmp_path, "Qwen2.5-Coder-1.5B-Instruct"), expert.name)


@every
def test_installed_it_is_listed_and_speaks_when_its_domain_is_routed(
    expert: Shipped, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base(tmp_path)
    base(tmp_path, "Another-0.5B")
    settings = {
        "KIKI_HOME": str(tmp_path / "home"), "KIKI_CONFIG": str(tmp_path / "none.toml"),
        "KIKI_MODELS__NAME": str(tmp_path / "Qwen2.5-Coder-0.5B-Instruct"),
    }  # fmt: skip
    for key, value in settings.items():
        monkeypatch.setenv(key, value)
    assert f"`kiki adapters install {next(iter(shipped()))}`" in shell.kiki("adapters", "list").stdout
    assert shell.kiki("adapters", "install", expert.name).returncode == 0
    judged = f"gate: keep on {time.strftime('%Y-%m-%d', time.gmtime(expert.card['gate']['time']))}"
    (line,) = [line for line in shell.kiki("adapters", "list").stdout.splitlines() if line.startswith(expert.name)]
    assert line.endswith(judged)
    assert judged in shell.kiki("adapters", "health", expert.name).stdout
    assert json.loads(shell.kiki("adapters", "list", "--json").stdout)[0]["gate"] == expert.card["gate"]
    assert json.loads(shell.kiki("adapters", "health", expert.name, "--json").stdout)["gate"] == expert.card["gate"]
    (found,) = store.installed()
    assert (found.domain, found.source) == (expert.domain, "comes with kiki")
    assert found.provenance["verified_rate"] == expert.card["verified_rate"]
    (spoken,) = speaking((Expert(expert.domain, 0.7), Expert("math", 0.2)), configuration.load(), 4)
    assert (spoken.name, spoken.weight) == (expert.name, 0.7)
    assert speaking((Expert("math", 0.9),), configuration.load(), 4) == ()
    monkeypatch.setenv("KIKI_MODELS__NAME", str(tmp_path / "Another-0.5B"))
    assert speaking((Expert(expert.domain, 0.7),), configuration.load(), 4) == ()
    refused = shell.kiki("adapters", "install", expert.name, "--replace")
    assert refused.returncode != 0
    assert "is for" in refused.stderr
