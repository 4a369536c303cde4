"""What pictures cost: no drawing is right or wrong, but a model tells how likely each real picture is."""

from collections.abc import Sequence

import numpy as np

from regard.metrics import Counted, Counts, References, lines


class Nats(Counted):
    """Mean -log p(target), or a bound on it, in nats; lower is better.

    An output is here what its target costs, as a number; what it is compared with does not count.
    """

    label = "nats"
    judges = False

    def signature(self, references: References) -> str:
        """Of what it is."""
        return "nats|mean of targets"

    def counts(self, hypotheses: Sequence[str], references: References) -> Counts:
        """The cost, and one for the line."""
        return np.array([[float(text), 1] for text, _ in lines(hypotheses, references)], np.float64).reshape(-1, 2)

    def value(self, totals: Counts) -> float:
        """The mean."""
        cost, many = totals.tolist()
        return float(cost / many) if many else 0.0
