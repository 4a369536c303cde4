"""Whether a person is in a place, where sentences also say where somebody is not."""

from random import Random

from regard.data.stories.story import Story
from regard.data.stories.world import PLACES, World


def tell(draw: Random, length: int) -> Story:
    """Yes or no, by the last sentence about a person; what it leaves open is not asked."""
    world = World(draw, people=4)
    places = draw.sample(PLACES, 4)
    last: dict[str, tuple[str, bool, int]] = {}

    def state() -> None:
        person, place, there = draw.choice(world.people), draw.choice(places), draw.random() < 0.65
        words = "is in" if there else draw.choice(("is not in", "is no longer in"))
        last[person] = place, there, world.say(f"{person} {words} the {place}.")

    world.live(length, lambda: bool(last), [state])
    person = draw.choice(sorted(last))
    place, there, sentence = last[person]
    if there and draw.random() < 0.25:
        place, there = draw.choice([other for other in places if other != place]), False
    return Story.of(world.told, f"Is {person} in the {place}?", "yes" if there else "no", [sentence])
