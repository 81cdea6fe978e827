"""Which constants the fields of the HAL's and LL's structures take, and the arguments of the HAL's functions.

From the documentation of the structures in ST's HAL drivers ("This parameter can be a value of …"). A pattern stands
for all names that begin with it; `|` separates several.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

_STRUCTURES: Mapping[str, Mapping[str, str]] = {
    "GPIO": {"Pin": "GPIO_PIN_", "Mode": "GPIO_MODE_", "Pull": "GPIO_NOPULL|GPIO_PULLUP|GPIO_PULLDOWN",
             "Speed": "GPIO_SPEED_", "Alternate": "GPIO_AF"},
    "UART": {"WordLength": "UART_WORDLENGTH_", "StopBits": "UART_STOPBITS_", "Parity": "UART_PARITY_",
             "Mode": "UART_MODE_", "HwFlowCtl": "UART_HWCONTROL_", "OverSampling": "UART_OVERSAMPLING_",
             "OneBitSampling": "UART_ONE_BIT_SAMPLE_|UART_ONEBIT_SAMPLING_", "ClockPrescaler": "UART_PRESCALER_"},
    "USART": {"WordLength": "USART_WORDLENGTH_", "StopBits": "USART_STOPBITS_", "Parity": "USART_PARITY_",
              "Mode": "USART_MODE_", "CLKPolarity": "USART_POLARITY_", "CLKPhase": "USART_PHASE_",
              "CLKLastBit": "USART_LASTBIT_", "ClockPrescaler": "USART_PRESCALER_"},
    "SPI": {"Mode": "SPI_MODE_", "Direction": "SPI_DIRECTION_", "DataSize": "SPI_DATASIZE_",
            "CLKPolarity": "SPI_POLARITY_", "CLKPhase": "SPI_PHASE_", "NSS": "SPI_NSS_SOFT|SPI_NSS_HARD",
            "BaudRatePrescaler": "SPI_BAUDRATEPRESCALER_", "FirstBit": "SPI_FIRSTBIT_", "TIMode": "SPI_TIMODE_",
            "CRCCalculation": "SPI_CRCCALCULATION_", "CRCLength": "SPI_CRC_LENGTH_", "NSSPMode": "SPI_NSS_PULSE_"},
    "I2S": {"Mode": "I2S_MODE_", "Standard": "I2S_STANDARD_", "DataFormat": "I2S_DATAFORMAT_",
            "MCLKOutput": "I2S_MCLKOUTPUT_", "AudioFreq": "I2S_AUDIOFREQ_", "CPOL": "I2S_CPOL_",
            "ClockSource": "I2S_CLOCK_", "FullDuplexMode": "I2S_FULLDUPLEXMODE_"},
    "I2C": {"AddressingMode": "I2C_ADDRESSINGMODE_", "DualAddressMode": "I2C_DUALADDRESS_",
            "GeneralCallMode": "I2C_GENERALCALL_", "NoStretchMode": "I2C_NOSTRETCH_", "DutyCycle": "I2C_DUTYCYCLE_",
            "OwnAddress2Masks": "I2C_OA2_"},
    "TIM_Base": {"CounterMode": "TIM_COUNTERMODE_", "ClockDivision": "TIM_CLOCKDIVISION_",
                 "AutoReloadPreload": "TIM_AUTORELOAD_PRELOAD_"},
    "TIM_OC": {"OCMode": "TIM_OCMODE_", "OCPolarity": "TIM_OCPOLARITY_", "OCNPolarity": "TIM_OCNPOLARITY_",
               "OCFastMode": "TIM_OCFAST_", "OCIdleState": "TIM_OCIDLESTATE_", "OCNIdleState": "TIM_OCNIDLESTATE_"},
    "TIM_IC": {"ICPolarity": "TIM_ICPOLARITY_|TIM_INPUTCHANNELPOLARITY_", "ICSelection": "TIM_ICSELECTION_",
               "ICPrescaler": "TIM_ICPSC_"},
    "TIM_Encoder": {"EncoderMode": "TIM_ENCODERMODE_",
                    "IC1Polarity": "TIM_ENCODERINPUTPOLARITY_|TIM_ICPOLARITY_|TIM_INPUTCHANNELPOLARITY_",
                    "IC1Selection": "TIM_ICSELECTION_", "IC1Prescaler": "TIM_ICPSC_",
                    "IC2Polarity": "TIM_ENCODERINPUTPOLARITY_|TIM_ICPOLARITY_|TIM_INPUTCHANNELPOLARITY_",
                    "IC2Selection": "TIM_ICSELECTION_", "IC2Prescaler": "TIM_ICPSC_"},
    "TIM_ClockConfig": {"ClockSource": "TIM_CLOCKSOURCE_", "ClockPolarity": "TIM_CLOCKPOLARITY_",
                        "ClockPrescaler": "TIM_CLOCKPRESCALER_"},
    "TIM_MasterConfig": {"MasterOutputTrigger": "TIM_TRGO_", "MasterOutputTrigger2": "TIM_TRGO2_",
                         "MasterSlaveMode": "TIM_MASTERSLAVEMODE_"},
    "TIM_SlaveConfig": {"SlaveMode": "TIM_SLAVEMODE_", "InputTrigger": "TIM_TS_",
                        "TriggerPolarity": "TIM_TRIGGERPOLARITY_", "TriggerPrescaler": "TIM_TRIGGERPRESCALER_"},
    "TIM_BreakDeadTime": {"OffStateRunMode": "TIM_OSSR_", "OffStateIDLEMode": "TIM_OSSI_",
                          "LockLevel": "TIM_LOCKLEVEL_",
                          "BreakState": "TIM_BREAK_", "BreakPolarity": "TIM_BREAKPOLARITY_",
                          "AutomaticOutput": "TIM_AUTOMATICOUTPUT_", "Break2State": "TIM_BREAK2_",
                          "Break2Polarity": "TIM_BREAK2POLARITY_"},
    "ADC": {"ClockPrescaler": "ADC_CLOCK", "Resolution": "ADC_RESOLUTION", "DataAlign": "ADC_DATAALIGN_",
            "ScanConvMode": "ADC_SCAN_", "EOCSelection": "ADC_EOC_|EOC_", "ExternalTrigConv":
            "ADC_EXTERNALTRIG|ADC_SOFTWARE_START|ADC_EXTERNALTRIGCONV_", "ExternalTrigConvEdge":
            "ADC_EXTERNALTRIGCONVEDGE_|ADC_EXTERNALTRIGCONV_EDGE", "Overrun": "ADC_OVR_",
            "SamplingMode": "ADC_SAMPLING_MODE_",
            "ConversionDataManagement": "ADC_CONVERSIONDATA_"},
    "ADC_Channel": {"Channel": "ADC_CHANNEL_", "Rank": "ADC_REGULAR_RANK_|ADC_RANK_",
                    "SamplingTime": "ADC_SAMPLETIME_|ADC_SAMPLINGTIME_",
                    "SingleDiff": "ADC_SINGLE_ENDED|ADC_DIFFERENTIAL_ENDED", "OffsetNumber": "ADC_OFFSET_"},
    "ADC_Injection": {"InjectedChannel": "ADC_CHANNEL_", "InjectedRank": "ADC_INJECTED_RANK_",
                      "InjectedSamplingTime": "ADC_SAMPLETIME_"},
    "DAC_Channel": {"DAC_Trigger": "DAC_TRIGGER_", "DAC_OutputBuffer": "DAC_OUTPUTBUFFER_",
                    "DAC_SampleAndHold": "DAC_SAMPLEANDHOLD_", "DAC_UserTrimming": "DAC_TRIMMING_"},
    "DMA": {"Channel": "DMA_CHANNEL_", "Request": "DMA_REQUEST_|BDMA_REQUEST_|GPDMA|LPDMA",
            "Direction": "DMA_PERIPH_TO_MEMORY|DMA_MEMORY_TO_PERIPH|DMA_MEMORY_TO_MEMORY",
            "PeriphInc": "DMA_PINC_", "MemInc": "DMA_MINC_", "PeriphDataAlignment": "DMA_PDATAALIGN_",
            "MemDataAlignment": "DMA_MDATAALIGN_", "Mode": "DMA_NORMAL|DMA_CIRCULAR|DMA_PFCTRL|DMA_DOUBLE_BUFFER",
            "Priority": "DMA_PRIORITY_|DMA_LOW_PRIORITY|DMA_HIGH_PRIORITY", "FIFOMode": "DMA_FIFOMODE_",
            "FIFOThreshold": "DMA_FIFO_THRESHOLD_", "MemBurst": "DMA_MBURST_", "PeriphBurst": "DMA_PBURST_"},
    "RCC_Osc": {"OscillatorType": "RCC_OSCILLATORTYPE_", "HSEState": "RCC_HSE_", "LSEState": "RCC_LSE_",
                "HSIState": "RCC_HSI_", "LSIState": "RCC_LSI_", "HSI48State": "RCC_HSI48_", "MSIState": "RCC_MSI_",
                "MSIClockRange": "RCC_MSIRANGE_", "HSEPredivValue": "RCC_HSE_PREDIV_",
                "HSICalibrationValue": "RCC_HSICALIBRATION_", "HSIDiv": "RCC_HSI_DIV"},
    "RCC_PLL": {"PLLState": "RCC_PLL_", "PLLSource": "RCC_PLLSOURCE_|RCC_PLL1SOURCE_", "PLLM": "RCC_PLLM_|RCC_PLL_",
                "PLLP": "RCC_PLLP_|RCC_PLL_",
                "PLLQ": "RCC_PLLQ_|RCC_PLL_", "PLLR": "RCC_PLLR_|RCC_PLL_",
                "PLLMUL": "RCC_PLL_MUL|RCC_PLLMUL_|RCC_CFGR_PLLMULL",
                "PLLDIV": "RCC_PLL_DIV|RCC_PLLDIV_", "PREDIV": "RCC_PREDIV_"},
    "RCC_Clk": {"ClockType": "RCC_CLOCKTYPE_", "SYSCLKSource": "RCC_SYSCLKSOURCE_", "SYSCLKDivider": "RCC_SYSCLK_DIV",
                "AHBCLKDivider": "RCC_SYSCLK_DIV|RCC_HCLK_DIV", "APB1CLKDivider": "RCC_HCLK_DIV|RCC_APB1_DIV",
                "APB2CLKDivider": "RCC_HCLK_DIV|RCC_APB2_DIV", "APB3CLKDivider": "RCC_HCLK_DIV|RCC_APB3_DIV",
                "APB4CLKDivider": "RCC_APB4_DIV"},
    "RCC_PeriphCLK": {"PeriphClockSelection": "RCC_PERIPHCLK_", "RTCClockSelection": "RCC_RTCCLKSOURCE_",
                      "UsbClockSelection": "RCC_USBCLKSOURCE_", "Clk48ClockSelection": "RCC_CLK48",
                      "SdioClockSelection": "RCC_SDIOCLKSOURCE_", "AdcClockSelection": "RCC_ADC",
                      "Usart1ClockSelection": "RCC_USART1CLKSOURCE_", "Usart2ClockSelection": "RCC_USART2CLKSOURCE_",
                      "Usart3ClockSelection": "RCC_USART3CLKSOURCE_", "I2c1ClockSelection": "RCC_I2C1CLKSOURCE_",
                      "Adc12ClockSelection": "RCC_ADC12", "FdcanClockSelection": "RCC_FDCANCLKSOURCE_",
                      "Lpuart1ClockSelection": "RCC_LPUART1CLKSOURCE_"},
    "FLASH_Erase": {"TypeErase": "FLASH_TYPEERASE_", "Banks": "FLASH_BANK_", "Sector": "FLASH_SECTOR_",
                    "VoltageRange": "FLASH_VOLTAGE_RANGE_"},
    "IWDG": {"Prescaler": "IWDG_PRESCALER_"},
    "WWDG": {"Prescaler": "WWDG_PRESCALER_", "EWIMode": "WWDG_EWI_"},
    "RTC": {"HourFormat": "RTC_HOURFORMAT", "OutPut": "RTC_OUTPUT_", "OutPutPolarity": "RTC_OUTPUT_POLARITY_",
            "OutPutType": "RTC_OUTPUT_TYPE_"},
    "CAN": {"Mode": "CAN_MODE_", "SyncJumpWidth": "CAN_SJW_", "TimeSeg1": "CAN_BS1_", "TimeSeg2": "CAN_BS2_"},
    "FDCAN": {"Mode": "FDCAN_MODE_", "FrameFormat": "FDCAN_FRAME_", "ClockDivider": "FDCAN_CLOCK_DIV",
              "TxFifoQueueMode": "FDCAN_TX_"},
    "CAN_Filter": {"FilterMode": "CAN_FILTERMODE_", "FilterScale": "CAN_FILTERSCALE_",
                   "FilterFIFOAssignment": "CAN_FILTER_FIFO|CAN_RX_FIFO"},
    "LL_GPIO": {"Pin": "LL_GPIO_PIN_", "Mode": "LL_GPIO_MODE_", "Speed": "LL_GPIO_SPEED_",
                "OutputType": "LL_GPIO_OUTPUT_",
                "Pull": "LL_GPIO_PULL_", "Alternate": "LL_GPIO_AF_"},
    "LL_USART": {"DataWidth": "LL_USART_DATAWIDTH_", "StopBits": "LL_USART_STOPBITS_", "Parity": "LL_USART_PARITY_",
                 "TransferDirection": "LL_USART_DIRECTION_", "HardwareFlowControl": "LL_USART_HWCONTROL_",
                 "OverSampling": "LL_USART_OVERSAMPLING_", "PrescalerValue": "LL_USART_PRESCALER_"},
    "LL_SPI": {"TransferDirection": "LL_SPI_FULL_DUPLEX|LL_SPI_SIMPLEX_|LL_SPI_HALF_DUPLEX_", "Mode": "LL_SPI_MODE_",
               "DataWidth": "LL_SPI_DATAWIDTH_", "ClockPolarity": "LL_SPI_POLARITY_", "ClockPhase": "LL_SPI_PHASE_",
               "NSS": "LL_SPI_NSS_", "BaudRate": "LL_SPI_BAUDRATEPRESCALER_",
               "BitOrder": "LL_SPI_MSB_FIRST|LL_SPI_LSB_FIRST", "CRCCalculation": "LL_SPI_CRCCALCULATION_"},
    "LL_I2C": {"PeripheralMode": "LL_I2C_MODE_", "AnalogFilter": "LL_I2C_ANALOGFILTER_",
               "TypeAcknowledge": "LL_I2C_ACK|LL_I2C_NACK", "OwnAddrSize": "LL_I2C_OWNADDRESS1_",
               "DutyCycle": "LL_I2C_DUTYCYCLE_"},
    "LL_TIM": {"CounterMode": "LL_TIM_COUNTERMODE_", "ClockDivision": "LL_TIM_CLOCKDIVISION_"},
    "LL_TIM_OC": {"OCMode": "LL_TIM_OCMODE_", "OCState": "LL_TIM_OCSTATE_", "OCNState": "LL_TIM_OCSTATE_",
                  "OCPolarity": "LL_TIM_OCPOLARITY_", "OCNPolarity": "LL_TIM_OCPOLARITY_",
                  "OCIdleState": "LL_TIM_OCIDLESTATE_", "OCNIdleState": "LL_TIM_OCIDLESTATE_"},
    "LL_ADC": {"Resolution": "LL_ADC_RESOLUTION_", "DataAlignment": "LL_ADC_DATA_ALIGN_",
               "CommonClock": "LL_ADC_CLOCK_",
               "SequencersScanMode": "LL_ADC_SEQ_SCAN_", "TriggerSource": "LL_ADC_REG_TRIG_|LL_ADC_INJ_TRIG_",
               "SequencerLength": "LL_ADC_REG_SEQ_SCAN_|LL_ADC_INJ_SEQ_SCAN_", "ContinuousMode": "LL_ADC_REG_CONV_",
               "DMATransfer": "LL_ADC_REG_DMA_TRANSFER_", "Overrun": "LL_ADC_REG_OVR_"},
    "LL_DMA": {"Direction": "LL_DMA_DIRECTION_", "Mode": "LL_DMA_MODE_", "Priority": "LL_DMA_PRIORITY_",
               "PeriphOrM2MSrcIncMode": "LL_DMA_PERIPH_", "MemoryOrM2MDstIncMode": "LL_DMA_MEMORY_",
               "PeriphOrM2MSrcDataSize": "LL_DMA_PDATAALIGN_", "MemoryOrM2MDstDataSize": "LL_DMA_MDATAALIGN_"},
}  # fmt: skip
_TYPES: Mapping[str, str] = {
    "TIM_HandleTypeDef": "TIM_Base", "TIM_Base_InitTypeDef": "TIM_Base", "TIM_OC_InitTypeDef": "TIM_OC",
    "TIM_IC_InitTypeDef": "TIM_IC", "TIM_Encoder_InitTypeDef": "TIM_Encoder",
    "TIM_ClockConfigTypeDef": "TIM_ClockConfig", "TIM_MasterConfigTypeDef": "TIM_MasterConfig",
    "TIM_SlaveConfigTypeDef": "TIM_SlaveConfig", "TIM_BreakDeadTimeConfigTypeDef": "TIM_BreakDeadTime",
    "ADC_ChannelConfTypeDef": "ADC_Channel", "ADC_InjectionConfTypeDef": "ADC_Injection",
    "DAC_ChannelConfTypeDef": "DAC_Channel", "RCC_OscInitTypeDef": "RCC_Osc", "RCC_PLLInitTypeDef": "RCC_PLL",
    "RCC_ClkInitTypeDef": "RCC_Clk", "RCC_PeriphCLKInitTypeDef": "RCC_PeriphCLK",
    "FLASH_EraseInitTypeDef": "FLASH_Erase",
    "CAN_FilterTypeDef": "CAN_Filter", "LL_TIM_OC_InitTypeDef": "LL_TIM_OC", "LL_ADC_REG_InitTypeDef": "LL_ADC",
    "LL_ADC_CommonInitTypeDef": "LL_ADC", "LL_ADC_INJ_InitTypeDef": "LL_ADC",
}  # fmt: skip


def structure(type_name: str) -> str:
    """The structure of a C type: `UART` for `UART_HandleTypeDef`; empty if it isn't known."""
    if type_name in _TYPES:
        return _TYPES[type_name]
    found = re.fullmatch(r"((?:LL_)?[A-Z0-9]+)_(?:HandleTypeDef|InitTypeDef)", type_name)
    return found.group(1) if found and found.group(1) in _STRUCTURES else ""


