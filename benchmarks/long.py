"""What long sources cost: time and memory of a step of training, one source of so many tokens and a target of 50.

    python benchmarks/long.py                       # every length, in a process of its own
    python benchmarks/long.py --attention coverage --decoder step_then_attend --output pointer

Both should grow as the length does: of scores, what is kept is a number for each pair of a
target and a source token, and no hidden layer.
"""

import argparse
import json
import subprocess
import sys
import time

LENGTHS = (500, 1_000, 2_000, 5_000, 10_000)
TARGET, VOCABULARY, SIZE = 50, 10_000, 256


def measured(places: int, parts: argparse.Namespace) -> dict[str, float]:
    """The second and third of three steps, and what they hold beyond the model, its gradients and the first."""
    import torch

    from regard.config import check
    from regard.model import EncoderDecoder
    from regard.objectives.cross_entropy import CrossEntropy
    from regard.tensors import Batch
    from regard.training.memory import peak_mib

    torch.set_num_threads(1)
    raw = {
        "data": {"train": "-"},
        "encoder": {"name": "recurrent", "size": SIZE},
        "attention": {"name": parts.attention, **({"loss": 1.0} if parts.attention == "coverage" else {})},
        "decoder": {"name": parts.decoder, "size": parts.size},
        "output": {"name": parts.output},
    }
    model = EncoderDecoder(VOCABULARY, VOCABULARY, check(raw)).train()
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    source, target = (torch.randint(4, VOCABULARY, (1, length)) for length in (places, TARGET))
    batch = Batch(torch.stack([source, source], -1) if parts.output != "plain" else source, target)
    before, took = peak_mib(), []
    for _ in range(3):
        start = time.perf_counter()
        loss, _ = model(batch, CrossEntropy())
        loss.backward()
        took.append(time.perf_counter() - start)
    return {"places": places, "seconds": min(took[1:]), "mib": peak_mib() - before}


def main() -> None:
    """Print a line for each length."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attention", default="additive")
    parser.add_argument("--decoder", default="attend_then_step")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--output", default="plain")
    parser.add_argument("--places", type=int, default=0, help="one length, in this process")
    args = parser.parse_args()
    if args.places:
        print(json.dumps(measured(args.places, args)))
        return
    print(f"{'places':>8} {'seconds':>9} {'MiB':>7} {'ms a place':>11} {'KiB a place':>12}")
    for places in LENGTHS:
        done = subprocess.run([sys.executable, *sys.argv, "--places", str(places)], capture_output=True, text=True)
        facts = json.loads(done.stdout)
        each = 1000 * facts["seconds"] / places, 1024 * facts["mib"] / places
        print(f"{places:8,} {facts['seconds']:9.3f} {facts['mib']:7,} {each[0]:11.3f} {each[1]:12.1f}", flush=True)


if __name__ == "__main__":
    main()
