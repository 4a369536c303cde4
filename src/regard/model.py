"""The encoder-decoder: encode a source, then decode what it says."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import safetensors.torch
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from regard.attention import Attention
from regard.build import build, find
from regard.config import Config
from regard.decoders import Decoder, Drawing
from regard.embedding import Embedding
from regard.encoders import Encoder, Seeing
from regard.errors import ModelError
from regard.files import replacing
from regard.hops import Hops
from regard.objectives import Objective
from regard.outputs import Output
from regard.sections import Picture
from regard.tensors import Batch, Copies, Memory, Prediction, Read, Sources, Tree

WEIGHTS = "model.safetensors"


@dataclass(frozen=True, slots=True)
class State(Tree):
    """Where a decoder stands, and what its outputs may copy, if anything."""

    decoder: Tree
    copies: Copies | None


class EncoderDecoder(nn.Module):
    """An encoder and a decoder that share nothing but a Memory and, if so chosen, the embedding."""

    def __init__(self, source_size: int, target_size: int, config: Config) -> None:
        super().__init__()
        options = config.embedding
        target = Embedding(target_size, options.size, options.dropout)
        self.encoder = _encoder(config, target, source_size)
        width = self.encoder.memory_size
        attention = partial(_attention, config, width)
        drawing = issubclass(find("decoders", config.decoder["name"]), Drawing)
        seen = config.picture if drawing else target  # what draws is told of pictures, what writes of tokens
        self.decoder: Decoder[Tree] = build("decoders", config.decoder, seen, width, attention)
        kind = find("attention", config.attention["name"])
        known = self.decoder.feature_size, width, target, options.tied, kind
        self.output: Output = build("outputs", config.output, *known)

    @property
    def copies(self) -> bool:
        """Whether outputs may have words of their source that the vocabulary lacks."""
        return self.output.copies

    def forward(self, batch: Batch, objective: Objective) -> tuple[Float[Tensor, ""], Int[Tensor, ""]]:
        """The summed loss of a batch, and how many target tokens it covers."""
        return objective(self.predict(batch), batch, self.output)

    def predict(self, batch: Batch) -> Prediction:
        """Teacher forcing: what the decoder makes of each place, given the true tokens before it."""
        inputs = self.decoder.inputs(batch)
        memory, copies = self.encode(batch.source)
        if len(inputs) > len(batch.source):  # several targets of each source, which is read once
            rows = torch.arange(len(inputs), device=inputs.device) % len(batch.source)
            memory, copies = memory.select(rows), copies and copies.select(rows)
        features, _, read = self.decoder(self.output.read_as(inputs), self.decoder.taught(memory, batch))
        return Prediction(features, read, memory.mask, copies)

    def encode(self, source: Sources) -> tuple[Memory, Copies | None]:
        """What is read of a source, and what may be copied from it. UsageError if it does not say what that is."""
        ids = None
        if self.copies and source.dim() == 3:
            source, ids = source.unbind(-1)
        memory = self.encoder(source)
        return memory, self.output.start(memory, ids)

    def start(self, source: Sources) -> State:
        """The state before the first token."""
        memory, copies = self.encode(source)
        return State(self.decoder.start(memory), copies)

    def step(
        self, tokens: Int[Tensor, "R T"] | Float[Tensor, "R T Z"], state: State
    ) -> tuple[Float[Tensor, "R T F"], Read, State]:
        """Read tokens after a state: the features of what follows each, where it looked, and the new state."""
        features, decoder, read = self.decoder(self.output.read_as(tokens), state.decoder)
        return features, read, State(decoder, state.copies)

    def score(self, batch: Batch) -> Float[Tensor, "B T"]:
        """The log probability of each target token, in nats, zero at padding; of a picture what each step costs."""
        return self.scores(self.predict(batch), batch)[0]

    def scores(self, prediction: Prediction, batch: Batch) -> tuple[Float[Tensor, "B T"], Float[Tensor, "B T"] | None]:
        """The same of what was predicted already, and p_gen if the model copies."""
        return self.output.scores(prediction, batch.target)

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


def _attention(config: Config, memory_size: int, query_size: int) -> Attention:
    """One read of the memory for each query, or several after each other."""
    reads: list[Attention] = []
    for _ in range(config.reading.hops):
        normaliser = build("normalisers", config.normaliser)
        reads.append(build("attention", config.attention, query_size, memory_size, normaliser))
    return Hops(query_size, memory_size, reads) if len(reads) > 1 else reads[0]
