"""The judge of STM32 answers: the code compiled by gcc with all warnings as errors, then run until it is set up.

Run: built for this machine against ST's own headers, with the chip's registers as memory at the chip's addresses; what
`board_init` left in them is read back and decoded here from the reference manuals. Nothing of kiki's compiler is used.
Set `KIKI_ST_HEADERS` to a folder with CMSIS device and core headers; else the answer's own stand-in is taken.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judging import Judged, boxed

HEADERS = Path(os.environ.get("KIKI_ST_HEADERS") or Path(__file__).parents[4] / "shared" / "corpus" / "stm32")
_DEFINES = {"STM32F401RE": "STM32F401xE", "STM32F401CC": "STM32F401xC", "STM32F411RE": "STM32F411xE",
            "STM32F411CE": "STM32F411xE", "STM32F446RE": "STM32F446xx", "STM32F407VG": "STM32F407xx",
            "STM32F429ZI": "STM32F429xx", "STM32G431RB": "STM32G431xx", "STM32G431KB": "STM32G431xx",
            "STM32G474RE": "STM32G474xx"}  # fmt: skip
_MAP = (
    (0x40000000, 0x80000),
    (0x42020000, 0x10000),
    (0x48000000, 0x10000),
    (0x50000000, 0x80000),
    (0xE0000000, 0x100000),
)


PLANNER, FILES = "firmware", True
"""Its planner; an answer may have several files: `judge` gets the JSON of them by name."""


async def judge(item: dict[str, Any], artefact: str | None) -> Judged:
    """The files of an answer against the item's checks."""
    if not artefact:
        return Judged(False, ("no code",))
    files = json.loads(artefact)
    device = re.search(r"STM32[A-Z]\d\w{4,5}", files.get("main.c", ""))
    if device is None:
        return Judged(False, ("the code names no device",))
    with tempfile.TemporaryDirectory() as folder:
        chip = Chip(files, device.group(0)[:11], Path(folder))
        problem = chip.compile()
        if problem:
            return Judged(False, (problem,))
        failed = []
        names = sorted({name for check in item["checks"] for name in _registers(check, chip)})
        problem = chip.run(names)
        if problem:
            return Judged(False, (problem,))
        for check in item["checks"]:
            try:
                said = _CHECKS[check["kind"]](check, chip)
            except KeyError as error:
                said = f"{error} unknown"
            except ArithmeticError:
                said = "follows from no such registers"
            if said:
                failed.append(f"{check['kind']} {said}")
    return Judged(not failed, tuple(failed))


def wrong(artefact: str) -> list[str]:
    """Code that must fail: another divider, another pin function, nothing at all."""
    files = json.loads(artefact)
    text = files["main.c"]
    spoilt = [
        re.sub(r"(->(?:BRR|ARR|CCR|RLR|WUTR|CCR\d|DHR12R1) = )(?:0x)?(\w+)U", r"\g<1>7U", text),
        re.sub(r"pin_function\((GPIO\w), (\d+)U, (\d+)U", r"pin_function(\1, \2U, 15U", text),
        re.sub(r"board_init\(void\)\n\{[^}]*\}", "board_init(void)\n{\n}", text),
    ]
    return [json.dumps({**files, "main.c": each}) for each in spoilt if each != text] or ["{}"]


