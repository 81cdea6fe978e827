"""I2C transfers in C for CMSIS registers: a master that asks, a slave that is a file of registers."""

from __future__ import annotations

from collections.abc import Sequence

from kiki_tools.stm32.init.families import interrupt
from kiki_tools.stm32.init.plan import I2c, Spi
from kiki_tools.stm32.init.register_blocks import Block, enabled
from kiki_tools.stm32.init.setup import Setup

_TRIES = 1_000_000
_REGISTERS = 16


def master(setup: Setup, port: str, wish: I2c, init: Sequence[str]) -> Block:
    """A bus whose one function writes, reads, or reads after a repeated start; and what main asks a device."""
    name = port.lower()
    signature = (f"int {name}_transfer(uint8_t address, const uint8_t *out, uint32_t out_count, uint8_t *in, "
                 "uint32_t in_count)")  # fmt: skip
    functions = (
        _transfer_g4(port, name, signature) if setup.family.name == "g4" else _transfer_f4(port, name, signature)
    )
    shared = [f"{signature}; /* 0: no answer */"]
    variables: list[str] = []
    start: list[str] = []
    if wish.address and (wish.reads or wish.writes):
        title = wish.device or f"0x{wish.address:02X}"
        shared.append(f"void {name}_ask(void); /* {title} */")
        if wish.reads:
            variables.append(f"volatile uint8_t {name}_values[{wish.reads}];")
            shared.append(f"extern volatile uint8_t {name}_values[{wish.reads}]; /* what it answers */")
        if wish.expects >= 0:
            variables.append(f"volatile int {name}_as_expected;")
            shared.append(f"extern volatile int {name}_as_expected; /* 1: the first byte is 0x{wish.expects:02X} */")
        variables.append(f"volatile int {name}_answers;")
        shared.append(f"extern volatile int {name}_answers; /* 1: it has answered */")
        functions.append((f"void {name}_ask(void)", _asked(name, wish)))
        start = [f"{name}_ask();"]
    return Block(name, init, variables, functions, shared, {}, start)


def _asked(name: str, wish: I2c) -> list[str]:
    address = f"0x{wish.address:02X}U"
    body = []
    if wish.writes:
        listed = ", ".join(f"0x{byte:02X}U" for byte in wish.writes)
        body += [f"static const uint8_t bytes[{len(wish.writes)}] = {{{listed}}};",
                 f"{name}_answers = {name}_transfer({address}, bytes, {len(wish.writes)}U, 0, 0U);"]  # fmt: skip
    if wish.reads:
        out = "0, 0U"
        if wish.register >= 0:
            body.append(f"static const uint8_t pointer = 0x{wish.register:02X}U;")
            out = "&pointer, 1U"
        body += [
            f"uint8_t got[{wish.reads}] = {{0}};",
            f"{name}_answers = {name}_transfer({address}, {out}, got, {wish.reads}U);",
            f"for (uint32_t at = 0U; at < {wish.reads}U; at++)", "{", f"  {name}_values[at] = got[at];", "}",
            *compared(name, wish),
        ]  # fmt: skip
    return body


def compared(name: str, wish: I2c | Spi) -> list[str]:
    """The first byte of the answer against what is expected."""
    if wish.expects < 0:
        return []
    body = [f"{name}_as_expected = {name}_values[0] == 0x{wish.expects:02X}U;"]
    line = wish.lights
    return [*body, f"{line}_PORT->BSRR = {name}_as_expected ? {line}_MASK : {line}_MASK << 16;"] if line else body


