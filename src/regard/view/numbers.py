"""Attention as numbers, for other programs: JSON and NumPy archives."""

import io
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regard.types import Record
from regard.view.lines import Lines
from regard.view.words import alignment, grid


def plain(record: Record) -> dict[str, Any]:
    """Give a record as plain data, with its attention between words and its word alignment."""
    words = grid(record)
    return record.to_json() | {
        "words": {
            "source": list(words.source),
            "target": list(words.target),
            "attention": [[round(float(weight), 6) for weight in row] for row in words.weights],
            "confidence": [round(float(share), 6) for share in words.confidence],
            **({} if words.p_gen is None else {"p_gen": [round(float(share), 6) for share in words.p_gen]}),
        },
        "alignment": [list(pair) for pair in alignment(record)],
    }


def _line(record: Record) -> str:
    return f"\n{json.dumps(plain(record), ensure_ascii=False)}"


# A list of objects, one record a line, so that a diff or `grep` finds the record.
JSON = Lines(_line, before="[", between=",", behind="\n]\n")


def to_npz(records: Sequence[Record]) -> bytes:
    """Arrays `attention_0`, `tokens_0`, ...: numbered by record, loadable without pickle.

    Of a picture there is `grid_0` too, and of a model that copies `p_gen_0`.
    """
    arrays: dict[str, NDArray[Any]] = {}
    for i, record in enumerate(records):
        arrays[f"attention_{i}"] = record.attention
        arrays[f"token_scores_{i}"] = record.token_scores
        arrays[f"tokens_{i}"] = np.array(record.tokens, dtype=np.str_)
        arrays[f"source_tokens_{i}"] = np.array(record.source_tokens, dtype=np.str_)
        if record.p_gen is not None:
            arrays[f"p_gen_{i}"] = record.p_gen
        if record.grid is not None:
            arrays[f"grid_{i}"] = np.array(record.grid)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()
