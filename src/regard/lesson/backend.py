"""A back end of one search that knows which step it takes, and may be steered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regard.decode.backend import Ask, Choices
from regard.decode.pytorch import PyTorch, State
from regard.decode.shortlist import Among
from regard.errors import UsageError
from regard.lesson.steering import Dial, Intervention, twin
from regard.model import EncoderDecoder
from regard.types import Hypothesis, Source


@dataclass(frozen=True, slots=True)
class Counted:
    """A state, and how many steps led to it."""

    inner: State
    steps: int


class Steering:
    """PyTorch's back end on a twin of the model; the model itself, which others may be using, stays as it is."""

    workers = 1

    def __init__(self, model: EncoderDecoder, intervention: Intervention) -> None:
        self.dial = Dial()
        self.model = twin(model, intervention, self.dial)
        self._inner = PyTorch(self.model)

    def start(self, sources: Sequence[Source], among: Among | None = None) -> Counted:
        """Encode the sources."""
        return Counted(self._inner.start(sources, among), 0)

    def step(
        self, tokens: NDArray[Any], parents: NDArray[np.int64], state: Counted, ask: Ask
    ) -> tuple[Choices, Counted]:
        """The same, with the dial turned to its step."""
        self.dial.turn(state.steps)
        choices, after = self._inner.step(tokens, parents, state.inner, ask)
        return choices, Counted(after, state.steps + 1)

    def force(self, sources: Sequence[Source], targets: Sequence[Source]) -> list[Hypothesis]:
        """UsageError: teacher forcing takes all steps at once, and steering knows them one by one."""
        raise UsageError("a steered model takes its steps one by one: search with a prefix instead of forcing.")
