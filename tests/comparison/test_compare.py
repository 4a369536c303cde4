"""A whole comparison on tiny models: fair, resumable, and the same scores as every other command."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from xml.etree import ElementTree

import pytest

import letters
import regard
from regard import config as configs
from regard.alignment import align, error_rate, read_gold
from regard.comparison.compare import Comparison, compare
from regard.comparison.measure import FILE, Measures, Run, measure
from regard.comparison.runner import check_fit, plan
from regard.comparison.variants import Variant
from regard.config import Config
from regard.errors import ConfigError
from regard.evaluation import evaluate
from regard.types import Example

BASE = {
    "decoder": {"name": "between", "size": 16, "dropout": 0.0},
    "compare": {"vary": "attention.name=none,general", "width": 2},
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compare")
    for name, seed in (("pairs", 1), ("test", 2)):
        letters.write_pairs(folder / f"{name}.tsv", letters.lines(80, 5, seed))
    return folder


def configured(place: Path, settings: Sequence[str] = (), seeds: int = 1) -> Config:
    raw = letters.sections(place / "pairs.tsv", **BASE)
    raw["compare"] |= {"test": str(place / "test.tsv"), "samples": 50, "seeds": seeds}
    return configs.check(configs.override(raw, settings))


def compared(place: Path, said: list[str], out: str = "out", seeds: int = 1) -> Comparison:
    def report(run: Run, result: object, total: int) -> None:
        said.append(f"{run.variant} {run.config.seed}/{total}: {type(result).__name__}")

    config = configured(place, seeds=seeds)
    config.save(place)
    settings = (f"compare.{key}={json.dumps(value)}" for key, value in asdict(config.compare).items())
    return compare(place / configs.FILE, place / out, list(settings), report=report)


@pytest.fixture(scope="module")
def said() -> list[str]:
    return []


@pytest.fixture(scope="module")
def found(place: Path, said: list[str]) -> Comparison:
    return compared(place, said)


def test_every_variant_has_its_row_and_both_files_are_written(place: Path, found: Comparison, said: list[str]) -> None:
    assert [row.name for row in found.rows] == ["none", "general"]
    assert said == ["none 1/2: Measures", "general 1/2: Measures"]
    plain = json.loads((place / "out" / "compare.json").read_text(encoding="utf-8"))
    assert plain == json.loads(json.dumps(found.to_json()))
    assert plain["test_pairs"] == 80
    figure = ElementTree.fromstring((place / "out" / "by_length.svg").read_text(encoding="utf-8"))
    assert {"none", "general", "BLEU by source length"} <= set(figure.itertext())
    page = (place / "out" / "compare.html").read_text(encoding="utf-8")
    assert '"names":["none","general"]' in page
    none, general = found.rows
    assert none.numbers["entropy"] is None
    assert (general.numbers["entropy"] or 0) > 0
    assert (none.numbers["parameters"] or 0) < (general.numbers["parameters"] or 0)
    assert (general.numbers["peak_mib"] or 0) > 50


def test_the_score_is_that_of_evaluation(place: Path, found: Comparison) -> None:
    lines = [line.split("\t") for line in (place / "test.tsv").read_text(encoding="utf-8").splitlines()]
    report = evaluate(regard.load(place / "out" / "general" / "seed-1"), [Example(*line) for line in lines])
    assert found.rows[1].score == pytest.approx(report.scores["bleu"].value)
    assert found.rows[1].numbers["perplexity"] == pytest.approx(report.perplexity)


def test_data_and_their_order_are_the_same(place: Path, found: Comparison) -> None:
    stores = [place / "out" / name / "seed-1" / "training" for name in ("none", "general")]
    for file in ("source.ids", "target.ids", "store.json", "valid.jsonl"):
        one, other = ((folder / file).read_bytes() for folder in stores)
        assert one == other
    logs = [[(f["step"], f["tokens"]) for f in letters.log(folder.parent) if f["kind"] == "train"] for folder in stores]
    assert logs[0] == logs[1]


def test_a_finished_run_is_not_repeated_and_a_lost_one_alone_is(place: Path, found: Comparison) -> None:
    measured = [place / "out" / name / "seed-1" / FILE for name in ("none", "general")]
    times = [path.stat().st_mtime_ns for path in measured]
    again = compared(place, [])
    assert again.to_json() == found.to_json()
    assert [path.stat().st_mtime_ns for path in measured] == times
    measured[0].write_text("{}", encoding="utf-8")
    lost = compared(place, [])
    assert [row.score for row in lost.rows] == [row.score for row in found.rows]
    assert measured[0].stat().st_mtime_ns > times[0]
    assert measured[1].stat().st_mtime_ns == times[1]


def test_what_was_measured_of_another_run_does_not_count(place: Path, found: Comparison) -> None:
    folder = place / "out" / "general" / "seed-1"
    same = Run("general", configured(place, ["attention.name=general"]), folder)
    assert Measures.load(same) is not None
    for change in ("decode.beam=1", f"compare.test={place / 'pairs.tsv'}", "train.steps=9"):
        other = Run("general", configured(place, ["attention.name=general", change]), folder)
        assert Measures.load(other) is None, change
    for change in (
        "train.threads=7",
        "train.workers=2",
        "compare.also=more: seed=5",
        "compare.seeds=4",
        "compare.width=3",
    ):
        same = Run("general", configured(place, ["attention.name=general", change]), folder)
        assert Measures.load(same) is not None, change


def test_other_test_pairs_in_the_same_file_are_measured_anew(place: Path, tmp_path: Path) -> None:
    test = letters.write_pairs(tmp_path / "test.tsv", ["a b", "c"])
    run = Run("a", configured(place, [f"compare.test={test}"]), tmp_path)
    before = run.key
    assert run.key == before
    letters.write_pairs(test, ["a b", "d"])
    assert run.key != before


def test_seeds_are_runs_of_their_own(place: Path) -> None:
    runs = plan([Variant("none", ("attention.name=none",))], lambda s: configured(place, s, seeds=3), place / "seeds")
    assert [run.folder.name for run in runs] == ["seed-1", "seed-2", "seed-3"]
    assert [run.config.seed for run in runs] == [1, 2, 3]


def test_a_variant_that_does_not_fit_is_told_before_any_work(place: Path) -> None:
    config = configured(place, ["attention.name=dot", "decoder.size=10"])
    with pytest.raises(ConfigError, match=r"mine: .*make them equal"):
        check_fit(Run("mine", config, place / "never"))


def test_without_a_test_file_the_validation_pairs_are_taken(place: Path, tmp_path: Path) -> None:
    config = configured(place, ["compare.test=", "train.steps=2"])
    found = measure(Run("a", config, tmp_path / "run"), quiet=True)
    valid = [
        json.loads(line)
        for line in (tmp_path / "run" / "training" / "valid.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert [line[0] for line in found.lines] == [pair["source"] for pair in valid]


def test_joined_tests_are_joined_anew_in_each_pass(place: Path, tmp_path: Path) -> None:
    config = configured(place, ["data.join=8", "compare.joins=2", "train.steps=2"])
    lines = measure(Run("a", config, tmp_path / "run"), quiet=True).lines
    words = (place / "test.tsv").read_text(encoding="utf-8").split()
    assert sum(len(source.split()) for source, _, _ in lines) == len(words)  # both sides, or the sources twice
    assert max(len(source.split()) for source, _, _ in lines) > 5
    assert all(source == reference for source, reference, _ in lines)


def test_a_run_that_fails_costs_no_other(place: Path) -> None:
    blocked = place / "faulty" / "none" / "seed-1"
    blocked.mkdir(parents=True)
    (blocked / "model.safetensors").write_bytes(b"something else")
    said: list[str] = []
    found = compared(place, said, "faulty")
    assert [row.name for row in found.rows] == ["general"]
    assert len(found.failed) == 1
    assert "none, seed 1: " in found.to_json()["failed"][0]


def test_gold_alignments_give_the_error_rate_of_aligning(place: Path, found: Comparison, tmp_path: Path) -> None:
    text = (place / "test.tsv").read_text(encoding="utf-8")
    pairs = [(source, target) for source, target in (line.split("\t") for line in text.splitlines())]
    gold = tmp_path / "gold.pharaoh"
    gold.write_text("".join(" ".join(f"{i}-{i}" for i in range(len(s.split()))) + "\n" for s, _ in pairs), "utf-8")
    folder = place / "out" / "general" / "seed-1"
    config = configured(place, ["attention.name=general", f"compare.gold={gold}"])
    links = align(regard.load(folder), [s for s, _ in pairs], [t for _, t in pairs])
    expected = error_rate(links, read_gold(gold, pairs))
    assert 0 < expected.error < 1
    assert measure(Run("general", config, folder), quiet=True).alignment_error == pytest.approx(100 * expected.error)
