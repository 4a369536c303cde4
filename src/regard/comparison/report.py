"""What a comparison leaves behind: `compare.json` for programs, `compare.html` for people, `by_length.svg` to show."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from regard.comparison.measure import Measures
from regard.comparison.summary import Row
from regard.comparison.tables import tables
from regard.files import write_text
from regard.types import Record
from regard.view.chart import Curve
from regard.view.figure import to_svg
from regard.view.nbest import NBest
from regard.view.page import page

DATA, PAGE, FIGURE = "compare.json", "compare.html", "by_length.svg"


def write(out: Path, data: Mapping[str, Any], html: str, curve: Curve | None) -> None:
    """All files, each of them whole; the figure where there are several lengths."""
    write_text(out / DATA, json.dumps(data, ensure_ascii=False, indent=1) + "\n")
    write_text(out / PAGE, html)
    if curve:
        write_text(out / FIGURE, to_svg(curve))


def by_length(rows: Sequence[Row], metric: str) -> Curve | None:
    """Scores by source length; None if all sources are of one class."""
    if len(rows[0].classes) < 2:
        return None
    lines = {row.name: [(float(part.words), part.score) for part in row.classes] for row in rows}
    return Curve(f"{metric} by source length", lines, x="words of the source, up to")


def draw(rows: Sequence[Row], results: Mapping[str, Sequence[Measures]], facts: Mapping[str, Any]) -> str:
    """The page: tables, curves, and sentences as each variant looked at them."""
    metric = str(facts["label"])
    firsts = {name: measures[0] for name, measures in results.items()}
    losses = {name: [(step, loss) for step, loss, _ in found.curve] for name, found in firsts.items()}
    curves = [by_length(rows, metric), Curve("Validation loss", losses)]
    records = [_together(shown) for shown in zip(*(found.shown for found in firsts.values()), strict=True)]
    references = {source: reference for source, reference, *_ in next(iter(firsts.values())).lines}
    return page(
        records,
        title=f"Comparison: {facts['name']}",
        facts={
            "Variants": f"{len(rows)}",
            "Runs of each": f"{facts['seeds']}",
            "Test pairs": f"{facts['test_pairs']:,}",
            "Compared by": metric,
        },
        curves=[curve for curve in curves if curve],
        tables=tables(rows, metric),
        references=[references[record.source] for record in records],
        names=list(firsts),
    )


def _together(shown: Sequence[Mapping[str, Any]]) -> NBest:
    """One source, as every variant looked at it."""
    return NBest.best_of([_record(facts) for facts in shown])


def _record(facts: Mapping[str, Any]) -> Record:
    """What `Record.to_json` wrote."""
    tokens, source = tuple(facts["tokens"]), tuple(facts["source_tokens"])
    attention = np.array(facts["attention"], np.float32).reshape(len(tokens), len(source))
    scores = np.array(facts["token_scores"], np.float32)
    grid = (int(facts["grid"][0]), int(facts["grid"][1])) if "grid" in facts else None
    p_gen = np.array(facts["p_gen"], np.float32) if "p_gen" in facts else None
    return Record(facts["source"], facts["text"], source, tokens, scores, attention, grid, p_gen=p_gen)
