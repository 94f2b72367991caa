"""The faults of a problem that its format alone cannot see: names, shapes and checks that must fit together."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping
from typing import Any

from grader.core.errors import suggest
from grader.problems.algebras import SOURCE, show_shape
from grader.problems.expression import (
    FUNCTIONS,
    MAX_POWER,
    NORMS,
    ExpressionError,
    Name,
    Node,
    Number,
    Operation,
    evaluate,
    parse,
)
from grader.problems.problem import (
    ANY_MATRIX,
    ANY_SHAPE,
    APPLIES,
    FEWEST,
    IN_A_SPACE,
    MAX_PARTS,
    FamilyName,
)
from grader.problems.problem_yaml import InputFile, ProblemFile, names_of, output_of, roles_of, wrt_of
from grader.problems.yaml_reader import Path_

SECOND = {"norm": "norm", "power": "exponent"}
"""What the second argument of a function is used as."""
ALLOWED = {
    "number": "computed with; allowed: numbers",
    "exponent": f"an exponent of power; allowed: whole numbers from -{MAX_POWER} to {MAX_POWER}",
    "norm": f"a norm; allowed: {', '.join(NORMS)}",
}


def early_faults(data: Any) -> list[tuple[Path_, str]]:
    """What is wrong with f whatever its names stand for, in a file whose other fields have faults of their own."""
    f = data.get("f") if isinstance(data, dict) else None
    if not isinstance(f, str):
        return []
    words = re.findall(r"\w+", f)
    given = data.get("functions")
    try:
        parse(f, words, list(given) if isinstance(given, dict) else [])
    except ExpressionError as error:
        return _in_map(error)
    return []


def find_faults(file: ProblemFile) -> list[tuple[Path_, str]]:
    """What the model alone cannot see: names that fit together, shapes, checks that fit the ask."""
    given = _examine_given(file)
    found = [*given, *_examine_inputs(file), *([] if given else _examine_map(file)), *_examine_checks(file)]
    try:
        _, arguments, directions, cotangent = roles_of(file)
    except ValueError as error:
        return [*found, (("signature",), str(error))]
    found += _examine_arguments(file, arguments, directions, cotangent)
    wrt = wrt_of(file, directions)
    if file.definition.order and not 1 <= len(set(wrt)) == len(wrt) <= MAX_PARTS:
        found.append((("wrt",), f"needs 1 to {MAX_PARTS} inputs, each once, found {list(wrt)}"))
    for position, name in enumerate(wrt):
        if name not in file.inputs:
            found.append((("wrt", position), f"'{name}' is no input; {suggest(name, file.inputs)}"))
    if file.definition.form == "matrix" and len(wrt) != 1:
        found.append((("wrt",), f"a {file.ask} is taken with respect to one input, found {len(wrt)}"))
    spaced = [name for name in wrt if name in file.inputs and file.inputs[name].space != "general"]
    if file.definition.form == "matrix" and spaced:
        found.append((("inputs", spaced[0], "space"), f"a {file.ask} needs an input without a space"))
    return found + _examine_weight(file, wrt)


def _examine_weight(file: ProblemFile, wrt: tuple[str, ...]) -> list[tuple[Path_, str]]:
    if file.weight is None:
        return []
    at: Path_ = ("weight",)
    weight = file.inputs.get(file.weight)
    if weight is None:
        return [(at, f"'{file.weight}' is no input; {suggest(file.weight, file.inputs)}")]
    found: list[tuple[Path_, str]] = []
    if not file.definition.weighted:
        found.append((at, f"only a gradient refers to an inner product, not a {file.ask}"))
    if weight.space != "positive_definite":
        found.append((("inputs", file.weight, "space"), "a weight must be positive_definite"))
    for name in wrt:
        shape = file.inputs[name].shape if name in file.inputs else weight.shape
        if name == file.weight or not shape or shape[0] != weight.shape[0]:
            found.append((at, f"tr(PᵀWQ) does not fit {name}, of shape {show_shape(tuple(shape))}"))
        elif file.inputs[name].space != "general":
            found.append((("inputs", name, "space"), "with a weight, gradients are taken without a space"))
    return found


def _examine_given(file: ProblemFile) -> list[tuple[Path_, str]]:
    """Parameters and functions, the arguments that are no arrays."""
    found: list[tuple[Path_, str]] = []
    taken = {*file.inputs, *file.sizes, *FUNCTIONS}
    places = [("parameters", name) for name in file.parameters] + [
        ("functions", name) for name in file.functions
    ]
    found += [
        (place, f"'{place[1]}' is the name of an input or a size, or of a function, as well")
        for place in places
        if place[1] in taken
    ]
    if len({len(item.choices) for item in file.functions.values()}) > 1:
        counts = ", ".join(f"{name} has {len(item.choices)}" for name, item in file.functions.items())
        found.append((("functions",), f"all functions need the same number of choices; {counts}"))
    for name, item in file.functions.items():
        names = [item.of, *names_of(file)]
        for position, text in enumerate(item.choices):
            at: Path_ = ("functions", name, "is", position)
            try:
                expression = parse(text, names)
                found += _examine_uses(file, expression.tree, at, item.of)
                evaluate(expression, {word: word for word in names}, SOURCE)
            except ExpressionError as error:
                found += [(at, f"column {column}: {message}") for column, message in error.faults]
            except KeyError as error:
                found.append((at, f"{error} has no counterpart in numpy, and students are given numpy"))
    return found


def _uses(node: Node, use: str = "number") -> Iterator[tuple[str, Name | Number]]:
    """The names and numbers in an expression, each with what it is used as."""
    if not isinstance(node, Operation):
        yield use, node
        return
    for position, argument in enumerate(node.arguments):
        yield from _uses(argument, SECOND.get(node.name, use) if position == 1 else use)


def _fits(value: object, use: str) -> bool:
    if use == "norm" or isinstance(value, str):
        return use == "norm" and value in NORMS
    whole = isinstance(value, int | float) and float(value).is_integer() and abs(value) <= MAX_POWER
    return use == "number" or whole


def _as_written(value: object) -> object:
    """Beside a word a number was read as a word too."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?\d+", value) else value


