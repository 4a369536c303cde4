"""Loading: other settings of the search, and several models as one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import letters
import regard
from regard.errors import ConfigError, ModelError, NoSuchModel, UsageError

LINES = letters.lines(12, 6, seed=9)


@pytest.fixture(scope="module")
def half() -> Path:
    return letters.learnt("half")


def test_settings_change_how_a_model_searches(half: Path) -> None:
    narrow = regard.load(half, settings=["decode.beam=1", "decode.ratio=0.0", "decode.extra=2"])
    assert narrow.config.decode.beam == 1
    assert all(len(output.tokens) <= 2 for output in narrow(LINES))


@pytest.mark.parametrize(
    ("setting", "error", "told"),
    [
        ("train.rate=0.1", UsageError, "only options of decode and data can be set, as in decode.beam=5"),
        ("decode.beem=3", ConfigError, "Did you mean 'beam'"),
        ("decode.groups=3", ConfigError, "the groups are parts of the beam"),
    ],
)
def test_wrong_settings_are_told(half: Path, setting: str, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        regard.load(half, settings=[setting])


def test_a_model_with_itself_is_the_model(half: Path) -> None:
    for found, expected in zip(regard.load(half, half)(LINES), regard.load(half)(LINES), strict=True):
        assert found.text == expected.text
        np.testing.assert_allclose(found.token_scores, expected.token_scores, atol=1e-4)
        np.testing.assert_allclose(found.attention, expected.attention, atol=1e-5)


def test_two_models_are_the_mean_of_both(half: Path) -> None:
    """Both have learnt letters of the same words, one to reverse them, one half of it."""
    whole = letters.learnt("reverse")
    pair, alone = regard.load(whole, half), [regard.load(folder) for folder in (whole, half)]
    target = [output.text for output in alone[0](LINES)]
    found = pair.score(LINES, target)
    each = [model.score(LINES, target) for model in alone]
    for scores, one, other in zip(found, *each, strict=True):
        np.testing.assert_allclose(np.exp(scores), (np.exp(one) + np.exp(other)) / 2, atol=1e-5)


def test_models_of_other_vocabularies_are_not_averaged(half: Path, tmp_path: Path) -> None:
    other = letters.fresh_copy("reverse", tmp_path)
    words = other / "codec" / "vocabulary.txt"
    words.write_text(words.read_text(encoding="utf-8") + "\u2581z\n", encoding="utf-8")
    with pytest.raises(ModelError, match="has other vocabularies than"):
        regard.load(half, other)
    with pytest.raises(NoSuchModel):
        regard.load(half, tmp_path / "nothing")


def test_the_command_takes_both(call: Callable[..., Any], half: Path) -> None:
    done = call("run", half, "a b c", "--ensemble", half, half, "--set", "decode.beam=1")
    assert (done.code, done.out) == (0, call("run", half, "a b c", "--beam", "1").out)
    drawn = [call("run", half, "a b c d", "--nbest", "3", "--set", "decode.temperature=3.0").out for _ in range(2)]
    assert drawn[0] == drawn[1]  # the seed is an option too
    assert drawn[0] != call("run", half, "a b c d", "--nbest", "3").out
    done = call("run", half, "a", "--set", "train.steps=3")
    assert (done.code, done.out) == (2, "")
