"""A beam as a tree: which hypotheses were alive at each step, and which ended. Search keeps all of it anyway."""

from typing import Any

import numpy as np

from regard.decode.search import Search
from regard.tasks import Task
from regard.types import EOS, Hypothesis


def tree(search: Search, task: Task, text: str, best: Hypothesis) -> list[dict[str, Any]]:
    """The nodes of the search of one source, each behind its parent; none of an empty source.

    id, parent (its id; -1 of the root), step (the tokens up to it), token, score (of all up to it, in nats),
    ended (whether the end sign follows: the node is then that sign), kept (part of the best output).
    """
    nodes: list[dict[str, Any]] = []
    first: list[int] = []  # the number of each step's first row
    trace = search.trace
    for step, (tokens, parents, entered) in enumerate(zip(trace.tokens, trace.parents, trace.log_probs, strict=True)):
        first.append(len(nodes))
        spelled = task.spelled(tokens.tolist(), text) if step else ["<s>"] * len(tokens)
        for token, word, parent, log_prob in zip(
            tokens.tolist(), spelled, parents.tolist(), entered.tolist(), strict=True
        ):
            above = first[step - 1] + parent if step else -1
            score = nodes[above]["score"] + log_prob if step else 0.0
            nodes.append(_node(len(nodes), above, step, word, score) | {"id_of": token})
    for ended in search.finished.ended:
        for step, row, log_prob in zip(ended.steps, ended.rows, ended.log_probs, strict=True):
            above = first[int(step)] + int(row)
            score = nodes[above]["score"] + float(log_prob)
            end = _node(len(nodes), above, int(step) + 1, "</s>", score)
            nodes.append(end | {"ended": True, "id_of": EOS})
    return _marked(nodes, best)


def _node(number: int, parent: int, step: int, token: str, score: float) -> dict[str, Any]:
    return {
        "id": number,
        "parent": parent,
        "step": step,
        "token": token,
        "score": round(score, 4),
        "ended": False,
        "kept": False,
    }


def _marked(nodes: list[dict[str, Any]], best: Hypothesis) -> list[dict[str, Any]]:
    """Mark the best output: from the root along its tokens, of equal ones the first."""
    at = 0 if nodes else -1
    below: dict[tuple[int, int], int] = {}
    for node in reversed(nodes):
        below[node["parent"], node["id_of"]] = node["id"]
    for token in [None, *np.asarray(best.tokens).tolist()]:
        at = at if token is None else below.get((at, token), -1)
        if at < 0:
            break
        nodes[at]["kept"] = True
    return [{name: value for name, value in node.items() if name != "id_of"} for node in nodes]
