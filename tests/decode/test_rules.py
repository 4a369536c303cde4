"""Penalties, rules and constraints against exhaustive search: a beam wide enough must find the best that keeps them."""

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import rules_by_hand as plain
from regard.decode.constraint import FREE, Constraint
from regard.decode.engine import Engine
from regard.decode.search import Search, rank, search
from regard.errors import ConfigError, UsageError
from regard.sections import Decode
from regard.types import EOS, Hypothesis
from toy import Prefix, Toy

quick = settings(max_examples=60, deadline=None, derandomize=True)
SOURCE = [4, 5, 4, 2]
V = 6  # the words are 3, 4 and 5


@dataclass(frozen=True)
class Looking(Toy):
    """A toy whose attention is a distribution, so that coverage varies."""

    def looked(self, source: Prefix, prefix: Prefix, places: int) -> Any:
        rng = np.random.default_rng((self.seed, *source, 98, *prefix))
        row = np.full(places, -1, np.float32)
        row[: len(source)] = rng.dirichlet(np.full(len(source), 0.3))
        return row


toys = st.builds(Looking, seed=st.integers(0, 10**6), sharpness=st.sampled_from([0.3, 1.0, 4.0]))
rules = st.builds(
    Decode,
    beam=st.just(300),
    normalise=st.sampled_from(["average", "gnmt"]),
    length_penalty=st.sampled_from([0.0, 0.6, 1.0, 2.0]),
    coverage_penalty=st.sampled_from([0.0, 0.2, 2.0]),
    ratio=st.just(0.0),
    extra=st.integers(0, 5),
    least=st.sampled_from([0.0, 0.0, 0.5, 1.0, 9.0]),
    no_repeat=st.sampled_from([0, 0, 1, 2, 3]),
)
phrases = st.lists(st.integers(3, 5), min_size=1, max_size=3).map(tuple)
constraints = st.builds(
    Constraint,
    prefix=st.lists(st.integers(3, 5), max_size=2).map(tuple),
    required=st.lists(phrases, max_size=2).map(tuple),
    forbidden=st.lists(phrases, max_size=2).map(tuple),
)
insides = st.frozensets(st.integers(3, 5), max_size=2)


def continues(inside: frozenset[int]) -> Any:
    return np.isin(np.arange(V), list(inside))


def tokens(found: list[Hypothesis]) -> list[list[int]]:
    return [hypothesis.tokens.tolist() for hypothesis in found]


def check(backend: Toy, hypothesis: Hypothesis) -> None:
    """Its log probabilities, of prefixes too, and its attention are those of the model."""
    forced = backend.forced(SOURCE, hypothesis.tokens.tolist())
    np.testing.assert_array_equal(hypothesis.log_probs, forced.log_probs)
    np.testing.assert_array_equal(hypothesis.attention, forced.attention)


@quick
@given(backend=toys, options=rules, nbest=st.integers(1, 9))
def test_a_wide_beam_finds_the_n_best_under_every_penalty_and_rule(backend: Toy, options: Decode, nbest: int) -> None:
    (found,) = search(backend, [SOURCE], options, nbest)
    best = plain.best(backend, SOURCE, options)
    if not best:  # too little may be said without saying it twice
        assert found
        return
    assert [rank(h, options) for h in found] == pytest.approx([value for value, _ in best[:nbest]], rel=1e-5)
    for hypothesis in found:
        assert rank(hypothesis, options) == pytest.approx(
            plain.rank(backend, SOURCE, hypothesis.tokens.tolist(), options), rel=1e-6
        )
        assert plain.allowed(hypothesis.tokens.tolist(), options, len(SOURCE), FREE, frozenset())
        check(backend, hypothesis)


@settings(quick, max_examples=200)
@given(backend=toys, options=rules, own=constraints, inside=insides, nbest=st.integers(1, 4))
def test_a_wide_beam_finds_the_n_best_under_constraints(
    backend: Toy, options: Decode, own: Constraint, inside: frozenset[int], nbest: int
) -> None:
    best = plain.best(backend, SOURCE, options, own, inside)
    (found,) = search(backend, [SOURCE], options, nbest, constraints=[own], continues=continues(inside))
    assert all(tuple(output[: len(own.prefix)]) == own.prefix for output in tokens(found))
    assert found
    for hypothesis in found:
        check(backend, hypothesis)
    if best:
        kept = [h for h in found if plain.allowed(h.tokens.tolist(), options, len(SOURCE), own, inside)]
        assert len(kept) == min(nbest, len(best))
        assert kept == found[: len(kept)]
        assert [rank(h, options) for h in kept] == pytest.approx([value for value, _ in best[:nbest]], rel=1e-5)


beams = st.integers(1, 6)


