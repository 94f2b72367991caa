"""Guess what an author leaves out of a new problem: the shapes of its inputs, their space and their families."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, product
from typing import Any

from grader.core.errors import AuthorError, GraderError
from grader.grading.check_derivative import arguments_of, checks_for, directions_for
from grader.problems.asks import Ask
from grader.problems.family_names import FAMILIES, FamilyName
from grader.problems.language import ExpressionError, names_read, parse
from grader.problems.load import make_problem
from grader.problems.problem import Problem
from grader.problems.shapes import Shape, evaluate_shape
from grader.problems.sides import as_sizes, is_square, letters_among, with_sizes
from grader.problems.spaces import SPACES, Space
from grader.truths.solve import SolvedCase, solve_cases

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
_LARGE: frozenset[FamilyName] = frozenset({"scaled", "ill_conditioned"})
"""Families of large numbers, at which a differential equation takes longest to solve."""
_PARAMETERS: Mapping[FamilyName, Sequence[float]] = {"ill_conditioned": (1e6,), "scaled": (1e3, 1e-3)}

_POINTS: Mapping[str, int] = {"reference": 5, "finite_difference": 0}
SEED, CASES = 1, 24
"""A proposal is tried at these inputs; `grader validate` tries it again at the course's."""


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


@dataclass(frozen=True, slots=True)
class Draft:
    """A problem that may be proposed, and the fields of its problem.yaml."""

    problem: Problem
    fields: Fields


@dataclass(frozen=True, slots=True, eq=False)
class Proposal(Draft):
    """A draft all of whose cases are decided."""

    cases: tuple[SolvedCase, ...]


def draft_problems(wish: Wish, problem_id: str, function: str) -> list[Draft]:
    """Draft a problem for each space that its inputs may lie in, the most usual first; nothing is solved yet.

    Raises:
        GraderError: no shapes of the inputs fit f.
        AuthorError: f has faults.
    """
    shapes = _guess_shapes(wish)
    ask = wish.ask or _usual_ask(wish.f, shapes)
    drafts: list[Draft] = []
    faults: list[AuthorError] = []
    for space in _SPACES:
        inputs = {name: _input_fields(sides, space) for name, sides in shapes.items()}
        fields = _fields(wish, ask, function, inputs)
        try:
            draft = Draft(make_problem(fields, problem_id), fields)
        except AuthorError as error:
            faults.append(error)
            continue

        if draft.problem.is_slow:
            draft = _with_families(draft, _USUAL - _LARGE)
        drafts.append(draft)
    if not drafts:
        raise faults[0]
    return drafts


def propose_problem(drafts: Sequence[Draft], seed: int, say: Callable[[str], None]) -> Proposal:
    """Propose the first of some drafts whose truth can be decided, with the families at which it is.

    Args:
        say: is told what is being done.

    Raises:
        GraderError: its derivative can be decided nowhere.
    """
    for draft in drafts:
        proposal = _decide(draft, seed, say)
        if proposal is not None:
            return proposal

    problem = drafts[0].problem
    raise GraderError(
        f"the {problem.definition.noun} of {problem.f.text.strip()} can be decided at no input that was tried; "
        "write problem.yaml by hand, with a space or families where it is defined"
    )


def _decide(draft: Draft, seed: int, say: Callable[[str], None]) -> Proposal | None:
    """The draft without the families at which it is undecided; None if it is so at generic inputs."""
    spaces = {argument.space for argument in draft.problem.inputs}
    kind = " and ".join(sorted(spaces - {"general"})) or "general"

    def watch(decided: int, of: int) -> None:
        say(f"{kind} inputs: decided {decided} of {of} cases")

    while True:
        cases = solve_cases(draft.problem, seed, CASES, watch)
        undecided = {solved.case.family for solved in cases if solved.truth is None}
        families = {solved.case.family for solved in cases} - undecided
        if "generic" not in families:
            return None
        if not undecided:
            return Proposal(draft.problem, draft.fields, cases)
        # Families that are left are drawn with others than before, and may be undecided then.
        fewer = _with_families(draft, families)
        if fewer.fields == draft.fields:
            return Proposal(draft.problem, draft.fields, cases)
        draft = fewer


