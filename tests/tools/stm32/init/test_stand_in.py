"""kiki's stand-in for CMSIS' device header: what it says is what ST's own header says."""

import re
import subprocess
from pathlib import Path

import pytest

from kiki_tools.stm32.device import device
from kiki_tools.stm32.init import cmsis

CORPUS = Path(__file__).parents[5] / "shared" / "corpus" / "stm32"
SIZES = {
    "volatile uint32_t": 4,
    "CAN_TxMailBox_TypeDef": 16,
    "CAN_FIFOMailBox_TypeDef": 16,
    "CAN_FilterRegister_TypeDef": 8,
}
DEVICES = {
    "STM32F446RE": "STM32F446xx", "STM32F407VG": "STM32F407xx", "STM32F429ZI": "STM32F429xx",
    "STM32F401RE": "STM32F401xE", "STM32F411RE": "STM32F411xE", "STM32G474RE": "STM32G474xx",
    "STM32G431RB": "STM32G431xx",
}  # fmt: skip


def assertions(text: str) -> list[str]:
    """Every value and offset of the stand-in, as assertions about ST's header."""
    lines = []
    for name, value in re.findall(r"#define (\w+) (.+)", text):
        number = re.sub(r"\(\(\w+ \*\)(0x\w+)U\)", r"\1UL", value)
        lines.append(f'#ifdef {name}\n_Static_assert((unsigned long)({name}) == ({number}), "{name}");\n#endif')
    for body, kind in re.findall(r"typedef struct \{ (.*?) \} (\w+);", text):
        offset = 0
        for of, name, count in re.findall(r"([\w ]+) (\w+)(?:\[(\d+)\])?;", body):
            if not name.startswith("reserved"):
                lines.append(f'_Static_assert(__builtin_offsetof({kind}, {name}) == {offset}, "{kind}.{name}");')
            offset += SIZES[of.strip()] * int(count or 1)
    return lines


@pytest.mark.skipif(not CORPUS.is_dir(), reason="ST's headers aren't here")
@pytest.mark.parametrize("name", DEVICES)
def test_it_agrees_with_st_s_header(name: str, tmp_path: Path) -> None:
    found = device(name)
    assert found is not None
    text = cmsis.header(found)
    assert text is not None
    lines = assertions(text)
    assert len(lines) > 200
    if not any(each.startswith("CAN") for each in found.peripherals):
        lines = [line for line in lines if "(CAN_" not in line]
    if "DAC" not in found.peripherals and "DAC1" not in found.peripherals:
        lines = [line for line in lines if "(DAC_" not in line]
    (tmp_path / "a.c").write_text("\n".join([f'#include "stm32{found.family}xx.h"', *lines]))
    folders = [CORPUS / f"cmsis_device_{found.family}/Include", CORPUS / "CMSIS/Include"]
    words = ["-fsyntax-only", "-mcpu=cortex-m4", "-mthumb", f"-D{DEVICES[name]}", *(f"-I{each}" for each in folders)]
    done = subprocess.run(["arm-none-eabi-gcc", *words, "a.c"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, re.findall(r"error: .*", done.stderr)[:10]


def test_interrupts_are_numbered_as_the_vector_table_has_them() -> None:
    found = device("STM32F446RE")
    assert found is not None
    text = cmsis.header(found) or ""
    assert "  USART2_IRQn = 38," in text
    assert "TIM7_IRQn = 55," in text


def test_other_families_have_none() -> None:
    found = device("STM32F103C8")
    assert found is not None
    assert cmsis.header(found) is None
