"""Plans of an init: what is refused and why, which pins, clocks, rates and DMA are chosen."""

import json

import pytest

from kiki_tools.stm32.init import compiled, rates
from kiki_tools.stm32.init.plan import ImpossiblePlan, read, schema
from kiki_tools.stm32.init.setup import Setup, solved

Wish = dict[str, object]


def solution(*peripherals: Wish, device: str = "STM32F446RE", style: str = "hal", **clock: object) -> Setup:
    plan = {"device": device, "style": style, "clock": clock, "peripherals": list(peripherals)}
    return solved(read(json.loads(json.dumps(plan))))


def problem(*peripherals: Wish, device: str = "STM32F446RE", style: str = "hal", **clock: object) -> str:
    plan = {"device": device, "style": style, "clock": clock, "peripherals": list(peripherals)}
    with pytest.raises(ImpossiblePlan) as told:
        compiled.files(read(json.loads(json.dumps(plan))))
    return str(told.value)


def pins(setup: Setup, number: int = 0) -> dict[str, str]:
    return {signal: pin for signal, (pin, _) in setup.placed[number].pins.items()}


# -- the JSON --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"kind": "usrt"}, "did you mean usart?"),
        ({"kind": "usart", "bauds": 9600}, "did you mean baud?"),
        ({"kind": "usart", "baud": "fast"}, "integer expected"),
        ({"kind": "usart", "baud": True}, "integer expected"),
        ({"kind": "usart", "baud": 1}, "isn't within 300"),
        ({"kind": "usart", "parity": "mark"}, "isn't among none, even, odd"),
        ({"kind": "usart", "pins": {"CK": "PA1"}}, "no signal 'CK'"),
        ({"kind": "usart", "pins": {"TX": "PA99"}}, "a pin such as PA9 expected"),
        ({"kind": "pwm", "channels": [1, 1]}, "different ones"),
        ({"kind": "gpio", "label": "9 lives"}, "isn't what is expected"),
        ({"kind": "adc", "sample_us": float("nan")}, "isn't within"),
        ("usart", "is no kind of peripheral"),
    ],
)
def test_what_the_schema_refuses_is_told_at_its_place(entry: object, says: str) -> None:
    with pytest.raises(ImpossiblePlan) as told:
        read({"device": "STM32F446RE", "peripherals": [entry]})
    assert "peripherals[0]" in str(told.value)
    assert says in str(told.value)


def test_every_problem_of_a_plan_is_told() -> None:
    with pytest.raises(ImpossiblePlan) as told:
        read({"devise": "STM32F446RE", "peripherals": [{"kind": "usart", "baud": 1}, {"kind": "can", "mode": "loud"}]})
    assert len(told.value.problems) == 4


def test_the_schema_names_every_kind_and_closes_every_object() -> None:
    found = schema()
    kinds = found["properties"]["peripherals"]["items"]["oneOf"]
    assert {"usart", "spi", "i2c", "adc", "pwm", "can", "gpio", "usb", "rtc"} <= {
        each["properties"]["kind"]["const"] for each in kinds
    }
    assert all(each["additionalProperties"] is False and each["description"] for each in kinds)
    json.dumps(found)


# -- devices and instances -------------------------------------------------------------------------------------------


def test_an_unknown_device_is_met_with_the_nearest() -> None:
    assert "did you mean" in problem(device="STM32F447RE")
    assert "STM32F446RE" in problem(device="STM32F447RE")
    assert "doesn't compile an init for STM32F1" in problem(device="STM32F103C8")


def test_a_peripheral_that_the_device_lacks_is_told_with_those_that_it_has() -> None:
    assert "it has USART1, USART2, USART6" in problem({"kind": "usart", "instance": "USART3"}, device="STM32F411CE")
    assert "STM32F411CE has no CAN" in problem({"kind": "can"}, device="STM32F411CE")
    assert "already taken" in problem(*[{"kind": "usart"}] * 4, device="STM32F411CE")


def test_instances_are_chosen_apart() -> None:
    setup = solution(*[{"kind": "usart"}] * 4, *[{"kind": "pwm"}] * 3)
    instances = [one.instance for one in setup.placed]
    assert len(set(instances)) == 7


# -- pins ------------------------------------------------------------------------------------------------------------


def test_usual_pins_are_chosen() -> None:
    assert pins(solution({"kind": "usart"})) == {"TX": "PA2", "RX": "PA3"}
    assert pins(solution({"kind": "spi"})) == {"SCK": "PA5", "MISO": "PA6", "MOSI": "PA7"}


