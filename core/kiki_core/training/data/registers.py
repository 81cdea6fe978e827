"""What a program leaves in the registers: it runs in QEMU with its peripherals in memory, and tells what stands there.

QEMU has no GPIO, DMA or I2C of an STM32, and no clock of it ever gets ready; in memory each register keeps what the
program writes, and each flag that it waits for can be set beforehand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from kiki_tools.stm32.device import Device

_INSTANCE = re.compile(r"#define (\w+) \(\((\w+) \*\)0x[0-9a-fA-F]+U\)")
_INIT = re.compile(r"^void\s+(\w+)\s*\(\s*(?:void)?\s*\)\s*\{", re.MULTILINE)
_SLOT = 0x340
"""Bytes for each instance: the largest, CAN, has 0x320."""
_TIME_S = 5.0
ALL = "*"
"""A step that calls all functions without arguments but handlers, in their order."""

Shown = tuple[str, int, int, int]
"""An expression in C, the bits of it that count, and between which values they have to be, both included."""
Step = str | Shown


def shown(expression: str, value: int, mask: int = 0xFFFFFFFF, high: int | None = None) -> Shown:
    """An expression that has to be a value under a mask, or to lie between two."""
    return (expression, mask, value & mask, value & mask if high is None else high)


def steps_to_json(steps: Sequence[Step]) -> list[Any]:
    """As a check has them."""
    return [step if isinstance(step, str) else list(step) for step in steps]


async def wrong(code: str, steps: Sequence[Any], device: Device) -> str | None:
    """What the program leaves wrong, in words; null if all is as it should be.

    Raises:
        CompilerMissing, MachineMissing: if a tool isn't installed.
    """
    from kiki_tools.stm32 import compiler, machine
    from kiki_tools.stm32.device import vectors
    from kiki_tools.stm32.init import cmsis

    name = f"stm32{device.family}xx.h"
    header, size = _in_memory(cmsis.header(device) or "")
    harness = "\n".join(_harness(code, steps, name, size)) + "\n"
    chosen = machine.MACHINES["netduinoplus2"]
    sources = {
        "answer.c": f"#define main kiki_program\n{code}".encode("utf-8", "replace"),
        "harness.c": harness.encode("utf-8", "replace"),
        "kiki_startup.c": machine.startup(vectors(device)).encode(),
        name: header.encode(),
    }
    try:
        firmware = await compiler.build(sources, device, machine.link_script(chosen))
    except compiler.NotCompiled as error:
        first = next((line for line in str(error).splitlines() if "error" in line or "undefined" in line), str(error))
        return f"can't be called: {first[:200]}"
    ran = await machine.run(firmware, chosen, _TIME_S)
    told = [int(value, 16) for value in re.findall(r"^KIKI ([0-9a-f]{8})$", ran.uart, re.MULTILINE)]
    wanted = [step for step in steps if not isinstance(step, str)]
    for (expression, mask, low, high), value in zip(wanted, told, strict=False):
        if not low <= value & mask <= high:
            return f"{expression} is {value & mask:#x}, wanted {low:#x}{'' if low == high else f' to {high:#x}'}"
    return None if len(told) == len(wanted) else "it never comes back"


def _in_memory(header: str) -> tuple[str, int]:
    """The header with each instance in an array, and the array's size."""
    count = 0

    def placed(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return f"#define {found[1]} (({found[2]} *)(void *)&kiki_memory[{(count - 1) * _SLOT}U])"

    text = _INSTANCE.sub(placed, header)
    declared = "#include <stdint.h>\nextern unsigned char kiki_memory[];"
    return text.replace("#include <stdint.h>", declared, 1), count * _SLOT


def _harness(code: str, steps: Sequence[Any], header: str, size: int) -> Iterator[str]:
    inits = [name for name in _INIT.findall(code) if not name.endswith("Handler") and name != "main"]
    yield f'#include "{header}"\n#include <stdio.h>'
    yield f"unsigned char kiki_memory[{size}] __attribute__((aligned(64)));"
    yield from (declared for declared in dict.fromkeys(_declared(code)))
    yield "int main(void)\n{"
    for step in steps:
        if step == ALL:
            yield from (f"  {name}();" for name in inits)
        elif isinstance(step, str):
            yield f"  {step}"
        else:
            yield f'  printf("KIKI %08lx\\n", (unsigned long)({step[0]}));'
    yield "  return 0;\n}"


def _declared(code: str) -> Iterator[str]:
    """The answer's functions as declarations."""
    for found in re.finditer(r"^((?!static\b)[A-Za-z_][\w \t*]*?[ \t*])(\w+)\s*\(([^()]*)\)\s*\{", code, re.MULTILINE):
        if found[2] != "main":
            yield f"{found[1].strip()} {found[2]}({found[3]});"
