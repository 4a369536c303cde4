"""What a model would say if something were changed; the model itself never is."""

from typing import Any

import numpy as np
import pytest

import letters
import regard
import taught
import tiny
from regard.build import find
from regard.errors import UsageError
from regard.lesson.asked import WhatIf
from regard.lesson.lesson import Teacher
from regard.lesson.steering import Intervention
from taught import SOURCE, teacher

LOOKING = [name for name in tiny.attentions() if find("attention", name).looks]
SCORED = [name for name in LOOKING if name not in ("monotonic", "mocha")]
SUMMED = [name for name in LOOKING if name not in ("mocha", "monotonic", "hard")]


def attention(name: str) -> dict[str, Any]:
    return {"name": name, **tiny.taken("attention", name, {"size": 12, "heads": 3})}


def rows(lesson: Any) -> np.ndarray:
    return np.array([step["weights"] for step in lesson["lesson"]["steps"]])


def change(**facts: Any) -> WhatIf:
    return WhatIf.from_json(facts)


@pytest.mark.parametrize("name", LOOKING)
def test_a_temperature_of_one_changes_nothing(name: str) -> None:
    one = teacher(attention=attention(name))
    assert one.teach(SOURCE, change(temperature=1.0, off=[], attention={})) == one.teach(SOURCE)


@pytest.mark.parametrize("name", SCORED)
def test_without_temperature_the_best_place_takes_all(name: str) -> None:
    one = teacher(attention=attention(name))
    found = rows(one.teach(SOURCE, change(temperature=0)))
    np.testing.assert_allclose(found.max(1), 1, atol=1e-6) if name != "multi_head" else None
    cold = rows(one.teach(SOURCE, change(temperature=1e-4)))
    np.testing.assert_allclose(cold[0], found[0], atol=1e-3)


def test_temperature_divides_the_scores() -> None:
    lesson = teacher(attention=attention("additive")).teach(SOURCE, change(temperature=2.5))
    for step in lesson["lesson"]["steps"]:
        (read,) = next(event for event in step["events"] if event["kind"] == "attend")["reads"]
        powers = np.exp(np.array(read["scores"][0]) / 2.5)
        np.testing.assert_allclose(step["weights"], powers / powers.sum(), atol=1e-3)


def test_a_high_temperature_flattens() -> None:
    found = rows(teacher().teach(SOURCE, change(temperature=1000)))
    np.testing.assert_allclose(found, 1 / 6, atol=5e-3)


@pytest.mark.parametrize("name", LOOKING)
@pytest.mark.parametrize("decoder", ["attend_then_step", "transformer", "convolutional"])
def test_what_is_off_gets_no_weight_at_any_step(name: str, decoder: str) -> None:
    section = {"name": decoder, **tiny.taken("decoders", decoder, {"size": 16, "heads": 2, "feed": 12, "layers": 2})}
    one = teacher(attention=attention(name), decoder=section)
    assert rows(one.teach(SOURCE))[:, [1, 3]].any() or name in ("monotonic", "mocha", "hard")
    lesson = one.teach(SOURCE, change(off=[1, 3]))
    assert not rows(lesson)[:, [1, 3]].any()
    if name in SUMMED and name != "local_p":
        np.testing.assert_allclose(rows(lesson).sum(1), 1, atol=1e-5)


@pytest.mark.parametrize("name", SUMMED)
def test_given_weights_are_the_ones_recorded_and_what_follows_is_searched_anew(name: str) -> None:
    one = teacher(attention=attention(name))
    usual = one.teach(SOURCE)
    keep = usual["record"]["tokens"][:1]
    lesson = one.teach(SOURCE, change(keep=keep, attention={"1": [0, 0, 0, 0, 3, 1]}))
    np.testing.assert_allclose(rows(lesson)[1], [0, 0, 0, 0, 0.75, 0.25], atol=1e-6)
    np.testing.assert_allclose(rows(lesson)[0], rows(usual)[0], atol=1e-6)
    np.testing.assert_allclose(lesson["record"]["attention"], rows(lesson), atol=2e-5)
    assert lesson["record"]["tokens"][:1] == keep
    event = next(event for event in lesson["lesson"]["steps"][1]["events"] if event["kind"] == "attend")
    if name != "multi_head":
        states = np.array(lesson["lesson"]["source"]["states"]["first"])
        np.testing.assert_allclose(event["context"]["first"], rows(lesson)[1] @ states, atol=1e-3)


