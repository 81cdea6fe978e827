"""An init in C for ST's HAL: the files that CubeMX would write, by their names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kiki_tools.stm32.clocks import shown
from kiki_tools.stm32.device import Function
from kiki_tools.stm32.init.families import clock_name
from kiki_tools.stm32.init.hal_more import clock_output, only_registers, sleeping, unit_more
from kiki_tools.stm32.init.hal_parts import Unit, assigned, checked, digits, unit
from kiki_tools.stm32.init.pins import Placed
from kiki_tools.stm32.init.plan import Adc, Dac, Encoder, Gpio, I2c, Iwdg, Rtc, Usart
from kiki_tools.stm32.init.setup import Dma, Setup, summary

_STRUCTURES = ("GPIO_InitTypeDef GPIO_InitStruct = {0};", "RCC_PeriphCLKInitTypeDef PeriphClkInit = {0};")
_CORE = ("GPIO", "EXTI", "DMA", "RCC", "FLASH", "PWR", "CORTEX")


def files(setup: Setup) -> dict[str, str]:
    """The files: main.c, main.h, the interrupts, the MSP and the HAL's configuration.

    Raises:
        ImpossiblePlan: for what only the register style has.
    """
    only_registers(setup)
    units = [
        (number, one, made)
        for number, one in enumerate(setup.placed)
        if (made := unit(setup, number, one) or unit_more(setup, number, one)) is not None
    ]
    prefix = setup.family.prefix
    return {
        "main.h": _main_h(setup),
        "main.c": _main(setup, units),
        f"{prefix}_it.c": _interrupts(setup, units),
        f"{prefix}_hal_msp.c": _msp(setup, units),
        f"{prefix}_hal_conf.h": _configuration(setup, units),
    }


_Units = Sequence[tuple[int, Placed, Unit]]


def head(setup: Setup, what: str) -> list[str]:
    """The comment at the top of a file."""
    return ["/*", f" * {what}", " *", *(f" * {line}" for line in summary(setup)), " */", ""]


def function(signature: str, body: Sequence[str], comment: str = "") -> list[str]:
    """A function's lines."""
    inside = [f"  {line}" if line else "" for line in body]
    return [*([f"/* {comment} */"] if comment else []), signature, "{", *inside, "}", ""]


def labelled(setup: Setup) -> list[tuple[str, str, Gpio]]:
    """The pins of one's own: name, pin, wish."""
    found = []
    for _, one in setup.each(Gpio):
        assert isinstance(one.wish, Gpio)
        pin = one.pins["PIN"][0]
        found.append((one.wish.label or pin, pin, one.wish))
    return found


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


def _main_h(setup: Setup) -> str:
    lines = [
        "/* Names of the pins, and what the files share. */", "#ifndef MAIN_H", "#define MAIN_H", "",
        f'#include "{setup.family.prefix}_hal.h"', "",
    ]  # fmt: skip
    for name, pin, _ in labelled(setup):
        lines += [f"#define {name}_Pin GPIO_PIN_{pin[2:]}", f"#define {name}_GPIO_Port GPIO{pin[1]}"]
    return _text([*lines, "", "void Error_Handler(void);", "", "#endif"])


def _main(setup: Setup, units: _Units) -> str:
    lines = head(setup, "Sets the clocks and peripherals up.")
    greetings = [one.wish.greeting for _, one in setup.each(Usart) if isinstance(one.wish, Usart) and one.wish.greeting]
    lines += [f'/* @expect uart "{_quoted(text)}" */' for text in greetings]
    lines += ['#include "main.h"', ""]
    lines += [f"{made.type} {made.handle};" for _, _, made in units]
    lines += [f"DMA_HandleTypeDef {name};" for name, _ in _dma_handles(setup, units)]
    lines += [line for _, _, made in units for line in made.variables]
    setups = [f"static void {name}(void);" for name in _functions(setup, units)]
    lines += ["", "static void SystemClock_Config(void);", *setups, ""]
    body = ["HAL_Init();", "SystemClock_Config();", *(f"{name}();" for name in _functions(setup, units)), ""]
    for _, _, made in units:
        body += made.start
    watched = any(isinstance(one.wish, Iwdg) for one in setup.placed)
    loop = [*_again(setup), *(line for _, _, made in units for line in made.loop)]
    loop += checked("HAL_IWDG_Refresh(&hiwdg)") if watched else []
    loop += sleeping(setup)
    due = re.findall(r"^ *(due_\w+) \+=", "\n".join(loop), re.MULTILINE)
    body += [f"uint32_t {name} = HAL_GetTick();" for name in due]
    body += ["for (;;)", "{", *(f"  {line}" for line in loop), "}"]
    lines += function("int main(void)", body)
    lines += function("static void SystemClock_Config(void)", clock_body(setup), _clock_comment(setup))
    lines += function("static void MX_GPIO_Init(void)", _gpio_body(setup))
    if setup.dma:
        lines += function("static void MX_DMA_Init(void)", _dma_body(setup))
    for _, _, made in units:
        lines += function(f"static void {made.function}(void)", made.init)
        if made.function == "MX_IWDG_Init":
            lines[-2:-2] = [f"  {line}" for line in checked("HAL_IWDG_Init(&hiwdg)")]
    for signature, inside in _callbacks(setup, units).items():
        lines += function(signature, inside)
    lines += function("void Error_Handler(void)", ["__disable_irq();", "for (;;)", "{", "}"])
    return _text(lines)


