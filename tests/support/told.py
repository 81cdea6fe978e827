"""What kiki tells of one C file, or of a small project, for a device."""

from collections.abc import Mapping
from pathlib import Path

from kiki_tools.language import Diagnostic
from kiki_tools.stm32.service import STM32
from kiki_tools.workspace import Files, gather, read_snapshot


def told(folder: Path, files: Mapping[str, str] | str, device: str = "STM32F446xx") -> list[tuple[str, str, str]]:
    """The diagnostics of all files, hints of ignored statuses aside: code, the line's text, message."""
    named = {"main.c": files} if isinstance(files, str) else files
    return [
        (one.code, line.strip(), one.message)
        for line, one in diagnosed(folder, named, device)
        if one.code not in ("ST503", "ST001")
    ]


def diagnosed(folder: Path, files: Mapping[str, str], device: str) -> list[tuple[str, Diagnostic]]:
    """The diagnostics of all files, each with the text of its line."""
    (folder / "compile_flags.txt").write_text(f"-D{device}\n-DHSE_VALUE=8000000\n")
    for name, text in files.items():
        (folder / name).write_text('#include "main.h" /* STM32 */\n' + text)
    known = Files()
    found = []
    for name in files:
        if name.endswith(".c"):
            snapshot = read_snapshot(folder / name)
            lines = snapshot.text.split("\n")
            for one in STM32.diagnostics(snapshot, gather(STM32, snapshot, files=known)):
                found.append((lines[snapshot.line_of(one.span.start)], one))
    return found