@quick
@given(backend=toys, options=rules, beam=beams, required=st.lists(phrases, min_size=1, max_size=3), inside=insides)
def test_what_is_required_is_there_if_there_is_room_for_it_whatever_the_beam(
    backend: Toy, options: Decode, beam: int, required: list[tuple[int, ...]], inside: frozenset[int]
) -> None:
    assume(all(phrase[0] not in inside for phrase in required))  # what begins inside a word may not be possible
    room = sum(map(len, required)) + 1
    options = replace(options, beam=beam, extra=room, no_repeat=0)
    own = Constraint(required=tuple(required))
    (found,) = search(backend, [SOURCE], options, beam, constraints=[own], continues=continues(inside))
    for output in tokens(found[:1]):
        assert all(plain.holds(output, phrase, inside) for phrase in required)


@quick
@given(backend=toys, options=rules, beam=beams, forbidden=phrases, inside=insides, prefix=st.booleans())
def test_what_is_forbidden_is_never_there_whatever_the_beam(
    backend: Toy, options: Decode, beam: int, forbidden: tuple[int, ...], inside: frozenset[int], prefix: bool
) -> None:
    options = replace(options, beam=beam, no_repeat=0, least=0.0)
    own = Constraint(forbidden=(forbidden,), prefix=forbidden[:-1] if prefix else ())
    (found,) = search(backend, [SOURCE], options, beam, constraints=[own], continues=continues(inside))
    assert found
    for output in tokens(found):
        assert tuple(output[: len(own.prefix)]) == own.prefix
        assert not plain.holds(output, forbidden, inside)


@quick
@given(backend=toys, options=rules, beam=beams, inside=insides, size=st.integers(1, 3))
def test_no_sequence_is_repeated_whatever_the_beam(
    backend: Toy, options: Decode, beam: int, inside: frozenset[int], size: int
) -> None:
    options = replace(options, beam=beam, no_repeat=size, extra=12)
    for output in tokens(search(backend, [SOURCE], options, beam)[0]):
        assert not plain.repeats(output, size)


@quick
@given(backend=toys, options=rules, beam=beams)
def test_no_output_is_shorter_than_it_may_be(backend: Toy, options: Decode, beam: int) -> None:
    options = replace(options, beam=beam, no_repeat=0)
    for output in tokens(search(backend, [SOURCE], options, beam)[0]):
        assert min(int(options.least * len(SOURCE)), plain.limit(options, 4)) <= len(output)
        assert len(output) <= plain.limit(options, 4)


sources = st.lists(st.lists(st.integers(3, 5), min_size=1, max_size=4), min_size=2, max_size=5)


@settings(quick, max_examples=150)
@given(backend=toys, sources=sources, options=rules, inside=insides, data=st.data())
def test_neighbours_change_nothing_whatever_the_rules(
    backend: Toy, sources: list[list[int]], options: Decode, inside: frozenset[int], data: st.DataObject
) -> None:
    groups, size = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 2))
    options = replace(options, ratio=1.0, beam=groups * size, groups=groups)
    drawn = data.draw(st.booleans())
    if drawn:
        options = replace(options, groups=1, temperature=1.3, top_k=data.draw(st.integers(0, 2)), top_p=0.9)
    own = [data.draw(constraints) for _ in sources]
    own = [replace(c, required=()) if drawn else c for c in own]
    nbest = data.draw(st.integers(1, 4))
    together = Engine(backend, options, continues=continues(inside)).run([[], *sources], nbest, [FREE, *own])
    assert together[0] == []
    for source, constraint, found in zip(sources, own, together[1:], strict=True):
        alone = Engine(backend, options, continues=continues(inside), rows=1).run([source], nbest, [constraint])[0]
        assert len(alone) >= 1
        assert tokens(found) == tokens(alone)
        for a, b in zip(found, alone, strict=True):
            np.testing.assert_array_equal(a.log_probs, b.log_probs)
            np.testing.assert_array_equal(a.attention, b.attention)


def test_a_forbidden_word_may_be_the_beginning_of_another() -> None:
    """Token 4 continues a word: 3 is forbidden, 3 4 is not; and a 4 that stands first begins a word itself."""
    options, own = Decode(beam=300, ratio=0.0, extra=3), Constraint(forbidden=((3,),))
    found = tokens(search(Toy(1), [SOURCE], options, 300, constraints=[own], continues=continues(frozenset({4})))[0])
    assert {tuple(output) for output in found} == {
        (EOS,), (4, EOS), (5, EOS), (3, 4, EOS), (4, 4, EOS), (4, 5, EOS), (5, 4, EOS), (5, 5, EOS)
    }  # fmt: skip


def test_a_required_word_is_not_met_by_a_longer_one() -> None:
    options, own = Decode(beam=300, ratio=0.0, extra=3), Constraint(required=((3,),))
    found = tokens(search(Toy(1), [SOURCE], options, 300, constraints=[own], continues=continues(frozenset({4})))[0])
    met = [tuple(output) for output in found if plain.holds(output, (3,), frozenset({4}))]
    assert set(met) == {(3, EOS), (3, 3, EOS), (3, 5, EOS), (4, 3, EOS), (5, 3, EOS)}
    assert list(map(tuple, found[: len(met)])) == met


