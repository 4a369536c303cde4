"""What a person likes: what all of their trade like."""

from random import Random

from regard.data.stories.story import Story
from regard.data.stories.trades import FRUITS, TRADES
from regard.data.stories.world import PEOPLE


def tell(draw: Random, length: int) -> Story:
    """A rule, and a person whom it is about."""
    trades = draw.sample(TRADES, min(max(2, length // 2), len(TRADES)))
    likes = dict(zip(trades, draw.sample(FRUITS, len(trades)), strict=True))
    people = draw.sample(sorted(PEOPLE), min(max(1, length - len(trades)), len(PEOPLE)))
    trade_of = {person: draw.choice(trades) for person in people}
    rules = [f"Every {trade} likes {likes[trade]}." for trade in trades]
    told = [*rules, *(f"{person} is a {trade}." for person, trade in trade_of.items())]
    draw.shuffle(told)
    person = draw.choice(people)
    trade = trade_of[person]
    supports = [told.index(f"Every {trade} likes {likes[trade]}."), told.index(f"{person} is a {trade}.")]
    return Story.of(told, f"What does {person} like?", likes[trade], supports)
