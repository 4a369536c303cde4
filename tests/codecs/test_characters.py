"""Characters: one token each, and one for the space before each word."""

from regard.codecs.characters import Characters
from regard.types import UNK


def test_each_character_and_each_space_is_a_token() -> None:
    assert Characters().split(" où  1€ ") == ["▁", "o", "ù", "▁", "1", "€"]


def test_the_most_frequent_characters_are_kept() -> None:
    codec = Characters(size=7, minimum=2)
    codec.fit(["aab", "ab c"])
    assert codec.vocabulary[4:] == ("a", "▁", "b")


def test_an_unknown_character_shows_in_its_place() -> None:
    codec = Characters()
    codec.fit(["abc"])
    assert codec.encode("axb")[2] == UNK
    assert codec.decode(codec.encode("axb a")) == "a<unk>b a"
