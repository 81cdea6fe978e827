"""What may stand where in KiCad's files: the forms of `schema/*.forms`, read into objects with patterns.

The notation: an unindented line `head[/variant] label:type… [@VERSION]` begins a form; indented lines say what it is;
those that begin with `>` name the forms that may stand in it (`!`: must; `~`: KiCad loads the file without, but hardly
as it was meant). A word's type is `number`, `integer`, `string`, `word` (a string, or a bare word that is no number),
`uuid`, `layer` or a choice of bare words `yes|no`; `?`, `*` and `+` behind it count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

NUMBER = r"[-+]?(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][-+]?\d++)?+"
_STRING = r'"(?:[^"\\\n]++|\\.)*+"'
_BARE = r'[^\s()"]++'
_ANY = rf"(?:{_BARE}|{_STRING})"
_WORD = rf"(?:{_STRING}|(?!{NUMBER}(?![^\s()\"])){_BARE})"
_TYPES = {"number": NUMBER, "integer": NUMBER, "string": _ANY, "word": _WORD, "uuid": _ANY, "layer": _ANY}


@dataclass(frozen=True, slots=True)
class Argument:
    """A word of a list: what it is called, its type or choice of words, how often it stands (``""`` once)."""

    label: str
    type: str
    count: str

    @property
    def choices(self) -> tuple[str, ...]:
        """The bare words that it can be; empty for a type."""
        return () if self.type in _TYPES else tuple(self.type.split("|"))

    @property
    def pattern(self) -> str:
        """A regular expression of one such word."""
        if self.type in _TYPES:
            return _TYPES[self.type]
        return "(?:" + "|".join(sorted(map(re.escape, self.type.split("|")), key=len, reverse=True)) + r')(?![^\s()"])'

    @property
    def shown(self) -> str:
        """As a person reads it."""
        what = f"{self.label}: {self.type}" if self.choices else self.label
        return {"?": f"[{what}]", "*": f"[{what} …]", "+": f"{what} …"}.get(self.count, what)


@dataclass(eq=False, slots=True)
class Form:
    """A list of KiCad's files: its words, what may and must stand in it, and what it means."""

    name: str
    head: str
    arguments: tuple[Argument, ...] = ()
    documentation: str = ""
    since: int = 0
    children: dict[str, Form] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    expected: frozenset[str] = frozenset()
    """What KiCad can do without, and a reader hardly: a wire without its ends, a pad on no layer."""
    open: bool = False
    """Whether any other list may stand in it too."""
    bulk: bool = False
    """Whether what stands in it is only checked, not kept: thousands of points."""
    _words: re.Pattern[str] | None = None

    @property
    def words(self) -> re.Pattern[str]:
        """Matches what follows the head in a list without inner lists, and in the beginning of one with them."""
        if self._words is None:
            parts = []
            for argument in self.arguments:
                one = rf"\s++{argument.pattern}"
                parts.append({"": one, "?": f"(?:{one})?", "*": f"(?:{one})*", "+": f"(?:{one})+"}[argument.count])
            self._words = re.compile("".join(parts) + r"\s*\)?")
        return self._words

    @property
    def signature(self) -> str:
        """How it is written."""
        return "(" + " ".join([self.head, *(argument.shown for argument in self.arguments)]) + ")"


UNKNOWN = Form("", "", (Argument("", "string", "*"),), open=True)
"""What the schema doesn't know: anything may stand in it."""

_ARGUMENT = re.compile(r"(?P<label>[\w/]+):(?P<type>\S+?)(?P<count>[?*+]?)")
_FAMILIES = {
    "kicad_sch": "schematic",
    "kicad_symbol_lib": "schematic",
    "kicad_pcb": "board",
    "footprint": "board",
    "module": "board",
    "kicad_wks": "worksheet",
    "page_layout": "worksheet",
    "drawing_sheet": "worksheet",
    "kicad_dru": "rules",
    "sym_lib_table": "table",
    "fp_lib_table": "table",
    "design_block_lib_table": "table",
}
_BULK = frozenset({"filled_polygon", "fill_segments", "data"})


class SchemaError(ValueError):
    """A line of a schema file can't be read."""


@cache
def forms(family: str) -> dict[str, Form]:
    """All forms of `schema/FAMILY.forms`, by name.

    Raises:
        SchemaError: if the file names a form that it doesn't define.
    """
    text = (files("kiki_tools.kicad") / "schema" / f"{family}.forms").read_text("utf-8")
    found: dict[str, Form] = {}
    children: dict[str, list[str]] = {}
    form: Form | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not line[0].isspace():
            form = _form(line, f"{family}.forms:{number}")
            found[form.name] = form
            children[form.name] = []
        elif form is None:
            raise SchemaError(f"{family}.forms:{number}: no form begins above this line")
        elif (told := line.strip()).startswith(">"):
            children[form.name] += told[1:].split()
        else:
            form.documentation = f"{form.documentation} {told}".strip()
    for name, inner in children.items():
        _join(found[name], inner, found)
    return found


def _form(line: str, where: str) -> Form:
    name, *rest = line.split()
    arguments = []
    since = 0
    for word in rest:
        if word.startswith("@"):
            since = int(word[1:])
        elif match := _ARGUMENT.fullmatch(word):
            arguments.append(Argument(match["label"], match["type"], match["count"]))
        else:
            raise SchemaError(f"{where}: {word!r} is no label:type")
    head = name.partition("/")[0]
    return Form(name, head, tuple(arguments), since=since, bulk=head in _BULK)


def _join(form: Form, inner: list[str], found: dict[str, Form]) -> None:
    required = set()
    expected = set()
    for name in inner:
        if name == "...":
            form.open = True
            continue
        bare = name.rstrip("!~*?")
        if bare not in found:
            raise SchemaError(f"{form.name} names {bare}, which is nowhere defined")
        child = found[bare]
        form.children[child.head] = child
        if "!" in name:
            required.add(child.head)
        elif "~" in name:
            expected.add(child.head)
    form.required = frozenset(required)
    form.expected = frozenset(expected)


def root_form(head: str) -> Form | None:
    """The form of a file that begins with this head; None if KiCad knows no such file."""
    family = _FAMILIES.get(head)
    return None if family is None else forms(family).get(head)
