"""Whether a run may begin in a folder, or go on there: nothing that was trained is lost by mistake."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from regard import config as configs
from regard.config import Config
from regard.data.store import INFO, Store
from regard.errors import ConfigError, UsageError
from regard.model import WEIGHTS
from regard.training.run import FILE

FOLDER = "training"  # in the model folder: what only a resumed run needs; it may be deleted
MAY_CHANGE = ("train", "decode", "compare")  # sections that a resumed run may change; the others made its weights
MADE = ("train.start",)  # so did this


def begin(config: Config, out: Path, *, resume: bool) -> Path:
    """Make the folder of a run ready and return what is in it for resuming.

    UsageError if there is a run that is not to be resumed, or one that cannot
    be, or no folder; ConfigError if it was begun with another configuration.
    """
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file: --out names the folder of the run.")
    if config.train.start and out.resolve() == Path(config.train.start).resolve():
        raise UsageError(f"{out} is what train.start names, and stays as it is: --out names another folder.")
    folder = out / FOLDER
    trained = (out / WEIGHTS).exists()
    if resume and (out / configs.FILE).exists():
        if trained and not Store.exists(folder):
            raise UsageError(f"{out} cannot be resumed: its folder {FOLDER} is gone. Begin anew with another --out.")
        _must_agree(configs.read(out / configs.FILE), config, out)
    elif trained or (folder / FILE).exists():
        raise UsageError(f"{out} already holds a run: --resume goes on with it, --out names another folder.")
    else:
        (folder / INFO).unlink(missing_ok=True)  # what was prepared for a run that never came to train
    folder.mkdir(parents=True, exist_ok=True)
    config.save(out)
    return folder


def _must_agree(old: Config, new: Config, out: Path) -> None:
    before, after = dict(_options(asdict(old))), dict(_options(asdict(new)))
    for name in sorted(before.keys() | after.keys()):
        may_change = name.partition(".")[0] in MAY_CHANGE and name not in MADE
        if before.get(name) != after.get(name) and not may_change:
            raise ConfigError(
                f"{out} was begun with {name} = {before.get(name)!r}, not {after.get(name)!r}: to resume, leave it "
                "as it was; to change it, begin anew with another --out."
            )


def _options(tables: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every option under its full name, such as `train.rate`."""
    for section, value in tables.items():
        if isinstance(value, dict):
            yield from ((f"{section}.{option}", chosen) for option, chosen in value.items())
        else:
            yield section, value
