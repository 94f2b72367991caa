"""Sums and products of formulas as people write them: signs and numbers in front, nothing times 1."""

from __future__ import annotations

from functools import reduce
from typing import TypeGuard

from grader.findings.diagnosis.candidates.trees import number, op
from grader.problems.language import Node, Operation

ONE = number(1.0)


def plus(A: Node, B: Node) -> Node:
    """A + B, or A − B where B is negative, or 2A."""
    if A == B:
        return op("*", number(2.0), A)

    if is_negative(A) and is_negative(B):
        return minus(plus(minus(A), minus(B)))
    if is_negative(A):
        return op("-", B, minus(A))
    if is_negative(B):
        return op("-", A, minus(B))
    return op("+", A, B)


def is_negative(node: Node) -> TypeGuard[Operation]:
    """Does it begin with a minus sign?"""
    return isinstance(node, Operation) and node.name == "neg"


def minus(A: Node) -> Node:
    """−A."""
    return A.arguments[0] if is_negative(A) else op("neg", A)


def linear(operation: str, V: Node) -> Node:
    """A linear operation, with a sign in front."""
    if is_negative(V):
        return minus(op(operation, minus(V)))
    return op(operation, V)


def times(sign: str, A: Node, B: Node) -> Node:
    """A product, without factors 1, and with its sign in front."""
    if sign == "@":
        return matmul(A, B)
    if sign == "*" and A == ONE:
        return B
    if sign == "*" and B == ONE:
        return A

    if is_negative(A):
        return minus(op(sign, minus(A), B))
    if is_negative(B):
        return minus(op(sign, A, minus(B)))
    return op(sign, A, B)


def matmul(*factors: Node) -> Node:
    """A matrix product from the left, without identities, and with its sign and its numbers in front."""
    has_minus = False
    scales: list[Node] = []
    matrices: list[Node] = []

    waiting = list(factors)
    while waiting:
        factor = waiting.pop(0)
        match factor:
            case Operation(name="eye"):
                continue
            case Operation(name="neg", arguments=[A]):
                has_minus = not has_minus
                waiting.insert(0, A)
            case Operation(name="*", arguments=[scale, Operation(name="eye")]):
                scales.append(scale)
            case Operation(name="@"):
                waiting[:0] = factor.arguments
            case _:
                matrices.append(factor)

    product = reduce(lambda A, B: op("@", A, B), matrices or [factors[0]])
    for scale in scales:
        product = op("*", scale, product)
    return minus(product) if has_minus else product


def is_eye(node: Node) -> bool:
    """Is it the identity matrix, as such?"""
    return isinstance(node, Operation) and node.name == "eye"