def _examine_uses(file: ProblemFile, tree: Node, at: Path_, *of: str) -> list[tuple[Path_, str]]:
    """Parameters and numbers that are used as what they are not: a norm, an exponent of `power`, a number."""
    fitting = {"number": {*file.inputs, *file.sizes, *of}, "exponent": {*file.sizes}, "norm": set[str]()}
    found: dict[tuple[Path_, str], None] = {}
    for use, node in _uses(tree):
        name = node.name if isinstance(node, Name) else ""
        values: list[object] = (
            [node.value] if isinstance(node, Number) else [*file.parameters.get(name, [name])]
        )
        if name in fitting[use] or all(_fits(value, use) for value in values):
            continue
        wrong = [value for value in map(_as_written, values) if not _fits(value, use)] or values
        told = f"{', '.join(map(str, wrong))} cannot be {ALLOWED[use]}"
        if name in file.parameters:
            found[("parameters", name), told] = None
        else:
            found[at, f"column {node.column}: {told}"] = None
    return list(found)


def _examine_arguments(
    file: ProblemFile, arguments: tuple[str, ...], directions: Mapping[str, str], cotangent: str | None
) -> list[tuple[Path_, str]]:
    found: list[tuple[Path_, str]] = []
    found += [
        (("signature",), f"'{word}' is a word of Python") for word in arguments if keyword.iskeyword(word)
    ]
    if file.cotangent is not None and not file.definition.cotangent:
        found.append((("cotangent",), f"only a pullback has a cotangent, not a {file.ask}"))
    if file.directions is not None and not file.definition.directions:
        found.append((("directions",), f"only a differential has directions, not a {file.ask}"))
    if len(set(arguments)) != len(arguments):
        found.append((("signature",), "an argument stands twice"))
    groups: dict[str, list[str]] = {
        "inputs": list(file.inputs), "parameters": list(file.parameters), "functions": list(file.functions),
    }  # fmt: skip
    known = {*directions, cotangent, *(name for names in groups.values() for name in names)}
    found += [
        (("signature",), f"argument '{word}' is no input, no direction and no cotangent")
        for word in arguments
        if word not in known
    ]
    found += [
        ((group, name), f"'{name}' is not an argument of {file.signature}")
        for group, names in groups.items()
        for name in names
        if name not in arguments
    ]
    for word, name in directions.items():
        if word not in arguments:
            found.append((("directions", word), f"'{word}' is not an argument of {file.signature}"))
        if name not in file.inputs:
            found.append((("directions", word), f"'{name}' is no input; {suggest(name, file.inputs)}"))
    found += _examine_directions(file, list(directions.values()))
    if file.definition.cotangent and cotangent is None:
        message = f"a {file.ask} needs one argument more than the inputs, the cotangent"
        found.append((("cotangent",), message))
    elif file.definition.cotangent and cotangent not in arguments:
        found.append((("cotangent",), f"'{cotangent}' is not an argument of {file.signature}"))
    return found


