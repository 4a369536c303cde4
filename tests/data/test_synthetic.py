"""Tasks whose rule is known: the rule holds for every pair."""

import pytest

from regard.data.synthetic import TASKS, VALUES, generate


def words(task: str, length: int = 9, lines: int = 50) -> list[tuple[list[str], list[str]]]:
    return [(pair.source.split(), pair.target.split()) for pair in generate(task, [length], lines, 3)]


def test_a_copy_is_the_source_and_a_reverse_its_other_way_around() -> None:
    assert all(source == target for source, target in words("copy"))
    assert all(source == target[::-1] for source, target in words("reverse"))


def test_a_lookup_applies_one_table_after_the_other() -> None:
    tables: dict[tuple[str, str], str] = {}
    for source, target in words("lookup", 30):
        assert source[0] == target[0]
        for table, before, after in zip(source[1:], target, target[1:], strict=False):
            assert tables.setdefault((table, before), after) == after
    for table in {table for table, _ in tables}:
        assert {tables[table, value] for value in VALUES} == set(VALUES)


@pytest.mark.parametrize("task", TASKS)
def test_lengths_are_gone_through_in_turn(task: str) -> None:
    pairs = list(generate(task, [1, 10, 100], 7, 1))
    assert [len(pair.source.split()) for pair in pairs] == [1, 10, 100, 1, 10, 100, 1]
    assert [len(pair.target.split()) for pair in pairs] == [1, 10, 100, 1, 10, 100, 1]
    assert [pair.line for pair in pairs] == list(range(1, 8))


@pytest.mark.parametrize("task", TASKS)
def test_equal_seeds_give_equal_pairs(task: str) -> None:
    assert list(generate(task, [5], 9, 1)) == list(generate(task, [5], 9, 1)) != list(generate(task, [5], 9, 2))
