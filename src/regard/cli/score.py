"""Score given pairs: how probable each target is under the model, one line for each pair.

For example:
  regard score runs/pairs --data test.tsv
  regard score runs/pairs --data test.en test.fr --json

A score is the log probability of the whole target in nats, its end sign
included: what `regard run --json` says of an output that it found itself. Line
n of the output belongs to line n of the data; a line without a usable pair
gives an empty one. With --json each pair has its line number instead.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regard.data.read import Examples
    from regard.predictor import Predictor
    from regard.types import Example
    from regard.view.record import Output


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("model", metavar="MODEL", help="a model folder")
    parser.add_argument("--data", nargs="+", required=True, metavar="FILE", help="PAIRS, or SOURCE and TARGET")
    parser.add_argument("--output", metavar="FILE|-", default="-", help="where scores go, - for standard output")
    parser.add_argument("--json", action="store_true", help="one JSON object a pair: score, tokens, token scores")


def run(args: argparse.Namespace) -> None:
    """Score and print."""
    from regard.data.lines import count_lines
    from regard.evaluation import exp_of_mean, unit
    from regard.files import opened
    from regard.loading import load

    model = load(args.model)
    corpus = model.task.examples(args.data, model.config.data)
    pairs, tokens, total, line = 0, 0, 0.0, 0
    with opened(args.output) as file:
        for example, output in _scored(model, corpus):
            if args.json:
                file.write(json.dumps(_plain(example, output), ensure_ascii=False) + "\n")
            else:
                file.write("\n" * (example.line - line - 1) + f"{output.score:.6f}\n")
            pairs, tokens, total, line = pairs + 1, tokens + len(output.tokens), total + output.score, example.line
        if not args.json:
            file.write("\n" * (count_lines(corpus.paths[0]) - line))
    for told in corpus.findings.summary()[1:]:
        sys.stderr.write(f"{told}\n")
    if model.config.draws:
        sys.stderr.write(f"{pairs:,} pictures, {total:,.3f} nats; {total / pairs:,.3f} per picture, at least\n")
        return
    sys.stderr.write(
        f"{pairs:,} pairs, {tokens:,} tokens, {total:,.3f} nats; perplexity {exp_of_mean(total, tokens):.3f}"
        f" per {unit(model)}, end sign included\n"
    )


def _scored(model: "Predictor", corpus: "Examples") -> "Iterator[tuple[Example, Output]]":
    """Every pair with its output as if the model had said it; some pairs are in memory at a time."""
    from regard.predictor import WINDOW

    rest = iter(corpus)
    while some := list(islice(rest, WINDOW)):
        forced = model.force([pair.source for pair in some], [pair.target for pair in some])
        yield from zip(some, forced, strict=True)


def _plain(example: "Example", output: "Output") -> dict[str, Any]:
    found = output.to_json()
    names = ("text", "source", "tokens", "score", "token_scores", "words")
    return {"line": example.line, **{name: found[name] for name in names}}
