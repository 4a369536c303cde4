"""Decoding as tutorials teach it, in eager PyTorch, of the same weights: what decoding is measured against.

Fairly means: a batch is encoded at once, keys are made once, beams are rows of
one batch, and the loop ends when every sentence has ended. Batches come as
the sentences do, nothing leaves a batch, and padding is decoded along.
"""

import torch
from torch import Tensor

from regard.model import EncoderDecoder
from regard.tensors import pad
from regard.types import BOS, EOS, PAD

Rows = list[list[int]]


@torch.inference_mode()
def greedy(model: EncoderDecoder, sources: Rows, longest: int = 60) -> Rows:
    """The likeliest token at each step."""
    state = model.decoder.start(model.encoder(pad(sources)))
    token = torch.full((len(sources), 1), BOS)
    ended, found = torch.zeros(len(sources), dtype=torch.bool), []
    for _ in range(longest):
        features, state, _ = model.decoder(token, state)
        log_probs = torch.log_softmax(model.output(features[:, 0]), -1)
        token = log_probs.argmax(-1, keepdim=True)
        found.append(token)
        ended |= token[:, 0] == EOS
        if ended.all():
            break
    return [_cut(row) for row in torch.cat(found, 1).tolist()]


@torch.inference_mode()
def beam(model: EncoderDecoder, sources: Rows, width: int = 5, longest: int = 60) -> Rows:
    """The best of `width` hypotheses by log probability / length."""
    rows = len(sources)
    state = model.decoder.start(model.encoder(pad(sources)))
    state = state.select(torch.arange(rows).repeat_interleave(width))
    scores = torch.full((rows, width), -torch.inf)
    scores[:, 0] = 0.0
    tokens, lengths = torch.full((rows * width, 1), BOS), torch.zeros(rows, width)
    ended = torch.zeros(rows, width, dtype=torch.bool)
    history: Tensor = torch.zeros(rows, width, 0, dtype=torch.long)
    for _ in range(longest):
        features, state, _ = model.decoder(tokens, state)
        log_probs = torch.log_softmax(model.output(features[:, 0]), -1).view(rows, width, -1)
        log_probs[..., [PAD, BOS]] = -torch.inf
        log_probs = log_probs.masked_fill(ended[..., None], -torch.inf)
        log_probs[..., EOS] = log_probs[..., EOS].masked_fill(ended, 0.0)  # what has ended goes on for nothing
        totals = (scores[..., None] + log_probs).flatten(1)
        scores, best = totals.topk(width, 1)
        parents, token = best // log_probs.shape[-1], best % log_probs.shape[-1]
        ended, lengths = ended.gather(1, parents), lengths.gather(1, parents)
        lengths = lengths + (~ended).float()
        history = torch.cat([history.gather(1, parents[..., None].expand_as(history)), token[..., None]], 2)
        ended |= token == EOS
        tokens = token.view(-1, 1)
        state = state.select((parents + torch.arange(rows)[:, None] * width).flatten())
        if ended.all():
            break
    chosen = (scores / lengths).argmax(1)
    return [_cut(row) for row in history[torch.arange(rows), chosen].tolist()]


def _cut(row: list[int]) -> list[int]:
    return row[: row.index(EOS)] if EOS in row else row
