"""One peripheral in C for ST's HAL: its handle, what MX_…_Init sets, what HAL_…_MspInit connects, its handler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kiki_tools.stm32.init import rates
from kiki_tools.stm32.init.families import bus, interrupt, is_advanced, is_wide
from kiki_tools.stm32.init.pins import Placed
from kiki_tools.stm32.init.plan import Adc, Can, I2c, ImpossiblePlan, Iwdg, Pwm, Rtc, Spi, Timer, Usart, Usb
from kiki_tools.stm32.init.setup import Setup


@dataclass(frozen=True, slots=True)
class Unit:
    """A peripheral's code. ``init``: the body of its MX function; ``vectors``: what each interrupt's handler calls;
    ``start``: what main calls once all is set up; ``modules``: of the HAL; ``loop``: what main does again and again;
    ``callbacks``: bodies of the HAL's callbacks by their signatures; ``variables``: theirs."""

    handle: str
    type: str
    instance: str
    function: str
    msp: str
    init: Sequence[str]
    modules: Sequence[str]
    start: Sequence[str] = ()
    vectors: Mapping[str, str] = field(default_factory=dict)
    clock: str = ""
    variables: Sequence[str] = ()
    loop: Sequence[str] = ()
    callbacks: Mapping[str, Sequence[str]] = field(default_factory=dict)


def unit(setup: Setup, number: int, one: Placed) -> Unit | None:
    """The code of a peripheral; None for pins and the tick, which have none of their own."""
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
            return _can(setup, number, one, one.wish)
        case Usb():
            return _usb(setup, one)
        case Rtc():
            return _rtc(one.wish)
        case Iwdg():
            return _iwdg(one.wish)
    return None


def checked(call: str) -> list[str]:
    """A call whose status is looked at."""
    return [f"if ({call} != HAL_OK)", "{", "  Error_Handler();", "}"]


def assigned(owner: str, fields: Mapping[str, object]) -> list[str]:
    """Assignments to a structure's fields."""
    return [f"{owner}.{name} = {value};" for name, value in fields.items()]


def digits(instance: str) -> str:
    """The number of an instance, as text."""
    return instance[len(instance.rstrip("0123456789")) :]


def where_of(number: int, one: Placed) -> str:
    """What a problem calls a peripheral."""
    return f"peripherals[{number}] ({one.instance})"


def frame(wish: Usart, where: str, *, seven: bool) -> int:
    """The bits of a word with its parity. Raises ImpossiblePlan for a frame that the port hasn't."""
    bits = wish.data_bits + (wish.parity != "none")
    if bits not in ((7, 8, 9) if seven else (8, 9)):
        raise ImpossiblePlan(f"{where}: {wish.data_bits} data bits with parity {wish.parity} aren't among its frames")
    return bits


