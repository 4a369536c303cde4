"""A run as one page: the film of its attention, its learning curves, and what it says of validation examples."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from regard.card import FILE as CARD
from regard.card import Card
from regard.data.lines import read_lines
from regard.errors import UsageError
from regard.loading import load
from regard.training.begin import FOLDER
from regard.training.prepare import VALID
from regard.training.watch import LOG, read_log
from regard.types import Example
from regard.view.chart import Curve
from regard.view.film import film
from regard.view.page import page


def watched(out: Path, most: int) -> str:
    """The whole page as HTML, with the outputs of at most so many examples. UsageError where nothing was kept."""
    folder = out / FOLDER
    if not (folder / LOG).exists():
        raise UsageError(f"{out} holds no {FOLDER}/{LOG}: name the folder of a run that was trained here.")
    log, model, examples = read_log(folder), load(out), _examples(folder / VALID)[:most]
    outputs = list(model.stream([example.source for example in examples]))
    return page(
        outputs,
        title=f"How {out.resolve().name} learnt to look",
        facts=_facts(out, log),
        curves=_curves(log),
        references=[example.target for example in examples],
        film=film(folder),
    )


def _examples(path: Path) -> list[Example]:
    return [Example.from_json(json.loads(line)) for line, _ in read_lines(path)]


def _facts(out: Path, log: Sequence[dict[str, Any]]) -> dict[str, str]:
    valid = [facts for facts in log if facts["kind"] == "valid"]
    last = {} if not valid else {name: f"{value:.2f}" for name, value in _scores(valid[-1])}
    if not (out / CARD).exists():
        return last
    card = Card.load(out)
    parts = ", ".join(dict.fromkeys(card.parts.values()))
    return {**last, "Parameters": f"{card.parameters:,}", "Made of": parts}


def _curves(log: Sequence[dict[str, Any]]) -> list[Curve]:
    """The loss of training and validation together, and each score of validation alone."""
    train, valid = ([facts for facts in log if facts["kind"] == kind] for kind in ("train", "valid"))
    names = dict.fromkeys(name for facts in valid for name, _ in _scores(facts))
    loss = {"train": _points(train, "loss"), "valid": _points(valid, "loss")}
    return [Curve("Loss", loss), *(Curve(f"Validation {name}", {"valid": _points(valid, name)}) for name in names)]


def _scores(facts: dict[str, Any]) -> list[tuple[str, float]]:
    told = ("kind", "step", "loss")
    return [(name, value) for name, value in facts.items() if name not in told and value is not None]


def _points(log: Sequence[dict[str, Any]], name: str) -> list[tuple[float, float]]:
    return [(facts["step"], facts[name]) for facts in log if facts.get(name) is not None]
