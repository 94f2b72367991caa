"""Grade one notebook after another in a process of nbgrader's, and report problems that had to be refused."""

from __future__ import annotations

import atexit
from dataclasses import replace
from fractions import Fraction
from functools import cache

from grader.answers.sandbox import Sandbox
from grader.answers.submission import SubmittedFile, parse_submission
from grader.grading.grade import Grader, versions
from grader.grading.isolation_proof import prove_isolation
from grader.grading.prepare import PreparedAssignment, prepare
from grader.platforms.nbgrader.grading_context import GradingContext
from grader.platforms.nbgrader.released_versions import VersionMatch
from grader.reports.report import Failure, ProblemReport, Report
from grader.truths.cache import user_cache

OTHER_RELEASE = "other_release"
_MOST_GRADERS = 4


class GraderPool:
    """The graders and the sandboxes that a process uses for one notebook after another."""

    def __init__(self) -> None:
        self._graders: dict[str, Grader] = {}
        self._sandboxes: dict[object, Sandbox] = {}
        atexit.register(self.close)

    def close(self) -> None:
        """End the processes; safe to repeat."""
        while self._sandboxes:
            self._sandboxes.popitem()[1].close()
        self._graders.clear()

    def grade(
        self, context: GradingContext, match: VersionMatch, code: SubmittedFile, trusted: bool
    ) -> Report:
        """Grade a submission, and report the problems that had to be refused.

        Args:
            code: the part of its notebook that is run.
            trusted: run it even where it cannot be confined.
        """
        if match.problems:
            report = self._grader(context, match, trusted).grade(parse_submission(code))
        else:
            report = report_without_problems(context, code)
        return add_refused(report, context, match)

    def _grader(self, context: GradingContext, match: VersionMatch, trusted: bool) -> Grader:
        """The grader of these problems, made ready once."""
        key = f"{context.key(match)} {trusted}"
        if key not in self._graders:
            while len(self._graders) >= _MOST_GRADERS:
                del self._graders[next(iter(self._graders))]
            course, assignment = match.version.course, context.assignment(match)
            prepared = prepare(course, assignment, context.seed, store=user_cache())
            self._graders[key] = Grader(prepared, self._sandbox(prepared, trusted))
        return self._graders[key]

    def _sandbox(self, prepared: PreparedAssignment, trusted: bool) -> Sandbox:
        key = (prepared.limits, prepared.libraries, trusted)
        if key not in self._sandboxes:
            prove_isolation(prepared, trusted)
            self._sandboxes[key] = Sandbox(prepared.limits, prepared.libraries)
        return self._sandboxes[key]


@cache
def open_pool() -> GraderPool:
    """The pool of this process; nbgrader makes its steps anew for each notebook, so none of them can hold it."""
    return GraderPool()


def report_without_problems(context: GradingContext, code: SubmittedFile) -> Report:
    """The report of a submission none of whose problems can be graded."""
    return Report(
        student=code.student,
        assignment=context.released.assignment,
        status="graded",
        score=Fraction(0),
        max_score=Fraction(0),
        isolation="none",
        seed=context.seed,
        versions=versions(),
        problems=(),
        file=code.name,
    )


def add_refused(report: Report, context: GradingContext, match: VersionMatch) -> Report:
    """Add the problems that are not graded to a report, in the notebook's order."""
    if not match.refused:
        return report

    reports = {problem.id: problem for problem in report.problems}
    for problem in match.refused:
        reports[problem] = _refuse(context, problem)
    problems = tuple(reports[problem] for problem in context.released.points)
    most = sum((problem.max_score for problem in problems), Fraction(0))
    return replace(report, problems=problems, max_score=most)


def _refuse(context: GradingContext, problem_id: str) -> ProblemReport:
    """Report a problem whose released text is gone."""
    released = context.released
    if known := context.course.problems.get(problem_id):
        title, function, now = known.title, known.function, "has changed since this notebook was released"
    else:
        gone = "cannot be read" if problem_id in context.course.faulty else "is no longer in the course"
        title, function, now = problem_id, problem_id.replace("-", "_"), gone

    message = (
        f"the problem {problem_id} {now}, and the text that was released is not in "
        f"source/{released.assignment} any more"
    )
    return ProblemReport(
        id=problem_id,
        function=function,
        title=title,
        score=Fraction(0),
        max_score=Fraction(str(released.points[problem_id])),
        verdict="grader_error",
        error=Failure(OTHER_RELEASE, message),
    )
