"""From a model folder to a `Predictor`: its exported graphs or its weights, alone or with others."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from regard import config as configs
from regard.build import find
from regard.config import Config
from regard.decode.backend import GRAPHS, Backend
from regard.decode.shortlist import Shortlist
from regard.errors import ModelError, NoSuchModel, UsageError
from regard.predictor import Predictor
from regard.processor import cores
from regard.tasks import Task

Place = str | Path


def load(
    folder: Place,
    *others: Place,
    settings: Sequence[str] = (),
    device: str = "cpu",
    exported: bool = True,
    threads: int = 0,
) -> Predictor:
    """Load a model folder: its exported graphs where it has them, unless these are not wanted, or its weights.

    With `others`, models of the same vocabularies, the mean of all probabilities
    is searched. `settings`, such as "decode.beam=10", change how. Exported graphs
    use so many `threads`, all cores if 0; PyTorch has a setting of its own.
    ModelError says what is missing in a folder.
    """
    for setting in settings:
        if not setting.startswith(("decode.", "data.")):
            raise UsageError(
                f"{setting}: of a trained model only options of decode and data can be set, as in decode.beam=5."
            )
    config, task, backend = _one(Path(folder), settings, device, exported, threads or cores())
    if others:
        if config.decode.shortlist:
            raise UsageError("decode.shortlist is of one model: set it to false for several as one.")
        from regard.decode.ensemble import Ensemble

        found = [_one(_alike(Path(folder), Path(other)), (), device, exported, threads or cores()) for other in others]
        for other, (its, _, _) in zip(others, found, strict=True):
            if its.copies != config.copies:
                raise ModelError(f"{other} and {folder}: one copies words of its source and the other does not.")
        seen = config.picture.side, config.picture.grid
        for other, (its, _, _) in zip(others, found, strict=True):
            if task.reads == "pictures" and (its.picture.side, its.picture.grid) != seen:
                raise ModelError(f"{other} sees pictures otherwise than {folder}: an ensemble has one side and grid.")
        backend = Ensemble([backend, *(own for _, _, own in found)], task.sizes[1])
    if config.decode.shortlist and config.copies:
        raise UsageError(f"{folder} also copies, and decode.shortlist limits what is generated: set it to false.")
    shortlist = _shortlist(Path(folder), task, backend) if config.decode.shortlist else None
    return Predictor(config, task, backend, shortlist)


def task_of(folder: Place) -> Task:
    """The task of a model folder without the model: no vocabulary is read, and nothing heavy is imported.

    ModelError says what is missing in the folder.
    """
    config = configs.read(_file(Path(folder)), exported=True)
    task: Task = find("tasks", config.task)(config)
    return task


def _file(folder: Path) -> Path:
    """The config of a model folder."""
    if not folder.is_dir():
        raise NoSuchModel(f"There is no model folder {folder}.")
    if not (folder / configs.FILE).exists():
        raise ModelError(f"{folder} is not a model folder: it holds no {configs.FILE}.")
    return folder / configs.FILE


def _one(
    folder: Path, settings: Sequence[str], device: str, exported: bool, threads: int
) -> tuple[Config, Task, Backend[Any]]:
    file = _file(folder)
    exported = exported and device == "cpu" and all((folder / name).exists() for name in GRAPHS)
    config = configs.read(file, settings, exported=exported)
    task: Task = find("tasks", config.task)(config)
    task.load(folder)
    if exported:
        from regard.decode.exported import Exported

        return config, task, Exported.load(folder, threads)
    from regard.decode.pytorch import PyTorch
    from regard.model import EncoderDecoder

    return config, task, PyTorch(EncoderDecoder(*task.sizes, config).load(folder).to(device).eval())


def _shortlist(folder: Path, task: Task, backend: Backend[Any]) -> Shortlist:
    from regard.decode.exported import WEIGHTS, Exported, digest

    weights = backend.facts["weights"] if isinstance(backend, Exported) else digest(folder / WEIGHTS)
    return Shortlist.load(folder, weights, task.sizes)


def _alike(one: Path, other: Path) -> Path:
    """The other folder; ModelError unless both have the same vocabularies."""
    mine, theirs = (
        {path.relative_to(folder): path.read_bytes() for path in folder.glob("*codec/*") if path.is_file()}
        for folder in (one, other)
    )
    if other.is_dir() and mine != theirs:
        raise ModelError(f"{other} has other vocabularies than {one}: an ensemble is of models that share theirs.")
    return other
