"""The bundled course, and one exam on it for all tests that only read it."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from grader.answers.sandbox import Sandbox
from grader.answers.submission import SUFFIXES, read_submission
from grader.grading.grade import Grader
from grader.grading.prepare import PreparedAssignment, prepare
from grader.problems.course import Course, load_course
from grader.reports.report import Report
from grader.truths.cache import user_cache
from tests import ROOT
from tests.browser_tools import browser, browser_page

__all__ = ["ROOT", "browser", "browser_page"]

# At its import, jsonschema compiles 38 grammars for international addresses, of which our schemas have none.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

# No test is timed: how long a step takes says nothing about what it does, least of all on a busy machine.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

EVERY = 5
"""Of a claim that takes long `make check` tries one case at most, `make test` every fifth, `make further` the rest."""
LONG = ("nbgrader", "slow", "browser", "kernel", "sampled")
"""The markers of what takes long, which begins first: at the end, one file would run alone."""


def pytest_xdist_auto_num_workers() -> int:
    """Two workers more than processors: kernels, browsers and limits of time are waited for."""
    return (os.cpu_count() or 1) + 2


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist, which reads the groups in a hook of the same name
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Choose among the cases of a claim, keep the tests of a file together, and begin with what takes longest."""
    earlier = Counter[str]()
    for test in items:
        claim, _, case = test.nodeid.partition("[")
        if case and any(map(test.get_closest_marker, LONG)):
            _mark_by_number(test, earlier[claim])
        earlier[claim] += 1

        if not test.get_closest_marker("side_by_side"):
            test.add_marker(pytest.mark.xdist_group(test.nodeid.partition("::")[0]))
    items.sort(key=lambda test: [not test.get_closest_marker(name) for name in LONG])


def _mark_by_number(test: pytest.Item, number: int) -> None:
    """Mark a case of a claim by what leaves it out."""
    if number:
        test.add_marker("slow")
    if number % EVERY:
        test.add_marker("further")


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def make_once(folder: Path, make: Callable[[Path], object]) -> Path:
    """A folder that is made by whichever worker comes first; for those that only read it."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder.with_suffix(".done")
        if not done.exists():
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


@pytest.fixture(scope="session", autouse=True)
def cache_of_its_own(run_folder: Path) -> Iterator[None]:
    """Commands find no truths that other versions or other runs have left."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(run_folder / "cache"))
        yield


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Commands can be interrupted by Ctrl-C though the tests run in the background, where a shell ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def course() -> Course:
    return load_course(ROOT)


@pytest.fixture(scope="session")
def exam(course: Course) -> PreparedAssignment:
    return prepare(course, course.assignment("lecture05"), seed=11, store=user_cache())


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
