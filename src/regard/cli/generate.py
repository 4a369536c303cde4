"""Generate pairs of a task whose rule is known: copy, reverse, lookup.

For example:
  regard generate copy --lengths 1-10 --lines 20000 --out train.tsv
  regard generate copy --lengths 10,20,50,100 --lines 400 --seed 2 --out test.tsv

What a mechanism learns at short lengths and then does at long ones says how it
attends. In `lookup`, "3 B A" asks for 3, B(3), A(B(3)) with fixed tables.
"""

import argparse
import sys


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("task", metavar="TASK", help="copy, reverse or lookup")
    parser.add_argument(
        "--lengths", type=_lengths, default="1-10", metavar="A-B|A,B", help="symbols in a source, in turn (1-10)"
    )
    parser.add_argument("--lines", type=int, default=1000, metavar="N", help="pairs (1000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="other seeds give other pairs (1)")
    parser.add_argument("--out", default="-", metavar="FILE|-", help="a .tsv file, - for standard output (default)")


def run(args: argparse.Namespace) -> None:
    """Write the pairs."""
    from pathlib import Path

    from regard.data.synthetic import TASKS, generate
    from regard.errors import UsageError, unknown
    from regard.files import write_text

    if args.task not in TASKS:
        raise UsageError(unknown("There is no task", args.task, TASKS))
    if args.lines < 1:
        raise UsageError(f"--lines is {args.lines}; it must be at least 1.")
    pairs = generate(args.task, args.lengths, args.lines, args.seed)
    text = "".join(f"{pair.source}\t{pair.target}\n" for pair in pairs)
    if args.out == "-":
        sys.stdout.write(text)
        return
    if not Path(args.out).parent.is_dir():
        raise UsageError(f"{args.out}: there is no folder {Path(args.out).parent} to write to; make it first.")
    write_text(Path(args.out), text)


def _lengths(text: str) -> list[int]:
    first, dash, last = text.partition("-")
    try:
        lengths = list(range(int(first), int(last) + 1)) if dash else [int(part) for part in text.split(",")]
    except ValueError:
        lengths = []
    if not lengths or min(lengths) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of lengths, such as 1-10 or 10,20,50.")
    return lengths
