"""Why somebody went somewhere, and where somebody will go: what people lack is found in one place each."""

from random import Random

from regard.data.stories.story import Story
from regard.data.stories.world import MOVES, PEOPLE

MOTIVES = {"bored": "theatre", "cold": "smithy", "hungry": "bakery", "thirsty": "well", "tired": "inn"}


def tell(draw: Random, length: int) -> Story:
    """A state and where it leads; the place where each state leads to is the same in all stories."""
    states: dict[str, str] = {}
    gone: list[str] = []
    for person in draw.sample(sorted(PEOPLE), len(PEOPLE)):
        states[person] = draw.choice(sorted(MOTIVES))
        gone += [person] if draw.random() < 0.7 else []
        if len(states) + len(gone) >= length:
            break
    waiting, told, said = sorted(states) + sorted(gone), list[str](), dict[str, int]()
    draw.shuffle(waiting)
    for person in waiting:  # the first time they say how they are, the second time they go
        went = f"{person} {draw.choice(MOVES)} the {MOTIVES[states[person]]}."
        told.append(went if person in said else f"{person} is {states[person]}.")
        said.setdefault(person, len(told) - 1)
    person = draw.choice(sorted(states))
    place = MOTIVES[states[person]]
    if person in gone:
        return Story.of(told, f"Why did {person} go to the {place}?", states[person], [said[person]])
    return Story.of(told, f"Where will {person} go?", place, [said[person]])
