"""The faults of a problem that its format alone cannot see: names, shapes and checks that must fit together."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Iterator
from typing import Any

from grader.core.errors import suggest
from grader.problems.algebras import SOURCE
from grader.problems.input_faults import find_input_faults
from grader.problems.language import FUNCTIONS, ExpressionError, evaluate, parse
from grader.problems.output_shape import count_outputs, output_of
from grader.problems.problem import APPLIES, MAX_PARTS
from grader.problems.problem_yaml import (
    ProblemFile,
    Roles,
    names_of,
    order_of,
    roles_of,
    wrt_of,
)
from grader.problems.relation_faults import find_relation_faults
from grader.problems.shapes import show_shape
from grader.problems.sides import combinations_of
from grader.problems.size_faults import find_cost_faults, find_determinant_faults, find_forbidden_faults
from grader.problems.spaces import SPACES
from grader.problems.uses import find_misuses
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

    faults = [fault for find in _OF_NAMES for fault in find(file)]
    if not faults and file.has_map and _knows_sizes(file):
        faults += _map_faults(file)
    faults += [*find_input_faults(file), *_check_faults(file)]

    try:
        roles = roles_of(file)
    except ValueError as error:
        return [*faults, (("signature",), str(error))]

    of_signature = [fault for find in _OF_ROLES for fault in find(file, roles)]
    faults += of_signature
    if of_signature and file.wrt is None:
        return faults  # without its directions nobody knows what is differentiated

    wrt = wrt_of(file, roles.directions)
    for find_in_wrt in (_wrt_faults, _convention_faults, _weight_faults):
        faults += find_in_wrt(file, wrt)
    return faults or [
        *find_relation_faults(file),
        *find_determinant_faults(file, wrt),
        *find_cost_faults(file),
        *find_forbidden_faults(file),
    ]


def _parameter_faults(file: ProblemFile) -> Iterator[FieldFault]:
    """Names of parameters and functions, the arguments that are no arrays."""
    taken = {*file.inputs, *file.sizes, *FUNCTIONS}
    for group, names in (("parameters", file.parameters), ("functions", file.functions)):
        for name in names:
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

    sizes_listed = combinations_of(file.sizes)
    allowed = (sizes for sizes in sizes_listed if all(order.holds(sizes) for order in orders))
    if next(allowed, None) is None:
        yield ("where",), "no combination of the sizes listed is in this order"

    strict = [str(order) for order in orders if order.excludes_equal]
    for name, argument in file.inputs.items():
        for position, family in enumerate(argument.family):
            if strict and family.definition.size is not None:
                message = f"'{family.name}' makes all sizes equal, and {strict[0]} does not allow that"
                yield ("inputs", name, "family", position), message


def _function_faults(file: ProblemFile) -> Iterator[FieldFault]:
    if len({len(function.choices) for function in file.functions.values()}) > 1:
        counts = ", ".join(f"{name} has {len(function.choices)}" for name, function in file.functions.items())
        yield ("functions",), f"all functions need the same number of choices; {counts}"

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
            return [
                (at, "a function that students are given is one expression, which they see as numpy code")
            ]
        evaluate(expression, {word: word for word in names}, SOURCE)
    except ExpressionError as error:
        return expression_faults(at, error)
    except KeyError as error:
        message = f"{error} has no counterpart in numpy, and students are given numpy"
        return [*misuses, (at, message)]
    return misuses


def expression_faults(at: FieldPath, error: ExpressionError) -> list[FieldFault]:
    """The faults of an expression as faults of its field."""
    return [(at, str(fault)) for fault in error.faults]


def _knows_sizes(file: ProblemFile) -> bool:
    """Whether all letters of the inputs' shapes are sizes, without which f has no shape."""
    sides = {side for given in file.inputs.values() for side in given.shape if isinstance(side, str)}
    return sides <= set(file.sizes)


