"""From attention to links: the given target is forced through one model, or through two of opposite directions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat, tee
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from regard.alignment.symmetrise import SYMMETRIES
from regard.errors import UsageError
from regard.predictor import Predictor
from regard.types import Links, Record
from regard.view.words import Look, between_words

Weights = NDArray[np.float64]  # target words x source words
Weigh = Literal["product", "own"]
Both = tuple[Record, Record | None]  # one pair through the model, and turned around through the reverse one


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How links are read from attention.

    look: at the steps that emit a word's tokens, or at those that read them as
    input. weights: with two models, what each direction takes its largest of:
    the product of both attentions, so that they agree (Liang et al., 2006), or
    its own. symmetrise: how the two directions' links become one.
    """

    look: Look = "emit"
    weights: Weigh = "product"
    symmetrise: str = "grow-diag"

    def links(self, forward: Record, backward: Record | None = None) -> Links:
        """The links of a pair: of one model, each target word's to the source word that it looked at most."""
        if backward is None:
            return to_source(between_words(forward, self.look))
        return SYMMETRIES[self.symmetrise](*self.directions(forward, backward))

    def directions(self, forward: Record, backward: Record) -> tuple[Links, Links]:
        """Links of every target word to a source word, and of every source word to a target word."""
        if not (forward.tokens and backward.tokens):  # one side is empty: there are no words to link
            return frozenset(), frozenset()
        ahead, back = between_words(forward, self.look), between_words(backward, self.look).T
        if self.weights == "product":
            ahead = back = ahead * back
        return to_source(ahead), to_target(back)


def align(
    model: Predictor,
    sources: Iterable[str],
    targets: Iterable[str],
    *,
    reverse: Predictor | None = None,
    reading: Reading | None = None,
) -> Iterator[Links]:
    """The links between the words of each pair, in their order; none if a side is empty.

    `reverse` translates the targets to the sources. Memory does not grow with
    the number of pairs.
    """
    reading = reading or Reading()
    return (reading.links(*both) for both in force(model, sources, targets, reverse))


def force(
    model: Predictor, sources: Iterable[str], targets: Iterable[str], reverse: Predictor | None = None
) -> Iterator[Both]:
    """What one model, or each of two, makes of every given pair. UsageError of a model that reads no words."""
    if any("pictures" in (found.task.reads, found.task.writes) for found in (model, reverse) if found):
        raise UsageError("word alignments are between two texts, but this model reads or draws pictures.")
    if reverse is None:
        return zip(model.force(sources, targets), repeat(None))
    (source, source_too), (target, target_too) = tee(sources), tee(targets)
    return zip(model.force(source, target), reverse.force(target_too, source_too), strict=True)


def to_source(weights: Weights) -> Links:
    """Each target word and the source word on which it has the largest weight; none where it has no weight."""
    return frozenset((int(row.argmax()), j) for j, row in enumerate(weights) if row.any())


def to_target(weights: Weights) -> Links:
    """The same the other way around: each source word and the target word that looks at it most."""
    return frozenset((i, j) for j, i in to_source(weights.T))
