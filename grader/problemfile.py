"""The format of `exercises/<id>/problem.yaml`, and how such a file becomes a problem."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from grader.algebras import SHAPES, Shape, Size, show_shape
from grader.errors import AuthorError, Fault, suggest
from grader.expression import Expression, ExpressionError, evaluate, parse
from grader.problem import (
    ANY_SHAPE,
    APPLIES,
    DIRECTIONAL,
    MAX_PARTS,
    PROBLEM_ID,
    Ask,
    Check,
    CheckName,
    Family,
    FamilyName,
    Input,
    NormKind,
    Problem,
)  # fmt: skip
from grader.yamlfile import Path_, read_model

_SIGNATURE = re.compile(r"\s*([A-Za-z_]\w*)\s*\(\s*([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)\s*\)\s*")

NormField = Annotated[NormKind, BeforeValidator(lambda kind: str(kind) if type(kind) is int else kind)]
"""YAML reads `norm: 2` as a number; it is meant as the name."""


def _family(value: Any) -> Family:
    name, parameter = value, None
    if isinstance(value, Mapping):
        if len(value) != 1:
            raise ValueError("a family with a parameter is written {name: number}")
        ((name, parameter),) = value.items()
    if name not in get_args(FamilyName):
        raise ValueError(f"unknown family '{name}'; {suggest(str(name), get_args(FamilyName))}")
    if parameter is None:
        return Family(name)
    if name not in ("ill_conditioned", "scaled"):
        raise ValueError(f"family '{name}' takes no parameter; only ill_conditioned and scaled do")
    try:
        number = float(parameter)
    except (TypeError, ValueError):
        raise ValueError(f"{parameter!r} is not a number, the parameter of '{name}'") from None
    if not 1e-150 <= number <= 1e150:
        raise ValueError(f"{parameter!r} must be between 1e-150 and 1e150")
    return Family(name, number)


_FAMILY_SCHEMA = {
    "anyOf": [
        {"enum": list(get_args(FamilyName))},
        {
            "type": "object",
            "properties": {name: {"type": "number"} for name in ("ill_conditioned", "scaled")},
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        },
    ]
}
FamilyField = Annotated[Any, BeforeValidator(_family), Field(json_schema_extra=_FAMILY_SCHEMA)]
Side = Annotated[int, Field(ge=1, le=12)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class InputFile(_Strict):
    """An input of `f`."""

    shape: list[str | Side] = Field(
        default=[], max_length=2, description="letters of `sizes` or numbers; [] is a scalar"
    )
    family: list[FamilyField] = Field(
        default=["generic"], min_length=1, description="how it is drawn", validate_default=True
    )


class CheckFile(_Strict):
    """A check and its points."""

    check: CheckName
    points: Decimal = Field(ge=0, le=1000)
    name: str = Field(default="", max_length=40, description="what the families have in common, for students")
    family: list[FamilyName] = Field(
        default=[], description="claim the cases of these families: checks without this key leave them alone"
    )


class ProblemFile(_Strict):
    """The format of `exercises/<id>/problem.yaml`: everything that a student may see."""

    title: str = Field(min_length=1)
    statement: str = Field(min_length=1, description="Markdown with LaTeX between dollar signs")
    signature: str = Field(description="such as inv_differential(A, dA)")
    f: str = Field(description="the map, an expression over the inputs")
    ask: Ask
    inputs: dict[str, InputFile] = Field(min_length=1)
    wrt: list[str] | None = Field(default=None, description="the inputs differentiated; default: all of them")
    directions: dict[str, str] | None = Field(
        default=None, description="argument → input; default: dA is A's"
    )
    cotangent: str | None = Field(default=None, description="the argument a pullback is applied to")
    sizes: dict[str, Annotated[list[Side], Field(min_length=1)]] = {"n": [2, 3, 4, 5]}
    norm: NormField = "fro"
    checks: list[CheckFile] = Field(min_length=1)
    hints: list[str] = []


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
    file = read_model(path, ProblemFile, examine)
    return _resolve(id, file)


def _roles(file: ProblemFile) -> tuple[str, tuple[str, ...], dict[str, str], str | None]:
    """Function name, arguments, directions and cotangent, with the defaults filled in."""
    match = _SIGNATURE.fullmatch(file.signature)
    if not match:
        raise ValueError(f"'{file.signature}' is not of the form name(A, dA)")
    arguments = tuple(word.strip() for word in match[2].split(","))
    directions = file.directions
    if directions is None:
        directions = {}
        rest = [word for word in arguments if word not in file.inputs]
        if file.ask == "differential":
            directions = {f"d{name}": name for name in file.inputs if f"d{name}" in rest}
        elif file.ask == "second_differential" and len(wrt := file.wrt or list(file.inputs)) == 1:
            directions = dict.fromkeys(rest, wrt[0])
    cotangent = file.cotangent
    if cotangent is None and file.ask == "pullback":
        rest = [word for word in arguments if word not in file.inputs]
        cotangent = rest[0] if len(rest) == 1 else None
    return match[1], arguments, dict(directions), cotangent


def _wrt(file: ProblemFile, directions: Mapping[str, str]) -> tuple[str, ...]:
    if file.wrt is not None:
        return tuple(file.wrt)
    return tuple(name for name in file.inputs if file.ask not in DIRECTIONAL or name in directions.values())


def _resolve(id: str, file: ProblemFile) -> Problem:
    function, arguments, directions, cotangent = _roles(file)
    f = parse(file.f, _names(file))
    return Problem(
        id=id, title=file.title, statement=file.statement, function=function, arguments=arguments, f=f,
        ask=file.ask,
        inputs=tuple(Input(name, tuple(item.shape), tuple(item.family)) for name, item in file.inputs.items()),
        wrt=() if file.ask == "value" else _wrt(file, directions),
        directions=directions, cotangent=cotangent, output=_output(file, f),
        sizes={letter: tuple(values) for letter, values in file.sizes.items()},
        norm=file.norm,
        checks=tuple(Check(c.check, Fraction(c.points), tuple(c.family), c.name) for c in file.checks),
        hints=tuple(file.hints),
    )  # fmt: skip


def _names(file: ProblemFile) -> list[str]:
    """What f may mention: the inputs, and the sizes that an input tells."""
    sides = [side for item in file.inputs.values() for side in item.shape]
    return [*file.inputs, *(letter for letter in file.sizes if letter in sides)]


def _output(file: ProblemFile, f: Expression) -> Shape:
    shapes: dict[str, Shape] = {letter: Size.of(letter) for letter in file.sizes}
    shapes |= {name: tuple(item.shape) for name, item in file.inputs.items()}
    return evaluate(f, shapes, SHAPES)


def examine(file: ProblemFile) -> list[tuple[Path_, str]]:
    """What the model alone cannot see: names that fit together, shapes, checks that fit the ask."""
    found = [*_examine_inputs(file), *_examine_map(file), *_examine_checks(file)]
    try:
        _, arguments, directions, cotangent = _roles(file)
    except ValueError as error:
        return [*found, (("signature",), str(error))]
    found += _examine_arguments(file, arguments, directions, cotangent)
    wrt = _wrt(file, directions)
    if file.ask != "value" and not 1 <= len(set(wrt)) == len(wrt) <= MAX_PARTS:
        found.append((("wrt",), f"needs 1 to {MAX_PARTS} inputs, each once, found {list(wrt)}"))
    for position, name in enumerate(wrt):
        if name not in file.inputs:
            found.append((("wrt", position), f"'{name}' is no input; {suggest(name, file.inputs)}"))
    if file.ask == "jacobian" and len(wrt) != 1:
        found.append((("wrt",), f"a jacobian is taken with respect to one input, found {len(wrt)}"))
    return found


def _examine_arguments(
    file: ProblemFile, arguments: tuple[str, ...], directions: Mapping[str, str], cotangent: str | None
) -> list[tuple[Path_, str]]:
    found: list[tuple[Path_, str]] = []
    found += [
        (("signature",), f"'{word}' is a word of Python") for word in arguments if keyword.iskeyword(word)
    ]
    if file.cotangent is not None and file.ask != "pullback":
        found.append((("cotangent",), f"only a pullback has a cotangent, not a {file.ask}"))
    if file.directions is not None and file.ask not in DIRECTIONAL:
        found.append((("directions",), f"only a differential has directions, not a {file.ask}"))
    if len(set(arguments)) != len(arguments):
        found.append((("signature",), "an argument stands twice"))
    known = {*file.inputs, *directions, cotangent}
    found += [
        (("signature",), f"argument '{word}' is no input, no direction and no cotangent")
        for word in arguments
        if word not in known
    ]
    found += [
        (("inputs", name), f"'{name}' is not an argument of {file.signature}")
        for name in file.inputs
        if name not in arguments
    ]
    for word, name in directions.items():
        if word not in arguments:
            found.append((("directions", word), f"'{word}' is not an argument of {file.signature}"))
        if name not in file.inputs:
            found.append((("directions", word), f"'{name}' is no input; {suggest(name, file.inputs)}"))
    if file.ask == "differential" and not directions:
        found.append((("signature",), "a differential needs a direction, such as dA for the input A"))
    counts = {list(directions.values()).count(name) for name in directions.values()}
    if file.ask == "second_differential" and counts != {2}:
        found.append(
            (("signature",), "a second differential needs two directions for each input, such as V and W")
        )
    if file.ask == "differential" and counts - {1}:
        found.append((("directions",), "an input of a differential has one direction"))
    if file.ask == "pullback" and cotangent not in arguments:
        found.append((("cotangent",), "a pullback needs one argument more than the inputs, the cotangent"))
    return found


def _examine_inputs(file: ProblemFile) -> list[tuple[Path_, str]]:
    found: list[tuple[Path_, str]] = []
    for name, item in file.inputs.items():
        if name in file.sizes:
            found.append((("inputs", name), f"'{name}' is the letter of a size as well"))
        for position, side in enumerate(item.shape):
            if isinstance(side, str) and side not in file.sizes:
                message = f"unknown size '{side}'; {suggest(side, file.sizes)} (or add it to sizes)"
                found.append((("inputs", name, "shape", position), message))
        letters = all(isinstance(side, str) for side in item.shape)
        square = len(item.shape) == 2 and item.shape[0] == item.shape[1]
        for position, family in enumerate(item.family):
            if not square and family.name not in ANY_SHAPE:
                message = f"family '{family.name}' needs a square matrix, found shape {show_shape(tuple(item.shape))}"
                found.append((("inputs", name, "family", position), message))
            elif family.name == "one_by_one" and not letters:
                message = "family 'one_by_one' needs a shape in letters"
                found.append((("inputs", name, "family", position), message))
    return found


def _examine_map(file: ProblemFile) -> list[tuple[Path_, str]]:
    try:
        f = parse(file.f, _names(file))
        output = _output(file, f)
    except ExpressionError as error:
        return [(("f",), f"column {column}: {message}") for column, message in error.faults]
    if file.ask == "gradient" and output != ():
        return [
            (
                ("f",),
                f"a gradient needs a scalar f, found shape {show_shape(output)}; ask for a jacobian or pullback",
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
