"""Programs for an STM32 in registers: what is asked for, the C that does it, and what that C has to touch.

Register names and bits are those of CMSIS and the reference manuals (RM0090, RM0390, RM0440); alternate functions are
those of the device files. Shifts stay visible (`5 * 2`), so that neither a reader nor a model has to work them out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from kiki_core.training.data.model import Words
from kiki_core.training.data.registers import ALL, Shown, Step, shown
from kiki_tools.stm32.device import Device
from kiki_tools.stm32.device import device as device_of
from kiki_tools.stm32.init import cmsis

PARTS = ("STM32F401RE", "STM32F407VG", "STM32F411RE", "STM32F429ZI", "STM32F446RE", "STM32G431KB", "STM32G474RE")
BAUDS = (9600, 19200, 38400, 57600, 115200, 230400)


@dataclass(frozen=True, slots=True)
class Program:
    """A program: its words for the question, its C without the include, and patterns of what it has to touch.

    ``needs``: regular expressions, searched in the code without comments and blanks. ``topic``: what makes the group.
    ``steps``: what is called, and what then has to stand in the registers.
    """

    words: Words
    code: str
    needs: Sequence[str]
    topic: str
    steps: Sequence[Step] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A device, and what its header enables clocks with."""

    name: str
    device: Device
    enables: Mapping[str, str]

    @property
    def is_f4(self) -> bool:
        """F4, else G4."""
        return self.device.family == "f4"

    def clock(self, peripheral: str) -> str:
        """The statement that enables a peripheral's clock."""
        register = self.enables[peripheral]
        return f"RCC->{register} |= RCC_{register}_{peripheral}EN;"

    def has(self, peripheral: str) -> bool:
        """Whether it is there, and its clock's bit is known."""
        return peripheral in self.enables and (peripheral.startswith("GPIO") or peripheral in self.device.peripherals)

    def pins(self, peripheral: str, signal: str) -> list[tuple[str, int]]:
        """Pins with the alternate function on which a signal comes out, on ports that small packages have too."""
        return [
            (pin, function.af)
            for pin, function in self.device.pins_of(peripheral, signal)
            if function.af is not None and pin[1] in "ABCD" and f"GPIO{pin[1]}" in self.enables
        ]


@cache
def part(name: str) -> Part:
    """A part by its name."""
    device = device_of(name)
    assert device is not None
    header = cmsis.header(device) or ""
    enables = {found[2]: found[1] for found in re.finditer(r"#define RCC_(\w+ENR\d?)_(\w+?)EN\b", header)}
    return Part(name, device, enables)


Maker = Callable[[Random, Part], Program | None]


def _free_pin(random: Random, of: Part) -> tuple[str, int]:
    ports = "ABCDE" if of.name not in ("STM32G431KB",) else "AB"
    ports = ports if of.name not in ("STM32F401RE", "STM32F411RE", "STM32F446RE", "STM32G474RE") else "ABC"
    while True:
        port, number = random.choice(ports), random.randrange(16)
        if f"{port}{number}" not in ("A13", "A14", "B2") and f"P{port}{number}" in of.device.pins:
            return port, number


def _mode(port: str, number: int, mode: int) -> str:
    return f"GPIO{port}->MODER = (GPIO{port}->MODER & ~(3U << ({number} * 2))) | ({mode}U << ({number} * 2));"


def _alternate(pin: str, af: int) -> str:
    port, number = pin[1], int(pin[2:])
    at = f"({number} * 4)" if number < 8 else f"(({number} - 8) * 4)"
    register = f"GPIO{port}->AFR[{number // 8}]"
    return f"{_mode(port, number, 2)}\n    {register} = ({register} & ~(15U << {at})) | ({af}U << {at});"


def _function(name: str, *statements: str, takes: str = "void", gives: str = "void") -> str:
    return f"{gives} {name}({takes})\n{{\n" + "\n".join(f"    {one}" for one in statements) + "\n}\n"


def _on(of: Part, *peripherals: str) -> list[Shown]:
    """Their clocks are enabled."""
    return [shown(f"(RCC->{r} & RCC_{r}_{one}EN) != 0U", 1) for one in peripherals for r in (of.enables[one],)]


def _is_mode(port: str, number: int, mode: int) -> Shown:
    return shown(f"GPIO{port}->MODER", mode << 2 * number, 3 << 2 * number)


