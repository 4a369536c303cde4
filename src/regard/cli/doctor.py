"""Check this installation: versions, processor, threads, accelerator, and a tiny training.

For example:
  regard doctor
"""

import argparse
import os
import platform
import tempfile
import time
from importlib import metadata
from pathlib import Path

EXTRAS = {
    "core": ("numpy", "onnxruntime", "rich", "safetensors", "sentencepiece"),
    "train": ("torch", "jaxtyping", "sacrebleu", "tensorboard", "onnx", "onnxscript", "babel", "num2words"),
    "picture": ("pillow", "transformers"),
    "plot": ("matplotlib",),
    "serve": ("fastapi", "httptools", "python-multipart", "uvicorn"),
}
X86 = ("avx2", "avx512f", "avx512_bf16", "avx512_vnni", "avx_vnni", "amx_bf16", "amx_int8")
ARM = ("asimddp", "bf16", "i8mm")


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes: nothing."""


def run(args: argparse.Namespace) -> int:
    """Print what is there; exit status 1 if the self-check fails."""
    started = time.perf_counter()
    print(f"regard {metadata.version('regard')}, Python {platform.python_version()} on {platform.platform()}")
    for extra, packages in EXTRAS.items():
        print(f"{extra:<12}{', '.join(f'{name} {_version(name)}' for name in packages)}")
    print(f"{'processor':<12}{_processor()}")
    print(f"{'threads':<12}{os.cpu_count()} logical processors{_thread_settings()}")
    if _version("torch") == "missing":
        print(f'{"self-check":<12}skipped: training needs pip install "regard[train]"')
        return 0
    print(f"{'accelerator':<12}{_accelerator()}")
    exact = _self_check()
    fine = exact >= 90
    verdict = "fine" if fine else "NOT AS IT SHOULD BE"
    print(f"{'self-check':<12}trained to reverse letters, {exact:.0f}% exact: {verdict}")
    print(f"{'':<12}{time.perf_counter() - started:.1f} s in all")
    return 0 if fine else 1


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "missing"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    text = info.read_text(encoding="utf-8") if info.exists() else ""
    facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in text.splitlines())}
    flags = set((facts.get("flags") or facts.get("Features") or "").split())
    name = facts.get("model name") or platform.processor() or platform.machine()
    return f"{name}: {', '.join(f for f in X86 + ARM if f in flags) or 'no vector features reported'}"


def _thread_settings() -> str:
    set_ = [f"{name}={os.environ[name]}" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS") if name in os.environ]
    return f" ({', '.join(set_)})" if set_ else ""


def _accelerator() -> str:
    import torch

    if torch.cuda.is_available():
        return f"{torch.cuda.get_device_name()}, CUDA {torch.version.cuda}"
    return "none; PyTorch runs on the processor"


def _self_check() -> float:
    """Train on reversing three letters, and decode what was never seen."""
    from itertools import product

    from regard import config
    from regard.training.session import train

    lines = [f"{' '.join(abc)}\t{' '.join(reversed(abc))}\n" for abc in product("abcdefgh", repeat=3)]
    with tempfile.TemporaryDirectory() as folder:
        pairs = Path(folder) / "pairs.tsv"
        pairs.write_text("".join(lines), encoding="utf-8")
        small = {
            "data": {"train": str(pairs), "holdout": 0.1},
            "codec": {"name": "words"},
            "embedding": {"size": 32, "dropout": 0.0},
            "encoder": {"name": "recurrent", "size": 32, "dropout": 0.0},
            "attention": {"name": "additive", "size": 32},
            "decoder": {"name": "attend_then_step", "size": 64, "dropout": 0.0},
            "train": {"steps": 100, "batch": 256, "rate": 0.03, "ema": 0.9, "validate": 100, "threads": 1},
        }
        return train(config.check(small), Path(folder) / "model").scores["exact"].value
