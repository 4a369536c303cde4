"""From attention to links, by hand and by models that know where to look."""

import numpy as np
import pytest

import letters
import regard
from regard.alignment import Reading, align
from regard.alignment.attention import to_source, to_target
from regard.predictor import Predictor
from regard.types import Record

SOURCE, TARGET = ("▁a", "▁b", "b", "</s>"), ("▁x", "▁y", "</s>")
FORWARD = [[0.6, 0.2, 0.1, 0.1], [0.1, 0.3, 0.5, 0.1], [0.1, 0.0, 0.0, 0.9]]
BACKWARD = [[0.4, 0.6, 0.0], [0.1, 0.8, 0.1], [0.9, 0.0, 0.1], [0.0, 0.1, 0.9]]


def record(source: tuple[str, ...], target: tuple[str, ...], attention: list[list[float]]) -> Record:
    return Record("", "", source, target, np.zeros(len(target), np.float32), np.array(attention, np.float32))


HERE, BACK = record(SOURCE, TARGET, FORWARD), record(TARGET, SOURCE, BACKWARD)
EMPTY = record((), (), [])


def test_one_model_links_each_target_word_once() -> None:
    assert Reading().links(HERE) == {(0, 0), (1, 1)}


def test_a_word_may_be_read_at_the_steps_behind_it() -> None:
    assert Reading(look="read").links(HERE) == {(1, 0), (0, 1)}


def test_each_direction_by_its_own_attention() -> None:
    # b is two tokens: on average it looks at x with 0.5 and at y with 0.4.
    assert Reading(weights="own").directions(HERE, BACK) == ({(0, 0), (1, 1)}, {(0, 1), (1, 0)})


def test_both_directions_by_the_product_of_their_attentions() -> None:
    # x: 0.6 * 0.4 with a, 0.3 * 0.5 with b; y: 0.1 * 0.6 with a, 0.8 * 0.4 with b.
    assert Reading().directions(HERE, BACK) == ({(0, 0), (1, 1)}, {(0, 0), (1, 1)})


def test_a_side_without_words_has_no_links() -> None:
    nothing = record(("▁a", "▁b", "</s>"), ("</s>",), [[0.2, 0.2, 0.6]])
    for weights in ("product", "own"):
        reading = Reading(weights=weights)  # type: ignore[arg-type]
        assert reading.links(nothing, EMPTY) == reading.links(EMPTY, nothing) == reading.links(EMPTY, EMPTY) == set()
    assert Reading().links(EMPTY) == Reading().links(nothing) == Reading(look="read").links(EMPTY) == set()


def test_where_nothing_was_looked_at_nothing_is_linked() -> None:
    weights = np.array([[0.0, 0.0], [0.0, 0.2]])
    assert to_source(weights) == to_target(weights) == {(1, 1)}


@pytest.fixture(scope="module")
def model() -> Predictor:
    return regard.load(letters.learnt("reverse"))


def test_a_model_of_reversal_links_backwards_even_what_it_would_not_say(model: Predictor) -> None:
    links = list(align(model, ["a b c d", "", "a b", "e f g"], ["d c b a", "x", "", "g f e"]))
    assert links == [{(0, 3), (1, 2), (2, 1), (3, 0)}, set(), set(), {(0, 2), (1, 1), (2, 0)}]


def test_with_a_model_of_the_other_direction_it_is_the_same(model: Predictor) -> None:
    sources = letters.lines(20, 5, seed=9)
    targets = [line[::-1] for line in sources]
    exact = [{(i, n - 1 - i) for i in range(n)} for n in (len(line.split()) for line in sources)]
    for weights in ("product", "own"):
        reading = Reading(weights=weights, symmetrise="intersect")  # type: ignore[arg-type]
        assert list(align(model, iter(sources), iter(targets), reverse=model, reading=reading)) == exact
