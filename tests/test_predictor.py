"""A model in Python: `regard.load(folder)("a line")`."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import letters
import regard
from regard.errors import ModelError, NoSuchModel, UsageError
from regard.predictor import Predictor
from regard.view.record import Output

SOURCES = letters.lines(30, 6, seed=5)


@pytest.fixture(scope="module")
def model() -> Predictor:
    return regard.load(letters.learnt("reverse"))


@pytest.fixture(scope="module")
def unsure() -> Predictor:
    """A model that has learnt half of its task: its outputs differ more easily."""
    return regard.load(letters.learnt("half"))


def test_a_text_gives_an_output(model: Predictor) -> None:
    output = model("a b c")
    assert isinstance(output, Output)
    assert (output.text, str(output), output.source) == ("c b a", "c b a", "a b c")
    assert output.tokens == ("▁c", "▁b", "▁a", "</s>")
    assert output.source_tokens == ("▁a", "▁b", "▁c", "</s>")
    assert output.attention.shape == (4, 4)
    assert output.score == pytest.approx(float(output.token_scores.sum()), abs=1e-5)
    assert -0.5 < output.score < 0


def test_the_attention_of_a_reversal_goes_backwards(model: Predictor) -> None:
    assert model("a b c d e").attention[:-1].argmax(1).tolist() == [4, 3, 2, 1, 0]


@pytest.mark.parametrize("kind", [list, tuple])
def test_many_texts_give_a_list_in_their_order(model: Predictor, kind: type) -> None:
    outputs = model(kind(["a b", "", "c"]))
    assert isinstance(outputs, list)
    assert [output.text for output in outputs] == ["b a", "", "c"]
    assert model(kind([])) == []


def test_many_at_once_are_each_alone(unsure: Predictor) -> None:
    for source, output in zip(SOURCES, unsure(SOURCES), strict=True):
        alone = unsure(source)
        assert output.text == alone.text
        np.testing.assert_allclose(output.token_scores, alone.token_scores, atol=1e-4)
        np.testing.assert_allclose(output.attention, alone.attention, atol=1e-4)


def test_the_score_of_an_output_is_what_score_gives_it(unsure: Predictor) -> None:
    outputs = unsure(SOURCES)
    for output, row in zip(outputs, unsure.score(SOURCES, [output.text for output in outputs]), strict=True):
        np.testing.assert_allclose(output.token_scores, row, atol=1e-4)


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u3000", "\x00"])
def test_a_blank_text_gives_an_empty_output(model: Predictor, blank: str) -> None:
    output = model(blank)
    assert (output.text, output.tokens, output.source_tokens, output.score) == ("", (), (), 0.0)
    assert output.attention.shape == (0, 0)


def test_unknown_words_are_shown_as_they_were_written(model: Predictor) -> None:
    assert model("a 今日 b").source_tokens == ("▁a", "▁今日", "▁b", "</s>")


def test_the_other_hypotheses_stand_behind_the_best(unsure: Predictor) -> None:
    output = unsure("a b c d", beam=6, nbest=4)
    assert len(output.alternatives) == 3
    assert output.text == unsure("a b c d", beam=6).text
    assert len({output.text, *(other.text for other in output.alternatives)}) == 4


def test_the_beam_can_be_chosen_for_a_call_and_stays_as_it_was(unsure: Predictor) -> None:
    before = unsure.config.decode.beam
    unsure("a b", beam=1)
    assert unsure.config.decode.beam == before


@pytest.mark.parametrize(("beam", "nbest"), [(0, 1), (2, 3), (3, 0)])
def test_a_beam_that_cannot_be_is_told(model: Predictor, beam: int, nbest: int) -> None:
    with pytest.raises(UsageError, match=f"beam is {beam} and nbest {nbest}; it must be 1 <= nbest <= beam"):
        model("a", beam=beam, nbest=nbest)


def test_a_stream_gives_outputs_before_its_end_and_in_order(model: Predictor) -> None:
    read: list[str] = []

    def sources() -> Iterator[str]:
        for source in SOURCES:
            read.append(source)
            yield source

    outputs = model.stream(sources(), window=4, rows=2)
    assert next(outputs).source == SOURCES[0]
    assert len(read) == 4  # no more than a window is read ahead
    assert [output.source for output in outputs] == SOURCES[1:]


def test_an_output_saves_itself(model: Predictor, tmp_path: Path) -> None:
    model("a b").save(tmp_path / "a.html")
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_an_output_shows_itself(model: Predictor, capsys: pytest.CaptureFixture[str]) -> None:
    model("a b").show()
    assert "looked at" in capsys.readouterr().out


def test_an_empty_source_has_no_score(model: Predictor) -> None:
    with pytest.raises(UsageError, match="the source ' ' is empty"):
        model.score(["a", " "], ["b", "c"])


def test_an_output_that_is_forced_is_the_output(unsure: Predictor) -> None:
    outputs = unsure(SOURCES)
    for output, forced in zip(outputs, unsure.force(SOURCES, [o.text for o in outputs], window=7, rows=3), strict=True):
        assert (forced.text, forced.tokens, forced.source_tokens) == (output.text, output.tokens, output.source_tokens)
        np.testing.assert_allclose(forced.token_scores, output.token_scores, atol=1e-4)
        np.testing.assert_allclose(forced.attention, output.attention, atol=1e-4)


def test_what_is_forced_scores_as_it_is_scored(unsure: Predictor) -> None:
    targets = letters.lines(30, 4, seed=6)
    for forced, scores in zip(unsure.force(SOURCES, targets), unsure.score(SOURCES, targets), strict=True):
        assert (forced.token_scores == scores).all()


def test_a_forced_target_keeps_its_letters_and_an_empty_source_gives_nothing(model: Predictor) -> None:
    known, empty, silent = model.force(["a b", " ", "a"], ["b 今日", "a", ""])
    assert (known.text, known.tokens) == ("b 今日", ("▁b", "▁今日", "</s>"))
    assert known.attention.shape == (3, 3)
    assert (empty.text, empty.tokens, empty.attention.shape) == ("", (), (0, 0))
    assert (silent.tokens, silent.attention.shape) == (("</s>",), (1, 2))


def test_forcing_is_a_stream(model: Predictor) -> None:
    outputs = model.force(itertools.repeat("a b"), itertools.repeat("b a"), window=4)
    assert [next(outputs).text for _ in range(9)] == ["b a"] * 9
    with pytest.raises(ValueError, match="shorter"):
        list(model.force(["a", "b"], ["a"]))


def test_loading_twice_gives_the_same_model() -> None:
    one, two = (regard.load(str(letters.learnt("half")))("a b c") for _ in range(2))
    assert (one.text, one.score) == (two.text, two.score)


def test_what_is_no_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoSuchModel, match="There is no model folder"):
        regard.load(tmp_path / "nowhere")
    with pytest.raises(ModelError, match=r"is not a model folder: it holds no config\.toml"):
        regard.load(tmp_path)


def test_a_run_before_its_first_validation_is_told(tmp_path: Path) -> None:
    model = letters.fresh_copy("half", tmp_path)
    (model / "model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"holds no model\.safetensors: its training has not yet reached a validation"):
        regard.load(model)
