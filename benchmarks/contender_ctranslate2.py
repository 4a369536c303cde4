"""CTranslate2 with a Transformer of 3 + 3 layers of 256 in eight bits: the time of sentences of given lengths.

    runs/benchmark/ctranslate2/bin/python benchmarks/contender_ctranslate2.py LENGTHS.json [--threads 1]

LENGTHS.json holds [source tokens, target tokens] of each sentence. The weights
are random and every output is made as long as its reference: an engine's speed
depends on sizes and lengths, not on what the numbers say. For each line
`{"beam": N, "batch": N, "one": false}` it says `{"seconds": S}` for all sentences,
or, if `one`, for the first alone.
"""

import json
import sys
import time
from pathlib import Path

import ctranslate2
import numpy as np
from ctranslate2.specs import TransformerSpec

VOCABULARY, SIZE, FEED, LAYERS, HEADS = 8000, 256, 1024, 3, 4
RANDOM = np.random.default_rng(0)


def linear(layer: object, outputs: int, inputs: int) -> None:
    layer.weight = (RANDOM.normal(size=(outputs, inputs)) / inputs**0.5).astype(np.float32)
    layer.bias = np.zeros(outputs, np.float32)


def norm(layer: object) -> None:
    layer.gamma, layer.beta = np.ones(SIZE, np.float32), np.zeros(SIZE, np.float32)


def feed(layer: object) -> None:
    norm(layer.layer_norm)
    linear(layer.linear_0, FEED, SIZE)
    linear(layer.linear_1, SIZE, FEED)


def write(folder: Path) -> list[str]:
    """A model of random weights; returns its vocabulary."""
    spec = TransformerSpec.from_config((LAYERS, LAYERS), HEADS, pre_norm=True)
    for embeddings in (*spec.encoder.embeddings, spec.decoder.embeddings):
        embeddings.weight = (RANDOM.normal(size=(VOCABULARY, SIZE)) / SIZE**0.5).astype(np.float32)
    for side in (spec.encoder, spec.decoder):
        side.position_encodings.encodings = np.zeros((512, SIZE), np.float32)
        norm(side.layer_norm)
        for layer in side.layer:
            norm(layer.self_attention.layer_norm)
            linear(layer.self_attention.linear[0], 3 * SIZE, SIZE)
            linear(layer.self_attention.linear[1], SIZE, SIZE)
            feed(layer.ffn)
    for layer in spec.decoder.layer:
        norm(layer.attention.layer_norm)
        linear(layer.attention.linear[0], SIZE, SIZE)
        linear(layer.attention.linear[1], 2 * SIZE, SIZE)
        linear(layer.attention.linear[2], SIZE, SIZE)
    linear(spec.decoder.projection, VOCABULARY, SIZE)
    words = ["<blank>", "<s>", "</s>", "<unk>", *(f"w{i}" for i in range(VOCABULARY - 4))]
    spec.register_source_vocabulary(words)
    spec.register_target_vocabulary(words)
    spec.config.unk_token = "<unk>"
    spec.validate()
    spec.optimize(quantization="int8")
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    return words


def main() -> None:
    lengths = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    threads = int(sys.argv[sys.argv.index("--threads") + 1]) if "--threads" in sys.argv else 1
    folder = Path(sys.argv[1]).parent / "ctranslate2-model"
    words = write(folder)
    translator = ctranslate2.Translator(str(folder), compute_type="int8", inter_threads=threads, intra_threads=1)
    sources = [[words[i] for i in RANDOM.integers(4, VOCABULARY, length)] for length, _ in lengths]
    order = sorted(range(len(lengths)), key=lambda i: lengths[i][1])
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        beam, size = asked["beam"], asked["batch"]
        started, waiting = time.perf_counter(), []
        for group in [order[:1]] if asked["one"] else [order[i : i + size] for i in range(0, len(order), size)]:
            longest = asked.get("longest") or round(sum(lengths[i][1] for i in group) / len(group))
            given = [sources[i] if not asked["one"] else sources[i][: asked["places"]] for i in group]
            waiting += translator.translate_batch(
                given, beam_size=beam, min_decoding_length=longest, max_decoding_length=longest, asynchronous=True
            )
        for result in waiting:
            result.result()
        print(json.dumps({"seconds": time.perf_counter() - started}), flush=True)


if __name__ == "__main__":
    main()
