"""Real KiCad files that nobody here wrote, and what KiCad 9 says of them."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from kiki_tools.kicad.codes import RULES
from kiki_tools.kicad.diagnostics import syntax
from kiki_tools.kicad.drawing import svg
from kiki_tools.kicad.netlist import nets
from kiki_tools.kicad.paths import context_of
from kiki_tools.kicad.service import KICAD
from kiki_tools.kicad.sexpr import pieces, starts
from kiki_tools.kicad.syntax import document_of
from kiki_tools.language import Diagnostic
from kiki_tools.text import Snapshot
from kiki_tools.workspace import Unreadable, gather, read_snapshot

CORPUS = Path(__file__).parents[4] / "shared" / "corpus"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus isn't here")
KINDS = ("kicad_sch", "kicad_pcb", "kicad_sym", "kicad_mod", "kicad_dru", "kicad_wks")


def lines(file: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CORPUS / "kicad" / file).read_text().splitlines()]


def files() -> Iterator[Snapshot]:
    for path in sorted((CORPUS / "kicad").rglob("*")):
        if path.suffix[1:] in KINDS or path.name in ("sym-lib-table", "fp-lib-table"):
            try:
                yield read_snapshot(path)
            except Unreadable:
                continue


def told(path: Path) -> tuple[Snapshot, list[Diagnostic]]:
    snapshot = read_snapshot(path)
    return snapshot, list(KICAD.diagnostics(snapshot, gather(KICAD, snapshot), patient=False))


def test_every_byte_of_every_file_is_in_a_piece_or_is_white() -> None:
    for snapshot in files():
        for chunk in snapshot.chunks:
            at = 0
            for start, piece in zip(starts(chunk), pieces(chunk), strict=True):
                assert not chunk.text[at:start].strip(), snapshot.path
                at = start + len(piece)
            assert not chunk.text[at:].strip(), snapshot.path


def test_what_kicad_loads_has_no_error_of_syntax() -> None:
    wrong = []
    for entry in [*lines("kicad9_load.jsonl"), *lines("kicad9_erc.jsonl")]:
        if entry["load"] == "ok":
            snapshot = read_snapshot(CORPUS / entry["path"])
            document = document_of(snapshot)
            for finding in syntax(document):
                if (finding.severity or RULES[finding.code].severity) == "error":
                    wrong.append((entry["path"], snapshot.line_of(finding.span.start) + 1, finding.message))
    assert wrong == []


def test_what_kicad_refuses_is_told() -> None:
    for entry in [*lines("kicad9_load.jsonl"), *lines("kicad9_erc.jsonl")]:
        if entry["load"] == "refused" and entry["refusal_reason"] in ("content", "no_version_header"):
            _, found = told(CORPUS / entry["path"])
            assert any(one.severity == "error" and one.code < "KC300" for one in found), entry["path"]


def test_nets_are_those_of_kicad() -> None:
    same = total = 0
    for entry in lines("netlists/index.jsonl"):
        snapshot = read_snapshot(CORPUS / entry["path"])
        context = context_of(snapshot, gather(KICAD, snapshot))
        ours = {frozenset(pins) for pins in nets(context.design).values()}
        root = ElementTree.parse(CORPUS / entry["xml"]).getroot()
        for net in root.iter("net"):
            total += 1
            same += frozenset((node.get("ref"), node.get("pin")) for node in net.iter("node")) in ours
    assert same >= 0.995 * total


CONNECTIVITY = {
    "pin_not_connected", "pin_not_driven", "power_pin_not_driven", "pin_to_pin", "no_connect_dangling",
    "no_connect_connected", "label_dangling", "global_label_dangling", "wire_dangling", "multiple_net_names",
    "hier_label_mismatch", "same_local_global_label", "missing_unit", "missing_input_pin", "missing_power_pin",
}  # fmt: skip


def test_rules_are_broken_where_kicad_says() -> None:
    ours: Counter[tuple[str, str]] = Counter()
    theirs: Counter[tuple[str, str]] = Counter()
    for entry in lines("kicad9_erc.jsonl"):
        if entry["load"] != "ok":
            continue
        path = CORPUS / entry["path"]
        _, found = told(path)
        ours.update((entry["path"], one.rule) for one in found if one.rule in CONNECTIVITY)
        theirs.update((entry["path"], each["type"]) for each in entry["violations"] if each["type"] in CONNECTIVITY)
    for rule in sorted(CONNECTIVITY):
        here = {key: count for key, count in ours.items() if key[1] == rule}
        there = {key: count for key, count in theirs.items() if key[1] == rule}
        both = sum(min(count, there.get(key, 0)) for key, count in here.items())
        assert both >= 0.95 * sum(here.values()), (rule, here, there)
        assert both >= 0.95 * sum(there.values()), (rule, here, there)


def test_planted_faults_are_found_where_they_show() -> None:
    faults = lines("mutants/labels.jsonl")
    missed = []
    for fault in faults:
        base = CORPUS / fault["base"]
        text = (CORPUS / "kicad" / "mutants" / fault["file"]).read_text()
        mutant = Snapshot(text, str(base))
        before = {(one.code, one.message) for one in told(base)[1]}
        found = KICAD.diagnostics(mutant, gather(KICAD, mutant, {mutant.path: mutant}), patient=False)
        new = [one for one in found if (one.code, one.message) not in before and one.path == mutant.path]
        line = [mutant.line_of(one.span.start) + 1 for one in new]
        if not any(at == fault["line"] for at in line) and fault["fault"] not in ("wire_removed", "label_dangling"):
            missed.append((fault["file"], fault["line"], [(one.code, at) for one, at in zip(new, line, strict=True)]))
        elif not new:
            missed.append((fault["file"], fault["line"], []))
    assert missed == []


def test_every_file_can_be_drawn() -> None:
    for snapshot in files():
        if (
            snapshot.path.endswith((".kicad_sch", ".kicad_sym", ".kicad_mod", ".kicad_pcb"))
            and len(snapshot.text) < 500_000
        ):
            ElementTree.fromstring(svg(snapshot))
