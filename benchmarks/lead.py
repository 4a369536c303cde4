"""The baseline of summaries: the first words of each document, or its first sentences, scored as a model's outputs are.

    python benchmarks/lead.py TRAIN VALID --target title           # as many words as titles have, on average
    python benchmarks/lead.py TRAIN VALID --sentences              # whole sentences, as much of a document as summaries

How many words, or how large a share of a document's words, is the mean over the rows of TRAIN.
"""

import argparse
import statistics
from collections.abc import Callable, Iterator

from regard.build import build
from regard.sections import Data
from regard.sentences.periods import sentences
from regard.tasks.summarise import Summarise
from regard.types import Example


def read(path: str, target: str) -> list[Example]:
    """The documents of a file, with their summaries."""
    return list(Summarise.examples(path, Data(train=path, target=target)))


def first_words(count: float) -> Callable[[str], str]:
    """So many words of a document."""
    return lambda document: " ".join(document.split()[: round(count)])


def first_sentences(share: float) -> Callable[[str], str]:
    """The first sentences of a document that have at least this share of its words."""

    def lead(document: str) -> str:
        words = document.split()
        ends = (end for _, end in sentences(words))
        return " ".join(words[: next(end for end in ends if end >= share * len(words))])

    return lead


def lines(lead: Callable[[str], str], valid: list[Example]) -> Iterator[str]:
    """A score a line."""
    outputs = [lead(example.source) for example in valid]
    for name, section in Summarise.metrics.items():
        metric = build("metrics", section)
        yield f"{name:<12}{metric(outputs, [metric.beside(example) for example in valid]).value:7.2f}"


def main() -> None:
    """Measure the training rows, score the others."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train")
    parser.add_argument("valid")
    parser.add_argument("--target", default="target", help="the field of the summary")
    parser.add_argument("--sentences", action="store_true", help="whole sentences, by the share of the words")
    chosen = parser.parse_args()
    train, valid = (read(path, chosen.target) for path in (chosen.train, chosen.valid))
    sizes = [(len(example.target.split()), len(example.source.split())) for example in train]
    if chosen.sentences:
        share = statistics.fmean(summary / document for summary, document in sizes)
        lead, told = first_sentences(share), f"first sentences, {100 * share:.1f} % of the words"
    else:
        count = statistics.fmean(summary for summary, _ in sizes)
        lead, told = first_words(count), f"first {round(count)} words"
    print(f"{told}, {len(valid):,} documents", *lines(lead, valid), sep="\n")


if __name__ == "__main__":
    main()
