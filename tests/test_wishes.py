"""What a user wants of the words, from Python: it reaches the search, and comes back out of it."""

import itertools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import letters
import regard
from regard.decode.constraint import Constraint
from regard.decode.engine import Engine
from regard.predictor import Predictor
from regard.types import SPECIALS, Hypothesis
from regard.wording import Glossary, Wishes, continues, pattern

SOURCES = letters.lines(30, 6, seed=5)


@pytest.fixture(scope="module")
def model() -> Predictor:
    return regard.load(letters.learnt("reverse"))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[Constraint] | None]:
    """The constraints that the engine is asked for; it finds what it finds without."""
    found: list[Sequence[Constraint] | None] = []
    run = Engine.run

    def watched(self: Any, sources: Any, nbest: int = 1, constraints: Any = None) -> list[list[Hypothesis]]:
        found.append(constraints)
        return run(self, sources, nbest)

    monkeypatch.setattr(Engine, "run", watched)
    return found


def ids(model: Predictor, text: str) -> tuple[int, ...]:
    return tuple(model.task.target(text)[:-1])


def test_wishes_are_constraints_in_ids(model: Predictor, asked: list[Any]) -> None:
    model("a b c", prefix="c", require=["a b", "b"], forbid=["h"])
    ((constraint,),) = asked
    assert constraint == Constraint(ids(model, "c"), (ids(model, "a b"), ids(model, "b")), (ids(model, "h"),))


def test_without_wishes_nothing_is_asked(model: Predictor, asked: list[Any]) -> None:
    model(["a", "b"], wishes=Wishes(glossary=Glossary([("h", ("a",))])))
    assert asked == [None]


def test_a_glossary_asks_where_its_terms_are(model: Predictor, asked: list[Any]) -> None:
    model(["a", "B c", ""], wishes=Wishes(glossary=Glossary([("b c", ("d e", "f"))])))
    assert [c.required for c in asked[0]] == [(), (ids(model, "d e"), ids(model, "f")), ()]


def test_what_the_vocabulary_lacks_is_not_asked_for(model: Predictor, asked: list[Any]) -> None:
    model("a", require=["zebra", "b", ""], forbid=["zebra"])
    assert asked[0][0] == Constraint((), (ids(model, "b"),), ())


def test_what_is_not_met_is_told() -> None:
    line = Wishes(prefix="Un ", require=("chat",), forbid=("chien",), glossary=Glossary([("cat", ("chat", "félin"))]))
    assert line.line("a cat").unmet("Un chat félin") == []
    assert line.line("a cat").unmet("Le chien") == [
        "does not begin with 'Un'",
        "lacks 'chat'",
        "lacks 'félin'",
        "has 'chien'",
    ]


def test_tokens_that_continue_a_word() -> None:
    tokens = [*SPECIALS, "▁a", "b", ".", "'s", "▁", "é", "7", "▁,"]
    assert [t for t, c in zip(tokens, continues(tokens), strict=True) if c] == ["b", "é", "7"]


def test_the_engine_is_told_which_tokens_continue(model: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    start = Engine.__init__

    def watched(self: Any, *given: Any, **options: Any) -> None:
        seen.append(options["continues"])
        start(self, *given, **options)

    monkeypatch.setattr(Engine, "__init__", watched)
    model("a")
    assert seen[0].shape == (model.task.sizes[1],)
    assert seen[0].dtype == np.bool_


def test_protected_strings_are_carried_over(model: Predictor) -> None:
    sources = ["a {x} b", "{x}{y} c", "<b>a</b> h {x}", "{x}", "a", ""]
    outputs = model(sources, nbest=3, wishes=Wishes(protect=pattern()))
    for source, output in zip(sources, outputs, strict=True):
        for record in (output, *output.alternatives):
            assert sorted(pattern().findall(record.text)) == sorted(pattern().findall(source))
            assert record.source == source
            assert record.attention.shape == (len(record.tokens), len(record.source_tokens))
    assert outputs[4].text == model("a").text


def test_unknown_words_are_replaced(tmp_path: Path) -> None:
    pairs = letters.write_pairs(tmp_path / "p.tsv", [f"{x}{y}z b" for x in "cdefghij" for y in "klmnopqrst"])
    unknown = {"codec": {"name": "words", "minimum": 5}, "train": {"steps": 40, "validate": 40, "rate": 0.03}}
    from regard.training.session import train

    train(letters.tiny(pairs, **unknown), tmp_path / "m")
    model = regard.load(tmp_path / "m")
    said = model("wz b")
    replaced = model("wz b", wishes=Wishes(replace_unknown=True))
    assert "<unk>" in said.text
    assert "<unk>" not in replaced.text
    assert replaced.score == said.score


def test_tokens_come_one_by_one_and_end_in_the_output_of_a_beam_of_one(model: Predictor) -> None:
    for source in SOURCES:
        output, tokens = model(source, beam=1), list(model.tokens(source))
        assert tokens[-1].text == output.text
        assert [token.token for token in tokens] == list(output.tokens)
        np.testing.assert_allclose([t.log_prob for t in tokens], output.token_scores, atol=1e-5)
        np.testing.assert_allclose(np.stack([t.attention for t in tokens]), output.attention, atol=1e-5)
        assert all(b.text.startswith(a.text) for a, b in itertools.pairwise(tokens))
    assert list(model.tokens(" ")) == []


def test_a_word_is_as_sure_as_its_tokens_are_on_average(model: Predictor) -> None:
    output = model("a b c")
    assert [word.text for word in output.words] == ["c", "b", "a", "</s>"]
    np.testing.assert_allclose([word.confidence for word in output.words], np.exp(output.token_scores), rtol=1e-6)


@pytest.mark.parametrize("codec", ["words", "pieces", "characters"])
def test_every_line_has_one_output_whatever_is_in_it(tmp_path: Path, codec: str) -> None:
    from regard.training.session import train

    odd = ["", " ", "今日は 世界", "\x00", "☃" * 50, "a " * 2000, "a" * 2000, "{x}", "%s", "▁", "<unk>", "\ufffd"]
    pairs = letters.write_pairs(tmp_path / "p.tsv", letters.lines(60, 4))
    settings = {"codec": {"name": codec, **({"size": 30} if codec == "pieces" else {})}, "decode": {"ratio": 0.01}}
    train(letters.tiny(pairs, **settings), tmp_path / "m")
    model = regard.load(tmp_path / "m")
    for wishes in (Wishes(), Wishes(protect=pattern(), replace_unknown=True, require=("a",))):
        outputs = model(odd, wishes=wishes)
        assert len(outputs) == len(odd)
        for source, output in zip(odd, outputs, strict=True):
            assert "\n" not in output.text
            assert output.attention.shape == (len(output.tokens), len(output.source_tokens))
            assert bool(output.tokens) == bool(re.sub(r"[\s\x00]", "", source))


def test_a_vocabulary_of_one_word_is_enough(tmp_path: Path) -> None:
    from regard.training.session import train

    pairs = letters.write_pairs(tmp_path / "p.tsv", ["a", "a a"] * 30)
    train(letters.tiny(pairs), tmp_path / "m")
    model = regard.load(tmp_path / "m")
    assert model.task.sizes == (5, 5)
    assert len(model(["a", "b", "", "a " * 50], beam=5, nbest=5)) == 4
    assert list(model.tokens("a"))[-1].token == "</s>"
