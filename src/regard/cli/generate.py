"""Generate data whose rule is known: pairs to copy, reverse or look up, stories with questions, digits, scenes.

For example:
  regard generate copy --lengths 1-10 --lines 20000 --out train.tsv
  regard generate copy --lengths 10,20,50,100 --lines 400 --seed 2 --out test.tsv
  regard generate stories --lines 20000 --out stories.jsonl
  regard generate stories --split test --families two_facts,counting --lines 1000 --out test.jsonl
  regard generate digits --digits mnist/ --kind cluttered --side 60 --lines 60000 --out cluttered60/
  regard generate scenes --digits mnist/ --lines 60000 --out scenes/
  regard generate scenes --kind shapes --side 32 --split unseen --out shapes/

What a mechanism learns at short lengths and then does at long ones says how it
attends. In `lookup`, "3 B A" asks for 3, B(3), A(B(3)) with fixed tables. Stories
are JSON lines of context, question, answers and supports, the sentences that the
answer follows from; no story of one split is in another, whatever the seed.
Digits are those of MNIST's files, moved, cluttered or in pairs; --out is a folder,
which also gets the settings, and each split is made of digits of its own. Scenes are
one or two digits or coloured shapes with the words that tell them; the split `unseen`
has the combinations of words that no other has.
"""

import argparse
import sys

STORIES, DIGITS, SCENES = "stories", "digits", "scenes"
LENGTHS = {STORIES: "2-12"}  # of pairs 1-10


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("task", metavar="TASK", help="copy, reverse, lookup, stories, digits or scenes")
    parser.add_argument(
        "--lengths",
        type=_lengths,
        metavar="A-B|A,B",
        help="symbols in a source, in turn (1-10), or sentences in a story, drawn (2-12)",
    )
    parser.add_argument("--lines", type=int, default=1000, metavar="N", help="pairs, stories or pictures (1000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="other seeds give others (1)")
    parser.add_argument("--families", metavar="A,B", help="of stories, in turn (all twenty)")
    parser.add_argument(
        "--split",
        metavar="SPLIT",
        help="of stories, digits and scenes: train (default), valid or test, of scenes also unseen",
    )
    parser.add_argument("--out", default="-", metavar="FILE|-", help="a file, - for standard output (default)")
    of_digits = parser.add_argument_group("of digits and scenes").add_argument
    of_digits("--digits", metavar="FOLDER", help="the files of MNIST")
    of_digits(
        "--kind", metavar="KIND", help="translated (default), cluttered or pairs; scenes: digits (default), shapes"
    )
    of_digits("--side", type=int, metavar="N", help="pixels of a picture (60; of scenes 48)")
    of_digits("--pieces", type=int, metavar="N", help="of other digits, in a cluttered picture (4)")
    of_digits("--piece", type=int, metavar="N", help="pixels of a piece's side (8)")
    of_digits("--pairs", type=float, metavar="SHARE", help="of scenes that have two things (0.7)")
    of_digits("--unseen", type=float, metavar="SHARE", help="of combinations of words that only `unseen` has (0.1)")


def run(args: argparse.Namespace) -> None:
    """Write the pairs, stories or pictures."""
    from pathlib import Path

    from regard.data.synthetic import TASKS
    from regard.errors import UsageError, unknown
    from regard.files import write_text

    if args.task not in (*TASKS, STORIES, DIGITS, SCENES):
        raise UsageError(unknown("There is no task", args.task, (*TASKS, STORIES, DIGITS, SCENES)))
    if args.lines < 1:
        raise UsageError(f"--lines is {args.lines}; it must be at least 1.")
    if args.task in (DIGITS, SCENES):
        (_digits if args.task == DIGITS else _scenes)(args)
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
    chosen = _chosen(args, ("pieces", "piece"), ("lengths", "families", "pairs", "unseen"))
    sys.stdout.write(f"{write(Digits(**complete(Digits, chosen, DIGITS)), Path(args.digits), Path(args.out))}\n")


def _scenes(args: argparse.Namespace) -> None:
    from pathlib import Path

    from regard.build import complete
    from regard.data.scenes import Scenes, write
    from regard.errors import UsageError

    if args.out == "-":
        raise UsageError("scenes want --out FOLDER to write to.")
    chosen = _chosen(args, ("pairs", "unseen"), ("lengths", "families", "pieces", "piece"))
    digits = Path(args.digits) if args.digits else None
    sys.stdout.write(f"{write(Scenes(**complete(Scenes, chosen, SCENES)), digits, Path(args.out))}\n")


def _chosen(args: argparse.Namespace, own: tuple[str, ...], others: tuple[str, ...]) -> dict[str, object]:
    """What was typed of a task's own options. UsageError for those of other tasks."""
    from regard.errors import UsageError

    if wrong := [name for name in others if getattr(args, name) is not None]:
        raise UsageError(f"--{wrong[0]} is not of {args.task}.")
    names = ("kind", "side", "lines", "split", "seed", *own)
    return {name: getattr(args, name) for name in names if getattr(args, name) is not None}


def _lengths(text: str) -> list[int]:
    first, dash, last = text.partition("-")
    try:
        lengths = list(range(int(first), int(last) + 1)) if dash else [int(part) for part in text.split(",")]
    except ValueError:
        lengths = []
    if not lengths or min(lengths) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of lengths, such as 1-10 or 10,20,50.")
    return lengths
