"""Workers: the same bits whoever works off which part, and none that outlives its run or keeps it waiting."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

import letters
import tiny
from regard.config import Config
from regard.errors import ConfigError, DataError, TrainingError
from regard.training import shared
from regard.training.plan import Plan
from regard.training.prepare import prepare
from regard.training.remote import Remote
from regard.training.session import train
from regard.training.work import Work
from regard.training.workers import Team

DROPOUT = {
    "embedding": {"size": 8, "dropout": 0.3},
    "encoder": {"name": "recurrent", "size": 8, "dropout": 0.2},
    "train": {"batch": 60, "workers": 2, "threads": 2, "steps": 40, "validate": 20, "save": 7, "ema": 0.8},
}
VARIANTS: dict[str, dict[str, Any]] = {  # the first four are fast tests
    "recurrent": {},
    "drawn at random": {"attention": {"name": "hard"}},
    "cut at random": {"codec": {"name": "pieces", "size": 30, "temperature": 5.0}},
    "guided": {"data": {"align": "align"}, "objective": {"name": "cross_entropy", "guided": 0.5}},
    "no attention": {"attention": {"name": "none"}, "decoder": {"name": "step_then_attend", "size": 16}},
    "untied": {"embedding": {"size": 8, "dropout": 0.3, "shared": False, "tied": False}},
    "agreeing": {"objective": {"name": "cross_entropy", "agreement": 3.0}},
    "copying": {"codec": {"name": "words", "size": 8}, "output": {"name": "pointer"}},
}
# The command, or a library call without a guard; all workers have joined before the first step.
SCRIPT = """
import sys
from pathlib import Path
from regard import read_config, train
from regard.cli import main
from regard.training import shared
from regard.training.workers import Team

share, shared.MEMORY = Team.share, Path(__file__).parent / "memory"

def patient(team, work):
    share(team, work)
    team.wait()

Team.share = patient
if sys.argv[1] == "train":
    sys.exit(main(sys.argv[1:]))
