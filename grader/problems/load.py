"""Read `exercises/<id>/problem.yaml` and make a problem of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from grader.core.errors import AuthorError, Fault
from grader.problems.budget import read_budget
from grader.problems.language import parse
from grader.problems.output_shape import count_outputs, output_of, parse_map
from grader.problems.problem import PROBLEM_ID, Check, GivenFunction, Input, Parameter, Problem
from grader.problems.problem_faults import early_faults, find_faults
from grader.problems.problem_yaml import InputFile, ProblemFile, names_of, orders_of, roles_of, wrt_of
from grader.problems.relation import NO_MAP
from grader.problems.relation_faults import relation_of, returns_of
from grader.problems.sides import Shape
from grader.problems.yaml_model import check_model, read_model


def load_problem(path: Path) -> Problem:
    """Read `exercises/<id>/problem.yaml`.

    Raises:
        AuthorError: with every fault of the file.
    """
    problem_id = path.parent.name
    if not PROBLEM_ID.fullmatch(problem_id):
        message = f"'{problem_id}' is not a problem id; use small letters, digits and single hyphens"
        raise AuthorError(path, [Fault(message)])
    file = read_model(path, ProblemFile, find_faults, early_faults)
    return _resolve(problem_id, file)


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


def _resolve(problem_id: str, file: ProblemFile) -> Problem:
    roles = roles_of(file)
    wrt = wrt_of(file, roles.directions) if file.definition.order else ()
    f = NO_MAP
    output: Shape = ()
    outputs = 1
    if file.has_map:
        f = parse_map(file)
        output, outputs = output_of(file, f), count_outputs(file, f)

    return Problem(
        id=problem_id,
        title=file.title,
        statement=file.statement,
        function=roles.function,
        arguments=roles.arguments,
        f=f,
        ask=file.ask,
        inputs=tuple(_inputs(file)),
        wrt=wrt,
        directions=roles.directions,
        cotangent=roles.cotangent,
        output=output,
        outputs=outputs,
        sizes={letter: tuple(values) for letter, values in file.sizes.items()},
        norm=file.norm,
        checks=(*_checks(file), *_relation_checks(file)),
        hints=tuple(file.hints),
        parameters=tuple(_parameters(file)),
        functions=tuple(_functions(file)),
        weight=file.weight,
        size_orders=orders_of(file),
        larger=file.larger,
        convention=file.convention,
        budget=read_budget(file.cost, file.order, file.sizes),
        forbid=tuple(file.forbid),
        up_to=file.up_to,
        returns=returns_of(file),
        relations=tuple(relation_of(file, relation) for relation in file.relations),
    )


def _inputs(file: ProblemFile) -> Iterator[Input]:
    for name, given in file.inputs.items():
        shape, families = tuple(given.shape), tuple(given.family)
        yield Input(name, shape, families, given.space_or_integer, given.index, _is_closed(file, given))


def _parameters(file: ProblemFile) -> Iterator[Parameter]:
    for name, given in file.parameters.items():
        yield Parameter(name, tuple(given.values), given.between)


def _functions(file: ProblemFile) -> Iterator[GivenFunction]:
    for name, given in file.functions.items():
        known = [given.of, *names_of(file)]
        yield GivenFunction(name, given.of, tuple(parse(text, known) for text in given.choices))


def _checks(file: ProblemFile) -> Iterator[Check]:
    for given in file.checks:
        yield Check(given.check, Fraction(given.points), tuple(given.family), given.name)


def _is_closed(file: ProblemFile, argument: InputFile) -> bool:
    """Without f, an input for which `generic` is not listed is not drawn so: singular matrices stay singular."""
    return not file.has_map and all(family.name != "generic" for family in argument.family)


def _relation_checks(file: ProblemFile) -> Iterator[Check]:
    for position, relation in enumerate(file.relations):
        yield Check("relation", Fraction(relation.points), label=relation.title, relation=position)
