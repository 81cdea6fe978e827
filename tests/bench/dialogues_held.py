"""Three more dialogues, written before the reading of changes was worked on and never tuned on: the check that it reads
other people's wording too. Each also has things that look like changes and are none (two parts of a kind, proposals).
"""

from __future__ import annotations

from dialogues import Asked, Turn

GATEWAY: tuple[Turn, ...] = (
    (0, "g1", "Ida", "Gateway board: radio module is the RFM95W on 868 MHz, antenna by SMA.", "", ()),
    (0, "g2", "Ida", "We power the whole thing from a 18650 cell with an MCP73831 charger.", "", ("g1",)),
    (0, "g3", "kiki", "Charge current is 450 mA with R_PROG = 2.2k.", "", ("g2",)),
    (0, "g4", "Ole", "The BME280 answers at I2C address 0x76, the OLED at 0x3C.", "", ()),
    (2, "g5", "Ole", "UART console runs at 9600 baud on pins PA9 and PA10.", "", ()),
    (2, "g6", "Ole", "Should we move the console to PB6 and PB7 one day?", "", ("g5",)),
    (6, "g7", "Ida", "Range was poor. Radio module is now the SX1262, same footprint adapter.", "g1", ()),
    (6, "g8", "kiki", "The SX1262 draws 118 mA at +22 dBm, so the LDO must deliver 200 mA.", "", ("g7",)),
    (11, "g9", "Ole", "Console speed went up to 115200 baud because the logs were too slow.", "g5", ()),
    (11, "g10", "Ida", "Let's use a LiFePO4 cell instead, the lithium one gets too warm in the sun.", "g2", ()),
    (11, "g11", "kiki", "A LiFePO4 cell needs 3.6 V charging; the MCP73123 does that.", "", ("g10",)),
    (17, "g12", "Ole", "We no longer use the OLED, status goes to a single LED on PC13.", "", ()),
    (17, "g13", "Ida", "A second BME280 sits outside at address 0x77.", "", ()),
    (24, "g14", "Ida", "Antenna connector changed to u.FL since the SMA didn't fit the lid.", "", ()),
)
GATEWAY_ASKED: tuple[Asked, ...] = (
    ("plain", 30, "What is the address of the outside BME280?", ("g13",), ()),
    ("plain", 30, "What is the I2C address of the first BME280?", ("g4",), ()),
    ("plain", 30, "On which pins is the UART console?", ("g5",), ()),
    ("plain", 30, "Which resistor sets the charge current?", ("g3",), ()),
    ("current", 30, "Which radio module do we use?", ("g7",), ("g1",)),
    ("current", 30, "At what baud rate does the console run?", ("g9",), ("g5",)),
    ("current", 30, "What kind of cell powers the gateway?", ("g10", "g11"), ("g2",)),
    ("current", 30, "How is the status displayed?", ("g12",), ()),
    ("current", 30, "Which antenna connector is fitted?", ("g14",), ("g1",)),
    ("history", 30, "Which radio module did we use originally?", ("g1",), ()),
    ("history", 30, "What was the old console speed?", ("g5", "g9"), ()),
    ("cascade", 30, "What depends on the SX1262?", ("g8",), ()),
    ("time", 30, "What did Ida do after the console got faster?", ("g10", "g13", "g14"), ("g1",)),
    ("absence", 30, "Which GPS receiver is on the board?", (), ()),
    ("absence", 30, "What is the thickness of the copper?", (), ()),
)

