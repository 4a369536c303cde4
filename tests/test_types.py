"""What flows on the host: hypotheses, records, and words made of tokens."""

import json

import numpy as np
import pytest

from regard.types import BOS, EOS, PAD, SPACE, SPECIALS, UNK, Example, Hypothesis, Record, word_spans


def test_special_signs_stand_at_their_ids() -> None:
    assert [SPECIALS[i] for i in (PAD, BOS, EOS, UNK)] == ["<pad>", "<s>", "</s>", "<unk>"]
    assert PAD == 0


def test_a_score_is_the_sum_of_its_log_probabilities() -> None:
    scores = np.array([-0.5, -1.25], np.float32)
    assert Hypothesis(np.array([5, EOS]), scores, np.zeros((2, 3), np.float32)).score == -1.75
    assert Record("a", "b", ("a",), ("b",), scores, np.zeros((2, 1), np.float32)).score == -1.75


def test_a_long_score_is_summed_in_double_precision() -> None:
    scores = np.full(100_000, -0.1, np.float32)
    found = Hypothesis(np.zeros(100_000, np.int64), scores, np.zeros((0, 0), np.float32)).score
    assert found == pytest.approx(100_000 * float(np.float32(-0.1)), abs=1e-6)


def test_a_record_is_plain_data() -> None:
    attention = np.array([[0.25, 0.75], [1.0, 0.0]], np.float32)
    record = Record("x", "y", ("▁x", "</s>"), ("▁y", "</s>"), np.array([-0.1, -0.2], np.float32), attention)
    plain = json.loads(json.dumps(record.to_json()))
    assert plain == {
        "text": "y",
        "source": "x",
        "tokens": ["▁y", "</s>"],
        "source_tokens": ["▁x", "</s>"],
        "score": -0.3,
        "token_scores": [-0.1, -0.2],
        "attention": [[0.25, 0.75], [1.0, 0.0]],
        "words": {"target": ["y", "</s>"], "confidence": [0.904837, 0.818731]},
    }


@pytest.mark.parametrize(
    ("tokens", "spans"),
    [
        ((), []),
        (("</s>",), []),
        (("▁a", "</s>"), [("a", 0, 1)]),
        (("▁a", "b", "▁c", "</s>"), [("ab", 0, 2), ("c", 2, 3)]),
        (("a", "b"), [("ab", 0, 2)]),
        (("▁", "a", "▁", "b"), [("a", 0, 2), ("b", 2, 4)]),
        (("▁a", "<unk>", "▁b"), [("a<unk>", 0, 2), ("b", 2, 3)]),
        (("▁<unk>", "▁b"), [("<unk>", 0, 1), ("b", 1, 2)]),
        (("<s>", "▁a", "<pad>", "b"), [("a", 1, 2), ("b", 3, 4)]),
        (("▁a", "▁"), [("a", 0, 1)]),
    ],
)
def test_words_are_merged_from_tokens(tokens: tuple[str, ...], spans: list[tuple[str, int, int]]) -> None:
    assert word_spans(tokens) == spans


def test_words_are_what_spaces_make_of_the_text() -> None:
    tokens = ("▁un", "e", "▁for", "êt", "!", "</s>")
    text = "".join(tokens[:-1]).replace(SPACE, " ").split()
    assert [word for word, _, _ in word_spans(tokens)] == text


def test_references_are_the_target_and_others_as_good() -> None:
    assert Example("a", "b").references == ("b",)
    assert Example("a", "b", others=("c", "d")).references == ("b", "c", "d")


def test_an_example_as_plain_data_and_back() -> None:
    assert Example("a", "b", 3, frozenset({(0, 0)})).to_json() == {"source": "a", "target": "b", "line": 3}
    example = Example("a", "b", 3, others=("c", "d"))
    assert Example.from_json(json.loads(json.dumps(example.to_json()))) == example
    assert Example.from_json({"source": "a", "target": "b"}) == Example("a", "b")
