"""The faults of a problem that its format alone cannot see: names, shapes and checks that must fit together."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from grader.core.errors import suggest
from grader.problems.algebras import SOURCE
from grader.problems.asks import Ask
from grader.problems.family_names import FamilyName
from grader.problems.input_faults import find_input_faults
from grader.problems.language import FUNCTIONS, ExpressionError, evaluate, parse
from grader.problems.output_shape import count_outputs, output_of, parse_map
from grader.problems.problem import APPLIES, SizeOrder, are_in_order
from grader.problems.problem_yaml import (
    CheckFile,
    ProblemFile,
    names_of,
    order_of,
)
from grader.problems.relation_faults import find_relation_faults
from grader.problems.shapes import Shape, show_shape
from grader.problems.sides import combinations_of, letters_among
from grader.problems.signature_faults import fields_of, find_signature_faults
from grader.problems.size_faults import find_cost_faults, find_determinant_faults, find_forbidden_faults
from grader.problems.uses import expression_faults, find_misuses
from grader.problems.yaml_model import FieldFault
from grader.problems.yaml_reader import FieldPath


def early_faults(data: Any) -> list[FieldFault]:
    """Find what is wrong with f whatever its names stand for, in a file whose other fields have faults of their own."""
    if not isinstance(data, dict):
        return []
    missing = _missing_fields(data)
    f = data.get("f")
    if not isinstance(f, str):
        return missing

    functions = data.get("functions")
    names = list(functions) if isinstance(functions, dict) else []
    try:
        parse(f, re.findall(r"\w+", f), names)
    except ExpressionError as error:
        return [*missing, *expression_faults(("f",), error)]
    return missing


def _missing_fields(written: Collection[str]) -> list[FieldFault]:
    """What a problem without relations lacks."""
    if "relations" in written:
        wanted = ["ask", "inputs"] if "f" in written else []
    elif "returns" in written:
        wanted = ["relations"]
    else:
        wanted = ["f", "ask", "inputs", "checks"]
    return [((name,), "is missing") for name in wanted if name not in written]


def find_faults(file: ProblemFile) -> list[FieldFault]:
    """Find what the model alone cannot see: names that fit together, shapes, checks that fit the ask."""
    missing = _missing_fields(file.model_fields_set)
    if missing:
        return missing

    faults = _name_faults(file)
    if not faults and file.has_map and _knows_sizes(file):
        faults += _map_faults(file)
    faults += [*find_input_faults(file), *_check_faults(file), *find_signature_faults(file)]
    return faults or [
        *find_relation_faults(file),
        *find_determinant_faults(file),
        *find_cost_faults(file),
        *find_forbidden_faults(file),
    ]


def _name_faults(file: ProblemFile) -> list[FieldFault]:
    """The faults of names and values, before which nothing can be said of `f`."""
    return [*_parameter_faults(file), *_bound_faults(file), *_function_faults(file), *_order_faults(file)]


def _parameter_faults(file: ProblemFile) -> Iterator[FieldFault]:
    """Names of parameters and functions, the arguments that are no arrays."""
    taken = {*file.inputs, *file.sizes, *FUNCTIONS}
    for group, name in fields_of(parameters=file.parameters, functions=file.functions):
        if name in taken:
            yield (group, name), f"'{name}' is the name of an input or a size, or of a function, as well"


def _bound_faults(file: ProblemFile) -> Iterator[FieldFault]:
    """Bounds of further values that leave nothing to draw."""
    for name, parameter in file.parameters.items():
        if parameter.between is None:
            continue

        at: FieldPath = ("parameters", name)
        low, high = parameter.between
        if any(isinstance(value, str) for value in parameter.values):
            yield at, "bounds are for numbers; the values listed are words"
        elif not low < high:
            yield at, f"between needs a smaller and a larger number, found [{low:g}, {high:g}]"
        elif parameter.is_whole and {*range(int(low), int(high) + 1)} <= {*parameter.values}:
            yield at, f"all whole numbers between {low} and {high} are listed"


def _order_faults(file: ProblemFile) -> Iterator[FieldFault]:
    """Orders of sizes that name no sizes, or leave none to draw."""
    orders = []
    for position, text in enumerate(file.where):
        try:
            orders.append(order_of(text, file.sizes))
        except ValueError as error:
            yield ("where", position), str(error)

    if not any(are_in_order(sizes, orders) for sizes in combinations_of(file.sizes)):
        yield ("where",), "no combination of the sizes listed is in this order"

    strict = [order for order in orders if order.excludes_equal]
    if strict:
        yield from _equal_size_faults(file, strict[0])


def _equal_size_faults(file: ProblemFile, strict: SizeOrder) -> Iterator[FieldFault]:
    """Families of which all sizes are the same, where an order does not allow that."""
    for name, argument in file.inputs.items():
        for position, family in enumerate(argument.family):
            if family.definition.size is not None:
                message = f"'{family.name}' makes all sizes equal, and {strict} does not allow that"
                yield ("inputs", name, "family", position), message


def _function_faults(file: ProblemFile) -> Iterator[FieldFault]:
    counts = {name: len(function.choices) for name, function in file.functions.items()}
    if len({*counts.values()}) > 1:
        found = ", ".join(f"{name} has {number}" for name, number in counts.items())
        yield ("functions",), f"all functions need the same number of choices; {found}"

    for name, function in file.functions.items():
        for position, text in enumerate(function.choices):
            yield from _choice_faults(file, text, function.of, ("functions", name, "is", position))


def _choice_faults(file: ProblemFile, text: str, argument: str, at: FieldPath) -> list[FieldFault]:
    """The faults of one expression that a given function may be; students are given it as numpy code."""
    names = [argument, *names_of(file)]

    try:
        expression = parse(text, names)
        misuses = find_misuses(file, expression, at, argument)
        if len(expression.body) > 1:
            message = "a function that students are given is one expression, which they see as numpy code"
            return [(at, message)]

        # Whether it can be written as numpy code; the code itself is of no use here.
        evaluate(expression, {word: word for word in names}, SOURCE)
    except ExpressionError as error:
        return expression_faults(at, error)
    except KeyError as error:
        message = f"{error} has no counterpart in numpy, and students are given numpy"
        return [*misuses, (at, message)]
    return misuses


def _knows_sizes(file: ProblemFile) -> bool:
    """Whether all letters of the inputs' shapes are sizes, without which f has no shape."""
    return letters_among(file.sides) <= file.sizes.keys()


