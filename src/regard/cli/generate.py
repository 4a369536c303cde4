"""Generate data whose rule is known: pairs to copy, reverse or look up, stories with questions, pictures of digits.

For example:
  regard generate copy --lengths 1-10 --lines 20000 --out train.tsv
  regard generate copy --lengths 10,20,50,100 --lines 400 --seed 2 --out test.tsv
  regard generate stories --lines 20000 --out stories.jsonl
  regard generate stories --split test --families two_facts,counting --lines 1000 --out test.jsonl
  regard generate digits --digits mnist/ --kind cluttered --side 60 --lines 60000 --out cluttered60/

What a mechanism learns at short lengths and then does at long ones says how it
attends. In `lookup`, "3 B A" asks for 3, B(3), A(B(3)) with fixed tables. Stories
are JSON lines of context, question, answers and supports, the sentences that the
answer follows from; no story of one split is in another, whatever the seed.
Digits are those of MNIST's files, moved, cluttered or in pairs; --out is a folder,
which also gets the settings, and each split is made of digits of its own.
"""

import argparse
import sys

STORIES, DIGITS = "stories", "digits"
LENGTHS = {STORIES: "2-12"}  # of pairs 1-10


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("task", metavar="TASK", help="copy, reverse, lookup, stories or digits")
    parser.add_argument(
        "--lengths",
        type=_lengths,
        metavar="A-B|A,B",
        help="symbols in a source, in turn (1-10), or sentences in a story, drawn (2-12)",
    )
    parser.add_argument("--lines", type=int, default=1000, metavar="N", help="pairs, stories or pictures (1000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="other seeds give others (1)")
    parser.add_argument("--families", metavar="A,B", help="of stories, in turn (all twenty)")
    parser.add_argument("--split", metavar="SPLIT", help="of stories and digits: train (default), valid or test")
    parser.add_argument("--out", default="-", metavar="FILE|-", help="a file, - for standard output (default)")
    of_digits = parser.add_argument_group("of digits").add_argument
    of_digits("--digits", metavar="FOLDER", help="the files of MNIST")
    of_digits("--kind", metavar="KIND", help="translated (default), cluttered or pairs")
    of_digits("--side", type=int, metavar="N", help="pixels of a picture (60)")
    of_digits("--pieces", type=int, metavar="N", help="of other digits, in a cluttered picture (4)")
    of_digits("--piece", type=int, metavar="N", help="pixels of a piece's side (8)")


def run(args: argparse.Namespace) -> None:
    """Write the pairs, stories or pictures."""
    from pathlib import Path

    from regard.data.synthetic import TASKS
    from regard.errors import UsageError, unknown
    from regard.files import write_text

    if args.task not in (*TASKS, STORIES, DIGITS):
        raise UsageError(unknown("There is no task", args.task, (*TASKS, STORIES, DIGITS)))
    if args.lines < 1:
        raise UsageError(f"--lines is {args.lines}; it must be at least 1.")
    if args.task == DIGITS:
        _digits(args)
        return
    lengths = args.lengths or _lengths(LENGTHS.get(args.task, "1-10"))
    text = _stories(args, lengths) if args.task == STORIES else _pairs(args, lengths)
    if args.out == "-":
        sys.stdout.write(text)
        return
    Path(args.out).parent.mkdir(parents=True, exist_ok=True)
    write_text(Path(args.out), text)


def _pairs(args: argparse.Namespace, lengths: list[int]) -> str:
    from regard.data.synthetic import generate
    from regard.errors import UsageError

    if args.families or args.split:
        raise UsageError(f"--families and --split are of {STORIES}, not of {args.task}.")
    pairs = generate(args.task, lengths, args.lines, args.seed)
    return "".join(f"{pair.source}\t{pair.target}\n" for pair in pairs)


def _stories(args: argparse.Namespace, lengths: list[int]) -> str:
    import json

    from regard.data.stories import SPLITS, family_names, generate
    from regard.errors import UsageError, unknown

    chosen = args.families.split(",") if args.families else family_names()
    for name in chosen:
        if name not in family_names():
            raise UsageError(unknown("There is no family of stories", name, family_names()))
    split = args.split or "train"
    if split not in SPLITS:
        raise UsageError(unknown("There is no split", split, SPLITS))
    told = generate(chosen, lengths, args.lines, seed=args.seed, split=split)
    return "".join(json.dumps(story.to_json(), ensure_ascii=False) + "\n" for story in told)


def _digits(args: argparse.Namespace) -> None:
    from pathlib import Path

    from regard.build import complete
    from regard.data.digits import Digits, write
    from regard.errors import UsageError

    if not args.digits or args.out == "-":
        raise UsageError("digits want --digits FOLDER, with the files of MNIST, and --out FOLDER to write to.")
    if args.lengths or args.families:
        raise UsageError(f"--lengths and --families are not of {DIGITS}.")
    names = ("kind", "side", "pieces", "piece", "lines", "split", "seed")
    chosen = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    sys.stdout.write(f"{write(Digits(**complete(Digits, chosen, DIGITS)), Path(args.digits), Path(args.out))}\n")


def _lengths(text: str) -> list[int]:
    first, dash, last = text.partition("-")
    try:
        lengths = list(range(int(first), int(last) + 1)) if dash else [int(part) for part in text.split(",")]
    except ValueError:
        lengths = []
    if not lengths or min(lengths) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of lengths, such as 1-10 or 10,20,50.")
    return lengths