def test_what_was_covered_follows_from_the_given_weights() -> None:
    one = teacher(attention=attention("coverage"))
    far = one.teach(SOURCE, change(attention={"0": [1, 0, 0, 0, 0, 0]}, keep=["▁a"]))
    near = one.teach(SOURCE, change(attention={"0": [0, 0, 0, 0, 1, 0]}, keep=["▁a"]))
    assert np.abs(rows(far)[1] - rows(near)[1]).max() > 1e-4


def test_monotonic_attention_goes_on_from_where_it_was_put() -> None:
    one = teacher(attention=attention("monotonic"))
    found = rows(one.teach(SOURCE, change(attention={"0": [0, 0, 0, 1, 0, 0]}, keep=["▁a"])))
    np.testing.assert_allclose(found[0], [0, 0, 0, 1, 0, 0])
    assert not found[1:, :3].any()


def test_a_look_moves_what_a_trained_model_says() -> None:
    one = Teacher(regard.load(letters.learnt("reverse")))
    usual = one.teach("a b c d")
    assert usual["record"]["text"] == "d c b a"
    moved = one.teach("a b c d", change(attention={"0": [1, 0, 0, 0, 0]}))
    assert moved["record"]["tokens"][0] == "▁a"
    assert one.teach("a b c d") == usual


def test_a_prefix_is_kept_and_a_word_follows_it() -> None:
    one = Teacher(regard.load(letters.learnt("reverse")))
    lesson = one.teach("a b c d", change(keep=["▁d"], say="a"))
    assert lesson["record"]["tokens"][:2] == ["▁d", "▁a"]
    assert one.teach("a b c d", change(say="b b"))["record"]["text"].startswith("b b")


def test_a_word_that_only_the_source_has_can_be_kept_if_it_can_be_copied() -> None:
    one = teacher(output={"name": "pointer"}, attention=attention("additive"))
    lesson = one.teach("a zebra b", change(keep=["▁zebra"]))
    assert lesson["record"]["tokens"][0] == "▁zebra"


def test_the_model_itself_is_never_changed() -> None:
    one = teacher()
    before = {name: weight.clone() for name, weight in one.model.state_dict().items()}
    names_before = [name for name, _ in one.model.named_modules()]
    one.teach(SOURCE, change(temperature=0.5, off=[0], attention={"0": [1, 1, 1, 1, 1, 1]}))
    assert [name for name, _ in one.model.named_modules()] == names_before
    assert all(bool((weight == before[name]).all()) for name, weight in one.model.state_dict().items())
    assert not any(module._forward_hooks for module in one.model.modules())
    twin = one.teach(SOURCE)
    assert twin["record"]["text"] == one.predictor(SOURCE).text


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"of": [1]}, "what_if has no field 'of'. Did you mean 'off'"),
        ({"keep": "x"}, "wants keep as a list"),
        ({"off": [True]}, "off as a list of places"),
        ({"off": [9]}, r"place 9 is to be switched off; the source has places 0 to 5"),
        ({"off": [0, 1, 2, 3, 4, 5]}, "all 6 places of the source are switched off"),
        ({"temperature": -1}, "temperature is -1"),
        ({"temperature": "hot"}, "temperature as a number"),
        ({"attention": {"x": [1]}}, "names the step 'x'"),
        ({"attention": {"0": [1, "a"]}}, "step 0 wants a list of numbers"),
        ({"attention": {"0": [1, 2]}}, "step 0 is given 2 weights; the source has 6 places"),
        ({"attention": {"0": [0] * 6}}, "step 0 is given no weight"),
        ({"attention": {"0": [-1] * 6}}, "want to be numbers from 0 on"),
    ],
)
def test_a_change_that_cannot_be_made_is_told(facts: dict[str, Any], told: str) -> None:
    one = teacher()
    with pytest.raises(UsageError, match=told):
        one.teach(SOURCE, WhatIf.from_json(facts))


def test_what_some_attention_cannot_do_is_told() -> None:
    with pytest.raises(UsageError, match="this model has no attention"):
        teacher(attention={"name": "none"}).teach(SOURCE, WhatIf(intervention=Intervention(temperature=2)))
    with pytest.raises(UsageError, match="monotonic attention has no scores"):
        teacher(attention=attention("monotonic")).teach(SOURCE, WhatIf(intervention=Intervention(temperature=2)))


def test_exported_graphs_cannot_be_taken_apart() -> None:
    one = taught.predictor()
    one.backend = object()  # type: ignore[assignment]
    with pytest.raises(UsageError, match="only a model's own weights"):
        Teacher(one)
