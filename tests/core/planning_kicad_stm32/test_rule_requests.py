"""A request for custom design rules becomes rules that KiCad reads, or a plain refusal."""

import pytest

from kiki_core.planning.kicad import kind_of
from kiki_core.planning.kicad.rules import missing, plan
from kiki_core.planning.kicad.sheet import Impossible
from kiki_tools.kicad.custom_rules import ImpossibleRule, Limit, Rule, rules


@pytest.mark.parametrize(
    ("text", "constraint", "limits", "condition"),
    [
        ("3 mm clearance between net class HV and everything else", "clearance", {"least": "3mm"},
         "A.hasNetclass('HV') && !B.hasNetclass('HV')"),
        ("Leiterbahnen der Netzklasse Power mindestens 0,8 mm breit", "track_width", {"least": "0.8mm"}, "A.hasNetclass('Power')"),
        ("0,5 mm au moins entre le cuivre et le bord de la carte", "edge_clearance", {"least": "0.5mm"}, ""),
        ("traces of class Fat between 40 and 120 mil wide", "track_width", {"least": "40mil", "most": "120mil"}, "A.hasNetclass('Fat')"),
        ("Abstand zwischen Netzklasse HV und LV mindestens 6,5 mm", "clearance", {"least": "6.5mm"},
         "A.hasNetclass('HV') && B.hasNetclass('LV')"),
        ("length of net class DDR at most 2 inch", "length", {"most": "2in"}, "A.hasNetclass('DDR')"),
        ("distance mini trou à trou 500 µm", "hole_to_hole", {"least": "0.5mm"}, ""),
        ("au moins 0,5 mm entre les bords de deux trous", "hole_to_hole", {"least": "0.5mm"}, ""),
        ("holes at least 0.4 mm apart edge to edge", "hole_to_hole", {"least": "0.4mm"}, ""),
        ("vias at least 0.3 mm away from other vias", "clearance", {"least": "0.3mm"}, "A.Type == 'Via' && B.Type == 'Via'"),
        ("keep tracks 0.4 mm away from holes", "hole_clearance", {"least": "0.4mm"}, ""),
        ("les pistes à 0,3 mm au moins des pastilles", "clearance", {"least": "0.3mm"}, "A.Type == 'Track' && B.Type == 'Pad'"),
        ("taladro de las vías 0,3 mm como mínimo", "hole_size", {"least": "0.3mm"}, "A.Type == 'Via'"),
        ("no vias under U3", "disallow", {"words": ["via"]}, "A.intersectsCourtyard('U3')"),
    ],
)  # fmt: skip
def test_what_is_limited_and_where(text: str, constraint: str, limits: dict[str, object], condition: str) -> None:
    (rule,) = plan(text)["rules"]
    (limit,) = rule["limits"]
    assert limit["constraint"] == constraint
    assert limits.items() <= limit.items()
    assert rule.get("condition", "") == condition


def test_a_class_that_is_said_once_holds_for_the_sentence() -> None:
    (rule,) = plan("diff pair gap 0.15 mm and width 0.2 mm for class USB")["rules"]
    assert [each["constraint"] for each in rule["limits"]] == ["diff_pair_gap", "track_width"]
    assert rule["condition"] == "A.hasNetclass('USB')"


def test_clauses_with_own_classes_are_own_rules() -> None:
    made = plan("track width 0,25 mm for class A1; 3 mm clearance for class B2; copper to edge 0.5 mm")["rules"]
    assert [each.get("condition", "") for each in made] == ["A.hasNetclass('A1')", "A.hasNetclass('B2')", ""]


def test_each_layer_has_its_own_value() -> None:
    made = plan("tracks on B.Cu at least 0.3 mm wide, on F.Cu 0.2 mm is fine")["rules"]
    assert [(each["layer"], each["limits"][0]["least"]) for each in made] == [("B.Cu", "0.3mm"), ("F.Cu", "0.2mm")]
    with pytest.raises(Impossible, match="which is the least"):
        plan("track width 0.2 mm for signals and 0.5 mm for power")


def test_what_no_rule_has_is_said() -> None:
    text = "clearance 0.3 mm for net class A1 unless the board is thin"
    assert missing(text, plan(text)) == ["unless the board is thin"]


def test_a_limit_that_kicad_hasnt_is_refused() -> None:
    with pytest.raises(Impossible, match="no greatest value"):
        plan("clearance at most 3 mm")
    with pytest.raises(ImpossibleRule, match="no constraint wish"):
        rules([Rule("x", [Limit("wish", "1mm")])])


@pytest.mark.parametrize(("text", "kind"), [("kicad drc rule: clearance 1 mm", "rules"), ("DRC-Regel: Leiterbahn 0,2 mm", "rules"),
                                            ("how do I write a drc rule?", ""), ("schematic of an LED, 5 V", "schematic")])  # fmt: skip
def test_rules_are_told_from_sheets(text: str, kind: str) -> None:
    assert kind_of(text, ["kicad"]) == kind
