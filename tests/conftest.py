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

# What tests need besides Python, by the beginnings of their names; `make check` leaves these out.
NEEDS = {
    "tests/answers/test_confinement.py": "slow",
    "tests/answers/test_other_systems.py": "slow",
    "tests/answers/test_processor_clock.py": "slow",
    "tests/authoring/test_new_problem.py": "slow",
    "tests/authoring/test_release.py": "slow",
    "tests/authoring/test_release.py::test_every_cell_of_the_notebook": "kernel",
    "tests/authoring/test_several_seeds.py": "slow",
    "tests/authoring/test_validate.py": "slow",
    "tests/cases/test_draw.py::test_the_same_seed": "slow",
    "tests/cli/": "slow",
    "tests/core/test_worker_pool.py": "slow",
    "tests/earlier/": "slow",
    "tests/findings/test_corpus.py": "slow",
    "tests/findings/test_error_fingerprint.py": "slow",
    "tests/findings/test_lost_digits.py": "slow",
    "tests/findings/test_more_problems.py": "slow",
    "tests/findings/test_powers_and_ratios.py": "slow",
    "tests/findings/test_quotients.py": "slow",
    "tests/findings/test_relations.py": "slow",
    "tests/findings/test_sealed_mistakes.py": "slow",
    "tests/findings/test_students.py": "slow",
    "tests/formats/browser/": "browser",
    "tests/formats/test_formats.py::test_prairielearns_limit_costs_words_and_no_points": "slow",
    "tests/formulas/test_judged.py::test_a_word_where": "slow",
    "tests/grading/test_class_run.py": "slow",
    "tests/grading/test_dask_engine.py": "slow",
    "tests/grading/test_feedback_archives.py": "slow",
    "tests/grading/test_gradebook.py": "slow",
    "tests/grading/test_overrides.py::test_decisions_change_points": "slow",
    "tests/grading/test_report_size.py": "slow",
    "tests/grading/test_result_store.py::test_a_graded_report": "slow",
    "tests/grading/test_resume.py": "slow",
    "tests/grading/test_sample_class.py": "slow",
    "tests/grading/test_time_limit.py::test_slow_submissions_are_graded_last": "slow",
    "tests/grading/test_watch.py": "slow",
    "tests/hostile/": "slow",
    "tests/inputs/test_cost.py::test_loops_over_numbers": "slow",
    "tests/inputs/test_lapack_families.py": "slow",
    "tests/inputs/test_second_derivatives.py::test_the_determinant_of_a_jacobian": "slow",
    "tests/inputs/test_spaces.py::test_derivatives_along_tangent_vectors": "slow",
    "tests/platforms/nbgrader/": "nbgrader",
    "tests/platforms/test_jupyter.py": "slow",
    "tests/platforms/test_packed.py": "slow",
    "tests/platforms/test_page.py::test_no_formula_of_a_solution": "slow",
    "tests/platforms/test_page.py::test_the_checker_is_compiled": "slow",
    "tests/platforms/test_page_in_browser.py": "browser",
    "tests/platforms/test_pytest_plugin.py": "slow",
    "tests/problems/test_faulty_problems.py": "slow",
    "tests/problems/test_problem_yaml.py::test_shipped_files": "slow",
    "tests/problems/test_solutions.py": "slow",
    "tests/test_docs.py::test_all_sentences": "slow",
    "tests/test_docs.py::test_the_certificate_shown": "slow",
    "tests/test_docs.py::test_the_readme_shows": "slow",
    "tests/test_fuzz.py": "slow",
    "tests/test_gallery.py": "slow",
    "tests/test_package.py": "slow",
    "tests/test_public_face.py::test_the_examples_of_a_page_run": "slow",
    "tests/test_site.py": "slow",
    "tests/truths/functions/test_problems.py": "slow",
    "tests/truths/test_cache.py::test_old_files_make_room": "slow",
    "tests/truths/test_cache.py::test_the_second_run_computes_nothing": "slow",
    "tests/truths/test_cache.py::test_truths_come_back_to_the_last_bit": "slow",
    "tests/truths/test_generality.py": "slow",
    "tests/truths/test_remainder.py::test_a_wrong_formula": "slow",
    "tests/truths/test_remainder.py::test_every_ask": "slow",
    "tests/truths/test_truth.py::test_references_agree": "slow",
    "tests/truths/test_truth.py::test_the_oracles_own_error": "slow",
}
# Of each claim of these, `make check` tries the first case alone.
FIRST_CASE = (
    "tests/answers/test_system_calls.py",
    "tests/findings/test_localise.py",
    "tests/formats/test_injection.py",
    "tests/formulas/test_judged.py",
    "tests/grading/test_check_derivative.py",
    "tests/grading/test_grade.py",
    "tests/inputs/",
    "tests/platforms/test_page.py",
    "tests/relations/",
    "tests/test_docs.py",
    "tests/test_random_trials.py",
    "tests/truths/",
)
# Of each claim of these, `make test` tries every fifth case, and `make further` the others.
SAMPLED = (
    "tests/authoring/test_new_problem.py::test_a_problem_proposed",
    "tests/authoring/test_validate.py::test_all_shipped_problems_pass",
    "tests/findings/test_corpus.py",
    "tests/findings/test_error_fingerprint.py",
    "tests/findings/test_relations.py",
    "tests/formats/browser/",
    "tests/formats/test_injection.py",
    "tests/inputs/",
    "tests/platforms/nbgrader/test_foreign_hostile.py::test_small_values",
    "tests/platforms/nbgrader/test_foreign_theirs.py::test_marks",
    "tests/platforms/test_jupyter.py::test_a_check_finds",
    "tests/platforms/test_page_in_browser.py",
    "tests/problems/test_worked_language.py",
    "tests/relations/test_catalogue.py",
    "tests/test_gallery.py",
    "tests/test_site.py::test_a_page_fits",
    "tests/truths/",
)
EVERY = 5
# The longest of those that stay in one piece are started first: at the end, one would run alone.
LONGEST = (
    "tests/findings/test_corpus.py",
    "tests/findings/test_sealed_mistakes.py",
    "tests/findings/test_relations.py",
    "tests/hostile/",
    "tests/platforms/nbgrader/",
    "tests/platforms/test_page",
    "tests/relations/test_catalogue.py",
    "tests/authoring/test_new_problem.py",
    "tests/authoring/test_release.py",
    "tests/formulas/test_judged.py",
    "tests/platforms/test_jupyter.py",
    "tests/truths/",
    "tests/inputs/",
    "tests/test_docs.py",
)
# Their tests share nothing, so that they may run side by side; all other files stay in one piece.
APART = (
    "tests/authoring/test_several_seeds.py",
    "tests/authoring/test_validate.py",
    "tests/cli/",
    "tests/earlier/",
    "tests/grading/test_resume.py",
    "tests/platforms/nbgrader/test_again.py",
    "tests/platforms/nbgrader/test_foreign_theirs.py",
    "tests/platforms/test_packed.py",
    "tests/platforms/test_pytest_plugin.py",
)


def pytest_xdist_auto_num_workers() -> int:
    """Two workers more than processors: kernels, browsers and limits of time are waited for."""
    return (os.cpu_count() or 1) + 2


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist, which reads the groups in a hook of the same name
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what they need, keep those together that share something, and begin with what takes longest."""
    earlier = Counter[str]()
    for test in items:
        for name in sorted({need for start, need in NEEDS.items() if test.nodeid.startswith(start)}):
            test.add_marker(name)
        claim, _, case = test.nodeid.partition("[")
        if case and test.nodeid.startswith(FIRST_CASE) and earlier[claim]:
            test.add_marker("slow")
        if case and test.nodeid.startswith(SAMPLED) and earlier[claim] % EVERY:
            test.add_marker("further")
        earlier[claim] += 1
        if not test.nodeid.startswith(APART):
            test.add_marker(pytest.mark.xdist_group(test.nodeid.partition("::")[0]))
    order = ("nbgrader", "slow", "browser", "kernel")
    items.sort(
        key=lambda test: [
            not test.nodeid.startswith(LONGEST),
            *(not test.get_closest_marker(name) for name in order),
        ]
    )


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
