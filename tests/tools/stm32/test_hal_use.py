"""Faults in the use of HAL, LL and registers: each told at its line, and what is right left alone."""

from pathlib import Path

import pytest
from told import diagnosed, told

from kiki_tools.text import Snapshot


def body(*lines: str) -> str:
    return "void run(void)\n{\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


CONSTANTS = [
    "GPIO_InitTypeDef init; init.Pull = GPIO_MODE_OUTPUT_PP;",
    "GPIO_InitTypeDef init = {.Pin = GPIO_PIN_5, .Pull = GPIO_SPEED_FREQ_LOW};",
    "huart2.Init.Parity = UART_STOPBITS_1;",
    "huart2.Init.Mode = UART_PARITY_NONE;",
    "hspi1.Init.NSS = SPI_MODE_MASTER;",
    "hspi1.Init.BaudRatePrescaler = SPI_DATASIZE_8BIT;",
    "oc.OCPolarity = TIM_COUNTERMODE_UP;",
    "channel.SamplingTime = ADC_RESOLUTION_12B;",
    "hdma.Init.MemInc = DMA_PINC_ENABLE;",
    "hi2c1.Init.DutyCycle = I2C_ADDRESSINGMODE_7BIT;",
    "RCC_ClkInitStruct.APB1CLKDivider = RCC_SYSCLK_DIV2;",
    "RCC_OscInitStruct.PLL.PLLState = RCC_PLLSOURCE_HSE;",
    "LL_GPIO_InitTypeDef init; init.Mode = LL_GPIO_PULL_UP;",
    "USART_InitStruct.Parity = LL_USART_STOPBITS_1;",
    "LL_GPIO_SetPinMode(GPIOA, LL_GPIO_PIN_5, LL_GPIO_PULL_UP);",
    "LL_TIM_OC_SetMode(TIM2, LL_TIM_CHANNEL_CH1, LL_TIM_OCPOLARITY_HIGH);",
    "HAL_GPIO_WritePin(GPIOA, GPIO_PIN_SET, GPIO_PIN_5);",
    "HAL_TIM_PWM_Start(&htim2, TIM_IT_CC1);",
    "HAL_RCC_ClockConfig(&clk, RCC_HCLK_DIV2);",
]


@pytest.mark.parametrize("line", CONSTANTS)
def test_a_constant_of_another_field_is_told(tmp_path: Path, line: str) -> None:
    text = "void clock(void) { __HAL_RCC_GPIOA_CLK_ENABLE(); __HAL_RCC_TIM2_CLK_ENABLE(); }\n" + body(line)
    assert ("ST501", line) in {(code, at) for code, at, _ in told(tmp_path, text)}


RIGHT = [
    "huart2.Init.Parity = USART_PARITY_NONE;",
    "init.Mode = MY_OWN_MODE;",
    "init.Pull = mode;",
    "RCC_ClkInitStruct.AHBCLKDivider = RCC_HCLK_DIV1;",
    "encoder.IC1Polarity = TIM_ICPOLARITY_RISING;",
    "EXTI->PR = EXTI_PR_PR0;",
    "TIM2->SR &= ~TIM_SR_UIF;",
    "TIM2->SR = ~TIM_SR_UIF;",
    "TIM2->DIER |= TIM_DIER_UIE;",
    "GPIOA->ODR |= 1 << 5;",
]


@pytest.mark.parametrize("line", RIGHT)
def test_what_is_right_is_left_alone(tmp_path: Path, line: str) -> None:
    text = "void clock(void) { __HAL_RCC_GPIOA_CLK_ENABLE(); __HAL_RCC_TIM2_CLK_ENABLE(); }\n" + body(line)
    assert told(tmp_path, text) == []


REGISTERS = [
    ("ST508", "EXTI->PR |= EXTI_PR_PR0;", "EXTI->PR = EXTI_PR_PR0;"),
    ("ST508", "EXTI->PR &= ~EXTI_PR_PR0;", "EXTI->PR = EXTI_PR_PR0;"),
    ("ST508", "DMA1->LIFCR |= DMA_LIFCR_CTCIF0;", "DMA1->LIFCR = DMA_LIFCR_CTCIF0;"),
    ("ST508", "SET_BIT(EXTI->PR, EXTI_PR_PR0);", "WRITE_REG(EXTI->PR, EXTI_PR_PR0);"),
    ("ST508", "EXTI->PR = EXTI->PR | EXTI_PR_PR0;", ""),
    ("ST509", "TIM2->SR |= TIM_SR_UIF;", "TIM2->SR = ~(TIM_SR_UIF);"),
    ("ST509", "htim2.Instance->SR |= TIM_SR_UIF;", "htim2.Instance->SR = ~(TIM_SR_UIF);"),
    ("ST509", "USART2->SR |= USART_SR_RXNE;", "USART2->SR = ~(USART_SR_RXNE);"),
    ("ST502", "HAL_GPIO_WritePin(GPIOA, 5, GPIO_PIN_SET);", "HAL_GPIO_WritePin(GPIOA, GPIO_PIN_5, GPIO_PIN_SET);"),
    ("ST502", "init.Pin = 5;", "init.Pin = GPIO_PIN_5;"),
]


