"""Where a person is, where "they" stands for the two people of the sentence before."""

from random import Random

from regard.data.stories.story import Story
from regard.data.stories.world import MOVES, World


def tell(draw: Random, length: int) -> Story:
    """The last place; "they" needs the sentence before it too."""
    world = World(draw, people=5)
    supports: dict[str, list[int]] = {}

    def walk() -> None:
        pair, first = draw.sample(world.people, 2), len(world.told)
        for _ in range(draw.choice((1, 2))):
            place = world.elsewhere(*pair)
            who = f"{draw.choice(('Then', 'Afterwards'))} they" if len(world.told) > first else " and ".join(pair)
            sentence = world.say(f"{who} {draw.choice(MOVES)} the {place}.")
            for person in pair:
                world.arrive(person, place, sentence)
                supports[person] = list(range(first, sentence + 1))

    world.live(length, lambda: bool(world.at), [walk])
    person = draw.choice(sorted(world.at))
    return Story.of(world.told, f"Where is {person}?", world.at[person][0], supports[person])
