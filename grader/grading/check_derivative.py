"""Check any derivative against the exact one of `f`, in one line and without a file."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, get_args

from grader.answers.in_process import call_here
from grader.answers.sandbox import Limits
from grader.core.errors import GraderError
from grader.core.seeds import SEEDS, is_seed
from grader.core.text import free_names
from grader.formats.plain_text import problem_text
from grader.grading.judge import judge_in_rounds
from grader.grading.prepare import prepare_problem
from grader.problems.asks import ASKS, Ask
from grader.problems.load import make_problem
from grader.problems.problem import APPLIES, CheckName, Problem
from grader.problems.sides import is_square, split_joined
from grader.problems.spaces import SPACES, Space
from grader.reports.report import ProblemReport

_NAME = "check_derivative"
_BETWEEN = re.compile(r"\s*[×,*]\s*|\s+x\s+")
_SPEC = re.compile(rf"\s*\(?(\w*(?:(?:{_BETWEEN.pattern})\w+)*)\)?(?:\s+|$)")
_SQUARE = ("integer", "generic", {"ill_conditioned": 1e6}, {"scaled": 1e3}, {"scaled": 1e-3})
_OTHER = ("integer", "generic", {"scaled": 1e3}, {"scaled": 1e-3})
_FAMILY = "orthogonal"
"""Means the family, as it did before there was a space of this name; in that one lie square `stiefel` matrices too."""
_SIZES = (2, 3, 4, 5)
_OTHER_COUNT = ("wrong_parts", "signature")
"""The faults of a function of other arguments or answers than the problem's."""
_DEFAULT_CASES, _MOST_CASES = 24, 1000

InputSpec = str | Sequence[str | int] | Mapping[str, Any]
"""`"n×n"`, `"m×n complex"`, `("n", "n")`, or the fields of an input in problem.yaml."""


class DerivativeError(AssertionError):
    """A function that is not the derivative; its text is the feedback that a student would read."""


@dataclass(frozen=True, slots=True, repr=False)
class DerivativeCheck:
    """The result of `check_derivative`: true if the function is right, and shown as its feedback.

    Args:
        report: verdict, diagnosis and all findings; its points are the number of checks.
    """

    report: ProblemReport
    text: str

    def __bool__(self) -> bool:
        return self.report.verdict == "right"

    def __repr__(self) -> str:
        return self.text


def check_derivative(
    f: str,
    ask: Ask,
    function: Callable[..., Any],
    inputs: Mapping[str, InputSpec],
    *,
    wrt: str | Sequence[str] | None = None,
    seed: int = 0,
    cases: int = _DEFAULT_CASES,
    raise_exception: bool = True,
    **fields: Any,
) -> DerivativeCheck:
    """Check a function against the exact derivative of `f`, at inputs drawn from a seed.

    `f` is differenced in ball arithmetic, so there is no step and no tolerance to choose; an answer is right if it is
    as accurate as the exact derivative of inputs that were rounded in their last bit.

    Args:
        f: an expression over the inputs, such as `"trace(inv(A) @ B)"`.
        ask: `"gradient"`, `"differential"`, `"jacobian"`, `"pullback"`, `"second_differential"`, `"hessian"`, `"hvp"`,
            `"jacobian_determinant"` or `"value"`.
        function: yours. It is called here, with arguments in the order of its own parameters if these have the names
            of the inputs (`A`), directions (`dA`) and cotangent (`G`, or `H` where an input is called so), else in
            just that order.
        inputs: name → shape in letters, with a family or a space behind it if you like: `{"A": "n×n", "b": "n"}`,
            `{"S": "n×n symmetric"}`, `{"t": "scalar"}`. A mapping is an input as in problem.yaml.
        wrt: the inputs that are differentiated, or the name of one; all of them if not given.
        seed: of the random inputs; the same seed draws the same inputs on every machine.
        cases: how many inputs are drawn.
        raise_exception: whether a wrong function raises; without it the result is false.
        **fields: further fields of a problem.yaml: `sizes`, `norm`, `parameters`, `functions`, `weight`,
            `directions`, `cotangent`.

    Returns:
        What was found, true if the function is right.

    Raises:
        DerivativeError: the function is not the derivative; the text says what is wrong and why.
        GraderError: the check cannot be made: the arguments have faults, or `f` has no derivative where it was drawn.
    """
    _require_arguments(f, function, inputs, seed, cases)

    moving = [wrt] if isinstance(wrt, str) else wrt
    problem = make_problem_of(f, ask, function, inputs, {"wrt": moving, **fields})
    prepared = prepare_problem(problem, seed, cases)
    report = judge_in_rounds(prepared, lambda calls: call_here(problem.function, function, calls, Limits()))
    if report.verdict in ("inconclusive", "grader_error"):
        what = f"f has no derivative that can be determined at the inputs drawn with seed {seed}"
        raise GraderError(f"{what}: {f}")

    text = _feedback(report, f, ask)
    if wrt is None:
        text += _explain_wrt(report, problem)
    check = DerivativeCheck(report, text)
    if raise_exception and not check:
        raise DerivativeError(str(check))
    return check


def _require_arguments(f: Any, function: Any, inputs: Any, seed: Any, cases: Any) -> None:
    """Refuse arguments of other types, which a caller without a type checker may give."""
    if not isinstance(f, str):
        raise GraderError(
            f'f is {f!r}; it must be text, an expression over the inputs, such as "trace(A @ B)"'
        )
    if not is_seed(seed):
        raise GraderError(f"seed is {seed!r}; it must be {SEEDS}")
    if type(cases) is not int or not 1 <= cases <= _MOST_CASES:
        raise GraderError(f"cases is {cases!r}; it must be a whole number from 1 to {_MOST_CASES}")
    if not callable(function):
        raise GraderError(f"function is {function!r}; it must be something that can be called")
    if not isinstance(inputs, Mapping):
        raise GraderError(f'inputs is {inputs!r}; it must be a mapping, such as {{"A": "n×n"}}')


