"""Self-critical training: what it learns from, that it learns it, and that a run stays a pure function of its seed."""

import json
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import torch

import letters
import shapes
from halting import crash, interrupt, stop_at
from regard import config as configs
from regard.config import Config
from regard.data.references import References
from regard.errors import ConfigError
from regard.files import digest
from regard.loading import load
from regard.objectives import Draws
from regard.training.prepare import prepare
from regard.training.session import Interrupted, train
from regard.training.work import Work

CRITICAL: dict[str, Any] = {"name": "self_critical", "samples": 3, "share": 0.5}
SHORT = {"steps": 9, "batch": 60, "rate": 0.01, "validate": 4, "save": 3, "ema": 0.8, "threads": 1, "parts": 2}


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return letters.write_pairs(tmp_path_factory.mktemp("data") / "pairs.tsv", letters.lines(150, 5))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, pairs: Path) -> Path:
    """A model that has learnt little."""
    out = tmp_path_factory.mktemp("base") / "out"
    train(letters.tiny(pairs, train={"steps": 30, "validate": 30}, embedding={"dropout": 0.2}), out)
    return out


def critical(pairs: Path, base: Path, objective: dict[str, Any] = CRITICAL, **changes: Any) -> Config:
    return configs.check(
        {
            "data": {"train": str(pairs), "holdout": 0.05},
            "objective": objective,
            "train": {**SHORT, **changes, "start": str(base)},
            "decode": {"beam": 2, "ratio": 1.0, "extra": 2},
        }
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, pairs: Path, base: Path) -> Path:
    """A run that nothing interrupted, by one process."""
    out = tmp_path_factory.mktemp("whole") / "out"
    train(critical(pairs, base, workers=1), out)
    return out


@pytest.mark.parametrize("stop", [interrupt, crash])
def test_a_run_that_was_stopped_ends_as_if_it_was_not(
    tmp_path: Path, pairs: Path, base: Path, whole: Path, monkeypatch: pytest.MonkeyPatch, stop: Any
) -> None:
    stop_at(monkeypatch, {5}, stop)
    with pytest.raises((Interrupted, MemoryError)):
        train(critical(pairs, base, workers=1), tmp_path / "out")
    train(critical(pairs, base, workers=1), tmp_path / "out", resume=True)
    assert all(letters.same_runs(tmp_path / "out", whole))


def test_two_workers_do_the_same_to_the_last_bit(tmp_path: Path, pairs: Path, base: Path, whole: Path) -> None:
    done = letters.regard(
        *("train", saved(critical(pairs, base, workers=2, threads=2), tmp_path), "--out", tmp_path / "out")
    )
    assert done.returncode == 0, done.stderr.decode()
    assert letters.content(tmp_path / "out" / "model.safetensors") == letters.content(whole / "model.safetensors")
    assert letters.log(tmp_path / "out") == letters.log(whole)


def saved(config: Config, folder: Path) -> Path:
    config.save(folder)
    return folder / configs.FILE


def test_with_no_share_it_is_cross_entropy_to_the_last_bit(tmp_path: Path, pairs: Path, base: Path) -> None:
    train(critical(pairs, base, {"name": "self_critical", "share": 0.0}), tmp_path / "nothing")
    train(critical(pairs, base, {"name": "cross_entropy"}), tmp_path / "plain")
    assert all(letters.same_runs(tmp_path / "nothing", tmp_path / "plain"))
    assert not References.exists(tmp_path / "nothing" / "training")


def test_what_was_not_prepared_to_the_end_is_prepared_again(tmp_path: Path, pairs: Path, base: Path) -> None:
    config, folder = critical(pairs, base), tmp_path / "training"
    prepare(config, tmp_path, folder, lambda _: None)
    before = digest(sorted(path for path in folder.rglob("*") if path.is_file()))
    (folder / "references.at").unlink()
    prepare(config, tmp_path, folder, lambda _: None)
    assert digest(sorted(path for path in folder.rglob("*") if path.is_file())) == before


def test_luck_is_of_the_seed_the_step_and_the_pair(tmp_path: Path, pairs: Path, base: Path) -> None:
    config = critical(pairs, base)
    prepared = prepare(config, tmp_path, tmp_path / "training", lambda _: None)
    work = Work.of(config, prepared.task.sizes, prepared.store, 1)
    assert work.critic
    lengths = [len(prepared.store[i][0]) for i in range(len(prepared.store))]
    short, long = int(np.argmin(lengths)), int(np.argmax(lengths))
    rows = np.array([short, long, short])
    sources = [prepared.store[i][0] for i in rows.tolist()]
    drawn, worth = work.critic(7, rows, sources)
    assert work.model.training
    assert drawn[0::3] == drawn[2::3] != drawn[1::3]
    torch.testing.assert_close(worth.view(3, 3).sum(0), torch.zeros(3))  # as much better as worse
    assert work.critic(7, rows[:1], sources[:1])[0] == drawn[0::3]
    assert work.critic(8, rows, sources)[0] != drawn


