"""Propose the solution of a new problem: a reference, and the mistakes that students are likely to make.

The reference is `f` differentiated by the rules of calculus; where there is no rule it is a difference quotient, for
its author to replace. Mistakes are that formula with one slip. Everything is tried, and kept only where it is right or
wrong as it should be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.answers.in_process import call_here
from grader.answers.sandbox import Answer, Limits, Returned
from grader.authoring.difference_reference import (
    difference_quotient,
    functions_without_code,
    unwritten_reference,
)
from grader.authoring.mutation_testing import error_of, has_all_points
from grader.authoring.written_formulas import FunctionCode, NotWrittenError, write_formula, write_python
from grader.findings.compare import compare_answer
from grader.findings.diagnosis.candidates.derived import right_formulas
from grader.findings.diagnosis.candidates.formulas import TRUTH
from grader.findings.diagnosis.candidates.neighbours import NearFormulas
from grader.findings.diagnosis.candidates.trees import depends_on
from grader.findings.diagnosis.candidates.written import write
from grader.grading.judge import judge_in_rounds
from grader.grading.prepare import PreparedProblem
from grader.problems.algebras import NUMPY
from grader.problems.language import FUNCTIONS, ExpressionError, Node, evaluate, parse
from grader.problems.problem import Problem

MOST_MISTAKES = 6
_MOST_TRIED = 200
_LEAST_WRONG = 0.25
"""The part of the cases in which a mistake must show."""
_SAME = 1e-9
_ABOUT = '''\
"""Reference: the {noun} of {f}.

Proposed by the rules of calculus. Replace these lines with your derivation: students read it after the due date.
"""
'''


@dataclass(frozen=True, slots=True)
class ProposedMistake:
    """A formula with one slip, and what to say of it.

    Args:
        formulas: in the language of `f`, one for each part of the answer.
    """

    id: str
    formulas: tuple[str, ...]
    message: str
    step: str


@dataclass(frozen=True, slots=True)
class ProposedSolution:
    """A reference module and likely mistakes.

    Args:
        is_formula: the reference is a formula, and no difference quotient; is_right: it gets all points.
        without_code: the functions of f that numpy does not have, for which the reference is a stub.
    """

    reference: str
    is_formula: bool
    is_right: bool
    mistakes: tuple[ProposedMistake, ...]
    without_code: tuple[str, ...] = ()


def propose_solution(prepared: PreparedProblem, say: Callable[[str], None]) -> ProposedSolution:
    """Propose a reference that gets all points, if one can be found, and mistakes that lose some.

    Args:
        say: is told what is being done.
    """
    problem = prepared.problem
    say("trying formulas for the reference")
    for formulas in _formulas(problem):
        try:
            module = _module(problem, [write_python(formula, sizes_told(problem)) for formula in formulas])
        except NotWrittenError:
            continue
        if _is_right(prepared, module):
            say("trying likely mistakes")
            return ProposedSolution(module, True, True, tuple(_propose_mistakes(prepared, formulas)))

    without_code = functions_without_code(problem)
    if without_code:
        return ProposedSolution(unwritten_reference(problem), False, False, (), without_code)

    say("trying a difference quotient as reference")
    quotient = difference_quotient(problem, sizes_told(problem))
    return ProposedSolution(quotient, False, _is_right(prepared, quotient), ())


def _formulas(problem: Problem) -> Iterator[tuple[Node, ...]]:
    """The right answer as formulas, one for each of its parts, in each style that there is."""
    styles = [right_formulas(problem, part) for part in range(problem.parts)]
    for k in range(max(map(len, styles))):
        if all(styles):
            yield tuple(style[min(k, len(style) - 1)] for style in styles)


def sizes_told(problem: Problem) -> dict[str, str]:
    """Letter → the code that tells it, such as `A.shape[0]`."""
    told: dict[str, str] = {}
    for given in problem.inputs:
        for axis, side in enumerate(given.shape):
            if isinstance(side, str):
                told.setdefault(side, f"{given.name}.shape[{axis}]")
    return told


def _module(problem: Problem, parts: Sequence[FunctionCode]) -> str:
    helpers = dict.fromkeys(helper for part in parts for helper in part.helpers)
    definitions = [f"def {problem.signature}:\n{parts[0].body}\n"]
    if len(parts) > 1:
        names = [f"_by_{name}" for name in problem.wrt]
        arguments = ", ".join(problem.arguments)
        definitions = [
            f"def {name}({arguments}):\n{part.body}\n" for name, part in zip(names, parts, strict=True)
        ]
        calls = ", ".join(f"{name}({arguments})" for name in names)
        definitions.append(f"def {problem.signature}:\n    return {calls}\n")

    about = _ABOUT.format(noun=problem.definition.noun, f=problem.f.text.strip())
    return "\n\n".join([f"{about}\nimport numpy as np\n", *helpers, *definitions])


def _is_right(prepared: PreparedProblem, module: str) -> bool:
    """Does the module's function get all points?"""
    try:
        function = _load(module, prepared.problem)
    except SyntaxError:
        return False
    name = prepared.problem.function
    report = judge_in_rounds(prepared, lambda calls: call_here(name, function, calls, Limits()))
    return has_all_points(report)


