"""Generate data whose rule is known: pairs to copy, reverse or look up, or stories with questions.

For example:
  regard generate copy --lengths 1-10 --lines 20000 --out train.tsv
  regard generate copy --lengths 10,20,50,100 --lines 400 --seed 2 --out test.tsv
  regard generate stories --lines 20000 --out stories.jsonl
  regard generate stories --split test --families two_facts,counting --lines 1000 --out test.jsonl

What a mechanism learns at short lengths and then does at long ones says how it
attends. In `lookup`, "3 B A" asks for 3, B(3), A(B(3)) with fixed tables. Stories
are JSON lines of context, question, answers and supports, the sentences that the
answer follows from; no story of one split is in another, whatever the seed.
"""

import argparse
import sys

STORIES = "stories"
LENGTHS = {STORIES: "2-12"}  # of pairs 1-10


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("task", metavar="TASK", help="copy, reverse, lookup or stories")
    parser.add_argument(
        "--lengths",
        type=_lengths,
        metavar="A-B|A,B",
        help="symbols in a source, in turn (1-10), or sentences in a story, drawn (2-12)",
    )
    parser.add_argument("--lines", type=int, default=1000, metavar="N", help="pairs or stories (1000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="other seeds give others (1)")
    parser.add_argument("--families", metavar="A,B", help="of stories, in turn (all twenty)")
    parser.add_argument("--split", metavar="SPLIT", help="of stories: train (default), valid or test")
    parser.add_argument("--out", default="-", metavar="FILE|-", help="a file, - for standard output (default)")


def run(args: argparse.Namespace) -> None:
    """Write the pairs or stories."""
    from pathlib import Path

    from regard.data.synthetic import TASKS
    from regard.errors import UsageError, unknown
    from regard.files import write_text

    if args.task not in (*TASKS, STORIES):
        raise UsageError(unknown("There is no task", args.task, (*TASKS, STORIES)))
    if args.lines < 1:
        raise UsageError(f"--lines is {args.lines}; it must be at least 1.")
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


def _lengths(text: str) -> list[int]:
    first, dash, last = text.partition("-")
    try:
        lengths = list(range(int(first), int(last) + 1)) if dash else [int(part) for part in text.split(",")]
    except ValueError:
        lengths = []
    if not lengths or min(lengths) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of lengths, such as 1-10 or 10,20,50.")
    return lengths
