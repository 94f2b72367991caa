"""Problems whose answers are not unique: right functions get all points, wrong ones fail what they break."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.authoring.degenerate_answers import find_degenerate
from grader.authoring.validate import validate_problem
from grader.grading.judge import judge_answers
from grader.grading.prepare import PreparedProblem, prepare_problem
from grader.problems.course import Course, load_course
from grader.problems.load import make_problem
from tests.judging import answers

pytestmark = pytest.mark.sampled

CATALOGUE: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "catalogue.yaml").read_text(encoding="utf-8")
)
WRONG = [(id, name) for id, entry in CATALOGUE.items() for name in entry["wrong"]]
CERTIFIED = ("unit-null-vector", "symmetric-eigen-derivative", "lu", "svd-derivative")
"""Those that go through all of `grader validate` here, mutants included; the others did when they were written."""


@cache
def prepared(id: str) -> PreparedProblem:
    return prepare_problem(make_problem(CATALOGUE[id]["problem"], id), 1, 24)


def functions(id: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(CATALOGUE[id]["reference"], names)
    return names


@pytest.mark.parametrize("id", CATALOGUE)
def test_a_right_function_gets_all_points_and_no_degenerate_answer_does(id: str) -> None:
    asked = prepared(id)
    assert all(solved.truth is not None for solved in asked.cases)
    reference: Callable[..., Any] = functions(id)[asked.problem.function]
    given = answers(asked, reference)

    report = judge_answers(asked, given)
    assert report.verdict == "right" and report.score == report.max_score, report.findings
    assert not [found.what for found in find_degenerate(asked, given) if found.is_fault]


@pytest.mark.parametrize(("id", "name"), WRONG)
def test_a_wrong_function_fails_the_relations_that_it_breaks(id: str, name: str) -> None:
    code, checks = CATALOGUE[id]["wrong"][name]
    names = functions(id)
    asked = prepared(id)
    report = judge_answers(asked, answers(asked, eval(code, names)))
    failed = [finding.check for finding in report.findings if finding.outcome == "failed"]
    assert report.verdict == "wrong" and failed == checks


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    folder = tmp_path_factory.mktemp("course")
    write_course(folder)
    return load_course(folder)


def write_course(folder: Path) -> None:
    """The catalogue as a course."""
    assignment = {"all": {"problems": list(CATALOGUE)}}
    config = {"course": "Answers that are not unique", "seed": 1, "assignments": assignment}
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    for id, entry in CATALOGUE.items():
        for place, name, text in (
            (
                "exercises",
                "problem.yaml",
                yaml.safe_dump(entry["problem"], allow_unicode=True, sort_keys=False),
            ),
            ("solutions", "reference.py", entry["reference"]),
        ):
            path = folder / place / id / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("id", CERTIFIED)
def test_a_problem_with_relations_is_certified(course: Course, id: str) -> None:
    certificate = validate_problem(course, id, 1)
    assert certificate.passed, list(certificate.failed)
