"""Whether a person is in a place, where sentences also leave two places open: yes, no or maybe."""

from random import Random

from regard.data.stories.story import Story
from regard.data.stories.world import PLACES, World


def tell(draw: Random, length: int) -> Story:
    """By the last sentence about a person."""
    world = World(draw, people=4)
    places = draw.sample(PLACES, 5)
    last: dict[str, tuple[list[str], int]] = {}

    def state() -> None:
        person, found = draw.choice(world.people), draw.sample(places, draw.choice((1, 2)))
        words = f"is in the {found[0]}" if len(found) == 1 else f"is either in the {found[0]} or in the {found[1]}"
        last[person] = found, world.say(f"{person} {words}.")

    world.live(length, lambda: bool(last), [state])
    person = draw.choice(sorted(last))
    found, sentence = last[person]
    asked = draw.choice(found) if draw.random() < 0.6 else draw.choice([p for p in places if p not in found])
    answer = "no" if asked not in found else "yes" if len(found) == 1 else "maybe"
    return Story.of(world.told, f"Is {person} in the {asked}?", answer, [sentence])
