"""All state of a run: what is saved is what is loaded, and nothing else is."""

from pathlib import Path

import pytest
import torch

import letters
from regard.errors import ModelError
from regard.model import EncoderDecoder
from regard.objectives.cross_entropy import CrossEntropy
from regard.training import loop
from regard.training.run import FILE, Progress, Run, reached
from regard.training.work import collate

PAIRS = [([4, 5, 6, 2], [6, 5, 2]), ([7, 2], [8, 9, 10, 4, 2])]


def new_run(seed: int = 1, **sections: dict[str, object]) -> Run:
    chosen = letters.tiny(Path("pairs.tsv"), **sections)
    torch.manual_seed(seed)
    return Run(EncoderDecoder(11, 11, chosen), 0.01)


def step(run: Run, ema: float = 0.9) -> None:
    loss, _ = run.model(collate(PAIRS), CrossEntropy())
    loss.backward()
    loop.update(run, True, torch.tensor(1.0), ema)
    run.progress.step += 1


def test_a_loaded_run_is_the_saved_one_and_goes_on_like_it(tmp_path: Path) -> None:
    one, other = new_run(1), new_run(2)
    for _ in range(3):
        step(one)
    one.progress.best, one.progress.facts = 12.5, {"loss": 0.1}
    one.save(tmp_path)
    other.load(tmp_path)
    assert other.progress == one.progress == reached(tmp_path)
    for _ in range(2):
        step(one)
        step(other)
    assert all(torch.equal(other.names[name], p) for name, p in one.names.items())
    assert all(torch.equal(other.average[name], p) for name, p in one.average.items())


def test_the_same_run_is_the_same_file(tmp_path: Path) -> None:
    for name in ("one", "two"):
        run = new_run()
        step(run)
        (tmp_path / name).mkdir()
        run.save(tmp_path / name)
    assert (tmp_path / "one" / FILE).read_bytes() == (tmp_path / "two" / FILE).read_bytes()


def test_no_other_file_is_left_behind(tmp_path: Path) -> None:
    run = new_run()
    step(run)
    run.save(tmp_path)
    run.save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_saving_that_fails_leaves_the_last_one_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = new_run()
    step(run)
    run.save(tmp_path)
    before = (tmp_path / FILE).read_bytes()

    def half(tensors: object, path: str, metadata: object) -> None:
        Path(path).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("safetensors.torch.save_file", half)
    with pytest.raises(OSError, match="No space left"):
        run.save(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    run = new_run()
    step(run)
    run.save(tmp_path)
    whole = (tmp_path / FILE).read_bytes()
    for damaged in (b"", whole[:100], whole[:-1]):
        (tmp_path / FILE).write_bytes(damaged)
        for read in (new_run().load, reached):
            with pytest.raises(ModelError, match=r"last\.safetensors cannot be resumed from"):
                read(tmp_path)


def test_the_file_of_another_model_is_refused(tmp_path: Path) -> None:
    run = new_run()
    step(run)
    run.save(tmp_path)
    with pytest.raises(ModelError, match="belongs to another model"):
        new_run(decoder={"size": 17}).load(tmp_path)


def test_the_average_follows_the_weights_and_forgets_the_start() -> None:
    run = new_run()
    (name, weight), *_ = run.names.items()
    with torch.no_grad():
        run.average[name].zero_()
        weight.fill_(1.0)
    run.follow(0.9)
    torch.testing.assert_close(run.average[name], torch.full_like(weight, 0.9))  # keeps 1 / 10 at first
    run.progress.step = 1000
    run.follow(0.9)
    torch.testing.assert_close(run.average[name], torch.full_like(weight, 0.91))


def test_without_ema_the_average_is_the_weights() -> None:
    run = new_run()
    for _ in range(3):
        step(run, ema=0.0)
    assert all(torch.equal(run.average[name], weight) for name, weight in run.names.items())


def test_averaged_lends_the_averaged_weights_and_gives_the_own_ones_back() -> None:
    run = new_run()
    step(run)
    run.model.train()
    own = {name: weight.clone() for name, weight in run.names.items()}
    with pytest.raises(ValueError, match="within"), run.averaged() as model:
        assert not model.training
        assert all(torch.equal(weight, run.average[name]) for name, weight in run.names.items())
        raise ValueError("within")
    assert run.model.training
    assert all(torch.equal(weight, own[name]) for name, weight in run.names.items())


def test_progress_begins_with_nothing_reached() -> None:
    assert (Progress().step, Progress().best, Progress().skipped, Progress().facts) == (0, None, 0, {})
