"""What the user named, a config, data or a run to resume, as a config and a folder."""

from collections.abc import Sequence
from pathlib import Path

from regard import config as configs
from regard.config import Config
from regard.data.answered import holds_questions
from regard.data.captioned import holds
from regard.data.formats import READERS
from regard.errors import ModelError, UsageError


def choose(
    given: Path, out: Path | None, overrides: Sequence[str], resume: bool, target: Path | None = None
) -> tuple[Config, Path]:
    """The config and the model folder of a run; raises UsageError for what cannot be trained on.

    With `target`, both are aligned text files.
    """
    if given.is_dir() and target is None and (resume or not holds(given)):
        if not resume:
            raise UsageError(f"{given} is a folder: --resume goes on with the run in it; a new run wants a file.")
        if not (given / configs.FILE).exists():
            raise ModelError(f"{given} holds no run to resume: there is no {configs.FILE} in it.")
        if out and out.resolve() != given.resolve():
            raise UsageError(f"{given} is resumed where it is: leave out --out {out}.")
        return configs.read(given / configs.FILE, overrides), given
    name = given.name.removesuffix(".gz").rsplit(".", 1)[0]
    return _config(given, target, overrides), out or Path("runs") / name


def _config(given: Path, target: Path | None, overrides: Sequence[str]) -> Config:
    if given.suffix == ".toml":
        if target:
            raise UsageError(f"got the config {given} and also {target}: a config names its data itself, [data] train.")
        return configs.read(given, overrides)
    held = "" if target else "questions" if holds_questions(given) else holds(given)
    if not (target or held) and Path(given.name.lower().removesuffix(".gz")).suffix not in READERS:
        known = ", ".join([".toml", *READERS])
        raise UsageError(
            f"{given} is neither a config nor a file of pairs: its name should end in one of {known}. "
            "Two aligned text files are given as SOURCE TARGET."
        )
    train = [str(given), str(target)] if target else str(given)
    task = {"captions": "caption", "labels": "label", "questions": "answer", "": "translate"}[held]
    raw = configs.override({"task": task, "data": {"train": train}}, overrides)
    return configs.check(configs.anchor(raw, Path.cwd()), str(given))
