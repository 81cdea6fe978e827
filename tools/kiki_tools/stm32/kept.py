"""What a C file says, as JSON that can be kept, and back: for a project that is opened again.

The form follows from the types of `source`; it is for the very version of that module that wrote it. Functions, of
which there are many, are written flat: all their words behind one another, so that reading them back is little Python.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
import typing
from collections.abc import Callable
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

from kiki_tools.stm32 import code, source, trees
from kiki_tools.stm32.code import Assignment, Branch, Call, Function, Source, Word
from kiki_tools.stm32.source import source_of
from kiki_tools.text import Snapshot, Span

_Codec = tuple[Callable[[Any], Any], Callable[[Any], Any]]
_NOTE = "stm32.source"


@cache
def version() -> str:
    """Of the form, and of what reads C into it."""
    written = (code.__file__, source.__file__, trees.__file__, __file__)
    return hashlib.sha256(b"".join(Path(each).read_bytes() for each in written)).hexdigest()


def encoded(snapshot: Snapshot) -> bytes:
    """What the file says, as JSON."""
    return json.dumps(_codec(Source)[0](source_of(snapshot)), separators=(",", ":")).encode()


def is_read(snapshot: Snapshot) -> bool:
    """Whether it is known what the file says."""
    known = snapshot.history.get(_NOTE)
    return known is not None and known[0] is snapshot


def restore(snapshot: Snapshot, content: bytes) -> bool:
    """Gives a file what was kept of the same text; False, and nothing happens, if that is damaged."""
    try:
        found = _codec(Source)[1](json.loads(content))
    except (ValueError, TypeError, KeyError, RecursionError, StopIteration, RuntimeError):
        return False
    snapshot.history[_NOTE] = (snapshot, found)
    return True


@cache
def _codec(kind: Any) -> _Codec:
    """How a type is written as lists, and read from them."""
    if kind in (str, int, bool, float):
        return _same, _same
    if kind is Function:
        return _flat, _function
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:
        write, read = _codec(inner[0])
        if write is _same:
            return list, tuple
        return (lambda value: [write(each) for each in value]), (lambda value: tuple(map(read, value)))
    if origin is tuple:
        codecs = [_codec(each) for each in inner]
        return (
            lambda value: [write(each) for (write, _), each in zip(codecs, value, strict=True)],
            lambda value: tuple(read(each) for (_, read), each in zip(codecs, value, strict=True)),
        )
    if origin in (types.UnionType, typing.Union) and len(inner) == 2 and type(None) in inner:
        write, read = _codec(next(each for each in inner if each is not type(None)))
        return (
            lambda value: None if value is None else write(value),
            lambda value: None if value is None else read(value),
        )
    return _of_fields(kind)


def _flat(function: Function) -> list[Any]:
    """A function as its text, its words, and what tells which word is what."""
    words = [function.name]
    for call in function.calls:
        words += [call.name, *call.arguments]
    words += [each.target for each in function.assignments]
    words += [each.value for each in function.assignments]
    words += [each.condition for each in function.branches if each.condition is not None]
    words += function.declarations
    return [
        function.text,
        function.start,
        [part for word in words for part in word],
        [(len(it.arguments), it.alone, it.span.start, it.span.end, it.loops) for it in function.calls],
        [each.operator for each in function.assignments],
        [(it.kind, it.condition is not None, it.body.start, it.body.end, it.is_idle) for it in function.branches],
    ]


def _function(value: Any) -> Function:
    text, start, flat, calls, operators, branches = value
    parts = iter(flat)
    words = map(_word, zip(parts, parts, parts, strict=True))
    name = next(words)
    found_calls = tuple(
        [
            Call(next(words), tuple(islice(words, count)), alone, Span(low, high), loops)
            for count, alone, low, high, loops in calls
        ]
    )
    targets = list(islice(words, len(operators)))
    assignments = tuple(map(_assignment, zip(targets, operators, islice(words, len(operators)), strict=True)))
    found_branches = tuple(
        [Branch(kind, next(words) if has else None, Span(low, high), idle) for kind, has, low, high, idle in branches]
    )
    return Function(name, text, found_calls, assignments, found_branches, tuple(words), start)


_word = partial(tuple.__new__, Word)
_assignment = partial(tuple.__new__, Assignment)


def _of_fields(kind: Any) -> _Codec:
    """Of a frozen dataclass or a named tuple: its fields in their order, without those that aren't compared."""
    if dataclasses.is_dataclass(kind):
        names = [field.name for field in dataclasses.fields(kind) if field.compare]
    else:
        names = list(kind._fields)
    hints = typing.get_type_hints(kind)
    codecs = [_codec(hints[name]) for name in names]
    readers = [read for _, read in codecs]
    if all(read is _same for read in readers):
        make = getattr(kind, "_make", None) or (lambda value: kind(*value))
        return (lambda value: [getattr(value, name) for name in names]), make
    return (
        lambda value: [write(getattr(value, name)) for name, (write, _) in zip(names, codecs, strict=True)],
        lambda value: kind(*[read(each) for read, each in zip(readers, value, strict=True)]),
    )


def _same(value: Any) -> Any:
    return value
