"""Looks at parts of a picture, taken apart and put elsewhere: what came in, what the answer was by then."""

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import strokes
import taught
from regard import idx
from regard.build import find, names
from regard.decode.pytorch import PyTorch
from regard.errors import UsageError
from regard.lesson.asked import WhatIf
from regard.lesson.lesson import Teacher
from regard.model import EncoderDecoder
from regard.predictor import Predictor
from regard.types import Example
from regard.windows import retina
from tiny import sharpened

LOOKING = [name for name in names("attention") if find("attention", name).looks_at == "pictures"]
PARTS: dict[str, dict[str, Any]] = {
    "retina": {"name": "retina", "patch": 8, "scales": 2, "size": 24},
    "gaussian": {"name": "gaussian", "patch": 6, "size": 24, "window": 0.4},
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return strokes.write(tmp_path_factory.mktemp("strokes"), 6, 1)


def predictor(data: Path, name: str = "retina", **changes: Any) -> Predictor:
    """A model with random weights, sharpened so that its looks go somewhere and its answers differ."""
    torch.manual_seed(2)
    config = strokes.tiny(data, attention=PARTS[name], **changes)
    task = find("tasks", config.task)(config)
    task.fit([Example("", str(label)) for label in range(4)])
    model = sharpened(EncoderDecoder(*task.sizes, config), 2.0).eval()
    return Predictor(config, task, PyTorch(model))


def steps(lesson: Any) -> list[dict[str, Any]]:
    return list(lesson["lesson"]["steps"])


def looks(lesson: Any, step: int = 0) -> list[dict[str, Any]]:
    return list(steps(lesson)[step]["looks"])


def put(**places: dict[str, list[float]]) -> WhatIf:
    return WhatIf.from_json({"places": {name.removeprefix("step"): looks for name, looks in places.items()}})


def middle(look: dict[str, Any]) -> list[float]:
    left, top, right, bottom = look["box"]
    return [(left + right) / 2, (top + bottom) / 2]


@pytest.mark.parametrize("name", LOOKING)
def test_looks_are_those_of_the_record_and_the_last_one_answers_as_it_does(data: Path, name: str) -> None:
    one = predictor(data, name)
    lesson, record = Teacher(one).teach(f"{data}#1"), one(f"{data}#1")
    assert record.boxes is not None
    assert lesson["record"]["text"] == record.text
    np.testing.assert_allclose([look["box"] for look in looks(lesson)], record.boxes[0], atol=1e-5)
    assert looks(lesson)[-1]["top"] == [[word, pytest.approx(p, abs=1e-5)] for word, p in steps(lesson)[0]["top"]]
    assert steps(lesson)[0]["probability"] == pytest.approx(float(np.exp(record.token_scores[0])), abs=1e-5)
    assert "looks" not in steps(lesson)[1]  # nothing was looked at to find the end
    assert lesson["lesson"]["missing"] == []


@pytest.mark.parametrize("name", LOOKING)
@pytest.mark.parametrize("made", [1, 2])
def test_what_it_would_have_said_is_what_it_says_if_it_stops_there(data: Path, name: str, made: int) -> None:
    one = predictor(data, name)
    by_then = looks(Teacher(one).teach(f"{data}#2"))[made - 1]["top"]
    assert isinstance(one.backend, PyTorch)
    shorter = copy.deepcopy(one.backend.model)
    shorter.decoder.looks = made
    stopped = Teacher(Predictor(one.config, one.task, PyTorch(shorter))).teach(f"{data}#2")
    assert by_then == [[word, pytest.approx(p, abs=1e-5)] for word, p in steps(stopped)[0]["top"]]


def test_what_came_in_are_the_pixels_around_the_place(data: Path) -> None:
    picture = torch.from_numpy(np.array(idx.picture(str(data), 3)))[None, :, :, None]
    for look in looks(Teacher(predictor(data)).teach(f"{data}#3")):
        place = torch.tensor([[[2 * share - 1 for share in middle(look)]]])
        expected = (retina(picture, place, 8, 2)[0, 0] * 255).round().int().tolist()
        assert look["seen"] == {"shape": [2, 8, 8, 1], "values": expected}


@pytest.mark.parametrize("name", LOOKING)
def test_a_look_is_put_elsewhere_and_what_follows_follows_from_it(data: Path, name: str) -> None:
    one = Teacher(predictor(data, name))
    usual, moved = one.teach(f"{data}#1"), one.teach(f"{data}#1", put(step0={"1": [0.25, 0.75]}))
    assert looks(moved)[0] == looks(usual)[0]
    np.testing.assert_allclose(middle(looks(moved)[1]), [0.25, 0.75], atol=0.5 / strokes.SIDE)
    assert looks(moved)[1]["seen"] != looks(usual)[1]["seen"]
    assert looks(moved)[2]["top"] != looks(usual)[2]["top"]
    assert moved["record"]["looks"][0] == [[pytest.approx(x, abs=1e-4) for x in look["box"]] for look in looks(moved)]
    assert one.teach(f"{data}#1") == usual  # the model itself is never changed


@pytest.mark.parametrize("name", LOOKING)
def test_a_look_put_where_it_was_changes_nothing(data: Path, name: str) -> None:
    one = Teacher(predictor(data, name))
    usual = one.teach(f"{data}#1")
    again = one.teach(f"{data}#1", put(step0={"0": middle(looks(usual)[0])}))
    for look, other in zip(looks(usual), looks(again), strict=True):
        np.testing.assert_allclose(look["box"], other["box"], atol=2e-3)
        np.testing.assert_allclose(np.subtract(look["seen"]["values"], other["seen"]["values"]), 0, atol=3)


def test_a_look_for_a_later_word_leaves_the_words_before(data: Path) -> None:
    one = Teacher(predictor(data, decoder={"labels": 2}))
    options = replace(one.predictor.config.decode, beam=1)
    usual = one.teach(f"{data}#1", options=options)
    wanted = WhatIf.from_json({"keep": usual["record"]["tokens"][:1], "places": {"1": {"0": [0.9, 0.1]}}})
    moved = one.teach(f"{data}#1", wanted, options)
    assert steps(moved)[0] == steps(usual)[0]
    np.testing.assert_allclose(middle(looks(moved, 1)[0]), [0.9, 0.1], atol=0.5 / strokes.SIDE)


def test_how_sure_it_is_is_told_where_it_asks_itself(data: Path) -> None:
    one = predictor(data, decoder={"stop": 0.9})
    assert isinstance(one.backend, PyTorch)
    with torch.no_grad():
        one.backend.model.get_parameter("decoder.sure.weight").zero_()
        one.backend.model.get_parameter("decoder.sure.bias").fill_(5.0)
    (look,) = looks(Teacher(one).teach(f"{data}#1"))  # sure enough after the first
    assert look["sure"] == pytest.approx(1 / (1 + np.exp(-5.0)), abs=1e-5)
    with pytest.raises(UsageError, match="look 2 of step 0 is put at a place; 1 look was made there"):
        Teacher(one).teach(f"{data}#1", put(step0={"2": [0.5, 0.5]}))


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"places": []}, "wants places by step and look"),
        ({"places": {"0": [0.1, 0.2]}}, "wants places by step and look"),
        ({"places": {"x": {}}}, "names the step 'x'"),
        ({"places": {"0": {"-1": [0, 0]}}}, "names the look '-1'"),
        ({"places": {"0": {"1": [0.5]}}}, "puts look 1 of step 0 at \\[0.5\\]; it wants two numbers"),
        ({"places": {"0": {"1": [0.5, "a"]}}}, "it wants two numbers"),
        ({"places": {"0": {"1": [0.5, 1.5]}}}, "x and y want to be from 0 to 1"),
        ({"places": {"0": {"9": [0.5, 0.5]}}}, "look 9 of step 0 is put at a place; 3 looks were made there"),
        ({"places": {"7": {"0": [0.5, 0.5]}}}, "look 0 of step 7 is put at a place; 0 looks were made there"),
        ({"off": [3]}, "retina attention looks at places of the picture: give `places`"),
        ({"attention": {"0": [1] + [0] * 48}}, "retina attention looks at places of the picture: give `places`"),
        ({"temperature": 2}, "retina attention has no scores"),
        ({"place": {}}, "Did you mean 'places'"),
    ],
)
def test_a_change_that_cannot_be_made_is_told(data: Path, facts: dict[str, Any], told: str) -> None:
    one = Teacher(predictor(data))
    with pytest.raises(UsageError, match=told):
        one.teach(f"{data}#1", WhatIf.from_json(facts))


def test_attention_to_words_has_no_look_to_put_elsewhere() -> None:
    with pytest.raises(UsageError, match="attention weighs all places of the source"):
        taught.teacher().teach(taught.SOURCE, put(step0={"0": [0.5, 0.5]}))