def _transfer_f4(port: str, name: str, signature: str) -> list[tuple[str, Sequence[str]]]:
    """Master transmitter and receiver (RM0090, 27.3.3)."""
    flag = [
        f"for (uint32_t tries = 0U; tries < {_TRIES}U; tries++)", "{", f"  uint32_t status = {port}->SR1;",
        "  if ((status & mask) != 0U)", "  {", "    return 1;", "  }", "  if ((status & I2C_SR1_AF) != 0U)", "  {",
        "    break;", "  }", "}", f"{port}->SR1 = ~I2C_SR1_AF;", f"{port}->CR1 |= I2C_CR1_STOP;", "return 0;",
    ]  # fmt: skip
    body = [
        "if (out_count > 0U || in_count == 0U)", "{", f"  {port}->CR1 |= I2C_CR1_START;",
        f"  if (!{name}_flag(I2C_SR1_SB))", "  {", "    return 0;", "  }",
        f"  {port}->DR = (uint32_t)address << 1;", f"  if (!{name}_flag(I2C_SR1_ADDR))", "  {", "    return 0;", "  }",
        f"  (void){port}->SR2;", "  for (uint32_t at = 0U; at < out_count; at++)", "  {",
        f"    {port}->DR = out[at];", f"    if (!{name}_flag(I2C_SR1_BTF))", "    {", "      return 0;", "    }", "  }",
        "}",
        "if (in_count == 0U)", "{", f"  {port}->CR1 |= I2C_CR1_STOP;", "  return 1;", "}",
        f"{port}->CR1 |= I2C_CR1_ACK | I2C_CR1_START;", f"if (!{name}_flag(I2C_SR1_SB))", "{", "  return 0;", "}",
        f"{port}->DR = ((uint32_t)address << 1) | 1U;", f"if (!{name}_flag(I2C_SR1_ADDR))", "{", "  return 0;", "}",
        "if (in_count == 1U)", "{", f"  {port}->CR1 &= ~I2C_CR1_ACK; /* before the address is cleared */", "}",
        f"(void){port}->SR2;",
        "for (uint32_t at = 0U; at < in_count; at++)", "{", "  if (at + 1U == in_count)", "  {",
        f"    {port}->CR1 &= ~I2C_CR1_ACK;", f"    {port}->CR1 |= I2C_CR1_STOP;", "  }",
        f"  if (!{name}_flag(I2C_SR1_RXNE))", "  {", "    return 0;", "  }", f"  in[at] = (uint8_t){port}->DR;", "}",
        "return 1;",
    ]  # fmt: skip
    return [(f"static int {name}_flag(uint32_t mask)", flag), (signature, body)]


def _transfer_g4(port: str, name: str, signature: str) -> list[tuple[str, Sequence[str]]]:
    """Master transfers of up to 255 bytes (RM0440, 41.4.8)."""
    flag = [
        f"for (uint32_t tries = 0U; tries < {_TRIES}U; tries++)", "{", f"  uint32_t status = {port}->ISR;",
        "  if ((status & mask) != 0U)", "  {", "    return 1;", "  }", "  if ((status & I2C_ISR_NACKF) != 0U)", "  {",
        "    break;", "  }", "}", f"{port}->ICR = I2C_ICR_NACKCF | I2C_ICR_STOPCF;", "return 0;",
    ]  # fmt: skip
    body = [
        "if (out_count > 0U || in_count == 0U)", "{",
        f"  {port}->CR2 = ((uint32_t)address << 1) | (out_count << I2C_CR2_NBYTES_Pos) | I2C_CR2_START",
        "             | (in_count == 0U ? I2C_CR2_AUTOEND : 0U);",
        "  for (uint32_t at = 0U; at < out_count; at++)", "  {", f"    if (!{name}_flag(I2C_ISR_TXIS))", "    {",
        "      return 0;", "    }", f"    {port}->TXDR = out[at];", "  }",
        f"  if (!{name}_flag(in_count == 0U ? I2C_ISR_STOPF : I2C_ISR_TC))", "  {", "    return 0;", "  }", "}",
        "if (in_count > 0U)", "{",
        f"  {port}->CR2 = ((uint32_t)address << 1) | (in_count << I2C_CR2_NBYTES_Pos) | I2C_CR2_RD_WRN",
        "             | I2C_CR2_START | I2C_CR2_AUTOEND;",
        "  for (uint32_t at = 0U; at < in_count; at++)", "  {", f"    if (!{name}_flag(I2C_ISR_RXNE))", "    {",
        "      return 0;", "    }", f"    in[at] = (uint8_t){port}->RXDR;", "  }",
        f"  if (!{name}_flag(I2C_ISR_STOPF))",
        "  {", "    return 0;", "  }", "}",
        f"{port}->ICR = I2C_ICR_STOPCF | I2C_ICR_NACKCF;", "return 1;",
    ]  # fmt: skip
    return [(f"static int {name}_flag(uint32_t mask)", flag), (signature, body)]


