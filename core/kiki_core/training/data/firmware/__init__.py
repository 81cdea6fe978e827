"""Programs for an STM32 in registers, by kind."""

from __future__ import annotations

from collections.abc import Mapping

from kiki_core.training.data.firmware import pins, serial, timing
from kiki_core.training.data.firmware.program import Maker

_KNOWN = {**pins.KINDS, **serial.KINDS, **timing.KINDS}
_ORDER = (
    "output open-drain input blink set-clear follow alternate-function usart-init usart-send usart-receive "
    "usart-interrupt systick timer-interrupt microseconds pwm encoder adc spi i2c exti watchdog pll priority byte-port "
    "dma-send"
).split()
KINDS: Mapping[str, Maker] = {name: _KNOWN[name] for name in _ORDER}
"""In the order in which they take turns: another order makes another set of the same seed."""