def test_wished_pins_choose_the_instance() -> None:
    setup = solution({"kind": "usart", "pins": {"TX": "PC6"}})
    assert (setup.placed[0].instance, pins(setup)["TX"]) == ("USART6", "PC6")


def test_every_pin_is_used_once_and_has_the_function() -> None:
    wishes: list[Wish] = [
        {"kind": "usart"}, {"kind": "usart"}, {"kind": "spi", "nss": "hard"}, {"kind": "spi"}, {"kind": "i2c"},
        {"kind": "adc", "channels": 8}, {"kind": "pwm", "channels": [1, 2, 3, 4]}, {"kind": "can"}, {"kind": "usb"},
        *[{"kind": "gpio"}] * 8,
    ]  # fmt: skip
    setup = solution(*wishes, source="HSE", sysclk_hz=168_000_000)
    used = [pin for one in setup.placed for pin, _ in one.pins.values()]
    assert len(used) == len(set(used)) == 37
    assert not {"PA13", "PA14", "PH0", "PH1"} & set(used), "the debugger's and the crystal's stay free"
    for one in setup.placed:
        for pin, function in one.pins.values():
            assert function.name.startswith("GPIO") or function in setup.part.device.functions(pin)


def test_a_tight_plan_moves_earlier_pins_to_make_room() -> None:
    setup = solution({"kind": "adc", "instance": "ADC1", "channels": 16}, {"kind": "spi", "instance": "SPI1"})
    assert pins(setup, 1) == {"SCK": "PB3", "MISO": "PB4", "MOSI": "PB5"}


def test_conflicts_are_explained() -> None:
    both = problem({"kind": "usart", "instance": "USART2", "pins": {"TX": "PA2"}}, {"kind": "gpio", "pin": "PA2"})
    assert "can't have PA2: USART2 TX has it" in both
    wrong = problem({"kind": "usart", "instance": "USART2", "pins": {"TX": "PA9"}})
    assert "PA9 has no USART2 TX; it has" in wrong
    assert "USART2_TX comes out of PA2, PD5" in wrong or "USART2_TX comes out of PA2" in wrong
    assert "debugger's (SWD)" in problem({"kind": "gpio", "pin": "PA13"})
    assert "crystal's (HSE)" in problem({"kind": "gpio", "pin": "PH0"}, source="HSE")
    many = problem(*[{"kind": "gpio"}] * 47, {"kind": "usart"})
    assert "need" in many
    assert "can only have" in many
    assert "has no pin PK1" in problem({"kind": "gpio", "pin": "PK1"})


def test_pins_that_interrupt_have_lines_of_their_own() -> None:
    setup = solution(*[{"kind": "gpio", "direction": "in", "edge": "rising"}] * 12)
    lines = [pin[2:] for one in setup.placed for pin, _ in one.pins.values()]
    assert len(set(lines)) == 12
    shared = problem(
        {"kind": "gpio", "direction": "in", "edge": "rising", "pin": "PA1"},
        {"kind": "gpio", "direction": "in", "edge": "rising", "pin": "PB1"},
    )
    assert "share the interrupt line EXTI1" in shared


# -- clocks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("device", "source", "crystal", "wish"),
    [
        ("STM32F446RE", "HSE", 8_000_000, 180_000_000),
        ("STM32F446RE", "HSI", 8_000_000, 84_000_000),
        ("STM32F407VG", "HSE", 25_000_000, 168_000_000),
        ("STM32F411CE", "HSE", 25_000_000, 100_000_000),
        ("STM32F401RE", "HSI", 8_000_000, 0),
        ("STM32G474RE", "HSE", 24_000_000, 170_000_000),
        ("STM32G431KB", "HSI", 8_000_000, 144_000_000),
        ("STM32F446RE", "HSE", 8_000_000, 8_000_000),
    ],
)
def test_the_clock_tree_is_exact_and_within_limits(device: str, source: str, crystal: int, wish: int) -> None:
    setup = solution(device=device, source=source, hse_hz=crystal, sysclk_hz=wish)
    tree, family = setup.tree, setup.family
    assert tree.sysclk == (wish or setup.part.device.max_hz)
    if tree.pll is not None:
        into = tree.source_hz / tree.pll.m
        assert family.pll_input[0] <= into <= family.pll_input[1]
        assert into * tree.pll.n / tree.pll.output == tree.sysclk
        assert family.oscillator[0] <= into * tree.pll.n <= family.oscillator[1]
    assert tree.pclk1 <= setup.part.device.max_hz / (4 if device in ("STM32F446RE", "STM32F407VG") else 1)
    states = setup.part.device.wait_states
    assert states[max(states)][tree.latency] >= tree.sysclk


