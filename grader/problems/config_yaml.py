"""The format of `config.yaml`, and the faults that it cannot see: problems that do not exist, or stand twice."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Literal

from pydantic import Field, field_validator

from grader.core.errors import suggest
from grader.problems.late_yaml import LateFields
from grader.problems.problem import Problem
from grader.problems.yaml_model import FieldFault, StrictModel
from grader.problems.yaml_reader import FieldPath

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?!\d)")
_WHEN = "a date, such as 2026-10-01, or a time, such as 2026-10-01T18:00:00+02:00"


def _require_day(due: str) -> None:
    """Refuse a date that no calendar has, and a time that no clock has."""
    try:
        datetime.datetime.fromisoformat(due)
    except ValueError as error:
        raise ValueError(f"{due!r} must be {_WHEN} ({error})") from None


class LimitsFile(StrictModel):
    """What a submission may use."""

    seconds: float = Field(
        default=2, gt=0, le=600, description="wall-clock time for all calls of one function"
    )
    cpu_seconds: float = Field(
        default=1, gt=0, le=600, description="processor time for all calls of one function"
    )
    total_seconds: float | None = Field(
        default=None,
        gt=0,
        le=3600,
        description="wall-clock time for the submission; default: learnt from the references, at most 30",
    )
    memory_mb: int = Field(default=512, ge=64, le=65536, description="memory beyond that of numpy")
    output_kb: int = Field(
        default=1024, ge=1, le=1048576, description="how much is kept of what a submission prints"
    )


WeakestLevel = Literal["strong", "standard", "basic"]
"""The levels of isolation that a course can want; without any, a class is graded only if it is trusted."""


class IsolationFile(StrictModel):
    """How well submissions must be confined."""

    at_least: WeakestLevel = Field(
        default="standard", description="the weakest level at which a class is graded"
    )


class SeedFile(StrictModel):
    """A seed that the environment may set."""

    env: str = Field(min_length=1, description="the environment variable that overrides the default")
    default: int = Field(ge=0, description="the seed that students check with")


class AssignedFile(StrictModel):
    """A problem of an assignment, with points other than the sum of its checks'."""

    id: str = Field(description="the problem's id")
    points: Decimal | None = Field(
        default=None, gt=0, description="what it is worth here; default: the sum of its checks' points"
    )


class AssignmentFile(LateFields):
    """An ordered list of problems."""

    title: str = Field(default="", description="what people read; default: the id")
    due: datetime.datetime | datetime.date | None = Field(
        default=None, description="when it is due, such as 2026-10-01; a day ends at midnight"
    )
    problems: list[str | AssignedFile] = Field(min_length=1, description="ids, or ids with points, in order")

    @field_validator("due", mode="before")
    @classmethod
    def _refuse_numbers(cls, due: object) -> object:
        # Numbers would count as seconds since 1970, and 20261001 would show solutions at once.
        if due is None or isinstance(due, datetime.date):
            return due
        if isinstance(due, str) and _DATE.match(due):
            _require_day(due)
            return due
        raise ValueError(f"{due!r} must be {_WHEN}")


class ConfigFile(StrictModel):
    """The format of `config.yaml`."""

    course: str = Field(min_length=1, description="the course's title")
    seed: int | SeedFile = Field(default=0, description="the seed of the inputs that students check with")
    cases: int = Field(default=24, ge=4, le=1000, description="cases per problem, at least")
    libraries: list[str] = Field(default=["numpy"], description="modules that submissions may import")
    install: str = Field(
        default="",
        pattern=r"^[^\n`]*$",
        description="what students install: a URL, a wheel beside this file, a name on an index, or the whole command",
    )
    limits: LimitsFile = Field(default=LimitsFile(), description="what a submission may use")
    isolation: IsolationFile = Field(
        default=IsolationFile(), description="how well submissions must be confined"
    )
    assignments: dict[str, AssignmentFile] = Field(
        min_length=1, description="by id; the first is the default of the command line"
    )


def find_config_faults(
    file: ConfigFile, known: Collection[str], problems: Mapping[str, Problem]
) -> Iterator[FieldFault]:
    """Find what the model alone cannot see.

    Args:
        known: the ids of all problems; problems: those of them that could be read.
    """
    for assignment_id, assignment in file.assignments.items():
        if not _ID.fullmatch(assignment_id):
            message = f"'{assignment_id}' is not an assignment id; use letters, digits, '-', '_' and '.'"
            yield ("assignments", assignment_id), message

        names = [entry if isinstance(entry, str) else entry.id for entry in assignment.problems]
        for position, name in enumerate(names):
            at: FieldPath = ("assignments", assignment_id, "problems", position)
            before = names[:position]
            if name not in known:
                yield at, f"there is no problem '{name}'; {suggest(name, known)}"
            if name in before:
                yield at, f"problem '{name}' appears twice"
            elif name in problems:
                yield from _same_function(at, name, before, problems)


def _same_function(
    at: FieldPath, name: str, before: list[str], problems: Mapping[str, Problem]
) -> Iterator[FieldFault]:
    """The last problem before this one that has the same function: one file can hold one of them only."""
    function = problems[name].function
    readable = [other for other in before if other in problems]
    others = [other for other in readable if problems[other].function == function]
    for other in others[-1:]:
        yield at, f"'{name}' and '{other}' have the same function {function}"
