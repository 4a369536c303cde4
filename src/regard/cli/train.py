"""Train a model from a config file, or from a file of pairs or of pictures and their texts with good defaults.

For example:
  regard train pairs.tsv
  regard train train.en train.fr --out runs/en-fr
  regard train captions.jsonl --set train.epochs=30
  regard train questions.jsonl   # passages, questions and answers
  regard train articles.jsonl --set task=summarise
  regard train recipes/multi30k-en-fr.toml --set train.epochs=10
  regard train runs/pairs --resume

Stopped by Ctrl-C, or killed, a run goes on with --resume as if nothing had
happened: on the CPU the final weights are the same to the last bit.
`regard options train` lists what --set can change.
"""

import argparse
import sys
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "config", metavar="CONFIG|DATA|RUN", help="a config, a file of pairs or pictures, or a run to resume"
    )
    parser.add_argument("target", nargs="?", type=Path, metavar="TARGET", help="the second of two aligned text files")
    parser.add_argument("--out", type=Path, metavar="DIR", help="the model folder (runs/NAME of what is trained)")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change an option, such as train.rate=0.001"
    )
    parser.add_argument("--resume", action="store_true", help="go on with the run in the folder")


def run(args: argparse.Namespace) -> int:
    """Train, then print the scores."""
    from rich.console import Console

    from regard.build import find
    from regard.training import session
    from regard.training.choose import choose

    config, out = choose(Path(args.config), args.out, args.set, args.resume, args.target)
    try:
        report = session.train(config, out, resume=args.resume, console=Console(stderr=True))
    except session.Interrupted:
        sys.stderr.write(f"Stopped and saved. `regard train {out} --resume` goes on.\n")
        return 130
    scores = [f"{name} {score.value:.2f}" for name, score in report.scores.items()]
    scores += [f"{name} {value:.3f}" for name, value in report.judged.items()]
    print(f"{out}: {'  '.join(scores)} on {report.examples:,} validation pairs")
    print(f"Try it: regard run {out} {find('tasks', config.task).typed(config.data)} --show")
    return 0
