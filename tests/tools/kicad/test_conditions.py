"""Conditions and limits of design rules: what KiCad reads is no fault, and what it doesn't is told at its place."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiki_tools.kicad.conditions import Condition, parse
from kiki_tools.kicad.constraint_values import parse_count, parse_value
from kiki_tools.kicad.dru_vocabulary import CONSTRAINTS, FUNCTIONS, ITEMS, PROPERTIES
from kiki_tools.kicad.schema import root_form

HOLDING = [
    "",
    "A.Type == 'Via'",
    "A.TYPE == 'vi*' && A.isplated()",
    "'Via' == A.Type",
    "A .Type=='Via'&&A. Diameter==0.8 mm",
    "A.Diameter >= 31mil && A.Hole <= 0.0158in",
    "A.Diameter == (0.4+0.4)*1mm",
    "A.Diameter >= 0,8mm",
    "A.Diameter == 800000",
    "A.Hole / A.Diameter < 0.6",
    "A.Via_Type == 'Thr?ugh' || A.Via_Type == 'Blind/buried'",
    "!A.isMicroVia() && !(A.Locked == 1)",
    "!!A.isPlated()",
    "A.isMicroVia() == 0",
    "(A.Type == 'Via') == 1",
    "((((A.Type == 'Via'))))",
    "(A).Type == 'Via' && A.(Type) == 'Via'",
    "A.NetName == 'N1' && A.NetClass == 'Default' && A.hasExactNetclass('Default')",
    "A.Net_Class == A.Net_Class && A.Net == A.Net",
    "A.Position_X > -1mm && -A.Position_X < 1mm",
    "A.Pad_Type != '' || A.Type == 'Via'",
    "A.getField('Value') == ''",
    "null == NULL",
    "1.5mm == 1.5mm",
    "1 -1mm",
    "A.existsOnLayer('F.Cu')",
    "A.Type == 'Via' && !A.intersectsArea('under*') && !A.fromTo('U1-1', 'U2-*')",
    "!AB.isCoupledDiffPair() && A.Type == 'Via'",
    "A.Layer_Top == 'F.Cu'",
    "A.Front_tenting == 'From design rules'",
]
"""Conditions that KiCad reads, and that hold for a via."""

ACCEPTED = [
    "A.inDiffPair('*') && L == 'F.Cu'",
    "A.Soldermask_Margin_Override == null",
    "A.Type == '*Text' && B.Type == A.Type",
    "A.memberOfFootprint('${Class:HV}') || A.insideCourtyard('U3')",
    "A.Pin_Type == 'passive+no_connect' || A.Pin_Type == 'Power*'",
    "A.Fabrication_Property == 'Castellated pad' && A.Hole_Size_X != A.Hole_Size_Y",
    "A.Pad_Type == 'NPTH, mechanical'",
    "A.Orientation == 90 || A.Orientation == 90deg",
    "A.memberOfSheetOrChildren('/power') && A.hasComponentClass('it\\'s')",
    "A.NetClass == 'DDR4_CMD' && A.fromTo('IC14-*','IC13-*' )",
    "AB.Width > 0.1mm",
    "A.isBlindVia()",
]

FAULTS = {
    "A.«NetClas» == 'HV'": "error: unknown property NetClas; did you mean NetClass?",
    "A.«Origin_X» > 1mm": "error: unknown property Origin_X; did you mean Start_X?",
    "A.«Priority» == 1": "error: KiCad's conditions can't read the priority of a zone",
    "A.«isPlated»": "error: isPlated is a function: write isPlated()",
    "A.«Locked()»": "error: Locked is a property: it takes no parentheses",
    "A.«insideAera»('x')": "error: unknown function insideAera; did you mean insideArea?",
    "A.«fromTo('a')»": "error: fromTo takes from, to; 1 given",
    "A.«isPlated('x')»": "error: isPlated takes nothing; 1 given",
    "A.«hasNetclass()»": "error: hasNetclass takes class; nothing given",
    "A.hasNetclass(«''»)": "error: hasNetclass needs the class; this one is empty",
    "«isPlated»()": "error: isPlated is asked of an object: A.isPlated(…)",
    "«a».Type == 'Via'": "error: KiCad knows no object a; did you mean A?",
    "«C».Type == 'Via'": "error: KiCad knows no object C: there are A, B, AB and L",
    "«NetName» == 'N1'": "error: whose NetName? write A.NetName",
    "A.NetName == «N1»": "error: KiCad knows no N1: a string stands in single quotes, 'N1'",
    "A.Locked == «true»": "error: KiCad knows no true: write 1",
    "«A.Parent».Reference == 'R1'": "error: what stands before this dot is no object: there are A, B, AB and L",
    "AB.«NetName» == 'N1'": "error: AB has no NetName: ask A or B",
    "«A.Type == 'Via', 1»": "error: a comma stands only between the arguments of a function",
}
"""What KiCad's own check complains of, marked in the condition."""

