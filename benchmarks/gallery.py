"""A page of twelve captions with their gaze, chosen by a rule and not by hand.

    python benchmarks/gallery.py MODEL DATA OUT.html

The rule: of the N pictures of DATA in their order, those with the numbers 0, N/12, 2N/12, ...
Beside the page, captions and references are printed as a table in Markdown.
"""

import argparse
from pathlib import Path

from regard import load
from regard.view.record import save

TWELVE = 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("data")
    parser.add_argument("out", type=Path)
    chosen = parser.parse_args()
    model = load(chosen.model)
    examples = list(model.task.examples(chosen.data, model.config.data))
    some = [examples[number * len(examples) // TWELVE] for number in range(TWELVE)]
    outputs = model([example.source for example in some])
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    save(outputs, chosen.out)
    print("| picture | caption | first reference |\n|---|---|---|")
    for example, output in zip(some, outputs, strict=True):
        print(f"| {Path(example.source).name} | {output.text} | {example.target} |")


if __name__ == "__main__":
    main()
