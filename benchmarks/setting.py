"""The ground that all contenders of the training benchmark stand on: sizes, pairs of token ids, batches.

Every contender learns from the same pieces of the same sentences in the same
batches of 64: `python benchmarks/setting.py [FOLDER]` writes them.
"""

import random
import sys
from collections.abc import Sequence
from pathlib import Path

import sentencepiece

DATA = Path("../shared/data/multi30k")
CACHE = Path("runs/benchmark")
VOCABULARY, EMBEDDING, ENCODER, DECODER = 8000, 256, 256, 512  # the encoder's size is that of each direction
SENTENCES = 64  # in a batch
SMOOTHING, DROPOUT, CLIP, RATE = 0.1, 0.3, 1.0, 1e-3
PAD, BOS, EOS = 0, 1, 2

Pair = tuple[list[int], list[int]]  # both without signs of begin or end


def pieces(folder: Path = CACHE) -> sentencepiece.SentencePieceProcessor:
    """One vocabulary for both languages."""
    model = folder / "pieces.model"
    if not model.exists():
        folder.mkdir(parents=True, exist_ok=True)
        files = ",".join(str(DATA / f"train.{side}") for side in ("en", "fr"))
        sentencepiece.SentencePieceTrainer.train(
            input=files, model_prefix=str(model.with_suffix("")), vocab_size=VOCABULARY, character_coverage=1.0,
            pad_id=PAD, bos_id=BOS, eos_id=EOS, unk_id=3, minloglevel=2, num_threads=1,
        )  # fmt: skip
    return sentencepiece.SentencePieceProcessor(model_file=str(model))


def pairs(part: str = "train", folder: Path = CACHE) -> list[Pair]:
    """The sentences of a part as ids."""
    if not (DATA / "train.en").exists():
        sys.exit(f"{DATA} is not here: the benchmark learns from Multi30k, train.en and train.fr.")
    vocabulary = pieces(folder)
    sides = [(DATA / f"{part}.{side}").read_text(encoding="utf-8").splitlines() for side in ("en", "fr")]
    return list(zip(*(vocabulary.encode(side) for side in sides), strict=True))


def batches(known: Sequence[Pair], *, bucketed: bool, seed: int = 0) -> list[list[Pair]]:
    """Batches of 64 sentences in random order: of like length, or as they come."""
    shuffled = random.Random(seed).sample(known, len(known))
    if bucketed:
        shuffled.sort(key=lambda pair: (len(pair[1]), len(pair[0])))
    cut = [shuffled[i : i + SENTENCES] for i in range(0, len(shuffled) - SENTENCES + 1, SENTENCES)]
    return random.Random(seed).sample(cut, len(cut))


def write(folder: Path) -> None:
    """Pieces as text, for toolkits that read files: train.en, train.fr, valid.en, ... and vocabulary.txt."""
    vocabulary = pieces(folder)
    for part in ("train", "valid", "test2016"):
        for side in ("en", "fr"):
            lines = (DATA / f"{part}.{side}").read_text(encoding="utf-8").splitlines()
            rows = (" ".join(row) + "\n" for row in vocabulary.encode(lines, out_type=str))
            (folder / f"{part}.{side}").write_text("".join(rows), encoding="utf-8")
    names = (vocabulary.id_to_piece(i) + "\n" for i in range(4, vocabulary.vocab_size()))
    (folder / "vocabulary.txt").write_text("".join(names), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else CACHE)
