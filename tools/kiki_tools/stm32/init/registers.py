"""An init in C for CMSIS registers alone: board.c sets everything up and handles the interrupts, main.c is yours."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kiki_tools.stm32.clocks import shown
from kiki_tools.stm32.init.families import enable
from kiki_tools.stm32.init.hal import function, head, labelled, line_of
from kiki_tools.stm32.init.plan import Adc, Can, Gpio, I2c, ImpossiblePlan, Pwm, Spi, Systick, Usart
from kiki_tools.stm32.init.register_blocks import Block, active, acts, enabled
from kiki_tools.stm32.init.register_can import FRAME
from kiki_tools.stm32.init.register_coupled import coupled, sent_once
from kiki_tools.stm32.init.register_parts import block
from kiki_tools.stm32.init.setup import Setup

_PRESCALERS = {1: 0, 2: 4, 4: 5, 8: 6, 16: 7}
_AHB_PRESCALERS = {1: 0, 2: 8, 4: 9, 8: 10, 16: 11, 64: 12, 128: 13, 256: 14, 512: 15}
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
        elif wish.debounce_ms and wish.direction == "in":
            lines.append(f"int {name}_pressed(void); /* 1 once for each press, {wish.debounce_ms} ms steady */")
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
    body = ["board_init();", *(line for each in blocks for line in each.start), *sent_once(setup)]
    body += [
        f"uint32_t {name} = ticks;" for name in re.findall(r"^(due_\w+) \+?=", "\n".join(map(str.strip, loop)), re.M)
    ]
    steps = re.findall(r"^(step_\w+) =", "\n".join(map(str.strip, loop)), re.M)
    body += [f"uint32_t {name} = 0U;" for name in dict.fromkeys(steps)]
    return function("int main(void)", [*body, "for (;;)", "{", *(f"  {line}" for line in loop), "}"])


def _again(setup: Setup) -> list[str]:
    """What main does again after so many milliseconds: lamps that blink, texts that are sent, what comes sent back."""
    lines: list[str] = []
    inputs = {name: wish for name, _, wish in labelled(setup) if wish.direction == "in"}
    for name, _, wish in labelled(setup):
        if wish.blink_hz:
            lines += _each(setup, name, 500 / wish.blink_hz, f"{name}_PORT->ODR ^= {name}_MASK;")
        elif wish.burst and wish.high_ms:
            short, last = (max(1, round(each * setup.tick_hz / 1000)) for each in (wish.high_ms, wish.low_ms or 1000))
            lines += [f"if (ticks - due_{name} >= (step_{name} == 0U ? {last}U : {short}U))", "{",
                      f"  due_{name} = ticks;", f"  step_{name} = (step_{name} + 1U) % {2 * wish.burst}U;",
                      f"  {name}_PORT->ODR ^= {name}_MASK;", "}"]  # fmt: skip
        elif wish.high_ms and wish.low_ms:
            high, low = (max(1, round(each * setup.tick_hz / 1000)) for each in (wish.high_ms, wish.low_ms))
            lines += [f"if (ticks - due_{name} >= (({name}_PORT->ODR & {name}_MASK) != 0U ? {high}U : {low}U))", "{",
                      f"  due_{name} = ticks;", f"  {name}_PORT->ODR ^= {name}_MASK;", "}"]  # fmt: skip
        if wish.follows in inputs:
            gate = [each for each in wish.gate if each in inputs and each != wish.follows]
            levels = [active(each, inputs[each]) for each in (wish.follows, *gate)]
            joined = (" || " if wish.any_of else " && ").join(levels if not gate else (f"({each})" for each in levels))
            chosen = joined if not gate else f"({joined})"
            lines.append(f"{name}_PORT->BSRR = {chosen} ? {name}_MASK : {name}_MASK << 16;")
        if wish.direction == "in" and acts(wish) and wish.edge == "none" and wish.debounce_ms:
            lines += [f"if ({name}_pressed())", "{", *(f"  {line}" for line in acts(wish)), "}"]
    lines += [*_followed(setup), *coupled(setup)]
    chased = [(name, wish.chase_ms) for name, _, wish in labelled(setup) if wish.chase_ms]
    if chased:
        each = [f"{name}_PORT->BSRR = step_chase == {at}U ? {name}_MASK : {name}_MASK << 16;"
                for at, (name, _) in enumerate(chased)]  # fmt: skip
        lines += _each(setup, "chase", chased[0][1], [*each, f"step_chase = (step_chase + 1U) % {len(chased)}U;"])
    for kind, call in ((I2c, "ask"), (Spi, "ask"), (Can, "send_mine")):
        for _, one in setup.each(kind):
            if repeat := getattr(one.wish, "repeat_ms", 0):
                lines += _each(setup, one.instance.lower(), repeat, f"{one.instance.lower()}_{call}();")
    for _, one in setup.each(Usart):
        wish_of, name = one.wish, one.instance.lower()
        assert isinstance(wish_of, Usart)
        if wish_of.repeat_ms and wish_of.greeting and wish_of.direction != "rx":
            text = wish_of.greeting.replace("\\", "\\\\").replace('"', '\\"')
            lines += _each(setup, name, wish_of.repeat_ms, f'{name}_write("{text}\\r\\n");')
        if wish_of.reports and wish_of.direction != "rx":
            lines += _each(setup, f"{name}_report", wish_of.repeat_ms or 1000, _report(setup, name))
        if wish_of.echo and wish_of.direction == "both" and not wish_of.dma and not wish_of.commands:
            lines += [f"for (int value = {name}_read(); value >= 0; value = {name}_read())", "{",
                      "  char text[2] = {(char)value, '\\0'};", f"  {name}_write(text);", "}"]  # fmt: skip
    return lines


def _followed(setup: Setup) -> list[str]:
    """Pulse widths that follow the first value of the first converter."""
    source = next(((number, one) for number, one in setup.each(Adc)), None)
    if source is None:
        return []
    number, one = source
    assert isinstance(one.wish, Adc)
    lines = []
    for _, made in setup.each(Pwm):
        if isinstance(made.wish, Pwm) and made.wish.follows and made.wish.by == "adc":
            most = 2**one.wish.resolution_bits - 1
            lines += [f"{made.instance.lower()}_set_{each}({one.instance.lower()}_values[0] * 1000U / {most}U);"
                      for each in sorted(made.wish.channels)]  # fmt: skip
    polled = not one.wish.interrupt and (number, "rx") not in setup.dma
    return [*([f"{one.instance.lower()}_read();"] if polled and lines else []), *lines]


def _report(setup: Setup, name: str) -> list[str]:
    """The converters' values, sent as a line."""
    lines: list[str] = []
    for number, one in setup.each(Adc):
        assert isinstance(one.wish, Adc)
        of, count = one.instance.lower(), one.wish.channels + len(one.wish.internal)
        lines += [] if one.wish.interrupt or (number, "rx") in setup.dma else [f"{of}_read();"]
        lines += [f"for (uint32_t at = 0U; at < {count}U; at++)", "{", f"  {name}_number({of}_values[at]);",
                  f'  {name}_write(at + 1U < {count}U ? " " : "\\r\\n");', "}"]  # fmt: skip
    return lines


