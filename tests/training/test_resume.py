"""Resumed = uninterrupted, to the last bit, however and whenever a run was stopped."""

import os
import shutil
from pathlib import Path

import pytest

import letters
from halting import crash, interrupt, stop_at
from regard.training.session import Interrupted, train

ALL = {  # dropout, several parts, averages, validations, saves between them, early stopping
    "embedding": {"size": 8, "dropout": 0.3},
    "encoder": {"name": "recurrent", "size": 8, "dropout": 0.2},
    "train": {"steps": 15, "validate": 4, "save": 3, "ema": 0.8, "patience": 9, "parts": 2, "batch": 60},
}


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return letters.write_pairs(tmp_path_factory.mktemp("data") / "pairs.tsv", letters.lines(150, 5))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, pairs: Path) -> Path:
    """A run that nothing interrupted."""
    out = tmp_path_factory.mktemp("whole") / "out"
    train(letters.tiny(pairs, **ALL), out)
    return out


@pytest.mark.parametrize("step", [1, 10, 15])
def test_a_run_that_was_interrupted_once_ends_as_if_it_was_not(
    tmp_path: Path, pairs: Path, whole: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    stop_at(monkeypatch, {step}, interrupt)
    with pytest.raises(Interrupted):
        train(letters.tiny(pairs, **ALL), tmp_path)
    assert letters.progress(tmp_path)["step"] == step
    train(letters.tiny(pairs, **ALL), tmp_path, resume=True)
    assert all(letters.same_runs(tmp_path, whole))


def test_a_guided_run_ends_as_if_it_was_not_interrupted_even_without_its_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = tmp_path / "pairs.tsv"
    rows = (
        f"{line}\t{line}\t" + " ".join(f"{i}-{i}" for i in range(len(line.split()))) for line in letters.lines(90, 5)
    )
    pairs.write_text("\n".join(rows), encoding="utf-8")
    guided = {"data": {"align": "align"}, "objective": {"name": "cross_entropy", "guided": 0.5}}
    train(letters.tiny(pairs, **ALL, **guided), tmp_path / "whole")
    stop_at(monkeypatch, {10}, interrupt)
    with pytest.raises(Interrupted):
        train(letters.tiny(pairs, **ALL, **guided), tmp_path / "out")
    pairs.unlink()
    train(letters.tiny(pairs, **ALL, **guided), tmp_path / "out", resume=True)
    assert all(letters.same_runs(tmp_path / "out", tmp_path / "whole"))


@pytest.mark.parametrize("step", [1, 8])
def test_a_run_that_died_between_two_savings_ends_as_if_it_had_not(
    tmp_path: Path, pairs: Path, whole: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    stop_at(monkeypatch, {step}, crash)
    with pytest.raises(MemoryError):
        train(letters.tiny(pairs, **ALL), tmp_path)
    train(letters.tiny(pairs, **ALL), tmp_path, resume=True)
    assert all(letters.same_runs(tmp_path, whole))


def test_a_run_may_be_stopped_again_and_again(
    tmp_path: Path, pairs: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_at(monkeypatch, {2, 6, 7, 11}, interrupt)
    for _ in range(4):
        with pytest.raises(Interrupted):
            train(letters.tiny(pairs, **ALL), tmp_path, resume=True)
    train(letters.tiny(pairs, **ALL), tmp_path, resume=True)
    assert all(letters.same_runs(tmp_path, whole))


@pytest.mark.parametrize("step", [3, 6, 9])
def test_early_stopping_counts_on_over_an_interruption(
    tmp_path: Path, pairs: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    still = letters.tiny(pairs, train={"steps": 40, "validate": 3, "rate": 0.0, "patience": 2})
    train(still, tmp_path / "whole")
    stop_at(monkeypatch, {step}, interrupt)
    with pytest.raises(Interrupted):
        train(still, tmp_path / "out")
    train(still, tmp_path / "out", resume=True)
    assert letters.progress(tmp_path / "out")["step"] == 9
    assert all(letters.same_runs(tmp_path / "out", tmp_path / "whole"))


def test_a_finished_run_that_is_resumed_stays_what_it_is(tmp_path: Path, pairs: Path, whole: Path) -> None:
    out = shutil.copytree(whole, tmp_path / "out")
    train(letters.tiny(pairs, **ALL), out, resume=True)
    assert all(letters.same_runs(out, whole))


def test_a_finished_run_can_be_trained_further(tmp_path: Path, pairs: Path, whole: Path) -> None:
    out = shutil.copytree(whole, tmp_path / "out")
    train(letters.tiny(pairs, **{**ALL, "train": {**ALL["train"], "steps": 18}}), out, resume=True)
    assert letters.progress(out)["step"] == 18


def test_half_written_files_that_lie_about_are_never_read(tmp_path: Path, pairs: Path, whole: Path) -> None:
    for name in ("model.safetensors", "config.toml", "training/last.safetensors", "training/store.json"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.with_name(f".{path.name}.{os.getpid()}.tmp").write_bytes(b"half")
        path.with_name(f".{path.name}.1.tmp").write_bytes(b"half")
    train(letters.tiny(pairs, **ALL), tmp_path, resume=True)
    assert all(letters.same_runs(tmp_path, whole))


@pytest.mark.parametrize("kept", [(), ("source.ids", "valid.jsonl")])
def test_a_run_that_died_while_its_data_was_prepared_prepares_it_again(
    tmp_path: Path, pairs: Path, whole: Path, kept: tuple[str, ...]
) -> None:
    shutil.copytree(whole / "codec", tmp_path / "codec")
    shutil.copy(whole / "config.toml", tmp_path)
    (tmp_path / "training").mkdir()
    for name in kept:
        (tmp_path / "training" / name).write_bytes((whole / "training" / name).read_bytes()[:5])
    train(letters.tiny(pairs, **ALL), tmp_path, resume=True)
    assert all(letters.same_runs(tmp_path, whole))


def test_the_data_file_is_not_needed_any_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: Path) -> None:
    pairs = letters.write_pairs(tmp_path / "pairs.tsv", letters.lines(150, 5))
    stop_at(monkeypatch, {5}, interrupt)
    with pytest.raises(Interrupted):
        train(letters.tiny(pairs, **ALL), tmp_path / "out")
    pairs.unlink()
    train(letters.tiny(pairs, **ALL), tmp_path / "out", resume=True)
    assert all(letters.same_runs(tmp_path / "out", whole))
