"""What kiki runs on: the model and where it is, for the status line."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from kiki_core.config import Config


def model_line(config: Config | None) -> str:
    """The model's name and whether it runs here or on a server."""
    if config is None:
        return ""
    if config.backend.kind == "openai":
        return f"{config.backend.model or 'model'} @ {urlsplit(config.backend.url).hostname or 'remote'}"
    return f"{config.models.name} · local"
