"""From which vocabulary a shortlist pays: the same steps with all of the output layer, and with a part of it, in turn.

    python benchmarks/shortlist.py [--model MODEL] [--vocabulary N ...] [--rounds N] [--lines N]

MODEL is a model of Multi30k that `regard export MODEL --shortlist` exported. Beside it, models
of the same sizes with random weights, for vocabularies of N: their words are those of
Multi30k by frequency, their table is what occurs together in its pairs, and their outputs
are as long as their sources. On one thread: batches of 64, and one sentence of 15 words
alone, greedily and with a beam of five. Figures go to benchmarks/results/shortlist.json.
"""

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from bench import machine
from setting import DATA

import regard
from regard import config as configs
from regard.config import Config
from regard.decode.backend import Backend
from regard.decode.constraint import FREE
from regard.decode.engine import Engine, batches
from regard.decode.exported import Exported
from regard.decode.pytorch import PyTorch
from regard.decode.shortlist import Shortlist
from regard.export.export import in_bytes, in_eight_bits, with_facts
from regard.export.graph import facts_of, graphs
from regard.export.listed import listed
from regard.export.shortlist import LIKELY, gather
from regard.model import EncoderDecoder
from regard.sections import Decode
from regard.types import EOS, SPECIALS, UNK

RESULTS = Path("benchmarks/results")
ROWS, WORDS, PAIRS = 64, 15, 2000
Ids = list[list[int]]


@dataclass(frozen=True)
class Contender:
    """A back end with a shortlist, and what it is to search."""

    backend: Backend[Any]
    shortlist: Shortlist
    sources: Ids
    options: Decode


def sides(part: str) -> tuple[list[list[str]], list[list[str]]]:
    """The words of both sides."""
    lines = ((DATA / f"{part}.{side}").read_text(encoding="utf-8").lower().splitlines() for side in ("en", "fr"))
    source, target = ([line.split() for line in side] for side in lines)
    return source, target


