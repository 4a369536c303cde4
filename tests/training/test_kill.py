"""The real command, killed in the middle of its work and resumed: the same bytes as if nothing had happened."""

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import letters
from regard.cli import main

STATE = Path("training", "last.safetensors")
LONG = {"train": {"steps": 120, "validate": 60, "save": 7, "ema": 0.9, "batch": 80}, "embedding": {"dropout": 0.3}}


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recipe")
    pairs = letters.write_pairs(folder / "pairs.tsv", letters.lines(150, 5))
    return letters.write_config(folder / "long.toml", pairs, **LONG)


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
    """Resume it within this process, which saves the time to start another."""
    assert main(["train", str(out), "--resume"]) == 0


def test_a_process_that_was_killed_within_an_epoch_ends_as_if_it_was_not(
    tmp_path: Path, recipe: Path, finished: Path
) -> None:
    out = tmp_path / "out"
    process = started("train", recipe, "--out", out)
    wait(process, lambda: logged(out) >= 50)
    kill(process)
    assert 7 <= letters.progress(out)["step"] < 120
    assert not (out / "card.json").exists()
    done = letters.regard("train", out, "--resume")
    assert done.returncode == 0, done.stderr.decode()
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
    assert 10 <= letters.progress(out)["step"] < 120
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
