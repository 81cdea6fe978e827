"""Findings in the forms that CI reads."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kiki_core.checking import Finding
from kiki_core.reports import github, junit, sarif
from kiki_tools.language import Diagnostic
from kiki_tools.text import Position, Range, Span


def finding(path: str, message: str = "there is no .subckt foo") -> Finding:
    at = Position(4, 7)
    return Finding(Diagnostic(path, Span(0, 3), "error", "SP203", message), Range(at, at))


def uri(path: str) -> str:
    (result,) = json.loads(sarif([finding(path)]))["runs"][0]["results"]
    return str(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])


def test_files_are_named_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    inside = str(tmp_path / "boards" / "a b%.cir")
    assert uri(inside) == "boards/a%20b%25.cir"
    assert uri("/elsewhere/a b.cir") == "file:///elsewhere/a%20b.cir"
    assert github([finding(inside)]).startswith("::error file=boards/a b%25.cir,line=5,col=8,title=SP203::")


def test_a_file_name_cannot_end_the_annotations_properties() -> None:
    said = github([finding("/x/a,line=1:b.cir", "one\r\ntwo")])
    assert said == "::error file=/x/a%2Cline=1%3Ab.cir,line=5,col=8,title=SP203::one%0D%0Atwo"


def test_control_characters_of_a_file_leave_junit_readable() -> None:
    suite = ElementTree.fromstring(junit([finding("/x/a.cir", "no model \x01\x1b[31m")]))
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == "no model \ufffd\ufffd[31m"
