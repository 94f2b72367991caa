"""What the gradient with respect to an argument of an operation is, by that with respect to the operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from grader.findings.diagnosis.candidates.notation import NoRule, Notation
from grader.findings.diagnosis.candidates.trees import name, op
from grader.findings.diagnosis.candidates.written_sums import is_eye, matmul, minus, times
from grader.problems.language import Node, Operation

_Rule = Callable[[Notation, Operation, int, Node], Node]
"""Makes, of an operation and the gradient G with respect to it, the gradient with respect to the k-th argument."""


def pull_back(notation: Notation, node: Operation, k: int, G: Node) -> Node:
    """The gradient with respect to the k-th argument of an operation."""
    rule = _RULES.get(node.name, _of_entries)
    return rule(notation, node, k, G)


def _same(_: Notation, node: Operation, k: int, G: Node) -> Node:
    return G


def _difference(_: Notation, node: Operation, k: int, G: Node) -> Node:
    return minus(G) if k else G


def _negative(_: Notation, node: Operation, k: int, G: Node) -> Node:
    return minus(G)


def _transpose(notation: Notation, node: Operation, k: int, G: Node) -> Node:
    return notation.adjoint(G) if notation.style.is_real else op(".T", G)


def _adjoint(notation: Notation, node: Operation, k: int, G: Node) -> Node:
    return notation.adjoint(G)


def _diagonal(_: Notation, node: Operation, k: int, G: Node) -> Node:
    return op("diag", G)


def _vectorised(_: Notation, node: Operation, k: int, G: Node) -> Node:
    return op("unvec", G, node.arguments[0])


def _trace(notation: Notation, node: Operation, k: int, G: Node) -> Node:
    side = notation.shape(node.arguments[0])[0]
    return times("*", G, op("eye", name(str(side))))


def _sum(_: Notation, node: Operation, k: int, G: Node) -> Node:
    return times("*", G, op("ones like", node.arguments[0]))


def _product(notation: Notation, node: Operation, k: int, G: Node) -> Node:
    return times("*", G, notation.conj(node.arguments[1 - k]))


def _quotient(notation: Notation, node: Operation, k: int, G: Node) -> Node:
    A, B = map(notation.conj, node.arguments)
    quotient = op("/", G, B)
    if k == 0:
        return quotient
    return minus(times("*", quotient, op("/", A, B)))


def _matrix_product(notation: Notation, node: Operation, k: int, G: Node) -> Node:
    A, B = node.arguments
    ranks = (len(notation.shape(A)), len(notation.shape(B)))
    if ranks == (1, 1):
        return _product(notation, node, k, G)

    if k == 0 and ranks == (2, 2):
        return matmul(G, notation.adjoint(B))
    if k == 0 and ranks == (2, 1):
        return op("outer", G, notation.conj(B))
    if k == 0:
        return op("@", notation.conj(B), G)

    if ranks == (2, 2):
        return matmul(notation.adjoint(A), G)
    if ranks == (2, 1):
        return op("@", notation.adjoint(A), G)
    return op("outer", notation.conj(A), G)


def _inverse(notation: Notation, node: Operation, k: int, G: Node) -> Node:
    X = notation.adjoint(node)
    return minus(matmul(X, G, X))


def _solution(notation: Notation, node: Operation, k: int, G: Node) -> Node:
    """λ = A⁻ᴴG for the right-hand side, −λxᴴ for the matrix."""
    adjoint = notation.adjoint(node.arguments[0])
    multiplier = op("inv", adjoint) if is_eye(G) else op("solve", adjoint, G)
    if k == 1:
        return multiplier

    if len(notation.shape(node)) == 1:
        return minus(op("outer", multiplier, notation.conj(node)))
    return minus(op("@", multiplier, notation.adjoint(node)))


def _determinant(notation: Notation, node: Operation, k: int, G: Node) -> Node:
    A = node.arguments[0]
    if not notation.style.by_inverse:
        return times("*", G, notation.adjoint(op("adj", A)))
    return times("*", times("*", G, notation.conj(node)), notation.adjoint(op("inv", A)))


def _log_determinant(notation: Notation, node: Operation, k: int, G: Node) -> Node:
    return times("*", G, notation.adjoint(op("inv", node.arguments[0])))


def _power(notation: Notation, node: Operation, k: int, G: Node) -> Node:
    return op("power rule", notation.adjoint(node.arguments[0]), node.arguments[1], G)


def _norm(notation: Notation, node: Operation, k: int, G: Node) -> Node:
    return times("*", G, notation.norm_gradient(node))


def _none(_: Notation, node: Operation, k: int, G: Node) -> Node:
    raise NoRule


def _of_entries(notation: Notation, node: Operation, k: int, G: Node) -> Node:
    return times("*", G, notation.conj(notation.slope(node)))


_RULES: Mapping[str, _Rule] = {
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
