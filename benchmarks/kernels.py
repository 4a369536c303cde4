"""Each kernel beside its plain reference, forwards and backwards, in alternation: how many times as fast.

    python benchmarks/kernels.py

In bf16, recurrent sequences are compared with PyTorch's own layers under autocast.
"""

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from regard import kernels
from regard.kernels import additive, cross_entropy, gaussian, gru, lstm
from regard.kernels.multiplicative import weighted_sum
from regard.kernels.steps import steps

ROUNDS = 9
Make = Callable[[], list[Tensor]]
Case = tuple[str, Callable[..., Tensor], Callable[..., Tensor], Make]


def leaves(*shapes: tuple[int, ...]) -> list[Tensor]:
    """Random weights and inputs that want a gradient."""
    return [torch.randn(shape).mul_(0.1).requires_grad_() for shape in shapes]


def loss(rows: int, vocabulary: int, size: int) -> Case:
    """The output layer with its smoothed cross-entropy."""
    target = torch.randint(vocabulary, (rows,))
    ways = (cross_entropy.linear_cross_entropy, cross_entropy.reference)
    fused, plain = (lambda *given, way=way: way(*given, target, smoothing=0.1)[0] for way in ways)
    name = f"output and loss, {rows} x {vocabulary} x {size}"
    return name, fused, plain, lambda: leaves((rows, size), (vocabulary, size), (vocabulary,))


def scores(rows: int, queries: int, places: int, size: int) -> Case:
    """Additive scores of many queries at once."""
    name = f"additive scores, {rows} x {queries} x {places} x {size}"
    make = partial(leaves, (rows, queries, size), (rows, places, size), (size,))
    return name, additive.additive_scores, additive.reference, make


def decoder(rows: int, length: int, places: int, size: int) -> Case:
    """The attention loop: additive scores, weighted sum, an LSTM step that reads the context."""

    def loop(*given: Tensor) -> Tensor:
        x, memory, keys, energy, query, *weights = given
        hidden, cell, seen = (x.new_zeros(rows, size) for _ in range(3))
        outputs = []
        with steps(size):
            for part in x:
                hidden, cell = torch.lstm_cell(torch.cat([part, seen], 1), (hidden, cell), *weights)
                asked = nn.functional.linear(hidden, query)[:, None]
                weighed = additive.additive_scores(asked, keys, energy).softmax(-1)
                seen = weighted_sum(weighed, memory)[:, 0]
                outputs.append(hidden)
        return torch.stack(outputs)

    def plain(*given: Tensor) -> Tensor:
        with kernels.using("reference"):
            return loop(*given)

    attended = (rows, places, size)
    cell = ((4 * size, 2 * size), (4 * size, size), (4 * size,), (4 * size,))
    shapes = ((length, rows, size), attended, attended, (size,), (size, size), *cell)
    return f"attention loop, {rows} x {length} steps, {size} units", loop, plain, lambda: leaves(*shapes)


def sequence(kind: str, rows: int, length: int, given: int, size: int, *, half: bool) -> Case:
    """A recurrent layer beside PyTorch's, in one precision."""
    layer: Any = (nn.LSTM if kind == "lstm" else nn.GRU)(given, size)
    w_x, w_h, b_x, b_h = (layer.get_parameter(f"{n}_l0") for n in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    kind_of = torch.bfloat16 if half else torch.float32

    def ours(x: Tensor) -> Tensor:
        zero = x.new_zeros(rows, size)
        if kind == "gru":
            return gru.sequence(*(t.to(kind_of) for t in (x, w_x, w_h, b_x, b_h, zero)))
        return lstm.sequence(*(t.to(kind_of) for t in (x, w_x, w_h, b_x + b_h, zero)), zero)[0]

    def theirs(x: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            return layer(x)[0]

    name = f"{kind}, {rows} x {length} steps, {given} -> {size}, {'bf16' if half else 'fp32'}"
    return name, ours, theirs, lambda: leaves((length, rows, given))


def window(rows: int, number: int, side: int) -> Case:
    """The filters of a window along one side of a picture."""
    name = f"Gaussian filters, {rows} x {number} x {side}"
    fused, plain = (partial(way, number=number, side=side) for way in (gaussian.filters, gaussian.reference))
    return name, fused, plain, lambda: [(torch.rand(rows, 1) * 20 + 1).requires_grad_() for _ in range(3)]


def cases(*, half: bool) -> list[Case]:
    """What is compared."""
    found = [loss(900, 8000, 256), loss(2000, 5000, 192), scores(64, 14, 14, 512), scores(20, 60, 100, 256)]
    found += [decoder(64, 14, 14, 512), window(110, 12, 48)]
    for precision in (False, True) if half else (False,):
        found += [sequence(kind, 64, 14, 256, 256, half=precision) for kind in ("lstm", "gru")]
        found += [sequence(kind, 128, 14, 768, 512, half=precision) for kind in ("lstm", "gru")]
        found.append(sequence("gru", 64, 65, 768, 96, half=precision))
    return found


def compared(case: Case) -> dict[str, Any]:
    """Milliseconds of the kernel, and how many times as long its reference takes: median, least, greatest."""
    name, *ways, make = case
    times: list[list[float]] = [[], []]
    for _ in range(ROUNDS + 1):
        for way, took in zip(ways, times, strict=True):
            given = make()
            started = time.perf_counter()
            found = way(*given)
            found.backward(torch.ones_like(found))
            took.append(time.perf_counter() - started)
    ratios = [plain / fused for fused, plain in zip(times[0][1:], times[1][1:], strict=True)]
    spread = [statistics.median(ratios), min(ratios), max(ratios)]
    return {"name": name, "ms": 1e3 * statistics.median(times[0][1:]), "ratio": spread}


def measure() -> list[dict[str, Any]]:
    """Every kernel on one thread."""
    torch.set_num_threads(1)
    return [compared(case) for case in cases(half=torch.cpu._is_avx512_bf16_supported())]


def table(found: list[dict[str, Any]]) -> str:
    """One line for each."""
    rows = ["| kernel | ms | times as fast as its reference |", "|---|---|---|"]
    for one in found:
        median, least, most = one["ratio"]
        rows.append(f"| {one['name']} | {one['ms']:.1f} | {median:.2f} [{least:.2f}, {most:.2f}] |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(table(measure()))
