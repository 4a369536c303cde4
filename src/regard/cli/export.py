"""Export a model: two ONNX graphs in its folder, which `regard run` takes from then on, without PyTorch.

For example:
  regard export runs/pairs
  regard export runs/pairs --precision fp32
  regard export runs/pairs --shortlist

The graphs are compared with the model before they are written; eight bits are
tried on the validation pairs, or on --data, and the card says what they cost.
A shortlist limits what is said to what a source makes likely, as attention has
seen it in training: faster with a vocabulary of tens of thousands, and only if
decode.shortlist = true. It is tried as eight bits are, and kept if it costs little.
"""

import argparse
import json


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("model", metavar="MODEL", help="a model folder")
    parser.add_argument(
        "--precision",
        choices=("int8", "fp32"),
        default="int8",
        help="int8 (default) is a quarter of the size, and faster",
    )
    parser.add_argument(
        "--data", nargs="+", default=[], metavar="FILE", help="pairs to try eight bits on, and a shortlist"
    )
    parser.add_argument(
        "--shortlist",
        type=int,
        nargs="?",
        const=50,
        default=0,
        metavar="K",
        help="gather a shortlist: so many target tokens for each source token (50)",
    )
    parser.add_argument(
        "--shortlist-data",
        nargs="+",
        default=[],
        metavar="FILE",
        help="pairs to gather it from, in place of those of the training",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> None:
    """Export, and say what came of it."""
    import sys

    from regard.errors import UsageError
    from regard.export.export import export
    from regard.export.shortlist import LOSS, add

    def say(line: str) -> None:
        print(line, file=sys.stderr)

    if args.shortlist < 0 or (args.shortlist_data and not args.shortlist):
        raise UsageError("--shortlist wants at least 1 token for each source token; --shortlist-data goes with it.")
    done = export(args.model, args.precision, args.data, say)
    found = add(args.model, args.shortlist, args.shortlist_data, args.data, say) if args.shortlist else None
    if args.json:
        print(json.dumps(done.to_json() | (found.to_json() if found else {})))
        return
    of = "model" if done.precision == "fp32" else "graphs in single precision"
    print(f"{args.model}: exported in {done.precision}, {done.bytes / 2**20:.1f} MiB")
    print(f"log probabilities within {done.difference:.2g} nats of those of the {of}")
    if done.scores:
        before, after = done.scores
        print(f"{done.metric} on {done.pairs:,} pairs: {before:.2f} before, {after:.2f} after ({after - before:+.2f})")
    if found:
        print(f"shortlist: {found}")
        print(
            "shortlist: kept; --set decode.shortlist=true takes it"
            if found.kept
            else f"shortlist: not kept, for it costs more than {LOSS} {found.metric}; a larger K costs less"
        )
