"""The ONNX back end: an exported model on the processor, without PyTorch."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession, SessionOptions

from regard.decode.backend import GRAPHS, NEVER, NEVER_COPIED, Ask, Choices
from regard.decode.force import force
from regard.decode.shortlist import Among
from regard.errors import ModelError, UsageError
from regard.stacking import stacked
from regard.types import Hypothesis, Source

WEIGHTS = "model.safetensors"  # what they were made of
FIXED, MOVING = "memory_", "state_"  # how the leaves of a state are called: those that no step changes, and the others
MASK = "mask"  # a leaf of its own where a source has a shortlist: 0 for the tokens in it, -inf for its neighbours'

NO_WORDS = np.zeros(0, np.int64)  # all of them: the graph takes its whole output layer

Array = NDArray[Any]
Ints = NDArray[np.int64]
Graph = Callable[[dict[str, Array]], list[Any]]  # inputs by name -> all outputs, in their order


@dataclass(frozen=True, slots=True)
class State:
    """Leaves by name: the fixed ones for each of `sources`, the moving ones for each row, of source `owners`.

    With `among`, rows choose among some tokens only, and the mask says which are whose. `size`: how many
    tokens there are, those that only a source has included.
    """

    fixed: dict[str, Array]
    sources: Ints
    moving: dict[str, Array]
    owners: Ints
    size: int
    among: Among | None = None


class Exported:
    """Steps two graphs, given as ONNX files or as their bytes, on one thread for each search."""

    def __init__(self, encoder: Path | bytes, step: Path | bytes, workers: int = 1) -> None:
        start, stepper = (session(graph) for graph in (encoder, step))
        self.workers = workers
        self.encoder, self.stepper = _graph(start), _graph(stepper)
        self.facts = facts(stepper)
        if self.facts != facts(start):
            raise ModelError(f"{encoder!s} and {step!s} are not of one export: run `regard export` again.")
        self.vocabulary, self.shared = int(self.facts["vocabulary"]), self.facts["shared"] == "True"
        self.leaves = [output.name for output in start.get_outputs()]
        self.outputs = [output.name for output in stepper.get_outputs()]
        self.moving = [name.removesuffix("_next") for name in self.outputs if name.startswith(MOVING)]
        self.inputs = {given.name for given in stepper.get_inputs()}
        self.copies = self.facts.get("copies") == "True"
        self.listed = MASK in self.inputs  # whether it was exported for shortlists

    @classmethod
    def load(cls, folder: Path, workers: int = 1) -> "Exported":
        """The graphs of a model folder. ModelError if they are damaged, or made of other weights than are there."""
        encoder, step = (folder / name for name in GRAPHS)
        found = cls(encoder, step, workers)
        weights = folder / WEIGHTS
        if weights.exists() and digest(weights) != found.facts["weights"]:
            raise ModelError(
                f"{' and '.join(GRAPHS)} in {folder} were made of other weights than its {WEIGHTS}: "
                "run `regard export` again, or remove the two."
            )
        return found

    def start(self, sources: Sequence[Source], among: Among | None = None) -> State:
        """Encode the sources. UsageError for tokens to choose among, if the graphs were made without."""
        if among and not self.listed:
            raise UsageError("The graphs were exported without a shortlist: run `regard export MODEL --shortlist`.")
        given = stacked(sources)
        if self.copies and given.ndim != 3:
            raise UsageError("This model copies: its sources want the ids that their tokens have in outputs.")
        found = dict(zip(self.leaves, self.encoder({"source": given}), strict=True))
        moving = {name: found[name] for name in self.moving}
        fixed = {name: leaf for name, leaf in found.items() if name not in moving and name in self.inputs}
        if self.listed:
            own: NDArray[np.bool_] = among.own if among else np.ones((len(sources), 0), np.bool_)
            fixed[MASK] = np.where(own, np.float32(0), np.float32(-np.inf))
        rows = np.arange(len(sources))
        size = self.vocabulary + (given.shape[1] if self.copies else 0)
        return State(fixed, rows, moving, rows, size, among)

    def step(self, tokens: Ints, parents: Ints, state: State, ask: Ask) -> tuple[Choices, State]:
        """Read one token in each row, and choose among what may follow."""
        owners, sources, fixed, among = state.owners[parents], state.sources, state.fixed, state.among
        if len(owners) != len(state.owners) or (owners != state.owners).any():
            sources = runs(owners) if self.shared else owners
            order = np.argsort(state.sources, kind="stable")
            places = order[np.searchsorted(state.sources[order], sources)]
            fixed = {name: leaf[places] for name, leaf in fixed.items()}
        never = NEVER_COPIED if self.copies else NEVER
        at_most = ask.k + len(never) + (int(np.bincount(ask.banned[:, 0]).max()) if len(ask.banned) else 0)
        shape, asked, known = (len(sources), -1), ask.wanted, np.array(True)
        if among:
            asked, known = among.places(asked)
        given = {
            "tokens": tokens.reshape(shape),
            "parents": parents.reshape(shape),
            "k": np.array([min(at_most, len(among.words) if among else state.size)]),
            "wanted": asked,
            **({"words": among.words if among else NO_WORDS} if self.listed else {}),
        }
        told = dict(zip(self.outputs, self.stepper({**given, **fixed, **state.moving}), strict=True))
        best, wanted = told["best"], told["wanted_log_probs"]
        if among:
            best, wanted = among.words[best], np.where(known, wanted, np.float32(-np.inf))
        after = State(fixed, sources, {name: told[f"{name}_next"] for name in self.moving}, owners, state.size, among)
        chosen = _allowed(best, told["log_probs"], ask, never)
        return Choices(*chosen, wanted, told["attention"], told.get("p_gen"), told.get("boxes")), after

    def force(self, sources: Sequence[Source], targets: Sequence[Source]) -> list[Hypothesis]:
        """Each given target as if a search had found it, step by step."""
        return force(self, sources, targets)


def runs(owners: Ints) -> Ints:
    """One source for each run of equal rows, if all runs are equally long: their rows share a memory. Else all rows."""
    first = np.flatnonzero(np.diff(owners, prepend=-1))
    if len(owners) % len(first) == 0 and (np.diff(first) == len(owners) // len(first)).all():
        return owners[first]
    return owners


def _allowed(
    best: Ints, log_probs: NDArray[np.float32], ask: Ask, signs: tuple[int, ...]
) -> tuple[Ints, NDArray[np.float32]]:
    """The k best without the signs that no output has and what is banned: so many more were asked for."""
    never = np.isin(best, signs)
    for row, token in ask.banned:
        never[row] |= best[row] == token
    if never.any():
        log_probs = np.where(never, -np.inf, log_probs).astype(np.float32)
        order = np.argsort(never, axis=1, kind="stable")[:, : ask.k]
        return np.take_along_axis(best, order, 1), np.take_along_axis(log_probs, order, 1)
    return best[:, : ask.k], log_probs[:, : ask.k]


def digest(path: Path) -> str:
    """What tells weights from others."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def facts(graph: InferenceSession) -> dict[str, str]:
    """What an export wrote into its graphs."""
    return dict(graph.get_modelmeta().custom_metadata_map)


def _graph(session: InferenceSession) -> Graph:
    names = [output.name for output in session.get_outputs()]  # asked for once: it takes a while
    return lambda given: list(session.run(names, given))


def session(graph: Path | bytes) -> InferenceSession:
    """A graph, ready to run. ModelError if it is none."""
    options = SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        given = graph if isinstance(graph, bytes) else str(graph)
        return InferenceSession(given, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime has no class of its own for this
        name = "The graph" if isinstance(graph, bytes) else str(graph)
        raise ModelError(f"{name} cannot be loaded: {str(error).splitlines()[0]}") from None
