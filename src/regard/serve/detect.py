"""Which language a text is in, among those that the served models read: by its letters, three at a time.

What is known of a language is what its models bring: the sentences that they were validated with, or, where a
folder has none, the tokens of its vocabulary.
"""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from regard.predictor import Predictor
from regard.tasks.translate import Translate
from regard.text import clean
from regard.types import SPACE, SPECIALS

LINES = 2000  # of a model's validation pairs
LETTERS = 2000  # what has never been seen is one of so many
TRUST = 5.0  # how many times a context must be seen until it is believed as much as a shorter one
STRANGER = math.log(1 / 20)  # of each letter, in a language that nobody here reads
MOST = 2000  # characters that are looked at


class Profile:
    """How likely a letter is behind the two before it, in one language."""

    def __init__(self) -> None:
        self._counts: tuple[Counter[str], ...] = (Counter(), Counter(), Counter())
        self._sums: tuple[Counter[str], ...] = (Counter(), Counter(), Counter())

    def learn(self, lines: Iterable[str]) -> None:
        """Count what follows what."""
        for line in lines:
            text = _framed(line)
            for order, (counts, sums) in enumerate(zip(self._counts, self._sums, strict=True)):
                grams = [text[i - order : i + 1] for i in range(2, len(text))]
                counts.update(grams)
                sums.update(gram[:-1] for gram in grams)

    def score(self, text: str) -> float:
        """The log probability of a framed text, in nats; a context that is rare counts less than a shorter one."""
        return sum(math.log(self._letter(text, i)) for i in range(2, len(text)))

    def _letter(self, text: str, place: int) -> float:
        chance = 1 / LETTERS
        for order, (counts, sums) in enumerate(zip(self._counts, self._sums, strict=True)):
            gram = text[place - order : place + 1]
            chance = (counts[gram] + TRUST * chance) / (sums[gram[:-1]] + TRUST)
        return chance


class Detector:
    """Tells the languages of texts apart."""

    def __init__(self, known: Mapping[str, Profile]) -> None:
        self._known = known

    def __call__(self, texts: Sequence[str], among: Iterable[str] | None = None) -> list[tuple[str, float]]:
        """Each language with how sure it is, from 0 to 1, the surest first; what is left is that it is none of them."""
        text = _framed(" ".join(texts)[:MOST])
        codes = [code for code in self._known if among is None or code in set(among)]
        scores = [self._known[code].score(text) for code in codes]
        scores.append(STRANGER * max(0, len(text) - 2))
        best = max(scores)
        chances = [math.exp(score - best) for score in scores]
        return sorted(zip(codes, (c / sum(chances) for c in chances), strict=False), key=lambda one: -one[1])


def learnt(models: Iterable[tuple[Predictor, Path, tuple[str, str]]]) -> Detector:
    """What some models know of the languages that they read."""
    given = list(models)
    sources = {languages[0] for _, _, languages in given}
    known: defaultdict[str, Profile] = defaultdict(Profile)
    for model, folder, languages in given:
        for side, code in enumerate(languages):
            if code in sources:
                known[code].learn(_text(model, folder, side))
    return Detector(dict(known))


def _framed(line: str) -> str:
    return f"  {clean(line).lower()} "


def _text(model: Predictor, folder: Path, side: int) -> list[str]:
    """What a model brings of its source's language, side 0, or of its target's, side 1."""
    path = folder / "training" / "valid.jsonl"
    if path.is_file():
        with path.open(encoding="utf-8") as file:
            rows = [json.loads(line) for line, _ in zip(file, range(LINES), strict=False)]
        return [str(row["target" if side else "source"]) for row in rows]
    task = model.task
    if not isinstance(task, Translate):
        return []
    codec = task.target_codec if side else task.source_codec
    return ["".join(codec.vocabulary[len(SPECIALS) :]).replace(SPACE, " ")]
