"""Rules, constraints, draws and ensembles where outputs have words that only their source has."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

import tiny
from regard.decode.constraint import FREE, Constraint
from regard.decode.engine import Engine
from regard.decode.ensemble import Ensemble
from regard.decode.pytorch import PyTorch
from regard.decode.search import search
from regard.decode.stream import stream
from regard.errors import ModelError, UsageError
from regard.sections import Decode
from regard.types import EOS, UNK, Hypothesis

V = tiny.VOCABULARY
SOURCES = tiny.COPYABLE
OPTIONS = Decode(beam=4, ratio=1.0, extra=6)
CONTINUES = np.zeros(V, np.bool_)
CONTINUES[[5, 6]] = True


def backend(seed: int = 0, output: str = "pointer") -> PyTorch:
    """A model that likes to copy, and to say the same again."""
    torch.manual_seed(seed)
    model = tiny.model(2.0, output={"name": output}, attention={"name": "additive", "size": tiny.KEYS})
    with torch.no_grad():
        model.output.logits.bias[EOS] -= 3.0
        if output == "pointer":
            model.output.gate.bias -= 3.0  # type: ignore[operator, union-attr]
    return PyTorch(model)


def tokens(found: list[list[Hypothesis]]) -> list[list[int]]:
    return [best.tokens.tolist() for best, *_ in found]


def test_what_is_copied_again_is_a_repeat() -> None:
    without = tokens(search(backend(), SOURCES, OPTIONS))
    assert any(row.count(V + 1) > 1 or row.count(V) > 1 for row in without)
    for size in (1, 2, 3):
        for row in tokens(search(backend(), SOURCES, replace(OPTIONS, no_repeat=size))):
            windows = [tuple(row[i : i + size]) for i in range(len(row) - size + 1)]
            assert len(windows) == len(set(windows))


def test_the_unknown_sign_is_never_said() -> None:
    fond = backend()
    with torch.no_grad():
        fond.model.output.logits.bias[UNK] += 30.0  # type: ignore[operator, union-attr]
        fond.model.output.gate.bias += 30.0  # type: ignore[operator, union-attr]
    for members in (fond, Ensemble([fond, fond], V)):
        for beam in (1, 4):
            found = tokens(search(members, SOURCES, replace(OPTIONS, beam=beam)))
            assert all(UNK not in row and row[-1] == EOS for row in found)
    (forced,) = fond.force(SOURCES[:1], [[UNK, EOS]])
    assert forced.log_probs[0] > -0.1  # what it thinks of a given target stays as it is


@pytest.mark.parametrize("continues", [None, CONTINUES], ids=["tokens", "words"])
@pytest.mark.parametrize("beam", [1, 4])
def test_a_copied_word_may_be_forbidden_or_required(beam: int, continues: np.ndarray | None) -> None:
    options = replace(OPTIONS, beam=beam)
    free = tokens(search(backend(), SOURCES, options, continues=continues))
    assert V + 1 in free[0]
    forbidden = [Constraint(forbidden=((V + 1,),)), FREE, Constraint(forbidden=((V, V),))]
    banned = tokens(search(backend(), SOURCES, options, constraints=forbidden, continues=continues))
    goes_on = set() if continues is None else {5, 6}  # "V + 1, 6" is another word, as "cats" is not "cat"
    assert all(after in goes_on for word, after in pairwise(banned[0]) if word == V + 1)
    assert banned[1] == free[1]
    assert not any(
        row[:2] == (V, V) and row[2] not in goes_on for row in zip(*(banned[2][i:] for i in range(3)), strict=False)
    )
    wanted = [Constraint(required=((V + 3, 11), (V + 1,)), prefix=(12,)), FREE, Constraint(required=((5, V),))]
    found = tokens(search(backend(), SOURCES, options, constraints=wanted, continues=continues))
    assert found[0][0] == 12
    assert V + 1 in found[0]
    assert (V + 3, 11) in pairwise(found[0])
    assert (5, V) in pairwise(found[2]) or continues is not None  # 5 continues a word


def test_what_another_source_has_cannot_be_said() -> None:
    foreign = [FREE, Constraint(required=((V + 1,),)), FREE]
    assert V + 1 not in tokens(search(backend(), SOURCES, OPTIONS, constraints=foreign))[1]
    with pytest.raises(UsageError, match=f"holds the token {V + 6}"):
        Engine(backend(), OPTIONS, continues=CONTINUES).run(SOURCES, constraints=[Constraint((V + 6,)), FREE, FREE])


@pytest.mark.parametrize(
    "options",
    [
        OPTIONS,
        replace(OPTIONS, no_repeat=2, least=1.0, coverage_penalty=0.3),
        replace(OPTIONS, groups=2),
        replace(OPTIONS, temperature=1.0, top_p=0.9),
        replace(OPTIONS, temperature=0.7),
    ],
    ids=str,
)
@pytest.mark.parametrize("output", ["pointer", "copynet"])
def test_neighbours_change_nothing(options: Decode, output: str) -> None:
    model = backend(3, output)
    together = search(model, SOURCES, options, nbest=2, continues=CONTINUES)
    for source, found in zip(SOURCES, together, strict=True):
        (alone,) = search(model, [source], options, nbest=2, continues=CONTINUES)
        for one, other in zip(found, alone, strict=True):
            assert one.tokens.tolist() == other.tokens.tolist()
            np.testing.assert_allclose(one.log_probs, other.log_probs, atol=1e-5)


def test_an_output_is_as_long_as_is_wanted() -> None:
    least = tokens(search(backend(), SOURCES, replace(OPTIONS, least=2.0)))
    most = tokens(search(backend(), SOURCES, replace(OPTIONS, ratio=0.0, extra=2)))
    assert [len(row) >= 2 * len(source) for row, source in zip(least, SOURCES, strict=True)] == [True] * 3
    assert [len(row) <= 2 for row in most] == [True] * 3


def test_a_model_twice_is_the_model_and_the_mean_has_words_of_the_source() -> None:
    one, other = backend(), backend(1, "copynet")
    twice, alone = (search(b, SOURCES, OPTIONS, nbest=2) for b in (Ensemble([one, one], V), one))
    for mine, theirs in zip(twice, alone, strict=True):
        for a, b in zip(mine, theirs, strict=True):
            assert a.tokens.tolist() == b.tokens.tolist()
            np.testing.assert_allclose(a.p_gen, b.p_gen, atol=1e-6)  # type: ignore[arg-type]
    both = Ensemble([one, other], V)
    found = [best for best, *_ in search(both, SOURCES, OPTIONS)]
    assert any((h.tokens >= V).any() for h in found)
    forced = both.force(SOURCES, [h.tokens.tolist() for h in found])
    for a, b in zip(found, forced, strict=True):
        np.testing.assert_allclose(a.log_probs, b.log_probs, atol=1e-5)
        np.testing.assert_allclose(a.p_gen, b.p_gen, atol=1e-5)  # type: ignore[arg-type]


def test_an_ensemble_of_which_some_copy_is_refused() -> None:
    plain = PyTorch(tiny.model())

    class Deaf(PyTorch):
        """Takes the ids of a source alone, so that only p_gen tells the two apart."""

        def force(self, sources: object, targets: object) -> list[Hypothesis]:
            return plain.force([list(source) for source in SOURCES], targets)  # type: ignore[arg-type]

    both = Ensemble([backend(), Deaf(plain.model)], V)
    with pytest.raises(ModelError, match="some copy"):
        both.force(SOURCES, [[9, EOS]] * 3)


def test_tokens_come_one_by_one_with_how_much_is_generated() -> None:
    steps = list(stream(backend(), SOURCES[0], OPTIONS))
    (found,) = search(backend(), SOURCES[:1], OPTIONS.greedy())
    assert [step.token for step in steps] == found[0].tokens.tolist()
    np.testing.assert_allclose([step.p_gen for step in steps], found[0].p_gen, atol=1e-6)  # type: ignore[arg-type]
