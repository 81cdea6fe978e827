"""Which project a folder belongs to: memory is kept apart by it."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

_MARKS = (".git", "platformio.ini", "*.kicad_pro", "*.ioc", "CMakeLists.txt")
_ADDRESS = re.compile(r"[/:]([^/:]+)/([^/]+?)(?:\.git)?/?$")


def project_of(folder: Path) -> str:
    """The project's name: "owner/name" of its Git remote, so that a team has one memory; else the path of the folder
    that holds the project; empty outside of any.
    """
    folder = folder.absolute()
    for parent in (folder, *folder.parents):
        if parent == Path.home() or parent == parent.parent:
            break
        try:
            if any(next(parent.glob(mark), None) is not None for mark in _MARKS):
                return _remote(parent) or str(parent)
        except OSError:
            continue
    return ""


def _remote(root: Path) -> str:
    config = configparser.ConfigParser(strict=False, interpolation=None)
    try:
        config.read(root / ".git" / "config", encoding="utf-8")
        address = config.get('remote "origin"', "url", fallback="")
    except (configparser.Error, UnicodeDecodeError, OSError):
        return ""
    match = _ADDRESS.search(address)
    return f"{match[1]}/{match[2]}" if match else ""
