"""The loop: parts of a batch are the batch, and a step that came to nothing changes nothing."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

import letters
from regard.config import Config
from regard.data import store
from regard.data.order import Order
from regard.data.store import Store
from regard.errors import TrainingError
from regard.model import EncoderDecoder
from regard.objectives import Objective
from regard.objectives.cross_entropy import CrossEntropy
from regard.tensors import Batch, Prediction
from regard.training import loop
from regard.training.plan import Plan
from regard.training.run import Run
from regard.training.work import Work, collate, guided
from regard.training.workers import Team

PAIRS = [
    ([4, 5, 6, 2], [6, 5, 2]),
    ([7, 2], [8, 9, 10, 4, 2]),
    ([4, 4, 2], [5, 2]),
    ([9, 8, 7, 6, 2], [2]),
    ([5, 2], [6, 2]),
]
LINKS = [[(0, 0), (1, 1), (2, 1)], [], [(1, 0)], [(3, 0), (0, 0), (1, 0)], [(0, 1), (1, 1)]]
NAN = float("nan")


class Sometimes(CrossEntropy):
    """A loss that is not finite at some of its calls, counted from 0."""

    def __init__(self, broken: range, value: float = NAN) -> None:
        super().__init__()
        self.broken, self.value, self.calls = broken, value, 0

    def __call__(self, prediction: Prediction, batch: Batch, output: object) -> tuple[Tensor, Tensor]:
        total, count = super().__call__(prediction, batch, output)  # type: ignore[arg-type]
        self.calls += 1
        return (total * self.value if self.calls - 1 in self.broken else total), count


def config(objective: dict[str, object] | None = None, **train: object) -> Config:
    return letters.tiny(Path("pairs.tsv"), train={"ema": 0.0, **train}, objective=objective or {})


def new_run(chosen: Config) -> Run:
    torch.manual_seed(3)
    return Run(EncoderDecoder(11, 11, chosen), chosen.train.decay)


def alone(run: Run, folder: Path, chosen: Config, objective: Objective, tokens: int = 100) -> Team:
    """A team of this process alone."""
    rows = [[*pair, [end for link in links for end in link]] for pair, links in zip(PAIRS, LINKS, strict=True)]
    written = store.write(folder, rows, {}, aligned=True)
    order = Order(len(PAIRS), written.lengths, tokens, 1)
    team = Team(Plan(1, 1, chosen.train.parts))
    team.share(Work(run.model, written, order, objective, chosen, chosen.train.parts))
    return team


def trained(
    folder: Path, steps: int, objective: Objective | None = None, **train: object
) -> tuple[Run, list[dict[str, float]]]:
    chosen, seen = config(**train), []
    run = new_run(chosen)
    team = alone(run, folder, chosen, objective or CrossEntropy(), tokens=8)

    def after(facts: dict[str, float]) -> bool:
        seen.append(facts)
        return False

    loop.train(run, team.gradient, chosen, steps, after=after)
    return run, seen


def gradients(folder: Path, parts: int, guided: float = 0.0) -> tuple[dict[str, Tensor], float, int]:
    """Of one step on all pairs."""
    chosen = config({"name": "cross_entropy", "guided": guided}, parts=parts)
    run = new_run(chosen)
    total, count = alone(run, folder, chosen, CrossEntropy(guided=guided)).gradient(0)
    return {name: p.grad.clone() for name, p in run.names.items() if p.grad is not None}, float(total), int(count)


@pytest.mark.parametrize("parts", [2, 3, 4, 5, 9])
def test_the_gradient_of_parts_is_that_of_the_whole_batch(tmp_path: Path, parts: int) -> None:
    whole, total, count = gradients(tmp_path, 1)
    found, total_of_parts, count_of_parts = gradients(tmp_path, parts)
    assert count_of_parts == count == sum(len(target) for _, target in PAIRS)
    assert total_of_parts == pytest.approx(total, rel=1e-5)
    for name, gradient in whole.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-4, atol=1e-6, msg=name)


def test_links_become_a_distribution_over_places_for_each_token() -> None:
    batch = guided(collate(PAIRS), LINKS, "words")
    assert batch.alignment is not None
    assert batch.alignment.shape == (5, 5, 5)
    assert batch.alignment[0, :2].tolist() == [[1, 0, 0, 0, 0], [0, 0.5, 0.5, 0, 0]]
    assert batch.alignment[3, 0].tolist() == pytest.approx([1 / 3, 1 / 3, 0, 1 / 3, 0])
    assert set(batch.alignment.sum(-1).flatten().round(decimals=5).tolist()) == {0.0, 1.0}
    assert batch.supports is None
    assert collate(PAIRS).alignment is None


def test_links_of_sentences_become_the_places_of_each() -> None:
    batch = guided(collate(PAIRS), [[(1, 0), (2, 0), (0, 1)], [], [(0, 0)], [], []], "sentences")
    assert batch.alignment is None
    assert batch.supports is not None
    assert batch.supports[0].tolist() == [[0, 1, 1, 0, 0], [1, 0, 0, 0, 0]]
    assert batch.supports[2].tolist() == [[1, 0, 0, 0, 0], [0, 0, 0, 0, 0]]
    assert not batch.supports[[1, 3, 4]].any()


def test_links_go_along_with_their_pairs_whatever_the_parts(tmp_path: Path) -> None:
    whole, total, _ = gradients(tmp_path, 1, guided=1.0)
    found, total_of_parts, _ = gradients(tmp_path, 3, guided=1.0)
    assert total_of_parts == pytest.approx(total, rel=1e-5)
    for name, gradient in whole.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-4, atol=1e-6, msg=name)
    assert total > gradients(tmp_path, 1)[1] + 1


@pytest.mark.parametrize("parts", [2, 4])
def test_weights_trained_in_parts_are_those_of_whole_batches(tmp_path: Path, parts: int) -> None:
    whole, _ = trained(tmp_path / "whole", 6, decay=0.0, rate=1e-3)
    pieces, _ = trained(tmp_path / "parts", 6, decay=0.0, rate=1e-3, parts=parts)
    for name, weight in whole.names.items():
        torch.testing.assert_close(pieces.names[name], weight, rtol=1e-5, atol=1e-5, msg=name)


def test_the_loss_is_the_mean_over_tokens_whatever_the_parts(tmp_path: Path) -> None:
    _, whole = trained(tmp_path / "whole", 3)
    _, pieces = trained(tmp_path / "parts", 3, parts=3)
    assert [facts["loss"] for facts in pieces] == pytest.approx([facts["loss"] for facts in whole], rel=1e-5)


@pytest.mark.parametrize("value", [NAN, float("inf")])
def test_a_step_without_a_finite_loss_changes_nothing_and_is_counted(tmp_path: Path, value: float) -> None:
    before, _ = trained(tmp_path / "before", 2, schedule="constant")
    run, seen = trained(tmp_path / "run", 3, Sometimes(range(2, 3), value), schedule="constant")
    assert (run.progress.step, run.progress.skipped, run.progress.skipped_in_a_row) == (3, 1, 1)
    assert seen[2]["loss"] != pytest.approx(seen[1]["loss"])
    for name, weight in before.names.items():
        assert torch.equal(run.names[name], weight), name
        assert torch.equal(run.average[name], before.average[name]), name


def test_training_goes_on_after_a_skipped_step(tmp_path: Path) -> None:
    run, _ = trained(tmp_path, 6, Sometimes(range(1, 3)), skip=3)
    assert (run.progress.step, run.progress.skipped, run.progress.skipped_in_a_row) == (6, 2, 0)
    assert all(torch.isfinite(weight).all() for weight in run.names.values())


def test_too_many_skipped_steps_in_a_row_stop_the_run(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"3 steps in a row, up to step 4, .* try a lower train\.rate"):
        trained(tmp_path, 9, Sometimes(range(1, 9)), skip=3)


def test_the_gradient_is_clipped_to_the_norm_that_was_chosen(tmp_path: Path) -> None:
    _, free = trained(tmp_path / "free", 1, clip=0.0)
    _, cut = trained(tmp_path / "cut", 1, clip=1e-3)
    assert free[0]["norm"] == cut[0]["norm"] > 1e-3  # what is told is the norm before
    run, _ = trained(tmp_path / "again", 1, clip=1e-3)
    means = [state["exp_avg"] for state in run.optimizer.state.values()]  # behind one step 0.1 of what was learnt from
    assert 10 * float(torch.nn.utils.get_total_norm(means)) == pytest.approx(1e-3, rel=1e-3)


def test_training_stops_when_it_is_told_to(tmp_path: Path) -> None:
    chosen = config()
    run = new_run(chosen)
    team = alone(run, tmp_path, chosen, CrossEntropy(), tokens=8)
    loop.train(run, team.gradient, chosen, 9, after=lambda facts: run.progress.step == 4)
    assert run.progress.step == 4
    written = Store(tmp_path)
    order = Order(len(written), written.lengths, 8, 1)
    assert run.progress.tokens == sum(len(written[i][1]) for step in range(4) for i in order(step))
