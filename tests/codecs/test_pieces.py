"""Pieces: sizes, faithful text, bytes, and a model file that can go wrong."""

from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from regard.codecs.pieces import MODEL, Pieces, _sample
from regard.errors import ConfigError, ModelError
from regard.types import SPECIALS, UNK

LINES = ["the cat sat on the mat", "the dog sat on the cat", "le chat est sur le tapis"] * 4


def fitted(codec: Pieces) -> Pieces:
    codec.fit(LINES)
    return codec


@pytest.mark.parametrize("model", ["unigram", "bpe"])
def test_the_vocabulary_has_the_size_asked_for_or_less(
    model: Literal["unigram", "bpe"],
) -> None:
    assert fitted(Pieces(size=25, model=model)).size == 25
    assert 25 < fitted(Pieces(size=6000, model=model)).size < 100


def test_a_size_that_cannot_hold_the_characters_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"size = 20 is too small for pieces: .* need 21\. Raise size"):
        fitted(Pieces(size=20))
    assert fitted(Pieces(size=21)).size == 21
    with pytest.raises(ConfigError, match=r"characters of this text need 277"):
        fitted(Pieces(size=276, bytes=True))


def test_less_coverage_leaves_out_rare_characters() -> None:
    lines = ["aaaa bbbb"] * 500 + ["\u2603"]
    full, common = Pieces(), Pieces(coverage=0.99)
    full.fit(lines)
    common.fit(lines)
    assert UNK not in full.encode("\u2603")
    assert UNK in common.encode("\u2603")


def test_characters_keep_their_looks() -> None:
    text = "½ … ﬁ \u00c5 \u00e9 \uff21\uff22 ² №"
    codec = Pieces()
    codec.fit([text])
    assert codec.decode(codec.encode(text)) == text


def test_digits_are_single_pieces() -> None:
    codec = Pieces()
    codec.fit(["in 2024", "in 2024 there"] * 20)
    assert codec.split("2024") in (["▁", "2", "0", "2", "4"], ["▁2", "0", "2", "4"])


def test_a_run_of_unknown_characters_is_one_token_as_written() -> None:
    codec = fitted(Pieces())
    assert codec.split("\u2603\u2604")[-1] == "\u2603\u2604"
    assert codec.ids(["\u2603\u2604"]) == [UNK]


@pytest.mark.parametrize("sign", SPECIALS)
def test_an_unknown_run_that_reads_like_a_special_sign_is_taken_apart(sign: str) -> None:
    codec = Pieces()
    codec.fit(["cat"])  # none of the signs' characters but a, t, c
    assert codec.split("cat " + sign + " a" + sign)[-1] != sign
    assert codec.join(codec.split("a" + sign)) == "a" + sign
    assert set(codec.ids(codec.split(sign + "a" + sign))).isdisjoint((0, 1, 2))


def test_bytes_spell_what_is_unknown() -> None:
    codec = fitted(Pieces(bytes=True))
    tokens = codec.split("the \u2603 <0xE2>")
    assert [token for token in tokens if token.startswith("<0x")][:3] == ["<0xE2>", "<0x98>", "<0x83>"]
    assert UNK not in codec.ids(tokens)
    assert codec.decode(codec.ids(tokens)) == "the \u2603 <0xE2>"


def test_bytes_that_are_no_character_show_as_the_replacement_sign() -> None:
    codec = fitted(Pieces(bytes=True))
    assert codec.join([*codec.split("the"), "\u2581", "<0xE2>", "<0x98>"]) == "the \ufffd"


def test_without_bytes_a_text_that_reads_like_one_is_only_text() -> None:
    codec = fitted(Pieces())
    assert codec.join(codec.split("cat<0xE2>")) == "cat<0xE2>"


def test_a_line_of_any_length_and_with_any_sign_is_learned_from() -> None:
    codec = Pieces()
    codec.fit(["x " * 5000 + "q", "\u2585 z \u2581 w"])
    assert UNK not in codec.encode("x q z _ w")
    assert codec.join(codec.split("\u2585")) == "\u2585"


