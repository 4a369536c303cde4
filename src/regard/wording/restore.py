"""Protected strings are put back where attention says: each exactly as often as the source has it.

A string goes where its stand-in came out; else in the place of the word that
looked at it most; else, if no word did, behind the word that looked at what
stands before it in the source.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from regard.types import SPACE, Record, word_spans
from regard.wording.protect import Kept, Masked
from regard.wording.units import SIGNS, is_wordlike, looks, text, units, whole

Join = Callable[[Iterable[str]], str]  # tokens to text, as the target's codec does it
Weights = NDArray[np.float64]
LOOSE = "!?:;.,%\u00ab\u00bb"  # marks that each language spaces in its own way, as the model does
PRIVATE = 0xF0000  # characters without a meaning, which stand for the strings until the text is whole


@dataclass(slots=True)
class Piece:
    """A token to be: those from `first` to `end` made one, or one put in; `kept` is the string that it carries."""

    token: str
    first: int
    end: int
    kept: int = -1


def restore(record: Record, masked: Masked, join: Join) -> Record:
    """Put every protected string back, into the source and into the output.

    Tokens that become one have the sum of their log probabilities, and looked
    where they looked on average. A string that the model lost is put in as a
    token that costs nothing and looked at nothing.
    """
    if not masked.kept or not record.tokens:
        return replace(record, source=masked.source)
    marks = [chr(PRIVATE + i) for i in range(len(masked.kept))]
    record = _with_source(record, masked.kept, marks)
    pieces = _place(record, masked.kept, marks)
    _space(pieces, masked.kept, marks)
    strings = str.maketrans({mark: kept.string for mark, kept in zip(marks, masked.kept, strict=True)})
    said = _without_others(join(piece.token for piece in pieces), masked, marks)
    nothing = np.zeros(len(record.source_tokens), np.float32)
    attention = [record.attention[p.first : p.end].mean(0) if p.end > p.first else nothing for p in pieces]
    return replace(
        record,
        source=masked.source,
        text=said.translate(strings),
        source_tokens=tuple(token.translate(strings) for token in record.source_tokens),
        tokens=tuple(piece.token.translate(strings) for piece in pieces),
        token_scores=np.array([record.token_scores[p.first : p.end].sum() for p in pieces], np.float32),
        attention=np.stack(attention).astype(np.float32),
        p_gen=None if record.p_gen is None else _shares(pieces, record.p_gen),
    )


def _shares(pieces: Sequence[Piece], p_gen: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much of each piece was generated, on average; all of what was put in."""
    return np.array([p_gen[p.first : p.end].mean() if p.end > p.first else 1.0 for p in pieces], np.float32)


def _with_source(record: Record, kept: Sequence[Kept], marks: Sequence[str]) -> Record:
    """Each stand-in of the source as one token, its mark, with one column of attention."""
    words, tokens, columns, end = word_spans(record.source_tokens), list[str](), list[NDArray[np.float32]](), 0
    for one, mark in zip(kept, marks, strict=True):
        first = words[one.word][1]
        tokens += record.source_tokens[end:first]
        columns += list(record.attention[:, end:first].T)
        end = first + 1
        while not text(record.source_tokens[first:end]):  # a space sign by itself is no stand-in yet
            end += 1
        tokens.append(SPACE + mark)
        columns.append(record.attention[:, first:end].sum(1))
    tokens += record.source_tokens[end:]
    columns += list(record.attention[:, end:].T)
    return replace(record, source_tokens=tuple(tokens), attention=np.stack(columns, 1))


