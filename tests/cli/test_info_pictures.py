"""What files of pictures and texts are, and which pictures two of them share."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drawn import plain


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def train(tmp_path: Path) -> Path:
    for name, number in (("1.png", 1), ("2.png", 2), ("copy.png", 1)):
        plain(tmp_path / name, number)
    return write(
        tmp_path / "train.jsonl",
        {"image": "1.png", "captions": ["a dog", "a big dog", "dog"]},
        {"image": "2.png", "captions": ["sea"]},
        {"image": "none.png", "captions": ["sea"]},
        {"image": "copy.png", "captions": ["a dog"]},
    )


def test_the_command_describes_pictures(train: Path, call: Callable[..., Any]) -> None:
    done = call("info", train)
    assert (done.code, done.err) == (0, "")
    assert "3 pictures kept, with 5 texts\n1 row skipped: no such picture (train.jsonl:3)\n" in done.out
    assert "same content as an earlier picture" in done.out and "In two files" not in done.out
    assert json.loads(call("info", train, "--json").out)["texts"] == 5


def test_pictures_in_two_files_are_known_by_their_content(train: Path, call: Callable[..., Any]) -> None:
    shutil.copy(train.parent / "2.png", train.parent / "other.png")
    plain(train.parent / "new.png", 7)
    rows = ({"image": name, "captions": "x"} for name in ("new.png", "other.png"))
    valid = write(train.parent / "valid.jsonl", *rows)
    done = call("info", train, valid)
    assert (done.code, done.err) == (0, "")
    assert "In two files, by content" in done.out and "valid.jsonl:2 = train.jsonl:2" in done.out
    found = json.loads(call("info", train, valid, "--json").out)
    assert [file["texts"] for file in found["files"]] == [5, 2]
    assert [tally["count"] for tally in found["in_both"].values()] == [1]


def test_a_folder_of_flickr8k_and_a_split_are_described(tmp_path: Path, call: Callable[..., Any]) -> None:
    plain(tmp_path / "images" / "1.png", 1)
    (tmp_path / "captions.txt").write_text("image,caption\n1.png,x\n", encoding="utf-8")
    assert "1 picture kept, with 1 text\n" in call("info", tmp_path).out
    images = [{"filename": "1.png", "split": split, "sentences": [{"raw": "x"}]} for split in ("train", "val")]
    (tmp_path / "all.json").write_text(json.dumps({"images": images}), encoding="utf-8")
    done = call("info", f"{tmp_path}/all.json#train", f"{tmp_path}/all.json#val")
    assert "all.json:2 = all.json:1" in done.out
    done = call("info", tmp_path / "all.json#test")
    assert (done.code, "no split 'test'" in done.err) == (1, True)
