"""Align the words of given pairs: one line of links for each pair, read from attention.

For example:
  regard align a.en a.fr --model runs/en-fr --output a.align
  regard align a.en a.fr --model runs/en-fr --reverse runs/fr-en
  regard align a.en a.fr --model runs/en-fr --reverse runs/fr-en --gold a.gold

A line reads "0-0 1-2": source word - target word, counted from 0 in the text
split at spaces. Nothing is translated: the model goes along the given target,
and each of its words is linked to the source word that was looked at most.
With a model of the other direction the links of both are made one.

With --gold nothing but a table of error rates is written: of each model and
each way of symmetrising, at the steps that emit a word and at those that read
it as input. Gold files are in NAACL or Pharaoh format.
"""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regard.predictor import Predictor


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("source", metavar="SOURCE", help="a text file, one sentence a line")
    parser.add_argument("target", metavar="TARGET", help="its translation, line by line")
    parser.add_argument("--model", required=True, metavar="MODEL", help="a model folder, from source to target")
    parser.add_argument("--reverse", metavar="MODEL", help="a model folder, from target to source")
    parser.add_argument(
        "--symmetrise",
        default="grow-diag",
        metavar="HOW",
        help="intersect, union, grow-diag (default), grow-diag-final or grow-diag-final-and",
    )
    parser.add_argument(
        "--weights",
        choices=("product", "own"),
        default="product",
        help="what each direction links by: the product of both attentions (default), or its own",
    )
    parser.add_argument(
        "--look",
        choices=("emit", "read"),
        default="emit",
        help="the steps that emit a word (default), or those that read it",
    )
    parser.add_argument("--gold", metavar="FILE", help="compare with these alignments")
    parser.add_argument("--output", metavar="FILE|-", default="-", help="where links go, - for standard output")


def run(args: argparse.Namespace) -> None:
    """Align every pair."""
    from regard.alignment import Reading, align
    from regard.alignment.symmetrise import SYMMETRIES
    from regard.data.lines import existing
    from regard.data.links import write
    from regard.data.read import check_aligned
    from regard.errors import UsageError, unknown
    from regard.files import opened
    from regard.loading import load

    if args.symmetrise not in SYMMETRIES:
        raise UsageError(unknown("There is no symmetrisation", args.symmetrise, SYMMETRIES))
    check_aligned(existing(args.source), existing(args.target))
    model = load(args.model)
    reverse = load(args.reverse) if args.reverse else None
    if args.gold:
        _compare(args, model, reverse)
        return
    reading = Reading(look=args.look, weights=args.weights, symmetrise=args.symmetrise)
    with opened(args.output) as file:
        for links in align(model, _lines(args.source), _lines(args.target), reverse=reverse, reading=reading):
            file.write(write(links) + "\n")


def _compare(args: argparse.Namespace, model: "Predictor", reverse: "Predictor | None") -> None:
    from regard.alignment import read_gold, table
    from regard.alignment.attention import force

    pairs = list(zip(_lines(args.source), _lines(args.target), strict=True))
    gold = read_gold(args.gold, pairs)  # what is wrong with it should be told before the work
    forced = list(force(model, _lines(args.source), _lines(args.target), reverse))
    for line in table.lines(forced, gold):
        print(line)


def _lines(path: str) -> Iterator[str]:
    from regard.data.lines import read_lines

    return (text for text, _ in read_lines(path))
