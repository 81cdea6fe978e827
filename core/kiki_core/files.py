"""Writing files so that nothing is lost: whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from kiki_core.errors import KikiError


def write_atomically(path: Path, content: bytes | str) -> None:
    """Replaces ``path`` by ``content`` in one step, after it has reached the disk; text becomes UTF-8.

    Raises:
        KikiError: if the folder is missing, can't be written or is full; the old file is then untouched.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise KikiError(f"can't write {path}: {error.strerror}", "choose another place") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise KikiError(f"can't write {path}: {error.strerror}", "free some space or choose another place") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
