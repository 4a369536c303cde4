"""Every metric: what it gives for perfect and for useless outputs, for one reference and for several."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regard.build import build, find, names
from regard.metrics import Counted, Metric, lines, number

REFERENCES = ["the cat sat on the red mat .", "a dog barked at the old man ,", "two birds sing in a tall tree"]
OUTPUTS = ["the cat sat on a red mat .", "a dog barked at the old man ,", "birds sing in the tree"]
LABELS = ["cat, mat", "dog, man, street", "bird, tree"]
GUESSED = ["cat, hat", "dog, man, street", "bird"]
LOWER_CASED = ("caption_bleu", "cider", "meteor_exact_stem", "rouge", "rouge_l", "squad")
SECTIONS: list[dict[str, Any]] = [
    *({"name": name} for name in names("metrics") if find("metrics", name).judges),
    *({"name": "caption_bleu", "order": order} for order in (1, 2, 3)),
    *({"name": "labels", "measure": measure} for measure in ("precision", "recall")),
    *({"name": "rouge", "kind": kind} for kind in ("1", "2")),
    {"name": "squad", "measure": "exact"},
]
several = st.lists(
    st.tuples(st.text("ab'é ,.", max_size=12), st.lists(st.text("ab'é ,.", max_size=12), min_size=1, max_size=3)),
    min_size=1,
    max_size=4,
)


def of(section: dict[str, Any]) -> tuple[Metric, list[str], list[str]]:
    """A metric, outputs that are partly right, and what is right: sentences, or labels."""
    found: Metric = build("metrics", section)
    return (found, GUESSED, LABELS) if section["name"] == "labels" else (found, OUTPUTS, REFERENCES)


def alone(references: Sequence[str]) -> list[list[str]]:
    return [[reference] for reference in references]


every_metric = pytest.mark.parametrize("section", SECTIONS, ids=lambda section: ".".join(map(str, section.values())))


@every_metric
def test_perfect_outputs_have_the_most(section: dict[str, Any]) -> None:
    metric, _, references = of(section)
    assert metric(references, alone(references)).value == pytest.approx(metric.most)


@every_metric
def test_useless_outputs_have_nothing(section: dict[str, Any]) -> None:
    metric, _, references = of(section)
    assert metric(["", "", ""], alone(references)).value == pytest.approx(0)


@every_metric
def test_what_is_partly_right_lies_between_and_lines_stay_together(section: dict[str, Any]) -> None:
    metric, outputs, references = of(section)
    good = metric(outputs, alone(references)).value
    if section.get("measure") != "precision":
        assert 0 < good < metric.most
    assert metric(outputs[1:] + outputs[:1], alone(references)).value < good
    assert metric(outputs[::-1], alone(references)[::-1]).value == pytest.approx(good)


@every_metric
def test_the_signature_says_whether_case_counts(section: dict[str, Any]) -> None:
    metric, _, references = of(section)
    score = metric([line.upper() for line in references], alone(references))
    lower = section["name"] in LOWER_CASED
    assert ("case:lc" if lower else "case:mixed") in score.signature
    assert score.value == pytest.approx(metric.most) if lower else score.value < 50


@every_metric
def test_the_order_of_references_does_not_matter_and_their_number_may_differ(section: dict[str, Any]) -> None:
    metric, outputs, (a, b, c) = of(section)
    several = [[a, b, c], [b], [b, c]]
    found = metric(outputs, several)
    assert metric(outputs, [list(reversed(references)) for references in several]) == found
    assert "nrefs:var" in found.signature
    assert "nrefs:2" in metric(outputs, [[a, b]] * 3).signature


@every_metric
def test_more_references_make_no_output_worse_but_where_the_mean_is_taken(section: dict[str, Any]) -> None:
    metric, outputs, references = of(section)
    if section["name"] != "cider":
        more = [[text, outputs[i]] for i, text in enumerate(references)]
        assert metric(outputs, more).value == pytest.approx(100)


@every_metric
@settings(max_examples=40, deadline=None)
@given(data=several)
def test_a_score_is_within_its_scale(section: dict[str, Any], data: list[tuple[str, list[str]]]) -> None:
    metric, _, _ = of(section)
    hypotheses, references = [text for text, _ in data], [given for _, given in data]
    score = metric(hypotheses, references)
    assert -1e-9 <= score.value <= metric.most + 1e-6
    turn = 1 if section["name"] == "chrf" else -1  # sacreBLEU takes the first of references that are equally near
    again = metric(hypotheses[::-1], [given[::turn] for given in references[::-1]])
    assert again.value == pytest.approx(score.value, abs=1e-9)
    assert again.signature == score.signature


COUNTED = [name for name in names("metrics") if issubclass(find("metrics", name), Counted)]


def test_nats_are_the_mean_of_numbers() -> None:
    metric = build("metrics", {"name": "nats"})
    assert metric(["90.5", "-1.5", "4"], [["a.png"], ["b.png"], ["c.png"]]).value == pytest.approx(31)
    assert metric([], []).value == 0 and not metric.judges


@pytest.mark.parametrize("name", [name for name in COUNTED if name != "nats"])  # whose outputs are numbers
def test_counts_are_a_row_for_each_line_and_no_line_is_no_fault(name: str) -> None:
    metric, outputs, references = of({"name": name})
    assert isinstance(metric, Counted)
    assert len(metric.counts(outputs, alone(references))) == 3
    assert metric([], []).value == 0


@every_metric
def test_what_does_not_go_together_is_refused(section: dict[str, Any]) -> None:
    metric, outputs, references = of(section)
    with pytest.raises(TypeError, match="references of line 1 are one text"):
        metric(outputs, references)
    with pytest.raises(ValueError, match="line 2 has no reference"):
        metric(outputs, [references, [], references])
    with pytest.raises(ValueError, match=r"longer|shorter"):
        metric(outputs, [references])


def test_the_number_of_references_is_written_as_sacrebleu_writes_it() -> None:
    assert [number(given) for given in ([], [["a"]], [["a"], ["b"]], [["a", "b"]], [["a"], ["b", "c"]])] == [
        *("1", "1", "1", "2", "var")
    ]
    assert list(lines(["a"], [("b", "c")])) == [("a", ("b", "c"))]


def test_exact_match_is_the_share_of_lines_that_are_right() -> None:
    exact = build("metrics", {"name": "exact"})
    assert exact(OUTPUTS, alone(REFERENCES)).value == pytest.approx(100 / 3)
    assert exact(OUTPUTS, alone(REFERENCES)).signature == "exact|case:mixed"
    assert exact(["a "], [["a"]]).value == 0
    assert exact(["a", "b"], [["b", "a"], ["c"]]).value == 50


def test_bleu_and_chrf_are_those_of_sacrebleu() -> None:
    import sacrebleu

    bleu, chrf = (build("metrics", {"name": name})(OUTPUTS, alone(REFERENCES)) for name in ("bleu", "chrf"))
    assert bleu.value == sacrebleu.corpus_bleu(OUTPUTS, [REFERENCES]).score
    assert chrf.value == sacrebleu.corpus_chrf(OUTPUTS, [REFERENCES]).score
    assert bleu.signature == f"nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:{sacrebleu.__version__}"
    assert chrf.signature.startswith("nrefs:1|case:mixed|")


def test_with_several_references_too_also_where_their_number_differs() -> None:
    import sacrebleu

    more = ["a cat is sitting on the red mat .", None, "birds are singing in the tree"]
    references = [[one, other] if other else [one] for one, other in zip(REFERENCES, more, strict=True)]
    streams: list[Any] = [REFERENCES, more]
    bleu, chrf = (build("metrics", {"name": name})(OUTPUTS, references) for name in ("bleu", "chrf"))
    assert bleu.value == sacrebleu.corpus_bleu(OUTPUTS, streams).score
    assert chrf.value == sacrebleu.corpus_chrf(OUTPUTS, streams).score
