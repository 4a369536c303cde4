"""Summarise: documents, rows of them, and what is cut off."""

import json
from pathlib import Path
from typing import Any

import pytest

import letters
from regard import config as configs
from regard.config import Config
from regard.errors import ConfigError
from regard.sections import Data
from regard.tasks.summarise import Summarise
from regard.types import Example

DOCUMENT = "a b c d e f g h"


def config(pairs: Path, **changes: Any) -> Config:
    raw = {**letters.sections(pairs), "task": "summarise"}
    raw["data"] = {**raw["data"], **changes.pop("data", {})}
    return configs.check({**raw, **changes})


def task(**data: Any) -> Summarise:
    found = Summarise(config(Path("rows.jsonl"), data=data))
    found.fit([Example(DOCUMENT, "a c")])
    return found


def test_a_row_may_have_several_summaries(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"source": "a\nb", "target": ["c", "d"]}) + "\n", encoding="utf-8")
    (example,) = Summarise.examples(path, Data(train=""))
    assert (example.source, example.references) == ("a b", ("c", "d"))


def test_pairs_and_aligned_files_are_read_as_ever(tmp_path: Path) -> None:
    pairs = letters.write_pairs(tmp_path / "pairs.tsv", ["a b"], ["a"])
    sides = [tmp_path / name for name in ("a.txt", "b.txt")]
    for side, text in zip(sides, ("a b", "a"), strict=True):
        side.write_text(f"{text}\n", encoding="utf-8")
    found = [next(iter(Summarise.examples(files, Data(train="")))) for files in (pairs, sides)]
    assert found == [Example("a b", "a", 1)] * 2


def test_the_beginning_of_a_long_document_is_read_and_that_is_told() -> None:
    found = task(longest=5)
    fitted = found.fitted(DOCUMENT)
    assert fitted.texts == ("a b c d",)
    assert fitted.note == "9 tokens, of which the first 5 were read"
    assert len(found.source(fitted.texts[0])) == 5


def test_a_row_is_a_document_of_many_lines() -> None:
    assert task().fitted('{"source": "a\\nb"}').texts == ("a\nb",)
    assert task().source("a\nb") == task().source("a b")


def test_defaults_are_for_documents_and_windows_are_not() -> None:
    found = config(Path("rows.jsonl"))
    assert (found.data.longest, found.data.long, found.decode.no_repeat) == (400, "truncate", 3)
    with pytest.raises(ConfigError, match="summarise has no such rule, 'window'"):
        config(Path("rows.jsonl"), data={"long": "window"})


@pytest.mark.parametrize("score", ["novelty", "repetition", "copy_rate"])
def test_nothing_is_chosen_by_what_only_describes(score: str) -> None:
    with pytest.raises(ConfigError, match=rf"names no score of a validation; '{score}'.*There are: loss, rouge1"):
        config(Path("rows.jsonl"), train={"stop_on": score})
    assert config(Path("rows.jsonl"), train={"stop_on": "rouge2"}).train.stop_on == "rouge2"
    assert score in Summarise.metrics
