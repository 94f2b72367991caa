"""A course: a folder with `config.yaml`, `exercises/` and, at the instructor's, `solutions/`."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from pydantic import Field, field_validator

from grader.core.errors import AuthorError, AuthorErrors, Fault, GraderError, suggest
from grader.core.seeds import SEEDS, is_seed
from grader.problems.load import load_problem
from grader.problems.problem import Problem
from grader.problems.solution import Solution, load_solution, read_worked
from grader.problems.yaml_model import FieldFault, StrictModel, read_model
from grader.problems.yaml_reader import FieldPath
from grader.reports.assignment import PublishedAssignment, PublishedProblem, WorkedSolution

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?!\d)")


class LimitsFile(StrictModel):
    """What a submission may use."""

    seconds: float = Field(default=2, gt=0, le=600, description="wall clock for all calls of one function")
    cpu_seconds: float = Field(
        default=1, gt=0, le=600, description="processor time for all calls of one function"
    )
    total_seconds: float = Field(default=30, gt=0, le=3600, description="wall clock for the submission")
    memory_mb: int = Field(default=512, ge=64, le=65536, description="memory beyond that of numpy")
    output_kb: int = Field(default=1024, ge=1, le=1048576, description="what a submission may print")


class SeedFile(StrictModel):
    """A seed that the environment may set."""

    env: str = Field(min_length=1, description="the environment variable that overrides the default")
    default: int = Field(ge=0)


class AssignedFile(StrictModel):
    """A problem of an assignment, with points other than the sum of its checks'."""

    id: str
    points: Decimal | None = Field(default=None, gt=0)


class AssignmentFile(StrictModel):
    """An ordered list of problems."""

    title: str = ""
    due: datetime.datetime | datetime.date | None = None
    problems: list[str | AssignedFile] = Field(min_length=1)

    @field_validator("due", mode="before")
    @classmethod
    def _refuse_numbers(cls, due: object) -> object:
        # Numbers would count as seconds since 1970, and 20261001 would show solutions at once.
        if due is None or isinstance(due, datetime.date) or (isinstance(due, str) and _DATE.match(due)):
            return due
        raise ValueError(
            f"{due!r} must be a date, such as 2026-10-01, or a time, such as 2026-10-01T18:00:00+02:00"
        )


class ConfigFile(StrictModel):
    """The format of `config.yaml`."""

    course: str = Field(min_length=1)
    seed: int | SeedFile = 0
    cases: int = Field(default=24, ge=4, le=1000, description="cases per problem, at least")
    libraries: list[str] = Field(default=["numpy"], description="modules that submissions may import")
    install: str = Field(
        default="pip install frechet-grader",
        min_length=1,
        pattern=r"[^\n`]+",
        description="the command with which students install the grader, as released folders tell them",
    )
    limits: LimitsFile = LimitsFile()
    assignments: dict[str, AssignmentFile] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Assignment:
    """Problems with the points they are worth, in order."""

    id: str
    title: str
    due: datetime.date | None
    points: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class Course:
    """A checked `config.yaml` and all problems of its assignments.

    Args:
        seed: of the inputs that students check with. install: how students install the grader.
        secret_seed: of those that they are graded with, from the environment; None to draw a fresh one.
    """

    folder: Path
    title: str
    seed: int
    secret_seed: int | None
    cases: int
    libraries: tuple[str, ...]
    install: str
    limits: LimitsFile
    assignments: Mapping[str, Assignment]
    problems: Mapping[str, Problem]

    def assignment(self, id: str | None) -> Assignment:
        """The assignment of that id; the only one, or the first, if none is named.

        Raises:
            GraderError: there is no such assignment.
        """
        if id is None:
            return next(iter(self.assignments.values()))
        if id not in self.assignments:
            raise GraderError(
                f"There is no assignment '{id}' in {self.folder}; {suggest(id, self.assignments)}"
            )
        return self.assignments[id]

    def problem(self, id: str) -> Problem:
        """The problem of that id.

        Raises:
            GraderError: there is no such problem.
        """
        if id not in self.problems:
            raise GraderError(f"There is no problem '{id}' in {self.folder}; {suggest(id, self.problems)}")
        return self.problems[id]

    def solution(self, id: str) -> Solution | None:
        """The solution of a problem; None where the course is kept without `solutions/`."""
        folder = self.folder / "solutions" / id
        return load_solution(folder, self.problems[id]) if folder.is_dir() else None

    def worked(self, id: str) -> WorkedSolution | None:
        """The worked solution of a problem; None where the course is kept without `solutions/`."""
        folder = self.folder / "solutions" / id
        return read_worked(folder, self.problems[id].function) if folder.is_dir() else None


def publish_assignment(
    course: Course, assignment: Assignment, told: bool | None = None
) -> PublishedAssignment:
    """All of an assignment's sheet, solutions included; `for_students` in `grader.reports.assignment` leaves them out.

    Args:
        told: whether the instructor said to show solutions; None leaves it to the due date.
    """
    problems = [course.problems[id] for id in assignment.points]
    tasks = tuple(PublishedProblem(p.id, p.signature, p.statement, course.worked(p.id)) for p in problems)
    due = assignment.due.isoformat() if assignment.due else ""
    return PublishedAssignment(course.title, assignment.title, due, told, tasks)


