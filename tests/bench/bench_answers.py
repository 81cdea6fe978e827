"""Twice twenty varied circuit questions on the embedded model: the share whose final answer is verified.

Run by name (`make bench BENCH=bench_answers`): it takes about ten minutes on two cores.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
from collections.abc import Sequence

from rows import Row

from kiki_core.app import open_kiki
from kiki_core.events import Answer, Token
from kiki_core.pipeline import Question

KNOWN = (
    "RC low-pass with a corner at 1 kHz",
    "I need a high-pass filter, 300 Hz cutoff, first order",
    "Design an inverting amplifier with a gain of -10",
    "non-inverting op amp stage, gain of 5",
    "Divide 12 V down to 5 V with two resistors",
    "LED on a 3.3 V supply with a series resistor",
    "Half-wave rectifier for 12 V AC at 50 Hz with a smoothing capacitor",
    "Full bridge rectifier with 1000 uF and a 100 ohm load",
    "Zener regulator with 5.1 V output from 9 V",
    "Common-emitter amplifier on a 9 V supply",
    "Emitter follower to drive a 1k load",
    "NPN current mirror on a 5 V supply",
    "RC charging curve, time constant of 10 ms",
    "Series RLC band-pass around 50 kHz",
    "Notch filter for mains hum at 50 Hz",
    "Second-order Sallen-Key low-pass with a cutoff of 3 kHz",
    "Relaxation oscillator at 2 kHz with a comparator",
    "MOSFET low-side switch for a 24 V load",
    "RL low-pass filter with 20 kHz cutoff",
    "Differential amplifier with two NPN transistors",
)
"""Kinds of circuits of which kiki has an example deck, with other numbers and words."""
NEW = (
    "Wheatstone bridge with a 350 ohm strain gauge on 5 V",
    "voltage doubler from 10 V AC at 1 kHz",
    "10 dB pi attenuator for 50 ohm",
    "Schmitt trigger with 1 V of hysteresis",
    "Colpitts oscillator at 1 MHz",
    "class B push-pull output stage into 8 ohm",
    "summing amplifier for two inputs, gain of -2",
    "second-order LC high-pass at 5 MHz into 50 ohm",
    "PT100 read with a 1 mA current source",
    "RC snubber across a switch on 24 V",
    "JFET source follower",
    "op-amp differentiator, corner at 1 kHz",
    "two-stage RC low-pass with 100 Hz cutoff",
    "Darlington pair driving a 12 V relay",
    "phase shift oscillator around 1 kHz",
    "bias tee for 1 GHz",
    "cascode amplifier with two NPN",
    "clamp a signal to +-0.7 V with diodes",
    "PMOS high-side switch for 12 V, 1 A",
    "Divide 5 V down to 3.3 V with at most 1 mA",
)
"""Kinds of which it has none."""


async def _ask_all(questions: Sequence[str]) -> tuple[list[Answer], list[int]]:
    kiki = open_kiki()
    answers, attempts = [], []
    try:
        for text in questions:
            last = 0
            async for event in kiki.ask(Question(text, memory=False)):
                if isinstance(event, Token):
                    last = event.attempt
                if isinstance(event, Answer):
                    answers.append(event)
                    attempts.append(last)
            stated = "; ".join(f"{r.quantity} {r.value:g}: {r.measured}" for r in answers[-1].requirements)
            print(answers[-1].verified, last, "retuned" in answers[-1].text, text, stated, file=sys.stderr, flush=True)
    finally:
        await kiki.aclose()
    return answers, attempts


def _share(name: str, questions: Sequence[str]) -> list[Row]:
    answers, attempts = asyncio.run(_ask_all(questions))
    pairs = list(zip(answers, attempts, strict=True))
    plain = sum(a.verified is True and not n and "retuned" not in a.text for a, n in pairs)
    tuned = sum(a.verified is True and not n for a, n in pairs)
    final = sum(a.verified is True for a in answers)
    share = 100 / len(answers)
    first = [a.timings_ms["first_token"] for a in answers]
    total = [a.timings_ms["total"] for a in answers]
    return [
        Row(f"{name}: verified, first draft as written", plain * share, plain * share, "%", ""),
        Row(f"{name}: verified, with retuning", tuned * share, tuned * share, "%", ""),
        Row(f"{name}: verified, with repairs too", final * share, final * share, "%", ""),
        Row(f"{name}: first token", statistics.median(first), max(first), "ms", ""),
        Row(f"{name}: whole answer", statistics.median(total), max(total), "ms", ""),
    ]


def benchmarks() -> list[Row]:
    return [*_share("known kinds", KNOWN), *_share("new kinds", NEW)]
