"""Every metric: what it gives for perfect and for useless outputs, and that others can compute the same."""

import pytest

from regard.build import build, names
from regard.metrics import Metric

REFERENCES = ["the cat sat on the red mat .", "a dog barked at the old man ,", "two birds sing in a tall tree"]
OUTPUTS = ["the cat sat on a red mat .", "a dog barked at the old man ,", "birds sing in the tree"]


@pytest.fixture(params=names("metrics"))
def metric(request: pytest.FixtureRequest) -> Metric:
    return build("metrics", {"name": request.param})  # type: ignore[no-any-return]


def test_perfect_outputs_have_100(metric: Metric) -> None:
    assert metric(REFERENCES, REFERENCES).value == pytest.approx(100)


def test_useless_outputs_have_nothing(metric: Metric) -> None:
    assert metric(["", "", ""], REFERENCES).value == pytest.approx(0)


def test_what_is_partly_right_lies_between_and_lines_stay_together(metric: Metric) -> None:
    good = metric(OUTPUTS, REFERENCES).value
    assert 0 < good < 100
    assert metric(OUTPUTS[1:] + OUTPUTS[:1], REFERENCES).value < good
    assert metric(OUTPUTS[::-1], REFERENCES[::-1]).value == pytest.approx(good)


def test_case_counts(metric: Metric) -> None:
    assert metric([line.upper() for line in REFERENCES], REFERENCES).value < 50


def test_a_signature_says_how_it_was_computed(metric: Metric) -> None:
    assert "case:mixed" in metric(OUTPUTS, REFERENCES).signature


def test_exact_match_is_the_share_of_lines_that_are_right() -> None:
    exact = build("metrics", {"name": "exact"})
    assert exact(OUTPUTS, REFERENCES).value == pytest.approx(100 / 3)
    assert exact(["a "], ["a"]).value == 0
    with pytest.raises(ValueError, match="longer"):
        exact(["a"], ["a", "b"])


def test_bleu_and_chrf_are_those_of_sacrebleu() -> None:
    import sacrebleu

    bleu, chrf = (build("metrics", {"name": name})(OUTPUTS, REFERENCES) for name in ("bleu", "chrf"))
    assert bleu.value == sacrebleu.corpus_bleu(OUTPUTS, [REFERENCES]).score
    assert chrf.value == sacrebleu.corpus_chrf(OUTPUTS, [REFERENCES]).score
    assert f"version:{sacrebleu.__version__}" in bleu.signature
    assert "tok:13a" in bleu.signature
