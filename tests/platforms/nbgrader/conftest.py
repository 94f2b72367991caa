"""One class, graded once by nbgrader's own command and once by ours."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.platforms.nbgrader.classes import (
    ASSIGNMENT,
    LATE,
    make_class,
    make_course,
    read_released,
    run,
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
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course whose assignment is released; to be copied before anything is done with it."""
    return make_course(tmp_path_factory.mktemp("released"))


@pytest.fixture(scope="session")
def graded(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The whole class."""
    folder = tmp_path_factory.mktemp("graded")
    for student, notebook in make_class(read_released(released)).items():
        submit(released, student, notebook, LATE if student == "late" else "2026-02-28 10:00:00 UTC")
    shutil.copytree(released.parent, folder / "a")
    ours = folder / "a" / "course"
    said_ours = run(ours, "grader", "nbgrader", "autograde", ASSIGNMENT)
    shutil.copytree(released.parent, folder / "b")
    plain = folder / "b" / "course"
    # The drawn seed is kept with the course: the same inputs, the same marks.
    shutil.copytree(ours / "frechet-grader", plain / "frechet-grader")
    said_plain = run(plain, "nbgrader", "autograde", ASSIGNMENT)
    shutil.rmtree(released / "submitted")
    return Graded(plain, ours, said_plain, said_ours)


@pytest.fixture
def own_course(released: Path, tmp_path: Path) -> Path:
    """A released course of the test's own, without submissions."""
    shutil.copytree(released.parent, tmp_path / "own", ignore=shutil.ignore_patterns("submitted"))
    return tmp_path / "own" / "course"