def _again(setup: Setup) -> list[str]:
    """What main does again after so many milliseconds: lamps that blink, texts that are sent."""
    lines: list[str] = []
    for name, _, wish in labelled(setup):
        if wish.blink_hz:
            lines += _each(name, 500 / wish.blink_hz, [f"HAL_GPIO_TogglePin({name}_GPIO_Port, {name}_Pin);"])
    for _, one in setup.each(Usart):
        wish_of, number = one.wish, digits(one.instance)
        assert isinstance(wish_of, Usart)
        if wish_of.repeat_ms and wish_of.greeting and wish_of.direction != "rx":
            sent = f"HAL_UART_Transmit(&huart{number}, greeting{number}, sizeof greeting{number} - 1U, 1000U)"
            lines += _each(f"text{number}", wish_of.repeat_ms, checked(sent))
    return lines


def _each(name: str, milliseconds: float, what: Sequence[str]) -> list[str]:
    """Something done every so many milliseconds."""
    counts = max(1, round(milliseconds))
    inside = [f"  {line}" for line in (f"due_{name} += {counts}U;", *what)]
    return [f"if (HAL_GetTick() - due_{name} >= {counts}U)", "{", *inside, "}"]


def _callbacks(setup: Setup, units: _Units) -> dict[str, list[str]]:
    """The HAL's callbacks, each with what all peripherals do in it."""
    found: dict[str, list[str]] = {}
    for _, _, made in units:
        for signature, inside in made.callbacks.items():
            found.setdefault(signature, []).extend(inside)
    for name, _, wish in labelled(setup):
        if wish.toggles:
            found.setdefault("void HAL_GPIO_EXTI_Callback(uint16_t pin)", []).extend(
                [f"if (pin == {name}_Pin)", "{",
                 f"  HAL_GPIO_TogglePin({wish.toggles}_GPIO_Port, {wish.toggles}_Pin);", "}"]
            )  # fmt: skip
    return found


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("*/", "* /")


def _functions(setup: Setup, units: _Units) -> list[str]:
    watchdog_last = sorted(units, key=lambda each: each[2].function == "MX_IWDG_Init")
    names = [made.function for _, _, made in watchdog_last]
    return ["MX_GPIO_Init", *(["MX_DMA_Init"] if setup.dma else []), *names]


def _clock_comment(setup: Setup) -> str:
    tree = setup.tree
    return f"SYSCLK {shown(tree.sysclk)}, AHB {shown(tree.hclk)}, APB1 {shown(tree.pclk1)}, APB2 {shown(tree.pclk2)}"


