"""Words as summaries are compared."""

from regard.sentences.plain import cut


def test_words_are_runs_of_letters_and_digits() -> None:
    assert cut("The Café, 3rd_floor's") == ["the", "café", "3rd", "floor", "s"]
    assert cut("The Café, 3rd_floor's", ascii=True) == ["the", "caf", "3rd", "floor", "s"]
