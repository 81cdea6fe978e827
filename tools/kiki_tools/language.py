"""What every language service of kiki offers, in files and offsets: no LSP types, no I/O, no global state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

from kiki_tools.text import Edit, Snapshot, Span

Severity = Literal["error", "warning", "info", "hint"]


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that mends a diagnostic: its title, and edits in the diagnostic's own file."""

    title: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding at ``span`` of the file ``path``. ``code`` is stable and has a page (`kiki explain`)."""

    path: str
    span: Span
    severity: Severity
    code: str
    message: str
    source: str = "kiki"
    rule: str | None = None
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True)
class Symbol:
    """An entry of the outline. ``span`` is the whole, ``name_span`` its name."""

    name: str
    kind: Literal[
        "subcircuit", "device", "model", "parameter", "directive", "analysis", "measure", "sheet", "net", "section",
        "peripheral", "pin", "interrupt",
    ]  # fmt: skip
    detail: str
    span: Span
    name_span: Span
    children: tuple[Symbol, ...] = ()


@dataclass(frozen=True, slots=True)
class Hover:
    """Markdown about what stands at ``span``."""

    span: Span
    markdown: str


@dataclass(frozen=True, slots=True)
class Completion:
    """One proposal; inserting it replaces ``span``."""

    label: str
    kind: Literal[
        "device", "model", "node", "directive", "parameter", "function", "subcircuit", "file", "keyword", "value"
    ]  # fmt: skip
    span: Span
    insert: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """A span in a file."""

    path: str
    span: Span


@dataclass(frozen=True, slots=True)
class Folding:
    """Lines ``first`` to ``last`` that can be shown as one; ``comment``: they are a comment."""

    first: int
    last: int
    comment: bool = False


TokenKind = Literal[
    "device", "node", "model", "subcircuit", "parameter", "attribute", "number", "directive", "measure", "type",
    "string", "keyword", "function", "comment",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """A word with its kind, for colours. ``declares``: it is the definition of its name."""

    span: Span
    kind: TokenKind
    declares: bool = False


@dataclass(frozen=True, slots=True)
class Hint:
    """Something to show in the text at ``offset``, behind what stands there: a computed or measured value."""

    offset: int
    label: str
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """How a card or function is written. ``parameters``: each with what it is; ``active``: the one at the cursor."""

    label: str
    documentation: str
    parameters: tuple[tuple[str, str], ...]
    active: int | None


@dataclass(frozen=True, slots=True)
class Lens:
    """A line above the text at ``span``; ``action``: what choosing it does, if anything."""

    span: Span
    title: str
    action: Literal["", "simulate", "render"] = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A file's name in the text, and the file's path."""

    span: Span
    path: str


@dataclass(frozen=True, slots=True)
class Callee:
    """Something that is called, or calls: its name, what it takes, where it stands."""

    name: str
    detail: str
    path: str
    span: Span
    name_span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """Calls from one to another; ``spans`` are in the caller's file."""

    caller: Callee
    callee: Callee
    spans: tuple[Span, ...]


class NotRenamed(ValueError):
    """The name can't be changed to that; the message says why."""


@dataclass(frozen=True)
class Workspace:
    """The texts that an analysis may see, by absolute path: editor buffers first, then the disk's.

    An analysis never opens files; what it misses it names (`LanguageService.wanted`); the caller brings it.
    ``unreadable`` holds paths that were asked for and can't be read, with the reason.
    """

    snapshots: Mapping[str, Snapshot] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)
    search: Sequence[str] = ()
    """Folders in which a file is looked for that doesn't lie beside the one that names it."""
    dialect: str = ""
    """The dialect of the language, where it is set; else the text tells it."""
    indexes: Mapping[str, Any] = field(default_factory=dict)
    """What `Consults.index` found in files that are only looked up in, by path, once it is there."""


@runtime_checkable
class Consults(Protocol):
    """A service that looks things up in large files which no finding depends on, such as a vendor's headers."""

    @property
    def index_version(self) -> str:
        """Changes whenever `index` gives something else for the same text."""
        ...

    def consulted(self, snapshot: Snapshot, workspace: Workspace) -> Sequence[str]:
        """The paths of those files, what counts most first."""
        ...

    def index(self, snapshot: Snapshot) -> Any:
        """What the file says, as plain data (fit for JSON) that can be kept by the file's content."""
        ...


@runtime_checkable
class Keeps(Protocol):
    """A service whose reading of a file on the disk can be kept for the next time."""

    def reading(self, snapshot: Snapshot) -> bytes | None:
        """What reading the file worked out; None if that wasn't done yet."""
        ...

    def restore(self, snapshot: Snapshot, reading: bytes | None) -> bool:
        """Takes what was kept of the same text, by the same version; whether it lacks a reading that can be kept."""
        ...

    @property
    def reading_version(self) -> str:
        """Changes whenever `reading` gives something else for the same text."""
        ...


