"""The embedding and the output layer against their formulas."""

import numpy as np
import pytest
import torch

import tiny
from regard.embedding import Embedding
from regard.tensors import Read
from regard.types import PAD


def test_a_vector_is_the_tables_row_in_unit_scale() -> None:
    embedding = Embedding(13, 5, 0.0)
    vectors = embedding(torch.tensor([[4, 7, 4]]))
    torch.testing.assert_close(vectors[0, 1], embedding.table.weight[7] * 5**0.5)
    assert torch.equal(vectors[0, 0], vectors[0, 2])
    assert Embedding(500, 100, 0.0)(torch.arange(500)[None]).std().item() == pytest.approx(1, abs=0.05)


def test_padding_as_an_input_is_never_learnt() -> None:
    embedding = Embedding(13, 5, 0.0)
    embedding(torch.tensor([[4, PAD, PAD]])).sum().backward()
    assert embedding.table.weight.grad is not None
    assert embedding.table.weight.grad.abs().sum(1).nonzero().flatten().tolist() == [4]


def test_the_output_is_project_norm_compare() -> None:
    output = tiny.output(7, Embedding(13, 5, 0.0), tied=False)
    features = torch.randn(2, 3, 7).double()
    x = features.numpy() @ output.project.weight.detach().numpy().T
    x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
    logits = x @ output.logits.weight.detach().numpy().T + output.logits.bias.detach().numpy()
    np.testing.assert_allclose(output(features).detach().numpy(), logits, atol=1e-10)
    expected = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    np.testing.assert_allclose(
        output.predict(features, Read(*torch.zeros(2, 2, 3, 1)), None)[0].detach().numpy(), expected, atol=1e-5
    )


@pytest.mark.parametrize("tied", [True, False])
def test_a_tied_output_has_the_embeddings_table_and_an_untied_one_its_own(tied: bool) -> None:
    embedding = Embedding(13, 5, 0.0)
    assert (tiny.output(7, embedding, tied=tied).logits.weight is embedding.table.weight) == tied


@pytest.mark.parametrize(("shared", "tied", "tables"), [(True, True, 1), (False, True, 2), (True, False, 2)])
def test_a_model_has_as_many_tables_as_the_config_says(shared: bool, tied: bool, tables: int) -> None:
    model = tiny.model(embedding={"shared": shared, "tied": tied})
    assert sum(p.shape == (tiny.VOCABULARY, 5) for p in model.parameters()) == tables
