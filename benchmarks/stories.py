"""What a model knows of each family of little stories, and where it looked: the error and the pointing, in per cent.

    python benchmarks/stories.py MODEL [--lines N] [--lengths A-B]

N unseen stories of each family (the test split), none of which any training split can hold. Pointing is the share of
answers whose most attended sentence is one that the answer follows from.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

from regard import load
from regard.cli import main as regard
from regard.data.stories import family_names
from regard.evaluation import evaluate

Row = tuple[str, float, float]


def measure(model: str, family: str, lines: int, lengths: str) -> Row:
    """Family, share of wrong answers, share of right places, in per cent."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{family}.jsonl"
        words = ["generate", "stories", "--split", "test", "--families", family, "--lines", str(lines)]
        assert regard([*words, "--lengths", lengths, "--out", str(file)]) == 0
        predictor = load(model)
        report = evaluate(predictor, list(predictor.task.examples([str(file)], predictor.config.data)))
    pointing = report.scores.get("pointing")
    return family, 100 - report.scores["exact"].value, pointing.value if pointing else float("nan")


def table(rows: list[Row]) -> str:
    """In Markdown, the mean below."""
    mean = ("mean", *(statistics.fmean(row[i] for row in rows) for i in (1, 2)))  # type: ignore[misc]
    lines = [f"| {name} | {error:.1f} | {place:.1f} |" for name, error, place in [*rows, mean]]
    return "\n".join(["| family | error | pointing |", "|---|---|---|", *lines])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", metavar="MODEL")
    parser.add_argument("--lines", type=int, default=500, help="stories of each family")
    parser.add_argument("--lengths", default="2-12", help="sentences of a story, at most")
    chosen = parser.parse_args()
    print(table([measure(chosen.model, name, chosen.lines, chosen.lengths) for name in family_names()]))


if __name__ == "__main__":
    main()
