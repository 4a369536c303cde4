"""Pictures as patches of a codebook."""

from pathlib import Path

import numpy as np
import pytest

from regard.errors import ConfigError, DataError, ModelError, UsageError
from regard.patches import Codebook, Patches, clusters, nearest
from regard.types import EOS


def pictures(count: int, kinds: int = 5) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Pictures of 6 x 6, made of a few patches of 2 x 2 x 3."""
    random = np.random.default_rng(3)
    known = random.integers(0, 256, (kinds, 2, 2, 3), np.uint8)
    chosen = known[random.integers(0, kinds, (count, 3, 3))]
    return chosen.swapaxes(2, 3).reshape(count, 6, 6, 3)


def fitted(size: int = 8, kinds: int = 5) -> Codebook:
    book = Codebook(Patches(side=2, size=size), 6, 3)
    book.fit(pictures(40, kinds), 1)
    return book


def test_pictures_of_few_patches_come_back_as_they_were() -> None:
    book = fitted()
    assert book.size == 4 + 5  # no more entries than patches that differ
    for picture in pictures(7):
        tokens = book.encode(picture)
        assert len(tokens) == 10 and tokens[-1] == EOS and min(tokens[:-1]) >= 4
        canvases = book.decode(tokens)
        assert canvases.shape == (10, 6, 6, 3)
        np.testing.assert_array_equal(canvases[-1], picture)
        np.testing.assert_array_equal(canvases[3][:2], picture[:2])  # three patches are the first row, one the next
        assert not canvases[3][2:, 2:].any()


def test_an_entry_is_the_mean_of_the_patches_that_are_nearest_to_it() -> None:
    random = np.random.default_rng(4)
    points = np.concatenate([random.normal(at, 1, (50, 7)) for at in (0, 40, 90)]).astype(np.float32)
    book = clusters(points, 3, np.random.default_rng(5))
    own, far = nearest(points, book)
    for entry in range(3):
        np.testing.assert_allclose(book[entry], points[own == entry].mean(0), rtol=1e-5)
    apart = np.square(points[:, None] - book).sum(-1)
    np.testing.assert_array_equal(own, apart.argmin(1))
    np.testing.assert_allclose(far, apart.min(1), rtol=1e-2, atol=1e-2)


def test_boxes_are_where_patches_lie() -> None:
    boxes = fitted().boxes(10)
    assert boxes.shape == (10, 1, 4)
    np.testing.assert_allclose(boxes[5, 0], [2 / 3, 1 / 3, 1, 2 / 3])
    assert not boxes[9].any()


def test_it_is_saved_and_loaded_and_the_same_for_the_same_pictures(tmp_path: Path) -> None:
    one, other = fitted(), Codebook(Patches(side=2, size=8), 6, 3)
    one.save(tmp_path)
    other.load(tmp_path)
    np.testing.assert_array_equal(one.book, other.book)
    np.testing.assert_array_equal(one.book, fitted().book)


def test_what_is_wrong_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"\[patches\] side is 4, and \[picture\] side 6: that must be a multiple of it"
    ):
        Codebook(Patches(side=4), 6, 1)
    book = Codebook(Patches(side=2), 6, 1)
    with pytest.raises(UsageError, match="holds no patches yet"):
        book.encode(pictures(1)[0][..., :1])
    with pytest.raises(DataError, match="no picture to learn a codebook from"):
        book.fit([], 1)
    with pytest.raises(ModelError, match=r"codebook.npy is missing"):
        book.load(tmp_path)
    (tmp_path / "codebook.npy").write_bytes(b"no book")
    with pytest.raises(ModelError, match="is damaged"):
        book.load(tmp_path)
    fitted().save(tmp_path)
    with pytest.raises(ModelError, match=r"holds \[5, 12\], expected patches of 4 bytes each"):
        book.load(tmp_path)
