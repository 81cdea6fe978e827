"""One peripheral in C for CMSIS registers: what sets it up, the few functions that use it, its handlers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kiki_tools.stm32.init import rates
from kiki_tools.stm32.init.families import bus, enable, interrupt, is_advanced
from kiki_tools.stm32.init.hal_parts import channel, converter, frame, period
from kiki_tools.stm32.init.pins import Placed
from kiki_tools.stm32.init.plan import Adc, Can, I2c, ImpossiblePlan, Iwdg, Pwm, Rtc, Spi, Timer, Usart, Usb
from kiki_tools.stm32.init.setup import Dma, Setup

_RING = 64


@dataclass(frozen=True, slots=True)
class Block:
    """A peripheral's code. ``init``: the body of its function; ``variables`` and ``functions``: beside it, in board.c;
    ``shared``: their declarations in board.h; ``vectors``: the body of each handler; ``loop``: what main does again
    and again."""

    name: str
    init: Sequence[str]
    variables: Sequence[str] = ()
    functions: Sequence[tuple[str, Sequence[str]]] = ()
    shared: Sequence[str] = ()
    vectors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    start: Sequence[str] = ()
    loop: Sequence[str] = ()


def block(setup: Setup, number: int, one: Placed) -> Block | None:
    """The code of a peripheral; None for pins and the tick."""
    match one.wish:
        case Usart():
            return _usart(setup, number, one, one.wish)
        case Spi():
            return _spi(setup, number, one, one.wish)
        case I2c():
            return _i2c(setup, number, one, one.wish)
        case Adc():
            return _adc(setup, number, one, one.wish)
        case Pwm():
            return _pwm(setup, number, one, one.wish)
        case Timer():
            return _timer(setup, number, one, one.wish)
        case Can():
            can = _fdcan if setup.family.name == "g4" else _bxcan
            return can(setup, number, one, one.wish)
        case Usb():
            return _usb(setup, one)
        case Rtc():
            return _rtc(setup, one.wish)
        case Iwdg():
            return _iwdg(one.wish)
    return None


def _where(number: int, one: Placed) -> str:
    return f"peripherals[{number}] ({one.instance})"


def _clock(setup: Setup, peripheral: str) -> list[str]:
    register, bit = enable(setup.family, peripheral)
    return [f"RCC->{register} |= {bit};", f"(void)RCC->{register};"]


def _pins(one: Placed, *, speed: int = 2, open_drain: bool = False, pull_up: bool = False) -> list[str]:
    """The pins on their alternate functions."""
    return [
        f"pin_function(GPIO{pin[1]}, {pin[2:]}U, {used.af}U, {speed}U, {int(open_drain)}U, {int(pull_up)}U);"
        f" /* {name} */"
        for name, (pin, used) in one.pins.items()
        if used.af is not None
    ]


def enabled(vector: str, priority: int = 5) -> list[str]:
    """An interrupt enabled."""
    return [f"NVIC_SetPriority({vector}_IRQn, {priority}U);", f"NVIC_EnableIRQ({vector}_IRQn);"]


def flags_of(setup: Setup, dma: Dma) -> tuple[str, str]:
    """The register that clears a stream's flags, and the mask of all of them."""
    if setup.part.channels:
        return f"{dma.controller}->IFCR", f"0x{0xF << 4 * (dma.number - 1):X}U"
    register = "LIFCR" if dma.number < 4 else "HIFCR"
    return f"{dma.controller}->{register}", f"0x{0x3D << (0, 6, 16, 22)[dma.number % 4]:X}U"


