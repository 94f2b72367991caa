"""Mutation testing: the reference with one change at a time is graded as a submission, and must be found wrong.

A mutant may loop for ever, so it runs where students' code does, under the same limits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from grader.answers.sandbox import Answer, Returned, Sandbox
from grader.authoring.mutants import Mutant, mutate
from grader.core.norms import Array, norm
from grader.findings.compare import Compare, JudgedAnswer
from grader.grading.judge import judge_verdict
from grader.grading.prepare import PreparedProblem, ask_about
from grader.problems.problem import Problem
from grader.reports.certificate import REAL, LargestError, Mutants, Survivor
from grader.reports.code import CodeCell
from grader.reports.report import ProblemReport
from grader.truths.solve import SolvedCase, solve_cases

FURTHER_SEEDS = 1
"""A survivor is evaluated at the cases of so many further seeds; each has all families at all sizes."""
_CLOSE = 1e-9
"""Mutants that agree so far are one mutant."""
LARGER = (1, 3)
"""The further cases have sizes that exceed the largest of the problem by so much."""


@dataclass(frozen=True, slots=True, eq=False)
class ExtraCases:
    """A problem asked about cases that grading does not draw, with the reference's answers.

    Args:
        judged: the same answers, each compared with the truth.
    """

    prepared: PreparedProblem
    answers: tuple[Answer, ...]
    judged: tuple[JudgedAnswer, ...]


def run_source(sandbox: Sandbox, prepared: PreparedProblem, source: str) -> tuple[Answer, ...]:
    """The answers of a module's function, asked as a submission is."""
    return sandbox.run([CodeCell("reference.py", source)], prepared.calls).answers


def largest_error(
    prepared: PreparedProblem, answers: Sequence[Answer], by: str, compare: Compare
) -> LargestError:
    """The case where an answer is furthest from the truth; infinitely far where there is none to compare.

    Args:
        by: whose answers they are, such as `alternative two-solves`.
    """
    return _largest_error(_compare(prepared, answers, compare), by)


def _compare(
    prepared: PreparedProblem, answers: Sequence[Answer], compare: Compare
) -> tuple[JudgedAnswer, ...]:
    pairs = zip(prepared.asked, answers, strict=True)
    return tuple(compare(prepared.problem, solved, answer) for solved, answer in pairs)


def _largest_error(judged: Sequence[JudgedAnswer], by: str) -> LargestError:
    if not judged:
        return LargestError(by, "", 0.0)
    worst = max(judged, key=error_of)
    return LargestError(by, worst.case.family, error_of(worst))


def error_of(judged: JudgedAnswer) -> float:
    """The error in units of the tolerance; infinite for NaN, no answer, or one of another shape."""
    if judged.failure is not None or judged.shape_fault or math.isnan(judged.error):
        return math.inf
    return judged.error


def has_all_points(judgement: ProblemReport) -> bool:
    """Is it right, with no check failed?"""
    if judgement.verdict != "right":
        return False
    return all(finding.score == finding.max_score for finding in judgement.findings)


def try_mutants(
    sandbox: Sandbox, prepared: PreparedProblem, source: str, seed: int, compare: Compare
) -> tuple[Mutants, list[LargestError]]:
    """Grade all mutants of a reference that is right; the second value says how wrong each of those killed is.

    Args:
        source: of the reference.
        seed: with which the problem was prepared.
    """
    # A second round and a diagnosis would only say what is wrong with a mutant.
    killed: list[LargestError] = []
    survived: list[Mutant] = []
    for mutant in mutate(source, prepared.problem.function):
        answers = run_source(sandbox, prepared, mutant.source)
        report, compared = judge_verdict(prepared, answers, compare=compare)
        if has_all_points(report):
            survived.append(mutant)
        else:
            by = f"mutant at line {mutant.line}: {mutant.what}"
            killed.append(_largest_error(compared.calls, by))

    if not survived:
        return Mutants(len(killed)), killed
    equivalents, gaps = _sort_survivors(sandbox, prepared, source, seed, survived, compare)
    return Mutants(len(killed), tuple(equivalents), tuple(gaps)), killed


