"""Beginning with the weights and vocabularies of a trained model."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import letters
import regard
from halting import interrupt, stop_at
from regard import config as configs
from regard.card import Card
from regard.config import Config
from regard.errors import ConfigError, ModelError, NoSuchModel, UsageError
from regard.training.session import Interrupted, train


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model to begin with, whose words are cut in pieces."""
    folder = tmp_path_factory.mktemp("base")
    pairs = letters.write_pairs(folder / "pairs.tsv", letters.lines(150, 5))
    train(letters.tiny(pairs, codec={"name": "pieces", "size": 30}), folder / "out")
    return folder / "out"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Other data, with letters that the model has never seen."""
    return letters.write_pairs(tmp_path / "own.tsv", letters.lines(90, 4, seed=5, letters="defgh xyz"))


def begun(pairs: Path, start: Path, **changes: dict[str, Any]) -> Config:
    """A configuration that says nothing of the model."""
    options = {"steps": 6, "batch": 64, "rate": 0.01, "validate": 3, "threads": 1, **changes.pop("train", {})}
    data, decode = {"train": str(pairs)}, {"beam": 2, "ratio": 1.0, "extra": 2}
    return configs.check({"data": data, "decode": decode, "train": {**options, "start": str(start)}, **changes})


def test_what_is_not_said_of_the_model_is_as_it_was(own: Path, base: Path) -> None:
    before, after = configs.read(base / "config.toml"), begun(own, base)
    for name in ("task", *configs.MODEL):
        assert getattr(after, name) == getattr(before, name)
    assert after.train.steps == 6 and after.decode.beam == 2


def test_what_is_said_of_it_is_kept(own: Path, base: Path) -> None:
    after = begun(own, base, embedding={"dropout": 0.4}, attention={"name": "additive"})
    assert (after.embedding.dropout, after.embedding.size) == (0.4, 8)
    assert after.attention["name"] == "additive"


def test_without_a_step_that_is_better_the_model_stays_what_it_was(tmp_path: Path, own: Path, base: Path) -> None:
    train(begun(own, base, train={"rate": 0.0}), tmp_path / "out")
    assert letters.content(tmp_path / "out" / "model.safetensors") == letters.content(base / "model.safetensors")
    assert letters.progress(tmp_path / "out")["best_step"] == 0
    assert [facts["step"] for facts in letters.log(tmp_path / "out")] == [0, 3, 6]
    for file in (base / "codec").iterdir():
        assert (tmp_path / "out" / "codec" / file.name).read_bytes() == file.read_bytes()
    assert regard.load(tmp_path / "out")("a b").text == regard.load(base)("a b").text


def test_it_learns_on_and_the_card_says_from_what(tmp_path: Path, own: Path, base: Path) -> None:
    train(begun(own, base, train={"stop_on": "loss", "ema": 0.0}), tmp_path / "out")
    first, *_, last = (facts["loss"] for facts in letters.log(tmp_path / "out"))
    assert last < first
    assert str(Card.load(tmp_path / "out").training["begun with"]).startswith("out, weights ")


def test_interrupted_it_ends_as_if_it_was_not_even_without_the_model(
    tmp_path: Path, own: Path, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = Path(shutil.copytree(base, tmp_path / "start"))
    train(begun(own, start), tmp_path / "whole")
    stop_at(monkeypatch, {2}, interrupt)
    with pytest.raises(Interrupted):
        train(begun(own, start), tmp_path / "cut")
    shutil.rmtree(start)
    train(configs.read(tmp_path / "cut" / "config.toml"), tmp_path / "cut", resume=True)
    assert all(letters.same_runs(tmp_path / "cut", tmp_path / "whole"))


def test_a_finished_run_does_not_need_it(tmp_path: Path, own: Path, base: Path) -> None:
    start = Path(shutil.copytree(base, tmp_path / "start"))
    train(begun(own, start), tmp_path / "out")
    shutil.rmtree(start)
    assert np.isfinite(regard.load(tmp_path / "out")("a b").score)


def test_a_resumed_run_cannot_begin_with_another(tmp_path: Path, own: Path, base: Path) -> None:
    chosen = begun(own, base)
    train(chosen, tmp_path / "out")
    other = replace(chosen, train=replace(chosen.train, start=""))
    with pytest.raises(ConfigError, match=r"was begun with train\.start = .*, not ''"):
        train(other, tmp_path / "out", resume=True)


def test_the_folder_is_relative_to_the_file_that_names_it_or_to_where_it_was_typed(
    tmp_path: Path, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(base, tmp_path / "models" / "start")
    (tmp_path / "run.toml").write_text('[data]\ntrain = "own.tsv"\n[train]\nstart = "models/start"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path / "models")
    for overrides in ([], ["train.start=start"]):
        config = configs.read(tmp_path / "run.toml", overrides)
        assert config.train.start == str((tmp_path / "models" / "start").resolve())
        assert config.embedding.size == 8


def test_it_is_never_written_to(tmp_path: Path, own: Path, base: Path) -> None:
    start = Path(shutil.copytree(base, tmp_path / "start"))
    (start / "model.safetensors").unlink()
    for resume in (False, True):
        with pytest.raises(UsageError, match=r"start is what train\.start names, and stays as it is"):
            train(begun(own, start), start, resume=resume)


def test_no_such_model(tmp_path: Path, own: Path) -> None:
    with pytest.raises(NoSuchModel, match=r"no model folder .*gone, which train\.start names"):
        train(begun(own, tmp_path / "gone"), tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"empty, which holds no trained model: it wants config\.toml"):
        train(begun(own, tmp_path / "empty"), tmp_path / "other")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"codec": {"name": "words"}}, r"codec is \{'name': 'words'.*so leave codec unsaid"),
        ({"codec": {"size": 40}}, r"codec is .*'size': 40.* and .*'size': 30"),
        ({"embedding": {"shared": False}}, r"embedding\.shared is False, and True in .*out"),
    ],
)
def test_other_vocabularies_are_refused(
    tmp_path: Path, own: Path, base: Path, changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        train(begun(own, base, **changes), tmp_path / "out")


def test_other_sizes_are_refused(tmp_path: Path, own: Path, base: Path) -> None:
    with pytest.raises(ModelError, match=r"model\.safetensors does not fit config\.toml: decoder.* is .* in it"):
        train(begun(own, base, decoder={"size": 17}), tmp_path / "out")


def test_words_may_be_cut_anew_though_they_were_not(tmp_path: Path, own: Path, base: Path) -> None:
    train(begun(own, base, codec={"temperature": 2.0}), tmp_path / "out")
    assert letters.progress(tmp_path / "out")["step"] == 6
