"""What each rule of a search means, written as plainly as can be, to compare with."""

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from regard.decode.constraint import FREE, Constraint
from regard.sections import Decode
from regard.types import EOS
from toy import Toy

Ids = Sequence[int]


def holds(output: Ids, phrase: Ids, inside: frozenset[int] = frozenset()) -> bool:
    """Whether an output has a phrase as whole words; tokens `inside` a word continue it."""
    words, size = [token for token in output if token != EOS], len(phrase)
    for start in range(len(words) - size + 1):
        if words[start : start + size] == list(phrase):
            after = words[start + size : start + size + 1]
            if (start == 0 or phrase[0] not in inside) and not inside & set(after):
                return True
    return False


def repeats(output: Ids, size: int) -> bool:
    """Whether some sequence of so many tokens comes twice; the end sign is not counted."""
    words = list(output[:-1])
    windows = [tuple(words[i : i + size]) for i in range(len(words) - size + 1)]
    return len(set(windows)) < len(windows)


def allowed(output: Ids, options: Decode, places: int, given: Constraint, inside: frozenset[int]) -> bool:
    """Whether an output keeps every rule."""
    return (
        min(int(options.least * places), limit(options, places, given)) <= len(output)
        and not (options.no_repeat and repeats(output, options.no_repeat))
        and tuple(output[: len(given.prefix)]) == given.prefix
        and all(holds(output, phrase, inside) for phrase in given.required)
        and not any(holds(output, phrase, inside) for phrase in given.forbidden)
    )


def limit(options: Decode, places: int, given: Constraint = FREE) -> int:
    """The most tokens that an output may have."""
    own = int(options.ratio * places + options.extra)
    return max(own, len(given.prefix) + 1) if given.prefix else max(own, 1)


def rank(backend: Toy, source: Ids, output: Ids, options: Decode) -> float:
    """What outputs are compared by."""
    hypothesis = backend.forced(source, output)
    size = len(output) if options.normalise == "average" else (5 + len(output)) / 6
    value = hypothesis.score / size**options.length_penalty
    for seen in hypothesis.attention.sum(0, dtype=np.float64) if options.coverage_penalty else ():
        value += options.coverage_penalty * np.log(min(max(seen, 1e-9), 1.0))
    return float(value)


def outputs(backend: Toy, longest: int) -> Iterator[list[int]]:
    """Every output that there is, up to so many tokens."""
    for length in range(longest):
        for words in product(backend.words, repeat=length):
            yield [*words, EOS]


def best(
    backend: Toy,
    source: Ids,
    options: Decode,
    given: Constraint = FREE,
    inside: frozenset[int] = frozenset(),
) -> list[tuple[float, list[int]]]:
    """Every output that keeps all rules, with its rank, best first."""
    every = outputs(backend, limit(options, len(source), given))
    kept = [output for output in every if allowed(output, options, len(source), given, inside)]
    return sorted(((rank(backend, source, o, options), o) for o in kept), key=lambda pair: -pair[0])
