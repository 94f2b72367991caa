"""The shape of a map: in letters where these say it, else found at every size listed."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations_with_replacement, cycle, product
from typing import Any

from grader.core.text import list_values
from grader.problems.language import (
    Expression,
    ExpressionError,
    ExpressionFault,
    Several,
    UndeterminedError,
    parse,
    walk,
)
from grader.problems.language.nodes import is_operation
from grader.problems.problem import are_in_order
from grader.problems.problem_yaml import ProblemFile, names_of, orders_of
from grader.problems.relation import measure
from grader.problems.shapes import Dimension, Shape, Size, evaluate_shape, show_shape, stacked_shape
from grader.problems.sides import as_sizes, combinations_of

MOST_POINTS = 80
"""Sizes and parameters at which a program is tried; of more combinations, so many."""
_LARGER = 8
"""Sizes larger than those listed go up to this, or are one more than the largest."""

_Point = Mapping[str, Any]
"""Sizes and parameters by name."""


def parse_map(file: ProblemFile) -> Expression:
    """The f of a file.

    Raises:
        ExpressionError: with every fault of it.
    """
    return parse(file.f, names_of(file), file.functions)


def output_of(file: ProblemFile, f: Expression) -> Shape:
    """The shape of f, in letters; every choice of the given functions is tried.

    Raises:
        ExpressionError: operations do not fit the shapes of their operands, at some size that is listed.
    """
    letters = {letter: Size.of(letter) for letter in file.sizes}
    unknown = dict.fromkeys(file.parameters, Size.of(""))
    inputs = {name: argument.labelled_shape for name, argument in file.inputs.items()}
    try:
        output = _evaluate(file, f, {**letters, **unknown, **inputs})
    except UndeterminedError:
        return _in_numbers(file, f)
    if any(is_operation(node, "[]") for node in walk(f.roots)):
        _in_numbers(file, f)  # an index may be too large for a size
    return output


def count_outputs(file: ProblemFile, f: Expression) -> int:
    """How many arrays f returns, in a file whose f has no faults."""
    output = _evaluate_each(file, f, _shapes_at(file, next(_points(file))))
    return len(output) if isinstance(output, Several) else 1


def _evaluate(file: ProblemFile, f: Expression, shapes: Mapping[str, Any]) -> Shape:
    output = _evaluate_each(file, f, shapes)
    return stacked_shape(output) if isinstance(output, Several) else tuple(output)


def _evaluate_each(file: ProblemFile, f: Expression, shapes: Mapping[str, Any]) -> Shape | Several:
    choices = max((len(function.choices) for function in file.functions.values()), default=1)
    for choice in range(choices):
        output: Shape | Several = evaluate_shape(f, shapes, functions_of(file, choice))
    return output


def functions_of(file: ProblemFile, choice: int = 0) -> dict[str, tuple[str, Expression]]:
    """The argument and the expression of each function that is given, in one of its choices."""
    found = {}
    for name, function in file.functions.items():
        text = function.choices[choice % len(function.choices)]
        found[name] = (function.of, parse(text, [function.of, *names_of(file)]))
    return found


def shape_at(file: ProblemFile, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The shape of f at given sizes, and at the first value of each parameter, in a file without faults of f."""
    parameters = {name: parameter.values[0] for name, parameter in file.parameters.items()}
    shape = _at_point(file, parse_map(file), {**sizes, **parameters})
    return tuple(int(side) for side in shape)


def _at_point(file: ProblemFile, f: Expression, point: _Point) -> Shape:
    try:
        return _evaluate(file, f, _shapes_at(file, point))
    except ExpressionError as error:
        at = f"(at {list_values(point)})"
        faults = [ExpressionFault(line, column, f"{message} {at}") for line, column, message in error.faults]
        raise ExpressionError(faults) from None


def _shapes_at(file: ProblemFile, point: _Point) -> dict[str, Any]:
    inputs = {name: measure(argument.labelled_shape, point) for name, argument in file.inputs.items()}
    return {**as_sizes(point), **inputs}


def _in_numbers(file: ProblemFile, f: Expression) -> Shape:
    found = [(point, _at_point(file, f, point)) for point in _points(file)]
    return _in_letters(file, found)


