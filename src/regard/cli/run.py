"""Run a model: one output line for each input line, in order.

For example:
  regard run runs/pairs "A man rides a bike." --show
  regard run runs/pairs --input in.txt --output out.txt --attention out.html
  cat in.txt | regard run runs/pairs --json

An empty line gives an empty line. Attention is written by suffix: .json, .npz,
.svg, .png, .html, or .pharaoh (word alignments, i-j from source to target).
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regard.view.record import Output


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("model", metavar="MODEL", help="a model folder")
    parser.add_argument(
        "text", metavar="TEXT", nargs="*", default=[], help="lines to run; without any, --input is read"
    )
    parser.add_argument("--input", metavar="FILE|-", default="-", help="lines to run, - for standard input (default)")
    parser.add_argument("--output", metavar="FILE|-", default="-", help="where outputs go, - for standard output")
    parser.add_argument(
        "--beam", type=int, metavar="N", help="hypotheses followed at once (as the model is configured)"
    )
    parser.add_argument("--nbest", type=int, metavar="N", default=1, help="give the N best, tab-separated in the line")
    parser.add_argument("--json", action="store_true", help="one JSON object a line: text, tokens, scores, attention")
    parser.add_argument("--show", action="store_true", help="draw the attention in the terminal")
    parser.add_argument("--attention", type=Path, metavar="FILE", help="write the attention, by suffix")
    parser.add_argument(
        "--batch", type=int, metavar="N", default=64, help="lines worked on at once; results are the same"
    )


def run(args: argparse.Namespace) -> None:
    """Run every line."""
    from rich.console import Console

    from regard.errors import UsageError
    from regard.files import opened
    from regard.predictor import WINDOW, load
    from regard.view import record
    from regard.view.terminal import show

    if args.attention:
        record.writer(args.attention)  # a wrong name should not cost the work
    if args.batch < 1:
        raise UsageError(f"--batch is {args.batch}; it must be at least 1.")
    if args.text and args.input != "-":
        raise UsageError("got both TEXT and --input; give one of them.")
    model = load(args.model)
    broken: list[int] = []
    sources = args.text or _lines(args.input, broken)
    typed = not args.text and args.input == "-" and sys.stdin.isatty()
    if typed:
        sys.stderr.write("Type a line and press Enter; Ctrl-D ends.\n")
    window = 1 if typed else WINDOW
    outputs = model.stream(sources, beam=args.beam, nbest=args.nbest, rows=args.batch, window=window)
    kept, maps = [], Console(stderr=args.json)  # a stream of JSON stays one
    with opened(args.output) as file:
        for output in outputs:
            file.write(_line(output, args.json) + "\n")
            if args.show or typed:
                file.flush()
            if args.show:
                show(output, maps)
            if args.attention:
                kept.append(output)
    if args.attention:
        record.save(kept, args.attention)
    if broken:
        lines = "1 line" if len(broken) == 1 else f"{len(broken)} lines"
        first = ", ".join([*map(str, broken[:5]), *(["..."] if len(broken) > 5 else [])])
        sys.stderr.write(f"{lines} held bytes that are not UTF-8, which became \ufffd (line {first}).\n")


def _line(output: "Output", as_json: bool) -> str:
    if as_json:
        return json.dumps(output.to_json(), ensure_ascii=False)
    return "\t".join([output.text, *(record.text for record in output.alternatives)])


def _lines(path: str, broken: list[int]) -> Iterator[str]:
    from regard.data.read import read_lines

    for number, (text, was_broken) in enumerate(read_lines(path), 1):
        if was_broken:
            broken.append(number)
        yield text
