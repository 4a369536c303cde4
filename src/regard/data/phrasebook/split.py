"""Phrases -> train, valid and test: what is held out are new combinations of known words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from random import Random

from regard.data.phrasebook.phrase import Phrase
from regard.errors import UsageError
from regard.types import Example

_SEEN = 3  # A word met once or twice cannot be learned: a held-out phrase needs words met this often.


@dataclass(frozen=True, slots=True)
class Split:
    """Examples to train on, to watch and to report on; no source is in two of them."""

    train: list[Example]
    valid: list[Example]
    test: list[Example]
    kinds: dict[str, str]  # the kind of each source

    def kind_of(self, example: Example) -> str:
        """The kind of phrase that an example of this split is."""
        return self.kinds[example.source]


def hold_out(stock: Sequence[Phrase], valid: int, test: int, random: Random) -> Split:
    """Take valid + test phrases out of the stock, and none that is the last to show a word."""
    held = _replaceable(stock, valid + test, random)
    if len(held) < valid + test:
        raise UsageError(
            f"Of {len(stock)} phrases only {len(held)} can be held out with every word still in training; "
            f"expected {valid + test}. Ask for more phrases to train on, or fewer to hold out."
        )
    kept = sorted(set(range(len(stock))).difference(held))
    random.shuffle(kept)
    return Split(
        train=_examples(stock, kept),
        valid=_examples(stock, held[:valid]),
        test=_examples(stock, held[valid:]),
        kinds={phrase.source: phrase.kind for phrase in stock},
    )


def _replaceable(stock: Sequence[Phrase], wanted: int, random: Random) -> list[int]:
    """Places of combinations, at random, whose words all stay in the rest of the stock."""
    left = Counter(chain.from_iterable(phrase.vocabulary() for phrase in stock))
    places = [place for place, phrase in enumerate(stock) if not phrase.atom]
    random.shuffle(places)
    held: list[int] = []
    for place in places:
        if len(held) == wanted:
            break
        vocabulary = stock[place].vocabulary()
        if all(left[word] > _SEEN for word in vocabulary):
            left.subtract(vocabulary)
            held.append(place)
    return held


def _examples(stock: Sequence[Phrase], places: list[int]) -> list[Example]:
    return [Example(stock[place].source, stock[place].target, line) for line, place in enumerate(places, start=1)]