@runtime_checkable
class Named(Protocol):
    """A service whose names in the whole workspace aren't those of its outline."""

    def names(self, snapshot: Snapshot) -> Sequence[Symbol]:
        """What the file adds to the names of the workspace."""
        ...


@dataclass(frozen=True, slots=True)
class Continuation:
    """How the text at a place may go on, for a model that proposes it.

    ``grammar``: GBNF of what may follow up to the end of the last line; empty: anything. ``facts``: lines of the same
    file, or written like them, that say what the place needs and may lie far away; in an order that an edit near the
    place doesn't change. ``most_lines``: more than one where a block is open. ``usual``: what nearly always stands
    there, where that is known; no model is asked then.
    """

    grammar: str = ""
    facts: tuple[str, ...] = ()
    most_lines: int = 1
    usual: str = ""


@runtime_checkable
class Continues(Protocol):
    """A service that says what may follow at a place, and what speaks against a text that was put there."""

    def continuation(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Continuation | None:
        """What may follow at ``offset``; None where nothing is to be proposed: in a comment, a title, a word."""
        ...

    def objections(self, snapshot: Snapshot, within: Span, workspace: Workspace) -> Sequence[str]:
        """What speaks against the text in ``within``: names that nothing outside of it knows, what can't be read."""
        ...


class LanguageService(Protocol):
    """A language as editor, command line and pipeline see it. All methods are pure."""

    language: str

    def wanted(self, snapshot: Snapshot, workspace: Workspace) -> Sequence[str]:
        """Absolute paths that the analysis needs and the workspace lacks, as text and as unreadable."""
        ...

    def diagnostics(self, snapshot: Snapshot, workspace: Workspace, *, patient: bool = True) -> Sequence[Diagnostic]:
        """All findings of the snapshot itself, in the order of their places.

        Not ``patient``: what takes long is told as it was found before; ask again when there is time.
        """
        ...

    def symbols(self, snapshot: Snapshot) -> Sequence[Symbol]:
        """The outline."""
        ...

    def hover(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Hover | None:
        """What stands at ``offset``."""
        ...

    def completions(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Sequence[Completion]:
        """What could be typed at ``offset``, best first."""
        ...

    def describe(self, snapshot: Snapshot, name: str, kind: str, workspace: Workspace) -> str:
        """Markdown about what a completion of this kind proposes; empty if there is nothing to say."""
        ...

    def definition(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Sequence[Location]:
        """Where the name at ``offset`` is defined, in this file or an included one."""
        ...

    def references(
        self, snapshot: Snapshot, offset: int, workspace: Workspace, *, declaration: bool = True
    ) -> Sequence[Location]:
        """Where the name at ``offset`` is used."""
        ...

    def highlights(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Sequence[Span]:
        """Where the name at ``offset`` stands in this file."""
        ...

    def prepare_rename(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Span | None:
        """The word that a rename would change."""
        ...

    def rename(self, snapshot: Snapshot, offset: int, new: str, workspace: Workspace) -> Mapping[str, Sequence[Edit]]:
        """The edits, by path, that give the name at ``offset`` another one.

        Raises:
            NotRenamed: if there is no name, or the new one won't do.
        """
        ...

    def foldings(self, snapshot: Snapshot) -> Sequence[Folding]:
        """What can be folded."""
        ...

    def selections(self, snapshot: Snapshot, offset: int) -> Sequence[Span]:
        """What a growing selection at ``offset`` takes, innermost first."""
        ...

    def tokens(self, snapshot: Snapshot, within: Span | None = None) -> Sequence[Token]:
        """The words with their kinds, in the order of the text, without overlaps."""
        ...

    def hints(self, snapshot: Snapshot, within: Span, workspace: Workspace) -> Sequence[Hint]:
        """Values to show in the text."""
        ...

    def signature(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Signature | None:
        """How the card or function at ``offset`` is written."""
        ...

    def format(self, snapshot: Snapshot, within: Span | None = None) -> Sequence[Edit]:
        """Edits that bring the text into order without changing what it means."""
        ...

    def links(self, snapshot: Snapshot, workspace: Workspace) -> Sequence[Link]:
        """The files that the text names."""
        ...

    def lenses(self, snapshot: Snapshot, workspace: Workspace) -> Sequence[Lens]:
        """What is told above the text, and can be chosen there."""
        ...

    def callee(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Callee | None:
        """What is defined or called at ``offset``."""
        ...

    def calls(
        self, snapshot: Snapshot, path: str, offset: int, workspace: Workspace, *, incoming: bool
    ) -> Sequence[Call]:
        """Who calls what is defined at ``offset`` of the file ``path`` of the program, or what it calls."""
        ...
