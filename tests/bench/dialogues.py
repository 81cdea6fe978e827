"""Three engineering dialogues of fourteen turns, with questions whose right answers are known.

A turn: (day, ref, who, text, what it supersedes, what it rests on). A question: (kind, day, text, the refs that
answer it,
refs that must not be among the first three). Kinds: plain, current (what holds now), history, cascade (what depends
on it), time, absence.
"""

from __future__ import annotations

Turn = tuple[int, str, str, str, str, tuple[str, ...]]
Asked = tuple[str, int, str, tuple[str, ...], tuple[str, ...]]

LOGGER: tuple[Turn, ...] = (
    (
        0,
        "l1",
        "Ann",
        "New project: a battery-powered temperature logger that must run two years on one AA lithium cell.",
        "",
        (),
    ),
    (0, "l2", "kiki", "Budget: 2900 mAh over 17,520 h gives 165 uA average, everything included.", "", ("l1",)),
    (0, "l3", "Ann", "For the main rail we take the TPS62740 buck, set to 1.8 V.", "", ("l2",)),
    (0, "l4", "kiki", "The sensor TMP117 runs from the 1.8 V rail and reads over I2C at address 0x48.", "", ("l3",)),
    (1, "l5", "Ann", "MCU decided: STM32L053, because it sleeps at 0.4 uA with RTC.", "", ()),
    (1, "l6", "kiki", "Flash chip W25Q16 for the log data; it needs at least 2.7 V.", "", ()),
    (3, "l7", "Ann", "Problem: W25Q16 doesn't run at 1.8 V. So the rail becomes 3.0 V.", "l3", ("l6",)),
    (3, "l8", "kiki", "At 3.0 V the average sleep current grows from 4.1 uA to 6.3 uA.", "", ("l7",)),
    (
        9,
        "l9",
        "Bob",
        "I laid out the board: four layers, the sensor sits on a thermally isolated peninsula.",
        "",
        ("l4",),
    ),
    (9, "l10", "Bob", "Sensor readings drift by 0.8 degrees while the radio transmits.", "", ("l9",)),
    (
        16,
        "l11",
        "Ann",
        "Cause of the drift: the antenna feed runs under the peninsula. We moved the sensor to the far edge.",
        "l9",
        ("l10",),
    ),
    (16, "l12", "kiki", "Log interval changed from 60 s to 300 s to save flash wear.", "", ("l6",)),
    (23, "l13", "Ann", "The enclosure is an IP65 box from Hammond, 1551KGY.", "", ()),
    (23, "l14", "Bob", "Prototype two survives the climate chamber: minus 20 to plus 60 degrees.", "", ("l11",)),
)
LOGGER_ASKED: tuple[Asked, ...] = (
    ("plain", 30, "Which microcontroller did we pick and why?", ("l5",), ()),
    ("plain", 30, "What is the I2C address of the temperature sensor?", ("l4",), ()),
    ("plain", 30, "What enclosure do we use?", ("l13",), ()),
    ("current", 30, "What is the voltage of the main rail?", ("l7",), ("l3",)),
    ("current", 30, "Where is the sensor placed on the board?", ("l11",), ("l9",)),
    ("current", 30, "How often does it log?", ("l12",), ()),
    ("history", 30, "What was the rail originally set to?", ("l3",), ()),
    ("history", 30, "What did we use before the W25Q16 problem for the rail?", ("l3",), ()),
    ("cascade", 30, "What depends on the rail that was 1.8 V?", ("l4",), ()),
    ("cascade", 30, "Why did the sleep current grow?", ("l8", "l7"), ()),
    ("cascade", 30, "What was affected by the choice of the W25Q16?", ("l7", "l12"), ()),
    ("time", 24, "What did we decide yesterday?", ("l13", "l14"), ("l5", "l7")),
    ("time", 30, "What was done before the climate chamber test about drift?", ("l10", "l11"), ()),
    ("absence", 30, "Which LoRa spreading factor did we choose?", (), ()),
    ("absence", 30, "What is the part number of the Hall sensor?", (), ()),
    ("absence", 30, "Who signed the EMC test report?", (), ()),
)