def _feedback(report: ProblemReport, f: str, ask: Ask) -> str:
    if report.verdict == "right":
        return f"{report.function} is right: the {ask.replace('_', ' ')} of {f}"
    return problem_text(report)


def _explain_wrt(report: ProblemReport, problem: Problem) -> str:
    """Name `wrt` where a function has another number of arguments or of answers than differentiated inputs need."""
    names = problem.wrt
    if report.error is None or report.error.kind not in _OTHER_COUNT or len(names) == 1:
        return ""
    return f'\nf is differentiated in {" and ".join(names)}; wrt="{names[0]}" differentiates it in {names[0]} alone.'


def make_problem_of(
    f: str, ask: Ask, function: Any, inputs: Mapping[str, InputSpec], fields: Mapping[str, Any]
) -> Problem:
    """Make the problem of a map, without a file.

    Args:
        function: has the name of the problem's function, and the order of its arguments. fields: further ones.
    """
    given = {name: value for name, value in fields.items() if value is not None}
    name = _name_of(function)

    sizes = given.get("sizes")
    names = sizes if isinstance(sizes, Mapping) else ()

    known = {
        "title": name,
        "statement": f,
        "f": f,
        "ask": ask,
        "inputs": {key: _input_fields(spec, names) for key, spec in inputs.items()},
        "checks": [{"check": check, "points": 1} for check in checks_for(ask)],
        **given,
    }

    shapes = [declared.get("shape", ()) for declared in known["inputs"].values()]
    letters = {side for shape in shapes for side in shape if isinstance(side, str)} or {"n"}
    known.setdefault("sizes", {letter: list(_SIZES) for letter in sorted(letters)})
    known |= directions_for(ask, known)
    arguments = _order(arguments_of(ask, known), function)
    return make_problem({**known, "signature": f"{name}({', '.join(arguments)})"}, _NAME)


def _name_of(function: Any) -> str:
    name = getattr(function, "__name__", "")
    return name if name.isidentifier() else "function"


def _input_fields(spec: InputSpec, sizes: Collection[str]) -> dict[str, Any]:
    """Write out `"n×n symmetric"` as the fields of an input.

    Args:
        sizes: the letters of sizes that are given, of which one may be `nxn`.
    """
    if isinstance(spec, Mapping):
        return dict(spec)

    shape, words = _read_spec(spec, sizes)
    spaces = [space for space in SPACES if space in words and space != _FAMILY]
    families: list[Any] = [word for word in words if word not in spaces]
    space = spaces[0] if spaces else "general"
    if not families:
        usual = _SQUARE if is_square(shape) else _OTHER
        families = [family for family in usual if _is_drawn_in(space, family)]
    return {"shape": shape, "family": families, "space": space}


def _is_drawn_in(space: Space, family: str | Mapping[str, float]) -> bool:
    name = family if isinstance(family, str) else next(iter(family))
    return name in SPACES[space].families


def _read_spec(spec: str | Sequence[str | int], sizes: Collection[str]) -> tuple[list[str | int], list[str]]:
    """Split `"n×n symmetric"` into the sides of a shape and the words behind it."""
    if not isinstance(spec, str):
        return list(spec), []

    match = _SPEC.match(spec)
    if match is None:
        return [spec], []

    shape = match[1]
    words = [shape] if shape in sizes else split_joined(shape)
    sides = [side for word in words for side in _BETWEEN.split(word) if side not in ("", "scalar")]
    return [int(side) if side.isdecimal() else side for side in sides], spec[match.end() :].split()


def checks_for(ask: Ask) -> list[CheckName]:
    """The checks that make sense for an ask."""
    return [check for check in get_args(CheckName) if ask in APPLIES.get(check, {ask}) and check != "cost"]


def directions_for(ask: Ask, fields: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The field that names the directions of a second differential of several inputs: VA and VB, then WA and WB."""
    moving = fields.get("wrt") or list(fields["inputs"])
    has_two_of_each = ask in ASKS and ASKS[ask].directions == 2
    if "directions" in fields or len(moving) == 1 or not has_two_of_each:
        return {}
    return {"directions": {f"{letter}{name}": name for letter in "VW" for name in moving}}


def arguments_of(ask: Ask, fields: Mapping[str, Any]) -> list[str]:
    """The arguments that the ask gives: inputs, parameters, functions, directions, a cotangent."""
    names = [*fields["inputs"], *fields.get("parameters", ()), *fields.get("functions", ())]
    moving = fields.get("wrt") or list(fields["inputs"])
    if "directions" in fields:
        return [*names, *fields["directions"]]

    definition = ASKS.get(ask, ASKS["value"])
    if definition.directions == 1:
        return [*names, *(f"d{name}" for name in moving)]
    if definition.directions == 2:
        return [*names, *islice(free_names("VWUHK", names), 2)]
    if definition.has_cotangent:
        return [*names, fields.get("cotangent") or next(free_names("GHKPQ", names))]
    return names


def _order(arguments: Sequence[str], function: Any) -> Sequence[str]:
    """The arguments in the order of the function's own parameters, if these have the same names."""
    try:
        own = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return arguments
    return own if sorted(own) == sorted(arguments) else arguments
