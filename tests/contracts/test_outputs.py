"""What every output layer promises, and every one that copies, with every attention that looks and every decoder."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import tiny
from regard import kernels
from regard.attention import Attention
from regard.build import find, names
from regard.decode.pytorch import PyTorch
from regard.decode.search import search
from regard.errors import ConfigError, UsageError
from regard.model import EncoderDecoder
from regard.objectives.cross_entropy import CrossEntropy
from regard.outputs import LEAST, Copying
from regard.sections import Decode
from regard.tensors import Batch, pad
from regard.types import EOS, PAD, UNK, Copyable

COPYING = [name for name in names("outputs") if issubclass(find("outputs", name), Copying)]
V = tiny.VOCABULARY


def looking() -> list[str]:
    return [name for name in tiny.attentions() if find("attention", name).looks]


def combinations() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Every output that copies with every attention, and with every decoder."""
    decoders = [{"name": name, **tiny.taken("decoders", name, tiny.DECODERS)} for name in tiny.WRITERS]
    attentions = [
        {"name": name, **tiny.taken("attention", name, {"size": tiny.KEYS, "heads": 1})} for name in looking()
    ]
    for output in COPYING:
        yield from ((output, decoders[0], attention) for attention in attentions)
        yield from ((output, decoder, {"name": "additive", "size": tiny.KEYS}) for decoder in decoders[1:])


@pytest.fixture(
    params=combinations(), ids=lambda c: " ".join(part if isinstance(part, str) else part["name"] for part in c)
)
def model(request: pytest.FixtureRequest) -> EncoderDecoder:
    output, decoder, attention = request.param
    return tiny.model(2.0, output={"name": output}, decoder=decoder, attention=attention)


def batch() -> Batch:
    return Batch(pad(tiny.COPYABLE), pad(tiny.COPIED))


def distribution(model: EncoderDecoder, batch: Batch) -> Tensor:
    """Probabilities of all tokens, teacher forced."""
    prediction = model.predict(batch)
    log_probs, p_gen = model.output.predict(prediction.features, prediction.read, prediction.copies)
    assert p_gen is not None
    assert ((p_gen > 0) & (p_gen <= 1)).all()
    return log_probs.exp()


def test_probabilities_sum_to_one_over_the_vocabulary_and_the_source(model: EncoderDecoder) -> None:
    p = distribution(model, batch())
    assert p.shape == (3, 4, V + 6)
    torch.testing.assert_close(p.sum(-1), torch.ones(3, 4))
    # Of what is no first place of an unknown word nothing is copied: in row 1 there is none, in row 2 the first place.
    own = torch.zeros(3, 6, dtype=torch.bool)
    own[0, [1, 3]] = own[2, 0] = True
    assert (p[..., V:].transpose(1, 2)[~own] == 0).all()


def test_the_loss_is_that_of_these_probabilities(model: EncoderDecoder) -> None:
    given = batch()
    loss, count = model(given, CrossEntropy(smoothing=0.0, asked_from=1.0).at(0.0))
    scores = model.score(given)
    if torch.isfinite(scores).all():
        torch.testing.assert_close(loss, -scores.sum(), rtol=1e-4, atol=1e-4)
    else:  # attention to one place was not at the one to copy from: that still costs a finite amount
        assert float(loss.detach()) > -math.log(LEAST)
    assert int(count) == (given.target != PAD).sum()
    expected = distribution(model, given).gather(-1, given.target[..., None])[..., 0].log()
    torch.testing.assert_close(scores, expected.masked_fill(given.target == PAD, 0.0))


def test_one_token_at_a_time_is_all_at_once(model: EncoderDecoder) -> None:
    given = batch()
    whole, state, steps = distribution(model, given), model.start(given.source), []
    for tokens in torch.cat([torch.ones(3, 1, dtype=torch.long), given.target[:, :-1]], 1).split(1, 1):
        features, read, state = model.step(tokens, state)
        steps.append(model.output.predict(features[:, 0], read, state.copies)[0].exp())
    torch.testing.assert_close(torch.stack(steps, 1), whole, atol=1e-5, rtol=1e-4)


def test_neighbours_change_nothing(model: EncoderDecoder) -> None:
    together = model.score(batch())
    for row, (source, target) in enumerate(zip(tiny.COPYABLE, tiny.COPIED, strict=True)):
        alone = model.score(Batch(pad([source]), pad([target])))
        torch.testing.assert_close(together[row, : len(target)], alone[0], atol=1e-5, rtol=1e-4)


