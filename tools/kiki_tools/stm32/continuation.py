"""How C firmware may go on at a place, and what speaks against a text that was put there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tree_sitter import Node

from kiki_tools.language import Continuation, Workspace
from kiki_tools.stm32.headers import Library, library_of
from kiki_tools.stm32.project import is_firmware
from kiki_tools.stm32.source import source_of
from kiki_tools.stm32.trees import tree_of
from kiki_tools.text import Snapshot, Span

_MOST_FACTS = 10
_OPEN_LINES = 8
_NEAR = 40
_NAME = re.compile(r"[A-Za-z_]\w*")
_VALUES = frozenset({"string_literal", "number_literal", "identifier", "char_literal", "concatenated_string"})
_KNOWN = frozenset(
    """
    auto break case char const continue default do double else enum extern float for goto if inline int long register
    restrict return short signed sizeof static struct switch typedef union unsigned void volatile while bool true false
    NULL size_t uint8_t uint16_t uint32_t uint64_t int8_t int16_t int32_t int64_t uintptr_t intptr_t ptrdiff_t
    memcpy memset memmove memcmp strlen strcmp strncmp strcpy strncpy strcat strchr strstr snprintf sprintf printf
    abs fabs fabsf sqrt sqrtf sin sinf cos cosf pow powf floor floorf ceil ceilf round roundf fmin fmax main
    UINT8_MAX UINT16_MAX UINT32_MAX INT16_MAX INT32_MAX INT32_MIN va_list va_start va_end __asm asm __attribute__
    """.split()
)
"""Words of the language and of its library that need no declaration in sight."""


def continuation(snapshot: Snapshot, offset: int, workspace: Workspace) -> Continuation | None:
    """A line, several where a block was just opened; None in comments, strings, words and other than firmware."""
    if not is_firmware(snapshot):
        return None
    line = snapshot.line_span(snapshot.line_of(offset))
    before, after = snapshot.slice(Span(line.start, offset)), snapshot.slice(Span(offset, line.end)).rstrip("\r\n")
    if after.strip(" \t);,]}") or before.lstrip().startswith(("#", "*")) or _is_quoted(snapshot, offset):
        return None
    opened = not before.strip() and _previous(snapshot, line.start).rstrip().endswith("{")
    usual = _only_argument(snapshot, offset, before, after, workspace)
    return Continuation("", tuple(_facts(snapshot, offset)), _OPEN_LINES if opened else 1, usual)


_CALL = re.compile(r"^\s*(?:[\w.>\[\]-]+\s*=\s*)?([A-Za-z_]\w*)\(\s*$")


def _only_argument(snapshot: Snapshot, offset: int, before: str, after: str, workspace: Workspace) -> str:
    """What a library's function of one parameter is called with, where one thing alone in the file is of its type."""
    called = _CALL.match(before)
    library = library_of(workspace)
    told = library.functions.get(called[1]) if called else None
    parameters = [one for one in told["parameters"] if one[1].strip() != "void"] if told else []
    if len(parameters) != 1 or not parameters[0][1].rstrip().endswith("*"):
        return ""
    kind = re.sub(r"\bconst\b|\*", "", parameters[0][1]).strip()
    text = _in_sight(snapshot, offset)
    declared = rf"\b{re.escape(kind)}\s*(\*?)\s*([A-Za-z_]\w*)\s*[;=,)\[]"
    found = {f"{'' if star else '&'}{name}" for star, name in re.findall(declared, text)}
    instances = [name for name, (type_, _) in library.registers.instances.items() if type_ == kind]
    named = re.compile(rf"\b(?:{'|'.join(map(re.escape, instances))})\b") if instances else None
    if named is not None:  # of the function; where it has none, of the file
        found.update(named.findall(text) or ([] if found else named.findall(snapshot.text)))
    if len(found) != 1:
        return ""
    return next(iter(found)) + ("" if after else ");")


def _in_sight(snapshot: Snapshot, offset: int) -> str:
    """The file without the functions that the place isn't in."""
    text, parts, at = snapshot.text, [], 0
    functions = sorted(source_of(snapshot).functions, key=lambda one: one.start)
    for number, one in enumerate(functions):
        following = functions[number + 1].start if number + 1 < len(functions) else len(text)
        if not one.start <= offset < following:
            parts.append(text[at : one.start])
            at = one.start + len(one.text)
    return "".join([*parts, text[at:]])


def _previous(snapshot: Snapshot, start: int) -> str:
    """The last line before an offset that isn't blank."""
    number = snapshot.line_of(start) - 1
    while number >= 0 and not snapshot.line_text(number).strip():
        number -= 1
    return snapshot.line_text(number) if number >= 0 else ""


