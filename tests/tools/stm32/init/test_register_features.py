"""What only the register style has: the registers that a wish comes to, and that all of it compiles."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from kiki_tools.stm32.init import compiled, registers
from kiki_tools.stm32.init.headers import find
from kiki_tools.stm32.init.plan import ImpossiblePlan, read
from kiki_tools.stm32.init.setup import solved

CORPUS = Path(__file__).parents[5] / "shared" / "corpus" / "stm32"
LED = {"kind": "gpio", "label": "LED", "pin": "PB0"}
ALL = {
    "STM32F446RE": [
        {"kind": "usart", "instance": "USART1", "driver_enable": True, "pins": {"DE": "PA8"}, "idle": True,
         "dma": ["rx"]},
        {"kind": "usart", "instance": "USART3", "idle": True, "interrupt": True, "toggles": "LED", "reports": True},
        {"kind": "gpio", "label": "KEY", "pin": "PC13", "direction": "in", "pull": "up", "debounce_ms": 20,
         "toggles": "LED"},
        {"kind": "gpio", "label": "LED", "pin": "PB0", "burst": 3, "high_ms": 100, "low_ms": 1000},
        {"kind": "gpio", "label": "LAMP", "follows": "KEY"},
        {"kind": "i2c", "instance": "I2C1", "address": 104, "register": 117, "reads": 1, "expects": 104,
         "lights": "LAMP"},
        {"kind": "i2c", "instance": "I2C2", "slave": True, "own_address": 58},
        {"kind": "spi", "command": [159], "reply": 3, "select": "CS", "repeat_ms": 100},
        {"kind": "gpio", "label": "CS", "initial": True},
        {"kind": "spi", "interrupt": True}, {"kind": "spi", "role": "slave", "interrupt": True},
        {"kind": "can", "filter_id": 291, "send_id": 801, "payload": [1, 2], "repeat_ms": 100},
        {"kind": "adc", "instance": "ADC1", "injected": True, "trigger": "TIM1", "interrupt": True,
         "internal": ["temperature"]},
        {"kind": "timer", "instance": "TIM1", "trigger": True, "interrupt": False},
        {"kind": "rtc", "time": "12:30:00", "date": "2026-11-28", "alarm": "07:30:00", "wakeup_s": 0.5},
        {"kind": "crc"}, {"kind": "copy"}, {"kind": "cycles"}, {"kind": "mco", "output": 2, "source": "SYSCLK",
         "divider": 5},
        {"kind": "capture", "instance": "TIM4", "pwm": True},
        {"kind": "capture", "instance": "TIM9", "counts": True},
        {"kind": "systick", "frequency_hz": 10, "toggles": "LED", "every": 5},
        {"kind": "usart", "instance": "USART6", "lin": 11, "quiet_ms": 500, "lights": "LAMP", "interrupt": True,
         "values": ["edges", "uptime", "count"]},
        {"kind": "gpio", "label": "ONE", "turn_ms": 5000, "initial": True},
        {"kind": "gpio", "label": "TWO", "turn_ms": 1000},
        {"kind": "gpio", "label": "STOP", "direction": "in", "edge": "falling", "clears": "LED"},
        {"kind": "pvd", "level_mv": 2700, "sets": "LAMP"},
        {"kind": "capture", "instance": "TIM2", "counts": True, "etr": True, "gate_ms": 1000},
        {"kind": "adc", "instance": "ADC2", "average": 16, "pins": {"CH1": "PC1"}},
        {"kind": "pwm", "instance": "TIM12", "fade_ms": 2000, "open_drain": True},
    ],
    "STM32G474RE": [
        {"kind": "usart", "instance": "LPUART1", "baud": 9600, "interrupt": True, "printf": True},
        {"kind": "usart", "instance": "USART1", "driver_enable": True, "circular": True, "dma": ["rx"], "data_bits": 9},
        {"kind": "usart", "instance": "USART3", "half_duplex": True},
        {"kind": "usart", "instance": "UART4", "inverted": "both", "stop_bits": 2},
        {"kind": "dac", "trigger": "TIM6", "wave": "sine", "channels": [1, 2]},
        {"kind": "timer", "instance": "TIM6", "trigger": True, "interrupt": False, "frequency_hz": 64000},
        {"kind": "adc", "instance": "ADC3", "low": 100, "high": 3000, "oversample": 16, "continuous": True},
        {"kind": "pwm", "instance": "TIM1", "aligned": "center", "channels": [1, 2], "duties": [10, 90], "stop": True},
        {"kind": "pwm", "instance": "TIM3", "one_pulse": True, "starts": "CH2", "channels": [1], "inverted": True},
        {"kind": "i2c", "instance": "I2C2", "slave": True, "own_address": 58},
        {"kind": "can", "filter_id": 0x12345, "extended": True, "send_id": 1},
        {"kind": "iwdg", "timeout_ms": 1000, "closed_ms": 500}, {"kind": "wwdg", "timeout_ms": 20, "interrupt": True},
        {"kind": "crc"}, {"kind": "usart", "instance": "USART2", "timeout_bits": 20, "fifo": True},
        {"kind": "spi", "one_line": True}, {"kind": "pvd", "level_mv": 2500, "edge": "both"},
        {"kind": "adc", "instance": "ADC1", "differential": True, "channels": 2, "pins": {"CH1": "PC2", "CH2": "PC3"}},
        {"kind": "copy", "stream": 1, "at_start": True}, {"kind": "mco", "source": "SYSCLK", "divider": 16},
        {"kind": "lowpower", "mode": "standby", "wake_pin": "PC13"},
    ],
}  # fmt: skip


def code(device: str, *wishes: dict[str, Any], **clock: Any) -> str:
    setup = solved(read({"device": device, "style": "register", "clock": clock, "peripherals": list(wishes)}))
    return registers.single(setup)["main.c"]


@pytest.mark.parametrize("device", ALL)
def test_all_of_it_compiles_without_warnings(device: str) -> None:
    setup = solved(read({"device": device, "style": "register", "peripherals": ALL[device]}))
    for headers in ({}, find(setup.family.prefix, [str(CORPUS)])):
        outcome = asyncio.run(compiled.verified(setup, registers.single(setup), headers))
        assert outcome.ok is True, outcome.said


@pytest.mark.parametrize(
    ("device", "wishes", "lines"),
    [
        ("STM32F407VG", [{"kind": "mco", "output": 2, "source": "SYSCLK", "divider": 4}],
         ["| 0x30000000U; /* SYSCLK divided by 4"]),
        ("STM32G474RE", [{"kind": "usart", "instance": "LPUART1", "baud": 115200}], ["LPUART1->BRR = 377778U;"]),
        ("STM32G474RE", [{"kind": "usart", "instance": "LPUART1", "baud": 9600}], ["(2U << RCC_CCIPR_LPUART1SEL_Pos)",
                                                                                   "LPUART1->BRR = 426667U;"]),
        ("STM32F446RE", [{"kind": "timer", "instance": "TIM2", "tick_hz": 1_000_000, "interrupt": False}],
         ["TIM2->PSC = 89U;", "TIM2->ARR = 4294967295U;"]),
        ("STM32F446RE", [{"kind": "pwm", "instance": "TIM1", "aligned": "center", "frequency_hz": 20_000}],
         ["TIM1->ARR = 4500U;", "TIM1->CCR1 = 2250U;", "TIM_CR1_CMS_0"]),
        ("STM32F446RE", [{"kind": "pwm", "instance": "TIM3", "channels": [1, 3], "duties": [25, 75],
         "frequency_hz": 1000}],
         ["TIM3->CCR1 = 11250U;", "TIM3->CCR3 = 33750U;"]),
        ("STM32F446RE", [{"kind": "pwm", "instance": "TIM2", "one_pulse": True, "starts": "CH2", "frequency_hz": 5000,
                          "duty_percent": 25}],
         ["TIM2->SMCR = (6U << 4) | 6U;", "TIM2->CCR1 = 13500U;", "TIM2->ARR = 17999U;", "TIM2->CR1 = TIM_CR1_OPM;"]),
        ("STM32F446RE", [{"kind": "adc", "instance": "ADC1", "channels": 2, "pins": {"CH1": "PA1", "CH2": "PA2"},
                          "injected": True, "trigger": "TIM1"}],
         ["ADC1->JSQR = 0x110400U;", "(1U << ADC_CR2_JEXTEN_Pos) | (1U << ADC_CR2_JEXTSEL_Pos)"]),
        ("STM32G431RB", [{"kind": "adc", "instance": "ADC1", "pins": {"CH1": "PA0"}, "injected": True,
         "trigger": "TIM2"}],
         ["ADC1->JSQR = 0x288U;"]),
        ("STM32F407VG", [{"kind": "dac", "wave": "triangle", "amplitude": 1023, "trigger": "TIM7"}],
         ["(2U << DAC_CR_TSEL1_Pos) | (2U << DAC_CR_WAVE1_Pos) | (9U << DAC_CR_MAMP1_Pos)"]),
        ("STM32F446RE", [{"kind": "rtc", "time": "23:59:30", "date": "2026-11-28", "alarm": "--:--:15"}],
         ["RTC->TR = 0x235930U;", "RTC->DR = 0x26D128U;", "RTC->ALRMAR = 0x80808015U;"]),
        ("STM32F407VG", [{"kind": "pvd", "level_mv": 2700, "clears": "LED"}, LED],
         ["(PWR->CR & ~(7U << 5)) | (5U << 5) | (1U << 4);", "EXTI->RTSR |= 1U << 16;", "void PVD_IRQHandler(void)",
          "LED_PORT->BSRR = LED_MASK << 16;"]),
        ("STM32F407VG", [{"kind": "usart", "instance": "USART1", "lin": 11}],
         ["USART1->CR2 = (1U << 14) | (1U << 6) | 1U << 5;", "usart1_breaks++;"]),
        ("STM32G474RE", [{"kind": "usart", "instance": "USART1", "timeout_bits": 20, "fifo": True}],
         ["USART1->RTOR = 20U;", "USART1->CR2 = 1U << 23;", "1U << 29 | 1U << 26"]),
        ("STM32G474RE", [{"kind": "can", "instance": "FDCAN1", "data_bitrate": 2_000_000}],
         ["FDCAN1->CCCR |= (1U << 8) | (1U << 9);", "/* 2000000 bit/s"]),
        ("STM32G474RE", [{"kind": "adc", "instance": "ADC1", "differential": True, "channels": 2,
                          "pins": {"CH1": "PC0", "CH2": "PC1"}}],
         ["ADC1->DIFSEL = 1U << 6U;", "ADC_CR_ADCAL | (1U << 30)", "ADC1->SQR1 = 0x180U;"]),
        ("STM32F401RE", [{"kind": "capture", "instance": "TIM2", "counts": True, "etr": True, "pins": {"ETR": "PA0"}}],
         ["TIM2->SMCR = 1U << 14;", "/* PA0: ETR */"]),
        ("STM32F411RE", [{"kind": "lowpower", "mode": "standby", "after_ms": 5000, "woken": "LED"}, LED],
         ["(PWR->CSR & (1U << 1))", "delay_ms(5000U);"]),
        ("STM32F446RE", [{"kind": "usart", "instance": "USART1"}, {"kind": "pwm", "instance": "TIM3", "follows": True,
                                                                   "by": "byte", "most": 100}],
         ["value >= 100U ? 1000U : (uint32_t)value * 1000U / 100U"]),
        ("STM32F446RE", [{"kind": "gpio", "label": "A", "turn_ms": 5000},
                         {"kind": "gpio", "label": "B", "turn_ms": 1000}],
         ["ticks - due_turn >= (step_turn == 0U ? 5000U : 1000U)", "step_turn = (step_turn + 1U) % 2U;"]),
        ("STM32F446RE", [{"kind": "can", "filter_id": 0x123}], ["FR1 = 0x24600000U;", "FR2 = 0xFFE00004U;"]),
        ("STM32F446RE", [{"kind": "i2c", "slave": True, "own_address": 58, "instance": "I2C1"}],
         ["I2C1->OAR1 = 0x4000U | 116U;", "void I2C1_EV_IRQHandler(void)", "void I2C1_ER_IRQHandler(void)"]),
    ],
)  # fmt: skip
def test_a_wish_comes_to_its_registers(device: str, wishes: list[dict[str, Any]], lines: list[str]) -> None:
    text = code(device, *wishes)
    assert [line for line in lines if line not in text] == []


def test_buses_are_divided_as_asked() -> None:
    text = code("STM32F446RE", source="HSE", sysclk_hz=168_000_000, hclk_hz=84_000_000, pclk1_hz=21_000_000)
    assert "AHB 84 MHz, APB1 21 MHz, APB2 84 MHz, 2 wait states" in text
    assert "(0x8U << 4)" in text


@pytest.mark.parametrize(
    ("device", "wish", "said"),
    [
        ("STM32F446RE", {"kind": "adc", "trigger": "TIM6"}, "TIM6 doesn't start its regular conversions"),
        ("STM32F446RE", {"kind": "adc", "oversample": 8}, "no oversampling"),
        ("STM32F446RE", {"kind": "iwdg", "closed_ms": 10}, "has no window"),
        ("STM32G474RE", {"kind": "mco", "output": 2}, "has one MCO|need 1 pins|no pin"),
        ("STM32F446RE", {"kind": "dac", "dma": True}, "need a timer"),
        ("STM32F446RE", {"kind": "pwm", "instance": "TIM3", "stop": True}, "BKIN|break input"),
        ("STM32F446RE", {"kind": "lowpower", "mode": "standby", "wake_pin": "PB3"}, "PB3 doesn't wake"),
        ("STM32F446RE", {"kind": "i2c", "slave": True}, "needs an address"),
        ("STM32F446RE", {"kind": "adc", "differential": True, "channels": 2}, "against ground alone"),
        ("STM32F446RE", {"kind": "usart", "timeout_bits": 20}, "neither FIFOs nor a receiver timeout"),
        ("STM32F446RE", {"kind": "can", "data_bitrate": 2_000_000}, "no faster data phase"),
        ("STM32G474RE", {"kind": "pvd", "level_mv": 2300}, "has the levels 2 V, 2.2 V"),
    ],
)
def test_what_the_chip_hasnt_is_told(device: str, wish: dict[str, Any], said: str) -> None:
    with pytest.raises(ImpossiblePlan, match=said):
        code(device, wish)


@pytest.mark.parametrize(
    "wish", [{"kind": "crc"}, {"kind": "usart", "idle": True}, {"kind": "timer", "tick_hz": 1000000}]
)
def test_the_hal_says_what_it_lacks(wish: dict[str, Any]) -> None:
    with pytest.raises(ImpossiblePlan, match="choose style register"):
        compiled.files(read({"device": "STM32F446RE", "peripherals": [wish]}))


def test_inverted_lines_are_of_the_newer_serial_port() -> None:
    wish = {"kind": "usart", "instance": "USART1", "inverted": "rx", "stop_bits": 2}
    assert "USART1->CR2 = USART_CR2_STOP_1 | USART_CR2_RXINV;" in code("STM32G431RB", wish)
    with pytest.raises(ImpossiblePlan, match="can't invert"):
        code("STM32F446RE", wish)


def test_outputs_follow_several_inputs_and_handlers_read_them() -> None:
    keys = [{"kind": "gpio", "label": f"K{at}", "direction": "in", "pull": "up", "pin": f"PB{at}"} for at in (4, 5)]
    lamp = {"kind": "gpio", "label": "LAMP", "pin": "PA5", "follows": "K4", "gate": ["K5"]}
    text = code("STM32F446RE", *keys, lamp)
    assert "LAMP_PORT->BSRR = (((K4_PORT->IDR & K4_MASK) == 0U) && ((K5_PORT->IDR & K5_MASK) == 0U)) ?" in text
    assert "== 0U) || ((" in code("STM32F446RE", *keys, {**lamp, "any_of": True})
    timer = {"kind": "timer", "instance": "TIM6", "frequency_hz": 200.0, "samples": "K4", "steady": 4}
    handler = code("STM32F446RE", keys[0], timer).partition("void TIM6_DAC_IRQHandler(void)")[2]
    assert all(part in handler for part in ("K4_PORT->IDR", "same >= 4U", "K4_presses++"))
    with pytest.raises(ImpossiblePlan, match="no input K9"):
        code("STM32F446RE", keys[0], {**timer, "samples": "K9"})


def test_a_frame_is_sent_once_where_that_is_wished() -> None:
    assert "CAN_MCR_ABOM | CAN_MCR_NART" in code("STM32F446RE", {"kind": "can", "once": True})
    assert "FDCAN_CCCR_CCE | FDCAN_CCCR_DAR" in code("STM32G474RE", {"kind": "can", "once": True})


def test_a_port_obeys_characters_and_tells_what_a_device_answered() -> None:
    lamp = {"kind": "gpio", "label": "LAMP", "pin": "PA5"}
    text = code(
        "STM32F446RE", {"kind": "usart", "instance": "USART2", "echo": True, "commands": ["0x41 sets LAMP"]}, lamp
    )
    loop = text.partition("int main(void)")[2]
    assert loop.count("usart2_read()") == 2
    assert "if (value == 'A')\n      {\n        LAMP_PORT->BSRR = LAMP_MASK;" in loop
    assert "usart2_write(back);" in loop
    asked = {"kind": "i2c", "instance": "I2C1", "address": 0x77, "register": 0xD0, "reads": 1}
    port = {"kind": "usart", "instance": "USART2", "values": ["device"], "hexadecimal": True}
    main = code("STM32F446RE", asked, port).partition("int main(void)")[2]
    assert main.index("i2c1_ask();") < main.index("usart2_hex(i2c1_values[at]);") < main.index("for (;;)")


def test_a_copy_starts_in_the_init_or_in_main() -> None:
    for at_start in (False, True):
        text = code("STM32G431RB", {"kind": "copy", "at_start": at_start})
        init, main = text.index("copy_init(void)\n{"), text.index("int main(void)")
        assert ("copy_all();" in text[init : text.index("}", init)], "copy_all();" in text[main:]) == (
            at_start,
            not at_start,
        )


def test_a_timer_counts_the_edges_of_its_input() -> None:
    text = code("STM32F446RE", {"kind": "capture", "instance": "TIM3", "counts": True, "pins": {"CH1": "PA6"}})
    assert "TIM3->SMCR = (5U << 4) | 7U;" in text
    assert "TIM3->DIER" not in text
    with pytest.raises(ImpossiblePlan, match="channel 1 or 2"):
        code("STM32F446RE", {"kind": "capture", "instance": "TIM3", "counts": True, "channel": 3})
