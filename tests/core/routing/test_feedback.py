"""Corrections: kept with consent only, shown before they count, and taken back."""

import json

import pytest

from kiki_core.errors import KikiError
from kiki_core.routing import Router, feedback
from kiki_core.routing.feedback import Override

WANTED = [Override(f"ripple of supply number {n} is too high", ("emc",), ("power",)) for n in range(8)]


def test_corrections_move_the_calibration_the_more_the_more_examples():
    router = Router()
    few, many = ({one.domain: one.offset for one in feedback.fitted(router, WANTED[:count])} for count in (1, 8))
    assert 0 < few["emc"] < many["emc"]
    assert many["power"] < few["power"] < 0


def test_what_is_applied_counts_for_this_head_only(tmp_path):
    router = Router()
    corrections = feedback.fitted(router, WANTED)
    feedback.apply(corrections, router.head.fingerprint, tmp_path)
    offsets = feedback.offsets(router.head.fingerprint, tmp_path)
    text = "ripple of the supply is too high"
    assert Router(offsets=offsets).route(text).scores["emc"] > router.route(text).scores["emc"]
    assert feedback.offsets("another head", tmp_path) == {}
    assert feedback.reset(tmp_path)
    assert feedback.offsets(router.head.fingerprint, tmp_path) == {}


def test_examples_survive_a_torn_line(tmp_path):
    feedback.keep(WANTED[0], tmp_path)
    with (tmp_path / "overrides.jsonl").open("a") as file:
        file.write('{"text": "torn')
    assert [override.text for override in feedback.kept(tmp_path)] == [WANTED[0].text]


def test_a_full_disk_is_a_clear_error():
    with pytest.raises(KikiError, match="can't keep the correction"):
        feedback.keep(WANTED[0], feedback.Path("/dev/full"))


def test_adapt_shows_asks_and_takes_back(kiki, home):
    nothing = kiki("router", "adapt", check=False)
    assert nothing.returncode == 2
    assert "there are no corrections" in nothing.stderr
    for override in WANTED:
        feedback.keep(override, home / "routing")
    refused = kiki("router", "adapt", stdin="n\n")
    assert "emc" in refused.stdout
    assert "nothing was changed" in refused.stdout
    assert not (home / "routing" / "adapted.json").exists()
    assert "applied" in kiki("router", "adapt", "--yes").stdout
    assert json.loads((home / "routing" / "adapted.json").read_text())["offsets"]["emc"] > 0
    assert "forgotten" in kiki("router", "adapt", "--reset").stdout
