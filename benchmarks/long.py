"""What long sources cost: time and memory of a step of training, one source of so many tokens and a target of 50.

    python benchmarks/long.py                       # every length, in a process of its own
    python benchmarks/long.py --attention coverage --decoder step_then_attend --output pointer
    python benchmarks/long.py --draw docs/pictures  # of each of MODELS, and two pictures of that

Both should grow as the length does: of scores, what is kept is a number for each pair of a
target and a source token, and no hidden layer. In the precision that training takes here.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

LENGTHS = (500, 1_000, 2_000, 5_000, 10_000)
TARGET, VOCABULARY, SIZE = 50, 10_000, 256
MODELS = {
    "additive": ["--attention", "additive"],
    "coverage, pointer": ["--attention", "coverage", "--output", "pointer"],
    "location": ["--attention", "location"],
}


def measured(places: int, parts: argparse.Namespace) -> dict[str, float]:
    """The second and third of three steps, and what they hold beyond the model, its gradients and the first."""
    import torch

    from regard.config import check
    from regard.model import EncoderDecoder
    from regard.objectives.cross_entropy import CrossEntropy
    from regard.processor import settle
    from regard.tensors import Batch
    from regard.training.memory import peak_mib
    from regard.training.plan import plan
    from regard.training.run import Progress

    torch.set_num_threads(1)
    raw = {
        "data": {"train": "-"},
        "encoder": {"name": "recurrent", "size": SIZE},
        "attention": {"name": parts.attention, **({"loss": 1.0} if parts.attention == "coverage" else {})},
        "decoder": {"name": parts.decoder, "size": parts.size},
        "output": {"name": parts.output},
    }
    config = check(raw)
    precision = plan(config.train, Progress(), "cpu").precision
    model = EncoderDecoder(VOCABULARY, VOCABULARY, config).train()
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    source, target = (torch.randint(4, VOCABULARY, (1, length)) for length in (places, TARGET))
    batch = Batch(torch.stack([source, source], -1) if parts.output != "plain" else source, target)
    before, took = peak_mib(), []
    settle()
    half = torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16")
    for _ in range(3):
        start = time.perf_counter()
        with half:
            loss, _ = model(batch, CrossEntropy())
        loss.backward()
        took.append(time.perf_counter() - start)
    return {"places": places, "seconds": min(took[1:]), "mib": peak_mib() - before}


def rows(arguments: list[str]) -> list[dict[str, Any]]:
    """A line for each length, printed as it is measured."""
    found = []
    print(f"{'places':>8} {'seconds':>9} {'MiB':>7} {'ms a place':>11} {'KiB a place':>12}")
    for places in LENGTHS:
        command = [sys.executable, __file__, *arguments, "--places", str(places)]
        facts = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        each = 1000 * facts["seconds"] / places, 1024 * facts["mib"] / places
        print(f"{places:8,} {facts['seconds']:9.3f} {facts['mib']:7,} {each[0]:11.3f} {each[1]:12.1f}", flush=True)
        found.append(facts)
    return found


def draw(found: dict[str, list[dict[str, Any]]], folder: Path) -> None:
    """Seconds and MiB against the length, a line for each model."""
    from regard.view.chart import Curve
    from regard.view.figure import to_svg

    for name, key, title in (
        ("time", "seconds", "seconds of a step with one source"),
        ("memory", "mib", "MiB that a step needs"),
    ):
        lines = {model: [(float(f["places"]), float(f[key])) for f in facts] for model, facts in found.items()}
        (folder / f"long-{name}.svg").write_text(to_svg(Curve(title, lines, "source tokens")), encoding="utf-8")


def main() -> None:
    """Print a line for each length."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attention", default="additive")
    parser.add_argument("--decoder", default="attend_then_step")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--output", default="plain")
    parser.add_argument("--places", type=int, default=0, help="one length, in this process")
    parser.add_argument("--draw", default="", help="a folder for two pictures, of every one of MODELS")
    args = parser.parse_args()
    if args.places:
        print(json.dumps(measured(args.places, args)))
        return
    if not args.draw:
        rows(sys.argv[1:])
        return
    found = {}
    for name, parts in MODELS.items():
        print(name)
        found[name] = rows(parts)
    draw(found, Path(args.draw))


if __name__ == "__main__":
    main()
