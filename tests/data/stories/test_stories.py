"""Stories: every answer is what an independent solver finds, in the whole and in the supports alone."""

import json
from collections import Counter

import pytest

from regard.data.stories import SPLITS, family_names, generate
from regard.sentences.periods import sentences
from stories_by_hand import SOLVERS

LENGTHS = [1, 2, 3, 5, 8, 13, 40]
every_family = pytest.mark.parametrize("family", family_names())


def told(family: str, lines: int = 200, seed: int = 5, split: str = "train"):  # type: ignore[no-untyped-def]
    return list(generate([family], LENGTHS, lines, seed=seed, split=split))


def test_there_are_twenty_families_and_a_solver_of_each() -> None:
    assert len(family_names()) == 20
    assert set(SOLVERS) == set(family_names())


@every_family
def test_the_answer_follows_from_the_story_and_from_its_supports_alone(family: str) -> None:
    for story in told(family):
        assert SOLVERS[family](story.sentences, story.question) == story.answer, story
        alone = [story.sentences[i] for i in story.supports]
        assert SOLVERS[family](alone, story.question) == story.answer, story


@every_family
def test_no_support_can_be_missed(family: str) -> None:
    """Without one of them the answer does not follow: the solver fails or says something else in some stories."""
    missed = Counter[int]()
    for story in told(family, 80):
        for i, support in enumerate(story.supports):
            rest = [story.sentences[j] for j in story.supports if j != support]
            try:
                missed[i] += SOLVERS[family](rest, story.question) != story.answer
            except (AssertionError, LookupError, StopIteration, ValueError):
                missed[i] += 1
    most = max(len(story.supports) for story in told(family, 80))
    assert all(missed[i] for i in range(min(most, 2)))


@every_family
def test_supports_are_sentences_and_sentences_are_counted_as_periods_are(family: str) -> None:
    for story in told(family):
        assert len(sentences(story.context.split())) == len(story.sentences)
        assert story.supports
        assert list(story.supports) == sorted(set(story.supports))
        assert 0 <= story.supports[0] <= story.supports[-1] < len(story.sentences)


@every_family
def test_stories_are_as_long_as_was_asked_where_there_is_enough_to_tell(family: str) -> None:
    for length in (2, 6, 9):
        for story in generate([family], [length], 20, seed=3, split="train"):
            assert length - 1 <= len(story.sentences)
    assert max(len(story.sentences) for story in generate([family], [40], 5, seed=3, split="train")) >= 9


@every_family
def test_equal_seeds_give_equal_stories_and_others_others(family: str) -> None:
    assert told(family, 20) == told(family, 20) != told(family, 20, seed=6)


def test_no_story_is_in_two_splits_whatever_the_seeds() -> None:
    def stories(split: str, seed: int) -> set[tuple[str, str]]:
        told = generate(family_names(), [2, 4], 800, seed=seed, split=split)
        return {(story.context, story.question) for story in told}

    found = {split: stories(split, 1) | stories(split, 2) for split in SPLITS}
    assert not found["train"] & found["test"]
    assert not found["train"] & found["valid"]
    assert not found["valid"] & found["test"]


@every_family
def test_answers_differ(family: str) -> None:
    counts = Counter(story.answer for story in told(family))
    assert len(counts) > 1
    assert max(counts.values()) < 0.75 * counts.total()


def test_families_come_in_turn_and_a_story_is_a_row() -> None:
    first, second, third = generate(["sizes", "time"], [4], 3, seed=1, split="valid")
    assert first.question.startswith("Does")
    assert second.question.startswith("Where was")
    assert third.question.startswith("Does")
    row = json.loads(json.dumps(first.to_json()))
    assert set(row) == {"context", "question", "answers", "supports"}
    assert row["answers"] == [first.answer]
    assert row["supports"] == list(first.supports)


def test_the_bytes_of_a_seed_stay() -> None:
    (story,) = generate(["one_fact"], [2], 1, seed=1, split="train")
    assert (story.context, story.question, story.answer, story.supports) == KEPT


KEPT = ("Hanna hurried to the barn. Hanna strolled to the chapel.", "Where is Hanna?", "chapel", (1,))
