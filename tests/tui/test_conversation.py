"""The screen as a person uses it."""

import asyncio
import sys

from textual.geometry import Region
from textual.widgets import TabbedContent

from kiki_core import events, sessions
from kiki_tui.widgets.expert_bar import ExpertBar
from kiki_tui.widgets.markdown import Answering
from kiki_tui.widgets.plot import Curves
from kiki_tui.widgets.prompt import Asking, Proposals
from kiki_tui.widgets.status_bar import StatusBar
from kiki_tui.widgets.turn import TurnView
from kiki_tui.widgets.verdict_card import VerdictCard


async def type_in(pilot, text):
    pilot.app.query_one(Asking).insert(text)
    await pilot.pause()


async def ask(pilot, settle, text="an RC low-pass at 1 kHz"):
    await type_in(pilot, text)
    await pilot.press("enter")
    await settle(pilot.app, pilot)


def said(app, kind):
    return [str(widget.render()) for widget in app.query(f".{kind}")]


async def test_an_answer_streams_in(app, kiki, settle):
    kiki.hold_after = 10
    async with app.run_test() as pilot:
        await type_in(pilot, "an RC low-pass")
        await pilot.press("enter")
        while not app.query(Answering):
            await pilot.pause(0.01)
        await pilot.pause(0.1)
        assert app.query_one(Answering).source.startswith("A first-order low-pass")
        assert app.answering
        assert "spice" in str(app.query_one(ExpertBar).render())
        await pilot.press("escape")
        await pilot.pause(0.1)


async def test_a_whole_answer(app, kiki, settle):
    async with app.run_test() as pilot:
        await ask(pilot, settle)
        assert "verified" in said(app, "summary")[0]
        assert "120 tokens" in said(app, "summary")[0]
        assert kiki.questions[0].text == "an RC low-pass at 1 kHz"
        assert app.query_one(StatusBar).session == "an RC low-pass at 1 kHz"


async def test_escape_stops_the_answer_and_closes_its_stream(app, kiki):
    kiki.hold_after = 10
    async with app.run_test() as pilot:
        await type_in(pilot, "an RC low-pass")
        await pilot.press("enter")
        await pilot.pause(0.1)
        await pilot.press("escape")
        await pilot.pause(0.1)
        assert not app.answering
        assert kiki.closed_streams == 1
        assert "stopped" in said(app, "failure")
        kiki.hold_after = None
        await type_in(pilot, "again")
        await pilot.press("enter")
        await pilot.pause(0.3)
        assert len(kiki.questions) == 2


async def test_a_second_question_waits_for_the_first(app, kiki):
    kiki.hold_after = 3
    async with app.run_test() as pilot:
        await type_in(pilot, "one")
        await pilot.press("enter")
        await pilot.pause(0.1)
        await type_in(pilot, "two")
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert len(kiki.questions) == 1
        assert app.query_one(Asking).text == "two"
        await pilot.press("escape")
        await pilot.pause(0.1)


async def test_a_verdict_opens_into_plot_deck_log_and_closes(app, settle):
    async with app.run_test(size=(100, 40)) as pilot:
        await ask(pilot, settle)
        card = app.query_one(VerdictCard)
        assert "f3db = 1.001 kHz" in str(card.query_one("VerdictLine").render())
        assert not card.query(TabbedContent)
        await pilot.press("f4")
        await settle(app, pilot)
        tabs = card.query_one(TabbedContent)
        assert [str(tab.label) for tab in tabs.query("Tab")] == ["Plot", "Deck", "Measures", "Log"]
        assert card.query_one(Curves).verdict.x_log
        await pilot.press("f4")
        await settle(app, pilot)
        assert not tabs.display


