"""Functions, structures and constants of ST's drivers, in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kiki_tools.stm32.headers import Library

_MOST_LISTED = 24
_PARAMETERS = {
    "Timeout": "in milliseconds; HAL_MAX_DELAY waits without end",
    "Size": "number of items to transfer",
    "pData": "the data",
    "pTxData": "the data to send",
    "pRxData": "where received data goes",
    "DevAddress": "address of the other device, shifted left by one",
    "MemAddress": "address inside the other device",
    "PreemptPriority": "0 is the most urgent",
    "SubPriority": "decides between interrupts of the same priority that wait",
}
"""What parameters mean where a project has only the drivers' headers, whose functions carry no comment."""


def function_text(name: str, library: Library) -> str:
    """A function of the HAL or LL as its documentation has it."""
    told = library.functions[name]
    lines = [f"```c\n{told['signature']}\n```"]
    about = summary(name, library)
    if about:
        lines.append(about)
    parameters = [
        f"- `{parameter[0]}`: {text}"
        for parameter in told["parameters"]
        if (text := parameter_text(parameter, library))
    ]
    if parameters:
        lines.append("\n".join(parameters))
    returned = told["returns"]
    status = _by_type(told["signature"].partition(" ")[0], library)
    if status and (not returned or returned.rstrip(".").lower() == "hal status"):
        returned = status
    if returned:
        lines.append(f"Returns {returned}")
    lines += [f"Note: {note}" for note in told["notes"].replace("@{", "").splitlines()[:3]]
    where = f"{told['group']}, {library.origins[name]}" if told["group"] else library.origins[name]
    return "\n\n".join([*lines, f"*{where}*"])


def summary(name: str, library: Library) -> str:
    """What a function does: as it is documented, and whether it waits."""
    told = library.functions[name]
    waits = any(parameter[0] == "Timeout" for parameter in told["parameters"])
    lines = [told["about"]] if told["about"] else []
    if name.startswith("HAL_"):
        callbacks = "".join(f", then calls `{each}`" for each in _callbacks(name, library))
        if waits:
            lines.append("Waits until it is done or the time is over: not for interrupts.")
        elif name.endswith("_IT"):
            lines.append(f"Returns at once; goes on in interrupts{callbacks}.")
        elif name.endswith("_DMA"):
            lines.append(f"Returns at once; DMA goes on{callbacks}.")
    return " ".join(lines)


def _callbacks(name: str, library: Library) -> Iterator[str]:
    """What the HAL calls at the end of a transfer that it does in the background."""
    found = re.match(r"(HAL_[A-Z0-9]+)_(Transmit|Receive|TransmitReceive)(?=_)", name)
    if found:
        short = {"Transmit": "Tx", "Receive": "Rx", "TransmitReceive": "TxRx"}[found.group(2)]
        callback = f"{found.group(1)}_{short}CpltCallback"
        if callback in library.functions:
            yield callback


def parameter_text(parameter: list[str], library: Library) -> str:
    """What a parameter is and takes."""
    name, kind, about = parameter
    about = re.sub(r"\s*@arg\s*(?:@ref\s*)?(\w+)[^@]*", r" `\1`,", about).rstrip(", ")
    about = re.sub(r"@ref\s+(\w+)", r"\1", about)
    about = re.sub(
        r"This parameter can be (?:one|a combination|any combination) of the following values\s*:", "one of", about
    )
    values = _by_type(kind, library)
    return about or (f"one of {values}" if values else _PARAMETERS.get(name, ""))


def _by_type(kind: str, library: Library) -> str:
    """What a parameter of an enumerated type can be."""
    values = library.enums.get(kind.strip(" *"), ["", []])[1]
    return ", ".join(f"`{name}`" for name, *_ in values[:_MOST_LISTED])


def constant_text(name: str, library: Library) -> str:
    """A constant of the HAL or LL: its value, what it is, and the others that stand in its place."""
    if name in library.enumerators:
        kind, (_, value, about) = library.enumerators[name]
        lines = [f"**{name}**" + (f" = `{value}`" if value else "") + (f": {about}" if about else ""), f"of {kind}"]
        return "\n\n".join([*lines, *listed(library.values(kind))])
    value, about, group = library.constants[name]
    title, members = library.groups.get(group, ["", []])
    lines = [f"**{name}** = `{value}`" + (f": {about}" if about else "")]
    if title and 1 < len(members) <= 2 * _MOST_LISTED and not title.endswith("Exported Constants"):
        others = [(each, library.constants[each][1]) for each in members if each in library.constants]
        lines += [f"One of {title}:", *listed(others)]
    return "\n\n".join([*lines, f"*{library.origins[name]}*"])


def type_text(name: str, library: Library) -> str:
    """A structure or enumeration of the drivers."""
    if name in library.enums:
        return "\n\n".join([f"**{name}**: {library.enums[name][0]}", *listed(library.values(name))])
    about, members = library.structs[name]
    rows = [f"| `{member}` | {kind} | {said} |" for member, kind, said, _ in members[: _MOST_LISTED * 2]]
    return "\n\n".join([f"**{name}**: {about}", "| member | type | |\n| --- | --- | --- |\n" + "\n".join(rows)])


def listed(values: list[tuple[str, str]]) -> list[str]:
    """Constants with what they are, as a list in Markdown; no list for none."""
    shown = [f"- `{name}`" + (f": {about}" if about else "") for name, about in values[:_MOST_LISTED]]
    return ["\n".join(shown)] if shown else []