UNREADABLE = {
    "A.NetName «=» 'N1'": "KiCad can't read =: write ==",
    "A.NetName «===» 'N1'": "KiCad can't read ===: write ==",
    "A.Width «=<» 1mm": "KiCad can't read =<: write <=",
    "A.Width «<>» 1mm": "KiCad writes unequal as !=",
    "A.Locked «&» B.Locked": "KiCad can't read &: write &&",
    "A.Locked «and» B.Locked": "KiCad writes and as &&",
    "(A.Locked «or» B.Locked)": "KiCad writes or as ||",
    "«not» A.Locked": "KiCad writes not as !",
    "A.Type == 'Via' && «(»A.NetName == 'N1'": "this ( is closed nowhere",
    "A.Type == 'Via'«)»": "this ) closes nothing",
    "A.Type «==»": "something is missing behind ==",
    "A.Locked «||» ": "something is missing behind ||",
    "(A.Type «==»)": "something is missing behind ==",
    "«==» 'Via'": "something is missing before ==",
    "A.Locked && «()»": "nothing stands in these parentheses",
    "A.Via «Type» == 'Micro'": "an operator is missing before Type",
    "A.Width > 1mm «>» 0mm": "a comparison can't follow another: join them with &&, or set parentheses before >",
    "A.Width > 0.1«um»": "KiCad knows no unit um: write mm (1000 um are 1mm)",
    "A.Width > 4«thou»": "KiCad knows no unit thou: write mil",
    "A.Width > 1«MM»": "KiCad knows no unit MM: write mm",
    "A.Width > 1«e»-1mm": "KiCad reads no exponents here",
    "A.Width > «.»1mm": "an object stands before a dot, and digits before a decimal point",
    "A.«in» == 1": "in is a unit: a number stands before it",
    "A.Type«\t»== 'Via'": "KiCad can't read a tab here: only blanks separate words",
    'A.Type == «"»Via"': "strings stand in single quotes here",
    "A.Type == 'Via'«;»": "KiCad can't read ; here",
}
"""What doesn't parse, so that KiCad 10 drops the file."""

DOUBTFUL = {
    "A.NetName == «5»": "warning: A.NetName is a string: it never compares with a number",
    "A.NetName != «5mm»": "warning: A.NetName is a string: it always differs from a number",
    "A.Width == «'wide'»": "warning: A.Width is a number: it never compares with a string",
    "A.Net == «'N1'»": "warning: Net is the number of a net: its name is A.NetName",
    "«!A.Type» == 'Via'": "warning: ! takes only A.Type: write !(…) around the comparison",
    "A.Type == «'Vias'»": "warning: Type is never 'Vias'; did you mean 'Via'?",
    "A.Pad_Type == «'THT'»": "warning: Pad_Type is never 'THT'",
    "A.Width > «0.2»": "warning: 0.2 without a unit is in nm: write 0.2mm",
    "«'V*'» == A.Type": "warning: * and ? match anything only in the string on the right",
    "A.NetName «<» 'N1'": "warning: KiCad knows no order of strings",
    "«A»": "warning: A is a whole object, which is never true",
    "«A» == B": "warning: A is a whole object: compare one of its properties",
    "A.isPlated() && «A.NetName»": "warning: A.NetName is a string, which is never true: compare it",
    "«A.Type» + 1 == 1": "warning: A.Type is no number: KiCad can't calculate with it",
    "A.Type == «'Via»": "warning: this string has no ' at its end: KiCad takes all that follows into it",
    "A.Locked && «B.Locked || A.isPlated()»": (
        "information: || binds stronger than && in KiCad: set parentheses to show what is meant"
    ),
}
"""What KiCad accepts, but can't mean what it says."""


