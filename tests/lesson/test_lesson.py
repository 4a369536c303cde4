"""A lesson shows the numbers of the real computation, for every attention and every decoder."""

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import letters
import regard
import shapes
import taught
import tiny
from regard.decode.engine import Engine
from regard.decode.pytorch import PyTorch
from regard.errors import DataError, UsageError
from regard.lesson.asked import WhatIf
from regard.lesson.lesson import Teacher
from regard.model import EncoderDecoder
from regard.predictor import Predictor
from regard.tasks.caption import Caption
from taught import SOURCE, teacher

ATTENTION = [{"name": name} | tiny.taken("attention", name, {"size": 12, "heads": 3}) for name in tiny.attentions()]
RECURRENT = ("attend_then_step", "step_then_attend", "between")


def decoder(name: str) -> dict[str, Any]:
    return {"name": name, **tiny.taken("decoders", name, {"size": 16, "heads": 2, "feed": 12, "layers": 2})}


def steps(lesson: Any) -> list[dict[str, Any]]:
    return list(lesson["lesson"]["steps"])


def events(step: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [event for event in step["events"] if event["kind"] == kind]


@pytest.mark.parametrize("attention", ATTENTION, ids=lambda section: section["name"])
@pytest.mark.parametrize("name", tiny.WRITERS)
def test_weights_and_probabilities_are_those_of_the_record(name: str, attention: dict[str, Any]) -> None:
    one = teacher(decoder=decoder(name), attention=attention)
    lesson, record = one.teach(SOURCE), one.predictor(SOURCE)
    assert lesson["record"]["text"] == record.text
    np.testing.assert_allclose([step["weights"] for step in steps(lesson)], record.attention, atol=2e-5)
    probabilities = [step["probability"] for step in steps(lesson)]
    np.testing.assert_allclose(probabilities, np.exp(record.token_scores), atol=2e-5)
    assert [step["token"] for step in steps(lesson)] == list(record.tokens)


@pytest.mark.parametrize("attention", ATTENTION, ids=lambda section: section["name"])
@pytest.mark.parametrize("name", RECURRENT)
def test_a_context_is_the_weighted_sum_of_the_states(name: str, attention: dict[str, Any]) -> None:
    lesson = teacher(decoder=decoder(name), attention=attention).teach(SOURCE)
    states = np.array(lesson["lesson"]["source"]["states"]["first"])
    for step in steps(lesson):
        (event,) = events(step, "attend")
        context = np.array(event["context"]["first"])
        if attention["name"] == "none":
            np.testing.assert_allclose(context, lesson["lesson"]["source"]["summary"]["first"], atol=1e-4)
            assert not any(step["weights"])
        elif attention["name"] != "multi_head":  # whose heads read values of their own
            np.testing.assert_allclose(context, np.array(step["weights"]) @ states, atol=1e-3)


@pytest.mark.parametrize("name", ["additive", "dot", "coverage", "location", "multi_head"])
def test_scores_become_weights_by_softmax(name: str) -> None:
    section = next(section for section in ATTENTION if section["name"] == name)
    for step in steps(teacher(attention=section).teach(SOURCE)):
        (event,) = events(step, "attend")
        (read,) = event["reads"]
        powers = np.exp(np.array(read["scores"]))
        np.testing.assert_allclose(read["weights"], powers / powers.sum(1, keepdims=True), atol=1e-3)
        np.testing.assert_allclose(np.mean(read["weights"], 0), step["weights"], atol=1e-5)
        assert len(read["scores"]) == (3 if name == "multi_head" else 1)


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("attend_then_step", ["embed", "attend", "step"]),
        ("step_then_attend", ["embed", "step", "attend"]),
        ("between", ["embed", "step", "attend", "step"]),
    ],
)
def test_a_step_is_told_in_the_order_in_which_it_happens(name: str, order: list[str]) -> None:
    found = steps(teacher(decoder=decoder(name)).teach(SOURCE))
    assert all([event["kind"] for event in step["events"]] == order for step in found)
    for before, after in itertools.pairwise(found):
        for one, next_ in zip(events(before, "step"), events(after, "step"), strict=True):
            assert one["after"] == next_["before"]
    asked = {"attend_then_step": ("before", 0), "step_then_attend": ("after", 0), "between": ("after", 0)}[name]
    assert all(events(step, "attend")[0]["query"] == events(step, "step")[asked[1]][asked[0]] for step in found)


def test_the_distribution_is_that_of_the_model() -> None:
    one = teacher()
    lesson = one.teach(SOURCE)
    first = steps(lesson)[0]
    assert first["previous"] == "<s>"
    assert [probability for _, probability in first["top"]] == sorted((p for _, p in first["top"]), reverse=True)
    assert 0 < sum(probability for _, probability in first["top"]) <= 1.0001
    source, backend = one.task.source(SOURCE), one.predictor.backend
    ((best,),) = Engine(backend, one.predictor.config.decode).run([source])
    (forced,) = backend.force([source], [best.tokens.tolist()])
    np.testing.assert_allclose([step["probability"] for step in steps(lesson)], np.exp(forced.log_probs), atol=2e-5)


