"""A step of an LSTM as one product is a step of the LSTM."""

import torch

from regard.cells import LSTM
from regard.export.merged import Merged


def test_a_step_is_that_of_the_layer() -> None:
    layer = LSTM(5, 7).double()
    for bias in (layer.bias_ih_l0, layer.bias_hh_l0):
        torch.nn.init.normal_(bias)
    x, state = torch.randn(3, 1, 5).double(), torch.randn(3, 14).double()
    for mine, its in zip(Merged(layer).double().run(x, state), layer.run(x, state), strict=True):
        torch.testing.assert_close(mine, its)
