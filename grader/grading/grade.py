"""Grade one submission: pose the questions, run them in the sandbox, judge the answers, write the report."""

from __future__ import annotations

import platform
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache, partial
from weakref import ref

import flint
import numpy as np

from grader.answers.sandbox import SHORT, Answer, Call, Function, Limits, Run, Sandbox
from grader.answers.sandbox import Value as SentValue
from grader.answers.submission import Submission, show_lines
from grader.cases.draw import Formula, Value, generator
from grader.core.version import __version__
from grader.core.worker_pool import Crash, run_parallel
from grader.findings.checks import run_checks
from grader.findings.compare import JudgedAnswers, compare_all
from grader.findings.diagnosis import Candidates, KnownMistake, diagnose, evaluate_mistakes
from grader.findings.error_fingerprint import find_residual
from grader.findings.remainder_curve import draw_remainder
from grader.problems.algebras import SOURCE
from grader.problems.course import Assignment, Course
from grader.problems.expression import evaluate
from grader.problems.problem import Problem
from grader.reports.report import (
    Diagnosis,
    Failure,
    Finding,
    ProblemReport,
    Remainder,
    Report,
    Status,
    Verdict,
)
from grader.truths.cache import TruthCache, compute
from grader.truths.remainder import RemainderCurve
from grader.truths.truth import SolvedCase

MISSING = ("missing", "not_callable")
_SMALL = 1 << 17
"""Bytes of answers to one question that are kept, if each is short, with what was found about them."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class PreparedProblem:
    """A problem ready to be asked.

    Args:
        points: what it is worth in the assignment.
        posed: its cases with truths; asked: the decided ones in the order of the calls, each of them twice.
        suspects: its known mistakes; guesses: what else a wrong answer is compared with.
        curve: the remainder of the true derivative, None for a value.
    """

    problem: Problem
    points: Fraction
    posed: tuple[SolvedCase, ...]
    asked: tuple[SolvedCase, ...]
    suspects: tuple[KnownMistake, ...]
    guesses: Candidates
    curve: RemainderCurve | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PreparedAssignment:
    """An assignment ready to be graded; it depends on problems and seed, not on any submission."""

    assignment: str
    seed: int
    limits: Limits
    libraries: tuple[str, ...]
    questions: tuple[PreparedProblem, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found about one function; `failure` is why some or all of its calls gave no answer.

    Args:
        residual: the wrong numbers' fingerprint.
    """

    verdict: Verdict
    failure: Failure | None
    findings: tuple[Finding, ...]
    diagnosis: Diagnosis | None
    remainder: Remainder | None = None
    residual: str = ""

    @property
    def score(self) -> Fraction:
        """The points of all checks together."""
        return sum((finding.score for finding in self.findings), Fraction(0))


def prepare(
    course: Course,
    assignment: Assignment,
    seed: int,
    only: Sequence[str] = (),
    jobs: int = 1,
    store: TruthCache | None = None,
) -> PreparedAssignment:
    """Draw all cases and find their truths.

    Args:
        only: problems to keep; all of the assignment's if empty.
        jobs: processes to share the work; more than one only where forking is possible.
        store: where truths are kept from run to run.

    Raises:
        AuthorError: a solution has faults.
    """
    wanted = {id: points for id, points in assignment.points.items() if not only or id in only}
    opened = partial(_open_questions, course, wanted, seed, store)
    new = [id for id in wanted if store is None or not store.holds(course.problems[id], seed, course.cases)]
    found: dict[str, PreparedProblem] = {}
    if jobs > 1 and len(new) > 1 and sys.platform == "linux":
        results = run_parallel(opened, new, min(jobs, len(new)), "fork")
        # What failed there is done again here, so that its error is seen.
        found = {id: result for id, result in results if not isinstance(result, Crash)}
    with opened() as question:
        questions = tuple(found.get(id) or question(id) for id in wanted)
    return PreparedAssignment(assignment.id, seed, limits_of(course), course.libraries, questions)


def limits_of(course: Course) -> Limits:
    """What the course lets each submission use."""
    return Limits(**course.limits.model_dump())