def _points(file: ProblemFile) -> Iterator[_Point]:
    """Sizes that are drawn, with the values of the parameters: small ones first."""
    sizes = _sizes(file)
    values = {name: parameter.stands_for for name, parameter in file.parameters.items()}
    parameters: list[_Point] = [*combinations_of(values)]

    pairs: Iterable[tuple[_Point, _Point]] = product(sizes, parameters)
    if len(sizes) * len(parameters) > MOST_POINTS:
        pairs = zip(cycle(sizes), _repeated(parameters, len(sizes)), strict=False)
    for chosen, drawn in pairs:
        yield {**chosen, **drawn}


def _sizes(file: ProblemFile) -> list[_Point]:
    """The sizes listed, those that are the same for all letters, and larger ones, as far as they are allowed."""
    families = [family for item in file.inputs.values() for family in item.family]
    fixed = {family.definition.size for family in families} - {None}

    sizes: list[_Point] = [*combinations_of(file.sizes)]
    sizes += [dict.fromkeys(file.sizes, size) for size in fixed]
    if file.larger is not False:
        larger = {letter: _larger(file, listed) for letter, listed in file.sizes.items()}
        sizes.append(larger)
        sizes += [{**sizes[0], letter: side} for letter, side in larger.items()]

    orders = orders_of(file)
    return [point for point in sizes if are_in_order(point, orders)]


def _repeated(parameters: Sequence[_Point], length: int) -> Iterator[_Point]:
    """The parameters in turn, shifted after each round of the sizes, so that all pairs come up."""
    for k in range(MOST_POINTS):
        yield parameters[(k + k // length) % len(parameters)]


def _larger(file: ProblemFile, listed: Sequence[int]) -> int:
    return max(max(listed) + 1, _LARGER) if file.larger is True else int(file.larger)


def _in_letters(file: ProblemFile, found: Sequence[tuple[_Point, Shape]]) -> Shape:
    """Write shapes in letters.

    Raises:
        ExpressionError: f has more axes at some sizes than at others.
    """
    _, first = found[0]
    for point, shape in found:
        if len(shape) != len(first):
            words = f"f is {show_shape(first)} at some sizes and {show_shape(shape)} at others"
            raise ExpressionError([ExpressionFault(1, 1, f"{words}, such as {list_values(point)}")])

    points, shapes = zip(*found, strict=True)
    whole: dict[str, list[int]] = {}
    for name in (*file.sizes, *file.parameters):
        values = [point[name] for point in points]
        if all(type(value) is int for value in values):
            whole[name] = values

    axes = zip(*shapes, strict=True)
    return tuple(_side([*map(int, sides)], whole) for sides in axes)


def _side(sides: list[int], values: Mapping[str, list[int]]) -> Dimension:
    """Write one side in letters: n, 3, n + 1, mn, 2n …; `…` if it is none of these.

    Args:
        sides: at several points; values: those of the letters at the same points.
    """
    is_constant = len({*sides}) == 1
    if is_constant and sides not in values.values():
        return sides[0]

    for formula, side_of, count in _FORMULAS:
        for letters in combinations_with_replacement(values, count):
            columns = [values[letter] for letter in letters]
            if [*map(side_of, *columns)] == sides:
                return formula.format(*letters)
    return "…"


_FORMULAS: Sequence[tuple[str, Callable[..., int], int]] = (
    ("{}", lambda n: n, 1),
    *((f"({{}}+{k})", partial(operator.add, k), 1) for k in (1, 2, 3)),
    *((f"({{}}−{k})", lambda n, k=k: max(n - k, 0), 1) for k in (1, 2, 3)),
    *((f"{k}{{}}", partial(operator.mul, k), 1) for k in (2, 3, 4)),
    ("{0}²", lambda n: n * n, 1),
    ("{0}({0}+1)/2", lambda n: n * (n + 1) // 2, 1),
    ("{0}({0}−1)/2", lambda n: n * (n - 1) // 2, 1),
    ("{}{}", lambda m, n: m * n, 2),
    ("({}+{})", lambda m, n: m + n, 2),
    ("({}+{}−1)", lambda m, n: m + n - 1, 2),
    ("({}−{}+1)", lambda m, n: max(m - n + 1, 0), 2),
    ("({1}−{0}+1)", lambda m, n: max(n - m + 1, 0), 2),
    ("min({}, {})", min, 2),
)
"""How sides are written, what they are, and of how many letters."""