def _each(setup: Setup, name: str, milliseconds: float, what: str | Sequence[str]) -> list[str]:
    """Something done every so many milliseconds, by the tick."""
    counts = max(1, round(milliseconds * setup.tick_hz / 1000))
    return [
        f"if (ticks - due_{name} >= {counts}U)",
        "{",
        f"  due_{name} += {counts}U;",
        *(f"  {line}" for line in ([what] if isinstance(what, str) else what)),
        "}",
    ]


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
    wait = ["uint32_t begin = ticks;", f"while (ticks - begin < {_per_tick(setup)})", "{", "}"]
    lines += function("void delay_ms(uint32_t milliseconds)", wait)
    lines += _steady(setup)
    lines += function("void SysTick_Handler(void)", _at_tick(setup))
    vectors: dict[str, list[str]] = {}
    for name, pin, wish in edges:
        pending = "PR1" if setup.family.name == "g4" else "PR"
        vectors.setdefault(line_of(pin), []).extend(
            [f"if ((EXTI->{pending} & {name}_MASK) != 0U)", "{", f"  EXTI->{pending} = {name}_MASK;",
             *_at_edge(setup, name, wish), "}"]
        )  # fmt: skip
    for each in blocks:
        for vector, inside in each.vectors.items():
            vectors.setdefault(vector, []).extend(inside)
    for vector, inside in sorted(vectors.items()):
        lines += function(f"void {vector}_IRQHandler(void)", inside)
    return _text(lines)


def _at_edge(setup: Setup, name: str, wish: Gpio) -> list[str]:
    """What an edge does; with debounce_ms only where the last one is so long ago."""
    body = [f"{name}_edges++;", *acts(wish)]
    if not wish.debounce_ms:
        return [f"  {line}" for line in body]
    quiet = max(1, round(wish.debounce_ms * setup.tick_hz / 1000))
    return [
        f"  static uint32_t {name}_last;", f"  if (ticks - {name}_last >= {quiet}U) /* contacts bounce */", "  {",
        *(f"    {line}" for line in body), "  }", f"  {name}_last = ticks;",
    ]  # fmt: skip


