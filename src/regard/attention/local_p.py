"""Local attention that predicts where to look, "local-p" in Luong, Pham and Manning (2015)."""

from jaxtyping import Float
from torch import Tensor, nn

from regard.attention import Keyed, exact
from regard.attention.general import General
from regard.attention.local_m import distances, log_gaussian, within
from regard.build import Size
from regard.normalisers import Normaliser
from regard.tensors import Read


class LocalP(General):
    """`general` within a window, times a Gaussian around its centre p = S sigmoid(v . tanh(W query)).

    Equations 9 and 10 of the paper; S is the length of the source, the
    Gaussian's deviation half the window's width. In the paper the weights no
    longer sum to one after it; here they are normalised after it, unless
    `renormalise` is false.

    Options:
        width: D, places on either side of the centre
        size: units of the hidden layer that predicts the centre
        renormalise: weights sum to one
    """

    def __init__(
        self,
        query_size: int,
        memory_size: int,
        normaliser: Normaliser,
        *,
        width: Size = 10,
        size: Size = 256,
        renormalise: bool = True,
    ) -> None:
        super().__init__(query_size, memory_size, normaliser)
        self.width, self.sums_to_one = width, renormalise
        self.hidden = nn.Linear(query_size, size, bias=False)
        self.place = nn.Linear(size, 1, bias=False)

    def forward(self, query: Float[Tensor, "B T Q"], state: Keyed) -> tuple[Read, Keyed]:
        """Predict the centres, and look around them."""
        memory = state.memory
        share = self.place(self.hidden(query).tanh()).sigmoid().squeeze(-1)
        distance = distances(memory.mask.sum(1, keepdim=True) * share.to(exact(query)), memory)
        scores = within(self.score(query, state.keys), distance, self.width)
        falling = log_gaussian(distance, self.width).to(scores.dtype)
        if self.sums_to_one:
            weights = self.weigh(scores + falling, memory)
        else:
            weights = self.weigh(scores, memory) * falling.exp()
        return Read(memory.read(weights), weights), state
