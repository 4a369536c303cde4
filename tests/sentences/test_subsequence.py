"""What two sentences have in common."""

from regard.sentences.subsequence import longest


def test_the_longest_common_subsequence_keeps_the_order() -> None:
    assert longest(["a", "b", "c", "d"], ["b", "x", "d", "a"]) == 2
    assert longest([], ["a"]) == 0
