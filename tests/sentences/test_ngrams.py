"""N-grams by hand."""

from regard.sentences.ngrams import most, ngrams


def test_every_sequence_is_counted() -> None:
    found = ngrams(["a", "b", "a", "b"], 3)
    assert found == {("a",): 2, ("b",): 2, ("a", "b"): 2, ("b", "a"): 1, ("a", "b", "a"): 1, ("b", "a", "b"): 1}
    assert ngrams([], 4) == {}
    assert ngrams(["a"], 4) == {("a",): 1}


def test_the_most_of_any_sentence() -> None:
    assert most([ngrams(["a", "a", "b"], 1), ngrams(["a", "c", "c"], 1)]) == {("a",): 2, ("b",): 1, ("c",): 2}
    assert most([]) == {}
