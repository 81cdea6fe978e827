"""What a C file says comes back from what was kept of it; a damaged note is refused."""

import pytest
from firmware import DRIVER, SOURCE

from kiki_tools.stm32.kept import encoded, is_read, restore
from kiki_tools.stm32.service import STM32
from kiki_tools.stm32.source import source_of
from kiki_tools.text import Snapshot

CODE = """#include "stm32f4xx_hal.h"
#define LED GPIO_PIN_5 /* die grüne */
extern UART_HandleTypeDef huart2;
static volatile uint8_t done;
static GPIO_InitTypeDef init = {.Pin = LED};
void wait(void)
{
  init.Mode |= GPIO_MODE_OUTPUT_PP;
  while (!done) {}
  for (;;) { if (HAL_UART_Transmit(&huart2, "é", 1, 10) != HAL_OK) { Error_Handler(); } }
}
"""


@pytest.mark.parametrize("text", [CODE, DRIVER, SOURCE, "", "}} void f( {"])
def test_what_a_file_says_comes_back(text: str) -> None:
    read, again = Snapshot(text, "/a.c"), Snapshot(text, "/a.c")
    said = source_of(read)
    assert restore(again, encoded(read))
    assert is_read(again)
    assert source_of(again) is not said
    assert source_of(again) == said


@pytest.mark.parametrize("content", [b"", b"{}", b"[1, 2", b"[]", b"null", b"\xff", b"[[[1]], [], [], []]"])
def test_a_damaged_note_is_refused(content: bytes) -> None:
    snapshot = Snapshot(CODE, "/a.c")
    assert not restore(snapshot, content)
    assert source_of(snapshot).function("wait") is not None


def test_only_c_that_was_read_is_kept() -> None:
    snapshot = Snapshot(CODE, "/a.c")
    assert STM32.reading(snapshot) is None
    source_of(snapshot)
    assert STM32.reading(snapshot)
    assert STM32.reading(Snapshot("x", "/compile_flags.txt")) is None
