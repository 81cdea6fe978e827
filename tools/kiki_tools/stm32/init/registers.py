"""An init in C for CMSIS registers alone: board.c sets everything up and handles the interrupts, main.c is yours."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kiki_tools.stm32.clocks import shown
from kiki_tools.stm32.init.families import enable
from kiki_tools.stm32.init.hal import function, head, labelled, line_of
from kiki_tools.stm32.init.plan import Can, Gpio, Usart
from kiki_tools.stm32.init.register_blocks import Block, enabled
from kiki_tools.stm32.init.register_can import FRAME
from kiki_tools.stm32.init.register_parts import block
from kiki_tools.stm32.init.setup import Setup

_PRESCALERS = {1: 0, 2: 4, 4: 5, 8: 6, 16: 7}
_BOOST_FROM = 80_000_000
"""A G4's core goes above this in two steps, with AHB halved for a microsecond (RM0440, 7.2.7)."""


def files(setup: Setup) -> dict[str, str]:
    """The files: board.h, board.c, main.c."""
    blocks = [made for number, one in enumerate(setup.placed) if (made := block(setup, number, one)) is not None]
    blocks.sort(key=lambda each: each.name == "iwdg")
    return {"board.h": _header(setup, blocks), "board.c": _board(setup, blocks), "main.c": _main(setup, blocks)}


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


def _header(setup: Setup, blocks: Sequence[Block]) -> str:
    lines = [
        "/* What board.c offers. */", "#ifndef BOARD_H", "#define BOARD_H", "", "#include <stdint.h>", "",
        f'#include "{setup.family.prefix}.h"', "",
    ]  # fmt: skip
    for name, pin, wish in labelled(setup):
        lines += [f"#define {name}_PORT GPIO{pin[1]}", f"#define {name}_MASK (1U << {pin[2:]}U)"]
        if wish.edge != "none":
            lines.append(f"extern volatile uint32_t {name}_edges;")
    if any(isinstance(one.wish, Can) for one in setup.placed):
        lines += ["", *FRAME]
    lines += [
        "",
        "extern volatile uint32_t ticks;",
        "",
        "void board_init(void);",
        "void delay_ms(uint32_t milliseconds);",
    ]
    for each in blocks:
        lines += each.shared
    return _text([*lines, "", "#endif"])


def _main(setup: Setup, blocks: Sequence[Block]) -> str:
    lines = head(setup, "Starts from here; board.c has set everything up.")
    greetings = [one.wish.greeting for _, one in setup.each(Usart) if isinstance(one.wish, Usart) and one.wish.greeting]
    quoted = [text.replace("\\", "\\\\").replace('"', '\\"').replace("*/", "* /") for text in greetings]
    lines += [f'/* @expect uart "{text}" */' for text in quoted]
    lines += ['#include "board.h"', ""]
    return _text([*lines, *_main_function(setup, blocks)])


def _main_function(setup: Setup, blocks: Sequence[Block]) -> list[str]:
    loop = [*_again(setup), *(line for each in blocks for line in each.loop)]
    body = ["board_init();", *(line for each in blocks for line in each.start)]
    body += [
        f"uint32_t {name} = ticks;" for name in re.findall(r"^(due_\w+) \+=", "\n".join(map(str.strip, loop)), re.M)
    ]
    return function("int main(void)", [*body, "for (;;)", "{", *(f"  {line}" for line in loop), "}"])


def _again(setup: Setup) -> list[str]:
    """What main does again after so many milliseconds: lamps that blink, texts that are sent, what comes sent back."""
    lines: list[str] = []
    for name, _, wish in labelled(setup):
        if wish.blink_hz:
            lines += _each(setup, name, 500 / wish.blink_hz, f"{name}_PORT->ODR ^= {name}_MASK;")
    for _, one in setup.each(Usart):
        wish_of, name = one.wish, one.instance.lower()
        assert isinstance(wish_of, Usart)
        if wish_of.repeat_ms and wish_of.greeting and wish_of.direction != "rx":
            text = wish_of.greeting.replace("\\", "\\\\").replace('"', '\\"')
            lines += _each(setup, name, wish_of.repeat_ms, f'{name}_write("{text}\\r\\n");')
        if wish_of.echo and wish_of.direction == "both" and not wish_of.dma:
            lines += [f"for (int value = {name}_read(); value >= 0; value = {name}_read())", "{",
                      "  char text[2] = {(char)value, '\\0'};", f"  {name}_write(text);", "}"]  # fmt: skip
    return lines


def _each(setup: Setup, name: str, milliseconds: float, what: str) -> list[str]:
    """Something done every so many milliseconds, by the tick."""
    counts = max(1, round(milliseconds * setup.tick_hz / 1000))
    return [f"if (ticks - due_{name} >= {counts}U)", "{", f"  due_{name} += {counts}U;", f"  {what}", "}"]