print(train(read_config(sys.argv[1]), sys.argv[2]).examples)
"""
linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where weights are shared: a folder in which each test can see what is left behind."""
    folder = tmp_path / "memory"
    folder.mkdir()
    monkeypatch.setattr(shared, "MEMORY", folder)
    return folder


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No step is begun before all workers have joined."""
    share = Team.share

    def wait(team: Team, work: Work) -> None:
        share(team, work)
        team.wait()

    monkeypatch.setattr(Team, "share", wait)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "pairs.tsv"
    rows = (
        f"{line}\t{line}\t" + " ".join(f"{i}-{i}" for i in range(len(line.split()))) for line in letters.lines(120, 5)
    )
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def steps(config: Config, folder: Path, workers: int, parts: int) -> list[tuple[float, int, list[Tensor | None]]]:
    """Loss, count and gradient of a few steps, by so many workers."""
    prepared = prepare(config, folder, folder / "training", lambda line: None)
    work = Work.of(config, prepared.task.sizes, prepared.store, parts)
    work.model.train()
    found = []
    with Team(Plan(workers, 1, parts)) as team:
        team.build(config, prepared.task.sizes, folder / "training")
        team.share(work)
        team.wait()
        for step in range(3):
            loss, count = team.gradient(step)
            found.append((float(loss), int(count), [p.grad for p in work.model.parameters()]))
            with torch.no_grad():
                for parameter in work.model.parameters():
                    parameter -= 0.1 if parameter.grad is None else 0.1 * parameter.grad
            work.model.zero_grad(set_to_none=True)
    assert all(torch.isfinite(parameter).all() for parameter in work.model.parameters())
    return found


@pytest.mark.parametrize("changes", tiny.few(VARIANTS.values(), 4), ids=VARIANTS)
def test_the_gradient_is_the_same_to_the_last_bit_whoever_works_off_which_part(
    tmp_path: Path, pairs: Path, memory: Path, changes: dict[str, dict[str, Any]]
) -> None:
    config = letters.tiny(pairs, **{**DROPOUT, **changes})
    alone, three = (steps(config, tmp_path / "out", workers, parts=4) for workers in (1, 3))
    for one, other in zip(alone, three, strict=True):
        assert one[:2] == other[:2]
        for mine, theirs in zip(one[2], other[2], strict=True):
            assert mine is theirs is None or (mine is not None and theirs is not None and torch.equal(mine, theirs))
    assert list(memory.iterdir()) == []


def test_parts_may_be_more_than_pairs(tmp_path: Path, pairs: Path) -> None:
    config = letters.tiny(pairs, **{**DROPOUT, "train": {"batch": 6}})
    alone, two = (steps(config, tmp_path / "out", workers, parts=6) for workers in (1, 2))
    assert [step[:2] for step in alone] == [step[:2] for step in two]
    assert all(torch.equal(a, b) for a, b in zip(alone[2][2], two[2][2], strict=True) if a is not None)


def test_a_run_of_two_workers_is_that_of_one_which_may_go_on_with_it(
    tmp_path: Path, pairs: Path, patient: None
) -> None:
    def run(name: str, workers: int, steps: int) -> None:
        options = {"schedule": "constant", "warmup": 0.0, "parts": 2, "workers": workers, "threads": workers}
        chosen = {**DROPOUT["train"], **options, "steps": steps}
        train(letters.tiny(pairs, **{**DROPOUT, "train": chosen}), tmp_path / name, resume=True)

    run("two", 2, 40)
    for name, first, then in (("one", 1, 1), ("fewer", 2, 1), ("more", 1, 2)):
        run(name, first, 20)
        run(name, then, 40)
        assert all(letters.same_runs(tmp_path / name, tmp_path / "two"))
    assert "- Workers: 2\n- Threads: 1\n- Parts: 2\n" in (tmp_path / "two" / "README.md").read_text(encoding="utf-8")


def test_a_worker_that_fails_is_named_with_its_fault_and_what_it_wrote(tmp_path: Path) -> None:
    remote = Remote(2, Plan(2, 1, 2))
    try:
        remote.tell({"threads": 1})
        with pytest.raises(TrainingError, match=r"(?s)worker 2 of 2 \(process \d+\) failed: KeyError: .*Traceback"):
            remote.hear()
        with pytest.raises(TrainingError, match="failed: KeyError"):
            remote.hear()
    finally:
        remote.close()


def test_a_fault_that_a_user_can_mend_is_told_without_a_traceback(tmp_path: Path, pairs: Path) -> None:
    config = letters.tiny(pairs)
    with Team(Plan(2, 1, 2)) as team, pytest.raises(TrainingError, match=f"DataError: {tmp_path}") as raised:
        team.build(config, (9, 9), tmp_path)
        team._remotes[0].hear()
    assert "Traceback" not in str(raised.value)


@linux
@pytest.mark.parametrize("fault", ["data", "model"])
def test_a_run_that_never_begins_leaves_no_worker(tmp_path: Path, pairs: Path, fault: str) -> None:
    wrong = {"attention": {"name": "dot"}, "decoder": {"size": 17}} if fault == "model" else {}
    config = letters.tiny(pairs if fault == "model" else tmp_path / "none.tsv", **{**DROPOUT, **wrong})
    with pytest.raises((ConfigError, DataError)):
        train(config, tmp_path / "out")
    assert workers_of(os.getpid()) == []


def state(pid: int) -> tuple[str, int] | None:
    """The state of a process and its parent; None if there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return fields[0], int(fields[1])


def workers_of(pid: int) -> list[int]:
    """The living worker processes that a process has started."""
    found = []
    for process in map(int, (path.name for path in Path("/proc").iterdir() if path.name.isdigit())):
        known = state(process)
        if known and known[0] != "Z" and known[1] == pid and is_worker(process):
            found.append(process)
    return found


