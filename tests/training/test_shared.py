"""Mapped files: one process's tensors are another's, at places that suit the processor."""

from pathlib import Path

import pytest
import torch
from torch import nn

from regard.training import shared

SIZES = [(3, 5), (7,), (1,), (2, 11)]


def parameters() -> list[nn.Parameter]:
    return [nn.Parameter(torch.randn(size)) for size in SIZES]


def test_what_is_written_through_one_map_is_read_through_another() -> None:
    like = parameters()
    with shared.reserve(["a", "b"], like) as folder:
        one, other = (shared.mapped(Path(folder, "a"), like) for _ in range(2))
        for i, tensor in enumerate(one):
            tensor.fill_(i + 1)
        assert [tensor.unique().tolist() for tensor in other] == [[1], [2], [3], [4]]
        assert [tensor.shape for tensor in other] == [tensor.shape for tensor in like]
        assert all(tensor.data_ptr() % 64 == 0 for tensor in one)
        assert all(not tensor.any() for tensor in shared.mapped(Path(folder, "b"), like))
        del one, other
    assert not Path(folder).exists()


def test_where_shared_memory_has_no_room_a_disk_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = shared._filled

    def full(names: list[str], like: list[torch.Tensor], place: Path | None) -> object:
        if place:
            raise OSError(28, "No space left on device")
        return real(names, like, place)

    monkeypatch.setattr(shared, "MEMORY", tmp_path)
    monkeypatch.setattr(shared, "_filled", full)
    with shared.reserve(["a"], parameters()) as folder:
        assert Path(folder, "a").exists()
        assert Path(folder).parent != tmp_path


def test_a_reservation_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Is a directory"):
        shared._filled([".", "a"], parameters(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_gradients_are_taken_over_as_one_process_would_add_them_up() -> None:
    mine, theirs = parameters(), parameters()
    with_none: list[set[int]] = [{1, 3}, {2, 3}]
    for group, none in zip((mine, theirs), with_none, strict=True):
        for i, parameter in enumerate(group):
            parameter.grad = None if i in none else torch.randn_like(parameter)
    own, given = ([p.grad for p in group] for group in (mine, theirs))
    expected = [own[0] + given[0], given[1], own[2], None]  # type: ignore[operator]
    files = [torch.full_like(parameter, 9.0) for parameter in mine]  # what the step before has left in them
    lacking = shared.hand_over(theirs, files)
    assert lacking == [2, 3]
    assert all(parameter.grad is None for parameter in theirs)
    shared.take_over(mine, files, lacking)
    for parameter, wanted in zip(mine, expected, strict=True):
        assert (parameter.grad is None) == (wanted is None)
        if parameter.grad is not None and wanted is not None:
            assert torch.equal(parameter.grad, wanted)