@cache
def patterns(kind: str, field: str) -> tuple[str, ...]:
    """What the constants of a field begin with; of any structure with such a field if the kind is empty."""
    if kind:
        found = _STRUCTURES[kind].get(field, "")
        if not found and kind == "RCC_Osc":
            found = _STRUCTURES["RCC_PLL"].get(field, "")
        return tuple(found.split("|")) if found else ()
    all_of = [fields[field] for fields in _STRUCTURES.values() if field in fields]
    return tuple(each for found in all_of for each in found.split("|"))


@cache
def owner(constant: str) -> tuple[str, str, str] | None:
    """The structure and field that a constant is for, and what its name begins with; None if it isn't known."""
    best: tuple[str, str, str] | None = None
    for kind, fields in _STRUCTURES.items():
        for field, found in fields.items():
            for start in found.split("|"):
                if constant.startswith(start) and (best is None or len(start) > len(best[2])):
                    best = (kind, field, start)
    if best is None:
        return next((("", "", start) for start in _OTHERS if constant.startswith(start)), None)
    return best


_OTHERS = (
    "TIM_CHANNEL_", "TIM_IT_", "TIM_FLAG_", "TIM_DMA_", "UART_IT_", "UART_FLAG_", "SPI_IT_", "SPI_FLAG_",
    "I2C_MEMADD_SIZE_",
    "I2C_FLAG_", "DAC_CHANNEL_", "DAC_ALIGN_", "PWR_MAINREGULATOR_", "PWR_LOWPOWERREGULATOR_", "PWR_SLEEPENTRY_",
    "PWR_STOPENTRY_", "PWR_FLAG_", "PWR_WAKEUP_PIN", "PWR_REGULATOR_", "FLASH_LATENCY_", "FLASH_TYPEPROGRAM_",
    "FLASH_FLAG_",
    "RCC_FLAG_", "RCC_MCODIV_", "RCC_MCO1SOURCE_", "RCC_MCO", "RTC_FORMAT_", "RTC_BKP_", "RTC_WAKEUPCLOCK_",
    "SYSTICK_CLKSOURCE_", "NVIC_PRIORITYGROUP_", "ADC_IT_", "ADC_FLAG_", "DMA_IT_", "DMA_FLAG_",
)  # fmt: skip
_CHANNEL = {1: "TIM_CHANNEL_"}
ARGUMENTS: Mapping[str, Mapping[int, str]] = {
    "HAL_GPIO_WritePin": {1: "GPIO_PIN_", 2: "GPIO_PIN_SET|GPIO_PIN_RESET"},
    "HAL_GPIO_ReadPin": {1: "GPIO_PIN_"},
    "HAL_GPIO_TogglePin": {1: "GPIO_PIN_"},
    "HAL_GPIO_DeInit": {1: "GPIO_PIN_"},
    "HAL_GPIO_EXTI_IRQHandler": {0: "GPIO_PIN_"},
    "HAL_RCC_ClockConfig": {1: "FLASH_LATENCY_"},
    "HAL_RCC_MCOConfig": {0: "RCC_MCO", 1: "RCC_MCO1SOURCE_|RCC_MCO2SOURCE_|RCC_MCOSOURCE_|RCC_MCO3SOURCE_",
                          2: "RCC_MCODIV_|RCC_MCO"},
    "HAL_PWR_EnterSTOPMode": {0: "PWR_MAINREGULATOR_|PWR_LOWPOWERREGULATOR_", 1: "PWR_STOPENTRY_"},
    "HAL_PWR_EnterSLEEPMode": {0: "PWR_MAINREGULATOR_|PWR_LOWPOWERREGULATOR_", 1: "PWR_SLEEPENTRY_"},
    "HAL_PWREx_EnterSTOP0Mode": {0: "PWR_STOPENTRY_"},
    "HAL_PWREx_EnterSTOP1Mode": {0: "PWR_STOPENTRY_"},
    "HAL_PWREx_EnterSTOP2Mode": {0: "PWR_STOPENTRY_"},
    "HAL_PWREx_ControlVoltageScaling": {0: "PWR_REGULATOR_VOLTAGE_"},
    "__HAL_PWR_VOLTAGESCALING_CONFIG": {0: "PWR_REGULATOR_VOLTAGE_"},
    "__HAL_PWR_CLEAR_FLAG": {0: "PWR_FLAG_"},
    "HAL_PWR_EnableWakeUpPin": {0: "PWR_WAKEUP_PIN"},
    "HAL_FLASH_Program": {0: "FLASH_TYPEPROGRAM_"},
    "HAL_FLASH_Program_IT": {0: "FLASH_TYPEPROGRAM_"},
    "HAL_NVIC_SetPriorityGrouping": {0: "NVIC_PRIORITYGROUP_"},
    "HAL_SYSTICK_CLKSourceConfig": {0: "SYSTICK_CLKSOURCE_"},
    "HAL_TIM_PWM_Start": _CHANNEL, "HAL_TIM_PWM_Stop": _CHANNEL, "HAL_TIM_PWM_Start_IT": _CHANNEL,
    "HAL_TIM_PWM_Start_DMA": _CHANNEL, "HAL_TIM_OC_Start": _CHANNEL, "HAL_TIM_OC_Start_IT": _CHANNEL,
    "HAL_TIM_IC_Start": _CHANNEL, "HAL_TIM_IC_Start_IT": _CHANNEL, "HAL_TIM_IC_Start_DMA": _CHANNEL,
    "HAL_TIM_Encoder_Start": _CHANNEL, "HAL_TIM_ReadCapturedValue": _CHANNEL, "HAL_TIMEx_PWMN_Start": _CHANNEL,
    "HAL_TIMEx_OCN_Start": _CHANNEL, "__HAL_TIM_SET_COMPARE": _CHANNEL, "__HAL_TIM_GET_COMPARE": _CHANNEL,
    "HAL_TIM_PWM_ConfigChannel": {2: "TIM_CHANNEL_"}, "HAL_TIM_OC_ConfigChannel": {2: "TIM_CHANNEL_"},
    "HAL_TIM_IC_ConfigChannel": {2: "TIM_CHANNEL_"},
    "__HAL_TIM_ENABLE_IT": {1: "TIM_IT_"}, "__HAL_TIM_DISABLE_IT": {1: "TIM_IT_"}, "__HAL_TIM_CLEAR_IT": {1: "TIM_IT_"},
    "__HAL_TIM_CLEAR_FLAG": {1: "TIM_FLAG_"}, "__HAL_TIM_GET_FLAG": {1: "TIM_FLAG_"},
    "__HAL_UART_ENABLE_IT": {1: "UART_IT_"}, "__HAL_UART_DISABLE_IT": {1: "UART_IT_"},
    "__HAL_UART_GET_FLAG": {1: "UART_FLAG_"}, "__HAL_UART_CLEAR_FLAG": {1: "UART_FLAG_|UART_CLEAR_"},
    "HAL_DAC_Start": {1: "DAC_CHANNEL_"}, "HAL_DAC_Stop": {1: "DAC_CHANNEL_"}, "HAL_DAC_GetValue": {1: "DAC_CHANNEL_"},
    "HAL_DAC_Start_DMA": {1: "DAC_CHANNEL_", 4: "DAC_ALIGN_"}, "HAL_DAC_SetValue": {1: "DAC_CHANNEL_", 2: "DAC_ALIGN_"},
    "HAL_DAC_ConfigChannel": {2: "DAC_CHANNEL_"},
    "HAL_I2C_Mem_Write": {3: "I2C_MEMADD_SIZE_"}, "HAL_I2C_Mem_Read": {3: "I2C_MEMADD_SIZE_"},
    "HAL_RTC_SetTime": {2: "RTC_FORMAT_"}, "HAL_RTC_SetDate": {2: "RTC_FORMAT_"}, "HAL_RTC_GetTime": {2: "RTC_FORMAT_"},
    "HAL_RTC_GetDate": {2: "RTC_FORMAT_"}, "HAL_RTC_SetAlarm": {2: "RTC_FORMAT_"},
    "HAL_RTC_SetAlarm_IT": {2: "RTC_FORMAT_"},
}  # fmt: skip
"""For each function of the HAL: what the constants of its arguments begin with, by the argument's place."""
