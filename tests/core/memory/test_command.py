"""`kiki memory` as other programs use it."""

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kiki_core.cli import main

KIKI = Path(sys.executable).with_name("kiki")


class Aeon:
    """`kiki memory` in this process, as `main` runs it: starting Python anew for each command costs a second."""

    def __init__(self, home: Path, patch: pytest.MonkeyPatch) -> None:
        self.home = home
        self.cwd = home / "somewhere"
        self.cwd.mkdir()
        self._patch = patch
        patch.setenv("KIKI_HOME", str(home))
        patch.setenv("KIKI_CONFIG", str(home / "config.toml"))
        patch.chdir(self.cwd)

    def __call__(self, *arguments: object, given: str = "", fails: bool = False, status: int = 0) -> Any:
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
        self._patch.setattr(sys, "argv", ["kiki", "memory", *map(str, arguments)])
        self._patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode()), "utf-8"))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
        said, told = ((stream.flush(), stream.buffer.getvalue().decode())[1] for stream in (out, err))  # type: ignore[attr-defined,func-returns-value]
        if fails:
            assert ended.value.code == 2
            (line,) = told.splitlines()
            assert line.startswith("kiki: ")
            return line
        assert ended.value.code == status, told
        return [json.loads(line) for line in said.splitlines()]


@pytest.fixture
def aeon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Aeon:
    return Aeon(tmp_path, monkeypatch)


def test_add_recall_walk_show_and_forget(aeon: Aeon) -> None:
    (added,) = aeon("add", "The 3.3 V rail is made by a TPS62840", "--ref", "rail")
    assert list(added) == ["id"]
    aeon("add", "The radio hangs on the 3.3 V rail", "--ref", "radio", "--link", "causal:rail", "--session", "s1")
    ((best, *_),) = aeon("recall", "what makes the 3.3 V rail?", "--k", 2)
    assert {"id", "ref", "text", "score", "domain", "time", "session", "why"} <= set(best)
    assert best["ref"] == "rail"
    (step,) = aeon("walk", "rail", "--direction", "in")
    assert (step["ref"], step["kind"]) == ("radio", "causal")
    assert aeon("show", added["id"][:10])[0]["text"] == "The 3.3 V rail is made by a TPS62840"
    assert aeon("pin", "rail")[0]["pinned"] is True
    aeon("edit", "rail", "The 3.3 V rail is made by a TPS62843")
    assert [one["ref"] for one in aeon("list", "--session", "s1")] == ["radio"]
    assert aeon("forget", "radio")[0]["forgotten"]
    assert [one["ref"] for one in aeon("list")] == ["rail"]
    (figures,) = aeon("stats")
    assert figures["episodes"] == 1
    assert figures["pinned"] == 1


def test_streams_answer_each_line_in_order(aeon: Aeon) -> None:
    lines = [
        {
            "text": "Crystal Y1 is 8 MHz",
            "session": "a",
            "time": "2026-03-01T10:00:00Z",
            "author": "Ann",
            "domain": "stm32",
            "ref": "y8",
        },
        {"text": "Crystal Y1 is 16 MHz now", "ref": "y16", "supersedes": "y8", "time": 1_774_000_000},
        {"text": "The PLL is set for the crystal", "ref": "pll", "links": [{"kind": "causal", "ref": "y16"}]},
    ]
    told = aeon("add", "--jsonl", given="".join(json.dumps(line) + "\n" for line in lines))
    assert [one["ref"] for one in told] == ["y8", "y16", "pll"]
    queries = [{"query": "which crystal is Y1?", "k": 1, "session": "a"}, {"query": "PLL", "k": 1}]
    found = aeon("recall", "--jsonl", given="".join(json.dumps(query) + "\n" for query in queries))
    assert [one["query"] for one in found] == ["which crystal is Y1?", "PLL"]
    assert [one["results"][0]["ref"] for one in found] == ["y16", "pll"]
    assert all(one["elapsed_ms"] > 0 for one in found)
    exported = aeon("export")
    for line, given, answer in zip(exported, lines, told, strict=True):
        assert {**line, **given} == line
        assert line["id"] == answer["id"]


