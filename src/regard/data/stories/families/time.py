"""Where a person was before a place, where sentences tell the time, and not in its order."""

from itertools import pairwise
from random import Random

from regard.data.stories.story import Story
from regard.data.stories.world import MOVES, PEOPLE, PLACES

TIMES = ("Two days ago", "Yesterday", "This morning", "This afternoon", "This evening")


def tell(draw: Random, length: int) -> Story:
    """The place at the latest time before."""
    said: list[tuple[str, str, str]] = []  # time, person, place
    for person in draw.sample(sorted(PEOPLE), len(PEOPLE)):
        count = draw.randint(2, len(TIMES))
        times = sorted(draw.sample(TIMES, count), key=TIMES.index)
        said += [(time, person, place) for time, place in zip(times, draw.sample(PLACES, count), strict=True)]
        if len(said) >= length:
            break
    told = draw.sample(said, len(said))
    asks = [(one, other) for one, other in pairwise(said) if one[1] == other[1]]
    before, after = draw.choice(asks)
    sentences = [f"{time} {person} {draw.choice(MOVES)} the {place}." for time, person, place in told]
    question = f"Where was {after[1]} before the {after[2]}?"
    return Story.of(sentences, question, before[2], [told.index(before), told.index(after)])
