"""References by the number of a pair."""

from pathlib import Path

import pytest

from regard.data.references import References, write
from regard.errors import DataError

TEXTS = [["a b", "ä \u2028 c"], ["never stored"], ['"quoted"\\', "d", "e"]]


def test_each_pair_has_those_of_its_example(tmp_path: Path) -> None:
    write(tmp_path, TEXTS, [2, 0, 3])
    found = References(tmp_path)
    assert [found[i] for i in range(len(found))] == [TEXTS[0]] * 2 + [TEXTS[2]] * 3
    assert list(found.examples()) == TEXTS
    assert References.exists(tmp_path)


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    assert not References.exists(tmp_path)
    with pytest.raises(DataError, match=r"holds no references"):
        References(tmp_path)
