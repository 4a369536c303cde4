"""The store of encoded pairs: what goes in comes out, and half a store is never used."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regard.data.store import INFO, Store, write
from regard.errors import DataError
from regard.types import Copyable

PAIRS = [([5, 6, 2], [7, 2]), ([2], [8, 9, 10, 2]), ([2**31 - 1, 2], [4, 2])]
ids = st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=6)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(pairs=st.lists(st.tuples(ids, ids), min_size=1, max_size=12))
def test_what_goes_in_comes_out(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[list[int], list[int]]]
) -> None:
    folder = tmp_path_factory.mktemp("store")
    write(folder, iter(pairs), {})
    store = Store(folder)
    assert [store[i] for i in range(len(store))] == pairs
    assert store.lengths(slice(None)).tolist() == [max(map(len, pair)) for pair in pairs]
    assert store.lengths(slice(1, None, 2)).tolist() == [max(map(len, pair)) for pair in pairs[1::2]]


def test_facts_are_kept_with_the_counts(tmp_path: Path) -> None:
    assert write(tmp_path, PAIRS, {"data": "é.tsv"}).info == {"data": "é.tsv", "pairs": 3, "tokens": [6, 8]}
    assert Store(tmp_path).info["tokens"] == [6, 8]


def test_it_is_mapped_not_read(tmp_path: Path) -> None:
    store = write(tmp_path, PAIRS, {})
    assert all(isinstance(array, np.memmap) for array in (*store._ids, *store._ends))
    with pytest.raises(ValueError, match="read-only"):
        store._ids[0][0] = 1


def test_links_are_kept_beside_the_ids(tmp_path: Path) -> None:
    rows = [(*pair, links) for pair, links in zip(PAIRS, ([0, 1, 2, 0], [], [1, 1]), strict=True)]
    store = write(tmp_path, rows, {}, aligned=True)
    assert store.info == {"pairs": 3, "tokens": [6, 8], "links": 3}
    assert [store[i] for i in range(3)] == PAIRS
    assert [store.links(i) for i in range(3)] == [[(0, 1), (2, 0)], [], [(1, 1)]]
    assert all(isinstance(array, np.memmap) for array in store._ids)
    assert store.lengths(slice(None)).tolist() == [3, 4, 2]


def test_a_store_may_have_no_link_or_know_of_none(tmp_path: Path) -> None:
    none = write(tmp_path / "none", [(*pair, []) for pair in PAIRS], {}, aligned=True)
    plain = write(tmp_path / "plain", PAIRS, {})
    assert (none.aligned, plain.aligned) == (True, False)
    assert [store.links(1) for store in (none, plain)] == [[], []]
    assert sorted(path.name for path in (tmp_path / "plain").iterdir()) == [
        "source.ends", "source.ids", "store.json", "target.ends", "target.ids"
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["links.ids", "links.ends"])
def test_damaged_links_are_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, [(*pair, [0, 0]) for pair in PAIRS], {}, aligned=True)
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(DataError, match="is not a finished store"):
        Store(tmp_path)


def test_pairs_are_streamed_to_the_disk(tmp_path: Path) -> None:
    def many() -> object:
        for i in range(20_000):
            if i == 19_999:
                assert (tmp_path / "source.ids").stat().st_size > 0
            yield [4, 5, 2], [6, 2]

    assert len(write(tmp_path, many(), {})) == 20_000  # type: ignore[arg-type]


def test_an_interrupted_store_is_refused_and_made_again(tmp_path: Path) -> None:
    def broken() -> object:
        yield PAIRS[0]
        raise KeyboardInterrupt

    write(tmp_path, PAIRS, {})
    assert Store.exists(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, broken(), {})  # type: ignore[arg-type]
    assert not Store.exists(tmp_path)
    with pytest.raises(DataError, match="is not a finished store of encoded pairs"):
        Store(tmp_path)
    assert len(write(tmp_path, PAIRS, {})) == 3


def test_a_folder_without_a_store_is_refused(tmp_path: Path) -> None:
    assert not Store.exists(tmp_path / "none")
    with pytest.raises(DataError, match=re.escape(f"{tmp_path / 'none'} is not a finished store")):
        Store(tmp_path / "none")


@pytest.mark.parametrize("name", ["source.ids", "target.ends", "target.ids", INFO])
@pytest.mark.parametrize("damage", ["gone", "empty", "cut"])
def test_a_damaged_store_is_refused(tmp_path: Path, name: str, damage: str) -> None:
    write(tmp_path, PAIRS, {})
    path = tmp_path / name
    whole = path.read_bytes()
    path.unlink()
    if damage != "gone":
        path.write_bytes(b"" if damage == "empty" else whole[: len(whole) // 2 // 8 * 8])
    with pytest.raises(DataError, match="is not a finished store of encoded pairs: "):
        Store(tmp_path)


def test_facts_that_do_not_belong_to_the_files_are_refused(tmp_path: Path) -> None:
    write(tmp_path, PAIRS, {})
    (tmp_path / INFO).write_text(json.dumps({"pairs": 4, "tokens": [6, 8]}), encoding="utf-8")
    with pytest.raises(DataError, match="is not a finished store"):
        Store(tmp_path)


def test_nothing_to_train_on_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No pair is left to train on"):
        write(tmp_path, [], {})
    assert not Store.exists(tmp_path)


@pytest.mark.parametrize("aligned", [True, False])
def test_what_may_be_copied_is_kept_beside_the_source(tmp_path: Path, aligned: bool) -> None:
    rows = [(*pair, *([[0, 0]] if aligned else []), [i + 90 for i in range(len(pair[0]))]) for pair in PAIRS]
    store = write(tmp_path, rows, {}, aligned=aligned, copies=True)
    assert store.copies
    for i, (source, target) in enumerate(PAIRS):
        assert store[i] == (Copyable(tuple(source), tuple(range(90, 90 + len(source)))), target)
        assert store.links(i) == ([(0, 0)] if aligned else [])
    (tmp_path / "copies.ids").write_bytes(b"")
    with pytest.raises(DataError, match="not a finished store"):
        Store(tmp_path)
