"""Runs that are stopped behind a step that a test chooses."""

import signal
from collections.abc import Callable

import pytest

from regard.training.watch import Watch


def stop_at(monkeypatch: pytest.MonkeyPatch, steps: set[int], stop: Callable[[], None]) -> None:
    """Let something happen right behind some steps, each time they are reached."""
    real = Watch.step

    def step(watch: Watch, number: int, facts: dict[str, float]) -> None:
        real(watch, number, facts)
        if number in steps:
            steps.remove(number)
            stop()

    monkeypatch.setattr(Watch, "step", step)


def interrupt() -> None:
    """As Ctrl-C does."""
    signal.raise_signal(signal.SIGINT)


def crash() -> None:
    """As memory that is used up does."""
    raise MemoryError
