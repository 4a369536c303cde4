"""Compare variants fairly: same data, same batches in the same order, same seeds; one table and one page.

For example:
  regard compare pairs.tsv --vary attention.name=none,additive,location
  regard compare recipes/compare-attention.toml --jobs 2
  regard compare run.toml --vary decoder.layers=1,2 --vary encoder.name=recurrent,transformer --seeds 3

Several --vary give every combination. Scores come with intervals from a paired
bootstrap, and by source length. Killed or stopped, the same command goes on,
and a finished run is not repeated. `regard options compare` lists what a config
can say of all this in its section [compare].
"""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regard.comparison.measure import Run
    from regard.comparison.runner import Result


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("config", type=Path, metavar="CONFIG|PAIRS", help="a config, or a file of pairs")
    parser.add_argument("--vary", action="append", metavar="KEY=A,B", help="an option and the values to compare")
    parser.add_argument("--seeds", type=int, metavar="N", help="runs of each variant (1)")
    parser.add_argument("--test", nargs="+", metavar="FILE", help="PAIRS, or SOURCE and REFERENCE (validation pairs)")
    parser.add_argument("--gold", metavar="FILE", help="word alignments of the test pairs, Pharaoh or NAACL format")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder of runs, table and page (runs/compare-NAME)")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change an option of every run")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="runs at once; they share processor and speed")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")


def run(args: argparse.Namespace) -> int:
    """Run what is not yet there, then show the tables."""
    from rich.console import Console

    from regard.comparison.compare import compare, folder
    from regard.comparison.report import PAGE
    from regard.comparison.tables import tables, terminal
    from regard.training.session import Interrupted

    given = {"vary": args.vary, "seeds": args.seeds, "test": args.test, "gold": args.gold}
    typed = [f"compare.{name}={json.dumps(value)}" for name, value in given.items() if value is not None]
    out = args.out or folder(args.config)
    sys.stderr.write(f"Comparing in {out}: a line for each run follows as it is done.\n")
    try:
        found = compare(args.config, out, [*args.set, *typed], jobs=args.jobs, report=Progress())
    except Interrupted:
        sys.stderr.write("Stopped and saved. The same command goes on.\n")
        return 130
    if args.json:
        print(json.dumps(found.to_json(), ensure_ascii=False))
    elif found.rows:
        console = Console(width=None if sys.stdout.isatty() else 240)
        for table in tables(found.rows, found.facts["label"]):
            console.print(terminal(table), "")
    if found.rows:
        sys.stderr.write(f"Open {out / PAGE} for curves, and to see where each of them looked.\n")
    return 1 if found.failed else 0


class Progress:
    """A line for each run that is known, on stderr."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self, run: "Run", result: "Result", total: int) -> None:
        """One more."""
        from regard.errors import RegardError

        self.done += 1
        said = f"failed: {result}" if isinstance(result, RegardError) else f"valid loss {result.valid_loss:.3f}"
        sys.stderr.write(f"[{self.done}/{total}] {run.variant}, seed {run.config.seed}: {said}\n")
        sys.stderr.flush()
