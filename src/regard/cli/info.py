"""Describe a model folder, or the pairs, questions or pictures of a data file.

For example:
  regard info runs/pairs
  regard info pairs.tsv
  regard info train.en train.fr
  regard info train.jsonl valid.jsonl   # of pictures: also those that stand in both
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "what",
        nargs="+",
        metavar="MODEL|DATA",
        help="a model folder, a file of pairs, two text files, or files of pictures and texts",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> None:
    """Print what there is to know."""
    from rich.console import Console
    from rich.markdown import Markdown

    from regard.data.answered import holds_questions
    from regard.data.captioned import holds

    first = Path(args.what[0])
    if any(map(holds, args.what)) and not any(map(holds_questions, args.what)):
        _pictures(args.what, as_json=args.json)
        return
    if first.is_dir() and len(args.what) == 1:
        from regard.card import Card

        card = Card.load(first)
        if args.json:
            print(json.dumps(asdict(card), ensure_ascii=False))
        else:
            Console().print(Markdown(card.to_markdown()))
        return
    from regard.data.answered import open_answered
    from regard.data.inspect import inspect
    from regard.data.read import open_corpus

    asked = len(args.what) == 1 and holds_questions(first)
    report = inspect(open_answered(first) if asked else open_corpus(args.what))
    if args.json:
        print(json.dumps(report.to_json(), ensure_ascii=False))
    else:
        Console().print(report.render())


def _pictures(files: list[str], *, as_json: bool) -> None:
    from rich.console import Console

    from regard.data.captioned import holds, open_captioned
    from regard.data.inspect_pictures import in_both, inspect_pictures
    from regard.data.report import tally_table

    corpora = [open_captioned(file, labels=holds(file) == "labels") for file in files]
    reports = [inspect_pictures(corpus) for corpus in corpora]
    both = in_both(corpora, reports)
    if as_json:
        found = [report.to_json() for report in reports]
        print(json.dumps({"files": found, "in_both": both.to_json()} if found[1:] else found[0], ensure_ascii=False))
        return
    for report in reports:
        Console().print(report.render(), "")
    if reports[1:]:
        Console().print(tally_table("In two files, by content", both, "pictures"))
