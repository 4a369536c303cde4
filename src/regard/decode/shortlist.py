"""Which tokens an output may be made of: those that its source makes likely, beside the most frequent ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from regard.decode.constraint import Constraint
from regard.errors import ModelError
from regard.files import replacing
from regard.types import Image, Source

FILE = "shortlist.safetensors"

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Among:
    """What B sources may choose among.

    words: int64 (N), the ids that any of them may take, rising, so that equal ones
    keep their order; own: bool (B, N), which of them are a source's own. A model
    computes all N for every row, and then leaves a row nothing but its own: so
    the neighbours change what is computed, and not what comes of it.
    """

    words: Ints
    own: Bools

    def places(self, tokens: Ints) -> tuple[Ints, Bools]:
        """Where tokens of any shape stand in `words`, and which do (the others' places mean nothing)."""
        places = np.minimum(np.searchsorted(self.words, tokens), len(self.words) - 1)
        return places, self.words[places] == tokens


@dataclass(frozen=True, slots=True, eq=False)
class Shortlist:
    """A lexical table, and what every source may have.

    likely: int32 (source vocabulary, K), the target tokens that a source token most
    likely yields, filled up with the padding's id, which is in every list; common:
    int32, the special signs and the most frequent tokens; size: of the target
    vocabulary; weights: the digest of the weights whose attention this is.
    """

    likely: NDArray[np.int32]
    common: NDArray[np.int32]
    size: int
    weights: str

    def of(self, sources: Sequence[Source], constraints: Sequence[Constraint]) -> Among:
        """Each source's list: a function of its own ids and its own constraint, and of nothing else.

        What a constraint begins with or requires is in the list, so that it can be met.
        """
        inside = np.zeros((len(sources), self.size), np.bool_)
        inside[:, self.common] = True
        for row, source, constraint in zip(inside, sources, constraints, strict=True):
            assert not isinstance(source, Image)  # none is made for a model that reads pictures
            row[self.likely[list(source)]] = True
            for ids in (constraint.prefix, *constraint.required):
                row[list(ids)] = True
        words = np.flatnonzero(inside.any(0))
        return Among(words, inside[:, words])

    def save(self, folder: Path) -> None:
        """Write it into a model folder."""
        facts = {"weights": self.weights, "vocabulary": str(self.size)}
        with replacing(folder / FILE) as temporary:
            safetensors.numpy.save_file({"likely": self.likely, "common": self.common}, temporary, facts)

    @classmethod
    def load(cls, folder: Path, weights: str, sizes: tuple[int, int]) -> "Shortlist":
        """The shortlist of a model folder with such weights and vocabularies.

        ModelError if there is none, if it is damaged, or of other weights.
        """
        path, again = folder / FILE, f"run `regard export {folder} --shortlist`"
        if not path.exists():
            raise ModelError(f"{folder} holds no {FILE}, which decode.shortlist = true asks for: {again}.")
        try:
            with safetensors.safe_open(str(path), "np") as file:
                facts, likely, common = file.metadata(), file.get_tensor("likely"), file.get_tensor("common")
            found = cls(likely, common, int(facts["vocabulary"]), str(facts["weights"]))
        except (safetensors.SafetensorError, KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{path} is damaged: {error}; {again}.") from None
        if found.weights != weights:
            raise ModelError(f"{path} was made with other weights than the model's: {again}.")
        found.check(path, sizes)
        return found

    def check(self, path: Path, sizes: tuple[int, int]) -> None:
        """ModelError unless its ids are those of vocabularies of these sizes, source and target."""
        both = self.likely, self.common
        kinds = [(ids.dtype.name, ids.ndim) for ids in both] == [("int32", 2), ("int32", 1)]
        fits = kinds and all(ids.size for ids in both) and (len(self.likely), self.size) == sizes
        if not (fits and all(ids.min() >= 0 and ids.max() < self.size for ids in both)):
            raise ModelError(f"{path} is damaged: its tokens are not those of the model's vocabularies.")