def clock_body(setup: Setup) -> list[str]:
    """SystemClock_Config's body."""
    tree, f4 = setup.tree, setup.family.name == "f4"
    body = ["RCC_OscInitTypeDef RCC_OscInitStruct = {0};", "RCC_ClkInitTypeDef RCC_ClkInitStruct = {0};", ""]
    if f4:
        body += ["__HAL_RCC_PWR_CLK_ENABLE();", f"__HAL_PWR_VOLTAGESCALING_CONFIG({tree.scale});", ""]
    else:
        body += [*checked(f"HAL_PWREx_ControlVoltageScaling({tree.scale})"), ""]
    rtc = next((one.wish for one in setup.placed if isinstance(one.wish, Rtc)), None)
    watched = any(isinstance(one.wish, Iwdg) for one in setup.placed)
    kinds = [tree.source]
    kinds += ["LSE"] if rtc is not None and rtc.source == "lse" else []
    kinds += ["LSI"] if (rtc is not None and rtc.source == "lsi") or watched else []
    kinds += ["HSI48"] if tree.usb == "HSI48" else []
    if "LSE" in kinds:
        body += ["HAL_PWR_EnableBkUpAccess();", *([] if f4 else ["__HAL_RCC_LSEDRIVE_CONFIG(RCC_LSEDRIVE_LOW);"]), ""]
    fields: dict[str, object] = {"OscillatorType": " | ".join(f"RCC_OSCILLATORTYPE_{kind}" for kind in kinds)}
    for kind in kinds:
        state = "RCC_HSE_BYPASS" if kind == "HSE" and tree.bypass else f"RCC_{kind}_ON"
        fields[f"{kind}State"] = state
        if kind == "HSI":
            fields["HSICalibrationValue"] = "RCC_HSICALIBRATION_DEFAULT"
    fields["PLL.PLLState"] = "RCC_PLL_ON" if tree.pll else "RCC_PLL_NONE"
    if tree.pll:
        fields |= {
            "PLL.PLLSource": f"RCC_PLLSOURCE_{tree.source}",
            "PLL.PLLM": tree.pll.m if f4 else f"RCC_PLLM_DIV{tree.pll.m}",
            "PLL.PLLN": tree.pll.n,
            "PLL.PLLP": f"RCC_PLLP_DIV{tree.pll.output if f4 else 2}",
            "PLL.PLLQ": tree.pll.q if f4 else f"RCC_PLLQ_DIV{tree.pll.q}",
        }
        if not f4:
            fields["PLL.PLLR"] = f"RCC_PLLR_DIV{tree.pll.output}"
        elif re.match(r"STM32F4(?:46|1[023]|23|[67]9)", setup.plan.device):
            fields["PLL.PLLR"] = 2
    body += [*assigned("RCC_OscInitStruct", fields), *checked("HAL_RCC_OscConfig(&RCC_OscInitStruct)")]
    if tree.overdrive:
        body += ["", *checked("HAL_PWREx_EnableOverDrive()")]
    sources = "RCC_SYSCLKSOURCE_PLLCLK" if tree.pll else f"RCC_SYSCLKSOURCE_{tree.source}"
    buses: dict[str, object] = {
        "ClockType": "RCC_CLOCKTYPE_HCLK | RCC_CLOCKTYPE_SYSCLK | RCC_CLOCKTYPE_PCLK1 | RCC_CLOCKTYPE_PCLK2",
        "SYSCLKSource": sources,
        "AHBCLKDivider": f"RCC_SYSCLK_DIV{tree.ahb}",
        "APB1CLKDivider": f"RCC_HCLK_DIV{tree.apb1}",
        "APB2CLKDivider": f"RCC_HCLK_DIV{tree.apb2}",
    }
    body += ["", *assigned("RCC_ClkInitStruct", buses)]
    body += checked(f"HAL_RCC_ClockConfig(&RCC_ClkInitStruct, FLASH_LATENCY_{tree.latency})")
    if setup.tick_hz != 1000:
        body += ["", *checked(f"HAL_SetTickFreq(HAL_TICK_FREQ_{setup.tick_hz}HZ)")]
    return [*body, *clock_output(setup)]


def _gpio_body(setup: Setup) -> list[str]:
    pins = labelled(setup)
    ports = setup.ports
    if setup.tree.source == "HSE":
        crystal = {
            pin[1]
            for pin, functions in setup.part.device.pins.items()
            if any(each.name == "RCC_OSC_IN" for each in functions)
        }
        ports = sorted({*ports, *crystal})
    body = ["GPIO_InitTypeDef GPIO_InitStruct = {0};", ""] if pins else []
    body += [f"__HAL_RCC_GPIO{port}_CLK_ENABLE();" for port in ports]
    for name, _, wish in pins:
        if wish.direction == "out":
            state = "GPIO_PIN_SET" if wish.initial else "GPIO_PIN_RESET"
            body += ["", f"HAL_GPIO_WritePin({name}_GPIO_Port, {name}_Pin, {state});"]
        else:
            body.append("")
        body += assigned("GPIO_InitStruct", {"Pin": f"{name}_Pin", **_pin_fields(wish)})
        body.append(f"HAL_GPIO_Init({name}_GPIO_Port, &GPIO_InitStruct);")
    for line in _lines(pins):
        body += ["", f"HAL_NVIC_SetPriority({line}_IRQn, 5, 0);", f"HAL_NVIC_EnableIRQ({line}_IRQn);"]
    return body


