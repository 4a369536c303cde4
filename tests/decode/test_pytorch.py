"""Real models under the search: every attention with every decoder."""

import itertools
from typing import Any

import numpy as np
import pytest
import torch

import rules_by_hand
import tiny
from regard.decode.backend import Ask
from regard.decode.constraint import Constraint
from regard.decode.engine import Engine
from regard.decode.pytorch import PyTorch
from regard.decode.search import rank, search
from regard.model import EncoderDecoder
from regard.sections import Decode
from regard.tensors import Batch, pad
from regard.types import BOS, EOS, PAD, UNK

OPTIONS = Decode(beam=4, ratio=1.0, extra=3)
SOURCES = [[4, 5, 6, 7, EOS], [8, EOS], [9, 10, 11, 12, 13, EOS], [EOS], [8, 9, 16, EOS]]


def sharp(parts: tuple[dict[str, Any], dict[str, Any]]) -> EncoderDecoder:
    """A model that is sure of what it says, in double precision: sure models make much of rounding."""
    return tiny.model(4.0, decoder=parts[0], attention=parts[1]).double()


def label(parts: tuple[dict[str, Any], dict[str, Any]]) -> str:
    return " + ".join(map(tiny.label, parts))


@pytest.fixture(params=tiny.samples(), ids=label)
def model(request: pytest.FixtureRequest) -> EncoderDecoder:
    return sharp(request.param)


@pytest.mark.parametrize("parts", tiny.combinations(), ids=label)
def test_scores_and_attention_of_a_search_are_those_of_teacher_forcing(
    parts: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    backend = PyTorch(sharp(parts))
    for source, found in zip(SOURCES, search(backend, SOURCES, OPTIONS, nbest=4), strict=True):
        assert len(found) == 4
        forced = backend.force([source] * 4, [h.tokens.tolist() for h in found])
        for hypothesis, same in zip(found, forced, strict=True):
            np.testing.assert_allclose(hypothesis.log_probs, same.log_probs, atol=1e-5)
            assert hypothesis.score == pytest.approx(same.score, abs=1e-5)
            np.testing.assert_allclose(hypothesis.attention, same.attention, atol=1e-6)


RULED = [
    Decode(beam=4, ratio=1.0, extra=6, normalise="gnmt", coverage_penalty=0.3, least=1.0, no_repeat=2),
    Decode(beam=4, ratio=1.0, extra=6, groups=2, no_repeat=3),
    Decode(beam=4, ratio=1.0, extra=6, temperature=1.2, top_k=9, top_p=0.9),
]


@pytest.mark.parametrize("options", RULED, ids=["penalties", "groups", "draws"])
def test_rules_and_constraints_change_what_is_chosen_and_not_what_it_scores(options: Decode) -> None:
    backend, continues = PyTorch(tiny.model(3.0).double()), np.arange(tiny.VOCABULARY) > 12
    own = Constraint(prefix=(6, 5), forbidden=((7,), (8, 14)), required=() if options.temperature else ((9, 13), (10,)))
    found = Engine(backend, options, continues=continues).run(SOURCES, 4, [own] * len(SOURCES))
    for source, hypotheses in zip(SOURCES, found, strict=True):
        assert hypotheses
        outputs = [h.tokens.tolist() for h in hypotheses]
        for hypothesis, same in zip(hypotheses, backend.force([source] * len(outputs), outputs), strict=True):
            np.testing.assert_allclose(hypothesis.log_probs, same.log_probs, atol=1e-5)
            np.testing.assert_allclose(hypothesis.attention, same.attention, atol=1e-6)
        for output in outputs:
            assert output[:2] == [6, 5]
            assert not any(rules_by_hand.holds(output, phrase, frozenset(range(13, 17))) for phrase in own.forbidden)
        assert all(rules_by_hand.holds(outputs[0], phrase, frozenset(range(13, 17))) for phrase in own.required)


def test_a_batch_is_each_source_alone(model: EncoderDecoder) -> None:
    alone = Engine(PyTorch(model), OPTIONS, rows=1).run(SOURCES, nbest=2)
    for rows in (2, 64):
        together = Engine(PyTorch(model), OPTIONS, rows=rows).run(SOURCES, nbest=2)
        for a, b in zip(itertools.chain(*alone), itertools.chain(*together), strict=True):
            assert a.tokens.tolist() == b.tokens.tolist()
            np.testing.assert_allclose(a.log_probs, b.log_probs, atol=1e-5)
            np.testing.assert_allclose(a.attention, b.attention, atol=1e-6)


def test_several_searches_at_once_find_the_same_to_the_last_bit(model: EncoderDecoder) -> None:
    sources, targets = SOURCES * 4, [[10, 11, EOS]] * 20
    alone, together = (Engine(PyTorch(model, workers), OPTIONS, rows=3) for workers in (1, 3))
    found = zip(itertools.chain(*alone.run(sources)), itertools.chain(*together.run(sources)), strict=True)
    forced = (
        (a, b) for (_, a), (_, b) in zip(alone.force(sources, targets), together.force(sources, targets), strict=True)
    )
    for a, b in itertools.chain(found, forced):
        np.testing.assert_array_equal(a.tokens, b.tokens)
        np.testing.assert_array_equal(a.log_probs, b.log_probs)
        np.testing.assert_array_equal(a.attention, b.attention)


def test_a_wide_beam_is_exhaustive_search(model: EncoderDecoder) -> None:
    options = Decode(beam=300, ratio=0.0, extra=3)
    ((found,),) = search(PyTorch(model), [SOURCES[0]], options)
    words = range(UNK, tiny.VOCABULARY)
    every = [[*start, EOS] for length in range(3) for start in itertools.product(words, repeat=length)]
    scores = model.score(Batch(pad([SOURCES[0]] * len(every)), pad(every))).detach()
    best = max(float(row.sum()) / len(target) for row, target in zip(scores, every, strict=True))
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


def test_what_is_forced_has_the_lengths_of_source_and_target() -> None:
    forced = PyTorch(tiny.model()).force(tiny.SOURCES, tiny.TARGETS)
    assert [h.tokens.tolist() for h in forced] == tiny.TARGETS
    assert [h.attention.shape for h in forced] == [
        (len(target), len(source)) for source, target in zip(tiny.SOURCES, tiny.TARGETS, strict=True)
    ]
    assert all((h.log_probs < 0).all() for h in forced)


def test_a_step_tells_what_it_is_asked_and_keeps_what_is_banned_off_its_list() -> None:
    backend = PyTorch(tiny.model())
    state = backend.start(SOURCES[:2])
    tokens, rows = np.array([BOS, BOS]), np.array([0, 1])
    plain, _ = backend.step(tokens, rows, state, Ask(tiny.VOCABULARY, np.array([[EOS, 7], [PAD, 9]])))
    banned = np.array([[0, int(plain.tokens[0, 0])], [0, 7], [1, int(plain.tokens[1, 1])]])
    asked, _ = backend.step(tokens, rows, state, Ask(3, np.array([[7], [9]]), banned))
    assert asked.tokens[0].tolist() == [t for t in plain.tokens[0].tolist() if [0, t] not in banned.tolist()][:3]
    assert asked.tokens[1].tolist() == plain.tokens[1, [0, 2, 3]].tolist()
    np.testing.assert_array_equal(asked.wanted[:, 0], plain.wanted[:, 1])
    known = dict(zip(plain.tokens[0].tolist(), plain.log_probs[0].tolist(), strict=True))
    assert plain.wanted[0].tolist() == [known[EOS], known[7]]
