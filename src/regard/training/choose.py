"""What the user named, a config, a file of pairs or a run to resume, as a config and a folder."""

from collections.abc import Sequence
from pathlib import Path

from regard import config as configs
from regard.config import Config
from regard.data.formats import READERS
from regard.errors import ModelError, UsageError


def choose(given: Path, out: Path | None, overrides: Sequence[str], resume: bool) -> tuple[Config, Path]:
    """The config and the model folder of a run; raises UsageError for what cannot be trained on."""
    if given.is_dir():
        if not resume:
            raise UsageError(f"{given} is a folder: --resume goes on with the run in it; a new run wants a file.")
        if not (given / configs.FILE).exists():
            raise ModelError(f"{given} holds no run to resume: there is no {configs.FILE} in it.")
        if out and out.resolve() != given.resolve():
            raise UsageError(f"{given} is resumed where it is: leave out --out {out}.")
        return configs.read(given / configs.FILE, overrides), given
    name = given.name.removesuffix(".gz").rsplit(".", 1)[0]
    return _config(given, overrides), out or Path("runs") / name


def _config(given: Path, overrides: Sequence[str]) -> Config:
    if given.suffix == ".toml":
        return configs.read(given, overrides)
    if Path(given.name.lower().removesuffix(".gz")).suffix not in READERS:
        known = ", ".join([".toml", *READERS])
        raise UsageError(f"{given} is neither a config nor a file of pairs: its name should end in one of {known}.")
    raw = configs.override({"data": {"train": str(given)}}, overrides)
    return configs.check(configs.anchor(raw, Path.cwd()), str(given))
