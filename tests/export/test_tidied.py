"""A tidied graph says the same with fewer nodes, and leaves alone what it cannot know."""

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from regard.decode.exported import session
from regard.export.tidied import needed, tidied

RANDOM = np.random.default_rng(0)
TABLES = {
    "first": np.array(0),
    "axis": np.array([1]),
    "weights": RANDOM.normal(size=(5, 4)).astype(np.float32),
    "bias": RANDOM.normal(size=4).astype(np.float32),
    "two": np.float32(2),
    "one place": np.array([-1, 1, 5]),
}
TAKE = ("Gather", ["c", "first"], ["y"], {"axis": 1})
SAME = ("Identity", ["y"], ["out"], {})
Row = tuple[str, list[str], list[str], dict[str, int]]


def graph(*rows: Row, wants: str = "out") -> onnx.ModelProto:
    """Nodes between x (B, 3), z (B, 1, 2) and the one output."""
    nodes = [helper.make_node(kind, given, made, **options) for kind, given, made, options in rows]
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["B", 3])]
    inputs.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, ["B", 1, 2]))
    outputs = [helper.make_tensor_value_info(wants, TensorProto.FLOAT, None)]
    tables = [numpy_helper.from_array(np.asarray(table), name) for name, table in TABLES.items()]
    made = helper.make_graph(nodes, "some", inputs, outputs, tables)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def run(model: onnx.ModelProto) -> NDArray[np.float32]:
    given = {"x": np.linspace(-1, 1, 6).reshape(2, 3), "z": np.linspace(0, 2, 4).reshape(2, 1, 2)}
    (out,) = session(model.SerializeToString()).run(None, {name: x.astype(np.float32) for name, x in given.items()})
    return np.asarray(out)


def kinds(model: onnx.ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


def same(before: onnx.ModelProto) -> list[str]:
    """The kinds of nodes that are left of a graph that says the same."""
    after = tidied(before)
    np.testing.assert_allclose(run(after), run(before), rtol=1e-6)
    return kinds(after)


def test_a_place_is_taken_out_before_all_that_is_done_with_it() -> None:
    left = same(
        graph(
            ("Unsqueeze", ["x", "axis"], ["a"], {}),
            ("Concat", ["a", "z"], ["b"], {"axis": -1}),
            ("MatMul", ["b", "weights"], ["m"], {}),
            ("Add", ["m", "bias"], ["n"], {}),
            ("Mul", ["n", "two"], ["d"], {}),
            ("Tanh", ["d"], ["c"], {}),
            TAKE,
            SAME,
        )
    )
    assert left == ["Gather", "Concat", "Gemm", "Mul", "Tanh", "Identity"]


def test_a_shape_that_puts_a_place_in_is_a_shape_without() -> None:
    join: Row = ("Concat", ["x", "flat"], ["b"], {"axis": 1})
    flat: Row = ("Gather", ["z", "first"], ["flat"], {"axis": 1})
    assert same(graph(flat, join, ("Reshape", ["b", "one place"], ["c"], {}), TAKE, SAME)) == [
        "Gather",
        "Concat",
        "Reshape",
        "Identity",
    ]


def test_joins_of_joins_are_one() -> None:
    inner: Row = ("Concat", ["x", "x"], ["b"], {"axis": 1})
    assert same(graph(inner, ("Concat", ["x", "b"], ["out"], {"axis": 1}))) == ["Concat"]


def test_the_first_column_of_a_matrix_is_no_place() -> None:
    join: Row = ("Concat", ["x", "x"], ["t"], {"axis": -1})
    assert same(graph(join, ("Tanh", ["t"], ["c"], {}), TAKE, SAME)) == ["Concat", "Tanh", "Gather", "Identity"]


def test_an_output_keeps_its_name() -> None:
    given = graph(("Unsqueeze", ["x", "axis"], ["c"], {}), TAKE, wants="y")
    assert same(given) == ["Unsqueeze", "Gather"]


def test_what_nothing_uses_is_gone_and_what_a_branch_uses_is_not() -> None:
    given = graph(("Tanh", ["x"], ["t"], {}), ("Relu", ["x"], ["dead"], {}), ("Cast", ["two"], ["yes"], {"to": 9}))
    branches = {
        f"{name}_branch": helper.make_graph(
            [helper.make_node(kind, ["t"], [f"{name} out"])],
            name,
            [],
            [helper.make_tensor_value_info(f"{name} out", TensorProto.FLOAT, None)],
        )
        for name, kind in (("then", "Neg"), ("else", "Exp"))
    }
    given.graph.node.append(helper.make_node("If", ["yes"], ["out"], **branches))
    whole = run(given)
    left = needed(given)
    assert kinds(left) == ["Tanh", "Cast", "If"]
    assert [table.name for table in left.graph.initializer] == ["two"]
    np.testing.assert_array_equal(run(left), whole)
