"""Custom design rules: what would make KiCad drop the whole file, and what never holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kiki_tools.kicad.syntax import Document
from kiki_tools.language import Workspace

if TYPE_CHECKING:
    from kiki_tools.kicad.diagnostics import Finding


def check(document: Document, workspace: Workspace) -> Iterator[Finding]:
    """All findings in a rules file beyond its syntax."""
    return iter(())
