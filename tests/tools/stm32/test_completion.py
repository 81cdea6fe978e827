"""Completion: `$` in the code, and what is proposed there."""

from pathlib import Path

import pytest
from firmware import marked

from kiki_tools.language import Completion
from kiki_tools.stm32.service import STM32
from kiki_tools.text import Edit

CODE = """#include "stm32f4xx_hal.h"
UART_HandleTypeDef huart2;
static void set_up(USART_TypeDef *any)
{
  GPIO_InitTypeDef init = {0};
  {BODY}
}
void USART2_IRQHandler(void)
{
}
"""
OUTSIDE = """#include "stm32f4xx_hal.h"
UART_HandleTypeDef huart3;
void set_up(void)
{
  HAL_NVIC_EnableIRQ(USART3_IRQn);
}
{BODY}
"""


def proposed(folder: Path, code: str) -> tuple[list[Completion], str]:
    snapshot, at, workspace = marked(folder, code)
    return list(STM32.completions(snapshot, at, workspace)), snapshot.text


def labels(folder: Path, body: str) -> list[str]:
    return [each.label for each in proposed(folder, CODE.replace("{BODY}", body))[0]]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("init.Pull = $;", ["GPIO_NOPULL", "GPIO_PULLUP"]),
        ("huart2.Init.Parity = UART_$", ["UART_PARITY_NONE", "UART_PARITY_EVEN"]),
        ("huart2.Instance = $;", ["USART2", "USART3"]),
        ("USART2->CR1 |= $;", ["USART_CR1_TE", "USART_CR1_UE"]),
        ("any->CR1 &= ~$", ["USART_CR1_TE", "USART_CR1_UE"]),
        ("USART2->CR1 = USART_CR1_TE | $", ["USART_CR1_TE", "USART_CR1_UE"]),
        ("while (!(USART2->SR & $)) {}", ["USART_SR_TXE"]),
        ("if ((USART2->SR & USART_$) == 0) {}", ["USART_SR_TXE"]),
        ("SET_BIT(USART2->CR1, $);", ["USART_CR1_TE", "USART_CR1_UE"]),
        ("RCC->CFGR |= $", ["RCC_CFGR_SW", "RCC_CFGR_SW_HSI", "RCC_CFGR_SW_PLL"]),
        ("USART2->$", ["SR", "CR1"]),
        ("huart2.Instance->$", ["SR", "CR1"]),
        ("LL_USART_SetDirection($", ["USART2", "USART3"]),
        ("LL_USART_SetDirection(USART2, $", ["LL_USART_NONE", "LL_USART_TX"]),
        ("HAL_NVIC_SetPriority($", ["USART2_IRQn", "SysTick_IRQn", "TIM2_IRQn"]),
    ],
)
def test_what_fits_is_proposed(tmp_path: Path, body: str, expected: list[str]) -> None:
    assert labels(tmp_path, body) == expected


@pytest.mark.parametrize(
    ("body", "has", "hasnt"),
    [
        ("init.Pin = GPIO_PIN_9; init.Alternate = $; HAL_GPIO_Init(GPIOA, &init);", "GPIO_AF7_USART1", "GPIO_AF4_I2C1"),
        ("init.Pin = GPIO_PIN_2;\n  init.Alternate = $;\n HAL_GPIO_Init(GPIOA, &init);", "GPIO_AF7_USART2", "GPIO_AF4"),
        ("LL_GPIO_SetAFPin_0_7(GPIOA, LL_GPIO_PIN_2, $", "LL_GPIO_AF_7", "LL_GPIO_AF_5"),
    ],
)  # fmt: skip
def test_only_alternate_functions_of_the_pin_are_proposed(tmp_path: Path, body: str, has: str, hasnt: str) -> None:
    found = labels(tmp_path, body)
    assert has in found
    assert hasnt not in found


@pytest.mark.parametrize(
    "body",
    ["GPIO$", "int x = $", "init.$", "mine = $", "mine->$", "mine(1, $", "huart2.Init.BaudRate = $", "x.CR1 |= $"],
)
def test_what_a_c_server_proposes_isnt_proposed_again(tmp_path: Path, body: str) -> None:
    assert labels(tmp_path, body) == []


def inserted(folder: Path, code: str, label: str) -> str:
    found, text = proposed(folder, code)
    one = next(each for each in found if each.label == label)
    return text[: one.span.start] + one.insert + text[one.span.end :]


@pytest.mark.parametrize("typed", ["USART3$", "void USART3_I$", "void $"])
def test_a_missing_handler_is_written(tmp_path: Path, typed: str) -> None:
    after = inserted(tmp_path, OUTSIDE.replace("{BODY}", typed), "USART3_IRQHandler")
    assert "}\nvoid USART3_IRQHandler(void)\n{\n  HAL_UART_IRQHandler(&huart3);\n}\n" in after


def test_enabled_interrupts_come_first_and_handled_ones_not_at_all(tmp_path: Path) -> None:
    found, _ = proposed(tmp_path, OUTSIDE.replace("{BODY}", "void USART2_IRQHandler(void)\n{\n}\nvoid $"))
    assert found[0].label == "USART3_IRQHandler"
    assert found[0].detail == "enabled, but without handler"
    assert "USART2_IRQHandler" not in [each.label for each in found]


def test_in_a_function_no_handler_is_proposed(tmp_path: Path) -> None:
    assert labels(tmp_path, "USART3$") == []


def test_an_init_function_takes_free_pins_of_the_peripheral(tmp_path: Path) -> None:
    code = OUTSIDE.replace("{BODY}", "MX_USART1$")
    found, _ = proposed(tmp_path, code)
    assert [each.detail for each in found] == ["TX PA9, RX PA10", "TX PB6, RX PB7"]
    assert "GPIO_InitStruct.Alternate = GPIO_AF7_USART1;" in found[0].insert
    taken = "void led(void)\n{\n  GPIO_InitTypeDef i = {0};\n  i.Pin = GPIO_PIN_9;\n  HAL_GPIO_Init(GPIOA, &i);\n}\n"
    found, _ = proposed(tmp_path, OUTSIDE.replace("{BODY}", f"{taken}MX_USART1$"))
    assert [each.detail for each in found] == ["TX PB6, RX PB7"]


@pytest.mark.parametrize("peripheral", ["USART2", "SPI1", "I2C1"])
def test_what_is_inserted_has_no_findings(tmp_path: Path, peripheral: str) -> None:
    snapshot, at, workspace = marked(tmp_path, f'#include "stm32f4xx_hal.h"\nMX_{peripheral}$\n')
    one = STM32.completions(snapshot, at, workspace)[0]
    after = snapshot.edited([Edit(one.span, one.insert)])
    found = STM32.diagnostics(after, type(workspace)({**workspace.snapshots, after.path: after}))
    assert not [each for each in found if each.severity in ("error", "warning")]


def test_an_expectation_is_proposed_in_a_comment(tmp_path: Path) -> None:
    (one,), text = proposed(tmp_path, CODE.replace("{BODY}", "// @ex$"))
    assert one.insert == '@expect uart "'
    assert text[one.span.start : one.span.end] == "@ex"
    assert labels(tmp_path, "@ex$") == []


@pytest.mark.parametrize(
    "tail",
    [
        "",
        "(" * 3000,
        "\n" * 5000,
        "a->" * 3000,
        "{" * 3000,
        "x = " * 2000,
        "a" * 300_000,
        "a|" * 100_000,
        "a(" * 100_000,
    ],
)
def test_odd_text_before_the_cursor_costs_nothing(tmp_path: Path, tail: str) -> None:
    labels(tmp_path, tail + "$")
