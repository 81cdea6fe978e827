"""Consolidation while idle: once an idle time, ended by a sign of life, and it really consolidates."""

import asyncio
import sys
from types import SimpleNamespace

import pytest

from kiki_core.memory.idle import COMPACT, IdleConsolidation


def waits(seconds: float, mark) -> tuple[str, ...]:
    return (sys.executable, "-c", f"import time; time.sleep({seconds}); open({str(mark)!r}, 'a').write('x')")


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass only when a test says so."""
    now = SimpleNamespace(seconds=0.0)
    monkeypatch.setattr("kiki_core.memory.idle.time", SimpleNamespace(monotonic=lambda: now.seconds))
    return now


async def until(condition, seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


async def test_a_round_runs_once_an_idle_time(tmp_path, clock):
    mark = tmp_path / "mark"
    idle = IdleConsolidation(60, waits(0, mark))
    clock.seconds = 59
    await idle.tick()
    assert not idle.running
    clock.seconds = 61
    await idle.tick()
    await until(mark.exists)
    await until(lambda: not idle.running)
    await idle.tick()
    assert not idle.running
    idle.busy()
    clock.seconds = 122
    await idle.tick()
    await until(lambda: mark.read_text() == "xx")


async def test_a_sign_of_life_ends_the_round(tmp_path, clock):
    mark = tmp_path / "mark"
    idle = IdleConsolidation(60, waits(1, mark))
    clock.seconds = 61
    await idle.tick()
    assert idle.running
    idle.busy()
    assert not idle.running
    await asyncio.sleep(1.3)
    assert not mark.exists()


async def test_zero_is_never():
    idle = IdleConsolidation(0)
    await idle.tick()
    assert not idle.running


def test_a_round_is_the_command_that_a_person_can_run():
    assert COMPACT[1:] == ("-m", "kiki_core.cli", "memory", "compact", "--seconds", "60")
