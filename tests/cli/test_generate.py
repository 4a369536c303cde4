"""`regard generate` as a user types it."""

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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cpoy"], "There is no task 'cpoy'. Did you mean 'copy'?"),
        (["copy", "--lines", "0"], "--lines is 0; it must be at least 1."),
        (["copy", "--lengths", "10-1"], "'10-1' is no list of lengths, such as 1-10 or 10,20,50."),
        (["copy", "--lengths", "0,3"], "'0,3' is no list of lengths"),
        (["copy", "--lengths", "some"], "'some' is no list of lengths"),
        (["copy", "--out", "nowhere/copy.tsv"], "there is no folder nowhere to write to; make it first."),
    ],
)
def test_what_cannot_be_is_said(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status = main(["generate", *arguments])
    except SystemExit as exit_:
        status = int(exit_.code or 0)
    assert status == 2
    assert message in capsys.readouterr().err
