"""The model card: JSON for programs, Markdown for people."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from regard.card import FILE, README, Card, parameters
from regard.errors import ModelError

CARD = Card(
    name="pairs",
    task="translate",
    version="1.2.3",
    created="2030-01-02",
    parts={"encoder": "recurrent", "attention": "additive"},
    vocabulary=(1234, 56),
    parameters=1_234_567,
    data={"pairs": 29_000, "left out": {"more than 5 tokens": 2}, "fingerprint": "ab" * 32},
    training={"steps": 4000, "minutes": 1.5},
    validation={"pairs": 1014, "beam": 5, "perplexity": 3.25},
    scores={"bleu": (54.321, "nrefs:1|case:mixed"), "exact": (12.0, "exact|case:mixed")},
)


def test_a_saved_card_is_loaded_as_it_was(tmp_path: Path) -> None:
    CARD.save(tmp_path)
    loaded = Card.load(tmp_path)
    assert json.dumps(asdict(loaded)) == json.dumps(asdict(CARD))
    assert loaded.to_markdown() == CARD.to_markdown() == (tmp_path / README).read_text(encoding="utf-8")


def test_for_people_it_is_markdown_with_every_fact() -> None:
    lines = CARD.to_markdown().splitlines()
    assert lines[0] == "# pairs"
    assert '    regard run pairs "a line of text" --show' in lines
    assert "## Scores on 1,014 validation pairs, beam 5" in lines
    assert "| bleu | 54.32 | `nrefs:1\\|case:mixed` |" in lines
    for fact in (
        "- Perplexity: 3.25",
        "- Attention: additive",
        "- Vocabulary: 1,234 source and 56 target tokens",
        "- Parameters: 1,234,567",
        "- Pairs: 29,000",
        f"- Fingerprint: {'ab' * 32}",
        "- Steps: 4,000",
        "- Minutes: 1.5",
    ):
        assert fact in lines


def test_every_row_of_the_table_has_as_many_cells_as_its_head() -> None:
    table = [line.replace("\\|", "") for line in CARD.to_markdown().splitlines() if line.startswith("|")]
    assert {row.count("|") for row in table} == {4}


def test_the_files_end_in_one_line_feed_and_hold_no_carriage_return(tmp_path: Path) -> None:
    CARD.save(tmp_path)
    for name in (FILE, README):
        content = (tmp_path / name).read_bytes()
        assert content.endswith(b"\n")
        assert not content.endswith(b"\n\n")
        assert b"\r" not in content


def test_parameters_are_counted_in_the_weights_file(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    safetensors.numpy.save_file({"a": np.zeros((3, 5)), "b": np.zeros(7), "c": np.zeros(())}, str(path))
    assert parameters(path) == 3 * 5 + 7 + 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"card\.json is damaged"),
        ("[]", r"card\.json is not a card of this version: it should hold name, task"),
        ('{"name": "x"}', r"card\.json is not a card of this version"),
        ('{"colour": "red"}', r"card\.json is not a card of this version"),
    ],
)
def test_a_file_that_is_no_card_is_told(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=message):
        Card.load(tmp_path)


def test_without_a_card_the_folder_is_no_model_yet(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"holds no card\.json: it is not a model folder, or its training"):
        Card.load(tmp_path)
