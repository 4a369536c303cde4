"""The model card: what a model is, what it was made of, how good it is; as JSON for programs, Markdown for people."""

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import safetensors

from regard.build import find
from regard.errors import ModelError
from regard.files import write_text

FILE, README = "card.json", "README.md"


@dataclass(frozen=True, slots=True)
class Card:
    """Facts of a finished training; `scores` maps each metric to its value and signature; `export` may be empty.

    `given` is a source as it is typed; where a card has none, it is the task's.
    """

    name: str
    task: str
    version: str
    created: str
    parts: dict[str, str]
    vocabulary: tuple[int, int]
    parameters: int
    data: dict[str, Any]
    training: dict[str, Any]
    validation: dict[str, Any]
    scores: dict[str, tuple[float, str]]
    export: dict[str, Any] = field(default_factory=dict)
    given: str = ""

    def save(self, folder: Path) -> None:
        """Write both forms into the model folder."""
        write_text(folder / FILE, json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n")
        write_text(folder / README, self.to_markdown())

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the card of a model folder. ModelError if training has not come to its end."""
        try:
            return cls(**json.loads((folder / FILE).read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise ModelError(f"{folder} holds no {FILE}: {_state(folder)}") from None
        except ValueError as error:
            raise ModelError(f"{folder / FILE} is damaged: {error}") from None
        except TypeError:
            known = ", ".join(cls.__slots__)
            raise ModelError(f"{folder / FILE} is not a card of this version: it should hold {known}.") from None

    def to_markdown(self) -> str:
        """As the README of the model folder."""
        given = self.given or find("tasks", self.task).given
        return "\n".join(
            [
                f"# {self.name}",
                "",
                f"A model for the task `{self.task}`, written by regard {self.version} on {self.created}.",
                "",
                f"    regard run {self.name} {given} --show",
                "",
                f"## Scores on {self.validation['pairs']:,} validation pairs, beam {self.validation['beam']}",
                "",
                "| metric | value | signature |",
                "|---|---|---|",
                *self._scores(),
                "",
                *(f"- {key.capitalize()}: {_say(value)}" for key, value in self.validation.items() if key != "pairs"),
                "",
                "## Model",
                "",
                *self._facts(),
                "",
                "## Data",
                "",
                *(f"- {key.capitalize()}: {_say(value)}" for key, value in self.data.items()),
                "",
                "## Training",
                "",
                *(f"- {key.capitalize()}: {_say(value)}" for key, value in self.training.items()),
                "",
                *(["## Export", ""] if self.export else []),
                *(f"- {key[0].upper()}{key[1:]}: {_say(value)}" for key, value in self.export.items()),
                *([""] if self.export else []),
                "All that determines the run is in `config.toml`; `regard train config.toml` makes it again.",
                "",
            ]
        )

    def _scores(self) -> list[str]:
        bar = "\\|"  # a bare bar would end the table's cell
        return [f"| {n} | {value:.2f} | `{sign.replace('|', bar)}` |" for n, (value, sign) in self.scores.items()]

    def _facts(self) -> list[str]:
        source, target = self.vocabulary
        return [
            *(f"- {part.capitalize()}: {name}" for part, name in self.parts.items()),
            f"- Vocabulary: {f'{source:,} source and ' if source else ''}{target:,} target tokens",
            f"- Parameters: {self.parameters:,}",
        ]


def parameters(weights: Path) -> int:
    """How many numbers a weights file holds, read from its header alone."""
    with safetensors.safe_open(str(weights), "np") as file:
        return sum(math.prod(file.get_slice(name).get_shape()) for name in file.keys())  # noqa: SIM118  not a dict


def _state(folder: Path) -> str:
    path = folder / "training" / "last.safetensors"
    if not path.exists():
        return "it is not a model folder, or its training has not begun."
    try:
        with safetensors.safe_open(str(path), "np") as file:
            progress = json.loads(file.metadata()["progress"])
    except (OSError, KeyError, ValueError, safetensors.SafetensorError) as error:
        return f"its training is not finished, and {path} is damaged: {error}"
    return f"its training stands at step {progress['step']:,}; `regard train {folder} --resume` goes on."


def _say(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