async def test_a_failed_verdict_says_why(app, kiki, settle):
    evidence = events.Evidence("ngspice", "46", "00", False, "line 3: unknown device Q9")

    def script():
        yield events.Verdict(0, "bad.cir", evidence)
        yield events.Answer("sorry", False, evidence=(evidence,))

    kiki.script = script
    async with app.run_test() as pilot:
        await ask(pilot, settle)
        assert "unknown device Q9" in str(app.query_one("VerdictLine").render())
        assert "not verified" in said(app, "summary")[0]


async def test_a_repair_replaces_the_draft(app, kiki, settle):
    def script():
        yield events.Token("a bad draft", 0)
        yield events.Token("a good", 1)
        yield events.Token(" draft", 1)
        yield events.Answer("a good draft", True)

    kiki.script = script
    async with app.run_test() as pilot:
        await ask(pilot, settle)
        assert app.query_one(Answering).source == "a good draft"
        assert any("repairing" in note for note in said(app, "note"))


async def test_a_failure_is_shown_once_and_kiki_goes_on(app, kiki, settle):
    def script():
        yield events.Failed("draft", "the model isn't there")
        yield events.Answer("", None, error="the model isn't there")

    kiki.script = script
    async with app.run_test() as pilot:
        await ask(pilot, settle)
        assert said(app, "failure") == ["draft failed: the model isn't there"]
        await ask(pilot, settle, "again")
        assert len(app.query(TurnView)) == 2


async def test_a_fault_of_the_pipeline_does_not_end_the_program(app, kiki, settle, monkeypatch):
    monkeypatch.delenv("KIKI_DEBUG", raising=False)

    def script():
        raise ZeroDivisionError("oops")
        yield

    kiki.script = script
    async with app.run_test() as pilot:
        await ask(pilot, settle)
        assert "ZeroDivisionError: oops" in said(app, "failure")[0]


async def test_markup_in_what_people_and_models_write_is_text(app, kiki, settle):
    def script():
        yield events.Failed("[red]step", "[/nothing] [bold")
        yield events.Answer("[b]text", None, error="x")

    kiki.script = script
    async with app.run_test() as pilot:
        await ask(pilot, settle, "[@click=app.quit]question[/]")
        assert "[@click=app.quit]question[/]" in str(app.query_one("QuestionLine").render())
        assert said(app, "failure") == ["[red]step failed: [/nothing] [bold"]


async def test_history_is_walked_with_the_arrows_and_kept(app, desk, settle):
    async with app.run_test() as pilot:
        await ask(pilot, settle, "one")
        await ask(pilot, settle, "two\nlines")
        await type_in(pilot, "a draft")
        prompt = app.query_one(Asking)
        await pilot.press("up")
        assert prompt.text == "two\nlines"
        await pilot.press("up", "up")
        assert prompt.text == "one"
        await pilot.press("down", "down", "down")
        assert prompt.text == "a draft"
    assert '"two\\nlines"' in (desk.home / "history.jsonl").read_text()


async def test_lines_are_added_without_sending(app, kiki):
    async with app.run_test() as pilot:
        await pilot.press("a", "ctrl+j", "b", "shift+enter", "c")
        assert app.query_one(Asking).text == "a\nb\nc"
        assert kiki.questions == []


async def test_files_are_proposed_and_attached(app, kiki, folder, settle):
    async with app.run_test() as pilot:
        await type_in(pilot, "why is @r")
        assert app.query_one(Proposals).display
        await pilot.press("tab")
        assert app.query_one(Asking).text == "why is @rc.cir "
        await type_in(pilot, "slow?")
        await pilot.press("enter")
        await settle(app, pilot)
        assert [str(file) for file in kiki.questions[0].files] == [str(folder / "rc.cir")]


async def test_commands_are_proposed(app):
    async with app.run_test() as pilot:
        await pilot.press("/", "s", "i")
        assert app.query_one(Proposals).chosen().insert == "/sim "
        await pilot.press("escape")
        assert not app.query_one(Proposals).display