def _usart(setup: Setup, number: int, one: Placed, wish: Usart) -> Unit:
    new = setup.family.name == "g4"
    clock = setup.tree.pclk(bus(setup.family, one.instance))
    where = where_of(number, one)
    rate = rates.baud(clock, wish.baud, where)
    handle = f"huart{digits(one.instance)}"
    fields: dict[str, object] = {
        "BaudRate": wish.baud,
        "WordLength": f"UART_WORDLENGTH_{frame(wish, where, seven=new)}B",
        "StopBits": f"UART_STOPBITS_{wish.stop_bits}",
        "Parity": f"UART_PARITY_{wish.parity.upper()}",
        "Mode": {"both": "UART_MODE_TX_RX", "tx": "UART_MODE_TX", "rx": "UART_MODE_RX"}[wish.direction],
        "HwFlowCtl": "UART_HWCONTROL_RTS_CTS" if wish.flow_control else "UART_HWCONTROL_NONE",
        "OverSampling": "UART_OVERSAMPLING_8" if rate.over8 else "UART_OVERSAMPLING_16",
    }
    if new:
        fields |= {"OneBitSampling": "UART_ONE_BIT_SAMPLE_DISABLE", "ClockPrescaler": "UART_PRESCALER_DIV1"}
    body = [f"{handle}.Instance = {one.instance};", *assigned(f"{handle}.Init", fields)]
    if new:
        body.append(f"{handle}.AdvancedInit.AdvFeatureInit = UART_ADVFEATURE_NO_INIT;")
    body += checked(f"HAL_UART_Init(&{handle})")
    vectors = {}
    if wish.interrupt or wish.dma:
        vectors[interrupt(setup.part.device, one.instance)] = f"HAL_UART_IRQHandler(&{handle});"
    start: list[str] = []
    if wish.greeting:
        text = wish.greeting.replace("\\", "\\\\").replace('"', '\\"')
        start = [
            f'static const uint8_t greeting{digits(one.instance)}[] = "{text}\\r\\n";',
            *checked(f"HAL_UART_Transmit(&{handle}, greeting{digits(one.instance)}, "
                     f"sizeof greeting{digits(one.instance)} - 1U, 1000U)"),
        ]  # fmt: skip
    variables, callbacks = [], {}
    if wish.interrupt and wish.direction != "tx" and "rx" not in wish.dma:
        byte = f"received{digits(one.instance)}"
        again = checked(f"HAL_UART_Receive_IT(&{handle}, &{byte}, 1U)")
        back = [f"(void)HAL_UART_Transmit(port, &{byte}, 1U, 10U);"] if wish.echo and wish.direction == "both" else []
        variables, start = [f"static uint8_t {byte}; /* the last one that came */"], [*start, *again]
        callbacks["void HAL_UART_RxCpltCallback(UART_HandleTypeDef *port)"] = [
            f"if (port->Instance == {one.instance})", "{", *(f"  {line}" for line in (*back, *again)), "}",
        ]  # fmt: skip
    loop: list[str] = []
    if wish.echo and wish.direction == "both" and not variables and not wish.dma:
        byte = f"byte{digits(one.instance)}"
        loop = [f"uint8_t {byte};", f"if (HAL_UART_Receive(&{handle}, &{byte}, 1U, 1U) == HAL_OK)", "{",
                f"  (void)HAL_UART_Transmit(&{handle}, &{byte}, 1U, 10U);", "}"]  # fmt: skip
    name = f"MX_{one.instance}_UART_Init" if one.instance.startswith("USART") else f"MX_{one.instance}_Init"
    return Unit(handle, "UART_HandleTypeDef", one.instance, name, "UART", body, ("UART",), start, vectors,
                variables=variables, loop=loop, callbacks=callbacks)  # fmt: skip


def _spi(setup: Setup, number: int, one: Placed, wish: Spi) -> Unit:
    clock = setup.tree.pclk(bus(setup.family, one.instance))
    divider = rates.spi_divider(clock, wish.max_hz, where_of(number, one)) if wish.role == "master" else 2
    handle = f"hspi{digits(one.instance)}"
    nss = "SPI_NSS_SOFT" if wish.nss == "soft" else f"SPI_NSS_HARD_{'OUTPUT' if wish.role == 'master' else 'INPUT'}"
    fields: dict[str, object] = {
        "Mode": f"SPI_MODE_{wish.role.upper()}",
        "Direction": "SPI_DIRECTION_2LINES_RXONLY" if wish.direction == "rx" else "SPI_DIRECTION_2LINES",
        "DataSize": f"SPI_DATASIZE_{wish.data_bits}BIT",
        "CLKPolarity": f"SPI_POLARITY_{'HIGH' if wish.mode >= 2 else 'LOW'}",
        "CLKPhase": f"SPI_PHASE_{2 if wish.mode % 2 else 1}EDGE",
        "NSS": nss,
        "BaudRatePrescaler": f"SPI_BAUDRATEPRESCALER_{divider}",
        "FirstBit": f"SPI_FIRSTBIT_{wish.order.upper()}",
        "TIMode": "SPI_TIMODE_DISABLE",
        "CRCCalculation": "SPI_CRCCALCULATION_DISABLE",
        "CRCPolynomial": 7,
    }
    if setup.family.name == "g4":
        fields |= {"CRCLength": "SPI_CRC_LENGTH_DATASIZE", "NSSPMode": "SPI_NSS_PULSE_DISABLE"}
    body = [f"{handle}.Instance = {one.instance};", *assigned(f"{handle}.Init", fields)]
    body += checked(f"HAL_SPI_Init(&{handle})")
    vectors = {}
    if wish.interrupt or wish.dma:
        vectors[interrupt(setup.part.device, one.instance)] = f"HAL_SPI_IRQHandler(&{handle});"
    return Unit(
        handle, "SPI_HandleTypeDef", one.instance, f"MX_{one.instance}_Init", "SPI", body, ("SPI",), (), vectors
    )