def _pin_fields(wish: Gpio) -> dict[str, object]:
    pull = {"none": "GPIO_NOPULL", "up": "GPIO_PULLUP", "down": "GPIO_PULLDOWN"}[wish.pull]
    if wish.direction == "out":
        mode = "GPIO_MODE_OUTPUT_OD" if wish.open_drain else "GPIO_MODE_OUTPUT_PP"
        return {"Mode": mode, "Pull": pull, "Speed": f"GPIO_SPEED_FREQ_{wish.speed.upper()}"}
    edges = {"none": "GPIO_MODE_INPUT", "rising": "GPIO_MODE_IT_RISING", "falling": "GPIO_MODE_IT_FALLING",
             "both": "GPIO_MODE_IT_RISING_FALLING"}  # fmt: skip
    return {"Mode": edges[wish.edge], "Pull": pull}


def line_of(pin: str) -> str:
    """The interrupt of a pin's line: EXTI0 to EXTI4, EXTI9_5, EXTI15_10."""
    number = int(pin[2:])
    return f"EXTI{number}" if number < 5 else "EXTI9_5" if number < 10 else "EXTI15_10"


def _lines(pins: Sequence[tuple[str, str, Gpio]]) -> list[str]:
    return sorted({line_of(pin) for _, pin, wish in pins if wish.edge != "none"})


def _dma_handles(setup: Setup, units: _Units) -> Iterator[tuple[str, Dma]]:
    for number, one, _ in units:
        for direction in ("rx", "tx"):
            if (dma := setup.dma.get((number, direction))) is not None:
                way = "" if isinstance(one.wish, Adc) else f"_{direction}"
                yield f"hdma_{one.instance.lower()}{way}", dma


def _dma_body(setup: Setup) -> list[str]:
    body = [f"__HAL_RCC_{name}_CLK_ENABLE();" for name in sorted({dma.controller for dma in setup.dma.values()})]
    if setup.part.channels:
        body.insert(0, "__HAL_RCC_DMAMUX1_CLK_ENABLE();")
    for stream in sorted(dma.stream for dma in setup.dma.values()):
        body += ["", f"HAL_NVIC_SetPriority({stream}_IRQn, 5, 0);", f"HAL_NVIC_EnableIRQ({stream}_IRQn);"]
    return body


def _interrupts(setup: Setup, units: _Units) -> str:
    lines = ["/* Handlers of exceptions and interrupts. */", '#include "main.h"', ""]
    lines += [f"extern {made.type} {made.handle};" for _, _, made in units if made.vectors]
    handles = list(_dma_handles(setup, units))
    lines += [f"extern DMA_HandleTypeDef {name};" for name, _ in handles]
    lines.append("")
    for name in ("NMI", "HardFault", "MemManage", "BusFault", "UsageFault"):
        lines += function(f"void {name}_Handler(void)", ["for (;;)", "{", "}"])
    for name in ("SVC", "DebugMon", "PendSV"):
        lines += function(f"void {name}_Handler(void)", [])
    lines += function("void SysTick_Handler(void)", ["HAL_IncTick();"])
    vectors: dict[str, list[str]] = {}
    for name, pin, wish in labelled(setup):
        if wish.edge != "none":
            vectors.setdefault(line_of(pin), []).append(f"HAL_GPIO_EXTI_IRQHandler({name}_Pin);")
    for name, dma in handles:
        vectors.setdefault(dma.stream, []).append(f"HAL_DMA_IRQHandler(&{name});")
    for _, _, made in units:
        for vector, call in made.vectors.items():
            vectors.setdefault(vector, []).append(call)
    for vector, calls in sorted(vectors.items()):
        lines += function(f"void {vector}_IRQHandler(void)", calls)
    return _text(lines)


def alternate_name(one: Function) -> str:
    """The HAL's name of an alternate function: `GPIO_AF7_USART2`."""
    return f"GPIO_AF{one.af}_{'OTG_FS' if one.peripheral == 'USB_OTG_FS' else one.peripheral}"