def _stream(
    setup: Setup, dma: Dma, direction: str, source: str, *, wide: bool, circular: bool, quiet: bool
) -> list[str]:
    """A stream or channel set up, not yet started."""
    if setup.part.channels:
        at = setup.part.channels.index(dma.stream)
        words = ["DMA_CCR_MINC", *(["DMA_CCR_DIR"] if direction == "tx" else [])]
        words += ["DMA_CCR_PSIZE_0", "DMA_CCR_MSIZE_0"] if wide else []
        words += (["DMA_CCR_CIRC"] if circular else []) + ([] if quiet else ["DMA_CCR_TCIE"])
        return [
            f"DMAMUX1_Channel{at}->CCR = {dma.request}U;",
            f"{dma.stream}->CCR = {' | '.join(words)};",
            f"{dma.stream}->CPAR = (uint32_t)&{source};",
        ]
    words = [f"({dma.request}U << DMA_SxCR_CHSEL_Pos)", "DMA_SxCR_MINC"]
    words += ["DMA_SxCR_DIR_0"] if direction == "tx" else []
    words += ["DMA_SxCR_PSIZE_0", "DMA_SxCR_MSIZE_0"] if wide else []
    words += (["DMA_SxCR_CIRC"] if circular else []) + ([] if quiet else ["DMA_SxCR_TCIE"])
    return [f"{dma.stream}->CR = {' | '.join(words)};", f"{dma.stream}->PAR = (uint32_t)&{source};"]


def _started(setup: Setup, dma: Dma, memory: str, count: str) -> list[str]:
    register, mask = flags_of(setup, dma)
    if setup.part.channels:
        return [
            f"{dma.stream}->CCR &= ~DMA_CCR_EN;",
            f"{register} = {mask};",
            f"{dma.stream}->CMAR = (uint32_t){memory};",
            f"{dma.stream}->CNDTR = {count};",
            f"{dma.stream}->CCR |= DMA_CCR_EN;",
        ]
    return [
        f"{dma.stream}->CR &= ~DMA_SxCR_EN;",
        f"await(&{dma.stream}->CR, DMA_SxCR_EN, 0U);",
        f"{register} = {mask};",
        f"{dma.stream}->M0AR = (uint32_t){memory};",
        f"{dma.stream}->NDTR = {count};",
        f"{dma.stream}->CR |= DMA_SxCR_EN;",
    ]


@dataclass(slots=True)
class _Transfers:
    """What DMA adds to a serial port."""

    init: list[str] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)
    functions: list[tuple[str, Sequence[str]]] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)
    vectors: dict[str, Sequence[str]] = field(default_factory=dict)


def _transfers(setup: Setup, number: int, name: str, sources: Mapping[str, str], *, wide: bool) -> _Transfers:
    found = _Transfers()
    for direction, verb, argument in (("tx", "send", "const void *from"), ("rx", "receive", "void *into")):
        dma = setup.dma.get((number, direction))
        if dma is None:
            continue
        register, mask = flags_of(setup, dma)
        done = f"{name}_{direction}_done"
        found.init += _stream(setup, dma, direction, sources[direction], wide=wide, circular=False, quiet=False)
        found.init += enabled(dma.stream)
        found.variables.append(f"volatile uint32_t {done};")
        signature = f"void {name}_{verb}({argument}, uint16_t count)"
        body = [f"{done} = 0U;", *_started(setup, dma, argument.split("*")[1], "count")]
        found.functions.append((signature, body))
        found.shared += [f"extern volatile uint32_t {done};", f"{signature};"]
        found.vectors[dma.stream] = [f"{register} = {mask};", f"{done} = 1U;"]
    return found


