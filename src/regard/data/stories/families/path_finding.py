"""How to go from a place to another, by way of a third."""

from random import Random

from regard.data.stories.grid import COMPASS, grow
from regard.data.stories.story import Story
from regard.data.stories.world import PLACES


def tell(draw: Random, length: int) -> Story:
    """Two directions, in the order of going."""
    grid = grow(draw, draw.sample(PLACES, min(max(length, 2) + 1, len(PLACES))), COMPASS)
    told = [f"The {link.first} lies {link.direction} of the {link.second}." for link in grid.links]
    start, end = draw.sample(draw.choice(grid.apart(2)), 2)
    way = grid.way(start, end)
    directions, here = [], start
    for _, there in way:
        (x, y), (far, high) = grid.squares[here], grid.squares[there]
        directions.append(next(name for name, step in COMPASS.items() if step == (far - x, high - y)))
        here = there
    question = f"How does one go from the {start} to the {end}?"
    return Story.of(told, question, ", ".join(directions), [number for number, _ in way])
