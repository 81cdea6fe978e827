"""The GGUF format: typed metadata, a table of tensors, then the numbers.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3, little endian. Every length is
held against what is left of the file before anything is made of it.
"""

from __future__ import annotations

import itertools
import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kiki_core.adapters.model import MOST_ELEMENTS, NUMPY, Float, Tensor
from kiki_core.adapters.safetensors import little, mapped
from kiki_core.errors import KikiError

_MAGIC = b"GGUF"
_ALIGNMENT = 32
_MOST_TENSORS = 100_000
_MOST_KEYS = 10_000
_MOST_TEXT = 4_000_000
_MOST_LISTED = 256
_MOST_ARRAY = 8_000_000
_MOST_NAME = 64  # GGML_MAX_NAME, with the closing zero
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_U32, _F32 = 4, 6
_Q8_0 = 8
_FLOATS: dict[int, Float] = {0: "F32", 1: "F16", 28: "F64", 30: "BF16"}
_CODES = {"F32": 0, "F16": 1, "F64": 28, "BF16": 30}
_BLOCKS = {  # type -> (numbers in a block, bytes of it), from ggml's table of types
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 16: (256, 66),
    17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136),
    24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54),
    35: (256, 66), 39: (32, 17),
}  # fmt: skip
_DAMAGED = "fetch it again; it is damaged or no GGUF file"


@dataclass(frozen=True, slots=True)
class Entry:
    """A tensor's row in the table: its shape as numpy has it (rows first), its type and its bytes in the file."""

    shape: tuple[int, ...]
    type: int
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Gguf:
    """A GGUF file: its metadata (long arrays left out), its tensors, and its mapped bytes."""

    path: Path
    metadata: Mapping[str, Any]
    entries: Mapping[str, Entry]
    content: memoryview

    def tensor(self, name: str) -> Tensor:
        """A tensor of floats in its stored format; Q8_0 becomes F32, exactly.

        Raises:
            KikiError: if it is quantised otherwise, or larger than a factor can be.
        """
        entry = self.entries[name]
        if math.prod(entry.shape) > MOST_ELEMENTS:
            raise KikiError(f"{self.path}: {name} claims the shape {entry.shape}", "no adapter has such factors")
        raw = self.content[entry.begin : entry.end]
        if entry.type == _Q8_0:
            blocks = np.frombuffer(raw, dtype=np.dtype([("d", "<f2"), ("q", "i1", 32)]))
            values = blocks["q"].astype(np.float32) * blocks["d"].astype(np.float32)[:, None]
            return Tensor("F32", values.reshape(entry.shape))
        if entry.type not in _FLOATS:
            raise KikiError(f"{self.path}: {name} is quantised (type {entry.type})", "kiki reads F32, F16, BF16, Q8_0")
        dtype = _FLOATS[entry.type]
        kind = np.dtype(NUMPY[dtype]).newbyteorder("<")
        return Tensor(dtype, np.frombuffer(raw, dtype=kind).reshape(entry.shape))


class _Reader:
    def __init__(self, path: Path) -> None:
        self.path, self.content, self.at = path, mapped(path), 0

    def fail(self, what: str) -> KikiError:
        return KikiError(f"{self.path}: {what}", _DAMAGED)

    def take(self, size: int) -> memoryview:
        if size > len(self.content) - self.at:
            raise self.fail(f"cut short at byte {self.at} (of {len(self.content)})")
        self.at += size
        return self.content[self.at - size : self.at]

    def number(self, code: str) -> Any:
        return struct.unpack(f"<{code}", self.take(struct.calcsize(f"<{code}")))[0]

    def text(self) -> str:
        length = self.number("Q")
        if length > _MOST_TEXT:
            raise self.fail(f"a string of {length} bytes at byte {self.at}")
        return bytes(self.take(length)).decode("utf-8", "replace")

    def value(self, kind: int) -> Any:
        if kind in _NUMBERS:
            return self.number(_NUMBERS[kind])
        if kind == _STRING:
            return self.text()
        if kind != _ARRAY:
            raise self.fail(f"unknown type {kind} of a value at byte {self.at}")
        return self.array()

    def array(self) -> tuple[Any, ...] | None:
        """A short array; null for a long one, such as a vocabulary, which is passed over."""
        kind, count = self.number("I"), self.number("Q")
        if kind in _NUMBERS:
            raw = self.take(count * struct.calcsize(_NUMBERS[kind]))
            return struct.unpack(f"<{count}{_NUMBERS[kind]}", raw) if count <= _MOST_LISTED else None
        if kind != _STRING or count > _MOST_ARRAY:
            raise self.fail(f"an array of {count} values of type {kind}")
        if count <= _MOST_LISTED:
            return tuple(self.text() for _ in range(count))
        content, at, end = self.content, self.at, len(self.content)
        length = struct.Struct("<Q").unpack_from
        for _ in range(count):
            if at + 8 > end:
                raise self.fail(f"cut short at byte {at} (of {end})")
            at += 8 + length(content, at)[0]
        self.at = at
        self.take(0)
        return None