def single(setup: Setup) -> dict[str, str]:
    """All of it as one file, main.c: what a reader takes in at once."""
    made = files(setup)
    include = f'#include "{setup.family.prefix}.h"'
    header = "\n".join(made["board.h"].splitlines()[4:-2]).replace(include, "")
    board = made["board.c"].partition('#include "board.h"')[2]
    expects = [line for line in made["main.c"].splitlines() if line.startswith("/* @expect")]
    main = made["main.c"].partition('#include "board.h"')[2]
    title = "\n".join(head(setup, "Sets the clocks and peripherals up; main begins at the end.")).rstrip()
    parts = [title, *expects,
             "#include <stdint.h>\n\n" + include, header.replace("#include <stdint.h>", "").strip(), board.strip(),
             main.strip()]  # fmt: skip
    return {"main.c": "\n\n".join(parts) + "\n"}


def _board(setup: Setup, blocks: Sequence[Block]) -> str:
    lines = [*head(setup, "Clocks, pins, peripherals and interrupts."), '#include "board.h"', ""]
    edges = [(name, pin, wish) for name, pin, wish in labelled(setup) if wish.edge != "none"]
    lines += ["volatile uint32_t ticks;", *(f"volatile uint32_t {name}_edges;" for name, _, _ in edges)]
    lines += [line for each in blocks for line in each.variables]
    lines.append("")
    body = [line for each in blocks for line in each.init]
    body += [line for each in blocks for _, inside in each.functions for line in inside]
    lines += _helpers("\n".join([*body, *_clock_body(setup)]), setup.tree.hclk, pins=bool(labelled(setup)))
    lines += function("static void clock_init(void)", _clock_body(setup), _clock_comment(setup))
    lines += function("static void gpio_init(void)", _gpio_body(setup))
    if setup.dma:
        lines += function("static void dma_init(void)", _dma_body(setup))
    for each in blocks:
        lines += function(f"static void {each.name}_init(void)", each.init)
    calls = ["clock_init();", "gpio_init();", *(["dma_init();"] if setup.dma else [])]
    calls += [f"{each.name}_init();" for each in blocks]
    lines += function("void board_init(void)", calls)
    for each in blocks:
        for signature, inside in each.functions:
            lines += function(signature, inside)
    wait = ["uint32_t begin = ticks;", f"while (ticks - begin < milliseconds{_per_tick(setup)})", "{", "}"]
    lines += function("void delay_ms(uint32_t milliseconds)", wait)
    lines += function("void SysTick_Handler(void)", ["ticks++;"])
    vectors: dict[str, list[str]] = {}
    for name, pin, wish in edges:
        pending = "PR1" if setup.family.name == "g4" else "PR"
        vectors.setdefault(line_of(pin), []).extend(
            [f"if ((EXTI->{pending} & {name}_MASK) != 0U)", "{", f"  EXTI->{pending} = {name}_MASK;",
             f"  {name}_edges++;",
             *([f"  {wish.toggles}_PORT->ODR ^= {wish.toggles}_MASK;"] if wish.toggles else []), "}"]
        )  # fmt: skip
    for each in blocks:
        for vector, inside in each.vectors.items():
            vectors.setdefault(vector, []).extend(inside)
    for vector, inside in sorted(vectors.items()):
        lines += function(f"void {vector}_IRQHandler(void)", inside)
    return _text(lines)


def _per_tick(setup: Setup) -> str:
    return "" if setup.tick_hz == 1000 else f" / {1000 // setup.tick_hz}U"


def _helpers(code: str, hclk: int, *, pins: bool) -> list[str]:
    """The functions that the rest uses; only those that it uses."""
    lines: list[str] = []
    if "await(" in code:
        lines += [
            "/* Waits for flags; what doesn't get ready ends here, where a debugger finds it. */",
            "static void await(const volatile uint32_t *flags, uint32_t mask, uint32_t value)", "{",
            "#ifdef KIKI_RUN", "  (void)flags, (void)mask, (void)value; /* QEMU has no clocks that get ready */",
            "#else", "  for (uint32_t tries = 0U; (*flags & mask) != value; tries++)", "  {",
            "    while (tries > 10000000U)", "    {", "    }", "  }", "#endif", "}", "",
        ]  # fmt: skip
    if "pause(" in code:
        lines += [
            "/* At least so many microseconds. */", "static void pause(uint32_t microseconds)", "{",
            f"  for (volatile uint32_t left = microseconds * {hclk // 4_000_000 + 1}U; left > 0U; left--)",
            "  {", "  }", "}", "",
        ]  # fmt: skip
    if "pin_function(" in code or "pin_analogue(" in code or pins:
        lines += [
            "/* Two bits of a pin in a register of its port. */",
            "static void set_two(volatile uint32_t *port, uint32_t pin, uint32_t value)", "{",
            "  *port = (*port & ~(3U << (2U * pin))) | (value << (2U * pin));", "}", "",
        ]  # fmt: skip
    if "pin_function(" in code:
        lines += [
            "static void pin_function(GPIO_TypeDef *port, uint32_t pin, uint32_t function, uint32_t speed,",
            "                         uint32_t open_drain, uint32_t pull)", "{", "  uint32_t shift = 4U * (pin % 8U);",
            "  port->AFR[pin / 8U] = (port->AFR[pin / 8U] & ~(0xFU << shift)) | (function << shift);",
            "  port->OTYPER = (port->OTYPER & ~(1U << pin)) | (open_drain << pin);",
            "  set_two(&port->OSPEEDR, pin, speed);", "  set_two(&port->PUPDR, pin, pull);",
            "  set_two(&port->MODER, pin, 2U);", "}", "",
        ]  # fmt: skip
    if "pin_analogue(" in code:
        lines += [
            "static void pin_analogue(GPIO_TypeDef *port, uint32_t pin)", "{", "  set_two(&port->PUPDR, pin, 0U);",
            "  set_two(&port->MODER, pin, 3U);", "}", "",
        ]  # fmt: skip
    return lines


