"""The bundled course, and one exam on it for all tests that only read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.answers.sandbox import Sandbox
from grader.answers.submission import SUFFIXES, read_submission
from grader.grading.grade import Grader
from grader.grading.prepare import PreparedAssignment, prepare
from grader.problems.course import Course, load_course
from grader.reports.report import Report
from tests.browser_tools import browser, browser_page

__all__ = ["browser", "browser_page"]

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session", autouse=True)
def cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Commands find no truths that other versions or other runs have left."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def course() -> Course:
    return load_course(ROOT)


@pytest.fixture(scope="session")
def exam(course: Course) -> PreparedAssignment:
    return prepare(course, course.assignment("lecture05"), seed=11)


@pytest.fixture(scope="session")
def sample_reports(exam: PreparedAssignment) -> dict[str, Report]:
    """A report on every file of the sample class, by its name; for tests that only read them."""
    folder = ROOT / "grader" / "sample_class"
    with Sandbox(exam.limits) as sandbox:
        return {
            path.name: Grader(exam, sandbox).grade(read_submission(path))
            for path in sorted(folder.iterdir())
            if path.suffix in SUFFIXES
        }


MINIMAL = """\
title: Gradient of the trace of a square
statement: Return the gradient.
signature: square_gradient(A)
f: trace(A @ A)
ask: gradient
inputs:
  A: {shape: [n, n]}
checks:
  - {check: reference, points: 2}
"""


@pytest.fixture
def write_problem(tmp_path: Path) -> Callable[..., Path]:
    """Writes exercises/<id>/problem.yaml and returns its path."""

    def write(text: str = MINIMAL, id: str = "square-gradient") -> Path:
        path = tmp_path / "exercises" / id / "problem.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write
