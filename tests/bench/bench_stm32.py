"""Firmware in an editor: a first analysis, an edit to its diagnostics, hover; the device data."""

import statistics
import tempfile
import time
from pathlib import Path

from rows import Row, row

from kiki_tools.language import Workspace
from kiki_tools.stm32 import device as devices
from kiki_tools.stm32.service import STM32
from kiki_tools.text import Edit, Snapshot, Span
from kiki_tools.workspace import gather

_BLOCK = """
static volatile uint32_t value{n};
static void step_{n}(UART_HandleTypeDef *huart)
{{
  GPIO_InitTypeDef init = {{0}};
  __HAL_RCC_GPIO{port}_CLK_ENABLE();
  init.Pin = GPIO_PIN_{pin};
  init.Mode = GPIO_MODE_OUTPUT_PP;
  init.Pull = GPIO_NOPULL;
  init.Speed = GPIO_SPEED_FREQ_LOW;
  HAL_GPIO_Init(GPIO{port}, &init);
  for (uint32_t i = 0; i < 10; i++)
  {{
    value{n} += i * {n};
    TIM2->CCR1 = value{n} & 0xFFFF;
  }}
  if (HAL_UART_Transmit(huart, (uint8_t *)&value{n}, 4, 100) != HAL_OK)
  {{
    Error_Handler();
  }}
}}
"""


def source(lines: int = 15_000) -> str:
    """A C file of so many lines, as a project's largest ones are."""
    blocks = [_BLOCK.format(n=n, port="ABCD"[n % 4], pin=n % 16) for n in range(lines // (_BLOCK.count("\n") or 1))]
    return '#include "stm32f4xx_hal.h"\n' + "".join(blocks) + "void clock(void) { __HAL_RCC_TIM2_CLK_ENABLE(); }\n"


def benchmarks() -> list[Row]:
    """The issue's budgets for firmware."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "compile_flags.txt").write_text("-DSTM32F446xx\n")
        path = str(Path(folder) / "main.c")
        snapshot = Snapshot(source(), path)
        workspace: Workspace = gather(STM32, snapshot)
        begin = time.process_time()
        STM32.diagnostics(snapshot, workspace)
        rows = [row("first analysis, CPU, C file of 15,000 lines", [time.process_time() - begin], "<= 300 ms")]
        at = snapshot.text.index("i * 3000") if "i * 3000" in snapshot.text else snapshot.text.index("i * 300")
        samples, hovers = [], []
        for number in range(30):
            snapshot = snapshot.edited([Edit(Span(at, at), "1" if number % 2 else " ")])
            workspace = Workspace({**workspace.snapshots, path: snapshot})
            begin = time.perf_counter()
            STM32.diagnostics(snapshot, workspace)
            samples.append(time.perf_counter() - begin)
            begin = time.perf_counter()
            STM32.hover(snapshot, snapshot.text.index("GPIO_PIN_5") + 2, workspace)
            hovers.append(time.perf_counter() - begin)
        rows.append(row("edit to diagnostics, C file of 15,000 lines", samples, "p95 <= 25 ms"))
        rows.append(row("hover, C file of 15,000 lines", hovers, "p95 <= 20 ms"))
    opened = []
    for name in ("STM32F446xx", "STM32G474xx", "STM32H743xx", "STM32L476xx", "STM32F103xB"):
        begin = time.perf_counter()
        devices.device(name)
        opened.append(time.perf_counter() - begin)
    assert statistics.median(opened) > 0
    rows.append(row("device data opened", opened, "<= 50 ms"))
    return rows
