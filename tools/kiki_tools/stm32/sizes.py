"""What a compiled file takes: memory by sections, stack by functions; and that as lines above the functions."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from kiki_tools.language import Lens
from kiki_tools.text import Snapshot, Span

_ALLOC, _WRITE = 2, 1
_NOBITS = 8
_HEADER = struct.Struct("<16sHHIIIIIHHHHHH")
_SECTION = struct.Struct("<IIIIIIIIII")


@dataclass(frozen=True, slots=True)
class Frame:
    """A function's own stack frame: its name, its line (from 0), bytes. ``grows``: it takes more while it runs, as
    `alloca` and variable arrays do, and ``bounded`` if the compiler knows an end to that."""

    name: str
    line: int
    bytes: int
    grows: bool = False
    bounded: bool = True

    def __str__(self) -> str:
        more = "" if not self.grows else ", at most" if self.bounded else ", and more while it runs"
        return f"stack {self.bytes} bytes{more}"


@dataclass(frozen=True, slots=True)
class Report:
    """What one file takes in bytes, as `size` counts: code and constants, initialised data, zeroed data; its frames in
    the order of the text."""

    text: int
    data: int
    bss: int
    frames: tuple[Frame, ...] = ()


class NoElf(ValueError):
    """The bytes aren't a 32-bit little-endian ELF file."""


def sections(elf: bytes) -> tuple[int, int, int]:
    """Bytes of text, data and bss of an object or program, as `size` counts them (Berkeley format).

    Raises:
        NoElf.
    """
    if len(elf) < _HEADER.size or not elf.startswith(b"\x7fELF\x01\x01"):
        raise NoElf("no 32-bit little-endian ELF file")
    header = _HEADER.unpack_from(elf)
    offset, size, count = header[6], header[11], header[12]
    text = data = bss = 0
    for number in range(count):
        at = offset + number * size
        if size < _SECTION.size or at + _SECTION.size > len(elf):
            raise NoElf("its sections are cut off")
        _, kind, flags, _, _, taken, *_ = _SECTION.unpack_from(elf, at)
        if not flags & _ALLOC:
            continue
        if kind == _NOBITS:
            bss += taken
        elif flags & _WRITE:
            data += taken
        else:
            text += taken
    return text, data, bss


def frames(usage: str, name: str) -> Iterator[Frame]:
    """The frames in what `-fstack-usage` wrote, of the functions in the file ``name``."""
    for line in usage.splitlines():
        found = re.fullmatch(r"(.*):(\d+):\d+:([^\t]+)\t(\d+)\t([\w,]+)", line)
        if found is not None and found.group(1) == name:
            kinds = found.group(5).split(",")
            yield Frame(
                found.group(3), int(found.group(2)) - 1, int(found.group(4)), "dynamic" in kinds, "bounded" in kinds
            )


def lenses(report: Report, snapshot: Snapshot) -> list[Lens]:
    """The report above the text: the file's sizes at its top, each function's stack at its line."""
    title = f"text {report.text}, data {report.data}, bss {report.bss} bytes"
    found = [Lens(Span(0, 0), title)]
    for frame in report.frames:
        if frame.line < snapshot.line_count:
            start = snapshot.line_start(frame.line)
            found.append(Lens(Span(start, start), str(frame)))
    return found
