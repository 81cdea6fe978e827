"""The C that a plan becomes: it compiles without warnings against ST's headers, and no check remarks on it."""

import asyncio
from pathlib import Path

import pytest

from kiki_tools.stm32.init import compiled
from kiki_tools.stm32.init.headers import find
from kiki_tools.stm32.init.plan import ImpossiblePlan, read
from kiki_tools.stm32.service import STM32
from kiki_tools.workspace import Files, gather, read_snapshot

CORPUS = Path(__file__).parents[5] / "shared" / "corpus" / "stm32"
needs_headers = pytest.mark.skipif(not CORPUS.is_dir(), reason="ST's headers aren't here")

RICH = [
    {"kind": "usart", "instance": "USART2", "interrupt": True, "dma": ["rx", "tx"], "greeting": 'say "hi" */ \\o/'},
    {"kind": "usart", "instance": "USART1", "parity": "even", "stop_bits": 2, "interrupt": True},
    {"kind": "usart", "instance": "USART3", "flow_control": True, "direction": "both"},
    {"kind": "spi", "dma": ["tx", "rx"], "max_hz": 10_000_000, "mode": 3},
    {"kind": "spi", "role": "slave", "nss": "hard", "data_bits": 16},
    {"kind": "i2c", "speed_hz": 400_000, "own_address": 17, "pull_ups": True},
    {"kind": "adc", "channels": 3, "dma": True, "continuous": True},
    {"kind": "pwm", "channels": [1, 2], "frequency_hz": 20_000, "duty_percent": 25},
    {"kind": "usb"},
    {"kind": "gpio", "label": "LED", "initial": True, "speed": "high"},
    {"kind": "gpio", "label": "BUTTON", "direction": "in", "edge": "falling", "pull": "up", "pin": "PC13"},
    {"kind": "gpio", "direction": "in", "edge": "both"},
    {"kind": "timer", "frequency_hz": 10},
    {"kind": "pwm", "instance": "TIM1", "channels": [1, 3]},
    {"kind": "rtc"},
    {"kind": "iwdg"},
]
MORE = [{"kind": "can", "interrupt": True}, {"kind": "adc", "interrupt": True}, {"kind": "can"}, {"kind": "adc"}]
DEVICES = {
    "STM32F446RE": ({"source": "HSE", "sysclk_hz": 168_000_000}, MORE),
    "STM32F407VG": ({"source": "HSE", "sysclk_hz": 168_000_000}, MORE),
    "STM32F429ZI": ({"source": "HSE", "sysclk_hz": 168_000_000}, MORE),
    "STM32F411RE": ({"source": "HSE", "hse_hz": 25_000_000, "bypass": True, "sysclk_hz": 96_000_000}, []),
    "STM32F401RE": ({}, []),
    "STM32G474RE": ({"source": "HSE", "hse_hz": 24_000_000}, MORE),
    "STM32G431RB": ({}, [MORE[0], MORE[1]]),
}


def plan(device: str, style: str) -> dict[str, object]:
    clock, more = DEVICES[device]
    rich = RICH if more else [each for each in RICH if each.get("instance") != "USART3"]
    return {"device": device, "style": style, "clock": clock, "peripherals": [*rich, *more]}


@needs_headers
@pytest.mark.parametrize("style", ["hal", "register"])
@pytest.mark.parametrize("device", DEVICES)
def test_the_code_compiles_without_warnings(device: str, style: str) -> None:
    setup, files = compiled.files(read(plan(device, style)))
    outcome = asyncio.run(compiled.verified(setup, files, find(setup.family.prefix, [str(CORPUS)])))
    assert outcome.ok is True, outcome.said


@pytest.mark.parametrize("style", ["hal", "register"])
@pytest.mark.parametrize("device", ["STM32F446RE", "STM32G474RE"])
def test_no_check_remarks_on_the_code(device: str, style: str, tmp_path: Path) -> None:
    setup, files = compiled.files(read(plan(device, style)))
    for name, text in {**files, "compile_flags.txt": compiled.flags_file(setup, {})}.items():
        (tmp_path / name).write_text(text)
    cache = Files()
    for path in sorted(tmp_path.glob("*.c")):
        snapshot = read_snapshot(path)
        found = STM32.diagnostics(snapshot, gather(STM32, snapshot, files=cache))
        told = [one for one in found if one.severity != "hint"]
        assert told == [], path.name


