"""Models that have learnt nothing, to be taken apart: what they compute is what counts."""

from typing import Any

import torch

import letters
from regard.build import find
from regard.config import Config
from regard.decode.pytorch import PyTorch
from regard.lesson.lesson import Teacher
from regard.model import EncoderDecoder
from regard.predictor import Predictor
from regard.types import Example
from tiny import sharpened

SOURCE = "a b c d e"
LINES = letters.lines(60, 6)


def predictor(sharpness: float = 3.0, **sections: dict[str, Any]) -> Predictor:
    """A model with random weights over letters, sharpened so that its choices differ."""
    torch.manual_seed(4)
    config: Config = letters.tiny("pairs.tsv", **sections)
    task = find("tasks", config.task)(config)
    task.fit([Example(line, line[::-1]) for line in LINES])
    model = sharpened(EncoderDecoder(*task.sizes, config), sharpness).eval()
    return Predictor(config, task, PyTorch(model))


def teacher(**sections: dict[str, Any]) -> Teacher:
    """One who takes such a model apart."""
    return Teacher(predictor(**sections))
