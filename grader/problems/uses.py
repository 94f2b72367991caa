"""Faults in the use of names and numbers: a word to compute with, a number that is no exponent, or no norm."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import chain

from grader.problems.language import (
    MAX_POWER,
    NORMS,
    Expression,
    ExpressionError,
    ExpressionFault,
    Name,
    Number,
)
from grader.problems.language.nodes import names_set
from grader.problems.language.uses import find_uses
from grader.problems.problem_yaml import ProblemFile
from grader.problems.yaml_model import FieldFault
from grader.problems.yaml_reader import FieldPath

_ALLOWED: Mapping[str, str] = {
    "number": "computed with; allowed: numbers",
    "exponent": f"an exponent of power; allowed: whole numbers from -{MAX_POWER} to {MAX_POWER}",
    "norm": f"a norm; allowed: {', '.join(NORMS)}",
}


def expression_faults(at: FieldPath, error: ExpressionError) -> list[FieldFault]:
    """The faults of an expression as faults of its field."""
    return [(at, str(fault)) for fault in error.faults]


def find_misuses(
    file: ProblemFile, expression: Expression, at: FieldPath, *arguments: str
) -> list[FieldFault]:
    """Find parameters and numbers that are used as what they are not.

    Args:
        expression: one of the file; at: its field; arguments: names in it that are those of its arguments.
    """
    local = {*names_set(expression)}
    numbers = {*file.inputs, *file.sizes, *arguments, *local}
    by_shape = {"number": numbers, "exponent": {*file.sizes, *local}, "norm": set()}
    misuses: list[FieldFault] = []
    for use, node in chain.from_iterable(map(find_uses, expression.roots)):
        name = node.name if isinstance(node, Name) else ""
        if name in by_shape[use]:
            continue
        wrong = _wrong_values(file, node, use)
        if not wrong:
            continue

        message = f"{', '.join(map(str, wrong))} cannot be {_ALLOWED[use]}"
        if name in file.parameters:
            misuses.append((("parameters", name), message))
        else:
            misuses.append((at, str(ExpressionFault(node.line, node.column, message))))
    return list(dict.fromkeys(misuses))


def _wrong_values(file: ProblemFile, node: Name | Number, use: str) -> Sequence[object]:
    """The values of a number or parameter that do not fit a use; another name that does not fit is its own value."""
    if isinstance(node, Number):
        values: Sequence[object] = [node.value]
    else:
        parameter = file.parameters.get(node.name)
        values = [node.name] if parameter is None else parameter.stands_for
    if all(_fits(value, use) for value in values):
        return []
    wrong = [value for value in map(_as_written, values) if not _fits(value, use)]
    return wrong or values


def _fits(value: object, use: str) -> bool:
    if use == "norm":
        return value in NORMS
    if isinstance(value, str):
        return False
    is_whole = isinstance(value, int | float) and float(value).is_integer() and abs(value) <= MAX_POWER
    return use == "number" or is_whole


def _as_written(value: object) -> object:
    """A value as the author wrote it: beside a word a number was read as a word too."""
    if isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return int(value)
    return value
