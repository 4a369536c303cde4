"""DRAW in numbers: the written window, the divergence, the bound, and one step written out."""

from typing import Any

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from regard.attention.none import Nothing
from regard.decoders.canvas import Canvas, divergence
from regard.errors import ConfigError
from regard.normalisers.softmax import Softmax
from regard.objectives.bound import Bound
from regard.outputs.bernoulli import Bernoulli
from regard.sections import Picture
from regard.tensors import Batch, Memory, Prediction, Read
from regard.windows import Lens


def test_what_is_written_is_the_direct_sum_of_the_paper() -> None:
    torch.manual_seed(1)
    lens = Lens(5, 3, 0.8).double()
    with torch.no_grad():
        lens.weight.mul_(4)
    query, patch = torch.randn(2, 1, 5, dtype=torch.float64), torch.randn(2, 1, 3, 3, 2, dtype=torch.float64)
    laid = lens.lay(query, 7, 11)
    written = laid.write(patch)
    assert written.shape == (2, 1, 7, 11, 2)
    for row in range(2):
        g_x, g_y, log_variance, log_distance, log_strength = lens(query)[row, 0].tolist()
        x, y = (np.tanh(g_x) + 1) / 2 * 10, (np.tanh(g_y) + 1) / 2 * 6
        apart = 0.8 * 10 / 2 * np.exp(log_distance)
        deviation = apart / 2 * np.exp(log_variance / 2)
        expected = np.zeros((7, 11, 2))
        for n in range(3):
            for m in range(3):
                down = np.exp(-((np.arange(7) - (y + (n - 1) * apart)) ** 2) / (2 * deviation**2))
                across = np.exp(-((np.arange(11) - (x + (m - 1) * apart)) ** 2) / (2 * deviation**2))
                spot = np.outer(down / down.sum(), across / across.sum())
                expected += spot[..., None] * patch[row, 0, n, m].numpy()
        np.testing.assert_allclose(written[row, 0].detach().numpy(), expected / np.exp(log_strength), atol=1e-9)


def test_to_read_is_what_to_write_is_turned_round() -> None:
    """<read(x), w> = strength^2 <x, write(w)>: both are the same filters."""
    torch.manual_seed(2)
    laid = Lens(5, 3, 1.0).double().lay(torch.randn(2, 1, 5, dtype=torch.float64), 7, 11)
    picture, patch = torch.randn(2, 7, 11, 2, dtype=torch.float64), torch.randn(2, 1, 3, 3, 2, dtype=torch.float64)
    one = (laid.read(picture) * patch).flatten(1).sum(1)
    other = (picture[:, None] * laid.write(patch)).flatten(1).sum(1)
    torch.testing.assert_close(one, laid.strength[:, 0].square() * other)


def test_the_divergence_is_that_of_normals() -> None:
    torch.manual_seed(3)
    mean, to, log_deviation, log_wide = torch.randn(4, 7, 5, dtype=torch.float64)
    expected = kl_divergence(Normal(mean, log_deviation.exp()), Normal(to, log_wide.exp())).sum(-1)
    torch.testing.assert_close(divergence((mean, log_deviation), (to, log_wide)), expected)


def test_the_bound_is_what_is_wrong_at_the_end_and_what_each_step_cost() -> None:
    torch.manual_seed(4)
    canvases, costs = torch.randn(2, 3, 5 * 5), torch.rand(2, 3)
    lit = torch.rand(2, 5, 5, 1) < 0.5
    p = canvases[:, -1].sigmoid()
    x = lit.flatten(1).float()
    expected = -(x * p.log() + (1 - x) * (1 - p).log()).sum(1) + costs.sum(1)
    read = Read(torch.zeros(2, 3, 1), torch.zeros(2, 3, 1), divergence=costs)
    batch, output = Batch(torch.zeros(2, 1, dtype=torch.long), lit.to(torch.uint8) * 255), _output(25)
    loss, count = Bound()(Prediction(canvases, read), batch, output)
    assert count == 2
    torch.testing.assert_close(loss, expected.sum())
    scores, _ = output.scores(Prediction(canvases, read), batch.target)
    torch.testing.assert_close(-scores.sum(1), expected)
    torch.testing.assert_close(-scores[:, :2], costs[:, :2])
    half, _ = Bound(warm=0.5).at(0.25)(Prediction(canvases, read), batch, output)
    torch.testing.assert_close(loss - half, costs.sum() / 2)
    assert Bound(warm=0.5).at(0.5).weight == 1
    assert [Bound(warm=0.5, first=4.0).at(done).weight for done in (0.0, 0.25, 0.5, 0.75)] == [4, 2.5, 1, 1]


def _output(size: int) -> Bernoulli:
    from regard.embedding import Embedding

    return Bernoulli(size, 3, Embedding(5, 2, 0.0), False, Nothing)


def memory(rows: int) -> Memory:
    states = torch.randn(rows, 1, 3, dtype=torch.float64)
    return Memory(states, torch.ones(rows, 1, dtype=torch.bool), states[:, 0])


