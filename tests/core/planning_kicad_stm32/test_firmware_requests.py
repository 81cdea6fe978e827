"""A request for firmware in plain words becomes the plan that an engineer would write, or a plain refusal."""

import asyncio

import pytest

from kiki_core.planning import firmware
from kiki_core.planning.firmware.request import wanted

REQUESTS = [
    (
        "USART2 at 115200 on PA2/PA3 on an F446 with interrupt",
        {"kind": "usart", "instance": "USART2", "pins": {"TX": "PA2", "RX": "PA3"}, "baud": 115200, "interrupt": True},
    ),
    (
        "Initialise l'USART1 d'un STM32F407VG à 9600 bauds, 8E1, PA9 et PA10",
        {"kind": "usart", "instance": "USART1", "pins": {"TX": "PA9", "RX": "PA10"}, "baud": 9600, "data_bits": 8,
         "parity": "even", "stop_bits": 1},
    ),
    (
        "SPI1 master, mode 3, at most 5 MHz, PA5/6/7, STM32F446RE",
        {"kind": "spi", "instance": "SPI1", "pins": {"SCK": "PA5", "MISO": "PA6", "MOSI": "PA7"}, "max_hz": 5000000,
         "mode": 3},
    ),
    (
        "Zwei PWM-Kanäle mit 25 kHz und 40 % Tastgrad an TIM2, Kanal 1 auf PA0 und Kanal 2 auf PA1, STM32F411CE",
        {"kind": "pwm", "instance": "TIM2", "pins": {"CH1": "PA0", "CH2": "PA1"}, "channels": [1, 2],
         "frequency_hz": 25000.0, "duty_percent": 40.0},
    ),
    (
        "CAN1 a 500 kbit/s en PB8 y PB9 con interrupción, STM32F407",
        {"kind": "can", "instance": "CAN1", "pins": {"RX": "PB8", "TX": "PB9"}, "bitrate": 500000, "interrupt": True},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "entry"), REQUESTS)
def test_a_request_becomes_its_peripheral(text: str, entry: dict[str, object]) -> None:
    request = wanted(text, ["stm32"])
    assert request is not None
    assert request.plan["peripherals"] == [entry]


def test_the_clock_isnt_taken_for_a_bus() -> None:
    request = wanted("F446RE at 180 MHz from an 8 MHz crystal, SPI2 at 10 MHz", ["stm32"])
    assert request is not None
    assert request.plan["clock"] == {"source": "HSE", "hse_hz": 8000000, "sysclk_hz": 180000000}
    assert request.plan["peripherals"][0]["max_hz"] == 10000000


def test_a_button_toggles_the_lamp_that_is_named_after_it() -> None:
    request = wanted("Button on PC13 with falling edge interrupt toggles the LED on PA5 (Nucleo-F446RE)", ["stm32"])
    assert request is not None
    button, lamp = request.plan["peripherals"]
    assert (button["edge"], button["toggles"]) == ("falling", lamp["label"])
    assert lamp["pin"] == "PA5"


@pytest.mark.parametrize(
    "text",
    [
        "What is the difference between USART and UART on an STM32?",
        "Draw a schematic of an STM32F103 minimal system",
        "Warum ist mein ADC am STM32 so ungenau?",
        "Write a poem about timers",
        "",
    ],
)
def test_what_asks_for_no_firmware_is_left_alone(text: str) -> None:
    assert wanted(text, ["stm32"]) is None


def _answered(text: str) -> firmware.Planned:
    found = asyncio.run(firmware.planned(text, ["stm32"], None))  # type: ignore[arg-type]
    assert found is not None
    return found


def test_code_is_compiled_and_every_number_measured() -> None:
    found = _answered("USART2 at 115200 baud on an STM32F446RE running at 84 MHz")
    assert found.verified is True
    assert [each.quantity for each in found.requirements] == ["core clock (SYSCLK)", "USART2 baud rate"]
    assert all(each.ok for each in found.requirements)
    assert "USART2->BRR" in found.artefacts[0].text
    assert found.artefacts[0].text in found.text.replace("```", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Configure SPI1 on STM32F446RE with SCK on PA2", "SPI1_SCK comes out of PA5, PB3"),
        ("run my STM32F103C8 at 200 MHz and blink PC13", "goes up to 72 MHz"),
    ],
)
def test_what_cant_be_is_explained_and_never_passes(text: str, said: str) -> None:
    found = _answered(text)
    assert found.verified is False
    assert said in found.text


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("drive a WS2812B strip on PA6 with TIM3 PWM by DMA, STM32F446RE", "a protocol of one wire or of its own"),
        ("SSD1306 OLED on I2C1, show the text on the display, STM32F411CE", "text on a display"),
        ("USART2 at 115200 with a command parser, STM32F446RE", "commands that come in"),
        ("PWM on PA8 at 1 kHz whose LED breathes, breathing effect, STM32F446RE", "a fade or pattern"),
        ("ADC1 on PA0 and convert it to millivolts, STM32F446RE", "a unit conversion"),
        ("read the tilt from an SCA3300 on SPI1, STM32F446RE", "talking to the SCA3300"),
        ("I2C1 write 0x5A to the sensor at 100 kHz, STM32F446RE", "0x5A"),
        ("USART1 115200, provide a function uart_flush_all(void), STM32F446RE", "the function uart_flush_all"),
        (
            "LED on PA5 when the voltage on the UART is low, USART2, STM32F446RE",
            "what is to happen “when the voltage on the UART”",
        ),
    ],
)
def test_what_the_plan_hasnt_is_said(text: str, lost: str) -> None:
    request = wanted(text, ["stm32"])
    assert request is not None
    assert lost in request.lost


@pytest.mark.parametrize("text", [text for text, _ in REQUESTS])
def test_nothing_is_missed_where_all_is_planned(text: str) -> None:
    request = wanted(text, ["stm32"])
    assert request is not None
    assert request.lost == ()


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("f411 pa0 rising edge irq pull down", {"pin": "PA0", "edge": "rising", "pull": "down"}),
        ("bxCAN 1 Mbit CAN2 PB12/PB13, STM32F407", {"instance": "CAN2", "bitrate": 1_000_000}),
        ("FDCAN1 500 kbit/s PA11 RX PA12 TX STM32G431KB", {"pins": {"RX": "PA11", "TX": "PA12"}}),
        ("encoder on TIM4, PD12 and PD13, STM32F407, wrap at 4095", {"counts": 4096}),
        ("stop mode, wake by button PC13, STM32F446RE", {"pin": "PC13", "edge": "falling"}),
        ("blink PC13 on an STM32F411CE", {"pin": "PC13", "direction": "out"}),
    ],
)
def test_terse_words_are_understood(text: str, entry: dict[str, object]) -> None:
    request = wanted(text, ["stm32"])
    assert request is not None
    assert any(entry.items() <= each.items() for each in request.plan["peripherals"])


def test_a_crystal_named_after_the_core_clock() -> None:
    request = wanted("F401: 84 MHz, HSE 25 MHz", ["stm32"])
    assert request is not None
    assert request.plan["clock"] == {"source": "HSE", "hse_hz": 25_000_000, "sysclk_hz": 84_000_000}