def _i2c(setup: Setup, number: int, one: Placed, wish: I2c) -> Unit:
    handle = f"hi2c{digits(one.instance)}"
    where = where_of(number, one)
    fields: dict[str, object]
    if setup.family.name == "g4":
        fields = {"Timing": f"0x{rates.i2c_new(setup.tree.pclk1, wish.speed_hz, where):08X}"}
    else:
        rates.i2c_old(setup.tree.pclk1, wish.speed_hz, where)
        fields = {"ClockSpeed": wish.speed_hz, "DutyCycle": "I2C_DUTYCYCLE_2"}
    fields |= {
        "OwnAddress1": wish.own_address << 1,
        "AddressingMode": "I2C_ADDRESSINGMODE_7BIT",
        "DualAddressMode": "I2C_DUALADDRESS_DISABLE",
        "OwnAddress2": 0,
        "GeneralCallMode": "I2C_GENERALCALL_DISABLE",
        "NoStretchMode": "I2C_NOSTRETCH_DISABLE",
    }
    if setup.family.name == "g4":
        fields["OwnAddress2Masks"] = "I2C_OA2_NOMASK"
    body = [f"{handle}.Instance = {one.instance};", *assigned(f"{handle}.Init", fields)]
    body += checked(f"HAL_I2C_Init(&{handle})")
    if setup.family.name == "g4" and wish.speed_hz > 400_000:
        body.append(f"HAL_I2CEx_EnableFastModePlus(I2C_FASTMODEPLUS_{one.instance});")
    vectors = {}
    if wish.interrupt or wish.dma:
        vectors = {
            interrupt(setup.part.device, one.instance, "EV"): f"HAL_I2C_EV_IRQHandler(&{handle});",
            interrupt(setup.part.device, one.instance, "ER"): f"HAL_I2C_ER_IRQHandler(&{handle});",
        }
    return Unit(
        handle, "I2C_HandleTypeDef", one.instance, f"MX_{one.instance}_Init", "I2C", body, ("I2C",), (), vectors
    )


F4_SAMPLES = (3, 15, 28, 56, 84, 112, 144, 480)
G4_SAMPLES = (2.5, 6.5, 12.5, 24.5, 47.5, 92.5, 247.5, 640.5)


def converter(setup: Setup, number: int, one: Placed, wish: Adc) -> tuple[int, float, int]:
    """A converter's clock divider, its sampling time in cycles, and that time's place among those that it has."""
    f4 = setup.family.name == "f4"
    clock, dividers = (setup.tree.pclk2, (2, 4, 6, 8)) if f4 else (setup.tree.hclk, (1, 2, 4))
    divider = next((each for each in dividers if clock / each <= setup.family.most_adc_hz), dividers[-1])
    samples = F4_SAMPLES if f4 else G4_SAMPLES
    cycles = rates.sampling(clock / divider, wish.sample_us, samples, where_of(number, one))
    return divider, cycles, samples.index(cycles)


def channel(one: Placed, name: str) -> int:
    """The converter's channel behind a pin."""
    return int(one.pins[name][1].signal.lstrip("INP"))


