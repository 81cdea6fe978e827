"""Judging answers by the tools: right ones pass, wrong ones don't, and the reason says why."""

import json
from random import Random

import pytest

from kiki_core.errors import KikiError
from kiki_core.training.data import checking, kicad_files
from kiki_core.training.data.firmware import KINDS
from kiki_core.training.data.firmware.program import part
from kiki_core.training.data.registers import steps_to_json
from kiki_core.training.pairs import Pair

DECK = """* RC low-pass at 2 kHz
.param f=2k C=10n
.param R={1/(6.2832*f*C)}
V1 in 0 DC 0 AC 1
R1 in out {R}
C1 out 0 {C}
.ac dec 50 {f/100} {f*100}
.meas ac f3db when vdb(out)=-3.0103
.end
"""
LOW_PASS = {
    "kind": "circuit",
    "devices": "RC",
    "wants": [{"quantity": "corner", "low": 1800, "high": 2200}],
    "measure": {"name": "f3db", "low": 1800, "high": 2200},
}


def fenced(text, language="spice"):
    return f"```{language}\n{text}```"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (fenced(DECK), ""),
        ("Here it is:\n" + fenced(DECK) + "\nThe corner lies at 2 kHz.", ""),
        ("I can't do that.", "no deck"),
        (fenced(DECK) + "\n" + fenced(DECK), "several decks"),
        (fenced(DECK.replace("6.2832*", "")), "missed: corner"),
        (fenced(DECK.replace("C1 out", "L1 out").replace("C=10n", "C=1m")), "a device is missing"),
        (fenced(DECK.replace("{R}\nC1", "{Rx}\nC1")), "ngspice refuses it"),
        (fenced(DECK.replace("f3db", "corner")), "missed: .meas"),
        (fenced(DECK.replace("out 0 {C}", "ot 0 {C}").replace(".meas", "*")), "missed: corner"),
        (fenced("* a\n.control\nshell touch /tmp/x\n.endc\nR1 in 0 1\nC1 in 0 1\n.end\n"), "ngspice refuses it"),
    ],
)
async def test_a_circuit_is_judged_by_what_ngspice_measures(answer, reason):
    judgement = await checking.judged(LOW_PASS, answer)
    assert (judgement.ok, judgement.reason) == (not reason, reason)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("```spice\nV1 out 0 SIN(0 2 1k)\n```", ""),
        ("```spice\nV1 out 0 SIN(0 2 2k)\n```", "missed: frequency"),
        ("```spice\nV1 out 0 SINE(0 2\n```", "missed: frequency"),
        ("```spice\n* nothing\n```", "no card"),
    ],
)
async def test_a_card_is_tried_in_a_deck(answer, reason):
    deck = "* one card tried\n{card}\nRL out 0 1k\n.tran 5u 10m\n.end\n"
    check = {"kind": "card", "deck": deck, "wants": [{"quantity": "frequency", "low": 970, "high": 1030}]}
    judgement = await checking.judged(check, answer)
    assert judgement.ok is not bool(reason)
    assert reason in ("", judgement.reason) or judgement.reason == "ngspice refuses it"


@pytest.mark.parametrize(
    ("answer", "reason"), [("6 V", ""), ("Vout = 12*1k/2k = 6.1 V", ""), ("6 mV", "another number"), ("6", "no number")]
)
async def test_a_calculation_is_judged_by_what_ngspice_measures(answer, reason):
    deck = "* tried\nV1 in 0 12\nR1 in out 1k\nR2 out 0 1k\n.op\n.end\n"
    judgement = await checking.judged({"kind": "value", "deck": deck, "unit": "V", "quantity": "dc"}, answer)
    assert (judgement.ok, judgement.reason) == (not reason, reason)


def usart():
    program = next(
        made
        for seed in range(50)
        if (made := KINDS["usart-init"](Random(seed), part("STM32F407VG"))) and made.words["usart"] == "USART2"
    )
    check = {"kind": "firmware", "part": "STM32F407VG", "needs": list(program.needs)}
    return program, {**check, "steps": json.loads(json.dumps(steps_to_json(program.steps)))}


async def test_firmware_is_judged_by_the_compiler_and_by_what_it_leaves_in_the_registers():
    program, check = usart()
    code = '#include "stm32f4xx.h"\n\n' + program.code
    faults = {
        "": "",
        "int unused;": "gcc warns",
        "USART9->CR1 = 0U;": "gcc refuses it",
        "USART2->BRR = 7U;": "wrong in the registers",
        "RCC->APB1ENR = 0U;": "wrong in the registers",
    }
    for more, reason in faults.items():
        changed = code.rstrip().removesuffix("}") + f"    {more}\n}}\n"
        judgement = await checking.judged(check, fenced(changed, "c"))
        assert (judgement.ok, judgement.reason) == (not reason, reason), judgement
    assert (await checking.judged(check, "```c\nint x;\n```")).reason == "something asked for is missing"


async def test_firmware_that_never_comes_back_is_stopped(monkeypatch):
    monkeypatch.setattr("kiki_core.training.data.registers._TIME_S", 1.0)
    program, check = usart()
    hangs = program.code.rstrip().removesuffix("}") + "    for (;;)\n    {\n    }\n}\n"
    judgement = await checking.judged(check, fenced('#include "stm32f4xx.h"\n\n' + hangs, "c"))
    assert (judgement.reason, judgement.detail) == ("wrong in the registers", "it never comes back")


@pytest.mark.parametrize(
    ("kind", "old", "new", "reason"),
    [
        ("symbol-regulator", "", "", ""),
        ("symbol-regulator", "power_out", "output", "not what was asked for"),
        ("symbol-regulator", '(name "GND")', '(nam "GND")', "kiki finds an error"),
        ("footprint-chip", "(at -", "(at -9", "not what was asked for"),
        ("board-holes", "np_thru_hole", "thru_hole", "not what was asked for"),
        ("rule-clearance", "", "", ""),
        ("rule-clearance", "A.NetClass ==", "A.NetClass !=", "the rule refuses too much"),
        ("rule-clearance", "clearance (min", "edge_clearance (min", "the rule isn't applied"),
    ],
)
async def test_a_kicad_file_is_judged_by_what_it_says_and_does(kind, old, new, reason):
    made = kicad_files.KINDS[kind](Random(3))
    text = made.text.replace(old, new) if old else made.text
    judgement = await checking.judged({"kind": "kicad-file", **made.check}, fenced(text, "kicad"))
    assert judgement.ok is not bool(reason)
    if reason not in ("", "the rule refuses too much"):
        assert judgement.reason == reason, judgement


async def test_without_a_check_nothing_is_judged():
    pair = Pair("What is a volt?", "J/C", "electronics", "Apache-2.0", "test", "volt", "nobody")
    with pytest.raises(KikiError, match="no tool can judge"):
        await checking.check(pair, pair.answer)
