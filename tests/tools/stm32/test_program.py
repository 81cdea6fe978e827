"""A whole program by hand, right as it stands; each fault in it is told once, at the line where one would look."""

from pathlib import Path

import pytest
from told import told

from kiki_tools.stm32.project import is_firmware
from kiki_tools.text import Snapshot

PROGRAM = """#include "stm32f4xx_hal.h"
UART_HandleTypeDef huart2;
TIM_HandleTypeDef htim3;
volatile uint32_t ticks;
volatile uint8_t done;
uint8_t rx;
void SystemClock_Config(void);
static void MX_GPIO_Init(void);
static void MX_USART2_UART_Init(void);
static void MX_TIM3_Init(void);
void Error_Handler(void) { __disable_irq(); while (1) {} }
uint32_t millis(void) { return ticks; }
static void wait_ms(uint32_t ms)
{
  uint32_t start = millis();
  while (millis() - start < ms) {}
}
int main(void)
{
  HAL_Init();
  SystemClock_Config();
  MX_GPIO_Init();
  MX_USART2_UART_Init();
  MX_TIM3_Init();
  if (HAL_UART_Receive_IT(&huart2, &rx, 1) != HAL_OK) { Error_Handler(); }
  if (HAL_TIM_Base_Start_IT(&htim3) != HAL_OK) { Error_Handler(); }
  while (1)
  {
    if (done) { done = 0; HAL_GPIO_TogglePin(GPIOA, GPIO_PIN_5); }
    wait_ms(10);
  }
}
void SystemClock_Config(void)
{
  RCC_OscInitTypeDef osc = {0};
  RCC_ClkInitTypeDef clk = {0};
  __HAL_RCC_PWR_CLK_ENABLE();
  __HAL_PWR_VOLTAGESCALING_CONFIG(PWR_REGULATOR_VOLTAGE_SCALE1);
  osc.OscillatorType = RCC_OSCILLATORTYPE_HSI;
  osc.HSIState = RCC_HSI_ON;
  osc.HSICalibrationValue = RCC_HSICALIBRATION_DEFAULT;
  osc.PLL.PLLState = RCC_PLL_ON;
  osc.PLL.PLLSource = RCC_PLLSOURCE_HSI;
  osc.PLL.PLLM = 16;
  osc.PLL.PLLN = 336;
  osc.PLL.PLLP = RCC_PLLP_DIV2;
  osc.PLL.PLLQ = 7;
  osc.PLL.PLLR = 2;
  if (HAL_RCC_OscConfig(&osc) != HAL_OK) { Error_Handler(); }
  clk.ClockType = RCC_CLOCKTYPE_HCLK | RCC_CLOCKTYPE_SYSCLK | RCC_CLOCKTYPE_PCLK1 | RCC_CLOCKTYPE_PCLK2;
  clk.SYSCLKSource = RCC_SYSCLKSOURCE_PLLCLK;
  clk.AHBCLKDivider = RCC_SYSCLK_DIV1;
  clk.APB1CLKDivider = RCC_HCLK_DIV4;
  clk.APB2CLKDivider = RCC_HCLK_DIV2;
  if (HAL_RCC_ClockConfig(&clk, FLASH_LATENCY_5) != HAL_OK) { Error_Handler(); }
}
static void MX_GPIO_Init(void)
{
  GPIO_InitTypeDef init = {0};
  __HAL_RCC_GPIOA_CLK_ENABLE();
  __HAL_RCC_GPIOC_CLK_ENABLE();
  init.Pin = GPIO_PIN_5;
  init.Mode = GPIO_MODE_OUTPUT_PP;
  init.Pull = GPIO_NOPULL;
  init.Speed = GPIO_SPEED_FREQ_LOW;
  HAL_GPIO_Init(GPIOA, &init);
  init.Pin = GPIO_PIN_13;
  init.Mode = GPIO_MODE_IT_FALLING;
  HAL_GPIO_Init(GPIOC, &init);
  HAL_NVIC_SetPriority(EXTI15_10_IRQn, 5, 0);
  HAL_NVIC_EnableIRQ(EXTI15_10_IRQn);
}
static void MX_USART2_UART_Init(void)
{
  huart2.Instance = USART2;
  huart2.Init.BaudRate = 115200;
  huart2.Init.WordLength = UART_WORDLENGTH_8B;
  huart2.Init.StopBits = UART_STOPBITS_1;
  huart2.Init.Parity = UART_PARITY_NONE;
  huart2.Init.Mode = UART_MODE_TX_RX;
  huart2.Init.HwFlowCtl = UART_HWCONTROL_NONE;
  if (HAL_UART_Init(&huart2) != HAL_OK) { Error_Handler(); }
}
static void MX_TIM3_Init(void)
{
  htim3.Instance = TIM3;
  htim3.Init.Prescaler = 8399;
  htim3.Init.CounterMode = TIM_COUNTERMODE_UP;
  htim3.Init.Period = 9999;
  if (HAL_TIM_Base_Init(&htim3) != HAL_OK) { Error_Handler(); }
}
void HAL_UART_MspInit(UART_HandleTypeDef *huart)
{
  GPIO_InitTypeDef init = {0};
  if (huart->Instance == USART2)
  {
    __HAL_RCC_USART2_CLK_ENABLE();
    __HAL_RCC_GPIOA_CLK_ENABLE();
    init.Pin = GPIO_PIN_2 | GPIO_PIN_3;
    init.Mode = GPIO_MODE_AF_PP;
    init.Pull = GPIO_NOPULL;
    init.Speed = GPIO_SPEED_FREQ_VERY_HIGH;
    init.Alternate = GPIO_AF7_USART2;
    HAL_GPIO_Init(GPIOA, &init);
    HAL_NVIC_SetPriority(USART2_IRQn, 5, 0);
    HAL_NVIC_EnableIRQ(USART2_IRQn);
  }
}
void HAL_TIM_Base_MspInit(TIM_HandleTypeDef *htim)
{
  if (htim->Instance == TIM3)
  {
    __HAL_RCC_TIM3_CLK_ENABLE();
    HAL_NVIC_SetPriority(TIM3_IRQn, 5, 0);
    HAL_NVIC_EnableIRQ(TIM3_IRQn);
  }
}
void SysTick_Handler(void) { HAL_IncTick(); ticks++; }
void USART2_IRQHandler(void) { HAL_UART_IRQHandler(&huart2); }
void TIM3_IRQHandler(void) { HAL_TIM_IRQHandler(&htim3); }
void EXTI15_10_IRQHandler(void)
{
  HAL_GPIO_EXTI_IRQHandler(GPIO_PIN_13);
}
void HAL_GPIO_EXTI_Callback(uint16_t pin) { if (pin == GPIO_PIN_13) { done = 1; } }
void HAL_UART_RxCpltCallback(UART_HandleTypeDef *huart)
{
  done = 1;
  if (HAL_UART_Receive_IT(huart, &rx, 1) != HAL_OK) { Error_Handler(); }
}
"""
FAULTS = [
    ("ST305", "volatile uint32_t ticks", "uint32_t ticks", "uint32_t ticks;"),
    ("ST305", "volatile uint8_t done", "uint8_t done", "uint8_t done;"),
    ("ST504", "  HAL_Init();\n", "", "  SystemClock_Config();"),
    ("ST505", "  SystemClock_Config();\n  MX", "  MX", "  MX_GPIO_Init();"),
    ("ST201", "  __HAL_RCC_GPIOC_CLK_ENABLE();\n", "", "  HAL_GPIO_Init(GPIOC, &init);"),
    ("ST203", "    __HAL_RCC_GPIOA_CLK_ENABLE();\n    init", "    init", "    __HAL_RCC_USART2_CLK_ENABLE();"),
    ("ST201", "    __HAL_RCC_TIM3_CLK_ENABLE();\n", "", "  if (htim->Instance == TIM3)"),
    ("ST101", "GPIO_AF7_USART2", "GPIO_AF8_UART4", "    init.Alternate = GPIO_AF8_UART4;"),
    ("ST105", "GPIO_PIN_2 | GPIO_PIN_3", "GPIO_PIN_2 | GPIO_PIN_4", "    init.Pin = GPIO_PIN_2 | GPIO_PIN_4;"),
    ("ST301", "EnableIRQ(TIM3_IRQn)", "EnableIRQ(TIM4_IRQn)", "    HAL_NVIC_EnableIRQ(TIM4_IRQn);"),
    ("ST309", "    HAL_NVIC_EnableIRQ(TIM3_IRQn);\n", "", "void TIM3_IRQHandler(void) { HAL_TIM_IRQHandler(&htim3); }"),
    ("ST310", "(TIM3_IRQn, 5, 0)", "(TIM3_IRQn, 16, 0)", "    HAL_NVIC_SetPriority(TIM3_IRQn, 16, 0);"),
    ("ST310", "SetPriority(TIM3_IRQn", "SetPriority(TIM4_IRQn", "    HAL_NVIC_SetPriority(TIM4_IRQn, 5, 0);"),
    (
        "ST307",
        "EXTI_IRQHandler(GPIO_PIN_13)",
        "EXTI_IRQHandler(GPIO_PIN_12)",
        "  HAL_GPIO_EXTI_IRQHandler(GPIO_PIN_12);",
    ),
    ("ST307", "EXTI_IRQHandler(GPIO_PIN_13)", "EXTI_IRQHandler(GPIO_PIN_9)", "  HAL_GPIO_EXTI_IRQHandler(GPIO_PIN_9);"),
    ("ST311", "HAL_IncTick(); ", "", "void SysTick_Handler(void) { ticks++; }"),
    ("ST507", "  MX_TIM3_Init();\n  if", "  if", "  if (HAL_TIM_Base_Start_IT(&htim3) != HAL_OK) { Error_Handler(); }"),
    ("ST220", "Period = 9999", "Period = 99999", "  htim3.Init.Period = 99999;"),
    ("ST220", "Prescaler = 8399", "Prescaler = 83999", "  htim3.Init.Prescaler = 83999;"),
    (
        "ST214",
        "FLASH_LATENCY_5",
        "FLASH_LATENCY_3",
        "  if (HAL_RCC_ClockConfig(&clk, FLASH_LATENCY_3) != HAL_OK) { Error_Handler(); }",
    ),
    ("ST213", "RCC_HCLK_DIV4", "RCC_HCLK_DIV2", "  clk.APB1CLKDivider = RCC_HCLK_DIV2;"),
]


