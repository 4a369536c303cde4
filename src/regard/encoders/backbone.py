"""A network that others have trained to see, frozen or trained on: any of `transformers` that maps features."""

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from regard.build import Share, Size
from regard.encoders import Seeing, regions, whole
from regard.errors import ConfigError, unknown
from regard.kernels.dropout import Dropout
from regard.sections import Picture as Sight
from regard.tensors import Memory, Pixels


class Backbone(Seeing):
    """States = dropout(W N(map) + b): of the backbone's last map, or its patches, on the grid.

    Its statistics of batches (batch normalisation) stay as they were learnt, so
    that a picture's features do not depend on its neighbours. Where nothing of
    it is trained, features are made once for each picture, and kept.

    Options:
        model: a folder as `transformers` writes it, which needs no network, or a name that it knows
        architecture: what `model` says of itself, which is kept with the trained model; left empty, it is read there
        tune: the first of its layers that is trained on, such as "layer.12", with all behind it; left empty, none is
        size: of each state
        dropout: share of the states' entries that is dropped in training
    """

    scale: Tensor
    shift: Tensor

    def __init__(
        self,
        sight: Sight,
        *,
        model: str,
        architecture: str = "",
        tune: str = "",
        size: Size = 512,
        dropout: Share = 0.2,
    ) -> None:
        super().__init__(sight)
        self.model, self.memory_size = model, size
        known = json.loads(architecture or _architecture(model))
        transformers = _transformers()
        with _quiet(transformers):
            config = transformers.AutoConfig.for_model(**known["config"])
            self.trunk = _fixed(transformers.AutoModel.from_config(config))
        mean, spread = (torch.tensor(known[name]).view(3, 1, 1) for name in ("mean", "std"))
        self.register_buffer("scale", 1 / (255 * spread), persistent=False)
        self.register_buffer("shift", -mean / spread, persistent=False)
        self.frozen = not tune
        _freeze(self.trunk, tune)
        with torch.no_grad():
            self.feature_size = (
                self.eval().features(torch.zeros(1, sight.side, sight.side, 3, dtype=torch.uint8)).shape[2]
            )
        self.train()
        self.project = nn.Linear(self.feature_size, size)
        self.dropout = Dropout(dropout)

    @staticmethod
    def settled(options: dict[str, Any]) -> dict[str, Any]:
        """With the architecture, so that the trained model does not need the folder any more."""
        return {**options, "architecture": options["architecture"] or _architecture(str(options["model"]))}

    def begin(self) -> None:
        """Take the weights of `model`."""
        transformers = _transformers()
        with _quiet(transformers), _told(self.model):
            trained = _fixed(transformers.AutoModel.from_pretrained(self.model, **_where(self.model)))
        weights = dict(trained.named_parameters())
        with torch.no_grad():
            for name, mine in self.trunk.named_parameters():
                mine.copy_(weights[name])

    def train(self, mode: bool = True) -> "Backbone":
        """A frozen backbone never drops anything."""
        super().train(mode)
        if self.frozen:
            self.trunk.eval()
        return self

    def features(self, pixels: Pixels) -> Float[Tensor, "B S D"]:
        """As the backbone was taught to see: each colour scaled and shifted as in its own training.

        Its scale is taken off here (N, a layer norm without weights): W can give any other,
        and what is kept of frozen pictures is then ready for it.
        """
        seen = self.trunk(pixels.permute(0, 3, 1, 2).float() * self.scale + self.shift).last_hidden_state
        maps = regions(seen if seen.dim() == 4 else _patches(seen), self.grid)
        return F.layer_norm(maps, maps.shape[-1:])

    def memory(self, features: Float[Tensor, "B S D"]) -> Memory:
        """Features become states."""
        return whole(self.dropout(self.project(features)))


class Fixed(nn.Module):
    """Batch normalisation whose statistics have come to an end: y = scale x + shift (He et al., 2017, section 3.1)."""

    def __init__(self, norm: nn.BatchNorm2d) -> None:
        super().__init__()
        assert norm.running_mean is not None and norm.running_var is not None
        spread = (norm.running_var + norm.eps).rsqrt()
        scale = spread if norm.weight is None else norm.weight.detach() * spread
        shift = -norm.running_mean * scale + (0.0 if norm.bias is None else norm.bias.detach())
        self.scale, self.shift = nn.Parameter(scale), nn.Parameter(shift)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
        """The same for every picture."""
        return x * self.scale[:, None, None] + self.shift[:, None, None]


def _fixed(module: nn.Module) -> nn.Module:
    for name, child in module.named_children():
        if isinstance(child, nn.BatchNorm2d):
            setattr(module, name, Fixed(child))
        else:
            _fixed(child)
    return module


def _freeze(trunk: nn.Module, tune: str) -> None:
    """Let nothing before the layer `tune` be trained. ConfigError if there is no such layer."""
    layers = [name for name, _ in trunk.named_modules() if name]
    if tune and tune not in layers:
        raise ConfigError(unknown("[encoder] backbone: tune names no layer;", tune, layers))
    trained = False
    for name, weight in trunk.named_parameters():
        trained = trained or bool(tune and f"{name}.".startswith(f"{tune}."))
        weight.requires_grad_(trained)


def _patches(tokens: Float[Tensor, "B N D"]) -> Float[Tensor, "B D H W"]:
    """The patches of a vision transformer as a map, without the tokens that stand before them and see no place."""
    side = math.isqrt(tokens.shape[1])
    patches = tokens[:, tokens.shape[1] - side * side :]
    return patches.transpose(1, 2).reshape(tokens.shape[0], tokens.shape[2], side, side)


def _architecture(model: str) -> str:
    """What a folder or a name of `transformers` says of itself, as JSON: its configuration and its colours."""
    if not model:
        raise ConfigError(
            '[encoder] backbone needs model: a folder as `transformers` writes it, or a name such as "..."'
        )
    transformers = _transformers()
    with _quiet(transformers), _told(model):
        config = transformers.AutoConfig.from_pretrained(model, **_where(model)).to_diff_dict()
        colours: dict[str, Any] = {"image_mean": [0.0] * 3, "image_std": [1.0] * 3}
        try:
            found = transformers.image_processing_base.ImageProcessingMixin.get_image_processor_dict(model)[0]
        except OSError:  # it says nothing of colours
            found = {}
        if found.get("do_normalize", True):
            colours |= {name: found[name] for name in colours if found.get(name)}
    for name in ("transformers_version", "architectures", "id2label", "label2id", "dtype"):
        config.pop(name, None)
    return json.dumps({"config": config, "mean": colours["image_mean"], "std": colours["image_std"]})


def _where(model: str) -> dict[str, bool]:
    """A folder is all there is: nothing is looked for in the network."""
    return {"local_files_only": True} if Path(model).is_dir() else {}


@contextmanager
def _told(model: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, KeyError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ConfigError(
            f"[encoder] backbone: model {model!r} is neither a folder with a model of `transformers` "
            f"nor a name that it can find: {first}"
        ) from None


@contextmanager
def _quiet(transformers: Any) -> Iterator[None]:
    """No bars and no warnings of its own."""
    logging = transformers.utils.logging
    level = logging.get_verbosity()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)


def _transformers() -> Any:
    """The package, imported where it is needed: it takes a second."""
    import transformers

    return transformers
