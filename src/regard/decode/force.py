"""Given targets through the steps of any back end: what teacher forcing is to training."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from regard.decode.backend import Ask, Backend, S
from regard.types import BOS, EOS, Hypothesis, Source

Floats = NDArray[np.float32]
LEAST = np.float32(-69.0)  # nats: e^-69 is 1e-30


def force(backend: Backend[S], sources: Sequence[Source], targets: Sequence[Sequence[int]]) -> list[Hypothesis]:
    """Each given target as if a search had found it; a row goes on with end signs while others are longer."""
    longest = max(map(len, targets))
    wanted = np.full((len(targets), longest), EOS)
    for row, target in zip(wanted, targets, strict=True):
        row[: len(target)] = target
    tokens = np.concatenate([np.full((len(targets), 1), BOS), wanted], 1)
    rows, state = np.arange(len(sources)), backend.start(sources)
    scores, looked, p_gen = [], [], []
    for t in range(longest):
        choices, state = backend.step(tokens[:, t], rows, state, Ask(1, wanted[:, t : t + 1]))
        scores.append(choices.wanted[:, 0])
        looked.append(choices.attention)
        p_gen.append(choices.p_gen)
    known = [each for each in p_gen if each is not None]
    all_p_gen = np.stack(known, 1) if known else None
    return hypotheses(sources, targets, np.stack(scores, 1), np.stack(looked, 1), all_p_gen)


def hypotheses(
    sources: Sequence[Source], targets: Sequence[Sequence[int]], scores: Floats, looked: Floats, p_gen: Floats | None
) -> list[Hypothesis]:
    """Given targets with their rows of scores (B, T), attention (B, T, S) and p_gen (B, T), without padding.

    What cannot be copied because attention is nowhere near it, and cannot be generated, still has a finite score.
    """
    found, scores = [], np.maximum(scores, LEAST)
    for i, (source, target) in enumerate(zip(sources, targets, strict=True)):
        n = len(target)
        share = None if p_gen is None else p_gen[i, :n]
        found.append(Hypothesis(np.array(target, np.int64), scores[i, :n], looked[i, :n, : len(source)], share))
    return found
