"""Stories of some families, in turn; a story is in one of three splits, whatever the seed."""

import importlib
from collections.abc import Iterator, Sequence
from random import Random

from regard.build import names
from regard.data.stories.story import Story, Tell
from regard.errors import UsageError

FOLDER = "data.stories.families"
SPLITS = {"train": range(8), "valid": range(8, 9), "test": range(9, 10)}  # tenths of all stories
PATIENCE = 10_000  # stories drawn for one of a split


def family_names() -> list[str]:
    """The name of every family: simply the files in their folder."""
    return names(FOLDER)


def generate(chosen: Sequence[str], lengths: Sequence[int], lines: int, *, seed: int, split: str) -> Iterator[Story]:
    """`lines` stories of the families in turn, each of a length drawn from these; equal arguments give equal stories.

    A length is the number of sentences; a family that cannot do with so few, or knows no more, tells as many as it
    can. No story of a split is told in another one.
    """
    tellers: list[Tell] = [importlib.import_module(f"regard.{FOLDER}.{name}").tell for name in chosen]
    draw = Random(f"stories {seed}")
    for line in range(lines):
        yield _one(tellers[line % len(tellers)], lengths, draw, split)


def _one(tell: Tell, lengths: Sequence[int], draw: Random, split: str) -> Story:
    for _ in range(PATIENCE):
        story = tell(draw, draw.choice(lengths))
        if story.place in SPLITS[split]:
            return story
    raise UsageError(f"there are too few stories of these lengths for the split {split}; ask for longer ones.")
