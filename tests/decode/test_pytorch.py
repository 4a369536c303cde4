"""Real models under the search: every attention with every decoder."""

import itertools

import numpy as np
import pytest
import torch

import tiny
from regard.decode.engine import Engine
from regard.decode.pytorch import PyTorch
from regard.decode.search import rank, search
from regard.model import EncoderDecoder
from regard.sections import Decode
from regard.tensors import Batch, pad
from regard.types import BOS, EOS, PAD, UNK

OPTIONS = Decode(beam=4, ratio=1.0, extra=3)
SOURCES = [[4, 5, 6, 7, EOS], [8, EOS], [9, 10, 11, 12, 13, EOS], [EOS], [8, 9, 16, EOS]]


@pytest.fixture(params=tiny.combinations(), ids=lambda parts: " + ".join(map(tiny.label, parts)))
def model(request: pytest.FixtureRequest) -> EncoderDecoder:
    decoder, attention = request.param
    return tiny.model(4.0, attention=attention, decoder=decoder)


def test_the_searchs_scores_are_those_of_teacher_forcing(model: EncoderDecoder) -> None:
    backend = PyTorch(model)
    for source, found in zip(SOURCES, search(backend, SOURCES, OPTIONS, nbest=4), strict=True):
        assert len(found) == 4
        forced = backend.score([source] * 4, [h.tokens.tolist() for h in found])
        for hypothesis, scores in zip(found, forced, strict=True):
            np.testing.assert_allclose(hypothesis.log_probs, scores, atol=1e-4)
            assert hypothesis.score == pytest.approx(float(scores.sum()), abs=1e-4)


def test_the_searchs_attention_is_that_of_teacher_forcing(model: EncoderDecoder) -> None:
    for source, found in zip(SOURCES, search(PyTorch(model), SOURCES, OPTIONS, nbest=4), strict=True):
        for hypothesis in found:
            batch = Batch(pad([source]), torch.from_numpy(hypothesis.tokens)[None])
            weights = model.predict(batch).read.weights[0].detach().numpy()
            np.testing.assert_allclose(hypothesis.attention, weights, atol=1e-4)


def test_a_batch_is_each_source_alone(model: EncoderDecoder) -> None:
    alone = Engine(PyTorch(model), OPTIONS, rows=1).run(SOURCES, nbest=2)
    for rows in (2, 64):
        together = Engine(PyTorch(model), OPTIONS, rows=rows).run(SOURCES, nbest=2)
        for a, b in zip(itertools.chain(*alone), itertools.chain(*together), strict=True):
            assert a.tokens.tolist() == b.tokens.tolist()
            np.testing.assert_allclose(a.log_probs, b.log_probs, atol=1e-4)
            np.testing.assert_allclose(a.attention, b.attention, atol=1e-4)


def test_a_wide_beam_is_exhaustive_search(model: EncoderDecoder) -> None:
    options = Decode(beam=300, ratio=0.0, extra=3)
    ((found,),) = search(PyTorch(model), [SOURCES[0]], options)
    words = range(UNK, tiny.VOCABULARY)
    every = [[*start, EOS] for length in range(3) for start in itertools.product(words, repeat=length)]
    scores = PyTorch(model).score([SOURCES[0]] * len(every), every)
    best = max(float(row.sum()) / len(row) for row in scores)
    assert rank(found, options) == pytest.approx(best, abs=1e-4)


def test_greedy_takes_the_likeliest_token_each_time(model: EncoderDecoder) -> None:
    for source, (found,) in zip(SOURCES, search(PyTorch(model), SOURCES, Decode(beam=1, extra=5)), strict=True):
        tokens, prediction = found.tokens, model.predict(Batch(pad([source]), torch.from_numpy(found.tokens)[None]))
        logits = model.output(prediction.features)[0].detach()
        logits[:, [PAD, BOS]] = -torch.inf
        assert logits[:-1].argmax(-1).tolist() == tokens[:-1].tolist()
        assert len(tokens) == 2 * len(source) + 5 or int(logits[-1].argmax()) == EOS


def test_a_beam_wider_than_the_vocabulary_works() -> None:
    model = tiny.model()
    found = search(PyTorch(model), SOURCES, Decode(beam=40, extra=4), nbest=40)
    assert [len(hypotheses) for hypotheses in found] == [40] * len(SOURCES)


def test_padding_and_start_are_never_said_even_where_a_model_would() -> None:
    model = tiny.model()
    with torch.no_grad():
        model.output.logits.bias[[PAD, BOS]] = 50.0
    for (found,) in search(PyTorch(model), SOURCES, OPTIONS):
        assert not {PAD, BOS} & set(found.tokens.tolist())
        assert np.isfinite(found.log_probs).all()


def test_scores_of_targets_have_their_lengths() -> None:
    scores = PyTorch(tiny.model()).score(tiny.SOURCES, tiny.TARGETS)
    assert [len(row) for row in scores] == [len(target) for target in tiny.TARGETS]
    assert all((row < 0).all() for row in scores)