def _marked(condition: Condition) -> list[tuple[str, str]]:
    text = condition.text
    return [
        (f"{text[: f.start]}«{text[f.start : f.end]}»{text[f.end :]}", f"{f.severity}: {f.message}")
        for f in condition.faults
    ]


def _bare(marked: str) -> str:
    return marked.replace("«", "").replace("»", "")


@pytest.mark.parametrize("text", HOLDING + ACCEPTED)
def test_what_kicad_reads_is_no_fault(text: str) -> None:
    assert _marked(parse(text)) == []


@pytest.mark.parametrize(("marked", "said"), [*FAULTS.items(), *DOUBTFUL.items()])
def test_faults_are_told_at_their_place(marked: str, said: str) -> None:
    condition = parse(_bare(marked))
    assert _marked(condition) == [(marked, said)]
    assert not condition.faults[0].syntax


@pytest.mark.parametrize(("marked", "said"), UNREADABLE.items())
def test_of_what_does_not_parse_the_first_fault_is_told(marked: str, said: str) -> None:
    condition = parse(_bare(marked))
    assert _marked(condition) == [(marked, f"error: {said}")]
    assert condition.faults[0].syntax


def test_several_faults_of_a_readable_condition_are_all_told() -> None:
    assert [fault.message for fault in parse("A.Typ == 'Via' && B.foo('x') && C.Type == 'Pad'").faults] == [
        "unknown property Typ; did you mean Type?",
        "unknown function foo",
        "KiCad knows no object C: there are A, B, AB and L",
    ]


def test_faults_offer_what_was_meant() -> None:
    (fault,) = parse("A.Type = 'Via'").faults
    assert fault.near == ("==",)
    (fault,) = parse("A.Type == 'Vias'").faults
    assert fault.near == ("'Via'",)


def test_layers_are_checked_when_they_are_known() -> None:
    layers = ("F.Cu", "B.Cu", "F.SilkS", "F.Silkscreen")
    assert not parse("A.Layer == '?.Cu' && A.existsOnLayer('F.Silkscreen')", layers=layers).faults
    assert _marked(parse("A.Layer == 'F.cu'", layers=layers)) == [
        ("A.Layer == «'F.cu'»", "warning: the board has no layer 'F.cu'; did you mean 'F.Cu'?")
    ]
    assert parse("L == 'In1.Cu'", layers=layers).faults
    assert not parse("L == 'In1.Cu'").faults


@pytest.mark.parametrize(
    "marked", ["A.«isBlindVia»()", "A.«Capping» == 'Capped'", "A.Pad_To_Die_Length == A.Pad_To_Die_Length + 5«ps»"]
)
def test_what_came_with_kicad_10_is_a_fault_for_kicad_9(marked: str) -> None:
    assert not [fault for fault in parse(_bare(marked)).faults if "KiCad 10" in fault.message]
    condition = parse(_bare(marked), kicad=9)
    assert [where for where, said in _marked(condition) if "KiCad 10" in said] == [marked]


def test_names_can_be_coloured() -> None:
    text = "A.Type == 'Via' && !B.hasNetclass('HV') && A.Width > 0.5mm"
    names = parse(text).names
    assert [(name.kind, text[name.start : name.end]) for name in names] == [
        ("object", "A"),
        ("property", "Type"),
        ("string", "'Via'"),
        ("object", "B"),
        ("function", "hasNetclass"),
        ("string", "'HV'"),
        ("object", "A"),
        ("property", "Width"),
        ("number", "0.5"),
        ("unit", "mm"),
    ]
    assert [(name.text, name.about) for name in names if name.kind == "string"] == [
        ("Via", "Type"),
        ("HV", "hasNetclass"),
    ]


def test_names_are_told_while_a_condition_is_written() -> None:
    assert [(name.kind, name.text) for name in parse("A.Ty").names] == [("object", "A"), ("property", "Ty")]
    assert [(name.kind, name.text) for name in parse("A.Locked && B.").names] == [
        ("object", "A"),
        ("property", "Locked"),
        ("object", "B"),
    ]
    assert parse("A.Pad_Type == '").names[-1].about == "Pad_Type"
    assert parse("A.hasNetclass('H').names").names[2].about == "hasNetclass"


