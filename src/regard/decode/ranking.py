"""What finished hypotheses are compared by: log probability, length, and how much of the source was looked at."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regard.sections import Decode
from regard.types import Hypothesis

Doubles = NDArray[np.float64]
UNSEEN = 1e-9  # attention below this counts as this: the logarithm of nothing would drown all else


def divisor(lengths: NDArray[np.int64], options: Decode) -> Doubles:
    """What a log probability is divided by; it never falls with the length.

    `average`: length ** a. `gnmt`: ((5 + length) / 6) ** a (Wu et al., 2016, eq. 14).
    """
    scaled = np.maximum(lengths, 1) if options.normalise == "average" else (5 + lengths) / 6
    return np.asarray(scaled, np.float64) ** options.length_penalty


def coverage(looked: NDArray[np.floating[Any]], lengths: NDArray[np.int64]) -> Doubles:
    """sum_s log min(sum_t a_ts, 1) of sums over time (N, S): at most 0, which is all seen (Wu et al., 2016)."""
    logs = np.log(np.clip(looked, UNSEEN, 1.0, dtype=np.float64))
    inside = np.arange(looked.shape[1]) < lengths[:, None]
    return np.asarray(np.where(inside, logs, 0.0).sum(1))


def rank(hypothesis: Hypothesis, options: Decode) -> float:
    """What hypotheses are compared by: log p / divisor(length) + coverage_penalty * coverage."""
    value = hypothesis.score / float(divisor(np.array(len(hypothesis.tokens)), options))
    if options.coverage_penalty:
        looked = hypothesis.attention.sum(0, dtype=np.float64)[None]
        value += options.coverage_penalty * float(coverage(looked, np.array([looked.shape[1]]))[0])
    return value
