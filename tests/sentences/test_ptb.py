"""Words as coco-caption cuts them: the expected ones are those of stanford-corenlp-3.4.1.jar, less its punctuation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regard.sentences.ptb import tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A man, two dogs; and a cat.", "a man two dogs and a cat"),
        ("He can't, won't and shouldn't: it isn't John's.", "he ca n't wo n't and should n't it is n't john 's"),
        ("They'll say we've cannot gonna", "they 'll say we 've can not gon na"),
        ("It\u2019s \u201cfine\u201d \u2026 don\u2019t", "it 's fine do n't"),
        ("black-and-white T-shirt and/or hat", "black-and-white t-shirt and/or hat"),
        ("a well-dressed,man and a--b", "a well-dressed man and a b"),
        ("A flag of the U.S. at 10:30 a.m. by Mr. Smith", "a flag of the u.s. at 10:30 a.m. by mr. smith"),
        ("on the st.", "on the st."),
        ("he says no.", "he says no"),
        ("1,000 birds, 3.5 m, $5.00, 50%, #12", "1,000 birds 3.5 m $ 5.00 50 % # 12"),
        ("a dog (brown) [or black]", "a dog -lrb- brown -rrb- -lsb- or black -rsb-"),
        ("'90s rock 'n' roll, at five o'clock", "'90s rock 'n' roll at five o'clock"),
        ("'quoted words' and dogs' toys", "quoted words and dogs toys"),
        ("a kingfisher.com sign", "a kingfisher.com sign"),
        ("café naïve Übergröße 日本語", "café naïve übergröße 日本語"),
        (" ", ""),
        (". . . -- !", ""),
    ],
)
def test_words(text: str, words: str) -> None:
    assert list(tokens(text)) == words.split()


@given(st.text(max_size=40))
def test_any_text_has_words_without_space(text: str) -> None:
    assert all(token and not token.isspace() and len(token.split()) == 1 for token in tokens(text))


@given(st.lists(st.sampled_from(["dog", "runs", "a", "t-shirt", "2nd"]), max_size=8))
def test_plain_words_are_what_spaces_part(words: list[str]) -> None:
    assert tokens(" ".join(words)) == tuple(words)
