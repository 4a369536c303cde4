"""What `make bench` runs: training speed on one thread and on all, each kernel, and what a token costs.

    python benchmarks/bench.py [--peers] [--rounds N]

Everything goes into one file, runs/benchmark/bench.json (bench-peers.json), and
into tables on standard output, as docs/performance.md shows them.
"""

import argparse
import json
import platform
from datetime import UTC, datetime
from pathlib import Path

import contender
import cost
from setting import CACHE

import kernels
import training
from regard.processor import cores


def machine() -> dict[str, object]:
    """Where the figures were made."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    flags = " ".join(line for line in lines if line.startswith("flags")).split()
    instructions = [flag for flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if flag in flags]
    processor = names[0] if names else platform.processor()
    return {
        "processor": processor,
        "cores": cores(),
        "instructions": instructions,
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
    }


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", action="store_true", help="training speed alone, beside JoeyNMT and Eole")
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    contender.write(CACHE)
    results: dict[str, object] = {"machine": machine()}
    print(json.dumps(results["machine"]))
    for threads in [1] if chosen.peers or cores() == 1 else [1, cores()]:
        raced = training.race(threads, chosen.rounds, peers=chosen.peers)
        results[f"training on {threads}"] = training.facts(raced)
        print(f"\nTraining, {threads} thread{'s' if threads > 1 else ''}:\n\n{training.table(raced)}", flush=True)
    if not chosen.peers:
        results["kernels"] = found = kernels.measure()
        print(f"\nKernels, 1 thread:\n\n{kernels.table(found)}", flush=True)
        results["cost"] = costs = cost.points(1)
        results["peak"] = best = cost.peak(1)
        said = f"Cost, 1 thread, {cost.precision()}; the best matrix product makes {best / 1e9:.0f} GFLOP/s"
        print(f"\n{said}:\n\n{cost.table(best, costs)}")
        cost.draw(costs, CACHE)
    name = "bench-peers.json" if chosen.peers else "bench.json"
    (CACHE / name).write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
