"""Questions whose answer stands in their passage, pointed at: training, records, scores, windows, resuming, export."""

import io
import json
import random
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

import letters
from halting import interrupt, stop_at
from regard import config as configs
from regard.cli import main
from regard.errors import ConfigError, UsageError
from regard.evaluation import evaluate
from regard.export.export import export
from regard.loading import load
from regard.training.session import Interrupted, train
from regard.types import Example

NAMES, WORDS = ("Ann", "Bob", "Eve", "Tom"), [f"{a}{b}" for a in "bdfgk" for b in ("ol", "in", "et", "um")]


def rows(seed: int, count: int) -> list[dict[str, Any]]:
    """Each name has something of one or two words; the question asks for that of one of them."""
    choose, made = random.Random(seed), []
    for _ in range(count):
        names = choose.sample(NAMES, 3)
        things = [" ".join(choose.choices(WORDS, k=choose.choice((1, 2)))) for _ in names]
        asked = choose.randrange(3)
        context = " ".join(f"{name} has {thing} ." for name, thing in zip(names, things, strict=True))
        made.append({"context": context, "question": f"what has {names[asked]} ?", "answers": [things[asked]]})
    return made


def write(path: Path, made: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in made), encoding="utf-8")
    return path


def raw(folder: Path, **sections: Any) -> dict[str, Any]:
    return {
        "task": "answer",
        "data": {"train": str(write(folder / "rows.jsonl", rows(1, 400))), "holdout": 0.05},
        "codec": {"name": "words"},
        "embedding": {"size": 24, "dropout": 0.0},
        "encoder": {"name": "flow", "size": 16, "dropout": 0.0},
        "attention": {"name": "additive", "size": 24},
        "decoder": {"name": "attend_then_step", "size": 24, "dropout": 0.0},
        "output": {"name": "span"},
        "objective": {"name": "cross_entropy", "smoothing": 0.0},
        "train": {"steps": 150, "batch": 400, "rate": 0.01, "ema": 0.9, "workers": 1, "threads": 1, "validate": 75},
        **sections,
    }


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("span")
    train(configs.check(raw(folder)), folder / "model")
    return folder / "model"


@pytest.fixture(scope="module")
def unseen() -> list[Example]:
    return [
        Example(f"{row['question']} ||| {row['context']}", row["answers"][0], line)
        for line, row in enumerate(rows(2, 40))
    ]


def test_it_learns_to_point(learnt: Path, unseen: list[Example]) -> None:
    report = evaluate(load(learnt), unseen)
    assert report.scores["exact"].value > 90
    assert report.scores["f1"].value >= report.scores["exact"].value
    assert report.perplexity < 1.5
    for output in report.outputs:
        assert output.text in output.source.partition(" ||| ")[2]


def test_a_record_has_the_pointers_and_is_all_copied(learnt: Path, unseen: list[Example]) -> None:
    output = load(learnt)(unseen[0].source)
    assert output.text == unseen[0].target
    assert output.p_gen is not None and not output.p_gen.any()
    first, last = output.attention[0], output.attention[-1]
    assert output.source_tokens[int(first.argmax())] == output.tokens[0]
    assert output.source_tokens[int(last.argmax())] == output.tokens[-2]
    np.testing.assert_allclose([first.sum(), last.sum()], 1, atol=1e-5)
    assert " ".join(word.text for word in output.words[:-1]) == output.text


def test_alternatives_are_other_spans_by_their_probability(learnt: Path, unseen: list[Example]) -> None:
    output = load(learnt, settings=["decode.beam=4"])(unseen[0].source, nbest=4)
    scores = [output.score, *(other.score for other in output.alternatives)]
    assert len(scores) == 4 and scores == sorted(scores, reverse=True)
    assert [token.token for token in load(learnt).tokens(unseen[0].source)] == list(output.tokens)


def test_given_answers_are_judged_by_their_ends(learnt: Path, unseen: list[Example]) -> None:
    model = load(learnt)
    (scores,) = model.score([unseen[0].source], [unseen[0].target])
    assert scores.shape == (2,)
    (record,) = model.force([unseen[0].source], [unseen[0].target])
    assert record.text == unseen[0].target and record.score == pytest.approx(float(scores.sum()), abs=1e-5)
    with pytest.raises(UsageError, match="has no 'a dragon' to point at"):
        model.score([unseen[0].source], ["a dragon"])


def test_the_best_of_several_windows_counts(learnt: Path, unseen: list[Example]) -> None:
    whole, parts = load(learnt), load(learnt, settings=["data.longest=13", "data.long=window"])
    outputs = parts([example.source for example in unseen])
    assert all("read in" in output.note for output in outputs)
    right = [output.text == example.target for output, example in zip(outputs, unseen, strict=True)]
    assert sum(right) > len(unseen) / 2
    assert whole(unseen[0].source).note == ""


@pytest.mark.slow
def test_an_exported_model_points_where_the_model_does(learnt: Path, unseen: list[Example], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(learnt, tmp_path / "model"))
    sources = [example.source for example in unseen[:10]]
    before = load(folder, exported=False)(sources)
    done = export(folder, "fp32", say=str)
    assert done.difference < 1e-3
    after = load(folder, exported=True)(sources)
    assert [output.text for output in after] == [output.text for output in before]
    export(folder, "int8", say=str)
    assert sum(a.text == b.text for a, b in zip(load(folder)(sources), before, strict=True)) >= 8


def test_a_run_goes_on_as_if_it_had_not_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = {"steps": 12, "batch": 400, "workers": 1, "threads": 1, "validate": 6}
    config = configs.check(raw(tmp_path, train=short))
    train(config, tmp_path / "whole")
    with monkeypatch.context() as patch, pytest.raises(Interrupted):
        stop_at(patch, {7}, interrupt)
        train(config, tmp_path / "stopped")
    train(config, tmp_path / "stopped", resume=True)
    assert all(letters.same_runs(tmp_path / "whole", tmp_path / "stopped"))


def test_answers_that_stand_nowhere_are_left_out_and_told(tmp_path: Path) -> None:
    made = rows(3, 30)
    made[4]["answers"] = ["a dragon"]
    made[5]["answers"] = ["a dragon", made[5]["answers"][0]]
    file, told = write(tmp_path / "some.jsonl", made), io.StringIO()
    console = Console(file=told, width=300)
    data = {"train": str(file), "valid": str(file)}
    short = {"steps": 2, "workers": 1, "threads": 1}
    train(configs.check(raw(tmp_path, data=data, train=short)), tmp_path / "model", console=console)
    assert "2 pairs left out: an answer that does not stand in its passage" in told.getvalue()


def test_only_answers_can_be_pointed_at(tmp_path: Path) -> None:
    pairs = letters.write_pairs(tmp_path / "pairs.tsv", letters.lines(20, 5))
    with pytest.raises(ConfigError, match="span points at a part of a passage, and the task translate has none"):
        train(configs.check(raw(tmp_path, task="translate", data={"train": str(pairs)})), tmp_path / "model")


def test_from_the_command_line(learnt: Path, unseen: list[Example], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(learnt), unseen[0].source, "--show"]) == 0
    shown = capsys.readouterr().out
    assert unseen[0].target.split()[0] in shown and "generated, not copied" in shown
    assert main(["info", str(learnt)]) == 0
    assert "span" in capsys.readouterr().out
    assert main(["run", str(learnt), unseen[0].source, "--require", "cat"]) != 0
    assert "no words that could be asked for" in capsys.readouterr().err