@dataclass
class Chip:
    """The files of an answer, the device, and what the registers held after `board_init`."""

    files: dict[str, str]
    device: str
    folder: Path
    values: dict[str, int] | None = None

    @property
    def family(self) -> str:
        return self.device[5:7].lower()

    @property
    def code(self) -> str:
        return self.files["main.c"]

    def _write(self) -> list[str]:
        """The files on disk; the folders of ST's headers if they are here."""
        device = HEADERS / f"cmsis_device_{self.family}" / "Include"
        theirs = device.is_dir() and self.device in _DEFINES
        for name, text in self.files.items():
            if not (theirs and re.fullmatch(r"stm32\w\dxx\.h", name)):
                (self.folder / name).write_text(text)
        found = [f"-isystem{device}", f"-isystem{HEADERS / 'CMSIS' / 'Include'}"] if theirs else []
        return [*found, f"-D{_DEFINES.get(self.device, self.device)}", f"-I{self.folder}"]

    def compile(self) -> str:
        """What gcc has against the code; empty if nothing."""
        words = [*self._write(), "-mcpu=cortex-m4", "-mthumb", "-O2", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-c"]
        if self.family in ("f0", "l0", "g0"):
            words[words.index("-mcpu=cortex-m4")] = "-mcpu=cortex-m0plus"
        for name in self.files:
            if name.endswith(".c"):
                done = subprocess.run(["arm-none-eabi-gcc", *words, name, "-o", "/dev/null"], cwd=self.folder,
                                      capture_output=True, text=True, timeout=60)  # fmt: skip
                if done.returncode:
                    return f"gcc: {done.stderr[:200]}"
        return ""

    def run(self, registers: list[str]) -> str:
        """Runs `board_init` on this machine; why not, or empty."""
        code = re.sub(r"__(?:WFI|DSB)\(\);", "", self.code).replace("int main(void)", "int firmware(void)")
        maps = "".join(
            f"mmap((void *){start}UL, {size}, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);\n"
            for start, size in _MAP
        )
        shown = "".join(f'printf("{name} %lu\\n", (unsigned long)({name}));\n' for name in registers)
        before = "RCC->CFGR = 0;\n"
        (self.folder / "run.c").write_text(
            f"#include <sys/mman.h>\n#include <stdio.h>\n{code}\nint main(void)\n{{\n{maps}{before}board_init();\n{shown}"
            "return 0;\n}\n"
        )
        for name in self.folder.glob("stm32*xx.h"):
            name.write_text(re.sub(r'__asm volatile\("[^"]*"(?: ::: "memory")?\);', "", name.read_text()))
        words = [*self._write_flags(), "-DKIKI_RUN", "-w", "-O1", "-no-pie", "-fno-pic", "run.c", "-o", "run"]
        done = subprocess.run(["gcc", *words], cwd=self.folder, capture_output=True, text=True, timeout=60)
        if done.returncode:
            return f"host gcc: {done.stderr[:300]}"
        ran = subprocess.run(boxed(str(self.folder / "run")), capture_output=True, text=True, timeout=20)
        if ran.returncode:
            return f"the code stops with {ran.returncode}"
        self.values = {line.split()[0]: int(line.split()[1]) for line in ran.stdout.splitlines()}
        return ""

    def _write_flags(self) -> list[str]:
        device = HEADERS / f"cmsis_device_{self.family}" / "Include"
        theirs = device.is_dir() and self.device in _DEFINES
        found = [f"-isystem{device}", f"-isystem{HEADERS / 'CMSIS' / 'Include'}"] if theirs else []
        return [*found, f"-D{_DEFINES.get(self.device, self.device)}", f"-I{self.folder}"]

    def __getitem__(self, register: str) -> int:
        assert self.values is not None
        return self.values[register]

    def clocks(self) -> tuple[float, float, float]:
        """SYSCLK, PCLK1, PCLK2 in hertz, from RCC's registers (RM0090, 7.3; RM0440, 7.4). Without the PLL its factors
        don't matter; AHB's divider does."""
        crystal = re.search(r"from HSE ([\d.]+) MHz", self.code)
        hse = float(crystal.group(1)) * 1e6 if crystal else 8e6
        configured, pll = self["RCC->CFGR"], self["RCC->PLLCFGR"]
        if self.family == "f4":
            source = hse if pll >> 22 & 1 else 16e6
            made = source / max(1, pll & 63) * (pll >> 6 & 511) / (2 * (pll >> 16 & 3) + 2)
            sysclk = (16e6, hse, made, 0)[configured & 3]
            first, second = configured >> 10 & 7, configured >> 13 & 7
        else:
            source = hse if pll & 3 == 3 else 16e6
            made = source / ((pll >> 4 & 15) + 1) * (pll >> 8 & 127) / (2 * (pll >> 25 & 3) + 2)
            sysclk = (0, 16e6, hse, made)[configured & 3]
            first, second = configured >> 8 & 7, configured >> 11 & 7
        divided = [1 if each < 4 else 2 ** (each - 3) for each in (first, second)]
        ahb = configured >> 4 & 15
        core = sysclk / (1 if ahb < 8 else (2, 4, 8, 16, 64, 128, 256, 512)[ahb - 8])
        return sysclk, core / divided[0], core / divided[1]

    def bus_clock(self, peripheral: str) -> float:
        """The clock of a peripheral's bus, by its address; twice that for a timer behind a divider."""
        _, slow, fast = self.clocks()
        shifts = (10, 13) if self.family == "f4" else (8, 11)
        is_fast = bool(re.fullmatch(r"TIM(1|8|9|10|11|15|16|17|20)|USART[16]|SPI[1456]", peripheral))
        if self.family == "g4":
            is_fast = bool(re.fullmatch(r"TIM(1|8|15|16|17|20)|USART1|SPI[14]", peripheral))
        clock = fast if is_fast else slow
        divided = self["RCC->CFGR"] >> shifts[is_fast] & 4
        return clock * (2 if divided and peripheral.startswith("TIM") else 1)


_RCC = ("RCC->CFGR", "RCC->PLLCFGR")
_NEW = {"g4"}


def _registers(check: dict[str, Any], chip: Chip) -> list[str]:
    """The registers that a check reads."""
    port, timer, pin = check.get("port", ""), check.get("timer", ""), check.get("pin", "")
    gpio = f"GPIO{pin[1]}" if pin else ""
    kind = check["kind"]
    if kind in ("bit", "not_bit", "value"):
        return [check["register"]]
    if kind == "baud":
        return [*_RCC, f"{port}->BRR", f"{port}->CR1", *(["RCC->CCIPR"] if port == "LPUART1" else [])]
    if kind == "pin":
        return [f"{gpio}->MODER", f"{gpio}->AFR[{int(pin[2:]) // 8}]"]
    if kind in ("output", "mode"):
        return [f"{gpio}->MODER"]
    if kind == "pull":
        return [f"{gpio}->PUPDR"]
    if kind == "exti":
        bank = "1" if chip.family in _NEW else ""
        return [f"EXTI->{name}{bank}" for name in ("IMR", "RTSR", "FTSR")] + [f"SYSCFG->EXTICR[{int(pin[2:]) // 4}]"]
    if kind == "sysclk":
        return [*_RCC]
    if kind == "spi":
        return [*_RCC, f"{port}->CR1"]
    if kind == "i2c":
        return [*_RCC, *([f"{port}->TIMINGR"] if chip.family in _NEW else [f"{port}->CCR", f"{port}->CR2"])]
    if kind == "can":
        return [*_RCC, f"{port}->NBTP" if port.startswith("FD") else f"{port}->BTR"]
    if kind == "pwm":
        half = (check["channel"] - 1) // 2 + 1
        names = ("PSC", "ARR", f"CCR{check['channel']}", f"CCMR{half}", "CCER", "CR1")
        return [*_RCC, *(f"{timer}->{name}" for name in names)]
    if kind in ("timer", "prescaled", "dead"):
        return [
            *_RCC,
            *(f"{timer}->{name}" for name in ("PSC", "ARR", "CR1")),
            *([f"{timer}->BDTR"] if kind == "dead" else []),
        ]
    if kind == "adc":
        return [f"{port}->{name}" for name in (("SQR1", "SQR3") if chip.family == "f4" else ("SQR1",))]
    if kind == "iwdg":
        return ["IWDG->PR", "IWDG->RLR"]
    if kind == "wwdg":
        return [*_RCC, "WWDG->CR", "WWDG->CFR"]
    return []


def _near(got: float, want: float, tolerance: float, what: str = "") -> str:
    return "" if abs(got - want) <= tolerance * abs(want) else f"{what} {got:.6g}, not {want:.6g}".strip()


def _baud(check: dict[str, Any], chip: Chip) -> str:
    port = check["port"]
    divider, half = chip[f"{port}->BRR"], chip[f"{port}->CR1"] >> 15 & 1
    if port == "LPUART1" and divider:  # 256 times its own clock by the rate (RM0440, 38.4.7)
        clock = (chip.clocks()[1], chip.clocks()[0], 16e6, 32768.0)[chip["RCC->CCIPR"] >> 10 & 3]
        return _near(256 * clock / divider, check["value"], 0.02, port)
    if half:
        divider = (divider & ~0xF) | (divider & 7) << 1
    if not divider:
        return "BRR is 0"
    return _near(chip.bus_clock(port) * (2 if half else 1) / divider, check["value"], 0.02, port)


def _pin(check: dict[str, Any], chip: Chip) -> str:
    from kiki_tools.stm32.device import device

    pin = check["pin"]
    number = int(pin[2:])
    peripheral, _, signal = check["function"].partition("_")
    wanted = next(f.af for f in device(chip.device).functions(pin) if f.peripheral == peripheral and f.signal == signal)
    mode = chip[f"GPIO{pin[1]}->MODER"] >> 2 * number & 3
    alternate = chip[f"GPIO{pin[1]}->AFR[{number // 8}]"] >> 4 * (number % 8) & 15
    return "" if (mode, alternate) == (2, wanted) else f"{pin} has mode {mode}, AF{alternate}, not AF{wanted}"


def _gpio(register: str, pin: str, chip: Chip) -> int:
    return chip[f"GPIO{pin[1]}->{register}"] >> 2 * int(pin[2:]) & 3


def _exti(check: dict[str, Any], chip: Chip) -> str:
    pin, bank = check["pin"], "1" if chip.family in _NEW else ""
    number = int(pin[2:])
    edges = {name: chip[f"EXTI->{name}{bank}"] >> number & 1 for name in ("IMR", "RTSR", "FTSR")}
    port = chip[f"SYSCFG->EXTICR[{number // 4}]"] >> 4 * (number % 4) & 15
    wanted = {"IMR": 1, "RTSR": int(check["edge"] != "falling"), "FTSR": int(check["edge"] != "rising")}
    return "" if edges == wanted and port == ord(pin[1]) - 65 else f"{pin}: {edges}, port {port}"


def _spi(check: dict[str, Any], chip: Chip) -> str:
    first = chip[f"{check['port']}->CR1"]
    rate = chip.bus_clock(check["port"]) / 2 ** ((first >> 3 & 7) + 1)
    mode = (first >> 1 & 1) * 2 + (first & 1)
    if not first >> 2 & 1:
        return "no master"
    ok = check["most"] / 4.1 <= rate <= check["most"] and mode == check["mode"]
    return "" if ok else f"{rate:.4g} Hz, mode {mode}"


def _i2c(check: dict[str, Any], chip: Chip) -> str:
    port, clock = check["port"], chip.clocks()[1]
    if chip.family in _NEW:
        timing = chip[f"{port}->TIMINGR"]
        unit = ((timing >> 28) + 1) / clock
        rate = 1 / (((timing & 255) + 1 + (timing >> 8 & 255) + 1) * unit + 2 * (50e-9 + 2 / clock))
    else:
        control = chip[f"{port}->CCR"]
        factor = 2 if not control >> 15 else 25 if control >> 14 & 1 else 3
        rate = clock / (factor * max(1, control & 4095))
        if chip[f"{port}->CR2"] & 63 != clock // 1e6:
            return f"FREQ {chip[f'{port}->CR2'] & 63} with {clock:.4g} Hz"
    return "" if 0.7 * check["most"] <= rate <= 1.01 * check["most"] else f"{rate:.5g} Hz"


def _can(check: dict[str, Any], chip: Chip) -> str:
    port, clock = check["port"], chip.clocks()[1]
    if port.startswith("FD"):
        timing = chip[f"{port}->NBTP"]
        quanta, prescaler = 1 + (timing >> 8 & 255) + 1 + (timing & 127) + 1, (timing >> 16 & 511) + 1
    else:
        timing = chip[f"{port}->BTR"]
        quanta, prescaler = 1 + (timing >> 16 & 15) + 1 + (timing >> 20 & 7) + 1, (timing & 1023) + 1
    return _near(clock / prescaler / quanta, check["value"], 0.001, port)


def _period(timer: str, chip: Chip) -> float:
    counts = chip[f"{timer}->ARR"] + 1
    if chip[f"{timer}->CR1"] >> 5 & 3:  # up and down: one period is twice the top (RM0090, 17.3.2)
        counts = 2 * chip[f"{timer}->ARR"]
    return chip.bus_clock(timer) / (chip[f"{timer}->PSC"] + 1) / counts


def _pwm(check: dict[str, Any], chip: Chip) -> str:
    timer, channel = check["timer"], check["channel"]
    half = (channel - 1) // 2 + 1
    mode = chip[f"{timer}->CCMR{half}"] >> (8 * ((channel - 1) % 2) + 4) & 7
    if mode != 6 or not chip[f"{timer}->CCER"] >> 4 * (channel - 1) & 1 or not chip[f"{timer}->CR1"] & 1:
        return f"{timer} channel {channel} puts nothing out"
    centred = chip[f"{timer}->CR1"] >> 5 & 3
    duty = 100 * chip[f"{timer}->CCR{channel}"] / (chip[f"{timer}->ARR"] + (not centred))
    return _near(_period(timer, chip), check["hz"], 0.01, timer) or (
        "" if abs(duty - check["duty"]) <= 0.5 else f"{timer}: duty {duty:.4g} %"
    )


def _timer(check: dict[str, Any], chip: Chip) -> str:
    timer = check["timer"]
    if not chip[f"{timer}->CR1"] & 1:
        return f"{timer} doesn't count"
    return _near(_period(timer, chip), check["hz"], 0.01, timer)


def _prescaled(check: dict[str, Any], chip: Chip) -> str:
    return _near(chip.bus_clock(check["timer"]) / (chip[f"{check['timer']}->PSC"] + 1), check["hz"], 0.01)


def _dead(check: dict[str, Any], chip: Chip) -> str:
    field = chip[f"{check['timer']}->BDTR"] & 255
    counts = (field if field < 128 else (64 + (field & 63)) * 2 if field < 192
              else (32 + (field & 31)) * (8 if field < 224 else 16))  # fmt: skip
    got = counts / chip.bus_clock(check["timer"])
    return "" if check["least"] * 0.999 <= got <= check["most"] else f"{got:.4g} s"


def _adc(check: dict[str, Any], chip: Chip) -> str:
    port = check["port"]
    if chip.family == "f4":
        count = (chip[f"{port}->SQR1"] >> 20 & 15) + 1
        channels = [chip[f"{port}->SQR3"] >> 5 * rank & 31 for rank in range(min(count, 6))]
    else:
        count = (chip[f"{port}->SQR1"] & 15) + 1
        channels = [chip[f"{port}->SQR1"] >> 6 * (rank + 1) & 31 for rank in range(min(count, 4))]
    return "" if channels == check["channels"] else f"{port} reads {channels}"


def _iwdg(check: dict[str, Any], chip: Chip) -> str:
    return _near((chip["IWDG->RLR"] + 1) * 4 * 2 ** chip["IWDG->PR"] / 32e3, check["value"], 0.02)


def _wwdg(check: dict[str, Any], chip: Chip) -> str:
    power = chip["WWDG->CFR"] >> 11 & 7 if chip.family in _NEW else chip["WWDG->CFR"] >> 7 & 3
    got = 4096 * 2**power * ((chip["WWDG->CR"] & 63) + 1) / chip.clocks()[1]
    return "" if chip["WWDG->CR"] >> 7 & 1 and check["least"] <= got <= check["most"] else f"{got:.4g} s"


def _serves(name: str, code: str) -> bool:
    """Enabled, and handled (NVIC's registers set bits, so that memory can't show them)."""
    return f"NVIC_EnableIRQ({name}_IRQn);" in code and f"void {name}_IRQHandler(void)\n{{" in code


def _value(check: dict[str, Any], chip: Chip) -> str:
    got = chip[check["register"]] & check["mask"]
    return "" if abs(got - check["value"]) <= check.get("tol", 0) else f"{check['register']} & mask is {got:#x}"


_CHECKS = {
    "baud": _baud, "pin": _pin, "spi": _spi, "i2c": _i2c, "can": _can, "pwm": _pwm, "timer": _timer, "dead": _dead,
    "prescaled": _prescaled, "adc": _adc, "iwdg": _iwdg, "wwdg": _wwdg, "value": _value, "exti": _exti,
    "sysclk": lambda check, chip: _near(chip.clocks()[0], check["value"], 1e-6),
    "bit": lambda check, chip: "" if chip[check["register"]] >> check["bit"] & 1 else f"{check['register']} {check['bit']}",
    "not_bit": lambda check, chip: f"{check['register']} {check['bit']}" if chip[check["register"]] >> check["bit"] & 1 else "",
    "output": lambda check, chip: "" if _gpio("MODER", check["pin"], chip) == 1 else f"{check['pin']} is no output",
    "mode": lambda check, chip: "" if _gpio("MODER", check["pin"], chip) == check["value"] else check["pin"],
    "pull": lambda check, chip: "" if _gpio("PUPDR", check["pin"], chip) == check["value"] else f"{check['pin']} pull",
    "irq": lambda check, chip: "" if _serves(check["name"], chip.code) else f"{check['name']} isn't served",
    "code": lambda check, chip: "" if re.search(check["pattern"], chip.code) else f"no {check['pattern']}",
}  # fmt: skip
