"""Whether a person is in a place: yes or no, by the last sentence about them."""

from random import Random

from regard.data.stories.story import Story
from regard.data.stories.world import World


def tell(draw: Random, length: int) -> Story:
    """As often yes as no."""
    world = World(draw, people=4)
    world.live(length, lambda: bool(world.at), [world.move])
    person = draw.choice(sorted(world.at))
    place, sentence = world.at[person]
    right = draw.random() < 0.5
    asked = place if right else world.elsewhere(person)
    return Story.of(world.told, f"Is {person} in the {asked}?", "yes" if right else "no", [sentence])
