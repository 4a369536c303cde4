"""Pictures that a model draws by chance, step by step: what search is to texts, of any back end."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regard.decode.backend import Ask, Backend, Choices, S
from regard.decode.constraint import FREE, Constraint
from regard.errors import UsageError
from regard.sections import Decode
from regard.types import Hypothesis, Ids, Image, Source

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Subject(Ids):
    """The ids of words that a picture of a shape (H, W, C) is to be drawn of, in `steps`, each of `latent` numbers."""

    steps: int
    latent: int
    shape: tuple[int, int, int]


def sketch(
    backend: Backend[S], sources: Sequence[Subject], options: Decode, nbest: int, constraints: Sequence[Constraint]
) -> list[list[Hypothesis]]:
    """`nbest` pictures of each source, by luck that follows from the seed, its words and the number of the picture.

    A step reads luck in place of a token, and tells of each byte how likely it is lit. N(mu, sigma^2) to the power of
    1 / `temperature` is N(mu, temperature sigma^2): with 0 there is no luck, and one picture. UsageError for words that
    are wished for.
    """
    if any(constraint != FREE for constraint in constraints):
        raise UsageError("this model draws: a picture has no words that could be asked for.")
    shape, many = sources[0].shape, [source for source in sources for _ in range(nbest)]
    luck = np.sqrt(options.temperature) * fortune(sources, nbest, options.seed)
    rows = np.arange(len(many))
    ask = Ask(1, np.tile(np.arange(int(np.prod(shape))), (len(many), 1)))
    state = backend.start(many)
    told: list[Choices] = []
    for step in luck.astype(np.float32).swapaxes(0, 1):
        choices, state = backend.step(step, rows, state, ask)
        told.append(choices)
    canvases = np.stack([np.rint(255 * np.exp(each.wanted)).astype(np.uint8) for each in told], 1)
    attention = np.stack([each.attention for each in told], 1)
    boxes = None if told[0].boxes is None else np.stack([each.boxes for each in told if each.boxes is not None], 1)
    found = [
        Hypothesis(
            np.arange(len(told)),
            np.zeros(len(told), np.float32),
            attention[row, :, : len(source)],
            boxes=None if boxes is None else boxes[row],
            canvases=canvases[row].reshape(-1, *shape),
        )
        for row, source in enumerate(many)
    ]
    return [found[first : first + nbest] for first in range(0, len(found), nbest)]


def fortune(sources: Sequence[Subject], draws: int, seed: int) -> NDArray[np.float64]:
    """Standard normals (sources x draws, steps, latent), of the seed, a source's ids and the draw's number alone."""
    return np.stack(
        [
            np.random.default_rng((seed, number, *source.ids)).standard_normal((source.steps, source.latent))
            for source in sources
            for number in range(draws)
        ]
    )


def luck_of(targets: Sequence[Source], steps: int, latent: int) -> Floats:
    """Standard normals (B, steps, latent) for given pictures, each of nothing but its own bytes."""
    keys = [target.ids for target in targets if isinstance(target, Image)]
    return np.stack([np.random.default_rng(key).standard_normal((steps, latent), np.float32) for key in keys])


def of_forced(sources: Sequence[Source], scores: Floats, attention: Floats, boxes: Floats) -> list[Hypothesis]:
    """Given pictures as if they had been drawn: scores are the bound on log p, step by step, in nats."""
    steps = np.arange(scores.shape[1])
    return [
        Hypothesis(steps, scores[row], attention[row, :, : len(source)], boxes=boxes[row])
        for row, source in enumerate(sources)
    ]
