"""What a request wants a chip to do, read into the plan; and what the plan can't hold, named."""

from typing import Any

import pytest

from kiki_core.planning.firmware.chips import chip_in
from kiki_core.planning.firmware.request import Wanted, wanted
from kiki_core.planning.firmware.spelt import spelt

READ: list[tuple[str, dict[str, Any]]] = [
    ("SYSCLK/4 on MCO2 (PC9), STM32F407VG", {"kind": "mco", "output": 2, "source": "SYSCLK", "divider": 4}),
    ("LPUART1 at 9600 baud, PA2 TX PA3 RX, STM32G474RE", {"kind": "usart", "instance": "LPUART1", "baud": 9600}),
    ("USART1 rx by circular DMA into 512 bytes with idle line interrupt, F446RE",
     {"kind": "usart", "idle": True, "circular": True, "ring": 512, "dma": ["rx"]}),
    ("RS-485 an USART3, 19200 Baud, TX PB10, RX PB11, DE-Eingang an PB14, STM32G474RE",
     {"kind": "usart", "driver_enable": True, "pins": {"TX": "PB10", "RX": "PB11", "DE": "PB14"}}),
    ("printf redirigé vers USART2 à 115200 bauds, Nucleo-F446RE", {"kind": "usart", "printf": True}),
    ("usart1 f446 115200 rx irq, ring buffer 128 bytes", {"kind": "usart", "interrupt": True, "ring": 128}),
    ("read WHO_AM_I of an MPU6050 over I2C1, PB8/PB9, F446RE",
     {"kind": "i2c", "address": 0x68, "register": 0x75, "reads": 1}),
    ("BME280 (adresse 0x76) sur I2C1, STM32F401RE : lire l'identifiant (registre 0xD0, il doit valoir 0x60)",
     {"kind": "i2c", "address": 0x76, "register": 0xD0, "expects": 0x60}),
    ("I2C1 F407: write 0x00 into register 0x6B of the MPU6050 (0x68), then read 6 bytes from 0x3B",
     {"kind": "i2c", "writes": [0x6B, 0], "register": 0x3B, "reads": 6}),
    ("STM32G474RE I2C2 slave address 0x42, PA9 SCL PA8 SDA", {"kind": "i2c", "slave": True, "own_address": 0x42}),
    ("W25Q128 on SPI1, read the JEDEC id, CS on PA4, STM32F407VG", {"kind": "spi", "command": [0x9F], "reply": 3}),
    ("Leer el canal 2 de un MCP3008, SPI1 modo 0 a 1 MHz, CS en PA4, STM32F411RE",
     {"kind": "spi", "max_hz": 1_000_000, "command": [1, 0xA0, 0], "overlaps": True}),
    ("TIM2 free running at 1 MHz for timestamps, F446RE", {"kind": "timer", "tick_hz": 1_000_000, "interrupt": False}),
    ("TIM3 CH1 25 % and CH2 75 % at 1 kHz, STM32F446RE", {"kind": "pwm", "channels": [1, 2], "duties": [25.0, 75.0]}),
    ("TIM1 CH1 20 kHz centre-aligned PWM on PA8, active low, no break input, F446RE",
     {"kind": "pwm", "aligned": "center", "inverted": True}),
    ("TIM2 one-pulse mode: 200 us pulse on PA0 (CH1), triggered by rising edge on PA1, F446RE",
     {"kind": "pwm", "one_pulse": True, "starts": "CH2"}),
    ("Frequenzmessung an PA5 mit TIM2 CH1, Auflösung 0,1 µs, STM32F407VG", {"kind": "capture", "tick_hz": 10_000_000}),
    ("PWM input on TIM3 CH2 PA7, 1 MHz, F411RE", {"kind": "capture", "channel": 2, "pwm": True}),
    ("ADC1 injected on PA0 and PA1 triggered by TIM1 TRGO at 20 kHz, F446RE",
     {"kind": "adc", "injected": True, "trigger": "TIM1", "channels": 2}),
    ("ADC1 IN0, IN1, IN4 by DMA, F446RE", {"kind": "adc", "pins": {"CH1": "PA0", "CH2": "PA1", "CH3": "PA4"}}),
    ("lee el sensor de temperatura interno con ADC1, STM32F446RE", {"kind": "adc", "internal": ["temperature"]}),
    ("ADC1 PA3: interrupt if it leaves 1000..3000, F446RE", {"kind": "adc", "low": 1000, "high": 3000}),
    ("1 kHz sine on the DAC of the F407 (PA4), 64 points, DMA paced by TIM6",
     {"kind": "timer", "instance": "TIM6", "frequency_hz": 64000.0, "trigger": True}),
    ("white noise on DAC channel 1, TIM7 trigger 20 kHz, STM32F407VG", {"kind": "dac", "wave": "noise", "trigger": "TIM7"}),
    ("CAN1 250 kbit/s, filter 0x100 mask 0x7F0, F407VG", {"kind": "can", "filter_id": 0x100, "filter_mask": 0x7F0}),
    ("CAN1 500k, send id 0x55 with data 0xDE 0xAD every 10 ms, F446RE",
     {"kind": "can", "send_id": 0x55, "payload": [0xDE, 0xAD], "repeat_ms": 10}),
    ("RTC vom LSE-Quarz, gestellt auf den 14.03.2025, 09:26:53 Uhr, STM32G431RB",
     {"kind": "rtc", "source": "lse", "date": "2025-03-14", "time": "09:26:53"}),
    ("RTC alarm at 06:15 daily, LSE, G431RB", {"kind": "rtc", "alarm": "06:15:00"}),
    ("LED PA5 on while the button on PC13 is held, F401RE", {"kind": "gpio", "label": "LED", "follows": "BUTTON"}),
    ("blink the LED on PC13 three times quickly, then pause 1 second, F411CE", {"kind": "gpio", "burst": 3, "low_ms": 1000}),
    ("pulsador en PC13 con antirrebote de 30 ms; cada pulsación cambia el LED en PA5, G491RE",
     {"kind": "gpio", "label": "BUTTON", "debounce_ms": 30, "toggles": "LED"}),
    ("F411 sleeps in Stop mode and wakes on a rising edge at PA0. While awake PA5 is high.",
     {"kind": "gpio", "pin": "PA5", "direction": "out", "initial": True}),
    ("10-kHz-Timerinterrupt mit TIM7 auf dem G431RB, in der ISR PC0 umschalten",
     {"kind": "timer", "instance": "TIM7", "toggles": "OUT_PC0"}),
    ("Potentiometer an PA0 steuert PWM-Tastverhältnis an PA6 (TIM3), F446RE", {"kind": "pwm", "follows": True}),
    ("SysTick at 100 Hz toggles PA5 every 50 ticks F446RE", {"kind": "systick", "frequency_hz": 100, "every": 50}),
    ("DMA memory to memory copy of 1024 words using DMA2 stream 0 on STM32F429ZI", {"kind": "copy", "stream": 0, "words": 1024}),
    ("USART2 at 9600 baud, PA2/PA3, reception by interrupt rather than polling, F446RE", {"kind": "usart", "interrupt": True}),
    ("USART1 9600, PA9 PA10, Interrupt statt Polling, STM32F411RE", {"kind": "usart", "interrupt": True}),
    ("TIM5 als freilaufender Mikrosekundenzähler, STM32F407VG", {"kind": "timer", "tick_hz": 1_000_000, "interrupt": False}),
    ("TIM2 comme compteur de microsecondes en roue libre, F446RE", {"kind": "timer", "tick_hz": 1_000_000}),
    ("measure the duty of a PWM on PA0 with TIM2 in PWM input mode, F446RE",
     {"kind": "capture", "instance": "TIM2", "pwm": True, "pins": {"CH1": "PA0"}}),
    ("ADC1 PA0, 64-fold hardware oversampling, G431RB", {"kind": "adc", "oversample": 64}),
    ("ADC1 an PA1 mit 8-facher Überabtastung, Ergebnis um 3 Bit geschoben, G474RE", {"kind": "adc", "oversample": 8}),
    ("copy 32 words from memory to memory by DMA1 channel 2, started in the init, G474RE",
     {"kind": "copy", "stream": 2, "at_start": True}),
    ("USART3 on PB11, 100000 baud 8E2, signal inverted, receive only, STM32G474RE", {"kind": "usart", "inverted": "rx"}),
    ("SPI1 on PA5 clock, PA6 MISO, PA7 MOSI, mode 1, at most 3 MHz, F411RE", {"kind": "spi", "max_hz": 3_000_000}),
    ("SPI2 à 6 MHz au plus, horloge sur PB13, PB14, PB15, F446RE", {"kind": "spi", "max_hz": 6_000_000}),
    ("TIM6 interrompt toutes les 200 µs ; dans l'ISR, inverser PB0, STM32F407VG", {"kind": "timer", "toggles": "OUT_PB0"}),
    ("PC13 interrupt on both edges, pull-up, priority 3; PB7 shows the state of the button, F446RE",
     {"kind": "gpio", "pin": "PB7", "direction": "out", "follows": "EVENT_PC13"}),
    ("put the whole port B in analog mode except PB6, F446RE", {"kind": "gpio", "pin": "PB15", "direction": "analog"}),
    ("TIM4 in external clock mode 1 counts falling edges on PB6, no interrupt, F446RE",
     {"kind": "capture", "instance": "TIM4", "counts": True, "edge": "falling", "pins": {"CH1": "PB6"}}),
    ("TIM2 zählt die Impulse an PA1, STM32G431RB", {"kind": "capture", "instance": "TIM2", "counts": True, "channel": 2}),
    ("LED on PA5 shows the level of PB0, pull-up, STM32F401RE", {"kind": "gpio", "pin": "PB0", "direction": "in"}),
    ("alle Pins an Port C analog, außer PC13, STM32G431RB", {"kind": "gpio", "pin": "PC0", "direction": "analog"}),
    ("USART1 9600 7E1 on G431RB, inverted TX and RX, PA9 PA10", {"kind": "usart", "inverted": "both"}),
    ("SPI2 in 3-wire bidirectional mode, SCK PB13, data PB15, F411RE", {"kind": "spi", "one_line": True}),
    ("USART1 PA9/PA10 as LIN master, 19200 baud, 11-bit break detection with interrupt, F407VG",
     {"kind": "usart", "lin": 11, "interrupt": True}),
    ("USART1 at 115200, receiver timeout after 20 bit times with interrupt, G474RE", {"kind": "usart", "timeout_bits": 20}),
    ("tout ce qui arrive sur USART1 (RX PA10) doit ressortir sur USART2 (TX PA2), F446RE",
     {"kind": "usart", "instance": "USART1", "forwards": True}),
    ("turn on the LED at PC13 when no byte comes in on USART1 for half a second, F411RE",
     {"kind": "usart", "quiet_ms": 500, "lights": "LED"}),
    ("every byte received by USART2 (0..100) sets the duty of TIM4 CH1 on PD12 in percent, 1 kHz, F407VG",
     {"kind": "pwm", "follows": True, "by": "byte", "most": 100}),
    ("encoder on TIM2 (PA0/PA1), its count over USART2 (TX PA2) every 200 ms, print it, F401RE",
     {"kind": "usart", "values": ["encoder"], "repeat_ms": 200}),
    ("Traffic light: red PB0 for 5 s, then green PB2 for four seconds, then yellow PB1 for a second, F411RE",
     {"kind": "gpio", "pin": "PB2", "turn_ms": 4000}),
    ("Taster an PC4 und PC5 gegen GND, fallende Flanke als Interrupt. PC4 schaltet die LED an PA5 ein, PC5 schaltet sie aus. "
     "F411RE", {"kind": "gpio", "pin": "PC5", "edge": "falling", "clears": "LED_PA5"}),
    ("PC0, PC1, PC2 = inputs with pull-ups, STM32F407VG", {"kind": "gpio", "pin": "PC1", "direction": "in", "pull": "up"}),
    ("switch PB1 off in the PVD interrupt when VDD falls below 2.7 V, F407VG",
     {"kind": "pvd", "level_mv": 2700, "clears": "OUT_PB1"}),
    ("analog watchdog on ADC2, PA3, continuous, VREF+ 3.3 V; if it leaves 1.0 V ... 2.5 V switch PD14 on, F407VG",
     {"kind": "adc", "low": 1241, "high": 3102, "sets": "OUT_PD14"}),
    ("IWDG of 100 ms, allowed only in the second half of that time (window), G431RB", {"kind": "iwdg", "closed_ms": 50}),
    ("CAN FD: FDCAN2 PB12/PB13, nominal 500 kbit/s, data phase 2 Mbit/s, G474RE at 170 MHz",
     {"kind": "can", "bitrate": 500_000, "data_bitrate": 2_000_000}),
    ("CAN1 PA11/PA12 250 kbit/s, filter bank 0 for ID 0x123, F446RE", {"kind": "can", "filter_id": 0x123}),
    ("pulses on PA0 (TIM2_ETR) clock TIM2, every second read and clear its count, F401RE",
     {"kind": "capture", "etr": True, "gate_ms": 1000, "pins": {"ETR": "PA0"}}),
    ("sample PC1 a thousand times per second and send the mean of sixteen readings over USART3 (PB10), F405RG",
     {"kind": "adc", "average": 16, "trigger": "TIM3"}),
    ("measure the pulse width at PA0 with TIM2 in µs and print it over USART2 (PA2) every half second, G431RB",
     {"kind": "usart", "values": ["width"], "repeat_ms": 500}),
    ("dim the LED at PA5 up and down in two seconds with TIM2 PWM, F446RE", {"kind": "pwm", "fade_ms": 2000}),
    ("TIM1 CH1 on PA8, 20 kHz, 40 % duty, break input on PB12 active low, G431RB", {"kind": "pwm", "stop": True}),
    ("servo on PA6, 50 Hz, pulse one and a half milliseconds, G431RB", {"kind": "pwm", "duty_percent": 7.5}),
    ("UART4 PC10/PC11 at a quarter megabaud, 8E1, F407VG", {"kind": "usart", "baud": 250_000, "parity": "even"}),
    ("half bridge on TIM1, 40 kHz, two thirds duty, two hundred nanoseconds dead time, F446RE",
     {"kind": "pwm", "dead_time_ns": 200, "duty_percent": 66.6667}),
    ("TIM2 counts in 100 ns steps, free running, F446RE", {"kind": "timer", "tick_hz": 10_000_000}),
    ("LED PA5 leuchtet nur, solange PB0 und PB1 beide gedrückt sind, F401RE",
     {"kind": "gpio", "pin": "PA5", "follows": "BUTTON_PB0", "gate": ["BUTTON_PB1"]}),
    ("F446RE: buzzer PB10 sounds if either door contact, PC6 or PC7 (pull-ups), is low",
     {"kind": "gpio", "pin": "PB10", "follows": "IN_PC6", "gate": ["IN_PC7"], "any_of": True}),
    ("USART2 on G431RB 100000 8E2, rx inverted, tx normal, PA2/PA3", {"kind": "usart", "inverted": "rx"}),
    ("TIM6 interrupts each 5 ms on the F446RE and its handler samples the switch on PC13; debounce with 4 equal samples",
     {"kind": "timer", "samples": "BUTTON", "steady": 4}),
    ("Turn PA5 on with '1' and off with '0' over USART2 (PA2, PA3, 115200), F446RE",
     {"kind": "usart", "baud": 115200, "commands": ["0x31 sets OUT_PA5", "0x30 clears OUT_PA5"]}),
    ("al recibir 'A' por USART1 (PA9/PA10, 9600) se enciende PB0, con 'B' se apaga, y se devuelve el eco, F411CE",
     {"kind": "usart", "commands": ["0x41 sets OUT_PB0", "0x42 clears OUT_PB0"], "echo": True}),
    ("BMP280 at 0x77 on I2C1 PB8/PB9, read register 0xD0 and print it in hex over USART2 (PA2) at 115200, F401RE",
     {"kind": "usart", "values": ["device"], "hexadecimal": True, "repeat_ms": 0}),
    ("TIM2 interrupt at 1 kHz, USART1 receive interrupt (PA10, 115200) with priority 6, F401RE",
     {"kind": "usart", "baud": 115200, "priority": 6}),
    ("f401re usart6 pa11/pa12 38400 8N1, rxne irq into a 256 byte ring", {"kind": "usart", "ring": 256}),
    ("Capteur Hall sur PB4 d'un F401RE : compter les deux fronts en interruption", {"kind": "gpio", "pin": "PB4", "edge": "both"}),
    ("I2C1 on PB8/PB9, 100 kHz, F401RE. PA5 is a heartbeat, 1 Hz.", {"kind": "gpio", "pin": "PA5", "blink_hz": 1.0}),
    ("CAN1 500k an PB8/PB9 des F446RE, ohne automatische Wiederholung", {"kind": "can", "once": True}),
]  # fmt: skip
LOST = [
    ("ADC1 on PA0, oversampling 16x with right shift 2, G474RE", "the shift of the sum (shift 2)"),
    ("TIM5 times in milliseconds, F407VG", "the timer's count rate"),
    ("TIM4 in external clock mode 1 counts edges on PB6 with an interrupt at the overflow, F446RE", "the interrupt"),
    ("Toggle an LED when '1' arrives, off with '0', USART2 and PA5, STM32F446RE", "what received characters do"),
    ("I2C1 scan the bus and report over USART2, F446RE", "scanning the bus"),
    ("ADC1 IN1 differential, G474RE", "a differential input"),
    ("USART2 at 115200 on PA2/PA3; each letter that arrives moves a stepper by one step, F446RE",
     "a protocol of one wire or of its own"),
    ("IWDG of two seconds, fed only while the button at PC13 isn't held, F446RE", "feeding the watchdog"),
    ("PD12 to PD15 show the upper four bits of the ADC value of PA1, F407VG", "bits of a value"),
    ("PC13 held for longer than 2 s turns PA5 on, a short press turns it off, F446RE", "long presses"),
    ("TIM3 pwm on PA6, PA7, PB0, 1 kHz, shares in the ratio 1:2:4, F401RE", "1:2:4"),
    ("USART2, 9600 8N1 with even parity, F446RE", "8N1 together with “even” parity, which contradict each other"),
    ("CAN1 at 500k, send the value of the ADC at PA1 in frame 0x200 each 100 ms, F446RE", "the value in a CAN frame"),
    ("DAC on PA4: sine of 1 kHz by DMA and TIM6, its height half of full scale, F407VG", "half of full scale"),
    ("F446RE at 180 MHz from 8 MHz HSE, switch the FPU on", "the FPU"),
    ("when the ADC reading of PA0 exceeds 3000 switch PB5 on, below 2500 switch it off, G474RE", "2500"),
    ("USART1 at 9600 on PA9/PA10 sends each line back in upper case, F405RG", "the text's form"),
    ("G474: internal temperature sensor, send degrees over LPUART1 at 9600", "a unit conversion"),
    ("F411 sleeps in standby, wakes by a falling edge of a button at PC13, PA5 is high",
     "waking from Standby by that edge (only a wake-up pin does)"),
    ("two buttons PC0 and PC1, the first switches LED PB0 on, the second off, F407VG", "switching something on and off"),
    ("kick the watchdog only when the button is pressed, IWDG 3 s, F446RE", "what is to happen “when the button is pressed, IWDG”"),
    ("CRC-16 CCITT of a buffer, F446RE", "bit reversal or another polynomial"),
    ("DAC on PA4 at 1.2 V and PA5 2 V, then 3 V, F446RE", "3 V"),
    ("USART3 PB10/PB11 19200 on F407VG, 'x' sets PD12 high, 'y' sends the ADC value of PA1", "what 'y' does"),
    ("TIM7 at 1 kHz on the F446RE, the ISR computes a mean", "what the interrupt does"),
    ("I2C1 at 400 kHz on PB8/PB9 without clock stretching, F446RE", "“without clock stretching”"),
]  # fmt: skip


