"""Where kiki keeps things: its home, the weights that all homes share, and the configuration file."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """`$KIKI_HOME`, else the platform's data folder: memory, sessions, logs."""
    return _from_environment("KIKI_HOME") or platformdirs.user_data_path("kiki")


def models_dir() -> Path:
    """`$KIKI_MODELS`, else the platform's cache folder: weights, shared by all homes."""
    return _from_environment("KIKI_MODELS") or platformdirs.user_cache_path("kiki") / "models"


def config_file() -> Path:
    """`$KIKI_CONFIG`, else `config.toml` in the platform's configuration folder."""
    return _from_environment("KIKI_CONFIG") or platformdirs.user_config_path("kiki") / "config.toml"


def _from_environment(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value).expanduser().absolute() if value else None


def cache() -> Path:
    """What can be worked out again, such as indexes of headers: in `$KIKI_HOME`, else the platform's cache folder."""
    home = _from_environment("KIKI_HOME")
    return home / "cache" if home is not None else platformdirs.user_cache_path("kiki")