def _steady(setup: Setup) -> list[str]:
    """For each input without interrupt that bounces: whether it has just become active, steady for long enough."""
    lines: list[str] = []
    for name, _, wish in labelled(setup):
        if not wish.debounce_ms or wish.edge != "none" or wish.direction != "in":
            continue
        quiet = max(1, round(wish.debounce_ms * setup.tick_hz / 1000))
        body = [
            "static uint32_t last, steady, since;",
            f"uint32_t level = {active(name, wish)};", "if (level != last)", "{",
            "  last = level;", "  since = ticks;", "}", f"if (level != steady && ticks - since >= {quiet}U)", "{",
            "  steady = level;", "  return level != 0U;", "}", "return 0;",
        ]  # fmt: skip
        lines += function(f"int {name}_pressed(void)", body)
    return lines


def _at_tick(setup: Setup) -> list[str]:
    wish = next((one.wish for _, one in setup.each(Systick) if isinstance(one.wish, Systick)), Systick())
    if not wish.toggles:
        return ["ticks++;"]
    toggle = f"{wish.toggles}_PORT->ODR ^= {wish.toggles}_MASK;"
    if wish.every == 1:
        return ["ticks++;", toggle]
    return ["ticks++;", f"if (ticks % {wish.every}U == 0U)", "{", f"  {toggle}", "}"]


def _per_tick(setup: Setup) -> str:
    """Milliseconds as ticks."""
    hertz = setup.tick_hz
    if hertz == 1000:
        return "milliseconds"
    if hertz % 1000 == 0:
        return f"milliseconds * {hertz // 1000}U"
    return f"milliseconds / {1000 // hertz}U" if 1000 % hertz == 0 else f"milliseconds * {hertz}U / 1000U"


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
    if "pin_function(" in code or "pin_analogue(" in code or "set_two(" in code or pins:
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
    half = "RCC_CFGR_HPRE_DIV2"
    ahb = f"(0x{_AHB_PRESCALERS[tree.ahb]:X}U << 4)" if tree.ahb > 1 else ""
    buses = f"({_PRESCALERS[tree.apb1]}U << RCC_CFGR_PPRE1_Pos) | ({_PRESCALERS[tree.apb2]}U << RCC_CFGR_PPRE2_Pos)"
    switch = "PLL" if tree.pll else tree.source
    if setup.family.name == "g4" and tree.sysclk > _BOOST_FROM:
        body += [
            f"RCC->CFGR = {buses} | {half} | RCC_CFGR_SW_{switch};",
            f"await(&RCC->CFGR, RCC_CFGR_SWS, RCC_CFGR_SWS_{switch});",
            "for (volatile uint32_t left = 40U; left > 0U; left--) /* a microsecond at half speed */",
            "{",
            "}",
            f"RCC->CFGR = (RCC->CFGR & ~RCC_CFGR_HPRE) | {ahb};" if ahb else "RCC->CFGR &= ~RCC_CFGR_HPRE;",
        ]
    else:
        body += [
            f"RCC->CFGR = {buses}{f' | {ahb}' if ahb else ''} | RCC_CFGR_SW_{switch};",
            f"await(&RCC->CFGR, RCC_CFGR_SWS, RCC_CFGR_SWS_{switch});",
        ]
    tick = max(1, round(tree.hclk / setup.tick_hz))
    if tick <= 1 << 24:
        return [*body, f"(void)SysTick_Config({tick}U);"]
    slow = round(tree.hclk / 8 / setup.tick_hz)
    if slow > 1 << 24:
        raise ImpossiblePlan(f"SysTick: {setup.tick_hz} Hz are too slow for a core of {shown(tree.hclk)}; a timer can")
    return [*body, f"(void)SysTick_Config({slow}U);", "SysTick->CTRL &= ~4U; /* the core's clock by 8 */"]


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
        mode = {"in": 0, "out": 1, "analog": 3}[wish.direction]
        body.append(f"set_two(&{port}->MODER, {number}U, {mode}U);")
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
        body += enabled(line, min(wish.priority for _, pin, wish in pins if line_of(pin) == line))
    return body


def _dma_body(setup: Setup) -> list[str]:
    bits = [enable(setup.family, name)[1] for name in sorted({dma.controller for dma in setup.dma.values()})]
    if setup.part.channels:
        bits.insert(0, "RCC_AHB1ENR_DMAMUX1EN")
    return [f"RCC->AHB1ENR |= {' | '.join(bits)};", "(void)RCC->AHB1ENR;"]
