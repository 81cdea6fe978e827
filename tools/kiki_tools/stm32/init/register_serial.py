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
    stream_set,
    stream_started,
    transfers,
    where_of,
)
from kiki_tools.stm32.init.register_i2c import compared, master, slave
from kiki_tools.stm32.init.setup import Setup


def low_power_clock(setup: Setup, wish: Usart) -> tuple[str, int]:
    """What LPUART1 takes its rate from, and its hertz: APB1's clock, the inner 16 MHz, or the 32 kHz crystal."""
    named = {"PCLK1": setup.tree.pclk1, "SYSCLK": setup.tree.sysclk, "HSI16": 16_000_000, "LSE": 32_768}
    if wish.kernel != "auto":
        return wish.kernel, named[wish.kernel]
    if wish.baud * 4096 >= setup.tree.pclk1 >= wish.baud * 3:
        return "PCLK1", setup.tree.pclk1
    if wish.baud * 3 <= 16_000_000 and wish.baud * 4096 >= 16_000_000:
        return "HSI16", 16_000_000
    return ("SYSCLK", setup.tree.sysclk) if wish.baud * 3 > 16_000_000 else ("LSE", 32_768)


def _divider(setup: Setup, wish: Usart, port: str, where: str) -> tuple[list[str], bool]:
    """What sets the rate, and whether a bit has eight samples."""
    if port != "LPUART1":
        rate = rates.baud(setup.tree.pclk(bus(setup.family, port)), wish.baud, where, wish.oversampling)
        return [f"{port}->BRR = {rate.brr}U; /* {wish.baud} baud: {rate.actual:.0f} */"], rate.over8
    source, clock = low_power_clock(setup, wish)
    divider = rates.low_power_baud(clock, wish.baud, where)
    select = {"PCLK1": 0, "SYSCLK": 1, "HSI16": 2, "LSE": 3}[source]
    lines = ["RCC->CR |= RCC_CR_HSION;", "await(&RCC->CR, RCC_CR_HSIRDY, RCC_CR_HSIRDY);"] if select == 2 else []
    if select == 3:
        lines = ["PWR->CR1 |= PWR_CR1_DBP;", "RCC->BDCR |= RCC_BDCR_LSEON;",
                 "await(&RCC->BDCR, RCC_BDCR_LSERDY, RCC_BDCR_LSERDY);"]  # fmt: skip
    return [
        *lines,
        f"RCC->CCIPR = (RCC->CCIPR & ~RCC_CCIPR_LPUART1SEL) | ({select}U << RCC_CCIPR_LPUART1SEL_Pos); /* {source} */",
        f"{port}->BRR = {divider}U; /* {wish.baud} baud: {256 * clock / divider:.0f} */",
    ], False


