"""A step's graph whose output layer can be limited to some tokens, chosen anew for each batch."""

from collections.abc import Mapping

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

from regard.decode.exported import MASK
from regard.errors import ModelError


def listed(step: onnx.ModelProto) -> onnx.ModelProto:
    """The same step with two more inputs: `words` (N), the tokens to choose among, and the mask (B, N) of B sources.

    With words, their rows of the output layer are gathered, the mask is added to
    the logits (R, N) of the R / B rows of each source, and all that is told of
    tokens counts in places of `words`. Without (N = 0) the layer is as before:
    both are branches of one node, which share the weights.
    """
    whole = onnx.ModelProto()
    whole.CopyFrom(step)
    graph = whole.graph
    made = {name: node for node in graph.node for name in node.output}
    product = made[made["all_log_probs"].input[0]]
    logits, place = product.output[0], list(graph.node).index(product)
    graph.node.remove(product)
    product.output[0] = "logits_of_all"
    choice = helper.make_node(
        "If",
        ["is_listed"],
        [logits],
        then_branch=_branch("listed", [*_gathered(product, made), *_masked("logits_of_some")], "logits_of_own"),
        else_branch=_branch("whole", [product], "logits_of_all"),
    )
    there = [
        helper.make_node("Size", ["words"], ["number_of_words"]),
        helper.make_node("Cast", ["number_of_words"], ["is_listed"], to=TensorProto.BOOL),
        choice,
    ]
    for i, node in enumerate(there):
        graph.node.insert(place + i, node)
    for name, value in (("the_others", -1), ("the_rows", 1)):  # a size that follows from the others, and an axis
        graph.initializer.append(numpy_helper.from_array(np.array([value], np.int64), name))
    graph.input.append(helper.make_tensor_value_info("words", TensorProto.INT64, ["words"]))
    graph.input.append(helper.make_tensor_value_info(MASK, TensorProto.FLOAT, ["sources", "words"]))
    return whole


def _gathered(product: NodeProto, made: Mapping[str, NodeProto]) -> list[NodeProto]:
    """The output layer's product with the rows of `words`, in single precision or in bytes."""
    rows = list(product.input)
    if product.op_type == "Gemm":
        bias, nodes = 2, [_rows_of(rows[1], "rows")]
        rows[1] = "rows"
    elif product.op_type == "MatMulIntegerToFloat" and rows[1] in made:
        bias = 6
        nodes = [
            _rows_of(made[rows[1]].input[0], "rows"),
            helper.make_node("Transpose", ["rows"], ["columns"], perm=[1, 0]),
            _rows_of(rows[3], "scales_of_rows"),
        ]
        rows[1], rows[3] = "columns", "scales_of_rows"
    else:
        raise ModelError(f"The output layer is a {product.op_type}, whose rows cannot be gathered for a shortlist.")
    if len(rows) > bias:  # one of nothing but zeros has been left out
        nodes.append(_rows_of(rows[bias], "bias_of_rows"))
        rows[bias] = "bias_of_rows"
    again = NodeProto()
    again.CopyFrom(product)
    again.ClearField("input")
    again.input.extend(rows)
    again.output[0] = "logits_of_some"
    return [*nodes, again]


def _masked(logits: str) -> list[NodeProto]:
    """The mask of a source added to each of its rows, which follow each other."""
    return [
        helper.make_node("Unsqueeze", [MASK, "the_rows"], ["mask_of_rows"]),
        helper.make_node("Shape", [MASK], ["number_of_sources"], start=0, end=1),
        helper.make_node("Shape", [MASK], ["number_of_each"], start=1, end=2),
        helper.make_node("Concat", ["number_of_sources", "the_others", "number_of_each"], ["by_source"], axis=0),
        helper.make_node("Reshape", [logits, "by_source"], ["logits_by_source"]),
        helper.make_node("Add", ["logits_by_source", "mask_of_rows"], ["own_by_source"]),
        helper.make_node("Concat", ["the_others", "number_of_each"], ["by_row"], axis=0),
        helper.make_node("Reshape", ["own_by_source", "by_row"], ["logits_of_own"]),
    ]


def _rows_of(table: str, name: str) -> NodeProto:
    return helper.make_node("Gather", [table, "words"], [name], axis=0)


def _branch(name: str, nodes: list[NodeProto], output: str) -> onnx.GraphProto:
    return helper.make_graph(nodes, name, [], [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)])
