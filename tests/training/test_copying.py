"""Names that no training pair has: a model that copies says them letter by letter, one that does not cannot."""

import random
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import letters
import tiny
from halting import interrupt, stop_at
from regard import config as configs
from regard.data.store import Store
from regard.errors import ConfigError, ModelError, UsageError
from regard.export.export import export
from regard.export.shortlist import add
from regard.loading import load
from regard.training.prepare import prepare
from regard.training.session import Interrupted, train
from regard.training.work import Work

VERBS, TIMES = ("call", "ask", "tell", "find"), ("now", "soon", "today", "later")


def name(choose: random.Random) -> str:
    """Letters in no order, of which some are capitals."""
    return "".join(choose.choice("bdfgklmnprstvz" if i else "BDFGKLMNPRSTVZ") for i in range(5))


def pairs(path: Path, seed: int, count: int) -> list[tuple[str, str]]:
    choose = random.Random(seed)
    rows = []
    for _ in range(count):
        verb, wanted, when = choose.choice(VERBS), name(choose), choose.choice(TIMES)
        rows.append((f"{verb} {wanted} {when}", f"{wanted} {when}"))
    path.write_text("".join(f"{source}\t{target}\n" for source, target in rows), encoding="utf-8")
    return rows


def learnt(folder: Path, **sections: Any) -> Path:
    """A model of few steps; names are so rare that no vocabulary has them."""
    pairs(folder / "pairs.tsv", 1, 400)
    raw = {
        "data": {"train": str(folder / "pairs.tsv"), "holdout": 0.05},
        "codec": {"name": "words", "minimum": 20},
        "embedding": {"size": 24, "dropout": 0.0},
        "encoder": {"name": "recurrent", "size": 24, "dropout": 0.0},
        "attention": {"name": "additive", "size": 24},
        "decoder": {"name": "attend_then_step", "size": 32, "dropout": 0.0},
        "train": {"steps": 120, "batch": 200, "rate": 0.01, "ema": 0.9, "workers": 1, "threads": 1, "validate": 60},
        **sections,
    }
    train(configs.check(raw), folder / "model")
    return folder / "model"


