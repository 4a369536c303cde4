"""How a run shares the processor: how many workers, of how many threads, and in how many parts a step is worked off."""

import os
import sys
from dataclasses import dataclass

from regard.sections import Train
from regard.training.run import Progress

ENOUGH = 500  # padded tokens in a part: with fewer, ever more of the time goes into calls, not into numbers


@dataclass(frozen=True, slots=True)
class Plan:
    """Workers are processes, the main one among them; threads are those of each; parts are those of a step's batch.

    Parts and threads decide the sums, to the last bit. The number of workers
    does not: it only says who works off which part.
    """

    workers: int
    threads: int
    parts: int
    device: str = "cpu"  # as PyTorch calls it

    def __str__(self) -> str:
        """As a person says it."""
        said = f"{_count(self.workers, 'worker')} of {_count(self.threads, 'thread')}"
        parts = "" if self.parts == self.workers else f", {_count(self.parts, 'part')} a step"
        return f"{said}{parts}, on {self.device}"


def plan(options: Train, begun: Progress, device: str) -> Plan:
    """As the options say; what they leave open is settled by the cores that there are, and by the size of a batch.

    A run that has begun keeps what decides its sums; more parts, to save
    memory, may be asked for.
    """
    total = options.threads or cores()
    if device != "cpu":
        return Plan(1, begun.threads or total, max(options.parts, begun.parts), device)
    if begun.threads:
        parts = max(options.parts, begun.parts)
        return Plan(min(parts, options.workers or max(1, total // begun.threads)), begun.threads, parts)
    workers = options.workers or max(1, min(total, options.batch // ENOUGH))
    return Plan(workers, max(1, total // workers), -(-options.parts // workers) * workers)


def cores() -> int:
    """The cores that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
