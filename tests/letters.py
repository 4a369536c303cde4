"""Tiny tasks on letters, the models that learnt them, and the commands that are run on both.

Each shared model is trained once for a whole test run, by the real command.
"""

import atexit
import functools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import safetensors
import safetensors.numpy

from regard import config as configs
from regard.config import Config
from regard.types import Example
from warm import warm

ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUTF8": "0", "COLUMNS": "200"}
TINY: dict[str, dict[str, Any]] = {
    "codec": {"name": "words"},
    "embedding": {"size": 8, "dropout": 0.0},
    "encoder": {"name": "recurrent", "size": 8, "dropout": 0.0},
    "attention": {"name": "general"},
    "decoder": {"name": "attend_then_step", "size": 16, "dropout": 0.0},
    "train": {"steps": 8, "batch": 64, "rate": 0.01, "validate": 4, "threads": 1},
    "decode": {"beam": 2, "ratio": 1.0, "extra": 2},  # what has learnt nothing would go on for long
}
LEARNT: dict[str, dict[str, Any]] = {
    "embedding": {"size": 32, "dropout": 0.0},
    "encoder": {"name": "recurrent", "size": 32, "dropout": 0.0},
    "train": {"steps": 200, "batch": 448, "rate": 0.02, "ema": 0.95, "validate": 200, "threads": 1},
    "decode": {"beam": 5},
}
PAIRS = 3000
COPY = {"attention": {"name": "general"}, "decoder": {"name": "step_then_attend", "size": 64, "dropout": 0.0}}
REVERSE = {"attention": {"name": "additive"}, "decoder": {"name": "attend_then_step", "size": 64, "dropout": 0.0}}


def lines(count: int, longest: int, seed: int = 0, letters: str = "abcdefgh") -> list[str]:
    """Different lines of spaced letters, always the same ones."""
    choose = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        found[" ".join(choose.choices(letters, k=choose.randint(1, longest)))] = None
    return list(found)


def copied(line: str) -> str:
    """The task "copy"."""
    return line


def reversed_(line: str) -> str:
    """The task "reverse"."""
    return line[::-1]


def write_pairs(path: Path, sources: Sequence[str], targets: Sequence[str] | None = None) -> Path:
    """A .tsv file of pairs; without targets each source is copied."""
    pairs = zip(sources, targets or sources, strict=True)
    path.write_text("".join(f"{s}\t{t}\n" for s, t in pairs), encoding="utf-8", newline="\n")
    return path


def sections(pairs: Path, base: dict[str, Any] = TINY, **changes: dict[str, Any]) -> dict[str, Any]:
    """A raw configuration; a change that names another part replaces the section, any other is added to it."""
    raw: dict[str, Any] = {**TINY, **base, "data": {"train": str(pairs), "holdout": 0.05}}
    for name, change in changes.items():
        raw[name] = change if "name" in change else {**raw.get(name, {}), **change}
    return raw


def tiny(pairs: Path, *, seed: int = 1, **changes: dict[str, Any]) -> Config:
    """The configuration of a run that takes a second."""
    return configs.check({**sections(pairs, **changes), "seed": seed})


def write_config(path: Path, pairs: Path, base: dict[str, Any] = TINY, **changes: dict[str, Any]) -> Path:
    """The same as a config file."""
    configs.check(sections(pairs, base, **changes)).save(path.parent)
    return (path.parent / configs.FILE).replace(path)


def regard(*arguments: object, stdin: str | bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run the real command in a process of its own."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    return warm(*ENVIRONMENT.items()).run([str(each) for each in arguments], given, cwd, timeout=600)


def command(*arguments: object) -> list[str]:
    """The command line of the real command, for those that are stopped, or must import by themselves."""
    return [sys.executable, "-W", "error::UserWarning", "-c", MAIN, *map(str, arguments)]


HALF = 44  # steps after which a tenth of the outputs is right, in single and in half precision
MAIN = "import sys; from regard.cli import main; sys.exit(main())"


def learnt(task: str) -> Path:
    """The folder of a model that has learnt to "copy", to "reverse", or only "half" of it; read it only."""
    return training(task)[0]


@functools.cache
def training(task: str) -> tuple[Path, subprocess.CompletedProcess[bytes]]:
    """The same, and what the command that trained it said."""
    folder = Path(tempfile.mkdtemp(prefix="regard-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    sources = lines(PAIRS, 5)
    change, parts = (copied, COPY) if task == "copy" else (reversed_, REVERSE)
    pairs = write_pairs(folder / "pairs.tsv", sources, [change(line) for line in sources])
    shorter = {"train": {"steps": HALF, "validate": HALF // 2}} if task == "half" else {}
    config = write_config(folder / f"{task}.toml", pairs, {**LEARNT, **parts}, **shorter)
    done = regard("train", config, "--out", folder / task)
    assert done.returncode == 0, done.stderr.decode()
    return folder / task, done


def fresh_copy(task: str, folder: Path) -> Path:
    """A copy of a learnt model that a test may damage."""
    return Path(shutil.copytree(learnt(task), folder / task))


def held_out(model: Path) -> list[Example]:
    """The validation pairs of a run."""
    text = (model / "training" / "valid.jsonl").read_text(encoding="utf-8")
    return [Example.from_json(json.loads(line)) for line in text.splitlines()]


def content(path: Path) -> tuple[dict[str, Any], bytes]:
    """A weights file: its header, less the seconds that a run took, and its tensors' very bytes."""
    raw = path.read_bytes()
    end = 8 + int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:end])
    if "progress" in header.get("__metadata__", {}):
        header["__metadata__"]["progress"] = timeless(json.loads(header["__metadata__"]["progress"]))
    return header, raw[end:]


def timeless(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts that do not depend on how fast the machine was."""
    return {name: value for name, value in facts.items() if name != "seconds"}


def log(model: Path) -> list[dict[str, Any]]:
    """The log of a run without its timings."""
    text = (model / "training" / "log.jsonl").read_text(encoding="utf-8")
    return [timeless(json.loads(line)) for line in text.splitlines()]


def weights(model: Path) -> dict[str, Any]:
    """The best weights of a run, by name."""
    return dict(safetensors.numpy.load_file(str(model / "model.safetensors")))


def progress(model: Path) -> dict[str, Any]:
    """The numbers of a run as they were last saved."""
    with safetensors.safe_open(str(model / "training" / "last.safetensors"), "np") as file:
        return dict(json.loads(file.metadata()["progress"]))


def same_runs(one: Path, other: Path) -> Iterator[bool]:
    """Whether two runs ended alike to the last bit: best weights, all state, log."""
    yield content(one / "model.safetensors") == content(other / "model.safetensors")
    yield content(one / "training" / "last.safetensors") == content(other / "training" / "last.safetensors")
    yield log(one) == log(other)
