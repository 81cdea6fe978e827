"""ST's headers on this machine: where the HAL's and CMSIS' lie, for the compiler that checks generated code."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence

_SKIPPED = frozenset({".git", "node_modules", "Documentation", "Projects", "Middlewares", "Utilities", "htmresc"})
_MOST = 4000
_USUAL = ("~/STM32Cube/Repository", "~/.platformio/packages")
"""Where CubeMX, CubeIDE and PlatformIO keep them."""


def usual() -> list[str]:
    """The usual places that exist."""
    return [path for each in _USUAL if os.path.isdir(path := os.path.expanduser(each))]


def find(prefix: str, roots: Sequence[str]) -> dict[str, str]:
    """The folders of the headers below ``roots``: `hal`, `device` and `core`, as far as they are there.

    ``prefix``: of a family, such as `stm32f4xx`.
    """
    wanted = {f"{prefix}_hal.h": "hal", f"{prefix}.h": "device", "core_cm4.h": "core"}
    found: dict[str, str] = {}
    for root in roots:
        for folder, names in _folders(root):
            for name, kind in wanted.items():
                if kind not in found and name in names:
                    found[kind] = folder
            if len(found) == len(wanted):
                return found
    return found


def find_named(names: Collection[str], roots: Sequence[str]) -> dict[str, str]:
    """The folders below ``roots`` that have the headers of these names, by name; the first one where there are more."""
    found: dict[str, str] = {}
    for root in roots:
        for folder, there in _folders(root):
            for name in there.intersection(names):
                found.setdefault(name, folder)
            if len(found) == len(names):
                return found
    return found


def _folders(root: str) -> Iterator[tuple[str, frozenset[str]]]:
    for count, (at, folders, names) in enumerate(os.walk(root)):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        if count > _MOST:
            return
        yield os.path.abspath(at), frozenset(names)
