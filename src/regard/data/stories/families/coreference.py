"""Where a person is, where "she" or "he" stands for the person of the sentence before."""

from random import Random

from regard.data.stories.story import Story
from regard.data.stories.world import MOVES, PEOPLE, World


def tell(draw: Random, length: int) -> Story:
    """The last place; a pronoun needs the sentence before it too."""
    world = World(draw, people=4)
    supports: dict[str, list[int]] = {}

    def walk() -> None:
        world.move()
        person = next(name for name, (_, sentence) in world.at.items() if sentence == len(world.told) - 1)
        supports[person] = [len(world.told) - 1]
        if draw.random() < 0.5:
            place = world.elsewhere(person)
            said = f"{draw.choice(('Then', 'Afterwards'))} {PEOPLE[person]} {draw.choice(MOVES)} the {place}."
            world.arrive(person, place, world.say(said))
            supports[person].append(len(world.told) - 1)

    world.live(length, lambda: bool(world.at), [walk])
    person = draw.choice(sorted(world.at))
    return Story.of(world.told, f"Where is {person}?", world.at[person][0], supports[person])
