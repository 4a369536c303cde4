"""All kinds of phrases, and the stream that draws from them."""

from collections.abc import Iterator
from itertools import chain
from random import Random

from regard.data.phrasebook import amounts, dates, names, numbers, spelled
from regard.data.phrasebook.kind import Kind
from regard.data.phrasebook.pair import Pair, Saying
from regard.data.phrasebook.phrase import Phrase

_LONGEST = 20  # words; longer ones would teach little and cost much
_PATIENCE = 200  # draws without anything new until a kind counts as exhausted
_COUPLED = ("days", "times", "relative", "numbers", "money", "measures")


def all_kinds(pair: Pair) -> list[Kind]:
    """Every kind of phrase that both languages of the pair can say."""
    families = (names, dates, numbers, spelled, amounts)
    kinds = list(chain.from_iterable(family.kinds(pair) for family in families))
    return [*kinds, _couples(pair, [kind for kind in kinds if kind.name in _COUPLED])]


def _couples(pair: Pair, kinds: list[Kind]) -> Kind:
    """Two phrases of one kind, joined: "3 days ago or in 2 weeks"."""

    def draw(random: Random) -> Saying | None:
        kind = random.choice(kinds)
        first, second = kind.draw(random), kind.draw(random)
        return pair.listed(random, (first, second)) if first and second and first != second else None

    return Kind("couples", 10, draw)


def stream(kinds: list[Kind], random: Random) -> Iterator[Phrase]:
    """Atoms and drawn phrases in turn, then drawn ones only; no source twice."""
    atoms = _atoms(kinds, random)
    said = {atom.source for atom in atoms}  # kept from being drawn: atoms are for training
    while kinds or atoms:
        if atoms:
            yield atoms.pop()
        if not kinds:
            continue
        kind = random.choices(kinds, [kind.weight for kind in kinds])[0]
        phrase = _new(kind, said, random)
        if phrase:
            said.add(phrase.source)
            yield phrase
        else:
            kinds = [other for other in kinds if other is not kind]


def _atoms(kinds: list[Kind], random: Random) -> list[Phrase]:
    """The atoms of all kinds in random order; of two with one source, the first."""
    first: dict[str, Phrase] = {}
    for kind in kinds:
        for source, target in kind.atoms:
            first.setdefault(source, Phrase(source, target, kind.name, atom=True))
    atoms = list(first.values())
    random.shuffle(atoms)
    return atoms


def _new(kind: Kind, said: set[str], random: Random) -> Phrase | None:
    for _ in range(_PATIENCE):
        saying = kind.draw(random)
        if saying and all(saying) and saying[0] not in said:
            phrase = Phrase(*saying, kind.name)
            if phrase.length <= _LONGEST:
                return phrase
    return None
