"""What a map says that its author may not have meant: operations on entries that look like those on matrices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from grader.problems.language import Expression, Name, Node, Number, Operation
from grader.problems.problem import Problem
from grader.problems.shapes import Shape, Size, evaluate_shape, is_square


def find_notes(problem: Problem) -> tuple[str, ...]:
    """Say of each such operation what it does, and how the other one is written."""
    tree = problem.f.tree
    return () if tree is None else tuple(dict.fromkeys(_notes(problem, tree)))


def _notes(problem: Problem, node: Node) -> Iterator[str]:
    if not isinstance(node, Operation):
        return
    for argument in node.arguments:
        yield from _notes(problem, argument)

    describe = _NOTES.get(node.name)
    words = describe(problem, node) if describe is not None else ""
    if words:
        yield f"column {node.column}: {words}"


def _note_power(problem: Problem, node: Operation) -> str:
    base, exponent = node.arguments
    if not is_square(_shape(problem, base)):
        return ""
    operand, k = _name(base), _exponent(exponent)
    matrix = f"inv({operand})" if k == "-1" else f"power({operand}, {k})"
    return f"** takes every entry to its power; the power of the matrix is {matrix}"


def _note_product(problem: Problem, node: Operation) -> str:
    left, right = (_shape(problem, factor) for factor in node.arguments)
    if not is_square(left) or right != left:
        return ""
    return "* multiplies entries; the product of matrices is @"


def _note_transpose(problem: Problem, node: Operation) -> str:
    (vector,) = node.arguments
    shape = _shape(problem, vector)
    if len(shape) != 1:
        return ""
    words = f"{node.name} leaves the vector {_name(vector)} as it is, so that @ beside it is an inner product"
    return f"{words}; for a column and its outer product, give it the shape [{shape[0]}, 1]"


_NOTES: Mapping[str, Callable[[Problem, Operation], str]] = {
    "**": _note_power,
    "*": _note_product,
    ".T": _note_transpose,
    ".H": _note_transpose,
}
"""Operation → what to say of one, empty if it is meant."""


def _shape(problem: Problem, node: Node) -> Shape:
    names: dict[str, Any] = {letter: Size.of(letter) for letter in problem.sizes}
    names |= {item.name: item.shape for item in problem.inputs}
    names |= {parameter.name: () for parameter in problem.parameters}
    functions: Mapping[str, tuple[str, Expression]] = {
        function.name: (function.argument, function.choices[0]) for function in problem.functions
    }
    return evaluate_shape(Expression(problem.f.text, node), names, functions)


def _name(node: Node) -> str:
    return node.name if isinstance(node, Name) else "X"


def _exponent(node: Node) -> str:
    if isinstance(node, Operation) and node.name == "neg":
        return f"-{_exponent(node.arguments[0])}"
    if isinstance(node, Number) and isinstance(node.value, float):
        return f"{node.value:g}"
    return "k"
