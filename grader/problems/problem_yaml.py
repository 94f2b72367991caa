"""The format of `exercises/<id>/problem.yaml`, and what its words mean by default."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

from grader.core.errors import suggest
from grader.problems.asks import ASKS, Ask, AskDefinition, Convention
from grader.problems.budget import FUNCTION, Counted
from grader.problems.everyday_words import suggest_word
from grader.problems.family_names import FAMILIES, WITH_PARAMETER, Family, FamilyName
from grader.problems.problem import MAX_PARTS, CheckName, NormKind, SizeOrder, are_in_order
from grader.problems.relation import Freedom
from grader.problems.relation_yaml import RelationFile, ReturnField
from grader.problems.sides import Shape, combinations_of, labelled
from grader.problems.spaces import SPACES, Space
from grader.problems.yaml_model import StrictModel

_SIGNATURE = re.compile(r"\s*([A-Za-z_]\w*)\s*\(\s*([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)\s*\)\s*")

NormField = Annotated[NormKind, BeforeValidator(lambda kind: str(kind) if type(kind) is int else kind)]
"""YAML reads `norm: 2` as a number; it is meant as the name."""


def _read_family(value: Any) -> Family:
    """Read a name, or `{name: number}`."""
    if not isinstance(value, Mapping):
        return Family(_family_name(value))
    if len(value) != 1:
        raise ValueError("a family with a parameter is written {name: number}")

    ((word, parameter),) = value.items()
    name = _family_name(word)
    if parameter is None:
        return Family(name)
    if name not in WITH_PARAMETER:
        raise ValueError(f"family '{name}' takes no parameter; only {' and '.join(WITH_PARAMETER)} do")
    try:
        number = float(parameter)
    except (TypeError, ValueError):
        raise ValueError(f"{parameter!r} is not a number, the parameter of '{name}'") from None
    if not 1e-150 <= number <= 1e150:
        raise ValueError(f"{parameter!r} must be between 1e-150 and 1e150")
    return Family(name, number)


def _family_name(word: Any) -> FamilyName:
    if not isinstance(word, str) or word not in FAMILIES:
        raise ValueError(f"unknown family '{word}'; {suggest_word('family', str(word), FAMILIES)}")
    return cast(FamilyName, word)


_FAMILY_SCHEMA = {
    "anyOf": [
        {"enum": list(FAMILIES)},
        {
            "type": "object",
            "properties": {name: {"type": "number"} for name in WITH_PARAMETER},
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        },
    ]
}
FamilyField = Annotated[Any, BeforeValidator(_read_family), Field(json_schema_extra=_FAMILY_SCHEMA)]


def _alike(values: Any) -> Any:
    """YAML reads `[fro, 2]` as a word and a number; beside words, numbers are words too."""
    has_words = isinstance(values, list) and any(isinstance(value, str) for value in values)
    return [str(value) for value in values] if has_words else values


class ParameterFile(StrictModel):
    """A parameter, such as `k: [2, -1]` or `k: {values: [2, -1], between: [-6, 7]}`."""

    values: Annotated[list[int | float | str], BeforeValidator(_alike), Field(min_length=1)]
    between: tuple[int, int] | tuple[float, float] | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it stands for whole numbers only."""
        return all(isinstance(value, int) for value in self.stands_for)

    @property
    def stands_for(self) -> list[int | float | str]:
        """The values listed, and the bounds of further ones."""
        return [*self.values, *(self.between or ())]