def _msp(setup: Setup, units: _Units) -> str:
    lines = ["/* Clocks, pins, DMA and interrupts of the peripherals. */", '#include "main.h"', ""]
    handles = list(_dma_handles(setup, units))
    lines += [f"extern DMA_HandleTypeDef {name};" for name, _ in handles]
    lines.append("")
    syscfg = ["__HAL_RCC_SYSCFG_CLK_ENABLE();", "__HAL_RCC_PWR_CLK_ENABLE();"]
    if setup.family.name == "g4":
        syscfg += ["", "/* The dead-battery pull-downs of UCPD would pull PB4 and PB6. */"]
        syscfg.append("HAL_PWREx_DisableUCPDDeadBattery();")
    lines += function("void HAL_MspInit(void)", syscfg)
    by_msp: dict[str, list[tuple[int, Placed, Unit]]] = {}
    for number, one, made in units:
        if made.msp:
            by_msp.setdefault(made.msp, []).append((number, one, made))
    for msp, members in by_msp.items():
        handle = f"h{msp.split('_')[0].lower()}"
        bodies: list[str] = []
        for number, one, made in members:
            inside = _connected(setup, number, one, made, handle)
            first = "else if" if bodies else "if"
            bodies += [
                f"{first} ({handle}->Instance == {made.instance})",
                "{",
                *(f"  {x}" if x else "" for x in inside),
            ]
            bodies.append("}")
        declared = [line for line in _STRUCTURES if any(line.split()[1] in each for each in bodies)]
        signature = f"void HAL_{msp}_MspInit({members[0][2].type} *{handle})"
        lines += function(signature, [*declared, *([""] if declared else []), *bodies])
    return _text(lines)


def _connected(setup: Setup, number: int, one: Placed, made: Unit, handle: str) -> list[str]:
    """What connects one peripheral: clock, pins, DMA, interrupts."""
    body = _kernel_clock(setup, made)
    clock = clock_name(setup.family, made.instance)
    if made.instance == "RTC":
        return [
            *body,
            "__HAL_RCC_RTC_ENABLE();",
            *(["__HAL_RCC_RTCAPB_CLK_ENABLE();"] if clock and setup.family.name == "g4" else []),
        ]
    if made.instance == "CAN2":
        body.append("__HAL_RCC_CAN1_CLK_ENABLE();")
    body.append(f"__HAL_RCC_{clock}_CLK_ENABLE();")
    body += [f"__HAL_RCC_GPIO{port}_CLK_ENABLE();" for port in sorted({pin[1] for pin, _ in one.pins.values()})]
    groups: dict[tuple[str, str], list[str]] = {}
    for pin, used in one.pins.values():
        if used.af is not None or isinstance(one.wish, Adc | Dac):
            name = alternate_name(used) if used.af is not None else ""
            groups.setdefault((pin[1], name), []).append(pin)
    for (port, alternate), pins in groups.items():
        fields: dict[str, object] = {"Pin": " | ".join(f"GPIO_PIN_{pin[2:]}" for pin in pins)}
        if not alternate:
            fields |= {"Mode": "GPIO_MODE_ANALOG", "Pull": "GPIO_NOPULL"}
        else:
            pulled = isinstance(one.wish, I2c | Encoder) and one.wish.pull_ups
            slow = made.msp.startswith("TIM") or isinstance(one.wish, I2c)
            fields |= {
                "Mode": "GPIO_MODE_AF_OD" if isinstance(one.wish, I2c) else "GPIO_MODE_AF_PP",
                "Pull": "GPIO_PULLUP" if pulled else "GPIO_NOPULL",
                "Speed": "GPIO_SPEED_FREQ_LOW" if slow else "GPIO_SPEED_FREQ_VERY_HIGH",
                "Alternate": alternate,
            }
        body += ["", *assigned("GPIO_InitStruct", fields), f"HAL_GPIO_Init(GPIO{port}, &GPIO_InitStruct);"]
    for direction in ("rx", "tx"):
        if (dma := setup.dma.get((number, direction))) is not None:
            body += ["", *_stream(setup, one, direction, dma, handle)]
    for vector in made.vectors:
        body += ["", f"HAL_NVIC_SetPriority({vector}_IRQn, 5, 0);", f"HAL_NVIC_EnableIRQ({vector}_IRQn);"]
    return body


