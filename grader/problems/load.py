"""Read `exercises/<id>/problem.yaml` and make a problem of it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from grader.core.errors import AuthorError, Fault
from grader.problems.expression import parse
from grader.problems.faults import early_faults, find_faults
from grader.problems.problem import PROBLEM_ID, Check, GivenFunction, Input, Parameter, Problem
from grader.problems.problem_yaml import ProblemFile, names_of, output_of, roles_of, wrt_of
from grader.problems.yaml_model import check_model, read_model


def load_problem(path: Path) -> Problem:
    """Read `exercises/<id>/problem.yaml`.

    Raises:
        AuthorError: with every fault of the file.
    """
    id = path.parent.name
    if not PROBLEM_ID.fullmatch(id):
        raise AuthorError(
            path, [Fault(f"'{id}' is no problem id; use small letters, digits and single hyphens")]
        )
    file = read_model(path, ProblemFile, find_faults, early_faults)
    return _resolve(id, file)


def make_problem(fields: Mapping[str, Any], name: str) -> Problem:
    """Make a problem of the fields of a `problem.yaml` that are not in a file.

    Args:
        fields: plain data, as YAML would give it.
        name: what the fields are called in messages.

    Raises:
        AuthorError: with every fault of the fields.
    """
    file = check_model(name, dict(fields), {}, ProblemFile, find_faults, early_faults)
    return _resolve(name, file)


def _resolve(id: str, file: ProblemFile) -> Problem:
    roles, names = roles_of(file), names_of(file)
    f = parse(file.f, names, file.functions)
    wrt = wrt_of(file, roles.directions) if file.definition.order else ()
    inputs = (
        Input(name, tuple(item.shape), tuple(item.family), item.space) for name, item in file.inputs.items()
    )
    functions = (
        GivenFunction(name, item.of, tuple(parse(text, [item.of, *names]) for text in item.choices))
        for name, item in file.functions.items()
    )
    checks = (Check(item.check, Fraction(item.points), tuple(item.family), item.name) for item in file.checks)

    return Problem(
        id=id,
        title=file.title,
        statement=file.statement,
        function=roles.function,
        arguments=roles.arguments,
        f=f,
        ask=file.ask,
        inputs=tuple(inputs),
        wrt=wrt,
        directions=roles.directions,
        cotangent=roles.cotangent,
        output=output_of(file, f),
        sizes={letter: tuple(values) for letter, values in file.sizes.items()},
        norm=file.norm,
        checks=tuple(checks),
        hints=tuple(file.hints),
        parameters=tuple(Parameter(name, tuple(values)) for name, values in file.parameters.items()),
        functions=tuple(functions),
        weight=file.weight,
    )
