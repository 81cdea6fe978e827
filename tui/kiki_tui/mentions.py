"""`@file` mentions: proposals from a bounded walk of the working folder, and the files a question names."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

_SKIPPED = frozenset({"node_modules", "__pycache__", "build", "dist", "target", "venv", "site-packages"})
MAX_FILES = 5_000
MAX_FOLDERS = 1_000
MAX_DEPTH = 8
_MENTION = re.compile(r'(?<!\S)@(?:"([^"\n]+)"|(\S+))')


def walk(folder: Path) -> list[str]:
    """Files below ``folder`` as relative paths with ``/``: no hidden ones, bounded in number and depth."""
    found: list[str] = []
    waiting: list[tuple[Path, int]] = [(folder, 0)]
    folders = 0
    while waiting and len(found) < MAX_FILES and folders < MAX_FOLDERS:
        here, depth = waiting.pop(0)
        folders += 1
        try:
            with os.scandir(here) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)[:MAX_FILES]
        except OSError:
            continue
        for entry in entries:
            if entry.name.startswith(".") or entry.name in _SKIPPED:
                continue
            if entry.is_dir(follow_symlinks=False):
                if depth < MAX_DEPTH:
                    waiting.append((Path(entry.path), depth + 1))
            elif entry.is_file() and len(found) < MAX_FILES:
                found.append(Path(entry.path).relative_to(folder).as_posix())
    return found


def proposals(fragment: str, files: Sequence[str], limit: int = 6) -> list[str]:
    """Files that fit what was typed after ``@``: same beginning first, then the same letters in order."""
    wanted = fragment.casefold()
    begins, inside, scattered = [], [], []
    for file in files:
        folded = file.casefold()
        name = folded.rsplit("/", 1)[-1]
        if folded.startswith(wanted) or name.startswith(wanted):
            begins.append(file)
        elif wanted in folded:
            inside.append(file)
        elif _in_order(wanted, folded):
            scattered.append(file)
    return (begins + inside + scattered)[:limit]


def mentioned(text: str, folder: Path) -> tuple[str, ...]:
    """Absolute paths of the files that ``text`` mentions and that exist, each once."""
    found: dict[str, None] = {}
    for match in _MENTION.finditer(text):
        name = match[1] or match[2]
        for candidate in (name, name.rstrip(".,;:!?)")):
            path = Path(os.path.expanduser(candidate))
            path = path if path.is_absolute() else folder / path
            try:
                if path.is_file():
                    found[str(path)] = None
                    break
            except (OSError, ValueError):
                continue
    return tuple(found)


def written(path: str) -> str:
    """The mention of a path, quoted when it holds spaces."""
    return f'@"{path}"' if re.search(r"\s", path) else f"@{path}"


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)
