"""Each normaliser against its definition, and what all of them promise."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies
from torch import Tensor

from by_hand import Array
from regard.build import build, names
from regard.normalisers import Normaliser
from regard.normalisers.entmax import Entmax
from regard.normalisers.softmax import Softmax

NAMES = names("normalisers")
every = pytest.mark.parametrize("name", NAMES)


def part(name: str) -> Normaliser:
    return build("normalisers", {"name": name}).double()  # type: ignore[no-any-return]


def entmax(scores: Array, alpha: float) -> Array:
    """The definition: [(alpha - 1) z - t]+ ^ (1 / (alpha - 1)), t by halving until nothing changes."""
    z = (alpha - 1) * scores
    low, high = z.max() - 1, z.max()
    while low < (middle := (low + high) / 2) < high:
        if (np.maximum(z - middle, 0) ** (1 / (alpha - 1))).sum() >= 1:
            low = middle
        else:
            high = middle
    weights: Array = np.maximum(z - low, 0) ** (1 / (alpha - 1))
    return weights


DEFINITIONS = {
    "softmax": lambda z: np.exp(z) / np.exp(z).sum(),
    "sigmoid": lambda z: (1 / (1 + np.exp(-z))) / (1 / (1 + np.exp(-z))).sum(),
    "sparsemax": lambda z: entmax(z, 2.0),
    "entmax15": lambda z: entmax(z, 1.5),
    "entmax": lambda z: entmax(z, 1.5),
}


@every
@pytest.mark.parametrize("scale", [0.1, 1.0, 7.0])
def test_it_is_its_definition(name: str, scale: float) -> None:
    scores = scale * torch.randn(3, 11, dtype=torch.float64)
    expected = np.array([DEFINITIONS[name](row) for row in scores.numpy()])
    np.testing.assert_allclose(part(name)(scores).detach().numpy(), expected, atol=1e-9)


def test_sharpness_multiplies_the_scores() -> None:
    scores = torch.randn(3, 5)
    torch.testing.assert_close(Softmax(sharpness=2.0)(scores), (2 * scores).softmax(-1))


@pytest.mark.parametrize("alpha", [1.05, 1.3, 1.95])
def test_entmax_begins_at_the_alpha_that_is_asked_for(alpha: float) -> None:
    scores = torch.randn(11, dtype=torch.float64)
    found = Entmax(alpha=alpha).double()(scores).detach().numpy()
    np.testing.assert_allclose(found, entmax(scores.numpy(), alpha), atol=1e-6)


def test_sparse_ones_give_unlikely_places_nothing_and_the_others_something() -> None:
    scores = torch.tensor([3.0, 2.9, -3.0, -4.0])
    for name in NAMES:
        sparse = "max" in name and name != "softmax"
        assert (build("normalisers", {"name": name})(scores) == 0).tolist() == [False, False, sparse, sparse]


@every
def test_its_gradient_is_right(name: str) -> None:
    normalise = part(name)
    scores = torch.randn(3, 7, dtype=torch.float64, requires_grad=True)
    hidden = torch.zeros(3, 7, dtype=torch.bool)
    hidden[0, 2:] = hidden[1, 6] = True

    def masked(scores: Tensor, *_: Tensor) -> Tensor:
        return normalise(scores.masked_fill(hidden, -torch.inf))  # type: ignore[no-any-return]

    assert torch.autograd.gradcheck(masked, (scores, *normalise.parameters()))
    masked(scores).square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite() and p.grad != 0 for p in normalise.parameters())


@every
@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    scores=strategies.lists(strategies.floats(-1e3, 1e3, width=32), min_size=1, max_size=9),
    padding=strategies.integers(0, 3),
    kind=strategies.sampled_from([torch.float32, torch.float64, torch.bfloat16]),
)
def test_any_scores_become_a_distribution(name: str, scores: list[float], padding: int, kind: torch.dtype) -> None:
    normalise = build("normalisers", {"name": name})
    given_scores = torch.tensor([*scores, *[-torch.inf] * padding], dtype=kind, requires_grad=True)
    weights = normalise(given_scores)
    assert weights.dtype == kind
    assert (weights >= 0).all()
    assert (weights[len(scores) :] == 0).all()
    assert float(weights.detach().float().sum()) == pytest.approx(1, abs=0.03 if kind == torch.bfloat16 else 1e-4)
    weights.float().square().sum().backward()
    assert given_scores.grad is not None
    assert given_scores.grad.isfinite().all()


@every
def test_a_constant_added_to_all_scores_changes_nothing(name: str) -> None:
    if name == "sigmoid":
        pytest.skip("a sigmoid is not one of differences")
    scores = torch.randn(3, 7, dtype=torch.float64)
    torch.testing.assert_close(part(name)(scores + 5), part(name)(scores))
