"""`regard generate` as a user types it."""

import json
from pathlib import Path

import pytest

from regard.cli import main


def test_it_writes_pairs_that_train_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "copy.tsv"
    assert main(["generate", "copy", "--lengths", "2,5", "--lines", "4", "--out", str(out)]) == 0
    lines = out.read_text(encoding="utf-8").splitlines()
    assert [len(line.split("\t")[0].split()) for line in lines] == [2, 5, 2, 5]
    assert main(["generate", "copy", "--lengths", "2,5", "--lines", "4"]) == 0
    assert capsys.readouterr().out.splitlines() == lines
    assert main(["info", str(out)]) == 0


def test_it_writes_stories_with_what_they_follow_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "stories.jsonl"
    assert main(["generate", "stories", "--lines", "40", "--out", str(out)]) == 0
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 40
    assert all(list(row) == ["context", "question", "answers", "supports"] for row in rows)
    assert main(["generate", "stories", "--lines", "40", "--split", "train"]) == 0
    assert capsys.readouterr().out == out.read_text(encoding="utf-8")
    assert main(["generate", "stories", "--lines", "40", "--split", "valid"]) == 0
    assert capsys.readouterr().out != out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cpoy"], "There is no task 'cpoy'. Did you mean 'copy'?"),
        (["copy", "--lines", "0"], "--lines is 0; it must be at least 1."),
        (["copy", "--lengths", "10-1"], "'10-1' is no list of lengths, such as 1-10 or 10,20,50."),
        (["copy", "--lengths", "0,3"], "'0,3' is no list of lengths"),
        (["copy", "--lengths", "some"], "'some' is no list of lengths"),
        (["copy", "--split", "test"], "--families and --split are of stories, not of copy."),
        (["stories", "--split", "tset"], "There is no split 'tset'. Did you mean 'test'?"),
        (["stories", "--families", "one_fact,two_fact"], "There is no family of stories 'two_fact'. Did you mean"),
    ],
)
def test_what_cannot_be_is_said(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status = main(["generate", *arguments])
    except SystemExit as exit_:
        status = int(exit_.code or 0)
    assert status == 2
    assert message in capsys.readouterr().err


def test_folders_of_a_file_are_made(tmp_path: Path) -> None:
    assert main(["generate", "copy", "--lines", "3", "--out", str(tmp_path / "new" / "folder" / "copy.tsv")]) == 0
    assert len((tmp_path / "new" / "folder" / "copy.tsv").read_text(encoding="utf-8").splitlines()) == 3


def test_a_file_in_place_of_a_folder_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert main(["generate", "copy", "--out", str(tmp_path / "file" / "copy.tsv")]) != 0
    assert "file" in capsys.readouterr().err
