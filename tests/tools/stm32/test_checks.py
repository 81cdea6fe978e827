"""Faults planted into a small project that is right: each is told at its line, and the right one isn't touched."""

import re
from pathlib import Path

import pytest

from kiki_tools.language import Diagnostic
from kiki_tools.stm32.service import STM32
from kiki_tools.text import Span
from kiki_tools.workspace import gather, read_snapshot

FLAGS = "-DSTM32F446xx\n-DUSE_HAL_DRIVER\n"
MAIN = """#include "main.h"
#include "stm32f4xx_hal.h"
#define HSE_VALUE 8000000U
#define LED_PORT GPIOB
#define LED_PIN GPIO_PIN_7

UART_HandleTypeDef huart2;
volatile uint8_t done;
static uint32_t count;

void SystemClock_Config(void)
{
  RCC_OscInitTypeDef RCC_OscInitStruct = {0};
  RCC_ClkInitTypeDef RCC_ClkInitStruct = {0};
  RCC_OscInitStruct.OscillatorType = RCC_OSCILLATORTYPE_HSE;
  RCC_OscInitStruct.HSEState = RCC_HSE_ON;
  RCC_OscInitStruct.PLL.PLLState = RCC_PLL_ON;
  RCC_OscInitStruct.PLL.PLLSource = RCC_PLLSOURCE_HSE;
  RCC_OscInitStruct.PLL.PLLM = 4;
  RCC_OscInitStruct.PLL.PLLN = 180;
  RCC_OscInitStruct.PLL.PLLP = RCC_PLLP_DIV2;
  RCC_OscInitStruct.PLL.PLLQ = 8;
  if (HAL_RCC_OscConfig(&RCC_OscInitStruct) != HAL_OK) { Error_Handler(); }
  RCC_ClkInitStruct.SYSCLKSource = RCC_SYSCLKSOURCE_PLLCLK;
  RCC_ClkInitStruct.AHBCLKDivider = RCC_SYSCLK_DIV1;
  RCC_ClkInitStruct.APB1CLKDivider = RCC_HCLK_DIV4;
  RCC_ClkInitStruct.APB2CLKDivider = RCC_HCLK_DIV2;
  if (HAL_RCC_ClockConfig(&RCC_ClkInitStruct, FLASH_LATENCY_5) != HAL_OK) { Error_Handler(); }
}

static void MX_GPIO_Init(void)
{
  GPIO_InitTypeDef init = {0};
  __HAL_RCC_GPIOB_CLK_ENABLE();
  init.Pin = LED_PIN;
  init.Mode = GPIO_MODE_OUTPUT_PP;
  init.Pull = GPIO_NOPULL;
  init.Speed = GPIO_SPEED_FREQ_LOW;
  HAL_GPIO_Init(LED_PORT, &init);
}

int main(void)
{
  HAL_Init();
  SystemClock_Config();
  MX_GPIO_Init();
  huart2.Instance = USART2;
  huart2.Init.WordLength = UART_WORDLENGTH_8B;
  huart2.Init.Parity = UART_PARITY_NONE;
  if (HAL_UART_Init(&huart2) != HAL_OK) { Error_Handler(); }
  while (!done)
  {
  }
  while (1)
  {
    count++;
  }
}
"""
HANDLERS = """#include "stm32f4xx_hal.h"
extern UART_HandleTypeDef huart2;
extern volatile uint8_t done;

void USART2_IRQHandler(void)
{
  HAL_UART_IRQHandler(&huart2);
}

void EXTI0_IRQHandler(void)
{
  EXTI->PR = EXTI_PR_PR0;
}

void HAL_UART_RxCpltCallback(UART_HandleTypeDef *huart)
{
  done = 1;
}
"""
SUPPORT = """#include "stm32f4xx_hal.h"

void HAL_UART_MspInit(UART_HandleTypeDef *huart)
{
  GPIO_InitTypeDef GPIO_InitStruct = {0};
  __HAL_RCC_GPIOA_CLK_ENABLE();
  __HAL_RCC_USART2_CLK_ENABLE();
  GPIO_InitStruct.Pin = GPIO_PIN_2 | GPIO_PIN_3;
  GPIO_InitStruct.Mode = GPIO_MODE_AF_PP;
  GPIO_InitStruct.Pull = GPIO_PULLUP;
  GPIO_InitStruct.Alternate = GPIO_AF7_USART2;
  HAL_GPIO_Init(GPIOA, &GPIO_InitStruct);
  HAL_NVIC_SetPriority(USART2_IRQn, 5, 0);
  HAL_NVIC_EnableIRQ(USART2_IRQn);
  HAL_NVIC_EnableIRQ(EXTI0_IRQn);
}
"""
FILES = {"main.c": MAIN, "stm32f4xx_it.c": HANDLERS, "stm32f4xx_hal_msp.c": SUPPORT}


