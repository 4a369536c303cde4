"""All rows of all steps of a search, from which hypotheses are read backwards once they are chosen."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from regard.decode.backend import Choices
from regard.types import EOS, Hypothesis

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(slots=True)
class Trace:
    """The rows of every step.

    Row r of step t was entered with token `tokens[t][r]` from row `parents[t][r]`
    of step t - 1, and looked where `attention[t][r]` says: the weights belong
    to the step, not to the place in the beam, so no re-ordering can mix them up.
    """

    tokens: list[Ints] = field(default_factory=list)
    parents: list[Ints] = field(default_factory=list)
    log_probs: list[Floats] = field(default_factory=list)
    attention: list[Floats] = field(default_factory=list)
    p_gen: list[Floats] = field(default_factory=list)  # of a model that copies
    boxes: list[Floats] = field(default_factory=list)  # of a model that looks at parts of a picture

    def enter(self, tokens: Ints, parents: Ints, log_probs: Floats, told: Choices) -> None:
        """Remember the rows of one more step."""
        self.tokens.append(tokens)
        self.parents.append(parents)
        self.log_probs.append(log_probs)
        self.attention.append(told.attention)
        if told.p_gen is not None:
            self.p_gen.append(told.p_gen)
        if told.boxes is not None:
            self.boxes.append(told.boxes)

    def follow(self, steps: Ints, rows: Ints, ends: Floats, places: Ints) -> list[Hypothesis]:
        """The hypotheses that end after `rows` of `steps`, all followed back together; `places`: of their sources."""
        if not len(rows):
            return []
        many, longest, rows = len(rows), int(steps.max()) + 1, rows.copy()
        tokens, log_probs = np.full((many, longest), EOS), np.zeros((many, longest), np.float32)
        attention = np.zeros((many, longest, self.attention[0].shape[1]), np.float32)
        p_gen = np.zeros((many, longest), np.float32) if self.p_gen else None
        boxes = np.zeros((many, longest, *self.boxes[0].shape[1:]), np.float32) if self.boxes else None
        log_probs[np.arange(many), steps] = ends
        for step in reversed(range(longest)):
            on = np.flatnonzero(steps >= step)
            at = rows[on]
            attention[on, step] = self.attention[step][at]
            if p_gen is not None:
                p_gen[on, step] = self.p_gen[step][at]
            if boxes is not None:
                boxes[on, step] = self.boxes[step][at]
            rows[on] = self.parents[step][at]
            if step:  # the first row was entered with the start sign, which is no output
                tokens[on, step - 1] = self.tokens[step][at]
                log_probs[on, step - 1] = self.log_probs[step][at]
        return [
            Hypothesis(
                tokens[i, :n].copy(),
                log_probs[i, :n].copy(),
                attention[i, :n, :s].copy(),
                None if p_gen is None else p_gen[i, :n].copy(),
                None if boxes is None else boxes[i, :n].copy(),
            )
            for i, (n, s) in enumerate(zip((steps + 1).tolist(), places.tolist(), strict=True))
        ]
