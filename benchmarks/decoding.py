"""How fast a trained model decodes: eager PyTorch as tutorials have it, and Regard's back ends, in turn.

    python benchmarks/decoding.py MODEL [--threads N] [--rounds N] [--peers] [--lines N]

MODEL is a folder that `regard train recipes/multi30k-en-fr.toml` wrote. It is exported
twice into runs/benchmark. What is timed: the sources of test2016 in batches, greedily and
with a beam of five, and one sentence of 15 words alone. Figures go to
benchmarks/results/decoding-N.json, N threads, and as a table to standard output.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import sacrebleu
import textbook_decoding
import torch
from bench import machine
from setting import CACHE, DATA

import regard
from regard.decode.engine import Engine
from regard.decode.pytorch import PyTorch
from regard.export.export import export
from regard.predictor import Predictor
from regard.processor import cores

BATCHES = {1: (64, 128, 256), 5: (16, 32, 64)}  # tried for each contender; the fastest counts
WORDS = 15
RESULTS = Path("benchmarks/results")
Search = Callable[[list[list[int]], int, int], list[list[int]]]  # sources, beam, batch -> tokens


def regards(predictor: Predictor) -> Search:
    def search(sources: list[list[int]], beam: int, batch: int) -> list[list[int]]:
        options = replace(predictor.config.decode, beam=beam)
        found = Engine(predictor.backend, options, rows=batch).run(sources)
        return [hypotheses[0].tokens.tolist()[:-1] for hypotheses in found]

    return search


def textbooks(predictor: Predictor) -> Search:
    assert isinstance(predictor.backend, PyTorch)
    model = predictor.backend.model

    def search(sources: list[list[int]], beam: int, batch: int) -> list[list[int]]:
        found = []
        for i in range(0, len(sources), batch):
            part = sources[i : i + batch]
            found += textbook_decoding.greedy(model, part) if beam == 1 else textbook_decoding.beam(model, part, beam)
        return found

    return search


def silent(_: str) -> None:
    """Exports have nothing to tell here."""


class CTranslate2:
    """The other process, asked by lines."""

    def __init__(self, lengths: list[tuple[int, int]], threads: int) -> None:
        path = CACHE / "lengths.json"
        path.write_text(json.dumps(lengths), encoding="utf-8")
        python = CACHE / "ctranslate2" / "bin" / "python"
        line = [str(python), "benchmarks/contender_ctranslate2.py", str(path), "--threads", str(threads)]
        self.process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.hear()

    def ask(self, **words: object) -> float:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        return float(self.hear()["seconds"])

    def hear(self) -> dict[str, float]:
        assert self.process.stdout
        return dict(json.loads(self.process.stdout.readline()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--threads", type=int, default=1, help="0 takes all cores")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lines", type=int, default=1000)
    parser.add_argument("--peers", action="store_true", help="also CTranslate2, from `make bench-peers`")
    chosen = parser.parse_args()
    chosen.threads = chosen.threads or cores()
    torch.set_num_threads(chosen.threads)
    texts, references = (
        (DATA / f"test2016.{side}").read_text(encoding="utf-8").splitlines()[: chosen.lines] for side in ("en", "fr")
    )
    plain = regard.load(chosen.model, exported=False)
    searches: dict[str, Search] = {"textbook": textbooks(plain), "PyTorch": regards(plain)}
    for precision in ("fp32", "int8"):
        folder = CACHE / f"decoding-{precision}"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(chosen.model, folder, ignore=shutil.ignore_patterns("tensorboard", "*.ids"))
        export(folder, precision, say=silent)
        searches[precision] = regards(regard.load(folder, threads=chosen.threads))
    sources = [plain.task.source(text) for text in texts]
    alone = next(ids for text, ids in zip(texts, sources, strict=True) if len(text.split()) == WORDS)
    lengths = [(len(s), len(plain.task.target(r))) for s, r in zip(sources, references, strict=True)]
    peer = CTranslate2(lengths, chosen.threads) if chosen.peers else None

    results: dict[str, dict[str, dict[str, Any]]] = {
        name: {} for name in [*searches, *(["CTranslate2"] if peer else [])]
    }
    for beam, batches in BATCHES.items():
        said = searches["fp32"]([alone], beam, 1)[0]

        def seconds(name: str, batch: int, beam: int = beam, longest: int = len(said) + 1) -> float:
            if name == "CTranslate2":
                assert peer
                one = {"one": True, "places": len(alone), "longest": longest} if batch == 1 else {"one": False}
                return peer.ask(beam=beam, batch=batch, **one)
            started = time.perf_counter()
            searches[name]([alone] if batch == 1 else sources, beam, batch)
            return time.perf_counter() - started

        best = {name: min(batches, key=lambda batch, name=name: seconds(name, batch)) for name in results}
        many = {name: [0.0] * 0 for name in results}
        one = {name: [0.0] * 0 for name in results}
        for _ in range(chosen.rounds):
            for name in results:
                many[name].append(seconds(name, best[name]))
                one[name].append(statistics.median(seconds(name, 1) for _ in range(7)))
        for name, facts in results.items():
            facts[f"beam {beam}"] = {
                "batch": best[name],
                "sentences/s": round(len(sources) / statistics.median(many[name])),
                "x textbook": _ratio(many["textbook"], many[name]),
                "ms alone": round(1000 * statistics.median(one[name]), 2),
                "alone x textbook": _ratio(one["textbook"], one[name]),
            }
            if name in searches:
                outputs = searches[name](sources, beam, best[name])
                found = [plain.task.join(plain.task.spelled(row)) for row in outputs]
                facts[f"beam {beam}"]["BLEU"] = round(sacrebleu.corpus_bleu(found, [references]).score, 2)
        print(table(results, beam), flush=True)
    facts = {"machine": machine(), "threads": chosen.threads, "sentences": len(sources), "contenders": results}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"decoding-{chosen.threads}.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    if peer:
        peer.process.kill()


def _ratio(one: list[float], other: list[float]) -> list[float]:
    """Median, least and greatest of the rounds."""
    ratios = sorted(a / b for a, b in zip(one, other, strict=True))
    return [round(x, 2) for x in (statistics.median(ratios), ratios[0], ratios[-1])]


def table(results: dict[str, dict[str, dict[str, Any]]], beam: int) -> str:
    rows = [f"| beam {beam} | batch | sentences/s | x textbook | ms alone | x textbook | BLEU |", "|---|" + "---|" * 6]
    for name, facts in results.items():
        found = facts[f"beam {beam}"]
        ratios = ["{} [{}, {}]".format(*found[key]) for key in ("x textbook", "alone x textbook")]
        rows.append(
            f"| {name} | {found['batch']} | {found['sentences/s']} | {ratios[0]} | {found['ms alone']} | {ratios[1]} "
            f"| {found.get('BLEU', '')} |"
        )
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.exit(main())
