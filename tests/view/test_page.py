"""The HTML page and its charts."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from regard.errors import UsageError
from regard.types import Record
from regard.view.chart import Curve, draw, ticks
from regard.view.nbest import NBest
from regard.view.page import Table, page

VOID = {"meta", "input", "line", "polyline"}


class Outline(HTMLParser):
    """The elements of a page, indented by depth, with the attributes that structure it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.lines: list[str] = []
        self.data: dict[str, str] = {}
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kept = "".join(f" {k}={v}" for k, v in attrs if k in ("id", "role", "aria-label", "class", "type", "scope"))
        self.lines.append("  " * len(self.open) + tag + kept)
        self.attributes += [(k, v or "") for k, v in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.lines.append("  " * len(self.open) + tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.data[self.open[-1]] = self.data.get(self.open[-1], "") + data


def embedded(text: str) -> list[dict[str, Any]]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    items: list[dict[str, Any]] = json.loads(found.group(1))
    return items


def report(records: list[Record]) -> str:
    return page(
        records,
        title="Looks & words",
        facts={"Exact match": "98 %", "<i>": "1 < 2"},
        references=[records[0].text, *["other"] * (len(records) - 1)],
        curves=[Curve("Loss", {"valid": [(100, 2.5), (200, 1.25)]})],
        tables=[Table("By kind", ["Kind", "Exact"], [["dates", 0.98], ["<b>", 1]], note="held out")],
    )


def test_the_structure_matches_the_golden_file(every: list[Record], golden: Callable[[str, str], None]) -> None:
    outline = Outline(report(every))
    assert outline.open == []
    golden("page.outline.txt", "\n".join(outline.lines) + "\n")


def test_the_data_holds_words_tokens_and_references(every: list[Record]) -> None:
    dog, empty, *_ = embedded(report(every))
    (hypothesis,) = dog["hypotheses"]
    assert dog["reference"] == hypothesis["text"]
    assert hypothesis["words"]["source"] == ["a", "black", "dog", "runs", "</s>"]
    assert hypothesis["words"]["weights"][3] == [0, 0, 0, 875, 125]
    assert hypothesis["tokens"]["target"][1] == "▁chien"
    assert empty["hypotheses"][0]["words"] == {"source": [], "target": [], "weights": [], "confidence": []}


def test_tokens_that_are_words_are_not_kept_twice(blind: Record) -> None:
    (item,) = embedded(page([blind]))
    assert item["reference"] is None
    assert item["hypotheses"][0]["tokens"] is None


def test_an_n_best_list_is_on_the_page(dog: Record, wide: Record) -> None:
    (item,) = embedded(page([NBest.best_of([dog, wide])]))
    assert [hypothesis["text"] for hypothesis in item["hypotheses"]] == [dog.text, wide.text]


def test_nothing_that_looks_like_markup_becomes_markup(nasty: Record) -> None:
    text = page(
        [nasty], title="</title><script>x", facts={"<img src=x>": '"&'}, references=["</script><script>alert(2)"]
    )
    outline = Outline(text)
    tags = [line.split()[0] for line in outline.lines]
    assert tags.count("script") == 2 and "img" not in tags and "b" not in tags
    assert "<" not in outline.data["title"].replace("</title><script>x", "")
    assert embedded(text)[0]["hypotheses"][0]["words"]["target"][1] == "</script><!--"


def test_the_scripts_never_write_markup(dog: Record) -> None:
    text = page([dog])
    assert "innerHTML" not in text and "insertAdjacentHTML" not in text and "document.write" not in text


def test_the_page_needs_no_network(every: list[Record]) -> None:
    text = report(every)
    outline = Outline(text)
    assert not [value for name, value in outline.attributes if name in ("src", "href", "action", "srcset")]
    assert "@import" not in text and "url(" not in text and "fetch(" not in text
    assert set(re.findall(r"https?://[^\s\"'<]+", text)) <= {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in text


def test_references_must_fit_the_records(dog: Record) -> None:
    with pytest.raises(UsageError, match="1 records but 2 references"):
        page([dog], references=["a", "b"])


def test_no_records_make_a_page_without_sentences() -> None:
    assert embedded(page([], title="Nothing")) == []


def test_facts_and_tables_are_escaped(dog: Record) -> None:
    text = report([dog])
    assert "<dt>&lt;i&gt;</dt><dd>1 &lt; 2</dd>" in text
    assert '<th scope="row">&lt;b&gt;</th><td>1</td>' in text
    assert "<title>Looks &amp; words</title>" in text


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.3, 3.4], [0, 1, 2, 3, 4]),
        ([100, 1500], [0, 500, 1000, 1500]),
        ([97, 98.5], [97, 97.5, 98, 98.5]),
        ([5, 5], [5, 6]),
        ([0, 0], [0, 0.2]),
        ([-2, 2], [-2, -1, 0, 1, 2]),
    ],
)
def test_ticks_are_round_and_enclose_the_values(values: list[float], expected: list[float]) -> None:
    assert ticks(values) == pytest.approx(expected)


def test_a_chart_names_its_lines_and_leaves_out_what_is_not_finite() -> None:
    drawn = draw(Curve("BLEU <1>", {"with": [(1, 10.0), (2, float("nan")), (3, 30.0)], "without": [(1, 5.0)]}))
    assert "BLEU &lt;1&gt;" in drawn and 'class="key line1">without<' in drawn
    assert drawn.count("<circle") == 3 and "nan" not in drawn


def test_a_chart_without_points_says_so() -> None:
    assert "No measurements yet." in draw(Curve("BLEU", {"valid": []}))
