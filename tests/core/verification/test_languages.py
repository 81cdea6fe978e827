"""Each language's artefacts are found in a draft and judged by their own tool."""

import pytest

from kiki_core import artefacts
from kiki_core.events import Artefact
from kiki_core.verification import check

BLINKY = """#include <stdint.h>
/* for an STM32F407 */
int main(void) { volatile uint32_t *odr = (uint32_t *)0x40020014U; for (;;) { *odr ^= 32U; } }
"""
SHEET = """(kicad_sch (version 20231120) (generator "x") (uuid "00000000-0000-4000-8000-000000000000") (paper "A4")
  (lib_symbols) (sheet_instances (path "/" (page "1"))))
"""
SYMBOL = '(kicad_symbol_lib (version 20231120) (generator "x") (symbol "A" (in_bom yes) (on_board yes)))\n'
PAD = '(pad "1" smd rect (at 0 0) (size 1 1) (layers "F.Cu"))'
FOOTPRINT = f'(footprint "R" (version 20240108) (generator "x") (layer "F.Cu") {PAD})\n'
RULES = '(version 1)\n(rule "x" (constraint clearance (min 0.2mm)))\n'


def block(tag: str, body: str) -> str:
    return f"Here it is:\n```{tag}\n{body}```\nDone."


@pytest.mark.parametrize(
    ("draft", "found"),
    [
        (block("c", BLINKY), [("main.c", "c")]),
        (block("c", "// uart.c\n" + BLINKY), [("uart.c", "c")]),
        (block("c Core/Src/led.c", BLINKY), [("led.c", "c")]),
        (block("c", "int add(int a, int b) { return a + b; }\n"), []),
        (block("c", "HAL_Delay(10);\n"), []),
        (block("lisp", SHEET), [("circuit.kicad_sch", "kicad_sch")]),
        (block("", SYMBOL), [("symbol.kicad_sym", "kicad_sym")]),
        (f"It is this: \n{FOOTPRINT}That is all.", [("footprint.kicad_mod", "kicad_mod")]),
        (block("kicad_dru", RULES), [("rules.kicad_dru", "kicad_dru")]),
        (block("python", "print(1)\n"), []),
        ("(" * 50_000, []),
        ("```c\n" + "int f(" * 20_000, []),
    ],
)
def test_artefacts_are_found_by_head_and_tag(draft, found):
    assert [(one.name, one.language) for one in artefacts.find(draft)] == found


def test_c_without_a_word_of_stm32_counts_where_firmware_was_asked():
    draft = block("c", "int add(int a, int b) { return a + b; }\n")
    assert [one.language for one in artefacts.find(draft, firmware=True)] == ["c"]


def test_a_mended_attachment_keeps_its_name():
    deck = block("spice", "* t\nV1 a 0 1\nR1 a 0 1k\n.op\n.end\n")
    assert [one.name for one in artefacts.find(deck, ["notes.txt", "amp.cir"])] == ["amp.cir"]
    assert [one.name for one in artefacts.find(deck + deck, ["amp.cir"])] == ["circuit1.cir", "circuit2.cir"]


@pytest.mark.parametrize(
    ("name", "language", "text", "ok", "told"),
    [
        ("main.c", "c", BLINKY, True, ""),
        ("main.c", "c", BLINKY.replace("32U; }", "32U + x; }"), False, "'x' undeclared"),
        ("main.c", "c", BLINKY.replace("int main(void) {", "int main(void) { int unused;"), False, "unused variable"),
        ("main.c", "c", '#include "own.h"\n' + BLINKY, False, "own.h is included, but the answer doesn't give it"),
        ("main.c", "c", '#include "stm32f4xx_hal.h"\n' + BLINKY, None, ""),
        ("c.kicad_sch", "kicad_sch", SHEET, True, ""),
        ("c.kicad_sch", "kicad_sch", SHEET.replace("(lib_symbols)", "(lib_symbols"), False, "KC1"),
        ("s.kicad_sym", "kicad_sym", SYMBOL, True, ""),
        ("f.kicad_mod", "kicad_mod", FOOTPRINT, True, ""),
        ("r.kicad_dru", "kicad_dru", RULES, True, ""),
        ("r.kicad_dru", "kicad_dru", RULES.replace("clearance", "clearence"), False, "clearence"),
    ],
)
async def test_each_language_is_judged_by_its_tool(name, language, text, ok, told):
    (checked,) = await check([Artefact(name, language, text, None)], 0)
    assert checked.ok is ok
    assert told in "\n".join(checked.complaints)
    assert bool(checked.complaints) is (ok is False)


async def test_register_code_is_compiled_against_the_stand_in():
    text = '#include "stm32f4xx.h"\n/* STM32F407 */\nvoid on(void) { RCC->AHB1ENR |= RCC_AHB1ENR_GPIOAEN; }\n'
    (checked,) = await check([Artefact("on.c", "c", text, None)], 0)
    assert checked.ok is True
    assert "stand-in" in checked.verdict.evidence.summary


async def test_files_of_one_answer_are_compiled_together_and_blamed_apart():
    header = Artefact("led.h", "c", "void led(void);\n", None)
    good = Artefact("led.c", "c", '#include "led.h"\nvoid led(void) { }\n', None)
    bad = Artefact("main.c", "c", '#include "led.h"\nint main(void) { lamp(); }\n', None)
    checks = await check([header, good, bad], 0)
    assert [each.ok for each in checks] == [True, True, False]
    assert "> 2: int main(void)" in checks[2].complaints[0]


async def test_a_missing_tool_is_said_and_nothing_is_claimed(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("kiki_tools.kicad.installation.find", lambda: None)
    c, sheet = await check([Artefact("m.c", "c", BLINKY, None), Artefact("c.kicad_sch", "kicad_sch", SHEET, None)], 0)
    assert (c.ok, sheet.ok) == (None, None)
    assert c.verdict.evidence.summary == "arm-none-eabi-gcc is not installed: nothing was verified"
    assert "not installed: nothing was verified" in sheet.verdict.evidence.summary
