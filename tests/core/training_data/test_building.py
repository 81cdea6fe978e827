"""`kiki data build`: the same seed gives the same pairs, wherever it was stopped; what a tool refuses is left out."""

import json
import subprocess
import sys
from contextlib import aclosing

import pytest

from kiki_core.errors import KikiError
from kiki_core.training import pairs as training
from kiki_core.training.data import building, datasheet, folders, tools
from kiki_core.training.data.building import JOURNAL, Built
from kiki_core.training.data.model import Draft


async def built(folder, count=4, jobs=1, drafts=None, stop_after=None, seed=5):
    steps = building.build("spice-sim", count, seed, folder, jobs, drafts)
    async with aclosing(steps):
        number = 0
        async for step in steps:
            if isinstance(step, Built):
                return step
            number += 1
            if number == stop_after:
                return None
    raise AssertionError("a build ends with the whole")


def digest(of):
    return training.digest([one.pair for one in of.kept()])


async def test_a_stopped_build_goes_on_and_gives_what_one_at_a_stretch_gives(tmp_path):
    whole = await built(tmp_path / "whole", count=5)
    await built(tmp_path / "parts", count=5, jobs=3, stop_after=2)
    journal = tmp_path / "parts" / JOURNAL
    journal.write_bytes(journal.read_bytes() + b'{"place": 2, "kind": "half a li')
    resumed = await built(tmp_path / "parts", count=5, jobs=2)
    assert resumed.resumed == 2
    assert digest(resumed) == digest(whole)
    assert datasheet.page(resumed) == datasheet.page(whole)


async def test_a_journal_of_another_seed_isnt_gone_on_with(tmp_path):
    one = await built(tmp_path, count=2)
    other = await built(tmp_path, count=2, seed=6)
    assert other.resumed == 0
    assert digest(one) != digest(other)


class Planted:
    """A generator whose every second deck has another corner than it says."""

    VERSION = 1

    def draft(self, random, place):
        f = 1000 + place
        r = 1 / (6.2832 * f * 1e-8) * (1 if place % 2 else 2)
        deck = f"* RC at {f} Hz\nV1 in 0 AC 1\nR1 in out {r:.1f}\nC1 out 0 10n\n.ac dec 50 10 100k\n.end\n"
        wants = [{"quantity": "corner", "low": f * 0.95, "high": f * 1.05}]
        check = {"kind": "circuit", "devices": "RC", "wants": wants}
        return Draft("rc", f"rc/{place}", "en", f"RC low-pass at {f} Hz", f"```spice\n{deck}```", check)


async def test_what_the_tool_refuses_is_left_out_and_counted(tmp_path):
    found = await built(tmp_path, count=3, drafts=Planted())
    assert [one.place for one in found.kept()] == [1, 3, 5]
    assert found.refused() == {"missed: corner": 3}
    assert "| missed: corner | 3 |" in datasheet.page(found)


class Hopeless(Planted):
    """One that never meets what it says."""

    def draft(self, random, place):
        return super().draft(random, 2 * place)


async def test_a_build_that_keeps_nothing_gives_up(tmp_path, monkeypatch):
    monkeypatch.setattr(building, "_HOPELESS", 3)
    with pytest.raises(KikiError, match=r"most often: missed: corner"):
        await built(tmp_path, count=1, drafts=Hopeless())


class Repeating(Planted):
    """One that asks the same thing again and again, in other letters."""

    def draft(self, random, place):
        draft = super().draft(random, 1 if place < 3 else place | 1)
        return Draft("rc", draft.group, "en", draft.instruction.upper() if place == 2 else draft.instruction,
                     draft.answer, draft.check)  # fmt: skip


async def test_nothing_is_asked_twice(tmp_path):
    found = await built(tmp_path, count=2, drafts=Repeating())
    assert [one.place for one in found.kept()] == [0, 3]
    assert found.refused() == {"asked before": 2}


class Broken(Planted):
    """One whose broken deck has nothing wrong with it, then one that has."""

    def draft(self, random, place):
        draft = super().draft(random, 1)
        broken = draft.answer if place == 0 else draft.answer.replace("C1 out", "C1 ot")
        return Draft("mend", "mend", "en", f"{place}: {{said}}", draft.answer, draft.check, broken)


