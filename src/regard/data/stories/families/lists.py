"""What a person holds: a list, in the order in which they took it."""

from random import Random

from regard.data.stories.story import Story
from regard.data.stories.world import World


def tell(draw: Random, length: int) -> Story:
    """The things, or "nothing", of a person who took something at least once."""
    world = World(draw, people=3, items=4)
    events = [world.move, world.take, world.take, world.drop]
    world.live(length, lambda: any(world.handled.values()), events)
    person = draw.choice([person for person in world.people if world.handled[person]])
    answer = ", ".join(world.things[person]) or "nothing"
    question = f"What does {person} hold, in the order of taking?"
    return Story.of(world.told, question, answer, world.handled[person])
