"""What stands around a place in C, read from the text alone: an edit's tree isn't waited for.

The word, the function's text around it, the access (`USART1->CR1`) that ends there, and the types that it goes through.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kiki_tools.language import Workspace
from kiki_tools.stm32.headers import Library
from kiki_tools.stm32.project import Project, project_of
from kiki_tools.stm32.registers import Register
from kiki_tools.text import Snapshot, Span

_WORD = re.compile(r"\w+")
_ACCESS = re.compile(r"[A-Za-z_]\w*(?:\[[^\[\]\n]{0,60}\]|\s*(?:->|\.)\s*[A-Za-z_]\w*)*$")
_STEP = re.compile(r"\s*(->|\.)\s*([A-Za-z_]\w*)|\[([^\]]*)\]")
_DECLARED = re.compile(r"(\w+)\s*(?:\*\s*)*(?:const\s+)?\*?$")
_AROUND = 400
"""So many lines of a function are read at most, up and down."""
_MOST_FOUND = 60
_LONGEST_LINE = 400
_LONGEST = 60_000
"""So many characters are read up and down, however the text is cut into lines."""


@dataclass(frozen=True, slots=True)
class Access:
    """A register as code names it. ``instance``: the peripheral; empty behind a pointer that may be any."""

    struct: str
    register: Register
    number: int | None
    instance: str
    prefix: str
    """What the macros of its fields begin with; empty if it has none."""


@dataclass(frozen=True, slots=True)
class Around:
    """The function, or the lines, around a place: their text and where it begins."""

    text: str
    start: int
    offset: int

    @property
    def before(self) -> str:
        """The part before the place."""
        return self.text[: self.offset - self.start]

    @property
    def after(self) -> str:
        """The part behind the place."""
        return self.text[self.offset - self.start :]

    @property
    def is_outside(self) -> bool:
        """Whether the place is between functions."""
        return self.before.count("{") <= self.before.count("}")


def line_at(snapshot: Snapshot, offset: int) -> tuple[str, int]:
    """The line at a place, without its end, and where it begins; of a very long line the part around the place."""
    number = snapshot.line_of(offset)
    start = max(snapshot.line_start(number), offset - _LONGEST_LINE)
    end = snapshot.line_start(number + 1) if number + 1 < snapshot.line_count else snapshot.length
    end = min(end, offset + _LONGEST_LINE)
    return snapshot.slice(Span(start, end)).rstrip("\r\n"), start


def word_at(snapshot: Snapshot, offset: int) -> tuple[str, Span] | None:
    """The word at a place."""
    line, start = line_at(snapshot, offset)
    for match in _WORD.finditer(line):
        if match.start() <= offset - start <= match.end():
            return match.group(), Span(start + match.start(), start + match.end())
    return None


def around(snapshot: Snapshot, offset: int) -> Around:
    """The function around a place: from behind the last line that begins with `}` to the next such line."""
    here = snapshot.line_of(offset)
    first, last = max(0, here - _AROUND), min(snapshot.line_count, here + _AROUND)
    start = max(snapshot.line_start(first), offset - _LONGEST)
    end = snapshot.line_start(last) if last < snapshot.line_count else snapshot.length
    text = snapshot.slice(Span(start, min(end, offset + _LONGEST)))
    at = max(0, snapshot.line_start(here) - start)
    before = text.rfind("\n}", 0, max(0, at))
    end_of_brace = text.find("\n", before + 1) + 1 if before >= 0 else 0
    low = min(end_of_brace, at) if end_of_brace or before < 0 else at
    after = text.find("\n}", at)
    high = after + 2 if after >= 0 else len(text)
    return Around(text[low:high], start + low, offset)


def project_lately(snapshot: Snapshot, workspace: Workspace) -> Project:
    """The file's project, as it was an edit or two ago where working it out would have to read the edit first."""
    history = snapshot.history
    known = history.get("stm32.lately")
    source = history.get("stm32.source")
    if known is not None and (source is None or source[0] is not snapshot) and known[0] is workspace.indexes:
        found: Project = known[1]
        return found
    project = project_of(snapshot, workspace)
    history["stm32.lately"] = (workspace.indexes, project)
    return project


