"""What every codec promises, over every file of the folder and the options that change how it works."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regard.build import build, find, names, options
from regard.codecs import Codec
from regard.errors import DataError, ModelError, UsageError
from regard.text import clean
from regard.types import EOS, SPACE, SPECIALS, UNK, word_spans

TEXT = [
    "The quick fox, it's said, doesn't jump over 27 lazy dogs!",
    "L'homme qu'il a vu dit : « aujourd'hui, c'est l'été ».",
    "Быстрая лиса прыгает через собаку.",
    "تقفز الثعلبة فوق الكلب",
    "तेज़ लोमड़ी कूदती है",
    "敏捷的狐狸 跳过了 懒狗。",
]
OPTIONS: list[dict[str, Any]] = [
    *({"name": name} for name in names("codecs") if name != "labels"),  # whose text is a list, and no running one
    {"name": "words", "digits": False},
    {"name": "pieces", "model": "bpe"},
    {"name": "pieces", "bytes": True},
    {"name": "pieces", "model": "bpe", "bytes": True},
]
SURFACE = [chosen for chosen in OPTIONS if not chosen.get("bytes")]  # bytes show an unknown character spelled
KINDS = {" ".join(str(value) for value in chosen.values()): chosen for chosen in OPTIONS}

TRAPS = [*SPECIALS, SPACE, "a<s>", "x</s>", "<0xE2>", "\u2585", "9'"]
phrases = st.lists(st.sampled_from([*" ".join(TEXT).split(), *TRAPS]), max_size=8).map(" ".join)
texts = st.one_of(phrases, st.text(max_size=60))
quick = settings(max_examples=50, deadline=None, derandomize=True)


def fresh(chosen: dict[str, Any]) -> Codec:
    codec: Codec = build("codecs", chosen)
    return codec


@pytest.fixture(scope="module", params=list(KINDS.values()), ids=list(KINDS))
def chosen(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(request.param)


@pytest.fixture(scope="module")
def codec(chosen: dict[str, Any]) -> Codec:
    codec = fresh(chosen)
    codec.fit(TEXT * 3)
    return codec


@quick
@given(text=texts)
def test_tokens_joined_are_the_clean_text(codec: Codec, text: str) -> None:
    assert codec.join(codec.split(text)) == clean(text)


@quick
@given(text=texts)
def test_no_token_of_a_text_is_a_special_sign(codec: Codec, text: str) -> None:
    assert set(SPECIALS).isdisjoint(codec.split(text))
    assert all(i >= UNK for i in codec.encode(text)[:-1])


@quick
@given(text=texts)
def test_an_encoded_text_has_an_id_for_each_token_and_ends_once(codec: Codec, text: str) -> None:
    ids = codec.encode(text)
    assert len(ids) == len(codec.split(text)) + 1
    assert [place for place, i in enumerate(ids) if i == EOS] == [len(ids) - 1]


@quick
@given(text=texts)
def test_a_new_word_and_nothing_else_begins_with_the_space_sign(codec: Codec, text: str) -> None:
    tokens = codec.split(text)
    words = len(clean(text).split())
    assert sum(token.startswith(SPACE) for token in tokens) == words
    assert all(SPACE not in token[1:] for token in tokens)
    assert len(word_spans(tuple(tokens))) == words


@pytest.mark.parametrize("chosen", SURFACE, ids=str)
def test_tokens_merge_to_the_words_between_spaces(chosen: dict[str, Any]) -> None:
    codec = fresh(chosen)
    codec.fit(TEXT)

    @quick
    @given(text=texts)
    def merges(text: str) -> None:
        spans = word_spans(tuple(codec.split(text)))
        assert [word for word, _, _ in spans] == clean(text).split()

    merges()


def test_every_id_turns_into_its_token_and_back(codec: Codec) -> None:
    ids = list(range(codec.size))
    assert codec.ids(codec.tokens(ids)) == ids
    assert tuple(codec.vocabulary[:4]) == SPECIALS
    assert len(set(codec.vocabulary)) == codec.size


def test_a_known_text_comes_back_from_its_ids(codec: Codec) -> None:
    for text in TEXT:
        assert UNK not in codec.encode(text)
        assert codec.decode(codec.encode(text)) == text


def test_decoding_leaves_out_every_special_sign_but_the_unknown_one(codec: Codec) -> None:
    first, *rest = codec.encode("The fox")
    assert codec.decode([1, first, *rest, EOS, 0, 0]) == "The fox"
    assert codec.decode([*rest[:-1], UNK]).endswith("<unk>")


def test_an_unknown_character_becomes_the_unknown_sign_or_its_bytes(codec: Codec) -> None:
    decoded = codec.decode(codec.encode("The \u2603 fox"))
    assert decoded in ("The <unk> fox", "The \u2603 fox")


def test_an_empty_text_has_no_token_and_only_the_end_sign(codec: Codec) -> None:
    for empty in ("", "   ", "\t\n"):
        assert codec.split(empty) == []
        assert codec.encode(empty) == [EOS]
    assert codec.decode([EOS]) == codec.decode([]) == codec.join([]) == ""


def test_half_a_surrogate_pair_and_a_null_are_mended(codec: Codec) -> None:
    assert codec.join(codec.split("a\ud800 b\x00c")) == "a\ufffd b c"


def test_an_id_outside_the_vocabulary_is_refused(codec: Codec) -> None:
    for outside in (-1, codec.size):
        with pytest.raises(ModelError, match=f"id {outside} is outside the .* has {codec.size} tokens"):
            codec.tokens([4, outside])


def test_what_is_saved_is_loaded(codec: Codec, chosen: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    codec.save(folder)
    other = fresh(chosen)
    other.load(folder)
    assert other.vocabulary == codec.vocabulary
    for text in [*TEXT, "unseen \u2603 9000"]:
        assert other.split(text) == codec.split(text)
        assert other.encode(text) == codec.encode(text)
        assert other.decode(other.encode(text)) == codec.decode(codec.encode(text))
    assert all(not path.name.endswith(".tmp") for path in folder.iterdir())


def test_the_same_lines_give_the_same_files(chosen: dict[str, Any], tmp_path: Path) -> None:
    for name in ("one", "two"):
        codec = fresh(chosen)
        codec.fit(iter(TEXT * 2))
        codec.save(tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_the_vocabulary_file_has_a_token_in_each_line(codec: Codec, tmp_path: Path) -> None:
    codec.save(tmp_path)
    raw = (tmp_path / "vocabulary.txt").read_bytes()
    assert raw.decode("utf-8").split("\n") == [*codec.vocabulary, ""]
    assert b"\r" not in raw


@pytest.mark.parametrize("lines", [["a"], ["the cat", "le chat", "a 12"], ["<s> </s>", "x<unk>"]], ids=str)
def test_a_tiny_text_is_enough(chosen: dict[str, Any], lines: list[str]) -> None:
    codec = fresh(chosen)
    codec.fit(lines)
    assert 4 < codec.size < 400
    assert codec.join(codec.split(lines[0])) == lines[0]


@pytest.mark.parametrize("lines", [[], ["", "  ", "\n"]], ids=["no line", "blank lines"])
def test_a_text_without_anything_is_refused(chosen: dict[str, Any], lines: list[str]) -> None:
    with pytest.raises(DataError, match=r"There is no text to learn .* from: no line holds anything"):
        fresh(chosen).fit(lines)


def test_a_fault_while_reading_lines_is_passed_on(chosen: dict[str, Any]) -> None:
    def lines() -> Iterator[str]:
        yield "a b c"
        raise DataError("pairs.tsv:2: not UTF-8")

    with pytest.raises(DataError, match=r"^pairs.tsv:2: not UTF-8$"):
        fresh(chosen).fit(lines())


def test_a_codec_without_vocabulary_says_so(chosen: dict[str, Any], tmp_path: Path) -> None:
    codec = fresh(chosen)
    for use in (
        lambda: codec.size,
        lambda: codec.encode("a"),
        lambda: codec.encode(""),
        lambda: codec.tokens([4]),
    ):
        with pytest.raises(UsageError, match="has no vocabulary yet: fit or load it first"):
            use()
    with pytest.raises(UsageError, match="no vocabulary yet"):
        codec.save(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_a_folder_without_a_vocabulary_is_refused(chosen: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"vocabulary\.txt is missing"):
        fresh(chosen).load(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "vocabulary.txt: a vocabulary begins with <pad> <s> </s> <unk>; this one with nothing"),
        (b"the\nof\n", "begins with <pad> <s> </s> <unk>; this one with the of"),
        (b"<pad>\n<s>\n</s>\n<unk>\nth", "is cut off: its last line 5 has no end"),
        (b"<pad>\n<s>\n</s>\n<unk>\n\n", r"vocabulary.txt:5: got '', expected one token"),
        (b"<pad>\n<s>\n</s>\n<unk>\na b\n", r"vocabulary.txt:5: got 'a b', expected one token"),
        (b"<pad>\n<s>\n</s>\n<unk>\na\nb\na\n", r"vocabulary.txt:7: 'a' is there twice, first in line 5"),
        (b"<pad>\n<s>\n</s>\n<unk>\n\xff\n", "is damaged: byte 21 is not UTF-8"),
    ],
)
def test_a_damaged_vocabulary_is_refused_with_its_line(
    chosen: dict[str, Any], tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "vocabulary.txt").write_bytes(content)
    with pytest.raises(ModelError, match=message):
        fresh(chosen).load(tmp_path)


@pytest.mark.parametrize("name", names("codecs"))
def test_every_option_is_explained(name: str) -> None:
    for option in options(find("codecs", name)).values():
        assert option.help and ":" not in option.name