def _map_faults(file: ProblemFile) -> list[FieldFault]:
    try:
        f = parse(file.f, names_of(file), file.functions)
        output = output_of(file, f)
    except ExpressionError as error:
        return expression_faults(("f",), error)

    misuses = find_misuses(file, f, ("f",))
    if misuses:
        return misuses

    definition, outputs = file.definition, count_outputs(file, f)
    if outputs > 1 and (definition.scalar_only or definition.has_cotangent):
        words = f"a {definition.noun} needs an f that returns one array, and this returns {outputs}"
        return [(("f",), f"{words}; put them together by stack or concatenate, or ask for a differential")]
    if definition.scalar_only and output != ():
        words = f"a {file.ask} needs a scalar f, found shape {show_shape(output)}"
        is_one_number = all(side == 1 for side in output)
        step = "write trace(…) or sum(…) around it" if is_one_number else "ask for a jacobian or pullback"
        return [(("f",), f"{words}; {step}")]
    return []


def _check_faults(file: ProblemFile) -> Iterator[FieldFault]:
    drawn = {"generic"} | {family.name for argument in file.inputs.values() for family in argument.family}
    for position, check in enumerate(file.checks):
        at: FieldPath = ("checks", position)
        fitting = APPLIES.get(check.check)
        if fitting is not None and file.ask not in fitting:
            allowed = ", ".join(sorted(fitting))
            yield (*at, "check"), f"'{check.check}' does not apply to a {file.ask}; it applies to {allowed}"

        for place, family in enumerate(check.family):
            if family not in drawn:
                yield (*at, "family", place), f"no input is drawn from '{family}'; {suggest(family, drawn)}"

    if not file.has_map:
        return

    references = [check for check in file.checks if check.check == "reference" and check.points > 0]
    if all(check.family for check in references):
        yield ("checks",), "a reference check without family needs points, or wrong answers could pass"

    claimed = {family for check in file.checks for family in check.family}
    judged = {family for check in references for family in check.family}
    for family in sorted(claimed - judged):
        yield ("checks",), f"'{family}' is claimed, but by no reference check with points"


def _argument_faults(file: ProblemFile, roles: Roles) -> Iterator[FieldFault]:
    """The names in the signature, and those that are missing there."""
    groups: dict[str, Collection[str]] = {
        "inputs": file.inputs,
        "parameters": file.parameters,
        "functions": file.functions,
    }
    known = {*roles.directions, roles.cotangent, *(name for names in groups.values() for name in names)}

    at: FieldPath = ("signature",)
    for word in roles.arguments:
        if keyword.iskeyword(word):
            yield at, f"'{word}' is a word of Python"
        if word not in known:
            yield at, f"argument '{word}' is neither an input, nor a direction, nor a cotangent"
    if len(set(roles.arguments)) != len(roles.arguments):
        yield at, "an argument appears twice"

    for group, names in groups.items():
        for name in names:
            if name not in roles.arguments:
                yield (group, name), f"'{name}' is not an argument of {file.signature}"


def _direction_faults(file: ProblemFile, roles: Roles) -> Iterator[FieldFault]:
    """Directions that belong to nothing, and inputs with another number of them than the ask wants."""
    if file.directions is not None and not file.definition.directions and file.has_map:
        yield ("directions",), f"only a differential has directions, not a {file.ask}"
    for word, name in roles.directions.items():
        if word not in roles.arguments:
            yield ("directions", word), f"'{word}' is not an argument of {file.signature}"
        if name not in file.inputs:
            yield ("directions", word), f"'{name}' is not an input; {suggest(name, file.inputs)}"

    noun, wanted = file.definition.noun, file.definition.directions
    directed = list(roles.directions.values())
    counts = {directed.count(name) for name in directed}
    if wanted == 0 or counts == {wanted}:
        return

    if wanted == 2:
        message = f"a {noun} needs two directions for each input, such as V and W"
        yield ("signature",), message
    elif not directed:
        name = next(iter(file.wrt or file.inputs))
        yield ("signature",), f"a {noun} needs a direction, such as d{name} for the input {name}"
    else:
        yield ("directions",), f"an input of a {noun} has one direction"


