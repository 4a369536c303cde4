"""People who walk about and carry things, told sentence by sentence; the world knows what follows from which."""

from collections.abc import Callable, Sequence
from random import Random

PEOPLE = {
    **{"Anna": "she", "Bruno": "he", "Clara": "she", "Emil": "he", "Frida": "she", "Georg": "he", "Hanna": "she"},
    **{"Ivan": "he", "Lena": "she", "Milo": "he", "Nora": "she", "Oskar": "he"},
}
PLACES = ("attic", "barn", "cellar", "chapel", "library", "market", "orchard", "stable", "tower", "workshop")
ITEMS = ("basket", "candle", "drum", "lantern", "letter", "map", "rope", "shovel")
MOVES = ("walked to", "hurried to", "went over to", "strolled to")
TAKES = ("took", "fetched", "picked up")
DROPS = ("laid down", "left", "dropped")


class World:
    """What was told, and what is true after it.

    at: where each person is, and the sentence that says so. held: who holds each thing, and the sentence in which
    they took it. lying: where each thing lies that somebody left, and the sentences that say so. trail: where each
    thing was in turn, each time with the sentences that it follows from. handled: the sentences in which
    each person took or left something, and their things in the order of taking.
    """

    def __init__(self, draw: Random, people: int, items: int = 0) -> None:
        self.draw = draw
        self.people = draw.sample(sorted(PEOPLE), people)
        self.items = draw.sample(ITEMS, items)
        self.told: list[str] = []
        self.at: dict[str, tuple[str, int]] = {}
        self.held: dict[str, tuple[str, int]] = {}
        self.lying: dict[str, tuple[str, frozenset[int]]] = {}
        self.trail: dict[str, list[tuple[str, frozenset[int]]]] = {item: [] for item in self.items}
        self.handled: dict[str, list[int]] = {person: [] for person in self.people}
        self.things: dict[str, list[str]] = {person: [] for person in self.people}

    def say(self, sentence: str) -> int:
        """Tell a sentence; returns its number."""
        self.told.append(sentence)
        return len(self.told) - 1

    def live(self, length: int, ready: Callable[[], bool], events: Sequence[Callable[[], None]]) -> None:
        """Let things happen until so many sentences are told and something can be asked; not for ever."""
        while len(self.told) < length or not ready():
            self.draw.choice(events)()

    def elsewhere(self, *people: str) -> str:
        """A place where none of these people is."""
        here = {self.at[person][0] for person in people if person in self.at}
        return self.draw.choice([place for place in PLACES if place not in here])

    def arrive(self, person: str, place: str, sentence: int) -> None:
        """A sentence says that a person is somewhere else now, with all that they hold."""
        self.at[person] = place, sentence
        for item, (holder, took) in self.held.items():
            if holder == person:
                self.trail[item].append((place, frozenset((took, sentence))))

    def move(self) -> None:
        """Somebody goes somewhere else."""
        person = self.draw.choice(self.people)
        place = self.elsewhere(person)
        self.arrive(person, place, self.say(f"{person} {self.draw.choice(MOVES)} the {place}."))

    def take(self) -> None:
        """Somebody takes a thing that nobody holds, and that does not lie elsewhere."""
        person = self.draw.choice(self.people)
        here, arrived = self.at.get(person, ("", 0))
        free = [i for i in self.items if i not in self.held and self.lying.get(i, (here,))[0] == here]
        if free:
            item = self.draw.choice(free)
            sentence = self.say(f"{person} {self.draw.choice(TAKES)} the {item}.")
            if here and not self.trail[item]:
                self.trail[item].append((here, frozenset((arrived, sentence))))
            self.lying.pop(item, None)
            self.held[item] = person, sentence
            self.handled[person].append(sentence)
            self.things[person].append(item)

    def drop(self) -> None:
        """Somebody leaves a thing where they are, if that is known."""
        person = self.draw.choice(self.people)
        if self.things[person] and person in self.at:
            item = self.draw.choice(self.things[person])
            place, arrived = self.at[person]
            sentence = self.say(f"{person} {self.draw.choice(DROPS)} the {item}.")
            self.lying[item] = place, frozenset((arrived, sentence))
            del self.held[item]
            self.handled[person].append(sentence)
            self.things[person].remove(item)

    def where(self, item: str) -> tuple[str, frozenset[int]] | None:
        """Where a thing is, and the two sentences that it follows from; None if nobody can know."""
        if item in self.lying:
            return self.lying[item]
        holder, took = self.held.get(item, ("", 0))
        if holder not in self.at:
            return None
        place, arrived = self.at[holder]
        return place, frozenset((took, arrived))
