"""Hover: `$` in the code, and what must be said there."""

from pathlib import Path

import pytest
from firmware import DEVICE, SVD, marked

from kiki_tools.stm32.service import STM32
from kiki_tools.text import Span

CODE = """#include "stm32f4xx_hal.h"
#define LED_PIN GPIO_PIN_5
#define PORT USART2
UART_HandleTypeDef huart2;
static void set_up(USART_TypeDef *any)
{
  GPIO_InitTypeDef init = {0};
  {BODY}
}
void USART2_IRQHandler(void) {}
"""


def told(folder: Path, body: str, **more: str) -> str:
    snapshot, at, workspace = marked(folder, CODE.replace("{BODY}", body), **more)
    hover = STM32.hover(snapshot, at, workspace)
    return hover.markdown if hover is not None else ""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("USART2->C$R1 = 0;", ["**USART2->CR1**: USART Control", "`0x40004404`", "| 13 | `UE` | USART Enable |"]),
        ("PORT->C$R1 = 0;", ["USART2->CR1"]),
        ("any->C$R1 = 0;", ["USART->CR1", "offset `0x04`", "| 3 | `TE` | Transmitter Enable |"]),
        ("huart2.Instance->C$R1 = 0;", ["USART->CR1"]),
        ("huart2.Instance = USART2; huart2.Instance->C$R1 = 0;", ["USART2->CR1", "`0x40004404`"]),
        ("GPIOA->AF$R[1] = 0;", ["`0x40020014`", "alternate function of pin 9"]),
        ("GPIOA->MOD$ER = 0;", ["mode of pin 5", "0 input, 1 output, 2 alternate function, 3 analog"]),
        ("USART2->S$R;", ["read only", "16 bits"]),
        ("GPIOA->MODER = 0x8$00;", ["| 11:10 | `MODER5` | 2: alternate function | mode of pin 5 |"]),
        ("USART2->CR1 |= (1 << 1$3);", ["| 13 | `UE` | 1 | USART Enable |"]),
        ("RCC->AHB1ENR |= RCC_AHB1ENR_GPIO$AEN;", ["clock of GPIOA", "bit 0 of `RCC_AHB1ENR`", "In RCC"]),
        ("x = USART_CR1_T$E;", ["Transmitter Enable", "USART2, USART3", "`LL_USART_SetDirection`"]),
        ("x = RCC_CFGR_SW_P$LL;", ["= 2: PLL selected as system clock", "| 0 | HSI selected as system clock |"]),
        ("x = RCC_CFGR_SW_$0;", ["bits 1:0", "this is bit 0 of the field"]),
        ("init.Pin = LED_$PIN; HAL_GPIO_Init(GPIOA, &init);", ["**PA5**", "| 5 | SPI1_SCK |", "LQFP64 21"]),
        ("x = USA$RT3;", ["**USART3**: Universal Synchronous", "`0x40004800`", "TX: ", "| 0x04 | `CR1` |"]),
        ("HAL_NVIC_EnableIRQ(USART2_IR$Qn);", ["interrupt 38", "`0x0D8`", "Handled in main.c", "Enabled in set_up"]),
        ("HAL_NVIC_EnableIRQ(TIM2_IR$Qn);", ["interrupt 28", "No `TIM2_IRQHandler` in the project"]),
        ("HAL_UART_Trans$mit(0, 0, 0, 0);", ["Sends an amount", "`Timeout`: Timeout", "`HAL_OK`, `HAL_ERROR`"]),
        ("HAL_UART_Transmit_$IT(0, 0, 0);", ["Returns at once", "`HAL_UART_TxCpltCallback`"]),
        ("LL_USART_SetDirec$tion(USART2, 0);", ["one of `LL_USART_NONE`, `LL_USART_TX`"]),
        ("x = GPIO_NO$PULL;", ["No Pull-up or Pull-down activation", "GPIO_PULLUP"]),
        ("x = HAL_O$K;", ["HAL_StatusTypeDef", "`HAL_ERROR`"]),
        ("huart2.Init.Par$ity = 0;", ["UART_InitTypeDef.Parity", "Specifies the parity mode", "UART_PARITY_EVEN"]),
        ("UART_InitType$Def other;", ["UART Init Structure definition", "`BaudRate`"]),
    ],
)  # fmt: skip
def test_hover(tmp_path: Path, body: str, expected: list[str]) -> None:
    found = told(tmp_path, body)
    for each in expected:
        assert each in found, found


@pytest.mark.parametrize("body", ["int co$unt = 0;", "count +$= 1;", "mine->CR$1 = 0;", "x = 1$2;", 'puts("te$xt");'])
def test_what_only_a_compiler_knows_isnt_told(tmp_path: Path, body: str) -> None:
    assert told(tmp_path, body) == ""