def find_course(*starts: Path) -> Path:
    """The nearest folder upward that holds `config.yaml` and `exercises/`, else the bundled one.

    Args:
        starts: folders to look upward from; the first of them that is in a course decides.
    """
    for start in starts:
        for folder in (start, *start.parents):
            if (folder / "config.yaml").is_file() and (folder / "exercises").is_dir():
                return folder
    return bundled_course()


def bundled_course() -> Path:
    """The course that ships with the package: inside a wheel, or the checkout it was installed from."""
    package = Path(__file__).parents[1]
    bundled = package / "bundled"
    return bundled if bundled.is_dir() else package.parent


def open_course(folder: Path | str | None = None, near: Path | None = None) -> Course:
    """Open the course in a folder, or the nearest one.

    Args:
        folder: the one with `config.yaml`; if None it is found upward from the current folder.
        near: a file; if no course is found there, one is looked for upward from it. Else it is the bundled one.

    Raises:
        GraderError: the folder holds no course, or files of the course have faults.
    """
    if folder is None:
        return load_course(find_course(Path.cwd(), *([near.resolve().parent] if near is not None else [])))

    folder = Path(folder)
    if not (folder / "config.yaml").is_file():
        raise GraderError(f"{folder} is no course: it has no config.yaml")
    return load_course(folder)


def load_course(folder: Path) -> Course:
    """Read `config.yaml` and every problem under `exercises/`.

    Raises:
        AuthorError, AuthorErrors: with every fault of every file.
    """
    problems, errors = load_problems(folder / "exercises")
    try:
        file = read_model(
            folder / "config.yaml", ConfigFile, lambda file: _examine(file, folder / "exercises", problems)
        )
    except AuthorError as error:
        errors.insert(0, error)
    if errors:
        raise errors[0] if len(errors) == 1 else AuthorErrors(errors)
    try:
        seed, secret = _seeds(file.seed)
        if not is_seed(seed):
            raise ValueError(f"{seed} must be {SEEDS}")
    except ValueError as error:
        raise AuthorError(folder / "config.yaml", [Fault(str(error), "seed")]) from None
    assignments = {id: _assignment(id, item, problems) for id, item in file.assignments.items()}
    return Course(
        folder, file.course, seed, secret, file.cases, tuple(file.libraries), file.install, file.limits, assignments,
        problems,
    )  # fmt: skip


def load_problems(exercises: Path) -> tuple[dict[str, Problem], list[AuthorError]]:
    """Every problem below a folder, and the faults of those that could not be read."""
    problems: dict[str, Problem] = {}
    errors: list[AuthorError] = []
    for path in sorted(exercises.glob("*/problem.yaml")):
        try:
            problems[path.parent.name] = load_problem(path)
        except AuthorError as error:
            errors.append(error)
    return problems, errors


def _assignment(id: str, file: AssignmentFile, problems: Mapping[str, Problem]) -> Assignment:
    points: dict[str, Fraction] = {}
    for item in file.problems:
        if isinstance(item, str):
            points[item] = problems[item].points
        else:
            points[item.id] = Fraction(item.points) if item.points is not None else problems[item.id].points
    return Assignment(id, file.title or id, file.due, points)


def _examine(file: ConfigFile, exercises: Path, problems: Mapping[str, Problem]) -> list[FieldFault]:
    known = [path.parent.name for path in exercises.glob("*/problem.yaml")]
    found: list[FieldFault] = []
    for id, assignment in file.assignments.items():
        if not _ID.fullmatch(id):
            found.append(
                (("assignments", id), f"'{id}' is no assignment id; use letters, digits, '-', '_' and '.'")
            )
        names = [item if isinstance(item, str) else item.id for item in assignment.problems]
        for position, name in enumerate(names):
            at: FieldPath = ("assignments", id, "problems", position)
            if name not in known:
                found.append((at, f"there is no problem '{name}'; {suggest(name, known)}"))
            functions = {problems[other].function: other for other in names[:position] if other in problems}
            if name in problems and name not in names[:position] and problems[name].function in functions:
                other = functions[problems[name].function]
                found.append((at, f"'{name}' and '{other}' have the same function {problems[name].function}"))
            if name in names[:position]:
                found.append((at, f"problem '{name}' stands twice"))
    return found


def _seeds(seed: int | SeedFile) -> tuple[int, int | None]:
    """The seed that students check with, and the one to grade with if the environment tells."""
    if isinstance(seed, int):
        return seed, None
    text = os.environ.get(seed.env)
    if text is None:
        return seed.default, None
    if not text.isdecimal():
        raise ValueError(f"the environment variable {seed.env} must be a whole number, found {text!r}")
    return int(text), int(text)