def test_usb_has_48_mhz() -> None:
    tree = solution({"kind": "usb"}, source="HSE", sysclk_hz=168_000_000).tree
    assert tree.pll is not None
    assert tree.source_hz / tree.pll.m * tree.pll.n / tree.pll.q == 48_000_000
    told = problem({"kind": "usb"}, source="HSE", sysclk_hz=180_000_000)
    assert "48 MHz for USB" in told
    assert "168 MHz" in told, "the nearest that works is offered"


def test_clocks_out_of_reach_are_told_with_what_can_be_had() -> None:
    assert "goes up to 180 MHz" in problem(sysclk_hz=200_000_000)
    assert "near are" in problem(sysclk_hz=167_123_456)
    assert "takes a crystal of 4 MHz to 26 MHz" in problem(source="HSE", hse_hz=48_000_000)


# -- rates and DMA ---------------------------------------------------------------------------------------------------


def test_baud_rates_are_near_or_refused() -> None:
    assert rates.baud(84_000_000, 115_200, "here").actual == pytest.approx(115_200, rel=0.001)
    fast = rates.baud(42_000_000, 4_200_000, "here")
    assert (fast.over8, fast.brr) == (True, 0x12)
    assert "at most" in problem({"kind": "usart", "baud": 12_000_000})
    assert "within 2 %" in problem({"kind": "usart", "baud": 1_940_000}, sysclk_hz=16_000_000)


def test_timers_are_exact_where_they_can_be() -> None:
    counted = rates.count(84_000_000, 10.0, "here", wide=False)
    assert counted.actual == 10
    assert counted.period <= 0xFFFF
    assert rates.count(84_000_000, 0.1, "here", wide=True).prescaler == 0
    assert "too slow" in problem({"kind": "timer", "frequency_hz": 0.001, "instance": "TIM6"})


def test_can_bits_are_exact() -> None:
    bits = rates.can_bits(42_000_000, 500_000, 0.875, "here", flexible=False)
    assert bits.actual == 500_000
    assert abs(bits.sample - 0.875) < 0.03
    assert "can't be made exactly" in problem({"kind": "can", "bitrate": 800_000}, sysclk_hz=25_000_000)


@pytest.mark.parametrize(("speed", "low_ns"), [(100_000, 4700), (400_000, 1300), (1_000_000, 500)])
def test_i2c_timing_keeps_the_bus_specification(speed: int, low_ns: int) -> None:
    clock = 170_000_000
    timing = rates.i2c_new(clock, speed, "here")
    unit = ((timing >> 28) + 1) / clock
    low, high = (timing & 0xFF) + 1, (timing >> 8 & 0xFF) + 1
    assert low * unit * 1e9 >= low_ns - 50 - 2e9 / clock
    assert (low + high) * unit + 2 * (50e-9 + 2 / clock) == pytest.approx(1 / speed, rel=0.03)


def test_the_watchdog_waits_at_least_as_long() -> None:
    for milliseconds in (1, 10, 1000, 32_000):
        divider, reload = rates.watchdog(milliseconds)
        assert (reload + 1) * divider / 32 >= milliseconds


def test_dma_streams_serve_and_are_apart() -> None:
    setup = solution(*[{"kind": "spi", "dma": ["tx", "rx"]}] * 3, {"kind": "usart", "dma": ["tx", "rx"]})
    assert len({dma.stream for dma in setup.dma.values()}) == 8
    for (number, way), dma in setup.dma.items():
        signal = f"{setup.placed[number].instance}_{way.upper()}"
        assert signal in setup.part.device.dma[dma.stream, dma.request]
    mux = solution({"kind": "usart", "instance": "USART2", "dma": ["rx"]}, device="STM32G474RE")
    assert mux.dma[0, "rx"].request == 26
    crowd = problem({"kind": "adc", "instance": "ADC1", "dma": True}, {"kind": "adc", "instance": "ADC2", "dma": True},
                    {"kind": "adc", "instance": "ADC3", "dma": True}, *[{"kind": "spi", "dma": ["tx", "rx"]}] * 3,
                    {"kind": "usart", "instance": "USART1", "dma": ["rx", "tx"]},
                    {"kind": "usart", "instance": "USART6", "dma": ["rx", "tx"]})  # fmt: skip
    assert "need a DMA stream each" in crowd