def test_reset_values_come_from_an_svd_file(tmp_path: Path) -> None:
    found = told(tmp_path, "USART2->C$R1 = 0;", **{"STM32F446.svd": SVD})
    assert "reset value `0x0000200C`" in found
    assert "| 13 | `UE` | 0x1 | USART Enable |" in found
    assert "after reset 0x1" in told(tmp_path, "x = USART_CR1_U$E;", **{"STM32F446.svd": SVD})


def test_a_refused_svd_file_changes_nothing(tmp_path: Path) -> None:
    found = told(tmp_path, "USART2->C$R1 = 0;", **{"STM32F446.svd": "<!DOCTYPE x [<!ENTITY a 'b'>]><device/>"})
    assert "USART Enable" in found


def test_without_headers_pins_are_told_all_the_same(tmp_path: Path) -> None:
    snapshot, at, workspace = marked(tmp_path, CODE.replace("{BODY}", "x = PA$5;"))
    bare = type(workspace)(workspace.snapshots)
    hover = STM32.hover(snapshot, at, bare)
    assert hover is not None
    assert "SPI1_SCK" in hover.markdown


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("GPIOA->MODER = 0x800;", "MODER5=alternate function"),
        ("USART2->CR1 |= (1 << 13) | USART_CR1_TE;", "UE, TE"),
        ("USART2->CR1 &= ~(1U << 13);", "clears UE"),
        ("USART2->CR1 ^= 8;", "toggles TE"),
        ("GPIOA->AFR[1] |= 7 << 4;", "AFSEL9=AF7"),
        ("RCC->CFGR = 2;", "SW=PLL"),
        ("any->CR1 = 0x2000;", "UE"),
    ],
)
def test_numbers_in_registers_are_taken_apart(tmp_path: Path, line: str, label: str) -> None:
    snapshot, _, workspace = marked(tmp_path, CODE.replace("{BODY}", "$" + line))
    (hint,) = STM32.hints(snapshot, Span(0, snapshot.length), workspace)
    assert hint.label == label
    assert snapshot.text[: hint.offset].endswith(line)


def test_fields_in_a_row_are_told_as_one(tmp_path: Path) -> None:
    """As for `GPIOA->MODER = 0xA8000000`, the value after reset."""
    more = "".join(
        f"#define GPIO_MODER_MODER{pin}_Pos ({2 * pin}U)\n"
        f"#define GPIO_MODER_MODER{pin}_Msk (0x3UL << GPIO_MODER_MODER{pin}_Pos)\n"
        for pin in (13, 14, 15)
    )
    code = CODE.replace("{BODY}", "$GPIOA->MODER = 0xA8000800;")
    snapshot, _, workspace = marked(tmp_path, code, **{"Include/stm32f446xx.h": DEVICE + more})
    (hint,) = STM32.hints(snapshot, Span(0, snapshot.length), workspace)
    assert hint.label == "MODER15..13=alternate function, MODER5=alternate function"


def test_a_proposal_is_described(tmp_path: Path) -> None:
    _, _, workspace = marked(tmp_path, CODE.replace("{BODY}", "$"))
    snapshot = next(iter(workspace.snapshots.values()))
    assert "Transmitter Enable" in STM32.describe(snapshot, "USART_CR1_TE", "value", workspace)
    assert STM32.describe(snapshot, "mine", "value", workspace) == ""


@pytest.mark.parametrize("line", ["USART2->CR1 |= USART_CR1_TE;", "USART2->CR1 = value + 1;", "x = 5;", "o->CR1 = 8;"])
def test_what_is_named_or_unknown_gets_no_hint(tmp_path: Path, line: str) -> None:
    snapshot, _, workspace = marked(tmp_path, CODE.replace("{BODY}", "$" + line))
    assert not STM32.hints(snapshot, Span(0, snapshot.length), workspace)


def test_the_signature_shows_the_parameter_at_the_cursor(tmp_path: Path) -> None:
    body = "HAL_UART_Transmit(&huart2, (uint8_t *)f(1, 2), $"
    snapshot, at, workspace = marked(tmp_path, CODE.replace("{BODY}", body))
    found = STM32.signature(snapshot, at, workspace)
    assert found is not None
    assert found.active == 2
    assert found.parameters[2] == ("uint16_t Size", "Amount of data elements to be sent.")
    assert "Sends an amount of data" in found.documentation


@pytest.mark.parametrize("body", ["mine(1, $", "HAL_UART_Transmit(1); $", "if ($", "($"])
def test_no_signature_for_others(tmp_path: Path, body: str) -> None:
    snapshot, at, workspace = marked(tmp_path, CODE.replace("{BODY}", body))
    assert STM32.signature(snapshot, at, workspace) is None
