"""Where a thing was before it came to a place: who carried it, and their last two ways."""

from itertools import pairwise
from random import Random

from regard.data.stories.story import Story
from regard.data.stories.world import World

Ask = tuple[str, str, str, frozenset[int]]  # thing, place, the place before, supports


def tell(draw: Random, length: int) -> Story:
    """The place before a place where the thing was only once."""
    world = World(draw, people=3, items=2)
    world.live(length, lambda: bool(_asks(world)), [world.move, world.move, world.take, world.drop])
    item, place, before, supports = draw.choice(_asks(world))
    return Story.of(world.told, f"Where was the {item} before it came to the {place}?", before, supports)


def _asks(world: World) -> list[Ask]:
    found: list[Ask] = []
    for item, trail in world.trail.items():
        places = [place for place, _ in trail]
        for (before, earlier), (place, later) in pairwise(trail):
            if places.count(place) == 1 and len(earlier | later) == 3:
                found.append((item, place, before, earlier | later))
    return found
