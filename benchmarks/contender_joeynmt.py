"""JoeyNMT 2.3 in the training benchmark: its model, its loss, its optimiser and its training loop.

Run by `runs/benchmark/joeynmt/bin/python`, in the words of benchmarks/contender.py.
`TrainManager.train_and_validate` is what `joeynmt train` calls. It gets our
batches in place of those it would draw, and writes no checkpoint.
"""

import tempfile
from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace

from contender import Batch, Contender
from joeynmt.config import parse_global_args
from joeynmt.datasets import BaseDataset
from joeynmt.model import build_model
from joeynmt.training import TrainManager
from joeynmt.vocabulary import Vocabulary
from setting import CLIP, DECODER, DROPOUT, EMBEDDING, ENCODER, RATE, SENTENCES, SMOOTHING, VOCABULARY
from torch.utils.data import DataLoader

NEVER = 10**9
EMBEDDINGS = {"embedding_dim": EMBEDDING, "dropout": DROPOUT}
LSTM = {"type": "recurrent", "rnn_type": "lstm", "embeddings": EMBEDDINGS, "dropout": DROPOUT, "num_layers": 1}
ATTENTION = {"attention": "bahdanau", "input_feeding": True, "hidden_dropout": DROPOUT, "init_hidden": "bridge"}
CONFIG = {
    "name": "benchmark",
    "use_cuda": False,
    "data": {},
    "testing": {},
    "model": {
        "encoder": LSTM | {"hidden_size": ENCODER, "bidirectional": True},
        "decoder": LSTM | {"hidden_size": DECODER} | ATTENTION,
    },
    "training": {
        "optimizer": "adam",
        "learning_rate": RATE,
        "scheduling": "exponential",  # none is refused, `plateau` crashes; by epoch, with this factor: none
        "decrease_factor": 1.0,
        "label_smoothing": SMOOTHING,
        "normalization": "tokens",
        "clip_grad_norm": CLIP,
        "batch_size": SENTENCES,
        "epochs": 1,
        "logging_freq": NEVER,
        "validation_freq": NEVER,
    },
}


class Told(BaseDataset):
    """Data that come as batches of ids; JoeyNMT's own code pads them."""

    def __init__(self, batches: Iterator[Batch], vocabulary: Vocabulary) -> None:
        encoders = {"en": vocabulary.sentences_to_ids, "fr": vocabulary.sentences_to_ids}
        prompts = {"en": False, "fr": False}
        super().__init__("", "en", "fr", has_trg=True, has_prompt=prompts, sequence_encoder=encoders)
        self.batches = batches

    def __getitem__(self, pair):
        return 0, *([str(i) for i in ids] for ids in pair)

    def __iter__(self):
        return self.batches

    def set_seed(self, seed: int) -> None:
        """Nothing is drawn."""

    def make_iter(self, pad_index, eos_index, device, **_):
        collate = partial(self.collate_fn, pad_index=pad_index, eos_index=eos_index, device=device)
        return DataLoader(self, batch_sampler=self, collate_fn=collate)


class Manager(TrainManager):
    """JoeyNMT's trainer, which remembers the last loss and keeps no model."""

    def _train_step(self, batch):
        self.last = super()._train_step(batch)
        return self.last

    def _save_checkpoint(self, *_):
        pass


def main() -> None:
    contender = Contender()
    with tempfile.TemporaryDirectory() as folder:
        args = parse_global_args(CONFIG | {"model_dir": folder})
        vocabulary = Vocabulary([str(i) for i in range(4, VOCABULARY)], args.data["special_symbols"])
        model = build_model(args.model, vocabulary, vocabulary)
        model.loss_function = (args.train.loss, args.train.label_smoothing)
        manager = Manager(0, model, args.model_dir, args.device, autocast=args.autocast, train_args=args.train)
        contender.say(ready=True, parameters=sum(p.numel() for p in model.parameters()))
        batches = contender.batches(loss=lambda: manager.last[0])
        manager.train_and_validate(Told(batches, vocabulary), SimpleNamespace())


if __name__ == "__main__":
    main()
