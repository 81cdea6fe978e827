"""What main does with values from one peripheral for another, again and again, in C for CMSIS registers."""

from __future__ import annotations

from collections.abc import Iterator

from kiki_tools.stm32.init.hal import labelled
from kiki_tools.stm32.init.plan import Capture, Encoder, Gpio, I2c, ImpossiblePlan, Pwm, Spi, Usart
from kiki_tools.stm32.init.setup import Setup


def coupled(setup: Setup) -> list[str]:
    """The lines of main's loop: outputs in turn, bytes that set pulse widths or are passed on, values that are sent."""
    lines = _turns(setup)
    ports = [(one.instance.lower(), one.wish) for _, one in setup.each(Usart) if isinstance(one.wish, Usart)]
    for name, wish in ports:
        taken = [
            f"  {line}" for line in (*_commanded(name, wish), *_widths(setup, "byte"), *_passed(name, wish, ports))
        ]
        if taken and wish.direction != "tx":
            lines += [f"for (int value = {name}_read(); value >= 0; value = {name}_read())", "{", *taken, "}"]
        if wish.quiet_ms and wish.lights:
            label, ticks = wish.lights, max(1, round(wish.quiet_ms * setup.tick_hz / 1000))
            lines.append(f"{label}_PORT->BSRR = ticks - {name}_since >= {ticks}U ? {label}_MASK : {label}_MASK << 16;")
        if wish.values and wish.direction != "rx" and (wish.repeat_ms or set(wish.values) != {"device"}):
            ticks = max(1, round((wish.repeat_ms or 1000) * setup.tick_hz / 1000))
            lines += [f"if (ticks - due_{name}_values >= {ticks}U)", "{", f"  due_{name}_values += {ticks}U;",
                      *(f"  {line}" for line in _sent(setup, name, wish)), "}"]  # fmt: skip
    return [*lines, *_widths(setup, "encoder"), *_fades(setup)]


def sent_once(setup: Setup) -> list[str]:
    """What main sends before its loop: the answer of a device that is asked once."""
    ports = [(one.instance.lower(), one.wish) for _, one in setup.each(Usart) if isinstance(one.wish, Usart)]
    once = [each for each in ports if set(each[1].values) == {"device"} and not each[1].repeat_ms]
    return [line for name, wish in once if wish.direction != "rx" for line in _sent(setup, name, wish)]


_ACTS = {"sets": "{0}_PORT->BSRR = {0}_MASK;", "clears": "{0}_PORT->BSRR = {0}_MASK << 16;",
         "toggles": "{0}_PORT->ODR ^= {0}_MASK;"}  # fmt: skip


def _commanded(name: str, wish: Usart) -> list[str]:
    """What the bytes that come do to outputs, and their echo."""
    lines = []
    for each in wish.commands:
        byte, act, label = each.split()
        char = chr(int(byte, 16))
        lines += [
            f"if (value == {repr(char) if char.isalnum() and char.isascii() else byte})",
            "{",
            f"  {_ACTS[act].format(label)}",
            "}",
        ]
    if wish.commands and wish.echo:
        lines += ["char back[2] = {(char)value, '\\0'};", f"{name}_write(back);"]
    return lines


def _turns(setup: Setup) -> list[str]:
    """Outputs of which one is on at a time, each for its own time."""
    turns = [(name, wish.turn_ms) for name, _, wish in labelled(setup) if wish.turn_ms and wish.direction == "out"]
    if not turns:
        return []
    body = ["due_turn = ticks;"]
    body += [
        f"{name}_PORT->BSRR = step_turn == {at}U ? {name}_MASK : {name}_MASK << 16;"
        for at, (name, _) in enumerate(turns)
    ]
    times = [
        f"step_turn == {at}U ? {max(1, round(each * setup.tick_hz / 1000))}U" for at, (_, each) in enumerate(turns)
    ]
    last = " : ".join([*times[:-1], times[-1].split("? ")[1]])
    body[0:0] = [f"step_turn = (step_turn + 1U) % {len(turns)}U;"]
    return [f"if (ticks - due_turn >= ({last}))", "{", *(f"  {line}" for line in body), "}"]