async def test_a_question_about_a_fault_has_the_tools_own_words(tmp_path):
    found = await built(tmp_path, count=1, drafts=Broken())
    assert found.refused() == {"its fault goes unnoticed": 1}
    assert "corner" in found.kept()[0].pair.instruction
    assert "{said}" not in found.kept()[0].pair.instruction


async def test_two_builds_dont_share_a_folder(tmp_path):
    steps = building.build("spice-sim", 2, 1, tmp_path)
    async with aclosing(steps):
        await anext(steps)
        with pytest.raises(KikiError, match="another build works"):
            await built(tmp_path)


@pytest.mark.parametrize(
    ("domain", "program", "told"),
    [
        ("spice-sim", "ngspice", "needs ngspice"),
        ("stm32", "gcc", "needs arm-none-eabi-gcc"),
        ("kicad-dsl", "kicad", "needs kicad-cli"),
    ],
)
def test_a_missing_tool_is_told(domain, program, told, monkeypatch):
    monkeypatch.setattr("kiki_tools.spice.ngspice.find", lambda: None)
    monkeypatch.setattr("kiki_tools.stm32.compiler.find", lambda: None)
    monkeypatch.setattr("kiki_tools.kicad.installation.find", lambda: None)
    with pytest.raises(KikiError, match=told):
        tools.versions(domain)


def kiki(*words):
    return subprocess.run(
        [sys.executable, "-m", "kiki_core.cli", "data", "build", *words], capture_output=True, text=True
    )


def test_the_command_writes_pairs_and_a_page_and_checks_them_again(tmp_path):
    ran = kiki("spice-sim", "--count", "2", "--out", str(tmp_path), "--json")
    events = [json.loads(line) for line in ran.stdout.splitlines()]
    assert (ran.returncode, ran.stderr) == (0, "")
    assert [event["event"] for event in events][-1] == "built"
    file = tmp_path / "pairs.jsonl"
    pairs = training.read(file)
    assert events[-1]["sha256"] == training.digest(pairs)
    assert events[-1]["sha256"] in (tmp_path / "README.md").read_text()
    assert all(pair.domain == "spice-sim" and pair.licence == "Apache-2.0" for pair in pairs)
    assert kiki("spice-sim", "--out", str(tmp_path), "--check-only").returncode == 0
    file.write_text(file.read_text().replace(".end", ".option nonsense\\nR9 out 0\\n.end"))
    again = kiki("spice-sim", "--out", str(tmp_path), "--check-only")
    assert again.returncode == 1
    assert "ngspice refuses it" in again.stdout


def test_a_domain_without_a_tool_is_refused():
    ran = kiki("chat-fr")
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "no tool verifies answers of 'chat-fr'" in ran.stderr


async def test_own_files_come_first_as_far_as_their_licence_and_ngspice_permit(tmp_path):
    files = tmp_path / "files"
    files.mkdir()
    deck = "V1 in 0 1\nR1 in out 1k\nR2 out 0 1k\n.op\n.end\n"
    (files / "a.cir").write_text("* Divider by two\n" + deck)
    (files / "b.cir").write_text("* Another divider\n* SPDX-License-Identifier: GPL-3.0-only\n" + deck)
    (files / "c.cir").write_text("* A broken divider\n" + deck.replace("out 1k", "out"))
    (files / "d.cir").write_text("* 1\n" + deck)
    drafts = folders.folder("spice-sim", files, "MIT", building.generator("spice-sim"))
    found = await built(tmp_path / "out", count=2, drafts=drafts)
    pair = found.kept()[0].pair
    assert (pair.instruction, pair.source, pair.licence) == (
        "Write the ngspice netlist of: Divider by two",
        "a.cir",
        "MIT",
    )
    assert found.refused() == {"its licence doesn't permit training": 1, "ngspice refuses it": 1, "nothing drafted": 1}
    assert found.kept()[1].pair.source == "kiki data build"


def test_a_folder_needs_a_licence_that_permits_it(tmp_path):
    for licence in ("", "GPL-3.0-only", "CC-BY-NC-4.0"):
        with pytest.raises(KikiError, match="doesn't permit training"):
            folders.folder("spice-sim", tmp_path, licence, building.generator("spice-sim"))
