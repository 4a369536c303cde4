"""Runs that learn from pictures: rows made once, the same bits after a kill and for any number of workers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import shapes
from regard.config import Config
from regard.data.store import Store
from regard.decode.pytorch import PyTorch
from regard.encoders.backbone import Backbone
from regard.errors import ConfigError, DataError
from regard.files import digest
from regard.loading import load
from regard.tasks.caption import varied
from regard.training import look
from regard.training.prepare import prepare
from regard.training.session import train
from regard.training.work import Work
from regard.types import Image

transformers = pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shapes.write(tmp_path_factory.mktemp("shapes"), shapes.scenes(60, 3))


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    torch.manual_seed(2)
    shape = {"embedding_size": 8, "hidden_sizes": [8, 12], "depths": [1, 1], "layer_type": "basic"}
    folder = tmp_path_factory.mktemp("backbone")
    transformers.ResNetModel(transformers.ResNetConfig(**shape)).save_pretrained(folder)
    return {"name": "backbone", "model": str(folder), "size": 16}


def weights(folder: Path) -> str:
    return digest([folder / "model.safetensors"])


def prepared(config: Config, folder: Path) -> tuple[Store, list[str]]:
    said: list[str] = []
    return prepare(config, folder, folder / "training", said.append).store, said


def test_every_caption_of_a_picture_is_a_pair_of_its_own(tmp_path: Path) -> None:
    file = shapes.write(tmp_path, shapes.scenes(5, 1))
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        row["captions"] += ["two shapes"]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    store, said = prepared(shapes.tiny(file, data={"valid": str(file)}), tmp_path / "run")
    assert len(store) == 10
    assert "validation: 5 pairs" in said
    assert store.info["pictures"] == 5


def test_pixels_are_read_once_for_all_runs(data: Path, tmp_path: Path) -> None:
    config = shapes.tiny(data, picture={"cache": str(tmp_path / "cache")})
    _, first = prepared(config, tmp_path / "first")
    _, second = prepared(config, tmp_path / "second")
    assert "anew" in first[-1] and "anew" not in second[-1]


def test_what_a_frozen_backbone_sees_is_kept(data: Path, backbone: dict[str, Any], tmp_path: Path) -> None:
    config = shapes.tiny(data, encoder=backbone)
    store, said = prepared(config, tmp_path)
    assert "features of backbone" in said[-1]
    assert store.info["rows"]["shape"] == [16, 12]
    task = prepare(config, tmp_path, tmp_path / "training", said.append).task
    names = json.loads((tmp_path / "training" / look.NAMES).read_text(encoding="utf-8"))
    seen = task.source(next(iter(names)))
    assert isinstance(seen, Image) and seen.values.shape == (16, 12)


def test_rows_that_are_gone_are_told(data: Path, tmp_path: Path) -> None:
    config = shapes.tiny(data, picture={"cache": str(tmp_path / "cache")})
    prepared(config, tmp_path / "run")
    for file in (tmp_path / "cache").rglob("*.*"):
        file.unlink()
    with pytest.raises(DataError, match="no longer holds the pictures of this run"):
        prepared(config, tmp_path / "run")


@pytest.mark.parametrize("sees", ["pixels", "varied pixels", "features", "tuned"])
def test_a_run_that_was_stopped_ends_with_the_same_bits(
    data: Path, backbone: dict[str, Any], tmp_path: Path, sees: str
) -> None:
    changes: dict[str, Any] = {
        "pixels": {},
        "varied pixels": {"picture": {"flip": True, "crop": 0.3, "cache": str(data.parent / "cache")}},
        "features": {"encoder": backbone},
        "tuned": {"encoder": {**backbone, "tune": "encoder.stages.1"}},
    }[sees]
    whole = shapes.tiny(data, **changes, train={"schedule": "constant"})
    parts = shapes.tiny(data, **changes, train={"schedule": "constant", "steps": 4})
    train(whole, tmp_path / "whole")
    train(parts, tmp_path / "parts")
    train(whole, tmp_path / "parts", resume=True)
    assert weights(tmp_path / "whole") == weights(tmp_path / "parts")


def test_what_is_tuned_changes_and_what_is_frozen_does_not(
    data: Path, backbone: dict[str, Any], tmp_path: Path
) -> None:
    config = shapes.tiny(data, encoder={**backbone, "tune": "encoder.stages.1"})
    store, _ = prepared(config, tmp_path)
    work = Work.of(config, (0, 20), store, 1)
    work.model.encoder.begin()
    before = {name: weight.detach().clone() for name, weight in work.model.named_parameters()}
    work(0, 0)
    for name, weight in work.model.named_parameters():
        assert (weight.grad is not None) == weight.requires_grad, name
        assert torch.equal(before[name], weight.detach())
    assert isinstance(work.model.encoder, Backbone)
    trunk = {name: weight.requires_grad for name, weight in work.model.encoder.trunk.named_parameters()}
    assert any(trunk.values()) and not all(trunk.values())


def test_a_run_begins_with_what_its_backbone_has_learnt(data: Path, backbone: dict[str, Any], tmp_path: Path) -> None:
    train(shapes.tiny(data, encoder=backbone, train={"steps": 1, "validate": 1}), tmp_path)
    backend = load(tmp_path).backend
    assert isinstance(backend, PyTorch) and isinstance(backend.model.encoder, Backbone)
    theirs = transformers.AutoModel.from_pretrained(backbone["model"])
    mine = dict(backend.model.encoder.trunk.named_parameters())
    same = [name for name, weight in theirs.named_parameters() if name in mine and torch.equal(mine[name], weight)]
    assert same == [name for name, _ in theirs.named_parameters() if name in mine]
    assert same


def test_workers_see_what_one_sees(data: Path, tmp_path: Path) -> None:
    for workers in (1, 2):
        options = {"workers": workers, "threads": workers, "parts": 2, "steps": 4, "validate": 4}
        train(shapes.tiny(data, train=options), tmp_path / str(workers))
    assert weights(tmp_path / "1") == weights(tmp_path / "2")


def test_pictures_vary_by_chance_alone() -> None:
    pixels = np.arange(8 * 8 * 3, dtype=np.uint8).reshape(8, 8, 3)
    views = [varied(pixels, np.random.default_rng(seed), flip=True, crop=0.5) for seed in range(20)]
    again = [varied(pixels, np.random.default_rng(seed), flip=True, crop=0.5) for seed in range(20)]
    assert all(map(np.array_equal, views, again))
    assert len({view.tobytes() for view in views}) > 10
    assert all(view.shape == pixels.shape for view in views)
    assert np.array_equal(varied(pixels, np.random.default_rng(1), flip=False, crop=0.0), pixels)


def test_half_of_all_pictures_are_mirrored() -> None:
    pixels = np.arange(4 * 4 * 3, dtype=np.uint8).reshape(4, 4, 3)
    random = np.random.default_rng(1)
    views = [varied(pixels, random, flip=True, crop=0.0) for _ in range(400)]
    mirrored = sum(np.array_equal(view, pixels[:, ::-1]) for view in views)
    assert all(np.array_equal(v, pixels) or np.array_equal(v, pixels[:, ::-1]) for v in views)
    assert 150 < mirrored < 250


def test_a_task_and_an_encoder_that_do_not_fit_are_refused(data: Path) -> None:
    with pytest.raises(ConfigError, match=r"recurrent reads text, but the task caption gives it pictures. Those that"):
        shapes.tiny(data, encoder={"name": "recurrent"})
