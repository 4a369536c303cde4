"""Eight bits: matrix products in whole numbers, every other large table stored in bytes.

An input x of a product becomes q = round(x / scale), with one scale for the
whole graph, found beforehand on sentences: so no sentence's numbers depend on
its neighbours in a batch. A column of weights has a scale of its own and seven
bits, because the processors' sums of two products have sixteen (eight and eight
would overflow where there are no instructions made for this). What is only
stored in bytes has all eight.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from regard.export.tidied import needed

Array = NDArray[Any]
HIGHEST, STORED = 63, 127  # of a weight in seven bits, and in eight
ZERO = 128  # the byte of an input that is zero
SMALL = 4096  # numbers; smaller tables stay as they are
PRODUCTS = ("MatMul", "Gemm")
DOMAIN = "com.microsoft"  # where ONNX Runtime has its product of bytes


@dataclass(frozen=True, slots=True)
class Seen:
    """What entered products under one name: the size of its largest entry, and how many entries a row has."""

    largest: float
    size: int

    @property
    def scale(self) -> float:
        """What one step of a byte stands for."""
        return self.largest / 127 or 1.0


def inputs_of_products(model: onnx.ModelProto) -> list[str]:
    """What must be seen: the inputs of all products that can be in whole numbers, or what they are joined of."""
    joined, tables = _joined(model), _tables(model)
    products = (node for node in model.graph.node if _weights(node, tables) is not None)
    return list(dict.fromkeys(name for node in products for name in joined.get(node.input[0], [node.input[0]])))


def quantised(model: onnx.ModelProto, seen: Mapping[str, Seen]) -> onnx.ModelProto:
    """The graph in eight bits, given what was seen of the `inputs_of_products`."""
    given, model = model, onnx.ModelProto()
    model.CopyFrom(given)  # whose nodes are changed
    tables, joined, pieces = _tables(model), _joined(model), _Pieces()
    stored: dict[str, str] = {}
    nodes: list[onnx.NodeProto] = []
    for node in model.graph.node:
        weights = _weights(node, tables)
        if weights is not None:
            parts = {name: seen[name] for name in joined.get(node.input[0], [node.input[0]])}
            nodes += pieces.product(node, weights, tables[node.input[1]], parts)
        elif node.op_type == "Gather" and _is_large(tables.get(node.input[0])) and not _attribute(node, "axis", 0):
            nodes += pieces.lookup(node, tables[node.input[0]])
        else:
            for i, name in enumerate(node.input):
                if _is_large(tables.get(name)):
                    if name not in stored:
                        # what has a scale of its own: the output of a convolution, the gate of an LSTM
                        axis = 0 if node.op_type == "Conv" else tables[name].ndim - 2
                        nodes += pieces.stored(name, tables[name], axis)
                        stored[name] = pieces.name("restored", name)
                    node.input[i] = stored[name]
            nodes.append(node)
    return _rebuilt(model, nodes, pieces.tables)


class _Pieces:
    """New nodes, and the tables that they need; a table that several need is there once."""

    def __init__(self) -> None:
        self.tables: dict[str, Array] = {}

    def name(self, what: str, of: str) -> str:
        return f"{of}__{what}"

    def product(
        self, node: onnx.NodeProto, weights: Array, table: Array, parts: Mapping[str, Seen]
    ) -> list[onnx.NodeProto]:
        """X W + b as bytes times bytes; parts that x is joined of keep scales of their own, which W takes over."""
        out, of = node.output[0], node.input[1]
        nodes = [made for name, part in parts.items() for made in self.bytes(name, part)]
        q, turned = [self.name("bytes", name) for name in parts], None
        if len(parts) > 1:
            nodes.append(helper.make_node("Concat", q, [self.name("bytes", out)], axis=-1))
            rows = np.concatenate([np.full((part.size, 1), part.scale, np.float32) for part in parts.values()])
            x, scale, (matrix, columns) = self.name("bytes", out), "one", self.rows(f"{of}__joined", rows * weights, 1)
        else:
            (name,) = parts
            turned = weights is not table
            x, scale, (matrix, columns) = q[0], self.name("scale", name), self.rows(of, table, 0 if turned else 1)
        if turned:  # a table that is looked up in as well is there once
            nodes.append(helper.make_node("Transpose", [matrix], [self.name("turned", out)], perm=[1, 0]))
            matrix = self.name("turned", out)
        self.tables |= {"one": np.array(1, np.float32), "no zero": np.array(0, np.int8)}
        given = [x, matrix, scale, columns, "zero", "no zero", *node.input[2:3]]
        return [*nodes, helper.make_node("MatMulIntegerToFloat", given, [out], domain=DOMAIN, name=node.name)]

    def bytes(self, of: str, part: Seen) -> list[onnx.NodeProto]:
        """An input of products in bytes, once for all of them."""
        scale = self.name("scale", of)
        if scale in self.tables:
            return []
        self.tables |= {scale: np.array(part.scale, np.float32), "zero": np.array(ZERO, np.uint8)}
        return [helper.make_node("QuantizeLinear", [of, scale, "zero"], [self.name("bytes", of)])]

    def lookup(self, node: onnx.NodeProto, table: Array) -> list[onnx.NodeProto]:
        """Rows of a table in bytes, each times its scale."""
        (of, ids), (out,) = node.input, node.output
        rows, scales = self.rows(of, table, axis=0)
        column = self.name("column", of)
        self.tables[column] = self.tables[scales][:, None]
        a, b, c = (self.name(part, out) for part in ("bytes", "floats", "scales"))
        return [
            helper.make_node("Gather", [rows, ids], [a]),
            helper.make_node("Cast", [a], [b], to=TensorProto.FLOAT),
            helper.make_node("Gather", [column, ids], [c]),
            helper.make_node("Mul", [b, c], [out], name=node.name),
        ]

    def stored(self, of: str, table: Array, axis: int) -> list[onnx.NodeProto]:
        """A table that is kept in bytes, and made whole again when the graph is loaded."""
        rows, scales = self.rows(f"{of}__stored", table, axis, STORED)
        shape = [1] * table.ndim
        shape[axis] = table.shape[axis]
        column = self.name("column", of)
        self.tables[column] = self.tables[scales].reshape(shape)
        floats = self.name("floats", of)
        return [
            helper.make_node("Cast", [rows], [floats], to=TensorProto.FLOAT),
            helper.make_node("Mul", [floats, column], [self.name("restored", of)]),
        ]

    def rows(self, of: str, table: Array, axis: int, highest: int = HIGHEST) -> tuple[str, str]:
        """A table in bytes, with a scale for each place of one axis."""
        names = self.name(f"bytes{axis}", of), self.name(f"scales{axis}", of)
        if names[0] not in self.tables:
            others = tuple(i for i in range(table.ndim) if i != axis)
            scales = np.abs(table).max(others, keepdims=True) / highest
            scales[scales == 0] = 1.0
            self.tables[names[0]] = np.round(table / scales).astype(np.int8)
            self.tables[names[1]] = scales.ravel().astype(np.float32)
        return names


def _weights(node: onnx.NodeProto, tables: Mapping[str, Array]) -> Array | None:
    """The weights of a product that can be in whole numbers, inputs by outputs."""
    if node.op_type not in PRODUCTS or _attribute(node, "transA", 0):
        return None
    table = tables.get(node.input[1])
    if table is None or table.ndim != 2 or min(table.shape) < 2 or table.size < SMALL:
        return None
    if any(_attribute(node, name, 1.0) != 1.0 for name in ("alpha", "beta")):
        return None
    return table.T if _attribute(node, "transB", 0) else table


def _joined(model: onnx.ModelProto) -> dict[str, list[str]]:
    """What is joined along the last axis, and what of."""
    joins = (node for node in model.graph.node if node.op_type == "Concat")
    return {node.output[0]: list(node.input) for node in joins if _attribute(node, "axis", 0) in (-1, 1)}


def _tables(model: onnx.ModelProto) -> dict[str, Array]:
    return {table.name: numpy_helper.to_array(table) for table in model.graph.initializer}


def _is_large(table: Array | None) -> bool:
    return table is not None and table.dtype == np.float32 and table.ndim >= 2 and table.size >= SMALL


def _attribute(node: onnx.NodeProto, name: str, default: float) -> float:
    found = [helper.get_attribute_value(a) for a in node.attribute if a.name == name]
    return found[0] if found else default


def _rebuilt(model: onnx.ModelProto, nodes: Iterable[onnx.NodeProto], new: Mapping[str, Array]) -> onnx.ModelProto:
    """A model of other nodes, with the tables that they use."""
    whole = onnx.ModelProto()
    whole.CopyFrom(model)
    whole.graph.ClearField("node")
    whole.graph.node.extend(nodes)
    whole.graph.initializer.extend(
        numpy_helper.from_array(np.ascontiguousarray(table).reshape(np.shape(table)), name)
        for name, table in new.items()
    )
    whole = needed(whole)
    whole.opset_import.append(helper.make_opsetid(DOMAIN, 1))
    return whole