def is_worker(pid: int) -> bool:
    """Whether a process is one of ours; a library may have started others."""
    try:
        return b"regard.training.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory, pairs: Path) -> Path:
    options = {"train": {**DROPOUT["train"], "steps": 160, "validate": 80}}
    return letters.write_config(tmp_path_factory.mktemp("config") / "long.toml", pairs, **{**DROPOUT, **options})


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, long: Path) -> Path:
    """A run that nothing disturbed, by one process."""
    out = tmp_path_factory.mktemp("finished") / "out"
    done = letters.regard("train", long, "--out", out, "--set", "train.workers=1", "--set", "train.parts=2", *ONE)
    assert done.returncode == 0, done.stderr.decode()
    return out


ONE = ("--set", "train.threads=1")


def started(folder: Path, *arguments: object) -> subprocess.Popen[bytes]:
    script = folder / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    command = [sys.executable, str(script), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=letters.ENVIRONMENT)


def training(folder: Path, long: Path) -> tuple[subprocess.Popen[bytes], list[int]]:
    """A run in `folder / "out"` that has been saved at least once, and its workers."""
    process = started(folder, "train", long, "--out", folder / "out")
    saved = folder / "out" / "training" / "last.safetensors"
    wait(lambda: saved.exists() or process.poll() is not None)
    assert process.poll() is None, process.communicate()[1].decode()
    return process, workers_of(process.pid)


def ends_as(out: Path, finished: Path, *changes: str) -> None:
    done = letters.regard("train", out, "--resume", *changes)
    assert done.returncode == 0, done.stderr.decode()
    assert all(letters.same_runs(out, finished))


@linux
@pytest.mark.slow
def test_killed_it_leaves_no_worker_and_goes_on_with_one_process_as_if_it_was_not(
    tmp_path: Path, long: Path, finished: Path, memory: Path
) -> None:
    process, workers = training(tmp_path, long)
    assert len(workers) == 1
    process.kill()
    process.communicate()
    wait(lambda: (state(workers[0]) or ("Z", 0))[0] == "Z")
    assert list(memory.iterdir()) == []
    assert letters.progress(tmp_path / "out")["step"] < 160
    ends_as(tmp_path / "out", finished, *ONE, "--set", "train.workers=1")


@linux
@pytest.mark.slow
def test_a_worker_that_is_killed_ends_the_run_in_a_line_and_what_was_saved_goes_on(
    tmp_path: Path, long: Path, finished: Path, memory: Path
) -> None:
    process, workers = training(tmp_path, long)
    os.kill(workers[0], signal.SIGKILL)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    wanted = f"regard: worker 2 of 2 (process {workers[0]}) was ended by SIGKILL. What was saved can be resumed."
    assert errors.decode().splitlines()[-1] == wanted
    assert "Traceback" not in errors.decode()
    assert list(memory.iterdir()) == []
    ends_as(tmp_path / "out", finished)


@linux
@pytest.mark.slow
def test_ctrl_c_saves_and_takes_the_workers_along(tmp_path: Path, long: Path, finished: Path, memory: Path) -> None:
    process, workers = training(tmp_path, long)
    for pid in (*workers, process.pid):  # as a service manager would, to all
        os.kill(pid, signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130, errors.decode()
    assert "Traceback" not in errors.decode()
    assert state(workers[0]) is None
    assert list(memory.iterdir()) == []
    ends_as(tmp_path / "out", finished)


def test_a_script_needs_no_guard(tmp_path: Path, pairs: Path) -> None:
    config = letters.write_config(tmp_path / "tiny.toml", pairs, **{**DROPOUT, "train": {"workers": 2, "steps": 3}})
    process = started(tmp_path, config, tmp_path / "out")
    said, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors.decode()
    assert int(said) > 0
    assert (tmp_path / "out" / "card.json").exists()
