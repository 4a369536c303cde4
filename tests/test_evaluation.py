"""Evaluation: the scores, the perplexity and the outputs of a tiny model."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

import tiny
from regard.build import build
from regard.decode.pytorch import PyTorch
from regard.evaluation import evaluate, perplexity
from regard.model import EncoderDecoder
from regard.predictor import Predictor
from regard.tasks.translate import Translate
from regard.types import Example, Hypothesis

EXAMPLES = [
    Example("one red house", "une maison rouge"),
    Example("two houses", "deux maisons"),
    Example("a house", "une maison"),
    Example("one two red", "une deux rouge maison maison"),
]


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    torch.manual_seed(5)
    config = tiny.config(codec={"name": "words"}, decode={"beam": 3})
    task = Translate(config)
    task.fit(EXAMPLES)
    model = tiny.sharpened(EncoderDecoder(*task.sizes, config), 3.0).eval()
    return Predictor(config, task, PyTorch(model))


def test_outputs_are_in_the_order_of_the_examples(predictor: Predictor) -> None:
    report = evaluate(predictor, EXAMPLES)
    assert report.examples == len(EXAMPLES)
    assert [output.source for output in report.outputs] == [example.source for example in EXAMPLES]
    assert [output.text for output in report.outputs] == [predictor(example.source).text for example in EXAMPLES]


def test_scores_are_the_tasks_metrics_of_the_outputs(predictor: Predictor) -> None:
    report = evaluate(predictor, EXAMPLES)
    texts = [output.text for output in report.outputs]
    assert list(report.scores) == list(predictor.task.metrics)
    for name, score in report.scores.items():
        metric = build("metrics", predictor.task.metrics[name])
        assert score == metric(texts, [[example.target] for example in EXAMPLES])


def test_an_output_may_be_any_of_several_references(predictor: Predictor) -> None:
    texts = [output.text for output in predictor([example.source for example in EXAMPLES])]
    examples = [replace(example, others=("a", text)) for example, text in zip(EXAMPLES, texts, strict=True)]
    assert evaluate(predictor, examples).scores["exact"].value == 100
    assert evaluate(predictor, EXAMPLES).scores["exact"].value < 100


def test_what_a_task_calls_its_scores_need_not_be_a_part(predictor: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = {f"bleu{order}": {"name": "caption_bleu", "order": order} for order in (2, 1)}
    monkeypatch.setattr(Translate, "metrics", shown)
    scores = evaluate(predictor, EXAMPLES).scores
    assert list(scores) == ["bleu2", "bleu1"]
    assert scores["bleu1"].signature.startswith("coco-bleu-1|")


def test_perplexity_is_of_reference_tokens_end_signs_counted(predictor: Predictor) -> None:
    total, tokens = 0.0, 0
    for example in EXAMPLES:
        (row,) = predictor.score([example.source], [example.target])
        assert len(row) == len(example.target.split()) + 1
        total, tokens = total + float(np.sum(row)), tokens + len(row)
    assert perplexity(predictor, EXAMPLES) == pytest.approx(math.exp(-total / tokens), rel=1e-5)
    assert evaluate(predictor, EXAMPLES).perplexity == pytest.approx(math.exp(-total / tokens), rel=1e-5)


def test_scores_of_given_targets_are_in_their_order(predictor: Predictor) -> None:
    sources, targets = [e.source for e in EXAMPLES], [e.target for e in EXAMPLES]
    together = predictor.score(sources, targets)
    for source, target, row in zip(sources, targets, together, strict=True):
        np.testing.assert_allclose(predictor.score([source], [target])[0], row, atol=1e-4)


def test_the_beam_may_be_changed_for_one_evaluation(predictor: Predictor) -> None:
    greedy = evaluate(predictor, EXAMPLES, beam=1)
    assert [o.text for o in greedy.outputs] == [predictor(e.source, beam=1).text for e in EXAMPLES]
    assert predictor.config.decode.beam == 3


def test_a_report_is_plain_data_without_outputs(predictor: Predictor) -> None:
    plain = evaluate(predictor, EXAMPLES).to_json()
    wanted = {"examples", "bleu", "chrf", "exact", "perplexity", "sentences_per_second", "shortlist", "signatures"}
    assert set(plain) == wanted
    assert set(plain["signatures"]) == {"bleu", "chrf", "exact"}
    assert plain["sentences_per_second"] > 0


def test_a_hopeless_model_has_infinite_perplexity_not_an_error(predictor: Predictor) -> None:
    class Hopeless:
        workers = 1

        def force(self, sources, targets):  # type: ignore[no-untyped-def]
            nowhere = np.zeros((0, 0), np.float32)
            return [Hypothesis(np.array(t), np.full(len(t), -1e4, np.float32), nowhere) for t in targets]

    assert perplexity(Predictor(predictor.config, predictor.task, Hopeless()), EXAMPLES) == math.inf  # type: ignore[arg-type]
