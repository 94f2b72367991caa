"""A course: a folder with `config.yaml`, `exercises/` and, at the instructor's, `solutions/`."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from grader.core.errors import AuthorError, Fault, GraderError, join_errors, suggest
from grader.core.seeds import SEEDS, is_seed
from grader.problems.config_yaml import (
    AssignedFile,
    AssignmentFile,
    ConfigFile,
    LimitsFile,
    SeedFile,
    WeakestLevel,
    find_config_faults,
)
from grader.problems.load import load_problem
from grader.problems.misplaced_course import find_misplaced
from grader.problems.problem import PROBLEM_ID, Problem
from grader.problems.sealed_mistakes import SealedWords, read_sealed
from grader.problems.solution import Solution, load_solution, read_worked
from grader.problems.yaml_model import read_model
from grader.reports.assignment import PublishedAssignment, PublishedProblem, WorkedSolution
from grader.reports.lateness import NO_PENALTY, LatePolicy, Penalty


@dataclass(frozen=True, slots=True)
class Assignment:
    """Problems with the points they are worth, in order.

    Args:
        faulty: the errors of those problems that cannot be read; they have no points.
        late: which submission counts if a student has one on time and a late one.
        grace: seconds after the date that cost nothing. penalty: what later ones lose.
    """

    id: str
    title: str
    due: datetime.date | None
    points: Mapping[str, Fraction]
    faulty: tuple[AuthorError, ...] = ()
    late: LatePolicy = "last"
    grace: float = 0.0
    penalty: Penalty = NO_PENALTY


@dataclass(frozen=True, slots=True)
class Course:
    """A checked `config.yaml` and all problems below `exercises/`.

    Args:
        seed: of the inputs that students check with. install: what students install; may be empty.
        secret_seed: of those that they are graded with, from the environment; None to draw a fresh one.
        isolation: the weakest level at which a class is graded.
        faulty: the errors of the problems that cannot be read, by id.
        searched: where a course was looked for upward, if none was found and this is the bundled one.
    """

    folder: Path
    title: str
    seed: int
    secret_seed: int | None
    cases: int
    libraries: tuple[str, ...]
    install: str
    limits: LimitsFile
    isolation: WeakestLevel
    assignments: Mapping[str, Assignment]
    problems: Mapping[str, Problem]
    faulty: Mapping[str, AuthorError] = field(default_factory=dict)
    searched: tuple[Path, ...] = ()

    def assignment(self, assignment_id: str | None) -> Assignment:
        """The assignment of that id, with all of its problems; the first if none is named.

        Raises:
            GraderError: there is no such assignment, or it holds a problem that cannot be read.
        """
        found = self.find_assignment(assignment_id)
        if found.faulty:
            raise join_errors(found.faulty)
        return found

    def find_assignment(self, assignment_id: str | None) -> Assignment:
        """The same, without the problems that cannot be read.

        Raises:
            GraderError: there is no such assignment.
        """
        if assignment_id is None:
            return next(iter(self.assignments.values()))
        if assignment_id not in self.assignments:
            hint = suggest(assignment_id, self.assignments)
            raise GraderError(f"There is no assignment '{assignment_id}' in {self._described}; {hint}")
        return self.assignments[assignment_id]

    def problem(self, problem_id: str) -> Problem:
        """The problem of that id.

        Raises:
            GraderError: there is no such problem, or it cannot be read.
        """
        if problem_id in self.faulty:
            raise self.faulty[problem_id]
        if problem_id not in self.problems:
            hint = suggest(problem_id, self.problems)
            raise GraderError(f"There is no problem '{problem_id}' in {self._described}; {hint}")
        return self.problems[problem_id]

    def solution(self, problem_id: str) -> Solution | None:
        """The solution of a problem; None where the course is kept without `solutions/`."""
        folder = self._solution_folder(problem_id)
        return load_solution(folder, self.problems[problem_id]) if folder.is_dir() else None

    def sealed_mistakes(self, problem_id: str, seed: int) -> tuple[SealedWords, ...]:
        """What a released problem can say of listed mistakes, at the seed that it was released for."""
        return read_sealed(self.folder / "exercises" / problem_id, seed, self.cases)

    def worked(self, problem_id: str) -> WorkedSolution | None:
        """The worked solution of a problem; None where the course is kept without `solutions/`."""
        folder = self._solution_folder(problem_id)
        return read_worked(folder, self.problems[problem_id].function) if folder.is_dir() else None

    @property
    def has_solutions(self) -> bool:
        """Is this an instructor's copy?"""
        return (self.folder / "solutions").is_dir()

    @property
    def solutions_hint(self) -> str:
        """Say where the solutions are, where this copy of the course has none."""
        if self.folder == bundled_course():
            return "for the solutions of the bundled course, run pip install ./solutions in a clone"
        return f"{self.folder} is a copy for students; give the instructor's with --course"

    @property
    def _described(self) -> str:
        """The folder, or why this is the bundled course."""
        if not self.searched:
            return str(self.folder)

        folders = " and ".join(map(str, self.searched))
        missing = f"no config.yaml with exercises/ beside it was found in {folders} or above"
        reason = f"the bundled course, which is used because {missing}"
        advice = find_misplaced(self.searched)
        return f"{reason} ({advice})" if advice else reason

    def _solution_folder(self, problem_id: str) -> Path:
        return self.folder / "solutions" / problem_id