def _wanted(text: str) -> Wanted:
    request = wanted(text, ["stm32"])
    assert request is not None
    return request


@pytest.mark.parametrize(("text", "entry"), READ)
def test_behaviour_comes_into_the_plan(text: str, entry: dict[str, Any]) -> None:
    request = _wanted(text)
    entries = request.plan["peripherals"]
    assert any(all(each.get(key) == value for key, value in entry.items()) for each in entries), entries
    assert request.lost == ()


@pytest.mark.parametrize(("text", "lost"), LOST)
def test_behaviour_that_no_plan_has_is_named(text: str, lost: str) -> None:
    assert lost in _wanted(text).lost


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("Run the F446RE from HSI directly, no PLL, blink PA5", {"sysclk_hz": 16_000_000}),
        ("SYSCLK = HSE 24 MHz without PLL, STM32G474RE", {"source": "HSE", "hse_hz": 24_000_000, "sysclk_hz": 24_000_000}),
        ("F407VG 168 MHz from 8 MHz crystal, APB1 42, APB2 84",
         {"source": "HSE", "hse_hz": 8_000_000, "sysclk_hz": 168_000_000, "pclk1_hz": 42_000_000, "pclk2_hz": 84_000_000}),
        ("SYSCLK 180 MHz, AHB /2, HSE 8 MHz, F429ZI",
         {"source": "HSE", "hse_hz": 8_000_000, "sysclk_hz": 180_000_000, "hclk_hz": 90_000_000}),
    ],
)  # fmt: skip
def test_clocks_are_read(text: str, clock: dict[str, Any]) -> None:
    assert _wanted(text).plan["clock"] == clock


