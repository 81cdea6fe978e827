"""Timers in C for CMSIS registers: pulse widths, single pulses, counting, encoders, capture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kiki_tools.stm32.init import rates
from kiki_tools.stm32.init.families import bus, interrupt, is_advanced, is_wide
from kiki_tools.stm32.init.hal import labelled
from kiki_tools.stm32.init.hal_parts import period
from kiki_tools.stm32.init.pins import Placed
from kiki_tools.stm32.init.plan import Capture, Encoder, ImpossiblePlan, Pwm, Timer
from kiki_tools.stm32.init.register_adc import COMPARES
from kiki_tools.stm32.init.register_blocks import Block, active, acts, clock_on, enabled, pins_on, where_of
from kiki_tools.stm32.init.setup import Setup

_FILTER = 0x3
"""Eight equal samples of the timer's clock: rejects glitches of contacts and lines (RM0090, 18.4.7, ICxF)."""
_MMS_UPDATE = "TIM_CR2_MMS_1; /* TRGO at each update */"


def _clock(setup: Setup, port: str) -> int:
    return setup.tree.timer_clock(bus(setup.family, port))


def pwm(setup: Setup, number: int, one: Placed, wish: Pwm) -> Block:
    """Pulse widths on channels, with their inverses, around the middle, stopped by a break, or one at a time."""
    port, name = one.instance, one.instance.lower()
    if wish.one_pulse:
        return _one_pulse(setup, number, one, wish)
    counted = centred(setup, number, one, wish) if wish.aligned == "center" else period(
        setup, number, one, wish.frequency_hz
    )  # fmt: skip
    whole = counted.period if wish.aligned == "center" else counted.period + 1
    init = [
        *clock_on(setup, port),
        f"{port}->PSC = {counted.prescaler}U;",
        f"{port}->ARR = {counted.period}U; /* {counted.actual:.6g} Hz */",
        *pins_on(one, speed=1, open_drain=wish.open_drain),
    ]
    modes, outputs = [0, 0], []
    channels = sorted(wish.channels)
    for at, each in enumerate(channels):
        duty = wish.duties[at] if at < len(wish.duties) else wish.duty_percent
        modes[(each - 1) // 2] |= 0x68 << 8 * ((each - 1) % 2)
        outputs += [f"TIM_CCER_CC{each}E", *([f"TIM_CCER_CC{each}NE"] if wish.complementary else [])]
        if wish.inverted:
            outputs += [f"TIM_CCER_CC{each}P", *([f"TIM_CCER_CC{each}NP"] if wish.complementary else [])]
        init.append(f"{port}->CCR{each} = {round(whole * duty / 100)}U; /* {duty:g} % */")
    init += [f"{port}->CCMR{n + 1} = 0x{value:X}U; /* PWM 1, preloaded */" for n, value in enumerate(modes) if value]
    init.append(f"{port}->CCER = {' | '.join(outputs)};")
    init += _main_output(setup, number, one, wish)
    init += [f"{port}->CR2 = {_MMS_UPDATE}"] if wish.trigger else []
    centre = " | TIM_CR1_CMS_0" if wish.aligned == "center" else ""
    run = f"{port}->CR1 = TIM_CR1_ARPE | TIM_CR1_CEN{centre};"
    functions: list[tuple[str, Sequence[str]]] = []
    shared = []
    for each in channels:
        functions.append((f"void {name}_set_{each}(uint32_t per_mille)",
                          [f"uint64_t whole = (uint64_t){port}->ARR + {int(not centre)}U;",
                           f"{port}->CCR{each} = (uint32_t)(whole * per_mille / 1000U);"]))  # fmt: skip
        shared.append(f"void {name}_set_{each}(uint32_t per_mille); /* channel {each}'s share, 0 to 1000 */")
    if not wish.interrupt:
        return Block(name, [*init, f"{port}->EGR = TIM_EGR_UG;", run], (), functions, shared)
    vector, more, handler = _each_period(setup, port, name, wish.priority, [])
    init += [f"{port}->EGR = TIM_EGR_UG;", f"{port}->SR = 0U;", *more, run]
    shared.append(f"extern volatile uint32_t {name}_periods;")
    return Block(name, init, [f"volatile uint32_t {name}_periods;"], functions, shared, {vector: handler})


def centred(setup: Setup, number: int, one: Placed, wish: Pwm) -> rates.Count:
    """Prescaler and top of a count up and down: one period is twice the top (RM0090, 17.3.2); ``period``: the top."""
    clock = _clock(setup, one.instance)
    half = rates.count(clock, 2 * wish.frequency_hz, where_of(number, one), wide=is_wide(one.instance))
    top = half.period + 1
    if top > (2**32 - 1 if is_wide(one.instance) else 65535):
        top -= 1
    return rates.Count(half.prescaler, top, clock / (half.prescaler + 1) / (2 * top))


def _main_output(setup: Setup, number: int, one: Placed, wish: Pwm) -> list[str]:
    port = one.instance
    if not is_advanced(port):
        if wish.stop or wish.dead_time_ns:
            raise ImpossiblePlan(f"{where_of(number, one)}: {port} has neither a break input nor dead time; TIM1 has")
        return []
    dead = rates.dead_time(_clock(setup, port), wish.dead_time_ns, where_of(number, one))
    words = ["TIM_BDTR_MOE", *(["TIM_BDTR_BKE"] if wish.stop else []), *([f"{dead}U"] if dead else [])]
    said = f" /* at least {wish.dead_time_ns} ns between the two */" if dead else ""
    stop = [f"pin_function(GPIO{pin[1]}, {pin[2:]}U, {used.af}U, 0U, 0U, 1U); /* {pin}: BKIN, low stops */"
            for name, (pin, used) in one.pins.items() if name == "BKIN"]  # fmt: skip
    return [*stop, f"{port}->BDTR = {' | '.join(words)};{said}"]


def _one_pulse(setup: Setup, number: int, one: Placed, wish: Pwm) -> Block:
    """One pulse after each start, in PWM 2: off until CCR, on until the end (RM0090, 18.3.10)."""
    port, name, where = one.instance, one.instance.lower(), where_of(number, one)
    channel = min(wish.channels)
    clock, width = _clock(setup, port), wish.duty_percent / 100 / wish.frequency_hz
    delay = max(1 / wish.frequency_hz - width, 0.0)
    prescaler = max(1, -(-round((width + delay) * clock) // 65535))
    if prescaler > 65536 or round(width * clock / prescaler) < 1:
        raise ImpossiblePlan(f"{where}: a pulse of {width:g} s can't be counted from {clock} Hz")
    wait, on = max(1, round(delay * clock / prescaler)), round(width * clock / prescaler)
    mode, low = (channel - 1) // 2 + 1, 8 * ((channel - 1) % 2)
    modes = {mode: 0x70 << low}
    polarity = [f"TIM_CCER_CC{channel}P"] if wish.inverted else []
    init = [
        *clock_on(setup, port), *pins_on(one, speed=1),
        f"{port}->PSC = {prescaler - 1}U;",
        f"{port}->ARR = {wait + on - 1}U;",
        f"{port}->CCR{channel} = {wait}U; /* then {on * prescaler / clock * 1e6:.6g} us on */",
    ]  # fmt: skip
    if wish.starts in ("CH1", "CH2"):
        line = int(wish.starts[2])
        if line == channel:
            raise ImpossiblePlan(f"{where}: {wish.starts} can't start the pulse that it puts out")
        modes[1] = modes.get(1, 0) | 0x01 << 8 * (line - 1)
    init += [f"{port}->CCMR{n} = 0x{value:X}U; /* PWM 2 */" for n, value in sorted(modes.items())]
    init.append(f"{port}->CCER = {' | '.join([f'TIM_CCER_CC{channel}E', *polarity])};")
    init += _main_output(setup, number, one, wish)
    select = {"CH1": 5, "CH2": 6, "ETR": 7}.get(wish.starts)
    init.append(f"{port}->EGR = TIM_EGR_UG;")
    if select is not None:
        init.append(f"{port}->SMCR = ({select}U << 4) | 6U; /* {wish.starts}'s rising edge starts it */")
        return Block(name, [*init, f"{port}->CR1 = TIM_CR1_OPM;"])
    init.append(f"{port}->CR1 = TIM_CR1_OPM;")
    functions = [(f"void {name}_pulse(void)", [f"{port}->CR1 |= TIM_CR1_CEN;"])]
    return Block(name, init, (), functions, [f"void {name}_pulse(void); /* starts one pulse */"])


def _each_period(
    setup: Setup, port: str, name: str, priority: int, more: Sequence[str]
) -> tuple[str, list[str], list[str]]:
    """The vector of a timer's update, what enables it, and its handler."""
    vector = interrupt(setup.part.device, port, "UP")
    handler = [
        f"if (({port}->SR & TIM_SR_UIF) != 0U)", "{", f"  {port}->SR = ~TIM_SR_UIF;", f"  {name}_periods++;",
        *(f"  {line}" for line in more), "}",
    ]  # fmt: skip
    return vector, [f"{port}->DIER = TIM_DIER_UIE;", *enabled(vector, priority)], handler


def timer(setup: Setup, number: int, one: Placed, wish: Timer) -> Block:
    """A timer that counts a period, or freely at a rate."""
    port, name = one.instance, one.instance.lower()
    prescaler, top, said = counts(setup, number, one, wish)
    init = [
        *clock_on(setup, port),
        f"{port}->PSC = {prescaler}U;",
        f"{port}->ARR = {top}U; /* {said} */",
        f"{port}->EGR = TIM_EGR_UG;",
        f"{port}->SR = 0U;",
    ]
    init += _triggers(setup, port, top) if wish.trigger else []
    once = " | TIM_CR1_OPM" if wish.one_pulse else ""
    run = f"{port}->CR1 = TIM_CR1_ARPE{once}{'' if wish.one_pulse else ' | TIM_CR1_CEN'};"
    functions: list[tuple[str, Sequence[str]]] = []
    shared: list[str] = []
    if wish.one_pulse:
        functions.append((f"void {name}_start(void)", [f"{port}->CNT = 0U;", f"{port}->CR1 |= TIM_CR1_CEN;"]))
        shared.append(f"void {name}_start(void); /* one period */")
    if wish.tick_hz:
        functions.append((f"uint32_t {name}_now(void)", [f"return {port}->CNT;"]))
        shared.append(f"uint32_t {name}_now(void);")
    if not wish.interrupt:
        return Block(name, [*init, run], (), functions, shared)
    toggle = f"{wish.toggles}_PORT->ODR ^= {wish.toggles}_MASK;"
    more = [] if not wish.toggles else [toggle] if wish.every == 1 else [
        f"if ({name}_periods % {wish.every}U == 0U)", "{", f"  {toggle}", "}",
    ]  # fmt: skip
    variables = [f"volatile uint32_t {name}_periods;"]
    if wish.samples:
        more = [*_sampled(setup, number, one, wish), *more]
        variables.append(f"volatile uint32_t {wish.samples}_presses;")
    vector, enabling, handler = _each_period(setup, port, name, wish.priority, more)
    shared += [variable.replace("volatile", "extern volatile") for variable in variables]
    return Block(name, [*init, *enabling, run], variables, functions, shared,
                 {vector: handler})  # fmt: skip


def _sampled(setup: Setup, number: int, one: Placed, wish: Timer) -> list[str]:
    """An input that each period reads: a press counts, and does what the input is for, once the level was steady."""
    read = next((each for label, _, each in labelled(setup) if label == wish.samples and each.direction == "in"), None)
    if read is None:
        raise ImpossiblePlan(f"{where_of(number, one)}: there is no input {wish.samples} to read")
    return [
        "static uint32_t last, same, steady;", f"uint32_t level = {active(wish.samples, read)};",
        "same = level == last ? same + 1U : 1U;", "last = level;",
        f"if (same >= {wish.steady}U && level != steady) /* contacts bounce */", "{", "  steady = level;",
        "  if (level != 0U)", "  {", f"    {wish.samples}_presses++;", *(f"    {line}" for line in acts(read)),
        "  }", "}",
    ]  # fmt: skip


def counts(setup: Setup, number: int, one: Placed, wish: Timer) -> tuple[int, int, str]:
    """A timer's prescaler and top as its registers hold them, and what they come to."""
    if wish.prescaler >= 0 and wish.counts:
        actual = _clock(setup, one.instance) / (wish.prescaler + 1) / wish.counts
        return wish.prescaler, wish.counts - 1, f"{actual:.6g} Hz"
    if not wish.tick_hz:
        counted = period(setup, number, one, wish.frequency_hz)
        return counted.prescaler, counted.period, f"{counted.actual:.6g} Hz"
    prescaler, actual = rates.tick(_clock(setup, one.instance), wish.tick_hz, where_of(number, one))
    most = 0xFFFFFFFF if is_wide(one.instance) else 0xFFFF
    if wish.counts > most + 1:
        raise ImpossiblePlan(
            f"{where_of(number, one)}: {one.instance} counts to {most}, not to {wish.counts - 1}; "
            "TIM2 and TIM5 count 32 bits"
        )
    return prescaler, (wish.counts or most + 1) - 1, f"{actual:.6g} counts a second"


def _triggers(setup: Setup, port: str, top: int) -> list[str]:
    """TRGO at each update; on F4's TIM1, TIM4 and TIM5 the compare event too that the ADC takes from them."""
    init = [f"{port}->CR2 = {_MMS_UPDATE}"]
    each = COMPARES.get(port) if setup.family.name == "f4" else None
    if each is None:
        return init
    init += [
        f"{port}->CCR{each} = {(top + 1) // 2}U;",
        f"{port}->CCMR{(each - 1) // 2 + 1} = 0x{0x60 << 8 * ((each - 1) % 2):X}U; /* its edge starts conversions */",
        f"{port}->CCER = TIM_CCER_CC{each}E;",
    ]
    return [*init, f"{port}->BDTR = TIM_BDTR_MOE;"] if is_advanced(port) else init


def encoder(setup: Setup, one: Placed, wish: Encoder) -> Block:
    """A timer in encoder mode 3: it counts both edges of both inputs (RM0090, 18.3.12)."""
    port, name = one.instance, one.instance.lower()
    init = [
        *clock_on(setup, port),
        *pins_on(one, pull_up=wish.pull_ups),
        f"{port}->SMCR = 3U; /* encoder mode 3 */",
        f"{port}->CCMR1 = 0x{0x0101 | _FILTER << 4 | _FILTER << 12:X}U; /* both inputs, filtered */",
        f"{port}->CCER = 0U;",
        f"{port}->ARR = {wish.counts - 1}U;",
        f"{port}->CNT = 0U;",
        f"{port}->CR1 = TIM_CR1_CEN;",
    ]
    functions = [(f"uint32_t {name}_position(void)", [f"return {port}->CNT;"])]
    return Block(name, init, (), functions, [f"uint32_t {name}_position(void);"])


def capture(setup: Setup, number: int, one: Placed, wish: Capture) -> Block:
    """A timer that notes its count at an edge, and the counts since the edge before; or a pulse's period and width."""
    if wish.counts or wish.etr:
        made = _counter(setup, number, one, wish)
        return _gated(setup, one, wish, made) if wish.gate_ms else made
    port, name = one.instance, one.instance.lower()
    prescaler, actual = rates.tick(_clock(setup, port), wish.tick_hz, where_of(number, one))
    at = wish.channel
    mode, low = (at - 1) // 2 + 1, 8 * ((at - 1) % 2)
    edges = {"rising": 0, "falling": 0x2, "both": 0xA}[wish.edge]
    init = [
        *clock_on(setup, port),
        *pins_on(one),
        f"{port}->PSC = {prescaler}U; /* {actual:.6g} counts a second */",
        f"{port}->ARR = {'0xFFFFFFFFU' if wish.pwm and is_wide(port) else '0xFFFFU'};",
    ]
    if wish.pwm:
        init += _pwm_input(number, one, wish)
    else:
        init += [
            f"{port}->CCMR{mode} = 0x{(0x01 | _FILTER << 4) << low:X}U; /* channel {at} is an input, filtered */",
            f"{port}->CCER = 0x{(0x1 | edges) << 4 * (at - 1):X}U; /* {wish.edge} */",
        ]
    init += [f"{port}->EGR = TIM_EGR_UG;", f"{port}->SR = 0U;", f"{port}->DIER = 1U << {at}U; /* CC{at}IE */"]
    vector = interrupt(setup.part.device, port, "CC")
    init += [*enabled(vector, wish.priority), f"{port}->CR1 = TIM_CR1_CEN;"]
    if wish.pwm:
        taken = [f"  {name}_period = {port}->CCR{at};", f"  {name}_width = {port}->CCR{3 - at};"]
        of_kind = {f"{name}_period": "counts between rising edges", f"{name}_width": "counts that it was high"}
    else:
        taken = [f"  uint32_t now = {port}->CCR{at};", f"  {name}_period = (now - {name}_last) & 0xFFFFU;",
                 f"  {name}_last = now;"]  # fmt: skip
        of_kind = {f"{name}_period": "counts between the last two edges"}
    handler = [f"if (({port}->SR & (1U << {at}U)) != 0U)", "{", *taken, f"  {name}_edges++;", "}"]
    variables = [] if wish.pwm else [f"static volatile uint32_t {name}_last;"]
    variables += [f"volatile uint32_t {each};" for each in (*of_kind, f"{name}_edges")]
    shared = [f"extern volatile uint32_t {each}; /* {said} */" for each, said in of_kind.items()]
    return Block(name, init, variables, (), [*shared, f"extern volatile uint32_t {name}_edges;"], {vector: handler})


def _counter(setup: Setup, number: int, one: Placed, wish: Capture) -> Block:
    """A timer whose clock is its input: external clock mode 1 (RM0090, 18.3.3; RM0440, 30.4.5)."""
    port, name, at = one.instance, one.instance.lower(), wish.channel
    if wish.etr:
        return _etr_counter(setup, one, wish)
    both = wish.edge == "both"
    if at > 2 or (both and at != 1):
        raise ImpossiblePlan(f"{where_of(number, one)}: {'both edges' if both else 'edges'} are counted on channel 1"
                             f"{'' if both else ' or 2'}, not {at}")  # fmt: skip
    select = 4 if both else 4 + at  # TI1F_ED, TI1FP1, TI2FP2
    low = 8 * (at - 1)
    init = [
        *clock_on(setup, port),
        *pins_on(one),
        f"{port}->PSC = 0U;",
        f"{port}->ARR = {'0xFFFFFFFFU' if is_wide(port) else '0xFFFFU'};",
        f"{port}->CCMR1 = 0x{(0x01 | _FILTER << 4) << low:X}U; /* channel {at} is an input, filtered */",
        f"{port}->CCER = 0x{(0x2 if wish.edge == 'falling' else 0x0) << 4 * (at - 1):X}U; /* {wish.edge} */",
        f"{port}->SMCR = ({select}U << 4) | 7U; /* its edges are the clock */",
        f"{port}->EGR = TIM_EGR_UG;",
        f"{port}->CR1 = TIM_CR1_CEN;",
    ]
    functions = [(f"uint32_t {name}_count(void)", [f"return {port}->CNT;"])]
    return Block(
        name, init, (), functions, [f"uint32_t {name}_count(void); /* edges since the start, round and round */"]
    )


def _gated(setup: Setup, one: Placed, wish: Capture, made: Block) -> Block:
    """The count read and cleared by main, each so many milliseconds."""
    port, name = one.instance, one.instance.lower()
    ticks = max(1, round(wish.gate_ms * setup.tick_hz / 1000))
    loop = [f"if (ticks - due_{name}_gate >= {ticks}U)", "{", f"  due_{name}_gate += {ticks}U;",
            f"  {name}_counted = {port}->CNT;", f"  {port}->CNT = 0U;", "}"]  # fmt: skip
    shared = [*made.shared, f"extern volatile uint32_t {name}_counted; /* in {wish.gate_ms} ms */"]
    return replace(made, variables=[*made.variables, f"volatile uint32_t {name}_counted;"], loop=loop, shared=shared)


def _etr_counter(setup: Setup, one: Placed, wish: Capture) -> Block:
    """A timer whose clock is ETR: external clock mode 2 (RM0090, 18.3.3; RM0440, 30.4.6)."""
    port, name = one.instance, one.instance.lower()
    if wish.edge == "both":
        raise ImpossiblePlan(f"{port}: ETR counts rising or falling edges, not both")
    falling = " | (1U << 15)" if wish.edge == "falling" else ""
    init = [
        *clock_on(setup, port), *pins_on(one), f"{port}->PSC = 0U;",
        f"{port}->ARR = {'0xFFFFFFFFU' if is_wide(port) else '0xFFFFU'};",
        f"{port}->SMCR = 1U << 14{falling}; /* ECE: ETR's {wish.edge} edges are the clock */",
        f"{port}->EGR = TIM_EGR_UG;", f"{port}->CR1 = TIM_CR1_CEN;",
    ]  # fmt: skip
    functions = [(f"uint32_t {name}_count(void)", [f"return {port}->CNT;"])]
    return Block(name, init, (), functions, [f"uint32_t {name}_count(void);"])


_PWM_INPUT: Mapping[int, tuple[int, int, int]] = {1: (0x0201, 0x31, 5), 2: (0x0102, 0x13, 6)}
"""CCMR1, CCER and TS for the input: both channels take it, one its rising edge, one its falling (RM0090, 18.3.7)."""


def _pwm_input(number: int, one: Placed, wish: Capture) -> list[str]:
    port = one.instance
    if wish.channel not in _PWM_INPUT:
        raise ImpossiblePlan(f"{where_of(number, one)}: pulses are measured on channel 1 or 2, not {wish.channel}")
    modes, edges, select = _PWM_INPUT[wish.channel]
    return [
        f"{port}->CCMR1 = 0x{modes:X}U; /* both channels take the input of channel {wish.channel} */",
        f"{port}->CCER = 0x{edges:X}U; /* one notes rising edges, one falling */",
        f"{port}->SMCR = ({select}U << 4) | 4U; /* each rising edge begins anew */",
    ]
