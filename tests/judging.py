"""Makes answers to questions without a sandbox: from a function, as an author or a tester would call it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.answers.sandbox import Answer, Failed, Returned
from grader.cases.case import Case
from grader.findings.compare import JudgedAnswers, compare_all
from grader.grading.judge import judge_answers, judge_first_round
from grader.grading.prepare import PreparedAssignment, PreparedProblem
from grader.reports.report import Failure, Finding, ProblemReport
from grader.truths.solve import SolvedCase


def matrix(case: Case, name: str) -> NDArray[Any]:
    """An input that is an array."""
    value = case.values[name]
    assert isinstance(value, np.ndarray)
    return value


def question(exam: PreparedAssignment, id: str) -> PreparedProblem:
    return next(item for item in exam.problems if item.problem.id == id)


def answers(asked: PreparedProblem, function: Callable[..., Any]) -> list[Answer]:
    """What the sandbox would bring back; unlike there, only one process and no conversion of types."""
    return answers_to(asked.asked, function)


def answers_to(cases: Sequence[SolvedCase], function: Callable[..., Any]) -> list[Answer]:
    found: list[Answer] = []
    for posed in cases:
        arguments: list[Any] = [
            np.array(value) if isinstance(value, np.ndarray) else value
            for value in posed.case.values.values()
        ]
        before = [np.array(argument) for argument in arguments]
        try:
            with np.errstate(all="ignore"):
                result = function(*arguments)
        except Exception as error:
            found.append(Failed(Failure("raised", f"raised {type(error).__name__}")))
            continue
        returned = result if isinstance(result, tuple) else (result,)
        parts = tuple(np.array(part) for part in returned)
        changed = any(not np.array_equal(x, y) for x, y in zip(before, arguments, strict=True))
        arrays = [argument for argument in arguments if isinstance(argument, np.ndarray)]
        aliased = any(np.shares_memory(x, y) for x in returned if isinstance(x, np.ndarray) for y in arrays)
        found.append(Returned(parts, changed, aliased))
    return found


def judged(exam: PreparedAssignment, id: str, function: Callable[..., Any]) -> ProblemReport:
    return judge(question(exam, id), function)


def judge(asked: PreparedProblem, function: Callable[..., Any]) -> ProblemReport:
    """Judge a function in one round or two, as a submission's is."""
    first = answers(asked, function)
    judged = judge_first_round(asked, first)
    if isinstance(judged, ProblemReport):
        return judged
    return judge_answers(judged, [*first, *answers_to(judged.asked[len(first) :], function)])


def judged_answers(exam: PreparedAssignment, id: str, function: Callable[..., Any]) -> JudgedAnswers:
    asked = question(exam, id)
    return compare_all(asked.problem, asked.asked, answers(asked, function))


def outcome(judgement: ProblemReport, check: str) -> str:
    return finding(judgement, check).outcome


def finding(judgement: ProblemReport, check: str) -> Finding:
    return next(item for item in judgement.findings if item.check == check)