def _map_faults(file: ProblemFile) -> list[FieldFault]:
    try:
        f = parse_map(file)
        output = output_of(file, f)
    except ExpressionError as error:
        return expression_faults(("f",), error)

    misuses = find_misuses(file, f, ("f",))
    if misuses:
        return misuses

    message = _say_misfit(file, output, count_outputs(file, f))
    return [(("f",), message)] if message else []


def _say_misfit(file: ProblemFile, output: Shape, outputs: int) -> str:
    """Say why the ask does not fit what f returns; nothing if it does."""
    definition = file.definition
    needs_one_array = definition.scalar_only or definition.has_cotangent
    if needs_one_array and outputs > 1:
        words = f"a {definition.noun} needs an f that returns one array, and this returns {outputs}"
        return f"{words}; put them together by stack or concatenate, or ask for a differential"
    if definition.scalar_only and output != ():
        return _say_no_scalar(file.ask, output)
    return ""


def _say_no_scalar(ask: Ask, output: Shape) -> str:
    is_one_number = all(side == 1 for side in output)
    step = "write trace(…) or sum(…) around it" if is_one_number else "ask for a jacobian or pullback"
    return f"a {ask} needs a scalar f, found shape {show_shape(output)}; {step}"


def _check_faults(file: ProblemFile) -> Iterator[FieldFault]:
    """Checks that do not fit the ask, and families that no input is drawn from."""
    drawn = {"generic"}
    for argument in file.inputs.values():
        drawn |= {family.name for family in argument.family}

    for position, check in enumerate(file.checks):
        at: FieldPath = ("checks", position)
        fitting = APPLIES.get(check.check, {file.ask})
        if file.ask not in fitting:
            allowed = ", ".join(sorted(fitting))
            yield (*at, "check"), f"'{check.check}' does not apply to a {file.ask}; it applies to {allowed}"

        for place, family in enumerate(check.family):
            if family not in drawn:
                yield (*at, "family", place), f"no input is drawn from '{family}'; {suggest(family, drawn)}"

    if file.has_map:
        yield from _claim_faults(file.checks)


def _claim_faults(checks: Sequence[CheckFile]) -> Iterator[FieldFault]:
    """Cases that no reference check with points judges."""
    references = [check for check in checks if check.check == "reference" and check.points > 0]
    if all(check.family for check in references):
        yield ("checks",), "a reference check without family needs points, or wrong answers could pass"

    for family in sorted(_claimed_by(checks) - _claimed_by(references)):
        yield ("checks",), f"'{family}' is claimed, but by no reference check with points"


def _claimed_by(checks: Sequence[CheckFile]) -> set[FamilyName]:
    return {family for check in checks for family in check.family}
