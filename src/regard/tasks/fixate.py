"""Fixate: look at parts of a picture, one after the other, and say what is in it, from left to right."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from regard.config import Config
from regard.data.captioned import open_captioned
from regard.data.read import Examples
from regard.looks import Retina
from regard.sections import Data
from regard.tasks.caption import Caption, one_file
from regard.types import Hypothesis, Record


class Fixate(Caption):
    """A source is the name of a picture, its target a label, or several, separated by commas, in their order."""

    metrics: Mapping[str, Mapping[str, Any]] = {
        "exact": {"name": "exact"},
        **{measure: {"name": "labels", "measure": measure} for measure in ("f1", "precision", "recall")},
    }
    defaults: Mapping[str, Mapping[str, Any]] = {
        "data": {"source": "image", "target": ""},
        "picture": {"side": 28, "grid": 7, "colours": False},
        "codec": {"name": "labels"},
        "embedding": {"size": 64, "dropout": 0.0},
        "encoder": {"name": "pixels"},
        "attention": {"name": "retina"},
        "decoder": {"name": "glimpses", "labels": 1},
        "objective": {"name": "reinforce"},
        "train": {"batch": 1024},
        "decode": {"beam": 1, "ratio": 0.0, "extra": 40},
    }
    window = 1024

    def __init__(self, config: Config) -> None:
        """Prepare the codec, and know what a look takes in."""
        super().__init__(config)
        options = config.attention
        self.retina = Retina(config.picture.side, int(options.get("patch", 0)), int(options.get("scales", 1)))
        self.filmed = self.retina.patch > 0 and config.reading.hops == 1  # of other attention there are weights alone

    @classmethod
    def examples(cls, files: str | Path | Sequence[str | Path], data: Data, *, align: str = "") -> Examples:
        """The pictures of one file or folder, and their labels, in their order."""
        given = one_file(files, align)
        return open_captioned(given, image=data.source, texts=data.target, labels=True, repeats=True)

    def records(self, text: str, hypotheses: Sequence[Hypothesis]) -> list[Record]:
        """Labels, and the looks that were made for each."""
        found = super().records(text, hypotheses)
        return [
            replace(record, boxes=hypothesis.boxes, retina=self.retina)
            for record, hypothesis in zip(found, hypotheses, strict=False)
        ] or found
