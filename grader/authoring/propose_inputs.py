"""Guess what an author leaves out of a new problem: the shapes of its inputs, their space and their families."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from grader.core.errors import AuthorError, GraderError
from grader.grading.check_derivative import arguments_of, checks_for
from grader.problems.asks import ASKS, Ask
from grader.problems.family_names import FAMILIES, FamilyName
from grader.problems.language import ExpressionError, names_read, parse
from grader.problems.load import make_problem
from grader.problems.problem import Problem
from grader.problems.shapes import Shape, evaluate_shape
from grader.problems.sides import as_sizes, is_square
from grader.problems.spaces import SPACES, Space
from grader.truths.solve import solve_cases

Sides = tuple[str | int, ...]
Fields = dict[str, Any]

_VECTORS = frozenset("uvwxybgpqz")
"""Small letters that mostly stand for vectors; others stand for numbers, and capitals for matrices."""
_SIZES = {"m": 5, "n": 3, "k": 2, "p": 7}
"""Letters of sizes, and what they are while shapes are guessed."""
_SHAPES: Sequence[Sides] = (("n", "n"), ("n",), (), ("m", "n"), ("n", "m"), ("m",))
_MOST_GUESSES = 2000

_SPACES: Sequence[Space] = ("general", "positive", "positive_definite", "probability", "symmetric")
"""Tried in turn until f has a derivative there."""
_USUAL: frozenset[FamilyName] = frozenset(
    {
        "integer", "generic", "ill_conditioned", "scaled", "symmetric", "orthogonal", "triangular", "diagonal",
        "corank_1", "corank_2", "dense_singular", "multiple_of_identity", "zero", "one_by_one", "thin",
    }
)  # fmt: skip
"""Families that are proposed; others an author adds where they are meant, such as complex inputs."""
_PARAMETERS: Mapping[FamilyName, Sequence[float]] = {"ill_conditioned": (1e6,), "scaled": (1e3, 1e-3)}

_POINTS: Mapping[str, int] = {"reference": 5, "finite_difference": 0}
_CASES = 24


@dataclass(frozen=True, slots=True)
class Wish:
    """What an author says of a new problem.

    Args:
        f: the map. wrt: the inputs that are differentiated, all if empty. ask: None for the usual one.
        shapes: name → sides, for the inputs whose shape is not left to guess.
    """

    f: str
    wrt: tuple[str, ...] = ()
    ask: Ask | None = None
    shapes: Mapping[str, Sides] = field(default_factory=dict)


def propose_problem(wish: Wish, problem_id: str, function: str, seed: int) -> tuple[Problem, Fields]:
    """Propose a problem about a map, with inputs at which its truth can be decided.

    Returns:
        The problem, and the fields of its problem.yaml.

    Raises:
        GraderError: no shapes of the inputs fit f, or its derivative can be decided nowhere.
        AuthorError: f has faults.
    """
    shapes = _guess_shapes(wish)
    ask = wish.ask or _usual_ask(wish.f, shapes)
    fault: AuthorError | None = None

    for space in _SPACES:
        inputs = {name: _input_fields(sides, space) for name, sides in shapes.items()}
        fields = _fields(wish, ask, function, inputs)
        try:
            problem = make_problem(fields, problem_id)
        except AuthorError as error:
            fault = fault or error
            continue

        families = _decided_families(problem, seed)
        if "generic" in families:
            for given in fields["inputs"].values():
                given["family"] = [item for item in given["family"] if _name_of(item) in families]
            return make_problem(fields, problem_id), fields

    raise fault or GraderError(
        f"the {ASKS[ask].noun} of {wish.f} can be decided at no input that was tried; "
        "write problem.yaml by hand, with a space or families where it is defined"
    )


def _guess_shapes(wish: Wish) -> dict[str, Sides]:
    """The shapes of all inputs, of which the likeliest that fit are taken."""
    try:
        read = names_read(wish.f)
        parse(wish.f, read)
    except ExpressionError as error:
        raise GraderError(f"f = {wish.f}: {error}") from None

    letters = {"m", "n"}.union(*wish.shapes.values())
    names = [name for name in read if name in wish.shapes or name not in letters]
    unknown = [name for name in (*wish.wrt, *wish.shapes) if name not in names]
    if unknown:
        raise GraderError(f"'{unknown[0]}' does not occur in f = {wish.f}")

    guesses = {name: [*_likely_shapes(name)] for name in names}
    guesses |= {name: [sides] for name, sides in wish.shapes.items()}
    # The likeliest come first: those that are early in the lists of all inputs together.
    places = sorted(product(*(range(len(guess)) for guess in guesses.values())), key=sum)
    message = ""
    for place in places[:_MOST_GUESSES]:
        shapes = {name: guess[k] for (name, guess), k in zip(guesses.items(), place, strict=True)}
        try:
            _output(wish.f, shapes)
        except ExpressionError as error:
            message = message or str(error)
            continue
        return shapes
    raise GraderError(
        f"no shapes of {', '.join(names)} fit f = {wish.f}; give them, as in --shape A=m,n ({message})"
    )


def _likely_shapes(name: str) -> list[Sides]:
    first: Sides = ()
    if name[0].isupper():
        first = ("n", "n")
    elif name[0] in _VECTORS:
        first = ("n",)
    return [first, *(shape for shape in _SHAPES if shape != first)]


def _usual_ask(f: str, shapes: Mapping[str, Sides]) -> Ask:
    """The gradient of a number, the differential of anything else."""
    return "differential" if _output(f, shapes) else "gradient"


def _output(f: str, shapes: Mapping[str, Sides]) -> Shape:
    """The shape of f at two sizes that differ."""
    names = as_sizes(_SIZES)
    for name, sides in shapes.items():
        names[name] = tuple(_SIZES[side] if isinstance(side, str) else side for side in sides)
    return evaluate_shape(parse(f, names), names, {})


def _input_fields(sides: Sides, space: Space) -> Fields:
    """An input in a space where that makes sense, with all families that fit."""
    needs_matrix = space in ("positive_definite", "symmetric")
    if (needs_matrix and not is_square(sides)) or (space == "probability" and len(sides) != 1):
        space = "general"

    families: list[Any] = []
    for name in SPACES[space].families:
        if name in _USUAL and _fits(name, sides):
            families += [{name: parameter} for parameter in _PARAMETERS.get(name, ())] or [name]
    shape: Fields = {"shape": list(sides), "family": families}
    return shape if space == "general" else {**shape, "space": space}


def _fits(name: FamilyName, sides: Sides) -> bool:
    kind, is_matrix = FAMILIES[name].fits, len(sides) == 2
    if kind == "square":
        return is_square(sides)
    if name == "thin":
        return is_matrix and not is_square(sides)
    return kind == "any" or (kind == "matrix" and is_matrix)


def _fields(wish: Wish, ask: Ask, function: str, inputs: Mapping[str, Fields]) -> Fields:
    known: Fields = {"f": wish.f, "ask": ask, "inputs": dict(inputs)}
    if wish.wrt and set(wish.wrt) != set(inputs):
        known["wrt"] = list(wish.wrt)

    sides = {side for given in inputs.values() for side in given["shape"] if isinstance(side, str)}
    known["sizes"] = {side: [2, 3, 4, 5] for side in sorted(sides)}
    checks = [{"check": check, "points": _POINTS.get(check, 1)} for check in checks_for(ask)]
    signature = f"{function}({', '.join(arguments_of(ask, known))})"
    return {"title": wish.f, "statement": wish.f, "signature": signature, **known, "checks": checks}


def _decided_families(problem: Problem, seed: int) -> frozenset[str]:
    """The families at all of whose inputs the truth is decided."""
    cases = solve_cases(problem, seed, _CASES)
    undecided = {solved.case.family for solved in cases if solved.truth is None}
    return frozenset(solved.case.family for solved in cases) - undecided


def _name_of(family: Any) -> str:
    return family if isinstance(family, str) else next(iter(family))