@pytest.mark.parametrize("text", ["(" * 100_000, "!" * 100_000, "A." * 50_000, "1+" * 50_000, "'" + "\\'" * 50_000])
def test_hostile_conditions_are_read_without_harm(text: str) -> None:
    assert parse(text).faults


def test_what_is_nested_deeper_than_kicad_can_is_a_fault() -> None:
    assert not parse("(" * 90 + "1" + ")" * 90).faults
    assert "too deep" in parse("(" * 110 + "1" + ")" * 110).faults[0].message


@given(st.text("AB.L()!=<>&|+-*/,'\\\" \t15mnTypeisPlated_%$é\n", max_size=40))
def test_any_text_is_read(text: str) -> None:
    condition = parse(text)
    assert all(0 <= fault.start <= fault.end <= len(text) for fault in condition.faults)
    assert [name.start for name in condition.names] == sorted(name.start for name in condition.names)
    assert sum(fault.syntax for fault in condition.faults) <= 1


@pytest.mark.parametrize(
    ("constraint", "text", "number", "unit"),
    [
        ("track_width", "0.2mm", 0.2, "mm"),
        ("track_width", "8mil", 8, "mil"),
        ("track_width", "0,01in", 0.01, "in"),
        ("track_width", "0.2mm + 5mil", None, ""),
        ("track_width", "2*1mm", None, ""),
        ("clearance", "-1", -1, ""),
        ("clearance", "-0.1mm", -0.1, "mm"),
        ("length", "10ps", 10, "ps"),
        ("via_count", "3", 3, ""),
        ("track_angle", "90", 90, ""),
    ],
)
def test_limits(constraint: str, text: str, number: float | None, unit: str) -> None:
    value = parse_value(text, CONSTRAINTS[constraint])
    assert (value.number, value.unit, value.faults) == (number, unit, ())


@pytest.mark.parametrize(
    ("constraint", "marked", "said"),
    [
        ("track_width", "«0.2»", "error: 0.2 needs a unit: write 0.2mm"),
        ("track_width", "«0»", "error: 0 needs a unit: write 0mm"),
        ("track_width", "0.2«um»", "error: KiCad knows no unit um: write mm (1000 um are 1mm)"),
        ("track_width", "5«mils»", "error: KiCad knows no unit mils: write mil"),
        ("track_width", "«.5mm»", "error: a digit stands before a decimal point: write 0.5mm"),
        ("track_width", "«1.5.5mm»", "error: 1.5.5mm is no number: write one such as 0.2mm"),
        ("track_width", "«wide»", "error: wide is no number: write one such as 0.2mm"),
        ("track_width", "1mm «+»", "error: something is missing behind +"),
        ("track_width", "«»", "error: a value is missing"),
        ("track_width", "«10ps»", "error: track_width is a length: times go only with length and skew"),
        ("track_width", "«1deg»", "warning: track_width is a length, not an angle"),
        ("track_width", "«1+2»", "warning: 1+2 without a unit is in nm"),
        ("via_count", "3«mm»", "error: via_count is a count, without a unit: write 3"),
        ("track_angle", "90«deg»", "error: track_angle is in degrees, without a unit: write 90"),
    ],
)
def test_faults_of_limits(constraint: str, marked: str, said: str) -> None:
    text = _bare(marked)
    faults = parse_value(text, CONSTRAINTS[constraint]).faults
    told = [
        (f"{text[: f.start]}«{text[f.start : f.end]}»{text[f.end :]}", f"{f.severity}: {f.message}") for f in faults
    ]
    assert told == [(marked, said)]


def test_kicad_9_reads_one_bare_word_as_a_limit() -> None:
    def severities(text: str, *, quoted: bool, kicad: int) -> list[str]:
        return [f.severity for f in parse_value(text, CONSTRAINTS["clearance"], quoted=quoted, kicad=kicad).faults]

    assert severities("0.2 mm", quoted=True, kicad=9) == []
    assert severities("0.2 mm", quoted=False, kicad=9) == ["error"]
    assert severities("0.2 mm", quoted=False, kicad=10) == ["information"]
    assert severities("10ps", quoted=True, kicad=9) == ["error"]


@pytest.mark.parametrize(
    ("text", "severity"), [("2", ""), ("x", "error"), ("", "error"), ("2.5", "warning"), ("9", "warning")]
)
def test_counts_of_spokes(text: str, severity: str) -> None:
    assert "".join(fault.severity for fault in parse_count(text).faults) == severity