@pytest.mark.parametrize(("code", "line", "mended"), REGISTERS)
def test_flags_and_masks_are_told_and_mended(tmp_path: Path, code: str, line: str, mended: str) -> None:
    clocks = (
        "void clock(void) { __HAL_RCC_GPIOA_CLK_ENABLE(); __HAL_RCC_TIM2_CLK_ENABLE(); __HAL_RCC_DMA1_CLK_ENABLE();\n"
    )
    text = clocks + "__HAL_RCC_USART2_CLK_ENABLE(); }\n" + body(line)
    ((at, one),) = diagnosed(tmp_path, {"main.c": text}, "STM32F446xx")
    assert (one.code, at.strip()) == (code, line)
    assert bool(one.fixes) == bool(mended)
    for fix in one.fixes:
        snapshot = Snapshot((tmp_path / "main.c").read_text(), "main.c")
        assert mended in snapshot.edited(list(fix.edits)).text


MAIN = """
UART_HandleTypeDef huart2;
void SystemClock_Config(void) { RCC->CR |= RCC_CR_HSEON; }
void MX_USART2_UART_Init(void)
{
  huart2.Instance = USART2;
  if (HAL_UART_Init(&huart2) != HAL_OK) { }
}
void HAL_UART_MspInit(UART_HandleTypeDef *huart)
{
  if (huart->Instance == USART2)
  {
    __HAL_RCC_USART2_CLK_ENABLE();
  }
}
int main(void)
{
  HAL_Init();
  SystemClock_Config();
  MX_USART2_UART_Init();
  HAL_UART_Transmit(&huart2, text, 3, 100);
  while (1) { }
}
"""


ORDER = [
    ("ST504", "  HAL_Init();\n", "", "SystemClock_Config();"),
    ("ST504", "  HAL_Init();\n  SystemClock_Config();", "  SystemClock_Config();\n  HAL_Init();",
     "SystemClock_Config();"),
    ("ST505", "  SystemClock_Config();\n  MX_USART2_UART_Init();", "  MX_USART2_UART_Init();\n  SystemClock_Config();",
     "MX_USART2_UART_Init();"),
    ("ST505", "  HAL_Init();\n  SystemClock_Config();", "  HAL_Init();", "MX_USART2_UART_Init();"),
    ("ST507", "  MX_USART2_UART_Init();\n  HAL_UART_Transmit(&huart2, text, 3, 100);",
     "  HAL_UART_Transmit(&huart2, text, 3, 100);\n  MX_USART2_UART_Init();",
     "HAL_UART_Transmit(&huart2, text, 3, 100);"),
    ("ST201", "    __HAL_RCC_USART2_CLK_ENABLE();\n", "", "if (huart->Instance == USART2)"),
    ("ST202", "  while (1)", "  GPIOA->ODR = 1; __HAL_RCC_GPIOA_CLK_ENABLE();\n  while (1)",
     "GPIOA->ODR = 1; __HAL_RCC_GPIOA_CLK_ENABLE();"),
]  # fmt: skip


def test_a_program_in_order_is_left_alone(tmp_path: Path) -> None:
    assert told(tmp_path, MAIN) == []


@pytest.mark.parametrize(("code", "old", "new", "line"), ORDER)
def test_the_order_of_calls_is_followed_from_main(tmp_path: Path, code: str, old: str, new: str, line: str) -> None:
    assert old in MAIN
    assert (code, line) in {(found, at) for found, at, _ in told(tmp_path, MAIN.replace(old, new))}


def test_a_clock_is_followed_into_other_files(tmp_path: Path) -> None:
    head, _, rest = MAIN.partition("void HAL_UART_MspInit")
    support, _, main = rest.partition("int main")
    files = {"main.c": head + "int main" + main, "msp.c": "void HAL_UART_MspInit" + support}
    assert told(tmp_path, files) == []
    without = {**files, "msp.c": files["msp.c"].replace("__HAL_RCC_USART2_CLK_ENABLE();", "")}
    ((code, line, _),) = told(tmp_path, without)
    assert (code, line) == ("ST201", "if (huart->Instance == USART2)")


