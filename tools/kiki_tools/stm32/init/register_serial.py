"""Serial ports, SPI and I2C in C for CMSIS registers."""

from __future__ import annotations

from collections.abc import Sequence

from kiki_tools.stm32.clocks import shown
from kiki_tools.stm32.init import rates
from kiki_tools.stm32.init.families import bus, interrupt
from kiki_tools.stm32.init.hal_parts import frame
from kiki_tools.stm32.init.pins import Placed
from kiki_tools.stm32.init.plan import I2c, ImpossiblePlan, Spi, Usart
from kiki_tools.stm32.init.register_blocks import (
    Block,
    clock_on,
    enabled,
    pins_on,
    transfers,
    where_of,
)
from kiki_tools.stm32.init.setup import Setup

_RING = 64


def usart(setup: Setup, number: int, one: Placed, wish: Usart) -> Block:
    """A serial port: writing, reading (through a ring, by interrupt), transfers by DMA."""
    new = setup.family.name == "g4"
    port, name = one.instance, one.instance.lower()
    where = where_of(number, one)
    rate = rates.baud(setup.tree.pclk(bus(setup.family, port)), wish.baud, where)
    bits = frame(wish, where, seven=new)
    status, received, sent = ("ISR", "RDR", "TDR") if new else ("SR", "DR", "DR")
    words = ["USART_CR1_UE", *(["USART_CR1_TE"] if wish.direction != "rx" else [])]
    words += ["USART_CR1_RE"] if wish.direction != "tx" else []
    words += {9: ["USART_CR1_M0" if new else "USART_CR1_M"], 7: ["USART_CR1_M1"], 8: []}[bits]
    words += {"none": [], "even": ["USART_CR1_PCE"], "odd": ["USART_CR1_PCE", "USART_CR1_PS"]}[wish.parity]
    words += ["USART_CR1_OVER8"] if rate.over8 else []
    listens = wish.interrupt and wish.direction != "tx" and (number, "rx") not in setup.dma
    words += ["USART_CR1_RXNEIE"] if listens else []
    third = [f"USART_CR3_DMA{way[0].upper()}" for way in sorted(wish.dma)]
    third += ["USART_CR3_RTSE", "USART_CR3_CTSE"] if wish.flow_control else []
    moved = transfers(setup, number, name, {"tx": f"{port}->{sent}", "rx": f"{port}->{received}"}, wide=False)
    init = [
        *clock_on(setup, port),
        *pins_on(one),
        f"{port}->BRR = {rate.brr}U; /* {wish.baud} baud: {rate.actual:.0f} */",
        *([f"{port}->CR2 = USART_CR2_STOP_1;"] if wish.stop_bits == 2 else []),
        *([f"{port}->CR3 = {' | '.join(third)};"] if third else []),
        *moved.init,
        f"{port}->CR1 = {' | '.join(words)};",
    ]
    variables, shared, functions = list(moved.variables), list(moved.shared), list(moved.functions)
    vectors: dict[str, Sequence[str]] = dict(moved.vectors)
    if wish.direction != "rx":
        ready = "USART_ISR_TXE" if new else "USART_SR_TXE"
        functions.append(
            (f"void {name}_write(const char *text)",
             ["while (*text != '\\0')", "{", f"  while (({port}->{status} & {ready}) == 0U)", "  {", "  }",
              f"  {port}->{sent} = (uint8_t)*text;", "  text++;", "}"])
        )  # fmt: skip
        shared.append(f"void {name}_write(const char *text);")
    if wish.direction != "tx" and (number, "rx") not in setup.dma:
        shared.append(f"int {name}_read(void); /* -1: nothing has come */")
        full = "USART_ISR_RXNE" if new else "USART_SR_RXNE"
        if listens:
            variables += [
                f"static volatile uint8_t {name}_ring[{_RING}];",
                f"static volatile uint32_t {name}_head, {name}_tail;",
            ]
            functions.append(
                (f"int {name}_read(void)",
                 [f"if ({name}_tail == {name}_head)", "{", "  return -1;", "}",
                  f"uint8_t value = {name}_ring[{name}_tail];", f"{name}_tail = ({name}_tail + 1U) % {_RING}U;",
                  "return value;"])
            )  # fmt: skip
            vector = interrupt(setup.part.device, port)
            init += enabled(vector)
            vectors[vector] = [
                f"if (({port}->{status} & {full}) != 0U)", "{", f"  uint8_t value = (uint8_t){port}->{received};",
                f"  uint32_t next = ({name}_head + 1U) % {_RING}U;", f"  if (next != {name}_tail)", "  {",
                f"    {name}_ring[{name}_head] = value;", f"    {name}_head = next;", "  }", "}",
                *([f"{port}->ICR = USART_ICR_ORECF;"] if new else []),
            ]  # fmt: skip
        else:
            functions.append(
                (f"int {name}_read(void)",
                 [f"return ({port}->{status} & {full}) != 0U ? (int)(uint8_t){port}->{received} : -1;"])
            )  # fmt: skip
    greeting = wish.greeting.replace("\\", "\\\\").replace('"', '\\"')
    start = [f'{name}_write("{greeting}\\r\\n");'] if greeting and wish.direction != "rx" else []
    return Block(name, init, variables, functions, shared, vectors, start)


