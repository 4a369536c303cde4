"""How whole numbers are distributed: exact, and in memory that does not grow with their number."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class Distribution:
    """Counts of each value from 0 up; values may be steps of a smaller `unit`."""

    def __init__(self, unit: float = 1.0) -> None:
        self.unit = unit
        self._counts: NDArray[np.int64] = np.zeros(1, np.int64)

    def add(self, values: NDArray[np.int64]) -> None:
        """Count some more values, in units."""
        counts = np.bincount(values, minlength=len(self._counts))
        counts[: len(self._counts)] += self._counts
        self._counts = counts

    @property
    def size(self) -> int:
        """How many values were counted."""
        return int(self._counts.sum())

    @property
    def mean(self) -> float:
        """The arithmetic mean; 0 of nothing."""
        return float(np.arange(len(self._counts)) @ self._counts) * self.unit / max(self.size, 1)

    def quantile(self, part: float) -> float:
        """The smallest value that at least `part` of all do not exceed: 0 gives the least, 1 the most."""
        rank = max(1, int(np.ceil(part * self.size)))
        return float(np.searchsorted(np.cumsum(self._counts), rank)) * self.unit if self.size else 0.0

    def histogram(self, edges: Sequence[float]) -> list[int]:
        """How many values lie in each [edge, next edge); the last bin is open."""
        starts = [min(round(edge / self.unit), len(self._counts)) for edge in edges]
        ends = [*starts[1:], len(self._counts)]
        return [int(self._counts[start:end].sum()) for start, end in zip(starts, ends, strict=True)]

    def to_json(self) -> dict[str, float]:
        """The figures that describe it."""
        digits = 0 if self.unit == 1 else 2
        quantiles = {"min": 0.0, "median": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
        figures = {name: round(self.quantile(part), digits) for name, part in quantiles.items()}
        return {"mean": round(self.mean, 2), **figures}
