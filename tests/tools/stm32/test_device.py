"""What the device data says, held to the data sheets and to ST's own headers."""

import pytest

from kiki_tools.stm32.device import device


@pytest.mark.parametrize(
    ("name", "pin", "has"),
    [
        ("STM32F446xx", "PA9", "AF7 USART1_TX"),
        ("STM32F407VG", "PA5", "AF5 SPI1_SCK"),
        ("STM32G474RE", "PA2", "AF7 USART2_TX"),
        ("STM32L476xx", "PB6", "AF4 I2C1_SCL"),
        ("STM32H743xx", "PA9", "AF7 USART1_TX"),
    ],
)
def test_a_pin_has_the_functions_of_its_data_sheet(name: str, pin: str, has: str) -> None:
    found = device(name)
    assert found is not None
    assert has in {str(each) for each in found.functions(pin)}


def test_limits_are_those_of_the_data_sheets() -> None:
    limits = {"STM32F446xx": 180, "STM32F407xx": 168, "STM32F411xE": 100, "STM32F401xE": 84, "STM32G431xx": 170}
    for name, megahertz in limits.items():
        found = device(name)
        assert found is not None
        assert found.max_hz == megahertz * 1_000_000, name
    f411 = device("STM32F411xE")
    assert f411 is not None
    assert f411.wait_states[2700] == (30_000_000, 60_000_000, 90_000_000, 100_000_000)


def test_a_family_has_what_any_of_its_devices_has() -> None:
    family, one = device("STM32F4"), device("STM32F446xx")
    assert family is not None
    assert one is not None
    assert one.interrupts <= family.interrupts
    assert set(one.pins) <= set(family.pins)


def test_an_unknown_device_is_none() -> None:
    for name in ("STM32F999xx", "PIC16F84", "", "STM32", "STM32F446xx; rm -rf"):
        assert device(name) is None
