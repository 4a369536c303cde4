"""The PyTorch back end: any model, any device."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from regard.decode.backend import Ask, Choices
from regard.model import EncoderDecoder
from regard.tensors import Batch, Tree, pad, stacked
from regard.types import BOS, PAD, Hypothesis, Source


class PyTorch:
    """Steps an EncoderDecoder; it must be in evaluation mode. PyTorch shares a step among its own threads.

    Where these are few, `workers` searches at once take less time; what they find is the same.
    """

    def __init__(self, model: EncoderDecoder, workers: int = 1) -> None:
        self.model, self.workers = model, workers
        self.device = next(model.parameters()).device

    @torch.inference_mode()
    def start(self, sources: Sequence[Source]) -> Tree:
        """Encode the sources."""
        return self.model.decoder.start(self.model.encoder(stacked(sources).to(self.device)))

    @torch.inference_mode()
    def step(
        self, tokens: NDArray[np.int64], parents: NDArray[np.int64], state: Tree, ask: Ask
    ) -> tuple[Choices, Tree]:
        """Select the rows, read one token in each, and choose among what may follow."""
        rows = torch.from_numpy(parents).to(self.device)
        features, state, read = self.model.decoder(
            torch.from_numpy(tokens)[:, None].to(self.device), state.select(rows)
        )
        log_probs = self.model.output.log_probs(features[:, 0])
        wanted = log_probs.gather(1, torch.from_numpy(ask.wanted).to(self.device))
        log_probs[:, [PAD, BOS]] = -torch.inf  # never part of an output
        rows, words = torch.from_numpy(ask.banned).to(self.device).T
        log_probs[rows, words] = -torch.inf
        best = log_probs.topk(min(ask.k, log_probs.shape[1]))
        return Choices(*(t.cpu().numpy() for t in (best.indices, best.values, wanted, read.weights[:, 0]))), state

    @torch.inference_mode()
    def force(self, sources: Sequence[Source], targets: Sequence[Sequence[int]]) -> list[Hypothesis]:
        """Teacher forcing on given targets; padding is cut off again."""
        batch = Batch(stacked(sources), pad(targets)).to(self.device)
        prediction = self.model.predict(batch)
        scores = self.model.scores(prediction, batch).cpu().numpy()
        weights = prediction.read.weights.cpu().numpy()
        return [
            Hypothesis(np.array(target, np.int64), row[: len(target)], looked[: len(target), : len(source)])
            for source, target, row, looked in zip(sources, targets, scores, weights, strict=True)
        ]
