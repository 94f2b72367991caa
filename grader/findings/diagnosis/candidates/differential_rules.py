"""What each operation adds to a differential when one of its arguments moves: the product rule and its relatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from grader.findings.diagnosis.candidates.trees import op, with_argument
from grader.findings.diagnosis.candidates.written_sums import linear, matmul, minus, times
from grader.problems.expression import Node, Operation

if TYPE_CHECKING:
    from grader.findings.diagnosis.candidates.derived import Calculus

Rule = Callable[["Calculus", Operation, int, Node], Node]
"""Makes, of an operation whose k-th argument moves along V, the term that this brings in."""


def move_argument(calculus: Calculus, node: Operation, k: int, V: Node) -> Node:
    """The term that the k-th argument of an operation brings in by moving along V."""
    rule = _RULES.get(node.name, _of_entries)
    return rule(calculus, node, k, V)


def _sum(_: Calculus, node: Operation, k: int, V: Node) -> Node:
    return V


def _difference(_: Calculus, node: Operation, k: int, V: Node) -> Node:
    return minus(V) if k else V


def _negative(_: Calculus, node: Operation, k: int, V: Node) -> Node:
    return minus(V)


def _linear(_: Calculus, node: Operation, k: int, V: Node) -> Node:
    return linear(node.name, V)


def _product(_: Calculus, node: Operation, k: int, V: Node) -> Node:
    return times(node.name, *with_argument(node, k, V).arguments)


def _matrix_product(calculus: Calculus, node: Operation, k: int, V: Node) -> Node:
    A, B = node.arguments
    if len(calculus.shape(node)) != 2:
        return _product(calculus, node, k, V)
    return matmul(V, B) if k == 0 else matmul(A, V)


def _quotient(_: Calculus, node: Operation, k: int, V: Node) -> Node:
    A, B = node.arguments
    if k == 0:
        return op("/", V, B)
    return minus(op("/", times("*", op("/", A, B), V), B))


def _inverse(_: Calculus, node: Operation, k: int, V: Node) -> Node:
    return minus(matmul(node, V, node))


def _solution(_: Calculus, node: Operation, k: int, V: Node) -> Node:
    """The right-hand side: the matrix is solved with once for all terms."""
    return minus(op("@", V, node)) if k == 0 else V


def _determinant(calculus: Calculus, node: Operation, k: int, V: Node) -> Node:
    A = node.arguments[0]
    if calculus.style.by_inverse or calculus.problem.order > 1:
        return times("*", node, linear("trace", matmul(op("inv", A), V)))
    return linear("trace", matmul(op("adj", A), V))


def _log_determinant(calculus: Calculus, node: Operation, k: int, V: Node) -> Node:
    trace = linear("trace", matmul(op("inv", node.arguments[0]), V))
    return trace if calculus.style.is_real else op("real", trace)


def _power(_: Calculus, node: Operation, k: int, V: Node) -> Node:
    return op("power rule", node.arguments[0], node.arguments[1], V)


def _norm(calculus: Calculus, node: Operation, k: int, V: Node) -> Node:
    return op("⟨,⟩", calculus.norm_gradient(node), V)


def _of_entries(calculus: Calculus, node: Operation, k: int, V: Node) -> Node:
    return times("*", calculus.slope(node), V)


_RULES: Mapping[str, Rule] = {
    "+": _sum,
    "-": _difference,
    "neg": _negative,
    **dict.fromkeys((".T", ".H", "vec", "diag", "trace", "sum", "real"), _linear),
    **dict.fromkeys(("*", "kron"), _product),
    "@": _matrix_product,
    "/": _quotient,
    "inv": _inverse,
    "solve": _solution,
    "det": _determinant,
    "logdet": _log_determinant,
    "power": _power,
    "norm": _norm,
}
