"""What register code is made of: a peripheral's block, its clock, pins, interrupts and DMA."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from kiki_tools.stm32.init.families import enable
from kiki_tools.stm32.init.kinds import Gpio
from kiki_tools.stm32.init.pins import Placed
from kiki_tools.stm32.init.setup import Dma, Setup


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


def acts(wish: object) -> list[str]:
    """What an event does to outputs by their labels: toggles, switches on, switches off."""
    found = []
    for name, code in (("toggles", "{0}_PORT->ODR ^= {0}_MASK;"), ("sets", "{0}_PORT->BSRR = {0}_MASK;"),
                       ("clears", "{0}_PORT->BSRR = {0}_MASK << 16;")):  # fmt: skip
        if label := getattr(wish, name, ""):
            found.append(code.format(label))
    return found


def active(name: str, wish: Gpio) -> str:
    """Whether an input is active: low where it is pulled up."""
    return f"({name}_PORT->IDR & {name}_MASK) {'==' if wish.pull == 'up' else '!='} 0U"


def where_of(number: int, one: Placed) -> str:
    """What a problem calls a peripheral."""
    return f"peripherals[{number}] ({one.instance})"


def clock_on(setup: Setup, peripheral: str) -> list[str]:
    """A peripheral's clock enabled; reading back waits until it runs."""
    register, bit = enable(setup.family, peripheral)
    return [f"RCC->{register} |= {bit};", f"(void)RCC->{register};"]


def pins_on(one: Placed, *, speed: int = 2, open_drain: bool = False, pull_up: bool = False) -> list[str]:
    """The pins on their alternate functions."""
    return [
        f"pin_function(GPIO{pin[1]}, {pin[2:]}U, {used.af}U, {speed}U, {int(open_drain)}U, {int(pull_up)}U);"
        f" /* {pin}: {name} */"
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


def stream_set(
    setup: Setup, dma: Dma, direction: str, source: str, *, wide: bool, circular: bool, quiet: bool, whole: bool = False
) -> list[str]:
    """A stream or channel set up, not yet started; items of 8 bits, 16 if ``wide``, 32 if ``whole``."""
    half = "1" if whole else "0"
    if setup.part.channels:
        at = setup.part.channels.index(dma.stream)
        words = ["DMA_CCR_MINC", *(["DMA_CCR_DIR"] if direction == "tx" else [])]
        words += [f"DMA_CCR_PSIZE_{half}", f"DMA_CCR_MSIZE_{half}"] if wide or whole else []
        words += (["DMA_CCR_CIRC"] if circular else []) + ([] if quiet else ["DMA_CCR_TCIE"])
        return [
            f"DMAMUX1_Channel{at}->CCR = {dma.request}U;",
            f"{dma.stream}->CCR = {' | '.join(words)};",
            f"{dma.stream}->CPAR = (uint32_t)&{source};",
        ]
    words = [f"({dma.request}U << DMA_SxCR_CHSEL_Pos)", "DMA_SxCR_MINC"]
    words += ["DMA_SxCR_DIR_0"] if direction == "tx" else []
    words += [f"DMA_SxCR_PSIZE_{half}", f"DMA_SxCR_MSIZE_{half}"] if wide or whole else []
    words += (["DMA_SxCR_CIRC"] if circular else []) + ([] if quiet else ["DMA_SxCR_TCIE"])
    return [f"{dma.stream}->CR = {' | '.join(words)};", f"{dma.stream}->PAR = (uint32_t)&{source};"]


def stream_started(setup: Setup, dma: Dma, memory: str, count: str) -> list[str]:
    """A stream or channel given its memory and count, and started."""
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
class Transfers:
    """What DMA adds to a serial port."""

    init: list[str] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)
    functions: list[tuple[str, Sequence[str]]] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)
    vectors: dict[str, Sequence[str]] = field(default_factory=dict)


def transfers(
    setup: Setup,
    number: int,
    name: str,
    sources: Mapping[str, str],
    *,
    wide: bool,
    priority: int = 5,
    without: Collection[str] = (),
) -> Transfers:
    """Sending and receiving by DMA; ``sources``: the data register of each direction."""
    found = Transfers()
    for direction, verb, argument in (("tx", "send", "const void *from"), ("rx", "receive", "void *into")):
        dma = setup.dma.get((number, direction))
        if dma is None or direction in without:
            continue
        register, mask = flags_of(setup, dma)
        done = f"{name}_{direction}_done"
        found.init += stream_set(setup, dma, direction, sources[direction], wide=wide, circular=False, quiet=False)
        found.init += enabled(dma.stream, priority)
        found.variables.append(f"volatile uint32_t {done};")
        signature = f"void {name}_{verb}({argument}, uint16_t count)"
        body = [f"{done} = 0U;", *stream_started(setup, dma, argument.split("*")[1], "count")]
        found.functions.append((signature, body))
        found.shared += [f"extern volatile uint32_t {done};", f"{signature};"]
        found.vectors[dma.stream] = [f"{register} = {mask};", f"{done} = 1U;"]
    return found
