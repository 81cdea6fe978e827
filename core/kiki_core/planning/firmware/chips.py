"""Common chips on I2C and SPI: where they answer, and what they are asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chip:
    """A chip by its name. ``address``: of 7 bits, on I2C. ``identity``: the register (I2C) or command (SPI) whose answer
    tells what it is; ``values``: where what it measures lies, and how many bytes that is; -1: it is read without one.
    ``begin``: bytes written before it measures."""

    name: str
    pattern: re.Pattern[str]
    address: int
    identity: int | None
    values: tuple[int, int] | None = None
    begin: tuple[int, ...] = ()
    identity_bytes: int = 1
    spi: bool = False
    """Whether it is on SPI only."""
    read_bit: int = 0x80
    """On SPI: what is added to a register's number to read it."""


def _chip(name: str, address: int, identity: int | None, values: tuple[int, int] | None = None,
          begin: tuple[int, ...] = (), **more: int) -> Chip:  # fmt: skip
    pattern = re.compile(rf"(?<![A-Za-z0-9])(?:{name.replace('x', '[0-9A-Z]{0,4}')})(?![0-9])", re.IGNORECASE)
    spi = bool(more.pop("spi", 0))
    return Chip(name.split("|")[0], pattern, address, identity, values, begin, spi=spi, **more)


CHIPS: Sequence[Chip] = (
    _chip("MPU-?6050|MPU-?6000|GY-?521", 0x68, 0x75, (0x3B, 14), (0x6B, 0x00)),
    _chip("MPU-?6500|MPU-?9250|MPU-?9255", 0x68, 0x75, (0x3B, 14), (0x6B, 0x00)),
    _chip("ICM-?20948", 0x68, 0x00, (0x2D, 12), (0x06, 0x01)),
    _chip("BMP280|BME280", 0x76, 0xD0, (0xF7, 6), (0xF4, 0x27)),
    _chip("BMP180|BMP085", 0x77, 0xD0), _chip("BME680|BME688", 0x76, 0xD0), _chip("BMP388|BMP390", 0x76, 0x00, (0x04, 6)),
    _chip("LIS3DH|LIS2DH12", 0x18, 0x0F, (0xA8, 6), (0x20, 0x57)), _chip("LIS3DSH", 0x1E, 0x0F, (0x28, 6), (0x20, 0x67)),
    _chip("LIS302DL", 0x1C, 0x0F), _chip("LSM6DSx|ISM330x", 0x6A, 0x0F, (0x22, 12), (0x10, 0x40)),
    _chip("LSM303x", 0x19, None, (0xA8, 6), (0x20, 0x57)),
    _chip("L3GD20H?|I3G4250D", 0x6B, 0x0F, (0xA8, 6), (0x20, 0x0F)), _chip("HTS221", 0x5F, 0x0F, (0xA8, 4), (0x20, 0x81)),
    _chip("LPS22x|LPS25x", 0x5C, 0x0F, (0x28, 3), (0x10, 0x10)), _chip("LIS2MDL", 0x1E, 0x4F, (0x68, 6), (0x60, 0x00)),
    _chip("ADXL345", 0x53, 0x00, (0x32, 6), (0x2D, 0x08)), _chip("HMC5883L?", 0x1E, 0x0A, (0x03, 6), (0x02, 0x00)),
    _chip("QMC5883L?", 0x0D, 0x0D, (0x00, 6), (0x09, 0x1D)), _chip("BNO055", 0x28, 0x00, (0x1A, 6), (0x3D, 0x0C)),
    _chip("LM75[AB]?|TMP75x|TMP102|TMP100|TMP101|STDS75|DS1775|AT30TS75|TC74", 0x48, None, (0x00, 2)),
    _chip("TMP117", 0x48, 0x0F, (0x00, 2), identity_bytes=2), _chip("MCP9808", 0x18, 0x07, (0x05, 2), identity_bytes=2),
    _chip("ADT7410|ADT7420", 0x48, 0x0B, (0x00, 2)),
    _chip("SHT3[015]", 0x44, None, (-1, 6), (0x2C, 0x06)),
    _chip("SI7021|HTU21x|SHT21|SHT20", 0x40, None, (0xE3, 2)), _chip("BH1750x", 0x23, None, (-1, 2), (0x10,)),
    _chip("DS3231|DS1307|DS1338|M41T62", 0x68, None, (0x00, 7)), _chip("PCF8563|PCF8523", 0x51, None, (0x02, 7)),
    _chip("(?:AT|M|CAT)?24(?:C|LC|FC)(?:01|02|04|08|16)", 0x50, None, (0x00, 1)),
    _chip("(?:AT|M|CAT)?24(?:C|LC|FC|AA)(?:32|64|128|256|512)", 0x50, None),
    _chip("PCF8574A?", 0x20, None, (-1, 1)), _chip("MCP23017|MCP23008", 0x20, None, (0x12, 2)),
    _chip("INA219", 0x40, None, (0x02, 2)), _chip("INA226|INA228", 0x40, 0xFE, (0x02, 2), identity_bytes=2),
    _chip("ADS1115|ADS1015", 0x48, None, (0x00, 2)), _chip("VL53L0X", 0x29, 0xC0), _chip("APDS-?9960", 0x39, 0x92),
    _chip("MAX30102|MAX30105", 0x57, 0xFF), _chip("AS5600", 0x36, None, (0x0C, 2)), _chip("PCA9685", 0x40, None, (0x00, 1)),
    _chip("MLX90614", 0x5A, None, (0x07, 3)), _chip("CCS811", 0x5A, 0x20), _chip("FXOS8700x", 0x1E, 0x0D),
    _chip("MMA8451|MMA8452x", 0x1C, 0x0D, (0x01, 6), (0x2A, 0x01)), _chip("TCS34725", 0x29, 0x92),
    _chip("W25Qx|W25Xx|MX25x|GD25x|N25Qx|S25FLx|AT25SFx|IS25x|SST25x|M25Px", 0, 0x9F, None, identity_bytes=3, spi=1, read_bit=0),
    _chip("MAX31855x?", 0, None, (-1, 4), spi=1), _chip("MAX6675", 0, None, (-1, 2), spi=1),
    _chip("MAX31865", 0, None, (0x01, 2), spi=1, read_bit=0), _chip("NRF24L01\\+?", 0, None, (0x00, 1), spi=1, read_bit=0),
    _chip("RFM9[5-8]W?|SX127[678]", 0, 0x42, None, spi=1, read_bit=0), _chip("ADXL362", 0, None, None, spi=1),
)  # fmt: skip


def chip_in(text: str) -> tuple[Chip, str] | None:
    """The first chip of the table that a text names, and its name there."""
    found = [(match.start(), match.group(0), chip) for chip in CHIPS if (match := chip.pattern.search(text))]
    if not found:
        return None
    _, name, chip = min(found, key=lambda each: each[0])
    return chip, name.upper()
