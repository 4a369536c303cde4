"""The value of a line on its own: what a reward is."""

from pathlib import Path
from typing import Any

import pytest

from regard.build import build, find, names
from regard.metrics import Judge, Metric

REFERENCES = [
    ["A red kite flies above the sea .", "A kite, red as a brick!"],
    ["Two children fly their kites on the beach."],
    ["An old man is repairing a boat while a girl watches him.", "The girl watches the old man"],
    ["A dog runs."],
]


def judge(folder: Path, **section: Any) -> Judge:
    metric: Metric = build("metrics", section)
    metric.learn(REFERENCES, folder)
    return metric.judge(folder)


EVERY = [section for task in names("tasks") for section in find("tasks", task).metrics.values()]
SECTIONS = [section for section in EVERY if find("metrics", section["name"]).judges]


@pytest.mark.parametrize("section", SECTIONS, ids=str)
def test_an_output_that_is_its_only_reference_has_the_most_and_any_other_less(
    tmp_path: Path, section: dict[str, Any]
) -> None:
    text = "a red kite flies above the sea"
    others = ["a red kite flies above", "a red kite", "the sea lies above a red kite", "", "nothing else"]
    value = judge(tmp_path, **section)
    (best,) = value([text], [[text]])
    assert best == pytest.approx(build("metrics", section).most, rel=2e-2)  # METEOR's penalty leaves a little
    assert max(value(others, [[text]] * len(others))) < best


@pytest.mark.parametrize("section", SECTIONS, ids=str)
def test_what_a_line_is_worth_does_not_depend_on_the_others(tmp_path: Path, section: dict[str, Any]) -> None:
    outputs = ["a kite flies", "two children", "a girl watches him", "a dog"]
    value = judge(tmp_path, **section)
    alone = [value([text], [given])[0] for text, given in zip(outputs, REFERENCES, strict=True)]
    assert value(outputs, REFERENCES) == alone


def test_a_short_translation_can_be_right(tmp_path: Path) -> None:
    assert judge(tmp_path, name="bleu")(["guten Tag"], [["guten Tag"]]) == pytest.approx([100])


def test_cider_judges_by_what_it_has_learnt_and_by_the_end(tmp_path: Path) -> None:
    value = judge(tmp_path, name="cider")
    whole, cut = value(["a red kite flies above the sea", "a red kite flies above the sea with a"], [REFERENCES[0]] * 2)
    assert whole > cut
    rare, common = value(["dog", "a"], [["dog"], ["a"]])
    assert rare == pytest.approx(common)  # alike to the last word
    rare, common = value(["dog", "a"], [["a dog"]] * 2)
    assert rare > common > 0