def _clock_comment(setup: Setup) -> str:
    tree = setup.tree
    return f"SYSCLK {shown(tree.sysclk)}, AHB {shown(tree.hclk)}, APB1 {shown(tree.pclk1)}, APB2 {shown(tree.pclk2)}"


def _clock_body(setup: Setup) -> list[str]:
    tree = setup.tree
    body = _supply_f4(setup) if setup.family.name == "f4" else _supply_g4(setup)
    if tree.source == "HSE":
        bypass = " | RCC_CR_HSEBYP" if tree.bypass else ""
        body += [f"RCC->CR |= RCC_CR_HSEON{bypass};", "await(&RCC->CR, RCC_CR_HSERDY, RCC_CR_HSERDY);"]
    if tree.pll:
        body += [
            *(_pll_f4(setup) if setup.family.name == "f4" else _pll_g4(setup)),
            "RCC->CR |= RCC_CR_PLLON;",
            "await(&RCC->CR, RCC_CR_PLLRDY, RCC_CR_PLLRDY);",
        ]
    if tree.overdrive:
        for bit, ready in (("ODEN", "ODRDY"), ("ODSWEN", "ODSWRDY")):
            body += [f"PWR->CR |= PWR_CR_{bit};", f"await(&PWR->CSR, PWR_CSR_{ready}, PWR_CSR_{ready});"]
    caches = "FLASH_ACR_PRFTEN | FLASH_ACR_ICEN | FLASH_ACR_DCEN"
    body += [
        f"FLASH->ACR = {caches} | {tree.latency}U;",
        f"await(&FLASH->ACR, FLASH_ACR_LATENCY, {tree.latency}U);",
    ]
    buses = f"({_PRESCALERS[tree.apb1]}U << RCC_CFGR_PPRE1_Pos) | ({_PRESCALERS[tree.apb2]}U << RCC_CFGR_PPRE2_Pos)"
    switch = "PLL" if tree.pll else tree.source
    if setup.family.name == "g4" and tree.sysclk > _BOOST_FROM:
        body += [
            f"RCC->CFGR = {buses} | RCC_CFGR_HPRE_DIV2 | RCC_CFGR_SW_{switch};",
            f"await(&RCC->CFGR, RCC_CFGR_SWS, RCC_CFGR_SWS_{switch});",
            "for (volatile uint32_t left = 40U; left > 0U; left--) /* a microsecond at half speed */",
            "{",
            "}",
            "RCC->CFGR &= ~RCC_CFGR_HPRE;",
        ]
    else:
        body += [
            f"RCC->CFGR = {buses} | RCC_CFGR_SW_{switch};",
            f"await(&RCC->CFGR, RCC_CFGR_SWS, RCC_CFGR_SWS_{switch});",
        ]
    tick = tree.hclk // setup.tick_hz
    return [*body, f"(void)SysTick_Config({tick}U);"]


def _supply_f4(setup: Setup) -> list[str]:
    low = setup.tree.scale.endswith("SCALE2")
    scale = "PWR->CR = (PWR->CR & ~PWR_CR_VOS) | PWR_CR_VOS_1;" if low else "PWR->CR |= PWR_CR_VOS;"
    return ["RCC->APB1ENR |= RCC_APB1ENR_PWREN;", "(void)RCC->APB1ENR;", scale]


