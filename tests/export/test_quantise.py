"""Eight bits: near what they stand for, the same for a row whatever stands beside it."""

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from regard.decode.exported import session
from regard.export.export import Watched
from regard.export.quantise import HIGHEST, STORED, Seen, inputs_of_products, quantised

SIZE, OUT, ROWS = 61, 89, 7
RANDOM = np.random.default_rng(0)
WEIGHTS = RANDOM.normal(size=(SIZE, OUT)).astype(np.float32)
X = RANDOM.normal(size=(ROWS, SIZE)).astype(np.float32)


def model(kind: str) -> onnx.ModelProto:
    """A graph of one large table, used in one way."""
    table, shape = WEIGHTS, ["rows", SIZE]
    given = [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)]
    if kind == "product":
        nodes = [helper.make_node("MatMul", ["x", "table"], ["y"], name="p")]
    elif kind == "turned":
        table = np.ascontiguousarray(WEIGHTS.T)
        nodes = [helper.make_node("Gemm", ["x", "table", "bias"], ["y"], name="p", transB=1)]
    elif kind == "lookup":
        given = [helper.make_tensor_value_info("x", TensorProto.INT64, ["rows"])]
        nodes = [helper.make_node("Gather", ["table", "x"], ["y"], name="p")]
    else:
        nodes = [helper.make_node("Add", ["x", "one"], ["moved"]), helper.make_node("Add", ["table", "one"], ["y"])]
    tables = {"table": table, "bias": np.arange(OUT, dtype=np.float32), "one": np.float32(1)}
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph(
        nodes, kind, given, [out], [numpy_helper.from_array(np.asarray(t), name) for name, t in tables.items()]
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def run(graph: onnx.ModelProto, x: NDArray[np.float32 | np.int64]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = session(graph.SerializeToString()).run(None, {"x": x})[0]
    return found


@pytest.mark.parametrize("kind", ["product", "turned"])
def test_a_product_is_that_of_the_rounded_numbers(kind: str) -> None:
    largest = float(np.abs(X).max())
    assert inputs_of_products(model(kind)) == ["x"]
    found = run(quantised(model(kind), {"x": Seen(largest, SIZE)}), X)
    scale, scales = largest / 127, np.abs(WEIGHTS).max(0) / HIGHEST
    expected = (np.round(X / scale) * scale) @ (np.round(WEIGHTS / scales) * scales)
    bias = np.arange(OUT) if kind == "turned" else 0.0
    np.testing.assert_allclose(found, expected + bias, rtol=1e-4, atol=1e-3)
    assert np.abs(found - (X @ WEIGHTS + bias)).max() < 0.05 * np.abs(X @ WEIGHTS).max()


def test_a_row_is_the_same_whatever_stands_beside_it() -> None:
    graph = quantised(model("product"), {"x": Seen(3.0, SIZE)})
    beside = np.concatenate([X, 1000 * X])
    np.testing.assert_array_equal(run(graph, X), run(graph, beside)[:ROWS])


def test_the_largest_numbers_do_not_overflow() -> None:
    """All inputs and all weights at their limits: sums of pairs must fit into sixteen bits."""
    graph = quantised(model("product"), {"x": Seen(1.0, SIZE)})
    for table in graph.graph.initializer:
        if table.name.endswith("bytes1"):
            table.CopyFrom(numpy_helper.from_array(np.full((SIZE, OUT), HIGHEST, np.int8), table.name))
    scales = np.abs(WEIGHTS).max(0) / HIGHEST
    np.testing.assert_allclose(run(graph, np.ones((3, SIZE), np.float32)), [SIZE * HIGHEST * scales] * 3, rtol=1e-3)


def test_rows_of_a_table_are_near() -> None:
    ids = np.array([3, 0, 60, 3])
    found = run(quantised(model("lookup"), {}), ids)
    assert (np.abs(found - WEIGHTS[ids]) <= np.abs(WEIGHTS[ids]).max(1, keepdims=True) / HIGHEST / 2 + 1e-6).all()


def test_any_other_large_table_is_stored_in_bytes() -> None:
    graph = quantised(model("other"), {})
    found = run(graph, X)
    assert np.abs(found - (WEIGHTS + 1)).max() <= np.abs(WEIGHTS).max() / HIGHEST
    assert graph.ByteSize() < 0.4 * model("other").ByteSize()


@pytest.mark.parametrize("shape", [(40, 16, 9), (40, 16, 3, 3)], ids=["of a text", "of a picture"])
def test_each_output_of_a_convolution_has_a_scale_of_its_own(shape: tuple[int, ...]) -> None:
    """As where a batch norm was folded into it, and outputs are thousands of times apart."""
    weights = (
        RANDOM.normal(size=shape) * np.geomspace(1e-3, 10, shape[0]).reshape(-1, *[1] * (len(shape) - 1))
    ).astype(np.float32)
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, *shape[1:]])
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    nodes = [helper.make_node("Conv", ["x", "table"], ["y"], name="c")]
    graph = helper.make_graph(nodes, "seen", [given], [out], [numpy_helper.from_array(weights, "table")])
    whole = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    x = RANDOM.normal(size=(1, *shape[1:])).astype(np.float32)
    found, expected = run(quantised(whole, {}), x).reshape(shape[0]), (weights * x).reshape(shape[0], -1).sum(1)
    most = np.abs(weights).reshape(shape[0], -1).max(1) / STORED / 2 * np.abs(x).sum()
    assert (np.abs(found - expected) <= most + 1e-5 * np.abs(weights).reshape(shape[0], -1).sum(1)).all()


def test_what_two_graphs_call_the_same_is_seen_apart() -> None:
    """Each is traced on its own: an encoder's `layer_norm` is not that of the step."""
    quiet, loud = Watched(model("product")), Watched(model("product"))
    loud({"x": 1000 * X})
    quiet({"x": X})
    largest = np.abs(X).max()
    assert [graph.seen["x"].largest for graph in (quiet, loud)] == pytest.approx([largest, 1000 * largest])
    assert quiet.seen["x"].size == SIZE