def _adc(setup: Setup, number: int, one: Placed, wish: Adc) -> Unit:
    f4 = setup.family.name == "f4"
    divider, cycles, _ = converter(setup, number, one, wish)
    handle = f"hadc{digits(one.instance)}"
    several = wish.channels > 1
    fields: dict[str, object] = {
        "ClockPrescaler": f"ADC_CLOCK_SYNC_PCLK_DIV{divider}",
        "Resolution": f"ADC_RESOLUTION_{wish.resolution_bits}B",
    }
    if not f4:
        fields |= {"GainCompensation": 0}
    fields |= {
        "ScanConvMode": ("ENABLE" if several else "DISABLE") if f4 else f"ADC_SCAN_{'EN' if several else 'DIS'}ABLE",
        "ContinuousConvMode": "ENABLE" if wish.continuous else "DISABLE",
        "DiscontinuousConvMode": "DISABLE",
        "ExternalTrigConvEdge": f"ADC_EXTERNALTRIGCONVEDGE_{'RISING' if wish.trigger else 'NONE'}",
        "ExternalTrigConv": f"ADC_EXTERNALTRIG{'CONV' if f4 else ''}_T{wish.trigger[3:]}_TRGO"
        if wish.trigger
        else "ADC_SOFTWARE_START",
        "DataAlign": "ADC_DATAALIGN_RIGHT",
        "NbrOfConversion": wish.channels,
        "DMAContinuousRequests": "ENABLE" if wish.dma else "DISABLE",
        "EOCSelection": "ADC_EOC_SEQ_CONV" if wish.dma or (several and wish.interrupt) else "ADC_EOC_SINGLE_CONV",
    }
    if not f4:
        fields |= {
            "LowPowerAutoWait": "DISABLE",
            "Overrun": "ADC_OVR_DATA_OVERWRITTEN",
            "OversamplingMode": "DISABLE",
        }
    body = ["ADC_ChannelConfTypeDef sConfig = {0};", ""]
    body += [f"{handle}.Instance = {one.instance};", *assigned(f"{handle}.Init", fields)]
    body += checked(f"HAL_ADC_Init(&{handle})")
    sample = str(cycles).replace(".", "CYCLES_") if not f4 else f"{cycles:.0f}CYCLES"
    for rank in range(1, wish.channels + 1):
        of_rank: dict[str, object] = {
            "Channel": f"ADC_CHANNEL_{channel(one, f'CH{rank}')}",
            "Rank": rank if f4 else f"ADC_REGULAR_RANK_{rank}",
            "SamplingTime": f"ADC_SAMPLETIME_{sample}",
        }
        if not f4:
            of_rank |= {"SingleDiff": "ADC_SINGLE_ENDED", "OffsetNumber": "ADC_OFFSET_NONE", "Offset": 0}
        body += ["", *assigned("sConfig", of_rank), *checked(f"HAL_ADC_ConfigChannel(&{handle}, &sConfig)")]
    if not f4:
        body += ["", *checked(f"HAL_ADCEx_Calibration_Start(&{handle}, ADC_SINGLE_ENDED)")]
    vectors = {}
    if wish.interrupt:
        vectors[interrupt(setup.part.device, one.instance)] = f"HAL_ADC_IRQHandler(&{handle});"
    start: list[str] = []
    variables: list[str] = []
    if wish.dma:
        values = f"values{digits(one.instance)}"
        variables = [f"static volatile uint16_t {values}[{wish.channels}]; /* kept up to date by DMA */"]
        start = checked(f"HAL_ADC_Start_DMA(&{handle}, (uint32_t *){values}, {wish.channels}U)")
    elif wish.interrupt or wish.continuous or wish.trigger:
        start = checked(f"HAL_ADC_Start{'_IT' if wish.interrupt else ''}(&{handle})")
    return Unit(handle, "ADC_HandleTypeDef", one.instance, f"MX_{one.instance}_Init", "ADC", body, ("ADC",), start,
                vectors, variables=variables)  # fmt: skip


def period(setup: Setup, number: int, one: Placed, hertz: float) -> rates.Count:
    """A timer's prescaler and period for a frequency."""
    clock = setup.tree.timer_clock(bus(setup.family, one.instance))
    return rates.count(clock, hertz, where_of(number, one), wide=is_wide(one.instance))


def _base(setup: Setup, number: int, one: Placed, hertz: float, handle: str) -> list[str]:
    counted = period(setup, number, one, hertz)
    fields: dict[str, object] = {
        "Prescaler": counted.prescaler,
        "CounterMode": "TIM_COUNTERMODE_UP",
        "Period": counted.period,
        "ClockDivision": "TIM_CLOCKDIVISION_DIV1",
        "RepetitionCounter": 0,
        "AutoReloadPreload": "TIM_AUTORELOAD_PRELOAD_ENABLE",
    }
    return [f"{handle}.Instance = {one.instance};", *assigned(f"{handle}.Init", fields)]


