"""Texts that are safe to draw and fit their room."""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

from regard.view.words import printable


def fitted(labels: Sequence[str], longest: int, sign: str = "…") -> list[str]:
    """Cut what is longer than so many cells, and say so with a sign."""
    clean = [printable(label) for label in labels]
    return [text if cell_len(text) <= longest else set_cell_size(text, longest - 1).rstrip() + sign for text in clean]


def wrapped(text: str, cells: int, sign: str = "…") -> list[str]:
    """As many lines as a text takes."""
    lines: list[str] = []
    for word in fitted(text.split(), cells, sign):
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= cells:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