def slave(setup: Setup, port: str, wish: I2c, init: Sequence[str]) -> Block:
    """A slave whose master sees a file of registers: the first byte written says where, the rest is written there."""
    name, size = port.lower(), _REGISTERS
    variables = [f"volatile uint8_t {name}_registers[{size}];", f"static volatile uint32_t {name}_at, {name}_first;"]
    shared = [f"extern volatile uint8_t {name}_registers[{size}]; /* what the master reads and writes */"]
    taken = [
        "  if (FIRST != 0U)", "  {", f"    {name}_at = value % {size}U;", "    FIRST = 0U;", "  }", "  else", "  {",
        f"    {name}_registers[{name}_at] = value;", f"    {name}_at = ({name}_at + 1U) % {size}U;", "  }",
    ]  # fmt: skip
    taken = [line.replace("FIRST", f"{name}_first") for line in taken]
    given = [f"  VALUE = {name}_registers[{name}_at];", f"  {name}_at = ({name}_at + 1U) % {size}U;"]
    event, error = (interrupt(setup.part.device, port, part) for part in ("EV", "ER"))
    if setup.family.name == "g4":
        on = [
            f"{port}->CR1 = I2C_CR1_ADDRIE | I2C_CR1_RXIE | I2C_CR1_TXIE | I2C_CR1_STOPIE | I2C_CR1_NACKIE;",
            f"{port}->CR1 |= I2C_CR1_PE;",
        ]
        handler = [
            f"uint32_t status = {port}->ISR;", "if ((status & I2C_ISR_ADDR) != 0U)", "{",
            f"  {name}_first = (status & I2C_ISR_DIR) == 0U;",
            f"  {port}->ISR = I2C_ISR_TXE; /* nothing old is sent */",
            f"  {port}->ICR = I2C_ICR_ADDRCF;", "}",
            "if ((status & I2C_ISR_RXNE) != 0U)", "{", f"  uint8_t value = (uint8_t){port}->RXDR;", *taken, "}",
            "if ((status & I2C_ISR_TXIS) != 0U)", "{", *(line.replace("VALUE", f"{port}->TXDR") for line in given), "}",
            f"{port}->ICR = status & (I2C_ICR_STOPCF | I2C_ICR_NACKCF);",
        ]  # fmt: skip
        wrong = [f"{port}->ICR = 0x700U; /* bus error, lost arbitration, overrun */"]
    else:
        on = [f"{port}->CR2 |= I2C_CR2_ITEVTEN | I2C_CR2_ITBUFEN | I2C_CR2_ITERREN;",
              f"{port}->CR1 = I2C_CR1_PE;", f"{port}->CR1 |= I2C_CR1_ACK;"]  # fmt: skip
        handler = [
            f"uint32_t status = {port}->SR1;", "if ((status & I2C_SR1_ADDR) != 0U)", "{",
            f"  {name}_first = ({port}->SR2 & 4U) == 0U; /* TRA: the master reads */", "}",
            "if ((status & I2C_SR1_RXNE) != 0U)", "{", f"  uint8_t value = (uint8_t){port}->DR;", *taken, "}",
            "else if ((status & I2C_SR1_TXE) != 0U)", "{",
            *(line.replace("VALUE", f"{port}->DR") for line in given), "}",
            "if ((status & I2C_SR1_STOPF) != 0U)", "{", f"  {port}->CR1 |= I2C_CR1_PE; /* clears the flag */", "}",
        ]  # fmt: skip
        wrong = [f"{port}->SR1 = 0U; /* the master's last no, and errors */"]
    both = [*enabled(event, wish.priority), *enabled(error, wish.priority)]
    return Block(name, [*init, *both, *on], variables, (), shared, {event: handler, error: wrong})
