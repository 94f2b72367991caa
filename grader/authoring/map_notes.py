"""What a map says that its author may not have meant: operations on entries that look like those on matrices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grader.problems.expression import Expression, Name, Node, Number, Operation
from grader.problems.problem import Problem
from grader.problems.shapes import Shape, Size, evaluate_shape, is_square


def find_notes(problem: Problem) -> tuple[str, ...]:
    """Say of each such operation what it does, and how the other one is written."""
    return tuple(dict.fromkeys(_notes(problem, problem.f.tree)))


def _notes(problem: Problem, node: Node) -> Iterator[str]:
    if not isinstance(node, Operation):
        return
    for argument in node.arguments:
        yield from _notes(problem, argument)
    if not node.arguments:
        return

    shape, operand = _shape(problem, node.arguments[0]), _name(node.arguments[0])
    where = f"column {node.column}"
    if node.name == "**" and is_square(shape):
        exponent = _exponent(node.arguments[1])
        matrix = f"inv({operand})" if exponent == "-1" else f"power({operand}, {exponent})"
        yield f"{where}: ** takes every entry to its power; the power of the matrix is {matrix}"
    if node.name == "*" and is_square(shape) and _shape(problem, node.arguments[1]) == shape:
        yield f"{where}: * multiplies entries; the product of matrices is @"
    if node.name in (".T", ".H") and len(shape) == 1:
        words = f"{node.name} leaves the vector {operand} as it is, so that @ beside it is an inner product"
        yield f"{where}: {words}; for a column and its outer product, give it the shape [{shape[0]}, 1]"


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
    return f"{node.value:g}" if isinstance(node, Number) and isinstance(node.value, float) else "k"
