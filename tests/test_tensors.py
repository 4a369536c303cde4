"""Trees of tensors that move as one."""

import torch

import tiny
from regard.attention import Keyed
from regard.tensors import Batch, Read, pad
from regard.types import PAD


def test_pad_fills_rows_at_their_end() -> None:
    assert pad([[5, 6, 2], [2]]).tolist() == [[5, 6, 2], [2, PAD, PAD]]
    assert pad([[5]]).dtype == torch.long


def test_select_picks_rows_with_repetition_through_all_levels() -> None:
    memory, rows = tiny.memory(), torch.tensor([1, 1, 0])
    picked = Keyed(memory, memory.states[..., :2]).select(rows)
    assert torch.equal(picked.keys, memory.states[rows][..., :2])
    assert torch.equal(picked.memory.mask, memory.mask[rows])
    assert torch.equal(picked.memory.summary, memory.summary[rows])


def test_map_makes_a_new_tree_and_leaves_the_old_one() -> None:
    batch = Batch(tiny.sources(), tiny.targets())
    more = batch.map(lambda tensor: tensor + 1)
    assert torch.equal(more.target, tiny.targets() + 1)
    assert torch.equal(batch.target, tiny.targets())
    assert isinstance(more, Batch)


def test_to_moves_every_tensor() -> None:
    moved = tiny.memory().to(torch.device("meta"))
    assert {moved.states.device.type, moved.mask.device.type, moved.summary.device.type} == {"meta"}


def test_reads_are_joined_along_the_steps() -> None:
    reads = [Read(torch.full((2, t, 3), float(t)), torch.full((2, t, 5), float(t))) for t in (1, 2)]
    joined = Read.join(reads)
    assert joined.context[0, :, 0].tolist() == [1, 2, 2]
    assert joined.weights.shape == (2, 3, 5)
