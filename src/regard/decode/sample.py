"""Outputs that are drawn from a model's own distribution, many at a time: what a model learns from when it trains.

Search draws too, by all its rules and for any back end; it wants every step's tokens sorted, which for a whole
vocabulary takes most of its time.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from regard.model import EncoderDecoder
from regard.tensors import pad
from regard.types import BOS, EOS, PAD, Source

TOGETHER = 32  # rows of a step are a multiple of it, for each new shape costs set-up and memory that stays


@torch.inference_mode()
def sample(
    model: EncoderDecoder, sources: Sequence[Source], luck: NDArray[np.float64], limits: Sequence[int]
) -> list[list[int]]:
    """Draws for each source, its own one behind the other; the model must be in evaluation mode.

    luck: numbers in [0, 1), sources x draws x steps; each chooses a token, the first at which the sum of
    the probabilities is above it. At its limit an output ends.
    """
    device, draws = next(model.parameters()).device, luck.shape[1]
    state = model.start(pad(sources).to(device))
    rows = torch.arange(len(sources)).repeat_interleave(draws)  # of the state
    live = np.arange(len(rows))  # outputs that have not ended
    last = np.repeat(limits, draws) - 1
    chances = torch.from_numpy(luck.reshape(len(rows), -1))
    outputs: list[list[int]] = [[] for _ in live]
    tokens = torch.full((len(live),), BOS)
    for step in range(luck.shape[2]):
        spare = -len(live) % TOGETHER  # copies of the last row, which nobody reads
        inputs, rows = (torch.cat([x, x[-1:].expand(spare)]).to(device) for x in (tokens, rows))
        features, read, state = model.step(inputs[:, None], state.select(rows))
        p = model.output.predict(features[:, 0], read, state.copies)[0][: len(live)].double().exp()
        p[:, [PAD, BOS]] = 0.0  # never part of an output
        sums = p.cumsum(1)
        wanted = chances[live, step, None].to(device) * sums[:, -1:]
        chosen = torch.searchsorted(sums, wanted, right=True)[:, 0].cpu().numpy()
        chosen[last[live] == step] = EOS
        for output, token in zip(live, chosen.tolist(), strict=True):
            outputs[output].append(token)
        on = np.flatnonzero(chosen != EOS)
        if not len(on):
            break
        rows, live, tokens = torch.from_numpy(on), live[on], torch.from_numpy(chosen[on])
    return outputs
