"""From picture file to sentence: how long, and where the time goes.

    python benchmarks/captioning.py MODEL DATA [--rounds N]

MODEL is an exported model that captions, DATA its validation file. One thread
reads a file, sees it and writes its sentence, alone and in batches of all
pictures; the parts of a lone picture are timed apart. `regard run` on the
folder of the pictures is timed from nothing, by the wall clock, on all cores.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import machine

from regard import load
from regard.decode.exported import Exported

REGARD = str(Path(sys.executable).parent / "regard")
RESULTS = Path("benchmarks/results")


def timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("data")
    parser.add_argument("--rounds", type=int, default=50)
    chosen = parser.parse_args()
    model = load(chosen.model, threads=1)
    backend = model.backend
    assert isinstance(backend, Exported), "export the model first"
    names = [example.source for example in model.task.examples(chosen.data, model.config.data)]
    model(names[0])
    rows = []
    for name in names[: chosen.rounds]:
        row = {"file to sentence": timed(lambda name=name: model(name))}
        row["file to sentence, greedily"] = timed(lambda name=name: model(name, beam=1))
        row["of which: read the file"] = timed(lambda name=name: model.task.source(name))
        source = model.task.source(name)
        row["of which: see it (encoder)"] = timed(lambda source=source: backend.start([source]))
        rows.append(row)
    found = {name: round(statistics.median(row[name] for row in rows), 2) for name in rows[0]}
    for name, median in found.items():
        print(f"{name:<34}{median:8.1f} ms")
    batched = timed(lambda: model(names)) / len(names)
    print(f"{'a picture of ' + str(len(names)) + ' in batches':<34}{batched:8.1f} ms")
    listed = "\n".join(names) + "\n"
    started = time.perf_counter()
    subprocess.run(
        [REGARD, "run", chosen.model, "--json"], input=listed, text=True, stdout=subprocess.DEVNULL, check=True
    )
    whole = time.perf_counter() - started
    print(f"{'regard run, all of them':<34}{whole:8.1f} s")
    facts = {
        "machine": machine(),
        "pictures": len(names),
        "one thread, milliseconds": {**found, "in batches": round(batched, 2)},
        "regard run on all cores, seconds": round(whole, 2),
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "captioning.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