def _is_alternate(of: Part, pin: str, af: int) -> list[Shown]:
    port, number = pin[1], int(pin[2:])
    at = number % 8 * 4
    placed = shown(f"GPIO{port}->AFR[{number // 8}]", af << at, 15 << at)
    return [*_on(of, f"GPIO{port}"), _is_mode(port, number, 2), placed]


def _level(port: str, number: int, width: int = 1) -> str:
    """What the pins would be at, whichever register was written."""
    kept = f"(GPIO{port}->ODR & ~(GPIO{port}->BSRR >> 16))"
    return f"(({kept} | (GPIO{port}->BSRR & 0xFFFFU)) >> {number}) & {(1 << width) - 1:#x}U"


def _near(expression: str, value: float, share: float = 0.01) -> Shown:
    return shown(expression, round(value * (1 - share)), high=round(value * (1 + share)))


def _port(port: str, number: int) -> list[str]:
    return [f"GPIO{port}EN", rf"GPIO{port}->MODER", rf"\b{number}\b"]


def _output(random: Random, of: Part) -> Program:
    port, number = _free_pin(random, of)
    name = random.choice(["led_init", "gpio_init", "output_init", "relay_init", f"p{port.lower()}{number}_init"])
    code = _function(name, of.clock(f"GPIO{port}"), _mode(port, number, 1))
    return Program(
        {"pin": f"P{port}{number}", "fn": name},
        code,
        [*_port(port, number), name],
        f"P{port}",
        [ALL, *_on(of, f"GPIO{port}"), _is_mode(port, number, 1)],
    )


def _open_drain(random: Random, of: Part) -> Program:
    port, number = _free_pin(random, of)
    name = random.choice(["line_init", "od_init", "bus_pin_init", "gpio_init"])
    code = _function(
        name,
        of.clock(f"GPIO{port}"),
        _mode(port, number, 1),
        f"GPIO{port}->OTYPER |= 1U << {number};",
        f"GPIO{port}->PUPDR = (GPIO{port}->PUPDR & ~(3U << ({number} * 2))) | (1U << ({number} * 2));",
    )
    needs = [*_port(port, number), rf"GPIO{port}->OTYPER\|?=", rf"GPIO{port}->PUPDR", name]
    return Program(
        {"pin": f"P{port}{number}", "fn": name},
        code,
        needs,
        f"P{port}",
        [
            ALL,
            *_on(of, f"GPIO{port}"),
            _is_mode(port, number, 1),
            shown(f"GPIO{port}->OTYPER", 1 << number, 1 << number),
            shown(f"GPIO{port}->PUPDR", 1 << 2 * number, 3 << 2 * number),
        ],
    )


def _input(random: Random, of: Part) -> Program:
    port, number = _free_pin(random, of)
    pull = random.choice(["up", "down"])
    init, read = random.choice(
        [("button_init", "button_pressed"), ("key_init", "key_read"), ("input_init", "input_read")]
    )
    field = 1 if pull == "up" else 2
    pressed = f"(GPIO{port}->IDR & (1U << {number})) {'==' if pull == 'up' else '!='} 0U"
    code = (
        _function(
            init,
            of.clock(f"GPIO{port}"),
            _mode(port, number, 0),
            f"GPIO{port}->PUPDR = (GPIO{port}->PUPDR & ~(3U << ({number} * 2))) | ({field}U << ({number} * 2));",
        )
        + "\n"
        + _function(read, f"return {pressed};", gives="int")
    )
    needs = [*_port(port, number), rf"GPIO{port}->PUPDR", rf"GPIO{port}->IDR", init, read]
    words = {"pin": f"P{port}{number}", "fn": init, "read": read, "pull": f"pull-{pull}"}
    high, low = f"GPIO{port}->IDR = 1U << {number};", f"GPIO{port}->IDR = ~(1U << {number});"
    up = pull == "up"
    steps = [
        f"{init}();",
        *_on(of, f"GPIO{port}"),
        _is_mode(port, number, 0),
        shown(f"GPIO{port}->PUPDR", field << 2 * number, 3 << 2 * number),
        low,
        shown(f"{read}() != 0", int(up)),
        high,
        shown(f"{read}() != 0", int(not up)),
    ]
    return Program(words, code, needs, f"P{port}-{pull}", steps)