def _cotangent_faults(file: ProblemFile, roles: Roles) -> Iterator[FieldFault]:
    at: FieldPath = ("cotangent",)
    if not file.definition.has_cotangent:
        if file.cotangent is not None:
            yield at, f"only a pullback has a cotangent, not a {file.ask}"
    elif roles.cotangent is None:
        message = f"a {file.ask} needs one argument more than the inputs, the cotangent, such as G"
        yield ("signature",), message
    elif roles.cotangent not in roles.arguments:
        yield at, f"'{roles.cotangent}' is not an argument of {file.signature}"


def _wrt_faults(file: ProblemFile, wrt: tuple[str, ...]) -> Iterator[FieldFault]:
    at: FieldPath = ("wrt",)
    if file.definition.order and not 1 <= len(set(wrt)) == len(wrt) <= MAX_PARTS:
        yield at, f"needs 1 to {MAX_PARTS} inputs, each once, found {list(wrt)}"
    for position, name in enumerate(wrt):
        if name not in file.inputs:
            yield (*at, position), f"'{name}' is not an input; {suggest(name, file.inputs)}"

    for name in wrt:
        if name in file.inputs:
            yield from _differentiated_faults(file, name)


def _differentiated_faults(file: ProblemFile, name: str) -> Iterator[FieldFault]:
    """An input with a space in which f has no derivative, or not the one that is asked for."""
    argument = file.inputs[name]
    if SPACES[argument.space_or_integer].is_discrete:
        yield ("wrt",), f"{name} is of integers, and f has no derivative with respect to it"

    at: FieldPath = ("inputs", name, "space")
    space = SPACES[argument.space]
    is_curved = space.tangent == "curved"
    if file.ask == "hvp" and is_curved:
        yield at, "second derivatives are asked for in linear spaces only"
    if file.definition.in_entries and (is_curved or space.is_complex):
        yield at, f"a {file.ask} needs an input with real independent entries; {space.noun} arrays have none"


def _convention_faults(file: ProblemFile, wrt: tuple[str, ...]) -> Iterator[FieldFault]:
    """A convention for what is no gradient, or for inputs that are real or measured otherwise."""
    at: FieldPath = ("convention",)
    if file.convention == "real":
        return
    if file.ask != "gradient":
        yield at, f"a convention is for a gradient, not a {file.definition.noun}"

    spaces = {file.inputs[name].space for name in wrt if name in file.inputs}
    if file.weight is not None or not spaces <= {"general"}:
        yield at, "a convention is for inputs without a space or a weight"


def _weight_faults(file: ProblemFile, wrt: tuple[str, ...]) -> Iterator[FieldFault]:
    """A weight W that makes no inner product tr(PᵀWQ) of all that is differentiated."""
    if file.weight is None:
        return

    at: FieldPath = ("weight",)
    weight = file.inputs.get(file.weight)
    if weight is None:
        yield at, f"'{file.weight}' is not an input; {suggest(file.weight, file.inputs)}"
        return

    if not file.definition.weighted:
        yield at, f"only a gradient refers to an inner product, not a {file.ask}"
    if weight.space != "positive_definite":
        yield ("inputs", file.weight, "space"), "a weight must be positive_definite"

    for name in wrt:
        argument = file.inputs.get(name)
        if argument is None:
            continue
        if name == file.weight or not argument.shape or argument.shape[0] != weight.shape[0]:
            yield at, f"tr(PᵀWQ) does not fit {name}, of shape {show_shape(tuple(argument.shape))}"
        elif SPACES[argument.space].tangent != "free":
            yield ("inputs", name, "space"), "with a weight, gradients are taken without a space"


_OF_NAMES = (_parameter_faults, _bound_faults, _function_faults, _order_faults)
"""What finds faults of names and values, before which nothing can be said of `f`."""
_OF_ROLES = (_argument_faults, _direction_faults, _cotangent_faults)
"""What finds faults of the signature."""
