"""Measures to rows: means, differences, spread and length classes, by hand."""

from dataclasses import replace

import pytest

from regard.comparison.measure import Measures
from regard.comparison.summary import NUMBERS, counted_metric, summarise, to_json
from regard.comparison.tables import COST, GAZE, QUALITY, tables, terminal
from regard.errors import UsageError
from regard.metrics.exact import Exact
from regard.tasks.translate import Translate

EXACT = Exact()
SHORT, LONG = "a b", "a b c d e f"  # of 2 and of 6 words


def measures(*outputs: str, loss: float = 1.0, entropy: float | None = 0.5) -> Measures:
    lines = [[source, source, output] for source, output in zip([SHORT, SHORT, LONG, LONG], outputs, strict=True)]
    return Measures("", 7, 10, 0.1, loss, 2.0, 5.0, 6.0, None, entropy, 0.3, None, [[5, 2.0, 1.0]], lines, [])


RIGHT, HALF = (SHORT, SHORT, LONG, LONG), (SHORT, SHORT, "", "")


def test_a_row_is_the_mean_of_its_runs_and_its_difference_from_the_first() -> None:
    first, second = summarise(
        {"a": [measures(*HALF)], "b": [measures(*RIGHT), measures(*HALF, loss=3.0)]}, EXACT, 5, 50
    )
    assert (first.name, first.score, first.difference, first.spread) == ("a", 50, 0, None)
    assert first.difference_interval == (0, 0)
    assert not first.differs
    assert (second.score, second.difference) == (75, 25)
    assert second.spread == pytest.approx(35.355, abs=1e-3)
    assert second.numbers["valid_loss"] == 2.0
    assert second.numbers["peak_mib"] is None


def test_scores_by_length_are_of_the_lines_of_that_length() -> None:
    (row,) = summarise({"a": [measures(*HALF)]}, EXACT, 5, 50)
    assert [(part.words, part.pairs, part.score) for part in row.classes] == [(5, 2, 100.0), (10, 2, 0.0)]
    (row,) = summarise({"a": [measures(*HALF)] * 3}, EXACT, 6, 50)
    assert [(part.words, part.pairs, part.score) for part in row.classes] == [(6, 4, 50.0)]


def test_a_metric_without_sums_is_refused_with_those_that_have_them() -> None:
    with pytest.raises(UsageError, match=r"'chrf'.*There are: bleu, .*, exact,"):
        counted_metric("chrf", Translate.metrics)


def test_a_metric_is_meant_as_the_task_shows_it_or_else_as_the_part_of_that_name() -> None:
    shown = {"bleu2": {"name": "caption_bleu", "order": 2}, "bleu": {"name": "caption_bleu"}}
    labels = [counted_metric(name, shown).label for name in ("bleu2", "bleu", "rouge_l")]
    assert labels == ["BLEU-2", "BLEU-4", "ROUGE-L"]
    assert counted_metric("bleu", {}).label == "BLEU"


def test_further_references_stand_behind_the_output() -> None:
    found = measures(*HALF)
    more = replace(found, lines=[[*line, ""] for line in found.lines])
    assert [row.score for row in summarise({"a": [found], "b": [more]}, EXACT, 5, 50)] == [50, 100]


def test_what_describes_outputs_is_compared_with_their_sources() -> None:
    novelty = counted_metric("novelty", {})
    found = replace(measures(*RIGHT), lines=[[LONG, "x y", "a b c"], [LONG, "x y", "x y z"]])
    (row,) = summarise({"a": [found]}, novelty, 5, 50)
    assert row.score == 50


def test_tables_leave_out_what_nobody_measured() -> None:
    rows = summarise({"a": [measures(*HALF, entropy=None)], "b": [measures(*RIGHT)]}, EXACT, 5, 50)
    scores, by_length, gaze, cost = tables(rows, "exact")
    assert "vs first" in scores.header
    assert "AER" not in gaze.header
    assert "AER" not in gaze.note
    assert "MiB" not in cost.header
    assert gaze.rows[0][gaze.header.index("entropy")] == "-"
    assert by_length.rows[-1] == ["pairs", "2", "2"]
    assert all(len(row) == len(table.header) for table in (scores, by_length, gaze, cost) for row in table.rows)
    assert terminal(scores).row_count == 2
    alone, *_ = tables(rows[:1], "exact")
    assert not any("vs" in name for name in alone.header)
    assert "paired" not in alone.note


def test_every_number_has_its_place_in_a_table() -> None:
    assert set(NUMBERS) == QUALITY.keys() | GAZE.keys() | COST.keys()


def test_json_holds_all_of_it() -> None:
    rows = summarise({"a": [measures(*HALF)]}, EXACT, 5, 50)
    plain = to_json(rows, {"metric": "exact"})
    assert plain["metric"] == "exact"
    assert plain["variants"][0]["classes"][0] == {"words": 5, "pairs": 2, "score": 100.0}
    assert plain["variants"][0]["differs"] is False
