"""Cross-entropy with label smoothing against its formula."""

import pytest
import torch

import by_hand
import tiny
from regard.embedding import Embedding, Output
from regard.objectives import Prediction
from regard.objectives.cross_entropy import CrossEntropy
from regard.tensors import Batch, Read
from regard.types import PAD


def prediction(batch: int, steps: int) -> Prediction:
    return Prediction(
        torch.randn(batch, steps, 7).double(), Read(torch.zeros(batch, steps, 3), torch.zeros(batch, steps, 2))
    )


@pytest.fixture
def output() -> Output:
    return Output(7, Embedding(tiny.VOCABULARY, 5, 0.0), tied=True).double()


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
    loss, _ = CrossEntropy(smoothing=0.0)(prediction(1, 1), Batch(target, target[:, :1]), output)
    assert float(loss.detach()) == pytest.approx(0, abs=1e-6)
    assert float(CrossEntropy(smoothing=0.1)(prediction(1, 1), Batch(target, target[:, :1]), output)[0].detach()) > 1


def test_sums_of_parts_are_the_sum_of_the_whole(output: Output) -> None:
    target, given = tiny.targets(), prediction(*tiny.targets().shape)
    whole = CrossEntropy()(given, Batch(target, target), output)
    parts = [
        CrossEntropy()(Prediction(given.features[i : i + 1], given.read), Batch(target, target[i : i + 1]), output)
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
