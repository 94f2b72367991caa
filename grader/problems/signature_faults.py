"""The faults of a signature: its arguments, directions and cotangent, and the inputs that are differentiated."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator

from grader.core.errors import suggest
from grader.problems.problem import MAX_PARTS
from grader.problems.problem_yaml import ProblemFile, Roles, roles_of, wrt_of
from grader.problems.shapes import show_shape
from grader.problems.spaces import SPACES
from grader.problems.yaml_model import FieldFault
from grader.problems.yaml_reader import FieldPath


def find_signature_faults(file: ProblemFile) -> list[FieldFault]:
    """Find what is wrong with the arguments, and with what is differentiated."""
    try:
        roles = roles_of(file)
    except ValueError as error:
        return [(("signature",), str(error))]

    faults = [
        *_argument_faults(file, roles),
        *_direction_faults(file, roles),
        *_direction_count_faults(file, roles),
        *_cotangent_faults(file, roles),
    ]
    if faults and file.wrt is None:
        return faults  # without its directions nobody knows what is differentiated

    wrt = wrt_of(file, roles.directions)
    return [*faults, *_wrt_faults(file, wrt), *_convention_faults(file, wrt), *_weight_faults(file, wrt)]


def fields_of(**groups: Iterable[str]) -> list[tuple[str, str]]:
    """The fields of the names in some groups, such as `("inputs", "A")`."""
    return [(group, name) for group, names in groups.items() for name in names]


def _argument_faults(file: ProblemFile, roles: Roles) -> Iterator[FieldFault]:
    """The names in the signature, and those that are missing there."""
    needed = fields_of(inputs=file.inputs, parameters=file.parameters, functions=file.functions)
    known = {*roles.directions, roles.cotangent, *(name for _, name in needed)}

    at: FieldPath = ("signature",)
    for word in roles.arguments:
        if keyword.iskeyword(word):
            yield at, f"'{word}' is a word of Python"
        if word not in known:
            yield at, f"argument '{word}' is neither an input, nor a direction, nor a cotangent"
    if len({*roles.arguments}) < len(roles.arguments):
        yield at, "an argument appears twice"

    for group, name in needed:
        if name not in roles.arguments:
            yield (group, name), _say_no_argument(file, name)


def _direction_faults(file: ProblemFile, roles: Roles) -> Iterator[FieldFault]:
    """Directions that belong to nothing."""
    has_none = file.has_map and not file.definition.directions
    if has_none and file.directions is not None:
        yield ("directions",), f"only a differential has directions, not a {file.ask}"
    for word, name in roles.directions.items():
        if word not in roles.arguments:
            yield ("directions", word), _say_no_argument(file, word)
        if name not in file.inputs:
            yield ("directions", word), _say_no_input(file, name)


def _direction_count_faults(file: ProblemFile, roles: Roles) -> Iterator[FieldFault]:
    """Inputs that have more or fewer directions than the ask wants."""
    noun, wanted = file.definition.noun, file.definition.directions
    directed = list(roles.directions.values())
    counts = {directed.count(name) for name in directed}
    if wanted == 0 or counts == {wanted}:
        return

    if wanted == 2:
        yield ("signature",), f"a {noun} needs two directions for each input, such as V and W"
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
        return

    if roles.cotangent is None:
        message = f"a {file.ask} needs one argument more than the inputs, the cotangent, such as G"
        yield ("signature",), message
    elif roles.cotangent not in roles.arguments:
        yield at, _say_no_argument(file, roles.cotangent)


def _wrt_faults(file: ProblemFile, wrt: tuple[str, ...]) -> Iterator[FieldFault]:
    at: FieldPath = ("wrt",)
    is_repeated = len({*wrt}) < len(wrt)
    has_right_count = 1 <= len(wrt) <= MAX_PARTS
    if file.definition.order and (is_repeated or not has_right_count):
        yield at, f"needs 1 to {MAX_PARTS} inputs, each once, found {list(wrt)}"

    for position, name in enumerate(wrt):
        if name in file.inputs:
            yield from _differentiated_faults(file, name)
        else:
            yield (*at, position), _say_no_input(file, name)


def _say_no_argument(file: ProblemFile, name: str) -> str:
    return f"'{name}' is not an argument of {file.signature}"


def _say_no_input(file: ProblemFile, name: str) -> str:
    return f"'{name}' is not an input; {suggest(name, file.inputs)}"


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
    """A convention for an ask other than the gradient, or for inputs with a space or a weight."""
    at: FieldPath = ("convention",)
    if file.convention == "real":
        return
    if file.ask != "gradient":
        yield at, f"a convention is for a gradient, not a {file.definition.noun}"

    spaces = {file.inputs[name].space for name in wrt if name in file.inputs}
    is_plain = file.weight is None and spaces <= {"general"}
    if not is_plain:
        yield at, "a convention is for inputs without a space or a weight"


def _weight_faults(file: ProblemFile, wrt: tuple[str, ...]) -> Iterator[FieldFault]:
    """A weight W with which tr(PᵀWQ) is not an inner product, or does not fit all that is differentiated."""
    if file.weight is None:
        return

    at: FieldPath = ("weight",)
    weight = file.inputs.get(file.weight)
    if weight is None:
        yield at, _say_no_input(file, file.weight)
        return

    if not file.definition.weighted:
        yield at, f"only a gradient refers to an inner product, not a {file.ask}"
    if weight.space != "positive_definite":
        yield ("inputs", file.weight, "space"), "a weight must be positive_definite"

    differentiated = [name for name in wrt if name in file.inputs]
    for name in differentiated:
        argument = file.inputs[name]
        has_rows = bool(argument.shape) and argument.shape[:1] == weight.shape[:1]
        if name == file.weight or not has_rows:
            yield at, f"tr(PᵀWQ) does not fit {name}, of shape {show_shape(tuple(argument.shape))}"
        elif SPACES[argument.space].tangent != "free":
            yield ("inputs", name, "space"), "with a weight, gradients are taken without a space"
