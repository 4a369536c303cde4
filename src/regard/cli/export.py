"""Export a model: two ONNX graphs in its folder, which `regard run` takes from then on, without PyTorch.

For example:
  regard export runs/pairs
  regard export runs/pairs --precision fp32

The graphs are compared with the model before they are written; eight bits are
tried on the validation pairs, or on --data, and the card says what they cost.
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
    parser.add_argument("--data", nargs="+", default=[], metavar="FILE", help="pairs to try eight bits on")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> None:
    """Export, and say what came of it."""
    import sys

    from regard.export.export import export

    done = export(args.model, args.precision, args.data, lambda line: print(line, file=sys.stderr))
    if args.json:
        print(json.dumps(done.to_json()))
        return
    of = "model" if done.precision == "fp32" else "graphs in single precision"
    print(f"{args.model}: exported in {done.precision}, {done.bytes / 2**20:.1f} MiB")
    print(f"log probabilities within {done.difference:.2g} nats of those of the {of}")
    if done.scores:
        before, after = done.scores
        print(f"{done.metric} on {done.pairs:,} pairs: {before:.2f} before, {after:.2f} after ({after - before:+.2f})")
