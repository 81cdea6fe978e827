"""DMA: routes of all kinds of controllers, directions, and where buffers lie."""

from pathlib import Path

import pytest
from told import told


def hal(part: str, choice: str, direction: str = "DMA_MEMORY_TO_PERIPH", link: str = "hdmatx") -> str:
    setting = f"    hdma.Init.{choice};\n" if choice else ""
    return (
        "UART_HandleTypeDef huart;\nDMA_HandleTypeDef hdma;\n"
        "void setup(void)\n{\n  huart.Instance = USART2;\n}\n"
        "void HAL_UART_MspInit(UART_HandleTypeDef *uart)\n{\n  if (uart->Instance == USART2)\n  {\n"
        "    __HAL_RCC_USART2_CLK_ENABLE(); __HAL_RCC_DMA1_CLK_ENABLE(); __HAL_RCC_DMA2_CLK_ENABLE();\n"
        f"    hdma.Instance = {part};\n{setting}    hdma.Init.Direction = {direction};\n"
        f"    __HAL_LINKDMA(uart, {link}, hdma);\n  }}\n}}\n"
    )


ROUTES = [
    ("STM32F446xx", hal("DMA1_Stream6", "Channel = DMA_CHANNEL_4"), "DMA1_Stream6", "DMA1_Stream5", "hdma.Instance"),
    ("STM32F446xx", hal("DMA1_Stream6", "Channel = DMA_CHANNEL_4"), "CHANNEL_4", "CHANNEL_3", "hdma.Init.Channel"),
    ("STM32G474xx", hal("DMA1_Channel1", "Request = DMA_REQUEST_USART2_TX"), "USART2_TX", "USART2_RX",
     "hdma.Init.Request"),
    ("STM32G474xx", hal("DMA1_Channel1", "Request = DMA_REQUEST_USART2_TX"), "USART2_TX", "SPI1_TX",
     "hdma.Init.Request"),
    ("STM32H743xx", hal("DMA1_Stream0", "Request = DMA_REQUEST_USART2_TX"), "USART2_TX", "USART3_TX",
     "hdma.Init.Request"),
    ("STM32F103xB", hal("DMA1_Channel7", ""), "DMA1_Channel7", "DMA1_Channel6", "hdma.Instance"),
    ("STM32L476xx", hal("DMA1_Channel7", "Request = DMA_REQUEST_2"), "REQUEST_2", "REQUEST_3", "hdma.Init.Request"),
    ("STM32L476xx", hal("DMA1_Channel7", "Request = DMA_REQUEST_2"), "DMA1_Channel7", "DMA1_Channel1",
     "hdma.Instance"),
]  # fmt: skip


@pytest.mark.parametrize(("device", "text", "old", "new", "line"), ROUTES)
def test_a_route_must_serve_the_peripheral(
    tmp_path: Path, device: str, text: str, old: str, new: str, line: str
) -> None:
    assert told(tmp_path, text, device) == []
    ((code, at, _),) = told(tmp_path, text.replace(old, new), device)
    assert (code, at.partition(" ")[0]) == ("ST401", line)


def test_the_direction_must_be_the_signal_s(tmp_path: Path) -> None:
    text = hal("DMA1_Stream6", "Channel = DMA_CHANNEL_4").replace("MEMORY_TO_PERIPH", "PERIPH_TO_MEMORY")
    ((code, line, _),) = told(tmp_path, text)
    assert (code, line) == ("ST402", "hdma.Init.Direction = DMA_PERIPH_TO_MEMORY;")


LL = """
void setup(void)
{
  LL_AHB1_GRP1_EnableClock(LL_AHB1_GRP1_PERIPH_DMA1);
  LL_APB1_GRP1_EnableClock(LL_APB1_GRP1_PERIPH_USART2);
  LL_DMA_SetChannelSelection(DMA1, LL_DMA_STREAM_6, LL_DMA_CHANNEL_4);
  LL_DMA_ConfigAddresses(DMA1, LL_DMA_STREAM_6, (uint32_t)text, LL_USART_DMA_GetRegAddr(USART2),
                         LL_DMA_DIRECTION_MEMORY_TO_PERIPH);
}
"""


def test_ll_routes(tmp_path: Path) -> None:
    assert told(tmp_path, LL) == []
    ((code, line, _),) = told(tmp_path, LL.replace("LL_DMA_CHANNEL_4", "LL_DMA_CHANNEL_5"))
    assert (code, line.partition("(")[0]) == ("ST401", "LL_DMA_SetChannelSelection")


BUFFER = """
{attribute}uint8_t buffer[64];
void setup(void) {{ {cache} }}
void send(void)
{{
  if (HAL_UART_Transmit_DMA(&huart2, buffer, 64) != HAL_OK) {{ }}
}}
"""
CACHE = "SCB_EnableDCache(); SCB_CleanDCache_by_Addr(buffer, 64);"


@pytest.mark.parametrize(
    ("device", "attribute", "cache", "code"),
    [
        ("STM32F407xx", "", "", ""),
        ("STM32F407xx", '__attribute__((section(".ccmram"))) ', "", "ST403"),
        ("STM32G474xx", '__attribute__((section(".ccmram"))) ', "", ""),
        ("STM32H743xx", '__attribute__((section(".dtcm"))) ', "", "ST403"),
        ("STM32H743xx", "", "", ""),
        ("STM32H743xx", "", CACHE, "ST404"),
        ("STM32H743xx", "__attribute__((aligned(32))) ", CACHE, ""),
        ("STM32H743xx", "__attribute__((aligned(32))) ", "SCB_EnableDCache();", "ST406"),
        ("STM32F746xx", "", CACHE, "ST404"),
    ],
)
def test_where_a_buffer_may_lie(tmp_path: Path, device: str, attribute: str, cache: str, code: str) -> None:
    found = told(tmp_path, BUFFER.format(attribute=attribute, cache=cache), device)
    assert [each for each, _, _ in found] == ([code] if code else [])


def test_a_buffer_on_the_stack_is_told_unless_the_function_waits(tmp_path: Path) -> None:
    text = "void send(void)\n{\n  uint8_t data[8];\n  if (HAL_UART_Transmit_DMA(&huart2, data, 8)) { }\n}\n"
    ((code, _, _),) = told(tmp_path, text)
    assert code == "ST405"
    assert told(tmp_path, text.replace("uint8_t data", "static uint8_t data")) == []
    assert told(tmp_path, text.replace("{ }\n", "{ }\n  while (!done) { }\n")) == []
