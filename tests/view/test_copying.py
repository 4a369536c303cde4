"""How much of an output was generated, and how much copied: in every view of a model that copies, and in no other."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest

from regard.types import Record
from regard.view import numbers, page, svg
from regard.view.screen import Screen
from regard.view.terminal import heat_map
from regard.view.words import grid


@pytest.fixture
def copied(dog: Record) -> Record:
    return replace(dog, p_gen=np.array([0.9, 0.25, 0.75, 0.5, 0.0, 1.0], np.float32))


def test_a_word_has_the_mean_of_its_tokens(copied: Record, dog: Record) -> None:
    np.testing.assert_allclose(grid(copied).p_gen, [0.9, 0.25, 0.75, 0.25, 1.0], atol=1e-7)  # type: ignore[arg-type]
    np.testing.assert_allclose(grid(copied, words=False).p_gen, copied.p_gen, atol=1e-7)  # type: ignore[arg-type]
    assert grid(dog).p_gen is None


def test_the_terminal_has_a_column_for_it(copied: Record) -> None:
    for width in (40, 80):
        lines = heat_map(copied, Screen(width, colour=False))
        assert all(line.cell_len <= width for line in lines)
    lines = [line.plain for line in heat_map(copied, Screen(90, colour=False))]
    assert [line[-5:] for line in lines[-7:-2]] == ["  90%", "  25%", "  75%", "  25%", " 100%"]
    assert "% generated, not copied" in lines[-1]


def test_pictures_write_it_behind_the_probability(copied: Record, dog: Record) -> None:
    drawn = svg.draw([copied])
    assert "61% · 90%" in drawn
    assert "% generated, not copied" in drawn
    assert "generated" not in svg.draw([dog])


def test_numbers_and_pages_have_it(copied: Record, dog: Record) -> None:
    facts = numbers.plain(copied)
    assert facts["p_gen"] == [0.9, 0.25, 0.75, 0.5, 0.0, 1.0]
    assert facts["words"]["p_gen"] == [0.9, 0.25, 0.75, 0.25, 1.0]
    assert "p_gen" not in json.dumps(numbers.plain(dog))
    assert '"p_gen":[900,250,750,250,1000]' in page.page([copied])
    assert '"p_gen"' not in page.page([dog])
    arrays = np.load(io.BytesIO(numbers.to_npz([dog, copied])))
    np.testing.assert_array_equal(arrays["p_gen_1"], copied.p_gen)
    assert "p_gen_0" not in arrays