def _sort_survivors(
    sandbox: Sandbox,
    prepared: PreparedProblem,
    source: str,
    seed: int,
    survived: Sequence[Mutant],
    compare: Compare,
) -> tuple[list[Survivor], list[Survivor]]:
    """Try the mutants that got all points at further cases: those that are right there, too, and the gaps."""
    further = ask_about(prepared, tuple(_further_cases(prepared.problem, seed, len(prepared.cases))))
    right = run_source(sandbox, further, source)
    extra = ExtraCases(further, right, _compare(further, right, compare))
    equivalents: list[Survivor] = []
    gaps: list[Survivor] = []
    kinds: list[Sequence[Answer]] = []
    for mutant in survived:
        answers = run_source(sandbox, further, mutant.source)
        survivor = replace(_examine(mutant, extra, answers, compare), group=_find_group(answers, kinds))
        if survivor.points and not survivor.wrong:
            equivalents.append(survivor)
        else:
            gaps.append(survivor)
    return equivalents, gaps


def _further_cases(problem: Problem, seed: int, count: int) -> Iterator[SolvedCase]:
    """Cases of other seeds, of all families and of larger sizes (unless f is slow), without those that stay undecided.

    No smaller sizes: whether a problem is about n = 1 is for its author to say.
    """
    sizes = {}
    for letter, values in problem.sizes.items():
        sizes[letter] = values if problem.is_slow else (*values, *(max(values) + k for k in LARGER))

    roomy = replace(problem, sizes=sizes)
    for k in range(1, FURTHER_SEEDS + 1):
        for solved in solve_cases(roomy, seed + k, count):
            if solved.truth is not None:
                yield solved


def _examine(mutant: Mutant, extra: ExtraCases, answers: Sequence[Answer], compare: Compare) -> Survivor:
    """Compare a survivor with the truth wherever the reference is right."""
    judged = [
        compare(extra.prepared.problem, reference.solved, answer)
        for reference, answer in zip(extra.judged, answers, strict=True)
        if error_of(reference) <= 1
    ]
    wrong = [answer for answer in judged if error_of(answer) > 1]

    family, sizes, error = "", {}, 0.0
    if wrong:
        shown = min(wrong, key=lambda answer: answer.case.weight)
        case = shown.case
        family, sizes, error, note = case.family, dict(case.sizes), error_of(shown), _say_where(shown)
    elif judged:
        error = max(map(error_of, judged))
        note = _say_why(mutant, extra, answers, error)
    else:
        note = "the grader could decide none of them"

    change = (mutant.line, mutant.column, mutant.what, mutant.before, mutant.after)
    return Survivor(*change, len(judged), len(wrong), family, sizes, error, note)


def _say_where(judged: JudgedAnswer) -> str:
    """Say how far off an answer is, and in which case."""
    case = judged.case
    if judged.failure is not None:
        error = judged.failure.message
    elif judged.shape_fault:
        error = judged.shape_fault
    else:
        error = f"its error is {error_of(judged):.2g} tolerances"
    sizes = [f"{letter} = {size}" for letter, size in case.sizes.items()]
    return ", ".join([f"{error} in the family {case.family}", *sizes])


def _say_why(mutant: Mutant, extra: ExtraCases, answers: Sequence[Answer], worst: float) -> str:
    """Say why a survivor is right all the same."""
    if not all(map(_is_same, extra.answers, answers)):
        return f"it agrees with the truth to {worst:.2g} of the tolerance"
    is_real = all(solved.case.family != "complex" for solved in extra.prepared.asked)
    reason = f" {REAL}" if is_real and "conj" in mutant.what else ""
    return f"it returns the very same numbers{reason}"


def _find_group(answers: Sequence[Answer], kinds: list[Sequence[Answer]]) -> int:
    """The number of the first mutant that answers alike, up to rounding; a new one if there is none."""
    for number, others in enumerate(kinds):
        if all(map(_are_close, answers, others)):
            return number
    kinds.append(answers)
    return len(kinds) - 1


def _are_close(one: Answer, other: Answer) -> bool:
    if not isinstance(one, Returned) or not isinstance(other, Returned):
        return isinstance(one, Returned) == isinstance(other, Returned)
    if [x.shape for x in one.parts] != [x.shape for x in other.parts]:
        return False
    pairs = zip(one.parts, other.parts, strict=True)
    with np.errstate(all="ignore"):
        return all(np.allclose(x, y, rtol=_CLOSE, atol=_CLOSE * norm(x), equal_nan=True) for x, y in pairs)


def _is_same(one: Answer, other: Answer) -> bool:
    if not isinstance(one, Returned) or not isinstance(other, Returned):
        return isinstance(one, Returned) == isinstance(other, Returned)
    return list(map(_bits, one.parts)) == list(map(_bits, other.parts))


def _bits(x: Array) -> tuple[object, ...]:
    return x.shape, x.dtype, x.tobytes()
