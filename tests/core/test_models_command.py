"""`kiki models`: what there is, what answers, and choosing it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiki_core import config
from kiki_core.commands.models import command
from kiki_core.errors import KikiError


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIKI_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("KIKI_MODELS", str(tmp_path / "models"))


def models(*words: str) -> Result:
    result = CliRunner().invoke(command, words)
    if isinstance(result.exception, KikiError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


def marked() -> list[str]:
    return [line.split()[1] for line in models("list").stdout.splitlines() if line.startswith("*")]


def test_the_list_marks_what_answers() -> None:
    assert marked() == ["qwen2.5-coder-0.5b"]
    models("use", "qwen2.5-coder-1.5b")
    assert marked() == ["qwen2.5-coder-1.5b"]
    models("use", "rtx4090")
    assert marked() == ["cyankiwi/Qwen3.6-35B-A3B-AWQ-4bit", "rtx4090"]


def test_the_list_as_json_tells_models_backend_and_profiles() -> None:
    models("use", "lite")
    listed = json.loads(models("list", "--json").stdout)
    assert {"name", "kind", "bytes", "here", "licence", "about"} == set(listed["models"][0])
    assert listed["backend"]["profile"] == "lite"
    assert set(listed["profiles"]) == {"mac-studio", "rtx4090", "cpu", "lite", "remote"}


def test_a_file_of_your_own_is_kept_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.gguf").write_bytes(b"GGUF" + bytes(20))
    monkeypatch.chdir(tmp_path)
    models("use", "mine.gguf")
    assert config.load().models.name == str(tmp_path / "mine.gguf")
    assert marked() == ["mine.gguf"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nope", r"unknown model 'nope'; choose one of .*rtx4090"),
        ("gone.gguf", "is not there"),
        ("text.gguf", "is no GGUF file"),
        ("minilm-l6-int8", "no model that answers"),
    ],
)
def test_what_can_not_answer_is_refused_and_nothing_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.gguf").write_text("hello")
    with pytest.raises(KikiError, match=told):
        models("use", name)
    assert not (tmp_path / "config.toml").exists()


def test_a_choice_that_something_else_overrules_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "backend.url" in models("use", "remote").stderr
    assert "kiki models use cpu" in models("use", "qwen2.5-coder-0.5b").stderr
    monkeypatch.setenv("KIKI_BACKEND__KIND", "openai")
    assert "which wins" in models("use", "cpu").stderr


def test_verify_says_when_there_is_nothing() -> None:
    result = models("verify")
    assert (result.stdout, "kiki models pull" in result.stderr) == ("", True)
