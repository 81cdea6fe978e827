"""Memory that DMA works on: out of its reach, cached, or gone before the transfer is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kiki_tools.language import Fix
from kiki_tools.stm32.checks.scope import Finding, Findings, Scope, having
from kiki_tools.stm32.code import Call, Function, Variable, Word
from kiki_tools.stm32.source import locals_of
from kiki_tools.text import Edit, Span

_TRANSFER = re.compile(
    r"HAL_\w+_DMA|HAL_DMA(?:Ex)?_\w*Start(?:_IT)?|LL_DMA_(?:ConfigAddresses|SetMemoryAddress|SetM2M\w+)"
)
_CASTS = re.compile(r"\(\s*(?:const\s+|volatile\s+|__IO\s+)?\w+\s*\**\s*\)")
_WAITS = re.compile(
    r"HAL_\w+_(?:PollFor\w*|GetState|GetTxMailboxesFreeLevel)|osSemaphoreAcquire|xSemaphoreTake|ulTaskNotifyTake|"
    r"osThreadFlagsWait|HAL_\w+_DMAStop|HAL_\w+_Stop_DMA"
)
_SECTION = re.compile(r"section\s*\(\s*\"([^\"]*)\"")
_UNREACHED = {
    "f4": re.compile(r"(?i)ccm"),
    "f3": re.compile(r"(?i)ccm"),
    "h7": re.compile(r"(?i)[di]tcm"),
}
"""What DMA can't reach: F4's and F3's CCM (RM0090 2.3.1, RM0316 3.3), H7's TCM (RM0433 2.4)."""
_MAINTAINED = re.compile(r"SCB_(?:Clean|Invalidate|CleanInvalidate)DCache\w*|HAL_MPU_ConfigRegion|LL_MPU_ConfigRegion|"
                         r"SCB_DisableDCache")  # fmt: skip
_ALIGNED = re.compile(
    r"aligned\s*\(\s*(?:32|64|128|__SCB_DCACHE_LINE_SIZE)|ALIGN_?32|__ALIGNED\s*\(\s*32|_Alignas\s*\(\s*32|DMA_BUFFER|section"
)


def _transfers(function: Function) -> Iterator[tuple[Call, Word, str]]:
    """Each variable that a transfer is given: the call, the argument, the variable's name."""
    for call in function.calls:
        if _TRANSFER.fullmatch(call.name.text):
            for word in call.arguments[1:]:
                bare = _CASTS.sub("", word.text).strip("()& ")
                found = re.match(r"([A-Za-z_]\w*)(?:\[[^]]*\])?(?:\s*\+.*)?$", bare)
                if found:
                    yield call, word, found.group(1)


def buffers(scope: Scope) -> Findings:
    """ST403, ST404, ST405: where DMA's buffers lie."""
    if not any("DMA" in name for name in scope.called):
        return
    variables = _variables(scope)
    seen: set[str] = set()
    for source in scope.project.sources.values():
        for function in having(source, "DMA"):
            own = scope.source.by_name.get(function.name.text) is function
            for call, word, name in _transfers(function):
                local = next((each for each in locals_of(function) if each.name.text == name), None)
                if local is not None:
                    if own and local.is_array and not local.is_static and not _outlives(function, call):
                        message = f"{name} is gone when {function.name.text} returns; the transfer goes on"
                        yield Finding("ST405", word.span, message).moved(function.start)
                    continue
                variable = variables.get(name)
                if variable is None or name in seen:
                    continue
                path, declared = variable
                if path == scope.snapshot.path:
                    seen.add(name)
                    yield from _declared(scope, declared)
    yield from _unmaintained(scope)


def _variables(scope: Scope) -> dict[str, tuple[str, Variable]]:
    return {each.word.text: (path, each) for path, source in scope.project.sources.items() for each in source.variables}


def _outlives(function: Function, call: Call) -> bool:
    """Whether the function waits for the transfer, or never returns."""
    if function.name.text == "main" or function.is_endless:
        return True
    loops = any(each.kind in ("while", "do") and each.body.end > call.span.end for each in function.branches)
    return loops or any(
        _WAITS.fullmatch(each.name.text) for each in function.calls if each.span.start > call.span.start
    )


def _written(scope: Scope, variable: Variable) -> str:
    """A variable's declaration with the macros in it replaced."""
    head = variable.declaration.partition("=")[0]
    words = re.findall(r"\b[A-Z_][A-Z0-9_]{3,}\b", head)
    return " ".join([head, *(scope.project.defines.get(word, "") for word in words)])


def _declared(scope: Scope, variable: Variable) -> Findings:
    device = scope.device
    if device is None:
        return
    written = _written(scope, variable)
    section = _SECTION.search(written)
    unreached = _UNREACHED.get(device.family)
    if section and unreached and unreached.search(section.group(1)):
        message = f"DMA doesn't reach {section.group(1)}, where {variable.name.text} lies"
        yield Finding("ST403", variable.name.span, message)
    elif (
        device.core == "cortex-m7"
        and _caches(scope)
        and not any(name.endswith("MPU_ConfigRegion") for name in scope.called)
        and not _ALIGNED.search(written)
        and not variable.is_constant
    ):
        start = variable.type_span.start
        text = "__attribute__((aligned(32))) "
        message = (
            f"{variable.name.text} isn't aligned to the data cache's lines of 32 bytes: cleaning or invalidating them "
            "touches its neighbours"
        )
        yield Finding("ST404", variable.name.span, message, (Fix("Align it", (Edit(Span(start, start), text),)),))


def _caches(scope: Scope) -> bool:
    return bool({"SCB_EnableDCache", "CPU_CACHE_Enable"} & scope.called)


def _unmaintained(scope: Scope) -> Findings:
    """Transfers with the data cache on, where nothing in the project cleans or invalidates it."""
    device = scope.device
    if device is None or device.core != "cortex-m7" or not _caches(scope):
        return
    if any(_MAINTAINED.fullmatch(name) for name in scope.called):
        return
    for function in having(scope.source, "DMA"):
        for call in dict.fromkeys(call for call, _, _ in _transfers(function)):
            message = f"{call.name.text} works on memory that the data cache holds; nothing cleans or invalidates it"
            yield Finding("ST406", call.name.span, message).moved(function.start)
