"""Captions and labels: a picture's name in, words and the regions they looked at out."""

from pathlib import Path

import numpy as np
import pytest

import shapes
from regard.data.rows import Rows
from regard.errors import DataError, UsageError
from regard.sections import Data
from regard.tasks.caption import Caption
from regard.tasks.label import Label
from regard.types import EOS, Example, Hypothesis, Image


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shapes.write(tmp_path_factory.mktemp("task"), shapes.scenes(4, 1))


def fitted(file: Path, task: type[Caption] = Caption) -> tuple[Caption, list[Example]]:
    codec = {} if task is Caption else {"codec": {"name": "labels"}}
    config = shapes.tiny(file, task=task.__name__.lower(), **codec)
    found = task(config)
    examples = list(task.examples(str(file), config.data))
    found.fit(examples)
    return found, examples


def test_a_source_is_the_pixels_of_its_file(file: Path) -> None:
    task, examples = fitted(file)
    source = task.source(examples[0].source)
    assert isinstance(source, Image)
    assert source.values.shape == (32, 32, 3)
    assert len(source) == 16
    assert len(task.source(" ")) == 0


def test_a_source_that_is_no_picture_is_told(file: Path) -> None:
    task, _ = fitted(file)
    with pytest.raises(DataError, match=r"nope\.png: no such picture"):
        task.source("nope.png")


def test_known_pictures_come_from_their_rows(file: Path, tmp_path: Path) -> None:
    task, _ = fitted(file)
    rows = Rows(tmp_path, "rows", (16, 3), np.float32)
    with rows.adding() as add:
        add([bytes(16), bytes([1] * 16)], np.arange(2 * 16 * 3, dtype=np.float32).reshape(2, 16, 3))
    task.look(rows, {"a.png": 1})
    assert task.stored("a.png") == [1]
    assert task.stored("b.png") == []
    source, target = task.drawn([0], [5, EOS], np.random.default_rng(1))
    assert isinstance(source, Image) and np.array_equal(source.values, rows[0])
    assert target == [5, EOS]


def test_a_record_has_the_grid_of_its_regions(file: Path) -> None:
    task, _ = fitted(file)
    tokens = np.array(task.target("a red square"))
    attention = np.full((len(tokens), 16), 1 / 16, np.float32)
    (record,) = task.records("a.png", [Hypothesis(tokens, np.zeros(len(tokens), np.float32), attention)])
    assert (record.text, record.source, record.grid) == ("a red square", "a.png", (4, 4))
    assert record.source_tokens[:5] == ("1:1", "1:2", "1:3", "1:4", "2:1")
    (empty,) = task.records("a.png", [])
    assert empty.text == "" and not empty.tokens


def test_labels_are_learnt_in_one_order(file: Path) -> None:
    task, examples = fitted(file, Label)
    first, second = examples[0].target.split(", ")
    ids = task.target(f"{second}, {first}, {second}")
    assert ids == task.target(f"{first}, {second}") == [*sorted(ids[:-1]), EOS]
    assert set(task.codec.decode(ids).split(", ")) == {first, second}


def test_the_task_says_which_file_it_wants() -> None:
    with pytest.raises(UsageError, match="got 2 files; pictures and their texts are named by one file"):
        Caption.examples(["a.jsonl", "b.jsonl"], Data(train="a"))
    with pytest.raises(UsageError, match="and word alignments"):
        Caption.examples("a.jsonl", Data(train="a"), align="x")


def test_what_is_usual_for_a_task_gives_way_to_what_is_chosen(file: Path) -> None:
    config = shapes.tiny(file, decode={"extra": 9})
    assert (config.decode.ratio, config.decode.extra, config.decode.no_repeat) == (0.0, 9, 3)
    assert config.data.source == "image"
    assert shapes.tiny(file, task="label", codec={"name": "labels"}).decode.no_repeat == 1