def _with_families(draft: Draft, families: Collection[str]) -> Draft:
    """The draft with those of its families alone that have these names."""
    inputs = {}
    for name, given in draft.fields["inputs"].items():
        kept = [family for family in given["family"] if _name_of(family) in families]
        inputs[name] = {**given, "family": kept}
    fields = {**draft.fields, "inputs": inputs}
    return Draft(make_problem(fields, draft.problem.id), fields)


def read_map(f: str) -> list[str]:
    """The names that a map reads.

    Raises:
        GraderError: it is not an expression.
    """
    try:
        names = names_read(f)
        parse(f, names)
    except ExpressionError as error:
        raise GraderError(f"f = {f}: {error}") from None
    return [*names]


def _guess_shapes(wish: Wish) -> dict[str, Sides]:
    """The shapes of all inputs, of which the likeliest that fit are taken."""
    read = read_map(wish.f)
    letters = {"m", "n"}.union(*wish.shapes.values())
    names = [name for name in read if name in wish.shapes or name not in letters]
    for name in (*wish.wrt, *wish.shapes):
        if name not in names:
            raise GraderError(f"'{name}' does not occur in f = {wish.f}")

    likely = {name: _likely_shapes(name) for name in names}
    likely |= {name: [sides] for name, sides in wish.shapes.items()}
    return _find_fitting(wish.f, likely)


def _find_fitting(f: str, likely: Mapping[str, Sequence[Sides]]) -> dict[str, Sides]:
    """The first choice of shapes at which f has a value.

    Raises:
        GraderError: there is none.
    """
    message = ""
    for shapes in _combine_shapes(likely)[:_MOST_GUESSES]:
        try:
            _output(f, shapes)
        except ExpressionError as error:
            message = message or str(error)
        else:
            return shapes
    names = ", ".join(likely)
    raise GraderError(f"no shapes of {names} fit f = {f}; give them, as in --shape A=m,n ({message})")


def _combine_shapes(likely: Mapping[str, Sequence[Sides]]) -> list[dict[str, Sides]]:
    """Every choice of one shape for each input; first those that are early in the lists of all inputs together."""
    ranked = product(*map(enumerate, likely.values()))
    by_rank = sorted(ranked, key=lambda choice: sum(rank for rank, _ in choice))
    return [dict(zip(likely, (sides for _, sides in choice), strict=True)) for choice in by_rank]


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
    names |= {name: with_sizes(sides, _SIZES) for name, sides in shapes.items()}
    return evaluate_shape(parse(f, names), names, {})


def _input_fields(sides: Sides, space: Space) -> Fields:
    """An input in a space where that makes sense, with all families that fit."""
    needs_matrix, needs_vector = space in ("positive_definite", "symmetric"), space == "probability"
    if needs_matrix and not is_square(sides):
        space = "general"
    if needs_vector and len(sides) != 1:
        space = "general"

    families: list[Any] = []
    for name in SPACES[space].families:
        if name in _USUAL and _fits(name, sides):
            with_parameters = [{name: parameter} for parameter in _PARAMETERS.get(name, ())]
            families += with_parameters or [name]

    fields: Fields = {"shape": list(sides), "family": families}
    if space != "general":
        fields["space"] = space
    return fields


def _fits(name: FamilyName, sides: Sides) -> bool:
    kind, is_matrix = FAMILIES[name].fits, len(sides) == 2
    if kind == "square":
        return is_square(sides)
    if name == "thin":
        return is_matrix and not is_square(sides)
    if kind == "matrix":
        return is_matrix
    return kind == "any"


def _fields(wish: Wish, ask: Ask, function: str, inputs: Mapping[str, Fields]) -> Fields:
    known: Fields = {"f": wish.f, "ask": ask, "inputs": dict(inputs)}
    if wish.wrt and set(wish.wrt) != set(inputs):
        known["wrt"] = list(wish.wrt)

    sides = chain.from_iterable(given["shape"] for given in inputs.values())
    known["sizes"] = {letter: [2, 3, 4, 5] for letter in sorted(letters_among(sides))}
    checks = [{"check": check, "points": _POINTS.get(check, 1)} for check in checks_for(ask)]
    known |= directions_for(ask, known)
    signature = f"{function}({', '.join(arguments_of(ask, known))})"
    return {"title": wish.f, "statement": wish.f, "signature": signature, **known, "checks": checks}


def _name_of(family: Any) -> str:
    return family if isinstance(family, str) else next(iter(family))
