"""Serial interfaces: USART, SPI, I2C, and DMA for them."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from kiki_core.training.data.firmware.program import (
    Maker,
    Part,
    Program,
    alternate,
    clocked,
    function,
    is_alternate,
    near,
    signals,
)
from kiki_core.training.data.registers import ALL, Step, shown

BAUDS = (9600, 19200, 38400, 57600, 115200, 230400)


def _usart(random: Random, of: Part) -> tuple[str, str, int] | None:
    found = signals(of, r"USART\d", "TX")
    return random.choice(found) if found else None


def _usart_init(random: Random, of: Part) -> Program | None:
    found = _usart(random, of)
    receivers = of.pins(found[0], "RX") if found else []
    if found is None or not receivers:
        return None
    usart, pin, af = found
    receive, other = random.choice(receivers)
    baud = random.choice(BAUDS)
    clock = random.choice([8, 16, 42, 84] if of.is_f4 else [16, 80, 170]) * 1_000_000
    name = random.choice([f"{usart.lower()}_init", "uart_init", "serial_init"])
    ports = [of.clock(f"GPIO{one}") for one in dict.fromkeys((pin[1], receive[1]))]
    code = function(
        name,
        *ports,
        of.clock(usart),
        *alternate(pin, af).split("\n    "),
        *alternate(receive, other).split("\n    "),
        f"{usart}->BRR = {clock}U / {baud}U;",
        f"{usart}->CR1 = USART_CR1_TE | USART_CR1_RE | USART_CR1_UE;",
    )
    needs = [f"{usart}EN", f"{usart}->BRR=", f"{usart}->CR1", "AFR", name]
    words = {
        "usart": usart,
        "tx": pin,
        "rx": receive,
        "baud": f"{baud}",
        "clk": f"{clock // 1_000_000} MHz",
        "fn": name,
    }
    enable = (1 << 13 if of.is_f4 else 1) | 1 << 2 | 1 << 3
    steps: list[Step] = [
        ALL,
        *clocked(of, usart),
        *is_alternate(of, pin, af),
        *is_alternate(of, receive, other),
        near(f"{usart}->BRR", clock / baud, 0.02),
        shown(f"{usart}->CR1", enable, enable),
    ]
    return Program(words, code, needs, f"{usart}-{baud}", steps)


def _send(random: Random, of: Part) -> Program | None:
    found = _usart(random, of)
    if found is None:
        return None
    usart = found[0]
    put, puts = random.choice(
        [("uart_putc", "uart_puts"), ("usart_send", "usart_print"), ("serial_put", "serial_write")]
    )
    flag, data = (
        (f"{usart}->SR & USART_SR_TXE", f"{usart}->DR")
        if of.is_f4
        else (f"{usart}->ISR & USART_ISR_TXE", f"{usart}->TDR")
    )
    code = (
        function(put, f"while (({flag}) == 0U)", "{", "}", f"{data} = (uint8_t)c;", takes="char c")
        + "\n"
        + function(puts, "while (*s != '\\0')", "{", f"    {put}(*s++);", "}", takes="const char *s")
    )
    status, register = ("SR", "DR") if of.is_f4 else ("ISR", "TDR")
    ready, sent = f"{usart}->{status} = 0xFFFFU;", f"{usart}->{register}"
    steps: list[Step] = [ready, f"{put}('k');", shown(sent, 0x6B, 0xFF), f'{puts}("kiki");', shown(sent, 0x69, 0xFF)]
    needs = [f"{usart}->(DR|TDR)=", "TXE|<<7", put, puts]
    return Program({"usart": usart, "put": put, "puts": puts}, code, needs, usart, steps)


def _receive(random: Random, of: Part) -> Program | None:
    found = _usart(random, of)
    if found is None:
        return None
    usart = found[0]
    name = random.choice(["uart_getc", "usart_read", "serial_get"])
    flag, data = (
        (f"{usart}->SR & USART_SR_RXNE", f"{usart}->DR")
        if of.is_f4
        else (f"{usart}->ISR & USART_ISR_RXNE", f"{usart}->RDR")
    )
    code = function(name, f"while (({flag}) == 0U)", "{", "}", f"return (uint8_t){data};", gives="uint8_t")
    status, register = ("SR", "DR") if of.is_f4 else ("ISR", "RDR")
    steps: list[Step] = [
        f"{usart}->{status} = 0xFFFFU;",
        f"{usart}->{register} = 0x5AU;",
        shown(f"{name}()", 0x5A, 0xFF),
    ]
    return Program({"usart": usart, "fn": name}, code, [f"{usart}->(DR|RDR)", "RXNE|<<5", name], usart, steps)


def _receive_interrupt(random: Random, of: Part) -> Program | None:
    found = _usart(random, of)
    if found is None:
        return None
    usart = found[0]
    flag, data = (
        (f"{usart}->SR & USART_SR_RXNE", f"{usart}->DR")
        if of.is_f4
        else (f"{usart}->ISR & USART_ISR_RXNE", f"{usart}->RDR")
    )
    code = (
        "volatile uint8_t received;\nvolatile uint8_t has_received;\n\n"
        + function(f"{usart.lower()}_irq_init", f"{usart}->CR1 |= USART_CR1_RXNEIE;", f"NVIC_EnableIRQ({usart}_IRQn);")
        + "\n"
        + function(
            f"{usart}_IRQHandler",
            f"if (({flag}) != 0U)",
            "{",
            f"    received = (uint8_t){data};",
            "    has_received = 1U;",
            "}",
        )
    )
    needs = ["RXNEIE", f"{usart}_IRQn", f"void{usart}_IRQHandler", f"{usart}->(DR|RDR)"]
    enabled = shown(f"(((volatile uint32_t *)0xE000E100U)[{usart}_IRQn / 32U] >> ({usart}_IRQn % 32U)) & 1U", 1)
    return Program({"usart": usart}, code, needs, usart, [ALL, shown(f"{usart}->CR1", 1 << 5, 1 << 5), enabled])


def _spi(random: Random, of: Part) -> Program | None:
    spi = random.choice([name for name in ("SPI1", "SPI2", "SPI3") if of.has(name)])
    mode, divider = random.randrange(4), random.choice([2, 4, 8, 16, 32, 64])
    bits = [*(["SPI_CR1_CPHA"] if mode & 1 else []), *(["SPI_CR1_CPOL"] if mode & 2 else [])]
    flags = " | ".join(["SPI_CR1_MSTR", "SPI_CR1_SSM", "SPI_CR1_SSI", *bits, f"({divider.bit_length() - 2}U << 3)"])
    more = [] if of.is_f4 else [f"{spi}->CR2 = (7U << 8) | SPI_CR2_FRXTH;"]
    data = f"{spi}->DR" if of.is_f4 else f"*(volatile uint8_t *)&{spi}->DR"
    code = (
        function("spi_init", of.clock(spi), f"{spi}->CR1 = {flags};", *more, f"{spi}->CR1 |= SPI_CR1_SPE;")
        + "\n"
        + function(
            "spi_transfer",
            f"while (({spi}->SR & SPI_SR_TXE) == 0U)",
            "{",
            "}",
            f"{data} = out;",
            f"while (({spi}->SR & SPI_SR_RXNE) == 0U)",
            "{",
            "}",
            f"return (uint8_t){data};",
            takes="uint8_t out",
            gives="uint8_t",
        )
    )
    needs = [
        f"{spi}EN",
        f"{spi}->CR1",
        "SPE|<<6",
        f"{spi}->DR",
        "MSTR|<<2",
        *(["CPHA|<<0"] if mode & 1 else []),
        *(["CPOL|<<1"] if mode & 2 else []),
    ]
    wanted = mode | 1 << 2 | (divider.bit_length() - 2) << 3 | 1 << 6
    steps: list[Step] = [
        "spi_init();",
        *clocked(of, spi),
        shown(f"{spi}->CR1", wanted, 0x7F),
        f"{spi}->SR = 0x3U;",
        shown("spi_transfer(0x5A)", 0x5A, 0xFF),
    ]
    return Program({"spi": spi, "mode": f"{mode}", "div": f"{divider}"}, code, needs, f"{spi}-{mode}", steps)


def _i2c(random: Random, of: Part) -> Program | None:
    if not of.is_f4:
        return None
    i2c, clock = random.choice(["I2C1", "I2C2", "I2C3"]), random.choice([8, 16, 42])
    code = function(
        f"{i2c.lower()}_init",
        of.clock(i2c),
        f"{i2c}->CR1 &= ~I2C_CR1_PE;",
        f"{i2c}->CR2 = {clock}U;",
        f"{i2c}->CCR = {clock}000000U / (2U * 100000U);",
        f"{i2c}->TRISE = {clock}U + 1U;",
        f"{i2c}->CR1 |= I2C_CR1_PE;",
    )
    steps: list[Step] = [
        ALL,
        *clocked(of, i2c),
        shown(f"{i2c}->CR2", clock, 0x3F),
        near(f"{i2c}->CCR", clock * 5, 0.05),
        shown(f"{i2c}->TRISE", clock + 1),
        shown(f"{i2c}->CR1", 1, 1),
    ]
    needs = [f"{i2c}EN", f"{i2c}->CR2", f"{i2c}->CCR=", f"{i2c}->TRISE=", "PE|<<0"]
    return Program({"i2c": i2c, "clk": f"{clock} MHz"}, code, needs, f"{i2c}-{clock}", steps)


def _dma_send(random: Random, of: Part) -> Program | None:
    if not of.is_f4:
        return None
    usart = random.choice([name for name in ("USART1", "USART2", "USART6") if of.has(name)])
    served = [(place, channel) for (place, channel), what in of.device.dma.items() if f"{usart}_TX" in what]
    if not served:
        return None
    stream, channel = random.choice(sorted(served))
    dma, number = stream.split("_Stream")
    name = random.choice([f"{usart.lower()}_send_dma", "uart_send_dma", "dma_send"])
    clear = f"{dma}->{'LIFCR' if int(number) < 4 else 'HIFCR'} = 0x3DU << {(0, 6, 16, 22)[int(number) % 4]};"
    code = function(
        name,
        of.clock(dma),
        f"{stream}->CR = 0U;",
        f"while (({stream}->CR & DMA_SxCR_EN) != 0U)",
        "{",
        "}",
        clear,
        f"{stream}->PAR = (uint32_t)&{usart}->DR;",
        f"{stream}->M0AR = (uint32_t)data;",
        f"{stream}->NDTR = length;",
        f"{stream}->CR = ({channel}U << 25) | DMA_SxCR_MINC | DMA_SxCR_DIR_0;",
        f"{usart}->CR3 |= USART_CR3_DMAT;",
        f"{stream}->CR |= DMA_SxCR_EN;",
        takes="const uint8_t *data, uint16_t length",
    )
    needs = [f"{dma}EN", f"{stream}->PAR=", f"{stream}->M0AR=", f"{stream}->NDTR=", "DMAT", "MINC", name]
    steps: list[Step] = [
        f"{name}((const uint8_t *)0x20000100U, 5);",
        *clocked(of, dma),
        shown(f"{stream}->PAR == (uint32_t)&{usart}->DR", 1),
        shown(f"{stream}->M0AR", 0x20000100),
        shown(f"{stream}->NDTR", 5),
        shown(f"{usart}->CR3", 1 << 7, 1 << 7),
        shown(f"{stream}->CR", channel << 25 | 1 << 10 | 1 << 6 | 1, 7 << 25 | 1 << 10 | 3 << 6 | 1),
    ]
    words = {"usart": usart, "stream": stream.replace("_", " "), "ch": f"{channel}", "fn": name}
    return Program(words, code, needs, f"{usart}-{stream}", steps)


KINDS: Mapping[str, Maker] = {
    "usart-init": _usart_init,
    "usart-send": _send,
    "usart-receive": _receive,
    "usart-interrupt": _receive_interrupt,
    "spi": _spi,
    "i2c": _i2c,
    "dma-send": _dma_send,
}