@pytest.fixture(scope="module")
def unseen(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    return pairs(tmp_path_factory.mktemp("unseen") / "pairs.tsv", 2, 50)


@pytest.fixture(scope="module")
def pointer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What copies where attention looks, with the coverage that See et al. add; read it only."""
    attention = {"name": "coverage", "size": 24, "loss": 1.0}
    objective = {"name": "cross_entropy", "asked_from": 0.9}
    folder = tmp_path_factory.mktemp("pointer")
    return learnt(folder, output={"name": "pointer"}, attention=attention, objective=objective)


@pytest.fixture(scope="module")
def copynet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return learnt(tmp_path_factory.mktemp("copynet"), output={"name": "copynet"})


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return learnt(tmp_path_factory.mktemp("plain"))


@pytest.mark.parametrize("name", tiny.few(["pointer", "copynet"], 1))
def test_what_copies_says_names_never_seen(
    tmp_path: Path, unseen: list[tuple[str, str]], name: str, request: pytest.FixtureRequest
) -> None:
    folder = Path(shutil.copytree(request.getfixturevalue(name), tmp_path / name))
    sources, targets = ([row[i] for row in unseen] for i in (0, 1))
    eager = load(folder)(sources)
    assert sum(o.text == t for o, t in zip(eager, targets, strict=True)) >= 48
    for output in eager:
        assert output.p_gen is not None
        assert output.p_gen.shape == (len(output.tokens),)
    assert np.mean([output.p_gen[0] for output in eager if output.p_gen is not None]) < 0.2
    export(folder, "fp32", say=str)
    exported = load(folder)
    assert [output.text for output in exported(sources)] == [output.text for output in eager]
    forced = list(exported.force(sources, targets))
    assert np.mean([output.token_scores.sum() for output in forced]) > -0.5
    assert [output.text for output in forced] == targets


@pytest.mark.slow
def test_in_eight_bits_it_copies_as_well(tmp_path: Path, pointer: Path, unseen: list[tuple[str, str]]) -> None:
    folder = Path(shutil.copytree(pointer, tmp_path / "pointer"))
    export(folder, "int8", say=str)
    outputs = load(folder)([source for source, _ in unseen])
    assert sum(o.text == t for o, (_, t) in zip(outputs, unseen, strict=True)) >= 45


def test_what_does_not_copy_cannot(plain: Path, unseen: list[tuple[str, str]]) -> None:
    outputs = load(plain)([source for source, _ in unseen])
    assert all(output.p_gen is None for output in outputs)
    assert not any(output.text == target for output, (_, target) in zip(outputs, unseen, strict=True))
    assert all(output.text.startswith("<unk> ") for output in outputs)


def test_what_a_user_wants_reaches_words_of_the_source(pointer: Path) -> None:
    model = load(pointer)
    source = "call Zgtbk now"
    assert model(source).text == "Zgtbk now"
    assert "Zgtbk" not in model(source, forbid=["Zgtbk"]).text.split()
    assert "call" in model(source, require=["call"]).text.split()
    assert model(source, prefix="now Zgtbk").text.startswith("now Zgtbk")
    assert model("", require=["Zgtbk"]).text == ""
    steps = list(model.tokens(source))
    assert steps[-1].text == model(source, beam=1).text
    assert steps[0].p_gen is not None


def test_scores_are_the_same_whatever_the_batch(pointer: Path, unseen: list[tuple[str, str]]) -> None:
    model = load(pointer)
    sources = [*(source for source, _ in unseen), "call Zgtbk now " * 9]
    together = model(sources)
    for i in (0, 7, 50):
        assert model(sources[i]).text == together[i].text
        np.testing.assert_allclose(model(sources[i]).token_scores, together[i].token_scores, atol=1e-4)


def test_several_models_copy_or_none_does(tmp_path: Path, pointer: Path, copynet: Path, plain: Path) -> None:
    assert load(pointer, copynet)("call Zgtbk now").text == "Zgtbk now"
    with pytest.raises(ModelError, match="copies words of its source and the other does not"):
        load(pointer, plain)
    with pytest.raises(UsageError, match=r"also copies, and decode\.shortlist"):
        load(pointer, settings=["decode.shortlist=true"])
    with pytest.raises(UsageError, match="which no shortlist could hold"):
        add(pointer)


def test_what_a_run_begins_with_it_copies_as_that_does(tmp_path: Path, pointer: Path) -> None:
    raw = {"data": {"train": str(pointer.parent / "pairs.tsv")}, "train": {"start": str(pointer)}}
    begun = configs.check(raw)
    assert begun.output == {"name": "pointer"}
    assert begun.attention["name"] == "coverage"


@pytest.mark.parametrize(
    ("sections", "told"),
    [
        ({"objective": {"name": "cross_entropy", "agreement": 2.0}}, "it wants objective.agreement = 0, not 2"),
        ({"codec": {"name": "pieces", "size": 60, "temperature": 2.0}}, "it wants codec.temperature = 0, not 2"),
        ({"objective": {"name": "self_critical"}}, "which .objective. self_critical cannot spell"),
        ({"attention": {"name": "none"}}, "nothing looks nowhere"),
    ],
)
def test_what_does_not_go_with_copying_is_told_before_training(
    tmp_path: Path, pointer: Path, sections: dict[str, Any], told: str
) -> None:
    pairs = pointer.parent / "pairs.tsv"
    with pytest.raises(ConfigError, match=told):
        train(letters.tiny(pairs, output={"name": "pointer"}, **sections), tmp_path / "out")


FEW = {  # letters, half of which the vocabulary lacks
    "codec": {"name": "words", "size": 8},
    "embedding": {"size": 8, "dropout": 0.3},
    "train": {"steps": 12, "validate": 4, "save": 3, "ema": 0.8, "parts": 2, "batch": 60},
    "attention": {"name": "coverage", "size": 8, "loss": 1.0},
    "objective": {"name": "cross_entropy", "asked_from": 0.5},
}


@pytest.mark.parametrize("output", ["pointer", "copynet"])
@pytest.mark.parametrize("shared", [True, False])
def test_a_resumed_run_is_the_one_that_was_not_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, shared: bool
) -> None:
    pairs = letters.write_pairs(tmp_path / "pairs.tsv", letters.lines(150, 5))
    chosen = {**FEW, "embedding": {**FEW["embedding"], "shared": shared}, "output": {"name": output}}
    train(letters.tiny(pairs, **chosen), tmp_path / "whole")
    stop_at(monkeypatch, {7}, interrupt)
    with pytest.raises(Interrupted):
        train(letters.tiny(pairs, **chosen), tmp_path / "out")
    pairs.unlink()
    train(letters.tiny(pairs, **chosen), tmp_path / "out", resume=True)
    assert all(letters.same_runs(tmp_path / "out", tmp_path / "whole"))
    store = Store(tmp_path / "out" / "training")
    assert store.copies
    assert any(i >= 8 for source, _ in map(store.__getitem__, range(len(store))) for i in source.copies)  # type: ignore[attr-defined]


def test_the_loss_of_coverage_comes_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until half of the steps a run is the one without it; from then on it is not."""
    pairs = letters.write_pairs(tmp_path / "pairs.tsv", letters.lines(150, 5))
    found: dict[str, list[tuple[float, ...]]] = {}
    for name, loss, since in (("late", 1.0, 0.5), ("never", 0.0, 0.0), ("always", 1.0, 0.0)):
        objective = {"name": "cross_entropy", "asked_from": since}
        attention = {"name": "coverage", "size": 8, "loss": loss}
        chosen = {**FEW, "attention": attention, "objective": objective, "output": {"name": "pointer"}}
        prepared = prepare(letters.tiny(pairs, **chosen), tmp_path / name, tmp_path / name / "training", str)
        work = Work.of(letters.tiny(pairs, **chosen), prepared.task.sizes, prepared.store, 2)
        work.model.train()
        assert work.steps == 12
        found[name] = [(float(work(step, 0)[0]), float(work(step, 1)[0])) for step in range(12)]
    assert found["late"][:6] == found["never"][:6]
    assert found["late"][6:] == found["always"][6:]
    assert all(a[0] > b[0] for a, b in zip(found["always"], found["never"], strict=True))
