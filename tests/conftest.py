"""One thread, one seed, and shapes that are checked: while parts are tested, beartype holds tensors to annotations.

Where parts are put together it does not, but in training: their shapes are known by then, and checks cost time.
"""

import pytest
from jaxtyping import config, install_import_hook

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
TOGETHER = {"cli", "comparison", "decode", "export", "lesson", "page", "serve", "view"}
install_import_hook([f"regard.{name}" for name in CHECKED], "beartype.beartype")

import torch  # noqa: E402  the hook must come before the first import of what it checks

torch.set_num_threads(1)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before the fixtures of a test, which may be those of its file, are made."""
    config.update("jaxtyping_disable", item.path.parent.name in TOGETHER)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(1)
