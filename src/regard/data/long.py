"""Sources that are longer than the limit: what is read of them, and the sentence that says so."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Count = Callable[[str], int]  # how many tokens a text has; words are cut one by one
Rule = Literal["leave_out", "truncate", "window", "error"]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A source in the texts that are read of it, one or several; in none if it cannot be read.

    note: what was done to one that is too long, or why it cannot be read.
    """

    texts: tuple[str, ...]
    note: str = ""


def fit(text: str, count: Count, *, rule: Rule, limit: int, head: tuple[str, int] = ("", 0)) -> Fitted:
    """Bring a text to at most `limit` tokens, its end sign counted, by the rule.

    head: what stands before each part of the text, whole, such as a question, and how many tokens that has.
    Windows overlap by half. A single word that is longer than a window is cut between its characters.
    """
    first, before = head
    if rule == "leave_out":
        return Fitted((f"{first}{text}",))
    total, room = before + count(text) + 1, limit - before - 1
    if total <= limit:
        return Fitted((f"{first}{text}",))
    if rule == "error":
        return Fitted((), f"a source of {total:,} tokens; the limit, data.longest, is {limit:,}")
    if room < 1:
        return Fitted((), f"a question of {before - 1:,} tokens; the limit, data.longest, is {limit:,}")
    words = [part for word in text.split() for part in _parts(word, count, room)]
    costs = [count(word) for word in words]
    if rule == "truncate":
        end = _end(costs, 0, room)
        read = before + sum(costs[:end]) + 1
        return Fitted((f"{first}{' '.join(words[:end])}",), f"{total:,} tokens, of which the first {read:,} were read")
    windows = tuple(f"{first}{' '.join(words[a:b])}" for a, b in _windows(costs, room))
    return Fitted(windows, f"{total:,} tokens, read in {len(windows):,} windows")


def _windows(costs: Sequence[int], room: int) -> Iterator[tuple[int, int]]:
    """The first word of each window, and one past its last."""
    start = end = 0
    while True:
        end = _end(costs, start, room)
        yield start, end
        if end == len(costs):
            return
        start = max(start + 1, _end(costs, start, room // 2))


def _end(costs: Sequence[int], start: int, room: int) -> int:
    """One past the last word that fits."""
    used, end = 0, start
    while end < len(costs) and used + costs[end] <= room:
        used, end = used + costs[end], end + 1
    return end


def _parts(word: str, count: Count, room: int) -> Iterator[str]:
    if count(word) <= room or len(word) == 1:
        yield word
    else:
        yield from _parts(word[: len(word) // 2], count, room)
        yield from _parts(word[len(word) // 2 :], count, room)