def _pwm(setup: Setup, number: int, one: Placed, wish: Pwm) -> Unit:
    handle = f"htim{digits(one.instance)}"
    advanced = is_advanced(one.instance)
    body = ["TIM_OC_InitTypeDef sConfigOC = {0};", ""]
    body += _base(setup, number, one, wish.frequency_hz, handle)
    body += checked(f"HAL_TIM_PWM_Init(&{handle})")
    pulse = round((period(setup, number, one, wish.frequency_hz).period + 1) * wish.duty_percent / 100)
    fields: dict[str, object] = {
        "OCMode": "TIM_OCMODE_PWM1", "Pulse": pulse, "OCPolarity": "TIM_OCPOLARITY_HIGH",
        "OCFastMode": "TIM_OCFAST_DISABLE",
    }  # fmt: skip
    if advanced:
        fields |= {
            "OCNPolarity": "TIM_OCNPOLARITY_HIGH", "OCIdleState": "TIM_OCIDLESTATE_RESET",
            "OCNIdleState": "TIM_OCNIDLESTATE_RESET",
        }  # fmt: skip
    body += assigned("sConfigOC", fields)
    start: list[str] = []
    for each in sorted(wish.channels):
        body += checked(f"HAL_TIM_PWM_ConfigChannel(&{handle}, &sConfigOC, TIM_CHANNEL_{each})")
        start += checked(f"HAL_TIM_PWM_Start(&{handle}, TIM_CHANNEL_{each})")
        start += checked(f"HAL_TIMEx_PWMN_Start(&{handle}, TIM_CHANNEL_{each})") if wish.complementary else []
    if wish.complementary:
        clock = setup.tree.timer_clock(bus(setup.family, one.instance))
        gap: dict[str, object] = {
            "DeadTime": rates.dead_time(clock, wish.dead_time_ns, where_of(number, one)),
            "OffStateRunMode": "TIM_OSSR_DISABLE", "OffStateIDLEMode": "TIM_OSSI_DISABLE",
            "LockLevel": "TIM_LOCKLEVEL_OFF", "BreakState": "TIM_BREAK_DISABLE",
            "BreakPolarity": "TIM_BREAKPOLARITY_HIGH", "AutomaticOutput": "TIM_AUTOMATICOUTPUT_DISABLE",
        }  # fmt: skip
        body = ["TIM_BreakDeadTimeConfigTypeDef sBreak = {0};", *body, "", *assigned("sBreak", gap)]
        body += checked(f"HAL_TIMEx_ConfigBreakDeadTime(&{handle}, &sBreak)")
    return Unit(handle, "TIM_HandleTypeDef", one.instance, f"MX_{one.instance}_Init", "TIM_PWM", body, ("TIM",), start)


def _timer(setup: Setup, number: int, one: Placed, wish: Timer) -> Unit:
    handle = f"htim{digits(one.instance)}"
    body = _base(setup, number, one, wish.frequency_hz, handle) + checked(f"HAL_TIM_Base_Init(&{handle})")
    vectors = {}
    if wish.interrupt:
        vectors[interrupt(setup.part.device, one.instance, "UP")] = f"HAL_TIM_IRQHandler(&{handle});"
    if wish.trigger:
        master: dict[str, object] = {"MasterOutputTrigger": "TIM_TRGO_UPDATE",
                                     "MasterSlaveMode": "TIM_MASTERSLAVEMODE_DISABLE"}  # fmt: skip
        body = ["TIM_MasterConfigTypeDef sMaster = {0};", *body, "", *assigned("sMaster", master)]
        body += checked(f"HAL_TIMEx_MasterConfigSynchronization(&{handle}, &sMaster)")
    start = checked(f"HAL_TIM_Base_Start{'_IT' if wish.interrupt else ''}(&{handle})")
    callbacks = {}
    if wish.toggles:
        callbacks["void HAL_TIM_PeriodElapsedCallback(TIM_HandleTypeDef *timer)"] = [
            f"if (timer->Instance == {one.instance})", "{",
            f"  HAL_GPIO_TogglePin({wish.toggles}_GPIO_Port, {wish.toggles}_Pin);", "}",
        ]  # fmt: skip
    return Unit(handle, "TIM_HandleTypeDef", one.instance, f"MX_{one.instance}_Init", "TIM_Base", body, ("TIM",),
                start, vectors, callbacks=callbacks)  # fmt: skip


