"""Fixate: a picture's name in; labels in their order, and where each look was, out."""

from pathlib import Path

import numpy as np
import pytest
import torch

import shapes
import strokes
from regard.errors import ConfigError, UsageError
from regard.model import EncoderDecoder
from regard.sections import Data, Picture
from regard.tasks.caption import moved
from regard.tasks.fixate import Fixate
from regard.types import EOS, Hypothesis, Image


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return strokes.write(tmp_path_factory.mktemp("task"), 20, 1, each=2)


def fitted(file: Path) -> Fixate:
    config = strokes.tiny(file)
    task = Fixate(config)
    task.fit(Fixate.examples(str(file), config.data))
    return task


def test_a_source_is_a_byte_a_pixel(file: Path) -> None:
    source = fitted(file).source(f"{file}#3")
    assert isinstance(source, Image) and source.values.shape == (28, 28, 1) and len(source) == 49


def test_order_and_repetitions_count(file: Path) -> None:
    task = fitted(file)
    twice, other = task.target("3, 3, 0"), task.target("0, 3, 3")
    assert twice[0] == twice[1] != twice[2] and twice[-1] == EOS and sorted(twice) == sorted(other) and twice != other
    assert task.join(task.spelled(twice[:-1])) == "3, 3, 0"


def test_labels_of_any_file_of_pictures_are_read_in_their_order(tmp_path: Path) -> None:
    rows = shapes.write(tmp_path, shapes.scenes(3, 1))
    text = rows.read_text(encoding="utf-8").splitlines()
    rows.write_text(text[0].replace('"labels": [', '"labels": ["circle", "circle", ') + "\n", encoding="utf-8")
    (example,) = Fixate.examples(str(rows), Data(train=str(rows), source="image", target=""))
    assert example.target.startswith("circle, circle, ")


def test_a_record_has_the_looks_of_its_hypothesis(file: Path) -> None:
    task, boxes = fitted(file), np.random.default_rng(1).random((2, 3, 4)).astype(np.float32)
    found = Hypothesis(np.array([4, EOS]), np.zeros(2, np.float32), np.zeros((2, 49), np.float32), boxes=boxes)
    (record,) = task.records("a.png", [found])
    assert record.boxes is boxes and record.retina == (28, 8, 2)
    (empty,) = task.records("", [])
    assert empty.boxes is None and empty.text == ""


def test_one_file_names_all(file: Path) -> None:
    with pytest.raises(UsageError, match="got 2 files; pictures and their texts are named by one file"):
        Fixate.examples(["a.jsonl", "b.jsonl"], Data(train="a"))


def test_what_looks_wants_what_hands_the_picture_over(file: Path) -> None:
    pixels = torch.zeros(1, 28, 28, 1, dtype=torch.uint8)
    with pytest.raises(ConfigError, match=r"retina looks at the picture itself; it wants \[encoder\] pixels"):
        EncoderDecoder(0, 8, strokes.tiny(file, encoder={"name": "picture"})).start(pixels)
    with pytest.raises(ConfigError, match="channels is 1; the pictures have 3"):
        EncoderDecoder(0, 8, strokes.tiny(file)).start(pixels.expand(-1, -1, -1, 3))
    with pytest.raises(ConfigError, match="patch is 5; windows around a window want an even number"):
        EncoderDecoder(0, 8, strokes.tiny(file, attention={"patch": 5}))


def test_a_picture_is_moved_and_black_comes_in() -> None:
    pixels = np.arange(1, 1 + 8 * 8, dtype=np.uint8).reshape(8, 8, 1)
    random, seen = np.random.default_rng(1), set()
    for _ in range(200):
        new = moved(pixels, random, 2)
        rows, columns = (np.flatnonzero(new.any(axis)) for axis in ((1, 2), (0, 2)))
        down, right = rows[0] or rows[-1] - 7, columns[0] or columns[-1] - 7
        expected = np.pad(pixels, ((2, 2), (2, 2), (0, 0)))[2 - down : 10 - down, 2 - right : 10 - right]
        np.testing.assert_array_equal(new, expected)
        seen.add((int(down), int(right)))
    assert len(seen) == 25


def test_a_picture_is_not_moved_out_of_sight() -> None:
    with pytest.raises(ConfigError, match="shift is 28 and side 28"):
        Picture(side=28, grid=7, shift=28)
