"""Records to draw: hand-made attention, chosen to be awkward as well as usual."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from regard.types import Record

GOLDEN = Path(__file__).parent / "golden"
Rows = list[list[float]]


def make(source: str, target: str, rows: Rows, scores: list[float] | None = None) -> Record:
    """A record of tokens split at spaces, "_" for the space sign, with the end sign added."""
    source_tokens, tokens = (tuple(f"{side} </s>".replace("_", "\u2581").split()) for side in (source, target))
    text, source_text = ("".join(side[:-1]).replace("\u2581", " ").strip() for side in (tokens, source_tokens))
    token_scores = np.array(scores or [-0.125] * len(tokens), np.float32)
    return Record(source_text, text, source_tokens, tokens, token_scores, np.array(rows, np.float32))


@pytest.fixture
def dog() -> Record:
    """A reordering, and a word of two tokens on each side."""
    rows: Rows = [
        [0.75, 0.125, 0.125, 0, 0, 0],
        [0, 0.125, 0.875, 0, 0, 0],
        [0, 0.75, 0.25, 0, 0, 0],
        [0, 0, 0, 0.5, 0.25, 0.25],
        [0, 0, 0, 0.25, 0.75, 0],
        [0, 0, 0, 0, 0, 1],
    ]
    return make("_a _black _dog _run s", "_un _chien _noir _cou rt", rows, [-0.5, -0.25, 0, -1, -3, -0.125])


@pytest.fixture
def wide() -> Record:
    """Chinese to Arabic: letters two cells wide, and letters that run from right to left."""
    return make("_你好 _世界", "_مرحبا _بالعالم", [[0.75, 0.25, 0], [0.125, 0.75, 0.125], [0, 0, 1]])


@pytest.fixture
def nasty() -> Record:
    """Tokens that try to become markup."""
    source = "_<script>alert(1)</script> _\"&' _</text> _$x$"
    return make(source, "_]]> _</script><!-- _<b>", np.full((4, 5), 0.2).tolist())


@pytest.fixture
def empty() -> Record:
    return Record("", "", (), (), np.zeros(0, np.float32), np.zeros((0, 0), np.float32))


@pytest.fixture
def blind() -> Record:
    """What a model without attention gives: zeros."""
    return make("_no _look", "_pas _vu", np.zeros((3, 3)).tolist())


@pytest.fixture
def long() -> Record:
    """Three hundred words on each side."""
    words = " ".join(f"_word{i}" for i in range(299))
    return make(words, words, np.eye(300).tolist())


@pytest.fixture
def article() -> Record:
    """Forty sentences of ten words, the last of two tokens, of which two are looked at; a word of each was copied."""
    source = " ".join(" ".join(f"_s{i}w{j}" for j in range(9)) + f" _s{i} end." for i in range(40))
    record = make(source, "_s3w4 _said _s30 end.", np.full((5, 441), 0.125 / 440).tolist())
    attention = np.array(record.attention)
    for row, place in enumerate((3 * 11 + 4, 3 * 11 + 5, 30 * 11 + 9, 30 * 11 + 10, 440)):
        attention[row, place] = 0.875
    p_gen = np.array([0.25, 0.75, 0.25, 0.25, 0.75], np.float32)
    return replace(record, attention=attention, p_gen=p_gen)


@pytest.fixture
def every(dog: Record, wide: Record, nasty: Record, empty: Record, blind: Record) -> list[Record]:
    return [dog, empty, wide, nasty, blind]


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compare with a file kept in `golden/`; REGARD_GOLDEN=write renews the files."""

    def check(name: str, content: str) -> None:
        path = GOLDEN / name
        if os.environ.get("REGARD_GOLDEN") == "write":
            path.write_text(content, encoding="utf-8", newline="\n")
        assert content == path.read_text(encoding="utf-8"), f"{path} differs: look, then REGARD_GOLDEN=write"

    return check
