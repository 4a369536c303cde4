"""Where a person is, where sentences are about two at once."""

from random import Random

from regard.data.stories.story import Story
from regard.data.stories.world import MOVES, World


def tell(draw: Random, length: int) -> Story:
    """The last place that a person went to, alone or with another."""
    world = World(draw, people=5)

    def walk() -> None:
        pair = draw.sample(world.people, 2)
        place = world.elsewhere(*pair)
        sentence = world.say(f"{' and '.join(pair)} {draw.choice(MOVES)} the {place}.")
        for person in pair:
            world.arrive(person, place, sentence)

    world.live(length, lambda: bool(world.at), [walk])
    person = draw.choice(sorted(world.at))
    place, sentence = world.at[person]
    return Story.of(world.told, f"Where is {person}?", place, [sentence])
