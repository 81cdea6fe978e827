"""The content-addressed store: ``$KIKI_MODELS/blobs/<sha256>``, shared by all homes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from kiki_core import paths
from kiki_core.models.registry import Weights, WeightsFile


def blob(file: WeightsFile) -> Path:
    """Where the file lies once it is here."""
    return paths.models_dir() / "blobs" / file.sha256


def path_of(weights: Weights, name: str) -> Path | None:
    """The file of these weights, if it is here whole."""
    for file in weights.files:
        path = blob(file)
        if file.name == name and path.is_file() and path.stat().st_size == file.size:
            return path
    return None


def present(weights: Weights) -> bool:
    """Whether every file is here."""
    return all(path_of(weights, file.name) for file in weights.files)


def verify(weights: Weights) -> list[WeightsFile]:
    """The files that are here but whose content is not what their name says; reads them whole."""
    return [file for file in weights.files if blob(file).exists() and sha256_of(blob(file)) != file.sha256]


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