def publish_assignment(
    course: Course, assignment: Assignment, show_solutions: bool | None = None
) -> PublishedAssignment:
    """Publish an assignment, solutions included; `for_students` in `grader.reports.assignment` leaves them out.

    Args:
        show_solutions: what the instructor said about them; None leaves it to the due date.
    """
    problems = [course.problems[problem_id] for problem_id in assignment.points]
    published = tuple(PublishedProblem(p.id, p.signature, p.statement, course.worked(p.id)) for p in problems)
    due = assignment.due.isoformat() if assignment.due else ""
    return PublishedAssignment(
        course.title, assignment.title, due, show_solutions, published, assignment.grace
    )


def open_course(folder: Path | str | None = None, near: Path | None = None) -> Course:
    """Open the course in a folder, or the nearest one.

    Args:
        folder: the one with `config.yaml`; if None it is found upward from the current folder.
        near: a file; if no course is found there, one is looked for upward from it. Else it is the bundled one.

    Raises:
        GraderError: the folder holds no course, or files of the course have faults.
    """
    if folder is None:
        starts = [Path.cwd()]
        if near is not None:
            starts.append(near.resolve().parent)
        found = _find_course(*starts)
        if found is not None:
            return load_course(found)
        return replace(load_course(bundled_course()), searched=tuple(dict.fromkeys(starts)))

    folder = Path(folder)
    if not (folder / "config.yaml").is_file():
        raise GraderError(f"{folder} is not a course: it has no config.yaml")
    return load_course(folder)


def find_course(*starts: Path) -> Path:
    """Find the nearest folder upward that holds `config.yaml` and `exercises/`, else the bundled course.

    Args:
        starts: folders to look upward from; the first of them that is in a course decides.
    """
    return _find_course(*starts) or bundled_course()


def _find_course(*starts: Path) -> Path | None:
    for start in starts:
        for folder in (start, *start.parents):
            if (folder / "config.yaml").is_file() and (folder / "exercises").is_dir():
                return folder
    return None


def bundled_course() -> Path:
    """The course that ships with the package: inside a wheel, or the checkout it was installed from."""
    package = Path(__file__).parents[1]
    bundled = package / "bundled"
    return bundled if bundled.is_dir() else package.parent


def load_course(folder: Path) -> Course:
    """Read `config.yaml` and every problem under `exercises/`.

    A problem that cannot be read stops only the assignments that hold it.

    Raises:
        AuthorError, AuthorErrors: `config.yaml` has faults; those of the problems are told with them.
    """
    config = folder / "config.yaml"
    problems, faulty = load_problems(folder / "exercises")
    known = [*problems, *faulty]
    try:
        file = read_model(config, ConfigFile, lambda file: find_config_faults(file, known, problems))
    except AuthorError as error:
        raise join_errors([error, *faulty.values()]) from None

    seed, secret_seed = _read_seeds(file.seed, config)
    return Course(
        folder=folder,
        title=file.course,
        seed=seed,
        secret_seed=secret_seed,
        cases=file.cases,
        libraries=tuple(file.libraries),
        install=file.install,
        limits=file.limits,
        isolation=file.isolation.at_least,
        assignments={name: _resolve(name, item, problems, faulty) for name, item in file.assignments.items()},
        problems=problems,
        faulty=faulty,
    )


def load_problems(exercises: Path) -> tuple[dict[str, Problem], dict[str, AuthorError]]:
    """Read every problem below a folder.

    Returns:
        The problems by id, and the errors of those that cannot be read.
    """
    problems: dict[str, Problem] = {}
    faulty: dict[str, AuthorError] = {}
    for folder in sorted(path for path in exercises.glob("*") if path.is_dir()):
        path, name = folder / "problem.yaml", folder.name
        # Folders with other names, such as `.ipynb_checkpoints`, are no problems.
        if not path.exists() and not PROBLEM_ID.fullmatch(name):
            continue

        try:
            problems[name] = load_problem(path)
        except AuthorError as error:
            faulty[name] = error
    return problems, faulty


def _resolve(
    assignment_id: str,
    file: AssignmentFile,
    problems: Mapping[str, Problem],
    faulty: Mapping[str, AuthorError],
) -> Assignment:
    points: dict[str, Fraction] = {}
    errors: list[AuthorError] = []

    for entry in file.problems:
        assigned = AssignedFile(id=entry) if isinstance(entry, str) else entry
        if assigned.id in faulty:
            errors.append(faulty[assigned.id])
            continue
        own = problems[assigned.id].points
        points[assigned.id] = own if assigned.points is None else Fraction(assigned.points)

    return Assignment(
        assignment_id,
        file.title or assignment_id,
        file.due,
        points,
        tuple(errors),
        file.late,
        file.grace_seconds,
        file.make_penalty(),
    )


def _read_seeds(seed: int | SeedFile, config: Path) -> tuple[int, int | None]:
    """The seed that students check with, and the one to grade with if the environment tells."""
    if isinstance(seed, int):
        return _check_seed(seed, config), None

    text = os.environ.get(seed.env)
    if text is None:
        return _check_seed(seed.default, config), None
    if not text.isdecimal():
        message = f"the environment variable {seed.env} must be a whole number, found {text!r}"
        raise AuthorError(config, [Fault(message, "seed")])
    number = _check_seed(int(text), config)
    return number, number


def _check_seed(number: int, config: Path) -> int:
    if not is_seed(number):
        raise AuthorError(config, [Fault(f"{number} must be {SEEDS}", "seed")])
    return number
