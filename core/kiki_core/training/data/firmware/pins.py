"""Pins: outputs, inputs, alternate functions, external interrupts, analogue inputs."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from kiki_core.training.data.firmware.program import (
    Maker,
    Part,
    Program,
    alternate,
    clocked,
    free_pin,
    function,
    is_alternate,
    is_mode,
    level,
    mode,
    port_needs,
    signals,
)
from kiki_core.training.data.registers import ALL, Step, shown


def _output(random: Random, of: Part) -> Program:
    port, number = free_pin(random, of)
    name = random.choice(["led_init", "gpio_init", "output_init", "relay_init", f"p{port.lower()}{number}_init"])
    code = function(name, of.clock(f"GPIO{port}"), mode(port, number, 1))
    return Program(
        {"pin": f"P{port}{number}", "fn": name},
        code,
        [*port_needs(port, number), name],
        f"P{port}",
        [ALL, *clocked(of, f"GPIO{port}"), is_mode(port, number, 1)],
    )


def _open_drain(random: Random, of: Part) -> Program:
    port, number = free_pin(random, of)
    name = random.choice(["line_init", "od_init", "bus_pin_init", "gpio_init"])
    code = function(
        name,
        of.clock(f"GPIO{port}"),
        mode(port, number, 1),
        f"GPIO{port}->OTYPER |= 1U << {number};",
        f"GPIO{port}->PUPDR = (GPIO{port}->PUPDR & ~(3U << ({number} * 2))) | (1U << ({number} * 2));",
    )
    needs = [*port_needs(port, number), rf"GPIO{port}->OTYPER\|?=", rf"GPIO{port}->PUPDR", name]
    return Program(
        {"pin": f"P{port}{number}", "fn": name},
        code,
        needs,
        f"P{port}",
        [
            ALL,
            *clocked(of, f"GPIO{port}"),
            is_mode(port, number, 1),
            shown(f"GPIO{port}->OTYPER", 1 << number, 1 << number),
            shown(f"GPIO{port}->PUPDR", 1 << 2 * number, 3 << 2 * number),
        ],
    )


def _input(random: Random, of: Part) -> Program:
    port, number = free_pin(random, of)
    pull = random.choice(["up", "down"])
    init, read = random.choice(
        [("button_init", "button_pressed"), ("key_init", "key_read"), ("input_init", "input_read")]
    )
    field = 1 if pull == "up" else 2
    pressed = f"(GPIO{port}->IDR & (1U << {number})) {'==' if pull == 'up' else '!='} 0U"
    code = (
        function(
            init,
            of.clock(f"GPIO{port}"),
            mode(port, number, 0),
            f"GPIO{port}->PUPDR = (GPIO{port}->PUPDR & ~(3U << ({number} * 2))) | ({field}U << ({number} * 2));",
        )
        + "\n"
        + function(read, f"return {pressed};", gives="int")
    )
    needs = [*port_needs(port, number), rf"GPIO{port}->PUPDR", rf"GPIO{port}->IDR", init, read]
    words = {"pin": f"P{port}{number}", "fn": init, "read": read, "pull": f"pull-{pull}"}
    high, low = f"GPIO{port}->IDR = 1U << {number};", f"GPIO{port}->IDR = ~(1U << {number});"
    up = pull == "up"
    steps: list[Step] = [
        f"{init}();",
        *clocked(of, f"GPIO{port}"),
        is_mode(port, number, 0),
        shown(f"GPIO{port}->PUPDR", field << 2 * number, 3 << 2 * number),
        low,
        shown(f"{read}() != 0", int(up)),
        high,
        shown(f"{read}() != 0", int(not up)),
    ]
    return Program(words, code, needs, f"P{port}-{pull}", steps)


def _blink(random: Random, of: Part) -> Program:
    port, number = free_pin(random, of)
    code = function(
        "main",
        of.clock(f"GPIO{port}"),
        mode(port, number, 1),
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
        {"pin": f"P{port}{number}"},
        code,
        [*port_needs(port, number), rf"GPIO{port}->(ODR|BSRR)", r"\bintmain"],
        f"P{port}",
    )


def _set_clear(random: Random, of: Part) -> Program:
    port, number = free_pin(random, of)
    on, off = random.choice(
        [("led_on", "led_off"), ("pin_set", "pin_clear"), ("cs_high", "cs_low"), ("relay_on", "relay_off")]
    )
    code = (
        function(on, f"GPIO{port}->BSRR = 1U << {number};")
        + "\n"
        + function(off, f"GPIO{port}->BSRR = 1U << ({number} + 16);")
    )
    words = {"pin": f"P{port}{number}", "on": on, "off": off}
    state = level(port, number)
    none, all_on = f"GPIO{port}->BSRR = 0U;", f"GPIO{port}->ODR = 0xFFFFU;"
    steps: list[Step] = [f"{on}();", shown(state, 1), none, all_on, f"{off}();", shown(state, 0)]
    return Program(words, code, [rf"GPIO{port}->BSRR=", rf"\b{number}\b|{number + 16}", on, off], f"P{port}", steps)


def _follow(random: Random, of: Part) -> Program:
    port, number = free_pin(random, of)
    other, key = free_pin(random, of)
    while (other, key) == (port, number):
        other, key = free_pin(random, of)
    clocks = [of.clock(f"GPIO{one}") for one in dict.fromkeys((port, other))]
    code = function(
        "main",
        *clocks,
        mode(port, number, 1),
        mode(other, key, 0),
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
    needs = [*port_needs(port, number), rf"GPIO{other}->IDR", rf"GPIO{other}->PUPDR", rf"\b{key}\b"]
    return Program({"pin": f"P{port}{number}", "key": f"P{other}{key}"}, code, needs, f"P{port}P{other}")


def _alternate_function(random: Random, of: Part) -> Program | None:
    signal = random.choice(["TX", "RX", "SCK", "MOSI", "MISO", "CH1", "CH2", "CH3", "CH4"])
    found = signals(of, r"USART\d|UART\d|SPI\d|TIM\d+", signal)
    if not found:
        return None
    peripheral, pin, af = random.choice(found)
    name = f"{peripheral.lower()}_{signal.lower()}_pin"
    code = function(name, of.clock(f"GPIO{pin[1]}"), *alternate(pin, af).split("\n    "))
    needs = [
        *port_needs(pin[1], int(pin[2:])),
        rf"GPIO{pin[1]}->AFR\[{int(pin[2:]) // 8}\]",
        rf"\b{af}\b|{af}U|0x{af:X}",
        name,
    ]
    return Program(
        {"pin": pin, "signal": f"{peripheral}_{signal}", "fn": name},
        code,
        needs,
        f"{peripheral}-{signal}",
        [ALL, *is_alternate(of, pin, af)],
    )


def _byte_port(random: Random, of: Part) -> Program:
    port = random.choice("AB" if of.name == "STM32G431KB" else "ABC")
    low = random.choice([0, 8])
    code = function(
        "port_write", f"GPIO{port}->BSRR = (0xFFU << ({low} + 16)) | ((uint32_t)value << {low});", takes="uint8_t value"
    )
    return Program(
        {"pins": f"P{port}{low}..P{port}{low + 7}"},
        code,
        [rf"GPIO{port}->(BSRR|ODR)", "port_write"],
        f"P{port}{low}",
        [f"GPIO{port}->ODR = 0xF0F0U;", "port_write(0xA5);", shown(level(port, low, 8), 0xA5)],
    )


def _exti(random: Random, of: Part) -> Program:
    port, number = free_pin(random, of)
    edge = random.choice(["falling", "rising"])
    line = str(number) if number < 5 else "9_5" if number < 10 else "15_10"
    suffix = "" if of.is_f4 else "1"
    register = f"{'FTSR' if edge == 'falling' else 'RTSR'}{suffix}"
    at = f"({number % 4} * 4)"
    source = f"SYSCFG->EXTICR[{number // 4}]"
    code = (
        "volatile uint32_t presses;\n\n"
        + function(
            "exti_init",
            of.clock(f"GPIO{port}"),
            of.clock("SYSCFG"),
            mode(port, number, 0),
            f"{source} = ({source} & ~(15U << {at})) | ({'ABCDEFGH'.index(port)}U << {at});",
            f"EXTI->{register} |= 1U << {number};",
            f"EXTI->IMR{suffix} |= 1U << {number};",
            f"NVIC_EnableIRQ(EXTI{line}_IRQn);",
        )
        + "\n"
        + function(f"EXTI{line}_IRQHandler", f"EXTI->PR{suffix} = 1U << {number};", "presses++;")
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
    steps: list[Step] = [
        ALL,
        *clocked(of, f"GPIO{port}", "SYSCFG"),
        is_mode(port, number, 0),
        shown(source, "ABCDEFGH".index(port) << field, 15 << field),
        shown(f"EXTI->{register}", bit, bit),
        shown(f"EXTI->IMR{suffix}", bit, bit),
    ]
    return Program({"pin": f"P{port}{number}", "edge": edge}, code, needs, f"P{port}-{line}", steps)


def _adc(random: Random, of: Part) -> Program | None:
    if not of.is_f4:
        return None
    channel = random.choice([*range(10)])
    pin = f"PA{channel}" if channel < 8 else f"PB{channel - 8}"
    port, number = pin[1], int(pin[2:])
    code = (
        function(
            "adc_init",
            of.clock(f"GPIO{port}"),
            "RCC->APB2ENR |= RCC_APB2ENR_ADC1EN;",
            mode(port, number, 3),
            f"ADC1->SMPR2 |= 4U << ({channel} * 3);",
            f"ADC1->SQR3 = {channel}U;",
            "ADC1->CR2 |= ADC_CR2_ADON;",
        )
        + "\n"
        + function(
            "adc_read",
            "ADC1->CR2 |= ADC_CR2_SWSTART;",
            "while ((ADC1->SR & ADC_SR_EOC) == 0U)",
            "{",
            "}",
            "return (uint16_t)ADC1->DR;",
            gives="uint16_t",
        )
    )
    steps: list[Step] = [
        "adc_init();",
        *clocked(of, f"GPIO{port}", "ADC1"),
        is_mode(port, number, 3),
        shown("ADC1->CR2", 1, 1),
        "ADC1->SR = 2U;",
        "ADC1->DR = 0x123U;",
        shown("adc_read()", 0x123, 0xFFF),
        shown("ADC1->SQR3", channel, 31),
    ]
    needs = ["ADC1EN", "ADC1->SQR3", "SWSTART|<<30", "ADC1->DR", f"GPIO{port}->MODER", "adc_init", "adc_read"]
    return Program({"pin": pin, "ch": f"{channel}"}, code, needs, pin, steps)


KINDS: Mapping[str, Maker] = {
    "output": _output,
    "open-drain": _open_drain,
    "input": _input,
    "blink": _blink,
    "set-clear": _set_clear,
    "follow": _follow,
    "alternate-function": _alternate_function,
    "adc": _adc,
    "exti": _exti,
    "byte-port": _byte_port,
}
