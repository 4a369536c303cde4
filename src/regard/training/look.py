"""Every picture of a run, seen once: its pixels, or what a frozen encoder makes of them, in rows that runs share."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from regard.build import build
from regard.config import Config
from regard.data.gather import gather
from regard.data.rows import Rows
from regard.data.store import Store
from regard.encoders import Seeing
from regard.errors import DataError
from regard.files import write_text
from regard.processor import cores
from regard.tasks import Task
from regard.types import Example
from regard.view.progress import progress

NAMES = "pictures.json"  # in the folder of a run: the number of each picture's row, by the name of its file
MADE = "normed"  # how features are made of what a backbone gives; other ones get another name
BLOCK = 1 << 18  # pixels that are written at once, or 32 pictures, if that is more
CACHE = "REGARD_CACHE"  # a variable of the environment that names the folder of all caches

Say = Callable[[str], None]


def look(config: Config, task: Task, examples: Iterable[Example], folder: Path, say: Say) -> dict[str, Any]:
    """See the pictures of all examples, and return what a store must know of it; nothing of a task without any."""
    if "pictures" not in (task.reads, task.writes):
        return {}
    paths = list(dict.fromkeys(map(task.pictured, examples)))
    encoder: Seeing | None = build("encoders", config.encoder, config.picture) if task.reads == "pictures" else None
    rows, encode = _features(config, encoder) if encoder and encoder.frozen else _pixels(config)
    before, threads = len(rows), torch.get_num_threads()
    torch.set_num_threads(cores())  # the workers have nothing to do yet
    with _bar(len(paths)) as moved:
        numbers = gather(
            rows,
            paths,
            encode,
            side=config.picture.side,
            channels=config.picture.channels,
            batch=max(32, BLOCK // config.picture.side**2),
            progress=moved,
            broken=lambda path, why: say(f"{why} It is left out."),
        )
    torch.set_num_threads(threads)
    made = f", {len(rows) - before:,} of them anew" if len(rows) > before else ""
    what = f"features of {config.encoder['name']}" if encoder and encoder.frozen else "pixels"
    say(f"pictures: {what} of {(numbers >= 0).sum():,} in {rows.folder}{made}")
    known = {path: int(number) for path, number in zip(paths, numbers, strict=True) if number >= 0}
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / NAMES, json.dumps(known, ensure_ascii=False))
    task.look(rows, known)
    return {
        "pictures": len(known),
        "rows": {"folder": str(rows.folder), "shape": list(rows.shape), "dtype": rows.dtype.str},
    }


def see(task: Task, store: Store) -> None:
    """Let a task take the pictures of a store from their rows. DataError if these are gone."""
    if "pictures" not in (task.reads, task.writes):
        return
    known = json.loads((store.folder / NAMES).read_text(encoding="utf-8"))
    facts = store.info["rows"]
    folder = Path(facts["folder"])
    rows = Rows(folder.parent, folder.name, facts["shape"], facts["dtype"])
    if len(rows) <= max(known.values()):
        raise DataError(
            f"{folder} no longer holds the pictures of this run: remove {store.folder}, and they are made again "
            "by a run that begins anew."
        )
    task.look(rows, known)


def cache(config: Config) -> Path:
    """Where rows are kept: as the config says, or with the other caches of this user."""
    if config.picture.cache:
        return Path(config.picture.cache)
    usual = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get(CACHE) or Path(usual) / "regard")


def _pixels(config: Config) -> tuple[Rows, Callable[[list[NDArray[np.uint8]]], NDArray[np.uint8]]]:
    side, channels = config.picture.side, config.picture.channels
    key = f"pixels-{side}" if channels == 3 else f"pixels-{side}-grey"
    return Rows(cache(config), key, (side, side, channels), np.uint8), np.stack


def _features(config: Config, encoder: Seeing) -> tuple[Rows, Callable[[list[NDArray[np.uint8]]], NDArray[np.float16]]]:
    """In half precision, of which training sees no difference and which takes half the room."""
    sight = config.picture
    encoder.begin()
    encoder.eval()
    shape = sight.places, encoder.feature_size

    def encode(pictures: list[NDArray[np.uint8]]) -> NDArray[np.float16]:
        with torch.inference_mode():
            return encoder.features(torch.from_numpy(np.stack(pictures))).numpy().astype(np.float16)

    return Rows(cache(config), f"{_digest(encoder)}-{sight.side}-{sight.grid}-{MADE}", shape, np.float16), encode


def _digest(encoder: Seeing) -> str:
    """What tells the weights that see from others, whatever they are called."""
    found = blake2b(digest_size=8)
    for name, weight in encoder.named_parameters():
        if not weight.requires_grad:
            found.update(name.encode())
            found.update(np.ascontiguousarray(weight.numpy()).tobytes())
    for _, constant in encoder.named_buffers():
        found.update(constant.numpy().tobytes())
    return found.hexdigest()


@contextmanager
def _bar(total: int) -> Iterator[Callable[[int, int], None]]:
    """A bar that is told how many are done, if a person is there to see it."""
    done = 0
    with progress(total, what="pictures") as advance:

        def moved(now: int, _: int) -> None:
            nonlocal done
            advance(now - done)
            done = now

        yield moved
