"""What a person wears: what another of their trade wears."""

from random import Random

from regard.data.stories.story import Story
from regard.data.stories.trades import COLOURS, TRADES
from regard.data.stories.world import PEOPLE


def tell(draw: Random, length: int) -> Story:
    """Of each trade there are two people, and the colour of one is told."""
    trades = draw.sample(TRADES, min(max(2, -(-length // 3)), len(PEOPLE) // 2, len(COLOURS)))
    colours = draw.sample(COLOURS, len(trades))
    people = draw.sample(sorted(PEOPLE), 2 * len(trades))
    groups = []
    for i, (trade, colour) in enumerate(zip(trades, colours, strict=True)):
        one, other = people[2 * i : 2 * i + 2]
        groups.append([f"{one} is a {trade}.", f"{one} wears {colour}.", f"{other} is a {trade}."])
    told = [sentence for group in groups for sentence in group]
    draw.shuffle(told)
    chosen = draw.randrange(len(trades))
    question = f"What does {people[2 * chosen + 1]} wear?"
    return Story.of(told, question, colours[chosen], map(told.index, groups[chosen]))