def _blink(random: Random, of: Part) -> Program:
    port, number = _free_pin(random, of)
    code = _function(
        "main",
        of.clock(f"GPIO{port}"),
        _mode(port, number, 1),
        "for (;;)",
        "{",
        f"    GPIO{port}->ODR ^= 1U << {number};",
        "    for (volatile uint32_t n = 0; n < 400000U; n++)",
        "    {",
        "    }",
        "}",
        gives="int",
    )
    return Program(
        {"pin": f"P{port}{number}"}, code, [*_port(port, number), rf"GPIO{port}->(ODR|BSRR)", r"\bintmain"], f"P{port}"
    )


def _set_clear(random: Random, of: Part) -> Program:
    port, number = _free_pin(random, of)
    on, off = random.choice(
        [("led_on", "led_off"), ("pin_set", "pin_clear"), ("cs_high", "cs_low"), ("relay_on", "relay_off")]
    )
    code = (
        _function(on, f"GPIO{port}->BSRR = 1U << {number};")
        + "\n"
        + _function(off, f"GPIO{port}->BSRR = 1U << ({number} + 16);")
    )
    words = {"pin": f"P{port}{number}", "on": on, "off": off}
    level = _level(port, number)
    none, all_on = f"GPIO{port}->BSRR = 0U;", f"GPIO{port}->ODR = 0xFFFFU;"
    steps = [f"{on}();", shown(level, 1), none, all_on, f"{off}();", shown(level, 0)]
    return Program(words, code, [rf"GPIO{port}->BSRR=", rf"\b{number}\b|{number + 16}", on, off], f"P{port}", steps)


def _follow(random: Random, of: Part) -> Program:
    port, number = _free_pin(random, of)
    other, key = _free_pin(random, of)
    while (other, key) == (port, number):
        other, key = _free_pin(random, of)
    clocks = [of.clock(f"GPIO{one}") for one in dict.fromkeys((port, other))]
    code = _function(
        "main",
        *clocks,
        _mode(port, number, 1),
        _mode(other, key, 0),
        f"GPIO{other}->PUPDR = (GPIO{other}->PUPDR & ~(3U << ({key} * 2))) | (1U << ({key} * 2));",
        "for (;;)",
        "{",
        f"    if ((GPIO{other}->IDR & (1U << {key})) == 0U)",
        f"        GPIO{port}->BSRR = 1U << {number};",
        "    else",
        f"        GPIO{port}->BSRR = 1U << ({number} + 16);",
        "}",
        gives="int",
    )
    needs = [*_port(port, number), rf"GPIO{other}->IDR", rf"GPIO{other}->PUPDR", rf"\b{key}\b"]
    return Program({"pin": f"P{port}{number}", "key": f"P{other}{key}"}, code, needs, f"P{port}P{other}")


def _signals(of: Part, kinds: str, signal: str) -> list[tuple[str, str, int]]:
    names = sorted(name for name in of.device.peripherals if re.fullmatch(kinds, name) and of.has(name))
    return [(name, pin, af) for name in names for pin, af in of.pins(name, signal)]


def _alternate_function(random: Random, of: Part) -> Program | None:
    signal = random.choice(["TX", "RX", "SCK", "MOSI", "MISO", "CH1", "CH2", "CH3", "CH4"])
    found = _signals(of, r"USART\d|UART\d|SPI\d|TIM\d+", signal)
    if not found:
        return None
    peripheral, pin, af = random.choice(found)
    name = f"{peripheral.lower()}_{signal.lower()}_pin"
    code = _function(name, of.clock(f"GPIO{pin[1]}"), *_alternate(pin, af).split("\n    "))
    needs = [
        *_port(pin[1], int(pin[2:])),
        rf"GPIO{pin[1]}->AFR\[{int(pin[2:]) // 8}\]",
        rf"\b{af}\b|{af}U|0x{af:X}",
        name,
    ]
    return Program(
        {"pin": pin, "signal": f"{peripheral}_{signal}", "fn": name},
        code,
        needs,
        f"{peripheral}-{signal}",
        [ALL, *_is_alternate(of, pin, af)],
    )


