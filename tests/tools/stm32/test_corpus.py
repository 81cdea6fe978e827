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


_KINDS = re.compile(r"(USART|UART|LPUART|SPI|I2S|I2C|FMPI2C|TIM|LPTIM|HRTIM|CAN|FDCAN|SAI|COMP|QUADSPI)\d+")
_DATA_ALONE = {"g4": {(5, "I2S3")}}
"""PA9's I2S3_MCK is in the data sheet, and has no name in HAL."""
_HEADERS_ALONE = {
    # No pin of these parts' data sheets has them.
    "STM32F411xE": {(9, "TIM14")},
    "STM32G431xx": {(2, "COMP1"), (2, "TIM16"), (3, "I2C3"), (11, "FDCAN1"), (14, "TIM15")},
    "STM32G474xx": {(2, "TIM16"), (3, "I2C3"), (11, "FDCAN1")},
}


def _named(header: str, defined: set[str]) -> set[tuple[int, str]]:
    """The `GPIO_AF…` names of a HAL header where these macros are defined."""
    kept = [True]
    found = set()
    for line in re.sub(r"\\\n|/\*.*?\*/", " ", header, flags=re.DOTALL).split("\n"):
        if directive := re.match(r"\s*#\s*(if|ifdef|ifndef|else|endif)\b(.*)", line):
            kind, condition = directive.groups()
            holds = any(name in defined for name in re.findall(r"STM32\w+|[A-Z]\w+", condition))
            if kind == "endif":
                kept.pop()
            elif kind == "else":
                kept[-1] = not kept[-1]
            else:
                kept.append(holds != (kind == "ifndef"))
        elif all(kept) and (name := re.match(r"#define\s+GPIO_AF(\d+)_(\w+)", line)):
            found.add((int(name.group(1)), name.group(2)))
    return found


def _spellings(peripheral: str) -> set[str]:
    """What HAL calls a peripheral of the device data."""
    swaps = (("UART", "USART"), ("USART", "UART"), ("I2S", "SPI"), ("FMPI2C", "I2C"), ("QUADSPI1", "QUADSPI"),
             ("SPI", "I2S"), ("I2C", "FMPI2C"), ("QUADSPI", "QUADSPI1"))  # fmt: skip
    changed = {re.sub(f"^{one}", other, peripheral) for one, other in swaps}
    return {peripheral, *changed, *(f"{name}ext" for name in changed)}


@pytest.mark.parametrize("path", sorted(CORPUS.glob("cmsis_device_*/Include/stm32??[0-9]*.h")), ids=lambda it: it.stem)
def test_alternate_functions_are_those_that_hal_has_names_for(path: Path) -> None:
    family = path.stem[5:7]
    part = "STM32" + re.sub(r"X(?=[A-Z]|$)", "x", path.stem[5:].upper()).replace("XX", "xx").replace("Xx", "xx")
    header = next(CORPUS.glob(f"stm32{family}xx_hal_driver/**/stm32{family}xx_hal_gpio_ex.h")).read_text()
    names = _named(header, {part, *re.findall(r"#define\s+(\w+)", path.read_text(errors="replace"))})
    found = device(part)
    assert found is not None
    ours = {
        (function.af, function.peripheral)
        for functions in found.pins.values()
        for function in functions
        if function.af is not None and _KINDS.fullmatch(function.peripheral)
    }
    assert {one for one in ours if not {(one[0], name) for name in _spellings(one[1])} & names} == _DATA_ALONE.get(
        family, set()
    )
    theirs = {
        one for one in names if _KINDS.fullmatch(one[1]) and not {(one[0], name) for name in _spellings(one[1])} & ours
    }
    assert theirs == _HEADERS_ALONE.get(part, set())