def test_a_baseline_may_be_what_greedy_search_says(tmp_path: Path, pairs: Path, base: Path) -> None:
    config = critical(pairs, base, {**CRITICAL, "baseline": "greedy", "reward": "chrf"})
    prepared = prepare(config, tmp_path, tmp_path / "training", lambda _: None)
    work = Work.of(config, prepared.task.sizes, prepared.store, 1)
    work.model.load(base)
    assert work.critic and work.critic.draws == Draws(3, "chrf", "greedy")
    rows = np.arange(6)
    sources = [prepared.store[i][0] for i in rows.tolist()]
    drawn, worth = work.critic(0, rows, sources)
    judge = work.critic.judge
    said = [" ".join(prepared.task.join(prepared.task.spelled(d)).split()) for d in drawn]
    texts = [prepared.task.join(prepared.task.spelled(source)) for source in sources]  # which are to be copied
    greedy = [output.text for output in load(base)(texts, beam=1)]
    expected = np.array(judge(said, [[t] for t in texts] * 3)) - judge(greedy * 3, [[t] for t in texts] * 3)
    np.testing.assert_allclose(worth.numpy(), expected / 100, atol=1e-6)


def test_what_is_rewarded_becomes_likelier(tmp_path: Path, pairs: Path, base: Path) -> None:
    config = critical(pairs, base, {**CRITICAL, "share": 1.0, "samples": 8, "reward": "chrf"}, steps=60, ema=0.0)
    config = configs.check({**_raw(config), "seed": 3})
    prepared = prepare(config, tmp_path, tmp_path / "training", lambda _: None)
    work = Work.of(config, prepared.task.sizes, prepared.store, 1)
    work.model.load(base).train()
    optimizer = torch.optim.Adam(work.model.parameters(), 3e-3)

    def mean_reward() -> float:
        assert work.critic
        rows = np.arange(40)
        drawn, _ = work.critic(10**6, rows, [prepared.store[i][0] for i in rows.tolist()])
        return float(work.critic._rewards(drawn, [work.critic.references[i] for i in rows.tolist()] * 8).mean())

    before = mean_reward()
    for step in range(60):
        work(step, 0)
        optimizer.step()
        optimizer.zero_grad()
    assert mean_reward() > before + 0.03


def _raw(config: Config) -> dict[str, Any]:
    import tomllib

    return tomllib.loads(config.to_toml())


@pytest.mark.parametrize(
    ("objective", "start", "told"),
    [
        (CRITICAL, False, r"self_critical learns from what a trained model says: name its folder as train\.start"),
        ({**CRITICAL, "reward": "cider"}, True, r"\[objective\] reward names no score of a validation; .*'cider'"),
        ({**CRITICAL, "samples": 1}, True, r"samples is 1; it wants a whole number >= 2"),
        ({**CRITICAL, "guided": 0.5}, True, r"has no option .*guided"),
    ],
)
def test_what_does_not_go_together_is_told(
    tmp_path: Path, pairs: Path, base: Path, objective: dict[str, Any], start: bool, told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        if start:
            critical(pairs, base, objective)
        else:
            train(letters.tiny(pairs, objective=objective), tmp_path / "out")


def test_attention_that_draws_where_it_looks_is_refused(tmp_path: Path, pairs: Path) -> None:
    hard = {"attention": {"name": "hard"}}
    train(letters.tiny(pairs, **hard), tmp_path / "hard")
    with pytest.raises(ConfigError, match=r"self_critical wants attention that has a gradient"):
        train(critical(pairs, tmp_path / "hard"), tmp_path / "out")


def test_captions_of_pictures_are_learnt_from(tmp_path: Path) -> None:
    file = shapes.write(tmp_path, shapes.scenes(40, 3))
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    for row, scene in zip(rows, shapes.scenes(40, 3), strict=True):
        row["captions"] += [f"two shapes, {Random(1).choice(scene.labels)} is one", "shapes"]
    file.write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    base = shapes.tiny(file)
    train(base, tmp_path / "base")
    raw = {"objective": CRITICAL, "train": {**SHORT, "start": str(tmp_path / "base"), "workers": 1}}
    config = configs.check({**raw, "data": {"train": str(file), "holdout": 0.1}})
    assert config.task == "caption"
    train(config, tmp_path / "out")
    assert letters.progress(tmp_path / "out")["step"] == 9
    found = References(tmp_path / "out" / "training")
    assert all(len(found[i]) == 3 and found[i] == found[3 * (i // 3)] for i in range(len(found)))
    assert load(tmp_path / "out")(str(tmp_path / "pictures" / "0000.png")).text is not None