def test_the_schema_holds_the_lists_of_rules() -> None:
    form = root_form("kicad_dru")
    assert form is not None
    assert form.children.keys() == {"version", "rule"}
    rule = form.children["rule"]
    assert rule.children.keys() == {"constraint", "condition", "layer", "severity"}
    assert rule.children["constraint"].children.keys() == {"min", "opt", "max", "within_diff_pairs"}


def test_everything_is_documented() -> None:
    told = [each.documentation for each in PROPERTIES.values()]
    told += [each.documentation for each in FUNCTIONS.values()] + [each.documentation for each in CONSTRAINTS.values()]
    assert all(text.endswith(".") for text in [*told, *ITEMS.values()])


_BOARD = """(kicad_pcb (version 20241229) (generator "pcbnew") (generator_version "9.0") (general (thickness 1.6))
 (paper "A4") (layers (0 "F.Cu" signal) (2 "B.Cu" signal) (25 "Edge.Cuts" user)) (net 0 "") (net 1 "N1")
 (via (at 30 10) (size 0.8) (drill 0.4) (layers "F.Cu" "B.Cu") (net 1) (uuid "00000000-0000-4000-8000-000000000003"))
 (gr_rect (start 10 5) (end 60 60) (stroke (width 0.1) (type default)) (fill no) (layer "Edge.Cuts")))"""


def _told(rules: str, folder: Path) -> set[str]:
    """The names of the rules that KiCad finds a via to violate."""
    (folder / "b.kicad_pcb").write_text(_BOARD, "utf-8")
    (folder / "b.kicad_pro").write_text("{}", "utf-8")
    (folder / "b.kicad_dru").write_text(f"(version 1)\n{rules}", "utf-8")
    report = folder / "report.json"
    command = ["kicad-cli", "pcb", "drc", "--format", "json", "--severity-all", "-o", report, folder / "b.kicad_pcb"]
    subprocess.run([*map(str, command)], capture_output=True, timeout=60, check=True)
    violations = json.loads(report.read_text("utf-8"))["violations"]
    on_vias = (each for each in violations if any(item["description"].startswith("Via") for item in each["items"]))
    return {name for each in on_vias for name in re.findall(r"rule '(\w+)'", each["description"])}


def _rule(name: str, condition: str) -> str:
    return f'(rule {name} (condition "{condition}") (constraint assertion "1 == 2"))\n'


def test_kicad_itself_agrees_on_conditions(tmp_path: Path) -> None:
    never = [_bare(text) for text in [*UNREADABLE, *FAULTS] if '"' not in text]
    never += [_bare(text) for text, said in DOUBTFUL.items() if "never" in said and "!=" not in text]
    rules = "".join(_rule(f"holds{n}", text) for n, text in enumerate(HOLDING))
    rules += "".join(_rule(f"never{n}", text) for n, text in enumerate(never))
    told = _told(rules, tmp_path)
    assert told == {f"holds{n}" for n in range(len(HOLDING))}


_KEPT = ["0.2mm", '"0.2 mm"', '"0.1mm + 5mil"', "-1", "2*1mm", "1,5mm", "1deg"]
_REFUSED = ["0.2", "0.2um", ".5mm", "wide", "0.2 mm", "10ps"]


def _refused(limit: str) -> bool:
    value = parse_value(limit.strip('"'), CONSTRAINTS["track_width"], quoted=limit.startswith('"'), kicad=9)
    return any(fault.severity == "error" for fault in value.faults)


def _limited(name: str, limit: str) -> str:
    return f"(rule {name} (constraint track_width (min {limit})))\n"


def test_kicad_itself_keeps_the_rules_with_limits_that_it_reads(tmp_path: Path) -> None:
    assert not any(map(_refused, _KEPT))
    rules = "".join(_limited(f"limit{n}", limit) for n, limit in enumerate(_KEPT))
    assert _told(_rule("whole", "A.Type == 'Via'") + rules, tmp_path) == {"whole"}


@pytest.mark.parametrize("limit", _REFUSED)
def test_kicad_itself_drops_all_rules_for_a_limit_that_it_refuses(limit: str, tmp_path: Path) -> None:
    assert _refused(limit)
    assert _told(_rule("whole", "A.Type == 'Via'") + _limited("limit", limit), tmp_path) == set()
