"""Where a thing is: who took it or left it, and where they went."""

from random import Random

from regard.data.stories.story import Story
from regard.data.stories.world import World


def tell(draw: Random, length: int) -> Story:
    """The place of a thing that is carried, or was left."""
    world = World(draw, people=3, items=3)
    world.live(length, lambda: any(map(world.where, world.items)), [world.move, world.move, world.take, world.drop])
    item = draw.choice([item for item in world.items if world.where(item)])
    place, supports = world.where(item) or ("", ())
    return Story.of(world.told, f"Where is the {item}?", place, supports)
