"""What a map says that its author may not have meant: operations on entries that look like those on matrices.

The map is evaluated over shapes, and each operation is looked at with the shapes of its operands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from grader.problems.language import (
    Expression,
    ExpressionFault,
    Name,
    Node,
    Number,
    Operation,
    UndeterminedError,
)
from grader.problems.language.nodes import is_operation
from grader.problems.problem import Problem
from grader.problems.relation import measure
from grader.problems.shapes import SHAPES, Shape, Size, evaluate_shape, is_square, show_shape
from grader.problems.sides import as_sizes, combinations_of, letters_among


def find_notes(problem: Problem) -> tuple[str, ...]:
    """Say of each such operation what it does, and how the other one is written; of f, then of relations."""
    notes = [*_notes_on(problem, problem.f)] if problem.has_map else []
    for relation in problem.relations:
        text = relation.expression.text
        notes += [f"relation {text}, {note}" for note in _notes_on(problem, relation.expression)]
    return tuple(notes)


def _notes_on(problem: Problem, expression: Expression) -> tuple[str, ...]:
    for names in _points(problem):
        try:
            return _notes_at(problem, expression, names)
        except UndeterminedError:
            continue
    return ()


def _notes_at(problem: Problem, expression: Expression, names: Mapping[str, Any]) -> tuple[str, ...]:
    """The notes on operations with these shapes and sizes."""
    notes: dict[str, None] = {}

    def watch(node: Operation, shapes: Sequence[Shape]) -> None:
        describe = _NOTES.get(node.name)
        words = describe(node, *shapes) if describe else ""
        if words:
            notes[str(ExpressionFault(node.line, node.column, words))] = None

    evaluate_shape(expression, names, problem.first_choices, replace(SHAPES, watch=watch))
    return tuple(notes)


def _points(problem: Problem) -> Iterator[Mapping[str, Any]]:
    """The names with letters for sizes; then with numbers, as different as they can be."""
    letters = {letter: Size.of(letter) for letter in problem.sizes}
    unknown = dict.fromkeys((parameter.name for parameter in problem.parameters), Size.of(""))
    shapes: dict[str, Shape] = {argument.name: argument.labelled_shape for argument in problem.inputs}
    shapes |= {returned.name: returned.shape for returned in problem.returns}
    if letters_among(chain.from_iterable(shapes.values())) <= letters.keys():
        yield {**letters, **unknown, **_with_directions(problem, shapes)}

    allowed = filter(problem.allows, combinations_of(problem.sizes))
    sizes = max(allowed, key=lambda sizes: (len({*sizes.values()}), sum(sizes.values())))
    values: dict[str, Any] = {parameter.name: parameter.values[-1] for parameter in problem.parameters}
    numbers = {**sizes, **values}
    measured = {name: measure(shape, numbers) for name, shape in shapes.items()}
    yield {**as_sizes(numbers), **_with_directions(problem, measured)}


def _with_directions(problem: Problem, shapes: Mapping[str, Shape]) -> dict[str, Shape]:
    """The shapes of inputs and what is returned, and of directions, which are those of their inputs."""
    directions = {word: shapes[name] for word, name in problem.directions.items()}
    return {**shapes, **directions}


def _note_power(node: Operation, base: Shape, k: Shape) -> str:
    if not is_square(base):
        return ""
    operand, exponent = _name(node.arguments[0]), _exponent(node.arguments[1])
    matrix = f"inv({operand})" if exponent == "-1" else f"power({operand}, {exponent})"
    return f"** raises each entry to the power; the power of the matrix is {matrix}"


def _note_product(node: Operation, left: Shape, right: Shape) -> str:
    if is_square(left) and right == left:
        return "* multiplies entries; the product of matrices is @"
    if is_square(left) and right == left[:1]:
        A, x = map(_name, node.arguments)
        words = f"* multiplies column j of {A} by entry j of {x}"
        return f"{words}; the product of matrix and vector is {A} @ {x}"
    return _note_spread(node, left, right)


def _note_quotient(node: Operation, left: Shape, right: Shape) -> str:
    if is_square(right) and left in ((), right):
        A, B = map(_name, node.arguments)
        inverse = f"inv({B})" if left == () else f"{A} @ inv({B})"
        return f"/ divides by each entry; with the inverse of the matrix it is {inverse}"
    return _note_spread(node, left, right)


def _note_spread(node: Operation, left: Shape, right: Shape) -> str:
    """A column beside a vector, which make a matrix."""
    vector, column = sorted((left, right), key=len)
    if (len(vector), len(column)) != (1, 2) or column[1] != 1:
        return ""
    # An operand written as x[:, None] has the shape that is meant.
    if any(is_operation(operand, "[]") for operand in node.arguments):
        return ""

    shapes = f"{show_shape(left)} and {show_shape(right)}"
    words = f"{node.name} repeats {shapes} to {show_shape((column[0], vector[0]))}"
    return f"{words}; for entries beside each other, give both the shape [{vector[0]}]"


def _note_transpose(node: Operation, vector: Shape) -> str:
    if len(vector) != 1:
        return ""
    x = _name(node.arguments[0])
    words = f"{node.name} leaves the vector {x} as it is, so that @ beside it is an inner product"
    return f"{words}; for the matrix of all products write outer({x}, {x}), or give it the shape [{vector[0]}, 1]"


def _note_function(node: Operation, A: Shape) -> str:
    if not is_square(A):
        return ""
    return f"{node.name} is taken of each entry; the function of the matrix is {node.name}m({_name(node.arguments[0])})"


_NOTES: Mapping[str, Callable[..., str]] = {
    "**": _note_power,
    "*": _note_product,
    "/": _note_quotient,
    **dict.fromkeys("+-", _note_spread),
    **dict.fromkeys((".T", ".H"), _note_transpose),
    **dict.fromkeys(("exp", "log", "sqrt"), _note_function),
}
"""Operation → what to say of one, empty if it is meant."""


def _name(node: Node) -> str:
    if isinstance(node, Name):
        return node.name
    return _number(node) or "X"


def _exponent(node: Node) -> str:
    if is_operation(node, "neg"):
        return f"-{_exponent(node.arguments[0])}"
    return _number(node) or "k"


def _number(node: Node) -> str:
    """A number as it is written; empty for anything else."""
    if isinstance(node, Number) and isinstance(node.value, float):
        return f"{node.value:g}"
    return ""
