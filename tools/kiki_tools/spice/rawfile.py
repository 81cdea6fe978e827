"""ngspice's raw files, binary and ASCII: plots of vectors (ngspice manual, chapter "Raw file format")."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

_UNITS = {
    "voltage": "V",
    "current": "A",
    "time": "s",
    "frequency": "Hz",
    "temperature": "°C",
    "temp-sweep": "°C",
}
_MOST_VARIABLES = 1_000_000


class BadRawFile(ValueError):
    """The bytes are no raw file, or it was cut."""


@dataclass(frozen=True)
class Vector:
    """One quantity over all points: real or complex, in ``unit`` (SI; empty when ngspice says none)."""

    name: str
    unit: str
    values: NDArray[Any]


@dataclass(frozen=True)
class Plot:
    """One analysis of the file. The first vector is the scale (time, frequency, swept value)."""

    title: str
    name: str
    vectors: dict[str, Vector]


def read(data: bytes) -> list[Plot]:
    """All plots of a raw file.

    Raises:
        BadRawFile: if a header is broken, or promises more data than the file holds.
    """
    plots: list[Plot] = []
    at = 0
    while data[at : at + 64].strip(b"\r\n \t\0"):
        plot, at = _read_plot(data, at)
        plots.append(plot)
    return plots


def without_constants(data: bytes) -> bytes:
    """The file without ngspice's own constants (pi, e, …), which it writes as a first plot before the analyses."""
    if not data.startswith(b"Title: Constant values"):
        return data
    try:
        return data[_read_plot(data, 0)[1] :]
    except BadRawFile:
        return data


def _read_plot(data: bytes, at: int) -> tuple[Plot, int]:
    import numpy as np

    match = re.compile(rb"^(Binary|Values):[ \t]*\r?\n", re.MULTILINE).search(data, at, at + 200_000_000)
    if match is None:
        raise BadRawFile(f"no data section after byte {at}")
    head = data[at : match.start()].decode("utf-8", "replace")
    fields = {
        key.strip().lower(): value.strip() for key, _, value in (line.partition(":") for line in head.splitlines())
    }
    try:
        count, points = int(fields["no. variables"]), int(fields["no. points"].split()[0])
    except (KeyError, ValueError, IndexError) as error:
        raise BadRawFile(f"header at byte {at} lacks its numbers of variables and points") from error
    _, _, listed = head.partition("\nVariables:")
    names = [words for line in listed.splitlines() if len(words := line.split()) >= 3]
    if not 0 < count <= _MOST_VARIABLES or points < 0 or len(names) != count:
        raise BadRawFile(f"header at byte {at} promises {count} variables and lists {len(names)}")
    complex_data = "complex" in fields.get("flags", "")
    start = match.end()
    if match.group(1) == b"Binary":
        size = (16 if complex_data else 8) * count * points
        if start + size > len(data):
            raise BadRawFile(f"{points} points need {size} bytes, the file has {len(data) - start}")
        table = np.frombuffer(data, np.complex128 if complex_data else np.float64, count * points, start)
        end = start + size
        if data[end : end + 1] == b"\n":
            end += 1
    else:
        table, end = _ascii_table(data, start, count, points, complex_data)
    columns = table.reshape(points, count).T
    vectors: dict[str, Vector] = {}
    for words, column in zip(names, columns, strict=True):
        values = column.real if words[2] in ("frequency", "time") else column
        vectors[words[1].lower()] = Vector(words[1].lower(), _UNITS.get(words[2], ""), values)
    return Plot(fields.get("title", ""), fields.get("plotname", ""), vectors), end


def _ascii_table(data: bytes, start: int, count: int, points: int, complex_data: bool) -> tuple[Any, int]:
    import numpy as np

    following = re.compile(rb"^Title:", re.MULTILINE).search(data, start)
    end = following.start() if following else len(data)
    words = data[start:end].split()
    if len(words) < points * (count + 1):
        raise BadRawFile(f"{points} points need {points * (count + 1)} numbers, the file has {len(words)}")
    words = words[: points * (count + 1)]
    numbers = [word for index, word in enumerate(words) if index % (count + 1)]
    try:
        if complex_data:
            pairs = [word.partition(b",") for word in numbers]
            table = np.array([complex(float(real), float(imaginary or 0)) for real, _, imaginary in pairs])
        else:
            table = np.array([float(word) for word in numbers])
    except ValueError as error:
        raise BadRawFile(f"bad number: {error}") from error
    return table, end
