"""Guided attention: alignments from a file to the loss, and what they teach (Chen et al., 2016)."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import letters
import regard
from regard.config import Config
from regard.data.store import Store
from regard.errors import ConfigError
from regard.training.prepare import prepare
from regard.training.session import train

SOURCES = letters.lines(400, 6)
GUIDED = {"objective": {"name": "cross_entropy", "guided": 1.0}}
FEW = {
    "embedding": {"size": 16, "dropout": 0.0},
    "encoder": {"name": "recurrent", "size": 16, "dropout": 0.0},
    "attention": {"name": "additive", "size": 32},
    "train": {"steps": 60, "batch": 300, "rate": 0.02, "ema": 0.9, "validate": 60, "threads": 1},
}


def links(line: str) -> str:
    """Of a line and its reversal."""
    count = len(line.split())
    return " ".join(f"{i}-{count - 1 - i}" for i in range(count))


def write(folder: Path, alignments: list[str] | None = None) -> Path:
    """Lines, their reversals, and alignments in a third column."""
    path, alignments = folder / "pairs.tsv", alignments or [links(line) for line in SOURCES]
    rows = zip(SOURCES, [letters.reversed_(line) for line in SOURCES], alignments, strict=True)
    path.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    return path


def config(pairs: Path, align: str = "align", **changes: dict[str, Any]) -> Config:
    return letters.tiny(pairs, data={"align": align}, **changes)


def on_its_links(model: Path) -> float:
    """How much of its attention a model has on the right word of given reversals."""
    lines = letters.lines(50, 6, seed=7)
    outputs = regard.load(model).force(lines, [letters.reversed_(line) for line in lines])
    return float(np.mean([np.fliplr(output.attention[:-1, :-1]).diagonal().mean() for output in outputs]))


def test_attention_that_was_guided_is_where_it_was_guided_to(tmp_path: Path) -> None:
    pairs = write(tmp_path)
    train(config(pairs, **FEW), tmp_path / "free")
    train(config(pairs, **FEW, **GUIDED), tmp_path / "guided")
    assert on_its_links(tmp_path / "guided") > 0.8 > 2 * on_its_links(tmp_path / "free")


def test_alignments_that_nothing_is_guided_by_change_nothing(tmp_path: Path) -> None:
    pairs = write(tmp_path)
    train(config(pairs), tmp_path / "aligned")
    train(config(pairs, align=""), tmp_path / "plain")
    assert all(letters.same_runs(tmp_path / "aligned", tmp_path / "plain"))
    assert not Store(tmp_path / "plain" / "training").aligned


def test_links_of_words_are_stored_as_links_of_their_tokens(tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("ab c\tx yz\t0-1\nc ab\tyz x\t0-0 1-1\nd\te\tbad\n" * 2, encoding="utf-8")
    valid = letters.write_pairs(tmp_path / "valid.tsv", ["ab"], ["x"])
    said: list[str] = []
    chosen = letters.tiny(pairs, data={"align": "align", "valid": str(valid)}, codec={"name": "characters"})
    store = prepare(chosen, tmp_path, tmp_path / "training", said.append).store
    found = [store.links(i) for i in range(3)]
    assert [len(side) for side in store[0]] == [len("▁ab▁c") + 1, len("▁x▁yz") + 1]
    assert found[0] == [(place, step) for place in (0, 1, 2) for step in (2, 3, 4)]  # "▁ab" and "▁yz"
    assert len(found[1]) == len("▁c") * len("▁yz") + len("▁ab") * len("▁x")
    assert found[2] == []
    assert store.info["links"] == 2 * (9 + 12)
    assert any("2 lines mended: alignment dropped, not links between its words (pairs.tsv:3" in line for line in said)


def test_alignments_of_held_out_pairs_are_left_out_and_those_of_joined_pairs_move(tmp_path: Path) -> None:
    chosen = letters.tiny(write(tmp_path), data={"align": "align", "join": 12})
    first = prepare(chosen, tmp_path, tmp_path / "training", lambda line: None)
    again = prepare(chosen, tmp_path, tmp_path / "training", lambda line: None)
    assert first.valid == again.valid
    for i in range(20):
        (source, target), found = first.store[i], first.store.links(i)
        assert len(found) == len(source) - 1
        assert all(source[place] == target[step] for place, step in found)


@pytest.mark.parametrize("kind", ["not named", "all bad"])
def test_a_guided_run_needs_alignments(tmp_path: Path, kind: str) -> None:
    pairs = write(tmp_path, ["bad"] * len(SOURCES) if kind == "all bad" else None)
    fault = "is read without word alignments" if kind == "not named" else "has a word alignment"
    for _ in range(2):  # what was prepared meanwhile does not hide it
        with pytest.raises(ConfigError, match=rf"objective\.guided is 1\.0, but .*{fault}: name .* data\.align"):
            train(config(pairs, "" if kind == "not named" else "align", **GUIDED), tmp_path / "out", resume=True)


def test_links_between_tokens_want_one_way_to_cut_words(tmp_path: Path) -> None:
    pairs = write(tmp_path, None)
    chosen = config(pairs, "align", **GUIDED, codec={"name": "pieces", "size": 30, "temperature": 2.0})
    with pytest.raises(ConfigError, match=r"guided is 1\.0 and codec\.temperature 2: .* one of the two must be 0"):
        train(chosen, tmp_path / "out")
