"""Draw: words to a picture, or pictures without words."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from regard import pictures
from regard.build import build
from regard.codecs import Codec
from regard.config import Config
from regard.data.described import open_described
from regard.data.read import Examples
from regard.data.rows import Rows
from regard.decode.sketch import Subject
from regard.errors import ConfigError, DataError
from regard.patches import Codebook
from regard.sections import Data
from regard.tasks import Task
from regard.tasks.caption import one_file
from regard.types import EOS, SPECIALS, Example, Hypothesis, Image, Record, Source

NOTHING = Record("", "", (), (), np.zeros(0, np.float32), np.zeros((0, 0), np.float32))
FEW = 10_000  # pictures that a codebook is learnt from
WORD = "picture"  # all that the vocabulary of a model holds that draws without words

Bytes = NDArray[np.uint8]


class Draw(Task):
    """A source is what is to be drawn, in words; its target is the name of a picture.

    The decoder `canvas` draws pictures whose bytes are 0 or 255; any other writes them as patches of a codebook. With
    `data.source` empty there are no words: each source is the end sign alone.
    """

    metrics: Mapping[str, Mapping[str, Any]] = {"nats": {"name": "nats"}}
    writes = "pictures"
    filmed = True
    sections = ("picture", "patches")
    defaults: Mapping[str, Mapping[str, Any]] = {
        "data": {"source": "caption", "target": "image", "longest": 1025},
        "picture": {"side": 28, "grid": 1, "colours": False},
        "codec": {"name": "words"},
        "embedding": {"size": 64, "shared": False, "dropout": 0.0},
        "encoder": {"name": "recurrent", "size": 64, "dropout": 0.0},
        "decoder": {"name": "canvas"},
        "output": {"name": "bernoulli"},
        "objective": {"name": "bound"},
        "train": {"batch": 128, "rate": 1e-3, "clip": 10.0, "stop_on": "loss", "watch": 0},
        "decode": {"beam": 1, "ratio": 0.0, "extra": 1024, "temperature": 1.0},
    }
    window = 1024
    given = '"a three above a small seven" --output picture.png'
    plain = False

    def __init__(self, config: Config) -> None:
        """Prepare the codec of words and, for patches, the codebook. ConfigError if they are to share a table."""
        if config.embedding.shared:
            raise ConfigError("[embedding] shared: words and pictures have nothing in common; it wants false.")
        self.codec: Codec = build("codecs", config.codec)
        self.worded, self.sight, self.seed = bool(config.data.source), config.picture, config.seed
        self.shape = self.sight.side, self.sight.side, self.sight.channels
        self.draws, self.decoder = config.draws, config.decoder
        self.threshold = config.output.get("binary") == "threshold"
        self.book = None if self.draws else Codebook(config.patches, self.sight.side, self.sight.channels)
        self._rows: Rows | None = None
        self._known: Mapping[str, int] = {}

    @classmethod
    def typed(cls, data: Data) -> str:
        """Words, or none where pictures are drawn without."""
        return cls.given if data.source else '"" --output picture.png'

    @classmethod
    def examples(cls, files: str | Path | Sequence[str | Path], data: Data, *, align: str = "") -> Examples:
        """The texts of one file, and the pictures that they are of."""
        return open_described(one_file(files, align), image=data.target, words=data.source)

    def look(self, rows: Rows, known: Mapping[str, int]) -> None:
        """Take pictures from these rows."""
        self._rows, self._known = rows, known

    def pictured(self, example: Example) -> str:
        """Its target."""
        return example.target

    @property
    def sizes(self) -> tuple[int, int]:
        """Of the words, and of the codebook; of a canvas the bytes."""
        return self.codec.size, self.book.size if self.book else int(np.prod(self.shape))

    def fit(self, examples: Iterable[Example]) -> None:
        """Learn the vocabulary from all words, and the codebook from the first pictures."""
        self.codec.fit(example.source or WORD for example in examples)
        if self.book:
            names = dict.fromkeys(example.target for example in examples)
            self.book.fit((self._seen(name) for name in islice(names, FEW)), self.seed)

    def save(self, folder: Path) -> None:
        """Write both into folders of their own."""
        self.codec.save(folder / "codec")
        if self.book:
            self.book.save(folder / "codebook")

    def load(self, folder: Path) -> None:
        """Read them."""
        self.codec.load(folder / "codec")
        if self.book:
            self.book.load(folder / "codebook")

    def source(self, text: str) -> Source:
        """The ids of the words, and what is to be drawn of them; none of an empty line, unless there are no words.

        DataError for words if the model draws without any.
        """
        words = self.codec.split(text)
        if words and not self.worded:
            raise DataError(f"this model draws without words; got {text!r}, expected an empty line.")
        if self.worded and not words:
            return []
        ids = (*self.codec.ids(words), EOS)
        return Subject(ids, self.decoder["steps"], self.decoder["latent"], self.shape) if self.draws else ids

    def stored(self, text: str) -> Sequence[int]:
        """The ids of the words."""
        return [*self.codec.ids(self.codec.split(text)), EOS] if text or not self.worded else []

    def target(self, text: str, source: str = "") -> list[int]:
        """The number of a picture's row, if it is drawn as a whole; else its patches."""
        if self.book:
            return self.book.encode(self._seen(text)) if text else []
        return [self._known[text]] if text in self._known else []

    def wanted(self, text: str, source: str = "") -> Source:
        """A picture of bytes that are 0 or 255, always the same; or its patches."""
        if self.book:
            return self.target(text, source)
        pixels = self._seen(text)
        return self._binary(pixels, np.random.default_rng((self.seed, *Image(pixels, 1).ids)))

    def drawn(self, source: Sequence[int], target: list[int], random: Generator) -> tuple[Source, Source]:
        """The words as the codec draws them, and the picture in bytes that are 0 or 255."""
        words = self.codec.drawn(list(source), random)
        if self.book:
            return words, target
        assert self._rows is not None
        return words, self._binary(self._rows[target[0]], random)

    def tokens(self, source: str, target: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The words, and the steps of drawing."""
        steps = range(self.decoder["steps"]) if self.draws else self.target(target)
        return self._words(source), tuple(self.spelled(steps))

    def spelled(self, ids: Iterable[int], source: str = "") -> list[str]:
        """Steps and patches by their numbers; the special signs as ever."""
        if self.draws:
            return [str(i + 1) for i in ids]
        return [SPECIALS[i] if i < len(SPECIALS) else str(i - len(SPECIALS)) for i in ids]

    def join(self, tokens: Iterable[str]) -> str:
        """A picture has no text."""
        return ""

    def records(self, text: str, hypotheses: Sequence[Hypothesis]) -> list[Record]:
        """Pictures, with what was there after each step."""
        return [self._record(text, hypothesis) for hypothesis in hypotheses] or [NOTHING]

    def _record(self, text: str, found: Hypothesis) -> Record:
        tokens, canvases, boxes = found.tokens.tolist(), found.canvases, found.boxes
        told = self.spelled(tokens)
        if self.book:
            canvases, boxes = self.book.decode(tokens), self.book.boxes(len(tokens))
        words = self._words(text)
        return Record(text, "", words, tuple(told), found.log_probs, found.attention, boxes=boxes, canvases=canvases)

    def _words(self, text: str) -> tuple[str, ...]:
        return (*self.codec.split(text), SPECIALS[EOS])

    def _seen(self, name: str) -> Bytes:
        """The pixels of a picture, as large as the model has them. DataError if it cannot be read."""
        if self._rows is not None and name in self._known:
            found: Bytes = self._rows[self._known[name]]
            return found
        return pictures.read(name, self.sight.side, self.sight.channels).reshape(self.shape)

    def _binary(self, pixels: Bytes, random: Generator) -> Image:
        """Bytes that are 0 or 255: by a threshold, or 255 as often as they are bright."""
        lit = pixels >= 128 if self.threshold else random.integers(0, 255, pixels.shape, np.uint8) < pixels
        return Image(lit * np.uint8(255), 1)