def test_gradients_reach_every_weight(model: EncoderDecoder) -> None:
    loss, _ = model(batch(), CrossEntropy())
    loss.backward()
    still = [name for name, weight in model.output.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert still == []


def test_the_score_of_a_search_is_that_of_teacher_forcing(model: EncoderDecoder) -> None:
    backend = PyTorch(model)
    found = [best for (best,) in search(backend, tiny.COPYABLE, Decode(beam=2, extra=4))]
    forced = backend.force(tiny.COPYABLE, [hypothesis.tokens.tolist() for hypothesis in found])
    for hypothesis, same in zip(found, forced, strict=True):
        assert hypothesis.p_gen is not None
        assert same.p_gen is not None
        np.testing.assert_allclose(hypothesis.log_probs, same.log_probs, atol=1e-5)
        np.testing.assert_allclose(hypothesis.p_gen, same.p_gen, atol=1e-5)
        assert hypothesis.p_gen.shape == hypothesis.tokens.shape


@pytest.mark.parametrize("output", COPYING)
@pytest.mark.parametrize("decoder", tiny.WRITERS)
def test_kernels_give_the_loss_and_gradients_of_their_references(output: str, decoder: str) -> None:
    part = {"name": decoder, **tiny.taken("decoders", decoder, tiny.DECODERS)}
    config = tiny.config(output={"name": output}, decoder=part, attention={"name": "additive", "size": tiny.KEYS})
    model, found = EncoderDecoder(V, V, config).double().train(), []
    for way in ("fused", "reference"):
        with kernels.using(way):  # type: ignore[arg-type]
            model.zero_grad()
            loss, _ = model(batch(), CrossEntropy())
            loss.backward()
        found.append([loss.detach(), *(w.grad for w in model.parameters() if w.grad is not None)])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("output", COPYING)
def test_it_trains_in_half_precision(output: str) -> None:
    model = EncoderDecoder(V, V, tiny.config(output={"name": output})).train()
    expected, _ = model(batch(), CrossEntropy())
    with torch.autocast("cpu", torch.bfloat16):
        loss, _ = model(batch(), CrossEntropy())
    loss.backward()
    assert float(loss.detach()) == pytest.approx(float(expected.detach()), rel=0.02)
    assert all(torch.isfinite(w.grad).all() for w in model.parameters() if w.grad is not None)


@pytest.mark.parametrize("output", COPYING)
def test_a_copied_word_is_read_as_an_unknown_one(output: str) -> None:
    model = tiny.model(output={"name": output})
    source = pad(tiny.COPYABLE[:1])
    one, other = (model.step(torch.tensor([[token]]), model.start(source))[0] for token in (V + 3, UNK))
    assert torch.equal(one, other)


@pytest.mark.parametrize("output", COPYING)
def test_a_source_must_say_what_may_be_copied(output: str) -> None:
    with pytest.raises(UsageError, match="its sources want the ids"):
        tiny.model(output={"name": output}).start(tiny.sources())


@pytest.mark.parametrize("output", COPYING)
def test_what_does_not_go_with_copying_is_refused(output: str) -> None:
    model = tiny.model(output={"name": output})
    with pytest.raises(ConfigError, match=r"objective.agreement is 2"):
        model(Batch(*(torch.cat([t, t]) for t in (batch().source, batch().target))), CrossEntropy(agreement=2.0))
    with pytest.raises(UsageError, match=r"decode.shortlist"):
        model.output.log_probs_among(torch.zeros(1, tiny.DECODER), torch.tensor([4]), torch.ones(1, 1).bool())


def test_a_pointer_wants_attention_that_looks() -> None:
    with pytest.raises(ConfigError, match="nothing looks nowhere"):
        tiny.model(output={"name": "pointer"}, attention={"name": "none"})
    tiny.model(output={"name": "copynet"}, attention={"name": "none"})


def test_every_place_of_a_word_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand: p(w) = p_gen softmax(w) + (1 - p_gen) (sum of the attention on all places of w)."""
    model = tiny.model(output={"name": "pointer"})
    given = batch()
    prediction = model.predict(given)
    p, features = distribution(model, given), prediction.features
    gate = model.output.gate(torch.cat([features, prediction.read.context], -1)).sigmoid()  # type: ignore[operator]
    softmax, attention = model.output(features).softmax(-1), prediction.read.weights
    copied = attention[0, :, 1] + attention[0, :, 4]
    torch.testing.assert_close(p[0, :, V + 1], (1 - gate[0, :, 0]) * copied)
    torch.testing.assert_close(p[0, :, 4], gate[0, :, 0] * softmax[0, :, 4] + (1 - gate[0, :, 0]) * attention[0, :, 0])
    torch.testing.assert_close(p[0, :, 11], gate[0, :, 0] * softmax[0, :, 11])


def test_one_softmax_normalises_all_that_may_be_generated_or_copied() -> None:
    model = tiny.model(output={"name": "copynet"})
    given = Batch(pad(tiny.COPYABLE[:1]), pad(tiny.COPIED[:1]))
    features, memory = model.predict(given).features, model.encode(given.source)[0]
    scores = features @ model.output.copy(memory.states).tanh().mT  # type: ignore[operator]
    both = torch.cat([model.output(features), scores], -1).softmax(-1)
    p = distribution(model, given)
    torch.testing.assert_close(p[..., V + 1], both[..., V + 1] + both[..., V + 4])
    torch.testing.assert_close(p[..., 6], both[..., 6] + both[..., V + 2])
    torch.testing.assert_close(p[..., EOS], both[..., EOS] + both[..., V + 5])
    torch.testing.assert_close(p[..., 12], both[..., 12])


def test_models_that_do_not_copy_are_as_they_were() -> None:
    """The output layer became a part: names, order of drawing and so all weights stay."""
    model = tiny.model()
    known = ["output.project.weight", "output.norm.weight", "output.norm.bias", "output.logits.bias"]
    assert [name for name, _ in model.named_parameters() if name.startswith("output")] == known
    assert all(isinstance(part, Attention) or "hops" not in type(part).__name__.lower() for part in model.modules())
    assert tiny.config().output == {"name": "plain"}
    assert tiny.config().reading.hops == 1
    assert isinstance(tiny.COPYABLE[0], Copyable)
