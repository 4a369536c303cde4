"""Translate: text to ids, hypotheses to records."""

from pathlib import Path

import numpy as np
import pytest

import letters
from regard.errors import ModelError
from regard.tasks.translate import Translate
from regard.types import BOS, EOS, UNK, Copyable, Example, Hypothesis

EXAMPLES = [Example("a red house", "une maison rouge"), Example("a house", "une maison")]


def task(shared: bool = True, codec: str = "words") -> Translate:
    return Translate(letters.tiny(Path("pairs.tsv"), embedding={"shared": shared}, codec={"name": codec}))


def fitted(shared: bool = True, codec: str = "words") -> Translate:
    found = task(shared, codec)
    found.fit(EXAMPLES)
    return found


def hypothesis(ids: list[int], length: int) -> Hypothesis:
    scores = -np.arange(1, len(ids) + 1, dtype=np.float32)
    return Hypothesis(np.array(ids), scores, np.full((len(ids), length), 1 / length, np.float32))


def test_a_shared_vocabulary_holds_both_sides() -> None:
    found = fitted()
    assert found.source_codec is found.target_codec
    assert found.sizes == (4 + 6, 4 + 6)
    assert UNK not in found.source("une maison rouge a red house")


def test_two_vocabularies_hold_a_side_each() -> None:
    found = fitted(shared=False)
    assert found.sizes == (4 + 3, 4 + 3)
    assert found.source("maison house")[0] == UNK
    assert found.target("maison house")[1] == UNK


def test_ids_end_with_the_end_sign_and_hold_no_start_sign() -> None:
    found = fitted()
    assert found.source("a house") == [*found.source("a")[:1], *found.source("house")[:1], EOS]
    assert BOS not in found.target("<s> une </s>")[:-1]


@pytest.mark.parametrize("blank", ["", "  ", "\t", "\u00a0\u3000", "\x00", "\ufeff"])
def test_a_blank_source_has_no_ids_and_gives_one_empty_record(blank: str) -> None:
    found = fitted()
    assert found.source(blank) == []
    (record,) = found.records(blank, [])
    assert (record.text, record.tokens, record.source_tokens, record.attention.shape) == ("", (), (), (0, 0))


def test_what_is_cleaned_is_the_same_for_training_and_for_use() -> None:
    found = fitted()
    assert found.source(" a\u00a0 house\r\n") == found.source("a house")
    assert found.target("une\tmaison") == found.target("une maison")


@pytest.mark.parametrize("shared", [True, False])
def test_a_record_has_a_row_for_each_token_and_a_column_for_each_source_token(shared: bool) -> None:
    found = fitted(shared)
    ids = found.target("une maison")
    (record,) = found.records("a red house", [hypothesis(ids, 4)])
    assert (record.source, record.text) == ("a red house", "une maison")
    assert record.source_tokens == ("▁a", "▁red", "▁house", "</s>")
    assert record.tokens == ("▁une", "▁maison", "</s>")
    assert record.attention.shape == (3, 4)
    assert record.score == -6.0


def test_each_hypothesis_has_its_record_in_their_order() -> None:
    found = fitted()
    texts = ["une maison", "maison", ""]
    records = found.records("a house", [hypothesis(found.target(text), 3) for text in texts])
    assert [record.text for record in records] == texts


def test_unknown_source_words_keep_their_letters() -> None:
    found = fitted()
    (record,) = found.records("a blue house", [hypothesis([EOS], 4)])
    assert record.source_tokens == ("▁a", "▁blue", "▁house", "</s>")


@pytest.mark.parametrize("codec", ["words", "characters"])
@pytest.mark.parametrize(("shared", "folders"), [(True, {"codec"}), (False, {"source_codec", "target_codec"})])
def test_what_was_learned_is_saved_and_loaded(tmp_path: Path, codec: str, shared: bool, folders: set[str]) -> None:
    found, again = fitted(shared, codec), task(shared, codec)
    found.save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == folders
    again.load(tmp_path)
    assert again.sizes == found.sizes
    assert again.source("a red house") == found.source("a red house")
    assert again.target("une maison") == found.target("une maison")


def test_a_missing_codec_is_told(tmp_path: Path) -> None:
    fitted(shared=True).save(tmp_path)
    with pytest.raises(ModelError, match=r"source_codec.vocabulary\.txt is missing"):
        task(shared=False).load(tmp_path)


def test_the_deciding_metric_comes_first() -> None:
    assert list(Translate.metrics) == ["bleu", "chrf", "exact"]


@pytest.mark.parametrize("shared", [True, False])
def test_a_word_that_the_vocabulary_lacks_has_the_id_of_its_first_place(shared: bool) -> None:
    found = Translate(letters.tiny(Path("pairs.tsv"), embedding={"shared": shared}, output={"name": "pointer"}))
    found.fit([*EXAMPLES, Example("a maison", "maison")])
    size = found.sizes[1]
    source = found.source("a Xq maison Yq Xq")
    assert isinstance(source, Copyable)
    assert list(source) == [*found.source_codec.ids(found.source_codec.split("a Xq maison Yq Xq")), EOS]
    a = found.target_codec.ids(["\u2581a"])[0] if shared else size  # else the target's vocabulary lacks it
    (maison,) = found.target_codec.ids(["\u2581maison"])
    assert source.copies == (a, size + 1, maison, size + 3, size + 1, EOS)
    ids = found.target("Yq Xq une Zq maison", "a Xq maison Yq Xq")
    assert ids == [size + 3, size + 1, *found.target_codec.ids(["\u2581une"]), UNK, maison, EOS]
    tokens = found.spelled(ids, "a Xq maison Yq Xq")
    assert tokens == ["\u2581Yq", "\u2581Xq", "\u2581une", "\u2581<unk>", "\u2581maison", "</s>"]
    assert found.target("Yq maison") == [UNK, maison, EOS]
    (record,) = found.records("a Xq maison Yq Xq", [hypothesis(ids, 6)])
    assert record.text == "Yq Xq une <unk> maison"


def test_pieces_are_copied_as_they_are() -> None:
    chosen = letters.tiny(Path("pairs.tsv"), codec={"name": "pieces", "size": 40}, output={"name": "pointer"})
    found = Translate(chosen)
    found.fit(EXAMPLES)
    source, target = found.source("une Maison \u4f60"), found.target("Maison \u4f60 une", "une Maison \u4f60")
    assert isinstance(source, Copyable)
    assert [c for i, c in zip(source, source.copies, strict=True) if i != UNK] == [i for i in source if i != UNK]
    assert found.join(found.spelled(target, "une Maison \u4f60")) == "Maison \u4f60 une"
    assert set(target) <= {*source.copies}
