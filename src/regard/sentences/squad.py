"""Answers as SQuAD v1.1 compares them (Rajpurkar et al., 2016)."""

import re
import string

MARKS = str.maketrans("", "", string.punctuation)
ARTICLES = re.compile(r"\b(a|an|the)\b")


def normal(text: str) -> str:
    """In lower case, without ASCII punctuation, without English articles, with single spaces, in this order."""
    return " ".join(ARTICLES.sub(" ", text.lower().translate(MARKS)).split())
