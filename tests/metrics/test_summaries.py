"""Scores of summaries and answers: by hand, and beside the packages that define them."""

import random

import pytest

from regard.build import build
from regard.metrics import Described
from regard.types import Example

SOURCE = "The red fox ran over the old bridge. The dog slept by the river."


def value(name: str, outputs: list[str], beside: list[list[str]], **options: object) -> float:
    return float(build("metrics", {"name": name, **options})(outputs, beside).value)


def test_rouge_by_hand() -> None:
    output, reference = ["the cat, the dog and the fox"], [["the dog and a fox sat"]]
    # Seven words and six: the, dog, and, fox in common; "the dog", "dog and"; "the dog and fox".
    assert value("rouge", output, reference, kind="1") == pytest.approx(100 * 2 * 4 / 13)
    assert value("rouge", output, reference, kind="2") == pytest.approx(100 * 2 * 2 / 11)
    assert value("rouge", output, reference, kind="l") == pytest.approx(100 * 2 * 4 / 13)


def test_rouge_takes_the_reference_of_the_best_f_of_each_line() -> None:
    references = [["x y", "a b c"], ["a b", "q"]]
    assert value("rouge", ["a b", "q"], references, kind="1") == pytest.approx(100 * (0.8 + 1) / 2)


def test_rouge_of_other_alphabets_wants_their_letters() -> None:
    assert value("rouge", ["дом стоит"], [["дом стоит"]]) == 0
    assert value("rouge", ["дом стоит"], [["дом стоит"]], ascii=False) == 100


@pytest.mark.parametrize("kind", ["1", "2", "l"])
def test_rouge_is_that_of_rouge_score_to_the_fourth_decimal(kind: str) -> None:
    scorer = pytest.importorskip("rouge_score.rouge_scorer", reason="rouge-score is not installed")
    known, draw = scorer.RougeScorer([f"rouge{kind.upper()}"], use_stemmer=False), random.Random(3)
    words = ["The", "cat's", "sat", "on", "a", "red", "mat.", "Café", "1,000", "dogs;", "U.S.", "and"]

    def text() -> str:
        return " ".join(draw.choices(words, k=draw.randint(0, 14)))

    outputs = [text() for _ in range(200)]
    references = [[text() for _ in range(draw.randint(1, 4))] for _ in outputs]
    wanted = [
        known.score_multi(given, output)[f"rouge{kind.upper()}"].fmeasure
        for output, given in zip(outputs, references, strict=True)
    ]
    assert value("rouge", outputs, references, kind=kind) == pytest.approx(100 * sum(wanted) / 200, abs=5e-5)
    for output, given, one in zip(outputs, references, wanted, strict=True):
        assert value("rouge", [output], [given], kind=kind) == pytest.approx(100 * one, abs=5e-5)


@pytest.mark.parametrize(
    ("answer", "references", "exact", "f1"),
    [
        ("The Eiffel Tower", ["eiffel tower!"], 1, 1),
        ("tower", ["the Eiffel Tower"], 0, 2 / 3),
        ("in the big big city", ["big city hall"], 0, 2 * 2 / 7),
        ("five", ["5", "five"], 1, 1),
        ("", ["no"], 0, 0),
        ("the", ["a"], 1, 0),  # as SQuAD's own evaluation has it: nothing is left of either
    ],
)
def test_exact_match_and_f1_are_those_of_squad(answer: str, references: list[str], exact: float, f1: float) -> None:
    assert value("squad", [answer], [references], measure="exact") == 100 * exact
    assert value("squad", [answer], [references], measure="f1") == pytest.approx(100 * f1)


def test_repetition_is_the_share_of_sequences_that_stood_there_before() -> None:
    assert value("repetition", ["a b c a b c a b c"], [["x"]], order=3) == pytest.approx(100 * 4 / 7)
    assert value("repetition", ["a a a a", "b c"], [["x"], ["x"]], order=1) == pytest.approx(100 * 3 / 6)
    assert value("repetition", ["a b", ""], [["x"], ["x"]], order=3) == 0


def test_novelty_is_the_share_of_sequences_that_the_source_lacks() -> None:
    assert value("novelty", ["The dog ran over the bridge"], [[SOURCE]], order=1) == 0
    # the dog, ran over and over the stand there; dog ran and the bridge do not.
    assert value("novelty", ["The dog ran over the bridge"], [[SOURCE]], order=2) == pytest.approx(40)
    assert value("novelty", ["cats purr"], [[SOURCE]], order=1) == 100


def test_copy_rate_is_the_share_of_words_in_runs_of_the_source() -> None:
    output = ["The dog ran over the old river"]  # the dog | ran over the old | river
    assert value("copy_rate", output, [[SOURCE]], least=1) == 100
    assert value("copy_rate", output, [[SOURCE]], least=2) == pytest.approx(100 * 6 / 7)
    assert value("copy_rate", output, [[SOURCE]], least=3) == pytest.approx(100 * 4 / 7)
    assert value("copy_rate", output, [["nothing of it"]]) == 0


@pytest.mark.parametrize("name", ["novelty", "repetition", "copy_rate"])
def test_what_describes_is_compared_with_the_source_and_chooses_nothing(name: str) -> None:
    metric = build("metrics", {"name": name})
    assert isinstance(metric, Described)
    assert not metric.judges
    assert metric.beside(Example("source", "target", others=("other",))) == ("source",)
    assert build("metrics", {"name": "rouge"}).beside(Example("source", "target", others=("b",))) == ("target", "b")
    assert metric([], []).value == 0
    lines = metric.counts(["a b c d", "a b c a b c"], [["a b c"], ["a b c"]])
    assert lines.shape == (2, 2)
    whole = metric(["a b c d", "a b c a b c"], [["a b c"], ["a b c"]]).value
    assert whole == pytest.approx(100 * lines.sum(0)[0] / lines.sum(0)[1])
    with pytest.raises(TypeError, match="references of line 1 are one text"):
        metric(["a"], ["b"])
