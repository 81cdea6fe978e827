"""A stand-in for CMSIS' device header: the registers that generated code uses, for machines without ST's headers.

Names, offsets and bits are those of the reference manuals (RM0090, RM0390; RM0440). A test holds them to ST's headers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kiki_tools.stm32.device import Device, vectors

_STRUCTS: Mapping[str, Mapping[str, str]] = {
    "": {
        "GPIO": "MODER OTYPER OSPEEDR PUPDR IDR ODR BSRR LCKR AFR:2",
        "TIM": "CR1 CR2 SMCR DIER SR EGR CCMR1 CCMR2 CCER CNT PSC ARR RCR CCR1 CCR2 CCR3 CCR4 BDTR",
        "IWDG": "KR PR RLR SR", "WWDG": "CR CFR SR",
        "FLASH": "ACR", "CRC": "DR IDR CR",
    },
    "f4": {
        "RCC": "CR PLLCFGR CFGR CIR AHB1RSTR AHB2RSTR AHB3RSTR _ APB1RSTR APB2RSTR _:2 AHB1ENR AHB2ENR AHB3ENR _ "
               "APB1ENR APB2ENR _:2 AHB1LPENR AHB2LPENR AHB3LPENR _ APB1LPENR APB2LPENR _:2 BDCR CSR",
        "USART": "SR DR BRR CR1 CR2 CR3 GTPR", "SPI": "CR1 CR2 SR DR CRCPR RXCRCR TXCRCR I2SCFGR I2SPR",
        "I2C": "CR1 CR2 OAR1 OAR2 DR SR1 SR2 CCR TRISE",
        "ADC": "SR CR1 CR2 SMPR1 SMPR2 JOFR1 JOFR2 JOFR3 JOFR4 HTR LTR SQR1 SQR2 SQR3 JSQR JDR1 JDR2 JDR3 JDR4 DR",
        "ADC_Common": "CSR CCR CDR", "DMA": "LISR HISR LIFCR HIFCR", "DMA_Stream": "CR NDTR PAR M0AR M1AR FCR",
        "CAN_TxMailBox": "TIR TDTR TDLR TDHR", "CAN_FIFOMailBox": "RIR RDTR RDLR RDHR", "CAN_FilterRegister": "FR1 FR2",
        "CAN": "MCR MSR TSR RF0R RF1R IER ESR BTR _:88 CAN_TxMailBox*sTxMailBox:3 CAN_FIFOMailBox*sFIFOMailBox:2 _:12 "
               "FMR FM1R _ FS1R _ FFA1R _ FA1R _:8 CAN_FilterRegister*sFilterRegister:28",
        "EXTI": "IMR EMR RTSR FTSR SWIER PR", "SYSCFG": "MEMRMP PMC EXTICR:4", "PWR": "CR CSR",
        "RTC": "TR DR CR ISR PRER WUTR CALIBR ALRMAR ALRMBR WPR",
        "DAC": "CR SWTRIGR DHR12R1 DHR12L1 DHR8R1 DHR12R2 DHR12L2 DHR8R2",
    },
    "g4": {
        "RCC": "CR ICSCR CFGR PLLCFGR _:2 CIER CIFR CICR _ AHB1RSTR AHB2RSTR AHB3RSTR _ APB1RSTR1 APB1RSTR2 APB2RSTR _ "
               "AHB1ENR AHB2ENR AHB3ENR _ APB1ENR1 APB1ENR2 APB2ENR _ AHB1SMENR AHB2SMENR AHB3SMENR _ APB1SMENR1 "
               "APB1SMENR2 APB2SMENR _ CCIPR _ BDCR CSR CRRCR CCIPR2",
        "IWDG": "KR PR RLR SR WINR", "USART": "CR1 CR2 CR3 BRR GTPR RTOR RQR ISR ICR RDR TDR PRESC",
        "SPI": "CR1 CR2 SR DR",
        "I2C": "CR1 CR2 OAR1 OAR2 TIMINGR TIMEOUTR ISR ICR PECR RXDR TXDR",
        "ADC": "ISR IER CR CFGR CFGR2 SMPR1 SMPR2 _ TR1 TR2 TR3 _ SQR1 SQR2 SQR3 SQR4 DR _:2 JSQR _:12 "
               "JDR1 JDR2 JDR3 JDR4 _:4 AWD2CR AWD3CR _:2 DIFSEL CALFACT",
        "ADC_Common": "CSR _ CCR CDR",
        "DMA": "ISR IFCR", "DMA_Channel": "CCR CNDTR CPAR CMAR", "DMAMUX_Channel": "CCR",
        "FDCAN_Global": "CREL ENDN _ DBTP TEST RWD CCCR NBTP TSCC TSCV TOCC TOCV _:4 ECR PSR TDCR _ IR IE ILS ILE _:8 "
                        "RXGFC XIDAM HPMS _ RXF0S RXF0A RXF1S RXF1A _:8 TXBC TXFQS TXBRP TXBAR",
        "EXTI": "IMR1 EMR1 RTSR1 FTSR1 SWIER1 PR1", "SYSCFG": "MEMRMP CFGR1 EXTICR:4",
        "PWR": "CR1 CR2 CR3 CR4 SR1 SR2 SCR _:25 CR5",
        "RTC": "TR DR SSR ICSR PRER WUTR CR _:2 WPR _:6 ALRMAR _:3 SR MISR _ SCR",
        "DAC": "CR SWTRIGR DHR12R1 DHR12L1 DHR8R1 DHR12R2 DHR12L2 DHR8R2 DHR12RD DHR12LD DHR8RD DOR1 DOR2 SR CCR MCR",
        "CRS": "CR CFGR ISR ICR",
    },
}  # fmt: skip
"""Structures by family: registers in their order, `_` for reserved words, `:n` for several, `type*name` for others."""

_BASES: Mapping[str, Mapping[int, str]] = {
    "f4": {
        0x40000000: "TIM2 0 TIM3 400 TIM4 800 TIM5 C00 TIM6 1000 TIM7 1400 TIM12 1800 TIM13 1C00 TIM14 2000 RTC 2800 "
                    "WWDG 2C00 IWDG 3000 SPI2 3800 SPI3 3C00 USART2 4400 USART3 4800 UART4 4C00 UART5 5000 I2C1 5400 "
                    "I2C2 5800 I2C3 5C00 CAN1 6400 CAN2 6800 PWR 7000 DAC 7400 UART7 7800 UART8 7C00",
        0x40010000: "TIM1 0 TIM8 400 USART1 1000 USART6 1400 ADC1 2000 ADC2 2100 ADC3 2200 SPI1 3000 SPI4 3400 "
                    "SYSCFG 3800 EXTI 3C00 TIM9 4000 TIM10 4400 TIM11 4800 SPI5 5000 SPI6 5400",
        0x40020000: "GPIOA 0 GPIOB 400 GPIOC 800 GPIOD C00 GPIOE 1000 GPIOF 1400 GPIOG 1800 GPIOH 1C00 GPIOI 2000 "
                    "GPIOJ 2400 GPIOK 2800 CRC 3000 RCC 3800 FLASH 3C00 DMA1 6000 DMA2 6400",
    },
    "g4": {
        0x40000000: "TIM2 0 TIM3 400 TIM4 800 TIM5 C00 TIM6 1000 TIM7 1400 CRS 2000 RTC 2800 WWDG 2C00 IWDG 3000 "
                    "SPI2 3800 "
                    "SPI3 3C00 USART2 4400 USART3 4800 UART4 4C00 UART5 5000 I2C1 5400 I2C2 5800 FDCAN1 6400 "
                    "FDCAN2 6800 FDCAN3 6C00 PWR 7000 I2C3 7800 LPUART1 8000 I2C4 8400",
        0x40010000: "SYSCFG 0 EXTI 400 TIM1 2C00 SPI1 3000 TIM8 3400 USART1 3800 SPI4 3C00 TIM15 4000 TIM16 4400 "
                    "TIM17 4800 TIM20 5000",
        0x40020000: "DMA1 0 DMA2 400 RCC 1000 FLASH 2000 CRC 3000",
        0x48000000: "GPIOA 0 GPIOB 400 GPIOC 800 GPIOD C00 GPIOE 1000 GPIOF 1400 GPIOG 1800",
        0x50000000: "ADC1 0 ADC2 100 ADC3 400 ADC4 500 ADC5 600 DAC1 800",
    },
}  # fmt: skip
_EXTRA: Mapping[str, str] = {
    "f4": """#define ADC1_COMMON ((ADC_Common_TypeDef *)0x40012300U)