async def test_help_opens_by_question_mark_and_is_searchable(app):
    async with app.run_test() as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        await pilot.press(*"clip", *["backspace"] * 4, *"stops")
        await pilot.pause()
        rows = "\n".join(
            "".join(s.text for s in strip) for strip in app.screen.query_one("#rows").render_lines(Region(0, 0, 70, 12))
        )
        assert "escape" in rows
        assert "export" not in rows
        await pilot.press("escape")
        await pilot.pause()
        assert len(app.screen_stack) == 1


async def test_a_question_mark_inside_a_question_is_text(app):
    async with app.run_test() as pilot:
        await pilot.press("a", "question_mark")
        assert app.query_one(Asking).text == "a?"


async def test_an_unknown_command_names_the_nearest(app, kiki, settle):
    async with app.run_test() as pilot:
        await ask(pilot, settle, "/exprot")
        assert "did you mean /export?" in said(app, "failure")[0]
        assert kiki.questions == []


async def test_sessions_are_resumed_with_their_verdicts(app, desk, settle):
    async with app.run_test() as pilot:
        await ask(pilot, settle)
        first = desk.session.id
        await pilot.press("ctrl+n")
        await settle(app, pilot)
        assert not app.query(TurnView)
        await ask(pilot, settle, f"/sessions {first}")
        assert desk.session.id == first
        assert app.query_one(VerdictCard).text.startswith("RC low-pass")
        assert "A first-order" in app.query_one(Answering).source
        await ask(pilot, settle, "/rename the bench filter")
        assert app.query_one(StatusBar).session == "the bench filter"
    assert [info.title for info in sessions.sessions(desk.sessions_folder)] == ["the bench filter"]


async def test_sessions_are_chosen_from_a_list(app, desk, settle):
    async with app.run_test() as pilot:
        await ask(pilot, settle, "first")
        first = desk.session.id
        await pilot.press("ctrl+n")
        await settle(app, pilot)
        await pilot.press("f3")
        await pilot.pause()
        await pilot.press("enter")
        await settle(app, pilot)
        assert desk.session.id == first


async def test_earlier_answers_go_with_the_next_question(app, kiki, settle):
    async with app.run_test() as pilot:
        await ask(pilot, settle, "first")
        await ask(pilot, settle, "second")
        assert kiki.questions[0].history == ()
        assert len(kiki.questions[1].history) == 1


async def test_old_turns_fold_and_unfold(app, desk, settle, monkeypatch):
    monkeypatch.setattr("kiki_tui.app.UNFOLDED", 2)
    async with app.run_test() as pilot:
        for name in ("one", "two", "three"):
            await ask(pilot, settle, name)
        turn = app.query(TurnView).first()
        assert turn.folded
        assert not turn.query(Answering)
        await turn.unfold()
        await pilot.pause()
        assert "A first-order" in turn.query_one(Answering).source


async def test_export_refuses_to_write_over_a_file(app, desk, folder, settle):
    async with app.run_test() as pilot:
        await ask(pilot, settle)
        await ask(pilot, settle, "/export out.md")
        text = (folder / "out.md").read_text()
        assert text.startswith("# an RC low-pass")
        assert "✔ ngspice 46" in text
        (folder / "out.md").write_text("mine")
        await ask(pilot, settle, "/export out.md")
        assert "is there already" in said(app, "failure")[0]
        assert (folder / "out.md").read_text() == "mine"
        assert sorted(path.name for path in folder.iterdir()) == ["out.md", "rc.cir"]


async def test_an_answer_and_its_code_are_copied(app, settle):
    async with app.run_test() as pilot:
        await ask(pilot, settle)
        await pilot.press("f5")
        assert app.clipboard.startswith("A first-order")
        await ask(pilot, settle, "/copy code")
        assert app.clipboard.startswith("RC low-pass\nV1")


