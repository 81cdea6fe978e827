"""A draft that a tool ran isn't verified while numbers, pins or files that the question names aren't in it."""

import pytest

from kiki_core import requirements
from kiki_core.events import Artefact
from kiki_core.verification.unmeasured import left_open, missing, unread

TWIN_T = """* notch filter at 50 Hz, at least 40 dB deep
V1 in 0 DC 0 AC 1
R1 in out 31.8k
C1 out 0 100n
.ac dec 50 1 10k
.end
"""
BLINK = """#include "stm32f103xb.h"
/* PA5 at 9600 */
int main(void)
{
  GPIOC->CRH = 0x00200000u; /* PC13 */
  USART1->BRR = 72000000u / 115200u;
  for (;;) { wait_ms(250); GPIOC->ODR ^= 1u << 13; }
}
"""


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("notch filter for 50 Hz, at least 40 dB deep", ["stated frequency 50", "stated level 40"]),
        ("RC low-pass with a corner at 50 Hz with a 100 nF capacitor", []),
        ("RC low-pass with a corner at 50 Hz and 220 nF", ["stated capacitance 2.2e-07"]),
        ("low-pass with 31.8k and 100n", []),
        ("a filter, please", []),
    ],
)
def test_a_number_is_measured_or_stands_in_the_netlist(question: str, told: list[str]) -> None:
    found = left_open(question, [Artefact("a.cir", "spice", TWIN_T, True)], requirements.read(question))
    assert [f"{one.quantity} {one.value:.3g}" for one in found] == told
    assert all(one.ok is None for one in found)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("blue pill: toggle PC13 twice a second, USART1 at 115200 baud", ()),
        ("blue pill: toggle PA5, USART2", ("it doesn't use PA5", "it doesn't use USART2")),
        ("UART1 on a blue pill", ()),
        ("TIM3 at 1 kHz", ("it doesn't use TIM3",)),
        ("schematic of a blue pill", ("there is no KiCad file in it",)),
    ],
)
def test_what_code_lacks_is_named(question: str, told: tuple[str, ...]) -> None:
    assert missing(question, [Artefact("main.c", "c", BLINK, True)]) == told


def test_a_rate_stands_as_its_period_and_comments_hold_nothing() -> None:
    code = [Artefact("main.c", "c", BLINK, True)]
    assert left_open("toggle at 4 Hz, 115200 baud", code, ()) == ()
    assert [one.value for one in left_open("9600 baud", code, ())] == [9600.0]


@pytest.mark.parametrize(
    ("question", "told"),
    [("an op-amp that makes a signal ten times as large", "ten times as"), ("halves a 10 V supply", "halves"),
     ("a divider from 12 V to 5 V", "")],
)  # fmt: skip
def test_a_multiple_in_words_is_told(question: str, told: str) -> None:
    assert unread(question, [Artefact("a.cir", "spice", TWIN_T, True)]) == told


def test_without_an_artefact_nothing_claims_to_be_checked() -> None:
    assert left_open("50 Hz", [], ()) == ()
    assert missing("KiCad symbol", []) == ()


@pytest.mark.parametrize("text", ["", "\x00" * 50, "R1 a b 1e999\n" * 50, "9" * 5000, "((((" * 500, "/* " * 900])
def test_odd_artefacts_are_read(text: str) -> None:
    for language in ("spice", "c", "kicad_sch"):
        told = left_open("5 V at 3 kHz", [Artefact("a", language, text, True)], ())
        assert [one.quantity for one in told] == ["stated voltage", "stated frequency"], language
