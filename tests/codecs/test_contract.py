"""What every codec promises, over every file of the folder and the options that change how it works."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regard.build import build, names
from regard.codecs import Codec, clean
from regard.errors import DataError, ModelError, UsageError
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
    *({"name": name} for name in names("codecs")),
    {"name": "words", "digits": False},
    {"name": "pieces", "model": "bpe"},
    {"name": "pieces", "bytes": True},
    {"name": "pieces", "model": "bpe", "bytes": True},
]
SURFACE = [chosen for chosen in OPTIONS if not chosen.get("bytes")]  # bytes show an unknown character spelled
KINDS = {" ".join(str(value) for value in chosen.values()): chosen for chosen in OPTIONS}

anything = st.text(max_size=60)
texts = st.one_of(
    st.lists(st.sampled_from(" ".join(TEXT).split() + [*SPECIALS, SPACE, "a<s>", "<0xE2>"]), max_size=8).map(" ".join),
    anything,
)
quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


def fresh(chosen: dict[str, Any]) -> Codec:
    codec: Codec = build("codecs", chosen)
    return codec


@pytest.fixture(scope="module", params=KINDS.values(), ids=KINDS.keys())
def codec(request: pytest.FixtureRequest) -> Codec:
    codec = fresh(request.param)
    codec.fit(TEXT * 3)
    return codec


@pytest.fixture(params=KINDS.values(), ids=KINDS.keys())
def chosen(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(request.param)


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


def test_half_a_surrogate_pair_and_a_null_do_no_harm(codec: Codec) -> None:
    assert codec.join(codec.split("a\ud800 b\x00c")) == "a? b\x00c"


def test_an_id_outside_the_vocabulary_is_refused(codec: Codec) -> None:
    for outside in (-1, codec.size):
        with pytest.raises(ModelError, match=f"id {outside} is outside the vocabulary, which has {codec.size}"):
            codec.tokens([4, outside])


def test_what_is_saved_is_loaded(codec: Codec, chosen: dict[str, Any], tmp_path: Path) -> None:
    codec.save(tmp_path / "new" / "folder")
    name = type(codec).__name__.lower()
    other = fresh({"name": name})
    other.load(tmp_path / "new" / "folder")
    assert other.vocabulary == codec.vocabulary
    for text in [*TEXT, "unseen \u2603 9000"]:
        assert codec.decode(codec.encode(text)) == other.decode(codec.encode(text))
        if chosen.get("digits", True):
            assert fresh_split(other, text) == codec.split(text) or name == "words"
    assert not list((tmp_path / "new" / "folder").glob("*.tmp"))