_NUMBERS_OR_WORDS = {"type": "array", "minItems": 1, "items": {"type": ["number", "string"]}}
_PARAMETER_SCHEMA = {
    "anyOf": [
        _NUMBERS_OR_WORDS,
        {
            "type": "object",
            "properties": {
                "values": {**_NUMBERS_OR_WORDS, "description": "the numbers or words that it stands for"},
                "between": {
                    "description": "bounds of further numbers, two of which are drawn by each seed",
                    **{"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "number"}},
                },
            },
            "required": ["values"],
            "additionalProperties": False,
        },
    ]
}
ParameterField = Annotated[
    ParameterFile,
    BeforeValidator(lambda value: {"values": value} if isinstance(value, list) else value),
    WithJsonSchema(_PARAMETER_SCHEMA),
]
Side = Annotated[int, Field(ge=0, le=40)]


class InputFile(StrictModel):
    """An input of `f`."""

    shape: list[str | Side] = Field(
        default=[], max_length=3, description="letters of `sizes` or numbers; [] is a scalar"
    )
    family: list[FamilyField] = Field(
        default=["generic"], min_length=1, description="how it is drawn", validate_default=True
    )
    space: Space = Field(
        default="general", description="the set in which it, its directions and its gradients lie"
    )
    index: str | Side | None = Field(
        default=None, description="its entries are labels, from 0 to one less than this size"
    )

    @property
    def labelled_shape(self) -> Shape:
        """Its shape; that of labels knows how many there are."""
        return labelled(tuple(self.shape), self.index)

    @property
    def space_or_integer(self) -> Space:
        """Its space; labels are integers."""
        return self.space if self.index is None else "integer"


class FunctionFile(StrictModel):
    """An argument that is a function, such as `f: {of: X, is: ["inv(X)", "X @ X"]}`."""

    of: str = Field(description="the name of its argument")
    choices: list[str] = Field(
        alias="is", min_length=1, description="expressions over its argument, the inputs and the parameters"
    )


class CheckFile(StrictModel):
    """A check and its points."""

    check: CheckName = Field(description="the property that every answer must have")
    points: Decimal = Field(ge=0, le=1000, description="all or nothing; a check with 0 points only informs")
    name: str = Field(default="", max_length=40, description="what the families have in common, for students")
    family: list[FamilyName] = Field(
        default=[], description="judge only the cases of these families; checks without this key skip them"
    )


class ProblemFile(StrictModel):
    """The format of `exercises/<id>/problem.yaml`: everything that a student may see."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [{"required": ["f", "ask", "inputs", "checks"]}, {"required": ["returns", "relations"]}]
        }
    )

    title: str = Field(min_length=1, description="one line")
    statement: str = Field(min_length=1, description="Markdown with LaTeX between dollar signs")
    signature: str = Field(description="such as inv_differential(A, dA)")
    f: str = Field(
        default="", description="the function, an expression over the inputs, or a program that returns one"
    )
    ask: Ask = Field(default="value", description="what students return, such as the gradient of `f`")
    inputs: dict[str, InputFile] = Field(
        default={},
        min_length=1,
        description="the inputs of `f` by name; each is an argument of the signature",
    )
    wrt: list[str] | None = Field(
        default=None, description="the inputs to differentiate; default: all of them"
    )
    directions: dict[str, str] | None = Field(
        default=None, description="argument → input; default: dA is A's"
    )
    cotangent: str | None = Field(default=None, description="the argument that a pullback is applied to")
    sizes: dict[str, Annotated[list[Side], Field(min_length=1)]] = Field(
        default={"n": [2, 3, 4, 5]}, description="letter → the lengths that it takes"
    )
    where: list[str] = Field(
        default=[], description="how sizes must be ordered, such as m >= n or m == n - 1"
    )
    larger: bool | Side = Field(
        default=True, description="whether two cases are larger than the sizes listed, or how large they are"
    )
    norm: NormField = Field(default="fro", description="the norm in which errors are measured")
    parameters: dict[str, ParameterField] = Field(
        default={}, description="arguments that are not differentiated, with the numbers or words they take"
    )
    functions: dict[str, FunctionFile] = Field(
        default={}, description="arguments that are functions; their k-th choices belong together"
    )
    weight: str | None = Field(
        default=None, description="the input W of ⟨P, Q⟩ = tr(PᵀWQ), which gradients refer to"
    )
    convention: Convention = Field(default="real", description="what the gradient at complex inputs is")
    cost: dict[Counted, Annotated[int, Field(ge=0, le=1000)]] = Field(
        default={}, description="how many products, solves, inverses and factorisations a function may take"
    )
    order: str = Field(default="", description="how its operations may grow with a size, such as n^2")
    forbid: list[Annotated[str, Field(pattern=FUNCTION.pattern)]] = Field(
        default=[], max_length=20, description="functions that may not be called, such as numpy.linalg.qr"
    )
    up_to: Freedom | None = Field(
        default=None, description="what an answer to f may choose, such as its sign"
    )
    returns: dict[str, ReturnField] = Field(
        default={},
        max_length=MAX_PARTS,
        description="the arrays of an answer that relations are about, in order",
    )
    relations: list[RelationFile] = Field(default=[], min_length=1, description="what an answer must satisfy")
    checks: list[CheckFile] = Field(default=[], min_length=1, description="the checks and their points")
    hints: list[str] = Field(
        default=[], description="for students, in the order in which they should be read"
    )

    @property
    def has_map(self) -> bool:
        """Whether there is an f; else relations alone judge."""
        return bool(self.f.strip())

    @property
    def definition(self) -> AskDefinition:
        """The meaning of the ask."""
        return ASKS[self.ask]

    @property
    def sides(self) -> set[str | int]:
        """The sides of all inputs."""
        return {side for given in self.inputs.values() for side in given.shape}


_ORDER = re.compile(r"(\w+)(>=|>|==|=)([A-Za-z_]\w*)([+-]\d+)?")


def order_of(text: str, sizes: Collection[str]) -> SizeOrder:
    """Read `m >= n`, or `m == n - 1`.

    Raises:
        ValueError: it is something else, or names no sizes.
    """
    match = _ORDER.fullmatch(re.sub(r"\s+", "", text))
    if match is None:
        raise ValueError(f"'{text}' is not of the form m >= n, m > n or m == n - 1")
    for letter in (match[1], match[3]):
        if letter not in sizes:
            raise ValueError(f"unknown size '{letter}'; {suggest(letter, sizes)}")
    return SizeOrder(
        match[1], match[3], match[2] == ">", int(match[4] or 0), is_equal=match[2] in ("=", "==")
    )


def orders_of(file: ProblemFile) -> tuple[SizeOrder, ...]:
    """The orders of sizes of a file, which are without faults."""
    return tuple(order_of(text, file.sizes) for text in file.where)


@dataclass(frozen=True, slots=True)
class Roles:
    """The words of a signature and their roles, with the defaults filled in.

    Args:
        directions: argument → the input whose direction it is.
    """

    function: str
    arguments: tuple[str, ...]
    directions: Mapping[str, str]
    cotangent: str | None


def sizes_in_order(file: ProblemFile, lists: Mapping[str, Iterable[int]]) -> Iterator[dict[str, int]]:
    """The combinations of values that are ordered as the file says."""
    orders = orders_of(file)
    return (sizes for sizes in combinations_of(lists) if are_in_order(sizes, orders))


def roles_of(file: ProblemFile) -> Roles:
    """Read the signature of a file.

    Raises:
        ValueError: it is not of the form `name(A, dA)`.
    """
    match = _SIGNATURE.fullmatch(file.signature)
    if not match:
        plain = ", a word and the plain names of its arguments" if "(" in file.signature else ""
        raise ValueError(f"'{file.signature}' is not of the form name(A, dA){plain}")
    arguments = tuple(word.strip() for word in match[2].split(","))
    known = {*file.inputs, *file.parameters, *file.functions}
    unknown = [word for word in arguments if word not in known]

    directions, cotangent = file.directions, file.cotangent
    if directions is None:
        directions = _default_directions(file, unknown)
    is_clear = file.definition.has_cotangent and len(unknown) == 1
    if cotangent is None and is_clear:
        cotangent = unknown[0]
    return Roles(match[1], arguments, dict(directions), cotangent)


def _default_directions(file: ProblemFile, unknown: Sequence[str]) -> dict[str, str]:
    """`dA` is A's; those of the only input need no such name."""
    wrt = file.wrt or list(file.inputs)
    if file.definition.directions == 1 or not file.has_map:
        found = {f"d{name}": name for name in file.inputs if f"d{name}" in unknown}
        is_clear = file.has_map and len(unknown) == len(wrt) == 1
        return dict.fromkeys(unknown, wrt[0]) if is_clear else found
    if file.definition.directions == 2 and len(wrt) == 1:
        return dict.fromkeys(unknown, wrt[0])
    return {}


def wrt_of(file: ProblemFile, directions: Mapping[str, str]) -> tuple[str, ...]:
    """The inputs that are differentiated."""
    if file.wrt is not None:
        return tuple(file.wrt)
    discrete = {name for name, item in file.inputs.items() if SPACES[item.space_or_integer].is_discrete}
    moving = [name for name in file.inputs if name != file.weight and name not in discrete]
    if file.definition.directions:
        return tuple(name for name in moving if name in directions.values())
    return tuple(moving)


def names_of(file: ProblemFile) -> list[str]:
    """The names that f may mention: the inputs, the parameters, and the sizes that an input tells."""
    return [*file.inputs, *file.parameters, *told_sizes(file)]


def told_sizes(file: ProblemFile) -> list[str]:
    """The sizes that the shape of an input tells."""
    sides = file.sides
    return [letter for letter in file.sizes if letter in sides]
