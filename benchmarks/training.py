"""Training speed: target tokens a second of Regard, of the textbook loop, and of other toolkits.

Contenders are processes that train in turn, five batches each, round after
round, never two at once; a ratio is taken within a round, and the median over
the rounds is told with its least and greatest. All learn from the same pieces
of the same 64 sentences a batch (see setting.py). `--peers` needs the
environments that `make bench-peers` makes.
"""

import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from setting import CACHE

HERE = Path(__file__).parent
OURS = Path(sys.executable)
BASELINES = ("textbook, random batches", "textbook")


@dataclass
class Racer:
    """A contender and what it has said so far."""

    name: str
    command: list[str]
    said: list[dict[str, Any]] = field(default_factory=list)

    def start(self, threads: int) -> None:
        """Let it set up, and train on five batches that do not count."""
        spin = {"OMP_NUM_THREADS": str(threads), "GOMP_SPINCOUNT": "10000"}
        command = [*self.command, "--threads", str(threads)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=os.environ | spin,
        )  # fmt: skip
        self.ready = self.hear()
        self.go()
        self.said.clear()

    def go(self) -> None:
        """Ten batches."""
        print(file=self.process.stdin, flush=True)
        self.said.append(self.hear())

    def hear(self) -> dict[str, Any]:
        """What it says next."""
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.name} stopped; to see why: {' '.join(self.command)}")
        return json.loads(line)

    def speeds(self) -> list[float]:
        """Target tokens a second in each round."""
        return [said["tokens"] / said["seconds"] for said in self.said]


def racers(threads: int, *, peers: bool) -> list[Racer]:
    """Who takes part."""
    bucketed, random = str(CACHE / "bucketed.jsonl"), str(CACHE / "random.jsonl")
    textbook, regard = [str(OURS), str(HERE / "contender_textbook.py")], [str(OURS), str(HERE / "contender_regard.py")]
    found = [Racer(BASELINES[0], [*textbook, random]), Racer(BASELINES[1], [*textbook, bucketed])]
    if peers:
        for name, label, options in (
            ("joeynmt", "JoeyNMT", []),
            ("eole", "Eole", []),
            ("eole", "Eole, its default attention", ["--attention", "general"]),
        ):
            python = str(CACHE / name / "bin" / "python")
            found.append(Racer(label, [python, str(HERE / f"contender_{name}.py"), bucketed, *options]))
    for name, options in (
        ("sequential, reference kernels", ["--model", "sequential", "--kernels", "reference"]),
        ("sequential", ["--model", "sequential"]),
        ("recipe, as many parameters", ["--model", "equal"]),
        ("recipe", ["--model", "recipe"]),
    ):
        found.append(Racer(f"Regard {name}", [*regard, bucketed, *options, "--workers", str(threads)]))
    return found


def ratios(racer: Racer, base: Racer) -> str:
    """How many times as fast as another: median, least and greatest over the rounds."""
    each = [mine / theirs for mine, theirs in zip(racer.speeds(), base.speeds(), strict=True)]
    return f"{statistics.median(each):.2f} [{min(each):.2f}, {max(each):.2f}]"


def table(found: list[Racer]) -> str:
    """One line for each."""
    rows = ["| | parameters | target tokens/s | x random | x bucketed | peak MiB |", "|---|---|---|---|---|---|"]
    random, bucketed = (next(r for r in found if r.name == name) for name in BASELINES)
    for racer in found:
        size = f"{racer.ready['parameters'] / 1e6:.1f} M"
        speed = f"{statistics.median(racer.speeds()):,.0f}"
        cells = [racer.name, size, speed, ratios(racer, random), ratios(racer, bucketed)]
        rows.append(f"| {' | '.join(cells)} | {racer.said[-1]['peak_mib']:,} |")
    return "\n".join(rows)


def race(threads: int, rounds: int, *, peers: bool) -> list[Racer]:
    """Let all take part, in turn."""
    found = racers(threads, peers=peers)
    for racer in found:
        print(f"{racer.name} sets up", file=sys.stderr)
        racer.start(threads)
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        for racer in found:
            racer.go()
    for racer in found:
        racer.process.stdin.close()
        racer.process.wait()
    return found


def facts(found: list[Racer]) -> dict[str, Any]:
    """All that was said."""
    return {racer.name: {"ready": racer.ready, "rounds": racer.said} for racer in found}
