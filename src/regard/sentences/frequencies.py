"""In how many of many groups of sentences each sequence of words comes: exact, in sorted arrays that are mapped."""

from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regard.errors import DataError
from regard.files import write_text

WORDS = "words.txt"
Ints = NDArray[np.int64]
Sentence = Sequence[str]


class Frequencies:
    """Sequences of 1 to n words, each with the number of groups that it comes in.

    A word's number is its line in the list of words, and that of a longer sequence its place among all of its
    length. Its key is (number of all but the last word) x words + number of the last word: whole numbers, so
    that no two sequences share one. Keys lie sorted in a file for each length, and the groups beside them.
    """

    def __init__(self, folder: Path, longest: int) -> None:
        """Open what `count` wrote. DataError if it is not whole."""
        try:
            words = (folder / WORDS).read_text(encoding="utf-8").split("\n")[:-1]
            files = [[folder / f"{name}-{size}.bin" for name in ("keys", "groups")] for size in range(1, longest + 1)]
            self._keys, self._groups = zip(*((_mapped(keys), _mapped(groups)) for keys, groups in files), strict=True)
            self.groups = int(_mapped(folder / "total.bin")[0])
        except (OSError, ValueError, IndexError) as error:
            raise DataError(f"{folder} holds no frequencies of words: {error}") from None
        self._words = {word: number for number, word in enumerate(words)}

    def of(self, sentences: Iterable[Sentence]) -> dict[tuple[str, ...], int]:
        """Every sequence of these sentences that is known, with its number of groups; one look-up for all."""
        given, found = list(sentences), dict[tuple[str, ...], int]()
        numbers: dict[tuple[str, ...], int] = {(): 0}
        for size, (keys, groups) in enumerate(zip(self._keys, self._groups, strict=True), start=1):
            new = {ngram for words in given for ngram in zip(*(words[i:] for i in range(size)), strict=False)}
            known = [ngram for ngram in new if ngram[:-1] in numbers and ngram[-1] in self._words]
            wanted = np.array([numbers[n[:-1]] * len(self._words) + self._words[n[-1]] for n in known], np.int64)
            places = np.searchsorted(keys, wanted)
            there = keys[np.minimum(places, len(keys) - 1)] == wanted if len(keys) else wanted < 0
            numbers = {ngram: int(place) for ngram, place, yes in zip(known, places, there, strict=True) if yes}
            found |= {ngram: int(groups[place]) for ngram, place in numbers.items()}
        return found


def count(groups: Iterable[Iterable[Sentence]], longest: int, folder: Path) -> Frequencies:
    """Count and write; it takes some 50 bytes of memory for each word of the sentences, and none of it is kept."""
    known: dict[str, int] = {}
    ids, ends = array("q"), array("q")
    for sentences in groups:
        for sentence in sentences:
            ids.extend(known.setdefault(word, len(known)) for word in sentence)
            ids.append(-1)
        ends.append(len(ids))
    words, total = sorted(known), len(ends)
    renamed = np.empty(len(words) + 1, np.int64)
    renamed[[known[word] for word in words]] = range(len(words))
    renamed[-1] = -1  # the end of a sentence, which no sequence spans
    flat, of = renamed[np.array(ids, np.int64)], np.repeat(np.arange(total), np.diff(ends, prepend=0))
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / WORDS, "".join(f"{word}\n" for word in words))
    numbers = np.zeros(len(flat), np.int64)
    for size in range(1, longest + 1):
        last = np.append(flat[size - 1 :], np.full(min(size - 1, len(flat)), -1))
        here = (numbers >= 0) & (last >= 0)
        keys, places = np.unique((numbers * len(words) + last)[here], return_inverse=True)
        numbers = np.full(len(flat), -1)
        numbers[here] = places
        once = np.unique(places * total + of[here]) // max(1, total)  # a sequence in a group, however often
        keys.tofile(folder / f"keys-{size}.bin")
        np.bincount(once, minlength=len(keys)).astype(np.int64).tofile(folder / f"groups-{size}.bin")
    np.array([total], np.int64).tofile(folder / "total.bin")
    return Frequencies(folder, longest)


def _mapped(path: Path) -> NDArray[Any]:
    """The numbers of a file; an empty one cannot be mapped."""
    return np.memmap(path, np.int64, "r") if path.stat().st_size else np.zeros(0, np.int64)