def _can(setup: Setup, number: int, one: Placed, wish: Can) -> Unit:
    flexible = setup.family.name == "g4"
    bits = rates.can_bits(
        setup.tree.pclk1, wish.bitrate, wish.sample_percent / 100, where_of(number, one), flexible=flexible
    )
    device = setup.part.device
    if flexible:
        handle = f"hfdcan{digits(one.instance)}"
        mode = {"normal": "NORMAL", "loopback": "INTERNAL_LOOPBACK", "silent": "BUS_MONITORING"}[wish.mode]
        fields: dict[str, object] = {
            "ClockDivider": "FDCAN_CLOCK_DIV1", "FrameFormat": "FDCAN_FRAME_CLASSIC", "Mode": f"FDCAN_MODE_{mode}",
            "AutoRetransmission": "DISABLE" if wish.once else "ENABLE", "TransmitPause": "DISABLE",
            "ProtocolException": "DISABLE",
            "NominalPrescaler": bits.prescaler, "NominalSyncJumpWidth": bits.jump, "NominalTimeSeg1": bits.before,
            "NominalTimeSeg2": bits.after, "DataPrescaler": 1, "DataSyncJumpWidth": 1, "DataTimeSeg1": 1,
            "DataTimeSeg2": 1, "StdFiltersNbr": 0, "ExtFiltersNbr": 0, "TxFifoQueueMode": "FDCAN_TX_FIFO_OPERATION",
        }  # fmt: skip
        body = [f"{handle}.Instance = {one.instance};", *assigned(f"{handle}.Init", fields)]
        body += checked(f"HAL_FDCAN_Init(&{handle})")
        start = checked(f"HAL_FDCAN_Start(&{handle})")
        vectors = {}
        if wish.interrupt:
            start += checked(f"HAL_FDCAN_ActivateNotification(&{handle}, FDCAN_IT_RX_FIFO0_NEW_MESSAGE, 0U)")
            vectors[interrupt(device, one.instance, "IT0")] = f"HAL_FDCAN_IRQHandler(&{handle});"
        return Unit(
            handle, "FDCAN_HandleTypeDef", one.instance, f"MX_{one.instance}_Init", "FDCAN", body, ("FDCAN",),
            start, vectors, "fdcan",
        )  # fmt: skip
    handle = f"hcan{digits(one.instance)}"
    fields = {
        "Prescaler": bits.prescaler, "Mode": f"CAN_MODE_{wish.mode.upper()}", "SyncJumpWidth": f"CAN_SJW_{bits.jump}TQ",
        "TimeSeg1": f"CAN_BS1_{bits.before}TQ", "TimeSeg2": f"CAN_BS2_{bits.after}TQ", "TimeTriggeredMode": "DISABLE",
        "AutoBusOff": "ENABLE", "AutoWakeUp": "DISABLE", "AutoRetransmission": "DISABLE" if wish.once else "ENABLE",
        "ReceiveFifoLocked": "DISABLE", "TransmitFifoPriority": "DISABLE",
    }  # fmt: skip
    of_filter: dict[str, object] = {
        "FilterIdHigh": 0, "FilterIdLow": 0, "FilterMaskIdHigh": 0, "FilterMaskIdLow": 0,
        "FilterFIFOAssignment": "CAN_FILTER_FIFO0", "FilterBank": 14 if one.instance == "CAN2" else 0,
        "FilterMode": "CAN_FILTERMODE_IDMASK", "FilterScale": "CAN_FILTERSCALE_32BIT",
        "FilterActivation": "CAN_FILTER_ENABLE", "SlaveStartFilterBank": 14,
    }  # fmt: skip
    body = ["CAN_FilterTypeDef sFilter = {0};", ""]
    body += [f"{handle}.Instance = {one.instance};", *assigned(f"{handle}.Init", fields)]
    body += checked(f"HAL_CAN_Init(&{handle})")
    body += ["", "/* Every frame is taken. */", *assigned("sFilter", of_filter)]
    body += checked(f"HAL_CAN_ConfigFilter(&{handle}, &sFilter)")
    start = checked(f"HAL_CAN_Start(&{handle})")
    vectors = {}
    if wish.interrupt:
        start += checked(f"HAL_CAN_ActivateNotification(&{handle}, CAN_IT_RX_FIFO0_MSG_PENDING)")
        vectors[interrupt(device, one.instance, "RX0")] = f"HAL_CAN_IRQHandler(&{handle});"
    return Unit(
        handle, "CAN_HandleTypeDef", one.instance, f"MX_{one.instance}_Init", "CAN", body, ("CAN",), start, vectors
    )


