"""The advisor bridge: advice moves what it names; absent or failing advice changes not a bit."""

import threading

import pytest

from kiki_core.domains import DOMAINS
from kiki_core.routing import Router, advice
from kiki_core.routing.advice import Advisors, blended

TEXT = "why does my buck converter ring at light load?"


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    """A busy machine is no reason to leave good advice out."""
    monkeypatch.setattr(advice, "_PATIENCE_S", 60.0)


def with_advisors(*advisors, weight=0.5):
    return Router(advisors=Advisors(tuple((f"a{n}", advisor) for n, advisor in enumerate(advisors)), weight))


def fails(text):
    raise RuntimeError("no")


@pytest.mark.parametrize(
    "advisor",
    [
        fails, lambda text: None, lambda text: {}, lambda text: {"cooking": 3.0}, lambda text: {"power": float("nan")},
        lambda text: {"power": "much"}, lambda text: 7,
    ],
)  # fmt: skip
def test_bad_advice_leaves_the_result_bit_identical(advisor):
    assert with_advisors(advisor).route(TEXT) == Router().route(TEXT)


def test_advice_that_comes_late_leaves_the_result_bit_identical(monkeypatch):
    monkeypatch.setattr(advice, "_PATIENCE_S", 0.05)
    routed = threading.Event()

    def late(text):
        routed.wait(60)
        return {"rust": 9.0}

    try:
        assert with_advisors(late).route(TEXT) == Router().route(TEXT)
    finally:
        routed.set()


def test_advice_is_blended_before_the_sigmoid_for_what_it_names():
    import numpy as np

    logits = np.linspace(-3, 3, len(DOMAINS), dtype=np.float32)
    result, named = blended(logits, advice.Advice({"rust": 4.0}, 0.25))
    index = DOMAINS.index("rust")
    assert result[index] == pytest.approx(0.75 * logits[index] + 0.25 * 4.0)
    assert np.array_equal(np.delete(result, index), np.delete(logits, index))
    assert named == {"rust"}


def test_advice_moves_the_score_of_its_domain_only():
    plain, advised = Router().route(TEXT), with_advisors(lambda text: {"rust": 8.0}).route(TEXT)
    assert advised.scores["rust"] > 10 * plain.scores["rust"]
    assert {d: s for d, s in advised.scores.items() if d != "rust"} == {
        d: s for d, s in plain.scores.items() if d != "rust"
    }


def test_several_advisors_are_averaged():
    both = Advisors((("a", lambda text: {"rust": 2.0}), ("b", lambda text: {"rust": 4.0, "cpp": 1.0})))
    assert both.advice(TEXT).logits == {"rust": 3.0, "cpp": 1.0}


def test_an_installed_advisor_is_found_and_a_broken_one_left_out(tmp_path, monkeypatch):
    (tmp_path / "good_advisor.py").write_text("def advise(text):\n    return {'emc': 6.0}\n")
    info = tmp_path / "advisors-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: advisors\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[kiki.advisors]\nbroken = no_such_module:advise\ngood = good_advisor:advise\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert [name for name, _ in advice.installed().advisors] == ["good"]
    assert advice.installed().advice("x").logits == {"emc": 6.0}
