"""The PyTorch back end: any model, any device."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from regard.decode.backend import Ask, Choices
from regard.decode.shortlist import Among
from regard.model import EncoderDecoder
from regard.tensors import Batch, Tree, pad
from regard.types import BOS, PAD, Hypothesis, Source


@dataclass(frozen=True, slots=True)
class State:
    """The decoder's, with the source of each row and the tokens that these may choose among, if not all."""

    decoder: Tree
    owners: NDArray[np.int64]
    among: Among | None


class PyTorch:
    """Steps an EncoderDecoder; it must be in evaluation mode. PyTorch shares a step among its own threads.

    Where these are few, `workers` searches at once take less time; what they find is the same.
    """

    def __init__(self, model: EncoderDecoder, workers: int = 1) -> None:
        self.model, self.workers = model, workers
        self.device = next(model.parameters()).device

    @torch.inference_mode()
    def start(self, sources: Sequence[Source], among: Among | None = None) -> State:
        """Encode the sources."""
        first = self.model.decoder.start(self.model.encoder(pad(sources).to(self.device)))
        return State(first, np.arange(len(sources)), among)

    @torch.inference_mode()
    def step(
        self, tokens: NDArray[np.int64], parents: NDArray[np.int64], state: State, ask: Ask
    ) -> tuple[Choices, State]:
        """Select the rows, read one token in each, and choose among what may follow."""
        rows = torch.from_numpy(parents).to(self.device)
        features, decoder, read = self.model.decoder(
            torch.from_numpy(tokens)[:, None].to(self.device), state.decoder.select(rows)
        )
        after = State(decoder, state.owners[parents], state.among)
        log_probs = self._log_probs(features[:, 0], after)
        wanted = log_probs.gather(1, torch.from_numpy(ask.wanted).to(self.device))
        log_probs[:, [PAD, BOS]] = -torch.inf  # never part of an output
        rows, words = torch.from_numpy(ask.banned).to(self.device).T
        log_probs[rows, words] = -torch.inf
        best = log_probs.topk(min(ask.k, log_probs.shape[1]))
        return Choices(*(t.cpu().numpy() for t in (best.indices, best.values, wanted, read.weights[:, 0]))), after

    def _log_probs(self, features: Tensor, state: State) -> Tensor:
        """Of every token; none of those that the row may not choose. The ids stay as they are, so no more changes."""
        if state.among is None:
            return self.model.output.log_probs(features)
        words, own = (
            torch.from_numpy(given).to(self.device) for given in (state.among.words, state.among.own[state.owners])
        )
        some = self.model.output.log_probs_among(features, words, own)
        every = some.new_full((len(some), self.model.output.logits.out_features), -torch.inf)
        return every.index_copy(1, words, some)

    @torch.inference_mode()
    def force(self, sources: Sequence[Source], targets: Sequence[Sequence[int]]) -> list[Hypothesis]:
        """Teacher forcing on given targets; padding is cut off again."""
        batch = Batch(pad(sources), pad(targets)).to(self.device)
        prediction = self.model.predict(batch)
        scores = self.model.scores(prediction, batch).cpu().numpy()
        weights = prediction.read.weights.cpu().numpy()
        return [
            Hypothesis(np.array(target, np.int64), row[: len(target)], looked[: len(target), : len(source)])
            for source, target, row, looked in zip(sources, targets, scores, weights, strict=True)
        ]
