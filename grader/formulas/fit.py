"""How the shapes of a formula fit together, and what that tells of how it was read."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

from grader.cases.case import Case
from grader.formulas.answers_file import FormulaAnswer
from grader.formulas.evaluate import as_written
from grader.formulas.formula_lines import Fault
from grader.formulas.show import as_text
from grader.problems.core_shapes import CORE_SHAPES
from grader.problems.language import NORMS, Excess, ExpressionError, Name, Operation, evaluate, walk
from grader.problems.language.nodes import Argument, Assign, is_operation
from grader.problems.language.uses import find_uses
from grader.problems.problem import Parameter, Problem
from grader.problems.sides import Dimension, Shape, Size, combinations_of

MOST_SIZES = 12
"""Combinations of sizes at which choices are made."""


WithShapes = tuple[Operation, tuple[Shape, ...]]
"""An operation, and the shapes of its operands."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The operations of a formula with the shapes of their operands, and the one that ends it, if any.

    Args:
        misfit: the first that does not fit. excess: the first that would be too large to compute.
    """

    operations: tuple[WithShapes, ...] = ()
    misfit: Fault | None = None
    excess: Fault | None = None


def fit_shapes(answer: FormulaAnswer, problem: Problem) -> Fit:
    """Evaluate a formula over shapes in letters; one that chooses by sizes over some in numbers, without a misfit."""
    in_letters = _fit_in_letters(answer, problem)
    if in_letters is not None:
        return in_letters

    operations: list[WithShapes] = []
    for sizes in [dict.fromkeys(problem.sizes, 1), *islice(combinations_of(problem.sizes), MOST_SIZES)]:
        fit = _fit(answer, problem, sizes)
        if fit is not None:
            operations += fit.operations
    return Fit(tuple(operations))


def find_misfit(answer: FormulaAnswer, problem: Problem) -> Fault | None:
    """The first operation whose operands do not fit, whatever the sizes are; None if none is known."""
    fit = _fit_in_letters(answer, problem)
    return fit.misfit if fit is not None else None


def _fit_in_letters(answer: FormulaAnswer, problem: Problem) -> Fit | None:
    return _fit(answer, problem, {letter: letter for letter in problem.sizes})


def _fit(answer: FormulaAnswer, problem: Problem, sizes: Mapping[str, Dimension]) -> Fit | None:
    """The fit where letters stand for these sizes; None where it cannot be told."""
    known = _argument_shapes(problem, sizes)
    if len(known) < len(problem.arguments):
        return Fit()

    shapes: dict[str, Any] = {letter: Size.of(size) for letter, size in sizes.items()}
    shapes |= {own: known[name] for own, name in zip(answer.parameters, problem.arguments, strict=True)}

    operations: list[WithShapes] = []

    def watch(operation: Operation, arguments: Sequence[Any]) -> None:
        operations.append((operation, tuple(arguments)))

    try:
        evaluate(answer.program, shapes, replace(as_written(CORE_SHAPES), watch=watch))
    except ExpressionError as error:
        first = error.faults[0]
        fault = answer.fault_at(first.line, first.column, first.message)
        if isinstance(first, Excess):
            return Fit(tuple(operations), excess=fault)
        return Fit(tuple(operations), fault)
    except Exception:  # such shapes are told at a case
        return None
    return Fit(tuple(operations))


def find_excess(answer: FormulaAnswer, problem: Problem, cases: Iterable[Case]) -> Fault | None:
    """The first operation that would be too large to compute at the largest sizes of some cases, if any."""
    all_sizes = [case.sizes for case in cases]
    sizes = max(all_sizes, key=lambda sizes: math.prod(sizes.values()), default={})
    found = _fit(answer, problem, sizes)
    if found is None or found.excess is None:
        return None

    where = ", ".join(f"{letter} = {size}" for letter, size in sizes.items())
    about = f"too large at {where}" if where else "too large"
    return replace(found.excess, message=f"{about}: {found.excess.message}")


def find_misuse(answer: FormulaAnswer, problem: Problem) -> Fault | None:
    """Find an argument that is a word, such as the name of a norm, where a value is needed, or the other way.

    Or a choice that is made by something else than sizes and parameters.
    """
    words = words_among(answer, problem)
    values = {*answer.parameters, *problem.sizes} - words

    for use, node in chain.from_iterable(map(find_uses, answer.program.roots)):
        name = node.name if isinstance(node, Name) else ""
        if name in words and use != "norm":
            message = f"'{name}' is a word, which only norm takes, as in norm(A, {name})"
            return answer.fault_at(node.line, node.column, message)

        if name in values and use == "norm":
            allowed = ", ".join([*map(repr, NORMS), *sorted(words)])
            return answer.fault_at(node.line, node.column, f"the second argument of norm is one of {allowed}")
    return _find_choice_by_entries(answer, problem)


def _find_choice_by_entries(answer: FormulaAnswer, problem: Problem) -> Fault | None:
    """Find an array in the condition of a choice, be it by way of helpers."""
    arrays = _arrays_among(answer, problem)
    for node in walk(answer.program.roots):
        if not is_operation(node, "if"):
            continue

        found = _find_name(node.arguments[0], arrays)
        if found is not None:
            letter = next(iter(problem.sizes), "")
            example = f", as in {letter} > 1" if letter else ""
            message = f"a formula may choose by sizes only{example}, and not by the entries of {found.name}"
            return answer.fault_at(found.line, found.column, message)
    return None


def _arrays_among(answer: FormulaAnswer, problem: Problem) -> set[str]:
    """The arguments that are arrays, as the student calls them, and the helpers that are made of them."""
    numbers = {parameter.name for parameter in problem.parameters}
    numbers |= {given.name for given in problem.inputs if given.index is not None}
    arrays = _own_names(answer, problem, {*problem.arguments} - numbers)

    for statement in answer.program.body:
        if isinstance(statement, Assign) and _find_name(statement.value, arrays):
            arrays.update(statement.names)
    return arrays


def _find_name(node: Argument, names: Collection[str]) -> Name | None:
    """The first of some names in a part of a formula."""
    for part in walk([node]):
        if isinstance(part, Name) and part.name in names:
            return part
    return None


def words_among(answer: FormulaAnswer, problem: Problem) -> set[str]:
    """The arguments that are words, as the student calls them."""
    words = {parameter.name for parameter in problem.parameters if _takes_words(parameter)}
    return _own_names(answer, problem, words)


def _own_names(answer: FormulaAnswer, problem: Problem, names: Collection[str]) -> set[str]:
    """What the student calls some of the arguments."""
    pairs = zip(answer.parameters, problem.arguments, strict=True)
    return {own for own, name in pairs if name in names}


def _takes_words(parameter: Parameter) -> bool:
    return any(isinstance(value, str) for value in parameter.values)


def find_division(fit: Fit) -> str:
    """Find a division by a matrix, which is entry by entry and no inverse; empty if there is none."""
    return _find_first(fit, _divides_by_matrix)


def _find_first(fit: Fit, is_meant: Callable[[Operation, Sequence[Shape]], bool]) -> str:
    """The text of the first operation that is meant; empty if there is none."""
    for operation, shapes in fit.operations:
        if is_meant(operation, shapes):
            return as_text(operation)
    return ""


def _divides_by_matrix(operation: Operation, shapes: Sequence[Shape]) -> bool:
    """Is it `A / B`, or `B ** -1`, of a matrix B?"""
    if operation.name == "/":
        return len(shapes[1]) == 2
    if operation.name != "**":
        return False
    return len(shapes[0]) == 2 and is_operation(operation.arguments[1], "neg")


def find_entrywise_product(fit: Fit) -> str:
    """Find a product of two matrices entry by entry that is not added up, as in sum(A * B); empty if there is none."""
    sums = [operation for operation, _ in fit.operations if operation.name == "sum"]
    parts = chain.from_iterable(total.arguments for total in sums)
    added = {(part.line, part.column) for part in parts}

    def is_not_added(operation: Operation, shapes: Sequence[Shape]) -> bool:
        is_of_matrices = operation.name == "*" and all(len(shape) == 2 for shape in shapes)
        return is_of_matrices and (operation.line, operation.column) not in added

    return _find_first(fit, is_not_added)


def find_inner_product(fit: Fit) -> str:
    """Find x @ y.T of two vectors, which is a number where a matrix may be meant; empty if there is none."""
    return _find_first(fit, _is_inner_product)


def _is_inner_product(operation: Operation, shapes: Sequence[Shape]) -> bool:
    if operation.name != "@" or [len(shape) for shape in shapes] != [1, 1]:
        return False
    return is_operation(operation.arguments[1], ".T", ".H")


def _argument_shapes(problem: Problem, sizes: Mapping[str, Dimension]) -> Mapping[str, Any]:
    """The shape of each argument that is an array or a number."""
    shapes: dict[str, Any] = {given.name: given.shape for given in problem.inputs}
    shapes |= {argument: shapes[name] for argument, name in problem.directions.items()}
    if problem.cotangent is not None:
        shapes[problem.cotangent] = problem.output

    in_sizes = {name: tuple(sizes.get(side, side) for side in shape) for name, shape in shapes.items()}
    return in_sizes | {parameter.name: Size.of("") for parameter in problem.parameters}
