"""What flows on the host, outside the network: Example -> Hypothesis -> Record.

Nothing here needs PyTorch; what flows inside the network (Batch, Memory,
State, Read) is in `tensors.py`. Shapes, in arrays and tensors alike:

    B batch   S source places   T target steps   V vocabulary
    M memory size   Q query size   K key size   H hidden size   E embedding size
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self, overload

import numpy as np
from numpy.typing import NDArray

from regard.looks import Retina, looks

PAD, BOS, EOS, UNK = range(4)
SPECIALS = ("<pad>", "<s>", "</s>", "<unk>")
SPACE = "\u2581"  # a token that begins with this sign begins a new word

Span = tuple[str, int, int]  # text, first token, one past the last
Links = frozenset[tuple[int, int]]  # (source word, target word), both from 0


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """A picture as a model takes it: its pixels, or what a frozen encoder has made of them already.

    values: uint8 (H, W, 3), or floats (S, D); places: the regions that it is
    looked at in, S, which are its length as tokens are that of a text.
    """

    values: NDArray[Any]
    places: int

    def __len__(self) -> int:
        return self.places

    @property
    def ids(self) -> tuple[int, ...]:
        """What tells it from others."""
        return (zlib.crc32(np.ascontiguousarray(self.values).tobytes()),)


@dataclass(frozen=True, slots=True)
class Ids(Sequence[int]):
    """The ids of a text, as a sequence that may know more of it."""

    ids: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[int, ...]: ...
    def __getitem__(self, place: int | slice) -> int | tuple[int, ...]:
        return self.ids[place]


@dataclass(frozen=True, slots=True)
class Copyable(Ids):
    """The ids of a text whose tokens an output may copy.

    copies: the id of each token in the target's vocabulary of V tokens. What that lacks
    has the temporary id V + s, where s is the first place in this source that holds it.
    So an id below V means the same for every source, and one from V on a word of its own.
    """

    copies: tuple[int, ...]


Source = Sequence[int] | Image  # the ids of a text, the end sign last, or a picture


@dataclass(frozen=True, slots=True)
class Example:
    """A source and its target, as the data file has them; `line` counts from 1.

    `alignment`, where it is known: which words of the two, split at spaces, belong together.
    `others`: further targets that are as good, where there are any, for metrics to compare with.
    `supports`, where they are known: the sentences of its passage, from 0, that the target follows from.
    """

    source: str
    target: str
    line: int = 0
    alignment: Links = frozenset()
    others: tuple[str, ...] = ()
    supports: tuple[int, ...] = ()

    @property
    def references(self) -> tuple[str, ...]:
        """All that an output may be compared with, the target first."""
        return (self.target, *self.others)

    def to_json(self) -> dict[str, Any]:
        """As plain data, without its alignment, which nothing but training asks for."""
        facts = {"source": self.source, "target": self.target, "line": self.line}
        more = {"others": list(self.others), "supports": list(self.supports)}
        return facts | {name: values for name, values in more.items() if values}

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Self:
        """What `to_json` wrote."""
        return cls(**{**facts, **{name: tuple(facts.get(name, ())) for name in ("others", "supports")}})


@dataclass(frozen=True, slots=True, eq=False)  # arrays have no one truth to compare by
class Hypothesis:
    """What a search found for one source, in ids; the last token is the end sign.

    tokens: int64 (T), log_probs: float32 (T), attention: float32 (T, S): row t
    is what the decoder looked at when it emitted token t of *this* hypothesis.
    p_gen: float32 (T), the share of a step's probability that is generated and not
    copied; None of a model that does not copy. boxes: float32 (T, N, 4), the N looks for a token (`looks`), or where
    a step drew. Of a model that draws a token is the number of a step, and canvases, uint8 (T, H, W, C), are what
    was there after each; the last is the picture. What is drawn by chance has no score: its log_probs are zero.
    """

    tokens: NDArray[np.int64]
    log_probs: NDArray[np.float32]
    attention: NDArray[np.float32]
    p_gen: NDArray[np.float32] | None = None
    boxes: NDArray[np.float32] | None = None
    canvases: NDArray[np.uint8] | None = None

    @property
    def score(self) -> float:
        """The log probability of the whole hypothesis, in nats."""
        return float(self.log_probs.sum(dtype=np.float64))


class Word(NamedTuple):
    """An output word, or a sign of its own such as the end sign.

    confidence: the geometric mean of the probabilities of its tokens, from 0 to 1: what the
    model gave each of them on average, whatever their number.
    """

    text: str
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One source and one hypothesis in words: all that a view can draw.

    Both token lists hold the end sign, because it can be attended to and has a
    probability of its own: `attention` (T, S) has a row for each of `tokens`
    and a column for each of `source_tokens`, and the score is the sum of
    `token_scores`. An empty source gives an empty record.

    A picture has a `grid` of (rows, columns) of regions, which tile it. `source` is then
    the path of its file, and `source_tokens` are the regions, "row:column" from 1, row by row.
    `fault` says why a source could not be read; its record is empty. `note` says what was done to one that is
    longer than the limit: cut, or read in windows, of which `source_tokens` and `attention` are one.
    `p_gen` (T) is the share of each step's probability that was generated and not copied; None where nothing can
    be copied. `boxes` (T, N, 4) says where each of N looks for a token was, `retina` what one takes in (`looks`).
    Of a model that draws, `tokens` are steps, `boxes` where each drew, and `canvases` (T, H, W, C) what was there after
    it; the last is the picture, and `text` is empty.
    """

    source: str
    text: str
    source_tokens: tuple[str, ...]
    tokens: tuple[str, ...]
    token_scores: NDArray[np.float32]
    attention: NDArray[np.float32]
    grid: tuple[int, int] | None = None
    fault: str = ""
    note: str = ""
    p_gen: NDArray[np.float32] | None = None
    boxes: NDArray[np.float32] | None = None
    retina: Retina | None = None
    canvases: NDArray[np.uint8] | None = None

    @property
    def score(self) -> float:
        """The log probability of the output, in nats."""
        return float(self.token_scores.sum(dtype=np.float64))

    @property
    def words(self) -> tuple[Word, ...]:
        """The words of the output, as splitting `text` at spaces gives them, and the end sign last."""
        scores = self.token_scores.astype(np.float64)
        return tuple(Word(text, float(np.exp(scores[i:end].mean()))) for text, i, end in spans(self.tokens))

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
            **({} if self.p_gen is None else {"p_gen": [round(float(share), 6) for share in self.p_gen]}),
            **({} if self.grid is None else {"grid": list(self.grid)}),
            **({} if self.boxes is None else {"looks": looks(self.boxes)}),
            **({} if self.canvases is None else {"picture": self.canvases[-1].tolist()}),
            **({"fault": self.fault} if self.fault else {}),
            **({"note": self.note} if self.note else {}),
            "words": {
                "target": [word.text for word in self.words],
                "confidence": [round(word.confidence, 6) for word in self.words],
            },
        }


def word_spans(tokens: tuple[str, ...]) -> list[Span]:
    """Merge subwords: (word, first token, one past the last) for each word.

    A word runs from a token that begins with the space sign to the next such
    token; special signs belong to no word. Words are therefore exactly what
    splitting the text at spaces gives.
    """
    found: list[Span] = []
    open_word = False
    for i, token in enumerate(tokens):
        if token in SPECIALS and token != SPECIALS[UNK]:
            open_word = False
        elif open_word and not token.startswith(SPACE):
            word, first, _ = found[-1]
            found[-1] = (word + token, first, i + 1)
        else:
            found.append((token.removeprefix(SPACE), i, i + 1))
            open_word = True
    return [(word.replace(SPACE, " "), first, end) for word, first, end in found if word]  # a label may hold spaces


def spans(tokens: tuple[str, ...]) -> list[Span]:
    """Every token once, in order: words, and beside them the signs that belong to no word."""
    words = word_spans(tokens)
    in_words = {i for _, first, end in words for i in range(first, end)}
    signs = [(token, i, i + 1) for i, token in enumerate(tokens) if i not in in_words]
    return sorted(words + signs, key=lambda span: span[1])
