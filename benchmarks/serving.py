"""A server under load: throughput and latency at 1, 8 and 64 clients, in batches, one by one, and one at a time.

    python benchmarks/serving.py MODEL LINES [--seconds S] [--rounds N] [--answers N] [--threads N]

MODEL is an exported model that translates, LINES a file of sources, one a line (of a .tsv the first column). Server
and clients are processes of their own on this machine. One by one is the same server with --batch 1, which decodes
each request alone, on as many threads; one at a time has one thread only, as a server with a lock around its model.
Rounds alternate between the three; medians are told. At the end --answers
requests (100,000) of 64 clients are all compared with what `regard run` says: none may be lost, or be another's.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import machine

import regard

RESULTS = Path("benchmarks/results")
LOAD = Path(__file__).with_name("serving_load.py")
CLIENTS = (1, 8, 64)
ALONE = ["--batch", "1", "--wait-ms", "0"]
MODES = {"one at a time": [*ALONE, "--threads", "1"], "one by one": ALONE, "batches": ["--wait-ms", "4"]}
TOLD = ("a second", "p50", "p95", "p99")
MOST = 2000  # different lines


@contextmanager
def served(model: str, options: list[str]) -> Iterator[int]:
    """A server of a model, and its port."""
    line = [sys.executable, "-m", "regard", "serve", model, "--port", "0", "--languages", "en-fr", *options]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        yield int(process.stdout.readline().partition("http://127.0.0.1:")[2].split()[0])
        process.terminate()
        assert process.wait(60) == 0, "the server did not stop as it was asked to"


def load(port: int, clients: int, expected: Path, *bounds: str) -> dict[str, Any]:
    """What some clients made of a server."""
    line = [sys.executable, str(LOAD), str(port), str(clients), str(expected), *bounds]
    found: dict[str, Any] = json.loads(subprocess.run(line, capture_output=True, check=True, text=True).stdout)
    return found


def measured(chosen: argparse.Namespace, expected: Path) -> dict[str, list[dict[str, Any]]]:
    """The median of all rounds, for each mode and number of clients."""
    rounds: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for _ in range(chosen.rounds):
        for mode, options in MODES.items():
            with served(chosen.model, [*options, "--threads", str(chosen.threads)]) as port:
                for clients in CLIENTS:
                    found = load(port, clients, expected, "--seconds", str(chosen.seconds))
                    rounds.setdefault((mode, clients), []).append(found)
                    print(mode, found, file=sys.stderr, flush=True)
    return {
        mode: [
            {
                "clients": clients,
                **{name: statistics.median(row[name] for row in rounds[mode, clients]) for name in TOLD},
            }
            for clients in CLIENTS
        ]
        for mode in MODES
    }


def table(found: dict[str, list[dict[str, Any]]]) -> str:
    """As it stands in docs/performance.md: `times` is what batches gain over each of the others."""
    heads = " | ".join(f"{mode}, answers/s | p50 / p95 / p99 ms" for mode in MODES)
    rows = [f"| clients | {heads} | times |", "|---|" + "---|---|" * len(MODES) + "---|"]
    for modes in zip(*(found[mode] for mode in MODES), strict=True):
        cells = [f"{row['a second']:.0f} | {row['p50']:.0f} / {row['p95']:.0f} / {row['p99']:.0f}" for row in modes]
        times = " / ".join(f"{modes[-1]['a second'] / row['a second']:.1f}" for row in modes[:-1])
        rows.append(f"| {modes[0]['clients']} | {' | '.join(cells)} | {times} |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("lines", type=Path)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--answers", type=int, default=100_000)
    parser.add_argument("--threads", type=int, default=0)
    chosen = parser.parse_args()
    text = chosen.lines.read_text(encoding="utf-8")
    lines = list(dict.fromkeys(line.partition("\t")[0] for line in text.splitlines() if line.strip()))[:MOST]
    with tempfile.TemporaryDirectory() as folder:
        expected = Path(folder) / "expected.json"
        outputs = regard.load(chosen.model)(lines)
        says = {line: output.text for line, output in zip(lines, outputs, strict=True)}
        expected.write_text(json.dumps(says), encoding="utf-8")
        found = measured(chosen, expected)
        with served(chosen.model, ["--threads", str(chosen.threads)]) as port:
            soak = load(port, 64, expected, "--answers", str(chosen.answers)) if chosen.answers else {}
    print(table(found))
    print(f"\n{chosen.answers:,} requests of 64 clients: {soak}")
    facts = {"machine": machine(), "lines": len(lines), "seconds": chosen.seconds, "rounds": chosen.rounds}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "serving.json").write_text(
        json.dumps({**facts, **found, "all compared": soak}, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