def test_a_limit_of_a_bus_is_no_core_clock() -> None:
    assert "sysclk_hz" not in _wanted("SPI1: PA5 clock, PA6, PA7, no more than 4 MHz, F411RE").plan["clock"]


def test_the_level_of_a_break_input_isnt_that_of_the_outputs() -> None:
    request = _wanted("TIM1 CH1 on PA8, 20 kHz, break input on PB12 active low, STM32G431RB")
    assert "inverted" not in request.plan["peripherals"][0]


def test_a_verb_that_nothing_knows_is_named() -> None:
    assert "what “decoding” asks for" in _wanted("USART1 at 9600 on PA9/PA10 for decoding of pagers, F446RE").lost
    assert _wanted("USART1 at 9600 on PA9/PA10 for the balance in the barn, F446RE").lost == ()


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("one and a half milliseconds", "1.5 milliseconds"), ("three quarters of a second", "0.75 second"),
        ("a minute and a half", "1.5 minute"), ("zweihundertfünfzig Millisekunden", "250 Millisekunden"),
        ("cinq cents millisecondes", "500 millisecondes"), ("treinta por ciento", "30 por ciento"),
        ("duty of one quarter", "25 % duty"), ("duty cycle 1/8", "12.5 % duty cycle"),
        ("a second button on PA1", "a second button on PA1"), ("250 thousand baud", "250 thousand baud"),
        ("half duplex", "half duplex"), ("one UART", "one UART"),
    ],
)  # fmt: skip
def test_numbers_in_words_become_digits(text: str, digits: str) -> None:
    assert spelt(text) == digits


