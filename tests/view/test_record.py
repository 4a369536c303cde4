"""An output that shows and saves itself, and files of many records."""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from regard.errors import UsageError
from regard.types import Record
from regard.view.record import WRITERS, Output, save


def test_json_matches_the_golden_file(every: list[Record], tmp_path: Path, golden: Callable[[str, str], None]) -> None:
    save(every, tmp_path / "a.json")
    golden("records.json", (tmp_path / "a.json").read_text(encoding="utf-8"))


def test_json_holds_words_and_alignment(dog: Record, tmp_path: Path) -> None:
    save([dog], tmp_path / "a.json")
    (item,) = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert item["text"] == dog.text and item["tokens"] == list(dog.tokens)
    assert item["words"]["target"] == ["un", "chien", "noir", "court", "</s>"]
    assert item["words"]["attention"][3] == [0, 0, 0, 0.875, 0.125]
    assert item["alignment"] == [[0, 0], [1, 2], [2, 1], [3, 3]]


def test_pharaoh_matches_the_golden_file(
    every: list[Record], tmp_path: Path, golden: Callable[[str, str], None]
) -> None:
    save(every, tmp_path / "a.pharaoh")
    golden("records.pharaoh", (tmp_path / "a.pharaoh").read_bytes().decode("utf-8"))


def test_npz_loads_without_pickle(every: list[Record], tmp_path: Path) -> None:
    save(every, tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        assert len(arrays.files) == 4 * len(every)
        for i, record in enumerate(every):
            np.testing.assert_array_equal(arrays[f"attention_{i}"], record.attention)
            np.testing.assert_array_equal(arrays[f"token_scores_{i}"], record.token_scores)
            assert tuple(arrays[f"tokens_{i}"]) == record.tokens
            assert tuple(arrays[f"source_tokens_{i}"]) == record.source_tokens


def test_no_records_make_a_whole_file_in_every_format(tmp_path: Path) -> None:
    for suffix in WRITERS.keys() - {".gif"}:  # a film has at least one frame
        save([], tmp_path / f"a{suffix}")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == []
    assert (tmp_path / "a.pharaoh").read_bytes() == b""


@pytest.mark.parametrize("suffix", [suffix for suffix in WRITERS if suffix != ".gif"])  # which wants looks
def test_every_format_takes_awkward_records(suffix: str, every: list[Record], tmp_path: Path) -> None:
    save(iter(every), tmp_path / f"a{suffix.upper()}")
    assert [path.name for path in tmp_path.iterdir()] == [f"a{suffix.upper()}"]


def test_an_unknown_suffix_names_the_nearest(dog: Record, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"unknown suffix for attention '\.jsn'\. Did you mean '\.json'\?.*\.html, "):
        save([dog], tmp_path / "a.jsn")


def test_a_wrong_name_is_told_before_the_work_is_done(tmp_path: Path) -> None:
    def work() -> Iterator[Record]:
        pytest.fail("the records were made")
        yield

    with pytest.raises(UsageError, match=r"there is no folder .*nowhere to write to"):
        save(work(), tmp_path / "nowhere" / "a.json")
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(UsageError, match=r"folder\.svg is a folder"):
        save(work(), tmp_path / "folder.svg")


def test_a_failed_write_leaves_the_old_file(dog: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(records: object) -> bytes:
        raise OSError("disk full")

    (tmp_path / "a.svg").write_text("old", encoding="utf-8")
    monkeypatch.setitem(WRITERS, ".svg", broken)
    with pytest.raises(OSError, match="disk full"):
        save([dog], tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_text(encoding="utf-8") == "old"


def test_an_output_is_its_best_record(dog: Record, wide: Record, tmp_path: Path) -> None:
    output = Output.best_of([dog, wide])
    assert str(output) == dog.text and output.alternatives == (wide,)
    assert output.score == dog.score
    assert [record["text"] for record in output.to_json()["nbest"]] == [dog.text, wide.text]
    assert "nbest" not in Output.best_of([dog]).to_json()
    assert output._repr_html_().startswith("<svg ")
    output.save(str(tmp_path / "a.json"))
    (item,) = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert len(item["nbest"]) == 2


def test_show_prints_the_heat_map(dog: Record, capsys: pytest.CaptureFixture[str]) -> None:
    Output.best_of([dog]).show()
    assert "chien" in capsys.readouterr().out
    Output.best_of([dog]).show(words=False)
    assert "▁chien" in capsys.readouterr().out


def test_show_gets_by_on_a_terminal_without_unicode(dog: Record) -> None:
    from rich.console import Console

    from regard.view import terminal

    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    terminal.show(dog, Console(file=file, width=60))
    file.seek(0)
    assert "@@" in file.read()