def _only_hal(wish: Spi | I2c, where: str) -> None:
    kind = type(wish).__name__.upper()
    if wish.interrupt:
        raise ImpossiblePlan(
            f"{where}: the register style has no {kind} by interrupt; leave interrupt out or choose style hal"
        )
    if wish.dma and isinstance(wish, I2c):
        raise ImpossiblePlan(f"{where}: the register style has no I2C by DMA; leave dma out or choose style hal")


def spi(setup: Setup, number: int, one: Placed, wish: Spi) -> Block:
    """An SPI: a transfer of one word for a master, or transfers by DMA."""
    where = where_of(number, one)
    _only_hal(wish, where)
    new, port, name = setup.family.name == "g4", one.instance, one.instance.lower()
    words, said = ["SPI_CR1_SPE"], ""
    if wish.role == "master":
        clock = setup.tree.pclk(bus(setup.family, port))
        divider = rates.spi_divider(clock, wish.max_hz, where)
        said = f" /* {shown(clock / divider)}: at most {shown(wish.max_hz)}; mode {wish.mode} */"
        words += ["SPI_CR1_MSTR", f"({divider.bit_length() - 2}U << SPI_CR1_BR_Pos)"]
    words += ["SPI_CR1_SSM", *(["SPI_CR1_SSI"] if wish.role == "master" else [])] if wish.nss == "soft" else []
    words += (["SPI_CR1_CPOL"] if wish.mode >= 2 else []) + (["SPI_CR1_CPHA"] if wish.mode % 2 else [])
    words += ["SPI_CR1_LSBFIRST"] if wish.order == "lsb" else []
    words += ["SPI_CR1_RXONLY"] if wish.direction == "rx" else []
    words += ["SPI_CR1_DFF"] if wish.data_bits == 16 and not new else []
    second = ["SPI_CR2_SSOE"] if wish.nss == "hard" and wish.role == "master" else []
    if new:
        second += [f"({wish.data_bits - 1}U << SPI_CR2_DS_Pos)", *(["SPI_CR2_FRXTH"] if wish.data_bits == 8 else [])]
    second += [f"SPI_CR2_{way.upper()}DMAEN" for way in sorted(wish.dma)]
    moved = transfers(setup, number, name, {"tx": f"{port}->DR", "rx": f"{port}->DR"}, wide=wish.data_bits == 16)
    init = [*clock_on(setup, port), *pins_on(one), f"{port}->CR2 = {' | '.join(second) or '0U'};", *moved.init]
    init.append(f"{port}->CR1 = {' | '.join(words)};{said}")
    functions, shared = list(moved.functions), list(moved.shared)
    if wish.role == "master" and not wish.dma:
        size = f"uint{wish.data_bits}_t"
        functions.append(
            (f"{size} {name}_transfer({size} value)",
             [f"while (({port}->SR & SPI_SR_TXE) == 0U)", "{", "}", f"*(volatile {size} *)&{port}->DR = value;",
              f"while (({port}->SR & SPI_SR_RXNE) == 0U)", "{", "}", f"return *(volatile {size} *)&{port}->DR;"])
        )  # fmt: skip
        shared.append(f"{size} {name}_transfer({size} value);")
    return Block(name, init, moved.variables, functions, shared, moved.vectors)


def i2c(setup: Setup, number: int, one: Placed, wish: I2c) -> Block:
    """An I2C bus set up; its transfers are yours."""
    where = where_of(number, one)
    _only_hal(wish, where)
    port, speed = one.instance, shown(wish.speed_hz)
    init = [*clock_on(setup, port), *pins_on(one, speed=0, open_drain=True, pull_up=wish.pull_ups)]
    own = f"{port}->OAR1 = I2C_OAR1_OA1EN | {wish.own_address << 1}U;"
    if setup.family.name == "g4":
        if wish.speed_hz > 400_000:
            init.append(f"SYSCFG->CFGR1 |= SYSCFG_CFGR1_{port}_FMP;")
        init += [f"{port}->TIMINGR = 0x{rates.i2c_new(setup.tree.pclk1, wish.speed_hz, where):08X}U; /* {speed} */"]
    else:
        timing = rates.i2c_old(setup.tree.pclk1, wish.speed_hz, where)
        own = f"{port}->OAR1 = 0x4000U | {wish.own_address << 1}U;"
        init += [
            f"{port}->CR2 = {timing.frequency}U;",
            f"{port}->CCR = 0x{timing.ccr:X}U; /* {speed} */",
            f"{port}->TRISE = {timing.rise}U;",
        ]
    init += [own] if wish.own_address else []
    return Block(port.lower(), [*init, f"{port}->CR1 = I2C_CR1_PE;"])
