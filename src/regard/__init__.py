"""Regard: attention encoder-decoders that train anywhere, resume exactly and show where they look.

    import regard

    model = regard.load("runs/pairs")
    output = model("A man rides a bike.")
    output.text, output.attention, output.show(), output.save("a.html")

The names below are the public face; each is imported when it is first used,
so that nothing is loaded before it is needed.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regard.comparison.compare import Comparison as Comparison
    from regard.comparison.compare import compare as compare
    from regard.config import Config as Config
    from regard.config import read as read_config
    from regard.errors import RegardError as RegardError
    from regard.evaluation import evaluate as evaluate
    from regard.loading import load as load
    from regard.model import EncoderDecoder as EncoderDecoder
    from regard.predictor import Predictor as Predictor
    from regard.training.session import train as train
    from regard.types import Hypothesis as Hypothesis
    from regard.types import Record as Record
    from regard.view.record import Output as Output

_HOMES = {
    "Comparison": "comparison.compare.Comparison",
    "Config": "config.Config",
    "EncoderDecoder": "model.EncoderDecoder",
    "Hypothesis": "types.Hypothesis",
    "Output": "view.record.Output",
    "Predictor": "predictor.Predictor",
    "Record": "types.Record",
    "RegardError": "errors.RegardError",
    "compare": "comparison.compare.compare",
    "evaluate": "evaluation.evaluate",
    "load": "loading.load",
    "read_config": "config.read",
    "train": "training.session.train",
}

__all__ = [
    "Comparison",
    "Config",
    "EncoderDecoder",
    "Hypothesis",
    "Output",
    "Predictor",
    "Record",
    "RegardError",
    "compare",
    "evaluate",
    "load",
    "read_config",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'regard' has no attribute {name!r}")
    module, _, attribute = _HOMES[name].rpartition(".")
    return getattr(importlib.import_module(f"regard.{module}"), attribute)
