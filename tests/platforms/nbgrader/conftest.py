"""One class, graded once by nbgrader's own command and once by ours."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import make_once
from tests.platforms.nbgrader.classes import (
    ASSIGNMENT,
    LATE,
    OURS,
    WRONG,
    make_class,
    make_course,
    read_released,
    run,
    solved,
    submit,
)

pytest.importorskip("sqlalchemy", reason="the extra nbgrader is not installed")


@pytest.fixture(scope="session", autouse=True)
def commands_of_this_python() -> Iterator[None]:
    """nbgrader starts `alembic` by that name, wherever it is itself started from."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        yield


@dataclass(frozen=True)
class Graded:
    """Two courses with the same submissions.

    Args:
        plain: graded by `nbgrader autograde`; ours by `grader nbgrader autograde`; the others, what these printed.
    """

    plain: Path
    ours: Path
    said_plain: str
    said_ours: str


@pytest.fixture(scope="session")
def released(run_folder: Path) -> Path:
    """A course whose assignment is released; to be copied before anything is done with it."""
    return make_once(run_folder / "released", make_course) / "course"


@pytest.fixture(scope="session")
def graded(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The whole class."""
    folder = tmp_path_factory.mktemp("graded")
    shutil.copytree(released.parent, folder / "a")
    ours = folder / "a" / "course"
    for student, notebook in make_class(read_released(released)).items():
        submit(ours, student, notebook, LATE if student == "late" else "2026-02-28 10:00:00 UTC")
    shutil.copytree(folder / "a", folder / "b")
    plain = folder / "b" / "course"
    said_ours = run(ours, "grader", "nbgrader", "autograde", ASSIGNMENT)
    # The drawn seed is kept with the course: the same inputs, the same marks.
    shutil.copytree(ours / "frechet-grader", plain / "frechet-grader")
    said_plain = run(plain, "nbgrader", "autograde", ASSIGNMENT)
    return Graded(plain, ours, said_plain, said_ours)


@pytest.fixture(scope="session")
def graded_by_ours(released: Path, run_folder: Path) -> Path:
    """A course with two submissions, graded by our command; to be copied like the other."""

    def make(folder: Path) -> None:
        shutil.copytree(released.parent, folder, dirs_exist_ok=True)
        course = folder / "course"
        submit(course, "ada", solved(read_released(course)))
        submit(course, "ben", solved(read_released(course), inv_differential=WRONG))
        run(course, *OURS)

    return make_once(run_folder / "small", make) / "course"


@pytest.fixture
def small(graded_by_ours: Path, tmp_path: Path) -> Path:
    """Of the test's own, two submissions that our command has graded."""
    shutil.copytree(graded_by_ours.parent, tmp_path / "own")
    return tmp_path / "own" / "course"


@pytest.fixture
def own_course(released: Path, tmp_path: Path) -> Path:
    """A released course of the test's own, without submissions."""
    shutil.copytree(released.parent, tmp_path / "own")
    return tmp_path / "own" / "course"
