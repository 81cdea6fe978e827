"""Lines carried on by their likes: the place is where the braces are."""

import pytest

from kiki_core.completing.repeats import fair, repeats, sure
from kiki_tools.text import Snapshot

LADDER = "* ladder\nV1 n0 0 1\nR1 n0 n1 1k\nC1 n1 0 1n\nR2 n1 n2 1k\nC2 n2 0 1n\nR3 {}\nC3 n3 0 1n\n.end\n"
CHAIN = "* chain\nXI1 a1 a2 inv\nXI2 a2 a3 inv\nXI3 a3 a4 inv\nXI4 {}\n.end\n"
PINS = """(symbol "U"
  (pin input line (at -7.62 5.08 0) (length 2.54)
    (name "A0" (effects (font (size 1.27 1.27))))
    (number "1" (effects (font (size 1.27 1.27))))
  )
  (pin input line (at -7.62 2.54 0) (length 2.54)
    (name "A1" (effects (font (size 1.27 1.27))))
    (number "2" (effects (font (size 1.27 1.27))))
  )
  (pin input line {}
    (name "A2" (effects (font (size 1.27 1.27))))
    (number "3" (effects (font (size 1.27 1.27))))
  )
)
"""
BLOCKS = """void init(void)
{
  GPIO_InitStruct.Pin = GPIO_PIN_2;
  GPIO_InitStruct.Mode = GPIO_MODE_AF_PP;
  GPIO_InitStruct.Pull = GPIO_NOPULL;
  HAL_GPIO_Init(GPIOA, &GPIO_InitStruct);
  GPIO_InitStruct.Pin = GPIO_PIN_3;
  GPIO_InitStruct.Mode = GPIO_MODE_AF_PP;
  GPIO_InitStruct.Pull = GPIO_NOPULL;
  HAL_GPIO_Init(GPIOA, &GPIO_InitStruct);
  GPIO_InitStruct.Pin = GPIO_PIN_4;
  GPIO_InitStruct.Mode = {}
  GPIO_InitStruct.Pull = GPIO_NOPULL;
}
"""
ENABLES = "void f(void)\n{\n  on(TX_PIN);\n  on(RX_PIN);\n  on(CK_PIN);\n  on(CS_PIN);\n  on({}\n}\n"


def place(text: str) -> tuple[Snapshot, int]:
    return Snapshot(text.replace("{}", "")), text.index("{}")


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (LADDER, "n2 n3 1k"),  # the nodes of the next section
        (CHAIN, "a4 a5 inv"),  # each number goes on
        (PINS, "(at -7.62 0 0) (length 2.54)"),  # so does a coordinate
        (BLOCKS, "GPIO_MODE_AF_PP;"),  # as in the blocks above
    ],
)
def test_a_line_goes_on_as_its_likes_do(text: str, rest: str) -> None:
    best, *_ = repeats(*place(text))
    assert best.text == rest
    assert sure(best)


def test_what_is_never_said_twice_is_not_said_again() -> None:
    assert not any(fair(one) for one in repeats(*place(ENABLES)))


def test_what_stands_behind_the_place_is_not_said_twice() -> None:
    text = PINS.replace("line {}\n", "line {})\n").replace("(length 2.54)\n", "(length 2.54))\n")
    assert repeats(*place(text))[0].text == "(at -7.62 0 0) (length 2.54)"


@pytest.mark.parametrize("text", ["{}", "R1{}", "\n\n{}", "R1 a b 1k\n{}\n", "(((({}", "{}" + "x" * 10_000, "R9 {}\n"])
def test_a_place_without_likes_gets_nothing(text: str) -> None:
    assert repeats(*place(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "R1 1 5k\nR1.0 2 6k\nR2 {}\n",  # numbers that differ in writing alone
        "R01 1 5k\nR1 2 6k\nR2 {}\n",
        "R-0 1 5k\nR0 2 6k\nR1 {}\n",
        f"R1 {'9' * 250}\nR2 {'8' * 250}\nR3 {{}}\n",
        "(a\n(a {}\n",
        "R1 ( [ \\d+ *\nR2 ( [ \\d+ *\nR3 ( [ {}\n",
        "x1 ١ a\nx2 ٢ b\nx3 {}\n",
        "a.b(\na.c = (\na.b({}\n\x00\ufeff",
    ],
)
def test_odd_lines_give_no_error(text: str) -> None:
    assert all(0 < one.belief <= 1 for one in repeats(*place(text)))


def test_a_step_that_nobody_would_take_is_not_taken() -> None:
    text = "L1 1.0\nL4 1.1\nL5 {}\n"
    assert all("1.13" not in one.text for one in repeats(*place(text)))


def test_a_large_file_is_looked_through_nearby() -> None:
    lines = [f"R{number} n{number} n{number + 1} 1k\n" for number in range(300_000)]
    lines[150_000] = "R150000 {}\n"
    assert repeats(*place("".join(lines)))[0].text == "n150000 n150001 1k"