@pytest.mark.parametrize(
    "words",
    [
        "get rid of HAL",
        "registers or HAL, I don't care",
        "Pas de HAL",
        "ohne HAL",
        "kein HAL",
        "no HAL please",
        "don't use the HAL",
    ],
)
def test_without_hal_is_by_registers(words: str) -> None:
    assert _wanted(f"TIM6 at 1 kHz with interrupt, STM32F446RE. {words}.").plan["style"] == "register"


def test_an_excepted_pin_stays_as_it_is() -> None:
    request = _wanted("all pins of port A as analog, but leave PA2, STM32F446RE")
    pins = {each["pin"] for each in request.plan["peripherals"]}
    assert pins == {f"PA{number}" for number in range(16)} - {"PA2", "PA13", "PA14"}


def test_a_number_of_a_part_is_no_priority() -> None:
    text = "B1 an PC13 soll bei beiden Flanken einen Interrupt mit Priorität 4 auslösen, Pull-down, G474RE"
    assert _wanted(text).plan["peripherals"][0]["priority"] == 4


def test_a_chip_is_known_by_its_name() -> None:
    known = chip_in("an LSM6DSO on the bus")
    assert known is not None
    assert (known[0].address, known[0].identity, known[1]) == (0x6A, 0x0F, "LSM6DSO")
    assert chip_in("an STM32F446RE") is None
