"""One self-contained HTML page on which a sentence shows where its words looked.

No network, no fonts, no scripts of others: the page's own rule (its content
security policy) forbids them. Records are embedded as data, and the scripts
draw the one that is chosen.
"""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Template
from typing import Any

from regard.errors import UsageError
from regard.types import Record
from regard.view import bundle, chart, colours, folds, stage
from regard.view.bundle import embedded
from regard.view.chart import Curve
from regard.view.nbest import NBest
from regard.view.periods import is_long
from regard.view.stage import part
from regard.view.words import Grid, grid

SCRIPTS = ("map.js", "sentence.js")


@dataclass(frozen=True, slots=True)
class Table:
    """A table below the sentences; the first column names the row, numbers stand to the right."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str | int | float]]
    note: str = ""
    wide: bool = False  # it takes the whole width of the page


def page(
    records: Sequence[Record],
    *,
    title: str = "Attention",
    facts: Mapping[str, str] | None = None,
    curves: Sequence[Curve] = (),
    tables: Sequence[Table] = (),
    references: Sequence[str] | None = None,
    names: Sequence[str] = (),
    film: Mapping[str, Any] | None = None,
) -> str:
    """Make a whole page of records, below a title and facts, above curves and tables; a film stands first.

    With `references`, one for each record, every sentence is marked right (the same text) or wrong.
    With `names`, a record and its alternatives are what those systems say of one source; then it is
    curves and tables that people look for, and they stand first.
    """
    if references is not None and len(references) != len(records):
        raise UsageError(f"{len(records)} records but {len(references)} references: each record needs its own.")
    expected = [None] * len(records) if references is None else references
    items = [
        _item(record, reference, names) | stage.picture(record, len(records))
        for record, reference in zip(records, expected, strict=True)
    ]
    drawn, written = list(map(chart.draw, curves)), list(map(_table, tables))
    parts = [*written, *drawn] if names else [*drawn, *written]
    sections = f'<section class="sections">\n{chr(10).join(parts)}\n</section>' if parts else ""
    return Template(part("page.html")).substitute(
        stage.pieces(records) | folds.pieces(records) | bundle.film(film),
        title=html.escape(title),
        facts=_facts(facts or {}),
        above=sections if names else "",
        below="" if names else sections,
        data=_embed(items),
        style=house(),
        script="\n".join(map(part, SCRIPTS)),
        start=part("page.js"),
    )


def to_html(records: Sequence[Record]) -> bytes:
    """Give a page of the records alone."""
    return page(records).encode("utf-8")


def item(record: Record) -> dict[str, Any]:
    """One record and its alternatives as the live page takes them, with its picture if it is of one; all weights."""
    return _item(record, None, (), folded=False) | stage.picture(record, 1)


def _item(record: Record, reference: str | None, names: Sequence[str], *, folded: bool = True) -> dict[str, Any]:
    others = record.alternatives if isinstance(record, NBest) else ()
    return {
        "source": record.source,
        "reference": reference,
        "hypotheses": [_hypothesis(hypothesis, folded) for hypothesis in (record, *others)],
        **({"names": list(names)} if names else {}),
    }


def _hypothesis(record: Record, folded: bool) -> dict[str, Any]:
    """`folded`: weights of a long source are those that the page of a file shows sentence by sentence."""
    folded = folded and is_long(record)
    words, tokens = grid(record), grid(record, words=False)
    merged = len(words.target) < len(tokens.target) or len(words.source) < len(tokens.source)
    return {
        "text": record.text,
        "score": round(record.score, 4),
        "words": _plain(record, words, folded, of_words=True),
        "tokens": _plain(record, tokens, folded, of_words=False) if merged else None,
        **({"grid": record.grid} if record.grid else {}),
    }


def _plain(record: Record, drawn: Grid, folded: bool, *, of_words: bool) -> dict[str, Any]:
    """Weights and confidence as whole thousandths, which is all that eyes can use and a third of the bytes."""
    return {
        "source": drawn.source,
        "target": drawn.target,
        **(folds.weights(record, drawn.weights, of_words) if folded else _weights(record, drawn)),
        "confidence": (drawn.confidence * 1000).round().astype(int).tolist(),
        **({} if drawn.p_gen is None else {"p_gen": (drawn.p_gen * 1000).round().astype(int).tolist()}),
    }


def _weights(record: Record, drawn: Grid) -> dict[str, Any]:
    thousandths = drawn.weights * 1000
    if record.grid:  # of hundreds of regions the strongest may have a few thousandths
        return {"weights": thousandths.round(2).tolist()}
    return {"weights": thousandths.round().astype(int).tolist()}


def _embed(items: list[dict[str, Any]]) -> str:
    """As JSON that cannot end the script element it stands in, nor open a comment."""
    return embedded(items)


def _facts(facts: Mapping[str, str]) -> str:
    if not facts:
        return ""
    pairs = (f"<div><dt>{html.escape(name)}</dt><dd>{html.escape(fact)}</dd></div>" for name, fact in facts.items())
    return f'<dl class="facts">{"".join(pairs)}</dl>'


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in table.header)
    body = "\n".join(f"<tr>{_cells(row)}</tr>" for row in table.rows)
    note = f"<p>{html.escape(table.note)}</p>" if table.note else ""
    title, wide = html.escape(table.title), ' class="wide"' if table.wide else ""
    return (
        f"<figure{wide}><figcaption>{title}</figcaption>\n"
        f'<div class="scroll"><table class="facts-table" aria-label="{title}">'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>{note}</figure>"
    )


def _cells(row: Sequence[str | int | float]) -> str:
    first, *rest = row
    cells = (f"<td>{html.escape(str(value))}</td>" for value in rest)
    return f'<th scope="row">{html.escape(str(first))}</th>{"".join(cells)}'


def house() -> str:
    """The style that all pages share, in light and in dark."""
    light, dark = colours.variables(colours.LIGHT), colours.variables(colours.DARK)
    scale = f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
    return scale + part("page.css")
