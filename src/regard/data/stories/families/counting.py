"""How many things a person holds: every time they took or left one counts."""

from random import Random

from regard.data.stories.story import Story
from regard.data.stories.world import World

NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight")


def tell(draw: Random, length: int) -> Story:
    """The number, in letters, of a person who took something at least once."""
    world = World(draw, people=3, items=5)
    events = [world.move, world.take, world.take, world.drop]
    world.live(length, lambda: any(world.handled.values()), events)
    person = draw.choice([person for person in world.people if world.handled[person]])
    answer = NUMBERS[len(world.things[person])]
    return Story.of(world.told, f"How many things does {person} hold?", answer, world.handled[person])