def _examine_directions(file: ProblemFile, directed: list[str]) -> list[tuple[Path_, str]]:
    """Compare how many directions each input has with how many the ask wants; `directed`: the input of each."""
    noun, wanted = file.definition.noun, file.definition.directions
    counts = {directed.count(name) for name in directed}
    if not wanted or counts == {wanted}:
        return []

    if wanted == 2:
        words = f"a {noun} needs two directions for each input, such as V and W"
        return [(("signature",), words)]
    if not directed:
        return [(("signature",), f"a {noun} needs a direction, such as dA for the input A")]
    return [(("directions",), f"an input of a {noun} has one direction")]


def _examine_inputs(file: ProblemFile) -> list[tuple[Path_, str]]:
    found: list[tuple[Path_, str]] = []
    for name, item in file.inputs.items():
        if name in file.sizes:
            found.append((("inputs", name), f"'{name}' is the letter of a size as well"))
        for position, side in enumerate(item.shape):
            if isinstance(side, str) and side not in file.sizes:
                message = f"unknown size '{side}'; {suggest(side, file.sizes)} (or add it to sizes)"
                found.append((("inputs", name, "shape", position), message))
        for position, family in enumerate(item.family):
            if message := _misfit(file, item, family.name):
                found.append((("inputs", name, "family", position), message))
        square = len(item.shape) == 2 and item.shape[0] == item.shape[1]
        if item.space != "general" and not square:
            message = (
                f"a {item.space} input needs a square matrix, found shape {show_shape(tuple(item.shape))}"
            )
            found.append((("inputs", name, "space"), message))
    return found


def _misfit(file: ProblemFile, item: InputFile, family: FamilyName) -> str:
    """Why an input cannot be drawn from a family, or nothing."""
    shape = tuple(item.shape)
    square = len(shape) == 2 and shape[0] == shape[1]
    if family == "eigenvalue":
        matrices = [
            other
            for other in file.inputs.values()
            if len(other.shape) == 2 and other.shape[0] == other.shape[1] and other.space == "general"
        ]
        fits = not shape and len(matrices) == 1
        return "" if fits else "family 'eigenvalue' is for a scalar beside one square matrix, whose it is"
    if item.space != "general" and family not in IN_A_SPACE:
        return f"family '{family}' is not drawn in a space; allowed: {', '.join(IN_A_SPACE)}"
    if family in FEWEST and not all(isinstance(side, str) for side in shape):
        return f"family '{family}' needs a shape in letters"
    if not square and family not in (ANY_MATRIX if len(shape) == 2 else ANY_SHAPE):
        return f"family '{family}' needs a square matrix, found shape {show_shape(shape)}"
    return ""


def _in_map(error: ExpressionError) -> list[tuple[Path_, str]]:
    return [(("f",), f"column {column}: {message}") for column, message in error.faults]


def _examine_map(file: ProblemFile) -> list[tuple[Path_, str]]:
    try:
        f = parse(file.f, names_of(file), file.functions)
        output = output_of(file, f)
    except ExpressionError as error:
        return _in_map(error)
    if misused := _examine_uses(file, f.tree, ("f",)):
        return misused
    if file.definition.scalar_only and output != ():
        return [
            (
                ("f",),
                f"a {file.ask} needs a scalar f, found shape {show_shape(output)}; ask for a jacobian or pullback",
            )
        ]
    return []


def _examine_checks(file: ProblemFile) -> list[tuple[Path_, str]]:
    found: list[tuple[Path_, str]] = []
    drawn = {"generic"} | {family.name for item in file.inputs.values() for family in item.family}
    for position, item in enumerate(file.checks):
        fitting = APPLIES.get(item.check)
        if fitting is not None and file.ask not in fitting:
            message = (
                f"'{item.check}' does not apply to a {file.ask}; it applies to {', '.join(sorted(fitting))}"
            )
            found.append((("checks", position, "check"), message))
        for place, family in enumerate(item.family):
            if family not in drawn:
                message = f"no input is drawn from '{family}'; {suggest(family, drawn)}"
                found.append((("checks", position, "family", place), message))
    references = [item for item in file.checks if item.check == "reference" and item.points > 0]
    claimed = {family for item in file.checks for family in item.family}
    unjudged = claimed - {family for item in references for family in item.family}
    if not any(not item.family for item in references):
        found.append(
            (("checks",), "a reference check without family needs points, else wrong answers can be right")
        )
    message = "'{}' is claimed, but by no reference check with points"
    return found + [(("checks",), message.format(family)) for family in sorted(unjudged)]
