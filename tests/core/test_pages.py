"""Every diagnostic has its page, and the pages are current."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_the_pages_are_current() -> None:
    pages = runpy.run_path(str(ROOT / "scripts" / "diagnostic_pages.py"))["pages"]()
    written = {path.name: path.read_text() for path in (ROOT / "docs" / "diagnostics").glob("*.md")}
    assert written == pages