def usart(setup: Setup, number: int, one: Placed, wish: Usart) -> Block:
    """A serial port: writing, reading (through a ring, by interrupt), transfers by DMA."""
    new = setup.family.name == "g4"
    port, name = one.instance, one.instance.lower()
    where = where_of(number, one)
    rate, over8 = _divider(setup, wish, port, where)
    bits = frame(wish, where, seven=new)
    status, received, sent = ("ISR", "RDR", "TDR") if new else ("SR", "DR", "DR")
    sends, hears = wish.direction != "rx", wish.direction != "tx"
    words = ["USART_CR1_UE", *(["USART_CR1_TE"] if sends else []), *(["USART_CR1_RE"] if hears else [])]
    words += {9: ["USART_CR1_M0" if new else "USART_CR1_M"], 7: ["USART_CR1_M1"], 8: []}[bits]
    words += {"none": [], "even": ["USART_CR1_PCE"], "odd": ["USART_CR1_PCE", "USART_CR1_PS"]}[wish.parity]
    words += ["USART_CR1_OVER8"] if over8 else []
    by_dma = (number, "rx") in setup.dma
    listens = (wish.interrupt or bool(wish.toggles or wish.commands) or wish.quiet_ms > 0) and hears and not by_dma
    words += (["USART_CR1_RXNEIE"] if listens else []) + (["USART_CR1_IDLEIE"] if wish.idle and hears else [])
    third = [f"USART_CR3_DMA{way[0].upper()}" for way in sorted(wish.dma)]
    third += ["USART_CR3_RTSE", "USART_CR3_CTSE"] if wish.flow_control else []
    third += ["USART_CR3_HDSEL"] if wish.half_duplex else []
    second = ["USART_CR2_STOP_1"] if wish.stop_bits == 2 else []
    if wish.inverted != "none":
        if not new:
            raise ImpossiblePlan(f"{where}: {port} of this family can't invert its lines: an inverter outside does")
        second += [f"USART_CR2_{line.upper()}INV" for line in ("rx", "tx") if wish.inverted in (line, "both")]
    second += _special(wish, new, where)
    words += [*(["1U << 29"] if wish.fifo else []), *(["1U << 26"] if wish.timeout_bits else [])]
    by_line = wish.driver_enable and one.pins["DE"][1].af is None
    if wish.driver_enable and not by_line:
        third.append("USART_CR3_DEM")
        words.append("(8U << USART_CR1_DEAT_Pos) | (8U << USART_CR1_DEDT_Pos)")
    ways = {"tx": f"{port}->{sent}", "rx": f"{port}->{received}"}
    wide = wish.data_bits == 9
    round_dma = by_dma and (wish.idle or wish.circular)
    moved = transfers(setup, number, name, ways, wide=wide, priority=wish.priority,
                      without=("rx",) if round_dma else ())  # fmt: skip
    init = [
        *clock_on(setup, port),
        *pins_on(one, open_drain=wish.half_duplex, pull_up=wish.half_duplex),
        *(_line_on(one.pins["DE"][0]) if by_line else []),
        *rate,
        *([f"{port}->CR2 = {' | '.join(second)};"] if second else []),
        *([f"{port}->CR3 = {' | '.join(third)};"] if third else []),
        *([f"{port}->RTOR = {wish.timeout_bits}U; /* bit times */"] if wish.timeout_bits else []),
        *moved.init,
    ]
    variables, shared, functions = list(moved.variables), list(moved.shared), list(moved.functions)
    vectors: dict[str, Sequence[str]] = dict(moved.vectors)
    if round_dma:
        dma = setup.dma[number, "rx"]
        item = "uint16_t" if wide else "uint8_t"
        variables.append(f"volatile {item} {name}_buffer[{wish.ring}];")
        shared.append(f"extern volatile {item} {name}_buffer[{wish.ring}]; /* DMA fills it, round and round */")
        init += stream_set(setup, dma, "rx", ways["rx"], wide=wide, circular=True, quiet=True)
        init += stream_started(setup, dma, f"{name}_buffer", f"{wish.ring}U")
    init.append(f"{port}->CR1 = {' | '.join(words)};")
    if sends:
        functions += _writing(port, name, status, sent, one.pins["DE"][0] if by_line else "", new)
        shared.append(f"void {name}_write(const char *text);")
    if (wish.reports or wish.values) and sends:
        functions.append(
            (f"void {name}_number(uint32_t value)",
             ["char text[11] = {0};", "uint32_t at = 10U;", "do", "{", "  at--;",
              "  text[at] = (char)('0' + value % 10U);",
              "  value /= 10U;", "} while (value > 0U);", f"{name}_write(&text[at]);"])
        )  # fmt: skip
        shared.append(f"void {name}_number(uint32_t value);")
    if wish.hexadecimal and sends:
        digits = [
            'const char digits[] = "0123456789ABCDEF";',
            "char text[3] = {digits[value >> 4], digits[value & 15U], '\\0'};",
        ]
        functions.append((f"void {name}_hex(uint8_t value)", [*digits, f"{name}_write(text);"]))
        shared.append(f"void {name}_hex(uint8_t value);")
    if wish.printf and sends:
        functions.append(
            ("int _write(int file, const char *from, int count)",
             ["(void)file; /* where the C library's printf ends */", "for (int at = 0; at < count; at++)", "{",
              "  char text[2] = {from[at], '\\0'};", f"  {name}_write(text);", "}", "return count;"])
        )  # fmt: skip
        shared.append("int _write(int file, const char *from, int count);")
    handler: list[str] = []
    if hears and not by_dma:
        shared.append(f"int {name}_read(void); /* -1: nothing has come */")
        full = "USART_ISR_RXNE" if new else "USART_SR_RXNE"
        if listens:
            more, functions_more, handler = _ring(port, name, wish, status, received, full, new)
            variables += more
            functions += functions_more
        else:
            functions.append(
                (f"int {name}_read(void)",
                 [f"return ({port}->{status} & {full}) != 0U ? (int)(uint8_t){port}->{received} : -1;"])
            )  # fmt: skip
    if wish.idle and hears:
        handler += _idle(setup, number, port, name, wish, new)
        variables.append(f"volatile uint32_t {name}_idles;")
        shared.append(f"extern volatile uint32_t {name}_idles; /* times that the line fell idle */")
        if by_dma:
            variables.append(f"volatile uint32_t {name}_end;")
            shared.append(f"extern volatile uint32_t {name}_end; /* what has come ends here in the buffer */")
    if (wish.lin or wish.timeout_bits) and hears:
        more, told, served = _noticed(port, name, wish, new)
        variables += more
        shared += told
        handler += served
    if handler:
        vector = interrupt(setup.part.device, port)
        init += enabled(vector, wish.priority)
        vectors[vector] = handler
    greeting = wish.greeting.replace("\\", "\\\\").replace('"', '\\"')
    start = [f'{name}_write("{greeting}\\r\\n");'] if greeting and sends else []
    return Block(name, init, variables, functions, shared, vectors, start)


