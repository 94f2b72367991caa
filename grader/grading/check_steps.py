"""Check a derivation: a chain of expressions that are said to be equal, and which "=" is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from grader.cases.case import Case
from grader.cases.draw import draw_cases
from grader.core.errors import GraderError
from grader.core.seeds import SEEDS, is_seed
from grader.formulas.answers_file import FormulaAnswer, Signature, read_formula
from grader.formulas.equality import DIGITS, compare_formulas
from grader.formulas.fit import fit_shapes
from grader.grading.check_derivative import InputSpec, make_problem_of
from grader.problems.problem import Problem
from grader.truths.ball_algebra import BALLS

_EQUALS = re.compile(r"(?<![=<>!:])=(?!=)")
_CASES = 12
_Side = tuple[str, FormulaAnswer]


@dataclass(frozen=True, slots=True)
class Step:
    """One "=" of a chain.

    Args:
        left, right: what stands on its sides, as it was written. inputs: where both were compared.
        holds: whether they are equal in `DIGITS` digits; fault: why they could not be compared, else "".
    """

    left: str
    right: str
    holds: bool
    inputs: int = 0
    fault: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class CheckedSteps:
    """The result of `check_steps`: true if every "=" holds."""

    steps: tuple[Step, ...]

    def __bool__(self) -> bool:
        return all(step.holds for step in self.steps)

    @property
    def wrong(self) -> tuple[int, ...]:
        """The numbers of the signs that do not hold, counted from 1."""
        return tuple(number for number, step in enumerate(self.steps, 1) if not step.holds)

    def __repr__(self) -> str:
        lines = []
        for number, step in enumerate(self.steps, 1):
            mark = "=" if step.holds else "≠"
            lines.append(f"{number}  {step.left}  {mark}  {step.right}")
            if step.fault:
                lines.append(f"   {step.fault}")

        if self:
            return "\n".join(
                [*lines, f"Every step is right: both sides agree in {DIGITS} digits at random inputs."]
            )
        first = self.wrong[0]
        return "\n".join([*lines, f"Look at step {first}: its two sides are not equal."])


def check_steps(steps: str, inputs: Mapping[str, InputSpec], *, seed: int = 0) -> CheckedSteps:
    """Find the "=" that is wrong in a chain of expressions, such as `"tr(A B) = tr(B A) = tr(A) tr(B)"`.

    Args:
        steps: expressions with "=" between them, in one line or several, written as formulas in answers are.
        inputs: name → shape in letters, as in `check_derivative`: `{"A": "n×n", "b": "n"}`.
        seed: of the random inputs.

    Raises:
        GraderError: there is no "=", or an expression or an input has a fault.
    """
    if not is_seed(seed):
        raise GraderError(f"seed is {seed!r}; it must be {SEEDS}")
    texts = [" ".join(text.split()) for text in _EQUALS.split(steps)]
    if len(texts) < 2 or not all(texts):
        raise GraderError('steps must be expressions with "=" between them, such as "tr(A B) = tr(B A)"')

    problem = make_problem_of("0.0", "value", _steps, inputs, {})
    signature = Signature("steps", problem.arguments, tuple(problem.sizes))
    cases = [case for case in draw_cases(problem, seed, _CASES) if max(case.sizes.values(), default=2) > 1]
    sides = [(text, _read(text, signature)) for text in texts]
    return CheckedSteps(tuple(_compare(left, right, problem, cases) for left, right in pairwise(sides)))


def _steps() -> None:
    """Stands for the function that a problem asks for."""


def _read(text: str, signature: Signature) -> FormulaAnswer:
    answer = read_formula(text, signature)
    if answer.faults:
        fault = answer.faults[0]
        raise GraderError(f"column {fault.column} of {text!r}: {fault.message}")
    return answer


def _compare(left: _Side, right: _Side, problem: Problem, cases: Sequence[Case]) -> Step:
    for text, answer in (left, right):
        misfit = fit_shapes(answer, problem).misfit
        if misfit is not None:
            fault = f"shapes do not fit in {text}: {misfit.message}"
            return Step(left[0], right[0], holds=False, fault=fault)
    agreement = compare_formulas(left[1], right[1], problem, cases, BALLS)
    fault = "" if agreement.inputs else "there is no input at which both sides have a value"
    return Step(left[0], right[0], agreement.digits is not None, agreement.inputs, fault)
