"""Label: a picture to the objects in it, as a sequence without repeats whose order does not count."""

from collections.abc import Mapping
from typing import Any

from regard.tasks.caption import Caption
from regard.types import EOS


class Label(Caption):
    """Labels are separated by commas. To learn there is one order, the more frequent first; no label is said twice."""

    metrics: Mapping[str, Mapping[str, Any]] = {
        measure: {"name": "labels", "measure": measure} for measure in ("f1", "precision", "recall")
    }
    labels = True
    defaults: Mapping[str, Mapping[str, Any]] = {
        **Caption.defaults,
        "data": {"source": "image", "target": ""},
        "codec": {"name": "labels"},
        "decode": {"ratio": 0.0, "extra": 40, "no_repeat": 1},
    }

    def target(self, text: str, source: str = "") -> list[int]:
        """The ids of labels, each once; in a vocabulary of labels the frequent ones have low ids."""
        return [*sorted(set(self.codec.ids(self.codec.split(text)))), EOS]

    def tokens(self, source: str, target: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The regions, and the labels in the order that is learnt."""
        return self.regions, tuple(self.spelled(self.target(target)))
