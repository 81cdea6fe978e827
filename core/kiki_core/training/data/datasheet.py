"""The page that goes with a built set: what is in it, by what it was accepted, what was refused and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from kiki_core.training import pairs as training
from kiki_core.training.data.building import PAIRS, Built

_USES = {
    "spice-sim": "ngspice ran each deck, and each number that its question states was measured and met",
    "electronics": "ngspice ran each deck, and each number that its question states was measured and met",
    "kicad-dsl": "KiCad loaded each file, and each rule was tried on a board with one item to refuse and some to pass",
    "stm32": "gcc compiled each program without a warning (-Wall -Wextra); where QEMU is among the tools, its "
    "functions ran with the registers in memory and left there what was asked for (not those whose main never ends, "
    "nor the clock)",
}


def page(built: Built) -> str:
    """The page in Markdown; the same set has the same page."""
    kept = built.kept()
    pairs = [one.pair for one in kept if one.pair is not None]
    tried = len(built.placed)
    tools = ", ".join(f"{name} {version}" for name, version in built.tools.items())
    lengths = sorted(len(pair.answer) for pair in pairs) or [0]
    lines = [
        f"# {built.domain}: {len(pairs)} verified pairs", "",
        f"Built by `kiki data build {built.domain} --count {len(pairs)} --seed {built.seed}`. Every answer was "
        f"accepted by its tool ({tools}): {_USES.get(built.domain, 'it passed its check')}.", "",
        f"- {tried} drafts, {len(pairs)} kept ({100 * len(pairs) / max(tried, 1):.1f} %)",
        f"- {len({pair.group for pair in pairs})} groups (kind and range of parameters); a split takes whole groups",
        f"- answers: {lengths[len(lengths) // 2]} characters in the median, {lengths[-1]} at most",
        f"- SHA-256 of `{PAIRS}`: `{training.digest(pairs)}`", "",
        "The questions are put together from phrases and frames written by hand for this set; they are more regular "
        "than what people type. No part comes from other people's files unless the licences below say so.", "",
        *_table("language", Counter(one.language for one in kept)), "",
        *_table("licence", Counter(pair.licence for pair in pairs)), "",
        *_table("source", Counter(pair.source for pair in pairs)), "",
        *_table("kind", Counter(one.kind for one in kept)), "",
        *_table("refused because", Counter(built.refused())),
    ]  # fmt: skip
    return "\n".join(lines).rstrip() + "\n"


def _table(title: str, counts: Counter[str]) -> Iterable[str]:
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return (
        [f"| {title} | pairs |", "| --- | --- |", *(f"| {name or '-'} | {count} |" for name, count in rows)]
        if rows
        else []
    )
