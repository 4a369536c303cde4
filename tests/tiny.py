"""Tiny models and batches for tests: distinct prime sizes wherever they can differ, so that a swapped axis shows."""

import typing
from collections.abc import Iterable, Iterator
from typing import Any, Literal, TypeVar

import pytest
import torch
from torch import Tensor, nn

from regard import config as configs
from regard.attention import Attention
from regard.build import Option, build, find, names, options
from regard.config import Config
from regard.embedding import Embedding
from regard.encoders import Encoder
from regard.errors import ConfigError
from regard.model import EncoderDecoder
from regard.outputs import Output
from regard.tensors import Memory, pad
from regard.types import EOS, UNK, Copyable

BATCH, STEPS, PLACES, QUERY, MEMORY, KEYS = 2, 3, 5, 7, 11, 13
VOCABULARY = 17
ENCODER, DECODER = 3, 6  # a decoder state as large as a memory state, which "dot" asks for
DECODERS = {"size": DECODER, "heads": 3, "feed": 7, "width": 2}  # options of the decoders that have them
ENCODERS = {"size": ENCODER, "heads": 3, "feed": 7, "layers": 1, "width": 2, "rounds": 1}
READERS = [name for name in names("encoders") if find("encoders", name).reads == "text"]
WRITERS = [name for name in names("decoders") if find("decoders", name).writes == "text"]
SOURCES = [[4, 5, 6, 7, EOS], [8, 9, EOS], [16, EOS]]
# Sources whose words may be copied, some of which the vocabulary lacks, one of them twice; and targets that have them.
COPYABLE = [
    Copyable((4, UNK, 6, UNK, UNK, EOS), (4, VOCABULARY + 1, 6, VOCABULARY + 3, VOCABULARY + 1, EOS)),
    Copyable((8, 9, EOS), (8, 9, EOS)),
    Copyable((UNK, EOS), (VOCABULARY, EOS)),
]
COPIED = [[VOCABULARY + 1, 10, VOCABULARY + 3, EOS], [9, UNK, EOS], [VOCABULARY, VOCABULARY, 5, EOS]]
TARGETS = [[10, EOS], [11, 12, 13, EOS], [14, 15, EOS]]

M = TypeVar("M", bound=nn.Module)


def config(**sections: dict[str, Any]) -> Config:
    """A complete configuration of a tiny model without dropout; each section may be changed."""
    small: dict[str, dict[str, Any]] = {
        "data": {"train": "pairs.tsv"},
        "embedding": {"size": 5, "dropout": 0.0},
        "encoder": {"name": "recurrent", "size": ENCODER, "dropout": 0.0},
        "attention": {"name": "general"},
        "decoder": {"name": "attend_then_step", "size": DECODER, "dropout": 0.0},
    }
    return configs.check({**small, **{name: {**small.get(name, {}), **given} for name, given in sections.items()}})


def model(sharpness: float = 1.0, **sections: dict[str, Any]) -> EncoderDecoder:
    """A tiny model in evaluation mode; `sharpness` scales its weights, so that its choices differ."""
    return sharpened(EncoderDecoder(VOCABULARY, VOCABULARY, config(**sections)), sharpness).eval()