def _supply_g4(setup: Setup) -> list[str]:
    boost = setup.tree.scale.endswith("BOOST")
    body = ["RCC->APB1ENR1 |= RCC_APB1ENR1_PWREN;", "(void)RCC->APB1ENR1;", "RCC->APB2ENR |= RCC_APB2ENR_SYSCFGEN;"]
    body.append("PWR->CR3 |= PWR_CR3_UCPD_DBDIS; /* no dead-battery pull-downs on PB4 and PB6 */")
    return [*body, "PWR->CR5 &= ~PWR_CR5_R1MODE; /* boost */"] if boost else body


def _pll_f4(setup: Setup) -> list[str]:
    pll = setup.tree.pll
    assert pll is not None
    source = "RCC_PLLCFGR_PLLSRC_HSE" if setup.tree.source == "HSE" else "RCC_PLLCFGR_PLLSRC_HSI"
    words = [
        source, f"({pll.m}U << RCC_PLLCFGR_PLLM_Pos)", f"({pll.n}U << RCC_PLLCFGR_PLLN_Pos)",
        f"({pll.output // 2 - 1}U << RCC_PLLCFGR_PLLP_Pos)", f"({pll.q}U << RCC_PLLCFGR_PLLQ_Pos)",
    ]  # fmt: skip
    if re.match(r"STM32F4(?:46|1[023]|23|[67]9)", setup.plan.device):
        words.append("(2U << RCC_PLLCFGR_PLLR_Pos)")
    return [f"RCC->PLLCFGR = {' | '.join(words[:3])}", f"             | {' | '.join(words[3:])};"]


def _pll_g4(setup: Setup) -> list[str]:
    pll = setup.tree.pll
    assert pll is not None
    words = [
        f"RCC_PLLCFGR_PLLSRC_{setup.tree.source}", f"({pll.m - 1}U << RCC_PLLCFGR_PLLM_Pos)",
        f"({pll.n}U << RCC_PLLCFGR_PLLN_Pos)", f"({pll.output // 2 - 1}U << RCC_PLLCFGR_PLLR_Pos)",
        "RCC_PLLCFGR_PLLREN",
    ]  # fmt: skip
    return [f"RCC->PLLCFGR = {' | '.join(words[:3])}", f"             | {' | '.join(words[3:])};"]


def _gpio_body(setup: Setup) -> list[str]:
    pins = labelled(setup)
    register = enable(setup.family, "GPIOA")[0]
    ports = " | ".join(enable(setup.family, f"GPIO{port}")[1] for port in setup.ports)
    body = [f"RCC->{register} |= {ports};", f"(void)RCC->{register};"] if ports else []
    pulls, speeds = ("none", "up", "down"), ("low", "medium", "high", "very_high")
    for name, pin, wish in pins:
        port, number = f"GPIO{pin[1]}", pin[2:]
        if wish.direction == "out":
            body += [f"{port}->BSRR = {name}_MASK{'' if wish.initial else ' << 16'};"]
            body += [f"{port}->OTYPER |= {name}_MASK;"] if wish.open_drain else []
            body.append(f"set_two(&{port}->OSPEEDR, {number}U, {speeds.index(wish.speed)}U);")
        body.append(f"set_two(&{port}->PUPDR, {number}U, {pulls.index(wish.pull)}U);")
        body.append(f"set_two(&{port}->MODER, {number}U, {int(wish.direction == 'out')}U);")
    return [*body, *_edges(setup, [(name, pin, wish) for name, pin, wish in pins if wish.edge != "none"])]


def _edges(setup: Setup, pins: Sequence[tuple[str, str, Gpio]]) -> list[str]:
    if not pins:
        return []
    bank = "1" if setup.family.name == "g4" else ""
    body = ["RCC->APB2ENR |= RCC_APB2ENR_SYSCFGEN;", "(void)RCC->APB2ENR;"]
    for name, pin, wish in pins:
        number = int(pin[2:])
        at, shift = number // 4, 4 * (number % 4)
        port = ord(pin[1]) - ord("A")
        body.append(
            f"SYSCFG->EXTICR[{at}] = (SYSCFG->EXTICR[{at}] & ~(0xFU << {shift}U)) | ({port}U << {shift}U); /* {pin} */"
        )
        body += [f"EXTI->RTSR{bank} |= {name}_MASK;"] if wish.edge != "falling" else []
        body += [f"EXTI->FTSR{bank} |= {name}_MASK;"] if wish.edge != "rising" else []
        body.append(f"EXTI->IMR{bank} |= {name}_MASK;")
    for line in sorted({line_of(pin) for _, pin, _ in pins}):
        body += enabled(line)
    return body


def _dma_body(setup: Setup) -> list[str]:
    bits = [enable(setup.family, name)[1] for name in sorted({dma.controller for dma in setup.dma.values()})]
    if setup.part.channels:
        bits.insert(0, "RCC_AHB1ENR_DMAMUX1EN")
    return [f"RCC->AHB1ENR |= {' | '.join(bits)};", "(void)RCC->AHB1ENR;"]
