"""The model card: a README that the trainer writes beside the weights."""

import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from regard.config import Config
from regard.evaluate import Report
from regard.files import write_text
from regard.train.prepare import Prepared
from regard.train.run import Progress

FILE = "README.md"


def write(out: Path, config: Config, prepared: Prepared, progress: Progress, report: Report) -> None:
    """Say what the model is, what it was made of, how good it is and how to use it."""
    info = prepared.store.info
    source, target = prepared.task.sizes
    scores = [
        f"| {name} | {score.value:.2f} | `{score.signature.replace('|', chr(92) + '|')}` |"  # a bar would end the cell
        for name, score in report.scores.items()
    ]
    shared = " (one for both)" if config.embedding.shared else ""
    text = f"""# {out.resolve().name}

A `{config.task}` model: {config.encoder["name"]} encoder, {config.attention["name"]} attention, \
{config.decoder["name"]} decoder. Written by regard {version("regard")} on {datetime.now(UTC):%Y-%m-%d}.

## Use

    regard run {out.resolve().name} "a line of text" --show

## Scores on the {report.examples:,} validation pairs, beam {config.decode.beam}

| metric | value | signature |
|---|---|---|
{chr(10).join(scores)}
| perplexity | {report.perplexity:.3f} | per {config.codec["name"]} token, end sign included |

## Data

- Training pairs: {info["pairs"]:,}, {info["tokens"][0]:,} source and {info["tokens"][1]:,} target tokens
- Fingerprint (SHA-256 of all pairs read): `{info["fingerprint"]}`
- Vocabulary: {source:,} source, {target:,} target tokens{shared}

## Training

- Best of {progress.step:,} steps: step {progress.best_step:,}; {progress.skipped} steps skipped for a loss or \
gradient that was not finite
- {progress.seconds / 60:.1f} minutes on {progress.threads} threads of {platform.machine()}, \
{progress.tokens / max(progress.seconds, 1e-9):,.0f} target tokens/s, PyTorch {version("torch")}
- Everything else that determines the run is in `config.toml`; `regard train config.toml` makes it again.
"""
    write_text(out / FILE, text)
