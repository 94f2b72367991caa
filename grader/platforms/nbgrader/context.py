"""Grading the submissions of one notebook: what they are held against, and what a process keeps between them."""

from __future__ import annotations

import atexit
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from pathlib import Path

from grader.answers.sandbox import Sandbox
from grader.answers.submission import SubmittedFile, parse_submission
from grader.grading.grade import Grader, versions
from grader.grading.isolation import prove_isolation
from grader.grading.prepare import PreparedAssignment, prepare
from grader.grading.result_keys import assignment_key
from grader.platforms.nbgrader.released_versions import (
    ReleasedVersion,
    VersionMatch,
    choose_edition,
    choose_seed,
    find_editions,
    open_main,
)
from grader.platforms.nbgrader.restore_cells import Notebook, ReleasedNotebook, claimed_versions
from grader.problems.course import Assignment, Course, find_course
from grader.reports.report import Failure, ProblemReport, Report
from grader.truths.cache import user_cache

OTHER_RELEASE = "other_release"
_MOST_GRADERS = 4


@dataclass(frozen=True, slots=True, eq=False)
class GradingContext:
    """All that grading a notebook depends on, but for the submission.

    Args:
        folder: of the nbgrader course, for what is said. main: the course with the problems as they are now.
    """

    folder: Path
    master: ReleasedNotebook
    main: Course
    editions: tuple[ReleasedVersion, ...]
    seed: int
    _keys: dict[tuple[ReleasedVersion, tuple[str, ...]], str] = field(default_factory=dict)

    def choose(self, notebook: Notebook) -> VersionMatch:
        """What this submission is graded against."""
        return choose_edition(
            self.editions, self.master.points, claimed_versions(notebook), self.master.versions
        )

    def assignment(self, choice: VersionMatch) -> Assignment:
        """The problems that can be graded, with the gradebook's points."""
        points = self.master.points
        worth = {id: Fraction(str(points[id])) for id in choice.problems}
        return Assignment(self.master.assignment, self.master.assignment, None, worth)

    def key(self, choice: VersionMatch) -> str:
        """The key of the exam, which all results depend on; found once for a class."""
        which = (choice.edition, choice.problems)
        if which not in self._keys:
            self._keys[which] = assignment_key(choice.edition.course, self.assignment(choice), self.seed)
        return self._keys[which]


def open_desk(
    folder: Path,
    master: ReleasedNotebook,
    places: Sequence[Path],
    problems: str = "",
    seed: int | None = None,
) -> GradingContext:
    """A desk for a notebook.

    Args:
        folder: of the nbgrader course. places: folders with the problems of older releases.
        problems: the folder of the course with its solutions, as seen from `folder`; else found upward from it.
    """
    found = folder / problems if problems else find_course(folder)
    main = open_main(found.resolve())
    drawn = choose_seed(folder, master.assignment, main, seed)
    return GradingContext(folder, master, main, find_editions(main, places), drawn)


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

    def grader(self, desk: GradingContext, choice: VersionMatch, trusted: bool) -> Grader:
        """The grader of these problems, made ready once."""
        key = f"{desk.key(choice)} {trusted}"
        if key not in self._graders:
            while len(self._graders) >= _MOST_GRADERS:
                del self._graders[next(iter(self._graders))]
            assignment, course = desk.assignment(choice), choice.edition.course
            exam = prepare(course, assignment, desk.seed, store=user_cache())
            self._graders[key] = Grader(exam, self._sandbox(exam, trusted))
        return self._graders[key]

    def grade(
        self, desk: GradingContext, choice: VersionMatch, handin: SubmittedFile, trusted: bool
    ) -> Report:
        """The report of a submission, with the problems that had to be refused."""
        if not choice.problems:
            return add_refused(empty_report(desk, handin), desk, choice)
        report = self.grader(desk, choice, trusted).grade(parse_submission(handin))
        return add_refused(report, desk, choice)

    def _sandbox(self, exam: PreparedAssignment, trusted: bool) -> Sandbox:
        kind = (exam.limits, exam.libraries, trusted)
        if kind not in self._sandboxes:
            prove_isolation(exam, trusted)
            self._sandboxes[kind] = Sandbox(exam.limits, exam.libraries)
        return self._sandboxes[kind]


@cache
def open_bench() -> GraderPool:
    """The bench of this process."""
    return GraderPool()


def empty_report(desk: GradingContext, handin: SubmittedFile) -> Report:
    """The report of a submission none of whose problems can be graded."""
    nothing = Fraction(0)
    return Report(
        handin.student, desk.master.assignment, "graded", nothing, nothing, "none", desk.seed, versions(), (),
        file=handin.name,
    )  # fmt: skip


def add_refused(report: Report, desk: GradingContext, choice: VersionMatch) -> Report:
    """The report with the problems that are not graded, in the notebook's order."""
    if not choice.refused:
        return report
    found = {problem.id: problem for problem in report.problems}
    found |= {id: _refuse(desk, choice, id) for id in choice.refused}
    problems = tuple(found[id] for id in desk.master.points)
    worth = sum((problem.max_score for problem in problems), Fraction(0))
    return replace(report, problems=problems, max_score=worth)


def _refuse(desk: GradingContext, choice: VersionMatch, id: str) -> ProblemReport:
    known = desk.main.problems.get(id)
    function = known.function if known else id.replace("-", "_")
    now = "has changed since" if known else "is no longer in the course"
    message = (
        f"the problem {id} {now} this notebook was released, and the released text is not in "
        f"source/{desk.master.assignment} any more"
    )
    worth = Fraction(str(desk.master.points[id]))
    title = known.title if known else id
    return ProblemReport(
        id, function, title, Fraction(0), worth, "grader_error", error=Failure(OTHER_RELEASE, message)
    )