def _special(wish: Usart, new: bool, where: str) -> list[str]:
    """CR2's bits for LIN and the receiver's timeout (RM0090, 30.6.5; RM0440, 37.8.3)."""
    if (wish.fifo or wish.timeout_bits) and not new:
        raise ImpossiblePlan(
            f"{where}: this port has neither FIFOs nor a receiver timeout; the idle line interrupt tells"
        )
    words = ["1U << 23"] if wish.timeout_bits else []
    if wish.lin:
        words += ["(1U << 14) | (1U << 6)", *(["1U << 5"] if wish.lin == 11 else [])]
    return words


def _noticed(port: str, name: str, wish: Usart, new: bool) -> tuple[list[str], list[str], list[str]]:
    """Breaks and timeouts of the receiver: variables, their declarations, what the handler does."""
    kinds = [("breaks", 8, wish.lin), ("timeouts", 11, wish.timeout_bits)]
    names = [f"{name}_{what}" for what, _, asked in kinds if asked]
    handler: list[str] = []
    for what, bit, asked in kinds:
        if asked:
            clear = f"{port}->ICR = 1U << {bit};" if new else f"{port}->SR = ~(1U << {bit});"
            flag = f"{port}->{'ISR' if new else 'SR'} & (1U << {bit})"
            handler += [f"if (({flag}) != 0U)", "{", f"  {clear}", f"  {name}_{what}++;", "}"]
    variables = [f"volatile uint32_t {each};" for each in names]
    return variables, [f"extern {each}" for each in variables], handler


def _line_on(pin: str) -> list[str]:
    """The driver's enable as an output, low: receiving."""
    port, number = f"GPIO{pin[1]}", pin[2:]
    return [f"{port}->BSRR = 1U << ({number}U + 16U);", f"set_two(&{port}->MODER, {number}U, 1U); /* {pin}: DE */"]


