"""Prove that problems grade fairly: right formulas get everything, wrong ones fail and are named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from grader.answers.sandbox import Answer, Failed, Returned, Sandbox
from grader.authoring.mutation_testing import has_all_points, largest_error, run_source, try_mutants
from grader.authoring.stub import starter
from grader.core.errors import AuthorError
from grader.core.worker_pool import map_parallel
from grader.findings.diagnosis import call
from grader.grading.judge import Judgement, judge_answers
from grader.grading.prepare import PreparedProblem, prepare
from grader.problems.course import Assignment, Course
from grader.problems.solution import Function, Solution, read_reference
from grader.reports.certificate import Certificate, LargestError, Margins, Mutants, Trial
from grader.reports.report import Failure
from grader.truths.truth import SolvedCase

Proof = Certificate | AuthorError
"""What came of a problem; an error if its solution's files have faults."""


def validate_all(course: Course, ids: Sequence[str], seed: int, jobs: int) -> Iterator[tuple[str, Proof]]:
    """Prove problems on several processes; yield each as it becomes ready."""
    return map_parallel(partial(_prove, course, seed), ids, min(jobs, len(ids)))


def _prove(course: Course, seed: int, id: str) -> Proof:
    try:
        return validate_problem(course, id, seed)
    except AuthorError as error:
        return error


def validate_problem(course: Course, id: str, seed: int) -> Certificate:
    """All trials of one problem, the margins of its formulas and what became of its reference's mutants.

    Raises:
        AuthorError: the solution's files have faults.
    """
    problem = course.problem(id)
    exam = prepare(course, Assignment("validate", "", None, {id: problem.points}), seed)
    question = replace(exam.problems[0], curve=None)  # nobody looks at the remainders of these answers
    families = Counter(item.case.family for item in question.cases)
    trials = [_oracle(question)]
    margins, mutants = Margins(), Mutants()
    solution = course.solution(id)
    with Sandbox(exam.limits, exam.libraries) as sandbox:
        trials.append(_starter(sandbox, question))
        if solution is not None:
            source = read_reference(course.folder / "solutions" / id)
            answers = run_source(sandbox, question, source)
            reference = judge_answers(question, answers)
            trials.append(_try(id, "reference", "reference", "right", reference))
            variants, right, wrong = _variants(question, solution)
            trials += variants
            right.insert(0, largest_error(question, answers, "reference"))
            if has_all_points(reference):  # mutants of what is wrong itself would show nothing
                mutants, killed = try_mutants(sandbox, question, source, seed)
                wrong += killed
            margins = _margins(right, wrong)
    return Certificate(id, tuple(trials), families, margins, mutants)


def _oracle(question: PreparedProblem) -> Trial:
    lost = [item.case.family for item in question.cases if item.truth is None]
    found = f"undecided: {', '.join(sorted(set(lost)))}" if lost else "decided"
    return Trial(question.problem.id, "oracle", f"{len(question.cases)} cases", "decided", found)


def _starter(sandbox: Sandbox, question: PreparedProblem) -> Trial:
    """The stub must run, in the real sandbox, and earn nothing."""
    problem = question.problem
    judgement = judge_answers(question, run_source(sandbox, question, starter(problem)))
    found = "no points" if judgement.score == 0 else _describe(judgement)
    return Trial(problem.id, "starter", "stub", "no points", found)


def _variants(
    question: PreparedProblem, solution: Solution
) -> tuple[list[Trial], list[LargestError], list[LargestError]]:
    """The trials of alternatives and mistakes, and how far each of them is from the truth."""
    id = question.problem.id
    trials: list[Trial] = []
    right: list[LargestError] = []
    wrong: list[LargestError] = []
    for kind, variants, extremes in (
        ("alternative", solution.alternatives, right),
        ("mistake", solution.mistakes, wrong),
    ):
        for variant in variants:
            answers = ask_function(question, variant.answer)
            expected = "right" if kind == "alternative" else f"named {variant.id}"
            trials.append(_try(id, kind, variant.id, expected, judge_answers(question, answers)))
            extremes.append(largest_error(question, answers, f"{kind} {variant.id}"))
    return trials, right, wrong


def _margins(right: Sequence[LargestError], wrong: Sequence[LargestError]) -> Margins:
    """What is wrong within the tolerance (it changes its arguments, say) is wrong for another reason."""
    return Margins(
        max(right, key=lambda extreme: extreme.error, default=None),
        min((item for item in wrong if item.error > 1), key=lambda extreme: extreme.error, default=None),
    )


def _try(problem: str, kind: str, id: str, expected: str, judgement: Judgement) -> Trial:
    named = judgement.diagnosis.id if judgement.diagnosis else ""
    return Trial(problem, kind, id, expected, _describe(judgement), judgement.verdict, named)


def _describe(judgement: Judgement) -> str:
    if judgement.verdict == "wrong":
        return f"named {judgement.diagnosis.id}" if judgement.diagnosis else "wrong, not named"
    if judgement.verdict == "right" and not has_all_points(judgement):
        return "right, but not all points"
    if judgement.failure is not None:
        return f"{judgement.verdict}: {judgement.failure.message}"
    return judgement.verdict


def ask_function(question: PreparedProblem, function: Function) -> list[Answer]:
    """What an author's own function answers, called in this process."""
    return [_ask(function, item) for item in question.asked]


def _ask(function: Function, posed: SolvedCase) -> Answer:
    try:
        arrays = call(function, posed.case)
    except Exception as error:
        return Failed(Failure("raised", f"raised {type(error).__name__}: {error}"))
    if any(array.dtype.kind not in "biufc" for array in arrays):
        return Failed(Failure("not_numeric", "returned something that is no array of numbers"))
    return Returned(arrays, inputs_changed=False, aliased=False)
