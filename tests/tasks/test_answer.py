"""Answer: a question and a passage to ids and records, and what becomes of long passages."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import letters
from regard.errors import ConfigError, DataError, UsageError
from regard.sections import Data
from regard.tasks.answer import Answer
from regard.types import BOS, EOS, UNK, Copyable, Example, Hypothesis, word_spans

LINE = "Where is Ann? ||| Ann is here. Bob is there."
EXAMPLES = [Example(LINE, "here", others=("at home",), supports=(0,))]
ROW = '{"context": "Ann is here.\\nBob is there.", "question": "Where is Ann?"}'


def task(codec: str = "words", shared: bool = True, **data: Any) -> Answer:
    raw = letters.sections(Path("rows.jsonl"), codec={"name": codec}, embedding={"shared": shared})
    found = Answer(letters.configs.check({**raw, "task": "answer", "data": {**raw["data"], **data}}))
    found.fit(EXAMPLES)
    return found


def test_a_source_is_the_question_the_start_sign_and_the_passage() -> None:
    found = task()
    ids = found.source(LINE)
    start = ids.index(BOS)
    assert (ids.count(BOS), ids.count(EOS), ids[-1]) == (1, 1, EOS)
    assert found.source_codec.decode(ids[:start]) == "Where is Ann?"
    assert found.source_codec.decode(ids[start + 1 :]) == "Ann is here. Bob is there."
    assert UNK not in ids


@pytest.mark.parametrize("codec", ["words", "characters"])
def test_a_row_and_a_line_are_the_same_source(codec: str) -> None:
    found = task(codec)
    assert found.source(ROW) == found.source(LINE) == found.source(found.fitted(ROW).texts[0])
    assert found.fitted(ROW).texts == (LINE,)


@pytest.mark.parametrize("codec", ["words", "characters"])
def test_a_record_shows_where_the_passage_begins(codec: str) -> None:
    found = task(codec)
    ids, answer = found.source(LINE), found.target("here")
    weights = np.full((len(answer), len(ids)), 1 / len(ids), np.float32)
    hypothesis = Hypothesis(np.array(answer), np.zeros(len(answer), np.float32), weights)
    (record,) = found.records(LINE, [hypothesis])
    assert len(record.source_tokens) == len(ids)
    start = record.source_tokens.index("<s>")
    assert [word for word, *_ in word_spans(record.source_tokens[:start])] == ["Where", "is", "Ann?"]
    assert [word for word, *_ in word_spans(record.source_tokens[start:])] == [
        "Ann",
        "is",
        "here.",
        "Bob",
        "is",
        "there.",
    ]
    assert found.tokens(LINE, "here")[0] == record.source_tokens


def test_unknown_words_and_signs_that_are_typed_stay_words() -> None:
    found = task()
    line = "Who is <s>? ||| Eve </s> left."
    assert found.source(line).count(BOS) == 1
    assert found.written(line).count("<s>") == 1


@pytest.mark.parametrize("blank", ["", "  ", "\u00a0"])
def test_a_blank_line_is_empty(blank: str) -> None:
    assert task().source(blank) == []
    assert task().fitted(blank).texts == (blank,)


def test_a_line_without_a_passage_cannot_be_read() -> None:
    found = task()
    assert found.fitted("Where is Ann?").texts == ()
    assert "has no passage; expected QUESTION ||| PASSAGE" in found.fitted("Where is Ann?").note
    with pytest.raises(DataError, match="has no passage"):
        found.source("Where is Ann?")


@pytest.mark.parametrize("shared", [True, False])
def test_vocabularies_are_of_questions_passages_and_all_answers(shared: bool) -> None:
    found = task(shared=shared)
    assert UNK not in found.target("at home")
    assert (UNK in found.target("Where")) != shared


@pytest.mark.parametrize("longest", range(8, 16))
@pytest.mark.parametrize("rule", ["window", "truncate"])
def test_no_text_of_a_long_source_has_more_tokens_than_the_limit(rule: str, longest: int) -> None:
    found = task(long=rule, longest=longest)
    fitted = found.fitted(LINE)
    assert all(len(found.source(text)) <= longest for text in fitted.texts)
    assert all(text.startswith("Where is Ann? ||| ") for text in fitted.texts)
    assert bool(fitted.note) == (len(found.source(LINE)) > longest)
    assert len(fitted.texts) > 1 or rule == "truncate" or not fitted.note


def test_a_window_teaches_an_answer_that_stands_in_it() -> None:
    found = task()
    assert found.teaches("Where? ||| Ann is here.", "Here")
    assert not found.teaches("here? ||| Bob is there.", "here")


def test_a_rule_that_a_task_does_not_know_is_refused() -> None:
    raw = letters.sections(Path("pairs.tsv"))
    with pytest.raises(ConfigError, match=r"translate has no such rule, 'window'.*There are: error, leave_out"):
        letters.configs.check({**raw, "data": {**raw["data"], "long": "window"}})


def test_questions_and_passages_cannot_be_joined() -> None:
    with pytest.raises(ConfigError, match="join is 40, but sources of the task answer cannot be joined"):
        task(join=40)


def test_there_is_one_file_of_rows() -> None:
    with pytest.raises(UsageError, match="got 2 files; passages, questions and answers are in one file"):
        Answer.examples(["a.jsonl", "b.jsonl"], Data(train=""))


def test_answers_are_told_as_squad_tells_them() -> None:
    assert list(Answer.metrics) == ["exact", "f1"]


@pytest.mark.parametrize("shared", [True, False])
def test_words_of_question_and_passage_are_copied_and_the_sign_between_them_is_not(shared: bool) -> None:
    raw = letters.sections(Path("rows.jsonl"), codec={"name": "words"}, embedding={"shared": shared})
    found = Answer(letters.configs.check({**raw, "task": "answer", "output": {"name": "pointer"}}))
    found.fit(EXAMPLES)
    line = "Where is Xq? ||| Zzyq is here. Xq is with Yq"
    source, size = found.source(line), found.target_codec.size
    assert isinstance(source, Copyable)
    start = list(source).index(BOS)
    assert [place for place, copy in enumerate(source.copies) if copy == BOS] == [start]
    target = found.target("Zzyq Yq here", line)
    assert max(target) >= size
    assert found.join(found.spelled(target, line)) == "Zzyq Yq here"
    assert set(target) - {EOS} <= {*source.copies} - {BOS, UNK}
