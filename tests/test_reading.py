"""Lines in windows: what a whole line comes to is the best of its windows, and is told."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import letters
import tiny
from regard import config as configs
from regard.decode.pytorch import PyTorch
from regard.errors import DataError, UsageError
from regard.evaluation import evaluate
from regard.model import EncoderDecoder
from regard.predictor import Predictor
from regard.tasks.answer import Answer
from regard.types import Example
from regard.wording import Wishes, contains, pattern

LINE = "Where is Ann? ||| Ann is here. Bob is there. Eve is home."
SHORT = "Where is Ann? ||| Ann is here."
EXAMPLES = [Example(LINE, "here", supports=(0,)), Example(SHORT, "home", supports=(0,))]

Make = Callable[..., Predictor]


@pytest.fixture(scope="module")
def make() -> Make:
    raw = letters.sections(Path("rows.jsonl"), decode={"beam": 3})
    config = configs.check({**raw, "task": "answer"})
    task = Answer(config)
    task.fit(EXAMPLES)
    torch.manual_seed(3)
    backend = PyTorch(tiny.sharpened(EncoderDecoder(*task.sizes, config), 3.0).eval())

    def made(longest: int = 150, rule: str = "window") -> Predictor:
        data = replace(config.data, longest=longest, long=rule)  # type: ignore[arg-type]
        own = Answer(replace(config, data=data))
        own.source_codec = own.target_codec = task.source_codec
        return Predictor(own and replace(config, data=data), own, backend)

    return made


def test_a_short_line_is_read_as_ever(make: Make) -> None:
    assert make(13)(SHORT).note == ""
    assert make(13)(SHORT).text == make()(SHORT).text == make(13, "error")(SHORT).text


def test_a_long_line_is_the_best_of_its_windows(make: Make) -> None:
    model = make(13)
    windows = model.task.fitted(LINE).texts
    assert len(windows) > 2
    alone = [output for text in windows for output in _every(make()(text, nbest=3))]
    output = model(LINE, nbest=3)
    said = [output, *output.alternatives]
    assert len({record.text for record in said}) == len(said) == 3
    ranked = sorted((one for one in alone if one.text), key=_rank, reverse=True)
    assert said[0].text == ranked[0].text
    assert _rank(said[0]) == pytest.approx(_rank(ranked[0]), abs=1e-4)
    assert output.note == f"18 tokens, read in {len(windows)} windows"
    assert output.attention.shape == (len(output.tokens), len(output.source_tokens))
    assert len(output.source_tokens) <= 13
    assert output.source == LINE


def test_many_lines_are_as_each_alone(make: Make) -> None:
    model, lines = make(13), [LINE, "", SHORT, LINE, "Who?"]
    outputs = model(lines)
    assert [output.text for output in outputs[:4]] == [model(line).text for line in lines[:4]]
    assert [bool(output.note) for output in outputs] == [True, False, False, True, False]
    assert [bool(output.fault) for output in outputs] == [False] * 4 + [True]
    with pytest.raises(DataError, match="'Who\\?' has no passage"):
        model("Who?")


def test_a_cut_line_is_its_beginning(make: Make) -> None:
    model = make(13, "truncate")
    (text,) = model.task.fitted(LINE).texts
    assert model(LINE).text == make()(text).text
    assert model(LINE).note == "18 tokens, of which the first 12 were read"


def test_a_long_line_is_a_fault_if_that_is_the_rule(make: Make) -> None:
    model = make(13, "error")
    assert [output.fault for output in model([SHORT, LINE])] == [
        *("", "a source of 18 tokens; the limit, data.longest, is 13")
    ]


def test_a_given_target_is_judged_in_the_window_where_it_is_likeliest(make: Make) -> None:
    model = make(13)
    (score,) = model.score([LINE], ["home"])
    each = [make().score([text], ["home"])[0].sum() for text in model.task.fitted(LINE).texts]
    assert score.sum() == pytest.approx(max(each), abs=1e-4)
    (forced,) = model.force([LINE], ["home"])
    assert (forced.text, forced.note) == ("home", model(LINE).note)
    with pytest.raises(DataError, match=r"the limit, data\.longest, is 13"):
        make(13, "error").score([LINE], ["home"])


def test_windows_cannot_be_streamed_and_their_words_not_be_protected(make: Make) -> None:
    with pytest.raises(DataError, match=r"cannot be read in one go: 18 tokens, read in \d windows"):
        list(make(13).tokens(LINE))
    assert list(make().tokens(SHORT))[-1].text == make()(SHORT, beam=1).text
    with pytest.raises(UsageError, match="--protect wants sources that are read as they stand"):
        make()(SHORT, wishes=Wishes(protect=pattern()))


def test_wishes_hold_in_every_window(make: Make) -> None:
    assert contains(make(13)(LINE, require=["there"]).text, "there")
    assert make(13)(LINE, prefix="Bob").text.startswith("Bob")


def test_a_report_tells_pointing_where_there_are_supports(make: Make) -> None:
    scores = evaluate(make(), EXAMPLES).scores
    assert list(scores) == ["exact", "f1", "pointing"]
    assert scores["pointing"].value in (0, 50, 100)
    assert "n:2" in scores["pointing"].signature
    assert list(evaluate(make(), [replace(e, supports=()) for e in EXAMPLES]).scores) == ["exact", "f1"]
    assert "n:1" in evaluate(make(13), EXAMPLES).scores["pointing"].signature  # one was read in windows


def test_what_cannot_be_read_has_no_perplexity(make: Make) -> None:
    both, one = evaluate(make(13, "error"), EXAMPLES), evaluate(make(), EXAMPLES[1:])
    assert both.perplexity == pytest.approx(one.perplexity, rel=1e-5)
    with pytest.raises(UsageError, match="no source can be read"):
        evaluate(make(13, "error"), EXAMPLES[:1])


def _every(output):  # type: ignore[no-untyped-def]
    return [output, *output.alternatives]


def _rank(record) -> float:  # type: ignore[no-untyped-def]
    return record.score / len(record.tokens)  # type: ignore[no-any-return]