@contextmanager
def _open_questions(
    course: Course, points: Mapping[str, Fraction], seed: int, store: TruthCache | None
) -> Iterator[Callable[[str], PreparedProblem]]:
    find = compute if store is None else store.find

    def question(id: str) -> PreparedProblem:
        problem, solution = course.problems[id], course.solution(id)
        posed, curve = find(problem, seed, course.cases)
        suspects = evaluate_mistakes(solution.mistakes, posed, problem.norm) if solution else ()
        asked, guesses = _shuffle(posed, f"{seed}/{id}/calls"), Candidates(problem, posed)
        return PreparedProblem(problem, points[id], posed, asked, suspects, guesses, curve)

    yield question


def _shuffle(posed: Sequence[SolvedCase], key: str) -> tuple[SolvedCase, ...]:
    """All decided cases, and all of them again, in two random orders.

    A function cannot tell by its position what it is asked, and one that errs on some later call is found out.
    """
    decided = [item for item in posed if item.truth is not None]
    rng = generator(key)
    return tuple(decided[k] for _ in range(2) for k in rng.permutation(len(decided)))


def grade(exam: PreparedAssignment, submission: Submission, sandbox: Sandbox) -> Report:
    """The report of one submission; whatever is wrong with it is in the report.

    Raises:
        SandboxError: the sandbox itself failed, which is never the submission's fault.
    """
    isolation = sandbox.isolation.level
    if submission.fault is not None:
        return ungraded(exam, submission, "ungradable", submission.fault, isolation)
    calls = [call for question in exam.questions for call in calls_of(question)]
    run = sandbox.run(submission.cells, calls)
    problems = []
    position = 0
    for question in exam.questions:
        count = len(question.asked)
        problems.append(
            _grade_problem(exam, question, submission, run, run.answers[position : position + count])
        )
        position += count
    broken = _show(next(iter(run.load), None), submission)
    nothing = broken is not None and all(report.verdict in ("missing", "error") for report in problems)
    status: Status = "ungradable" if nothing else "graded"
    return make_report(exam, submission, status, tuple(problems), broken, isolation, run.output)


def ungraded(
    exam: PreparedAssignment, submission: Submission, status: Status, failure: Failure, isolation: str
) -> Report:
    """The report of a submission that could not be run at all."""
    verdict: Verdict = "grader_error" if status == "grader_error" else "error"
    problems = tuple(
        ProblemReport(
            question.problem.id, question.problem.function, question.problem.title, Fraction(0), question.points,
            verdict, error=failure,
        )
        for question in exam.questions
    )  # fmt: skip
    return make_report(exam, submission, status, problems, failure, isolation)


def make_report(
    exam: PreparedAssignment,
    submission: Submission,
    status: Status,
    problems: tuple[ProblemReport, ...],
    error: Failure | None,
    isolation: str,
    output: str = "",
) -> Report:
    """The report of problems that were graded; their points add up to the score."""
    return Report(
        student=submission.student,
        assignment=exam.assignment,
        status=status,
        score=sum((report.score for report in problems), Fraction(0)),
        max_score=sum((report.max_score for report in problems), Fraction(0)),
        isolation=isolation,
        seed=exam.seed,
        versions=versions(),
        problems=problems,
        error=error,
        file=submission.name,
        output=output,
    )


def versions() -> dict[str, str]:
    """The versions that a result depends on."""
    return {
        "grader": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "flint": flint.__version__,
    }


def calls_of(question: PreparedProblem) -> tuple[Call, ...]:
    """What a submission is asked about one problem, in order."""
    return _pose_once(ref(question))


# A class is asked the same, one student after another. What is kept keeps no question: in the kernel of a notebook
# each check has its own, with megabytes of guesses.
@lru_cache(maxsize=64)
def _pose_once(question: ref[PreparedProblem]) -> tuple[Call, ...]:
    found = _still(question)
    problem = found.problem

    def call(posed: SolvedCase) -> Call:
        values = tuple(map(_sendable, posed.case.values.values()))
        return Call(problem.function, values, problem.signature, problem.parts)

    distinct = {item: call(item) for item in dict.fromkeys(found.asked)}
    return tuple(map(distinct.__getitem__, found.asked))


def _still(question: ref[PreparedProblem]) -> PreparedProblem:
    found = question()
    assert found is not None, "the caller holds it"
    return found


