"""Products of a few queries with a whole memory: multiplicative scores, and weighted sums.

Nothing to gain for one call. In a block of steps, which share the memory, its
gradient is one product behind the last step (see `steps`).
"""

from jaxtyping import Float
from torch import Tensor
from torch.overrides import handle_torch_function, has_torch_function


def dot_scores(query: Float[Tensor, "B T K"], keys: Float[Tensor, "B S K"]) -> Float[Tensor, "B T S"]:
    """The score of each query with each key: query . key."""
    if has_torch_function((query, keys)):
        return handle_torch_function(dot_scores, (query, keys), query, keys)
    return query @ keys.mT


def weighted_sum(weights: Float[Tensor, "B T S"], values: Float[Tensor, "B S M"]) -> Float[Tensor, "B T M"]:
    """The sum of all values, weighted anew for each row of weights."""
    if has_torch_function((weights, values)):
        return handle_torch_function(weighted_sum, (weights, values), weights, values)
    return weights @ values
