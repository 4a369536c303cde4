"""Hard attention: what is drawn, how often, and what training is told about it."""

import torch

import tiny
from regard.attention.hard import Hard
from regard.normalisers.softmax import Softmax
from regard.tensors import Memory, Read

ROWS = 4000


def drawn(memory: Memory, **options: float) -> tuple[Hard, torch.Tensor, torch.Tensor, Read]:
    """A hard attention that answers the same query many times, and the weights that it draws from."""
    attention = tiny.sharpened(Hard(tiny.QUERY, tiny.MEMORY, Softmax(), size=tiny.KEYS, **options), 2.0).double()
    query = torch.randn(tiny.BATCH, 1, tiny.QUERY).double()
    rows = torch.ones(ROWS, dtype=torch.long)  # the row with padding
    scores = attention.score(query, attention.keys(memory.states))
    weights = attention.weigh(scores, memory)[1, 0]
    torch.manual_seed(2)
    read, _ = attention(query[rows], attention.start(memory.select(rows)))
    return attention, weights.detach(), query, read


def test_places_are_drawn_as_often_as_their_weights_say() -> None:
    _, weights, _, read = drawn(tiny.memory(), soft=0.0)
    assert set(read.weights.flatten().tolist()) == {0.0, 1.0}
    torch.testing.assert_close(read.weights[:, 0].mean(0), weights, atol=0.03, rtol=0)


def test_the_probability_of_the_draw_and_the_entropy_are_told() -> None:
    _, weights, _, read = drawn(tiny.memory(), soft=0.0, entropy=0.5)
    places = read.weights[:, 0].argmax(-1)
    torch.testing.assert_close(read.sample.log_prob[:, 0], weights.log()[places])
    real = weights[weights > 0]
    expected = 0.5 * (real * real.log()).sum()
    torch.testing.assert_close(read.loss[:, 0], expected.expand(ROWS))


def test_a_share_of_the_sentences_takes_the_weighted_sum() -> None:
    _, weights, _, read = drawn(tiny.memory(), soft=0.25)
    soft = (read.weights[:, 0] == weights).all(-1)
    assert abs(float(soft.double().mean()) - 0.25) < 0.03
    assert (read.sample.log_prob[soft] == 0).all()


def test_in_use_the_likeliest_place_is_taken() -> None:
    memory = tiny.memory()
    attention, _, query, _ = drawn(memory)
    read, _ = attention.eval()(query, attention.start(memory))
    assert read.sample is None
    assert set(read.weights.flatten().tolist()) == {0.0, 1.0}
    again = attention(query, attention.start(memory))[0]
    assert torch.equal(again.weights, read.weights)
    torch.testing.assert_close(read.context, read.weights @ memory.states)


def test_the_mean_gradient_of_draws_is_the_gradient_of_the_expected_reward() -> None:
    memory = tiny.memory()
    attention, _, query, read = drawn(memory, soft=0.0, entropy=0.0)
    rewards = torch.linspace(-1, 1, tiny.PLACES).double()
    assert read.sample is not None
    drawn_rewards = rewards[read.weights[:, 0].argmax(-1)]
    (by_drawing,) = torch.autograd.grad((drawn_rewards * read.sample.log_prob[:, 0]).mean(), attention.energy.weight)
    weights = attention.weigh(attention.score(query, attention.keys(memory.states)), memory)[1, 0]
    (expected,) = torch.autograd.grad((weights * rewards).sum(), attention.energy.weight)
    assert float(torch.cosine_similarity(by_drawing, expected).item()) > 0.97
