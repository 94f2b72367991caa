"""Mutation testing: the reference with one change at a time is graded as a submission, and must be found wrong.

A mutant may loop for ever, so it runs where students' code does, under the same limits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from grader.answers.sandbox import Answer, Returned, Sandbox
from grader.answers.submission import CodeCell
from grader.authoring.mutants import Mutant, mutate
from grader.findings.compare import JudgedAnswer, compare
from grader.grading.judge import Judgement, judge_answers
from grader.grading.prepare import PreparedProblem, ask_about
from grader.problems.problem import Problem
from grader.reports.certificate import LargestError, Mutants, Survivor
from grader.truths.truth import SolvedCase, solve_cases

FURTHER_SEEDS = 3
"""A survivor is evaluated at the cases of so many further seeds."""
LARGER = (1, 3)
"""The further points have sizes that exceed the largest of the problem by so much."""


@dataclass(frozen=True, slots=True, eq=False)
class ExtraCases:
    """Cases outside of what was asked, with what the reference answers there."""

    question: PreparedProblem
    answers: tuple[Answer, ...]


def run_source(sandbox: Sandbox, question: PreparedProblem, source: str) -> tuple[Answer, ...]:
    """What a module's function answers, asked as a submission is."""
    return sandbox.run([CodeCell("reference.py", source)], question.calls).answers


def largest_error(question: PreparedProblem, answers: Sequence[Answer], by: str) -> LargestError:
    """The case where an answer is furthest from the truth; infinitely far where there is none to compare."""
    judged = [compare(question.problem, *pair) for pair in zip(question.asked, answers, strict=True)]
    if not judged:
        return LargestError(by, "", 0.0)
    worst = max(judged, key=error_of)
    return LargestError(by, worst.case.family, error_of(worst))


def error_of(judged: JudgedAnswer) -> float:
    """In units of the tolerance; infinite for NaN, no answer, or one of another shape."""
    comparable = judged.failure is None and not judged.shape_fault and judged.error == judged.error
    return judged.error if comparable else float("inf")


def has_all_points(judgement: Judgement) -> bool:
    """Right, with no check failed."""
    return judgement.verdict == "right" and all(
        finding.score == finding.max_score for finding in judgement.findings
    )


def try_mutants(
    sandbox: Sandbox, question: PreparedProblem, source: str, seed: int
) -> tuple[Mutants, list[LargestError]]:
    """What becomes of all mutants of a reference that is right, and how wrong each of those killed is."""

    @cache
    def points() -> ExtraCases:  # found only if there are survivors
        cases = tuple(_further_points(question.problem, seed, len(question.cases)))
        further = ask_about(question, cases)
        return ExtraCases(further, run_source(sandbox, further, source))

    killed: list[LargestError] = []
    equivalents: list[Survivor] = []
    gaps: list[Survivor] = []
    for mutant in mutate(source, question.problem.function):
        answers = run_source(sandbox, question, mutant.source)
        if has_all_points(judge_answers(question, answers)):
            further = run_source(sandbox, points().question, mutant.source)
            survivor = _examine(mutant, points(), further)
            (equivalents if survivor.points and not survivor.wrong else gaps).append(survivor)
        else:
            killed.append(largest_error(question, answers, f"mutant at line {mutant.line}: {mutant.what}"))
    return Mutants(len(killed), tuple(equivalents), tuple(gaps)), killed


def _further_points(problem: Problem, seed: int, count: int) -> Iterator[SolvedCase]:
    """Cases of other seeds, of all families and of larger sizes; what the oracle cannot decide is left out.

    No smaller sizes: whether a problem is about n = 1 is for its author to say.
    """
    sizes = {
        letter: (*values, *(max(values) + k for k in LARGER)) for letter, values in problem.sizes.items()
    }
    roomy = replace(problem, sizes=sizes)
    for k in range(1, FURTHER_SEEDS + 1):
        yield from (item for item in solve_cases(roomy, seed + k, count) if item.truth is not None)


def _examine(mutant: Mutant, points: ExtraCases, answers: Sequence[Answer]) -> Survivor:
    """What a survivor does wherever the reference is right."""
    problem = points.question.problem
    rows = zip(points.question.asked, points.answers, answers, strict=True)
    judged = [
        compare(problem, item, answer)
        for item, reference, answer in rows
        if error_of(compare(problem, item, reference)) <= 1
    ]
    wrong = [item for item in judged if not error_of(item) <= 1]
    if wrong:
        shown = min(wrong, key=lambda item: item.case.weight)
        case, error, note = shown.case, error_of(shown), _where(shown)
        family, sizes = case.family, dict(case.sizes)
    elif not judged:
        family, sizes, error, note = "", {}, 0.0, "the oracle decides none of them"
    else:
        family, sizes, error = "", {}, max(map(error_of, judged), default=0.0)
        note = _why(mutant, points, answers, error)
    change = (mutant.line, mutant.column, mutant.what, mutant.before, mutant.after)
    return Survivor(*change, len(judged), len(wrong), family, sizes, error, note)


def _where(judged: JudgedAnswer) -> str:
    case = judged.case
    off = f"it is off by {error_of(judged):.2g} tolerances"
    if judged.failure is not None or judged.shape_fault:
        off = (judged.failure.message if judged.failure is not None else judged.shape_fault).rstrip(".")
    return ", ".join([f"{off} in the family {case.family}", *(f"{k} = {n}" for k, n in case.sizes.items())])


def _why(mutant: Mutant, points: ExtraCases, answers: Sequence[Answer], worst: float) -> str:
    if not all(map(_is_same, points.answers, answers)):
        return f"it agrees with the truth to {worst:.2g} of the tolerance"
    is_real = all(item.case.family != "complex" for item in points.question.asked)
    reason = " (all inputs are real)" if is_real and "conj" in mutant.what else ""
    return f"it returns the very same numbers{reason}"


def _is_same(a: Answer, b: Answer) -> bool:
    if not isinstance(a, Returned) or not isinstance(b, Returned):
        return isinstance(a, Returned) == isinstance(b, Returned)
    return all(x.tobytes() == y.tobytes() for x, y in zip(a.parts, b.parts, strict=True))
