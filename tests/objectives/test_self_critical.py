"""Self-critical training against its formula."""

import pytest
import torch
import torch.nn.functional as F

import tiny
from regard.embedding import Embedding
from regard.model import EncoderDecoder
from regard.objectives.cross_entropy import CrossEntropy
from regard.objectives.self_critical import SelfCritical
from regard.outputs import Output
from regard.tensors import Batch, Prediction, Read, pad
from regard.types import EOS, PAD

DRAWN = [[9, EOS], [8, 7, 6, 5, EOS], [EOS], [9, 9, EOS], [4, EOS], [11, 12, 13, EOS]]
WORTH = torch.tensor([0.5, -1.0, 2.0, -0.5, 1.0, -2.0])


def batch() -> Batch:
    """Three sources, a given target of each, and two that were drawn."""
    return Batch(tiny.sources(), pad([*tiny.TARGETS, *DRAWN]), None, WORTH)


def test_it_is_the_formula() -> None:
    model, both = tiny.model(), batch()
    loss, count = model(both, SelfCritical(share=0.3, samples=2))
    alone, tokens = model(Batch(both.source, tiny.targets()), CrossEntropy())
    expected = 0.7 * alone
    for row, target in enumerate(DRAWN):
        source = torch.tensor([tiny.SOURCES[row % 3]])
        expected = expected - 0.3 * WORTH[row] / 2 * model.score(Batch(source, torch.tensor([target]))).sum()
    torch.testing.assert_close(loss, expected)
    assert count == tokens == 9


def test_a_source_is_read_once_for_all_its_targets() -> None:
    model, both = tiny.model(), batch()
    seen: list[int] = []
    model.encoder.register_forward_hook(lambda _, __, memory: seen.append(len(memory.states)))
    scores = model.score(both)
    assert seen == [3]
    repeated = model.score(Batch(torch.cat([both.source] * 3), both.target))
    torch.testing.assert_close(scores, repeated)


def test_a_step_makes_what_is_better_than_expected_likelier_and_what_is_worse_less_likely() -> None:
    model, both = tiny.model(), batch()

    def log_probs() -> torch.Tensor:
        return model.score(both).sum(1)[3:].detach()

    before = log_probs()
    loss, _ = model(both, SelfCritical(share=1.0, samples=2))
    loss.backward()
    with torch.no_grad():
        for weight in model.parameters():
            if weight.grad is not None:
                weight -= 1e-3 * weight.grad
    assert ((log_probs() - before) * WORTH).sum() > 0


def test_its_expected_gradient_is_that_of_the_expected_reward() -> None:
    """Of one token that is drawn from five: the mean over all draws, by their probability, is the exact gradient."""
    output = tiny.output(3, Embedding(5, 3, 0.0), tied=False)
    features, rewards = torch.randn(1, 1, 3, dtype=torch.float64), torch.tensor([0.0, 0.3, 1.0, -0.2, 0.5]).double()
    p = F.softmax(output(features[0, 0]), 0)
    exact = torch.autograd.grad((p * rewards).sum(), output.logits.weight)[0]
    found = torch.zeros_like(exact)
    for one in range(1, 5):  # id 0 is padding, which is never drawn
        for other in range(1, 5):
            likely = p.detach()[one] * p.detach()[other]
            worth = torch.stack([rewards[one] - rewards[other], rewards[other] - rewards[one]])
            loss = _drawn(output, features, [one, other], worth)
            found -= likely * torch.autograd.grad(loss, output.logits.weight)[0]
    for one in range(5):  # with padding among the two, whose own log probability no loss has
        likely = p.detach()[one] * p.detach()[0] * (2 if one else 1)
        if one:
            log_p = F.log_softmax(output(features[0, 0]), 0)
            kept = (rewards[one] - rewards[0]) * (log_p[one] - log_p[0]) / 2
            found += likely * torch.autograd.grad(kept, output.logits.weight)[0]
    torch.testing.assert_close(found, exact)


def _drawn(output: Output, features: torch.Tensor, tokens: list[int], worth: torch.Tensor) -> torch.Tensor:
    target = torch.tensor([[1], *([token] for token in tokens)])
    read = Read(torch.zeros(3, 1, 2), torch.zeros(3, 1, 2))
    prediction = Prediction(features.expand(3, 1, 3), read)
    loss, _ = SelfCritical(share=1.0, samples=2)(
        prediction, Batch(torch.tensor([[1]]), target, None, worth.float()), output
    )
    return loss


def test_without_draws_it_is_cross_entropy() -> None:
    model, target = tiny.model(), tiny.targets()
    given = Batch(tiny.sources(), target)
    assert SelfCritical(share=0.0).draws is None
    for mine, theirs in zip(model(given, SelfCritical(share=0.0)), model(given, CrossEntropy()), strict=True):
        assert torch.equal(mine, theirs)
    assert (target != PAD).sum() == 9


@pytest.mark.parametrize("decoder", tiny.WRITERS)
def test_it_works_with_every_decoder(decoder: str) -> None:
    config = tiny.config(
        decoder={"name": decoder, **tiny.taken("decoders", decoder, tiny.DECODERS)}, attention={"name": "additive"}
    )
    model = EncoderDecoder(tiny.VOCABULARY, tiny.VOCABULARY, config).eval()
    repeated = Batch(torch.cat([tiny.sources()] * 3), batch().target)
    torch.testing.assert_close(model.score(batch()), model.score(repeated))
