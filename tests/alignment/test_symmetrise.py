"""One alignment out of two: cases worked by hand, and what is true of any two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regard.alignment.symmetrise import SYMMETRIES, grow_diag, grow_diag_final, grow_diag_final_and, intersect, union
from regard.types import Links

both = st.frozensets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12)

# The two agree on 0-0 only. 1-1 is its neighbour, and 2-2 that of 1-1; 1-0 then links nothing new.
# 4-4 stands alone, and links two words; 2-5 links one word that is linked and one that is not.
FORWARD = frozenset({(0, 0), (1, 1), (1, 0), (4, 4)})
BACKWARD = frozenset({(0, 0), (2, 2), (2, 5)})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("intersect", {(0, 0)}),
        ("union", {(0, 0), (1, 0), (1, 1), (2, 2), (2, 5), (4, 4)}),
        ("grow-diag", {(0, 0), (1, 0), (1, 1), (2, 2)}),
        ("grow-diag-final", {(0, 0), (1, 0), (1, 1), (2, 2), (2, 5), (4, 4)}),
        ("grow-diag-final-and", {(0, 0), (1, 0), (1, 1), (2, 2), (4, 4)}),
    ],
)
def test_a_case_worked_by_hand(name: str, expected: set[tuple[int, int]]) -> None:
    assert SYMMETRIES[name](FORWARD, BACKWARD) == expected


def test_a_neighbour_between_two_linked_words_is_not_grown_to() -> None:
    agreed = frozenset({(0, 0), (1, 1)})
    assert grow_diag(agreed | {(0, 1)}, agreed) == agreed


def test_growing_starts_from_agreement_only() -> None:
    assert grow_diag(frozenset({(0, 0), (0, 1)}), frozenset({(1, 0)})) == frozenset()


def test_final_takes_the_forward_links_first() -> None:
    forward, backward = frozenset({(0, 0)}), frozenset({(0, 1), (1, 0)})
    assert grow_diag_final_and(forward, backward) == {(0, 0)}
    assert grow_diag_final_and(backward, forward) == {(0, 1), (1, 0)}
    assert grow_diag_final(forward, backward) == {(0, 0), (0, 1), (1, 0)}


@given(both, both)
def test_every_symmetrisation_lies_between_intersection_and_union(forward: Links, backward: Links) -> None:
    for symmetrise in SYMMETRIES.values():
        assert intersect(forward, backward) <= symmetrise(forward, backward) <= union(forward, backward)
    grown = grow_diag(forward, backward)
    assert grown <= grow_diag_final(forward, backward)
    assert grown <= grow_diag_final_and(forward, backward)


@given(both, both)
def test_final_leaves_no_word_of_the_union_without_a_link(forward: Links, backward: Links) -> None:
    found, every = grow_diag_final(forward, backward), forward | backward
    assert {i for i, _ in found} == {i for i, _ in every}
    assert {j for _, j in found} == {j for _, j in every}


@given(both)
def test_agreement_stays_as_it_is(links: Links) -> None:
    assert all(symmetrise(links, links) == links for symmetrise in SYMMETRIES.values())


@given(both, both)
def test_growing_does_not_depend_on_which_is_forward(forward: Links, backward: Links) -> None:
    assert grow_diag(forward, backward) == grow_diag(backward, forward)