def told(folder: Path, changed: dict[str, str] | None = None) -> list[tuple[str, int, Diagnostic]]:
    """The diagnostics of the project's files: the file's name, the line from 1, the diagnostic."""
    (folder / "compile_flags.txt").write_text(FLAGS)
    for name, text in {**FILES, **(changed or {})}.items():
        (folder / name).write_text(text)
    found = []
    for name in FILES:
        snapshot = read_snapshot(folder / name)
        for one in STM32.diagnostics(snapshot, gather(STM32, snapshot)):
            found.append((name, snapshot.line_of(one.span.start) + 1, one))
    return found


def test_a_project_that_is_right_is_left_alone(tmp_path: Path) -> None:
    assert told(tmp_path) == []


FAULTS = [
    ("ST101", "stm32f4xx_hal_msp.c", "GPIO_AF7_USART2", "GPIO_AF7_USART1"),
    ("ST101", "stm32f4xx_hal_msp.c", "GPIO_AF7_USART2", "GPIO_AF4_I2C1"),
    ("ST101", "stm32f4xx_hal_msp.c", "GPIO_PIN_2 | GPIO_PIN_3", "GPIO_PIN_2 | GPIO_PIN_6"),
    ("ST501", "stm32f4xx_hal_msp.c", "= GPIO_PULLUP", "= GPIO_MODE_AF_OD"),
    ("ST501", "main.c", "= GPIO_SPEED_FREQ_LOW", "= GPIO_PULLUP"),
    ("ST501", "main.c", "= UART_PARITY_NONE", "= UART_STOPBITS_1"),
    ("ST201", "main.c", "  __HAL_RCC_GPIOB_CLK_ENABLE();\n", ""),
    ("ST201", "stm32f4xx_hal_msp.c", "  __HAL_RCC_GPIOA_CLK_ENABLE();\n", ""),
    ("ST201", "stm32f4xx_hal_msp.c", "  __HAL_RCC_USART2_CLK_ENABLE();\n", ""),
    ("ST301", "stm32f4xx_it.c", "void EXTI0_IRQHandler(void)", "void EXTI1_IRQHandler(void)"),
    ("ST302", "stm32f4xx_it.c", "void USART2_IRQHandler(void)", "void USART02_IRQHandler(void)"),
    ("ST302", "stm32f4xx_it.c", "void USART2_IRQHandler(void)", "void USART2_IRQHandlr(void)"),
    ("ST303", "stm32f4xx_it.c", "  HAL_UART_IRQHandler(&huart2);\n", ""),
    ("ST304", "stm32f4xx_it.c", "  done = 1;", "  HAL_Delay(10);\n  done = 1;"),
    ("ST304", "stm32f4xx_it.c", "  EXTI->PR = EXTI_PR_PR0;", '  EXTI->PR = EXTI_PR_PR0;\n  printf("x");'),
    ("ST304", "stm32f4xx_it.c", "  done = 1;", "  char *p = malloc(10);\n  done = 1;"),
    ("ST304", "stm32f4xx_it.c", "  done = 1;", "  HAL_UART_Transmit(huart, 0, 1, 100);\n  done = 1;"),
    ("ST305", "main.c", "volatile uint8_t done;", "uint8_t done;"),
    ("ST503", "main.c", "if (HAL_UART_Init(&huart2) != HAL_OK) { Error_Handler(); }", "HAL_UART_Init(&huart2);"),
    ("ST504", "main.c", "  HAL_Init();\n  SystemClock_Config();\n", "  SystemClock_Config();\n  HAL_Init();\n"),
    ("ST508", "stm32f4xx_it.c", "EXTI->PR = EXTI_PR_PR0", "EXTI->PR |= EXTI_PR_PR0"),
    ("ST210", "main.c", "PLLM = 4;", "PLLM = 1;"),
    ("ST211", "main.c", "PLLN = 180;", "PLLN = 300;"),
    ("ST212", "main.c", "PLLN = 180;", "PLLN = 200;"),
    ("ST213", "main.c", "APB1CLKDivider = RCC_HCLK_DIV4", "APB1CLKDivider = RCC_HCLK_DIV2"),
    ("ST213", "main.c", "APB2CLKDivider = RCC_HCLK_DIV2", "APB2CLKDivider = RCC_HCLK_DIV1"),
    ("ST214", "main.c", "FLASH_LATENCY_5", "FLASH_LATENCY_3"),
]


