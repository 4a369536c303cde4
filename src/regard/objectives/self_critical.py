"""Self-critical training: outputs that the model drew are made likelier the better they score (Rennie et al., 2017)."""

from typing import Annotated, Literal

from jaxtyping import Float, Int
from torch import Tensor

from regard.build import Range, Share
from regard.errors import ConfigError
from regard.objectives import Draws, Objective
from regard.objectives.cross_entropy import CrossEntropy
from regard.outputs import Output
from regard.tensors import Batch, Prediction
from regard.types import PAD


class SelfCritical(Objective):
    """(1 - share) cross-entropy + share x mean over draws y of -(reward(y) - baseline) log p(y), in nats a source.

    The gradient of the latter is that of the expected reward (Williams, 1992). It is for a model that
    is trained already, `train.start`, and wants a low `train.rate`, such as 1e-4. The baseline may be the reward
    of the other draws, on average (Luo, 2020), or that of the greedy output (Rennie et al., 2017), which
    takes a search more; both leave the expected gradient as it is.

    Options:
        share: of the reward in the loss; the rest is that of cross-entropy, and with 0 nothing is drawn
        samples: outputs that are drawn of each source
        reward: a score of the task, of each output alone; left empty, its first
        baseline: what a reward is compared with: that of the other draws, or of the greedy output
        smoothing: share of the probability that is spread over the whole vocabulary, in the cross-entropy
    """

    def __init__(
        self,
        *,
        share: Share = 0.9,
        samples: Annotated[int, Range(2)] = 5,
        reward: str = "",
        baseline: Literal["others", "greedy"] = "others",
        smoothing: Share = 0.1,
    ) -> None:
        self.share, self.likelihood = share, CrossEntropy(smoothing=smoothing)
        self.draws = Draws(samples, reward, baseline) if share else None

    def __call__(
        self, prediction: Prediction, batch: Batch, output: Output
    ) -> tuple[Float[Tensor, ""], Int[Tensor, ""]]:
        """Both, each on its rows; the count is that of the given targets' tokens."""
        if batch.worth is None or self.draws is None:
            return self.likelihood(prediction, batch, output)
        if prediction.read.sample is not None:
            raise ConfigError("[objective] self_critical wants attention that has a gradient; what is drawn has none.")
        given = len(batch.source)
        first, further = prediction.map(lambda tensor: tensor[:given]), prediction.map(lambda tensor: tensor[given:])
        loss, count = self.likelihood(first, Batch(batch.source, batch.target[:given]), output)
        drawn = batch.target[given:]
        real = drawn != PAD
        worth = batch.worth[:, None].expand(real.shape)[real]
        reward, _ = output.loss(further, drawn, worth=worth)
        return (1 - self.share) * loss + self.share / self.draws.number * reward, count
