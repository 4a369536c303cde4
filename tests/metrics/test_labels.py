"""Sets of labels, counted by hand."""

import pytest

from regard.build import build
from regard.metrics.labels import Labels, labels

OUTPUTS = ["dog, cat", "tree", ""]
REFERENCES = [["cat, bird, dog"], ["house"], ["sky, sea"]]  # 2 right of 3 given and 6 wanted


def value(measure: str, outputs: list[str], references: list[list[str]]) -> float:
    return float(build("metrics", {"name": "labels", "measure": measure})(outputs, references).value)


def test_sums_are_over_all_lines() -> None:
    assert value("precision", OUTPUTS, REFERENCES) == pytest.approx(100 * 2 / 3)
    assert value("recall", OUTPUTS, REFERENCES) == pytest.approx(100 * 2 / 6)
    assert value("f1", OUTPUTS, REFERENCES) == pytest.approx(100 * 2 * 2 / (3 + 6))


def test_a_line_is_a_set() -> None:
    assert labels(" b ,a,, a , two  words,") == {"a", "b", "two words"}
    assert labels("") == labels(" , ") == frozenset()
    assert value("f1", ["b,a,a"], [["a, b"]]) == 100
    assert value("f1", ["Größe, ねこ"], [["ねこ, Größe"]]) == 100
    assert value("f1", ["A"], [["a"]]) == 0


def test_of_several_references_the_nearest_counts() -> None:
    several = ["x", "a, b, c", "a, b"]
    assert value("recall", ["a, b"], [several]) == value("precision", ["a, b"], [several[::-1]]) == 100
    assert Labels().counts(["a"], [["x, y", "z"]]).tolist() == [[0, 1, 1]]


def test_nothing_of_nothing_is_nothing() -> None:
    for measure in ("f1", "precision", "recall"):
        assert value(measure, [""], [[""]]) == 0
    assert value("f1", ["", "a"], [[""], ["a"]]) == 100


def test_a_signature_and_a_label_say_which() -> None:
    assert Labels(measure="recall").label == "recall"
    assert Labels().label == "F1"
    assert Labels().signature([["a"]]) == "labels-f1|nrefs:1|case:mixed|average:micro|scale:0-100"
