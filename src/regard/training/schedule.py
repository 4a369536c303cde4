"""The learning rate of a step: a pure function, so that there is nothing to save."""

import math

from regard.sections import Train


def rate(step: int, steps: int, options: Train) -> float:
    """Rise linearly over the warm-up, then fall as the schedule says; `step` counts from 0."""
    warmup = round(options.warmup * steps)
    if step < warmup:
        return options.rate * (step + 1) / (warmup + 1)
    share = (step - warmup) / max(1, steps - warmup)
    falls = {"constant": 1.0, "linear": 1 - share, "cosine": (1 + math.cos(math.pi * share)) / 2}
    return options.rate * falls[options.schedule]
