"""How the shapes of a formula fit together, and what that tells of how it was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from grader.formulas.answers_file import Fault, FormulaAnswer
from grader.formulas.evaluate import as_written
from grader.formulas.show import as_text
from grader.problems.core_shapes import CORE_SHAPES
from grader.problems.language import NORMS, ExpressionError, Name, Operation, evaluate
from grader.problems.language.uses import find_uses
from grader.problems.problem import Problem
from grader.problems.sides import Shape, Size


@dataclass(frozen=True, slots=True)
class Fit:
    """The operations of a formula with the shapes of their operands, and the first that does not fit, if any."""

    operations: tuple[tuple[Operation, tuple[Shape, ...]], ...] = ()
    misfit: Fault | None = None


def fit_shapes(answer: FormulaAnswer, problem: Problem) -> Fit:
    """Evaluate a formula over shapes in letters; where they cannot be told so, nothing is found."""
    assert answer.expression is not None
    known = _argument_shapes(problem)
    if len(known) < len(problem.arguments):
        return Fit()
    shapes: dict[str, Any] = {letter: Size.of(letter) for letter in problem.sizes}
    shapes |= {own: known[name] for own, name in zip(answer.parameters, problem.arguments, strict=True)}

    operations: list[tuple[Operation, tuple[Shape, ...]]] = []

    def watch(operation: Operation, arguments: Sequence[Any]) -> None:
        operations.append((operation, tuple(arguments)))

    try:
        evaluate(answer.expression, shapes, replace(as_written(CORE_SHAPES), watch=watch))
    except ExpressionError as error:
        first = error.faults[0]
        return Fit(tuple(operations), answer.fault_at(first.line, first.column, first.message))
    except Exception:  # shapes that cannot be told in letters are told at a case
        return Fit()
    return Fit(tuple(operations))


def find_misuse(answer: FormulaAnswer, problem: Problem) -> Fault | None:
    """Find an argument that is a word, such as the name of a norm, where a value is needed, or the other way."""
    assert answer.expression is not None
    words = words_among(answer, problem)
    values = {*answer.parameters, *problem.sizes} - words
    for use, node in chain.from_iterable(map(find_uses, answer.expression.roots)):
        name = node.name if isinstance(node, Name) else ""
        if name in words and use != "norm":
            message = f"'{name}' is a word, which only norm takes, as in norm(A, {name})"
            return answer.fault_at(node.line, node.column, message)
        if name in values and use == "norm":
            allowed = ", ".join([*map(repr, NORMS), *sorted(words)])
            return answer.fault_at(node.line, node.column, f"the second argument of norm is one of {allowed}")
    return None


def words_among(answer: FormulaAnswer, problem: Problem) -> set[str]:
    """The arguments that are words, as the student calls them."""
    words = {
        parameter.name
        for parameter in problem.parameters
        if any(isinstance(value, str) for value in parameter.values)
    }
    pairs = zip(answer.parameters, problem.arguments, strict=True)
    return {own for own, name in pairs if name in words}


def find_division(fit: Fit) -> str:
    """Find a division by a matrix, which is entry by entry and no inverse; empty if there is none."""
    for operation, shapes in fit.operations:
        is_division = operation.name == "/" and len(shapes[1]) == 2
        if is_division or (operation.name == "**" and len(shapes[0]) == 2 and _is_negative(operation)):
            return as_text(operation)
    return ""


def find_inner_product(fit: Fit) -> str:
    """Find x @ y.T of two vectors, which is a number where a matrix may be meant; empty if there is none."""
    for operation, shapes in fit.operations:
        if operation.name != "@" or [len(shape) for shape in shapes] != [1, 1]:
            continue
        right = operation.arguments[1]
        if isinstance(right, Operation) and right.name in (".T", ".H"):
            return as_text(operation)
    return ""


def _is_negative(operation: Operation) -> bool:
    exponent = operation.arguments[1]
    return isinstance(exponent, Operation) and exponent.name == "neg"


def _argument_shapes(problem: Problem) -> Mapping[str, Any]:
    """The shape of each argument that is an array or a number, in letters."""
    shapes: dict[str, Any] = {given.name: given.shape for given in problem.inputs}
    shapes |= {argument: shapes[name] for argument, name in problem.directions.items()}
    shapes |= {parameter.name: Size.of("") for parameter in problem.parameters}
    if problem.cotangent is not None:
        shapes[problem.cotangent] = problem.output
    return shapes