def _usb(setup: Setup, one: Placed) -> Unit:
    if setup.family.name == "g4":
        handle, instance, name = "hpcd_USB_FS", "USB", "MX_USB_PCD_Init"
        fields: dict[str, object] = {
            "dev_endpoints": 8, "speed": "PCD_SPEED_FULL", "phy_itface": "PCD_PHY_EMBEDDED", "Sof_enable": "DISABLE",
            "low_power_enable": "DISABLE", "lpm_enable": "DISABLE", "battery_charging_enable": "DISABLE",
        }  # fmt: skip
    else:
        handle, instance, name = "hpcd_USB_OTG_FS", "USB_OTG_FS", "MX_USB_OTG_FS_PCD_Init"
        fields = {
            "dev_endpoints": 4, "speed": "PCD_SPEED_FULL", "dma_enable": "DISABLE",
            "phy_itface": "PCD_PHY_EMBEDDED", "Sof_enable": "DISABLE", "low_power_enable": "DISABLE",
            "lpm_enable": "DISABLE", "vbus_sensing_enable": "DISABLE", "use_dedicated_ep1": "DISABLE",
        }  # fmt: skip
    body = [f"{handle}.Instance = {instance};", *assigned(f"{handle}.Init", fields)]
    body += checked(f"HAL_PCD_Init(&{handle})")
    if setup.family.name == "g4":
        trimming: dict[str, object] = {
            "Prescaler": "RCC_CRS_SYNC_DIV1", "Source": "RCC_CRS_SYNC_SOURCE_USB",
            "Polarity": "RCC_CRS_SYNC_POLARITY_RISING",
            "ReloadValue": "__HAL_RCC_CRS_RELOADVALUE_CALCULATE(48000000U, 1000U)",
            "ErrorLimitValue": 34, "HSI48CalibrationValue": 64,
        }  # fmt: skip
        body = [
            "RCC_CRSInitTypeDef sCRS = {0};", "", *body, "",
            "/* The host's frames trim the oscillator: by itself it isn't exact enough for USB. */",
            "__HAL_RCC_CRS_CLK_ENABLE();", *assigned("sCRS", trimming), "HAL_RCCEx_CRSConfig(&sCRS);",
        ]  # fmt: skip
    vector = "USB_LP" if setup.family.name == "g4" else "OTG_FS"
    vectors = {vector: f"HAL_PCD_IRQHandler(&{handle});"}
    return Unit(handle, "PCD_HandleTypeDef", instance, name, "PCD", body, ("PCD",), (), vectors, "usb")


def _rtc(wish: Rtc) -> Unit:
    fields: dict[str, object] = {
        "HourFormat": "RTC_HOURFORMAT_24", "AsynchPrediv": 127, "SynchPrediv": 255 if wish.source == "lse" else 249,
        "OutPut": "RTC_OUTPUT_DISABLE", "OutPutPolarity": "RTC_OUTPUT_POLARITY_HIGH",
        "OutPutType": "RTC_OUTPUT_TYPE_OPENDRAIN",
    }  # fmt: skip
    body = ["hrtc.Instance = RTC;", *assigned("hrtc.Init", fields), *checked("HAL_RTC_Init(&hrtc)")]
    vectors = {}
    if wish.wakeup_s:
        body += ["", f"/* An interrupt every {wish.wakeup_s:g} s, which also wakes. */"]
        call = f"HAL_RTCEx_SetWakeUpTimer_IT(&hrtc, {wish.wakeup_s - 1:.0f}U, RTC_WAKEUPCLOCK_CK_SPRE_16BITS)"
        body += checked(call)
        vectors["RTC_WKUP"] = "HAL_RTCEx_WakeUpTimerIRQHandler(&hrtc);"
    return Unit("hrtc", "RTC_HandleTypeDef", "RTC", "MX_RTC_Init", "RTC", body, ("RTC",), (), vectors, wish.source)


def _iwdg(wish: Iwdg) -> Unit:
    divider, reload = rates.watchdog(wish.timeout_ms)
    body = assigned("hiwdg.Init", {"Prescaler": f"IWDG_PRESCALER_{divider}", "Reload": reload})
    return Unit("hiwdg", "IWDG_HandleTypeDef", "IWDG", "MX_IWDG_Init", "", ["hiwdg.Instance = IWDG;", *body], ("IWDG",))
