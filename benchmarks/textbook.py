"""The attention encoder-decoder as tutorials teach it, written fairly: what training is measured against.

`nn.LSTM` encoder, `nn.LSTMCell` decoder with additive attention and input
feeding, Adam, fp32. Fairly means: keys are made once and not at every step,
all logits are one product behind the loop, and nothing is packed (which would
cost PyTorch its fast path).

    python benchmarks/textbook.py --minutes 60 --threads 2

trains for so long on Multi30k, translates test2016 greedily and prints BLEU.
With `--tokens` it trains until it has learnt from so many target tokens instead:
what those minutes would give on a quiet machine, on one that is not.
"""

import argparse
import itertools
import json
import time

import torch
from setting import (
    BOS,
    CLIP,
    DECODER,
    DROPOUT,
    EMBEDDING,
    ENCODER,
    EOS,
    PAD,
    RATE,
    SMOOTHING,
    VOCABULARY,
    Pair,
    batches,
    pairs,
    pieces,
)  # fmt: skip
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence


class Textbook(nn.Module):
    """Bahdanau's scores in Luong's decoder with input feeding."""

    def __init__(self) -> None:
        super().__init__()
        self.source = nn.Embedding(VOCABULARY, EMBEDDING, padding_idx=PAD)
        self.target = nn.Embedding(VOCABULARY, EMBEDDING, padding_idx=PAD)
        self.encoder = nn.LSTM(EMBEDDING, ENCODER, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(2 * ENCODER, 2 * DECODER)
        self.cell = nn.LSTMCell(EMBEDDING + DECODER, DECODER)
        self.query = nn.Linear(DECODER, DECODER, bias=False)
        self.key = nn.Linear(2 * ENCODER, DECODER, bias=False)
        self.energy = nn.Linear(DECODER, 1, bias=False)
        self.combine = nn.Linear(DECODER + 2 * ENCODER, DECODER)
        self.output = nn.Linear(DECODER, VOCABULARY)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, source: Tensor, inputs: Tensor) -> Tensor:
        """Logits under teacher forcing."""
        state = self.encode(source)
        embedded, features = self.dropout(self.target(inputs)), []
        for t in range(inputs.shape[1]):
            feature, state = self.step(embedded[:, t], state)
            features.append(feature)
        return self.output(self.dropout(torch.stack(features, 1)))

    def encode(self, source: Tensor) -> tuple[Tensor, ...]:
        """Memory, keys, mask, and the decoder's first state."""
        memory, (last, _) = self.encoder(self.dropout(self.source(source)))
        h, c = self.bridge(torch.cat([last[0], last[1]], 1)).tanh().chunk(2, 1)
        return memory, self.key(memory), source != PAD, h, c, torch.zeros_like(h)

    def step(self, embedded: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        """One token."""
        memory, keys, mask, h, c, fed = state
        h, c = self.cell(torch.cat([embedded, fed], 1), (h, c))
        scores = self.energy(torch.tanh(self.query(h)[:, None] + keys)).squeeze(-1)
        weights = scores.masked_fill(~mask, -torch.inf).softmax(-1)
        context = torch.bmm(weights[:, None], memory).squeeze(1)
        fed = torch.tanh(self.combine(torch.cat([h, context], 1)))
        return fed, (memory, keys, mask, h, c, fed)

    @torch.no_grad()
    def greedy(self, source: Tensor, longest: int = 80) -> list[list[int]]:
        """The likeliest token at each step."""
        state, token = self.encode(source), torch.full((len(source),), BOS)
        tokens = []
        for _ in range(longest):
            feature, state = self.step(self.target(token), state)
            token = self.output(feature).argmax(-1)
            tokens.append(token)
        rows = torch.stack(tokens, 1).tolist()
        return [row[: row.index(EOS)] if EOS in row else row for row in rows]


def padded(batch: list[Pair]) -> tuple[Tensor, Tensor, Tensor]:
    """Source, decoder inputs and targets of a batch."""
    source = pad_sequence([torch.tensor([*s, EOS]) for s, _ in batch], batch_first=True, padding_value=PAD)
    inputs = pad_sequence([torch.tensor([BOS, *t]) for _, t in batch], batch_first=True, padding_value=PAD)
    target = pad_sequence([torch.tensor([*t, EOS]) for _, t in batch], batch_first=True, padding_value=PAD)
    return source, inputs, target


def step(model: nn.Module, optimizer: torch.optim.Optimizer, loss_of: nn.Module, batch: list[Pair]) -> float:
    """Train on one batch; returns its loss."""
    source, inputs, target = padded(batch)
    optimizer.zero_grad()
    loss = loss_of(model(source, inputs).flatten(0, 1), target.flatten())
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP)
    optimizer.step()
    return loss.item()


def main() -> None:
    """Train for some minutes, validating each fifth of them, and score the best model."""
    import sacrebleu

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--tokens", type=int, default=0, help="target tokens to learn from, whatever the minutes")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--bucketed", action="store_true", help="batches of like length instead of random ones")
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(1)
    vocabulary, model = pieces(), Textbook()

    def bleu(part: str) -> float:
        model.eval()
        known, outputs = pairs(part), []
        for i in range(0, len(known), 64):
            outputs += model.greedy(padded(known[i : i + 64])[0])
        model.train()
        references = [vocabulary.decode([t for _, t in known])]
        return sacrebleu.corpus_bleu(vocabulary.decode(outputs), references).score

    best, spent, tokens, marks = (0.0, {}), 0.0, 0, 10
    loss_of = nn.CrossEntropyLoss(ignore_index=PAD, label_smoothing=SMOOTHING)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    training = itertools.cycle(batches(pairs(), bucketed=chosen.bucketed))
    for mark in range(1, marks + 1):
        end = mark / marks * (chosen.tokens or chosen.minutes * 60)
        while (tokens if chosen.tokens else spent) < end:
            batch, started = next(training), time.perf_counter()
            step(model, optimizer, loss_of, batch)
            spent += time.perf_counter() - started
            tokens += sum(len(target) + 1 for _, target in batch)
        score = bleu("valid")
        print(f"{spent / 60:5.1f} min  {tokens / spent:6.0f} target tokens/s  valid BLEU {score:.2f}", flush=True)
        if score > best[0]:
            best = score, {name: weight.clone() for name, weight in model.state_dict().items()}
    model.load_state_dict(best[1])
    print(
        json.dumps({"test2016": round(bleu("test2016"), 2), "minutes": round(spent / 60, 1), "target tokens": tokens})
    )


if __name__ == "__main__":
    main()
