"""Unknown words become the source words that they looked at."""

from records import at, join, record
from regard.wording.glossary import Glossary
from regard.wording.unknown import replace_unknown


def test_an_unknown_word_becomes_the_source_word_that_it_looked_at_most() -> None:
    said = record("Anna meets Bob.", ["▁<unk>", "▁rencontre", "▁<unk>", "."], at(0, 1, 2, 3, of=5))
    found = replace_unknown(said, join)
    assert found.text == "Anna rencontre Bob."
    assert found.tokens == ("▁Anna", "▁rencontre", "▁Bob", ".", "</s>")
    assert found.score == said.score


def test_the_glossary_says_it_in_the_target_language() -> None:
    said = record("a Dog", ["▁un", "▁<unk>"], at(0, 1, of=3))
    assert replace_unknown(said, join, Glossary([("dog", ("chien",))])).text == "un chien"


def test_pieces_of_a_word_with_an_unknown_one_are_replaced_together() -> None:
    said = record("the caf\u00e9.", ["▁le", "▁caf", "<unk>", "."], at(0, 1, 1, 2, of=4))
    found = replace_unknown(said, join)
    assert (found.text, found.tokens) == ("le caf\u00e9.", ("▁le", "▁caf\u00e9", "", ".", "</s>"))
    assert [word.text for word in found.words] == ["le", "caf\u00e9.", "</s>"]


def test_a_space_sign_by_itself_belongs_to_the_unknown_character_behind_it() -> None:
    said = record("☃ a", ["▁", "<unk>", "▁b"], at(0, 0, 1, of=3))
    assert replace_unknown(said, join).text == "☃ b"


def test_the_end_sign_and_spared_words_are_not_taken() -> None:
    said = record("a {x}", ["▁<unk>"], [[0.1, 0.2, 0.3, 0.3, 0.1]][:1])
    assert replace_unknown(said, join, spared=["{", "x", "}"]).text == "a"


def test_without_attention_an_unknown_word_stays() -> None:
    said = record("a b", ["▁<unk>", "▁b"])
    assert replace_unknown(said, join) is not said
    assert replace_unknown(said, join).text == "<unk> b"


def test_what_has_nothing_unknown_stays_as_it_is() -> None:
    said = record("a b", ["▁c"], at(0, of=3))
    assert replace_unknown(said, join) is said
