"""A drawn scene and a caption with made-up gaze; `python tests/view/scene.py FILE...` draws it for the docs."""

import sys
from pathlib import Path

import numpy as np

from regard.types import Record

SKY, GRASS, SUN = (150, 196, 236), (104, 160, 84), (250, 218, 92)
HOUSE, ROOF = (186, 66, 54), (92, 52, 40)

# token, then the middle (row, column) and the width of the look, all as shares of the picture
LOOKS = (
    ("\u2581a", 0.58, 0.28, 0.10),
    ("\u2581red", 0.62, 0.24, 0.07),
    ("\u2581house", 0.52, 0.26, 0.09),
    ("\u2581under", 0.30, 0.50, 0.14),
    ("\u2581a", 0.25, 0.74, 0.09),
    ("\u2581yell", 0.20, 0.80, 0.06),
    ("ow", 0.20, 0.80, 0.06),
    ("\u2581sun", 0.20, 0.80, 0.08),
    ("</s>", 0.90, 0.60, 0.20),
)
SCORES = (-0.35, -0.12, -0.05, -0.8, -0.2, -0.9, -0.1, -0.06, -0.15)


def paint(path: Path, width: int = 480, height: int = 360) -> Path:
    """A house on a lawn, and the sun."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (width, height), SKY)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0.66 * height, width, height), fill=GRASS)
    draw.rectangle((0.14 * width, 0.46 * height, 0.38 * width, 0.76 * height), fill=HOUSE)
    draw.rectangle((0.24 * width, 0.6 * height, 0.29 * width, 0.76 * height), fill=ROOF)
    draw.polygon([(0.1 * width, 0.46 * height), (0.26 * width, 0.28 * height), (0.42 * width, 0.46 * height)], ROOF)
    draw.ellipse((0.74 * width, 0.12 * height, 0.86 * width, 0.12 * height + 0.12 * width), fill=SUN)
    picture.save(path)
    return path


def caption(path: Path | str, grid: tuple[int, int] = (7, 7)) -> Record:
    """What might be said of the scene, and where each word might look."""
    rows, columns = grid
    y, x = np.mgrid[0:rows, 0:columns]
    y, x = (y + 0.5) / rows, (x + 0.5) / columns
    looks = [np.exp(-((y - row) ** 2 + (x - column) ** 2) / (2 * size**2)) + 0.002 for _, row, column, size in LOOKS]
    attention = np.array([(look / look.sum()).ravel() for look in looks], np.float32)
    names = tuple(f"{row + 1}:{column + 1}" for row in range(rows) for column in range(columns))
    tokens = tuple(token for token, *_ in LOOKS)
    return Record(
        str(path), "a red house under a yellow sun", names, tokens, np.array(SCORES, np.float32), attention, grid
    )


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    from regard.view.record import save

    with TemporaryDirectory() as folder:
        record = caption(paint(Path(folder) / "scene.png"))
        for name in sys.argv[1:]:
            save([record], name)
