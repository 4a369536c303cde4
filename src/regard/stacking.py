"""Several sources, or several pictures to be drawn, as one array."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regard.types import PAD, Copyable, Image, Source


def stacked(sources: Sequence[Source]) -> NDArray[Any]:
    """Sources of one kind as one array: ids, int64 (B, S), padded; or pictures, (B, ...).

    Of texts that may be copied (B, S, 2): what each place is read as, and what is copied from it.
    """
    pictures = [source.values for source in sources if isinstance(source, Image)]
    if pictures:
        return np.stack(pictures)
    copies = [source.copies for source in sources if isinstance(source, Copyable)]
    if copies:
        return np.stack([_padded(sources), _padded(copies)], -1)
    return _padded(sources)


def _padded(rows: Sequence[Any]) -> NDArray[np.int64]:
    whole = np.full((len(rows), max(map(len, rows))), PAD, np.int64)
    for row, ids in zip(whole, rows, strict=True):
        row[: len(ids)] = np.asarray(ids)
    return whole