def test_a_source_has_embeddings_states_and_shapes() -> None:
    source = teacher().teach(SOURCE)["lesson"]["source"]
    assert source["embeddings"]["shape"] == [6, 8]
    assert source["states"]["shape"] == [6, 16]
    assert len(source["states"]["norms"]) == 6 and len(source["states"]["first"][0]) == 12
    assert source["summary"]["size"] == 16


def test_the_parts_say_whose_idea_they_are_and_their_formula() -> None:
    parts = teacher(attention={"name": "additive"}).teach(SOURCE)["parts"]
    assert parts["attention"] == {
        "name": "additive",
        "title": "Additive attention (Bahdanau, Cho and Bengio, 2015)",
        "formula": "score = v . tanh(W query + U state), appendix A.1.2 of the paper",
    }
    assert parts["normaliser"]["formula"].startswith("weights = e^(b score)")
    assert parts["decoder"]["formula"].startswith("c_t = attention(h_{t-1})")


def test_what_cannot_be_shown_is_said() -> None:
    def missing(**sections: Any) -> str:
        return " ".join(teacher(**sections).teach(SOURCE)["lesson"]["missing"])

    assert missing() == ""
    assert "no recurrent state" in missing(decoder=decoder("transformer"))
    assert "2 attentions, one a layer" in missing(decoder=decoder("transformer"))
    assert "no recurrent state" in missing(decoder=decoder("convolutional"))
    assert "no attention" in missing(attention={"name": "none"})
    assert "no scores" in missing(attention={"name": "monotonic"})
    assert "It reads 2 times" in missing(reading={"hops": 2})


def test_the_tree_holds_the_beam_of_every_step_and_the_way_of_the_best() -> None:
    one = teacher()
    lesson = one.teach(SOURCE, options=replace(one.predictor.config.decode, beam=3))
    nodes = lesson["tree"]
    assert [node["id"] for node in nodes] == list(range(len(nodes)))
    assert nodes[0]["parent"] == -1
    assert all(nodes[node["parent"]]["step"] == node["step"] - 1 for node in nodes[1:])
    kept = [node for node in nodes if node["kept"]]
    assert [node["token"] for node in kept] == ["<s>", *lesson["record"]["tokens"]]
    assert kept[-1]["ended"]
    assert kept[-1]["score"] == pytest.approx(lesson["record"]["score"], abs=1e-2)
    alive = [sum(node["step"] == step and not node["ended"] for node in nodes) for step in range(1, 4)]
    assert max(alive) == 3


def test_outputs_are_those_of_the_search_best_first() -> None:
    one = Teacher(regard.load(letters.learnt("half")))
    lesson = one.teach("a b c d", options=replace(one.predictor.config.decode, beam=4))
    output = one.predictor("a b c d", beam=4, nbest=4)
    assert [text["text"] for text in lesson["item"]["hypotheses"]] == [
        output.text,
        *(other.text for other in output.alternatives),
    ]
    assert lesson["record"]["nbest"][0]["text"] == output.text


def test_hops_are_each_shown() -> None:
    lesson = teacher(reading={"hops": 3}).teach(SOURCE)
    (event,) = events(steps(lesson)[0], "attend")
    assert len(event["reads"]) == 3
    np.testing.assert_allclose(event["reads"][-1]["weights"][0], steps(lesson)[0]["weights"], atol=1e-6)


def test_a_picture_is_looked_at_in_regions(tmp_path: Path) -> None:
    file = shapes.write(tmp_path, shapes.scenes(4, 1))
    config = shapes.tiny(file)
    task = Caption(config)
    examples = list(task.examples(str(file), config.data))
    task.fit(examples)
    one = Teacher(Predictor(config, task, PyTorch(EncoderDecoder(*task.sizes, config).eval())))
    lesson = one.teach(examples[0].source)
    assert lesson["item"]["picture"]["data"].startswith("data:image/jpeg;base64,")
    assert lesson["lesson"]["source"]["embeddings"] is None
    assert lesson["lesson"]["source"]["states"]["shape"] == [16, 16]
    assert all(len(step["weights"]) == 16 for step in steps(lesson))
    assert set(lesson["gaze"]) == {"veil", "spread"}


def test_what_cannot_be_taught_is_told() -> None:
    one = teacher()
    for blank in ("", "  "):
        with pytest.raises(UsageError, match="the source is empty"):
            one.teach(blank)
    with pytest.raises(UsageError, match="no token '_zz'"):
        one.teach(SOURCE, WhatIf(keep=("_zz",)))
    strict = taught.predictor(data={"long": "error", "longest": 3})
    with pytest.raises(DataError, match="a source of 6 tokens"):
        Teacher(strict).teach(SOURCE)