def _writing(port: str, name: str, status: str, sent: str, line: str, new: bool) -> list[tuple[str, Sequence[str]]]:
    """Sending a text; with the driver's enable around it where the port hasn't its own."""
    kind = "USART_ISR" if new else "USART_SR"
    body = ["while (*text != '\\0')", "{", f"  while (({port}->{status} & {kind}_TXE) == 0U)", "  {", "  }",
            f"  {port}->{sent} = (uint8_t)*text;", "  text++;", "}"]  # fmt: skip
    if line:
        enable = f"GPIO{line[1]}->BSRR = 1U << "
        body = [f"{enable}{line[2:]}U;", *body, f"while (({port}->{status} & {kind}_TC) == 0U)", "{", "}",
                f"{enable}({line[2:]}U + 16U);"]  # fmt: skip
    return [(f"void {name}_write(const char *text)", body)]


def _ring(
    port: str, name: str, wish: Usart, status: str, received: str, full: str, new: bool
) -> tuple[list[str], list[tuple[str, Sequence[str]]], list[str]]:
    """Bytes that come by interrupt and wait in a ring."""
    variables = [f"static volatile uint8_t {name}_ring[{wish.ring}];",
                 f"static volatile uint32_t {name}_head, {name}_tail;"]  # fmt: skip
    variables += [f"volatile uint32_t {name}_since;"] if wish.quiet_ms else []
    read: tuple[str, Sequence[str]] = (
        f"int {name}_read(void)",
        [f"if ({name}_tail == {name}_head)", "{", "  return -1;", "}", f"uint8_t value = {name}_ring[{name}_tail];",
         f"{name}_tail = ({name}_tail + 1U) % {wish.ring}U;", "return value;"],
    )  # fmt: skip
    toggle = [f"  {wish.toggles}_PORT->ODR ^= {wish.toggles}_MASK;"] if wish.toggles else []
    toggle += [f"  {name}_since = ticks;"] if wish.quiet_ms else []
    handler = [
        f"if (({port}->{status} & {full}) != 0U)", "{", f"  uint8_t value = (uint8_t){port}->{received};",
        f"  uint32_t next = ({name}_head + 1U) % {wish.ring}U;", f"  if (next != {name}_tail)", "  {",
        f"    {name}_ring[{name}_head] = value;", f"    {name}_head = next;", "  }", *toggle, "}",
        *([f"{port}->ICR = USART_ICR_ORECF;"] if new else []),
    ]  # fmt: skip
    return variables, [read], handler


def _idle(setup: Setup, number: int, port: str, name: str, wish: Usart, new: bool) -> list[str]:
    dma = setup.dma.get((number, "rx"))
    left = "" if dma is None else f"{dma.stream}->{'CNDTR' if setup.part.channels else 'NDTR'}"
    flag = f"({port}->ISR & USART_ISR_IDLE)" if new else f"({port}->SR & USART_SR_IDLE)"
    clear = f"{port}->ICR = USART_ICR_IDLECF;" if new else f"(void){port}->DR; /* after SR: clears the flag */"
    end = [f"  {name}_end = ({wish.ring}U - {left}) % {wish.ring}U;"] if left else []
    return [f"if ({flag} != 0U)", "{", f"  {clear}", f"  {name}_idles++;", *end, "}"]


