"""Which variants a comparison has, and what they are called."""

import pytest

from regard.comparison.variants import Variant, listed, variants
from regard.errors import UsageError
from regard.sections import Compare


def test_without_anything_to_vary_there_is_the_run_itself() -> None:
    assert variants(Compare()) == [Variant("as configured")]


def test_a_part_is_called_by_its_name_and_an_option_by_both() -> None:
    found = variants(Compare(vary=["attention.name=none, additive", "decoder.layers=1,2"]))
    assert [variant.name for variant in found] == [
        "none layers=1",
        "none layers=2",
        "additive layers=1",
        "additive layers=2",
    ]
    assert found[1].settings == ("attention.name=none", "decoder.layers=2")


def test_further_variants_come_last_under_their_own_names() -> None:
    found = variants(Compare(vary="seed=1,2", also="wide one: encoder.size=512  decoder.size=1024"))
    assert found[2] == Variant("wide one", ("encoder.size=512", "decoder.size=1024"))
    assert [variant.folder for variant in found] == ["seed=1", "seed=2", "wide-one"]
    assert len(variants(Compare(also="only: seed=3"))) == 1


@pytest.mark.parametrize("name", ["../up", "a/b", ".", "..."])
def test_a_folder_stays_where_it_belongs(name: str) -> None:
    assert "/" not in Variant(name).folder
    assert Variant(name).folder.strip(".")


@pytest.mark.parametrize("vary", ["attention.name", "=a,b", "attention.name="])
def test_what_cannot_be_read_is_told(vary: str) -> None:
    with pytest.raises(UsageError, match=r"is not of the form section\.option=a,b"):
        variants(Compare(vary=vary))


@pytest.mark.parametrize("also", ["no colon", ": seed=1", "name:"])
def test_a_variant_needs_a_name_and_settings(also: str) -> None:
    with pytest.raises(UsageError, match="is not of the form 'name: section"):
        variants(Compare(also=also))


def test_two_variants_of_one_name_are_refused() -> None:
    with pytest.raises(UsageError, match="two variants are called 'none'"):
        variants(Compare(vary="attention.name=none,dot", also="none: attention.name=none seed=2"))


def test_one_text_or_several_are_several() -> None:
    assert (listed(""), listed("a"), listed(["a", "b"])) == ([], ["a"], ["a", "b"])
