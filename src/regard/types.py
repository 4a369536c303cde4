"""What flows on the host, outside the network: Example -> Hypothesis -> Record.

Nothing here needs PyTorch; what flows inside the network (Batch, Memory,
State, Read) is in `tensors.py`. Shapes, in arrays and tensors alike:

    B batch   S source places   T target steps   V vocabulary
    M memory size   Q query size   K key size   H hidden size   E embedding size
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

PAD, BOS, EOS, UNK = range(4)
SPECIALS = ("<pad>", "<s>", "</s>", "<unk>")
SPACE = "\u2581"  # a token that begins with this sign begins a new word


Links = frozenset[tuple[int, int]]  # (source word, target word), both from 0


@dataclass(frozen=True, slots=True)
class Example:
    """A source and its target, as the data file has them; `line` counts from 1.

    `alignment`, where it is known: which words of the two, split at spaces, belong together.
    """

    source: str
    target: str
    line: int = 0
    alignment: Links = frozenset()


@dataclass(frozen=True, slots=True, eq=False)  # arrays have no one truth to compare by
class Hypothesis:
    """What a search found for one source, in ids; the last token is the end sign.

    tokens: int64 (T), log_probs: float32 (T), attention: float32 (T, S): row t
    is what the decoder looked at when it emitted token t of *this* hypothesis.
    """

    tokens: NDArray[np.int64]
    log_probs: NDArray[np.float32]
    attention: NDArray[np.float32]

    @property
    def score(self) -> float:
        """The log probability of the whole hypothesis, in nats."""
        return float(self.log_probs.sum(dtype=np.float64))


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One source and one hypothesis in words: all that a view can draw.

    Both token lists hold the end sign, because it can be attended to and has a
    probability of its own: `attention` (T, S) has a row for each of `tokens`
    and a column for each of `source_tokens`, and the score is the sum of
    `token_scores`. An empty source gives an empty record.
    """

    source: str
    text: str
    source_tokens: tuple[str, ...]
    tokens: tuple[str, ...]
    token_scores: NDArray[np.float32]
    attention: NDArray[np.float32]

    @property
    def score(self) -> float:
        """The log probability of the output, in nats."""
        return float(self.token_scores.sum(dtype=np.float64))

    def to_json(self) -> dict[str, Any]:
        """As plain data, ready for `json.dumps`."""
        return {
            "text": self.text,
            "source": self.source,
            "tokens": list(self.tokens),
            "source_tokens": list(self.source_tokens),
            "score": round(self.score, 6),
            "token_scores": [round(float(score), 6) for score in self.token_scores],
            "attention": [[round(float(weight), 6) for weight in row] for row in self.attention],
        }


def word_spans(tokens: tuple[str, ...]) -> list[tuple[str, int, int]]:
    """Merge subwords: (word, first token, one past the last) for each word.

    A word runs from a token that begins with the space sign to the next such
    token; special signs belong to no word. Words are therefore exactly what
    splitting the text at spaces gives.
    """
    spans: list[tuple[str, int, int]] = []
    open_word = False
    for i, token in enumerate(tokens):
        if token in SPECIALS and token != SPECIALS[UNK]:
            open_word = False
        elif open_word and not token.startswith(SPACE):
            word, first, _ = spans[-1]
            spans[-1] = (word + token, first, i + 1)
        else:
            spans.append((token.removeprefix(SPACE), i, i + 1))
            open_word = True
    return [span for span in spans if span[0]]
