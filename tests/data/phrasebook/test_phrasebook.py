"""The phrasebook: the same for the same seed, disjoint, learnable, and right."""

import itertools
import sys
from collections import Counter, defaultdict

import babel
import pytest

from regard.data.phrasebook import Phrase, Split, phrases, split
from regard.data.phrasebook.phrase import words
from regard.errors import ConfigError, UsageError

LOCALES = ("fr", "de", "es", "pt-BR", "ru", "pl", "fi", "ar", "ja", "zh_Hant", "hi", "th", "ko", "sr_Latn")


FIRST = [
    ("Lebanon", "Liban", "countries"),
    ("Sunday, Friday, Saturday, and Tuesday", "dimanche, vendredi, samedi et mardi", "calendar"),
    ("seventeen", "dix-sept", "cardinals"),
    ("1:15 AM", "01:15", "times"),
    ("forty-fourth", "quarante-quatrième", "ordinals"),
    ("Q3 1961", "T3 1961", "months"),
]


@pytest.fixture(scope="module")
def english_french() -> Split:
    return split("en", "fr", train=8_000, valid=400, test=400)


def take(source: str, target: str, count: int, seed: int = 1) -> list[Phrase]:
    return list(itertools.islice(phrases(source, target, seed=seed), count))


def vocabulary(texts: list[str]) -> set[str]:
    return {word for text in texts for word in words(text)}


def test_one_seed_gives_one_phrasebook() -> None:
    assert take("en", "fr", 300) == take("en", "fr", 300)
    assert take("en", "fr", 300) != take("en", "fr", 300, seed=2)
    assert split("en", "de", train=900, valid=20, test=20) == split("en", "de", train=900, valid=20, test=20)


@pytest.mark.skipif(not babel.__version__.startswith("2.18"), reason="the names are those of CLDR 47")
def test_the_first_phrases_are_the_same_in_every_process() -> None:
    assert [(p.source, p.target, p.kind) for p in take("en", "fr", 6)] == FIRST


def test_no_source_is_said_twice() -> None:
    sources = [phrase.source for phrase in take("en", "fr", 3_000)]
    assert len(set(sources)) == len(sources)


def test_parts_have_the_sizes_asked_for_and_share_no_source(english_french: Split) -> None:
    parts = (english_french.train, english_french.valid, english_french.test)
    assert [len(part) for part in parts] == [8_000, 400, 400]
    assert len({example.source for part in parts for example in part}) == 8_800
    assert [example.line for example in english_french.test] == list(range(1, 401))


def test_every_word_of_a_held_out_phrase_is_in_training(english_french: Split) -> None:
    held = [*english_french.valid, *english_french.test]
    train = english_french.train
    assert vocabulary([e.source for e in held]) <= vocabulary([e.source for e in train])
    assert vocabulary([e.target for e in held]) <= vocabulary([e.target for e in train])


def test_atoms_are_never_held_out(english_french: Split) -> None:
    atoms = {phrase.source for phrase in take("en", "fr", 8_800) if phrase.atom}
    assert {"France", "Saturday", "seventy-five", "Central European Summer Time"} <= atoms
    assert atoms <= {example.source for example in english_french.train}


def test_every_kind_is_in_every_part_in_a_sane_share(english_french: Split) -> None:
    counts = {
        part: Counter(map(english_french.kind_of, getattr(english_french, part))) for part in ("train", "valid", "test")
    }
    assert len(counts["train"]) >= 20
    for part in ("valid", "test"):
        assert set(counts[part]) == set(counts["train"])
        assert max(counts[part].values()) < 0.2 * 400


def test_lengths_suit_a_short_training(english_french: Split) -> None:
    lengths = [len(words(example.target)) for example in english_french.train]
    assert 5 <= sum(lengths) / len(lengths) <= 9
    assert max(lengths) <= 20


def test_a_part_without_room_for_what_is_held_out_says_so() -> None:
    with pytest.raises(UsageError, match=r"Of 60 phrases only \d+ can be held out .* expected 50"):
        split("en", "fr", train=10, valid=25, test=25)


@pytest.mark.parametrize("locale", LOCALES)
def test_many_locales_are_spoken_both_ways(locale: str) -> None:
    for pair in (("en", locale), (locale, "en")):
        said = take(*pair, 250)
        assert len(said) == 250
        for phrase in said:
            for text in (phrase.source, phrase.target):
                assert text == " ".join(text.split())
                assert text
                assert not any(sign in text for sign in "\u00a0\u202f\u200e\u200f\n")
                assert "duration-" not in text


def test_sources_decide_their_targets_whatever_the_seed() -> None:
    targets = defaultdict(set)
    for pair, seed in itertools.product((("fr", "en"), ("es", "de"), ("ja", "en")), (1, 2)):
        for phrase in take(*pair, 3_000, seed=seed):
            targets[pair, phrase.source].add(phrase.target)
    assert [key for key, found in targets.items() if len(found) > 1] == []


def test_a_language_without_number_words_is_skipped_cleanly() -> None:
    kinds = {phrase.kind for phrase in take("en", "zh", 600)}
    assert not kinds & {"cardinals", "ordinals", "years", "counted"}
    assert {"dates", "money", "relative"} <= kinds


def test_an_unknown_locale_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"CLDR has no locale 'pt_BX'\. Did you mean 'pt_\w+'\?") as caught:
        phrases("en", "pt_BX")
    assert len(str(caught.value)) < 250
    with pytest.raises(ConfigError, match=r"CLDR has no locale ''.* such as en, fr, pt_BR"):
        phrases("", "fr")


@pytest.mark.parametrize("pair", [("fr", "fr"), ("en", "en_GB"), ("pt-BR", "pt")])
def test_one_language_twice_is_refused(pair: tuple[str, str]) -> None:
    with pytest.raises(UsageError, match=r"needs two languages; .* are the same one"):
        phrases(*pair)


def test_two_scripts_of_one_language_are_two() -> None:
    said = {phrase.source: phrase.target for phrase in take("sr", "sr_Latn", 2_000)}
    assert said["понедељак"] == "ponedeljak"


def test_a_missing_dependency_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("regard.data.phrasebook.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("regard.data.phrasebook.kinds")
    monkeypatch.delattr("regard.data.phrasebook.pair")
    monkeypatch.setitem(sys.modules, "babel", None)
    with pytest.raises(UsageError, match=r'needs babel: pip install "regard\[train\]"'):
        phrases("en", "fr")