#define ADC123_COMMON ((ADC_Common_TypeDef *)0x40012300U)""",
    "g4": """#define ADC12_COMMON ((ADC_Common_TypeDef *)0x50000300U)
#define ADC345_COMMON ((ADC_Common_TypeDef *)0x50000700U)
#define SRAMCAN_BASE 0x4000A400U""",
}
_ENABLES: Mapping[str, Mapping[str, str]] = {
    "f4": {
        "AHB1ENR": "GPIOA 0 GPIOB 1 GPIOC 2 GPIOD 3 GPIOE 4 GPIOF 5 GPIOG 6 GPIOH 7 GPIOI 8 GPIOJ 9 GPIOK 10 CRC 12 "
                   "DMA1 21 DMA2 22",
        "AHB2ENR": "OTGFS 7",
        "APB1ENR": "TIM2 0 TIM3 1 TIM4 2 TIM5 3 TIM6 4 TIM7 5 TIM12 6 TIM13 7 TIM14 8 WWDG 11 SPI2 14 SPI3 15 "
                   "USART2 17 USART3 18 UART4 19 UART5 20 I2C1 21 I2C2 22 I2C3 23 CAN1 25 CAN2 26 PWR 28 DAC 29 "
                   "UART7 30 UART8 31",
        "APB2ENR": "TIM1 0 TIM8 1 USART1 4 USART6 5 ADC1 8 ADC2 9 ADC3 10 SPI1 12 SPI4 13 SYSCFG 14 TIM9 16 TIM10 17 "
                   "TIM11 18 SPI5 20 SPI6 21",
    },
    "g4": {
        "AHB1ENR": "DMA1 0 DMA2 1 DMAMUX1 2 CRC 12",
        "AHB2ENR": "GPIOA 0 GPIOB 1 GPIOC 2 GPIOD 3 GPIOE 4 GPIOF 5 GPIOG 6 ADC12 13 ADC345 14 DAC1 16",
        "APB1ENR1": "TIM2 0 TIM3 1 TIM4 2 TIM5 3 TIM6 4 TIM7 5 CRS 8 RTCAPB 10 WWDG 11 SPI2 14 SPI3 15 USART2 17 "
                    "USART3 18 UART4 19 UART5 20 I2C1 21 I2C2 22 USB 23 FDCAN 25 PWR 28 I2C3 30",
        "APB1ENR2": "LPUART1 0 I2C4 1",
        "APB2ENR": "SYSCFG 0 TIM1 11 SPI1 12 TIM8 13 USART1 14 SPI4 15 TIM15 16 TIM16 17 TIM17 18 TIM20 20",
    },
}  # fmt: skip
_BITS: Mapping[str, str] = {
    "": """RCC_CR HSEON 16 HSERDY 17 HSEBYP 18 PLLON 24 PLLRDY 25
RCC_BDCR LSEON 0 LSERDY 1 RTCEN 15 BDRST 16 RTCSEL 8-9
RCC_CSR LSION 0 LSIRDY 1
CRC_CR RESET 0
RCC_CFGR HPRE 4-7 SWS 2-3 HPRE_DIV2 =0x80
SPI_CR1 CPHA 0 CPOL 1 MSTR 2 BR 3-5 SPE 6 LSBFIRST 7 SSI 8 SSM 9 RXONLY 10
SPI_CR2 RXDMAEN 0 TXDMAEN 1 SSOE 2 RXNEIE 6
SPI_SR RXNE 0 TXE 1
USART_CR1 RE 2 TE 3 IDLEIE 4 RXNEIE 5 PS 9 PCE 10 OVER8 15
USART_CR2 STOP_1 13
USART_CR3 HDSEL 3 DMAR 6 DMAT 7 RTSE 8 CTSE 9
TIM_CR1 CEN 0 OPM 3 CMS_0 5 ARPE 7
TIM_CR2 MMS_1 5
TIM_DIER UIE 0
TIM_SR UIF 0
TIM_EGR UG 0
TIM_CCER CC1E 0 CC1P 1 CC1NE 2 CC1NP 3 CC2E 4 CC2P 5 CC2NE 6 CC2NP 7 CC3E 8 CC3P 9 CC3NE 10 CC3NP 11 CC4E 12 CC4P 13
DAC_CR EN1 0 WAVE1 6-7 MAMP1 8-11 DMAEN1 12 EN2 16 WAVE2 22-23 MAMP2 24-27 DMAEN2 28
TIM_BDTR BKE 12 MOE 15
I2C_CR1 PE 0
RTC_PRER PREDIV_A 16-22""",
    "f4": """RCC_CR HSION 0 HSIRDY 1
DAC_CR BOFF1 1 TEN1 2 TSEL1 3-5 BOFF2 17 TEN2 18 TSEL2 19-21
WWDG_CFR EWI 9
I2C_CR1 START 8 STOP 9 ACK 10
I2C_CR2 ITERREN 8 ITEVTEN 9 ITBUFEN 10
I2C_SR1 SB 0 ADDR 1 BTF 2 STOPF 4 RXNE 6 TXE 7 AF 10
RCC_PLLCFGR PLLM 0-5 PLLN 6-14 PLLP 16-17 PLLSRC_HSE 22 PLLSRC_HSI =0x0 PLLQ 24-27 PLLR 28-30
RCC_CFGR PPRE1 10-12 PPRE2 13-15 SW_HSI =0x0 SW_HSE =0x1 SW_PLL =0x2 SWS_HSI =0x0 SWS_HSE =0x4 SWS_PLL =0x8
FLASH_ACR PRFTEN 8 ICEN 9 DCEN 10
PWR_CR LPDS 0 PDDS 1 CWUF 2 DBP 8 ODEN 16 ODSWEN 17
PWR_CSR ODRDY 16 ODSWRDY 17
USART_SR IDLE 4 RXNE 5 TC 6 TXE 7
USART_CR1 UE 13 M 12
SPI_CR1 DFF 11
ADC_SR AWD 0 EOC 1 JEOC 2
ADC_CR1 EOCIE 5 AWDIE 6 JEOCIE 7 SCAN 8 AWDSGL 9 JAWDEN 22 AWDEN 23 RES 24-25
ADC_CR2 ADON 0 CONT 1 DMA 8 DDS 9 EOCS 10 JEXTSEL 16-19 JEXTEN 20-21 JSWSTART 22 EXTSEL 24-27 EXTEN 28-29 SWSTART 30
ADC_CCR ADCPRE 16-17 VBATE 22 TSVREFE 23
DMA_SxCR EN 0 TCIE 4 DIR_0 6 DIR_1 7 CIRC 8 PINC 9 MINC 10 PSIZE_0 11 PSIZE_1 12 MSIZE_0 13 MSIZE_1 14 CHSEL 25-27
CAN_MCR INRQ 0 NART 4 ABOM 6
CAN_MSR INAK 0
CAN_TSR TME0 26
CAN_RF0R FMP0 0-1 RFOM0 5
CAN_IER FMPIE0 1
CAN_BTR LBKM 30 SILM 31
CAN_FMR FINIT 0
CAN_TI0R TXRQ 0 IDE 2
CAN_RI0R IDE 2
RTC_ISR INITF 6 INIT 7""",
    "g4": """RCC_PLLCFGR PLLSRC_HSI =0x2 PLLSRC_HSE =0x3 PLLM 4-7 PLLN 8-14 PLLREN 24 PLLR 25-26
RCC_CR HSION 8 HSIRDY 10
DAC_CR TEN1 1 TSEL1 2-5 TEN2 17 TSEL2 18-21
WWDG_CFR EWI 9
I2C_CR1 TXIE 1 RXIE 2 ADDRIE 3 NACKIE 4 STOPIE 5
I2C_CR2 RD_WRN 10 START 13 STOP 14 NBYTES 16-23 AUTOEND 25
I2C_ISR TXE 0 TXIS 1 RXNE 2 ADDR 3 NACKF 4 STOPF 5 TC 6 DIR 16
I2C_ICR ADDRCF 3 NACKCF 4 STOPCF 5
RCC_CFGR PPRE1 8-10 PPRE2 11-13 SW_HSI =0x1 SW_HSE =0x2 SW_PLL =0x3 SWS_HSI =0x4 SWS_HSE =0x8 SWS_PLL =0xC
RCC_CCIPR LPUART1SEL 10-11 FDCANSEL 24-25 FDCANSEL_1 25 CLK48SEL 26-27
RCC_CRRCR HSI48ON 0 HSI48RDY 1
FLASH_ACR LATENCY 0-3 PRFTEN 8 ICEN 9 DCEN 10
PWR_CR1 DBP 8
PWR_CR3 UCPD_DBDIS 14
PWR_CR5 R1MODE 8
USART_CR1 UE 0 M0 12 DEDT 16-20 DEAT 21-25 M1 28
USART_CR2 RXINV 16 TXINV 17
USART_CR3 DEM 14
SPI_CR2 DS 8-11 FRXTH 12
USART_ISR IDLE 4 RXNE 5 TC 6 TXE 7
USART_ICR ORECF 3 IDLECF 4
I2C_OAR1 OA1EN 15
SYSCFG_CFGR1 I2C1_FMP 20 I2C2_FMP 21 I2C3_FMP 22 I2C4_FMP 23
ADC_ISR ADRDY 0 EOC 2 JEOC 5 JEOS 6 AWD1 7
ADC_IER EOCIE 2 JEOSIE 6 AWD1IE 7
ADC_CR ADEN 0 ADSTART 2 JADSTART 3 ADVREGEN 28 ADCAL 31
ADC_CFGR DMAEN 0 DMACFG 1 RES 3-4 EXTSEL 5-9 EXTEN 10-11 OVRMOD 12 CONT 13 AWD1SGL 22 AWD1EN 23 JAWD1EN 24 AWD1CH 26-30
ADC_CFGR2 ROVSE 0 OVSR 2-4 OVSS 5-8
ADC_CCR CKMODE 16-17 VREFEN 22 VSENSESEL 23 VBATSEL 24
DMA_CCR EN 0 TCIE 1 DIR 4 CIRC 5 PINC 6 MINC 7 PSIZE_0 8 PSIZE_1 9 MSIZE_0 10 MSIZE_1 11 MEM2MEM 14
CRS_CR CEN 5 AUTOTRIMEN 6
FDCAN_CCCR INIT 0 CCE 1 MON 5 DAR 6 TEST 7
FDCAN_TEST LBCK 4
FDCAN_IR RF0N 0
FDCAN_IE RF0NE 0
FDCAN_ILE EINT0 0
FDCAN_RXF0S F0FL 0-3 F0GI 8-9
FDCAN_TXFQS TFQPI 16-17 TFQF 21
RTC_ICSR INITF 6 INIT 7""",
}
"""Bits by register: a name and its bit, its bits from-to, or its value after `=`."""
_SEVERAL = re.compile(r"(?:TIM|LPUART|US?ART|SPI|I2C|ADC(?!12|345)|CAN|FDCAN)\d{1,2}")
"""Peripherals of which devices have different ones."""
_CORE = """static inline void NVIC_EnableIRQ(IRQn_Type number)
{
  ((volatile uint32_t *)0xE000E100U)[(uint32_t)number >> 5] = 1UL << ((uint32_t)number & 31U);
}

static inline void NVIC_SetPriority(IRQn_Type number, uint32_t priority)
{
  ((volatile uint8_t *)0xE000E400U)[number] = (uint8_t)(priority << 4);
}

static inline uint32_t SysTick_Config(uint32_t counts)
{
  volatile uint32_t *tick = (volatile uint32_t *)0xE000E010U;
  tick[1] = counts - 1U;
  *(volatile uint8_t *)0xE000ED23U = 0xF0U;
  tick[2] = 0U;
  tick[0] = 7U;
  return counts - 1U > 0xFFFFFFU;
}

typedef struct { volatile uint32_t CTRL, LOAD, VAL; } SysTick_Type;
#define SysTick ((SysTick_Type *)0xE000E010U)
typedef struct { volatile uint32_t CTRL, CYCCNT; } DWT_Type;
#define DWT ((DWT_Type *)0xE0001000U)
#define DWT_CTRL_CYCCNTENA_Msk 1UL
typedef struct { volatile uint32_t DHCSR, DCRSR, DCRDR, DEMCR; } CoreDebug_Type;
#define CoreDebug ((CoreDebug_Type *)0xE000EDF0U)
#define CoreDebug_DEMCR_TRCENA_Msk (1UL << 24U)
typedef struct { volatile uint32_t CPUID, ICSR, VTOR, AIRCR, SCR, CCR; } SCB_Type;
#define SCB ((SCB_Type *)0xE000ED00U)
#define SCB_SCR_SLEEPDEEP_Msk (1UL << 2U)

static inline void __DSB(void)
{
  __asm volatile("dsb 0xF" ::: "memory");
}

static inline void __WFI(void)
{
  __asm volatile("wfi");
}"""


