"""Problems about functions of matrices, as authors write them, are certified: the truth agrees with the references."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.authoring.validate import validate_problem
from grader.problems.course import load_course

pytestmark = pytest.mark.slow

COURSE = Path(__file__).parents[2] / "matrix_functions"
PROBLEMS = sorted(folder.name for folder in (COURSE / "exercises").iterdir())


@pytest.mark.parametrize("problem_id", PROBLEMS)
def test_the_reference_gets_all_points_in_all_cases(problem_id: str) -> None:
    certificate = validate_problem(load_course(COURSE), problem_id, seed=5, only_formulas=True)
    assert certificate.passed, certificate.failed
    assert not certificate.undecided
