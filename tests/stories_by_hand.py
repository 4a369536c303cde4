"""Solvers of stories, written from what their sentences mean and not from how they are told."""

import re
from collections.abc import Callable, Sequence

STEPS = {"north": (0, 1), "south": (0, -1), "east": (1, 0), "west": (-1, 0)}
SIDES = {"above": (0, 1), "below": (0, -1), "right of": (1, 0), "left of": (-1, 0)}
GO = r"(?:walked to|hurried to|went over to|strolled to) the (\w+)\."
MEETS = {"bored": "theatre", "cold": "smithy", "hungry": "bakery", "thirsty": "well", "tired": "inn"}
TIMES = ["Two days ago", "Yesterday", "This morning", "This afternoon", "This evening"]
NUMBERS = ["none", "one", "two", "three", "four", "five", "six"]

Sentences = Sequence[str]


def found(pattern: str, text: str) -> tuple[str, ...]:
    """The groups of a pattern that a whole text must fit."""
    match = re.fullmatch(pattern, text)
    assert match, f"{text!r} is not {pattern!r}"
    return match.groups()


def whereabouts(sentences: Sentences) -> tuple[dict[str, str], dict[str, list[str]], dict[str, list[str]]]:
    """Where everybody is, what they hold, and all places where each thing was, one after the other."""
    at: dict[str, str] = {}
    holds: dict[str, list[str]] = {}
    places: dict[str, list[str]] = {}
    before: list[str] = []
    for sentence in sentences:
        if match := re.fullmatch(rf"(.+?) {GO}", sentence):
            who = re.sub("^(Then|Afterwards) ", "", match[1])
            people = before if who in ("he", "she", "they") else who.split(" and ")
            for person in people:
                at[person] = match[2]
                for item in holds.get(person, []):
                    places.setdefault(item, []).append(match[2])
            before = people
        elif match := re.fullmatch(r"(\w+) (took|fetched|picked up) the (\w+)\.", sentence):
            holds.setdefault(match[1], []).append(match[3])
            if match[1] in at and places.get(match[3], [""])[-1] != at[match[1]]:
                places.setdefault(match[3], []).append(at[match[1]])
        else:
            person, item = found(r"(\w+) (?:laid down|left|dropped) the (\w+)\.", sentence)
            if item in holds.get(person, []):
                holds[person].remove(item)
            if person in at and places.get(item, [""])[-1] != at[person]:
                places.setdefault(item, []).append(at[person])
    return at, holds, places


def where_person(sentences: Sentences, question: str) -> str:
    return whereabouts(sentences)[0][found(r"Where is (\w+)\?", question)[0]]


def where_thing(sentences: Sentences, question: str) -> str:
    return whereabouts(sentences)[2][found(r"Where is the (\w+)\?", question)[0]][-1]


def where_before(sentences: Sentences, question: str) -> str:
    item, place = found(r"Where was the (\w+) before it came to the (\w+)\?", question)
    places = whereabouts(sentences)[2][item]
    assert places.count(place) == 1
    return places[places.index(place) - 1]


def is_there(sentences: Sentences, question: str) -> str:
    person, place = found(r"Is (\w+) in the (\w+)\?", question)
    return "yes" if whereabouts(sentences)[0][person] == place else "no"


def how_many(sentences: Sentences, question: str) -> str:
    (person,) = found(r"How many things does (\w+) hold\?", question)
    return NUMBERS[len(whereabouts(sentences)[1][person])]


def what_held(sentences: Sentences, question: str) -> str:
    (person,) = found(r"What does (\w+) hold, in the order of taking\?", question)
    return ", ".join(whereabouts(sentences)[1][person]) or "nothing"


def gift(sentences: Sentences, question: str) -> str:
    answers = set()
    for sentence in sentences:
        match = re.fullmatch(r"(\w+) (?:gave|handed|passed) the (\w+) to (\w+)\.", sentence)
        if match:
            giver, item, taker = match.groups()
            asked = {
                f"Who gave the {item} to {taker}?": giver,
                f"What did {giver} give to {taker}?": item,
                f"Who got the {item} from {giver}?": taker,
            }
            answers |= {asked[question]} if question in asked else set()
    (answer,) = answers
    return answer


def stated(sentences: Sentences, question: str) -> str:
    """Yes, no or maybe, by the last sentence about somebody; an error if that leaves it open."""
    person, place = found(r"Is (\w+) in the (\w+)\?", question)
    last = [sentence for sentence in sentences if sentence.startswith(f"{person} ")][-1]
    places = re.findall(r"the (\w+)", last)
    if " not " in last or "no longer" in last:
        assert place in places
        return "no"
    return "no" if place not in places else "maybe" if "either" in last else "yes"


