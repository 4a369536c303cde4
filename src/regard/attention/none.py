"""No attention: one context vector for the whole source (Cho et al., 2014; Sutskever et al., 2014)."""

from jaxtyping import Float
from torch import Tensor

from regard.attention import Attention, Keyed, only_softmax
from regard.normalisers import Normaliser
from regard.tensors import Memory, Read


class Nothing(Attention):
    """context = the encoder's summary at every step; the weights are zero, for it looks nowhere."""

    sums_to_one = looks = False

    def __init__(self, query_size: int, memory_size: int, normaliser: Normaliser) -> None:
        super().__init__()
        only_softmax("none", normaliser)

    def start(self, memory: Memory) -> Keyed:
        """Nothing to prepare."""
        return Keyed(memory, memory.states[:, :, :0])

    def forward(self, query: Float[Tensor, "B T Q"], state: Keyed) -> tuple[Read, Keyed]:
        """The same vector for each query."""
        memory = state.memory
        context = memory.summary[:, None].expand(-1, query.shape[1], -1)
        weights = memory.states.new_zeros(*query.shape[:2], memory.states.shape[1])
        return Read(context, weights), state
