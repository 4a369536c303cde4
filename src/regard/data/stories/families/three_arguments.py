"""Who gave what to whom: a sentence with three parts, asked for each."""

from dataclasses import astuple, dataclass
from random import Random

from regard.data.stories.story import Story
from regard.data.stories.world import World


@dataclass(frozen=True, slots=True)
class Gift:
    """Who gave what to whom."""

    giver: str
    item: str
    taker: str


def tell(draw: Random, length: int) -> Story:
    """The part of a gift that the two others single out."""
    world = World(draw, people=4, items=3)
    gifts: dict[int, Gift] = {}
    holders: dict[str, str] = {}

    def give() -> None:
        item = draw.choice(world.items)
        giver = holders.get(item) or draw.choice(world.people)
        taker = draw.choice([person for person in world.people if person != giver])
        verb = draw.choice(("gave", "handed", "passed"))
        gifts[world.say(f"{giver} {verb} the {item} to {taker}.")] = Gift(giver, item, taker)
        holders[item] = taker

    world.live(length, lambda: bool(_asks(gifts)), [give, give, world.move])
    question, answer, number = draw.choice(_asks(gifts))
    return Story.of(world.told, question, answer, [number])


def _asks(gifts: dict[int, Gift]) -> list[tuple[str, str, int]]:
    """Question, answer and sentence of every gift that no other is like but for the part that is asked for."""
    found = []
    for number, gift in gifts.items():
        parts = astuple(gift)
        questions = (
            f"Who gave the {gift.item} to {gift.taker}?",
            f"What did {gift.giver} give to {gift.taker}?",
            f"Who got the {gift.item} from {gift.giver}?",
        )
        for part, question in enumerate(questions):
            alike = [other for other in map(astuple, gifts.values()) if _but(other, part) == _but(parts, part)]
            if len(alike) == 1:
                found.append((question, str(parts[part]), number))
    return found


def _but(parts: tuple[str, ...], part: int) -> tuple[str, ...]:
    return parts[:part] + parts[part + 1 :]
