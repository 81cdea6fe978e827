"""Firmware in QEMU: which machine stands for a device, and what the firmware said there."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kiki_tools import process
from kiki_tools.process import Limits
from kiki_tools.stm32.device import Device

_QEMU = "qemu-system-arm"
_MEMORY = 2_000_000_000
_SHARED, _APART = 4, 4
"""How many UARTs share the output (a multiplexer of QEMU's takes four), and how many are read at the end."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine of QEMU's: its name, what it has, its memories (start, bytes), and what it doesn't model."""

    name: str
    chip: str
    flash: tuple[int, int]
    ram: tuple[int, int]
    lacks: str


MACHINES = {
    "netduinoplus2": Machine(
        "netduinoplus2", "STM32F405", (0x0800_0000, 1 << 20), (0x2000_0000, 128 << 10),
        "GPIO, DMA, I2C, CAN and USB; no clock gets ready",
    ),
    "olimex-stm32-h405": Machine(
        "olimex-stm32-h405", "STM32F405", (0x0800_0000, 1 << 20), (0x2000_0000, 128 << 10),
        "GPIO, DMA, I2C, CAN and USB; no clock gets ready",
    ),
    "netduino2": Machine(
        "netduino2", "STM32F205", (0x0800_0000, 1 << 20), (0x2000_0000, 128 << 10), "RCC, GPIO, DMA, I2C and USB"
    ),
    "stm32vldiscovery": Machine(
        "stm32vldiscovery", "STM32F100", (0x0800_0000, 128 << 10), (0x2000_0000, 8 << 10), "RCC, GPIO, timers and DMA"
    ),
    "b-l475e-iot01a": Machine(
        "b-l475e-iot01a", "STM32L475", (0x0800_0000, 1 << 20), (0x2000_0000, 96 << 10), "DMA, I2C, timers and USB"
    ),
}  # fmt: skip
"""The machines that QEMU has for STM32, by name."""
_BY_FAMILY = {"f4": "netduinoplus2", "f2": "netduino2", "f1": "stm32vldiscovery", "l4": "b-l475e-iot01a"}


class MachineMissing(RuntimeError):
    """qemu-system-arm isn't installed, or has no machine for the device."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """An `@expect uart "…"` comment: what the firmware must say, in which line of the source, and whether it did."""

    line: int
    text: str
    ok: bool


@dataclass(frozen=True, slots=True)
class Run:
    """How a firmware ran: its words, its exit code (None: stopped), how long; ``enough``: stopped, for it had said
    all that was expected."""

    machine: str
    uart: str
    exit_code: int | None
    elapsed_s: float
    message: str = ""
    enough: bool = False


def machine_for(device: Device | None) -> Machine | None:
    """The machine that stands for a device; a Cortex-M4 where none is known."""
    name = _BY_FAMILY.get(device.family) if device is not None else "netduinoplus2"
    return MACHINES.get(name or "")


def link_script(machine: Machine) -> str:
    """A linker script for a machine's memories, with the sections that newlib wants."""
    return f"""ENTRY(Reset_Handler)
MEMORY {{ FLASH (rx) : ORIGIN = {machine.flash[0]:#x}, LENGTH = {machine.flash[1]}
RAM (rwx) : ORIGIN = {machine.ram[0]:#x}, LENGTH = {machine.ram[1]} }}
_estack = ORIGIN(RAM) + LENGTH(RAM);
SECTIONS {{
  .isr_vector : {{ KEEP(*(.isr_vector)) }} > FLASH
  .text : {{ *(.text*) *(.rodata*) KEEP(*(.init)) KEEP(*(.fini)) . = ALIGN(4); }} > FLASH
  .ARM.exidx : {{ *(.ARM.exidx*) }} > FLASH
  .init_array : {{ __preinit_array_start = .; KEEP(*(.preinit_array*)) __preinit_array_end = .;
    __init_array_start = .; KEEP(*(SORT(.init_array.*))) KEEP(*(.init_array*)) __init_array_end = .;
    __fini_array_start = .; KEEP(*(.fini_array*)) __fini_array_end = .; }} > FLASH
  _sidata = LOADADDR(.data);
  .data : {{ _sdata = .; *(.data*) . = ALIGN(4); _edata = .; }} > RAM AT > FLASH
  .bss (NOLOAD) : {{ _sbss = .; __bss_start__ = .; *(.bss*) *(COMMON) . = ALIGN(4); _ebss = .; __bss_end__ = .; }} > RAM
  end = .; _end = .; __end__ = .;
}}
"""


def startup(handlers: Sequence[str]) -> str:
    """The vector table and the reset handler, in C: memory is set up, `main` is called, its result is the exit code.

    An exception without a handler says so and ends the run with 1.

    ``handlers``: the device's interrupts in their order; empty names are reserved.
    """
    core = "NMI HardFault MemManage BusFault UsageFault - - - - SVC DebugMon - PendSV SysTick".split()
    names = [f"{name}_Handler" if name != "-" else "" for name in core]
    names += [f"{name}_IRQHandler" if name else "" for name in handlers]
    weak = "\n".join(
        f'void {name}(void) __attribute__((weak, alias("Default_Handler")));' for name in dict.fromkeys(names) if name
    )
    table = ", ".join(name or "0" for name in names)
    return f"""#include <stdint.h>
extern uint32_t _estack, _sidata, _sdata, _edata, _sbss, _ebss;
extern int main(void);
extern void initialise_monitor_handles(void);
extern void exit(int);
static void kiki_call(int operation, const void *what)
{{
  register int r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = what;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}}
void Default_Handler(void)
{{
  uint32_t number = *(volatile uint32_t *)0xE000ED04u & 0x1FFu;
  static char text[] = "kiki: exception 000 has no handler\\n";
  for (int i = 0; i < 3; i++) {{ text[18 - i] = (char)('0' + number % 10u); number /= 10u; }}
  kiki_call(4, text);
  static const uint32_t stop[] = {{ 0x20026u, 1u }};
  kiki_call(0x20, stop);
  for (;;) {{ }}
}}
void SystemInit(void) __attribute__((weak));
void SystemInit(void) {{ }}
void _init(void) __attribute__((weak));
void _init(void) {{ }}
void _fini(void) __attribute__((weak));
void _fini(void) {{ }}
{weak}
void Reset_Handler(void)
{{
#ifdef __ARM_FP
  *(volatile uint32_t *)0xE000ED88u |= 0xFu << 20;
  __asm__ volatile("dsb\\nisb");
#endif
  uint32_t *from = &_sidata;
  for (uint32_t *to = &_sdata; to < &_edata;) *to++ = *from++;
  for (uint32_t *to = &_sbss; to < &_ebss;) *to++ = 0;
  SystemInit();
  initialise_monitor_handles();
  exit(main());
}}
__attribute__((section(".isr_vector"), used)) void (* const kiki_vectors[])(void) = {{
  (void (*)(void))&_estack, Reset_Handler, {table} }};
"""


async def run(firmware: bytes, machine: Machine, timeout_s: float, until: Callable[[str], bool] | None = None) -> Run:
    """Runs an ELF file until it exits, the time is over, or it has said enough; its UARTs and semihosting give its
    words: the first four UARTs as they come, others at the end.

    Raises:
        MachineMissing: if QEMU isn't installed.
    """
    qemu = shutil.which(_QEMU)
    if qemu is None:
        raise MachineMissing("qemu-system-arm is not installed")
    sandbox = process.isolation()
    if not sandbox.works:
        raise MachineMissing(f"firmware runs only in the sandbox, and that doesn't work: {sandbox.why_not}")
    apart = [f"uart{number}" for number in range(_APART)]
    words = [
        qemu, "-M", machine.name, "-kernel", "/w/firmware.elf", "-nographic", "-monitor", "none",
        "-chardev", "stdio,id=uart,mux=on", *["-serial", "chardev:uart"] * _SHARED,
        *(word for name in apart for word in ("-serial", f"file:/out/{name}")),
        "-semihosting-config", "enable=on,target=native", "-no-reboot",
    ]  # fmt: skip
    limits = Limits(cpu_s=int(timeout_s) + 5, wall_s=timeout_s, memory_bytes=_MEMORY, output_bytes=1_000_000)
    outcome = await process.run(
        words,
        inputs={"firmware.elf": firmware},
        collect=apart,
        limits=limits,
        until=None if until is None else lambda so_far: until(_words(so_far)),
    )
    said = _words(outcome.stdout) + "".join(_words(outcome.outputs.get(name, b"")) for name in apart)
    message = outcome.stderr.decode("utf-8", "replace").strip()[:2000]
    return Run(machine.name, said, outcome.returncode, outcome.elapsed_s, message, outcome.stopped == "enough")


def _words(output: bytes) -> str:
    return output.decode("utf-8", "replace").replace("\r\n", "\n")


def expectations(source: str, uart: str) -> list[Expectation]:
    """What a source's `@expect uart "…"` comments ask of the firmware's words, in their order."""
    found = []
    at = 0
    for number, line in enumerate(source.splitlines()):
        for text in re.findall(r'@expect\s+uart\s+"((?:[^"\\]|\\.)*)"', line):
            wanted = text.encode().decode("unicode_escape", "replace")
            hit = uart.find(wanted, at)
            if hit >= 0:
                at = hit + len(wanted)
            found.append(Expectation(number, text, hit >= 0))
    return found
