"""A back end that stops in the middle of a search when nobody wants its result any more."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regard.decode.backend import Ask, Backend, Choices
from regard.decode.shortlist import Among
from regard.types import Hypothesis, Source


class Abandoned(Exception):  # noqa: N818  reads as what happened
    """Nobody waits for this search."""


class Abandoning:
    """Another back end, asked before each step whether it is still wanted."""

    workers = 1

    def __init__(self, backend: Backend[Any]) -> None:
        self.backend = backend
        self.wanted: Callable[[], bool] = lambda: True

    def start(self, sources: Sequence[Source], among: Among | None = None) -> Any:
        """As the back end starts."""
        return self.backend.start(sources, among)

    def step(self, tokens: NDArray[Any], parents: NDArray[np.int64], state: Any, ask: Ask) -> tuple[Choices, Any]:
        """As the back end steps. Abandoned if nobody waits."""
        if not self.wanted():
            raise Abandoned
        return self.backend.step(tokens, parents, state, ask)

    def force(self, sources: Sequence[Source], targets: Sequence[Source]) -> list[Hypothesis]:
        """As the back end does."""
        return self.backend.force(sources, targets)
