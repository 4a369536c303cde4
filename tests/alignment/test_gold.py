"""Gold alignments: two formats, what is wrong in them, and the error rate."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regard.alignment import Gold, Rates, error_rate, read_gold
from regard.errors import DataError, NoSuchFile, UsageError
from regard.types import Links

PAIRS = [("a b c", "x y"), ("d", "z w v u")]
LINKS = st.frozensets(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=6)


def read(folder: Path, text: str) -> list[Gold]:
    path = folder / "gold"
    path.write_text(text, encoding="utf-8")
    return read_gold(path, PAIRS)


def gold(*links: tuple[int, int], possible: tuple[tuple[int, int], ...] = ()) -> Gold:
    return Gold(frozenset(links), frozenset((*links, *possible)))


WANTED = [gold((0, 1), (2, 0), possible=((1, 0),)), gold((0, 3))]


@pytest.mark.parametrize(
    "text",
    [
        "0001 1 2 S\n0001 3 1\n0001 2 1 P\n0002 1 4 S\n",
        "2 1 4 S 0.5\n\n1 2 1 P\n1 1 2 S\n1 3 1 S",
        "0-1 2-0 1?0\n0-3\n",
        "1p0 0-1 2-0\n0-3",
        "1-2 3-1 2p1\n1-4\n",
        "1-2 3-1 2P1 3-1\n1-4 1-4\n",
    ],
)
def test_every_format_says_the_same(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == WANTED


def test_a_pair_may_have_no_link(tmp_path: Path) -> None:
    assert read(tmp_path, "0-0\n\n") == [gold((0, 0)), gold()]


def test_a_link_that_is_sure_and_possible_is_sure(tmp_path: Path) -> None:
    assert read(tmp_path, "1 1 1 P\n1 1 1 S\n2 1 1 S\n")[0] == gold((0, 0))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0-0\n", r"gold has 1 lines, but there are 2 pairs"),
        ("0-0\n0-0\n0-0\n", r"gold has 3 lines, but there are 2 pairs"),
        ("0-0 3-0\n\n", r"gold:1: the link of source word 4 and target word 1 is outside of pair 1, .* 3 and 2 words"),
        ("1-1\n1-5\n", r"gold:2: the link of source word 1 and target word 5 is outside of pair 2, .* 1 and 4 words"),
        ("0-0\n0:0\n", r"gold:2: '0:0' is no link such as 2-3"),
        ("1 1 1 S\n3 1 1 S\n", r"gold:2: a link of pair 3, but there are 2 pairs"),
        ("0 1 1 S\n", r"gold:1: a link of pair 0, but there are 2 pairs"),
        ("1 1 1 S\n", r"gold: its last link is of pair 1, but there are 2 pairs"),
        ("1 1 1 S\n2 0 1 S\n", r"gold:2: the link of source word 0 and target word 1 is outside"),
        ("1 1 1 S\n2 1 1 X\n", r"gold:2: '2 1 1 X' is no link such as '0001 3 4 S'"),
        ("", r"gold: holds no links"),
        ("\n\n", r"gold: holds no links"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(tmp_path, text)


def test_a_missing_file_shows_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "gold.txt").touch()
    with pytest.raises(NoSuchFile, match=re.escape("Did you mean 'gold.txt'")):
        read_gold(tmp_path / "gold.tx", PAIRS)


def test_the_error_rate_of_a_case_worked_by_hand() -> None:
    # A has 4 links, S has 3; |A & S| = 2, |A & P| = 3.
    found = error_rate([frozenset({(0, 1), (1, 0), (1, 1)}), frozenset({(0, 3)})], WANTED)
    assert found == Rates(error=pytest.approx(1 - 5 / 7), precision=3 / 4, recall=pytest.approx(2 / 3))


@given(st.lists(st.tuples(LINKS, LINKS), min_size=1, max_size=4))
def test_between_all_sure_and_all_possible_there_is_no_error(pairs: list[tuple[Links, Links]]) -> None:
    wanted = [Gold(sure, sure | possible) for sure, possible in pairs]
    for links in ([g.sure for g in wanted], [g.possible for g in wanted]):
        rates = error_rate(links, wanted)
        assert rates.error == pytest.approx(0) or not any(links)
        assert 0 <= rates.precision <= 1
        assert rates.recall == (1 if any(g.sure for g in wanted) else 0)


def test_nothing_found_is_all_wrong() -> None:
    assert error_rate([frozenset(), frozenset()], WANTED) == Rates(1.0, 0.0, 0.0)


def test_unequal_numbers_are_told() -> None:
    with pytest.raises(UsageError, match="not as many alignments as gold ones"):
        error_rate([frozenset()], WANTED)
