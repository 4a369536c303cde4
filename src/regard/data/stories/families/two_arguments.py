"""What lies in a direction of what: a sentence with two places, asked for either."""

from random import Random

from regard.data.stories.grid import COMPASS, grow
from regard.data.stories.story import Story
from regard.data.stories.world import PLACES


def tell(draw: Random, length: int) -> Story:
    """One of the two places of a sentence."""
    count = min(max(length, 2) + 1, len(PLACES))
    links = grow(draw, draw.sample(PLACES, count), COMPASS).links
    told = [f"The {link.first} lies {link.direction} of the {link.second}." for link in links]
    number = draw.randrange(len(links))
    link = links[number]
    if draw.random() < 0.5:
        return Story.of(told, f"What lies {link.direction} of the {link.second}?", link.first, [number])
    return Story.of(told, f"What does the {link.first} lie {link.direction} of?", link.second, [number])