def test_what_cannot_be_met_gives_the_best_that_has_most_of_it() -> None:
    own = Constraint(required=((3, 4), (5, 5, 3)))
    (found,) = search(Toy(2), [SOURCE], Decode(beam=4, ratio=0.0, extra=4), 1, constraints=[own])
    assert len(found) == 1
    assert plain.holds(found[0].tokens.tolist(), (5, 5, 3))


def test_a_prefix_may_be_longer_than_the_limit() -> None:
    own = Constraint(prefix=(3, 4, 3, 4, 5))
    (found,) = search(Toy(2), [SOURCE], Decode(beam=4, ratio=0.0, extra=2), 4, constraints=[own])
    assert tokens(found) == [[3, 4, 3, 4, 5, EOS]]
    check(Toy(2), found[0])


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_a_vocabulary_of_one_word_and_sources_of_one_token(temperature: float) -> None:
    options = Decode(beam=1 if temperature else 3, ratio=2.0, extra=2, temperature=temperature, no_repeat=2, least=1.0)
    for source, found in zip([[2], [3]], search(Toy(3, vocabulary=4), [[2], [3]], options, 3), strict=True):
        assert {token for output in tokens(found) for token in output[:-1]} <= {3}
        assert all(len(output) <= 3 for output in tokens(found))
        assert all(h.attention.shape == (len(h.tokens), len(source)) for h in found)


def test_where_the_rules_leave_nothing_the_output_ends() -> None:
    own = Constraint(forbidden=((3,),))
    options = Decode(beam=2, ratio=0.0, extra=5, least=1.0)
    assert tokens(search(Toy(3, vocabulary=4), [SOURCE], options, constraints=[own])[0]) == [[EOS]]


def test_stopping_early_is_not_stopped_by_rules() -> None:
    options = Decode(beam=3, ratio=0.0, extra=300, normalise="gnmt", coverage_penalty=0.2, no_repeat=3)
    run, backend = Search([SOURCE], options), Looking(1, sharpness=4.0)
    state = backend.start([SOURCE])
    while len(run.tokens):
        choices, state = backend.step(run.tokens, run.parents, state, run.ask())
        run.take(choices)
    assert run.step < 100
    assert tokens(run.results()[0]) == tokens(search(backend, [SOURCE], options)[0])


def test_rules_that_are_off_are_not_there() -> None:
    assert Search([SOURCE], Decode(), constraints=[FREE]).rules is None
    assert Search([SOURCE], Decode(least=0.2)).rules is None  # every output has a token


@pytest.mark.parametrize(
    ("own", "says"),
    [
        ([FREE, FREE], "There are 2 constraints for 1 sources; each source wants one."),
        ([Constraint(required=((),))], "Constraint 0 requires or forbids a sequence without tokens."),
        ([Constraint(prefix=(2,))], "Constraint 0 holds the token 2; it wants ids >= 3 and < 6."),
        ([Constraint(forbidden=((3, 6),))], "Constraint 0 holds the token 6; it wants ids >= 3 and < 6."),
    ],
)
def test_a_constraint_that_makes_no_sense_is_refused(own: list[Constraint], says: str) -> None:
    with pytest.raises(UsageError, match=re.escape(says)):
        Engine(Toy(1), Decode(), continues=continues(frozenset({4}))).run([SOURCE], 1, own)


def test_what_is_required_cannot_be_drawn() -> None:
    with pytest.raises(UsageError, match=re.escape("temperature is 0.5; what is drawn cannot be led there")):
        search(Toy(1), [SOURCE], Decode(temperature=0.5), constraints=[Constraint(required=((3,),))])


def test_no_hypotheses_are_not_searched_for() -> None:
    with pytest.raises(UsageError, match="nbest is 0; it wants at least 1"):
        search(Toy(1), [SOURCE], Decode(), 0)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"beam": 5, "groups": 2}, "[decode] groups is 2 and beam 5; the groups are parts of the beam, of one size."),
        ({"beam": 4, "groups": 2, "temperature": 1.0}, "it wants groups = 1, or temperature = 0."),
        ({"top_k": 5}, "[decode] top_k is 5 and top_p 1, but temperature is 0, so that nothing is drawn;"),
        ({"top_p": 0.9}, "they want a temperature > 0, such as 1."),
    ],
)
def test_options_that_do_not_go_together_are_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(says)):
        Decode(**options)


def test_the_greedy_search_of_any_options_is_one_hypothesis_by_the_same_rules() -> None:
    assert Decode(beam=6, groups=3, no_repeat=3).greedy() == Decode(beam=1, no_repeat=3)
    assert Decode(temperature=0.7, top_k=5, top_p=0.9, least=0.5).greedy() == Decode(beam=1, least=0.5)
