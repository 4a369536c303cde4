"""A model as it is served: its name, its languages, and the queue before it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from regard.errors import UsageError, unknown
from regard.predictor import Predictor
from regard.serve.asked import SEARCH
from regard.serve.batches import Batches
from regard.serve.languages import Pair
from regard.serve.limits import Refused


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """One model; `languages` are the codes of its source and target, where it translates and they are known.

    `folder` is where it lies, for what is shown of it beyond its outputs.
    """

    name: str
    model: Predictor
    batches: Batches
    folder: Path
    languages: Pair | None = None

    def facts(self) -> dict[str, Any]:
        """What programs may know of it."""
        config = self.model.config
        decode = asdict(config.decode)
        pictured = self.model.task.reads == "pictures"
        return {
            "name": self.name,
            "task": config.task,
            "reads": self.model.task.reads,
            "languages": list(self.languages) if self.languages else None,
            "attention": config.attention["name"],
            **({"draws": {"worded": bool(config.data.source)}} if config.draws else {}),
            **({"picture": {"side": config.picture.side, "colours": config.picture.colours}} if pictured else {}),
            "options": {name: decode[name] for name in SEARCH},
        }


def named(folders: Sequence[str]) -> dict[str, Path]:
    """The folder of each model by its name: NAME=FOLDER, or the folder's own. UsageError for one that comes twice."""
    found: dict[str, Path] = {}
    for given in folders:
        name, equals, folder = given.partition("=")
        path = Path(folder if equals and not Path(given).is_dir() else given)
        name = name if equals and not Path(given).is_dir() else path.resolve().name
        if name in found:
            raise UsageError(f"{found[name]} and {path} are both called {name!r}: give one a name, as in NAME={path}.")
        if not name or "/" in name:
            raise UsageError(f"a model cannot be called {name!r}: its name is part of an address.")
        found[name] = path
    return found


def called(models: Mapping[str, Served], name: str) -> Served:
    """The model of this name. Refused with the nearest right one if there is none."""
    if name not in models:
        raise Refused(404, unknown("there is no model", name, models))
    return models[name]