def canvas(**options: Any) -> Canvas:
    torch.manual_seed(5)
    sight = Picture(side=9, grid=1, colours=False)
    chosen: dict[str, Any] = {"size": 4, "steps": 2, "latent": 3, **options}
    return Canvas(sight, 3, lambda size: Nothing(size, 3, Softmax()), **chosen).double()


def test_a_free_step_is_the_formula() -> None:
    part, luck = canvas(prior="learnt", cell="gru", write=0), torch.randn(2, 1, 3, dtype=torch.float64)
    start = part.start(memory(2))
    features, after, read = part(luck, start)
    hidden = start.decoder
    words = read.context[:, 0]
    assert part.prior is not None
    told = part.prior(torch.cat([hidden, words], -1)).tanh()
    z = told[:, :3] + told[:, 3:].exp() * luck[:, 0]
    layer = part.decoder
    state = torch.gru_cell(
        torch.cat([z, words], -1), hidden, layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0, layer.bias_hh_l0
    )
    torch.testing.assert_close(after.decoder, state)
    torch.testing.assert_close(features[:, 0], part.ground + part.patch(state))
    assert read.divergence is None


def test_a_copying_step_reads_what_is_still_wrong() -> None:
    part, luck = canvas(read=2, cell="gru"), torch.randn(2, 1, 3, dtype=torch.float64)
    picture = (torch.rand(2, 9, 9, 1) < 0.5).to(torch.uint8) * 255
    start = part.start(memory(2), picture)
    _, after, read = part(luck, start)
    x = picture.double() / 255
    assert part.reading is not None
    laid = part.reading.lay(start.decoder[:, None], 9, 9)
    wrong = x - start.canvas.sigmoid().view(2, 9, 9, 1)
    seen = torch.cat([laid.read(x), laid.read(wrong)], -1).flatten(1)
    layer = part.encoder
    given = torch.cat([seen, start.decoder], -1)
    encoder = torch.gru_cell(
        given, start.encoder, layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0, layer.bias_hh_l0
    )
    torch.testing.assert_close(after.encoder, encoder)
    mean, log_deviation = part.posterior(encoder).chunk(2, -1)
    expected = kl_divergence(Normal(mean, log_deviation.exp()), Normal(0, 1)).sum(-1)
    assert read.divergence is not None
    torch.testing.assert_close(read.divergence[:, 0], expected)


def test_the_bound_is_on_average_not_below_the_cost_of_the_picture() -> None:
    """-log p(x) by many draws of the prior, in a model so small that these meet every z."""
    part = canvas(steps=1, latent=1, size=3)
    with torch.no_grad():
        for weight in part.parameters():
            weight.mul_(2)
    picture = (torch.rand(1, 9, 9, 1, generator=torch.Generator().manual_seed(1)) < 0.5).to(torch.uint8) * 255
    told, output, x = memory(1), _output(81), picture.flatten(1).double() / 255
    every = torch.linspace(-8, 8, 4001, dtype=torch.float64)
    many = told.select(torch.zeros(len(every), dtype=torch.long))
    drawn, _, _ = part(every.view(-1, 1, 1), part.start(many))
    log_p = -torch.nn.functional.binary_cross_entropy_with_logits(
        drawn[:, 0], x.expand(len(every), -1), reduction="none"
    )
    log_prior = Normal(0.0, 1.0).log_prob(every) + np.log(16 / 4000)
    cost = -(log_p.sum(1) + log_prior).logsumexp(0)
    rows = torch.zeros(4000, dtype=torch.long)
    luck = torch.randn(4000, 1, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    features, _, read = part(luck, part.start(told.select(rows), picture.expand(4000, -1, -1, -1)))
    bounds = -output.scores(Prediction(features, read), picture.expand(4000, -1, -1, -1))[0].sum(1)
    assert bounds.mean() > cost - 4 * bounds.std() / 4000**0.5


@pytest.mark.parametrize(
    ("sections", "fault"),
    [
        (
            {"decoder": {"name": "canvas"}},
            r"\[decoder\] canvas draws pictures, and outputs of the task translate are text",
        ),
        (
            {"task": "draw", "output": {"name": "plain"}},
            r"\[output\] plain is of text, but \[decoder\] canvas writes pict",
        ),
        ({"task": "draw", "objective": {"name": "cross_entropy"}}, r"\[objective\] cross_entropy is of text"),
        (
            {"task": "draw", "decoder": {"name": "between"}},
            r"\[output\] bernoulli is of pictures, but \[decoder\] between",
        ),
        (
            {"task": "draw", "decoder": {"name": "canvas", "steps": 99}},
            r"steps is 99; it wants a whole number from 1 to 64",
        ),
        ({"task": "draw", "train": {"stop_on": "bleu"}}, r"stop_on names no score of a validation"),
    ],
)
def test_parts_that_do_not_go_together_are_refused(sections: dict[str, object], fault: str) -> None:
    from regard import config as configs

    with pytest.raises(ConfigError, match=fault):
        configs.check({"data": {"train": "scenes.jsonl"}, **sections})
