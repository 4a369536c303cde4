"""What the user named, a config, a file of pairs or a run to resume, as a config and a folder."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from regard import config as configs
from regard.config import Config
from regard.data.formats import READERS
from regard.errors import ConfigError, ModelError, UsageError

MAY_CHANGE = ("train", "decode")  # sections that a resumed run may change; the others made its weights


def choose(given: Path, out: Path | None, overrides: Sequence[str], resume: bool) -> tuple[Config, Path]:
    """The config and the model folder of a run; raises UsageError for what cannot be trained on."""
    if given.is_dir():
        if not resume:
            raise UsageError(f"{given} is a folder: --resume goes on with the run in it; a new run wants a file.")
        if not (given / configs.FILE).exists():
            raise ModelError(f"{given} holds no run to resume: there is no {configs.FILE} in it.")
        return configs.read(given / configs.FILE, overrides), given
    name = given.name.removesuffix(".gz").rsplit(".", 1)[0]
    out = out or Path("runs") / name
    config = _config(given, overrides)
    if resume and (out / configs.FILE).exists():
        _must_agree(configs.read(out / configs.FILE), config, out)
    return config, out


def _config(given: Path, overrides: Sequence[str]) -> Config:
    if given.suffix == ".toml":
        return configs.read(given, overrides)
    if Path(given.name.removesuffix(".gz")).suffix not in READERS:
        known = ", ".join([".toml", *READERS])
        raise UsageError(f"{given} is neither a config nor a file of pairs: its name should end in one of {known}.")
    raw = configs.override({"data": {"train": str(given)}}, overrides)
    return configs.check(configs.anchor(raw, Path.cwd()), str(given))


def _must_agree(old: Config, new: Config, out: Path) -> None:
    for section, value in asdict(new).items():
        before = asdict(old)[section]
        if value != before and section not in MAY_CHANGE:
            raise ConfigError(
                f"{out} was begun with {section} = {before}, not {value}: to resume, leave it as it was; "
                "to change it, begin anew with another --out."
            )