def test_the_same_plan_gives_the_same_text() -> None:
    for style in ("hal", "register"):
        first, second = (compiled.files(read(plan("STM32F446RE", style)))[1] for _ in range(2))
        assert first == second


def test_hal_code_says_what_cubemx_would() -> None:
    _, files = compiled.files(read(plan("STM32F446RE", "hal")))
    assert sorted(files) == ["main.c", "main.h", "stm32f4xx_hal_conf.h", "stm32f4xx_hal_msp.c", "stm32f4xx_it.c"]
    assert "RCC_OscInitStruct.PLL.PLLN = 168;" in files["main.c"]
    assert "HAL_RCC_ClockConfig(&RCC_ClkInitStruct, FLASH_LATENCY_5)" in files["main.c"]
    assert "GPIO_InitStruct.Alternate = GPIO_AF7_USART2;" in files["stm32f4xx_hal_msp.c"]
    assert "void USART2_IRQHandler(void)\n{\n  HAL_UART_IRQHandler(&huart2);\n}" in files["stm32f4xx_it.c"]
    assert "#define LED_Pin GPIO_PIN_" in files["main.h"]


def test_timers_that_share_a_vector_share_a_handler() -> None:
    shared = [{"kind": "timer", "instance": "TIM1"}, {"kind": "timer", "instance": "TIM10"}]
    for style, call in (("hal", "HAL_TIM_IRQHandler"), ("register", "TIM_SR_UIF) != 0U")):
        data = {"device": "STM32F446RE", "style": style, "peripherals": shared}
        text = "".join(compiled.files(read(data))[1].values())
        body = text.partition("void TIM1_UP_TIM10_IRQHandler(void)")[2].partition("\n}")[0]
        assert body.count(call) == 2
        assert text.count("void TIM1_UP_TIM10_IRQHandler(void)") == 1


def test_what_the_register_style_has_not_is_told() -> None:
    for wish in ({"kind": "i2c", "interrupt": True}, {"kind": "i2c", "dma": ["tx"]}):
        with pytest.raises(ImpossiblePlan, match="choose style hal"):
            compiled.files(read({"device": "STM32F446RE", "style": "register", "peripherals": [wish]}))


def test_without_headers_it_says_that_nothing_was_compiled() -> None:
    setup, files = compiled.files(read(plan("STM32F446RE", "hal")))
    outcome = asyncio.run(compiled.verified(setup, files, {}))
    assert outcome.ok is None
    assert "stm32f4xx_hal.h" in outcome.said


@pytest.mark.parametrize("device", ["STM32F446RE", "STM32G431RB"])
def test_register_code_is_compiled_without_st_s_headers_too(device: str) -> None:
    setup, files = compiled.files(read(plan(device, "register")))
    outcome = asyncio.run(compiled.verified(setup, files, {}))
    assert outcome.ok is True, outcome.said
    assert "stand-in" in outcome.said


@needs_headers
def test_a_wrong_constant_would_be_seen() -> None:
    setup, files = compiled.files(read(plan("STM32F446RE", "hal")))
    files["main.c"] = files["main.c"].replace("UART_PARITY_EVEN", "UART_PARITY_MARK")
    outcome = asyncio.run(compiled.verified(setup, files, find(setup.family.prefix, [str(CORPUS)])))
    assert outcome.ok is False
    assert "UART_PARITY_MARK" in outcome.said


def test_a_core_at_its_limit_gets_the_supply_for_it() -> None:
    def made(device: str, style: str, hertz: int) -> str:
        clock = {"source": "HSE", "sysclk_hz": hertz}
        data = {"device": device, "style": style, "clock": clock, "peripherals": []}
        return "".join(compiled.files(read(data))[1].values())

    assert "HAL_PWREx_EnableOverDrive()" in made("STM32F446RE", "hal", 180_000_000)
    assert "HAL_PWREx_EnableOverDrive()" not in made("STM32F446RE", "hal", 168_000_000)
    assert "PWR->CR |= PWR_CR_ODSWEN;" in made("STM32F446RE", "register", 180_000_000)
    assert "PWR_REGULATOR_VOLTAGE_SCALE1_BOOST" in made("STM32G474RE", "hal", 170_000_000)
    assert "PWR->CR5 &= ~PWR_CR5_R1MODE;" in made("STM32G474RE", "register", 170_000_000)
    assert "R1MODE" not in made("STM32G474RE", "register", 150_000_000)
    assert "PWR_REGULATOR_VOLTAGE_SCALE2" in made("STM32F401RE", "hal", 84_000_000)
