"""Flags that a one or a zero clears, and the ways to lose some of them."""

from __future__ import annotations

import re

from kiki_tools.language import Fix
from kiki_tools.stm32.checks.scope import Finding, Findings, Scope
from kiki_tools.stm32.code import Function, Word
from kiki_tools.text import Edit, Span

_ONE_CLEARS = re.compile(
    r"EXTI(?:_D\d)?->[RF]?PR\d?|\w+->[LH]?IFCR|\w+->ICR|\w+->IFCR|\w+->C[LH]?IFCR|(?:RCC|PWR)->(?:CICR|SCR)|"
    r"(?:DMA2D|LTDC|QUADSPI|SDIO|SDMMC\d?|DCMI|SPI\d|LPTIM\d)->(?:IFCR|ICR|FCR)|FDCAN\d->IR|ETH->DMASR|"
    r"USB_OTG_[FH]S->GINTSTS|RTC->SCR|FLASH->(?:SR|SR1|NSSR|CCR1)|CAN\d?->(?:TSR|MSR|RF[01]R)|"
    r"DMAMUX\d->(?:CFR|RGCFR)|WWDG->CFCR|HRTIM1->sCommonRegs\.ICR"
)
"""Registers of which a one clears (rc_w1) or which are written only (RM0090, RM0440: the registers' tables)."""
_MODERN_ADC = frozenset({"f0", "f3", "g0", "g4", "h5", "h7", "l0", "l4", "l5", "u5", "wb", "wl", "c0"})
_ZERO_CLEARS = re.compile(r"TIM\d+->SR|WWDG->SR")
_ZERO_CLEARS_OLD = re.compile(r"US?ART\d+->SR|ADC\d?->SR|I2C\d->SR1|SPI\d->SR")
_OLD = frozenset({"f1", "f2", "f4", "l1"})
_MACROS = ("SET_BIT", "CLEAR_BIT", "MODIFY_REG")


def flags(scope: Scope, function: Function) -> Findings:
    """ST508: `|=` and the like on flags that a one clears. ST509: ones written to flags that a zero clears."""
    if "->" not in function.text:
        return
    family = scope.device.family if scope.device else ""
    for assignment in function.assignments:
        target = assignment.target.text
        register = _register(scope, target) if "->" in target else ""
        if not register:
            continue
        operator, value = assignment.operator, assignment.value
        again = operator == "=" and target in re.sub(r"\s+", "", value.text)
        between = Span(assignment.target.end, value.start)
        if _clears_by_one(register, family):
            if operator == "|=" or (again and "|" in value.text):
                fixes: tuple[Fix, ...] = ()
                if operator == "|=":
                    text = function.text[between.start : between.end].replace("|=", "=")
                    fixes = (Fix("Write the flag alone", (Edit(between, text),)),)
                message = f"`|=` writes back every flag that is set in {register}, and so clears them all"
                yield Finding("ST508", assignment.target.span, message, fixes)
            elif operator == "&=" or (again and "&" in value.text):
                fixes = _inverted(between, value) if operator == "&=" else ()
                message = f"a one clears a flag of {register}: `&= ~` clears all the others, and not this one"
                yield Finding("ST508", assignment.target.span, message, fixes)
        elif _clears_by_zero(register, family) and (operator == "|=" or (again and "|" in value.text)):
            text = f" = ~({value.text})"
            zero = (Fix("Write a zero to the flag", (Edit(Span(between.start, value.end), text),)),)
            message = f"a zero clears a flag of {register}: `|=` clears none"
            yield Finding("ST509", assignment.target.span, message, zero if operator == "|=" else ())
    yield from _by_macro(scope, function, family)


def _by_macro(scope: Scope, function: Function, family: str) -> Findings:
    for call in function.calls:
        if call.name.text not in _MACROS or len(call.arguments) < 2:
            continue
        register = _register(scope, re.sub(r"\s+", "", call.arguments[0].text))
        if _clears_by_one(register, family):
            message = f"{call.name.text} reads {register} and writes back every flag that is set: it clears them"
            text = f"WRITE_REG({call.arguments[0].text}, {call.arguments[1].text})"
            fixes = (Fix("Write the flag alone", (Edit(call.span, text),)),) if call.name.text == "SET_BIT" else ()
            yield Finding("ST508", call.span, message, fixes)
        elif _clears_by_zero(register, family) and call.name.text == "SET_BIT":
            text = f"CLEAR_BIT({call.arguments[0].text}, {call.arguments[1].text})"
            message = f"a zero clears a flag of {register}: SET_BIT clears none"
            yield Finding("ST509", call.span, message, (Fix("Use CLEAR_BIT", (Edit(call.span, text),)),))


def _register(scope: Scope, target: str) -> str:
    """A register by the name of its block: through macros (`USARTx->SR`) and handles (`htim2.Instance->SR`)."""
    base, arrow, name = target.replace("(", "").replace(")", "").rpartition("->")
    if not arrow or "[" in name:
        return ""
    found = scope.value(base) if base.isidentifier() else base
    if found.endswith("Instance"):
        handle = re.match(r"h(tim|uart|usart|adc|i2c|spi)", found)
        kind = {"tim": "TIM2", "uart": "USART2", "usart": "USART2", "adc": "ADC1", "i2c": "I2C1", "spi": "SPI1"}
        return f"{kind[handle.group(1)]}->{name}" if handle else f"?->{name}"
    return f"{found}->{name}"


def _clears_by_one(register: str, family: str) -> bool:
    if re.fullmatch(r"ADC\d?->ISR", register):
        return family in _MODERN_ADC
    if re.fullmatch(r"FLASH->SR", register):
        return True
    return bool(register) and _ONE_CLEARS.fullmatch(register) is not None


def _clears_by_zero(register: str, family: str) -> bool:
    if not register:
        return False
    return bool(_ZERO_CLEARS.fullmatch(register) or (family in _OLD and _ZERO_CLEARS_OLD.fullmatch(register)))


def _inverted(between: Span, value: Word) -> tuple[Fix, ...]:
    found = re.fullmatch(r"\(?\s*~\s*(.*?)\)?", value.text, re.DOTALL)
    if found is None or found.group(1).count("(") != found.group(1).count(")"):
        return ()
    edit = Edit(Span(between.start, value.end), f" = {found.group(1)}")
    return (Fix("Write the flag alone", (edit,)),)
