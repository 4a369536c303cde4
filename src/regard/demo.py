"""The demonstration: learn a phrasebook before one's eyes, translate what was never seen, show the attention."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from regard import config
from regard.card import FILE as CARD
from regard.card import Card
from regard.config import Config
from regard.data.phrasebook import Split, split
from regard.errors import UsageError
from regard.evaluation import Report, evaluate
from regard.files import write_text
from regard.loading import load
from regard.predictor import Predictor
from regard.training.begin import FOLDER
from regard.training.session import train
from regard.training.watch import read_log
from regard.types import Example
from regard.view.chart import Curve
from regard.view.page import Table, page
from regard.view.record import Output
from regard.view.words import alignment

SHOWN = 3  # heat maps in the terminal
PAGES = 40  # sentences on the page
MISTAKES = 20  # and at most so many that are wrong: what went amiss teaches more
SETTINGS = {
    "codec": {"name": "words"},
    "embedding": {"size": 128, "dropout": 0.0},
    "encoder": {"name": "recurrent", "size": 96, "dropout": 0.0},
    "attention": {"name": "additive", "size": 96},
    "decoder": {"name": "attend_then_step", "size": 192, "dropout": 0.0},
    "objective": {"name": "cross_entropy", "smoothing": 0.0},
    "train": {"steps": 640, "batch": 1100, "rate": 0.005, "ema": 0.99, "validate": 320},
    "decode": {"beam": 3},
}


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demonstration came to: the trained model, its report on unseen phrases, and their kinds."""

    model: Predictor
    report: Report
    phrases: Split
    card: Card

    def examples(self, most: int) -> list[tuple[Example, Output]]:
        """Phrases worth looking at: of each kind in turn those whose words change places most."""
        pairs = sorted(zip(self.phrases.test, self.report.outputs, strict=True), key=lambda pair: -_interest(*pair))
        turns: dict[str, int] = {}
        ranked = []
        for pair in pairs:
            kind = self.phrases.kind_of(pair[0])
            turns[kind] = turns.get(kind, 0) + 1
            ranked.append((turns[kind], pair))
        return [pair for _, pair in sorted(ranked, key=lambda item: item[0])][:most]

    def mistakes(self) -> list[tuple[Example, Output]]:
        """Phrases that did not come out as they should."""
        pairs = zip(self.phrases.test, self.report.outputs, strict=True)
        return [pair for pair in pairs if not _right(*pair)]

    def by_kind(self) -> list[tuple[str, int, float]]:
        """Kind of phrase, how many were unseen, and the percentage that is exactly right; worst first."""
        right: dict[str, list[bool]] = {}
        for example, output in zip(self.phrases.test, self.report.outputs, strict=True):
            right.setdefault(self.phrases.kind_of(example), []).append(_right(example, output))
        rows = [(kind, len(marks), 100 * sum(marks) / len(marks)) for kind, marks in right.items()]
        return sorted(rows, key=lambda row: (row[2], row[0]))


def demonstrate(source: str, target: str, out: Path, console: Console, overrides: Sequence[str] = ()) -> Demo:
    """Make the phrasebook, train on it (or go on, or take what is trained), and evaluate on what was held out."""
    phrases = split(source, target)
    settings = _configured(phrases, out / "data", overrides)
    folder = out / "model"
    begun = (folder / config.FILE).exists()
    if begun and config.read(folder / config.FILE) != settings:
        raise UsageError(f"{folder} was trained with other settings: remove it, or give --out another folder.")
    if (folder / CARD).exists():
        console.print(f"Taking the model that was trained before, {folder}.", highlight=False)
    else:
        console.print(f"Learning {source} -> {target} from {len(phrases.train):,} phrases.", highlight=False)
        train(settings, folder, resume=begun, console=console)
    model = load(folder)
    return Demo(model, evaluate(model, phrases.test), phrases, Card.load(folder))


def report(demo: Demo, title: str, training: Path) -> str:
    """Draw the page: facts, learning curves, scores by kind, and sentences to touch."""
    log, card = read_log(training / FOLDER), demo.card
    valid = [facts for facts in log if facts["kind"] == "valid"]
    chosen = [pair for pair in demo.examples(PAGES) if _right(*pair)] + demo.mistakes()[:MISTAKES]
    scores = demo.report.scores
    return page(
        [output for _, output in chosen],
        title=title,
        facts={
            "Exact match": f"{scores['exact'].value:.1f} %",
            "BLEU": f"{scores['bleu'].value:.1f}",
            "Unseen phrases": f"{demo.report.examples:,}",
            "Learnt from": f"{card.data['pairs']:,} phrases",
            "Parameters": f"{card.parameters:,}",
            "Training": f"{card.training['minutes']} minutes",
        },
        curves=[
            Curve("Loss", {"train": _points(log, "train", "loss"), "valid": [(f["step"], f["loss"]) for f in valid]}),
            Curve("Validation BLEU", {"valid": [(f["step"], f["bleu"]) for f in valid]}),
        ],
        tables=[
            Table(
                "Exact match by kind of phrase",
                ("kind", "unseen phrases", "exactly right"),
                [(kind, count, f"{share:.0f} %") for kind, count, share in demo.by_kind()],
                note="Every word of an unseen phrase occurs in training; the combination does not.",
            )
        ],
        references=[example.target for example, _ in chosen],
    )


def _configured(phrases: Split, folder: Path, overrides: Sequence[str]) -> Config:
    folder.mkdir(parents=True, exist_ok=True)
    for name, examples in (("train", phrases.train), ("valid", phrases.valid), ("test", phrases.test)):
        write_text(folder / f"{name}.tsv", "".join(f"{e.source}\t{e.target}\n" for e in examples))
    data = {name: str((folder / f"{name}.tsv").resolve()) for name in ("train", "valid")}
    return config.check(config.override({"data": data, **SETTINGS}, overrides), "demo")


def _interest(example: Example, output: Output) -> float:
    """Crossing links in a phrase of readable length; nothing that is wrong."""
    links = alignment(output)
    crossings = sum(a[0] < b[0] and a[1] > b[1] for a in links for b in links)
    readable = 3 <= len(links) <= 9
    return crossings + 0.1 * len(links) if readable and _right(example, output) else -1.0


def _right(example: Example, output: Output) -> bool:
    return output.text == example.target


def _points(log: Sequence[dict[str, Any]], kind: str, name: str) -> list[tuple[float, float]]:
    return [(facts["step"], facts[name]) for facts in log if facts["kind"] == kind]