def laid_out(sentences: Sentences, start: str, steps: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """The square of everything that hangs together with `start`."""
    names = "|".join(steps)
    facts = [found(rf"The (.+) (?:lies|is) ({names})(?: of)? the (.+)\.", sentence) for sentence in sentences]
    squares = {start: (0, 0)}
    for _ in facts:
        for first, direction, second in facts:
            right, up = steps[direction]
            if second in squares:
                squares[first] = (squares[second][0] + right, squares[second][1] + up)
            elif first in squares:
                squares[second] = (squares[first][0] - right, squares[first][1] - up)
    return squares


def beside(sentences: Sentences, question: str) -> str:
    if match := re.fullmatch(r"What lies (\w+) of the (\w+)\?", question):
        return next(
            found(r"The (\w+) lies .+", s)[0] for s in sentences if s.endswith(f" {match[1]} of the {match[2]}.")
        )
    place, direction = found(r"What does the (\w+) lie (\w+) of\?", question)
    start = f"The {place} lies {direction} of the "
    return next(s.removeprefix(start).rstrip(".") for s in sentences if s.startswith(start))


def on_side(sentences: Sentences, question: str) -> str:
    one, side, other = found(rf"Is the (.+) ({'|'.join(SIDES)}) the (.+)\?", question)
    x, y = laid_out(sentences, other, SIDES)[one]
    right, up = SIDES[side]
    return "yes" if x * right + y * up > 0 else "no"


def way(sentences: Sentences, question: str) -> str:
    start, end = found(r"How does one go from the (\w+) to the (\w+)\?", question)
    squares = laid_out(sentences, start, STEPS)
    said = [found(r"The (\w+) lies \w+ of the (\w+)\.", sentence) for sentence in sentences]
    beside = {(a, b) for pair in said for a, b in (pair, pair[::-1])}
    (middle,) = (place for place in squares if (start, place) in beside and (place, end) in beside)
    names = {step: name for name, step in STEPS.items()}
    (a, b), (c, d) = squares[middle], squares[end]
    return f"{names[a, b]}, {names[c - a, d - b]}"


def fits(sentences: Sentences, question: str) -> str:
    one, other = found(r"Does the (\w+) fit inside the (\w+)\?", question)
    pairs = set()
    for sentence in sentences:
        first, how, second = found(r"The (\w+) (fits inside|is bigger than) the (\w+)\.", sentence)
        pairs.add((first, second) if how == "fits inside" else (second, first))
    for _ in range(len(pairs)):
        pairs |= {(a, d) for a, b in pairs for c, d in pairs if b == c}
    assert ((one, other) in pairs) != ((other, one) in pairs)
    return "yes" if (one, other) in pairs else "no"


def earlier(sentences: Sentences, question: str) -> str:
    person, place = found(r"Where was (\w+) before the (\w+)\?", question)
    said = (found(rf"({'|'.join(TIMES)}) (\w+) {GO}", sentence) for sentence in sentences)
    places = [where for _, who, where in sorted(said, key=lambda one: TIMES.index(one[0])) if who == person]
    return places[places.index(place) - 1]


def likes(sentences: Sentences, question: str) -> str:
    (person,) = found(r"What does (\w+) like\?", question)
    trade = next(s.rstrip(".").split()[-1] for s in sentences if s.startswith(f"{person} is a "))
    return next(s.rstrip(".").split()[-1] for s in sentences if s.startswith(f"Every {trade} likes "))


def wears(sentences: Sentences, question: str) -> str:
    (person,) = found(r"What does (\w+) wear\?", question)
    trades = dict(found(r"(\w+) is a (\w+)\.", s) for s in sentences if " is a " in s)
    colours = {found(r"(\w+) wears (\w+)\.", s) for s in sentences if " wears " in s}
    (colour,) = {colour for other, colour in colours if trades[other] == trades[person]}
    return colour


def motive(sentences: Sentences, question: str) -> str:
    person = re.findall(r"\b[A-Z]\w+", question)[1]
    state = next(s.rstrip(".").split()[-1] for s in sentences if s.startswith(f"{person} is "))
    if question.startswith("Why"):
        assert question == f"Why did {person} go to the {MEETS[state]}?"
        return state
    assert question == f"Where will {person} go?"
    return MEETS[state]


SOLVERS: dict[str, Callable[[Sentences, str], str]] = {
    "one_fact": where_person,
    "two_facts": where_thing,
    "three_facts": where_before,
    "two_arguments": beside,
    "three_arguments": gift,
    "yes_no": is_there,
    "counting": how_many,
    "lists": what_held,
    "negation": stated,
    "indefinite": stated,
    "coreference": where_person,
    "conjunction": where_person,
    "compound_coreference": where_person,
    "time": earlier,
    "deduction": likes,
    "induction": wears,
    "positions": on_side,
    "sizes": fits,
    "path_finding": way,
    "motives": motive,
}
