"""Where everything of a gaze goes: the picture, then a panel for each word, in rows like text.

The end sign has no panel: where a caption ends says little about the picture.
"""

import math

import numpy as np

from regard.types import EOS, SPECIALS, Record
from regard.view.gaze import Floats, relative, upsample
from regard.view.labels import fitted, wrapped
from regard.view.photo import GROUND, Photo, photo
from regard.view.shapes import CHARACTER, FONT, MARGIN, Label, Pane, Picture
from regard.view.words import grid, printable

Box = tuple[float, float, float, float]  # x, y, width, height

WIDEST = 1000.0  # of a row of panels
NARROWEST = 420.0  # of the lines of a caption
SIDE = 176.0  # of a square panel; others have its area
LONGER = 320.0  # no side of a panel is longer
GAP = 14.0
BELOW = 2 * FONT + GAP  # under a panel: its word, and room
DETAIL = 96  # pixels of a veil's longer side: more would look the same
SHARP = 2  # pixels of a photo to one of its panel, for screens that have them
BROAD = 0.66  # of the font size: a character of a single word or file name, which may be all m and 8
CAPTION = 16.0
SMALL = 11.0


def add(picture: Picture, record: Record) -> None:
    """Add a picture and its caption, and what each word looked at."""
    shape = record.grid or (1, 1)
    shown = photo(record.source, shape, round(SHARP * LONGER))
    width, height = _size(shown.shape)
    drawn = grid(record)
    words = [i for i, label in enumerate(drawn.target) if label != SPECIALS[EOS]]
    across = max(1, min(len(words) + 1, math.floor((WIDEST + GAP) / (width + GAP))))
    span = max(NARROWEST, across * (width + GAP) - GAP)
    picture.width = max(picture.width, 2 * MARGIN + span)
    picture.height += SMALL / 2  # off the number of the record, if it has one
    _add_lines(picture, record.text or "(no words)", CAPTION, span)
    boxes = [
        (MARGIN + (width + GAP) * (i % across), picture.height + (height + BELOW) * (i // across), width, height)
        for i in range(len(words) + 1)
    ]
    _add_panel(picture, Pane(*boxes[0], photo=shown), (_name(record.source), ""))
    for box, word in zip(boxes[1:], words, strict=True):
        weights = drawn.weights[word].reshape(shape)
        pane = Pane(*box, photo=shown, shares=_shares(weights, box), hover=_hover(drawn.target[word], weights))
        _add_panel(picture, pane, (drawn.target[word], f"{drawn.confidence[word]:.0%}"))
    picture.height = boxes[-1][1] + height + BELOW
    if shown.missing:
        _add_lines(picture, shown.missing, SMALL, span)
    picture.height += GAP / 2


def add_legend(picture: Picture) -> None:
    """What dark and bright mean."""
    text = "most  attention, each word on a scale of its own  ·  % probability of the word"
    y, width = picture.height, 105.0
    ground = Photo(np.full((1, 1, 3), GROUND, np.uint8), missing="only a ground")
    picture.panes.append(Pane(MARGIN + 12, y, width, 10, ground, np.linspace(0, 1, DETAIL)[None]))
    picture.labels.append(Label(MARGIN, y + 9, "0", size=SMALL, muted=True))
    picture.labels.append(Label(MARGIN + 18 + width, y + 9, text, size=SMALL, muted=True))
    picture.width = max(picture.width, MARGIN + 18 + width + SMALL * CHARACTER * len(text) + MARGIN)
    picture.height = y + 10 + MARGIN


def _add_panel(picture: Picture, pane: Pane, under: tuple[str, str]) -> None:
    """A pane, a word at the left below it and its confidence at the right."""
    word, confidence = under
    y, room = pane.y + pane.height + 1.3 * FONT, pane.width - (3.2 * SMALL if confidence else 0)
    label = fitted([word], max(4, int(room / (BROAD * FONT))))[0]
    picture.panes.append(pane)
    picture.labels.append(Label(pane.x, y, label, muted=not confidence))
    if confidence:
        picture.labels.append(Label(pane.x + pane.width, y, confidence, size=SMALL, anchor="end", muted=True))


def _add_lines(picture: Picture, text: str, size: float, width: float) -> None:
    """A text in as many lines as it takes."""
    for line in wrapped(text, int(width / (CHARACTER * size))):
        picture.labels.append(Label(MARGIN, picture.height + size, line, size=size, muted=size < FONT))
        picture.height += 1.4 * size
    picture.height += 0.6 * GAP


def _shares(weights: Floats, box: Box) -> Floats:
    _, _, width, height = box
    scale = DETAIL / max(width, height)
    return upsample(relative(weights), max(1, round(scale * height)), max(1, round(scale * width)))


def _hover(word: str, weights: Floats) -> str:
    if not weights.any():
        return printable(f"{word} looked at nothing")
    row, column = np.unravel_index(int(weights.argmax()), weights.shape)
    return printable(f"{word} looked most at {row + 1}:{column + 1} (row:column): {weights.max():.1%}")


def _name(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1]


def _size(shape: float) -> tuple[float, float]:
    """The size of a panel of this width : height."""
    root = math.sqrt(shape)
    side = min(SIDE, LONGER / max(root, 1 / root))
    return float(max(8, round(side * root))), float(max(8, round(side / root)))
