"""From files to a store: what is held out, left out and kept."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

import letters
from regard.config import Config
from regard.errors import ConfigError, DataError, NoSuchFile, RegardError
from regard.training.prepare import VALID, HoldOut, Prepared, prepare
from regard.types import EOS


def prepared(folder: Path, config: Config, said: list[str] | None = None) -> Prepared:
    said = [] if said is None else said
    return prepare(config, folder, folder / "training", said.append)


def split(folder: Path, sources: Sequence[str], targets: Sequence[str] | None = None, **data: object) -> Prepared:
    pairs = letters.write_pairs(folder / "pairs.tsv", sources, targets)
    return prepared(folder, letters.tiny(pairs, data=data))


def trained_on(found: Prepared) -> list[str]:
    """The sources of the store, in words."""
    rows = [found.store[i][0] for i in range(len(found.store))]
    return [found.task.source_codec.decode(row) for row in rows]  # type: ignore[attr-defined]


@pytest.mark.parametrize("share", [0.02, 0.1, 0.4])
def test_about_the_chosen_share_is_held_out(tmp_path: Path, share: float) -> None:
    found = split(tmp_path, letters.lines(2000, 5), holdout=share)
    assert len(found.valid) == pytest.approx(2000 * share, rel=0.25)
    assert len(found.valid) + len(found.store) == 2000


def test_no_source_is_in_both_parts_however_often_it_is_repeated(tmp_path: Path) -> None:
    sources = letters.lines(120, 4) * 3
    targets = [f"{line} {number % 7}" for number, line in enumerate(sources)]
    found = split(tmp_path, sources, targets, holdout=0.3)
    held_out = {example.source for example in found.valid}
    assert held_out
    assert held_out.isdisjoint(trained_on(found))
    assert held_out | set(trained_on(found)) == set(sources)


def test_a_share_of_nothing_still_holds_a_few_pairs_out(tmp_path: Path) -> None:
    assert 1 <= len(split(tmp_path, letters.lines(300, 5), holdout=0.0).valid) <= 12


def test_of_a_big_corpus_no_more_are_held_out_than_are_needed() -> None:
    places = HoldOut(1, 2000 / 40_000)
    from regard.types import Example

    count = sum(places(Example(str(number), "")) for number in range(40_000))
    assert count == pytest.approx(2000, rel=0.1)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("count", [2, 3, 5])
def test_however_few_pairs_there_are_some_are_on_either_side(tmp_path: Path, count: int, seed: int) -> None:
    pairs = letters.write_pairs(tmp_path / "pairs.tsv", letters.lines(count, 4))
    found = prepared(tmp_path, letters.tiny(pairs, seed=seed))
    assert len(found.valid) >= 1
    assert len(found.store) >= 1
    assert len(found.valid) + len(found.store) == count


@pytest.mark.parametrize("sources", [["a b"], ["a b", "a b", "a b"]])
def test_one_source_alone_cannot_be_split(tmp_path: Path, sources: list[str]) -> None:
    with pytest.raises(DataError, match=r"pairs\.tsv: one source alone .* data\.valid"):
        split(tmp_path, sources, [*"xyz"][: len(sources)])


def test_with_a_validation_file_one_pair_is_enough_to_train_on(tmp_path: Path) -> None:
    valid = letters.write_pairs(tmp_path / "valid.tsv", ["b a", "a a"])
    found = split(tmp_path, ["a b"], valid=str(valid))
    assert ([example.source for example in found.valid], len(found.store)) == (["b a", "a a"], 1)


def test_pairs_that_are_too_long_are_left_out_and_counted(tmp_path: Path) -> None:
    pairs = letters.write_pairs(
        tmp_path / "pairs.tsv", ["a b", "a b c d e", "b a", "c d"], ["x", "x", "x y z x y", "x"]
    )
    valid = letters.write_pairs(tmp_path / "valid.tsv", ["a b c d e f g"], ["x"])
    said: list[str] = []
    found = prepared(tmp_path, letters.tiny(pairs, data={"longest": 5, "valid": str(valid)}), said)
    assert trained_on(found) == ["a b", "c d"]
    assert found.store.info["left_out"] == {"more than 5 tokens": 2}
    assert any(line.endswith("2 pairs left out: more than 5 tokens (pairs.tsv:2, pairs.tsv:3)") for line in said)
    assert len(found.valid) == 1  # what is validated with is not chosen by length


def test_if_all_pairs_are_too_long_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"No pair is left to train on: all were longer than data\.longest"):
        split(tmp_path, ["a b c", "c d e"], longest=2)


def test_what_was_skipped_is_said_of_both_files(tmp_path: Path) -> None:
    pairs = letters.write_pairs(tmp_path / "pairs.tsv", ["a b", "", "b a"], ["x", "y", "z"])
    valid = letters.write_pairs(tmp_path / "valid.tsv", ["a b", "b"], ["", "x"])
    said: list[str] = []
    prepared(tmp_path, letters.tiny(pairs, data={"valid": str(valid)}), said)
    told = "\n".join(said)
    assert re.search(r"pairs\.tsv: 2 pairs kept$", told, re.MULTILINE)
    assert re.search(r"pairs\.tsv: 1 line skipped: empty source \(pairs\.tsv:2\)$", told, re.MULTILINE)
    assert re.search(r"valid\.tsv: 1 line skipped: empty target \(valid\.tsv:1\)$", told, re.MULTILINE)
    assert said[-1] == "validation: 1 pair"


def test_what_is_held_out_is_said(tmp_path: Path) -> None:
    pairs = letters.write_pairs(tmp_path / "pairs.tsv", letters.lines(200, 4))
    said: list[str] = []
    count = len(prepared(tmp_path, letters.tiny(pairs), said).valid)
    assert said == [f"{pairs}: 200 pairs kept", f"validation: {count} pairs held out"]


def test_the_store_holds_the_ids_that_the_task_gives(tmp_path: Path) -> None:
    valid = letters.write_pairs(tmp_path / "valid.tsv", ["a"])
    found = split(tmp_path, ["a b", "b a a"], ["x", "y x"], valid=str(valid))
    assert found.store[1] == (found.task.source("b a a"), found.task.target("y x"))
    assert found.store[0][0][-1] == EOS


def test_preparing_twice_gives_the_same_files(tmp_path: Path) -> None:
    pairs = letters.write_pairs(tmp_path / "pairs.tsv", letters.lines(300, 4))
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        prepared(tmp_path / name, letters.tiny(pairs))
    files = {path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file()}
    assert {str(path) for path in files} > {"codec/vocabulary.txt", f"training/{VALID}", "training/store.json"}
    for path in files:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes(), path


def test_another_seed_holds_other_pairs_out(tmp_path: Path) -> None:
    pairs = letters.write_pairs(tmp_path / "pairs.tsv", letters.lines(300, 4))
    held_out = []
    for seed in (1, 2):
        found = prepared(tmp_path / str(seed), letters.tiny(pairs, seed=seed))
        held_out.append({example.source for example in found.valid})
    assert held_out[0] != held_out[1]


def test_what_was_prepared_outlives_the_data_file(tmp_path: Path) -> None:
    first = split(tmp_path, letters.lines(100, 4))
    (tmp_path / "pairs.tsv").unlink()
    again = prepared(tmp_path, letters.tiny(tmp_path / "pairs.tsv"))
    assert again.valid == first.valid
    assert trained_on(again) == trained_on(first)
    assert again.task.sizes == first.task.sizes


def test_an_interrupted_preparation_is_done_again(tmp_path: Path) -> None:
    first = split(tmp_path, letters.lines(100, 4))
    (tmp_path / "training" / "store.json").unlink()
    (tmp_path / "training" / "source.ids").write_bytes(b"cut")
    (tmp_path / "training" / VALID).write_text("", encoding="utf-8")
    again = prepared(tmp_path, letters.tiny(tmp_path / "pairs.tsv"))
    assert again.valid == first.valid
    assert trained_on(again) == trained_on(first)


def test_the_validation_pairs_come_back_letter_for_letter(tmp_path: Path) -> None:
    valid = letters.write_pairs(tmp_path / "valid.tsv", ['\u201cé\u201d \\ "q"', "\U0001f600 \u3042"])
    found = split(tmp_path, ["a b", "c"], valid=str(valid))
    assert prepared(tmp_path, letters.tiny(tmp_path / "pairs.tsv", data={"valid": str(valid)})).valid == found.valid
    lines = (tmp_path / "training" / VALID).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["line"] for line in lines] == [1, 2]


@pytest.mark.parametrize(
    ("data", "kind", "message"),
    [
        ({"train": "nothing.tsv"}, NoSuchFile, r"nothing\.tsv: no such file"),
        ({"valid": "nothing.tsv"}, NoSuchFile, r"nothing\.tsv: no such file"),
        ({"train": []}, RegardError, "got 0 files, expected one file of pairs or two"),
    ],
)
def test_unusable_data_is_an_error(
    tmp_path: Path, data: dict[str, object], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        split(tmp_path, ["a", "b"], **data)


def test_a_codec_that_cannot_be_fitted_is_an_error(tmp_path: Path) -> None:
    pairs = letters.write_pairs(tmp_path / "pairs.tsv", letters.lines(20, 4))
    with pytest.raises(ConfigError, match="too small for pieces"):
        prepared(tmp_path, letters.tiny(pairs, codec={"name": "pieces", "size": 6}))
