"""Registers as CMSIS headers and SVD files have them; what ST's drivers document; constants of C."""

import pytest
from firmware import DEVICE, DRIVER, SOURCE, SVD

from kiki_tools.stm32 import hal, registers, svd
from kiki_tools.stm32.expressions import evaluate
from kiki_tools.stm32.headers import Library, index
from kiki_tools.stm32.registers import Registers
from kiki_tools.text import Snapshot


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(0x3UL << 10U)", 0xC00),
        ("((uint32_t)0x00000001)", 1),
        ("1 << 2 | 1", 5),
        ("~(1U << 13) & 0xFFFF", 0xDFFF),
        ("8400 - 1", 8399),
        ("2 + 3 * 4 % 5", 4),
        ("-(1)", 0xFFFF_FFFF_FFFF_FFFF),
        ("010", 8),
        ("1 << 99", None),
        ("1 / 0", None),
        ("(1", None),
        ("09", None),
        ("name", None),
        ("1.5", None),
        ("(" * 100 + "1" + ")" * 100, None),
    ],
)
def test_constant_expressions(text: str, value: int | None) -> None:
    assert evaluate(text) == value


@pytest.fixture(scope="module")
def known() -> Registers:
    return Registers([registers.index(DEVICE)])


def test_registers_have_the_offsets_of_their_struct(known: Registers) -> None:
    """Also behind reserved words, in arrays, and behind a narrower register."""
    places = {each.name: (each.offset, each.size, each.count) for each in known.registers("GPIO_TypeDef")}
    assert places == {"MODER": (0, 4, 0), "BSRR": (4, 4, 0), "AFR": (16, 4, 2)}
    status, control = known.registers("USART_TypeDef")
    assert (status.access, status.size, control.offset) == ("r", 2, 4)
    assert control.about == "USART Control register 1"


def test_instances_have_their_addresses(known: Registers) -> None:
    assert known.instances["USART3"] == ["USART_TypeDef", 0x4000_4800]
    register = known.register("GPIO_TypeDef", "AFR")
    assert register is not None
    assert known.address("GPIOA", register, 1) == 0x4002_0014


def test_fields_belong_to_their_register(known: Registers) -> None:
    assert known.prefix("USART_TypeDef", "CR1") == "USART_CR1"
    assert known.prefix("GPIO_TypeDef", "AFR", 1) == "GPIO_AFRH"
    te, ue = known.fields("USART_CR1")
    assert (te.macro, te.bits, te.about) == ("USART_CR1_TE", "3", "Transmitter Enable")
    assert ue.mask == 0x2000
    (moder,) = known.fields("GPIO_MODER")
    assert moder.bits == "11:10"


@pytest.mark.parametrize(
    "macro", ["RCC_CFGR_SW", "RCC_CFGR_SW_Pos", "RCC_CFGR_SW_Msk", "RCC_CFGR_SW_0", "RCC_CFGR_SW_PLL"]
)
def test_a_field_is_found_by_all_its_macros(known: Registers, macro: str) -> None:
    found = known.field(macro)
    assert found is not None
    prefix, field = found
    assert (prefix, field.name) == ("RCC_CFGR", "SW")
    assert [(value.name, value.value) for value in field.values] == [("RCC_CFGR_SW_HSI", 0), ("RCC_CFGR_SW_PLL", 2)]


def test_a_number_is_taken_apart(known: Registers) -> None:
    parts = known.decoded("USART_CR1", 0x2008)
    assert [(field.name, part) for field, part, _ in parts] == [("TE", 1), ("UE", 1)]


def test_an_svd_file_tells_reset_values_and_meanings() -> None:
    found = Registers([svd.index(SVD)])
    (register,) = found.registers("USART2_TypeDef")
    assert (register.reset, register.about) == (0x200C, "Control register 1")
    assert found.instances["USART3"] == ["USART2_TypeDef", 0x4000_4800]
    fields = {field.name: (field.position, field.width, field.about) for field in found.fields("USART2_CR1")}
    assert fields == {
        "TE": (3, 1, "Transmitter enable"),
        "M0": (12, 1, ""),
        "UE": (13, 1, "USART enable"),
        "M1": (28, 1, ""),
    }
    assert found.interrupts["USART2_IRQn"][0] == 38


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<device>",
        "<svd/>",
        '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><device><name>&b;</name></device>',
        '<!DOCTYPE d SYSTEM "file:///etc/passwd"><device/>',
        "<device>" * 60,
    ],
)
def test_a_hostile_svd_file_is_refused(text: str) -> None:
    with pytest.raises(svd.NotSvd):
        svd.index(text)
    assert "problem" in index(Snapshot(text, "/a.svd"))


def test_drivers_are_documented_by_header_and_source() -> None:
    named = {
        "/hal_uart.h": {"kind": "driver", **hal.index(DRIVER)},
        "/hal_uart.c": {"kind": "driver", **hal.index(SOURCE)},
    }
    library = Library(named)
    told = library.functions["HAL_UART_Transmit"]
    assert told["about"] == "Sends an amount of data in blocking mode."
    assert told["parameters"][3] == ["Timeout", "uint32_t", "Timeout duration"]
    assert library.legal("GPIO_InitTypeDef", "Pull") == [
        ("GPIO_NOPULL", "No Pull-up or Pull-down activation"),
        ("GPIO_PULLUP", "Pull-up activation"),
    ]
    assert [name for name, _ in library.values("HAL_StatusTypeDef")] == ["HAL_OK", "HAL_ERROR"]
    assert library.fields["USART_CR1_TE"] == ["LL_USART_SetDirection"]


@pytest.mark.parametrize(
    "text",
    [
        "typedef struct {" * 500,
        "#define A A\n" * 3,
        "/*" + "*" * 100_000,
        "typedef enum {" + "A,\n" * 5000,
        "a (" * 5000,
    ],
)
def test_hostile_headers_cost_little(text: str) -> None:
    registers.index(text)
    hal.index(text)


def test_macros_that_go_round_have_no_value() -> None:
    text = "".join(f"#define A{n} A{(n + 1) % 500}\n" for n in range(500)) + "#define USART_CR1_X_Msk A0\n"
    assert registers.index(text)["fields"] == {}