def read(path: Path) -> Gguf:
    """Metadata and table of a file; the numbers are read when asked for.

    Raises:
        KikiError: if the file can't be read or breaks the format in any way.
    """
    reader = _Reader(path)
    if bytes(reader.take(4)) != _MAGIC:
        raise reader.fail("it doesn't begin with GGUF")
    version = reader.number("I")
    if version not in (2, 3):
        raise reader.fail(f"version {version if version < 1000 else 'of big-endian machines'} isn't read")
    count, keys = reader.number("Q"), reader.number("Q")
    if count > _MOST_TENSORS or keys > _MOST_KEYS:
        raise reader.fail(f"the header claims {count} tensors and {keys} keys")
    metadata: dict[str, Any] = {}
    for _ in range(keys):
        key = reader.text()
        if key in metadata:
            raise reader.fail(f"the key {key[:100]!r} occurs twice")
        metadata[key] = reader.value(reader.number("I"))
    return Gguf(path, metadata, _table(reader, count, metadata), reader.content)


def _table(reader: _Reader, count: int, metadata: Mapping[str, Any]) -> dict[str, Entry]:
    alignment = metadata.get("general.alignment", _ALIGNMENT)
    if type(alignment) is not int or not 8 <= alignment <= 65_536 or alignment & (alignment - 1):
        raise reader.fail(f"an alignment of {alignment!r}")
    rows = []
    for _ in range(count):
        name, dimensions = reader.text(), reader.number("I")
        if dimensions > 4:
            raise reader.fail(f"{name[:100]!r} has {dimensions} dimensions")
        sizes = [reader.number("Q") for _ in range(dimensions)]
        rows.append((name, sizes, reader.number("I"), reader.number("Q")))
    start = reader.at + -reader.at % alignment
    entries: dict[str, Entry] = {}
    spans = []
    for name, sizes, kind, offset in rows:
        where = repr(name[:100])
        if name in entries:
            raise reader.fail(f"the name {where} occurs twice")
        if kind not in _BLOCKS:
            raise reader.fail(f"{where} is of the unknown type {kind}")
        numbers, size = _BLOCKS[kind]
        elements = math.prod(sizes)
        if elements % numbers or (sizes and sizes[0] % numbers):
            raise reader.fail(f"{where} of shape {sizes} isn't whole blocks of {numbers}")
        begin = start + offset
        end = begin + elements // numbers * size
        if offset % alignment or end > len(reader.content):
            raise reader.fail(f"{where} of shape {sizes} at byte {begin} leaves the file ({len(reader.content)} bytes)")
        entries[name] = Entry(tuple(reversed(sizes)), kind, begin, end)
        spans.append((begin, end))
    spans.sort()
    for (_, end), (begin, _) in itertools.pairwise(spans):
        if begin < end:
            raise reader.fail(f"tensors overlap at byte {begin}")
    return entries


def encode(metadata: Mapping[str, str | int | float], tensors: Mapping[str, Tensor]) -> Iterator[bytes]:
    """A file with these strings, natural numbers and floats, and these tensors, in pieces."""
    head = [_MAGIC, struct.pack("<IQQ", 3, len(tensors), len(metadata))]
    for key, value in metadata.items():
        head.append(_text(key))
        if isinstance(value, str):
            head.append(struct.pack("<I", _STRING) + _text(value))
        elif isinstance(value, int):
            head.append(struct.pack("<II", _U32, value))
        else:
            head.append(struct.pack("<If", _F32, value))
    offset = 0
    for name, tensor in tensors.items():
        if len(name.encode()) >= _MOST_NAME:
            raise KikiError(f"the name {name} is too long for GGUF", "choose another format")
        shape = tuple(reversed(tensor.shape))
        head.append(_text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, _CODES[tensor.dtype], offset))
        size = tensor.bits.nbytes
        offset += size + -size % _ALIGNMENT
    start = b"".join(head)
    yield start + bytes(-len(start) % _ALIGNMENT)
    for tensor in tensors.values():
        yield little(tensor) + bytes(-tensor.bits.nbytes % _ALIGNMENT)


def _text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw
