"""What every encoder of pictures promises, over every file of the folder."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_model, save_model

from regard.build import build, find, names
from regard.encoders import Seeing, regions
from regard.encoders.backbone import Backbone
from regard.errors import ConfigError
from regard.sections import Picture as Sight

transformers = pytest.importorskip("transformers")

SIGHT = Sight(side=32, grid=3)
SEERS = [name for name in names("encoders") if find("encoders", name).reads == "pictures"]


@pytest.fixture(scope="module")
def resnet(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A backbone of convolutions whose statistics of batches are not the usual ones."""
    torch.manual_seed(2)
    shape = {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1], "layer_type": "basic"}
    model = transformers.ResNetModel(transformers.ResNetConfig(**shape))
    for part in model.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            assert part.running_mean is not None and part.running_var is not None
            torch.nn.init.uniform_(part.running_mean, -1, 1)
            torch.nn.init.uniform_(part.running_var, 0.5, 2)
            torch.nn.init.uniform_(part.weight, 0.5, 2)
    return saved(
        model, tmp_path_factory.mktemp("resnet"), {"image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.3, 0.4]}
    )


@pytest.fixture(scope="module")
def vit(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A backbone of patches."""
    torch.manual_seed(3)
    shape = {"hidden_size": 12, "num_hidden_layers": 1, "num_attention_heads": 3, "intermediate_size": 13}
    config = transformers.ViTConfig(**shape, image_size=32, patch_size=8)
    return saved(transformers.ViTModel(config), tmp_path_factory.mktemp("vit"), {})


def saved(model: Any, folder: Path, colours: dict[str, Any]) -> str:
    model.save_pretrained(folder)
    facts = {"do_normalize": bool(colours), **colours}
    (folder / "preprocessor_config.json").write_text(json.dumps(facts), encoding="utf-8")
    return str(folder)


@pytest.fixture(params=SEERS)
def section(request: pytest.FixtureRequest, resnet: str) -> dict[str, Any]:
    return {
        "name": request.param,
        "size": 10,
        "dropout": 0.1,
        **({"model": resnet} if request.param == "backbone" else {}),
    }


def made(section: dict[str, Any], sight: Sight = SIGHT) -> Seeing:
    part: Seeing = build("encoders", section, sight)
    part.begin()
    return part.eval()


def normed(features: torch.Tensor) -> torch.Tensor:
    return (features - features.mean(-1, keepdim=True)) / (features.var(-1, keepdim=True, correction=0) + 1e-5).sqrt()


def pixels(count: int = 3, side: int = 32) -> torch.Tensor:
    return torch.randint(0, 256, (count, side, side, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(5))


def test_sizes_are_as_promised(section: dict[str, Any]) -> None:
    encoder = made(section)
    memory = encoder(pixels())
    assert memory.states.shape == (3, 9, encoder.memory_size)
    assert memory.mask.all() and memory.mask.shape == (3, 9)
    torch.testing.assert_close(memory.summary, memory.states.mean(1))
    assert encoder.features(pixels()).shape == (3, 9, encoder.feature_size)


def test_features_may_be_given_in_place_of_pixels(section: dict[str, Any]) -> None:
    encoder = made(section)
    torch.testing.assert_close(encoder(encoder.features(pixels())).states, encoder(pixels()).states)


def test_a_batch_is_its_pictures_alone(section: dict[str, Any]) -> None:
    encoder = made(section)
    together = encoder(pixels()).states
    for row, picture in enumerate(pixels()):
        torch.testing.assert_close(encoder(picture[None]).states[0], together[row])


def test_dropout_acts_in_training_only(section: dict[str, Any]) -> None:
    encoder = made(section)
    calm = encoder(pixels()).states
    assert torch.equal(calm, encoder(pixels()).states)
    assert not torch.equal(calm, encoder.train()(pixels()).states)


def test_gradients_reach_every_weight_that_is_trained(section: dict[str, Any]) -> None:
    encoder = made(section).train()
    for part in encoder.modules():  # the last layer of a block begins with zeros
        if isinstance(part, torch.nn.GroupNorm):
            torch.nn.init.ones_(part.weight)
    encoder(pixels()).states.square().sum().backward()
    trained = {name: p for name, p in encoder.named_parameters() if p.requires_grad}
    assert [name for name, p in trained.items() if p.grad is None or not p.grad.any()] == []


def test_saved_and_loaded_it_is_the_same(section: dict[str, Any], tmp_path: Path) -> None:
    encoder, other = made(section), made(section)
    for weight in encoder.parameters():
        torch.nn.init.normal_(weight)
    save_model(encoder, str(tmp_path / "weights.safetensors"))
    load_model(other, str(tmp_path / "weights.safetensors"))
    assert torch.equal(other(pixels()).states, encoder(pixels()).states)


def test_what_is_seen_stays_in_its_place() -> None:
    encoder = made({"name": "picture", "size": 8, "depth": 0}, Sight(side=32, grid=4))
    dark = torch.zeros(1, 32, 32, 3, dtype=torch.uint8)
    lit = dark.clone()
    lit[:, 2:6, 26:30] = 255
    changed = (encoder.features(lit) - encoder.features(dark)).abs().sum(-1)[0].view(4, 4)
    assert divmod(int(changed.argmax()), 4) == (0, 3)


def test_regions_are_means_row_by_row() -> None:
    maps = torch.arange(16.0).view(1, 1, 4, 4)
    assert regions(maps, 2)[0, :, 0].tolist() == [2.5, 4.5, 10.5, 12.5]
    assert regions(maps, 4)[0, :, 0].tolist() == list(range(16))


def test_a_backbone_sees_what_its_makers_see(resnet: str) -> None:
    ours = made({"name": "backbone", "model": resnet}, Sight(side=32, grid=4))
    theirs = transformers.AutoModel.from_pretrained(resnet).eval()
    colours = (pixels().permute(0, 3, 1, 2) / 255 - torch.tensor([0.5, 0.4, 0.3]).view(3, 1, 1)) / torch.tensor(
        [0.2, 0.3, 0.4]
    ).view(3, 1, 1)
    maps = theirs(colours).last_hidden_state
    assert maps.shape[-1] == 4
    torch.testing.assert_close(ours.features(pixels()), normed(maps.flatten(2).transpose(1, 2)), atol=1e-4, rtol=1e-4)


def test_a_backbone_of_patches_leaves_out_what_is_no_place(vit: str) -> None:
    ours = made({"name": "backbone", "model": vit}, Sight(side=32, grid=4))
    theirs = transformers.AutoModel.from_pretrained(vit).eval()
    tokens = theirs(pixels().permute(0, 3, 1, 2) / 255).last_hidden_state
    torch.testing.assert_close(ours.features(pixels()), normed(tokens[:, 1:]), atol=1e-5, rtol=1e-5)


def test_a_frozen_backbone_is_not_trained_and_never_drops(resnet: str) -> None:
    encoder = made({"name": "backbone", "model": resnet, "dropout": 0.0}).train()
    assert isinstance(encoder, Backbone)
    assert encoder.frozen and not any(p.requires_grad for p in encoder.trunk.parameters())
    assert not encoder.trunk.training


def test_a_backbone_is_trained_from_a_layer_on(resnet: str) -> None:
    encoder = made({"name": "backbone", "model": resnet, "tune": "encoder.stages.1"})
    assert isinstance(encoder, Backbone)
    trained = {name: p.requires_grad for name, p in encoder.trunk.named_parameters()}
    assert not encoder.frozen
    assert {name for name, yes in trained.items() if yes} == {n for n in trained if n.startswith("encoder.stages.1.")}


def test_a_layer_that_is_not_there_is_refused(resnet: str) -> None:
    with pytest.raises(ConfigError, match=r"tune names no layer; 'encoder.stagse.1'. Did you mean 'encoder.stages.1'"):
        made({"name": "backbone", "model": resnet, "tune": "encoder.stagse.1"})


def test_what_is_no_backbone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"backbone needs model"):
        made({"name": "backbone", "model": ""})
    with pytest.raises(ConfigError, match=r"is neither a folder with a model of `transformers` nor a name"):
        made({"name": "backbone", "model": str(tmp_path)})


def test_a_trained_model_does_not_need_the_folder_any_more(resnet: str) -> None:
    options = find("encoders", "backbone").settled({"model": resnet, "architecture": ""})
    again: Seeing = build("encoders", {"name": "backbone", **options, "model": "gone"}, SIGHT)
    first = made({"name": "backbone", "model": resnet})
    again.load_state_dict(first.state_dict())
    assert np.array_equal(again.eval()(pixels()).states.detach(), first(pixels()).states.detach())
