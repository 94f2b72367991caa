"""The judgement of a formula by its values alone: exact, without a tolerance, and without numpy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from grader.cases.case import Case
from grader.formulas.answers_file import FormulaAnswer
from grader.formulas.equality import Agreement, Difference, ExactAnswers, FormulaValues
from grader.formulas.evaluate import NoValue, no_value
from grader.formulas.explain import explain, explain_misfit
from grader.formulas.faults import as_failure, find_failure
from grader.formulas.fit import Fit, find_excess, fit_shapes
from grader.formulas.read_back import read_back
from grader.formulas.remainder import draw_remainder
from grader.formulas.sealed import SealedMistake, are_plain, hash_values
from grader.formulas.shown_values import plain_inputs, plain_parts
from grader.problems.language import Algebra
from grader.problems.problem import Problem
from grader.problems.sides import name_shape
from grader.reports.report import (
    Counterexample,
    Diagnosis,
    Failure,
    Finding,
    ProblemReport,
    Verdict,
)
from grader.truths.balls import Ball


@dataclass(frozen=True, slots=True, eq=False)
class JudgedProblem:
    """A problem with what formulas for it are judged by.

    Args:
        cases: all that the oracle decides. mistakes: the listed ones, sealed.
        drawn_at: the case of the remainder's plot; direction: the V along which it is drawn. None where there is none.
    """

    problem: Problem
    points: Fraction
    cases: tuple[Case, ...]
    mistakes: tuple[SealedMistake, ...] = ()
    drawn_at: Case | None = None
    direction: Mapping[str, Ball] = field(default_factory=dict)


def judge(
    judged: JudgedProblem, answer: FormulaAnswer, exact: ExactAnswers, balls: Algebra[Ball]
) -> ProblemReport:
    """Judge a formula, and say what is wrong with it.

    It is right if it equals the exact answer at every input at which they are compared, and has a value at all.
    """
    problem = judged.problem
    failure = find_failure(problem, answer)
    if failure is not None:
        return _report(judged, "error", failure)

    fit = fit_shapes(answer, problem)
    if fit.misfit is not None:
        report = _report(judged, "error", as_failure(fit.misfit, "shapes do not fit"))
        return explain_misfit(report, answer, exact)
    if excess := find_excess(answer, problem, judged.cases):
        return _report(judged, "error", as_failure(excess))
    return _judge_values(judged, answer, fit, exact, balls)


def _judge_values(
    judged: JudgedProblem, answer: FormulaAnswer, fit: Fit, exact: ExactAnswers, balls: Algebra[Ball]
) -> ProblemReport:
    """Judge a formula that can be evaluated by its values."""
    reading = read_back(answer, fit)
    values = exact.values_of(answer)
    missing = _find_missing(judged.cases, values)
    failure = no_value(answer, missing[0]) if missing else None
    if len(missing) == len(judged.cases):
        return replace(_report(judged, "error", failure), formula=reading)

    agreement = exact.compare(values)
    reading = replace(reading, inputs=agreement.inputs, digits=agreement.digits)
    verdict = _verdict(agreement, failure)
    report = replace(_report(judged, verdict, failure), formula=reading)
    if verdict == "inconclusive":
        return report

    report = replace(report, findings=(_find(judged, values, exact, verdict),))
    if judged.drawn_at is not None:
        agrees = agreement.digits is not None
        remainder = draw_remainder(judged.problem, answer, judged.drawn_at, judged.direction, balls, agrees)
        report = replace(report, remainder=remainder)
    if agreement.digits is None:
        report = replace(report, diagnosis=_find_mistake(judged, values))
    return explain(report, answer, fit, agreement, exact)


def _report(judged: JudgedProblem, verdict: Verdict, failure: Failure | None) -> ProblemReport:
    problem = judged.problem
    return ProblemReport(
        id=problem.id,
        function=problem.function,
        title=problem.title,
        score=_score(judged, verdict),
        max_score=judged.points,
        verdict=verdict,
        error=failure,
        hints=problem.hints,
    )


def _score(judged: JudgedProblem, verdict: Verdict) -> Fraction:
    return judged.points if verdict == "right" else Fraction(0)


def _verdict(agreement: Agreement, failure: Failure | None) -> Verdict:
    if not agreement.inputs:
        return "inconclusive"
    is_equal = agreement.digits is not None
    return "right" if is_equal and failure is None else "wrong"


def _find_missing(cases: Sequence[Case], values: FormulaValues) -> list[str]:
    """Why the formula has no value, for each case where it has none."""
    reasons = []
    for case in cases:
        try:
            values.at(case)
        except NoValue as error:
            reasons.append(str(error))
    return reasons


def _find(judged: JudgedProblem, values: FormulaValues, exact: ExactAnswers, verdict: Verdict) -> Finding:
    """The only check: is it equal to the exact answer?"""
    finding = Finding(
        check="equal to the exact answer",
        name="reference",
        outcome="passed" if verdict == "right" else "failed",
        score=_score(judged, verdict),
        max_score=judged.points,
        what="It equals the exact answer.",
    )
    difference = exact.find_difference(values) if verdict == "wrong" else None
    if difference is None:
        return finding

    case = difference.case
    counterexample = Counterexample(
        case=case.index,
        family=case.family,
        inputs=plain_inputs(case),
        answer=plain_parts(difference.parts),
        right=plain_parts(difference.right),
    )
    return replace(finding, what=_say(difference), failed=1, counterexample=counterexample)


def _say(difference: Difference) -> str:
    """What is wrong at a case: the shape of a part, or its numbers."""
    for part, right in zip(difference.parts, difference.right, strict=False):
        if part.shape != right.shape:
            return f"it must return {name_shape(right.shape)}, but it returned {name_shape(part.shape)}"
    if len(difference.parts) != len(difference.right):
        return f"it must return {len(difference.right)} arrays, but it returned {len(difference.parts)}"
    return f"its relative error is {difference.relative_error:.2g}, and a formula has none"


def _find_mistake(judged: JudgedProblem, values: FormulaValues) -> Diagnosis | None:
    """What is said of a listed mistake, if the formula makes it."""
    by_index = {case.index: case for case in judged.cases}
    hashes: dict[tuple[int, ...], bytes | None] = {}
    for mistake in judged.mistakes:
        if mistake.cases not in hashes:
            hashes[mistake.cases] = _hash([by_index[index] for index in mistake.cases], values)

        hashed = hashes[mistake.cases]
        diagnosis = mistake.recognise(hashed) if hashed else None
        if diagnosis is not None:
            return diagnosis
    return None


def _hash(cases: Sequence[Case], values: FormulaValues) -> bytes | None:
    """What the formula's values at some cases are recognised by; None where one is none, or not plain."""
    try:
        entries = [_entries(values.at(case)) for case in cases]
    except NoValue:
        return None
    return hash_values(entries) if all(map(are_plain, entries)) else None


def _entries(parts: Sequence[Ball]) -> list[complex]:
    return [complex(entry) for part in parts for entry in part.entries()]
