"""Answers as SQuAD compares them."""

from regard.sentences.squad import normal


def test_answers_are_compared_without_case_marks_and_articles() -> None:
    assert normal("The  U.S. Army's an-them, a test") == "us armys anthem test"
    assert normal("A theatre") == "theatre"
