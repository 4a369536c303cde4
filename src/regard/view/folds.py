"""What a page needs to show long sources: their parts of the template, empty where no source is long.

Such a source is shown sentence by sentence, and what was not looked at is folded. Its weights are kept
where they are not zero, to a ten-thousandth: of thousands of places most have none.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regard.types import Record
from regard.view.periods import is_long, periods
from regard.view.stage import every, part

FINE = 10_000  # weights are whole parts of so many


def pieces(records: Sequence[Record]) -> dict[str, str]:
    """The parts of the template that long sources fill; a page of short ones is what it was without them."""
    if not any(is_long(one) for record in records for one in every(record)):
        return {"folds_style": "", "folds_script": ""}
    return {"folds_style": part("folds.css"), "folds_script": part("folds.js") + "\n"}


def weights(record: Record, rows: NDArray[np.float64], of_words: bool) -> dict[str, Any]:
    """The weights that are not zero, and the sentences: first label, one past the last, thousandths of all looks."""
    found = periods(record, of_words)
    return {
        "sparse": [_sparse(row) for row in (rows * FINE).round().astype(int)],
        "periods": [[period.first, period.end, round(1000 * period.share)] for period in found],
    }


def _sparse(row: NDArray[np.int64]) -> list[int]:
    """How much further each weight stands than the one before, and the weight, in turn."""
    (places,) = row.nonzero()
    return np.stack([np.diff(places, prepend=-1), row[places]], 1).ravel().tolist()
