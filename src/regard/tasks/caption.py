"""Caption: a picture to a sentence that says what is in it."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from regard import pictures
from regard.build import build
from regard.codecs import Codec
from regard.config import Config
from regard.data.captioned import open_captioned
from regard.data.read import Examples
from regard.data.rows import Rows
from regard.errors import UsageError
from regard.sections import Data
from regard.tasks import Task
from regard.types import EOS, SPECIALS, Example, Hypothesis, Image, Record, Source

NOTHING = np.zeros(0, np.float32), np.zeros((0, 0), np.float32)


class Caption(Task):
    """A source is the name of a picture file; each of its regions is a place that attention can look at.

    In training, pictures are rows of a file that `look` names: pixels, or what a frozen encoder made of them.
    """

    metrics: Mapping[str, Mapping[str, Any]] = {
        "cider": {"name": "cider"},
        **{f"bleu{n}": {"name": "caption_bleu", "order": n} for n in (4, 3, 2, 1)},
        "rouge_l": {"name": "rouge_l"},
        "meteor_exact_stem": {"name": "meteor_exact_stem"},
    }
    reads = "pictures"
    sections = ("picture",)
    defaults: Mapping[str, Mapping[str, Any]] = {
        "data": {"source": "image", "target": ""},  # which is whatever the file calls it
        "encoder": {"name": "picture"},
        "codec": {"name": "pieces", "size": 4000},
        "decoder": {"name": "between", "bridge": "mean"},
        "decode": {"ratio": 0.0, "extra": 40, "no_repeat": 3},
    }
    window = 256
    given = "photo.jpg"
    plain = False
    labels = False  # whether the texts of a picture are one, joined by commas

    def __init__(self, config: Config) -> None:
        """Prepare the codec."""
        self.codec: Codec = build("codecs", config.codec)
        self.sight = config.picture
        self._rows: Rows | None = None
        self._known: Mapping[str, int] = {}

    @classmethod
    def examples(cls, files: str | Path | Sequence[str | Path], data: Data, *, align: str = "") -> Examples:
        """The pictures of one file or folder, and what is said of them."""
        return open_captioned(one_file(files, align), image=data.source, texts=data.target, labels=cls.labels)

    def look(self, rows: Rows, known: Mapping[str, int]) -> None:
        """Take pictures from these rows: stored ones by number, and the `known` ones by name."""
        self._rows, self._known = rows, known

    @property
    def sizes(self) -> tuple[int, int]:
        """A picture has no vocabulary."""
        return 0, self.codec.size

    def fit(self, examples: Iterable[Example]) -> None:
        """Learn the vocabulary from all captions."""
        self.codec.fit(text for example in examples for text in example.references)

    def save(self, folder: Path) -> None:
        """Write the codec into a folder of its own."""
        self.codec.save(folder / "codec")

    def load(self, folder: Path) -> None:
        """Read the codec."""
        self.codec.load(folder / "codec")

    def source(self, text: str) -> Source:
        """The pixels of a picture, or its row; nothing for an empty name. DataError if it cannot be read."""
        if text in self._known:
            return self._row(self._known[text])
        if not text.strip():
            return []
        return Image(pictures.read(text, self.sight.side, self.sight.channels), self.sight.places)

    def pictured(self, example: Example) -> str:
        """Its source."""
        return example.source

    def stored(self, text: str) -> list[int]:
        """The number of its row, if it could be read."""
        return [self._known[text]] if text in self._known else []

    def target(self, text: str, source: str = "") -> list[int]:
        """The ids of a caption, the end sign last."""
        return self.codec.encode(text)

    def drawn(self, source: Sequence[int], target: list[int], random: Generator) -> tuple[Source, list[int]]:
        """A row, mirrored and cropped by chance if it holds pixels, and the caption as the codec draws it."""
        image = self._row(source[0])
        if image.values.ndim == 3:
            sight = self.sight
            pixels = varied(image.values, random, flip=sight.flip, crop=sight.crop)
            image = Image(moved(pixels, random, sight.shift) if sight.shift else pixels, image.places)
        return image, self.codec.drawn(target, random)

    def tokens(self, source: str, target: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The regions, and the caption cut by the codec."""
        return self.regions, (*self.codec.split(target), SPECIALS[EOS])

    @property
    def regions(self) -> tuple[str, ...]:
        """What the places of a picture are called, row:column from 1, row by row."""
        each = range(1, self.sight.grid + 1)
        return tuple(f"{row}:{column}" for row in each for column in each)

    def spelled(self, ids: Iterable[int], source: str = "") -> list[str]:
        """As the codec writes them."""
        return self.codec.tokens(ids)

    def join(self, tokens: Iterable[str]) -> str:
        """As the codec joins them."""
        return self.codec.join(tokens)

    def records(self, text: str, hypotheses: Sequence[Hypothesis]) -> list[Record]:
        """Put ids into words."""
        grid = self.sight.grid, self.sight.grid
        if not hypotheses:
            return [Record(text, "", (), (), *NOTHING)]
        return [self._record(text, hypothesis, grid) for hypothesis in hypotheses]

    def _record(self, text: str, hypothesis: Hypothesis, grid: tuple[int, int]) -> Record:
        tokens = tuple(self.spelled(hypothesis.tokens.tolist()))
        caption = self.join(tokens)
        return Record(text, caption, self.regions, tokens, hypothesis.log_probs, hypothesis.attention, grid)

    def _row(self, number: int) -> Image:
        assert self._rows is not None
        return Image(self._rows[number], self.sight.places)


def one_file(files: str | Path | Sequence[str | Path], align: str) -> str | Path:
    """The file or folder that names pictures and their texts. UsageError for several, and for alignments."""
    given = [files] if isinstance(files, str | Path) else list(files)
    if len(given) != 1 or align:
        raise UsageError(
            f"got {len(given)} files{' and word alignments' if align else ''}; pictures and their texts are named "
            "by one file or folder."
        )
    return given[0]


def varied(pixels: NDArray[np.uint8], random: Generator, *, flip: bool, crop: float) -> NDArray[np.uint8]:
    """Another view of a picture: mirrored or not, and a part of it, stretched to the old size by nearest pixels."""
    if flip and random.random() < 0.5:
        pixels = pixels[:, ::-1]
    if crop:
        places = []
        for side in pixels.shape[:2]:
            kept = side * (1 - crop * random.random())
            first = (side - kept) * random.random()
            places.append((first + (np.arange(side) + 0.5) * kept / side).astype(int))
        pixels = pixels[np.ix_(*places)]
    return np.ascontiguousarray(pixels)


def moved(pixels: NDArray[np.uint8], random: Generator, most: int) -> NDArray[np.uint8]:
    """A picture moved by up to so many pixels along each side; what comes in is black."""
    down, right = random.integers(-most, most + 1, 2).tolist()
    height, width = pixels.shape[:2]
    new = np.zeros_like(pixels)
    top, bottom, left, end = max(0, down), height + min(0, down), max(0, right), width + min(0, right)
    new[top:bottom, left:end] = pixels[top - down : bottom - down, left - right : end - right]
    return new
