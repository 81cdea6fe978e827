"""How one of KiCad's files may go on at a place: a grammar of the list's rest, by the schema and the design's names."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from kiki_tools.gbnf import choice, grammar, literal
from kiki_tools.kicad.completion import around, names_for
from kiki_tools.kicad.schema import UNKNOWN, Argument, Form
from kiki_tools.kicad.syntax import document_of
from kiki_tools.kicad.usual import usual
from kiki_tools.language import Continuation, Workspace
from kiki_tools.text import Snapshot, Span

_MOST_FORMS = 150
"""Forms that are spelled out; lists within those are taken as they come."""
_MOST_NAMES = 150
_OPEN_LINES = 10
_RULES = {
    "number": '"-"? [0-9]{1,4} ("." [0-9]{1,6})?',
    "integer": "[0-9]{1,6}",
    "string": r'"\"" [^"\\\n]{0,60} "\""',
    "word": r"string | [A-Za-z_~*] [A-Za-z0-9_.*&~-]{0,40}",
    "any": r'"(" [a-z_]{1,24} (" " (number | word)){0,4} ")"',
}


def continuation(snapshot: Snapshot, offset: int, workspace: Workspace) -> Continuation | None:
    """What may follow; None in words, strings, and where text that is no closing parenthesis follows on the line."""
    line = snapshot.line_span(snapshot.line_of(offset))
    before, after = snapshot.slice(Span(line.start, offset)), snapshot.slice(Span(offset, line.end)).strip()
    if after.strip(")") or len(re.findall(r'(?<!\\)"', before)) % 2:
        return None
    document = document_of(snapshot)
    _, form = around(document, line.start)
    opened = _opened(before)
    rules = _Forms(snapshot, offset, bool(opened))
    rest: str | None
    if not opened:
        if before.strip() or not line.start:
            return None  # behind a list that is whole: a new line begins first
        rest = rules.child(form)
        return Continuation(_to_the_end(rest, rules), (), _OPEN_LINES) if rest else None
    for head in opened[:-1]:
        form = form.children.get(head.name, UNKNOWN)
    last = opened[-1]
    closing = "" if after else f"{literal(')' * len(opened))}"
    if not last.words and not before[-1:].isspace():
        return _with_head(rules, form, last.name, closing)
    parent, form = form, form.children.get(last.name, UNKNOWN)
    if form is UNKNOWN:
        return None
    begun = "" if before[-1:].isspace() or before.endswith(")") else last.words[-1] if last.words else ""
    number = len(last.words) - (1 if begun else 0)
    path = document.path_to(line.start + last.start + 1)
    node = path[-1] if path and path[-1].head == last.name else None
    known = [name for name, _ in names_for(document, node, number, workspace)][:_MOST_NAMES] if node else []
    rest = rules.rest(form, number, begun, known, before, closing)
    default = _by_default(parent, last, before, len(opened) - after.count(")"), snapshot.path)
    return Continuation(_to_the_end(rest, rules), usual=default) if rest else None


def _by_default(parent: Form, last: _Open, before: str, open_: int, path: str) -> str:
    """The rest of a list as KiCad itself writes it, with the parentheses that are missing. Empty: unknown."""
    value = usual(parent, last.name, path)
    written = before[last.start + 1 + len(last.name) :].lstrip()
    return value[len(written) :] + ")" * open_ if value and value.startswith(written) and value != written else ""


def _to_the_end(rest: str, rules: _Forms) -> str:
    """The grammar with the end of the line: a model that may not end it goes on with what else is allowed."""
    return grammar(f'{rest} "\\n"', rules.all())


@dataclass(frozen=True, slots=True)
class _Open:
    """A list that a line opens and doesn't close: where, its head, the words behind it before any inner list."""

    start: int
    name: str
    words: tuple[str, ...]


