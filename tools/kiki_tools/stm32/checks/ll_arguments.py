"""What the arguments of LL functions begin with, from the documentation of ST's LL drivers (F4, G4)."""

from __future__ import annotations

import re
from collections.abc import Mapping

_TABLE = """
ADC: ConfigOverSamplingRatioShift(1:OVS_RATIO_,2:OVS_SHIFT_) INJ_SetOffset(1:INJ_RANK_)
  INJ_SetQueueMode(1:INJ_QUEUE_) INJ_SetSequencerDiscont(1:INJ_SEQ_DISCONT_) INJ_SetSequencerLength(1:INJ_SEQ_SCAN_)
  INJ_SetSequencerRanks(1:INJ_RANK_,2:CHANNEL_) INJ_SetTrigAuto(1:INJ_TRIG_) INJ_SetTriggerEdge(1:INJ_TRIG_EXT_)
  INJ_SetTriggerSource(1:INJ_TRIG_) INJ_StartConversionExtTrig(1:INJ_TRIG_EXT_) REG_SetContinuousMode(1:REG_CONV_)
  REG_SetDMATransfer(1:REG_DMA_TRANSFER_) REG_SetFlagEndOfConversion(1:REG_FLAG_EOC_)
  REG_SetOverrun(1:REG_OVR_DATA_) REG_SetSamplingMode(1:REG_SAMPLING_MODE_)
  REG_SetSequencerDiscont(1:REG_SEQ_DISCONT_) REG_SetSequencerLength(1:REG_SEQ_SCAN_)
  REG_SetSequencerRanks(1:REG_RANK_,2:CHANNEL_) REG_SetTriggerEdge(1:REG_TRIG_EXT_)
  REG_SetTriggerSource(1:REG_TRIG_) REG_StartConversionExtTrig(1:REG_TRIG_EXT_)
  SetAWDFilteringConfiguration(2:AWD_FILTERING_) SetAnalogWDMonitChannels(2:AWD_)
  SetAnalogWDThresholds(2:AWD_THRESHOLD_) SetChannelSamplingTime(1:CHANNEL_,2:SAMPLINGTIME_)
  SetChannelSingleDiff(1:CHANNEL_) SetCommonClock(1:CLOCK_) SetCommonPathInternalCh(1:PATH_INTERNAL_)
  SetCommonPathInternalChAdd(1:PATH_INTERNAL_) SetCommonPathInternalChRem(1:PATH_INTERNAL_)
  SetDataAlignment(1:DATA_ALIGN_) SetLowPowerMode(1:LP_) SetMultiDMATransfer(1:MULTI_REG_DMA_)
  SetMultiTwoSamplingDelay(1:MULTI_TWOSMP_DELAY_) SetMultimode(1:MULTI_) SetOffset(1:OFFSET_,2:CHANNEL_)
  SetOffsetSaturation(1:OFFSET_,2:OFFSET_SATURATION_) SetOffsetSign(1:OFFSET_,2:OFFSET_SIGN_)
  SetOffsetState(1:OFFSET_,2:OFFSET_) SetOverSamplingDiscont(1:OVS_REG_) SetOverSamplingScope(1:OVS_)
  SetResolution(1:RESOLUTION_) SetSamplingTimeCommonConfig(1:SAMPLINGTIME_COMMON_)
  SetSequencersScanMode(1:SEQ_SCAN_)
DAC: ConfigOutput(1:CHANNEL_,2:OUTPUT_MODE_,3:OUTPUT_BUFFER_,4:OUTPUT_CONNECT_) ConvertData12LeftAligned(1:CHANNEL_)
  ConvertData12RightAligned(1:CHANNEL_) ConvertData8RightAligned(1:CHANNEL_) Disable(1:CHANNEL_)
  DisableDMADoubleDataMode(1:CHANNEL_) DisableDMAReq(1:CHANNEL_) DisableTrigger(1:CHANNEL_) Enable(1:CHANNEL_)
  EnableDMADoubleDataMode(1:CHANNEL_) EnableDMAReq(1:CHANNEL_) EnableTrigger(1:CHANNEL_)
  RetrieveOutputData(1:CHANNEL_) SetHighFrequencyMode(1:HIGH_FREQ_MODE_) SetMode(1:CHANNEL_,2:MODE_)
  SetOutputBuffer(1:CHANNEL_,2:OUTPUT_BUFFER_) SetOutputConnection(1:CHANNEL_,2:OUTPUT_CONNECT_)
  SetOutputMode(1:CHANNEL_,2:OUTPUT_MODE_) SetSampleAndHoldHoldTime(1:CHANNEL_)
  SetSampleAndHoldRefreshTime(1:CHANNEL_) SetSampleAndHoldSampleTime(1:CHANNEL_)
  SetSignedFormat(1:CHANNEL_,2:SIGNED_FORMAT_) SetTriggerSource(1:CHANNEL_,2:TRIG_) SetTrimmingValue(1:CHANNEL_)
  SetWaveAutoGeneration(1:CHANNEL_,2:WAVE_AUTO_GENERATION_) SetWaveNoiseLFSR(1:CHANNEL_,2:NOISE_LFSR_UNMASK_)
  SetWaveSawtoothPolarity(1:CHANNEL_,2:SAWTOOTH_POLARITY_) SetWaveSawtoothResetData(1:CHANNEL_)
  SetWaveSawtoothResetTriggerSource(1:CHANNEL_,2:TRIG_) SetWaveSawtoothStepData(1:CHANNEL_)
  SetWaveSawtoothStepTriggerSource(1:CHANNEL_,2:TRIG_) SetWaveTriangleAmplitude(1:CHANNEL_,2:TRIANGLE_AMPLITUDE_)
  TrigSWConversion(1:CHANNEL_) TrigSWConversion2(1:CHANNEL_)
DMA: ConfigAddresses(4:DIRECTION_) ConfigFifo(2:FIFOMODE_,3:FIFOTHRESHOLD_) SetChannelPriorityLevel(2:PRIORITY_)
  SetChannelSelection(2:CHANNEL_) SetDataTransferDirection(2:DIRECTION_) SetFIFOThreshold(2:FIFOTHRESHOLD_)
  SetIncOffsetSize(2:OFFSETSIZE_) SetMemoryBurstxfer(2:MBURST_) SetMemoryIncMode(2:MEMORY_)
  SetMemorySize(2:MDATAALIGN_) SetMode(2:MODE_) SetPeriphBurstxfer(2:PBURST_) SetPeriphIncMode(2:PERIPH_)
  SetPeriphSize(2:PDATAALIGN_) SetStreamPriorityLevel(2:PRIORITY_)
FLASH: SetLatency(0:LATENCY_)
GPIO: LockPin(1:PIN_) ResetOutputPin(1:PIN_) SetAFPin_0_7(1:PIN_,2:AF_) SetAFPin_8_15(1:PIN_,2:AF_)
  SetOutputPin(1:PIN_) SetPinMode(1:PIN_,2:MODE_) SetPinOutputType(1:PIN_,2:OUTPUT_) SetPinPull(1:PIN_,2:PULL_)
  SetPinSpeed(1:PIN_,2:SPEED_FREQ_) TogglePin(1:PIN_)
I2C: ConfigFilters(1:ANALOGFILTER_) ConfigSMBusTimeout(2:SMBUS_TIMEOUTA_MODE_) ConfigSpeed(3:DUTYCYCLE_)
  SetClockSpeedMode(1:CLOCK_SPEED_) SetDutyCycle(1:DUTYCYCLE_) SetMasterAddressingMode(1:ADDRESSING_MODE_)
  SetMode(1:MODE_) SetOwnAddress1(2:OWNADDRESS1_) SetOwnAddress2(2:OWNADDRESS2_)
  SetSMBusTimeoutAMode(1:SMBUS_TIMEOUTA_MODE_)
IWDG: SetPrescaler(1:PRESCALER_)
LPTIM: SetClockSource(1:CLK_SOURCE_) SetCounterMode(1:COUNTER_MODE_) SetEncoderMode(1:ENCODER_MODE_)
  SetInput1Src(1:INPUT1_SRC_) SetInput2Src(1:INPUT2_SRC_) SetPolarity(1:OUTPUT_POLARITY_) SetPrescaler(1:PRESCALER_)
  SetUpdateMode(1:UPDATE_MODE_) SetWaveform(1:OUTPUT_WAVEFORM_)
LPUART: ConfigCharacter(1:DATAWIDTH_,2:PARITY_,3:STOPBITS_) ConfigFIFOsThreshold(1:FIFOTHRESHOLD_,2:FIFOTHRESHOLD_)
  ConfigNodeAddress(1:ADDRESS_DETECT_) SetBaudRate(2:PRESCALER_) SetBinaryDataLogic(1:BINARY_LOGIC_)
  SetDESignalPolarity(1:DE_POLARITY_) SetDataWidth(1:DATAWIDTH_) SetHWFlowCtrl(1:HWCONTROL_) SetParity(1:PARITY_)
  SetPrescaler(1:PRESCALER_) SetRXFIFOThreshold(1:FIFOTHRESHOLD_) SetRXPinLevel(1:RXPIN_LEVEL_)
  SetStopBitsLength(1:STOPBITS_) SetTXFIFOThreshold(1:FIFOTHRESHOLD_) SetTXPinLevel(1:TXPIN_LEVEL_)
  SetTXRXSwap(1:TXRX_) SetTransferBitOrder(1:BITORDER_) SetTransferDirection(1:DIRECTION_) SetWKUPType(1:WAKEUP_ON_)
  SetWakeUpMethod(1:WAKEUP_)
RCC: PLL_ConfigDomain_SYS(0:PLLSOURCE_,1:PLLM_DIV_) PLL_SetMainSource(0:PLLSOURCE_) SetAHBPrescaler(0:SYSCLK_DIV_)
  SetAPB1Prescaler(0:APB1_DIV_) SetAPB2Prescaler(0:APB2_DIV_) SetSysClkSource(0:SYS_CLKSOURCE_)
SPI: SetBaudRatePrescaler(1:BAUDRATEPRESCALER_) SetCRCWidth(1:CRC_) SetClockPhase(1:PHASE_)
  SetClockPolarity(1:POLARITY_) SetDMAParity_RX(1:DMA_PARITY_) SetDMAParity_TX(1:DMA_PARITY_)
  SetDataWidth(1:DATAWIDTH_) SetMode(1:MODE_) SetNSSMode(1:NSS_) SetRxFIFOThreshold(1:RX_FIFO_TH_)
  SetStandard(1:PROTOCOL_)
TIM: CC_DisableChannel(1:CHANNEL_) CC_EnableChannel(1:CHANNEL_) CC_SetDMAReqTrigger(1:CCDMAREQUEST_)
  CC_SetLockLevel(1:LOCKLEVEL_) CC_SetUpdate(1:CCUPDATESOURCE_COMG_)
  ConfigBRK(1:BREAK_POLARITY_,2:BREAK_FILTER_,3:BREAK_AFMODE_)
  ConfigBRK2(1:BREAK2_POLARITY_,2:BREAK2_FILTER_,3:BREAK2_AFMODE_)
  ConfigDMABurst(1:DMABURST_BASEADDR_,2:DMABURST_LENGTH_) ConfigETR(1:ETR_POLARITY_,2:ETR_PRESCALER_,3:ETR_FILTER_)
  ConfigIDX(1:INDEX_) DisableBreakInputSource(1:BREAK_INPUT_,2:BKIN_SOURCE_)
  EnableBreakInputSource(1:BREAK_INPUT_,2:BKIN_SOURCE_) IC_Config(1:CHANNEL_)
  IC_SetActiveInput(1:CHANNEL_,2:ACTIVEINPUT_) IC_SetFilter(1:CHANNEL_,2:IC_FILTER_)
  IC_SetPolarity(1:CHANNEL_,2:IC_POLARITY_) IC_SetPrescaler(1:CHANNEL_,2:ICPSC_) OC_ConfigOutput(1:CHANNEL_)
  OC_DisableClear(1:CHANNEL_) OC_DisableFast(1:CHANNEL_) OC_DisablePreload(1:CHANNEL_) OC_EnableClear(1:CHANNEL_)
  OC_EnableFast(1:CHANNEL_) OC_EnablePreload(1:CHANNEL_) OC_SetIdleState(1:CHANNEL_,2:OCIDLESTATE_)
  OC_SetMode(1:CHANNEL_,2:OCMODE_) OC_SetPolarity(1:CHANNEL_,2:OCPOLARITY_) OC_SetPulseWidthPrescaler(1:PWPRSC_)
  SetBreakInputSourcePolarity(1:BREAK_INPUT_,2:BKIN_SOURCE_,3:BKIN_POLARITY_) SetCH5CombinedChannels(1:GROUPCH5_)
  SetClockDivision(1:CLOCKDIVISION_) SetClockSource(1:CLOCKSOURCE_) SetCounterMode(1:COUNTERMODE_)
  SetEncoderMode(1:ENCODERMODE_) SetIndexDirection(1:INDEX_) SetIndexPositionning(1:INDEX_POSITION_)
  SetOCRefClearInputSource(1:OCREF_CLR_INT_) SetOffStates(1:OSSI_,2:OSSR_) SetOnePulseMode(1:ONEPULSEMODE_)
  SetSMSPreloadSource(1:SMSPS_) SetSlaveMode(1:SLAVEMODE_) SetTriggerInput(1:TS_) SetTriggerOutput(1:TRGO_)
  SetTriggerOutput2(1:TRGO2_) SetUpdateSource(1:UPDATESOURCE_)
USART: ConfigCharacter(1:DATAWIDTH_,2:PARITY_,3:STOPBITS_) ConfigClock(1:PHASE_,2:POLARITY_,3:LASTCLKPULSE_)
  ConfigFIFOsThreshold(1:FIFOTHRESHOLD_,2:FIFOTHRESHOLD_) ConfigNodeAddress(1:ADDRESS_DETECT_)
  SetAutoBaudRateMode(1:AUTOBAUD_DETECT_ON_) SetBaudRate(3:OVERSAMPLING_) SetBinaryDataLogic(1:BINARY_LOGIC_)
  SetClockPhase(1:PHASE_) SetClockPolarity(1:POLARITY_) SetDESignalPolarity(1:DE_POLARITY_)
  SetDataWidth(1:DATAWIDTH_) SetHWFlowCtrl(1:HWCONTROL_) SetIrdaPowerMode(1:IRDA_POWER_)
  SetLINBrkDetectionLen(1:LINBREAK_DETECT_) SetLastClkPulseOutput(1:LASTCLKPULSE_) SetOverSampling(1:OVERSAMPLING_)
  SetParity(1:PARITY_) SetPrescaler(1:PRESCALER_) SetRXFIFOThreshold(1:FIFOTHRESHOLD_) SetRXPinLevel(1:RXPIN_LEVEL_)
  SetStopBitsLength(1:STOPBITS_) SetTXFIFOThreshold(1:FIFOTHRESHOLD_) SetTXPinLevel(1:TXPIN_LEVEL_)
  SetTXRXSwap(1:TXRX_) SetTransferBitOrder(1:BITORDER_) SetTransferDirection(1:DIRECTION_) SetWKUPType(1:WAKEUP_ON_)
  SetWakeUpMethod(1:WAKEUP_)
"""


def _read() -> Mapping[str, Mapping[int, str]]:
    found: dict[str, dict[int, str]] = {}
    kind = ""
    for word in _TABLE.split():
        if word.endswith(":"):
            kind = word[:-1]
            continue
        name, _, rest = word.rstrip(")").partition("(")
        pairs = (pair.split(":") for pair in rest.split(","))
        found[f"LL_{kind}_{name}"] = {int(index): f"LL_{kind}_{prefix}" for index, prefix in pairs}
    return found


ARGUMENTS = _read()
"""For each LL function: what its arguments' constants begin with, by the argument's place."""
GROUPS = tuple(
    sorted({prefix for arguments in ARGUMENTS.values() for prefix in arguments.values()}, key=len, reverse=True)
)
"""All groups of constants, the longest names first."""
KINDS = re.compile(r"LL_([A-Z0-9]+)_")
