"""Interrupts and what they share with the program; pins that two parts of a project want."""

from pathlib import Path

import pytest
from told import told

PROJECT = """
#define configPRIO_BITS 4
#define configMAX_SYSCALL_INTERRUPT_PRIORITY (5 << (8 - configPRIO_BITS))
UART_HandleTypeDef huart1, huart2;
volatile uint8_t done;
void setup(void)
{
  __HAL_RCC_USART1_CLK_ENABLE(); __HAL_RCC_USART2_CLK_ENABLE();
  huart1.Instance = USART1;
  huart2.Instance = USART2;
  HAL_NVIC_SetPriority(USART2_IRQn, 6, 0);
  HAL_NVIC_EnableIRQ(USART2_IRQn);
}
void USART2_IRQHandler(void)
{
  HAL_UART_IRQHandler(&huart2);
}
void HAL_UART_RxCpltCallback(UART_HandleTypeDef *huart)
{
  xQueueSendFromISR(queue, &byte, 0);
  done = 1;
}
void wait(void)
{
  while (!done)
  {
    HAL_GetTick();
  }
}
"""
FAULTS = [
    ("ST301", "void USART2_IRQHandler", "void USART1_IRQHandler", "HAL_NVIC_EnableIRQ(USART2_IRQn);"),
    ("ST302", "void USART2_IRQHandler", "void USART2_IRQHandlr", "void USART2_IRQHandlr(void)"),
    ("ST302", "void USART2_IRQHandler", "void Usart2_IRQHandler", "void Usart2_IRQHandler(void)"),
    ("ST302", "void USART2_IRQHandler", "void USART22_IRQHandler", "void USART22_IRQHandler(void)"),
    ("ST303", "  HAL_UART_IRQHandler(&huart2);\n", "", "void USART2_IRQHandler(void)"),
    ("ST303", "HAL_UART_IRQHandler(&huart2)", "HAL_GPIO_TogglePin(port, pin)", "void USART2_IRQHandler(void)"),
    ("ST304", "  done = 1;", "  done = 1; HAL_Delay(1);", "done = 1; HAL_Delay(1);"),
    ("ST304", "  done = 1;", "  HAL_SPI_Transmit(&hspi1, &byte, 1, 10);", "HAL_SPI_Transmit(&hspi1, &byte, 1, 10);"),
    ("ST305", "volatile uint8_t done", "uint8_t done", "uint8_t done;"),
    ("ST306", "USART2_IRQn, 6", "USART2_IRQn, 2", "HAL_NVIC_SetPriority(USART2_IRQn, 2, 0);"),
    ("ST306", "  HAL_NVIC_SetPriority(USART2_IRQn, 6, 0);\n", "", "HAL_NVIC_EnableIRQ(USART2_IRQn);"),
    ("ST307", "HAL_UART_IRQHandler(&huart2)", "HAL_UART_IRQHandler(&huart1)", "HAL_UART_IRQHandler(&huart1);"),
    ("ST308", "xQueueSendFromISR", "xQueueSend", "xQueueSend(queue, &byte, 0);"),
]


def test_interrupts_that_are_right_are_left_alone(tmp_path: Path) -> None:
    assert told(tmp_path, PROJECT) == []


@pytest.mark.parametrize(("code", "old", "new", "line"), FAULTS)
def test_a_fault_of_an_interrupt_is_told(tmp_path: Path, code: str, old: str, new: str, line: str) -> None:
    assert old in PROJECT
    assert (code, line) in {(found, at) for found, at, _ in told(tmp_path, PROJECT.replace(old, new))}


def test_a_handler_s_name_may_be_a_macro(tmp_path: Path) -> None:
    text = "#define TIMx_IRQHandler TIM3_IRQHandler\nvoid TIMx_IRQHandler(void)\n{\n  HAL_TIM_IRQHandler(&htim);\n}\n"
    assert told(tmp_path, text) == []
    ((code, _, message),) = told(tmp_path, text.replace("void TIMx_IRQHandler", "void TIMx_IRQHandlr"))
    assert (code, message) == ("ST302", "no vector is called TIMx_IRQHandlr; did you mean TIMx_IRQHandler?")


def pin(number: int, mode: str, function: str, alternate: str = "", port: str = "A") -> str:
    af = f"  init.Alternate = {alternate};\n" if alternate else ""
    return (
        f"void {function}(void)\n{{\n  GPIO_InitTypeDef init = {{0}};\n  __HAL_RCC_GPIO{port}_CLK_ENABLE();\n"
        f"  init.Pin = GPIO_PIN_{number};\n  init.Mode = {mode};\n{af}  HAL_GPIO_Init(GPIO{port}, &init);\n}}\n"
    )


SPI = pin(5, "GPIO_MODE_AF_PP", "spi_pins", "GPIO_AF5_SPI1")


def test_a_pin_with_two_uses_is_told_at_both(tmp_path: Path) -> None:
    found = told(tmp_path, {"main.c": SPI, "led.c": pin(5, "GPIO_MODE_OUTPUT_PP", "led")})
    assert [(code, line) for code, line, _ in found] == [
        ("ST102", "init.Alternate = GPIO_AF5_SPI1;"),
        ("ST102", "init.Mode = GPIO_MODE_OUTPUT_PP;"),
    ]
    assert "in led of led.c" in found[0][2]
    assert told(tmp_path, {"main.c": SPI, "led.c": pin(6, "GPIO_MODE_OUTPUT_PP", "led")}) == []
    assert told(tmp_path, {"main.c": SPI, "led.c": pin(5, "GPIO_MODE_ANALOG", "HAL_SPI_MspDeInit")}) == []


def test_the_pin_is_blamed_where_the_function_is_right(tmp_path: Path) -> None:
    text = SPI.replace("GPIO_PIN_5", "GPIO_PIN_5 | GPIO_PIN_9")
    ((code, line, message),) = told(tmp_path, text)
    assert (code, line) == ("ST101", "init.Pin = GPIO_PIN_5 | GPIO_PIN_9;")
    assert "PA9 has no AF5 SPI1" in message


def test_pins_that_the_device_doesn_t_have(tmp_path: Path) -> None:
    ((code, line, _),) = told(tmp_path, pin(8, "GPIO_MODE_OUTPUT_PP", "led", port="H"))
    assert (code, line) == ("ST103", "init.Pin = GPIO_PIN_8;")


def test_a_function_of_a_peripheral_that_nothing_works_with(tmp_path: Path) -> None:
    main = "int main(void)\n{\n  HAL_Init();\n  __HAL_RCC_SPI1_CLK_ENABLE();\n  SPI1->CR1 = 1;\n  while (1) { }\n}\n"
    assert told(tmp_path, SPI + main) == []
    ((code, _, message),) = told(tmp_path, SPI.replace("GPIO_AF5_SPI1", "GPIO_AF1_TIM2") + main)
    assert code == "ST104"
    assert "AF5 SPI1_SCK" in message


def test_alternate_functions_in_registers(tmp_path: Path) -> None:
    text = (
        "void pins(void)\n{\n  RCC->AHB1ENR |= RCC_AHB1ENR_GPIOAEN;\n  GPIOA->AFR[0] |= 7 << GPIO_AFRL_AFSEL2_Pos;\n}\n"
    )
    assert told(tmp_path, text) == []
    ((code, line, _),) = told(tmp_path, text.replace("7 <<", "9 <<"))
    assert (code, line) == ("ST101", "GPIOA->AFR[0] |= 9 << GPIO_AFRL_AFSEL2_Pos;")
