"""What every language service of kiki offers, in files and offsets: no LSP types, no I/O, no global state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

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
    kind: Literal["subcircuit", "device", "model", "parameter", "directive", "analysis", "measure"]
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
    kind: Literal["device", "model", "node", "directive", "parameter", "function", "subcircuit", "file", "keyword"]
    span: Span
    insert: str
    detail: str = ""
    documentation: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """A span in a file."""

    path: str
    span: Span


@dataclass(frozen=True)
class Workspace:
    """The texts that an analysis may see, by absolute path: editor buffers first, then the disk's.

    An analysis never opens files; what it misses it names (`LanguageService.wanted`); the caller brings it.
    ``unreadable`` holds paths that were asked for and can't be read, with the reason.
    """

    snapshots: Mapping[str, Snapshot] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)


class LanguageService(Protocol):
    """A language as editor, command line and pipeline see it. All methods are pure."""

    language: str

    def wanted(self, snapshot: Snapshot, workspace: Workspace) -> Sequence[str]:
        """Absolute paths that the analysis needs and the workspace lacks, as text and as unreadable."""
        ...

    def diagnostics(self, snapshot: Snapshot, workspace: Workspace) -> Sequence[Diagnostic]:
        """All findings of the snapshot itself, in the order of their places."""
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

    def definition(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Sequence[Location]:
        """Where the name at ``offset`` is defined, in this file or an included one."""
        ...
