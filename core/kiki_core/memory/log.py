"""The log: what was acknowledged. Append-only, each line with its checksum, on the disk before anyone is told.

A line is ``CRC32 JSON``. A line that a crash tore is closed with a mark by the next writer and never read; one that was
damaged later is named and left out, and the rest is read.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kiki_core.errors import KikiError
from kiki_core.memory.model import Operation

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_TORN = b" torn\n"
_LONGEST = 2_000_000
_ROTATE = 16_000_000
"""Bytes from which on the next write opens a new segment."""
_WAIT_S = 60.0


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place between two lines: the segment's number and the byte offset in it."""

    segment: int
    offset: int


@dataclass(frozen=True, slots=True)
class Damaged:
    """A line whose checksum is wrong."""

    file: str
    line: int


class Log:
    """The segments in one folder. Appending needs `locked`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def append(self, operations: Sequence[Operation], after: Position) -> Position:
        """Writes the operations after ``after`` (the end, as `read` gave it) and returns the new end, once it is
        durable.

        Raises:
            OSError: if it can't be written; then nothing was.
        """
        segment = after.segment if after.offset < _ROTATE else after.segment + 1
        path = self._path(max(1, segment))
        new = not path.exists()
        content = b"".join(_encoded(operation) for operation in operations)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
        try:
            size = os.fstat(descriptor).st_size
            if size and _last(descriptor, size) != b"\n":
                content = _TORN + content
            try:
                written = 0
                while written < len(content):
                    written += os.write(descriptor, content[written:])
                _sync(descriptor)
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(descriptor, size)
                raise
            if new:
                sync_folder(self._folder)
            return Position(max(1, segment), size + len(content))
        finally:
            os.close(descriptor)

    def read(self, after: Position) -> Iterator[tuple[Operation | Damaged, Position]]:
        """The whole lines after a position, each with the position behind it."""
        for segment in self.segments():
            if segment < after.segment:
                continue
            offset = after.offset if segment == after.segment else 0
            with self._path(segment).open("rb") as file:
                file.seek(offset)
                number = 0
                while line := file.readline(_LONGEST):
                    if not line.endswith(b"\n"):
                        break  # being written, or torn
                    number += 1
                    offset += len(line)
                    if line.endswith(_TORN):
                        continue
                    read = _decoded(line)
                    found = read if read is not None else Damaged(f"log/{self._path(segment).name}", number)
                    yield found, Position(segment, offset)

    def segments(self) -> list[int]:
        """The numbers of the segments, in order."""
        found = [path.name.removesuffix(".log") for path in self._folder.glob("*.log")]
        return sorted(int(name) for name in found if name.isdigit())

    def beyond(self, position: Position) -> bool:
        """Whether there may be lines after a position; costs one or two `stat`."""
        try:
            if os.stat(self._path(max(1, position.segment))).st_size > position.offset:
                return True
        except FileNotFoundError:
            return any(segment > position.segment for segment in self.segments())
        return self._path(position.segment + 1).exists()

    def drop_before(self, position: Position) -> None:
        """Removes the segments whose every line lies before a position."""
        for segment in self.segments():
            if segment < position.segment:
                self._path(segment).unlink(missing_ok=True)
        sync_folder(self._folder)

    def size(self) -> int:
        """Bytes of all segments."""
        return sum(self._path(segment).stat().st_size for segment in self.segments())

    def _path(self, segment: int) -> Path:
        return self._folder / f"{segment:08d}.log"


@contextlib.contextmanager
def locked(path: Path, *, wait_s: float = _WAIT_S) -> Iterator[None]:
    """Holds the lock file; it falls with the process, however that ends.

    Raises:
        KikiError: if another process holds it for longer than ``wait_s``.
        OSError: if the file can't be opened.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline, pause = time.monotonic() + wait_s, 0.0005
        while True:
            try:
                _take(descriptor)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise KikiError(
                        f"memory is in use: another process holds {path.name}", "try again when it is done"
                    ) from None
                time.sleep(pause)
                pause = min(pause * 1.5, 0.01)
        yield
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable."""
    if sys.platform == "win32":
        return  # a folder can't be opened there; NTFS journals names
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> None:
    """Takes the lock, or raises BlockingIOError if another process has it."""
    if sys.platform == "win32":
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError from error
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _last(descriptor: int, size: int) -> bytes:
    os.lseek(descriptor, size - 1, os.SEEK_SET)  # appending goes to the end all the same
    return os.read(descriptor, 1)


def _sync(descriptor: int) -> None:
    if sys.platform == "darwin":
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # fsync alone leaves it in the drive's cache
    else:
        os.fsync(descriptor)


def _encoded(operation: Operation) -> bytes:
    body = json.dumps(operation, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return b"%08x %s\n" % (zlib.crc32(body), body)


def _decoded(line: bytes) -> Operation | None:
    try:
        if int(line[:8], 16) != zlib.crc32(line[9:-1]):
            return None
        value = json.loads(line[9:])
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