def _only_hal(wish: Spi | I2c, where: str) -> None:
    kind = type(wish).__name__.upper()
    if wish.interrupt and isinstance(wish, I2c):
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
        divider = wish.divider or rates.spi_divider(clock, wish.max_hz, where)
        limit = f"by {divider}" if wish.divider else f"at most {shown(wish.max_hz)}"
        said = f" /* {shown(clock / divider)}: {limit}; mode {wish.mode} */"
        words += ["SPI_CR1_MSTR", f"({divider.bit_length() - 2}U << SPI_CR1_BR_Pos)"]
    words += ["SPI_CR1_SSM", *(["SPI_CR1_SSI"] if wish.role == "master" else [])] if wish.nss == "soft" else []
    words += (["SPI_CR1_CPOL"] if wish.mode >= 2 else []) + (["SPI_CR1_CPHA"] if wish.mode % 2 else [])
    words += ["SPI_CR1_LSBFIRST"] if wish.order == "lsb" else []
    words += ["(1U << 15) | (1U << 14)"] if wish.one_line else []  # BIDIMODE, BIDIOE
    words += ["SPI_CR1_RXONLY"] if wish.direction == "rx" else []
    words += ["SPI_CR1_DFF"] if wish.data_bits == 16 and not new else []
    second = ["SPI_CR2_SSOE"] if wish.nss == "hard" and wish.role == "master" else []
    if new:
        second += [f"({wish.data_bits - 1}U << SPI_CR2_DS_Pos)", *(["SPI_CR2_FRXTH"] if wish.data_bits == 8 else [])]
    second += [f"SPI_CR2_{way.upper()}DMAEN" for way in sorted(wish.dma)]
    moved = transfers(
        setup,
        number,
        name,
        {"tx": f"{port}->DR", "rx": f"{port}->DR"},
        wide=wish.data_bits == 16,
        priority=wish.priority,
    )
    init = [*clock_on(setup, port), *pins_on(one), f"{port}->CR2 = {' | '.join(second) or '0U'};", *moved.init]
    init.append(f"{port}->CR1 = {' | '.join(words)};{said}")
    functions, shared = list(moved.functions), list(moved.shared)
    if wish.interrupt:
        return _by_interrupt(setup, one, wish, init)
    if wish.role == "master" and not wish.dma and wish.one_line:
        functions += _both_ways(port, name, f"uint{wish.data_bits}_t")
        shared += [f"{each};" for each, _ in functions[-2:]]
    elif wish.role == "master" and not wish.dma:
        size = f"uint{wish.data_bits}_t"
        functions.append(
            (f"{size} {name}_transfer({size} value)",
             [f"while (({port}->SR & SPI_SR_TXE) == 0U)", "{", "}", f"*(volatile {size} *)&{port}->DR = value;",
              f"while (({port}->SR & SPI_SR_RXNE) == 0U)", "{", "}", f"return *(volatile {size} *)&{port}->DR;"])
        )  # fmt: skip
        shared.append(f"{size} {name}_transfer({size} value);")
    variables, start = list(moved.variables), []
    if (wish.command or wish.reply) and wish.role == "master" and not wish.dma and wish.data_bits == 8:
        start = [f"{name}_ask();"]
        kept = max(1, len(wish.command) if wish.overlaps else wish.reply)
        variables.append(f"volatile uint8_t {name}_values[{kept}];")
        shared += [f"extern volatile uint8_t {name}_values[{kept}]; /* what it answers */",
                   f"void {name}_ask(void);"]  # fmt: skip
        if wish.expects >= 0:
            variables.append(f"volatile int {name}_as_expected;")
            shared.append(f"extern volatile int {name}_as_expected; /* 1: the first byte is 0x{wish.expects:02X} */")
        functions.append((f"void {name}_ask(void)", _asked(name, wish)))
    return Block(name, init, variables, functions, shared, moved.vectors, start)


def _both_ways(port: str, name: str, size: str) -> list[tuple[str, Sequence[str]]]:
    """Sending and receiving on one line: BIDIOE turns it round; a master that only receives clocks until it is off
    (RM0090, 28.3.4)."""
    data = f"*(volatile {size} *)&{port}->DR"
    wait = [f"while (({port}->SR & SPI_SR_TXE) == 0U)", "{", "}"]
    busy = [f"while (({port}->SR & (1U << 7)) != 0U)", "{", "}"]
    return [
        (f"void {name}_send({size} value)",
         [f"{port}->CR1 |= 1U << 14; /* BIDIOE */", *wait, f"{data} = value;", *wait, *busy]),
        (f"{size} {name}_receive(void)",
         [f"(void){data};", f"{port}->CR1 &= ~(1U << 14);", "__DSB();",
          f"{port}->CR1 &= ~SPI_CR1_SPE; /* after this word */",
          f"while (({port}->SR & SPI_SR_RXNE) == 0U)", "{", "}", f"{size} value = {data};", *busy,
          f"{port}->CR1 |= (1U << 14) | SPI_CR1_SPE;", "return value;"]),
    ]  # fmt: skip