MOTOR: tuple[Turn, ...] = (
    (0, "m1", "Eva", "Motor driver board: 24 V in, three-phase bridge with DRV8323, 10 A peak.", "", ()),
    (0, "m2", "kiki", "Shunts: 5 mOhm each, amplifier gain 20 V/V, so 10 A gives 1.0 V at the ADC.", "", ("m1",)),
    (0, "m3", "Eva", "PWM frequency set to 20 kHz.", "", ()),
    (0, "m4", "kiki", "Dead time of 200 ns is enough for the CSD18540 at that gate current.", "", ("m1",)),
    (2, "m5", "Max", "Firmware runs on an STM32G431 with TIM1 in centre-aligned mode.", "", ("m3",)),
    (2, "m6", "Max", "ADC is triggered by TIM1 channel 4 in the middle of the low side conduction.", "", ("m5",)),
    (5, "m7", "Eva", "Audible whine at low speed, so we raised the PWM frequency from 20 kHz to 32 kHz.", "m3", ()),
    (5, "m8", "kiki", "At 32 kHz the switching loss per FET rises to 1.4 W; the heatsink must stay.", "", ("m7",)),
    (
        12,
        "m9",
        "Max",
        "Overcurrent trips falsely on start: the comparator blanking of 0.5 us is too short.",
        "",
        ("m2",),
    ),
    (12, "m10", "Max", "Blanking is now 1.2 us and the false trips are gone.", "", ("m9",)),
    (19, "m11", "Eva", "Shunts replaced: 2 mOhm instead of 5 mOhm, they got too hot.", "m2", ()),
    (19, "m12", "kiki", "With 2 mOhm the ADC sees 0.4 V at 10 A; raise the amplifier gain to 40 V/V.", "", ("m11",)),
    (26, "m13", "Eva", "Input connector will be an XT60, rated 60 A.", "", ()),
    (26, "m14", "Max", "CAN bus at 500 kbit/s for commands, node id 0x21.", "", ()),
)
MOTOR_ASKED: tuple[Asked, ...] = (
    ("plain", 33, "Which gate driver is on the motor board?", ("m1",), ()),
    ("plain", 33, "What triggers the ADC?", ("m6",), ()),
    ("plain", 33, "node id on the CAN bus", ("m14",), ()),
    ("plain", 33, "Which connector did Eva choose for the input?", ("m13",), ()),
    ("current", 33, "What PWM frequency do we run?", ("m7",), ("m3",)),
    ("current", 33, "What value do the current shunts have?", ("m11",), ("m2",)),
    ("current", 33, "What is the blanking time of the comparator?", ("m10",), ()),
    ("history", 33, "What was the PWM frequency originally?", ("m3", "m7"), ()),
    ("history", 33, "Which shunt value did we use previously?", ("m2", "m11"), ()),
    ("cascade", 33, "What depends on the PWM frequency?", ("m5", "m8"), ()),
    ("cascade", 33, "What is affected by the new shunts?", ("m12",), ()),
    ("cascade", 33, "Why did overcurrent trip falsely?", ("m9",), ()),
    ("time", 20, "What changed yesterday?", ("m11", "m12"), ("m7",)),
    ("time", 33, "What did Max do after the whine problem?", ("m9", "m10", "m14"), ("m5", "m6")),
    ("absence", 33, "Which encoder resolution did we select?", (), ()),
    ("absence", 33, "What does the DRV8305 datasheet say?", (), ()),
)

AUDIO: tuple[Turn, ...] = (
    (0, "a1", "Lea", "Headphone amplifier: NE5532 input stage, then OPA1622 as the output driver.", "", ()),
    (0, "a2", "kiki", "Gain of the input stage is 6 dB with R1 = 10k and R2 = 10k.", "", ("a1",)),
    (0, "a3", "Lea", "Supply is plus and minus 12 V from a MeanWell brick with LM317 and LM337.", "", ()),
    (1, "a4", "kiki", "Simulated THD at 1 kHz, 2 Vrms into 32 Ohm: 0.0009 percent.", "", ("a1",)),
    (4, "a5", "Tom", "Measured hum of 100 Hz at minus 78 dBV on the bench.", "", ("a3",)),
    (4, "a6", "Tom", "Hum comes from the ground loop between brick and chassis.", "", ("a5",)),
    (
        8,
        "a7",
        "Lea",
        "We replaced the LM317 and LM337 with TPS7A4901 and TPS7A3001, low-noise regulators.",
        "a3",
        ("a5",),
    ),
    (8, "a8", "Tom", "Star ground at the output jack; hum is down to minus 112 dBV.", "", ("a6",)),
    (15, "a9", "Lea", "Volume control: ALPS RK09 potentiometer, 10k logarithmic.", "", ()),
    (15, "a10", "Tom", "Channel imbalance of the RK09 is 2.1 dB at low volume.", "", ("a9",)),
    (22, "a11", "Lea", "The potentiometer goes; a PGA2311 does the volume digitally.", "a9", ("a10",)),
    (22, "a12", "kiki", "PGA2311 needs plus and minus 5 V, so a second pair of regulators is necessary.", "", ("a11",)),
    (29, "a13", "Tom", "Final output impedance measured: 0.3 Ohm.", "", ()),
    (29, "a14", "Lea", "Front panel is 3 mm anodised aluminium, laser engraved.", "", ()),
)
AUDIO_ASKED: tuple[Asked, ...] = (
    ("plain", 36, "What op amp drives the headphones?", ("a1",), ()),
    ("plain", 36, "What distortion did the simulation give?", ("a4",), ()),
    ("plain", 36, "output impedance of the amplifier", ("a13",), ()),
    ("plain", 36, "Where did the hum come from?", ("a6",), ()),
    ("current", 36, "Which regulators make the supply?", ("a7",), ("a3",)),
    ("current", 36, "How is the volume controlled?", ("a11",), ("a9",)),
    ("current", 36, "How big is the hum now?", ("a8",), ()),
    ("history", 36, "Which regulators did we use previously?", ("a3",), ()),
    ("history", 36, "What was the old volume control part?", ("a9", "a11"), ()),
    ("cascade", 36, "What needs to change because of the PGA2311?", ("a12",), ()),
    ("cascade", 36, "Why was the RK09 dropped?", ("a10", "a11"), ()),
    ("cascade", 36, "What was the consequence of the hum measurement?", ("a6", "a7"), ()),
    ("time", 30, "What happened yesterday?", ("a13", "a14"), ("a9",)),
    ("time", 36, "What did we find before the star ground?", ("a5", "a6"), ()),
    ("absence", 36, "Which Bluetooth codec does it support?", (), ()),
    ("absence", 36, "What did we decide about the tube preamp?", (), ()),
)

ALL = ((LOGGER, LOGGER_ASKED), (MOTOR, MOTOR_ASKED), (AUDIO, AUDIO_ASKED))
