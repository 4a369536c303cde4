"""Protected strings: kept from the model, and put back where attention says, each as often as it was there."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records import at, join, record
from regard.errors import UsageError
from regard.types import Record
from regard.wording.protect import mask, pattern
from regard.wording.restore import restore
from regard.wording.units import whole

ANY = pattern()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("Hello {name}, bye", ["{name}"]),
        ("{{user.name}} and ${total}", ["{{user.name}}", "${total}"]),
        ('<b>bold</b> <a href="x y">link</a>', ["<b>", "</b>", '<a href="x y">', "</a>"]),
        ("See https://a.b/c?d=e&f=g. Or (http://x.y/z)!", ["https://a.b/c?d=e&f=g", "http://x.y/z"]),
        ("Mail jo.doe@mail.example.org.", ["jo.doe@mail.example.org"]),
        ("%s has %d of %1$s, %(n)d and %.2f", ["%s", "%d", "%1$s", "%(n)d", "%.2f"]),
        ("50% of it", []),
        ("a < b and c > d, { } {}", []),
        ("fish &amp; chips &#39;", ["&amp;", "&#39;"]),
    ],
)
def test_what_is_usually_protected(source: str, found: list[str]) -> None:
    assert ANY.findall(source) == found
    assert [kept.string for kept in mask(source, ANY).kept] == found


def test_the_model_reads_digits_that_the_text_has_not() -> None:
    masked = mask("Hi {a}, 7 {b}s! <b>x</b>", ANY)
    assert masked.text == "Hi 8, 7 9 s! 6 x 4"
    assert [kept.word for kept in masked.kept] == [1, 3, 5, 7]
    assert mask("no such thing", ANY).text == "no such thing"
    assert mask("{a}", None).text == "{a}"


def test_the_string_goes_where_its_stand_in_came_out() -> None:
    masked = mask("Hello {name}!", ANY)
    found = restore(record(masked.text, ["▁Bonjour", "▁7", "▁!"], at(0, 0, 2, of=4)), masked, join)
    assert (found.text, found.source) == ("Bonjour {name} !", "Hello {name}!")
    assert found.tokens == ("▁Bonjour", "▁{name}", "▁!", "</s>")
    assert found.source_tokens == ("▁Hello", "▁{name}", "!", "</s>")


def test_else_it_takes_the_place_of_the_word_that_looked_at_it_most() -> None:
    masked = mask("a {x} dog", ANY)
    looks = [[1, 0, 0, 0], [0.2, 0.5, 0.3, 0], [0.1, 0.7, 0.1, 0.1], [0, 0, 1, 0]]
    said = record(masked.text, ["▁un", "▁de", "▁tru", "▁chien"], looks)
    found = restore(said, masked, join)
    assert found.text == "un de {x} chien"
    assert found.score == said.score
    np.testing.assert_allclose(found.attention, said.attention)


def test_else_it_is_put_behind_what_looked_at_what_stands_before_it() -> None:
    masked = mask("go {x} home", ANY)
    found = restore(record(masked.text, ["▁chez", "▁va"], at(2, 0, of=4)), masked, join)
    assert found.text == "chez va {x}"
    assert found.attention[2].tolist() == [0, 0, 0, 0]
    assert found.token_scores[2] == 0


def test_without_attention_it_is_put_at_the_end() -> None:
    masked = mask("go {x} {y}", ANY)
    assert restore(record(masked.text, ["▁va"]), masked, join).text == "va {x} {y}"
    assert restore(record(masked.text, []), masked, join).text == "{x} {y}"


def test_tags_touch_the_words_that_they_touched() -> None:
    masked = mask("a <b>red</b> car (<i>x</i>)", ANY)
    looks = at(0, 4, 1, 2, 3, 5, 6, 7, 8, 9, of=11)
    said = record(masked.text, ["▁une", "▁voiture", "▁7", "▁rouge", "▁8", "▁(", "▁9", "▁x", "▁6", ")"], looks)
    assert restore(said, masked, join).text == "une voiture <b>rouge</b> (<i>x</i>)"


def test_stand_ins_are_found_however_they_are_cut() -> None:
    masked = mask("<b>a</b> {x}{y}", ANY)
    assert masked.text == "7 a 8 9 6"
    looks = at(0, 0, 1, 2, 2, 3, 3, 4, of=6)
    said = record(masked.text, ["▁", "7", "▁un", "▁", "8", "▁", "9", "6"], looks)
    assert restore(said, masked, join).text == "<b>un</b> {x}{y}"


def test_strings_that_touch_each_other_do_so_again() -> None:
    masked = mask("{a}{b} c", ANY)
    assert masked.text == "7 8 c"
    assert restore(record(masked.text, ["▁7", "▁8", "▁c"], at(0, 1, 2, of=4)), masked, join).text == "{a}{b} c"


def test_a_stand_in_that_is_said_twice_is_one_string() -> None:
    masked = mask("a {x}", ANY)
    said = record(masked.text, ["▁7", "▁un", "▁7"], [[0, 0.5, 0.5], [1, 0, 0], [0, 1, 0]])
    found = restore(said, masked, join)
    assert found.text == "un {x}"
    assert found.score == said.score


def test_a_number_that_was_made_of_a_stand_in_goes_and_another_stays() -> None:
    masked = mask("{x} of 12", ANY)
    said = record(masked.text, ["▁7", "▁10", "▁de", "▁13"], at(0, 0, 1, 2, of=4))
    found = restore(said, masked, join)
    assert found.text == "{x} de 13"
    assert found.score == said.score


def test_what_the_model_says_of_itself_is_left_out_if_it_reads_like_a_string() -> None:
    masked = mask("hit http://a.b or http://a.b", ANY)
    said = record(masked.text, ["▁7", "▁http://a.b", "▁8", "▁http://c.d"], at(1, 0, 3, 2, of=5))
    assert restore(said, masked, join).text == "http://a.b http://a.b http://c.d"


def test_merged_pieces_add_up() -> None:
    masked = mask("{x} b", ANY)
    said = record(masked.text, ["▁7", "▁long", "er"], at(0, 1, 1, of=3))
    assert restore(said, masked, join).token_scores.tolist() == [-0.125, -0.25, -0.375, -0.5]
    said = record(masked.text, ["▁long", "er"], [[1, 0, 0], [0.5, 0.5, 0]])
    found = restore(said, masked, join)
    assert found.tokens == ("▁{x}", "</s>")
    assert found.token_scores.tolist() == [-0.375, -0.375]
    assert found.attention[0].tolist() == [0.75, 0.25, 0]


def test_an_empty_record_stays_one() -> None:
    empty = Record("", "", (), (), np.zeros(0, np.float32), np.zeros((0, 0), np.float32))
    assert restore(empty, mask("", ANY), join).text == ""


@pytest.mark.parametrize(("regex", "message"), [("(", r"'\(' is no regular expression"), ("a*", "fits even where")])
def test_a_regex_that_cannot_be_is_told(regex: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        pattern(regex)


words = st.sampled_from(
    ["a", "bc", "{x}", "{yy}", "<b>", "7", "8,", "%s", "(", "d.", "http://a.b/c", "x{x}y", "{x}{x}"]
)
said_words = st.sampled_from(["▁7", "▁8", "▁9", "▁a", "b", "▁un", ".", "▁{x}", "▁%s", "▁", "<unk>", "▁<unk>"])


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    source=st.lists(words, min_size=1, max_size=9),
    tokens=st.lists(said_words, max_size=9),
    seed=st.integers(0, 99),
    blind=st.booleans(),
)
def test_every_string_is_there_exactly_as_often_as_in_the_source(
    source: list[str], tokens: list[str], seed: int, blind: bool
) -> None:
    text = " ".join(source)
    masked = mask(text, ANY)
    places = len(record(masked.text, []).source_tokens)
    looks = None if blind else np.random.default_rng(seed).dirichlet(np.full(places, 0.2), len(tokens)).tolist()
    said = record(masked.text, tokens, looks or None)
    found = restore(said, masked, join)
    for string in {kept.string for kept in masked.kept}:
        assert len(re.findall(whole(string), found.text)) == len(re.findall(whole(string), text))
    assert found.source == text
    assert found.score == pytest.approx(said.score)
    assert found.attention.shape == (len(found.tokens), len(found.source_tokens))
    assert re.sub(r"\s", "", "".join(found.source_tokens[:-1]).replace("▁", "")) == re.sub(r"\s", "", text)