def _by_interrupt(setup: Setup, one: Placed, wish: Spi, init: list[str]) -> Block:
    """Words by interrupt: a master exchanges buffers, a slave keeps what comes and answers what is set."""
    port, name, size = one.instance, one.instance.lower(), f"uint{wish.data_bits}_t"
    vector = interrupt(setup.part.device, port)
    data = f"*(volatile {size} *)&{port}->DR"
    init = [*init[:-1], f"{port}->CR2 |= SPI_CR2_RXNEIE;", *enabled(vector, wish.priority), init[-1]]
    handler = [f"if (({port}->SR & SPI_SR_RXNE) != 0U)", "{", f"  {size} value = {data};"]
    if wish.role == "slave":
        variables = [f"volatile {size} {name}_last, {name}_answer;", f"volatile uint32_t {name}_words;"]
        shared = [f"extern volatile {size} {name}_last, {name}_answer; /* what came; what goes next */",
                  f"extern volatile uint32_t {name}_words;"]  # fmt: skip
        handler += [f"  {name}_last = value;", f"  {name}_words++;", f"  {data} = {name}_answer;", "}"]
        return Block(name, init, variables, (), shared, {vector: handler})
    variables = [f"static const {size} *{name}_out;", f"static {size} *{name}_in;",
                 f"static volatile uint32_t {name}_left;"]  # fmt: skip
    start = f"void {name}_exchange(const {size} *out, {size} *in, uint32_t count)"
    functions: list[tuple[str, Sequence[str]]] = [
        (start, ["if (count == 0U)", "{", "  return;", "}", f"{name}_out = out;", f"{name}_in = in;",
                 f"{name}_left = count;", f"{data} = *{name}_out++;"]),
        (f"int {name}_busy(void)", [f"return {name}_left != 0U;"]),
    ]  # fmt: skip
    handler += [f"  if ({name}_left > 0U)", "  {", f"    *{name}_in++ = value;", f"    {name}_left--;",
                f"    if ({name}_left > 0U)", "    {",
                f"      {data} = *{name}_out++;", "    }", "  }", "}"]  # fmt: skip
    return Block(name, init, variables, functions, [f"{start};", f"int {name}_busy(void);"], {vector: handler})


def _asked(name: str, wish: Spi) -> list[str]:
    """A command sent and its answer taken, the device selected around it."""
    line = wish.select
    body = [f"{line}_PORT->BSRR = {line}_MASK << 16;"] if line else []
    if wish.overlaps:
        body += [f"{name}_values[{at}] = {name}_transfer(0x{byte:02X}U);" for at, byte in enumerate(wish.command)]
    else:
        body += [f"(void){name}_transfer(0x{byte:02X}U);" for byte in wish.command]
    if wish.reply and not wish.overlaps:
        body += [f"for (uint32_t at = 0U; at < {wish.reply}U; at++)", "{",
                 f"  {name}_values[at] = {name}_transfer(0xFFU);", "}"]  # fmt: skip
    return [*body, *([f"{line}_PORT->BSRR = {line}_MASK;"] if line else []), *compared(name, wish)]


def i2c(setup: Setup, number: int, one: Placed, wish: I2c) -> Block:
    """An I2C bus with its transfers; what the device on it is asked; or a slave."""
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
    if wish.slave and not wish.own_address:
        raise ImpossiblePlan(f"{where}: a slave needs an address of its own")
    init += [own] if wish.own_address else []
    if wish.slave:
        return slave(setup, port, wish, init)
    return master(setup, port, wish, [*init, f"{port}->CR1 = I2C_CR1_PE;"])
