"""One thread, one seed, and shapes that are checked: while tests run, beartype holds tensors to their annotations."""

import pytest
from jaxtyping import install_import_hook

CHECKED = (
    *(
        "kernels",
        "tensors",
        "embedding",
        "cells",
        "recurrence",
        "blocks",
        "encoders",
        "normalisers",
        "attention",
        "hops",
        "decoders",
    ),
    *("outputs", "objectives", "model"),
)
install_import_hook([f"regard.{name}" for name in CHECKED], "beartype.beartype")

import torch  # noqa: E402  the hook must come before the first import of what it checks

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(1)