def _sendable(value: Value) -> SentValue:
    if not isinstance(value, Formula):
        return value
    names = {name: name for name in (*value.bound, value.argument)}
    source = evaluate(value.expression, names, SOURCE)
    return Function(value.argument, source, tuple(value.bound.items()))


def _grade_problem(
    exam: PreparedAssignment,
    question: PreparedProblem,
    submission: Submission,
    run: Run,
    answers: Sequence[Answer],
) -> ProblemReport:
    id, function = question.problem.id, question.problem.function
    again = f"grader check {shlex.quote(submission.name)} --problem {id} --seed {exam.seed}"
    report = report_problem(question, answers, again, run.seconds.get(function, 0.0))
    return replace(report, error=_show(report.error, submission))


def _show(failure: Failure | None, submission: Submission) -> Failure | None:
    return failure and show_lines(failure, submission.cells)


def report_problem(
    question: PreparedProblem, answers: Sequence[Answer], reproduce: str, seconds: float
) -> ProblemReport:
    """Everything found about one function, from its answers to `question.asked`.

    Args:
        reproduce: what to type to see it again. seconds: how long the answers took.
    """
    problem = question.problem
    judgement = judge_answers(question, answers)
    return ProblemReport(
        id=problem.id,
        function=problem.function,
        title=problem.title,
        score=judgement.score,
        max_score=question.points,
        verdict=judgement.verdict,
        diagnosis=judgement.diagnosis,
        error=judgement.failure,
        findings=judgement.findings,
        hints=problem.hints,
        reproduce=reproduce,
        seconds=round(seconds, 4),
        remainder=judgement.remainder,
        residual=judgement.residual,
    )


def judge_answers(question: PreparedProblem, answers: Sequence[Answer]) -> Judgement:
    """The verdict on one function, from its answers to `question.asked`.

    Students who compute the same thing give the same bytes, and most of a class does: those are judged once. Long
    answers are never the same object, and what is found about them would fill the memory.
    """
    sizes = [answer.size for answer in answers]
    is_small = max(sizes, default=0) <= SHORT and sum(sizes) <= _SMALL
    return _judge_once(ref(question), tuple(answers)) if is_small else _judge(question, tuple(answers))


def _judge(question: PreparedProblem, answers: tuple[Answer, ...]) -> Judgement:
    evidence = compare_all(question.problem, question.asked, answers)
    # Points of a check as part of what the assignment gives for the problem; exact, so that parts add up.
    factor = question.points / question.problem.points
    findings = tuple(_scale(finding, factor) for finding in run_checks(evidence))
    verdict, failure = _verdict(question, evidence, findings)
    if verdict in ("error", "missing"):
        findings = tuple(replace(finding, score=Fraction(0), counterexample=None) for finding in findings)
    diagnosis = diagnose(evidence, question.suspects, question.guesses) if verdict == "wrong" else None
    remainder = draw_remainder(question.curve, evidence) if question.curve else None
    residual = find_residual(evidence) if verdict == "wrong" else ""
    return Judgement(verdict, failure, findings, diagnosis, remainder, residual)


@lru_cache(maxsize=256)
def _judge_once(question: ref[PreparedProblem], answers: tuple[Answer, ...]) -> Judgement:
    return _judge(_still(question), answers)


def _scale(finding: Finding, factor: Fraction) -> Finding:
    return replace(finding, score=finding.score * factor, max_score=finding.max_score * factor)


def _verdict(
    question: PreparedProblem, evidence: JudgedAnswers, findings: Sequence[Finding]
) -> tuple[Verdict, Failure | None]:
    failures = [judged.failure for judged in evidence.all if judged.failure is not None]
    failure = failures[0] if failures else None
    if not evidence.first:
        return "inconclusive", None
    if failure is not None and len(failures) == len(evidence.all):
        return "missing" if failure.kind in MISSING else "error", failure
    outcomes = {finding.outcome for finding in findings if finding.max_score > 0}
    if "failed" in outcomes:
        return "wrong", failure
    undecided = "inconclusive" in outcomes or any(item.truth is None for item in question.posed)
    return ("inconclusive" if undecided else "right"), failure
