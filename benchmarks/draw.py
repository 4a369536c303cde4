"""How well drawings show what their words say, to a network that has learnt from real scenes; what a step costs.

    python benchmarks/draw.py judge data/scenes --out runs/judge.safetensors
    python benchmarks/draw.py drawings runs/draw-scenes data/scenes --judge runs/judge.safetensors
    python benchmarks/draw.py told runs/draw-scenes-patches data/scenes --judge runs/judge.safetensors
    python benchmarks/draw.py step --steps 20

`judge` learns what is in each of nine regions from the split `train` of `regard generate scenes`, in grey and in bytes
drawn as bright as these, and tells how many real scenes it gets all right. `drawings` lets a model draw the
words of splits, and prints how many drawings show what the words say, and nothing else; those by a
model of patches count alike. `told` has real scenes told in the patches of a model's codebook, and prints how many
are still right: what that costs. All splits are made first. `step` times steps of training of
recipes/draw-mnist.toml with and without attention, on random pictures.
"""

import argparse
import json
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

import regard
from regard import config as configs
from regard import idx, kernels
from regard.build import build
from regard.data.scenes import names, regions
from regard.model import EncoderDecoder
from regard.patches import Codebook
from regard.tensors import Batch
from regard.training.adamw import AdamW

ROOT = Path(__file__).parents[1]
BATCH, RATE = 128, 1e-3
NOTHING = 0


