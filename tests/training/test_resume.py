"""Resumed = uninterrupted, to the last bit, however and whenever a run was stopped."""

import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import letters
from regard.training.session import Interrupted, train
from regard.training.watch import Watch

STATE = Path("training", "last.safetensors")
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


def stop_at(monkeypatch: pytest.MonkeyPatch, steps: set[int], stop: Callable[[], None]) -> None:
    """Let something happen right behind some steps, each time they are reached."""
    real = Watch.step

    def step(watch: Watch, number: int, facts: dict[str, float]) -> None:
        real(watch, number, facts)
        if number in steps:
            steps.remove(number)
            stop()

    monkeypatch.setattr(Watch, "step", step)


def interrupt() -> None:
    signal.raise_signal(signal.SIGINT)


def crash() -> None:
    raise MemoryError


@pytest.mark.parametrize("step", [1, 4, 10, 15])
def test_a_run_that_was_interrupted_once_ends_as_if_it_was_not(
    tmp_path: Path, pairs: Path, whole: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    stop_at(monkeypatch, {step}, interrupt)
    with pytest.raises(Interrupted):
        train(letters.tiny(pairs, **ALL), tmp_path)
    assert letters.progress(tmp_path)["step"] == step
    train(letters.tiny(pairs, **ALL), tmp_path, resume=True)
    assert all(letters.same_runs(tmp_path, whole))


@pytest.mark.parametrize("step", [1, 4, 8, 15])
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


# From here on: the real command, in a process of its own.

LONG = {"train": {"steps": 200, "validate": 100, "save": 7, "ema": 0.9, "batch": 80}, "embedding": {"dropout": 0.3}}


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory, pairs: Path) -> Path:
    return letters.write_config(tmp_path_factory.mktemp("recipe") / "long.toml", pairs, **LONG)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, recipe: Path) -> Path:
    """What the command makes of the recipe when nothing interrupts it."""
    out = tmp_path_factory.mktemp("finished") / "out"
    done = letters.regard("train", recipe, "--out", out)
    assert done.returncode == 0, done.stderr.decode()
    return out


def started(*arguments: object) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    return subprocess.Popen(letters.command(*arguments), stdout=pipe, stderr=pipe, env=letters.ENVIRONMENT)


def logged(out: Path) -> int:
    """The last step in the log, which may be cut off where it is just being written."""
    path = out / "training" / "log.jsonl"
    lines = path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else []
    return max((json.loads(line)["step"] for line in lines), default=0)


def wait(process: subprocess.Popen[bytes], until: Callable[[], bool]) -> None:
    """Wait until something is seen of a process that is still at work."""
    deadline = time.monotonic() + 300
    while not until():
        assert process.poll() is None, process.communicate()[1].decode()
        assert time.monotonic() < deadline
        time.sleep(0.001)


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL: nothing can be saved any more."""
    process.kill()
    process.communicate()
    if os.name == "posix":
        assert process.returncode == -signal.SIGKILL


def resumed(out: Path) -> None:
    done = letters.regard("train", out, "--resume")
    assert done.returncode == 0, done.stderr.decode()


def test_a_process_that_was_killed_within_an_epoch_ends_as_if_it_was_not(
    tmp_path: Path, recipe: Path, finished: Path
) -> None:
    out = tmp_path / "out"
    process = started("train", recipe, "--out", out)
    wait(process, lambda: logged(out) >= 60)
    kill(process)
    assert 7 <= letters.progress(out)["step"] < 200
    assert not (out / "card.json").exists()
    resumed(out)
    assert all(letters.same_runs(out, finished))


def test_a_process_that_was_killed_before_it_first_saved_ends_as_if_it_was_not(
    tmp_path: Path, recipe: Path, finished: Path
) -> None:
    out = tmp_path / "out"
    process = started("train", recipe, "--out", out)
    wait(process, (out / "config.toml").exists)
    kill(process)
    assert not (out / STATE).exists()
    process = started("train", out, "--resume")
    wait(process, (out / "training" / "store.json").exists)
    kill(process)
    assert not (out / STATE).exists()
    resumed(out)
    assert all(letters.same_runs(out, finished))


@pytest.mark.skipif(os.name != "posix", reason="another kind of signals")
def test_ctrl_c_leaves_a_run_that_can_be_resumed_and_says_how(tmp_path: Path, recipe: Path, finished: Path) -> None:
    out = tmp_path / "out"
    process = started("train", recipe, "--out", out)
    wait(process, lambda: logged(out) >= 10)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 130
    assert errors.decode().endswith(f"Stopped and saved. `regard train {out} --resume` goes on.\n")
    assert "Traceback" not in errors.decode()
    assert 10 <= letters.progress(out)["step"] < 200
    resumed(out)
    assert all(letters.same_runs(out, finished))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_process_that_is_killed_at_any_moments_ends_as_if_it_was_not(
    tmp_path: Path, recipe: Path, finished: Path, seed: int
) -> None:
    chance, out = random.Random(seed), tmp_path / "out"
    for _ in range(6):
        process = started("train", recipe, "--out", out, "--resume")
        time.sleep(chance.uniform(1, 6))
        process.kill()
        process.communicate()
    done = letters.regard("train", recipe, "--out", out, "--resume")
    assert done.returncode == 0, done.stderr.decode()
    assert all(letters.same_runs(out, finished))