def _load(module: str, problem: Problem) -> Callable[..., Any]:
    namespace: dict[str, Any] = {"__name__": "reference"}
    exec(compile(module, "reference.py", "exec"), namespace)  # text that was written here
    function: Callable[..., Any] = namespace[problem.function]
    return function


def _propose_mistakes(prepared: PreparedProblem, right: Sequence[Node]) -> Iterator[ProposedMistake]:
    """Formulas with one slip, the likeliest first, that are wrong often enough and not each other's equals."""
    problem = prepared.problem
    try:
        others = [write_formula(formula, FUNCTIONS) for formula in right]
    except NotWrittenError:
        return

    ids: set[str] = set()
    seen: list[Sequence[Answer]] = []
    for part, tried in _slips(problem):
        node, slip = tried
        if slip.id in ids or depends_on(node, TRUTH):
            continue
        try:
            text = write_formula(node, FUNCTIONS)
            formulas = (*others[:part], text, *others[part + 1 :])
            answers = _answers(prepared, formulas)
        except (NotWrittenError, ExpressionError):
            continue
        if not _is_wrong(prepared, answers) or any(_are_same(answers, other) for other in seen):
            continue

        ids.add(slip.id)
        seen.append(answers)
        yield ProposedMistake(slip.id, formulas, f"you returned {write(node)}: {slip.difference}.", slip.step)
        if len(ids) == MOST_MISTAKES:
            return


def _slips(problem: Problem) -> Iterator[tuple[int, Any]]:
    for part in range(problem.parts):
        formulas = NearFormulas(problem, part).formulas
        likely = sorted(range(len(formulas)), key=lambda k: (formulas[k].slip.cost, k))
        yield from ((part, formulas[k]) for k in likely[:_MOST_TRIED])


def _answers(prepared: PreparedProblem, formulas: Sequence[str]) -> tuple[Answer, ...]:
    """What a function with these formulas answers."""
    problem = prepared.problem
    names = [*problem.arguments, *problem.sizes]
    expressions = [parse(text, names) for text in formulas]

    def function(*values: Any) -> Any:
        point = dict(zip(problem.arguments, values, strict=True))
        for given in problem.inputs:
            point |= dict(zip(map(str, given.shape), np.shape(point[given.name]), strict=True))
        parts = tuple(evaluate(expression, point, NUMPY) for expression in expressions)
        return parts if len(parts) > 1 else parts[0]

    with np.errstate(all="ignore"):
        return call_here(problem.function, function, prepared.calls, Limits())


def _is_wrong(prepared: PreparedProblem, answers: Sequence[Answer]) -> bool:
    asked = prepared.asked[: len(answers)]
    judged = [
        compare_answer(prepared.problem, solved, answer)
        for solved, answer in zip(asked, answers, strict=True)
    ]
    if any(one.failure is not None or one.shape_fault for one in judged):
        return False
    return sum(error_of(one) > 1 for one in judged) >= _LEAST_WRONG * len(judged)


def _are_same(one: Sequence[Answer], other: Sequence[Answer]) -> bool:
    return all(map(_are_close, one, other))


def _are_close(one: Answer, other: Answer) -> bool:
    if not isinstance(one, Returned) or not isinstance(other, Returned):
        return False
    pairs = zip(one.parts, other.parts, strict=True)
    return all(np.allclose(x, y, rtol=_SAME, atol=_SAME, equal_nan=True) for x, y in pairs)
