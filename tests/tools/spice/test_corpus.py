"""Real netlists that nobody here wrote, where they lie beside the project; else there is nothing to test."""

import json
from pathlib import Path
from typing import Any

import pytest

from kiki_tools.language import Diagnostic
from kiki_tools.spice.cards import parse
from kiki_tools.spice.service import SPICE
from kiki_tools.text import Snapshot
from kiki_tools.workspace import Unreadable, gather, read_snapshot

CORPUS = Path(__file__).parents[4] / "shared" / "corpus"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus isn't here")
NETLISTS = (".cir", ".sp", ".spice", ".lib", ".net", ".mod", ".pm")


def lines(file: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CORPUS / "spice" / file).read_text().splitlines()]


def told(path: Path) -> tuple[Snapshot, list[Diagnostic]]:
    snapshot = read_snapshot(path)
    return snapshot, list(SPICE.diagnostics(snapshot, gather(SPICE, snapshot)))


def test_clean_decks_have_no_error() -> None:
    wrong = []
    for deck in lines("ngspice46_labels.jsonl"):
        if deck["kind"] == "deck" and deck["status"] == "ok":
            snapshot, found = told(CORPUS / deck["path"])
            # A file that the corpus lacks stops ngspice too, whatever it said where the file was there.
            errors = [one for one in found if one.severity == "error" and one.code != "SP206"]
            wrong += [(deck["path"], snapshot.line_of(one.span.start) + 1, one.message) for one in errors]
    assert wrong == []


def test_planted_faults_are_found_at_their_line() -> None:
    faults = lines("mutants/labels.jsonl")
    missed = []
    for fault in faults:
        snapshot, found = told(CORPUS / "spice" / "mutants" / fault["file"])
        before = {(one.code, one.message) for one in told(CORPUS / fault["base"])[1]}
        here = [one for one in found if snapshot.line_of(one.span.start) + 1 == fault["line"]]
        if not any((one.code, one.message) not in before for one in here):
            missed.append((fault["file"], fault["fault"]))
    assert len(missed) <= 0.05 * len(faults), missed


def test_formatting_changes_no_word_of_any_file() -> None:
    for path in sorted((CORPUS / "spice").rglob("*")):
        if path.suffix.lower() not in NETLISTS:
            continue
        try:
            before = read_snapshot(path)
        except Unreadable:
            continue
        after = before.edited(SPICE.format(before))
        assert after.edited(SPICE.format(after)).text == after.text, path
        words = [[[word.text for word in card.words] for card in parse(text).cards] for text in (before, after)]
        assert words[0] == words[1], path
