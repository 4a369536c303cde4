"""What looking costs: time of one picture against its side, and networks of equal cost that take in all of it.

    python benchmarks/fixate.py cost
    python benchmarks/fixate.py baseline dense data/cluttered60 --epochs 40
    python benchmarks/fixate.py baseline convolutional data/cluttered60 --epochs 40

`cost` prints, for each side, multiply-adds and milliseconds a picture of the model of recipes/fixate-cluttered.toml,
of its window of Gaussian filters, and of both networks. `baseline` trains one of these on the pictures of
`regard generate digits`, moved at random as the recipe moves them, and prints its error on the test split; their
widths are chosen so that a picture costs as many multiply-adds as the model's looks at it, or the least above.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from regard import config as configs
from regard import idx
from regard.model import EncoderDecoder
from regard.tasks.caption import moved

ROOT = Path(__file__).parents[1]
SIDES = (28, 60, 100, 200, 400, 800)
CLASSES, BATCH, SHIFT = 10, 512, 4


def looking(side: int, *changes: str) -> EncoderDecoder:
    """The model of the recipe, for pictures of this side."""
    settings = [f"picture.side={side}", *changes]
    config = configs.read(ROOT / "recipes" / "fixate-cluttered.toml", settings)
    return EncoderDecoder(0, 4 + CLASSES, config).eval()


def first_step(model: EncoderDecoder, pictures: Tensor) -> None:
    """All looks, and the label."""
    features, read, state = model.step(torch.ones(len(pictures), 1, dtype=torch.long), model.start(pictures))
    model.output.predict(features[:, 0], read, state.copies)


class Dense(nn.Module):
    """Two hidden layers."""

    def __init__(self, side: int, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(side * side, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, CLASSES)
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits."""
        return self.layers(pictures.flatten(1).float() / 255)  # type: ignore[no-any-return]


class Convolutional(nn.Module):
    """Two layers of 5 x 5, each halved by its largest, and one hidden layer over what lies where."""

    def __init__(self, side: int, width: int) -> None:
        super().__init__()
        self.maps = nn.Sequential(
            nn.Conv2d(1, width, 5, 2, 2), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True),
            nn.Conv2d(width, 2 * width, 5, 1, 2), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True),
        )  # fmt: skip
        rows = self.maps(torch.zeros(1, 1, side, side)).shape[-1]
        self.layers = nn.Sequential(nn.Linear(2 * width * rows * rows, 128), nn.ReLU(), nn.Linear(128, CLASSES))

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits."""
        return self.layers(self.maps(pictures[:, None, ..., 0].float() / 255).flatten(1))  # type: ignore[no-any-return]


KINDS = {"dense": Dense, "convolutional": Convolutional}


@torch.no_grad()
def products(call: "nn.Module | object", pictures: Tensor) -> int:
    """Multiply-adds of one picture."""
    counter = FlopCounterMode(display=False)
    with counter:
        first_step(call, pictures) if isinstance(call, EncoderDecoder) else call(pictures)  # type: ignore[operator]
    return counter.get_total_flops() // 2 // len(pictures)


@torch.no_grad()
def milliseconds(call: "nn.Module | object", pictures: Tensor, times: int = 7) -> float:
    """Of one picture in a batch, on one thread, the best of some runs."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        first_step(call, pictures) if isinstance(call, EncoderDecoder) else call(pictures)  # type: ignore[operator]
        taken.append(time.perf_counter() - started)
    return 1000 * min(taken) / len(pictures)


def fitting(kind: str, side: int, wanted: int) -> nn.Module:
    """The narrowest network of a kind that costs at least as much as wanted."""
    blank = torch.zeros(1, side, side, 1, dtype=torch.uint8)
    return next(
        network
        for width in range(2, 4096)
        for network in [KINDS[kind](side, width)]
        if products(network, blank) >= wanted
    )


def cost() -> None:
    """A line for each side."""
    torch.set_num_threads(1)
    names = ("retina", "gaussian", *KINDS)
    print("side", *(f"{name} {what}" for name in names for what in ("Mmadds", "ms")), sep="\t")
    equal = products(looking(60), torch.zeros(1, 60, 60, 1, dtype=torch.uint8))
    widths = {kind: fitting(kind, 60, equal) for kind in KINDS}
    wide = {
        "dense": widths["dense"].layers[0].out_features,
        "convolutional": widths["convolutional"].maps[0].out_channels,
    }  # type: ignore[union-attr,index]
    for side in SIDES:
        pictures = torch.randint(0, 256, (32, side, side, 1), dtype=torch.uint8)
        window = ["attention.name=gaussian", "attention.patch=12", "attention.size=256"]
        models = [looking(side), looking(side, *window), *(KINDS[kind](side, int(wide[kind])) for kind in KINDS)]
        told = [
            f"{value}"
            for m in models
            for value in (f"{products(m, pictures) / 1e6:.2f}", f"{milliseconds(m, pictures):.3f}")
        ]
        print(side, *told, sep="\t", flush=True)


def pictures_of(folder: Path, split: str) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.uint8]], Tensor]:
    """Pictures with one channel, and labels."""
    file = folder / f"{split}-images-idx3-ubyte"
    return idx.read(file)[..., None], torch.from_numpy(idx.read(idx.labels_of(file)).astype(np.int64))


def error(network: nn.Module, folder: Path, split: str) -> float:
    """Percent of a split that it gets wrong."""
    shown, labels = pictures_of(folder, split)
    with torch.no_grad():
        parts = [network(torch.from_numpy(np.array(shown[i : i + 1000]))).argmax(1) for i in range(0, len(shown), 1000)]
    return 100 * float((torch.cat(parts) != labels).float().mean())


def baseline(kind: str, folder: Path, epochs: int, seed: int) -> None:
    """Train and test one network."""
    torch.manual_seed(seed)
    random, (shown, labels) = np.random.default_rng(seed), pictures_of(folder, "train")
    side, count = shown.shape[1], len(shown)
    wanted = products(looking(side), torch.zeros(1, side, side, 1, dtype=torch.uint8))
    network = fitting(kind, side, wanted)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.01)
    steps, started = epochs * (count // BATCH), time.perf_counter()
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps, pct_start=0.05)
    for _ in range(epochs):
        order = random.permutation(count)
        for rows in np.split(order[: count // BATCH * BATCH], count // BATCH):
            given = torch.from_numpy(np.stack([moved(shown[i], random, SHIFT) for i in rows]))
            optimizer.zero_grad()
            F.cross_entropy(network(given), labels[rows]).backward()
            optimizer.step()
            schedule.step()
    minutes = (time.perf_counter() - started) / 60
    told = f"{wanted / 1e6:.2f} Mmadds", f"{minutes:.1f} min", f"test error {error(network, folder, 'test'):.2f} %"
    print(kind, folder.name, f"seed {seed}", *told, sep="\t")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("cost")
    train = verbs.add_parser("baseline")
    train.add_argument("kind", choices=sorted(KINDS))
    train.add_argument("folder", type=Path)
    train.add_argument("--epochs", type=int, default=40)
    train.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if args.verb == "cost":
        cost()
    else:
        baseline(args.kind, args.folder, args.epochs, args.seed)


if __name__ == "__main__":
    main()
