"""A sitting of a run: what is validated, which weights are kept, when it stops, what its card says."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import torch

import letters
import regard
from regard import config as configs
from regard.card import Card
from regard.errors import ConfigError, TrainingError, UsageError
from regard.evaluation import evaluate
from regard.training.session import Session, train


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    return letters.write_pairs(tmp_path / "pairs.tsv", letters.lines(90, 4))


def validations(out: Path) -> list[dict[str, Any]]:
    return [facts for facts in letters.log(out) if facts["kind"] == "valid"]


def state(out: Path) -> dict[str, np.ndarray]:
    return dict(safetensors.numpy.load_file(str(out / "training" / "last.safetensors")))


def test_the_same_seed_gives_the_same_weights_and_another_one_others(tmp_path: Path, pairs: Path) -> None:
    for name, seed in (("one", 1), ("same", 1), ("other", 2)):
        torch.manual_seed(len(name))  # whatever was drawn before
        train(letters.tiny(pairs, seed=seed, embedding={"dropout": 0.3}), tmp_path / name)
    assert all(letters.same_runs(tmp_path / "one", tmp_path / "same"))
    one, other = letters.weights(tmp_path / "one"), letters.weights(tmp_path / "other")
    assert not any(np.array_equal(one[name], other[name]) for name in one if one[name].ndim == 2)


def test_any_seed_that_a_config_may_hold_can_be_trained_with(tmp_path: Path, pairs: Path) -> None:
    train(letters.tiny(pairs, seed=2**63 - 1, train={"steps": 2}), tmp_path / "out")
    assert letters.progress(tmp_path / "out")["step"] == 2


def test_training_makes_the_validation_loss_smaller(tmp_path: Path, pairs: Path) -> None:
    train(letters.tiny(pairs, train={"steps": 40, "validate": 10, "ema": 0.5, "rate": 0.02}), tmp_path / "out")
    losses = [facts["loss"] for facts in validations(tmp_path / "out")]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.8 * losses[0]


def test_validation_comes_at_its_interval_and_at_the_end(tmp_path: Path, pairs: Path) -> None:
    train(letters.tiny(pairs, train={"steps": 10, "validate": 4}), tmp_path / "out")
    assert [facts["step"] for facts in validations(tmp_path / "out")] == [4, 8, 10]


def test_epochs_are_as_many_steps_as_the_pairs_need(tmp_path: Path, pairs: Path) -> None:
    train(letters.tiny(pairs, train={"steps": 0, "epochs": 3, "least": 2, "batch": 10_000}), tmp_path / "out")
    assert letters.progress(tmp_path / "out")["step"] == 3


@pytest.mark.parametrize("stop_on", ["bleu", "loss"])
def test_a_run_that_gets_no_better_is_stopped_early(tmp_path: Path, pairs: Path, stop_on: str) -> None:
    options = {"steps": 50, "validate": 2, "rate": 0.0, "patience": 3, "stop_on": stop_on}
    train(letters.tiny(pairs, train=options), tmp_path / "out")
    assert [facts["step"] for facts in validations(tmp_path / "out")] == [2, 4, 6, 8]
    found = letters.progress(tmp_path / "out")
    assert (found["step"], found["best_step"], found["waited"]) == (8, 2, 3)


@pytest.mark.parametrize(("stop_on", "best"), [("bleu", 4), ("loss", 6)])
def test_the_weights_of_the_best_validation_are_kept(
    tmp_path: Path, pairs: Path, monkeypatch: pytest.MonkeyPatch, stop_on: str, best: int
) -> None:
    options = {"validate": 2, "schedule": "constant", "warmup": 0.0, "stop_on": stop_on, "ema": 0.7}
    apart = {"shared": False, "tied": False}  # so that every weight has one name
    train(letters.tiny(pairs, embedding=apart, train={**options, "steps": best}), tmp_path / "until_best")
    scores: Iterator[tuple[float, float]] = iter([(10.0, 3.0), (30.0, 2.0), (20.0, 1.0), (5.0, 4.0)])

    def judge(session: Session, model: object) -> dict[str, float]:
        bleu, loss = next(scores)
        return {"loss": loss, "bleu": bleu}

    monkeypatch.setattr(Session, "judge", judge)
    train(letters.tiny(pairs, embedding=apart, train={**options, "steps": 8}), tmp_path / "out")
    found = letters.progress(tmp_path / "out")
    assert (found["step"], found["best_step"]) == (8, best)
    averages = state(tmp_path / "until_best")
    for name, weight in letters.weights(tmp_path / "out").items():
        assert np.array_equal(weight, averages[f"average.{name}"]), name


def test_saving_the_run_does_not_change_it(tmp_path: Path, pairs: Path) -> None:
    for save in (0, 1):
        train(letters.tiny(pairs, train={"save": save}), tmp_path / str(save))
    assert all(letters.same_runs(tmp_path / "0", tmp_path / "1"))


def test_validating_more_often_does_not_change_the_weights(tmp_path: Path, pairs: Path) -> None:
    for validate in (2, 8):
        changes = {"embedding": {"dropout": 0.3}, "train": {"validate": validate}}
        train(letters.tiny(pairs, **changes), tmp_path / str(validate))
    often, seldom = state(tmp_path / "2"), state(tmp_path / "8")
    assert all(np.array_equal(often[name], seldom[name]) for name in often)


def test_the_report_and_the_card_say_what_evaluate_says_of_the_kept_model(tmp_path: Path, pairs: Path) -> None:
    out = tmp_path / "out"
    report = train(letters.tiny(pairs, train={"steps": 60, "rate": 0.02, "validate": 20}), out)
    again = evaluate(regard.load(out), letters.held_out(out))
    card = Card.load(out)
    assert report.scores == again.scores
    assert report.perplexity == again.perplexity
    assert {name: tuple(score) for name, score in card.scores.items()} == {
        name: (score.value, score.signature) for name, score in again.scores.items()
    }
    assert card.validation == {"pairs": len(again.outputs), "beam": 2, "perplexity": round(again.perplexity, 4)}


def test_the_loss_of_a_validation_is_the_log_of_the_perplexity(tmp_path: Path, pairs: Path) -> None:
    train(letters.tiny(pairs, train={"steps": 4}), tmp_path / "out")
    (last,) = validations(tmp_path / "out")
    found = evaluate(regard.load(tmp_path / "out"), letters.held_out(tmp_path / "out"))
    assert last["loss"] == pytest.approx(np.log(found.perplexity), abs=1e-5)


def test_a_finished_model_folder_holds_what_it_should_and_no_pickle(tmp_path: Path, pairs: Path) -> None:
    train(letters.tiny(pairs), tmp_path / "out")
    names = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert names >= {"README.md", "card.json", "codec/vocabulary.txt", "config.toml", "model.safetensors"}
    assert {name for name in names if not name.startswith("training/")} == {
        "README.md",
        "card.json",
        "codec/vocabulary.txt",
        "config.toml",
        "model.safetensors",
    }
    assert not any(name.endswith((".pt", ".bin", ".pkl", ".tmp")) for name in names)


def test_the_training_folder_may_be_deleted(tmp_path: Path, pairs: Path) -> None:
    import shutil

    train(letters.tiny(pairs), tmp_path / "out")
    before = regard.load(tmp_path / "out")("a b c")
    shutil.rmtree(tmp_path / "out" / "training")
    after = regard.load(tmp_path / "out")("a b c")
    assert (after.text, after.score) == (before.text, before.score)


def test_a_rate_that_breaks_the_weights_stops_the_run_with_advice(tmp_path: Path, pairs: Path) -> None:
    options = {"steps": 60, "rate": 1e18, "skip": 5, "clip": 0.0, "validate": 2}
    with pytest.raises(TrainingError, match="5 steps in a row"):
        train(letters.tiny(pairs, train=options), tmp_path / "out")
    assert (tmp_path / "out" / "training" / "log.jsonl").read_text(encoding="utf-8").count("NaN") == 0


def test_a_run_is_not_overwritten(tmp_path: Path, pairs: Path) -> None:
    train(letters.tiny(pairs), tmp_path / "out")
    with pytest.raises(UsageError, match="already holds a run"):
        train(letters.tiny(pairs), tmp_path / "out")


def test_after_a_config_that_no_model_can_be_built_from_a_run_may_begin_anew(tmp_path: Path, pairs: Path) -> None:
    wrong = letters.tiny(pairs, attention={"name": "dot"}, decoder={"size": 17})
    with pytest.raises(ConfigError, match="make them equal"):
        train(wrong, tmp_path / "out")
    train(letters.tiny(pairs, attention={"name": "dot"}, codec={"name": "characters"}), tmp_path / "out")
    assert configs.read(tmp_path / "out" / configs.FILE).codec["name"] == "characters"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_device_that_is_not_there_is_told(tmp_path: Path, pairs: Path) -> None:
    with pytest.raises(UsageError, match=re.escape("train.device is cuda, but PyTorch finds no CUDA device here")):
        train(letters.tiny(pairs, train={"device": "cuda"}), tmp_path / "out")


def test_the_folder_may_be_given_as_text(tmp_path: Path, pairs: Path) -> None:
    report = regard.train(letters.tiny(pairs), str(tmp_path / "out"))
    assert Card.load(tmp_path / "out").validation["pairs"] == report.examples


PARTS: dict[str, dict[str, dict[str, object]]] = {
    "words": {"codec": {"name": "words", "digits": False}},
    "characters": {"codec": {"name": "characters"}},
    "unigram pieces": {"codec": {"name": "pieces", "size": 30}},
    "bpe pieces": {"codec": {"name": "pieces", "size": 30, "model": "bpe"}},
    "byte pieces": {"codec": {"name": "pieces", "size": 300, "bytes": True}},
    "two vocabularies": {"embedding": {"shared": False}},
    "two vocabularies of pieces": {"embedding": {"shared": False}, "codec": {"name": "pieces", "size": 30}},
    "untied": {"embedding": {"tied": False}},
    "two untied vocabularies": {"embedding": {"shared": False, "tied": False}},
    "gru": {"encoder": {"cell": "gru"}, "decoder": {"cell": "gru"}},
    "two layers": {"encoder": {"layers": 2}, "decoder": {"layers": 2}},
    "one direction": {"encoder": {"bidirectional": False}},
    "no attention": {"attention": {"name": "none"}},
    "no attention, other order": {
        "attention": {"name": "none"},
        "decoder": {"name": "step_then_attend", "size": 16},
    },
    "dot": {"attention": {"name": "dot"}},
    "dot, other order": {"attention": {"name": "dot"}, "decoder": {"name": "step_then_attend", "size": 16}},
    "additive": {"attention": {"name": "additive", "size": 7}},
    "general, other order": {"decoder": {"name": "step_then_attend", "size": 12, "layers": 2, "cell": "gru"}},
}


@pytest.mark.parametrize("changes", PARTS.values(), ids=PARTS)
def test_every_part_trains_saves_loads_resumes_and_runs(
    tmp_path: Path, pairs: Path, changes: dict[str, dict[str, object]]
) -> None:
    out = tmp_path / "out"
    train(letters.tiny(pairs, train={"steps": 2, "validate": 2}, **changes), out)
    train(letters.tiny(pairs, train={"steps": 3, "validate": 3}, **changes), out, resume=True)
    assert letters.progress(out)["step"] == 3
    output = regard.load(out)("a b c")
    assert output.attention.shape == (len(output.tokens), len(output.source_tokens))
    looks = 0.0 if changes.get("attention", {}).get("name") == "none" else 1.0
    np.testing.assert_allclose(output.attention.sum(1), looks, atol=1e-5)
    output.save(tmp_path / "links.pharaoh")
    links = (tmp_path / "links.pharaoh").read_text(encoding="utf-8").split()
    assert not links if looks == 0 else len(links) == len(output.text.split())