def meant(word: str, project: Project) -> str:
    """What a word stands for where the project's macros give it another name: `LED_PORT` for `GPIOA`."""
    for _ in range(8):
        given = project.defines.get(word)
        if given is None:
            break
        word = re.sub(r"/\*.*?\*/|//.*", "", given).strip("() \t")
    return word


def access_before(text: str) -> str:
    """The access that a text ends with: `huart2.Init.Parity`; empty if it ends otherwise."""
    found = _ACCESS.search(text[-300:])
    return re.sub(r"\s+", "", found.group()) if found else ""


def type_of(name: str, near: Around | None, snapshot: Snapshot, project: Project) -> str:
    """The type that a variable is declared with, in the function around, the file, or the project."""
    for text in (near.before if near is not None else "", snapshot.text):
        at, found = text.rfind(name), 0
        while at >= 0 and found < _MOST_FOUND:
            end = at + len(name)
            declared = _DECLARED.search(text[max(0, at - 80) : at])
            is_word = not text[end : end + 1].isidentifier() and text[at - 1 : at] in (" ", "*", "\t", "\n")
            if is_word and declared and "Type" in declared.group(1) and re.match(r"\s*[\[;,=)]", text[end : end + 4]):
                return declared.group(1)
            at, found = text.rfind(name, 0, at), found + 1
    for source in project.sources.values():
        for variable in source.variables:
            if variable.name.text == name:
                return variable.type
    return ""


def member_of(
    access: str, near: Around | None, snapshot: Snapshot, project: Project, library: Library
) -> tuple[str, str, str]:
    """The type that the last member of an access belongs to, the member, and the peripheral if one is named."""
    name = re.match(r"\w+", access)
    if name is None:
        return "", "", ""
    base = meant(name.group(), project)
    known = library.registers.instances
    kind, instance = (known[base][0], base) if base in known else ("", "")
    kind = kind or type_of(name.group(), near, snapshot, project)
    owner = member = ""
    for _, step, _ in _STEP.findall(access[name.end() :]):
        if not step:
            continue
        owner, member = kind, step
        kind = _type_of_member(owner, member, library)
        if member == "Instance":
            instance = _instance(access, near, project) or instance
    return owner, member, instance


def _instance(access: str, near: Around | None, project: Project) -> str:
    """The peripheral that a handle's `Instance` was set to in the function around."""
    owner = access.partition("Instance")[0]
    found = re.findall(rf"{re.escape(owner)}Instance\s*=\s*(\w+)", near.before) if near is not None else []
    return meant(found[-1], project) if found else ""


def _type_of_member(owner: str, member: str, library: Library) -> str:
    register = library.registers.register(owner, member)
    if register is not None:
        return register.type
    for name, kind, *_ in library.structs.get(owner, ["", []])[1]:
        if name == member:
            return str(kind).replace("*", " ").split()[-1]
    return ""


def register_of(
    access: str, near: Around | None, snapshot: Snapshot, project: Project, library: Library
) -> Access | None:
    """The register that an access names, such as `GPIOA->AFR[1]`, `huart->Instance->SR` or `USARTx->CR1`."""
    owner, member, instance = member_of(access, near, snapshot, project, library)
    register = library.registers.register(owner, member) if owner else None
    if register is None:
        return None
    index = re.search(r"\[\s*(\d{1,4})[uU]?\s*\]$", access)
    number = int(index.group(1)) if index and register.count else None
    prefix = library.registers.prefix(owner, member, number, instance)
    return Access(owner, register, number, instance, prefix)


def settings_of(near: Around, owner: str) -> Mapping[str, str]:
    """What the lines before a place set of a structure's members, the last of each: `Pin` of `init`."""
    found = {}
    for member, value in re.findall(rf"\b{re.escape(owner)}(?:\.|->)(\w+)\s*=\s*([^;\n]+);", near.before):
        found[member] = value.strip()
    return found


def port_of(near: Around, project: Project) -> str:
    """The port that the next `HAL_GPIO_Init` behind a place, or one on its line, is given: `A`; else empty."""
    line_start = near.before.rfind("\n") + 1
    text = near.text[line_start:]
    found = re.search(r"\b(?:HAL_GPIO_\w+|LL_GPIO_\w+)\s*\(\s*(\w+)", text)
    port = re.fullmatch(r"GPIO([A-K])", meant(found.group(1), project) if found else "")
    return port.group(1) if port else ""
