"""A trained model that a run begins with: its vocabularies, its weights, and what is remembered of it."""

from pathlib import Path
from typing import Any

from regard import config as configs
from regard.config import Config
from regard.errors import ConfigError, ModelError, NoSuchModel
from regard.files import digest
from regard.model import WEIGHTS, EncoderDecoder

FREE = ("temperature",)  # options of a codec that change nothing of its vocabulary


def told(config: Config) -> dict[str, Any]:
    """What a run is to remember of the model that it begins with: its folder, and a digest of its weights.

    NoSuchModel or ModelError if there is no such model, ConfigError if its ids would mean something else.
    """
    folder = Path(config.train.start)
    if not folder.is_dir():
        raise NoSuchModel(f"There is no model folder {folder}, which train.start names.")
    if not (folder / configs.FILE).exists() or not (folder / WEIGHTS).exists():
        raise ModelError(
            f"train.start is {folder}, which holds no trained model: it wants {configs.FILE} and {WEIGHTS}."
        )
    before = configs.read(folder / configs.FILE)
    given, known = ({k: v for k, v in c.codec.items() if k not in FREE} for c in (config, before))
    for name, mine, theirs in (
        ("codec", given, known),
        ("embedding.shared", config.embedding.shared, before.embedding.shared),
    ):
        if mine != theirs:
            raise ConfigError(
                f"{name} is {mine}, and {theirs} in {folder}, the model that train.start names: its vocabularies are "
                f"taken over, so leave {name} unsaid."
            )
    return {"folder": str(folder), "weights": digest([folder / WEIGHTS])}


def begin_with(model: EncoderDecoder, start: dict[str, Any] | None) -> None:
    """Give a model its first weights: those of the one that was told, or else what its encoder brings along.

    ModelError if they are not the same any more, or do not fit.
    """
    if not start:
        model.encoder.begin()
        return
    folder = Path(start["folder"])
    if not (folder / WEIGHTS).exists() or digest([folder / WEIGHTS]) != start["weights"]:
        raise ModelError(f"{folder}, with whose weights this run is to begin, has changed or is gone: begin anew.")
    model.load(folder)
