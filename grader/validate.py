"""Prove that problems grade fairly: right formulas get everything, wrong ones fail and are named."""

from __future__ import annotations

from dataclasses import dataclass

from grader.course import Assignment, Course
from grader.diagnosis import call
from grader.grading import Exam, Judgement, Question, calls_of, judge_answers, prepare
from grader.oracle.truth import Posed
from grader.report import Failure
from grader.sandbox import Answer, Failed, Returned, Sandbox
from grader.solution import Function, Solution
from grader.starter import starter
from grader.submission import Cell


@dataclass(frozen=True, slots=True)
class Trial:
    """One variant put to the test.

    Args:
        kind: oracle, starter, reference, alternative or mistake.
        expected, found: what should have come out and what did, in words; equal when it went well.
    """

    problem: str
    kind: str
    id: str
    expected: str
    found: str

    @property
    def passed(self) -> bool:
        """Whether it came out as it should."""
        return self.expected == self.found


def validate_problem(course: Course, id: str, seed: int) -> tuple[Trial, ...]:
    """All trials of one problem.

    Raises:
        AuthorError: the solution's files have faults.
    """
    problem = course.problem(id)
    assignment = Assignment("validate", "", None, {id: problem.points})
    exam = prepare(course, assignment, seed)
    question = exam.questions[0]
    trials = [_oracle(question), _starter(exam, question)]
    solution = course.solution(id)
    if solution is not None:
        trials += _variants(question, solution)
    return tuple(trials)


def _oracle(question: Question) -> Trial:
    lost = [item.case.family for item in question.posed if item.truth is None]
    found = f"undecided: {', '.join(sorted(set(lost)))}" if lost else "decided"
    return Trial(question.problem.id, "oracle", f"{len(question.posed)} cases", "decided", found)


def _starter(exam: Exam, question: Question) -> Trial:
    """The stub must run, in the real sandbox, and earn nothing."""
    problem = question.problem
    with Sandbox(exam.limits, exam.libraries) as sandbox:
        run = sandbox.run([Cell("starter.py", starter(problem))], calls_of(question))
    judgement = judge_answers(question, run.answers)
    return Trial(
        problem.id,
        "starter",
        "stub",
        "no points",
        "no points" if judgement.score == 0 else _describe(judgement),
    )


def _variants(question: Question, solution: Solution) -> list[Trial]:
    id = question.problem.id
    right = [("reference", "reference", solution.reference)]
    right += [("alternative", variant.id, variant.answer) for variant in solution.alternatives]
    trials = [
        Trial(id, kind, name, "right", _describe(judge_function(question, answer)))
        for kind, name, answer in right
    ]
    for mistake in solution.mistakes:
        judgement = judge_function(question, mistake.answer)
        trials.append(Trial(id, "mistake", mistake.id, f"named {mistake.id}", _describe(judgement)))
    return trials


def _describe(judgement: Judgement) -> str:
    if judgement.verdict == "wrong":
        return f"named {judgement.diagnosis.id}" if judgement.diagnosis else "wrong, not named"
    if judgement.verdict == "right" and any(
        finding.score != finding.max_score for finding in judgement.findings
    ):
        return "right, but not all points"
    if judgement.failure is not None:
        return f"{judgement.verdict}: {judgement.failure.message}"
    return judgement.verdict


def judge_function(question: Question, function: Function) -> Judgement:
    """Judge an author's own function, called in this process."""
    return judge_answers(question, [_ask(function, item) for item in question.asked])


def _ask(function: Function, posed: Posed) -> Answer:
    try:
        arrays = call(function, posed.case)
    except Exception as error:
        return Failed(Failure("raised", f"raised {type(error).__name__}: {error}"))
    if any(array.dtype.kind not in "biufc" for array in arrays):
        return Failed(Failure("not_numeric", "returned something that is no array of numbers"))
    return Returned(arrays, inputs_changed=False, aliased=False)


__all__ = ["Trial", "judge_function", "validate_problem"]