@pytest.mark.parametrize("model", ["unigram", "bpe"])
def test_a_frequent_word_that_a_space_always_follows_is_a_piece(model: Literal["unigram", "bpe"]) -> None:
    codec = Pieces(size=60, model=model)
    codec.fit([f"several {verb} {noun}." for verb in ("see", "hear", "find") for noun in ("men", "dogs", "cars")])
    assert "▁several" in codec.split("several men.")


def test_a_sample_of_many_lines_is_spread_over_all_and_always_the_same() -> None:
    lines = [str(number) for number in range(1000)]
    sample = _sample(iter(lines), most=100)
    assert sample == _sample(iter(lines), most=100)
    assert len(set(sample)) == 100
    assert 300 < sum(map(int, sample)) / 100 < 700
    assert _sample(iter(["", "a", " b  c "]), most=100) == ["a", "b c"]


def test_a_missing_model_file_is_refused(tmp_path: Path) -> None:
    fitted(Pieces()).save(tmp_path)
    (tmp_path / MODEL).unlink()
    with pytest.raises(ModelError, match=r"pieces\.model is missing"):
        Pieces().load(tmp_path)


def test_a_model_file_cut_off_anywhere_among_its_pieces_is_refused(tmp_path: Path) -> None:
    fitted(Pieces()).save(tmp_path)
    whole = (tmp_path / MODEL).read_bytes()
    for length in range(len(whole) // 2):
        (tmp_path / MODEL).write_bytes(whole[:length])
        with pytest.raises(ModelError, match=r"pieces\.model is damaged"):
            Pieces().load(tmp_path)


def test_a_model_file_of_another_codec_is_refused(tmp_path: Path) -> None:
    fitted(Pieces()).save(tmp_path)
    fitted(Pieces(size=25)).save(tmp_path / "other")
    (tmp_path / "other" / MODEL).replace(tmp_path / MODEL)
    with pytest.raises(ModelError, match=r"has 25 pieces, which are not the \d+ tokens of vocabulary\.txt"):
        Pieces().load(tmp_path)


def drawn(codec: Pieces, text: str, times: int) -> list[tuple[int, ...]]:
    ids, random = codec.encode(text), np.random.default_rng(3)
    return [tuple(codec.drawn(ids, random)) for _ in range(times)]


def test_without_temperature_ids_stay_as_they_are() -> None:
    codec = fitted(Pieces(size=40))
    assert set(drawn(codec, "the cat sat", 5)) == {tuple(codec.encode("the cat sat"))}


@pytest.mark.parametrize("text", ["the cat sat on the mat", "the\u4e2dcat tap\u4e2d", "", "\u4e2d", "le 3 chat"])
@pytest.mark.parametrize("spelled", [False, True])
def test_what_is_drawn_is_the_same_text(text: str, spelled: bool) -> None:
    codec = fitted(Pieces(size=300 if spelled else 40, bytes=spelled, temperature=9.0))
    ways = drawn(codec, text, 20)
    assert {codec.decode(way) for way in ways} == {codec.decode(codec.encode(text))}
    assert len(set(ways)) > 1 or not text.isascii() or not text


def test_ways_are_drawn_as_often_as_they_are_likely() -> None:
    codec = fitted(Pieces(size=40, temperature=4.0))
    score = {codec.tokens([i])[0]: codec._processor.get_score(i) for i in range(4, codec.size)}  # its log probability
    ways = drawn(codec, "chat", 4000)
    shares = {way: ways.count(way) / len(ways) for way in set(ways)}
    told = {way: np.exp(sum(score[token] for token in codec.tokens(way[:-1])) / 4.0) for way in shares}
    assert len(shares) == 3
    for way, share in shares.items():
        assert share == pytest.approx(told[way] / sum(told.values()), abs=0.03)


def test_only_the_unigram_model_can_draw() -> None:
    with pytest.raises(ConfigError, match=r"temperature is 2, but only model = 'unigram' can draw, not 'bpe'"):
        Pieces(model="bpe", temperature=2.0)
