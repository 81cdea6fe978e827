"""ST's own example projects: they run on boards, so nothing in them may be called an error that isn't one."""

import re
from pathlib import Path

import pytest

from kiki_tools.stm32.device import device, vectors
from kiki_tools.stm32.service import STM32
from kiki_tools.workspace import Files, gather, read_snapshot

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "stm32"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus isn't here")


def test_examples_are_flagged_at_error_level_only_where_they_are_wrong() -> None:
    files = Files()
    wrong = {}
    count = 0
    for path in sorted(CORPUS.glob("STM32Cube*/**/*.c")):
        count += 1
        snapshot = read_snapshot(path)
        found = STM32.diagnostics(snapshot, gather(STM32, snapshot, files=files))
        if errors := [one.message for one in found if one.severity == "error"]:
            wrong[path.relative_to(CORPUS).as_posix()] = errors
    # Two handlers are called TIM6_DAC_LPTIM1_IRQHandler, which no G4's vector table has.
    told = [message for messages in wrong.values() for message in messages]
    assert all("TIM6_DAC_LPTIM1_IRQHandler" in message for message in told), wrong
    assert len(wrong) <= 0.02 * count


@pytest.mark.parametrize("line", ["f401xe", "f407xx", "f411xe", "f429xx", "f446xx"])
def test_vectors_are_those_of_st_s_startup_files(line: str) -> None:
    startup = (CORPUS / f"cmsis_device_f4/Source/Templates/gcc/startup_stm32{line}.s").read_text()
    table = startup.split("g_pfnVectors:", 1)[1]
    names = re.findall(r"\.word\s+(\w+)_IRQHandler", table)
    found = device(f"STM32{line.upper().replace('X', 'x') if line.endswith('xx') else line[:-2].upper() + 'xE'}")
    assert found is not None
    assert set(names) <= found.interrupts
    assert len(set(names) ^ {name for name in vectors(found) if name}) <= 2, "modm calls HASH_RNG RNG on F407"


def test_alternate_functions_are_numbers_that_hal_has_a_name_for() -> None:
    header = next(CORPUS.glob("stm32f4xx_hal_driver/**/stm32f4xx_hal_gpio_ex.h")).read_text()
    named = {(int(number), name) for number, name in re.findall(r"#define\s+GPIO_AF(\d+)_(\w+)", header)}
    found = device("STM32F446xx")
    assert found is not None
    kinds = re.compile(r"(USART|UART|SPI|I2C|TIM|CAN)\d+")
    missing = {
        str(function)
        for functions in found.pins.values()
        for function in functions
        if function.af is not None
        and kinds.fullmatch(function.peripheral)
        and (function.af, function.peripheral) not in named
    }
    assert missing == set()
