"""Given targets through the steps of any back end: what teacher forcing is to training."""

from collections.abc import Sequence

import numpy as np

from regard.decode.backend import Ask, Backend, S
from regard.types import BOS, EOS, Hypothesis, Source


def force(backend: Backend[S], sources: Sequence[Source], targets: Sequence[Sequence[int]]) -> list[Hypothesis]:
    """Each given target as if a search had found it; a row goes on with end signs while others are longer."""
    longest = max(map(len, targets))
    wanted = np.full((len(targets), longest), EOS)
    for row, target in zip(wanted, targets, strict=True):
        row[: len(target)] = target
    tokens = np.concatenate([np.full((len(targets), 1), BOS), wanted], 1)
    rows, state = np.arange(len(sources)), backend.start(sources)
    scores, looked = [], []
    for t in range(longest):
        choices, state = backend.step(tokens[:, t], rows, state, Ask(1, wanted[:, t : t + 1]))
        scores.append(choices.wanted[:, 0])
        looked.append(choices.attention)
    all_scores, all_looked = np.stack(scores, 1), np.stack(looked, 1)
    return [
        Hypothesis(
            np.array(target, np.int64), all_scores[i, : len(target)], all_looked[i, : len(target), : len(source)]
        )
        for i, (source, target) in enumerate(zip(sources, targets, strict=True))
    ]
