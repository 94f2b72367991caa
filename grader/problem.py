"""Problems: the format of `exercises/<id>/problem.yaml` and the checked value that it becomes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from grader.algebras import SHAPES, Dimension, Shape, Size, show_shape
from grader.errors import AuthorError, Fault, suggest
from grader.expression import Expression, ExpressionError, evaluate, parse
from grader.yamlfile import Path_, read_model

Ask = Literal["value", "differential", "gradient", "jacobian", "pullback", "second_differential"]
CheckName = Literal[
    "shape", "reference", "taylor", "finite_difference", "linear", "adjoint", "inner_product", "pure"
]
FamilyName = Literal[
    "integer", "generic", "ill_conditioned", "scaled", "symmetric", "orthogonal", "triangular", "diagonal",
    "corank_1", "corank_2", "one_by_one", "complex",
]  # fmt: skip
NormKind = Annotated[
    Literal["fro", "2", "nuc", "1", "inf"],
    BeforeValidator(lambda kind: str(kind) if type(kind) is int else kind),
]
"""YAML reads `norm: 2` as a number; it is meant as the name."""

ANY_SHAPE: tuple[FamilyName, ...] = ("integer", "generic", "scaled", "complex")
"""Families that also fit vectors, scalars and rectangular matrices."""

DERIVATIVES: frozenset[Ask] = frozenset(
    {"differential", "gradient", "jacobian", "pullback", "second_differential"}
)
DIRECTIONAL: frozenset[Ask] = frozenset({"differential", "second_differential"})
"""The asks that are given directions; their answers have the shape of f."""
APPLIES: Mapping[CheckName, frozenset[Ask]] = {
    "taylor": DERIVATIVES,
    "finite_difference": DERIVATIVES,
    "linear": DIRECTIONAL | {"pullback"},
    "adjoint": DIRECTIONAL | {"jacobian", "pullback"},
    "inner_product": frozenset({"gradient"}),
}
"""The asks that a check makes sense for; all of them if not listed."""

PROBLEM_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SIGNATURE = re.compile(r"\s*([A-Za-z_]\w*)\s*\(\s*([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)\s*\)\s*")


@dataclass(frozen=True, slots=True)
class Family:
    """How a matrix is drawn; the parameter is the condition number or the factor of a scaled one."""

    name: FamilyName
    parameter: float | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """An argument of the map: its shape in letters and numbers, and the families it is drawn from."""

    name: str
    shape: Shape
    families: tuple[Family, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """A check with its points; with `families` it claims their cases, without it judges the unclaimed ones."""

    name: CheckName
    points: Fraction
    families: tuple[FamilyName, ...] = ()
    label: str = ""

    @property
    def title(self) -> str:
        """`reference`, or `reference (singular A)` where it is about some families only."""
        about = self.label or ", ".join(family.replace("_", " ") for family in self.families)
        return f"{self.name} ({about})" if about else self.name


@dataclass(frozen=True, slots=True)
class Problem:
    """One function to implement, checked and ready to use.

    Args:
        arguments: all names of the signature, in order: inputs of `f`, directions, a cotangent.
        wrt: the inputs that are differentiated.
        directions: argument name → the input whose direction it is (`dA` → `A`); for a second differential each
            input has two, the first of which belong together.
        cotangent: the argument that a pullback is applied to.
        output: the shape of `f`, in letters.
    """

    id: str
    title: str
    statement: str
    function: str
    arguments: tuple[str, ...]
    f: Expression
    ask: Ask
    inputs: tuple[Input, ...]
    wrt: tuple[str, ...]
    directions: Mapping[str, str]
    cotangent: str | None
    output: Shape
    sizes: Mapping[str, tuple[int, ...]]
    norm: NormKind
    checks: tuple[Check, ...]
    hints: tuple[str, ...]

    @property
    def signature(self) -> str:
        """`inv_differential(A, dA)`."""
        return f"{self.function}({', '.join(self.arguments)})"

    @property
    def is_directional(self) -> bool:
        """Whether answers are derivatives along given directions, of the shape of f."""
        return self.ask in DIRECTIONAL

    def directions_of_order(self, order: int) -> dict[str, str]:
        """Input → the argument that is its first (0) or second (1) direction."""
        words: dict[str, list[str]] = {}
        for word, name in self.directions.items():
            words.setdefault(name, []).append(word)
        return {name: listed[order] for name, listed in words.items()}

    @property
    def points(self) -> Fraction:
        """The sum of the checks' points."""
        return sum((check.points for check in self.checks), Fraction(0))

    @property
    def parts(self) -> int:
        """How many arrays an answer consists of; more than one is a tuple."""
        return len(self.wrt) if self.ask in ("gradient", "pullback") else 1

    def input(self, name: str) -> Input:
        """The input of that name."""
        return next(item for item in self.inputs if item.name == name)


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
    norm: NormKind = "fro"
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
    f = parse(file.f, [*file.inputs, *file.sizes])
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
        square = len(item.shape) == 2 and item.shape[0] == item.shape[1]
        for position, family in enumerate(item.family):
            if not square and family.name not in ANY_SHAPE:
                message = f"family '{family.name}' needs a square matrix, found shape {show_shape(tuple(item.shape))}"
                found.append((("inputs", name, "family", position), message))
    return found


def _examine_map(file: ProblemFile) -> list[tuple[Path_, str]]:
    try:
        f = parse(file.f, [*file.inputs, *file.sizes])
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
    if all(item.points == 0 for item in file.checks):
        found.append((("checks",), "no check has points"))
    return found


__all__ = ["Ask", "Check", "Dimension", "Family", "Input", "Problem", "ProblemFile", "load_problem"]
