"""The report on pictures: sizes, lengths, and what comes twice."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drawn import plain, save
from regard.data.captioned import open_captioned
from regard.data.findings import Rule
from regard.data.inspect_pictures import AGAIN, TWICE, inspect_pictures


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def train(tmp_path: Path) -> Path:
    save(tmp_path / "wide.png", np.zeros((20, 90, 3), np.uint8))
    save(tmp_path / "high.png", np.full((50, 30, 3), 9, np.uint8))
    shutil.copy(tmp_path / "wide.png", tmp_path / "copy.png")
    return write(
        tmp_path / "train.jsonl",
        {"image": "wide.png", "captions": ["a dog", "a big dog", "a dog"]},
        {"image": "high.png", "captions": ["sea"]},
        {"image": "none.png", "captions": ["sea"]},
        {"image": "copy.png", "captions": ["a dog"]},
    )


def test_pictures_and_texts_are_measured(train: Path) -> None:
    report = inspect_pictures(open_captioned(train))
    assert (report.texts, report.findings.kept) == (5, 3)
    figures = {name: (f["min"], f["median"], f["max"]) for name, f in report.to_json()["lengths"].items()}
    assert figures == {
        "texts per picture": (1, 1, 3),
        "words per text": (1, 2, 3),
        "characters per text": (3, 5, 9),
        "width": (30, 90, 90),
        "height": (20, 20, 50),
    }
    assert report.repetitions.places == {TWICE: ["train.jsonl:1"], AGAIN: ["train.jsonl:4"]}
    assert report.findings.skipped.places == {Rule.NO_PICTURE: ["train.jsonl:3"]}


def test_labels_are_counted_one_by_one(tmp_path: Path) -> None:
    plain(tmp_path / "1.png", 1)
    path = write(tmp_path / "a.jsonl", {"image": "1.png", "labels": ["big dog", "sea"]})
    lengths = inspect_pictures(open_captioned(path, labels=True)).lengths
    assert (lengths["texts per picture"].quantile(1), lengths["words per text"].quantile(1)) == (2, 2)
