"""Attention in one file: learn to turn words around, and print where the model looked.

    python examples/minimal.py

It imports only PyTorch, and is what `regard` does with everything left out
that is not needed to understand it: an encoder that hands over all of its
states, a decoder that scores each of them before every step (Bahdanau, Cho and
Bengio, 2015), teacher forcing, greedy search, a heat map. About 20 seconds.
"""

import random

import torch
from torch import Tensor, nn

LETTERS = "abcdefghijklmnopqrstuvwxyz"
PAD, START, END = 0, 1, 2  # the letters follow
SHADES = " ·░▒▓█"


def encode(word: str) -> list[int]:
    """A word as numbers, with an end sign."""
    return [LETTERS.index(letter) + 3 for letter in word] + [END]


def pad(rows: list[list[int]]) -> Tensor:
    """Rows of unequal length as one tensor (batch, length)."""
    longest = max(map(len, rows))
    return torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])


class Encoder(nn.Module):
    """Reads the word in both directions; its memory is a state for every letter."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(len(LETTERS) + 3, size, padding_idx=PAD)
        self.rnn = nn.GRU(size, size, batch_first=True, bidirectional=True)

    def forward(self, source: Tensor) -> Tensor:
        """All states, (batch, length, 2 * size)."""
        lengths = (source != PAD).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.embed(source), lengths, batch_first=True, enforce_sorted=False)
        states, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        return states


class Attention(nn.Module):
    """Scores every state against the decoder's: v . tanh(W query + U state)."""

    def __init__(self, query_size: int, memory_size: int, size: int) -> None:
        super().__init__()
        self.query = nn.Linear(query_size, size, bias=False)
        self.memory = nn.Linear(memory_size, size, bias=False)
        self.energy = nn.Linear(size, 1, bias=False)

    def forward(self, query: Tensor, memory: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """One context for each query, and the weights that made it."""
        scores = self.energy((self.query(query)[:, None] + self.memory(memory)).tanh()).squeeze(-1)
        weights = scores.masked_fill(~mask, -torch.inf).softmax(-1)  # padding gets nothing
        context = (weights[:, None] @ memory).squeeze(1)  # the weighted sum of what was read
        return context, weights


class Decoder(nn.Module):
    """Before each letter it looks; then it steps: hidden = GRU([previous letter; context], hidden)."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(len(LETTERS) + 3, size, padding_idx=PAD)
        self.attention = Attention(size, 2 * size, size)
        self.rnn = nn.GRUCell(3 * size, size)
        self.output = nn.Linear(3 * size, len(LETTERS) + 3)

    def step(self, token: Tensor, hidden: Tensor, memory: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Look, then read one letter: logits of the next, the new hidden state, where it looked."""
        context, weights = self.attention(hidden, memory, mask)
        hidden = self.rnn(torch.cat([self.embed(token), context], 1), hidden)
        return self.output(torch.cat([hidden, context], 1)), hidden, weights


class Model(nn.Module):
    """An encoder and a decoder that share nothing but the memory."""

    def __init__(self, size: int = 64) -> None:
        super().__init__()
        self.encoder, self.decoder, self.size = Encoder(size), Decoder(size), size

    def loss(self, source: Tensor, target: Tensor) -> Tensor:
        """Teacher forcing: at every step the true letter before is given, and the true one is wanted."""
        memory, mask = self.encoder(source), source != PAD
        hidden, token = memory.new_zeros(len(source), self.size), torch.full_like(source[:, 0], START)
        logits = []
        for wanted in target.unbind(1):
            step, hidden, _ = self.decoder.step(token, hidden, memory, mask)
            logits.append(step)
            token = wanted
        return nn.functional.cross_entropy(torch.stack(logits, 1).flatten(0, 1), target.flatten(), ignore_index=PAD)

    @torch.no_grad()
    def write(self, word: str) -> tuple[str, list[list[float]]]:
        """Greedy search: always the likeliest letter; returns the output and where each letter was looked for."""
        source = pad([encode(word)])
        memory, mask = self.encoder(source), source != PAD
        hidden, token, output, looked = memory.new_zeros(1, self.size), torch.tensor([START]), "", []
        while len(looked) < 2 * len(word) + 2:
            logits, hidden, weights = self.decoder.step(token, hidden, memory, mask)
            looked.append(weights[0].tolist())
            token = logits.argmax(-1)
            if token.item() == END:
                break
            output += LETTERS[max(0, int(token) - 3)]
        return output, looked


def main() -> None:
    """Train on random words; then turn one around that means something."""
    random.seed(1)
    torch.manual_seed(1)
    model = Model()
    optimizer = torch.optim.Adam(model.parameters(), 5e-3)
    for step in range(1, 401):
        words = ["".join(random.choices(LETTERS, k=random.randint(1, 9))) for _ in range(64)]
        loss = model.loss(pad([encode(w) for w in words]), pad([encode(w[::-1]) for w in words]))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 100 == 0:
            print(f"step {step}  loss {loss.item():.3f}")
    output, looked = model.write("attention")
    print(f"\nattention -> {output}\n\n    " + " ".join([*"attention", "."]))
    for letter, weights in zip([*output, "."], looked, strict=False):
        print(f"  {letter} " + " ".join(SHADES[round(weight * (len(SHADES) - 1))] for weight in weights))


if __name__ == "__main__":
    main()