def _is_quoted(snapshot: Snapshot, offset: int) -> bool:
    """Whether a place is in a comment or a string."""
    tree, offsets = tree_of(snapshot)
    node: Node | None = tree.root_node
    while node is not None:
        if node.type in ("comment", "string_literal", "char_literal"):
            start, end = offsets.char(node.start_byte), offsets.char(node.end_byte)
            ended = node.type != "comment" or snapshot.slice(Span(start, end)).endswith("*/")
            return start < offset and (offset < end or not ended)
        node = next(
            (
                child
                for child in node.children
                if offsets.char(child.start_byte) < offset <= offsets.char(child.end_byte)
            ),
            None,
        )
    return False


def _facts(snapshot: Snapshot, offset: int) -> Iterator[str]:
    """The heads of the file's functions and its handles that lie far from the place, in the order of the file."""
    near = snapshot.line_of(offset)
    given = 0
    source = source_of(snapshot)
    starts = [variable.name.start for variable in source.variables]
    starts += [function.start for function in source.functions]
    for start in sorted(starts):
        line = snapshot.line_of(min(start, snapshot.length))
        if not near - _NEAR < line <= near and given < _MOST_FACTS:
            given += 1
            yield snapshot.line_text(line).strip().rstrip("{").rstrip()[:100]


def objections(snapshot: Snapshot, within: Span, workspace: Workspace) -> list[str]:
    """Syntax that doesn't hold together, names that neither the project nor its headers know."""
    told = [f"not C at line {line + 1}" for line in _broken(snapshot, within)]
    told += _not_code(snapshot, within)
    text = snapshot.text
    outside = set(_NAME.findall(text[: within.start])) | set(_NAME.findall(text[within.end :]))
    library = library_of(workspace)
    bare = re.sub(r'"(?:[^"\\\n]|\\.)*"|/\*.*?\*/|//[^\n]*', " ", snapshot.slice(within), flags=re.DOTALL)
    declared = {match[1] for match in re.finditer(r"\b[A-Za-z_]\w*[\s*]+([A-Za-z_]\w*)\s*(?:=|;|\[|,)", bare)}
    members = {match[1] for match in re.finditer(r"(?:\.|->)\s*([A-Za-z_]\w*)", bare)}
    for name in dict.fromkeys(_NAME.findall(bare)):
        if name in outside or name in _KNOWN or name in declared or _in_library(name, library):
            continue
        if name in members and not library.structs and not library.registers.structs:
            told.append(f"the member {name} can't be looked up")
        elif any(name in each.text for path, each in workspace.snapshots.items() if path != snapshot.path):
            continue
        else:
            told.append(f"{name} is unknown")
    return told


def _not_code(snapshot: Snapshot, within: Span) -> Iterator[str]:
    """Comments, which are a person's to write, and statements that are a value alone."""
    tree, offsets = tree_of(snapshot)
    work = [tree.root_node]
    while work:
        node = work.pop()
        start, end = offsets.char(node.start_byte), offsets.char(node.end_byte)
        if end <= within.start or start >= within.end:
            continue
        if node.type == "comment" or node.type.startswith("preproc_"):
            if start >= within.start:
                yield "a comment or a directive of the preprocessor"
        elif node.type == "expression_statement" and node.named_children and node.named_children[0].type in _VALUES:
            yield "a statement that does nothing"
        work.extend(node.children)


def _in_library(name: str, library: Library) -> bool:
    registers = library.registers
    known: tuple[Mapping[str, object], ...] = (
        library.functions, library.structs, library.enums, library.constants, library.enumerators,
        registers.structs, registers.instances, registers.interrupts,
    )  # fmt: skip
    if any(name in each for each in known) or registers.field(name) is not None:
        return True
    return name in _members(library)


_members_of: list[tuple[Library, frozenset[str]]] = []


def _members(library: Library) -> frozenset[str]:
    """The names of structures' members and of registers that a library has, gathered once."""
    for known, names in _members_of:
        if known is library:
            return names
    found = {member[0] for _, members in library.structs.values() for member in members}
    found |= {register.name for struct in library.registers.structs for register in library.registers.registers(struct)}
    names = frozenset(found)
    _members_of.insert(0, (library, names))
    del _members_of[2:]
    return names


def _broken(snapshot: Snapshot, within: Span) -> list[int]:
    """The lines of errors of syntax that touch a span."""
    tree, offsets = tree_of(snapshot)
    found, work = [], [tree.root_node]
    while work:
        node = work.pop()
        start, end = offsets.char(node.start_byte), offsets.char(node.end_byte)
        if end < within.start or start > within.end or not (node.has_error or node.is_missing or node.is_error):
            continue
        if node.is_error or node.is_missing:
            found.append(node.start_point[0])
        work.extend(node.children)
    return sorted(set(found))
