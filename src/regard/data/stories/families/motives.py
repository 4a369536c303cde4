"""Why somebody went somewhere, and where somebody will go: what people lack is found in one place each."""

from random import Random

from regard.data.stories.story import Story
from regard.data.stories.world import MOVES, PEOPLE

MOTIVES = {"bored": "theatre", "cold": "smithy", "hungry": "bakery", "thirsty": "well", "tired": "inn"}


def tell(draw: Random, length: int) -> Story:
    """A state and where it leads; the place where each state leads to is the same in all stories."""
    people = draw.sample(sorted(PEOPLE), min(max(1, -(-length // 2)), len(PEOPLE)))
    states = {person: draw.choice(sorted(MOTIVES)) for person in people}
    gone = [person for person in people if draw.random() < 0.7]
    waiting = [(person, person in gone) for person in people]  # and whether they go after they said why
    told: list[str] = []
    lines: dict[str, list[int]] = {person: [] for person in people}
    while waiting:
        person, goes = waiting.pop(draw.randrange(len(waiting)))
        place, first = MOTIVES[states[person]], not lines[person]
        lines[person].append(len(told))
        told.append(f"{person} is {states[person]}." if first else f"{person} {draw.choice(MOVES)} the {place}.")
        if first and goes:
            waiting.append((person, False))
    person = draw.choice(people)
    place = MOTIVES[states[person]]
    if person in gone:
        return Story.of(told, f"Why did {person} go to the {place}?", states[person], lines[person])
    return Story.of(told, f"Where will {person} go?", place, lines[person])
