"""Alignments by people, and how far others are from them (Och and Ney, 2003)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from regard.data.findings import place
from regard.data.lines import existing, read_lines
from regard.errors import DataError, UsageError
from regard.text import clean
from regard.types import Links

_NAACL = re.compile(r"([0-9]{1,9})\s+([0-9]{1,9})\s+([0-9]{1,9})(?:\s+([SP]))?(?:\s+[0-9.]+)?")
_PHARAOH = re.compile(r"([0-9]{1,9})([-?pP])([0-9]{1,9})")

Found = tuple[int, int, int, bool]  # pair, source word, target word, whether it is sure


@dataclass(frozen=True, slots=True)
class Gold:
    """The links of a pair by people: sure ones, and all that are possible, the sure ones among them."""

    sure: Links
    possible: Links


@dataclass(frozen=True, slots=True)
class Rates:
    """How links compare with gold ones; each is a share, and 0 of nothing."""

    error: float
    precision: float
    recall: float


def error_rate(links: Iterable[Links], gold: Iterable[Gold]) -> Rates:
    """The alignment error rate over all pairs: 1 - (|A & S| + |A & P|) / (|A| + |S|); lower is better.

    Precision is |A & P| / |A|, recall |A & S| / |S|. UsageError if there are not as many of both.
    """
    made, sure, right_sure, right = 0, 0, 0, 0
    try:
        for found, wanted in zip(links, gold, strict=True):
            made, sure = made + len(found), sure + len(wanted.sure)
            right_sure, right = right_sure + len(found & wanted.sure), right + len(found & wanted.possible)
    except ValueError:
        raise UsageError("there are not as many alignments as gold ones: each pair has one of both.") from None
    error = 1 - _share(right_sure + right, made + sure)
    return Rates(error, _share(right, made), _share(right_sure, sure))


def read_gold(path: str | Path, pairs: Sequence[tuple[str, str]]) -> list[Gold]:
    """The gold alignments of pairs of texts, one for each; DataError with file and line for what does not fit.

    Two formats, told apart by the first link. NAACL 2003, a link a line:
    `0001 3 4 S`, the numbers of pair, source word and target word, all from
    1, sure (S, the default) or possible (P). Pharaoh, a pair a line: `2-3`
    sure, `2?3` or `2p3` possible; words count from 0 if there is a 0 in the
    file, else from 1.
    """
    path = existing(path)
    lines = [text.strip() for text, _ in read_lines(path)]
    first = next((line for line in lines if line), None)
    if first is None:
        raise DataError(f"{path}: holds no links, expected word alignments.")
    found = list((_naacl if _NAACL.fullmatch(first) else _pharaoh)(path, lines, len(pairs)))
    sizes = [(len(clean(source).split()), len(clean(target).split())) for source, target in pairs]
    gold: list[tuple[set[tuple[int, int]], set[tuple[int, int]]]] = [(set(), set()) for _ in pairs]
    for line, (pair, i, j, is_sure) in found:
        if not (0 <= i < sizes[pair][0] and 0 <= j < sizes[pair][1]):
            raise DataError(
                f"{place(path, line)}: the link of source word {i + 1} and target word {j + 1} is outside of pair "
                f"{pair + 1}, which has {sizes[pair][0]} and {sizes[pair][1]} words."
            )
        sure, possible = gold[pair]
        possible.add((i, j))
        if is_sure:
            sure.add((i, j))
    return [Gold(frozenset(sure), frozenset(possible)) for sure, possible in gold]


def _naacl(path: Path, lines: list[str], pairs: int) -> Iterator[tuple[int, Found]]:
    last = 0
    for line, text in enumerate(lines, 1):
        if not text:
            continue
        match = _NAACL.fullmatch(text)
        if match is None:
            raise DataError(f"{place(path, line)}: {text!r} is no link such as '0001 3 4 S'.")
        pair, i, j = (int(number) - 1 for number in match.group(1, 2, 3))
        if not 0 <= pair < pairs:
            raise DataError(f"{place(path, line)}: a link of pair {pair + 1}, but there are {pairs:,} pairs.")
        last = max(last, pair + 1)
        yield line, (pair, i, j, match[4] != "P")
    if last != pairs:
        raise DataError(f"{path}: its last link is of pair {last:,}, but there are {pairs:,} pairs.")


def _pharaoh(path: Path, lines: list[str], pairs: int) -> Iterator[tuple[int, Found]]:
    if len(lines) != pairs:
        raise DataError(f"{path} has {len(lines):,} lines, but there are {pairs:,} pairs: each has a line of its own.")
    base = 0 if any(re.search(r"\b0+[-?pP]|[-?pP]0+\b", text) for text in lines) else 1
    for line, text in enumerate(lines, 1):
        for link in text.split():
            match = _PHARAOH.fullmatch(link)
            if match is None:
                raise DataError(f"{place(path, line)}: {link!r} is no link such as 2-3, or 2?3 if it is only possible.")
            yield line, (line - 1, int(match[1]) - base, int(match[3]) - base, match[2] == "-")


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