def _place(record: Record, kept: Sequence[Kept], marks: Sequence[str]) -> list[Piece]:
    """The output's tokens with the marks in their places."""
    columns = units(record.source_tokens, alone={SPACE + mark for mark in marks})
    digits = {one.stand_in for one in kept}
    rows = units(record.tokens, alone={*digits, *(SPACE + digit for digit in digits)})
    looked = looks(record.attention, rows, columns)
    places = [columns.index((i, i + 1)) for i in (record.source_tokens.index(SPACE + mark) for mark in marks)]
    said = [text(record.tokens[slice(*row)]) for row in rows]
    chosen = _choose(said, looked, places, kept)
    lost = [i for i in range(len(kept)) if i not in chosen.values()]
    anchors = {i: _anchor(looked, places[i], len(rows) - 1) for i in lost}
    pieces = [Piece(SPACE + marks[i], 0, 0, i) for i in lost if anchors[i] < 0]
    own = {text(record.source_tokens[slice(*column)]) for column in columns}  # a digit that the source has itself stays
    digits -= own
    for row, (first, end) in enumerate(rows):
        space = SPACE if record.tokens[first].startswith(SPACE) else ""
        if row in chosen:
            pieces.append(Piece(space + marks[chosen[row]], first, end, chosen[row]))
        elif said[row] in digits or (said[row].isdigit() and int(looked[row].argmax()) in places):
            # A stand-in said once too often, or a number that was made of one.
            pieces.append(Piece("", first, end))
        else:
            pieces += [Piece(record.tokens[i], i, i + 1) for i in range(first, end)]
        pieces += [Piece(SPACE + marks[i], end, end, i) for i in lost if anchors[i] == row]
    return pieces


def _choose(said: Sequence[str], looked: Weights, places: Sequence[int], kept: Sequence[Kept]) -> dict[int, int]:
    """Which target unit each string replaces, the surest first: its stand-in, or what looked at nothing more."""
    stand_ins = {one.stand_in for one in kept}
    pairs = []
    for row, word in enumerate(said):
        for i, place in enumerate(places):
            weight = float(looked[row, place])
            if word == kept[i].stand_in:
                pairs.append((-2 - weight, row, i))
            elif word not in stand_ins | SIGNS and is_wordlike(word) and 0 < weight == looked[row].max():
                pairs.append((-weight, row, i))
    chosen: dict[int, int] = {}
    for _, row, i in sorted(pairs):
        if row not in chosen and i not in chosen.values():
            chosen[row] = i
    return chosen


def _anchor(looked: Weights, place: int, end: int) -> int:
    """The unit behind which a lost string goes: -1 for the beginning; the last but the end sign without attention."""
    if not looked.any():
        return end - 1
    best = looked[:end].argmax(1)
    for column in reversed(range(place)):
        rows = np.flatnonzero(best == column)
        if len(rows):
            return int(rows[-1])
    return -1


def _space(pieces: list[Piece], kept: Sequence[Kept], marks: Sequence[str]) -> None:
    """Let a string touch what it touched in the source, and part it from any other word."""
    shown = [piece for piece in pieces if piece.token]
    strings = str.maketrans({mark: one.string for mark, one in zip(marks, kept, strict=True)})
    for before, after in pairwise(shown):
        if max(before.kept, after.kept) < 0 or after.token in SIGNS:
            continue
        one, two = (piece.token.translate(strings).removeprefix(SPACE) for piece in (before, after))
        touched = after.kept >= 0 and _alike(kept[after.kept].left, one[-1:])
        if touched or (before.kept >= 0 and _alike(kept[before.kept].right, two[:1])):
            after.token = after.token.removeprefix(SPACE)
        elif not after.token.startswith(SPACE) and (before.kept >= 0 or is_wordlike(one)) and _apart(after, two):
            after.token = SPACE + after.token


def _apart(piece: Piece, word: str) -> bool:
    """Whether it is a string or a word, which must not run into a word before it, and no punctuation mark."""
    return piece.kept >= 0 or is_wordlike(word)


def _alike(touched: str, neighbour: str) -> bool:
    if not touched or not neighbour or touched in LOOSE:
        return False
    return touched == neighbour or (touched.isalnum() and neighbour.isalnum())


def _without_others(said: str, masked: Masked, marks: Sequence[str]) -> str:
    """Leave out what the model itself said that reads like one of the strings."""
    strings = sorted({one.string for one in masked.kept}, key=len, reverse=True)
    others = re.compile("|".join(map(whole, strings)))
    parts = re.split(f"([{marks[0]}-{marks[-1]}])", said)
    parts[::2] = [others.sub(" ", part) for part in parts[::2]]
    return " ".join("".join(parts).split())
