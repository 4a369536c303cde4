"""What a search asks of a model: to start, and to step. Both ends are plain NumPy arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from regard.decode.shortlist import FILE, Among
from regard.types import BOS, PAD, UNK, Hypothesis, Source

S = TypeVar("S")


NEVER = PAD, BOS  # no part of an output
NEVER_COPIED = *NEVER, UNK  # nor is the unknown sign where a word may be copied: what is unknown has letters there
GRAPHS = "encoder.onnx", "step.onnx"  # of an exported model, in its folder
NO_BANS = np.zeros((0, 2), np.int64)


@dataclass(frozen=True, slots=True)
class Ask:
    """What is wanted of a step for each of its R rows.

    k: how many of the best tokens, or all that there are; wanted: int64 (R, W),
    tokens whose log probabilities are told whatever their rank; banned: int64
    (N, 2), pairs of a row and a token that must not be among its best.
    """

    k: int
    wanted: NDArray[np.int64]
    banned: NDArray[np.int64] = field(default_factory=lambda: NO_BANS)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a step offers for each of R rows: the best tokens, those that were asked for, and where it looked.

    tokens: int64 (R, k) and log_probs: float32 (R, k), best first; wanted: float32 (R, W),
    the log probabilities of the tokens asked for; attention: float32 (R, S); p_gen: float32 (R),
    how much of the probability is generated, of a model that also copies. Such a model of V
    tokens has V + S of them, as `Copyable` counts; those that are not a row's own have none.
    A ban takes a token off the list, and changes no probability. boxes: float32 (R, N, 4), the looks of a step at
    parts of a picture, of a model that does so.
    """

    tokens: NDArray[np.int64]
    log_probs: NDArray[np.float32]
    wanted: NDArray[np.float32]
    attention: NDArray[np.float32]
    p_gen: NDArray[np.float32] | None = None
    boxes: NDArray[np.float32] | None = None


class Backend(Protocol[S]):
    """A model that can be searched; its state is its own affair."""

    @property
    def workers(self) -> int:
        """How many searches it can serve at once, each in a thread of its own."""
        ...

    def start(self, sources: Sequence[Source], among: Among | None = None) -> S:
        """Encode the sources: one row for each, in their order.

        With `among`, the rows of a source choose among its own tokens: their probabilities
        add up to one, and all others have none (-inf).
        """
        ...

    def step(self, tokens: NDArray[Any], parents: NDArray[np.int64], state: S, ask: Ask) -> tuple[Choices, S]:
        """Row i continues row `parents[i]` of the state with `tokens[i]`; rows may be repeated or left out.

        Tokens are int64 (R); of a model that draws they are luck, float32 (R, Z), and what follows are its bytes.
        """
        ...

    def force(self, sources: Sequence[Source], targets: Sequence[Source]) -> list[Hypothesis]:
        """Each given target as if a search had found it: its log probabilities among all tokens, and where it looks."""
        ...


def discard(folder: Path) -> None:
    """Remove what an export has made in a model folder, if anything."""
    for name in (*GRAPHS, FILE):
        (folder / name).unlink(missing_ok=True)
