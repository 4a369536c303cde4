"""How a run shares the processor: how many workers, of how many threads, and in how many parts a step is worked off."""

from dataclasses import dataclass
from typing import Literal

import torch

from regard.processor import cores
from regard.sections import Train
from regard.training.run import Progress

Precision = Literal["fp32", "bf16"]

ENOUGH = 500  # padded tokens in a part: with fewer, ever more of the time goes into calls, not into numbers


@dataclass(frozen=True, slots=True)
class Plan:
    """Workers are processes, the main one among them; threads are those of each; parts are those of a step's batch.

    Parts, threads and precision decide the sums, to the last bit. The number of
    workers does not: it only says who works off which part.
    """

    workers: int
    threads: int
    parts: int
    device: str = "cpu"  # as PyTorch calls it
    precision: Precision = "fp32"  # of matrix products

    def __str__(self) -> str:
        """As a person says it."""
        said = f"{_count(self.workers, 'worker')} of {_count(self.threads, 'thread')}"
        parts = "" if self.parts == self.workers else f", {_count(self.parts, 'part')} a step"
        return f"{said}{parts}, on {self.device} in {self.precision}"


def plan(options: Train, begun: Progress, device: str) -> Plan:
    """As the options say; what they leave open is settled by the cores that there are, and by the size of a batch.

    A run that has begun keeps what decides its sums; more parts, to save
    memory, may be asked for.
    """
    total, precision = options.threads or cores(), _precision(options, begun, device)
    if device != "cpu":
        return Plan(1, begun.threads or total, max(options.parts, begun.parts), device, precision)
    if begun.threads:
        parts = max(options.parts, begun.parts)
        workers = min(parts, options.workers or max(1, total // begun.threads))
        return Plan(workers, begun.threads, parts, device, precision)
    workers = options.workers or max(1, min(total, options.batch // ENOUGH))
    return Plan(workers, max(1, total // workers), -(-options.parts // workers) * workers, device, precision)


def _precision(options: Train, begun: Progress, device: str) -> Precision:
    """As chosen, or as the run began, or half precision where the processor multiplies it faster than single."""
    if options.precision != "auto":
        return options.precision
    if begun.precision:
        return begun.precision
    if device == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    # PyTorch has no public name for these that is older than its version 2.13.
    return "bf16" if torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported() else "fp32"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
