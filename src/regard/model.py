"""The encoder-decoder: encode a source, then decode what it says."""

from functools import partial
from pathlib import Path

import safetensors.torch
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from regard.build import build, find
from regard.config import Config
from regard.decoders import Decoder
from regard.embedding import Embedding, Output
from regard.encoders import Encoder, Seeing
from regard.errors import ModelError
from regard.files import replacing
from regard.objectives import Objective, Prediction
from regard.sections import Picture
from regard.tensors import Batch, Tree
from regard.types import BOS, PAD

WEIGHTS = "model.safetensors"


class EncoderDecoder(nn.Module):
    """An encoder and a decoder that share nothing but a Memory and, if so chosen, the embedding."""

    def __init__(self, source_size: int, target_size: int, config: Config) -> None:
        super().__init__()
        options = config.embedding
        target = Embedding(target_size, options.size, options.dropout)
        self.encoder = _encoder(config, target, source_size)
        width = self.encoder.memory_size
        attention = partial(_attention, config, width)
        self.decoder: Decoder[Tree] = build("decoders", config.decoder, target, width, attention)
        self.output = Output(self.decoder.feature_size, target, tied=options.tied)

    def forward(self, batch: Batch, objective: Objective) -> tuple[Float[Tensor, ""], Int[Tensor, ""]]:
        """The summed loss of a batch, and how many target tokens it covers."""
        return objective(self.predict(batch), batch, self.output)

    def predict(self, batch: Batch) -> Prediction:
        """Teacher forcing: what the decoder makes of each place, given the true tokens before it."""
        inputs = F.pad(batch.target[:, :-1], (1, 0), value=BOS)
        memory = self.encoder(batch.source)
        if len(inputs) > len(batch.source):  # several targets of each source, which is read once
            rows = torch.arange(len(inputs), device=inputs.device) % len(batch.source)
            memory = memory.select(rows)
        features, _, read = self.decoder(inputs, self.decoder.start(memory))
        return Prediction(features, read, memory.mask)

    def score(self, batch: Batch) -> Float[Tensor, "B T"]:
        """The log probability of each target token, in nats; zero at padding."""
        return self.scores(self.predict(batch), batch)

    def scores(self, prediction: Prediction, batch: Batch) -> Float[Tensor, "B T"]:
        """The same of what was predicted already."""
        log_probs = self.output.log_probs(prediction.features)
        scores = log_probs.gather(-1, batch.target[..., None]).squeeze(-1)
        return scores.masked_fill(batch.target == PAD, 0.0)

    def save(self, folder: Path) -> None:
        """Write the weights, a shared table once: equal weights make equal files, byte for byte."""
        with replacing(folder / WEIGHTS) as temporary:
            safetensors.torch.save_file(self._weights(), str(temporary))

    def load(self, folder: Path) -> "EncoderDecoder":
        """Read the weights that `save` wrote."""
        path = folder / WEIGHTS
        try:
            saved = safetensors.torch.load_file(str(path))
        except FileNotFoundError:
            raise ModelError(f"{folder} holds no {WEIGHTS}: its training has not yet reached a validation.") from None
        except safetensors.SafetensorError as error:
            raise ModelError(f"{path} is damaged: {error}") from None
        mine = self._weights()
        for name in sorted(mine.keys() | saved.keys()):
            here, there = (list(t[name].shape) if name in t else "missing" for t in (saved, mine))
            if here != there:
                raise ModelError(f"{path} does not fit config.toml: {name} is {here} in it, {there} in the model.")
        for name, weight in mine.items():
            weight.copy_(saved[name])
        return self

    def _weights(self) -> dict[str, Tensor]:
        """Every weight once, under the first of its names."""
        return {name: weight.detach() for name, weight in self.named_parameters()}


def _encoder(config: Config, target: Embedding, source_size: int) -> Encoder:
    """What reads text is given the embedding of its tokens, what reads pictures how these are seen."""
    options = config.embedding
    known: Picture | Embedding = config.picture
    if not issubclass(find("encoders", config.encoder["name"]), Seeing):
        known = target if options.shared else Embedding(source_size, options.size, options.dropout)
    made: Encoder = build("encoders", config.encoder, known)
    return made


def _attention(config: Config, memory_size: int, query_size: int) -> nn.Module:
    normaliser = build("normalisers", config.normaliser)
    return build("attention", config.attention, query_size, memory_size, normaliser)  # type: ignore[no-any-return]
