"""What a target token costs: time, arithmetic and memory of a training step, by part, and as each size grows.

For each point a process of its own builds the default recipe's model, trains a
few batches of random tokens and says what they took, in the precision that
`train.precision = "auto"` takes here. FLOPs are counted by hand:
a matrix of n entries costs 2n for each row that it meets, and twice that again
in the backward pass; the peak is that of the processor's best matrix product.
"""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

BASE = {"source": 14, "target": 14, "vocabulary": 6000, "batch": 128, "width": 256}
AXES: dict[str, list[int]] = {
    "source": [7, 14, 28, 56, 112],
    "target": [7, 14, 28, 56, 112],
    "vocabulary": [2000, 4000, 8000, 16000, 32000],
    "batch": [16, 32, 64, 128, 256],
    "width": [128, 256, 384, 512, 768],
}
PARTS = ("encoder", "decoder", "output and loss")


def measure(source: int, target: int, vocabulary: int, batch: int, width: int, rounds: int = 5) -> dict[str, Any]:
    """Seconds and FLOPs of each part for a batch, forward and backward, and what memory the process held."""
    import torch

    from regard.config import check
    from regard.model import EncoderDecoder
    from regard.processor import settle
    from regard.tensors import Prediction
    from regard.training.memory import peak_mib

    settle()
    half = torch.autocast("cpu", torch.bfloat16, enabled=precision() == "bf16")
    sizes = {"embedding": {"size": width}, "encoder": {"size": width}}
    decoder = {"name": "between", "size": 2 * width}
    model = EncoderDecoder(vocabulary, vocabulary, check({"data": {"train": "-"}, "decoder": decoder, **sizes})).train()
    sources, targets = (torch.randint(4, vocabulary, (batch, size)) for size in (source, target))
    before, took = peak_mib(), {part: [] for part in PARTS}
    for _ in range(rounds + 1):
        marks = [time.perf_counter()]
        with half:
            memory = model.encoder(sources)
        (memory.states.sum() + memory.summary.sum()).backward()
        marks.append(time.perf_counter())
        alone = memory.map(lambda t: t.detach().requires_grad_(t.is_floating_point()))
        with half:
            features, _, read = model.decoder(targets, model.decoder.start(alone))
        features.sum().backward()
        marks.append(time.perf_counter())
        with half:
            loss, _ = model.output.loss(Prediction(features.detach().requires_grad_(), read), targets, 0.1)
        loss.backward()
        marks.append(time.perf_counter())
        for part, start, end in zip(PARTS, marks, marks[1:], strict=False):
            took[part].append(end - start)
    flops = arithmetic(model, batch, source, target)
    return {
        "tokens": batch * target,
        "seconds": {part: statistics.median(times[1:]) for part, times in took.items()},
        "flops": dict(zip(PARTS, flops, strict=True)),
        "mib": peak_mib() - before,
        "weights_mib": round(4 * sum(p.numel() for p in model.parameters()) / 2**20),
    }


def arithmetic(model: Any, batch: int, source: int, target: int) -> list[float]:
    """FLOPs of each part: 6 for each entry of a matrix and row that it meets, and 6 for each weight and state read."""
    per_source, per_target = 0, 0
    for name, parameter in model.named_parameters():
        if parameter.ndim < 2 or "table" in name or "output" in name:
            continue
        if name.startswith("encoder"):
            per_source += parameter.numel()
        elif "attention.memory" in name:
            per_target += parameter.numel() * source // target
        elif "bridge" not in name:
            per_target += parameter.numel()
    width = model.encoder.memory_size
    attended = source * (2 * width)
    output = model.output.project.weight.numel() + model.output.logits.weight.numel()
    rows = batch * target
    return [6.0 * batch * source * per_source, 6.0 * rows * (per_target + attended), 6.0 * rows * output]


def precision() -> str:
    """What training takes on this processor."""
    from regard.config import check
    from regard.training.plan import plan
    from regard.training.run import Progress

    return plan(check({"data": {"train": "-"}}).train, Progress(), "cpu").precision


def peak(threads: int) -> float:
    """The processor's best matrix product in that precision, in FLOP/s."""
    import torch

    torch.set_num_threads(threads)
    kind = torch.bfloat16 if precision() == "bf16" else torch.float32
    a, b = (torch.randn(1024, 1024).to(kind) for _ in range(2))
    times = []
    for _ in range(20):
        started = time.perf_counter()
        a @ b
        times.append(time.perf_counter() - started)
    return 2 * 1024**3 / min(times)


def points(threads: int) -> dict[str, dict[int, dict[str, Any]]]:
    """Each axis with its points; what does not vary is as in BASE."""
    found: dict[str, dict[int, dict[str, Any]]] = {}
    for axis, values in AXES.items():
        for value in values:
            command = [sys.executable, __file__, str(threads), json.dumps(BASE | {axis: value})]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            found.setdefault(axis, {})[value] = json.loads(done.stdout)
            print(f"{axis} {value}", file=sys.stderr)
    return found


def table(best: float, found: dict[str, dict[int, dict[str, Any]]]) -> str:
    """What each part takes at the sizes of BASE, and then how time and memory grow along each axis."""
    point = found["source"][BASE["source"]]
    whole = sum(point["seconds"].values())
    rows = ["| part | share of the time | MFLOP a token | GFLOP/s | of the peak |", "|---|---|---|---|---|"]
    for part in PARTS:
        seconds, flops = point["seconds"][part], point["flops"][part]
        cells = f"{seconds / whole:.0%}", f"{flops / point['tokens'] / 1e6:.1f}", f"{flops / seconds / 1e9:.0f}"
        rows.append(f"| {part} | {' | '.join(cells)} | {flops / seconds / best:.0%} |")
    rows += ["", "| axis | at | microseconds a target token | MiB that a step needs |", "|---|---|---|---|"]
    for axis, points_of in found.items():
        for value, point in points_of.items():
            took = 1e6 * sum(point["seconds"].values()) / point["tokens"]
            rows.append(f"| {axis} | {value} | {took:.0f} | {point['mib']} |")
    return "\n".join(rows)


def draw(found: dict[str, dict[int, dict[str, Any]]], folder: Path) -> None:
    """Two pictures for each axis: microseconds a token, and MiB that a step needs."""
    from regard.view.chart import Curve
    from regard.view.figure import to_svg

    for axis, values in found.items():
        lines = {
            part: [(float(x), 1e6 * point["seconds"][part] / point["tokens"]) for x, point in values.items()]
            for part in PARTS
        }
        memory = [(float(x), float(point["mib"])) for x, point in values.items()]
        for name, curve in (
            ("time", Curve("microseconds a target token", lines, axis)),
            ("memory", Curve("MiB that a step needs", {"memory": memory}, axis)),
        ):
            (folder / f"cost-{axis}-{name}.svg").write_text(to_svg(curve), encoding="utf-8")


if __name__ == "__main__":
    import torch

    torch.set_num_threads(int(sys.argv[1]))
    print(json.dumps(measure(**json.loads(sys.argv[2]))))