def random_models(vocabulary: int, lines: int) -> dict[str, Contender]:
    """The default recipe's model with so many words and no training: in eight bits, fp32 and in PyTorch."""
    config = random_config()
    torch.manual_seed(1)
    model = EncoderDecoder(vocabulary, vocabulary, config).eval()
    train = sides("train")
    counts = Counter(word for side in train for words in side for word in words)
    ids = {word: i for i, (word, _) in enumerate(counts.most_common(vocabulary - len(SPECIALS)), len(SPECIALS))}

    def numbers(side: list[list[str]]) -> Ids:
        return [[*(ids.get(word, UNK) for word in words), EOS] for words in side]

    pairs = list(zip(*map(numbers, train), strict=True))[:: len(train[0]) // PAIRS]
    plain = PyTorch(model)
    shortlist = gather(plain, pairs, (vocabulary, vocabulary), "", LIKELY, shared=True)
    sources, facts = numbers(sides("test2016")[0])[:lines], facts_of(model)
    options = Decode(beam=1, ratio=1.0, extra=1, least=1.0)
    made = with_facts(graphs(model), facts)
    small = with_facts(in_eight_bits(made, sources[:50], options), facts)
    found: dict[str, Backend[Any]] = {}
    for name, both in (("int8", small), ("fp32", made)):
        found[name] = Exported(in_bytes(both)[0], listed(both.step).SerializeToString())
    found["PyTorch"] = plain
    return {name: Contender(backend, shortlist, sources, options) for name, backend in found.items()}


def random_config() -> Config:
    """Sizes of the default recipe."""
    return configs.read(Path("recipes/multi30k-en-fr.toml"), ())


def trained_model(folder: Path, lines: int) -> dict[str, Contender]:
    """A model that was exported with a shortlist."""
    model = regard.load(folder, settings=["decode.shortlist=true"], threads=1)
    texts = (DATA / "test2016.en").read_text(encoding="utf-8").splitlines()[:lines]
    assert model.shortlist
    name = f"{folder.name}, {model.backend.facts['precision']}"
    sources = [model.task.source(text) for text in texts]
    return {name: Contender(model.backend, model.shortlist, sources, model.config.decode)}


def measured(one: Contender, beam: int, rounds: int) -> dict[str, Any]:
    """Sentences a second, and milliseconds of a sentence alone, without and with the shortlist, in turn."""
    alone = [next((s for s in one.sources if len(s) == WORDS + 1), one.sources[0])]
    options = Decode(**{**vars_of(one.options), "beam": beam})
    shortlists: dict[str, Shortlist | None] = {"without": None, "with": one.shortlist}
    engines = {name: Engine(one.backend, options, rows=ROWS, shortlist=given) for name, given in shortlists.items()}
    many: dict[str, list[float]] = {name: [] for name in engines}
    single: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(rounds + 1):  # the first round warms up
        for name, engine in engines.items():
            many[name].append(seconds(lambda engine=engine: engine.run(one.sources)))
            single[name].append(statistics.median(seconds(lambda engine=engine: engine.run(alone)) for _ in range(9)))
    lists = [one.shortlist.of([one.sources[i] for i in group], [FREE] * len(group)) for group in groups(one.sources)]
    return {
        "tokens of a source": round(float(np.mean([np.mean(found.own.sum(1)) for found in lists]))),
        "tokens of a batch": round(float(np.mean([len(found.words) for found in lists]))),
        **{f"sentences/s {name}": round(len(one.sources) / middle(times)) for name, times in many.items()},
        "times as fast": ratio(many),
        **{f"ms alone {name}": round(1000 * middle(times), 2) for name, times in single.items()},
        "alone, times as fast": ratio(single),
    }


def vars_of(options: Decode) -> dict[str, Any]:
    return {name: getattr(options, name) for name in ("ratio", "extra", "least", "length_penalty")}


def groups(sources: Ids) -> list[list[int]]:
    return batches([len(source) for source in sources], ROWS)


def seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def middle(times: list[float]) -> float:
    return statistics.median(times[1:])


def ratio(times: dict[str, list[float]]) -> list[float]:
    """Median, least and greatest of the rounds."""
    found = sorted(a / b for a, b in zip(times["without"][1:], times["with"][1:], strict=True))
    return [round(x, 2) for x in (statistics.median(found), found[0], found[-1])]


def table(rows: list[dict[str, Any]]) -> str:
    """One row for each model and beam."""
    lines = [
        "| vocabulary | | beam | in a list | in a batch's | sentences/s | x | ms alone | x |",
        "|---|" + "---|" * 8,
    ]
    for row in rows:
        ratios = ["{} [{}, {}]".format(*row[key]) for key in ("times as fast", "alone, times as fast")]
        lines.append(
            f"| {row['vocabulary']:,} | {row['name']} | {row['beam']} | {row['tokens of a source']:,} "
            f"| {row['tokens of a batch']:,} | {row['sentences/s without']} -> {row['sentences/s with']} | {ratios[0]} "
            f"| {row['ms alone without']} -> {row['ms alone with']} | {ratios[1]} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--vocabulary", type=int, nargs="*", default=[5000, 10000, 30000])
    parser.add_argument("--contenders", nargs="+", default=["int8", "fp32", "PyTorch"], help="of random models")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lines", type=int, default=192)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    for given in ([chosen.model] if chosen.model else []) + chosen.vocabulary:
        known = random_models(given, chosen.lines) if isinstance(given, int) else trained_model(given, chosen.lines)
        for name, one in known.items():
            for beam in (1, 5) if isinstance(given, Path) or name in chosen.contenders else ():
                found = measured(one, beam, chosen.rounds)
                rows.append({"vocabulary": one.shortlist.size, "name": name, "beam": beam, **found})
                print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
    print(table(rows))
    RESULTS.mkdir(exist_ok=True)
    facts = {"machine": machine(), "threads": 1, "rounds": chosen.rounds, "sentences": chosen.lines, "rows": rows}
    (RESULTS / "shortlist.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