def header(device: Device) -> str | None:
    """The stand-in for `stm32f4xx.h` or `stm32g4xx.h`; None for a family of which nothing is known."""
    family = device.family
    if family not in _BASES:
        return None
    lines = [
        f"/* A stand-in for ST's stm32{family}xx.h: what kiki's own code uses. */",
        "#pragma once", "#include <stdint.h>",
        "typedef enum", "{", *(f"  {name}_IRQn = {n}," for n, name in enumerate(vectors(device)) if name),
        "} IRQn_Type;", *_structs(family), *_instances(device), _EXTRA[family], *_bits(device), _CORE,
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _structs(family: str) -> Iterator[str]:
    for name, registers in {**_STRUCTS[""], **_STRUCTS[family]}.items():
        members = []
        for at, word in enumerate(registers.split()):
            name_of, _, count = word.partition(":")
            kind, star, inner = name_of.partition("*")
            called = inner if star else f"reserved{at}" if name_of == "_" else name_of
            made = f"{kind}_TypeDef" if star else "volatile uint32_t"
            members.append(f"{made} {called}{f'[{count}]' if count else ''};")
        own = "FDCAN_GlobalTypeDef" if name == "FDCAN_Global" else f"{name}_TypeDef"
        yield f"typedef struct {{ {' '.join(members)} }} {own};"


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    words = text.split()
    return zip(words[::2], words[1::2], strict=True)


def _instances(device: Device) -> Iterator[str]:
    family = device.family
    dma: list[int] = []
    for base, listed in _BASES[family].items():
        for name, offset in _pairs(listed):
            if _SEVERAL.fullmatch(name) and name not in device.peripherals:
                continue
            if name == "DAC" and "DAC" not in device.peripherals:
                continue
            at = base + int(offset, 16)
            kind = re.sub(r"^(?:LP)?UART", "USART", name.removesuffix("_COMMON").rstrip("0123456789"))
            kind = next((each for each in ("GPIO", "I2C", "DAC") if name.startswith(each)), kind)
            made = "FDCAN_GlobalTypeDef" if kind == "FDCAN" else f"{kind}_TypeDef"
            yield f"#define {name} (({made} *){at:#010x}U)"
            dma += [at] if kind == "DMA" else []
    channels = 8 if family == "f4" or "DMA1_Channel8" in device.interrupts else 6
    for number, at in enumerate(dma, start=1):
        for stream in range(channels):
            if family == "f4":
                yield f"#define DMA{number}_Stream{stream} ((DMA_Stream_TypeDef *){at + 0x10 + 0x18 * stream:#010x}U)"
            else:
                place = at + 8 + 0x14 * stream
                yield f"#define DMA{number}_Channel{stream + 1} ((DMA_Channel_TypeDef *){place:#010x}U)"
    if family == "g4":
        for stream in range(2 * channels):
            place = stream + (8 - channels) * (stream >= channels)
            yield f"#define DMAMUX1_Channel{stream} ((DMAMUX_Channel_TypeDef *){0x40020800 + 4 * place:#010x}U)"


def _bits(device: Device) -> Iterator[str]:
    for register, listed in _ENABLES[device.family].items():
        for name, bit in _pairs(listed):
            if (_SEVERAL.fullmatch(name) or name == "DAC") and name not in device.peripherals:
                continue
            yield f"#define RCC_{register}_{name}EN (1UL << {bit}U)"
    for line in f"{_BITS['']}\n{_BITS[device.family]}".splitlines():
        register, _, rest = line.partition(" ")
        for name, place in _pairs(rest):
            low, dash, high = place.partition("-")
            if place.startswith("="):
                yield f"#define {register}_{name} {place[1:]}UL"
            elif dash:
                yield f"#define {register}_{name}_Pos {low}U"
                yield f"#define {register}_{name} ({(1 << int(high) - int(low) + 1) - 1:#x}UL << {low}U)"
            else:
                yield f"#define {register}_{name} (1UL << {low}U)"
    if device.family == "f4":
        narrow = re.match(r"STM32F4(?:0[157]|1[157])", device.name) is not None
        yield f"#define FLASH_ACR_LATENCY {'0x7' if narrow else '0xF'}UL"
        if re.match(r"STM32F4[01][57]", device.name):
            yield "#define PWR_CR_VOS (1UL << 14U)"
        else:
            yield "#define PWR_CR_VOS (3UL << 14U)"
            yield "#define PWR_CR_VOS_1 (2UL << 14U)"