def test_the_program_as_it_stands_is_right(tmp_path: Path) -> None:
    assert told(tmp_path, PROGRAM, "STM32F407xx") == []


@pytest.mark.parametrize(("code", "was", "fault", "line"), FAULTS)
def test_a_fault_is_told_at_its_line(code: str, was: str, fault: str, line: str, tmp_path: Path) -> None:
    assert was in PROGRAM
    found = told(tmp_path, PROGRAM.replace(was, fault, 1), "STM32F407xx")
    assert (code, line.strip()) in [(each[0], each[1]) for each in found]


@pytest.mark.parametrize(
    "register", ["ADC->CCR = ADC_CCR_TSVREFE", "ADC123_COMMON->CCR = 0", "DAC->CR = 0", "DAC1->CR = 0"]
)
def test_registers_that_a_kind_shares_are_clocked_by_any_of_it(register: str, tmp_path: Path) -> None:
    text = f"int main(void) {{ RCC->APB2ENR |= RCC_APB2ENR_ADC1EN; RCC->APB1ENR |= RCC_APB1ENR_DACEN; {register}; }}"
    assert told(tmp_path, text, "STM32F407xx") == []


@pytest.mark.parametrize("beside", ["board.ioc", "STM32F407VGTx_FLASH.ld", "startup_stm32f407xx.s", "stm32f4xx_it.c"])
def test_a_file_that_only_includes_its_own_headers_is_firmware_where_its_project_is(
    beside: str, tmp_path: Path
) -> None:
    (tmp_path / "Src").mkdir()
    snapshot = Snapshot('#include "board.h"\nint main(void) { led(); }', str(tmp_path / "Src" / "led.c"))
    assert not is_firmware(snapshot)
    (tmp_path / beside).touch()
    assert is_firmware(snapshot)
    (tmp_path / beside).unlink()
    (tmp_path / "Makefile").write_text("CFLAGS = -DSTM32F407xx")
    assert is_firmware(snapshot)


def test_a_pin_other_than_the_comment_s_is_told(tmp_path: Path) -> None:
    text = PROGRAM.replace(
        "    init.Pin = GPIO_PIN_2 |",
        "    /* PA2 ------> USART2_TX\n       PA3 ------> USART2_RX */\n    init.Pin = GPIO_PIN_2 |",
    )
    assert told(tmp_path, text, "STM32F407xx") == []
    (one,) = told(tmp_path, text.replace("GPIO_PIN_2 | GPIO_PIN_3", "GPIO_PIN_2 | GPIO_PIN_0"), "STM32F407xx")
    assert one[:2] == ("ST106", "init.Pin = GPIO_PIN_2 | GPIO_PIN_0;")
    assert "PA3 (USART2_RX)" in one[2]
