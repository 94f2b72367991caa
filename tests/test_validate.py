"""Validation passes what is fair and finds each way in which a problem is not."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from grader.course import Course, load_course
from grader.scaffold import new_problem
from grader.validate import Trial, validate_problem


def failures(trials: tuple[Trial, ...]) -> dict[str, str]:
    return {f"{trial.kind} {trial.id}": trial.found for trial in trials if not trial.passed}


@pytest.fixture
def new_course(tmp_path: Path) -> Path:
    new_problem(tmp_path, "trace-square")
    (tmp_path / "config.yaml").write_text(
        "course: Test\nassignments: {week1: {problems: [trace-square]}}\n", encoding="utf-8"
    )
    return tmp_path


def check(folder: Path) -> dict[str, str]:
    return failures(validate_problem(load_course(folder), "trace-square", 4))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("seed", [5, 6])
def test_all_shipped_problems_pass(course: Course, seed: int) -> None:
    for id in course.problems:
        trials = validate_problem(course, id, seed)
        assert failures(trials) == {}, id
        kinds = {trial.kind for trial in trials}
        assert kinds == {"oracle", "starter", "reference", "alternative", "mistake"}


def test_a_new_problem_passes_as_it_is(new_course: Path) -> None:
    assert check(new_course) == {}


def test_a_wrong_reference_is_found(new_course: Path) -> None:
    edit(new_course / "solutions/trace-square/reference.py", "2 * A.T", "2 * A")
    assert check(new_course) == {"reference reference": "named transposed"}


def test_a_wrong_alternative_is_found(new_course: Path) -> None:
    edit(new_course / "solutions/trace-square/variants.yaml", "A.T + A.T", "A.T + A")
    assert check(new_course) == {"alternative two-terms": "wrong, not named"}


def test_a_mistake_that_is_right_is_found(new_course: Path) -> None:
    edit(new_course / "solutions/trace-square/variants.yaml", "formula: 2 * A\n", "formula: 2 * A.T\n")
    assert check(new_course) == {"mistake transposed": "right"}


def test_two_mistakes_that_are_the_same_are_found(new_course: Path) -> None:
    path = new_course / "solutions/trace-square/variants.yaml"
    path.write_text(path.read_text() + "  - {id: twice, formula: A + A, message: The same.}\n")
    assert check(new_course) == {"mistake twice": "named transposed"}


def test_a_mistake_that_hides_at_all_inputs_drawn_is_found(new_course: Path) -> None:
    edit(
        new_course / "exercises/trace-square/problem.yaml",
        "[integer, generic, scaled, symmetric, one_by_one]",
        "[symmetric]",
    )
    edit(new_course / "exercises/trace-square/problem.yaml", "statement: |", "sizes: {n: [1]}\nstatement: |")
    assert check(new_course) == {"mistake transposed": "right"}


def test_a_map_without_a_derivative_is_undecided(new_course: Path) -> None:
    path = new_course / "exercises/trace-square/problem.yaml"
    edit(path, "f: trace(A @ A)", "f: log(trace(A - A))")
    found = check(new_course)
    assert found["oracle 24 cases"].startswith("undecided")


def test_validation_is_not_a_constant() -> None:
    assert not Trial("p", "mistake", "m", "named m", "right").passed
    assert dataclasses.replace(Trial("p", "mistake", "m", "named m", "right"), found="named m").passed
