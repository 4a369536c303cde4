"""Show how a run learnt to look: a film of its attention, its curves and outputs in one file that needs no network.

For example:
  regard view runs/en-fr
  regard view demo/model --output film.html --examples 40

Training keeps the film (`regard options train`, watch). The file holds all that it
shows, and opens in any browser.
"""

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("model", type=Path, metavar="RUN", help="the folder of a run, as --out named it")
    parser.add_argument("--output", type=Path, default=Path("view.html"), metavar="FILE", help="(view.html)")
    parser.add_argument("--examples", type=int, default=24, metavar="N", help="validation outputs to show (24)")


def run(args: argparse.Namespace) -> None:
    """Write the page."""
    from regard.errors import UsageError
    from regard.files import replaceable, write_text
    from regard.watching import watched

    if args.examples < 0:
        raise UsageError(f"--examples is {args.examples}; it must be at least 0.")
    replaceable(args.output)
    write_text(args.output, watched(args.model, args.examples))
    print(f"Open {args.output} in a browser.")
