"""Cross-entropy with label smoothing against its formula."""

import pytest
import torch

import by_hand
import tiny
from regard.embedding import Embedding
from regard.objectives.cross_entropy import CrossEntropy
from regard.outputs import Output
from regard.tensors import Batch, Prediction, Read, Sample
from regard.types import EOS, PAD


def prediction(batch: int, steps: int) -> Prediction:
    return Prediction(
        torch.randn(batch, steps, 7).double(), Read(torch.zeros(batch, steps, 3), torch.zeros(batch, steps, 2))
    )


@pytest.fixture
def output() -> Output:
    return tiny.output(7, Embedding(tiny.VOCABULARY, 5, 0.0))


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 1.0])
def test_it_is_the_formula_summed_over_real_tokens(output: Output, smoothing: float) -> None:
    target, given = tiny.targets(), prediction(*tiny.targets().shape)
    loss, count = CrossEntropy(smoothing=smoothing)(given, Batch(target, target), output)
    expected, tokens = 0.0, 0
    for row, steps in zip(target.tolist(), output(given.features).detach().numpy(), strict=True):
        for y, logits in zip(row, steps, strict=True):
            if y != PAD:
                log_p = by_hand.log_softmax(logits)
                expected -= (1 - smoothing) * log_p[y] + smoothing * sum(log_p) / tiny.VOCABULARY
                tokens += 1
    assert int(count) == tokens == 9
    assert float(loss.detach()) == pytest.approx(expected, rel=1e-5)


def test_a_sure_right_model_pays_nothing_without_smoothing(output: Output) -> None:
    target = torch.tensor([[9, 2]])
    with torch.no_grad():
        output.logits.weight.zero_()
        output.logits.bias.copy_(torch.nn.functional.one_hot(torch.tensor(9), tiny.VOCABULARY) * 99.0)
    loss, _ = CrossEntropy(smoothing=0.0)(prediction(1, 1), Batch(target[:, :1], target[:, :1]), output)
    assert float(loss.detach()) == pytest.approx(0, abs=1e-6)
    assert (
        float(CrossEntropy(smoothing=0.1)(prediction(1, 1), Batch(target[:, :1], target[:, :1]), output)[0].detach())
        > 1
    )


def test_sums_of_parts_are_the_sum_of_the_whole(output: Output) -> None:
    target, given = tiny.targets(), prediction(*tiny.targets().shape)
    whole = CrossEntropy()(given, Batch(target, target), output)
    parts = [
        CrossEntropy()(
            Prediction(given.features[i : i + 1], given.read), Batch(target[i : i + 1], target[i : i + 1]), output
        )
        for i in range(3)
    ]
    assert sum(float(loss.detach()) for loss, _ in parts) == pytest.approx(float(whole[0].detach()))
    assert sum(int(count) for _, count in parts) == int(whole[1])


def test_padding_has_no_gradient(output: Output) -> None:
    target, given = tiny.targets(), prediction(*tiny.targets().shape)
    features = given.features.requires_grad_()
    CrossEntropy()(Prediction(features, given.read), Batch(target, target), output)[0].backward()  # type: ignore[no-untyped-call]
    assert features.grad is not None
    assert torch.equal(features.grad.abs().sum(-1) > 0, target != PAD)


def plain(given: Prediction, target: torch.Tensor, output: Output) -> float:
    return float(CrossEntropy()(given, Batch(target, target), output)[0].detach())


def test_a_mechanisms_own_loss_is_added_at_real_steps(output: Output) -> None:
    target, given = tiny.targets(), prediction(*tiny.targets().shape)
    own = torch.rand(target.shape).double()
    asked = Prediction(given.features, Read(given.read.context, given.read.weights, loss=own))
    assert plain(asked, target, output) - plain(given, target, output) == pytest.approx(float(own[target != PAD].sum()))


def test_what_was_drawn_is_reinforced_by_what_it_gained_over_the_baseline(output: Output) -> None:
    target, given = tiny.targets(), prediction(*tiny.targets().shape)
    log_prob = -torch.rand(target.shape).double().requires_grad_()
    baseline = -torch.rand(target.shape).double().requires_grad_()
    drawn = Prediction(given.features, Read(given.read.context, given.read.weights, sample=Sample(log_prob, baseline)))
    loss, _ = CrossEntropy(smoothing=0.0)(drawn, Batch(target, target), output)
    by_log_prob, by_baseline = torch.autograd.grad(loss, (log_prob, baseline))
    rewards = output.predict(given.features, given.read, None)[0].gather(-1, target[..., None]).squeeze(-1)
    gained = (rewards - baseline).detach().masked_fill(target == PAD, 0.0)
    torch.testing.assert_close(by_log_prob, -gained, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(by_baseline, -gained, atol=1e-6, rtol=1e-5)


def test_guidance_is_the_cross_entropy_of_the_links(output: Output) -> None:
    target = tiny.targets()
    given = prediction(*target.shape)
    weights = torch.rand(*target.shape, 4).double().softmax(-1)
    links = torch.zeros_like(weights)
    links[0, 0, 3], links[1, 2, 0], links[1, 2, 1] = 1.0, 0.5, 0.5
    looked = Prediction(given.features, Read(given.read.context, weights))
    expected = -(weights[0, 0, 3].log() + 0.5 * weights[1, 2, 0].log() + 0.5 * weights[1, 2, 1].log())
    batch = Batch(target, target, links)
    with_guidance, without = (float(CrossEntropy(guided=w)(looked, batch, output)[0].detach()) for w in (0.3, 0.0))
    assert with_guidance - without == pytest.approx(0.3 * float(expected), rel=1e-5)


def test_answers_pay_for_the_share_of_looks_that_each_supporting_sentence_lacks(output: Output) -> None:
    target = torch.tensor([[5, 6, EOS], [7, EOS, PAD]])
    given = prediction(*target.shape)
    hops = torch.rand(2, 3, 2, 4).double().softmax(-1)
    looked = Prediction(given.features, Read(given.read.context, hops[:, :, 1], hops=hops))
    supports = torch.zeros(2, 2, 4)
    supports[0, 0, :2], supports[0, 1, 3], supports[1, 0, 2] = 1.0, 1.0, 1.0
    words = hops.mean(2)[0, :2].mean(0)  # of the first answer, whose two words count alike
    first = -((words[0] + words[1]).log() + words[3].log()) / 2
    second = -hops.mean(2)[1, 0, 2].log()
    batch = Batch(torch.ones(2, 4, dtype=torch.long), target, supports=supports)
    with_guidance, without = (float(CrossEntropy(guided=w)(looked, batch, output)[0].detach()) for w in (0.3, 0.0))
    assert with_guidance - without == pytest.approx(0.3 * float(3 * first + 2 * second), rel=1e-4)


def test_agreement_counts_both_passes_and_pays_for_their_difference(output: Output) -> None:
    once = tiny.targets()
    target = torch.cat([once, once])
    given = prediction(*target.shape)
    loss, count = CrossEntropy(agreement=4.0)(given, Batch(target, target), output)
    p, q = (output.predict(half, given.read, None)[0][once != PAD].double() for half in given.features.chunk(2))
    apart = float(((p.exp() - q.exp()) * (p - q)).sum().detach())
    assert int(count) == 18
    assert float(loss.detach()) == pytest.approx(plain(given, target, output) + 4 / 2 * apart, rel=1e-5)
