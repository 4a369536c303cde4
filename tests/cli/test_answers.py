"""From stories to answers, by the commands."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import letters

SETTINGS = (
    *("codec.name=words", "train.steps=60", "train.validate=30", "train.threads=1", "train.workers=1"),
    *("embedding.size=24", "embedding.dropout=0", "encoder.size=24", "decoder.size=48", "train.rate=0.01"),
    *("train.batch=600", "train.ema=0.9"),
)
LINE = "Where is Anna? ||| Anna walked to the barn. Bruno hurried to the tower."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stories, and a model that has learnt a little of them."""
    found = tmp_path_factory.mktemp("answers")
    for split, lines in (("train", 400), ("test", 40)):
        made = letters.regard(
            *("generate", "stories", "--families", "one_fact,yes_no", "--lengths", "1-3", "--split", split),
            *("--lines", lines, "--out", found / f"{split}.jsonl"),
        )
        assert made.returncode == 0, made.stderr.decode()
    settings = [word for setting in SETTINGS for word in ("--set", setting)]
    done = letters.regard("train", found / "train.jsonl", "--out", found / "model", *settings)
    assert done.returncode == 0, done.stderr.decode()
    assert b"Try it: regard run" in done.stdout
    assert b'"QUESTION ||| PASSAGE"' in done.stdout
    return found


def test_training_knew_the_task_by_the_file_and_told_both_scores(folder: Path) -> None:
    card = json.loads((folder / "model" / "card.json").read_text(encoding="utf-8"))
    assert card["task"] == "answer"
    assert set(card["scores"]) == {"exact", "f1", "pointing"}
    assert "a model for the task `answer`" in (folder / "model" / "README.md").read_text(encoding="utf-8").lower()


def test_eval_tells_pointing_beside_the_accuracy(folder: Path, call: Callable[..., Any]) -> None:
    done = call("eval", folder / "model", "--data", folder / "test.jsonl", "--json")
    report = json.loads(done.out)
    assert (done.code, done.err, report["examples"]) == (0, "", 40)
    assert 0 < report["exact"] <= 100
    assert 0 <= report["pointing"] <= 100
    assert report["signatures"]["pointing"].startswith("pointing|n:40|")


def test_run_takes_lines_and_rows_and_tells_what_it_cannot_read(folder: Path, call: Callable[..., Any]) -> None:
    row = json.dumps({"context": "Anna walked to the barn.\nBruno hurried to the tower.", "question": "Where is Anna?"})
    text = f"{LINE}\n{row}\n\nWhere is Anna?\n"
    done = call("run", folder / "model", stdin=text.encode())
    said = done.out.split("\n")
    assert said[0] == said[1] != ""
    assert said[2:] == ["", "", ""]
    assert done.code == 1
    assert "'Where is Anna?' has no passage; expected QUESTION ||| PASSAGE" in done.err


def test_long_sources_are_told(folder: Path, call: Callable[..., Any]) -> None:
    limit = ("--set", "data.longest=13")
    done = call("run", folder / "model", LINE, *limit, "--json")
    assert json.loads(done.out)["note"] == "18 tokens, read in 3 windows"
    assert done.err == "line 1: 18 tokens, read in 3 windows\n1 source is longer than data.longest.\n"
    done = call("run", folder / "model", LINE, *limit, "--set", "data.long=error")
    assert (done.code, done.out) == (1, "\n")
    assert "a source of 18 tokens; the limit, data.longest, is 13" in done.err
    done = call("eval", folder / "model", "--data", folder / "test.jsonl", *limit)
    assert "are longer than data.longest" in done.err
    assert "... and" in done.err


def test_info_describes_questions(folder: Path, call: Callable[..., Any]) -> None:
    done = call("info", folder / "test.jsonl", "--json")
    assert done.code == 0
    assert json.loads(done.out)["kept"] == 40
