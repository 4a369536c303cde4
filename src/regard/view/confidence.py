"""An output line whose doubtful words are marked: for reading, where a heat map would be too much."""

from collections.abc import Sequence

from rich.text import Text

from regard.types import EOS, SPECIALS, Record
from regard.view.words import printable

DOUBTFUL, GUESSED = 0.5, 0.25  # confidence below which a word is marked, and marked strongly


def line(records: Sequence[Record]) -> Text:
    """The outputs in one line, tab-separated; behind each doubtful word its confidence, such as `bicycle(31%)`."""
    return Text("\t").join(_marked(record) for record in records)


def _marked(record: Record) -> Text:
    words = [word for word in record.words if word.text != SPECIALS[EOS]]
    marked = Text()
    for i, word in enumerate(words):
        marked.append(" " if i else "")
        style = "bold red" if word.confidence < GUESSED else "yellow" if word.confidence < DOUBTFUL else ""
        marked.append(printable(word.text), style=style)
        if style:
            marked.append(f"({word.confidence:.0%})", style="dim")
    return marked
