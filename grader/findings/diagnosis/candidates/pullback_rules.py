"""What the gradient with respect to an argument of an operation is, by that with respect to the operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from grader.findings.diagnosis.candidates.trees import name, op
from grader.findings.diagnosis.candidates.written_sums import is_eye, matmul, minus, times
from grader.problems.expression import Node, Operation

if TYPE_CHECKING:
    from grader.findings.diagnosis.candidates.derived import Calculus

Rule = Callable[["Calculus", Operation, int, Node], Node]
"""Makes, of an operation and the gradient G with respect to it, the gradient with respect to the k-th argument."""


class NoRule(Exception):
    """There is no rule for an operation here."""


def pull_back(calculus: Calculus, node: Operation, k: int, G: Node) -> Node:
    """The gradient with respect to the k-th argument of an operation."""
    rule = _RULES.get(node.name, _of_entries)
    return rule(calculus, node, k, G)


def _same(_: Calculus, node: Operation, k: int, G: Node) -> Node:
    return G


def _difference(_: Calculus, node: Operation, k: int, G: Node) -> Node:
    return minus(G) if k else G


def _negative(_: Calculus, node: Operation, k: int, G: Node) -> Node:
    return minus(G)


def _transpose(calculus: Calculus, node: Operation, k: int, G: Node) -> Node:
    return calculus.adjoint(G) if calculus.style.is_real else op(".T", G)


def _adjoint(calculus: Calculus, node: Operation, k: int, G: Node) -> Node:
    return calculus.adjoint(G)


def _diagonal(_: Calculus, node: Operation, k: int, G: Node) -> Node:
    return op("diag", G)


def _vectorised(_: Calculus, node: Operation, k: int, G: Node) -> Node:
    return op("unvec", G, node.arguments[0])


def _trace(calculus: Calculus, node: Operation, k: int, G: Node) -> Node:
    side = calculus.shape(node.arguments[0])[0]
    return times("*", G, op("eye", name(str(side))))


def _sum(_: Calculus, node: Operation, k: int, G: Node) -> Node:
    return times("*", G, op("ones", node.arguments[0]))


def _product(calculus: Calculus, node: Operation, k: int, G: Node) -> Node:
    return times("*", G, calculus.conj(node.arguments[1 - k]))


def _quotient(calculus: Calculus, node: Operation, k: int, G: Node) -> Node:
    A, B = map(calculus.conj, node.arguments)
    quotient = op("/", G, B)
    if k == 0:
        return quotient
    return minus(times("*", quotient, op("/", A, B)))


def _matrix_product(calculus: Calculus, node: Operation, k: int, G: Node) -> Node:
    A, B = node.arguments
    ranks = (len(calculus.shape(A)), len(calculus.shape(B)))
    if ranks == (1, 1):
        return _product(calculus, node, k, G)

    if k == 0 and ranks == (2, 2):
        return matmul(G, calculus.adjoint(B))
    if k == 0 and ranks == (2, 1):
        return op("outer", G, calculus.conj(B))
    if k == 0:
        return op("@", calculus.conj(B), G)

    if ranks == (2, 2):
        return matmul(calculus.adjoint(A), G)
    if ranks == (2, 1):
        return op("@", calculus.adjoint(A), G)
    return op("outer", calculus.conj(A), G)


def _inverse(calculus: Calculus, node: Operation, k: int, G: Node) -> Node:
    X = calculus.adjoint(node)
    return minus(matmul(X, G, X))


def _solution(calculus: Calculus, node: Operation, k: int, G: Node) -> Node:
    """λ = A⁻ᴴG for the right-hand side, −λxᴴ for the matrix."""
    adjoint = calculus.adjoint(node.arguments[0])
    multiplier = op("inv", adjoint) if is_eye(G) else op("solve", adjoint, G)
    if k == 1:
        return multiplier

    if len(calculus.shape(node)) == 1:
        return minus(op("outer", multiplier, calculus.conj(node)))
    return minus(op("@", multiplier, calculus.adjoint(node)))


def _determinant(calculus: Calculus, node: Operation, k: int, G: Node) -> Node:
    A = node.arguments[0]
    if not calculus.style.by_inverse:
        return times("*", G, calculus.adjoint(op("adj", A)))
    return times("*", times("*", G, calculus.conj(node)), calculus.adjoint(op("inv", A)))


def _log_determinant(calculus: Calculus, node: Operation, k: int, G: Node) -> Node:
    return times("*", G, calculus.adjoint(op("inv", node.arguments[0])))


def _power(calculus: Calculus, node: Operation, k: int, G: Node) -> Node:
    return op("power rule", calculus.adjoint(node.arguments[0]), node.arguments[1], G)


def _norm(calculus: Calculus, node: Operation, k: int, G: Node) -> Node:
    return times("*", G, calculus.norm_gradient(node))


def _none(_: Calculus, node: Operation, k: int, G: Node) -> Node:
    raise NoRule


def _of_entries(calculus: Calculus, node: Operation, k: int, G: Node) -> Node:
    return times("*", G, calculus.conj(calculus.slope(node)))


_RULES: Mapping[str, Rule] = {
    **dict.fromkeys(("+", "real"), _same),
    "-": _difference,
    "neg": _negative,
    ".T": _transpose,
    ".H": _adjoint,
    "diag": _diagonal,
    "vec": _vectorised,
    "trace": _trace,
    "sum": _sum,
    "*": _product,
    "/": _quotient,
    "@": _matrix_product,
    "inv": _inverse,
    "solve": _solution,
    "det": _determinant,
    "logdet": _log_determinant,
    "power": _power,
    "norm": _norm,
    "kron": _none,
}
