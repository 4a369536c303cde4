"""Where a person is: one sentence says so, among those about others and earlier ones."""

from random import Random

from regard.data.stories.story import Story
from regard.data.stories.world import World


def tell(draw: Random, length: int) -> Story:
    """The last place that a person went to."""
    world = World(draw, people=4)
    world.live(length, lambda: bool(world.at), [world.move])
    person = draw.choice(sorted(world.at))
    place, sentence = world.at[person]
    return Story.of(world.told, f"Where is {person}?", place, [sentence])
