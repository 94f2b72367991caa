"""What each operation adds to a differential when one of its arguments moves: the product rule and its relatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from grader.findings.diagnosis.candidates.notation import Notation
from grader.findings.diagnosis.candidates.trees import op, with_argument
from grader.findings.diagnosis.candidates.written_sums import linear, matmul, minus, times
from grader.problems.language import Node, Operation

_Rule = Callable[[Notation, Operation, int, Node], Node]
"""Makes, of an operation whose k-th argument moves along V, the term that this brings in."""


def move_argument(notation: Notation, node: Operation, k: int, V: Node) -> Node:
    """The term that the k-th argument of an operation brings in by moving along V."""
    rule = _RULES.get(node.name, _of_entries)
    return rule(notation, node, k, V)


def _sum(_: Notation, node: Operation, k: int, V: Node) -> Node:
    return V


def _difference(_: Notation, node: Operation, k: int, V: Node) -> Node:
    return minus(V) if k else V


def _negative(_: Notation, node: Operation, k: int, V: Node) -> Node:
    return minus(V)


def _linear(_: Notation, node: Operation, k: int, V: Node) -> Node:
    return linear(node.name, V)


def _product(_: Notation, node: Operation, k: int, V: Node) -> Node:
    return times(node.name, *with_argument(node, k, V).arguments)


def _matrix_product(notation: Notation, node: Operation, k: int, V: Node) -> Node:
    A, B = node.arguments
    if len(notation.shape(node)) != 2:
        return _product(notation, node, k, V)
    return matmul(V, B) if k == 0 else matmul(A, V)


def _quotient(_: Notation, node: Operation, k: int, V: Node) -> Node:
    A, B = node.arguments
    if k == 0:
        return op("/", V, B)
    return minus(op("/", times("*", op("/", A, B), V), B))


def _inverse(_: Notation, node: Operation, k: int, V: Node) -> Node:
    return minus(matmul(node, V, node))


def _solution(_: Notation, node: Operation, k: int, V: Node) -> Node:
    """The right-hand side: the matrix is solved with once for all terms."""
    return minus(op("@", V, node)) if k == 0 else V


def _determinant(notation: Notation, node: Operation, k: int, V: Node) -> Node:
    A = node.arguments[0]
    if notation.style.by_inverse or notation.problem.order > 1:
        return times("*", node, linear("trace", matmul(op("inv", A), V)))
    return linear("trace", matmul(op("adj", A), V))


def _log_determinant(notation: Notation, node: Operation, k: int, V: Node) -> Node:
    trace = linear("trace", matmul(op("inv", node.arguments[0]), V))
    return trace if notation.style.is_real else op("real", trace)


def _power(_: Notation, node: Operation, k: int, V: Node) -> Node:
    return op("power rule", node.arguments[0], node.arguments[1], V)


def _norm(notation: Notation, node: Operation, k: int, V: Node) -> Node:
    return op("⟨,⟩", notation.norm_gradient(node), V)


def _of_entries(notation: Notation, node: Operation, k: int, V: Node) -> Node:
    return times("*", notation.slope(node), V)


_RULES: Mapping[str, _Rule] = {
    "+": _sum,
    "-": _difference,
    "neg": _negative,
    **dict.fromkeys((".T", ".H", "vec", "diag", "trace", "sum", "real"), _linear),
    **dict.fromkeys(("*", "kron", "outer"), _product),
    "@": _matrix_product,
    "/": _quotient,
    "inv": _inverse,
    "solve": _solution,
    "det": _determinant,
    "logdet": _log_determinant,
    "power": _power,
    "norm": _norm,
}