def _usart(setup: Setup, number: int, one: Placed, wish: Usart) -> Block:
    new = setup.family.name == "g4"
    port, name = one.instance, one.instance.lower()
    where = _where(number, one)
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
    moved = _transfers(setup, number, name, {"tx": f"{port}->{sent}", "rx": f"{port}->{received}"}, wide=False)
    init = [
        *_clock(setup, port),
        *_pins(one),
        f"{port}->BRR = {rate.brr}U; /* {rate.actual:.0f} baud */",
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


def _spi(setup: Setup, number: int, one: Placed, wish: Spi) -> Block:
    where = _where(number, one)
    _only_hal(wish, where)
    new, port, name = setup.family.name == "g4", one.instance, one.instance.lower()
    words = ["SPI_CR1_SPE"]
    if wish.role == "master":
        divider = rates.spi_divider(setup.tree.pclk(bus(setup.family, port)), wish.max_hz, where)
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
    moved = _transfers(setup, number, name, {"tx": f"{port}->DR", "rx": f"{port}->DR"}, wide=wish.data_bits == 16)
    init = [*_clock(setup, port), *_pins(one), f"{port}->CR2 = {' | '.join(second) or '0U'};", *moved.init]
    init.append(f"{port}->CR1 = {' | '.join(words)};")
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


def _i2c(setup: Setup, number: int, one: Placed, wish: I2c) -> Block:
    where = _where(number, one)
    _only_hal(wish, where)
    port = one.instance
    init = [*_clock(setup, port), *_pins(one, speed=0, open_drain=True, pull_up=wish.pull_ups)]
    own = f"{port}->OAR1 = I2C_OAR1_OA1EN | {wish.own_address << 1}U;"
    if setup.family.name == "g4":
        if wish.speed_hz > 400_000:
            init.append(f"SYSCFG->CFGR1 |= SYSCFG_CFGR1_{port}_FMP;")
        init += [f"{port}->TIMINGR = 0x{rates.i2c_new(setup.tree.pclk1, wish.speed_hz, where):08X}U;"]
    else:
        timing = rates.i2c_old(setup.tree.pclk1, wish.speed_hz, where)
        own = f"{port}->OAR1 = 0x4000U | {wish.own_address << 1}U;"
        init += [
            f"{port}->CR2 = {timing.frequency}U;",
            f"{port}->CCR = 0x{timing.ccr:X}U;",
            f"{port}->TRISE = {timing.rise}U;",
        ]
    init += [own] if wish.own_address else []
    return Block(port.lower(), [*init, f"{port}->CR1 = I2C_CR1_PE;"])


def _adc(setup: Setup, number: int, one: Placed, wish: Adc) -> Block:
    f4 = setup.family.name == "f4"
    port, name = one.instance, one.instance.lower()
    divider, _, sample = converter(setup, number, one, wish)
    channels = [channel(one, f"CH{rank}") for rank in range(1, wish.channels + 1)]
    init = _clock(setup, port)
    init += [f"pin_analogue(GPIO{pin[1]}, {pin[2:]}U); /* {signal} */" for signal, (pin, _) in one.pins.items()]
    dma = setup.dma.get((number, "rx"))
    vectors: dict[str, Sequence[str]] = {}
    variables = [f"volatile uint16_t {name}_values[{wish.channels}];"]
    shared = [f"extern volatile uint16_t {name}_values[{wish.channels}];", f"void {name}_start(void);"]
    if dma is not None:
        init += _stream(setup, dma, "rx", f"{port}->DR", wide=True, circular=True, quiet=True)
        init += _started(setup, dma, f"{name}_values", f"{wish.channels}U")
    resolution = (12, 10, 8, 6).index(wish.resolution_bits)
    if f4:
        init += _adc_f4(setup, port, wish, channels, divider, sample, resolution)
        start, ready = f"{port}->CR2 |= ADC_CR2_SWSTART;", f"({port}->SR & ADC_SR_EOC) != 0U"
    else:
        init += _adc_g4(port, wish, channels, divider, sample, resolution)
        start, ready = f"{port}->CR |= ADC_CR_ADSTART;", f"({port}->ISR & ADC_ISR_EOC) != 0U"
    if wish.interrupt and dma is None:
        vector = interrupt(setup.part.device, port)
        init += enabled(vector)
        variables.append(f"static volatile uint32_t {name}_rank;")
        vectors[vector] = [
            f"if ({ready})", "{", f"  {name}_values[{name}_rank] = (uint16_t){port}->DR;",
            f"  {name}_rank = ({name}_rank + 1U) % {wish.channels}U;", "}",
        ]  # fmt: skip
    functions: list[tuple[str, Sequence[str]]] = [(f"void {name}_start(void)", [start])]
    if dma is None and not wish.interrupt:
        shared.append(f"void {name}_read(void); /* converts all channels into {name}_values */")
        body = [
            f"{name}_start();", f"for (uint32_t rank = 0U; rank < {wish.channels}U; rank++)", "{",
            f"  while (!({ready}))", "  {", "  }", f"  {name}_values[rank] = (uint16_t){port}->DR;", "}",
        ]  # fmt: skip
        functions.append((f"void {name}_read(void)", body))
    return Block(name, init, variables, functions, shared, vectors)


def _adc_f4(
    setup: Setup, port: str, wish: Adc, channels: Sequence[int], divider: int, sample: int, resolution: int
) -> list[str]:
    common = "ADC123_COMMON" if "ADC3" in setup.part.device.peripherals else "ADC1_COMMON"
    samples, sequence = [0, 0], [0, 0, 0]
    for rank, each in enumerate(channels):
        samples[each < 10] |= sample << 3 * (each % 10)
        sequence[2 - rank // 6] |= each << 5 * (rank % 6)
    sequence[0] |= (len(channels) - 1) << 20
    first = [f"({resolution}U << ADC_CR1_RES_Pos)", *(["ADC_CR1_SCAN"] if len(channels) > 1 else [])]
    first += ["ADC_CR1_EOCIE"] if wish.interrupt and not wish.dma else []
    second = ["ADC_CR2_ADON", *(["ADC_CR2_DMA", "ADC_CR2_DDS"] if wish.dma else ["ADC_CR2_EOCS"])]
    second += ["ADC_CR2_CONT"] if wish.continuous else []
    return [
        f"{common}->CCR = {divider // 2 - 1}U << ADC_CCR_ADCPRE_Pos;",
        f"{port}->CR1 = {' | '.join(first)};",
        *(f"{port}->SMPR{n + 1} = 0x{value:X}U;" for n, value in enumerate(samples) if value),
        *(f"{port}->SQR{n + 1} = 0x{value:X}U;" for n, value in enumerate(sequence)),
        f"{port}->CR2 = {' | '.join(second)};",
        "pause(10U);",
    ]


def _adc_g4(port: str, wish: Adc, channels: Sequence[int], divider: int, sample: int, resolution: int) -> list[str]:
    samples, sequence = [0, 0], [0, 0, 0, 0]
    for rank, each in enumerate(channels):
        samples[each >= 10] |= sample << 3 * (each % 10)
        place = rank + 1
        sequence[place // 5] |= each << 6 * (place % 5)
    sequence[0] |= len(channels) - 1
    words = [f"({resolution}U << ADC_CFGR_RES_Pos)", "ADC_CFGR_OVRMOD"]
    words += (["ADC_CFGR_CONT"] if wish.continuous else []) + (
        ["ADC_CFGR_DMAEN", "ADC_CFGR_DMACFG"] if wish.dma else []
    )
    common = "ADC12_COMMON" if port in ("ADC1", "ADC2") else "ADC345_COMMON"
    return [
        f"{common}->CCR = {(1, 2, 4).index(divider) + 1}U << ADC_CCR_CKMODE_Pos;",
        f"{port}->CR = 0U; /* out of deep power-down */",
        f"{port}->CR = ADC_CR_ADVREGEN;",
        "pause(30U);",
        f"{port}->CR |= ADC_CR_ADCAL;",
        f"await(&{port}->CR, ADC_CR_ADCAL, 0U);",
        f"{port}->CFGR = {' | '.join(words)};",
        *(f"{port}->SMPR{n + 1} = 0x{value:X}U;" for n, value in enumerate(samples) if value),
        *(f"{port}->SQR{n + 1} = 0x{value:X}U;" for n, value in enumerate(sequence) if value or n == 0),
        *([f"{port}->IER = ADC_IER_EOCIE;"] if wish.interrupt and not wish.dma else []),
        "pause(1U);",
        f"{port}->ISR = ADC_ISR_ADRDY;",
        f"{port}->CR |= ADC_CR_ADEN;",
        f"await(&{port}->ISR, ADC_ISR_ADRDY, ADC_ISR_ADRDY);",
    ]


def _counted(setup: Setup, number: int, one: Placed, hertz: float) -> list[str]:
    counted = period(setup, number, one, hertz)
    port = one.instance
    return [
        *_clock(setup, port),
        f"{port}->PSC = {counted.prescaler}U;",
        f"{port}->ARR = {counted.period}U; /* {counted.actual:.6g} Hz */",
    ]


def _pwm(setup: Setup, number: int, one: Placed, wish: Pwm) -> Block:
    port = one.instance
    init = [*_counted(setup, number, one, wish.frequency_hz), *_pins(one, speed=1)]
    pulse = round((period(setup, number, one, wish.frequency_hz).period + 1) * wish.duty_percent / 100)
    modes, outputs = [0, 0], []
    for each in sorted(wish.channels):
        modes[(each - 1) // 2] |= 0x68 << 8 * ((each - 1) % 2)
        outputs.append(f"TIM_CCER_CC{each}E")
        init.append(f"{port}->CCR{each} = {pulse}U;")
    init += [f"{port}->CCMR{n + 1} = 0x{value:X}U; /* PWM 1, preloaded */" for n, value in enumerate(modes) if value]
    init.append(f"{port}->CCER = {' | '.join(outputs)};")
    init += [f"{port}->BDTR = TIM_BDTR_MOE;"] if is_advanced(port) else []
    init += [f"{port}->EGR = TIM_EGR_UG;", f"{port}->CR1 = TIM_CR1_ARPE | TIM_CR1_CEN;"]
    return Block(port.lower(), init)


def _timer(setup: Setup, number: int, one: Placed, wish: Timer) -> Block:
    port, name = one.instance, one.instance.lower()
    init = [*_counted(setup, number, one, wish.frequency_hz), f"{port}->EGR = TIM_EGR_UG;", f"{port}->SR = 0U;"]
    if not wish.interrupt:
        return Block(name, [*init, f"{port}->CR1 = TIM_CR1_ARPE | TIM_CR1_CEN;"])
    vector = interrupt(setup.part.device, port, "UP")
    init += [f"{port}->DIER = TIM_DIER_UIE;", *enabled(vector), f"{port}->CR1 = TIM_CR1_ARPE | TIM_CR1_CEN;"]
    handler = [
        f"if (({port}->SR & TIM_SR_UIF) != 0U)",
        "{",
        f"  {port}->SR = ~TIM_SR_UIF;",
        f"  {name}_periods++;",
        "}",
    ]
    return Block(
        name, init, [f"volatile uint32_t {name}_periods;"], (), [f"extern volatile uint32_t {name}_periods;"],
        {vector: handler},
    )  # fmt: skip


FRAME = [
    "typedef struct",
    "{",
    "  uint32_t id; /* 11 or 29 bits */",
    "  uint8_t extended;",
    "  uint8_t length;",
    "  uint8_t bytes[8];",
    "} CanFrame;",
]


def _bxcan(setup: Setup, number: int, one: Placed, wish: Can) -> Block:
    port, name = one.instance, one.instance.lower()
    bits = rates.can_bits(
        setup.tree.pclk1, wish.bitrate, wish.sample_percent / 100, _where(number, one), flexible=False
    )
    mode = {"normal": "", "loopback": " | CAN_BTR_LBKM", "silent": " | CAN_BTR_SILM"}[wish.mode]
    bank = 14 if port == "CAN2" else 0
    timing = (bits.jump - 1) << 24 | (bits.after - 1) << 20 | (bits.before - 1) << 16 | (bits.prescaler - 1)
    init = [
        *(_clock(setup, "CAN1") if port != "CAN1" else []),
        *_clock(setup, port),
        *_pins(one),
        f"{port}->MCR = CAN_MCR_INRQ | CAN_MCR_ABOM;",
        f"await(&{port}->MSR, CAN_MSR_INAK, CAN_MSR_INAK);",
        f"{port}->BTR = 0x{timing:X}U{mode}; /* {bits.actual:.0f} bit/s, sampled at {bits.sample:.1%} */",
        "CAN1->FMR |= CAN_FMR_FINIT; /* every frame is taken */",
        f"CAN1->FS1R |= 1U << {bank}U;",
        f"CAN1->sFilterRegister[{bank}].FR1 = 0U;",
        f"CAN1->sFilterRegister[{bank}].FR2 = 0U;",
        f"CAN1->FA1R |= 1U << {bank}U;",
        "CAN1->FMR &= ~CAN_FMR_FINIT;",
        f"{port}->MCR = CAN_MCR_ABOM;",
    ]
    taken = [
        f"CAN_FIFOMailBox_TypeDef *box = &{port}->sFIFOMailBox[0];",
        "frame->extended = (box->RIR & CAN_RI0R_IDE) != 0U;",
        "frame->id = frame->extended ? box->RIR >> 3 : box->RIR >> 21;",
        "frame->length = box->RDTR & 0xFU;",
        "for (uint32_t at = 0U; at < 8U; at++)", "{",
        "  frame->bytes[at] = (uint8_t)((at < 4U ? box->RDLR : box->RDHR) >> (8U * (at % 4U)));", "}",
        f"{port}->RF0R = CAN_RF0R_RFOM0;",
    ]  # fmt: skip
    sent = [
        f"if (({port}->TSR & CAN_TSR_TME0) == 0U)", "{", "  return 0;", "}",
        f"CAN_TxMailBox_TypeDef *box = &{port}->sTxMailBox[0];",
        "uint32_t words[2] = {0U, 0U};",
        "for (uint32_t at = 0U; at < frame->length && at < 8U; at++)", "{",
        "  words[at / 4U] |= (uint32_t)frame->bytes[at] << (8U * (at % 4U));", "}",
        "box->TDTR = frame->length;", "box->TDLR = words[0];", "box->TDHR = words[1];",
        "box->TIR = (frame->extended ? (frame->id << 3) | CAN_TI0R_IDE : frame->id << 21) | CAN_TI0R_TXRQ;",
        "return 1;",
    ]  # fmt: skip
    waiting = f"({port}->RF0R & CAN_RF0R_FMP0) != 0U"
    enabling = f"{port}->IER = CAN_IER_FMPIE0;"
    return _bus(setup, one, wish, name, init, taken, sent, waiting, enabling, "RX0")


def _bus(
    setup: Setup, one: Placed, wish: Can, name: str, init: list[str], taken: Sequence[str], sent: Sequence[str],
    waiting: str, enabling: str, part: str, cleared: Sequence[str] = (),
) -> Block:  # fmt: skip
    """What both CAN controllers have in common: sending, receiving, the last frame by interrupt."""
    shared = [f"int {name}_send(const CanFrame *frame); /* 0: no room */"]
    functions: list[tuple[str, Sequence[str]]] = [(f"int {name}_send(const CanFrame *frame)", sent)]
    if not wish.interrupt:
        shared.append(f"int {name}_receive(CanFrame *frame); /* 0: nothing has come */")
        body = [f"if (!({waiting}))", "{", "  return 0;", "}", *taken, "return 1;"]
        functions.append((f"int {name}_receive(CanFrame *frame)", body))
        return Block(name, init, (), functions, shared)
    vector = interrupt(setup.part.device, one.instance, part)
    shared += [f"extern volatile CanFrame {name}_frame; /* the last one */", f"extern volatile uint32_t {name}_frames;"]
    handler = [
        *cleared, f"volatile CanFrame *frame = &{name}_frame;", f"while ({waiting})", "{",
        *(f"  {line}" for line in taken), f"  {name}_frames++;", "}",
    ]  # fmt: skip
    variables = [f"volatile CanFrame {name}_frame;", f"volatile uint32_t {name}_frames;"]
    return Block(name, [*init, enabling, *enabled(vector)], variables, functions, shared, {vector: handler})


_RAM_BYTES, _RX0, _TX, _ELEMENT = 0x350, 0xB0, 0x278, 18
"""FDCAN's message memory: bytes of one controller, where FIFO 0 and the transmit buffers begin, words of an element
(RM0440, 44.3.3)."""


def _fdcan(setup: Setup, number: int, one: Placed, wish: Can) -> Block:
    port, name = one.instance, one.instance.lower()
    bits = rates.can_bits(setup.tree.pclk1, wish.bitrate, wish.sample_percent / 100, _where(number, one), flexible=True)
    base = (int(port[-1]) - 1) * _RAM_BYTES
    timing = (bits.jump - 1) << 25 | (bits.prescaler - 1) << 16 | (bits.before - 1) << 8 | (bits.after - 1)
    control = {"normal": "", "loopback": " | FDCAN_CCCR_TEST | FDCAN_CCCR_MON", "silent": " | FDCAN_CCCR_MON"}[
        wish.mode
    ]
    init = [
        "RCC->CCIPR = (RCC->CCIPR & ~RCC_CCIPR_FDCANSEL) | RCC_CCIPR_FDCANSEL_1; /* by APB1's clock */",
        *_clock(setup, port),
        *_pins(one),
        f"{port}->CCCR = FDCAN_CCCR_INIT;",
        f"await(&{port}->CCCR, FDCAN_CCCR_INIT, FDCAN_CCCR_INIT);",
        f"{port}->CCCR = FDCAN_CCCR_INIT | FDCAN_CCCR_CCE{control};",
        f"{port}->NBTP = 0x{timing:X}U; /* {bits.actual:.0f} bit/s, sampled at {bits.sample:.1%} */",
        *([f"{port}->TEST = FDCAN_TEST_LBCK;"] if wish.mode == "loopback" else []),
        f"{port}->RXGFC = 0U; /* every frame is taken, into FIFO 0 */",
    ]
    leave = f"{port}->CCCR &= ~FDCAN_CCCR_INIT;"
    ram = f"(SRAMCAN_BASE + 0x{base:X}U"
    taken = [
        f"uint32_t index = ({port}->RXF0S >> FDCAN_RXF0S_F0GI_Pos) & 3U;",
        f"const volatile uint32_t *element = (const volatile uint32_t *){ram} + 0x{_RX0:X}U) + index * {_ELEMENT}U;",
        "frame->extended = (element[0] >> 30) & 1U;",
        "frame->id = frame->extended ? element[0] & 0x1FFFFFFFU : (element[0] >> 18) & 0x7FFU;",
        "uint32_t length = (element[1] >> 16) & 0xFU;",
        "frame->length = (uint8_t)(length > 8U ? 8U : length);",
        "for (uint32_t at = 0U; at < 8U; at++)", "{",
        "  frame->bytes[at] = (uint8_t)(element[2U + at / 4U] >> (8U * (at % 4U)));", "}",
        f"{port}->RXF0A = index;",
    ]  # fmt: skip
    sent = [
        f"if (({port}->TXFQS & FDCAN_TXFQS_TFQF) != 0U)", "{", "  return 0;", "}",
        f"uint32_t index = ({port}->TXFQS >> FDCAN_TXFQS_TFQPI_Pos) & 3U;",
        f"volatile uint32_t *element = (volatile uint32_t *){ram} + 0x{_TX:X}U) + index * {_ELEMENT}U;",
        "uint32_t words[2] = {0U, 0U};",
        "for (uint32_t at = 0U; at < frame->length && at < 8U; at++)", "{",
        "  words[at / 4U] |= (uint32_t)frame->bytes[at] << (8U * (at % 4U));", "}",
        "element[0] = frame->extended ? (1UL << 30) | frame->id : frame->id << 18;",
        "element[1] = (uint32_t)frame->length << 16;", "element[2] = words[0];", "element[3] = words[1];",
        f"{port}->TXBAR = 1UL << index;", "return 1;",
    ]  # fmt: skip
    waiting = f"({port}->RXF0S & FDCAN_RXF0S_F0FL) != 0U"
    enabling = f"{port}->IE = FDCAN_IE_RF0NE;"
    if wish.interrupt:
        init.append(f"{port}->ILE = FDCAN_ILE_EINT0;")
    return _bus(
        setup, one, wish, name, [*init, leave], taken, sent, waiting, enabling, "IT0", [f"{port}->IR = FDCAN_IR_RF0N;"]
    )


def _usb(setup: Setup, one: Placed) -> Block:
    if setup.family.name == "g4":
        init = [
            "RCC->CRRCR |= RCC_CRRCR_HSI48ON;",
            "await(&RCC->CRRCR, RCC_CRRCR_HSI48RDY, RCC_CRRCR_HSI48RDY);",
            "RCC->CCIPR &= ~RCC_CCIPR_CLK48SEL; /* HSI48, trimmed by the host's frames */",
            "RCC->APB1ENR1 |= RCC_APB1ENR1_CRSEN;",
            "CRS->CR |= CRS_CR_AUTOTRIMEN | CRS_CR_CEN;",
        ]
    else:
        init = _pins(one)
    return Block("usb", ["/* Pins and 48 MHz; the controller is its stack's. */", *init, *_clock(setup, one.instance)])


def _rtc(setup: Setup, wish: Rtc) -> Block:
    new = setup.family.name == "g4"
    power, status = ("CR1", "ICSR") if new else ("CR", "ISR")
    select = 1 if wish.source == "lse" else 2
    reference = 255 if wish.source == "lse" else 249
    started = (
        ["RCC->BDCR |= RCC_BDCR_LSEON;", "await(&RCC->BDCR, RCC_BDCR_LSERDY, RCC_BDCR_LSERDY);"]
        if wish.source == "lse"
        else ["RCC->CSR |= RCC_CSR_LSION;", "await(&RCC->CSR, RCC_CSR_LSIRDY, RCC_CSR_LSIRDY);"]
    )
    clock = ["RCC->APB1ENR1 |= RCC_APB1ENR1_PWREN | RCC_APB1ENR1_RTCAPBEN;", "(void)RCC->APB1ENR1;"]
    init = [
        *(clock if new else ["RCC->APB1ENR |= RCC_APB1ENR_PWREN;", "(void)RCC->APB1ENR;"]),
        f"PWR->{power} |= PWR_{power}_DBP;",
        f"if ((RCC->BDCR & RCC_BDCR_RTCSEL) != ({select}U << RCC_BDCR_RTCSEL_Pos))",
        "{", "  RCC->BDCR = RCC_BDCR_BDRST; /* only then another clock can be chosen */", "  RCC->BDCR = 0U;", "}",
        *started,
        f"RCC->BDCR |= ({select}U << RCC_BDCR_RTCSEL_Pos) | RCC_BDCR_RTCEN;",
        "RTC->WPR = 0xCAU;", "RTC->WPR = 0x53U;",
        f"RTC->{status} |= RTC_{status}_INIT;",
        f"await(&RTC->{status}, RTC_{status}_INITF, RTC_{status}_INITF);",
        f"RTC->PRER = {reference}U;", "RTC->PRER |= 127U << RTC_PRER_PREDIV_A_Pos;",
        f"RTC->{status} &= ~RTC_{status}_INIT;",
        "RTC->WPR = 0xFFU;",
    ]  # fmt: skip
    return Block("rtc", init)


def _iwdg(wish: Iwdg) -> Block:
    divider, reload = rates.watchdog(wish.timeout_ms)
    init = [
        "IWDG->KR = 0xCCCCU; /* starts, and can't be stopped */",
        "IWDG->KR = 0x5555U;",
        f"IWDG->PR = {divider.bit_length() - 3}U;",
        f"IWDG->RLR = {reload}U;",
        "await(&IWDG->SR, 0x3U, 0U);",
        "IWDG->KR = 0xAAAAU;",
    ]
    functions = [("void iwdg_refresh(void)", ["IWDG->KR = 0xAAAAU;"])]
    return Block("iwdg", init, (), functions, ["void iwdg_refresh(void);"], {}, (), ["iwdg_refresh();"])
