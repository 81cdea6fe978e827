"""What compiled firmware takes: as `size` counts, and the stack of each function."""

import asyncio
import subprocess
from pathlib import Path

import pytest

from kiki_tools.language import Workspace
from kiki_tools.stm32.compiler import report
from kiki_tools.stm32.sizes import NoElf, Report, frames, lenses, sections
from kiki_tools.text import Snapshot

SOURCE = """/* STM32F446xx */
int table[100];
int start = 7;
static int grows(int count) { volatile char room[count]; room[0] = 1; return room[0]; }
int deep(int count)
{
  volatile char buffer[400];
  for (int i = 0; i < 400; i++) buffer[i] = (char)count;
  return buffer[count] + grows(count) + table[count] + start;
}
"""


def test_sections_are_counted_as_size_counts(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text(SOURCE)
    compiler = ["arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-Os", "-c", "a.c"]
    subprocess.run(compiler, cwd=tmp_path, check=True)
    said = subprocess.run(["arm-none-eabi-size", "a.o"], cwd=tmp_path, check=True, capture_output=True, text=True)
    expected = tuple(int(word) for word in said.stdout.splitlines()[1].split()[:3])
    assert sections((tmp_path / "a.o").read_bytes()) == expected


def test_a_file_is_reported_with_its_frames() -> None:
    snapshot = Snapshot(SOURCE, "/p/a.c")
    found, taken = asyncio.run(report(snapshot, Workspace({"/p/a.c": snapshot})))
    assert (found, taken is not None) == ([], True)
    assert taken is not None
    assert (taken.data, taken.bss) == (4, 400)
    deep = next(each for each in taken.frames if each.name == "deep")
    assert (deep.line, deep.bytes >= 400) == (4, True)
    shown = {lens.title: snapshot.line_of(lens.span.start) for lens in lenses(taken, snapshot)}
    assert shown[f"text {taken.text}, data 4, bss 400 bytes"] == 0
    assert shown[str(deep)] == 4


def test_what_does_not_compile_has_diagnostics_and_no_report() -> None:
    snapshot = Snapshot("/* STM32 */\nint f(void) { return missing; }\n", "/p/a.c")
    found, taken = asyncio.run(report(snapshot, Workspace({"/p/a.c": snapshot})))
    assert (found[0].severity, taken) == ("error", None)


def test_frames_that_grow_are_told() -> None:
    usage = "/p/a.c:4:5:f\t24\tdynamic\n/p/a.c:9:1:g\t8\tdynamic,bounded\n"
    usage += "/p/b.h:1:1:h\t0\tstatic\n/p/a.c:12:1:k\t16\tstatic\n"
    assert [str(each) for each in frames(usage, "/p/a.c")] == [
        "stack 24 bytes, and more while it runs", "stack 8 bytes, at most", "stack 16 bytes",
    ]  # fmt: skip


def test_a_report_of_other_text_does_no_harm() -> None:
    far = next(frames("/p/a.c:900:1:f\t24\tstatic\n", "/p/a.c"))
    assert len(lenses(Report(1, 2, 3, (far,)), Snapshot("int x;\n", "/p/a.c"))) == 1


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"\x7fELF\x01\x01" + b"\xff" * 60, b"MZ" * 40])
def test_what_is_no_elf_is_refused(content: bytes) -> None:
    with pytest.raises(NoElf):
        sections(content)