class Judge(nn.Module):
    """Convolutions, and for each of 3 x 3 regions the logits of what is there."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        widths = (channels, 32, 64, 128)
        self.layers = nn.ModuleList(nn.Conv2d(one, other, 3, padding=1) for one, other in pairwise(widths))
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for width in widths[1:])
        self.last = nn.Conv2d(widths[-1], 128, 3, padding=1)
        self.told = nn.Conv2d(128, classes, 1)

    def forward(self, pictures: Tensor) -> Tensor:
        """(B, H, W, C) from 0 to 1 to (B, classes, 3, 3)."""
        x = pictures.permute(0, 3, 1, 2)
        for layer, norm in zip(self.layers, self.norms, strict=True):
            x = F.max_pool2d(norm(layer(x)).relu(), 2)
        found: Tensor = self.told(F.adaptive_max_pool2d(self.last(x).relu(), 3))
        return found


def scenes(folder: Path, split: str) -> tuple[NDArray[np.uint8], list[str]]:
    """Pictures of a split, (N, H, W, C), and their words."""
    rows = [json.loads(line) for line in (folder / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()]
    (file,) = folder.glob(f"{split}-images-idx*{idx.MARK}")
    pictures = idx.read(file)
    return pictures[..., None] if pictures.ndim == 3 else pictures, [row["caption"] for row in rows]


def kind_of(folder: Path, split: str = "train") -> str:
    """Of scenes, as their settings say."""
    return str(json.loads((folder / f"{split}.json").read_text(encoding="utf-8"))["kind"])


def wanted(words: list[str], known: list[str]) -> Tensor:
    """What is in each region (N, 3, 3); 0 is nothing."""
    found = torch.zeros(len(words), 3, 3, dtype=torch.long)
    for row, text in zip(found, words, strict=True):
        for (down, across), name in regions(text).items():
            row[down, across] = known.index(name) + 1
    return found


def right(judge: Judge, pictures: NDArray[np.uint8], labels: Tensor) -> Tensor:
    """Whether all regions of each picture are as they should be."""
    judge.eval()
    with torch.inference_mode():
        parts = np.array_split(pictures, -(-len(pictures) // 500))
        told = [judge(torch.from_numpy(some.copy()).float() / 255).argmax(1) for some in parts]
    return (torch.cat(told) == labels).flatten(1).all(1)


def moved(pictures: Tensor) -> Tensor:
    """Pictures (B, H, W, C), each turned by up to 9 degrees, scaled by 8 % and shifted by 2.5 % of its side."""
    most = torch.tensor([[0.16], [0.08], [0.05], [0.05]])
    turned, larger, across, down = ((torch.rand(4, len(pictures)) * 2 - 1) * most).unbind()
    cos, sin = turned.cos() * (1 + larger), turned.sin() * (1 + larger)
    rows = torch.stack([cos, -sin, across, sin, cos, down], 1).view(-1, 2, 3)
    x = pictures.permute(0, 3, 1, 2)
    laid = F.grid_sample(x, F.affine_grid(rows, list(x.shape), align_corners=False), align_corners=False)
    return laid.permute(0, 2, 3, 1)


def learn(args: argparse.Namespace) -> None:
    """Train a judge."""
    torch.manual_seed(args.seed)
    known = names(kind_of(args.data))
    pictures, words = scenes(args.data, "train")
    labels = wanted(words, known)
    judge = Judge(pictures.shape[-1], len(known) + 1)
    steps = args.epochs * (len(pictures) // BATCH)
    optimizer = torch.optim.AdamW(judge.parameters(), RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3 * RATE, total_steps=steps)
    random, started = np.random.default_rng(args.seed), time.perf_counter()
    judge.to(memory_format=torch.channels_last)
    for step in range(steps):
        if step % (len(pictures) // BATCH) == 0:
            order = random.permutation(len(pictures))
        rows = order[step % (len(pictures) // BATCH) * BATCH :][:BATCH]
        lit = torch.from_numpy(pictures[np.sort(rows)]).float() / 255
        half = torch.rand(len(lit), 1, 1, 1) < 0.5
        lit = moved(torch.where(half, lit, torch.bernoulli(lit)))
        judge.train()
        with torch.autocast("cpu", torch.bfloat16):
            told = judge(lit)
        loss = F.cross_entropy(told.float(), labels[np.sort(rows)])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 100 == 99:
            seconds = time.perf_counter() - started
            print(f"step {step + 1} of {steps}, loss {loss.item():.4f}, {seconds:.0f} s", flush=True)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    judge.to(memory_format=torch.contiguous_format)
    safetensors.torch.save_file(judge.state_dict(), str(args.out))
    for split in ("test", "unseen"):
        pictures, words = scenes(args.data, split)
        share = right(judge, pictures, wanted(words, known)).float().mean().item()
        print(f"real pictures of {split}: {share:.2%} of {len(words):,} all right")


def draw(args: argparse.Namespace) -> None:
    """Let a model draw, and judge it."""
    known = names(kind_of(args.data))
    model = regard.load(args.model, settings=args.set)
    judge = judge_of(args.judge, model.config.picture.channels, len(known) + 1)
    for split in args.splits:
        _, words = scenes(args.data, split)
        words = list(dict.fromkeys(words))[: args.lines]
        started = time.perf_counter()
        outputs = model(words)
        seconds = time.perf_counter() - started
        drawn = np.stack([output.canvases[-1] for output in outputs if output.canvases is not None])
        share = right(judge, drawn, wanted(words, known)).float().mean().item()
        each = seconds / len(words)
        print(f"drawings of {split}: {share:.2%} of {len(words):,} different lines all right, {each:.3f} s each")


def tell(args: argparse.Namespace) -> None:
    """Real scenes in the patches of a codebook, judged."""
    known, config = names(kind_of(args.data)), configs.read(args.model / configs.FILE)
    book = Codebook(config.patches, config.picture.side, config.picture.channels)
    book.load(args.model / "codebook")
    judge = judge_of(args.judge, config.picture.channels, len(known) + 1)
    for split in args.splits:
        pictures, words = scenes(args.data, split)
        again = np.stack([book.decode(book.encode(picture))[-1] for picture in pictures])
        share = right(judge, again, wanted(words, known)).float().mean().item()
        print(f"real pictures of {split} in patches: {share:.2%} of {len(words):,} all right")


def judge_of(file: Path, channels: int, classes: int) -> Judge:
    """One that has learnt."""
    judge = Judge(channels, classes)
    judge.load_state_dict(safetensors.torch.load_file(str(file)))
    return judge


def step(args: argparse.Namespace) -> None:
    """Seconds of one step of training: gradient and update, the least of all."""
    torch.set_num_threads(args.threads)
    for name, changes in (("attention", []), ("no attention", ["decoder.read=0", "decoder.write=0"])):
        config = configs.read(ROOT / "recipes" / "draw-mnist.toml", [*changes, *args.set])
        model, objective = EncoderDecoder(5, 784, config), build("objectives", config.objective)
        optimizer = AdamW(list(model.parameters()), config.train.decay)
        optimizer.rate = config.train.rate
        side, batch = config.picture.side, config.train.batch
        pictures = (torch.rand(batch, side, side, config.picture.channels) < 0.2).to(torch.uint8) * 255
        given, seconds = Batch(torch.full((batch, 1), 2), pictures), []
        for _ in range(args.steps):
            started = time.perf_counter()
            with kernels.using("fused"):
                with torch.autocast("cpu", torch.bfloat16, enabled=args.bf16):
                    loss, count = model(given, objective)
                loss.backward()
            optimizer.step(count.float())
            model.zero_grad()
            seconds.append(time.perf_counter() - started)
        middle = sorted(seconds)[len(seconds) // 2]
        print(f"{name}: {min(seconds):.3f} s a step of {batch} pictures, middle {middle:.3f} s")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True)
    judge = verbs.add_parser("judge", help="learn to judge")
    judge.set_defaults(run=learn)
    judge.add_argument("data", type=Path, help="the folder of `regard generate scenes`")
    judge.add_argument("--out", type=Path, required=True, help="where its weights go")
    judge.add_argument("--epochs", type=int, default=8)
    judge.add_argument("--seed", type=int, default=1)
    drawings = verbs.add_parser("drawings", help="judge a model")
    told = verbs.add_parser("told", help="judge a codebook of patches")
    for verb, run in ((drawings, draw), (told, tell)):
        verb.set_defaults(run=run)
        verb.add_argument("model", type=Path, help="its folder")
        verb.add_argument("data", type=Path, help="the folder of `regard generate scenes`")
        verb.add_argument("--judge", type=Path, required=True, help="the weights of a judge")
        verb.add_argument("--splits", nargs="+", default=["test", "unseen"], help="which are judged")
    drawings.add_argument("--lines", type=int, default=1000, help="of each split, at most")
    drawings.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="such as decode.temperature=0"
    )
    timed = verbs.add_parser("step", help="time steps of training")
    timed.set_defaults(run=step)
    timed.add_argument("--steps", type=int, default=20)
    timed.add_argument("--threads", type=int, default=1)
    timed.add_argument("--bf16", action="store_true")
    timed.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="of the recipe")
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
