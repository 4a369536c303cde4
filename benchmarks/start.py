"""How long a command takes from nothing, by the wall clock, and how much memory.

    python benchmarks/start.py MODEL [--rounds N]

MODEL is an exported model. Timed are `regard --help`, `regard run MODEL` with one
sentence, and the lines of test2016 (their peak memory), each a process of its own.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench import machine
from setting import DATA

REGARD = str(Path(sys.executable).parent / "regard")
RESULTS = Path("benchmarks/results")


def seconds(line: list[str], stdin: str = "") -> float:
    started = time.perf_counter()
    subprocess.run(line, input=stdin, text=True, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--rounds", type=int, default=11)
    chosen = parser.parse_args()
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "regard --help": [REGARD, "--help"],
        "regard run MODEL, one sentence": [REGARD, "run", chosen.model, "A man rides a bike."],
    }
    rounds = [{name: seconds(line) for name, line in commands.items()} for _ in range(chosen.rounds)]
    found = {name: round(statistics.median(row[name] for row in rounds), 3) for name in commands}
    for name, median in found.items():
        print(f"{name:<32}{median:6.3f} s")
    lines = (DATA / "test2016.en").read_text(encoding="utf-8")
    whole = seconds([REGARD, "run", chosen.model], lines)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"{'regard run MODEL < test2016.en':<32}{whole:6.3f} s, {peak} MiB at most")
    facts = {"machine": machine(), "seconds": found, "test2016": {"seconds": round(whole, 2), "peak MiB": peak}}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "start.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
