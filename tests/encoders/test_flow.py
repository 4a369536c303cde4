"""Attention flow against the equations of Seo et al. (2017), place by place."""

import numpy as np
import pytest
import torch

import tiny
from regard.encoders.flow import Alike, flow, segments
from regard.types import BOS, EOS, PAD


def test_the_flow_is_that_of_the_paper() -> None:
    encoder = tiny.encoder({"name": "flow", "size": tiny.ENCODER})
    source = torch.tensor([[4, 5, BOS, 6, 7, 8, EOS, PAD], [9, BOS, 10, EOS, PAD, PAD, PAD, PAD]])
    states = encoder.reader(source).states  # type: ignore[operator]
    made = flow(states, encoder.scores(states), *segments(source)).detach().numpy()  # type: ignore[operator]
    h = states.detach().numpy()
    w = [p.detach().numpy().ravel() for p in (encoder.places.weight, encoder.asked.weight, encoder.both)]  # type: ignore[union-attr]
    for row, (question, passage) in enumerate((([0, 1], [3, 4, 5, 6]), ([0], [2, 3]))):
        places = int((source[row] != PAD).sum())
        scores = np.zeros((places, len(question)))
        for t in range(places):
            for column, j in enumerate(question):
                scores[t, column] = np.concatenate([h[row, t], h[row, j], h[row, t] * h[row, j]]) @ np.concatenate(w)
        best = np.exp(scores.max(1)[passage])
        back = sum(share * h[row, t] for share, t in zip(best / best.sum(), passage, strict=True))
        for t in range(places):
            weights = np.exp(scores[t]) / np.exp(scores[t]).sum()
            towards = sum(share * h[row, j] for share, j in zip(weights, question, strict=True))
            expected = np.concatenate([h[row, t], towards, h[row, t] * towards, h[row, t] * back])
            np.testing.assert_allclose(made[row, t], expected, atol=1e-12)


def test_words_are_alike_by_the_weighted_product_of_their_embeddings() -> None:
    alike, words = Alike(3).double(), torch.randn(2, 4, 3).double()
    torch.nn.init.normal_(alike.weights)
    made, (w, e) = alike(words).tolist(), (alike.weights.tolist(), words.tolist())
    for row, t, j in np.ndindex(2, 4, 4):
        own = sum(w[d] * e[row][t][d] * e[row][j][d] for d in range(3))
        before = sum(w[3 + d] * e[row][t - 1][d] * e[row][j - 1][d] for d in range(3)) if t and j else 0
        assert made[row][t][j] == pytest.approx(own + before)


def test_at_first_a_place_reads_of_the_question_its_own_word() -> None:
    encoder = tiny.encoder({"name": "flow", "size": tiny.ENCODER, "alike": True, "dropout": 0.0})
    source = torch.tensor([[4, 5, 6, BOS, 7, 6, 8, EOS]])
    words = torch.randn(10, 64)[source[0]][None].double()
    scores = Alike(64).double()(words)[0, :, :3]
    assert scores.softmax(-1)[5, 2] > 0.99
    encoder(source).states.square().sum().backward()
    learnt = dict(encoder.named_parameters())["alike.weights"].grad
    assert learnt is not None and learnt.abs().sum() > 0


def test_words_that_are_handed_on_stay_as_large_as_states() -> None:
    encoder = tiny.encoder({"name": "flow", "size": tiny.ENCODER, "residual": True, "dropout": 0.0})
    source = torch.tensor([[4, 5, BOS, 6, 7, 6, EOS]])
    with torch.no_grad():
        dict(encoder.named_parameters())["word.weight"] *= 1e4
    states = encoder(source).states
    torch.testing.assert_close(states.square().mean(-1), torch.ones_like(states[..., 0]))
    torch.testing.assert_close(states[0, 3], states[0, 5], atol=1e-3, rtol=0)  # a word is said, wherever it stands


@pytest.mark.parametrize(
    ("source", "question", "passage"),
    [
        ([4, 5, BOS, 6, EOS, PAD], [0, 1], [3, 4]),
        ([4, 5, EOS, PAD, PAD, PAD], [0, 1, 2], [0, 1, 2]),  # no sign: each is the whole
        ([BOS, 5, EOS, PAD, PAD, PAD], [0, 1, 2], [1, 2]),  # nothing before the sign
        ([4, BOS, PAD, PAD, PAD, PAD], [0], [0, 1]),  # nothing behind it
    ],
)
def test_segments_are_parted_by_the_sign(source: list[int], question: list[int], passage: list[int]) -> None:
    found = segments(torch.tensor([source]))
    assert [mask[0].nonzero().flatten().tolist() for mask in found] == [question, passage]
