"""The PyTorch back end: any model, any device."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from regard.decode.backend import NEVER, NEVER_COPIED, Ask, Choices
from regard.decode.force import Looked, hypotheses
from regard.decode.shortlist import Among
from regard.decode.sketch import luck_of, of_forced
from regard.model import EncoderDecoder
from regard.model import State as ModelState
from regard.tensors import Batch, Read, pad
from regard.types import Hypothesis, Source


@dataclass(frozen=True, slots=True)
class State:
    """The model's, with the source of each row and the tokens that these may choose among, if not all."""

    model: ModelState
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
        return State(self.model.start(pad(sources).to(self.device)), np.arange(len(sources)), among)

    @torch.inference_mode()
    def step(self, tokens: NDArray[Any], parents: NDArray[np.int64], state: State, ask: Ask) -> tuple[Choices, State]:
        """Select the rows, read one token in each, and choose among what may follow."""
        rows = torch.from_numpy(parents).to(self.device)
        features, read, model = self.model.step(
            torch.from_numpy(tokens)[:, None].to(self.device), state.model.select(rows)
        )
        after = State(model, state.owners[parents], state.among)
        log_probs, p_gen = self._log_probs(features[:, 0], read, after)
        wanted = log_probs.gather(1, torch.from_numpy(ask.wanted).to(self.device))
        log_probs[:, list(NEVER_COPIED if self.model.copies else NEVER)] = -torch.inf
        rows, words = torch.from_numpy(ask.banned).to(self.device).T
        log_probs[rows, words] = -torch.inf
        best = log_probs.topk(min(ask.k, log_probs.shape[1]))
        told = [each.cpu().numpy() for each in (best.indices, best.values, wanted, read.weights[:, 0])]
        boxes = None if read.boxes is None else read.boxes[:, 0].reshape(len(tokens), -1, 4)
        return Choices(told[0], told[1], told[2], told[3], _array(p_gen), _array(boxes)), after

    def _log_probs(self, features: Tensor, read: Read, state: State) -> tuple[Tensor, Tensor | None]:
        """Of every token, and p_gen; none of those that the row may not choose. The ids stay as they are."""
        if state.among is None:
            return self.model.output.predict(features, read, state.model.copies)
        words, own = (
            torch.from_numpy(given).to(self.device) for given in (state.among.words, state.among.own[state.owners])
        )
        some = self.model.output.log_probs_among(features, words, own)
        every = some.new_full((len(some), self.model.output.vocabulary), -torch.inf)
        return every.index_copy(1, words, some), None

    @torch.inference_mode()
    def force(self, sources: Sequence[Source], targets: Sequence[Source]) -> list[Hypothesis]:
        """Teacher forcing on given targets; padding is cut off again."""
        luck = self.model.decoder.luck
        own = None if luck is None else torch.from_numpy(luck_of(targets, *luck))
        batch = Batch(pad(sources), pad(targets), luck=own).to(self.device)
        prediction = self.model.predict(batch)
        scores, p_gen = self.model.scores(prediction, batch)
        read = prediction.read
        boxes = None if read.boxes is None else read.boxes.reshape(*read.weights.shape[:2], -1, 4)
        if luck is not None and boxes is not None:
            return of_forced(sources, scores.cpu().numpy(), read.weights.cpu().numpy(), boxes.cpu().numpy())
        looked = Looked(read.weights.cpu().numpy(), _array(p_gen), _array(boxes))
        return hypotheses(sources, targets, scores.cpu().numpy(), looked)


def _array(tensor: Tensor | None) -> NDArray[np.float32] | None:
    return None if tensor is None else tensor.cpu().numpy()