def sharpened(module: M, by: float) -> M:
    """The module with its weights scaled."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(by)
    return module


def memory(sizes: tuple[int, int, int] = (BATCH, PLACES, MEMORY), padding: int = 2) -> Memory:
    """A random memory in double precision whose last row ends in padding."""
    states = torch.randn(sizes, dtype=torch.float64)
    mask = torch.ones(sizes[:2], dtype=torch.bool)
    mask[-1, sizes[1] - padding :] = False
    return Memory(states, mask, torch.randn(sizes[0], sizes[2], dtype=torch.float64))


def padded(memory: Memory, places: int) -> Memory:
    """The same memory behind more padding, which holds anything."""
    batch, _, size = memory.states.shape
    junk = 9 * torch.randn(batch, places, size, dtype=memory.states.dtype)
    nothing = torch.zeros(batch, places, dtype=torch.bool)
    return Memory(torch.cat([memory.states, junk], 1), torch.cat([memory.mask, nothing], 1), memory.summary)


def attention(
    section: dict[str, Any], query: int = QUERY, size: int = MEMORY, normaliser: str = "softmax"
) -> tuple[Attention, int]:
    """An attention in double precision, and its query size: that of the memory if it compares the two directly."""
    chosen = build("normalisers", {"name": normaliser})
    try:
        return build("attention", section, query, size, chosen).double(), query
    except ConfigError as error:
        if "make them equal" not in str(error):
            raise
        return build("attention", section, size, size, chosen).double(), size


def encoder(section: dict[str, Any]) -> Encoder:
    """An encoder in double precision and evaluation mode."""
    part: Encoder = build("encoders", section, Embedding(VOCABULARY, 5, 0.1))
    return part.double().eval()


def output(
    feature_size: int, embedding: Embedding, *, name: str = "plain", tied: bool = True, attention: str = "general"
) -> Output:
    """An output layer in double precision."""
    kind = find("attention", attention)
    part: Output = build("outputs", {"name": name}, feature_size, MEMORY, embedding, tied, kind)
    return part.double()


def sources() -> Tensor:
    """Sources of several lengths, one of them only an end sign after one token."""
    return pad(SOURCES)


def targets() -> Tensor:
    """Their targets."""
    return pad(TARGETS)


def attentions() -> list[str]:
    """Every attention that reads states, whatever they are of."""
    return [name for name in names("attention") if find("attention", name).looks_at == "states"]


def variants(kind: str, **sizes: Any) -> list[dict[str, Any]]:
    """Every part of a kind as it is, and with each of its other choices; new files are found by themselves."""
    found: list[dict[str, Any]] = []
    for name in {"encoders": READERS, "attention": attentions(), "decoders": WRITERS}.get(kind) or names(kind):
        known = options(find(kind, name))
        base = {"name": name, **taken(kind, name, sizes)}
        found += [base, *({**base, option.name: value} for option in known.values() for value in _others(option))]
    return found


def taken(kind: str, name: str, sizes: dict[str, Any]) -> dict[str, Any]:
    """Those of the sizes that are options of the part."""
    known = options(find(kind, name))
    return {key: value for key, value in sizes.items() if key in known}


def combinations() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Every decoder with every attention, and each of a decoder's other choices with one of them."""
    attentions, decoders = variants("attention", size=KEYS, heads=1), variants("decoders", **DECODERS)
    usual = [{"name": name, **taken("decoders", name, DECODERS)} for name in WRITERS]
    return [(d, a) for d in decoders for a in attentions if d in usual or a == attentions[0]]


def samples() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Every decoder's every choice, and every attention's, each with one of the other: for what is slow."""
    attentions, decoders = variants("attention", size=KEYS, heads=1), variants("decoders", **DECODERS)
    return [*((d, attentions[0]) for d in decoders), *((decoders[0], a) for a in attentions[1:])]


def pairings() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Every encoder with every decoder, of sizes that no two of them share."""
    wide = {"size": 5, "heads": 5, "feed": 11, "layers": 2, "width": 3, "rounds": 2}
    encoders = [{"name": name, **taken("encoders", name, wide)} for name in READERS]
    decoders = [{"name": name, **taken("decoders", name, DECODERS)} for name in WRITERS]
    return [(e, d) for e in encoders for d in decoders]


def few(every: Iterable[Any], fast: int) -> list[Any]:
    """The first as they are, the others slow: for what is alike and takes seconds each, such as graphs."""
    return [one if i < fast else pytest.param(one, marks=pytest.mark.slow) for i, one in enumerate(every)]


def label(section: dict[str, Any]) -> str:
    """How a variant is called in the list of tests."""
    return " ".join(str(value) if key == "name" else f"{key}={value}" for key, value in section.items())


def _others(option: Option) -> Iterator[Any]:
    if typing.get_origin(option.type) is Literal:
        yield from (value for value in typing.get_args(option.type) if value != option.default)
    elif option.type is bool:
        yield not option.default
    elif option.name == "layers":
        yield 2
