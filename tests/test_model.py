"""The encoder-decoder as a whole: what it scores, and how it is saved."""

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open

import tiny
from regard.errors import ModelError
from regard.model import WEIGHTS, EncoderDecoder
from regard.tensors import Batch
from regard.types import BOS, PAD


def batch() -> Batch:
    return Batch(tiny.sources(), tiny.targets())


def test_a_score_is_the_log_probability_of_each_token_and_zero_at_padding() -> None:
    model, given = tiny.model(), batch()
    scores = model.score(given)
    inputs = torch.cat([torch.full((3, 1), BOS), given.target[:, :-1]], 1)
    features, _, _ = model.decoder(inputs, model.decoder.start(model.encoder(given.source)))
    log_probs = model.output(features).log_softmax(-1)
    for b, row in enumerate(given.target.tolist()):
        for t, token in enumerate(row):
            expected = 0.0 if token == PAD else log_probs[b, t, token].item()
            assert scores[b, t].item() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(("shared", "tied"), [(True, True), (True, False), (False, True), (False, False)])
def test_saved_and_loaded_it_is_the_same_however_tables_are_shared(tmp_path: Path, shared: bool, tied: bool) -> None:
    options = {"shared": shared, "tied": tied}
    one, other = (EncoderDecoder(17, 17 if shared else 19, tiny.config(embedding=options)).eval() for _ in range(2))
    one.save(tmp_path)
    assert torch.equal(one.score(batch()), other.load(tmp_path).score(batch()))
    with safe_open(str(tmp_path / WEIGHTS), "pt") as file:
        saved = sum(file.get_tensor(name).numel() for name in file.keys())  # noqa: SIM118  not a dict
    assert saved == sum(p.numel() for p in one.parameters())


def test_saving_replaces_a_whole_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    tiny.model().save(tmp_path)
    before = (tmp_path / WEIGHTS).read_bytes()
    tiny.model().save(tmp_path)
    assert (tmp_path / WEIGHTS).read_bytes() != before
    assert [path.name for path in tmp_path.iterdir()] == [WEIGHTS]


def test_missing_weights_say_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=rf"holds no {re.escape(WEIGHTS)}: its training has not yet reached"):
        tiny.model().load(tmp_path)


@pytest.mark.parametrize("keep", [0, 7, 200, -1])
def test_a_cut_file_is_refused(tmp_path: Path, keep: int) -> None:
    tiny.model().save(tmp_path)
    path = tmp_path / WEIGHTS
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ModelError, match=r"model\.safetensors is damaged"):
        tiny.model().load(tmp_path)


@pytest.mark.parametrize(
    "other", [{"encoder": {"size": 4}}, {"attention": {"name": "additive"}}, {"decoder": {"layers": 2}}]
)
def test_weights_of_another_model_are_refused_in_one_line(tmp_path: Path, other: dict[str, dict[str, Any]]) -> None:
    EncoderDecoder(tiny.VOCABULARY, tiny.VOCABULARY, tiny.config(**other)).save(tmp_path)
    with pytest.raises(
        ModelError, match=r"does not fit config\.toml: \S+ is (\[|missing).* in it, (\[|missing).* in the model\."
    ) as caught:
        tiny.model().load(tmp_path)
    assert len(str(caught.value)) < 400
    assert "\n" not in str(caught.value)


def test_equal_weights_make_equal_files(tmp_path: Path) -> None:
    model = tiny.model()
    model.save(tmp_path)
    first = (tmp_path / "model.safetensors").read_bytes()
    tiny.model().load(tmp_path).save(tmp_path)
    assert (tmp_path / "model.safetensors").read_bytes() == first


def test_dropout_acts_in_training_only() -> None:
    some = {"dropout": 0.5}
    model = tiny.model(embedding=some, encoder=some, decoder=some)
    assert torch.equal(model.score(batch()), model.score(batch()))
    model.train()
    assert not torch.equal(model.score(batch()), model.score(batch()))
