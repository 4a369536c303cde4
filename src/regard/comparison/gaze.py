"""What can be said of attention in a number: how much it is spread, and whether it covers the source once."""

from collections.abc import Iterable

import numpy as np

from regard.types import EOS, SPECIALS, Record


def entropy(records: Iterable[Record]) -> float | None:
    """Mean entropy of an output token's weights, -sum_s a_s log a_s, in nats; None where nothing was looked at."""
    rows = [row for record in records for row in record.attention.astype(np.float64) if row.any()]
    spread = [-float((row * np.log(np.where(row > 0, row, 1.0))).sum()) for row in rows]
    return float(np.mean(spread)) if spread else None


def coverage_deviation(records: Iterable[Record]) -> float | None:
    """Mean of |1 - sum_t a_ts| over source tokens s, the end sign left out: 0 if each is looked at just once."""
    far: list[float] = []
    for record in records:
        real = [token != SPECIALS[EOS] for token in record.source_tokens]
        if record.attention.any():
            far += np.abs(1 - record.attention.astype(np.float64).sum(0)[real]).tolist()
    return float(np.mean(far)) if far else None
