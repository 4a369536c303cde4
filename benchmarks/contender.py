"""What the contenders of the training benchmark share: batches as a file, and the words they speak.

    python benchmarks/contender.py

writes runs/benchmark/bucketed.jsonl and random.jsonl: a batch in each line, in
it 64 pairs [source ids, target ids]. Each toolkit is in an environment of its
own (`make bench-peers`) and each contender is a process: who times JoeyNMT starts

    runs/benchmark/joeynmt/bin/python benchmarks/contender_joeynmt.py runs/benchmark/random.jsonl --threads 1

(for Eole: runs/benchmark/eole/bin/python and benchmarks/contender_eole.py)
and reads `{"ready": true, "parameters": N}` when it is set up. For each line
that it is sent, it trains on the next five batches and says what they took:
`{"tokens": T, "seconds": S, "peak_mib": M, "loss": L}`, T target tokens with
their signs of end, M the most memory that the process ever held, L the
toolkit's own loss of the last batch, by token. It leaves when no more lines can come.
"""

import argparse
import itertools
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import torch

Batch = list[tuple[list[int], list[int]]]
AT_ONCE = 5  # batches for each line


def write(folder: Path) -> None:
    """The batches of `setting.batches`, as files for those who have another Python."""
    import setting

    known = setting.pairs(folder=folder)
    for name in ("bucketed", "random"):
        lines = (json.dumps(batch) + "\n" for batch in setting.batches(known, bucketed=name == "bucketed"))
        (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")


class Contender:
    """The side of this conversation that trains."""

    def __init__(self, **more: str) -> None:
        parser = argparse.ArgumentParser()
        parser.add_argument("batches", type=Path, help="a file that `python benchmarks/contender.py` wrote")
        parser.add_argument("--threads", type=int, default=1)
        for name, default in more.items():
            parser.add_argument(f"--{name}", default=default)
        self.chosen = parser.parse_args()
        torch.set_num_threads(self.chosen.threads)
        torch.manual_seed(1)
        self.said = kept_stdout()
        with self.chosen.batches.open(encoding="utf-8") as lines:
            self.known: list[Batch] = [json.loads(line) for line in lines]

    def say(self, **words: object) -> None:
        """One line to who asked."""
        print(json.dumps(words), file=self.said, flush=True)

    def batches(self, loss: Callable[[], float]) -> Iterator[Batch]:
        """What the toolkit's own loop is to train on; it has trained on a batch when it asks for the next."""
        endless = itertools.cycle(self.known)
        for _ in sys.stdin:
            tokens, started = 0, time.perf_counter()
            for batch in itertools.islice(endless, AT_ONCE):
                tokens += sum(len(target) + 1 for _, target in batch)
                yield batch
            seconds = time.perf_counter() - started
            self.say(tokens=tokens, seconds=round(seconds, 4), peak_mib=peak_mib(), loss=round(loss(), 4))


def kept_stdout() -> TextIO:
    """Standard output for this conversation alone: what toolkits print goes to standard error."""
    kept = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return kept


def peak_mib() -> int:
    """The most memory that this process ever held."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


if __name__ == "__main__":
    write(Path("runs/benchmark"))
