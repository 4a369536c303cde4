"""Which words make a sentence: the rule by which sentences of a passage are counted."""

from collections.abc import Sequence

END = (*".!?\u2026", *"\u3002\uff01\uff1f", "\u061f", "\u0964")  # with those of Chinese, Arabic and Hindi
BEHIND = "\"'\u201d\u2019\u00bb)]"  # what may stand behind the mark that ends a sentence


def sentences(words: Sequence[str]) -> list[tuple[int, int]]:
    """The first word of each sentence, and one past its last: a word that ends in . ! or ? ends one.

    No list of abbreviations is kept: "Dr. Smith" is two. So whoever numbers sentences can count on the rule.
    """
    ends = [i + 1 for i, word in enumerate(words) if word.rstrip(BEHIND).endswith(END)]
    if words and (not ends or ends[-1] < len(words)):
        ends.append(len(words))
    return list(zip([0, *ends], ends, strict=False))