WATCHDOG = """
IWDG_HandleTypeDef hiwdg;
void start(void)
{
  hiwdg.Instance = IWDG;
  hiwdg.Init.Prescaler = IWDG_PRESCALER_4;
  hiwdg.Init.Reload = 4095;
  if (HAL_IWDG_Init(&hiwdg) != HAL_OK) { }
}
void loop(void)
{
  while (1)
  {
    HAL_Delay(100);
    HAL_IWDG_Refresh(&hiwdg);
    HAL_Delay(100);
  }
}
"""
POWER = """
void SystemClock_Config(void) { RCC_ClkInitTypeDef clk; clk.SYSCLKSource = RCC_SYSCLKSOURCE_PLLCLK; }
void sleep(void)
{
  __HAL_PWR_CLEAR_FLAG(PWR_FLAG_WU);
  HAL_PWR_EnterSTANDBYMode();
}
void stop(void)
{
  HAL_PWR_EnterSTOPMode(PWR_MAINREGULATOR_ON, PWR_STOPENTRY_WFI);
  SystemClock_Config();
}
void nap(void)
{
  HAL_Init();
  HAL_SuspendTick();
  HAL_PWR_EnterSLEEPMode(PWR_MAINREGULATOR_ON, PWR_SLEEPENTRY_WFI);
  HAL_ResumeTick();
}
"""
FLASH = """
void save(uint32_t data)
{
  uint32_t address = 0x08060000;
  HAL_FLASH_Unlock();
  HAL_FLASHEx_Erase(&erase, &error);
  while (address < 0x08060100)
  {
    HAL_FLASH_Program(FLASH_TYPEPROGRAM_WORD, address, data);
    address += 4;
  }
  HAL_FLASH_Lock();
}
"""
TRAPS = [
    (WATCHDOG, "ST510", "    HAL_Delay(100);\n    HAL_IWDG", "    HAL_Delay(1000);\n    HAL_IWDG", "HAL_Delay(1000);"),
    (WATCHDOG, "ST510", "Refresh(&hiwdg);\n    HAL_Delay(100);", "Refresh(&hiwdg);\n    HAL_Delay(450);",
     "HAL_Delay(450);"),
    (WATCHDOG, "ST511", "    HAL_IWDG_Refresh(&hiwdg);\n", "", "hiwdg.Init.Reload = 4095;"),
    (WATCHDOG, "ST511", "void loop", "void TIM2_IRQHandler(void)\n{\nHAL_IWDG_Refresh(&hiwdg);\n}\nvoid loop",
     "HAL_IWDG_Refresh(&hiwdg);"),
    (WATCHDOG, "ST512", "Reload = 4095", "Reload = 5000", "hiwdg.Init.Reload = 5000;"),
    (POWER, "ST513", "WFI);\n  SystemClock_Config();", "WFI);",
     "HAL_PWR_EnterSTOPMode(PWR_MAINREGULATOR_ON, PWR_STOPENTRY_WFI);"),
    (POWER, "ST514", "  __HAL_PWR_CLEAR_FLAG(PWR_FLAG_WU);\n", "", "HAL_PWR_EnterSTANDBYMode();"),
    (POWER, "ST515", "  HAL_SuspendTick();\n", "", "HAL_PWR_EnterSLEEPMode(PWR_MAINREGULATOR_ON, PWR_SLEEPENTRY_WFI);"),
    (POWER, "ST515", "  HAL_ResumeTick();\n", "", "HAL_SuspendTick();"),
    (FLASH, "ST516", "  HAL_FLASH_Unlock();\n", "", "HAL_FLASHEx_Erase(&erase, &error);"),
    (FLASH, "ST517", "  HAL_FLASHEx_Erase(&erase, &error);\n", "",
     "HAL_FLASH_Program(FLASH_TYPEPROGRAM_WORD, address, data);"),
    (FLASH, "ST518", "  HAL_FLASH_Lock();\n", "", "HAL_FLASH_Unlock();"),
    (FLASH, "ST519", "TYPEPROGRAM_WORD", "TYPEPROGRAM_DOUBLEWORD",
     "HAL_FLASH_Program(FLASH_TYPEPROGRAM_DOUBLEWORD, address, data);"),
    (FLASH, "ST519", "TYPEPROGRAM_WORD, address", "TYPEPROGRAM_WORD, 0x08060002",
     "HAL_FLASH_Program(FLASH_TYPEPROGRAM_WORD, 0x08060002, data);"),
]  # fmt: skip


@pytest.mark.parametrize("text", [WATCHDOG, POWER, FLASH])
def test_watchdog_power_and_flash_that_are_right_are_left_alone(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, text) == []


@pytest.mark.parametrize(("text", "code", "old", "new", "line"), TRAPS)
def test_traps_of_watchdogs_power_and_flash(
    tmp_path: Path, text: str, code: str, old: str, new: str, line: str
) -> None:
    assert old in text
    assert (code, line) in {(found, at) for found, at, _ in told(tmp_path, text.replace(old, new, 1))}


def test_flash_is_written_in_the_width_of_the_family(tmp_path: Path) -> None:
    found = told(tmp_path, FLASH, "STM32G474xx")
    assert [(code, message) for code, _, message in found] == [
        ("ST519", "the flash of G4 is written in doubleword or fast or fast_and_last, not in word")
    ]
