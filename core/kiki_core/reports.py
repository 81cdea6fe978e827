"""Findings as text, SARIF 2.1.0, GitHub annotations and JUnit."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

from kiki_core.checking import Finding
from kiki_tools.languages import rules

_LEVELS = {"error": "error", "warning": "warning", "info": "note", "hint": "note"}


def text(findings: Sequence[Finding]) -> str:
    """One line each, as compilers print them."""
    lines = []
    for finding in findings:
        one, start = finding.diagnostic, finding.range.start
        lines.append(f"{one.path}:{start.line + 1}:{start.character + 1}: {one.severity} {one.code}: {one.message}")
    return "\n".join(lines)


def as_json(findings: Sequence[Finding]) -> str:
    """The list of the contract."""
    return json.dumps([finding.to_json() for finding in findings], ensure_ascii=False)


def github(findings: Sequence[Finding]) -> str:
    """Workflow commands."""
    lines = []
    for finding in findings:
        one, start = finding.diagnostic, finding.range.start
        level = {"error": "error", "warning": "warning"}.get(one.severity, "notice")
        message = _escaped(one.message)
        file = _escaped(_from_here(one.path)).replace(":", "%3A").replace(",", "%2C")
        where = f"file={file},line={start.line + 1},col={start.character + 1}"
        lines.append(f"::{level} {where},title={one.code}::{message}")
    return "\n".join(lines)


def _from_here(path: str) -> str:
    """The path as annotations want it: from the working folder, the repository's root in CI, if it lies below."""
    here = os.getcwd()
    return os.path.relpath(path, here) if Path(path).is_relative_to(here) else path


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _uri(path: str) -> str:
    """A reference as RFC 3986 has it: relative to the working folder, else with its scheme."""
    shown = _from_here(path)
    return Path(shown).as_uri() if os.path.isabs(shown) else quote(Path(shown).as_posix())


def sarif(findings: Sequence[Finding]) -> str:
    """One run with the rules that fired."""
    known = rules()
    codes = sorted({finding.diagnostic.code for finding in findings})
    told = [{"id": code, "shortDescription": {"text": known[code].title}} for code in codes]
    results = []
    for finding in findings:
        one, start, end = finding.diagnostic, finding.range.start, finding.range.end
        region = {
            "startLine": start.line + 1, "startColumn": start.character + 1,
            "endLine": end.line + 1, "endColumn": end.character + 1,
        }  # fmt: skip
        location = {"physicalLocation": {"artifactLocation": {"uri": _uri(one.path)}, "region": region}}
        results.append(
            {
                "ruleId": one.code,
                "level": _LEVELS[one.severity],
                "message": {"text": one.message},
                "locations": [location],
            }
        )
    driver = {"name": "kiki", "version": version("micro-kiki"), "rules": told}
    run = {"tool": {"driver": driver}, "columnKind": "utf16CodeUnits", "results": results}
    return json.dumps({"version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": [run]})


def junit(findings: Sequence[Finding]) -> str:
    """A test case per finding; errors fail."""
    failures = sum(1 for finding in findings if finding.diagnostic.severity == "error")
    suite = ElementTree.Element("testsuite", name="kiki check", tests=str(len(findings)), failures=str(failures))
    for finding in findings:
        one, line = finding.diagnostic, finding.range.start.line + 1
        case = ElementTree.SubElement(suite, "testcase", name=f"{one.code} line {line}", classname=one.path)
        if one.severity == "error":
            # A message quotes the file, and XML 1.0 has no way to write most control characters.
            message = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "\ufffd", one.message)
            ElementTree.SubElement(case, "failure", message=message).text = f"{one.path}:{line}"
    return ElementTree.tostring(suite, encoding="unicode")


FORMATS = {"text": text, "json": as_json, "sarif": sarif, "github": github, "junit": junit}
