"""Keys of results: equal for equal questions, different as soon as anything differs that a result depends on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from grader.answers.submission import SubmittedFile
from grader.grading.result_keys import assignment_key, result_key
from grader.problems.course import Course, load_course
from grader.reports.report import Failure
from tests.conftest import ROOT


@pytest.fixture
def small(tmp_path: Path) -> Course:
    """A course of its own, with one problem."""
    for kind in ("exercises", "solutions"):
        shutil.copytree(ROOT / kind / "inv-differential", tmp_path / kind / "inv-differential")
    (tmp_path / "config.yaml").write_text("course: x\nassignments: {a: {problems: [inv-differential]}}\n")
    return load_course(tmp_path)


def key(course: Course, seed: int = 1, points: int = 10) -> str:
    assignment = replace(course.assignment("a"), points={"inv-differential": Fraction(points)})
    return assignment_key(course, assignment, seed)


def test_the_same_course_elsewhere_has_the_same_key(small: Course, tmp_path: Path) -> None:
    copy = tmp_path.parent / f"{tmp_path.name}-copy"
    shutil.copytree(tmp_path, copy)
    assert key(load_course(copy)) == key(small)


@pytest.mark.parametrize(
    "change",
    [
        lambda course: replace(course, cases=course.cases + 1),
        lambda course: replace(course, limits=course.limits.model_copy(update={"seconds": 3.0})),
        lambda course: replace(course, libraries=("numpy", "scipy")),
    ],
)
def test_cases_limits_and_libraries_count(small: Course, change: Callable[[Course], Course]) -> None:
    assert key(change(small)) != key(small)


@pytest.mark.parametrize(
    "path",
    [
        "exercises/inv-differential/problem.yaml",
        "solutions/inv-differential/reference.py",
        "solutions/inv-differential/variants.yaml",
    ],
)
def test_every_file_of_a_problem_counts(small: Course, path: str) -> None:
    before = key(small)
    with (small.folder / path.format("inv-differential")).open("a", encoding="utf-8") as file:
        file.write("# \n")
    assert key(small) != before


def test_seed_and_points_count(small: Course) -> None:
    assert len({key(small), key(small, seed=2), key(small, points=11)}) == 3


@pytest.mark.parametrize("name", ["version", "hash_packages"])
def test_the_versions_of_libraries_and_of_grader_count(
    small: Course, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = key(small)
    monkeypatch.setattr(f"grader.grading.result_keys.{name}", lambda *arguments: "another")
    assert key(small) != before


def test_bytes_name_student_and_fault_of_a_submission_count() -> None:
    files = [
        SubmittedFile("ann", "a.py", b"x"),
        SubmittedFile("bob", "a.py", b"x"),
        SubmittedFile("ann", "b.py", b"x"),
        SubmittedFile("ann", "a.py", b"y"),
        SubmittedFile("ann", "a.p", b"yx"),
        SubmittedFile("ann", "a.py", b"", Failure("empty", "x")),
        SubmittedFile("ann", "a.py", b""),
    ]
    assert len({result_key("exam", file) for file in files}) == len(files)
    assert result_key("exam", files[0]) != result_key("other", files[0])
