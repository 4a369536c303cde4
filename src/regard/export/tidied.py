"""The same graph with fewer nodes: what one token alone costs most is calls.

A decoder takes many tokens as it takes one. Traced with one, it puts an axis of one place in, works on that, and takes
the place out at the end. It may as well work on the place itself.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import onnx
from onnx import NodeProto, helper, numpy_helper

PLACES = 1  # the axis, behind that of rows
EACH_ALONE = ("Tanh", "Sigmoid", "Relu")  # entry by entry


def tidied(graph: onnx.ModelProto) -> onnx.ModelProto:
    """A place is taken out as early as can be, joins of joins are one, and what nothing uses is gone."""
    whole = onnx.ModelProto()
    whole.CopyFrom(graph)
    nodes, tables = _Early(whole).nodes()
    whole.graph.ClearField("node")
    whole.graph.node.extend(_joined_at_once(nodes))
    whole.graph.initializer.extend(tables)
    return needed(whole)


def needed(graph: onnx.ModelProto) -> onnx.ModelProto:
    """Without the nodes and tables that nothing uses, in place."""
    wanted = {output.name for output in graph.graph.output}
    nodes: list[NodeProto] = []
    for node in reversed(graph.graph.node):
        if wanted & set(node.output):
            wanted |= _used(node)
            nodes.insert(0, node)
    tables = [table for table in graph.graph.initializer if table.name in wanted]
    for field, kept in (("node", nodes), ("initializer", tables)):
        graph.graph.ClearField(field)
        getattr(graph.graph, field).extend(kept)
    return graph


class _Early:
    """Where the first place of each row is taken of a value, takes it of what the value was made of instead."""

    def __init__(self, graph: onnx.ModelProto) -> None:
        self.graph = graph.graph
        self.tables = {table.name: numpy_helper.to_array(table) for table in self.graph.initializer}
        inferred = onnx.shape_inference.infer_shapes(graph).graph
        known = [*inferred.value_info, *inferred.input]
        self.ranks = {v.name: len(v.type.tensor_type.shape.dim) for v in known if v.type.tensor_type.HasField("shape")}
        self.made = {name: node for node in self.graph.node for name in node.output}
        self.new: list[NodeProto] = []
        self.shapes: dict[str, np.ndarray] = {}
        self.only: dict[str, str] = {}  # a value -> its only place

    def nodes(self) -> tuple[list[NodeProto], list[onnx.TensorProto]]:
        """Those of the changed graph, in their order, and tables that they need besides."""
        same, outputs = dict[str, str](), {output.name for output in self.graph.output}
        for node in self.graph.node:
            node.input[:] = [same.get(name, name) for name in node.input]
            before = self.made.get(node.input[0]) if node.input else None
            if self._takes(node) and node.output[0] not in outputs:
                same[node.output[0]] = self.place(node.input[0])
                continue
            if node.op_type == "Reshape" and before is not None and before.op_type == "Unsqueeze":
                node.input[0] = before.input[0]  # the shape that comes of it is told in full
            self.new.append(node)
        return self.new, [numpy_helper.from_array(shape, name) for name, shape in self.shapes.items()]

    def place(self, name: str) -> str:
        """What the only place of a value is called; it is made if it is not there."""
        if name not in self.only:
            node = self.made.get(name)
            self.only[name] = (self._early(node) if node is not None and len(node.output) == 1 else "") or self._late(
                name
            )
        return self.only[name]

    def _takes(self, node: NodeProto) -> bool:
        index = self.tables.get(node.input[1]) if node.op_type == "Gather" else None
        return _of(node, "axis") == PLACES and index is not None and index.ndim == 0 and not index

    def _late(self, name: str) -> str:
        zero = next(n for n, t in self.tables.items() if t.ndim == 0 and t.dtype == np.int64 and not t)
        return self._node("Gather", name, [name, zero], axis=PLACES)

    def _early(self, node: NodeProto) -> str:
        """The only place of what a node makes, out of those that go in; empty where that cannot be."""
        kind, name, rank = node.op_type, node.output[0], self.ranks.get(node.output[0], 0)
        first, table = node.input[0], self.tables.get(node.input[-1])
        sides = -1 if table is None else table.ndim
        if kind == "Unsqueeze" and table is not None and table.tolist() == [PLACES]:
            return str(first)
        if kind == "Reshape" and table is not None and len(table) > PLACES and table[PLACES] == 1:
            self.shapes[f"{name}__shape"] = np.delete(table, PLACES)
            return self._node(kind, name, [first, f"{name}__shape"])
        if kind == "Gather" and first in self.tables and not _of(node, "axis") and self.ranks.get(node.input[1]) == 2:
            return self._node(kind, name, [first, self.place(node.input[1])])
        if rank == 3 and kind == "Concat" and _of(node, "axis") in (-1, 2):
            return self._node(kind, name, [self.place(part) for part in node.input], axis=1)
        if rank == 3 and kind in EACH_ALONE:
            return self._node(kind, name, [self.place(first)])
        if rank == 3 and kind == "Add" and sides == 1 and (product := self._product(first)):
            return self._node("Gemm", name, [*product, node.input[-1]])
        if rank == 3 and sides in {"Add": (0, 1), "Mul": (0, 1), "MatMul": (2,)}.get(kind, ()):
            return self._node(kind, name, [self.place(first), node.input[-1]])
        return ""

    def _product(self, name: str) -> list[str]:
        """The only place of what is multiplied by a table, and the table; nothing if there is no such product."""
        node = self.made.get(name)
        table = self.tables.get(node.input[1]) if node is not None and node.op_type == "MatMul" else None
        if node is None or table is None or table.ndim != 2:
            return []
        return [self.place(node.input[0]), node.input[1]]

    def _node(self, kind: str, of: str, given: Sequence[str], axis: int | None = None) -> str:
        self.new.append(helper.make_node(kind, given, [f"{of}__place"], axis=axis))  # None is no attribute
        return f"{of}__place"


def _joined_at_once(nodes: Sequence[NodeProto]) -> Iterator[NodeProto]:
    """A join of joins along the same axis is one."""
    joins: dict[str, NodeProto] = {}
    for node in nodes:
        if node.op_type == "Concat":
            axis = _of(node, "axis")
            inner = [joins.get(name) for name in node.input]
            parts = [
                part
                for name, one in zip(node.input, inner, strict=True)
                for part in (one.input if one is not None and _of(one, "axis") == axis else [name])
            ]
            node.ClearField("input")
            node.input.extend(parts)
            joins[node.output[0]] = node
        yield node


def _used(node: NodeProto) -> set[str]:
    """What a node uses, in its branches too."""
    inside = (inner for attribute in node.attribute for inner in attribute.g.node)
    return set(node.input).union(*map(_used, inside))


def _of(node: NodeProto, name: str) -> int:
    return next((int(a.i) for a in node.attribute if a.name == name), 0)
