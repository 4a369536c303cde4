"""Evaluate a model on pairs: the scores of its task, perplexity, speed; where supports are given, pointing too.

For example:
  regard eval runs/pairs --data test.tsv
  regard eval runs/pairs --data test.en test.fr --json
"""

import argparse
import json


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("model", metavar="MODEL", help="a model folder")
    parser.add_argument("--data", nargs="+", required=True, metavar="FILE", help="PAIRS, or SOURCE and REFERENCE")
    parser.add_argument(
        "--beam", type=int, metavar="N", help="hypotheses followed at once (as the model is configured)"
    )
    parser.add_argument(
        "--set", metavar="KEY=VALUE", action="append", default=[], help="search otherwise, such as decode.no_repeat=3"
    )
    parser.add_argument(
        "--ensemble", metavar="MODEL", nargs="+", default=[], help="more models; the mean of all is searched"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> None:
    """Score and print."""
    import sys

    from regard.evaluation import evaluate, unit
    from regard.loading import load
    from regard.running import Notes

    model = load(args.model, *args.ensemble, settings=args.set)
    corpus = model.task.examples(args.data, model.config.data)
    examples = list(corpus)
    for line in corpus.findings.summary()[1:]:  # what was skipped is no part of the score, and that is said
        sys.stderr.write(f"{line}\n")
    report, notes = evaluate(model, examples, beam=args.beam), Notes(5)
    for example, output in zip(examples, report.outputs, strict=True):
        notes.look(example.line, output)
    sys.stderr.write(notes.report())
    if args.json:
        print(json.dumps(report.to_json()))
        return
    for name, score in report.scores.items():
        print(f"{name:<11}{score.value:8.2f}   {score.signature}")
    for name, value in report.judged.items():
        print(f"{name:<11}{value:8.3f}   per {unit(model)}, end sign included")
    if model.task.writes == "pictures":
        print(f"{len(examples):,} pictures judged, {report.sentences_per_second:.1f} a second")
        return
    beam = args.beam or model.config.decode.beam
    print(f"{len(examples):,} pairs, {report.sentences_per_second:.1f} sentences/s, beam {beam}")
