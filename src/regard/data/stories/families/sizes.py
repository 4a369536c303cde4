"""Whether a thing fits inside another: what fits inside what fits inside it does."""

from itertools import pairwise
from random import Random

from regard.data.stories.story import Story

THINGS = ("bag", "barrel", "bowl", "box", "chest", "crate", "cup", "jar", "kettle", "pot", "suitcase", "trunk", "tub")


def tell(draw: Random, length: int) -> Story:
    """Yes or no, of two things between which there are one or two others."""
    chain = draw.sample(THINGS, min(max(length, 2) + 1, len(THINGS)))  # from small to large
    pairs = list(pairwise(chain))
    order = draw.sample(range(len(pairs)), len(pairs))
    told = [_said(draw, *pairs[i]) for i in order]
    steps = draw.randint(2, min(3, len(pairs)))
    start = draw.randrange(len(pairs) - steps + 1)
    small, large = chain[start], chain[start + steps]
    supports = [order.index(i) for i in range(start, start + steps)]
    if draw.random() < 0.5:
        return Story.of(told, f"Does the {small} fit inside the {large}?", "yes", supports)
    return Story.of(told, f"Does the {large} fit inside the {small}?", "no", supports)


def _said(draw: Random, small: str, large: str) -> str:
    if draw.random() < 0.5:
        return f"The {small} fits inside the {large}."
    return f"The {large} is bigger than the {small}."
