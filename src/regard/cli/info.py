"""Describe a model folder, or the pairs of a data file.

For example:
  regard info runs/pairs
  regard info pairs.tsv
  regard info train.en train.fr
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "what", nargs="+", metavar="MODEL|DATA", help="a model folder, a file of pairs, or two text files"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> None:
    """Print what there is to know."""
    from rich.console import Console
    from rich.markdown import Markdown

    first = Path(args.what[0])
    if first.is_dir() and len(args.what) == 1:
        from regard.card import Card

        card = Card.load(first)
        if args.json:
            print(json.dumps(asdict(card), ensure_ascii=False))
        else:
            Console().print(Markdown(card.to_markdown()))
        return
    from regard.data.inspect import inspect
    from regard.data.read import open_corpus

    report = inspect(open_corpus(args.what))
    if args.json:
        print(json.dumps(report.to_json(), ensure_ascii=False))
    else:
        Console().print(report.render())
