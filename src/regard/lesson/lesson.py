"""A source through a model, taken apart: the output, the steps to it, the beam, and what may be changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from regard.decode.constraint import Constraint
from regard.decode.pytorch import PyTorch
from regard.decode.ranking import rank
from regard.decode.search import Search
from regard.errors import DataError, UsageError, unknown
from regard.hops import Hops
from regard.lesson.asked import WhatIf
from regard.lesson.backend import Steering
from regard.lesson.parts import parts
from regard.lesson.steering import attentions, scored
from regard.lesson.steps import retrace
from regard.lesson.tree import tree
from regard.predictor import Predictor
from regard.sections import Decode
from regard.types import Hypothesis, Source
from regard.view import stage
from regard.view.page import item
from regard.view.record import Output

NO_CHANGE = WhatIf()


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to for one text that was read of a source."""

    text: str
    source: Source
    search: Search
    hypotheses: list[Hypothesis]


def _reached(what_if: WhatIf, steps: Sequence[Mapping[str, Any]]) -> None:
    """UsageError for a place that was given for a look that no part of the output was made of."""
    for step, places in what_if.intervention.places.items():
        made = len(steps[step].get("looks", ())) if step < len(steps) else 0
        beyond = [look for look in places if look >= made]
        if beyond:
            were = "1 look was" if made == 1 else f"{made} looks were"
            raise UsageError(f"look {min(beyond)} of step {step} is put at a place; {were} made there.")


class Teacher:
    """Takes one trained model apart; it must run in PyTorch. Nothing that is asked changes the model."""

    def __init__(self, predictor: Predictor) -> None:
        """UsageError for an exported model or an ensemble, which cannot be looked into."""
        if not isinstance(predictor.backend, PyTorch):
            raise UsageError(
                "only a model's own weights can be taken apart, not its exported graphs or an ensemble: load it with "
                "exported=False."
            )
        if predictor.config.draws:
            raise UsageError("a model that draws says no words, one after the other: Sketcher takes it apart.")
        self.predictor, self.task, self.model = predictor, predictor.task, predictor.backend.model
        self._ids: dict[str, int] = {}

    def teach(self, source: str, what_if: WhatIf = NO_CHANGE, options: Decode | None = None, nbest: int = 0) -> Any:
        """All of it as plain data; `nbest` outputs, or as many as the beam is wide, searched among all tokens.

        item: what the page of the records of `regard run` has; record: those themselves; lesson: the source and
        the steps; tree: the beam; parts: what the model is made of; gaze: how weights become light on a picture.
        DataError for a source that cannot be read, UsageError for a change that cannot be made.
        """
        options = options or self.predictor.config.decode
        options = replace(options, temperature=0.0, top_k=0, top_p=1.0)  # steps are of what is searched for
        steering = Steering(self.model, what_if.intervention)
        found = self._found(steering, source, what_if, options, nbest or options.beam)
        best = found.hypotheses[0]
        output = Output.best_of(self.task.records(found.text, found.hypotheses))
        lesson = retrace(steering, self.task, found.text, found.source, best.tokens.tolist())
        _reached(what_if, lesson.steps)
        grids = {output.grid} if output.grid else set()
        return {
            "item": item(output),
            "record": output.to_json(),
            "lesson": {"source": lesson.source, "steps": lesson.steps, **self._facts(lesson.recurrent)},
            "tree": tree(found.search, self.task, found.text, best),
            "parts": parts(self.predictor.config),
            **({"gaze": stage.light(grids)} if grids else {}),
        }

    def _facts(self, recurrent: bool) -> Mapping[str, Any]:
        """What of this model can be drawn and changed, and what not, in words."""
        (_, first), *more = attentions(self.model.decoder)
        name = self.predictor.config.decoder["name"]
        missing = []
        if not recurrent:
            missing.append(
                f"The decoder {name} has no recurrent state: each step looks back at all words before it at once, "
                "which is not drawn. Attention, context and distribution are shown."
            )
        if more:
            missing.append(f"It has {len(more) + 1} attentions, one a layer; the weights shown are their mean.")
        if isinstance(first, Hops):
            missing.append(
                f"It reads {len(first.reads)} times for each word: the weights shown are those of the last read, and "
                "the context is the sum of what all of them found."
            )
        if first.looks and first.looks_at == "states" and not scored(first):
            missing.append("Its attention decides where to stop, and has no scores to normalise.")
        if not first.looks:
            missing.append("It has no attention: one context vector has to carry the whole source.")
        return {"looks": first.looks, "scored": scored(first), "recurrent": recurrent, "missing": missing}

    def _found(self, steering: Steering, source: str, what_if: WhatIf, options: Decode, nbest: int) -> Found:
        """The text of a source, of several windows the best, with what was found for it."""
        fitted = self.task.fitted(source)
        if not fitted.texts:
            raise DataError(fitted.note)
        sources = [(text, self.task.source(text)) for text in fitted.texts]
        found = [self._searched(steering, one, what_if, options, nbest) for one in sources if len(one[1])]
        if not found:
            raise UsageError("the source is empty: type a text, or choose a picture.")
        return max(found, key=lambda one: rank(one.hypotheses[0], options))

    def _searched(
        self, steering: Steering, read: tuple[str, Source], what_if: WhatIf, options: Decode, nbest: int
    ) -> Found:
        text, source = read
        what_if.intervention.check(len(source))
        constraint = Constraint(prefix=self._prefix(what_if, text))
        search = Search([source], options, nbest, constraints=[constraint])
        state = steering.start([source])
        while len(search.tokens):
            choices, state = steering.step(search.tokens, search.parents, state, search.ask())
            search.take(choices)
        return Found(text, source, search, search.results()[0])

    def _prefix(self, what_if: WhatIf, text: str) -> tuple[int, ...]:
        """The ids that the output begins with. UsageError for a token that neither vocabulary nor source has."""
        if not self._ids:
            known = self.task.spelled(range(self.task.sizes[1]))
            self._ids = {token: i for i, token in reversed(list(enumerate(known)))}
        own = dict(self._copied(text))
        kept = []
        for token in what_if.keep:
            i = self._ids.get(token, own.get(token))
            if i is None:
                raise UsageError(unknown("the vocabulary has no token", token, self._ids))
            kept.append(i)
        said = self.task.target(what_if.say, text)[:-1] if what_if.say.strip() else []
        return (*kept, *said)

    def _copied(self, text: str) -> list[tuple[str, int]]:
        """Tokens that only this source has, and the ids by which a model that copies says them."""
        if not self.predictor.config.copies:
            return []
        ids = range(self.task.sizes[1], self.task.sizes[1] + len(self.task.source(text)))
        return [(token, i) for token, i in reversed(list(zip(self.task.spelled(ids, text), ids, strict=True)))]
