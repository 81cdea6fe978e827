"""Firmware for STM32s from a request: its plan by rules, compiled by the init compiler, checked by gcc."""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kiki_core.events import Artefact, Evidence, Requirement, Verdict
from kiki_core.planning import Planned
from kiki_core.planning.firmware import answer
from kiki_core.planning.firmware.measured import requirements
from kiki_core.planning.firmware.request import Wanted, wanted

if TYPE_CHECKING:
    from kiki_core.backends.protocol import Backend, WeightedAdapter
    from kiki_tools.stm32.init.setup import Setup

__all__ = ["Made", "build", "planned"]

_MOST_CHANGES = 4


@dataclass(frozen=True)
class Made:
    """Code of a plan with what its tools said. ``setup``: what was chosen."""

    setup: Setup
    plan: dict[str, Any]
    artefacts: tuple[Artefact, ...]
    evidence: tuple[Evidence, ...]
    requirements: tuple[Requirement, ...]

    @property
    def verified(self) -> bool | None:
        """Whether it compiles without a warning and every number is met; None where the compiler is missing."""
        verdicts = {each.verified for each in self.artefacts if each.language == "c"}
        if False in verdicts or any(each.ok is False for each in self.requirements):
            return False
        return None if None in verdicts else True


async def planned(
    text: str,
    domains: Sequence[str],
    backend: Backend,
    *,
    adapters: Sequence[WeightedAdapter] = (),
    files: Sequence[tuple[str, str]] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> Planned | None:
    """The answer to a request for an STM32's set-up; None where it is none, or of a family that isn't covered."""
    request = wanted(text, domains, attached=bool(files))
    if request is None:
        return None
    if request.unknown:
        problem = f"there is no {request.unknown} among ST's parts; the name may be mistyped"
        return _refused({**request.plan, "device": request.unknown}, [problem], request.notes)
    tell(f"plans the init of an {request.plan['device']}")
    return await _answered(request)


async def _answered(request: Wanted) -> Planned | None:
    from kiki_tools.stm32.init.plan import ImpossiblePlan

    problems: Sequence[str] = ()
    for device in request.devices:
        plan = {**copy.deepcopy(request.plan), "device": device}
        try:
            found = await build(plan, request.cycles)
        except ImpossiblePlan as error:
            problems = problems or error.problems
            if any("doesn't compile an init for" in each for each in error.problems):
                return _by_facts(request, plan)
            continue
        notes = [*request.notes]
        if device != request.devices[0]:
            notes = [f"{request.plan['device']} hasn't all that is asked for; {device}, with more pins, is taken"]
        changed = request.says_style and found.plan["style"] != request.plan["style"]
        if changed:
            other = "ST's HAL" if found.plan["style"] == "hal" else "CMSIS registers"
            notes.append(f"Not all of this is made in the style that is asked for; the code is for {other}.")
        return _planned(found, [*notes, *_lost(request)], unmet=bool(request.lost) or changed)
    return await _nearest(request, problems)


def _lost(request: Wanted) -> list[str]:
    return [f"Not in this code: {', '.join(request.lost)}. The rest is."] if request.lost else []


async def build(plan: dict[str, Any], cycles: dict[int, float] | None = None, extend: str = "") -> Made:
    """The code of a plan (as JSON), checked. ``cycles``: sampling times in converters' cycles, by entry.

    ``extend``: C that goes before `main`.

    Raises:
        ImpossiblePlan: says what can't be had.
    """
    from kiki_tools.stm32.init.plan import ImpossiblePlan, read
    from kiki_tools.stm32.init.setup import solved

    asked, plan = plan, _clocked(plan)
    setup = solved(read(plan))
    for number, count in (cycles or {}).items():
        plan["peripherals"][number]["sample_us"] = _sample_us(setup, number, count)
        setup = solved(read(plan))
    try:
        return await _compiled(setup, asked, extend)
    except ImpossiblePlan as error:
        for style, other in (("register", "choose style hal"), ("hal", "choose style register")):
            if plan["style"] == style and any(other in each for each in error.problems):
                return await _compiled(
                    solved(read({**plan, "style": other.split()[-1]})), {**plan, "style": other.split()[-1]}, extend
                )
        raise


_CLOCKS = (0, 160_000_000, 144_000_000, 120_000_000, 96_000_000, 84_000_000, 80_000_000, 72_000_000, 64_000_000, 48_000_000,
           32_000_000, 16_000_000)  # fmt: skip


def _clocked(plan: dict[str, Any]) -> dict[str, Any]:
    """The plan with a core clock from which its rates can be made, where the request leaves the clock open.

    The fastest first; the plan as it is where none is better.
    """
    from kiki_tools.stm32.init.plan import ImpossiblePlan, read
    from kiki_tools.stm32.init.setup import solved

    if plan["clock"].get("sysclk_hz"):
        return plan
    for hertz in _CLOCKS:
        tried = {**plan, "clock": {**plan["clock"], **({"sysclk_hz": hertz} if hertz else {})}}
        try:
            if all(each.ok is not False for each in requirements(solved(read(tried)), plan)):
                return tried if hertz else plan
        except ImpossiblePlan as error:
            if not any(
                re.search(r"can't be (?:counted|made)|too (?:slow|fast)|come to|is too slow", each)
                for each in error.problems
            ):
                return plan
    return plan


async def _compiled(setup: Setup, plan: dict[str, Any], extend: str) -> Made:
    from kiki_core.generating.firmware import checked
    from kiki_tools.stm32.init import cmsis, compiled, hal, registers
    from kiki_tools.stm32.init.headers import find, usual

    got = requirements(setup, plan)
    files = hal.files(setup) if setup.plan.style == "hal" else registers.single(setup)
    if extend:
        files["main.c"] = files["main.c"].replace("int main(void)", f"{extend}\nint main(void)", 1)
    headers = find(setup.family.prefix, usual())
    verdict, evidence = await checked(setup, files, headers)
    if setup.plan.style == "register" and "device" not in headers:
        files[f"{setup.family.prefix}.h"] = cmsis.header(setup.part.device) or ""
    artefacts = [Artefact(name, "c", text, verdict) for name, text in files.items() if text]
    artefacts.append(Artefact("compile_flags.txt", "text", compiled.flags_file(setup, headers), verdict))
    return Made(setup, plan, tuple(artefacts), evidence, got)


def _sample_us(setup: Setup, number: int, cycles: float) -> float:
    """A sampling time in microseconds from the converter's cycles."""
    from kiki_tools.stm32.init.hal_parts import converter

    divider, _, _ = converter(setup, number, setup.placed[number], setup.placed[number].wish)  # type: ignore[arg-type]
    clock = (setup.tree.pclk2 if setup.family.name == "f4" else setup.tree.hclk) / divider
    return max(0.01, float(f"{(cycles - 0.4) / clock * 1e6:.4g}"))


def _planned(found: Made, notes: Sequence[str], *, unmet: bool = False, prelude: str = "") -> Planned:
    said = [f"{each.tool}: {each.summary}" for each in found.evidence]
    text = prelude + answer.made(found.setup, found.plan, found.requirements, notes, found.artefacts, said)
    verdicts = tuple(Verdict(0, found.artefacts[0].name, each) for each in found.evidence)
    verified = False if unmet else found.verified
    return Planned(
        "stm32", found.plan, text, found.artefacts, found.requirements, verdicts, verified, tuple(notes), 0, 0
    )


async def _nearest(request: Wanted, problems: Sequence[str]) -> Planned:
    """Why it can't be, and the nearest that can: wishes given up one by one as the problems name them."""
    from kiki_tools.stm32.init.plan import ImpossiblePlan

    plan, changed = copy.deepcopy(request.plan), []
    told = list(problems)
    for _ in range(_MOST_CHANGES):
        change = _given_up(plan, problems)
        if not change:
            break
        changed.append(change)
        try:
            found = await build(plan, request.cycles)
        except ImpossiblePlan as error:
            problems = error.problems
            told += [each for each in problems if each not in told]
            continue
        prelude = answer.impossible(request.plan, told, changed) + "\n"
        return _planned(found, [*request.notes, *_lost(request)], unmet=True, prelude=prelude)
    return _refused(request.plan, told, request.notes)


def _given_up(plan: dict[str, Any], problems: Sequence[str]) -> str:
    """Gives up the wish that the first problem is about; says what, empty if nothing can be given up."""
    problem = problems[0] if problems else ""
    clock, entries = plan.get("clock", {}), plan["peripherals"]
    if "sysclk" in problem and clock.get("sysclk_hz"):
        asked = clock.pop("sysclk_hz")
        near = re.search(r"(?:near are|goes up to) ([\d.]+) (MHz|kHz|Hz)", problem)
        if near:
            clock["sysclk_hz"] = round(float(near.group(1)) * {"MHz": 1e6, "kHz": 1e3, "Hz": 1}[near.group(2)])
            return f"the core runs at {answer.value_of(clock['sysclk_hz'], 'Hz')}, not {answer.value_of(asked, 'Hz')}"
        return "the core runs as fast as it goes"
    if "hse_hz" in problem and clock.get("source") == "HSE":
        clock.clear()
        return "the core runs from the inner oscillator"
    number = re.search(r"peripherals\[(\d+)\]", problem)
    if number is None or int(number.group(1)) >= len(entries):
        return _any_pins_given_up(entries, problem)
    entry = entries[int(number.group(1))]
    name = entry.get("instance") or entry["kind"].upper()
    for key, near_most in (("baud", r"(?:at most|at least|within 2 % are) (\d+)"), ("speed_hz", r"up to (\d+) kHz")):
        if key in entry and (near := re.search(near_most, problem)):
            value = int(near.group(1)) * (1000 if key == "speed_hz" else 1)
            asked, entry[key] = entry[key], value
            return f"{name} runs at {value}, not {asked}"
    if entry.pop("pins", None):
        return f"{name} gets pins that have its signals"
    if entry.pop("pin", None):
        return f"{entry.get('label', name)} gets a pin that is free"
    if "has no" in problem and entry.pop("instance", None):
        return f"another {entry['kind'].upper()} is taken instead of {name}"
    if entry.pop("complementary", None):
        entry.pop("dead_time_ns", None)
        return f"{name} has no complementary outputs"
    return ""


def _any_pins_given_up(entries: list[dict[str, Any]], problem: str) -> str:
    for entry in entries:
        instance = entry.get("instance", "")
        if instance and instance in problem and entry.pop("pins", None):
            return f"{instance} gets other pins"
    return ""


def _by_facts(request: Wanted, plan: dict[str, Any]) -> Planned | None:
    """What the device's data says of a request for a family that the compiler hasn't: impossible wishes are told."""
    from kiki_tools.stm32.device import device as device_of

    device = device_of(plan["device"])
    if device is None:
        return None
    problems = []
    wanted_hz = plan["clock"].get("sysclk_hz", 0)
    if device.max_hz and wanted_hz > device.max_hz:
        problems.append(f"core clock: {wanted_hz / 1e6:g} MHz; {device.name} goes up to {device.max_hz / 1e6:g} MHz")
    for entry in plan["peripherals"]:
        name = entry.get("instance", "")
        if name and name not in device.peripherals:
            kind = name.rstrip("0123456789")
            have = sorted(each for each in device.peripherals if each.rstrip("0123456789") == kind)
            problems.append(f"{device.name} has no {name}" + (f"; it has {', '.join(have)}" if have else ""))
        for signal, pin in entry.get("pins", {}).items():
            if pin not in device.pins:
                problems.append(f"{device.name} has no pin {pin}")
            elif (
                device.has_alternate_functions
                and entry["kind"] in ("usart", "spi", "i2c", "pwm", "can")
                and name
                and not any(f.peripheral == name and f.signal == signal for f in device.functions(pin))
            ):
                where = ", ".join(sorted({p for p, _ in device.pins_of(name, signal)}))
                problems.append(f"{pin} has no {name}_{signal}" + (f"; it comes out of {where}" if where else ""))
    return _refused(plan, problems, request.notes) if problems else None


def _refused(plan: dict[str, Any], problems: Sequence[str], notes: Sequence[str]) -> Planned:
    text = answer.impossible(plan, problems)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    summary = answer.plainly(problems[0], plan) if problems else "can't be made"
    verdict = Verdict(0, "plan", Evidence("kiki", "", sha256, False, summary))
    return Planned("stm32", plan, text, (), (), (verdict,), False, tuple(notes), 0, 0)