def _widths(setup: Setup, by: str) -> list[str]:
    """Pulse widths that follow a byte called ``value``, or an encoder's position."""
    lines = []
    position = next((f"{one.instance.lower()}_position()" for _, one in setup.each(Encoder)), "")
    source = "(uint32_t)value" if by == "byte" else position
    for _, one in setup.each(Pwm):
        wish = one.wish
        if isinstance(wish, Pwm) and wish.follows and wish.by == by and source:
            share = f"{source} >= {wish.most}U ? 1000U : {source} * 1000U / {wish.most}U"
            lines += [f"{one.instance.lower()}_set_{each}({share});" for each in sorted(wish.channels)]
    return lines


def _fades(setup: Setup) -> list[str]:
    """Pulse widths that rise and fall again, straight, by the tick."""
    lines = []
    for _, one in setup.each(Pwm):
        wish = one.wish
        if isinstance(wish, Pwm) and wish.fade_ms:
            half, name = max(1, round(wish.fade_ms * setup.tick_hz / 2000)), one.instance.lower()
            lines.append(f"uint32_t {name}_at = ticks % {2 * half}U;")
            share = f"({name}_at < {half}U ? {name}_at : {2 * half}U - {name}_at) * 1000U / {half}U"
            lines += [f"{name}_set_{each}({share});" for each in sorted(wish.channels)]
    return lines


def _passed(name: str, wish: Usart, ports: list[tuple[str, Usart]]) -> list[str]:
    others = [other for other, its in ports if other != name and its.direction != "rx"]
    if not wish.forwards:
        return []
    if len(others) != 1:
        raise ImpossiblePlan(f"{name.upper()}: what comes is passed on to one other port; there are {len(others)}")
    return ["char text[2] = {(char)value, '\\0'};", f"{others[0]}_write(text);"]


def _sent(setup: Setup, port: str, wish: Usart) -> Iterator[str]:
    """Values as a line of numbers."""
    sources: list[str] = []
    for _, one in setup.each(Encoder):
        sources += [f"{one.instance.lower()}_position()"] if "encoder" in wish.values else []
    for _, one in setup.each(Capture):
        name, made = one.instance.lower(), one.wish
        assert isinstance(made, Capture)
        if "frequency" in wish.values and not (made.counts or made.etr):
            sources.append(f"({name}_period > 0U ? {made.tick_hz}U / {name}_period : 0U)")
        if "period" in wish.values and not (made.counts or made.etr):
            sources.append(f"{name}_period")
        if "width" in wish.values and made.pwm:
            sources.append(f"{name}_width")
        if "count" in wish.values and (made.counts or made.etr):
            sources.append(f"{name}_counted" if made.gate_ms else f"{name}_count()")
    for name, _, pin in labelled(setup):
        if "edges" in wish.values and isinstance(pin, Gpio) and pin.edge != "none":
            sources.append(f"{name}_edges")
    if "uptime" in wish.values:
        sources.append(f"ticks / {setup.tick_hz}U")
    read: list[tuple[str, int]] = []
    if "device" in wish.values:
        for _, one in (*setup.each(I2c), *setup.each(Spi)):
            made = one.wish
            count = made.reads if isinstance(made, I2c) else 0
            if isinstance(made, Spi):
                count = len(made.command) if made.overlaps else made.reply
            read += [(one.instance.lower(), count)] if count else []
    for of, count in read:
        called = f"{port}_hex({of}_values[at])" if wish.hexadecimal else f"{port}_number({of}_values[at])"
        yield from (f"for (uint32_t at = 0U; at < {count}U; at++)", "{", f"  {called};", f'  {port}_write(" ");', "}")
    if read and not sources:
        yield f'{port}_write("\\r\\n");'
        return
    if not sources:
        raise ImpossiblePlan(f"{port.upper()}: there is nothing in the plan of {', '.join(wish.values)} to send")
    for at, each in enumerate(sources):
        yield f"{port}_number({each});"
        end = " " if at + 1 < len(sources) else "\\r\\n"
        yield f'{port}_write("{end}");'
