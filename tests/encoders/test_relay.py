"""What places of one word tell each other, against sums by hand; and that a chain of sentences can be followed."""

import math

import torch

import tiny
from regard.encoders.flow import Relay, links
from regard.types import BOS, EOS, PAD


def test_a_place_is_told_by_the_others_of_the_passage() -> None:
    scores, told = torch.randn(1, 4, 4), torch.tensor([[False, True, True, True]])
    found = links(scores, told)[0]
    for t in range(4):
        others = [j for j in (1, 2, 3) if j != t]
        mass = {j: math.exp(float(scores[0, t, j])) for j in others}
        for j in range(4):
            torch.testing.assert_close(float(found[t, j]), mass.get(j, 0.0) / sum(mass.values()), atol=1e-6, rtol=1e-5)


def test_where_there_is_no_other_nothing_is_told() -> None:
    scores, told = torch.randn(2, 2, 2), torch.tensor([[True, False], [False, False]])
    assert links(scores, told).tolist() == [[[0.0, 0.0], [1.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]]


def test_at_first_a_place_hears_the_others_of_its_own_word() -> None:
    relay, table = Relay("gru", 64, 5, 1), torch.randn(9, 64)
    words = table[torch.tensor([[3, 5, 4, 3, 8, 7]])]
    found = links(relay.alike(words), torch.ones(1, 6, dtype=torch.bool))[0]
    assert found[0, 3] > 0.99
    assert found[3, 0] > 0.99


def test_each_round_goes_on_from_what_the_one_before_understood() -> None:
    twice = Relay("gru", 8, 5, 2).double()
    once = Relay("gru", 8, 5, 1).double()
    once.load_state_dict(twice.state_dict())
    words, states = torch.randn(2, 6, 8).double(), torch.randn(2, 6, 10).double()
    told, lengths = torch.arange(6).expand(2, 6) > 1, torch.tensor([6, 6])
    first = once(states, words, told, lengths)
    torch.testing.assert_close(twice(states, words, told, lengths), once(first, words, told, lengths))


def test_an_encoder_with_rounds_keeps_what_every_encoder_promises_of_padding() -> None:
    encoder = tiny.encoder({"name": "flow", "size": tiny.ENCODER, "rounds": 2})
    source = torch.tensor([[4, 5, BOS, 6, 5, 6, EOS]])
    alone = encoder(source).states
    padded = encoder(torch.cat([source, torch.full((1, 3), PAD)], 1)).states
    torch.testing.assert_close(padded[:, :7], alone)
