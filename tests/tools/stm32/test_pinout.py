"""The pins in use, as data, table and picture; lenses and names of a project."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from firmware import written

from kiki_tools.language import Workspace
from kiki_tools.stm32.packages import packages
from kiki_tools.stm32.pinout import markdown, package_of, svg, used_pins
from kiki_tools.stm32.project import Project, project_of
from kiki_tools.stm32.service import STM32
from kiki_tools.text import Snapshot
from kiki_tools.workspace import gather

MAIN = """#include "stm32f4xx_hal.h"
#define LED_PIN GPIO_PIN_5
UART_HandleTypeDef huart2;
void pins(void)
{
  GPIO_InitTypeDef init = {0};
  init.Pin = GPIO_PIN_2 | GPIO_PIN_3;
  init.Mode = GPIO_MODE_AF_PP;
  init.Alternate = GPIO_AF7_USART2;
  HAL_GPIO_Init(GPIOA, &init);
  init.Pin = LED_PIN;
  init.Mode = GPIO_MODE_OUTPUT_PP;
  HAL_GPIO_Init(GPIOA, &init);
  LL_GPIO_SetPinMode(GPIOC, LL_GPIO_PIN_13, LL_GPIO_MODE_INPUT);
  huart2.Instance = USART2;
  HAL_NVIC_SetPriority(USART2_IRQn, 5, 0);
  HAL_NVIC_EnableIRQ(USART2_IRQn);
}
void USART2_IRQHandler(void)
{
  HAL_UART_IRQHandler(&huart2);
}
void TIM2_IRQHandler(void)
{
}
"""
STARTUP = """
  .section  .isr_vector,"a",%progbits
g_pfnVectors:
  .word  _estack
  .word  Reset_Handler
  .word  SysTick_Handler
  .word  USART2_IRQHandler /* USART2 of an STM32 */
  .word  USART3_IRQHandler
"""


def opened(folder: Path, text: str = MAIN, **more: str) -> tuple[Snapshot, Workspace, Project]:
    path = written(folder, text, **more)
    snapshot = Snapshot(text, str(path))
    workspace = gather(STM32, snapshot)
    return snapshot, workspace, project_of(snapshot, workspace)


def test_the_pins_that_code_sets_up_are_known(tmp_path: Path) -> None:
    _, _, project = opened(tmp_path)
    found = {pin: (use.mode, use.function, use.label) for pin, use in used_pins(project).items()}
    assert found == {
        "PA2": ("alternate", "USART2_TX", ""),
        "PA3": ("alternate", "USART2_RX", ""),
        "PA5": ("output", "", "LED_PIN"),
        "PC13": ("input", "", ""),
    }


def test_packages_have_the_positions_of_the_data_sheet() -> None:
    """DS10693, table 10."""
    known = {each.name: each for each in packages("STM32F446RETx")}
    assert list(known) == ["LQFP64"]
    assert known["LQFP64"].positions("PA2") == ["16"]
    assert known["LQFP64"].pins["13"] == "VDDA"
    assert [each for each in packages("STM32F446xx") if each.is_grid]


def test_the_smallest_package_with_all_pins_is_taken(tmp_path: Path) -> None:
    _, _, project = opened(tmp_path)
    package = package_of(project)
    assert package is not None
    assert package.name == "LQFP64"
    _, _, large = opened(tmp_path, MAIN.replace("GPIOC", "GPIOG"))
    chosen = package_of(large)
    assert chosen is not None
    assert chosen.name == "LQFP144"
    with pytest.raises(ValueError, match="LQFP100"):
        package_of(project, "DIP8")


def test_the_table_names_pin_position_and_use(tmp_path: Path) -> None:
    _, _, project = opened(tmp_path)
    table = markdown(project, package_of(project))
    assert "| PA2 | 16 | alternate | USART2_TX |  | pins (main.c) |" in table
    assert "| PA5 | 21 | output |  | LED_PIN | pins (main.c) |" in table


@pytest.mark.parametrize("name", ["LQFP64", "UFBGA144", "WLCSP81"])
def test_the_picture_shows_each_pin_of_the_package(tmp_path: Path, name: str) -> None:
    _, _, project = opened(tmp_path, MAIN.replace("LED_PIN", "LED_<PIN>") if name == "LQFP64" else MAIN)
    package = package_of(project, name)
    assert package is not None
    root = ElementTree.fromstring(svg(project, package))
    texts = [each.text or "" for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert any(re.match(r"PA2\b.*USART2_TX", " ".join(texts[at : at + 2])) for at in range(len(texts)))
    assert len(texts) > len(package.pins)


def test_lenses_tell_of_handlers_and_pins(tmp_path: Path) -> None:
    snapshot, workspace, _ = opened(tmp_path)
    titles = [(each.title, each.action) for each in STM32.lenses(snapshot, workspace)]
    assert titles == [
        ("interrupt 38, vector 0x0D8, priority 5", ""),
        ("interrupt 28, vector 0x0B0, not enabled in the project", ""),
        ("Pins: 4 used; open the pin-out", "render"),
    ]


def test_a_startup_file_tells_what_is_handled(tmp_path: Path) -> None:
    opened(tmp_path, **{"startup_stm32f446xx.s": STARTUP})
    snapshot = Snapshot(STARTUP, str(tmp_path / "startup_stm32f446xx.s"))
    workspace = gather(STM32, snapshot)
    lenses = STM32.lenses(snapshot, workspace)
    assert [each.title for each in lenses] == ["1 of 4 vectors are handled", "USART2_IRQHandler: main.c"]
    assert STARTUP[lenses[1].span.start : lenses[1].span.end] == "USART2_IRQHandler"
    assert not STM32.diagnostics(snapshot, workspace)


def test_names_are_those_of_the_chip(tmp_path: Path) -> None:
    snapshot, _, _ = opened(tmp_path)
    found = {(each.name, each.kind) for each in STM32.names(snapshot)}
    assert {("USART2", "peripheral"), ("USART2_IRQHandler", "interrupt"), ("PA5 LED_PIN", "pin")} <= found


def test_what_isnt_firmware_has_none(tmp_path: Path) -> None:
    snapshot, workspace, _ = opened(tmp_path, "int main(void) { return 0; }\n")
    assert not STM32.names(snapshot)
    assert not STM32.lenses(snapshot, workspace)