SUPPLY: tuple[Turn, ...] = (
    (0, "s1", "Kai", "Bench supply: flyback at 65 kHz with a UC3845 controller.", "", ()),
    (0, "s2", "kiki", "Transformer core EFD25, primary inductance 480 uH, turns ratio 8 to 1.", "", ("s1",)),
    (0, "s3", "Kai", "Output capacitor C12 is 470 uF, C13 is 470 uF as well.", "", ()),
    (1, "s4", "kiki", "With 470 uF at C12 the ripple is 85 mV.", "", ("s3",)),
    (4, "s5", "Mia", "Snubber: R7 = 47k, C9 = 1 nF.", "", ()),
    (4, "s6", "Mia", "The heatsink is mounted on the left wall of the case.", "", ()),
    (8, "s7", "Kai", "C12 is 1000 uF from now on, ripple was above the limit.", "s3", ("s4",)),
    (8, "s8", "kiki", "Ripple fell to 41 mV.", "", ("s7",)),
    (13, "s9", "Mia", "Swapped the UC3845 for an NCP1252, it has soft start inside.", "s1", ()),
    (13, "s10", "Mia", "If we changed R7 to 33k the snubber would burn 2 W, so we leave it.", "", ("s5",)),
    (19, "s11", "Kai", "Heatsink relocated to the rear panel for better air flow.", "s6", ()),
    (19, "s12", "kiki", "Junction temperature drops to 92 degrees with the rear heatsink.", "", ("s11",)),
    (25, "s13", "Mia", "Switching frequency: 100 kHz.", "", ()),
    (25, "s14", "Mia", "We gave up on the relay output, a pair of MOSFETs switches the load.", "", ()),
)
SUPPLY_ASKED: tuple[Asked, ...] = (
    ("plain", 31, "What is the primary inductance?", ("s2",), ()),
    ("plain", 31, "What is the value of C13?", ("s3",), ()),
    ("plain", 31, "What is R7 in the snubber?", ("s5",), ()),
    ("plain", 31, "How hot does the junction get?", ("s12",), ()),
    ("current", 31, "What is the value of C12?", ("s7",), ()),
    ("current", 31, "How large is the ripple?", ("s8",), ("s4",)),
    ("current", 31, "Which controller drives the flyback?", ("s9",), ("s1",)),
    ("current", 31, "Where is the heatsink?", ("s11",), ("s6",)),
    ("current", 31, "What switches the load?", ("s14",), ()),
    ("history", 31, "Which controller did we use previously?", ("s1", "s9"), ()),
    ("history", 31, "Where was the heatsink at first?", ("s6",), ()),
    ("cascade", 31, "What was the result of the larger C12?", ("s8",), ()),
    ("time", 26, "What was decided yesterday?", ("s13", "s14"), ("s1",)),
    ("absence", 31, "Which fuse did we choose?", (), ()),
    ("absence", 31, "What is the colour of the front panel?", (), ()),
)

FIRMWARE: tuple[Turn, ...] = (
    (0, "f1", "Rui", "Firmware plan: FreeRTOS on the GD32VF103, tick rate 1 kHz.", "", ()),
    (0, "f2", "Rui", "The main stack has 4 kB, the heap 8 kB.", "", ("f1",)),
    (0, "f3", "kiki", "Task sampling has priority 3, task logging priority 1.", "", ("f1",)),
    (3, "f4", "Zoe", "Logs are kept on an SD card over SPI1 at 12 MHz.", "", ()),
    (3, "f5", "kiki", "SPI1 at 12 MHz needs prescaler 8 from 96 MHz.", "", ("f4",)),
    (3, "f6", "Zoe", "Watchdog timeout is 2 s.", "", ()),
    (7, "f7", "Rui", "Stack overflow in the parser: the main stack has been doubled to 8 kB.", "f2", ()),
    (7, "f8", "Zoe", "SD cards kept failing, logs are kept in the external flash W25Q64 now.", "f4", ()),
    (12, "f9", "Zoe", "Watchdog timeout reduced to 500 ms after the field hang.", "f6", ()),
    (12, "f10", "kiki", "With 500 ms the flash erase of 400 ms leaves little margin; feed it in between.", "", ("f9",)),
    (18, "f11", "Rui", "FreeRTOS out, Zephyr in.", "f1", ()),
    (18, "f12", "Rui", "Bootloader protocol is YMODEM.", "", ()),
    (24, "f13", "Zoe", "Maybe we could change the tick rate to 100 Hz to save power.", "", ()),
    (24, "f14", "Rui", "Instead of YMODEM the bootloader speaks SMP over USB.", "f12", ()),
)
FIRMWARE_ASKED: tuple[Asked, ...] = (
    ("plain", 29, "What priority does the sampling task have?", ("f3",), ()),
    ("plain", 29, "How much heap is there?", ("f2",), ()),
    ("plain", 29, "What is the tick rate?", ("f1",), ()),
    ("plain", 29, "How long does a flash erase take?", ("f10",), ()),
    ("current", 29, "How big is the main stack?", ("f7",), ()),
    ("current", 29, "Where are the logs kept?", ("f8",), ("f4",)),
    ("current", 29, "What is the watchdog timeout?", ("f9",), ("f6",)),
    ("current", 29, "Which RTOS do we run?", ("f11",), ()),
    ("current", 29, "Which protocol does the bootloader speak?", ("f14",), ("f12",)),
    ("history", 29, "What was the watchdog timeout originally?", ("f6", "f9"), ()),
    ("history", 29, "Where were the logs kept previously?", ("f4", "f8"), ()),
    ("cascade", 29, "What is affected by the shorter watchdog timeout?", ("f10",), ()),
    ("time", 25, "What happened yesterday?", ("f13", "f14"), ("f1",)),
    ("absence", 29, "Which Ethernet PHY do we use?", (), ()),
    ("absence", 29, "Who maintains the CI server?", (), ()),
)

HELD = ((GATEWAY, GATEWAY_ASKED), (SUPPLY, SUPPLY_ASKED), (FIRMWARE, FIRMWARE_ASKED))
