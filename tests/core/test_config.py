"""Configuration: file, environment, and errors that name the nearest key."""

from pathlib import Path

import pytest

from kiki_core import config
from kiki_core.errors import KikiError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_without_a_file_the_defaults_hold(file: Path) -> None:
    assert config.load(file, {}).models.name == "qwen2.5-coder-0.5b"


def test_the_environment_wins_over_the_file(file: Path) -> None:
    file.write_text("[pipeline]\nrepairs = 3\nmax_tokens = 400\n")
    loaded = config.load(file, {"KIKI_PIPELINE__REPAIRS": "1"})
    assert (loaded.pipeline.repairs, loaded.pipeline.max_tokens) == (1, 400)


@pytest.mark.parametrize(
    ("text", "environ", "told"),
    [
        ("[pipeline]\nrepair = 3\n", {}, "pipeline.repairs"),
        ("[modles]\nname = 'x'\n", {}, "'models'"),
        ("", {"KIKI_BACKEND__URI": "x"}, "backend.url"),
        ("[pipeline]\nrepairs = 'many'\n", {}, "pipeline.repairs"),
        ("pipeline = 3\n", {}, "[pipeline]"),
        ("[pipeline\n", {}, "no TOML"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(file: Path, text: str, environ: dict[str, str], told: str) -> None:
    file.write_text(text)
    with pytest.raises(KikiError) as caught:
        config.load(file, environ)
    assert told in str(caught.value)


def test_saving_a_key_keeps_comments_and_other_keys(file: Path) -> None:
    file.write_text("# mine\n[tui]\ntheme = 'dark' # at night\n[pipeline]\nrepairs = 1\n")
    config.save_key("tui", "theme", "light", file)
    assert config.load(file, {}).tui.theme == "light"
    assert "# mine" in file.read_text()
    assert config.load(file, {}).pipeline.repairs == 1


def test_a_bad_value_is_not_saved(file: Path) -> None:
    file.write_text("[pipeline]\nrepairs = 1\n")
    with pytest.raises(KikiError):
        config.save_key("pipeline", "repairs", 99, file)
    assert config.load(file, {}).pipeline.repairs == 1


def test_a_profile_gives_what_is_not_set_by_hand(file: Path) -> None:
    file.write_text("[backend]\nprofile = 'rtx4090'\ncontext = 16384\n")
    backend = config.load(file, {}).backend
    assert (backend.kind, backend.adapter_rank, backend.context) == ("vllm", 64, 16_384)
    assert config.load(file, {"KIKI_BACKEND__PROFILE": "mac-studio"}).backend.kind == "mlx"
    assert config.load(file, {"KIKI_BACKEND__KIND": "openai"}).backend.kind == "openai"


def test_every_profile_is_a_valid_configuration(file: Path) -> None:
    for name in config.choices("backend", "profile"):
        assert config.load(file, {"KIKI_BACKEND__PROFILE": name}).backend.profile == name
    with pytest.raises(KikiError, match=r"backend\.profile"):
        config.load(file, {"KIKI_BACKEND__PROFILE": "cray"})
