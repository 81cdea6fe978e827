"""Where KiCad is on this machine: its program, its libraries, the user's tables."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_SHARES = (
    "/usr/share/kicad", "/usr/local/share/kicad", "/opt/homebrew/share/kicad",
    "/Applications/KiCad/KiCad.app/Contents/SharedSupport",
)  # fmt: skip
_VERSIONS = ("10.0", "9.0", "8.0", "7.0", "6.0")
OLDEST = 8
"""The oldest KiCad whose command line checks designs."""


@dataclass(frozen=True, slots=True)
class Kicad:
    """The installed program: its path, and its version as it tells it (`9.0.8`)."""

    path: str
    version: str

    @property
    def major(self) -> int:
        """9 of 9.0.8."""
        number = self.version.partition(".")[0]
        return int(number) if number.isdigit() else 0


@cache
def find() -> Kicad | None:
    """kicad-cli, if it is installed."""
    path = shutil.which("kicad-cli") or next(
        (str(at) for share in _SHARES if (at := Path(share).parent / "MacOS" / "kicad-cli").is_file()), None
    )
    if path is None:
        return None
    try:
        shown = subprocess.run([path, "version"], capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"\d+\.\d+(?:\.\d+)?", shown.stdout)
    return Kicad(path, match.group() if match else "")


@cache
def folders() -> Sequence[str]:
    """The folders in which tables and libraries are looked for: the user's first, then what came with KiCad."""
    configuration = os.environ.get("KICAD_CONFIG_HOME") or os.path.expanduser("~/.config/kicad")
    if os.uname().sysname == "Darwin":
        configuration = os.environ.get("KICAD_CONFIG_HOME") or os.path.expanduser("~/Library/Preferences/kicad")
    found = [os.path.join(configuration, version) for version in _VERSIONS]
    for share in (os.environ.get("KICAD_SHARE", ""), *_SHARES):
        found += [os.path.join(share, name) for name in ("symbols", "footprints")] if share else []
    for version in (10, 9, 8, 7, 6):
        for what in ("SYMBOL_DIR", "FOOTPRINT_DIR"):
            found.append(os.environ.get(f"KICAD{version}_{what}", ""))
    return [folder for folder in dict.fromkeys(found) if folder and os.path.isdir(folder)]
