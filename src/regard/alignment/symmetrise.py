"""One alignment out of two: links that a model sees forwards, and another backwards (Och and Ney, 2003).

`SYMMETRIES` maps a name to the rule. Each takes two sets of links, both from
(source word, target word), and gives one between their intersection and their
union. The growing ones are those of Koehn et al. (2005).
"""

from collections.abc import Callable

from regard.types import Links

NEIGHBOURS = ((-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))


def intersect(forward: Links, backward: Links) -> Links:
    """What both see: few links, most of them right."""
    return forward & backward


def union(forward: Links, backward: Links) -> Links:
    """What either sees: most of the right links, and many wrong ones."""
    return forward | backward


def grow_diag(forward: Links, backward: Links) -> Links:
    """The intersection, growing within the union to neighbours that link a word without a link."""
    links, within = set(forward & backward), sorted(forward | backward)
    size = -1
    while size != len(links):
        size = len(links)
        for i, j in within:
            if (i, j) in links:
                near = [(i + di, j + dj) for di, dj in NEIGHBOURS]
                for link in near:
                    if link in forward or link in backward:
                        _add(links, link, any)
    return frozenset(links)


def grow_diag_final(forward: Links, backward: Links) -> Links:
    """As grow-diag; then every link of either that has a word without a link."""
    return _final(forward, backward, any)


def grow_diag_final_and(forward: Links, backward: Links) -> Links:
    """As grow-diag; then every link of either between two words without a link."""
    return _final(forward, backward, all)


SYMMETRIES: dict[str, Callable[[Links, Links], Links]] = {
    rule.__name__.replace("_", "-"): rule
    for rule in (intersect, union, grow_diag, grow_diag_final, grow_diag_final_and)
}


def _final(forward: Links, backward: Links, wanted: Callable[[tuple[bool, bool]], bool]) -> Links:
    links = set(grow_diag(forward, backward))
    for direction in (forward, backward):
        for link in sorted(direction):
            _add(links, link, wanted)
    return frozenset(links)


def _add(links: set[tuple[int, int]], link: tuple[int, int], wanted: Callable[[tuple[bool, bool]], bool]) -> None:
    """Add a link if any, or all, of its words have none yet."""
    source, target = link
    if wanted((all(source != i for i, _ in links), all(target != j for _, j in links))):
        links.add(link)
