"""Summarise: a document to what matters in it, a summary or a headline."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from regard.data.answered import open_answered
from regard.data.asking import told
from regard.data.long import Fitted, Rule
from regard.data.read import Examples
from regard.sections import Data
from regard.tasks.translate import Translate

LINES = (".jsonl", ".ndjson")


class Summarise(Translate):
    """A source is a document on a line, or JSON with a field `source`, whose text may have many lines."""

    metrics: Mapping[str, Mapping[str, Any]] = {
        **{f"rouge{kind}": {"name": "rouge", "kind": kind} for kind in ("1", "2", "l")},
        "repetition": {"name": "repetition"},
        "novelty": {"name": "novelty"},
        "copy_rate": {"name": "copy_rate"},
    }
    rules: tuple[Rule, ...] = ("truncate", "leave_out", "error")
    defaults: Mapping[str, Mapping[str, Any]] = {
        "data": {"longest": 400, "long": "truncate"},
        "decode": {"ratio": 0.5, "extra": 20, "no_repeat": 3},
    }
    given = '"a document on one line"'
    plain = False

    @classmethod
    def examples(cls, files: str | Path | Sequence[str | Path], data: Data, *, align: str = "") -> Examples:
        """JSON lines may have several summaries, in a list; other files are those of pairs."""
        given = [files] if isinstance(files, str | Path) else list(files)
        if align or len(given) != 1 or not str(given[0]).lower().removesuffix(".gz").endswith(LINES):
            return super().examples(files, data, align=align)
        return open_answered(given[0], passage=data.source, question="", answers=data.target)

    def fitted(self, text: str) -> Fitted:
        """The document, or its first tokens, as many as the limit allows."""
        return super().fitted(told(text))
