"""Whether `torch.compile` makes a training step faster: one batch of one shape, which is its best case, in turn.

    python benchmarks/compiled.py [--rounds N]

The default recipe's model on 64 sentences of 14 tokens, forwards and backwards, on one thread: Regard's kernels as they
are, and the plain references eager and compiled. Compiling wants a C++ compiler, and does it anew for each shape.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from contender_regard import MODELS
from setting import SMOOTHING

from regard import config as configs
from regard import kernels
from regard.model import EncoderDecoder
from regard.objectives.cross_entropy import CrossEntropy
from regard.processor import settle
from regard.tensors import Batch

ROWS, LENGTH, VOCABULARY = 64, 14, 8000
Step = Callable[[], float]


def step(model: EncoderDecoder, batch: Batch, way: kernels.Kernels, *, half: bool, compiled: bool) -> Step:
    """One forward and backward pass; returns the seconds that it took."""
    objective = CrossEntropy(smoothing=SMOOTHING)
    forward = torch.compile(model.forward, dynamic=False) if compiled else model.forward

    def run() -> float:
        started = time.perf_counter()
        model.zero_grad()
        with kernels.using(way), torch.autocast("cpu", torch.bfloat16, enabled=half):
            loss, _ = forward(batch, objective)
        loss.backward()
        return time.perf_counter() - started

    return run


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    settle()
    torch.set_num_threads(1)
    source, target = (torch.randint(4, VOCABULARY, (ROWS, LENGTH)) for _ in range(2))
    batch = Batch(source, target)
    print("| model | precision | kernels | first step, s | ms | x compiled |\n|---|---|---|---|---|---|")
    for name in ("recipe", "sequential"):
        model = EncoderDecoder(VOCABULARY, VOCABULARY, configs.check({"data": {"train": "-"}, **MODELS[name]})).train()
        for half in (False, True) if torch.cpu._is_avx512_bf16_supported() else (False,):
            ways = {
                "fused": step(model, batch, "fused", half=half, compiled=False),
                "reference": step(model, batch, "reference", half=half, compiled=False),
                "reference, compiled": step(model, batch, "reference", half=half, compiled=True),
            }
            first = {way: run() for way, run in ways.items()}
            times = [{way: run() for way, run in ways.items()} for _ in range(rounds)]
            for way in ways:
                took = statistics.median(each[way] for each in times)
                ratio = statistics.median(each["reference, compiled"] / each[way] for each in times)
                precision = "bf16" if half else "fp32"
                print(
                    f"| {name} | {precision} | {way} | {first[way]:.1f} | {1e3 * took:.0f} | {ratio:.2f} |", flush=True
                )


if __name__ == "__main__":
    main()
