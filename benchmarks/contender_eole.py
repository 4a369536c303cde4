"""Eole 0.6.4 in the training benchmark: its model, its loss, its optimiser and its training loop.

Run by `runs/benchmark/eole/bin/python`, in the words of benchmarks/contender.py.
`Trainer.train` is what `eole train` calls. It gets our batches in place of
those it would draw, and writes no checkpoint. Its attention is the additive one
of all contenders, `mlp`, for which Eole projects the keys anew at each step;
`--attention general` is Eole's default, a product, and faster.
"""

from collections.abc import Iterator

import pyonmttok
import torch
from contender import Batch, Contender
from eole.config.run import TrainConfig
from eole.constants import CorpusTask
from eole.inputters.text_utils import Numericalizer, tensorify
from eole.models.model import get_model_class
from eole.train_single import configure_process
from eole.trainer import build_trainer
from eole.utils.optimizers import Optimizer
from setting import CLIP, DECODER, DROPOUT, EMBEDDING, ENCODER, RATE, SENTENCES, SMOOTHING, VOCABULARY

CPU, NEVER = -1, 10**9
LSTM = {"rnn_type": "LSTM", "layers": 1}
CONFIG = {
    "src_vocab": "",  # made below
    "tgt_vocab": "",
    "share_vocab": True,
    "data": {},
    "seed": 1,
    "report_every": NEVER,
    "model": {
        "architecture": "custom",
        "input_feed": 1,
        "embeddings": {"src_word_vec_size": EMBEDDING, "tgt_word_vec_size": EMBEDDING},
        "encoder": LSTM | {"encoder_type": "brnn", "hidden_size": 2 * ENCODER},
        "decoder": LSTM | {"decoder_type": "rnn", "hidden_size": DECODER},
    },
    "training": {
        "optim": "adam",
        "learning_rate": RATE,
        "label_smoothing": SMOOTHING,
        "dropout": [DROPOUT],
        "normalization": "tokens",
        "max_grad_norm": CLIP,
        "batch_size": SENTENCES,
        "compute_dtype": "fp32",
        "world_size": 0,
        "gpu_ranks": [],
    },
}


def vocabularies() -> dict:
    """Ids as words; Eole's own signs take the place of ours."""
    signs = {"unk_token": "<unk>", "pad_token": "<blank>", "bos_token": "<s>", "eos_token": "</s>"}
    words = [str(i) for i in range(4, VOCABULARY)]
    known = pyonmttok.build_vocab_from_tokens(words, special_tokens=list(signs.values()))
    known.default_id = known[signs["unk_token"]]
    return {"specials": signs, "src": known, "tgt": known, "decoder_start_token": signs["bos_token"]}


def tensors(batches: Iterator[Batch], vocabs: dict) -> Iterator[tuple[dict, int]]:
    """Eole's own code looks words up and pads."""
    look_up = Numericalizer(vocabs, task=CorpusTask.TRAIN)
    for batch in batches:
        words = ([[str(i) for i in ids] for ids in pair] for pair in batch)
        examples = [{"src": {"src": source}, "tgt": {"tgt": target}} for source, target in words]
        known = [look_up(example | {"cid": "train", "cid_line_number": 0, "sco": 1}) for example in examples]
        yield tensorify(vocabs, [(example, i) for i, example in enumerate(known)], torch.device("cpu")), 0


def main() -> None:
    contender = Contender(attention="mlp")
    CONFIG["model"]["decoder"]["global_attention"] = contender.chosen.attention
    config, vocabs = TrainConfig(**CONFIG), vocabularies()
    configure_process(config, CPU)
    model = get_model_class(config.model).for_training(config.model, vocabs, config.training, device_id=CPU)
    trainer = build_trainer(config, CPU, model, vocabs, Optimizer.from_config(model, config))
    last = {}
    trainer.train_loss.register_forward_hook(lambda _, given, made: last.update(loss=made[1].loss, n=made[1].n_tokens))
    contender.say(ready=True, parameters=sum(p.numel() for p in model.parameters()))
    batches = contender.batches(loss=lambda: last["loss"] / last["n"])
    trainer.train(tensors(batches, vocabs), train_steps=0, save_checkpoint_steps=0, valid_steps=NEVER)


if __name__ == "__main__":
    main()
