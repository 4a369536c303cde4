"""One phrase in two languages, and the words that its texts are made of."""

import re
from dataclasses import dataclass

# A run of letters and their marks, or else one sign alone: a digit, a
# punctuation mark, or a character of a script that leaves no spaces between words.
_SIGNS = r"!-/:-@\[-`{-~\u00a1-\u00bf\u060c\u061b\u061f\u2010-\u205e\uff00-\uff65"
_CJK = r"\u3000-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[^\s\d{_SIGNS}{_CJK}]+|\S")


def words(text: str) -> list[str]:
    """Split a text into words, punctuation marks, single digits and single ideographs."""
    return _WORD.findall(text)


@dataclass(frozen=True, slots=True)
class Phrase:
    """The same in two languages; an `atom` is one name or number word that combinations are made of."""

    source: str
    target: str
    kind: str
    atom: bool = False

    @property
    def length(self) -> int:
        """The words of the longer side."""
        return max(len(words(self.source)), len(words(self.target)))

    def vocabulary(self) -> set[tuple[str, str]]:
        """Its distinct words, each with the side on which it stands."""
        sides = (("source", self.source), ("target", self.target))
        return {(side, word) for side, text in sides for word in words(text)}