async def test_memory_and_domain_reach_the_question(app, kiki, settle):
    async with app.run_test() as pilot:
        await ask(pilot, settle, "/memory off")
        await ask(pilot, settle, "/domain spice")
        await ask(pilot, settle, "hello")
        assert (kiki.questions[0].memory, kiki.questions[0].domain) == (False, "spice")
        await ask(pilot, settle, "/domain spcie")
        assert "did you mean spice?" in said(app, "failure")[0]


async def test_pinned_and_muted_experts_reach_the_question(app, kiki, settle):
    async with app.run_test() as pilot:
        await ask(pilot, settle, "/pin emc")
        await ask(pilot, settle, "/mute spice")
        await ask(pilot, settle, "/mute emc")
        await ask(pilot, settle, "/mute spice")
        await ask(pilot, settle, "hello")
        assert (kiki.questions[0].wishes.pinned, kiki.questions[0].wishes.muted) == ((), ("emc",))


async def test_an_idle_screen_consolidates_until_a_key_is_pressed(app, tmp_path):
    from kiki_core.memory.idle import IdleConsolidation

    async with app.run_test() as pilot:
        app._consolidation = IdleConsolidation(0.01, (sys.executable, "-c", "import time; time.sleep(30)"))
        await asyncio.sleep(0.05)
        await app._consolidate()
        assert app._consolidation.running
        await pilot.press("a")
        assert not app._consolidation.running


async def test_the_theme_changes(app):
    async with app.run_test() as pilot:
        await pilot.press("f8")
        assert app.theme == "kiki-light"


async def test_settings_are_written_and_used(app, desk, settle, tmp_path):
    async with app.run_test() as pilot:
        await ask(pilot, settle, "/settings tui.theme light")
        assert app.theme == "kiki-light"
        assert 'theme = "light"' in (tmp_path / "config.toml").read_text()
        await ask(pilot, settle, "/settings tui.theme purple")
        assert len(said(app, "failure")) == 1
        await pilot.press("f2")
        await pilot.pause()
        await pilot.press(*"repairs", "enter")
        await pilot.pause()
        await pilot.press("backspace", "5", "enter")
        await pilot.pause()
        assert desk.config.pipeline.repairs == 5


async def test_control_q_leaves_with_zero(app, kiki):
    async with app.run_test() as pilot:
        await pilot.press("ctrl+q")
    assert app.return_code == 0
    assert kiki.closed


async def test_everything_fits_on_the_smallest_screen(app, settle):
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, settle)
        await pilot.press("f4")
        await settle(app, pilot)
        for widget in app.query("#transcript, Prompt, StatusBar, VerdictCard, ExpertBar, Asking"):
            assert widget.region.right <= 80, widget
        assert app.query_one(StatusBar).region.bottom == 24
        assert app.query_one(Asking).region.bottom <= 23


def deliberated():
    yield events.Vote("spice", 0, "KEEP", ("1",), "it ran")
    yield events.Vote("base", 0, "NEUTRAL", (), "cited no evidence")
    yield events.Dissent(0, 0.4, "does the output do anything at all?", "output", True, "the output reaches 1 V")
    yield events.Ruling(0, "consensus", "1 of 1 keep it", {"0": {"keep": 1, "refuse": 0, "neutral": 1}})
    yield events.Answer("fine", True)


async def test_a_deliberation_is_one_line_that_opens(app, kiki, settle):
    from kiki_tui.widgets.deliberation_block import DeliberationBlock

    kiki.script = deliberated
    async with app.run_test(size=(120, 40)) as pilot:
        await ask(pilot, settle)
        block = app.query_one(DeliberationBlock)
        line = str(block.query_one("DeliberationLine").render())
        assert "draft 1 by consensus · 1 keep, 0 refuse, 1 neutral · output holds" in line
        assert not block.query_one(".said").display
        block.query_one("DeliberationLine").focus()
        await pilot.press("enter")
        await settle(app, pilot)
        assert block.query_one(".said").display
        assert "spice: KEEP draft 1 (facts 1): it ran" in str(block.query_one(".said").render())
