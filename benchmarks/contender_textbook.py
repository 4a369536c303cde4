"""The textbook loop in the training benchmark, in the words of benchmarks/contender.py."""

import textbook
import torch
from contender import Contender
from torch import nn


def main() -> None:
    """Train when asked to."""
    contender, last = Contender(), {"loss": 0.0}
    model = textbook.Textbook()
    contender.say(ready=True, parameters=sum(p.numel() for p in model.parameters()))
    loss_of = nn.CrossEntropyLoss(ignore_index=textbook.PAD, label_smoothing=textbook.SMOOTHING)
    optimizer = torch.optim.Adam(model.parameters(), lr=textbook.RATE)
    for batch in contender.batches(loss=lambda: last["loss"]):
        last["loss"] = textbook.step(model, optimizer, loss_of, batch)


if __name__ == "__main__":
    main()
