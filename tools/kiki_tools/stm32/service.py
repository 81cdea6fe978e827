"""STM32 firmware as a `LanguageService`: what the chip says, beside a C language server such as clangd.

Outline, completion of C, definition, references, rename and formatting are clangd's; here they are empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kiki_tools.language import (
    Call,
    Callee,
    Completion,
    Continuation,
    Diagnostic,
    Folding,
    Hint,
    Hover,
    Lens,
    Link,
    Location,
    NotRenamed,
    Signature,
    Symbol,
    Token,
    Workspace,
)
from kiki_tools.text import Edit, Snapshot, Span


class Stm32Service:
    """The service for C files of STM32 firmware; of other C files it says nothing."""

    language = "c"

    @property
    def index_version(self) -> str:
        """Of the indexes of headers."""
        from kiki_tools.stm32.headers import VERSION

        return VERSION

    def consulted(self, snapshot: Snapshot, workspace: Workspace) -> Sequence[str]:
        """The project's CMSIS and HAL headers, the HAL's sources, an SVD file."""
        from kiki_tools.stm32.headers import consulted
        from kiki_tools.stm32.project import is_firmware

        return consulted(snapshot, workspace) if is_firmware(snapshot) else []

    def index(self, snapshot: Snapshot) -> Any:
        """What one of those files says."""
        from kiki_tools.stm32.headers import index

        return index(snapshot)

    @property
    def reading_version(self) -> str:
        """Of what is kept of C files."""
        from kiki_tools.stm32.kept import version

        return version()

    def reading(self, snapshot: Snapshot) -> bytes | None:
        """What a C file says, once it was read."""
        from kiki_tools.stm32.kept import encoded, is_read

        return encoded(snapshot) if is_c(snapshot.path) and is_read(snapshot) else None

    def restore(self, snapshot: Snapshot, reading: bytes | None) -> bool:
        """Takes what a C file says from what was kept of it."""
        from kiki_tools.stm32.kept import is_read, restore

        if not is_c(snapshot.path) or is_read(snapshot):
            return False
        return reading is None or not restore(snapshot, reading)

    def wanted(self, snapshot: Snapshot, workspace: Workspace) -> Sequence[str]:
        """The project's settings and its other C files."""
        from kiki_tools.stm32.names import is_startup, sources_near
        from kiki_tools.stm32.project import is_firmware, settings, siblings

        if not is_firmware(snapshot):
            return []
        known = {**workspace.snapshots, **workspace.unreadable}
        near = sources_near(snapshot.path) if is_startup(snapshot.path) else siblings(snapshot.path)
        return [path for path in dict.fromkeys((*settings(snapshot.path), *near)) if path not in known]

    def diagnostics(self, snapshot: Snapshot, workspace: Workspace, *, patient: bool = True) -> Sequence[Diagnostic]:
        """What is wrong for the chip."""
        from kiki_tools.stm32.checks import diagnose

        return diagnose(snapshot, workspace)

    def symbols(self, snapshot: Snapshot) -> Sequence[Symbol]:
        """Nothing: clangd's."""
        return []

    def hover(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Hover | None:
        """What a pin, register, field, peripheral, interrupt, or name of ST's drivers is."""
        from kiki_tools.stm32.explain import hover

        return hover(snapshot, offset, workspace)

    def completions(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Sequence[Completion]:
        """What the chip allows at the place."""
        from kiki_tools.stm32.completion import completions

        return completions(snapshot, offset, workspace)

    def continuation(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Continuation | None:
        """A line, or several in a block that was just opened; the heads of functions and the handles."""
        from kiki_tools.stm32.continuation import continuation

        return continuation(snapshot, offset, workspace)

    def objections(self, snapshot: Snapshot, within: Span, workspace: Workspace) -> Sequence[str]:
        """Syntax that doesn't hold together; names that neither the project nor its headers know."""
        from kiki_tools.stm32.continuation import objections

        return objections(snapshot, within, workspace)

    def describe(self, snapshot: Snapshot, name: str, kind: str, workspace: Workspace) -> str:
        """What the project's headers say of a proposal."""
        from kiki_tools.stm32.explain import described

        return described(name, workspace)

    def definition(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Sequence[Location]:
        """Nothing: clangd's."""
        return []

    def references(
        self, snapshot: Snapshot, offset: int, workspace: Workspace, *, declaration: bool = True
    ) -> Sequence[Location]:
        """Nothing: clangd's."""
        return []

    def highlights(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Sequence[Span]:
        """Nothing: clangd's."""
        return []

    def prepare_rename(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Span | None:
        """Nothing: clangd's."""
        return None

    def rename(self, snapshot: Snapshot, offset: int, new: str, workspace: Workspace) -> Mapping[str, Sequence[Edit]]:
        """Nothing: clangd's."""
        raise NotRenamed("names in C are renamed by clangd")

    def foldings(self, snapshot: Snapshot) -> Sequence[Folding]:
        """Nothing: clangd's."""
        return []

    def selections(self, snapshot: Snapshot, offset: int) -> Sequence[Span]:
        """Nothing: clangd's."""
        return []

    def tokens(self, snapshot: Snapshot, within: Span | None = None) -> Sequence[Token]:
        """Nothing: clangd's."""
        return []

    def hints(self, snapshot: Snapshot, within: Span, workspace: Workspace) -> Sequence[Hint]:
        """What the clocks come to."""
        from kiki_tools.stm32.hints import hints

        return hints(snapshot, within, workspace)

    def signature(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Signature | None:
        """How the HAL's or LL's function at the place is called."""
        from kiki_tools.stm32.signatures import signature

        return signature(snapshot, offset, workspace)

    def format(self, snapshot: Snapshot, within: Span | None = None) -> Sequence[Edit]:
        """Nothing: clang-format's."""
        return []

    def links(self, snapshot: Snapshot, workspace: Workspace) -> Sequence[Link]:
        """Nothing: clangd's."""
        return []

    def lenses(self, snapshot: Snapshot, workspace: Workspace) -> Sequence[Lens]:
        """What the vector table handles, where a handler stands in it, and the pin-out."""
        from kiki_tools.stm32.names import lenses

        return lenses(snapshot, workspace)

    def names(self, snapshot: Snapshot) -> Sequence[Symbol]:
        """The peripherals, pins and handlers of a file, for the workspace's list of names."""
        from kiki_tools.stm32.names import names

        return names(snapshot)

    def callee(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Callee | None:
        """Nothing: clangd's."""
        return None

    def calls(
        self, snapshot: Snapshot, path: str, offset: int, workspace: Workspace, *, incoming: bool
    ) -> Sequence[Call]:
        """Nothing: clangd's."""
        return []


def is_c(path: str) -> bool:
    """Whether a file is C by its name."""
    return path.endswith((".c", ".h"))


STM32 = Stm32Service()
