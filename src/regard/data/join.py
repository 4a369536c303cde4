"""Short pairs to long ones: neighbours joined, to train and test on long sources where the data has none."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from regard.data.links import shift
from regard.types import Example


@dataclass(frozen=True, slots=True)
class Joined:
    """Examples joined in their order to sources of at most `longest` words; iterable again and again.

    For each group a length is drawn evenly from 1 to `longest`, and examples
    are joined by a space while they fit in it, one at the least: so all lengths
    are met, as they are in text. The groups depend on examples and seed alone.
    """

    examples: Iterable[Example]
    longest: int
    seed: int

    def __iter__(self) -> Iterator[Example]:
        draw = random.Random(self.seed)
        group, length, room = None, 0, draw.randint(1, self.longest)
        for example in self.examples:
            words = len(example.source.split())
            if group is not None and length + words <= room:
                group, length = _join(group, example), length + words
                continue
            if group is not None:
                yield group
                room = draw.randint(1, self.longest)
            group, length = example, words
        if group is not None:
            yield group


def _join(first: Example, second: Example) -> Example:
    return replace(
        first,
        source=f"{first.source} {second.source}",
        target=f"{first.target} {second.target}",
        others=tuple(f"{a} {b}" for a, b in zip(first.others, second.others, strict=False)),
        alignment=first.alignment | shift(second.alignment, first),
    )
