"""Several attentions side by side (Vaswani et al., 2017)."""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn

from regard.attention import Keyed, Soft
from regard.build import Size
from regard.errors import ConfigError
from regard.normalisers import Normaliser
from regard.tensors import Memory, Read


@dataclass(frozen=True, slots=True)
class Heads(Keyed):
    """Keys and values of all heads, side by side."""

    values: Float[Tensor, "B S K"]


class MultiHead(Soft):
    """context = W [head_1; ...], head_i = softmax(Q_i query . K_i state / sqrt(d)) . V_i state, section 3.2.2.

    The weights that are shown are the mean over the heads.

    Options:
        heads: how many attentions there are
        size: of all heads together; each has an equal share
    """

    def __init__(
        self, query_size: int, memory_size: int, normaliser: Normaliser, *, heads: Size = 4, size: Size = 256
    ) -> None:
        super().__init__(normaliser)
        if size % heads:
            raise ConfigError(f"[attention] multi_head: size is {size}; it must be a multiple of heads, {heads}.")
        self.heads = heads
        self.query = nn.Linear(query_size, size, bias=False)
        self.memory = nn.Linear(memory_size, size, bias=False)
        self.value = nn.Linear(memory_size, size, bias=False)
        self.context = nn.Linear(size, memory_size, bias=False)

    def start(self, memory: Memory) -> Heads:
        """Turn the states into keys and values, scaled once instead of at each score."""
        keys = self.memory(memory.states) * (self.heads / self.memory.out_features) ** 0.5
        return Heads(memory, keys, self.value(memory.read_from))

    def forward(self, query: Float[Tensor, "B T Q"], state: Keyed) -> tuple[Read, Keyed]:
        """Every head reads all queries; their contexts are mixed."""
        assert isinstance(state, Heads)
        scores = self._split(self.query(query)) @ self._split(state.keys).transpose(2, 3)
        weights = self.weigh(scores.flatten(1, 2), state.memory).view(scores.shape)
        contexts = (weights @ self._split(state.values)).transpose(1, 2).flatten(2)
        return Read(self.context(contexts), weights.mean(1)), state

    def score(self, query: Float[Tensor, "B T Q"], keys: Float[Tensor, "B S K"]) -> Float[Tensor, "B T S"]:
        """The mean of the heads' scores."""
        return (self._split(self.query(query)) @ self._split(keys).transpose(2, 3)).mean(1)

    def _split(self, x: Float[Tensor, "B N K"]) -> Float[Tensor, "B heads N D"]:
        return x.view(*x.shape[:2], self.heads, -1).transpose(1, 2)
