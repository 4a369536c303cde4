"""Pieces of words, learned from the text by SentencePiece: few tokens, and hardly any unknown ones."""

import io
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from sentencepiece import SentencePieceProcessor, SentencePieceTrainer

from regard.build import Amount, Share
from regard.codecs import Codec, VocabularySize
from regard.errors import ConfigError, DataError, ModelError
from regard.files import replacing
from regard.text import clean
from regard.types import BOS, EOS, PAD, SPACE, SPECIALS, UNK

MODEL = "pieces.model"
SIGNS = frozenset(SPECIALS)
WAYS = 32  # in which a word is cut at most, the likeliest ones
WORDS = 1 << 16  # whose ways are remembered
SAMPLE = 1_000_000  # lines; more of them change the pieces little and cost minutes and memory
RESERVED = "\u2585"  # SentencePiece would leave out every line that holds its own sign for the unknown


class Pieces(Codec):
    """Parts of words, learned by SentencePiece; in training, if so chosen, cut anew each time (Kudo, 2018).

    The text is taken as it is: SentencePiece's usual normalisation would write
    one half or an ellipsis with other characters, and the text would not come
    back. Of more than a million lines a fixed random million is learned from.
    A small text may give fewer tokens than `size`.

    Options:
        size: the most tokens that the vocabulary may hold, the four special signs included
        model: how pieces are found: unigram (the likeliest segmentation) or bpe (merging frequent pairs)
        bytes: whether an unknown character is spelled in its bytes, so that nothing is unknown
        coverage: the share of the text's characters that pieces can write; below 1, rare ones are unknown
        temperature: in training each word is cut at random, by the probabilities ** (1 / this) that the
            unigram model gives its 32 likeliest ways; 0 always takes the likeliest
    """

    _spelled: dict[str, bytes]  # byte pieces, and the byte that each stands for

    def __init__(
        self,
        *,
        size: VocabularySize = 6_000,
        model: Literal["unigram", "bpe"] = "unigram",
        bytes: bool = False,
        coverage: Share = 1.0,
        temperature: Amount = 0.0,
    ) -> None:
        super().__init__()
        if temperature and model != "unigram":
            raise ConfigError(
                f"[codec] temperature is {temperature:g}, but only model = 'unigram' can draw, not {model!r}."
            )
        self._limit = size
        self._kind = model
        self._fallback = bytes
        self._coverage = coverage
        self._temperature = temperature
        self._ways = lru_cache(WORDS)(self._ways_of)
        self._processor = SentencePieceProcessor()
        self._spelled = {}

    def fit(self, lines: Iterable[str]) -> None:
        """Learn the pieces. ConfigError if `size` cannot hold every character of the text."""
        sentences = _sample(lines)
        if not sentences:
            raise DataError("There is no text to learn pieces from: no line holds anything.")
        try:
            model = self._train(sentences)
        except RuntimeError as error:
            needed = len({" "}.union(*sentences)) + len(SPECIALS) + (256 if self._fallback else 0)
            if self._limit >= needed:
                raise DataError(f"SentencePiece cannot learn from this text: {error}") from error
            raise ConfigError(
                f"size = {self._limit} is too small for pieces: the special signs and the different"
                f" characters of this text need {needed}. Raise size, or lower coverage."
            ) from error
        self._processor.LoadFromSerializedProto(model)
        self._adopt(self._pieces(), "fit")

    def split(self, text: str) -> list[str]:
        """The pieces; a run of unknown characters is one token, as it is written."""
        self._must_know()
        pieces: list[str] = self._processor.encode(clean(text), out_type=str)
        if SIGNS.isdisjoint(pieces):
            return pieces
        return [token for piece in pieces for token in (piece if piece in SIGNS else (piece,))]

    def drawn(self, ids: list[int], random: Generator) -> list[int]:
        """The same text, each word cut in a way that is drawn by its probability."""
        if not self._temperature:
            return ids
        words = [self._ways(word) for word in self._words(ids)]
        draws = random.random(len(words))
        return [i for (ways, ends), x in zip(words, draws, strict=True) for i in ways[ends.searchsorted(x, "right")]]

    def save(self, folder: Path) -> None:
        """Write `vocabulary.txt`, to be read, and `pieces.model`, SentencePiece's own file."""
        super().save(folder)
        with replacing(folder / MODEL) as temporary:
            temporary.write_bytes(self._processor.serialized_model_proto())

    def load(self, folder: Path) -> None:
        """Read both files. ModelError if one is missing or damaged, or if they do not agree."""
        super().load(folder)
        path = folder / MODEL
        try:
            self._processor.LoadFromSerializedProto(path.read_bytes())
        except FileNotFoundError as error:
            raise ModelError(f"{path} is missing: it holds the codec's SentencePiece model.") from error
        except RuntimeError as error:
            raise ModelError(f"{path} is damaged: SentencePiece cannot read it.") from error
        pieces = self._pieces()
        if self.vocabulary != tuple(pieces):
            raise ModelError(
                f"{path} is damaged or from another model: it has {len(pieces)} pieces,"
                f" which are not the {self.size} tokens of vocabulary.txt beside it."
            )

    def _glue(self, tokens: Iterable[str]) -> str:
        if not self._spelled:
            return super()._glue(tokens)
        raw = b"".join(self._spelled.get(token) or token.encode() for token in tokens)
        return raw.decode("utf-8", "replace")

    def _words(self, ids: list[int]) -> Iterator[tuple[int, ...]]:
        """The ids of each word; a special sign, the unknown one too, stands alone."""
        signs = len(SPECIALS)
        starts = [i for i, this in enumerate(ids) if this < signs or self.vocabulary[this][0] == SPACE]
        starts += [i + 1 for i in starts if ids[i] < signs]  # what goes on behind a sign
        return (tuple(ids[a:b]) for a, b in pairwise(sorted({0, *starts, len(ids)})))

    def _ways_of(self, word: tuple[int, ...]) -> tuple[list[tuple[int, ...]], NDArray[np.float64]]:
        """In which ways a word may be cut, and up to where each of them reaches between 0 and 1."""
        tokens = self.tokens(word)
        text = "".join(tokens)
        if text[0] != SPACE or text == SPACE or not self._spelled.keys().isdisjoint(tokens):
            # No whole word, or one in bytes.
            return [word], np.ones(1)
        ways = [tuple(way) for way in self._processor.nbest_encode(text[1:], nbest_size=WAYS, out_type=int)]
        scores = np.array([sum(map(self._processor.get_score, way)) for way in ways])
        shares = np.exp((scores - scores.max()) / self._temperature)
        ends: NDArray[np.float64] = np.cumsum(shares / shares.sum())
        ends[-1] = 1.0  # whatever was rounded
        return ways, ends

    def _pieces(self) -> list[str]:
        self._ways.cache_clear()  # of pieces that were learned before
        ids = range(self._processor.get_piece_size())
        pieces = [self._processor.id_to_piece(i) for i in ids]
        # A byte piece reads <0xE2>.
        self._spelled = {pieces[i]: bytes([int(pieces[i][1:-1], 16)]) for i in ids if self._processor.is_byte(i)}
        return pieces

    def _train(self, sentences: list[str]) -> bytes:
        model = io.BytesIO()
        words = _words(sentences) if self._kind == "unigram" else []
        SentencePieceTrainer.train(
            sentence_iterator=iter(sentences + words),
            model_writer=model,
            vocab_size=self._limit,
            hard_vocab_limit=False,  # a small text gives fewer pieces
            model_type=self._kind,
            byte_fallback=self._fallback,
            character_coverage=self._coverage,
            max_sentence_length=2**30,  # longer lines would be left out without a word
            normalization_rule_name="identity",
            split_digits=True,  # so that numbers never seen can be written
            num_threads=4,  # the pieces depend on this number, so it is not the machine's
            minloglevel=2,
            pad_id=PAD,
            bos_id=BOS,
            eos_id=EOS,
            unk_id=UNK,
            pad_piece=SPECIALS[PAD],
            bos_piece=SPECIALS[BOS],
            eos_piece=SPECIALS[EOS],
            unk_piece=SPECIALS[UNK],
        )
        return model.getvalue()


def _sample(lines: Iterable[str], most: int = SAMPLE) -> list[str]:
    """The lines that hold text; of more than `most`, each is kept with the same chance."""
    chance = Random(0)
    kept: list[str] = []
    texts = (clean(line.replace(RESERVED, " ")) for line in lines)
    for number, text in enumerate(filter(None, texts)):
        if number < most:
            kept.append(text)
        elif (place := chance.randrange(number + 1)) < most:
            kept[place] = text
    return kept


def _words(sentences: list[str]) -> list[str]:
    """Each word once, as a sentence.

    SentencePiece's unigram model never proposes a word that a space always
    follows. When each word also ends a sentence, texts take 3 % fewer pieces.
    """
    return sorted({word for sentence in sentences for word in sentence.split()})