_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|[()]|[^\s()"]+')


def _opened(before: str) -> list[_Open]:
    """The lists that are open at the end of a line's beginning, the outermost first."""
    stack: list[tuple[int, list[str]]] = []
    for match in _TOKEN.finditer(before):
        token = match.group()
        if token == "(":
            stack.append((match.start(), []))
        elif token == ")":
            if stack:
                stack.pop()
        elif stack:
            stack[-1][1].append(token)
    return [_Open(start, words[0] if words else "", tuple(words[1:])) for start, words in stack]


def _with_head(rules: _Forms, parent: Form, begun: str, closing: str) -> Continuation | None:
    ways = [
        f"{literal(head[len(begun) :])} {rules.inner(parent.children[head])} {closing}"
        for head in parent.children
        if head.startswith(begun)
    ]
    return Continuation(_to_the_end(choice(ways), rules)) if ways else None


class _Forms:
    """Rules of the forms that a grammar needs, numbered as they come."""

    def __init__(self, snapshot: Snapshot, offset: int, on_one_line: bool) -> None:
        self._numbers: dict[int, str] = {}
        self._forms: list[Form] = []
        self._rules: dict[str, str] = {}
        self._between = '" "' if on_one_line else '(" " | "\\n" [\\t ]{0,8})'
        # Of the text alone, so that the same question gets the same answer.
        fresh = uuid.uuid5(uuid.NAMESPACE_OID, f"{snapshot.sha256} {offset}")
        self._uuid = literal(f'"{fresh}"')

    def all(self) -> dict[str, str]:
        """The rules that were asked for, and those that they need."""
        at = 0
        while at < len(self._forms):
            form = self._forms[at]
            self._rules[f"f{at}"] = f'{literal("(" + form.head)} {self.inner(form)} ")"'
            at += 1
        return {**_RULES, "between": self._between, **self._rules}

    def child(self, form: Form) -> str:
        """One whole list that may stand in a form; empty if none may."""
        return choice(self._rule(child) for child in form.children.values()) if form.children else ""

    def inner(self, form: Form) -> str:
        """The words of a form and the lists in it, behind its head."""
        words = " ".join(self._counted(argument) for argument in form.arguments)
        inner = f"(between {self.child(form)}){{0,12}}" if form.children else ""
        return f"{words} {inner}".strip() or '""'

    def rest(self, form: Form, number: int, begun: str, known: list[str], before: str, closing: str) -> str | None:
        """What completes a list that has ``number`` whole words, and the beginning of another one."""
        arguments = list(_from(form, number))
        lists = f"(between {self.child(form)}){{0,12}}" if form.children else ""
        if begun:
            if not arguments or (ending := self._ending(arguments[0], begun, known)) is None:
                return None
            first, arguments = ending, arguments[1:]
        elif before[-1:].isspace() and arguments:
            first, arguments = self._named(arguments[0], known), arguments[1:]
        elif before[-1:].isspace() and form.children:
            first = self.child(form)
        else:
            first = ""
        words = " ".join(self._counted(argument) for argument in arguments)
        return f"{first} {words} {lists} {closing}".strip() or None

    def _named(self, argument: Argument, known: list[str]) -> str:
        """One word, of the known names where there are any."""
        return choice(literal(f'"{name}"') for name in known) if known else self._one(argument)

    def _ending(self, argument: Argument, begun: str, known: list[str]) -> str | None:
        """The rest of a word."""
        if argument.choices:
            fitting = [name for name in argument.choices if name.startswith(begun)]
            return choice(literal(name[len(begun) :]) for name in fitting) if fitting else None
        if begun.startswith('"'):
            return '""'  # a string that is closed
        return "[0-9.]{0,7}" if argument.type in ("number", "integer") else None

    def _one(self, argument: Argument) -> str:
        if argument.choices:
            return choice(map(literal, argument.choices))
        return {"number": "number", "integer": "integer", "uuid": self._uuid, "word": "word"}.get(
            argument.type, "string"
        )

    def _counted(self, argument: Argument) -> str:
        one = f'" " {self._one(argument)}'
        return {"": one, "?": f"({one})?", "*": f"({one}){{0,6}}", "+": f"({one}){{1,6}}"}[argument.count]

    def _rule(self, form: Form) -> str:
        key = id(form)
        if key not in self._numbers:
            if len(self._forms) >= _MOST_FORMS:
                return "any"
            self._numbers[key] = f"f{len(self._forms)}"
            self._forms.append(form)
        return self._numbers[key]


def _from(form: Form, number: int) -> Iterator[Argument]:
    """The arguments from a place on; one that may stand often stays."""
    arguments = form.arguments
    if number < len(arguments):
        yield from arguments[number:]
    elif arguments and arguments[-1].count in ("*", "+"):
        yield Argument(arguments[-1].label, arguments[-1].type, "*")


def objections(snapshot: Snapshot, within: Span, workspace: Workspace) -> list[str]:
    """Names of lists that the schema doesn't know there."""
    document = document_of(snapshot)
    found: dict[str, None] = {}
    if re.search(r"^\s*#", snapshot.slice(within), re.MULTILINE):
        found["a comment"] = None
    for match in re.finditer(r"\(\s*([^\s()\"]+)", snapshot.slice(within)):
        place = within.start + match.start(1)
        path = document.path_to(place)
        if len(path) > 1 and path[-1].head == match.group(1):
            above = path[-2].form
            if not above.open and above.name and match.group(1) not in above.children:
                found[f"{match.group(1)} can't stand there"] = None
    return list(found)
