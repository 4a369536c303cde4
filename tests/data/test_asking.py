"""A question and a passage as one line, and back."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regard.data.asking import joined, parted, told
from regard.errors import DataError
from regard.text import clean


@pytest.mark.parametrize(
    "text",
    [
        "Where is it? ||| It is here.",
        "  Where is it?|||It is\u00a0here. ",
        '{"question": "Where is it?", "context": "It is\\nhere."}',
        ' {"context": "It is here.", "question": "Where is it?", "answers": ["here"]}',
    ],
)
def test_a_line_or_json_is_a_question_and_a_passage(text: str) -> None:
    assert parted(text) == ("Where is it?", "It is here.")


def test_only_the_first_sign_parts_the_two() -> None:
    assert parted("a ||| b ||| c") == ("a", "b ||| c")
    assert parted(joined("a ||| b", "c")) == ("a | b", "c")


@given(question=st.text("a| {}\n\u00e9", max_size=20).filter(clean), passage=st.text(max_size=40).filter(clean))
def test_what_is_joined_is_parted_again(question: str, passage: str) -> None:
    found = parted(joined(question, passage))
    assert found == (re.sub(r"\|{3,}", "|", clean(question)), clean(passage))


@pytest.mark.parametrize(
    ("text", "lacks"),
    [("Where is it?", "passage"), ("||| It is here.", "question"), ('{"context": 3}', "question"), ("{x", "passage")],
)
def test_what_lacks_one_of_them_is_told(text: str, lacks: str) -> None:
    with pytest.raises(DataError, match=rf"has no {lacks}; expected QUESTION \|\|\| PASSAGE, or"):
        parted(text)


def test_a_document_is_a_line_or_the_field_of_a_row() -> None:
    assert told('{"source": "Two\\nlines."}') == "Two\nlines."
    assert [told(text) for text in ("plain", "{not json", '{"other": "x"}')] == ["plain", "{not json", '{"other": "x"}']