def _usart(random: Random, of: Part) -> tuple[str, str, int] | None:
    found = _signals(of, r"USART\d", "TX")
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
    code = _function(
        name,
        *ports,
        of.clock(usart),
        *_alternate(pin, af).split("\n    "),
        *_alternate(receive, other).split("\n    "),
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
    steps = [
        ALL,
        *_on(of, usart),
        *_is_alternate(of, pin, af),
        *_is_alternate(of, receive, other),
        _near(f"{usart}->BRR", clock / baud, 0.02),
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
        _function(put, f"while (({flag}) == 0U)", "{", "}", f"{data} = (uint8_t)c;", takes="char c")
        + "\n"
        + _function(puts, "while (*s != '\\0')", "{", f"    {put}(*s++);", "}", takes="const char *s")
    )
    status, register = ("SR", "DR") if of.is_f4 else ("ISR", "TDR")
    ready, sent = f"{usart}->{status} = 0xFFFFU;", f"{usart}->{register}"
    steps = [ready, f"{put}('k');", shown(sent, 0x6B, 0xFF), f'{puts}("kiki");', shown(sent, 0x69, 0xFF)]
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
    code = _function(name, f"while (({flag}) == 0U)", "{", "}", f"return (uint8_t){data};", gives="uint8_t")
    status, register = ("SR", "DR") if of.is_f4 else ("ISR", "RDR")
    steps = [f"{usart}->{status} = 0xFFFFU;", f"{usart}->{register} = 0x5AU;", shown(f"{name}()", 0x5A, 0xFF)]
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
        + _function(f"{usart.lower()}_irq_init", f"{usart}->CR1 |= USART_CR1_RXNEIE;", f"NVIC_EnableIRQ({usart}_IRQn);")
        + "\n"
        + _function(
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


def _systick(random: Random, of: Part) -> Program:
    clock = random.choice([16, 48, 84, 100, 168] if of.is_f4 else [16, 80, 150, 170])
    rate = random.choice([1000, 1000, 1000, 100, 10000])
    count, delay = random.choice([("ticks", "delay_ms"), ("uptime", "wait_ticks"), ("ms", "delay")])
    code = (
        f"static volatile uint32_t {count};\n\n"
        + _function("SysTick_Handler", f"{count}++;")
        + "\n"
        + _function("tick_init", f"(void)SysTick_Config({clock}000000U / {rate}U);")
        + "\n"
        + _function(
            delay, f"uint32_t start = {count};", f"while ({count} - start < time)", "{", "}", takes="uint32_t time"
        )
    )
    needs = ["voidSysTick_Handler", "SysTick_Config|SysTick->LOAD", "volatile", delay]
    words = {"clk": f"{clock} MHz", "rate": f"{rate} Hz" if rate != 1000 else "1 ms", "delay": delay, "count": count}
    period = shown("*(volatile uint32_t *)0xE000E014U + 1U", clock * 1_000_000 // rate)
    return Program(words, code, needs, f"{clock}-{rate}", [ALL, period])


def _timers(of: Part) -> list[str]:
    return [name for name in ("TIM2", "TIM3", "TIM4", "TIM5") if of.has(name)]


def _timer_interrupt(random: Random, of: Part) -> Program:
    timer = random.choice([*_timers(of), *(["TIM7"] if of.has("TIM7") else [])])
    clock, rate = (
        random.choice([16, 84] if of.is_f4 else [16, 170]),
        random.choice([1, 2, 5, 10, 50, 100, 200, 500, 1000]),
    )
    code = (
        "volatile uint32_t events;\n\n"
        + _function(
            f"{timer.lower()}_init",
            of.clock(timer),
            f"{timer}->PSC = {clock}000000U / 10000U - 1U;",
            f"{timer}->ARR = 10000U / {rate}U - 1U;",
            f"{timer}->DIER |= TIM_DIER_UIE;",
            f"{timer}->CR1 |= TIM_CR1_CEN;",
            f"NVIC_EnableIRQ({timer}_IRQn);",
        )
        + "\n"
        + _function(f"{timer}_IRQHandler", f"{timer}->SR = ~TIM_SR_UIF;", "events++;")
    )
    needs = [
        f"{timer}EN",
        f"{timer}->PSC=",
        f"{timer}->ARR=",
        "UIE|DIER",
        f"{timer}_IRQn",
        f"void{timer}_IRQHandler",
        f"{timer}->SR",
    ]
    period = _near(f"({timer}->PSC + 1U) * ({timer}->ARR + 1U)", clock * 1e6 / rate)
    steps = [ALL, *_on(of, timer), period, shown(f"{timer}->DIER", 1, 1), shown(f"{timer}->CR1", 1, 1)]
    return Program({"tim": timer, "clk": f"{clock} MHz", "rate": f"{rate} Hz"}, code, needs, f"{timer}-{rate}", steps)


def _microseconds(random: Random, of: Part) -> Program:
    timer = random.choice([name for name in ("TIM2", "TIM5") if of.has(name)])
    clock = random.choice([16, 48, 84] if of.is_f4 else [16, 80, 170])
    code = (
        _function(
            "us_init",
            of.clock(timer),
            f"{timer}->PSC = {clock}U - 1U;",
            f"{timer}->ARR = 0xFFFFFFFFU;",
            f"{timer}->EGR = TIM_EGR_UG;",
            f"{timer}->CR1 |= TIM_CR1_CEN;",
        )
        + "\n"
        + _function(
            "delay_us",
            f"uint32_t start = {timer}->CNT;",
            f"while ({timer}->CNT - start < us)",
            "{",
            "}",
            takes="uint32_t us",
        )
    )
    steps = [ALL, *_on(of, timer), shown(f"{timer}->PSC + 1U", clock), shown(f"{timer}->CR1", 1, 1)]
    needs = [f"{timer}EN", f"{timer}->PSC=", f"{timer}->CNT", "delay_us"]
    return Program({"tim": timer, "clk": f"{clock} MHz"}, code, needs, f"{timer}-{clock}", steps)


def _pwm(random: Random, of: Part) -> Program | None:
    channel = random.randrange(1, 5)
    found = [one for one in _signals(of, r"TIM[2-5]", f"CH{channel}") if of.has(one[0])]
    if not found:
        return None
    timer, pin, af = random.choice(found)
    clock, rate = (
        random.choice([16, 84] if of.is_f4 else [16, 170]),
        random.choice([50, 100, 500, 1000, 2000, 10000, 20000]),
    )
    duty = random.choice([10, 20, 25, 30, 50, 75, 80])
    shift = 4 if channel in (1, 3) else 12
    mode = f"{timer}->CCMR{1 if channel < 3 else 2}"
    code = _function(
        "pwm_init",
        of.clock(f"GPIO{pin[1]}"),
        of.clock(timer),
        *_alternate(pin, af).split("\n    "),
        f"{timer}->PSC = {clock}U - 1U;",
        f"{timer}->ARR = 1000000U / {rate}U - 1U;",
        f"{timer}->CCR{channel} = 1000000U / {rate}U * {duty}U / 100U;",
        f"{mode} |= (6U << {shift}) | (1U << {shift - 1});",
        f"{timer}->CCER |= TIM_CCER_CC{channel}E;",
        f"{timer}->CR1 |= TIM_CR1_ARPE | TIM_CR1_CEN;",
    )
    needs = [
        f"{timer}EN",
        f"{timer}->PSC=",
        f"{timer}->ARR=",
        f"{timer}->CCR{channel}=",
        f"{timer}->CCMR{1 if channel < 3 else 2}",
        f"{timer}->CCER",
        "AFR",
    ]
    words = {
        "tim": timer,
        "ch": f"{channel}",
        "pin": pin,
        "clk": f"{clock} MHz",
        "rate": f"{rate} Hz" if rate < 1000 else f"{rate // 1000} kHz",
        "duty": f"{duty} %",
    }
    bits = 4 * (channel - 1)
    steps = [
        ALL,
        *_on(of, timer),
        *_is_alternate(of, pin, af),
        _near(f"({timer}->PSC + 1U) * ({timer}->ARR + 1U)", clock * 1e6 / rate),
        shown(f"{timer}->CCR{channel} * 1000U / ({timer}->ARR + 1U)", 10 * duty - 15, high=10 * duty + 15),
        shown(mode, 6 << shift, 7 << shift),
        shown(f"{timer}->CCER", 1 << bits, 3 << bits),
        shown(f"{timer}->CR1", 1, 1),
    ]
    return Program(words, code, needs, f"{timer}-{channel}", steps)


def _encoder(random: Random, of: Part) -> Program | None:
    timer = random.choice(_timers(of))
    one, other = of.pins(timer, "CH1"), of.pins(timer, "CH2")
    if not one or not other:
        return None
    (a, af), (b, bf) = random.choice(one), random.choice(other)
    if a == b:
        return None
    ports = [of.clock(f"GPIO{port}") for port in dict.fromkeys((a[1], b[1]))]
    code = (
        _function(
            "encoder_init",
            *ports,
            of.clock(timer),
            *_alternate(a, af).split("\n    "),
            *_alternate(b, bf).split("\n    "),
            f"{timer}->CCMR1 |= (1U << 0) | (1U << 8);",
            f"{timer}->SMCR |= 3U << 0;",
            f"{timer}->ARR = 0xFFFFU;",
            f"{timer}->CR1 |= TIM_CR1_CEN;",
        )
        + "\n"
        + _function("encoder_count", f"return (int16_t){timer}->CNT;", gives="int16_t")
    )
    steps = [
        ALL,
        *_on(of, timer),
        *_is_alternate(of, a, af),
        *_is_alternate(of, b, bf),
        shown(f"{timer}->SMCR", 1, 7, 3),
        shown(f"{timer}->CCMR1", 0x101, 0x303),
        shown(f"{timer}->CR1", 1, 1),
    ]
    needs = [f"{timer}EN", f"{timer}->SMCR", f"{timer}->CCMR1", f"{timer}->CNT", "AFR"]
    return Program({"tim": timer, "a": a, "b": b}, code, needs, timer, steps)


def _adc(random: Random, of: Part) -> Program | None:
    if not of.is_f4:
        return None
    channel = random.choice([*range(10)])
    pin = f"PA{channel}" if channel < 8 else f"PB{channel - 8}"
    port, number = pin[1], int(pin[2:])
    code = (
        _function(
            "adc_init",
            of.clock(f"GPIO{port}"),
            "RCC->APB2ENR |= RCC_APB2ENR_ADC1EN;",
            _mode(port, number, 3),
            f"ADC1->SMPR2 |= 4U << ({channel} * 3);",
            f"ADC1->SQR3 = {channel}U;",
            "ADC1->CR2 |= ADC_CR2_ADON;",
        )
        + "\n"
        + _function(
            "adc_read",
            "ADC1->CR2 |= ADC_CR2_SWSTART;",
            "while ((ADC1->SR & ADC_SR_EOC) == 0U)",
            "{",
            "}",
            "return (uint16_t)ADC1->DR;",
            gives="uint16_t",
        )
    )
    steps = [
        "adc_init();",
        *_on(of, f"GPIO{port}", "ADC1"),
        _is_mode(port, number, 3),
        shown("ADC1->CR2", 1, 1),
        "ADC1->SR = 2U;",
        "ADC1->DR = 0x123U;",
        shown("adc_read()", 0x123, 0xFFF),
        shown("ADC1->SQR3", channel, 31),
    ]
    needs = ["ADC1EN", "ADC1->SQR3", "SWSTART|<<30", "ADC1->DR", f"GPIO{port}->MODER", "adc_init", "adc_read"]
    return Program({"pin": pin, "ch": f"{channel}"}, code, needs, pin, steps)


def _spi(random: Random, of: Part) -> Program | None:
    spi = random.choice([name for name in ("SPI1", "SPI2", "SPI3") if of.has(name)])
    mode, divider = random.randrange(4), random.choice([2, 4, 8, 16, 32, 64])
    bits = [*(["SPI_CR1_CPHA"] if mode & 1 else []), *(["SPI_CR1_CPOL"] if mode & 2 else [])]
    flags = " | ".join(["SPI_CR1_MSTR", "SPI_CR1_SSM", "SPI_CR1_SSI", *bits, f"({divider.bit_length() - 2}U << 3)"])
    more = [] if of.is_f4 else [f"{spi}->CR2 = (7U << 8) | SPI_CR2_FRXTH;"]
    data = f"{spi}->DR" if of.is_f4 else f"*(volatile uint8_t *)&{spi}->DR"
    code = (
        _function("spi_init", of.clock(spi), f"{spi}->CR1 = {flags};", *more, f"{spi}->CR1 |= SPI_CR1_SPE;")
        + "\n"
        + _function(
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
    steps = [
        "spi_init();",
        *_on(of, spi),
        shown(f"{spi}->CR1", wanted, 0x7F),
        f"{spi}->SR = 0x3U;",
        shown("spi_transfer(0x5A)", 0x5A, 0xFF),
    ]
    return Program({"spi": spi, "mode": f"{mode}", "div": f"{divider}"}, code, needs, f"{spi}-{mode}", steps)


def _i2c(random: Random, of: Part) -> Program | None:
    if not of.is_f4:
        return None
    i2c, clock = random.choice(["I2C1", "I2C2", "I2C3"]), random.choice([8, 16, 42])
    code = _function(
        f"{i2c.lower()}_init",
        of.clock(i2c),
        f"{i2c}->CR1 &= ~I2C_CR1_PE;",
        f"{i2c}->CR2 = {clock}U;",
        f"{i2c}->CCR = {clock}000000U / (2U * 100000U);",
        f"{i2c}->TRISE = {clock}U + 1U;",
        f"{i2c}->CR1 |= I2C_CR1_PE;",
    )
    steps = [
        ALL,
        *_on(of, i2c),
        shown(f"{i2c}->CR2", clock, 0x3F),
        _near(f"{i2c}->CCR", clock * 5, 0.05),
        shown(f"{i2c}->TRISE", clock + 1),
        shown(f"{i2c}->CR1", 1, 1),
    ]
    needs = [f"{i2c}EN", f"{i2c}->CR2", f"{i2c}->CCR=", f"{i2c}->TRISE=", "PE|<<0"]
    return Program({"i2c": i2c, "clk": f"{clock} MHz"}, code, needs, f"{i2c}-{clock}", steps)


def _exti(random: Random, of: Part) -> Program:
    port, number = _free_pin(random, of)
    edge = random.choice(["falling", "rising"])
    line = str(number) if number < 5 else "9_5" if number < 10 else "15_10"
    suffix = "" if of.is_f4 else "1"
    register = f"{'FTSR' if edge == 'falling' else 'RTSR'}{suffix}"
    at = f"({number % 4} * 4)"
    source = f"SYSCFG->EXTICR[{number // 4}]"
    code = (
        "volatile uint32_t presses;\n\n"
        + _function(
            "exti_init",
            of.clock(f"GPIO{port}"),
            of.clock("SYSCFG"),
            _mode(port, number, 0),
            f"{source} = ({source} & ~(15U << {at})) | ({'ABCDEFGH'.index(port)}U << {at});",
            f"EXTI->{register} |= 1U << {number};",
            f"EXTI->IMR{suffix} |= 1U << {number};",
            f"NVIC_EnableIRQ(EXTI{line}_IRQn);",
        )
        + "\n"
        + _function(f"EXTI{line}_IRQHandler", f"EXTI->PR{suffix} = 1U << {number};", "presses++;")
    )
    needs = [
        "SYSCFGEN",
        rf"SYSCFG->EXTICR\[{number // 4}\]",
        f"EXTI->{register}",
        f"EXTI->IMR{suffix}",
        f"EXTI{line}_IRQn",
        f"voidEXTI{line}_IRQHandler",
        f"EXTI->PR{suffix}",
    ]
    field, bit = 4 * (number % 4), 1 << number
    steps = [
        ALL,
        *_on(of, f"GPIO{port}", "SYSCFG"),
        _is_mode(port, number, 0),
        shown(source, "ABCDEFGH".index(port) << field, 15 << field),
        shown(f"EXTI->{register}", bit, bit),
        shown(f"EXTI->IMR{suffix}", bit, bit),
    ]
    return Program({"pin": f"P{port}{number}", "edge": edge}, code, needs, f"P{port}-{line}", steps)


def _watchdog(random: Random, of: Part) -> Program:
    seconds = random.choice([1, 2, 4, 5, 8])
    code = (
        _function(
            "watchdog_start",
            "IWDG->KR = 0x5555U;",
            "IWDG->PR = 6U;",
            f"IWDG->RLR = {seconds}U * 32000U / 256U - 1U;",
            "IWDG->KR = 0xAAAAU;",
            "IWDG->KR = 0xCCCCU;",
        )
        + "\n"
        + _function("watchdog_feed", "IWDG->KR = 0xAAAAU;")
    )
    time = "((IWDG->RLR & 0xFFFU) + 1U) * (4U << (IWDG->PR & 7U)) / 32U"
    steps = [
        "watchdog_start();",
        _near(time, seconds * 1000, 0.1),
        "watchdog_feed();",
        shown("IWDG->KR", 0xAAAA, 0xFFFF),
    ]
    return Program(
        {"s": f"{seconds} s"},
        code,
        ["IWDG->KR=0x5555", "IWDG->PR=", "IWDG->RLR=", "(?i)IWDG->KR=0xcccc", "(?i)IWDG->KR=0xaaaa"],
        f"{seconds}",
        steps,
    )


def _pll(random: Random, of: Part) -> Program | None:
    if not of.is_f4:
        return None
    crystal = random.choice([8, 12, 16, 25])
    target = random.choice([f for f in (84, 96, 100, 120, 168, 180) if f * 1_000_000 <= of.device.max_hz and f != 180])
    states = 5 if target > 150 else 3 if target > 90 else 2
    states = 3 if of.name in ("STM32F411RE",) and target == 100 else states
    half = 4 if target > 84 and of.device.max_hz > 100_000_000 else 2
    first, second = (f"({5 if half == 4 else 4}U << 10)", f"({4 if half == 4 else 0}U << 13)")
    code = _function(
        "clock_init",
        "RCC->CR |= RCC_CR_HSEON;",
        "while ((RCC->CR & RCC_CR_HSERDY) == 0U)",
        "{",
        "}",
        f"FLASH->ACR = FLASH_ACR_PRFTEN | FLASH_ACR_ICEN | FLASH_ACR_DCEN | {states}U;",
        f"RCC->PLLCFGR = {crystal}U | ({2 * target}U << 6) | RCC_PLLCFGR_PLLSRC_HSE | (8U << 24);",
        f"RCC->CFGR = {first} | {second};",
        "RCC->CR |= RCC_CR_PLLON;",
        "while ((RCC->CR & RCC_CR_PLLRDY) == 0U)",
        "{",
        "}",
        "RCC->CFGR |= RCC_CFGR_SW_PLL;",
        "while ((RCC->CFGR & RCC_CFGR_SWS) != RCC_CFGR_SWS_PLL)",
        "{",
        "}",
    )
    needs = ["HSEON", "HSERDY", "FLASH->ACR", f"RCC->PLLCFGR=.*{2 * target}", "PLLON", "PLLRDY", "RCC->CFGR"]
    return Program({"hse": f"{crystal} MHz", "f": f"{target} MHz"}, code, needs, f"{crystal}-{target}")


def _priority(random: Random, of: Part) -> Program:
    interrupt = random.choice([*_timers(of), "USART1", "USART2", "EXTI0", "EXTI9_5", "I2C1_EV", "SPI1"])
    level = random.randrange(1, 15)
    code = _function("irq_init", f"NVIC_SetPriority({interrupt}_IRQn, {level}U);", f"NVIC_EnableIRQ({interrupt}_IRQn);")
    return Program(
        {"irq": interrupt, "level": f"{level}"},
        code,
        [rf"NVIC_SetPriority\({interrupt}_IRQn,{level}", rf"NVIC_EnableIRQ\({interrupt}_IRQn"],
        interrupt,
        [ALL, shown(f"((volatile uint8_t *)0xE000E400U)[{interrupt}_IRQn] >> 4", level)],
    )


def _byte_port(random: Random, of: Part) -> Program:
    port = random.choice("AB" if of.name == "STM32G431KB" else "ABC")
    low = random.choice([0, 8])
    code = _function(
        "port_write", f"GPIO{port}->BSRR = (0xFFU << ({low} + 16)) | ((uint32_t)value << {low});", takes="uint8_t value"
    )
    return Program(
        {"pins": f"P{port}{low}..P{port}{low + 7}"},
        code,
        [rf"GPIO{port}->(BSRR|ODR)", "port_write"],
        f"P{port}{low}",
        [f"GPIO{port}->ODR = 0xF0F0U;", "port_write(0xA5);", shown(_level(port, low, 8), 0xA5)],
    )


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
    code = _function(
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
    steps = [
        f"{name}((const uint8_t *)0x20000100U, 5);",
        *_on(of, dma),
        shown(f"{stream}->PAR == (uint32_t)&{usart}->DR", 1),
        shown(f"{stream}->M0AR", 0x20000100),
        shown(f"{stream}->NDTR", 5),
        shown(f"{usart}->CR3", 1 << 7, 1 << 7),
        shown(f"{stream}->CR", channel << 25 | 1 << 10 | 1 << 6 | 1, 7 << 25 | 1 << 10 | 3 << 6 | 1),
    ]
    words = {"usart": usart, "stream": stream.replace("_", " "), "ch": f"{channel}", "fn": name}
    return Program(words, code, needs, f"{usart}-{stream}", steps)


KINDS: Mapping[str, Maker] = {
    "output": _output,
    "open-drain": _open_drain,
    "input": _input,
    "blink": _blink,
    "set-clear": _set_clear,
    "follow": _follow,
    "alternate-function": _alternate_function,
    "usart-init": _usart_init,
    "usart-send": _send,
    "usart-receive": _receive,
    "usart-interrupt": _receive_interrupt,
    "systick": _systick,
    "timer-interrupt": _timer_interrupt,
    "microseconds": _microseconds,
    "pwm": _pwm,
    "encoder": _encoder,
    "adc": _adc,
    "spi": _spi,
    "i2c": _i2c,
    "exti": _exti,
    "watchdog": _watchdog,
    "pll": _pll,
    "priority": _priority,
    "byte-port": _byte_port,
    "dma-send": _dma_send,
}