@pytest.mark.parametrize(("code", "file", "old", "new"), FAULTS)
def test_a_planted_fault_is_told(tmp_path: Path, code: str, file: str, old: str, new: str) -> None:
    assert FILES[file].count(old) >= 1
    changed = FILES[file].replace(old, new, 1)
    found = told(tmp_path, {file: changed})
    assert code in {one.code for _, _, one in found}, found
    if new and code not in ("ST301", "ST212", "ST101"):
        line = changed[: FILES[file].index(old)].count("\n") + 1
        assert any(one.code == code and name == file and line <= at <= line + 2 for name, at, one in found), found


def test_the_message_names_what_the_pin_has_and_the_fix_writes_it(tmp_path: Path) -> None:
    found = told(tmp_path, {"stm32f4xx_hal_msp.c": SUPPORT.replace("GPIO_AF7_USART2", "GPIO_AF8_USART2")})
    one = next(one for _, _, one in found if one.code == "ST101")
    assert "AF7 USART2_TX" in one.message
    assert one.fixes[0].edits[0].text == "GPIO_AF7_USART2"


DMA = """
DMA_HandleTypeDef hdma_usart2_tx;
void transfers(void)
{
  hdma_usart2_tx.Instance = DMA1_Stream6;
  hdma_usart2_tx.Init.Channel = DMA_CHANNEL_4;
  hdma_usart2_tx.Init.Direction = DMA_MEMORY_TO_PERIPH;
}
"""


def test_a_dma_stream_must_serve_the_peripheral(tmp_path: Path) -> None:
    assert told(tmp_path, {"main.c": MAIN + DMA}) == []
    for old, new in (
        ("DMA1_Stream6", "DMA1_Stream5"),
        ("DMA_CHANNEL_4", "DMA_CHANNEL_3"),
        ("DMA1_Stream6", "DMA2_Stream6"),
    ):
        ((_, _, one),) = told(tmp_path, {"main.c": MAIN + DMA.replace(old, new)})
        assert one.code == "ST401"
        assert "DMA1_Stream6 channel 4" in one.message


def test_two_functions_on_one_pin(tmp_path: Path) -> None:
    other = SUPPORT.replace("HAL_UART_MspInit", "HAL_TIM_MspPostInit").replace("GPIO_AF7_USART2", "GPIO_AF1_TIM2")
    found = told(tmp_path, {"stm32f4xx_hal_msp.c": SUPPORT + other})
    assert "ST102" in {one.code for _, _, one in found}


def test_priorities_above_freertos(tmp_path: Path) -> None:
    handlers = HANDLERS.replace(
        "HAL_UART_IRQHandler(&huart2);", "HAL_UART_IRQHandler(&huart2); xQueueSendFromISR(q, 0, 0);"
    )
    limit = "#define configLIBRARY_MAX_SYSCALL_INTERRUPT_PRIORITY 5\n"
    changed = {"stm32f4xx_it.c": handlers, "main.c": limit + MAIN}
    assert told(tmp_path, changed) == []
    found = told(tmp_path, {**changed, "stm32f4xx_hal_msp.c": SUPPORT.replace("USART2_IRQn, 5", "USART2_IRQn, 2")})
    assert [one.code for _, _, one in found] == ["ST306"]


@pytest.mark.parametrize("cut", range(0, len(MAIN), 211))
def test_unfinished_code_is_no_trouble(tmp_path: Path, cut: int) -> None:
    told(tmp_path, {"main.c": MAIN[:cut], "stm32f4xx_it.c": re.sub(r"\{", "BEGIN", HANDLERS)})


RATES = """
void rates(void)
{
  huart2.Instance = USART2;
  huart2.Init.BaudRate = 115200;
  htim2.Instance = TIM2;
  htim2.Init.Prescaler = 9000 - 1;
  htim2.Init.Period = 9999;
}
"""


def test_the_margin_shows_what_clocks_rates_and_timers_come_to(tmp_path: Path) -> None:
    support = SUPPORT + "void clock(void) { __HAL_RCC_TIM2_CLK_ENABLE(); }\n"
    assert told(tmp_path, {"main.c": MAIN + RATES, "stm32f4xx_hal_msp.c": support}) == []
    snapshot = read_snapshot(tmp_path / "main.c")
    hints = STM32.hints(snapshot, Span(0, len(snapshot.text)), gather(STM32, snapshot))
    assert [hint.label for hint in hints] == [
        "SYSCLK = 180 MHz, AHB = 180 MHz, APB1 = 45 MHz, APB2 = 90 MHz",
        "115090 baud, -0.10%",
        "TIM2: 1 Hz, every 1 s",
    ]


def test_a_baud_rate_out_of_reach_is_told(tmp_path: Path) -> None:
    support = SUPPORT + "void clock(void) { __HAL_RCC_TIM2_CLK_ENABLE(); }\n"
    fast = MAIN + RATES.replace("115200", "13000000")
    ((_, _, one),) = told(tmp_path, {"main.c": fast, "stm32f4xx_hal_msp.c": support})
    assert one.code == "ST217"