def _kernel_clock(setup: Setup, made: Unit) -> list[str]:
    """Where a peripheral's own clock is chosen."""
    fields: dict[str, object]
    if made.clock in ("lse", "lsi"):
        fields = {"PeriphClockSelection": "RCC_PERIPHCLK_RTC",
                  "RTCClockSelection": f"RCC_RTCCLKSOURCE_{made.clock.upper()}"}  # fmt: skip
    elif made.clock == "fdcan":
        fields = {"PeriphClockSelection": "RCC_PERIPHCLK_FDCAN", "FdcanClockSelection": "RCC_FDCANCLKSOURCE_PCLK1"}
    elif made.clock == "usb" and setup.family.name == "g4":
        fields = {"PeriphClockSelection": "RCC_PERIPHCLK_USB", "UsbClockSelection": "RCC_USBCLKSOURCE_HSI48"}
    else:
        return []
    return [*assigned("PeriphClkInit", fields), *checked("HAL_RCCEx_PeriphCLKConfig(&PeriphClkInit)"), ""]


def _stream(setup: Setup, one: Placed, direction: str, dma: Dma, handle: str) -> list[str]:
    analogue = isinstance(one.wish, Adc)
    name = f"hdma_{one.instance.lower()}" + ("" if analogue else f"_{direction}")
    wide = analogue or getattr(one.wish, "data_bits", 8) == 16
    size = "HALFWORD" if wide else "BYTE"
    signal = one.instance if analogue else f"{one.instance}_{direction.upper()}"
    mux = bool(setup.part.channels)
    fields: dict[str, object] = (
        {"Request": f"DMA_REQUEST_{signal}"} if mux else {"Channel": f"DMA_CHANNEL_{dma.request}"}
    )
    fields |= {
        "Direction": "DMA_MEMORY_TO_PERIPH" if direction == "tx" else "DMA_PERIPH_TO_MEMORY",
        "PeriphInc": "DMA_PINC_DISABLE",
        "MemInc": "DMA_MINC_ENABLE",
        "PeriphDataAlignment": f"DMA_PDATAALIGN_{size}",
        "MemDataAlignment": f"DMA_MDATAALIGN_{size}",
        "Mode": "DMA_CIRCULAR" if analogue else "DMA_NORMAL",
        "Priority": "DMA_PRIORITY_LOW",
    }
    if not mux:
        fields["FIFOMode"] = "DMA_FIFOMODE_DISABLE"
    linked = "DMA_Handle" if analogue else f"hdma{direction}"
    return [
        f"{name}.Instance = {dma.stream};",
        *assigned(f"{name}.Init", fields),
        *checked(f"HAL_DMA_Init(&{name})"),
        f"__HAL_LINKDMA({handle}, {linked}, {name});",
    ]


def _configuration(setup: Setup, units: _Units) -> str:
    prefix = setup.family.prefix
    guard = f"{prefix.upper()}_HAL_CONF_H"
    modules = list(dict.fromkeys([*_CORE, *sorted({each for _, _, made in units for each in made.modules})]))
    hse = setup.plan.clock.hse_hz
    values = {
        "HSE_VALUE": f"{hse}U", "HSE_STARTUP_TIMEOUT": "100U", "HSI_VALUE": "16000000U", "HSI48_VALUE": "48000000U",
        "LSI_VALUE": "32000U", "LSE_VALUE": "32768U", "LSE_STARTUP_TIMEOUT": "5000U", "EXTERNAL_CLOCK_VALUE": "48000U",
        "VDD_VALUE": "3300U", "TICK_INT_PRIORITY": "15U", "USE_RTOS": "0U",
        "PREFETCH_ENABLE": "1U" if setup.family.name == "f4" else "0U", "INSTRUCTION_CACHE_ENABLE": "1U",
        "DATA_CACHE_ENABLE": "1U", "USE_SPI_CRC": "0U",
    }  # fmt: skip
    lines = ["/* Which modules of the HAL are used, and what they must know of the board. */"]
    lines += [f"#ifndef {guard}", f"#define {guard}", "", "#define HAL_MODULE_ENABLED"]
    lines += [f"#define HAL_{module}_MODULE_ENABLED" for module in modules]
    lines += ["", *(f"#define {name} {value}" for name, value in values.items()), ""]
    order = [
        "RCC",
        "GPIO",
        "EXTI",
        "DMA",
        "CORTEX",
        *(m for m in modules if m not in ("RCC", "GPIO", "EXTI", "DMA", "CORTEX")),
    ]
    lines += [f'#include "{prefix}_hal_{module.lower()}.h"' for module in order]
    return _text([*lines, "", "#define assert_param(expr) ((void)0U)", "", "#endif"])
