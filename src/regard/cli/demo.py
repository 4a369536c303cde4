"""Learn to translate before your eyes, in about two minutes, and see where the model looks.

  regard demo
  regard demo --from en --to de

Makes phrases in two languages, trains a small model on them, translates phrases
it has never seen, draws its attention, and writes a page to touch. A second
call takes the trained model.
"""

import argparse
import json
import time
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--from", dest="source", default="en", metavar="LOCALE", help="source language (en)")
    parser.add_argument("--to", dest="target", default="fr", metavar="LOCALE", help="target language (fr)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder for data, model and report (demo)")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change an option, such as train.steps=1000"
    )
    parser.add_argument("--json", action="store_true", help="end with one JSON object on standard output")


def run(args: argparse.Namespace) -> None:
    """Train or take the model, then show what it does."""
    from rich.console import Console

    from regard.demo import SHOWN, demonstrate, report
    from regard.files import write_text
    from regard.view.terminal import show

    started = time.perf_counter()
    console = Console(stderr=args.json)
    usual = (args.source, args.target) == ("en", "fr")
    out = args.out or Path("demo" if usual else f"demo-{args.source}-{args.target}")
    demo = demonstrate(args.source, args.target, out, console, args.set)
    for example, output in demo.examples(SHOWN):
        console.print()
        console.print(f"{example.source}  ->  {output.text}", style="bold", highlight=False, markup=False)
        show(output, console)
    write_text(out / "report.html", report(demo, f"Regard: {args.source} → {args.target}", out / "model"))
    exact, bleu = (demo.report.scores[name].value for name in ("exact", "bleu"))
    seconds = time.perf_counter() - started
    console.print()
    console.print(
        f"Of {demo.report.examples:,} phrases that were never seen {exact:.1f} % are exactly right; "
        f"BLEU {bleu:.1f}; {seconds:.0f} s in all.\n"
        f"Open {out / 'report.html'} to touch the attention, or try your own:\n"
        f'    regard run {out / "model"} "{demo.phrases.test[0].source}" --show',
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    if args.json:
        facts = {"exact_match": round(exact, 2), "bleu": round(bleu, 2), "seconds": round(seconds, 1)}
        print(json.dumps({**facts, "examples": demo.report.examples}))