def test_a_bad_line_is_answered_in_its_place(aeon: Aeon) -> None:
    ran = subprocess.run(
        [KIKI, "memory", "add", "--jsonl"],
        input=b'{"text": "a"}\nnonsense\n{"text": "b"}\n',
        capture_output=True,
        cwd=aeon.cwd,
        env={**os.environ, "KIKI_HOME": str(aeon.home)},
    )
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [sorted(one) for one in told] == [["id", "ref"], ["error", "line"], ["id", "ref"]]
    assert told[1]["line"] == 2
    assert ran.returncode == 1
    (found,) = aeon("recall", "--jsonl", given='{"question": 3}\n', status=1)
    assert found["results"] == []
    assert "query" in found["error"]


def test_a_line_is_durable_when_it_is_answered_not_at_the_end(aeon: Aeon) -> None:
    writer = subprocess.Popen(
        [KIKI, "memory", "add", "--jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=aeon.cwd,
        env={**os.environ, "KIKI_HOME": str(aeon.home)},
    )
    assert writer.stdin
    assert writer.stdout
    writer.stdin.write(b'{"text": "first", "ref": "1"}\n')
    writer.stdin.flush()
    assert json.loads(writer.stdout.readline())["ref"] == "1"
    assert [one["ref"] for one in aeon("list")] == ["1"]
    writer.kill()
    writer.wait()


def test_projects_are_apart_in_the_command_too(aeon: Aeon) -> None:
    aeon("add", "alpha fuse", "--project", "a")
    aeon("add", "beta fuse", "--project", "b")
    assert [one["text"] for one in aeon("recall", "fuse", "--project", "a")[0]] == ["alpha fuse"]
    assert len(aeon("recall", "fuse", "--global")[0]) == 2
    aeon("off", "--project", "a")
    assert aeon("recall", "fuse", "--project", "a") == [[]]
    assert "off" in aeon("add", "more", "--project", "a", fails=True)
    aeon("on", "--project", "a")
    assert len(aeon("recall", "fuse", "--project", "a")[0]) == 1


def test_absence_is_an_empty_list(aeon: Aeon) -> None:
    assert aeon("recall", "anything at all") == [[]]
    aeon("add", "The enclosure is grey ABS")
    assert aeon("recall", "which bootloader version is flashed?", "--relevant") == [[]]
    assert len(aeon("recall", "what colour is the enclosure?", "--relevant")[0]) == 1


def test_export_import_and_backup(aeon: Aeon, tmp_path: Path) -> None:
    aeon("add", "one", "--ref", "1")
    aeon("add", "two", "--supersedes", "1")
    aeon("export", tmp_path / "all.jsonl")
    aeon("backup", tmp_path / "all.db")
    before = aeon("export")
    aeon("forget", "--all")
    assert aeon("list") == []
    assert aeon("import", tmp_path / "all.jsonl")[0]["imported"] == 2
    assert aeon("export") == before
    aeon("forget", "--all")
    assert aeon("import", tmp_path / "all.db")[0]["imported"] == 2
    assert aeon("export") == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["add"],
        ["add", "  "],
        ["add", "x", "--time", "soon"],
        ["add", "x", "--link", "odd:x"],
        ["recall"],
        ["recall", " "],
        ["recall", "x", "--k", "0"],
        ["recall", "x", "--since", "soon"],
        ["walk", "nothing"],
        ["show", "nothing"],
        ["edit", "nothing", "x"],
        ["forget"],
        ["forget", "nothing"],
        ["import", "/nonexistent"],
        ["nonsense"],
    ],
)
def test_wrong_input_is_told_in_one_line(aeon: Aeon, arguments: list[str]) -> None:
    (line,) = aeon(*arguments, fails=True).strip().splitlines()
    assert line.startswith("kiki: ")
    assert "; " in line, "what is wrong, and what to do"


def test_a_home_that_cannot_be_made_is_told(aeon: Aeon) -> None:
    (aeon.home / "memory").write_text("a file")
    assert "memory at" in aeon("add", "x", fails=True)
    assert "memory at" in aeon("list", fails=True)


def test_the_project_is_that_of_the_folder(tmp_path: Path) -> None:
    from kiki_core.memory.project import project_of

    (tmp_path / "board" / "fw" / "src").mkdir(parents=True)
    assert project_of(tmp_path / "board" / "fw" / "src") == ""
    (tmp_path / "board" / "b.kicad_pro").write_text("{}")
    assert project_of(tmp_path / "board" / "fw" / "src") == str(tmp_path / "board")
    (tmp_path / "board" / "fw" / ".git").mkdir()
    (tmp_path / "board" / "fw" / ".git" / "config").write_text(
        '[remote "origin"]\n\turl = git@example.org:acme/fw.git\n'
    )
    assert project_of(tmp_path / "board" / "fw" / "src") == "acme/fw"
