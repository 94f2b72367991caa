"""Truths come back from disk as they were, only for what they were computed for, and nothing else does."""

from __future__ import annotations

import dataclasses
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.cases.formula import CallableFormula
from grader.grading.prepare import prepare
from grader.problems.course import Course
from grader.truths import cache as store_module
from grader.truths.cache import TruthCache, compute, pack, unpack

pytestmark = pytest.mark.sampled


def same(x: Any, y: Any) -> bool:
    """Equal to the last bit, through dataclasses, tuples and mappings."""
    if isinstance(x, np.ndarray):
        return bool(x.dtype == y.dtype and x.shape == y.shape and x.tobytes() == y.tobytes())
    if isinstance(x, tuple):
        return len(x) == len(y) and all(map(same, x, y))
    if isinstance(x, Mapping):
        return list(x) == list(y) and all(same(x[key], y[key]) for key in x)
    if dataclasses.is_dataclass(x):
        return type(x) is type(y) and all(
            same(getattr(x, field.name), getattr(y, field.name)) for field in dataclasses.fields(x)
        )
    return bool(x == y or (x != x and y != y))


def counting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The problems that were computed, not found."""
    computed: list[str] = []

    def counted(problem: Any, seed: int, count: int) -> Any:
        computed.append(problem.id)
        return compute(problem, seed, count)

    monkeypatch.setattr(store_module, "compute", counted)
    return computed


@pytest.mark.slow
def test_truths_come_back_to_the_last_bit(course: Course) -> None:
    for problem in course.problems.values():
        found = compute(problem, 4, 6)
        assert same(unpack(pack(found)), found), problem.id


@pytest.mark.slow
def test_the_second_run_computes_nothing(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed = counting(monkeypatch)
    assignment = course.assignment("lecture05")
    first = prepare(course, assignment, 3, ["adjugate", "inv-pullback"], store=TruthCache(tmp_path))
    assert computed == ["adjugate", "inv-pullback"]
    second = prepare(course, assignment, 3, ["adjugate", "inv-pullback"], store=TruthCache(tmp_path))
    assert len(computed) == 2
    for before, after in zip(first.problems, second.problems, strict=True):
        assert same(before.cases, after.cases) and same(before.curve, after.curve)


@pytest.mark.slow
def test_another_seed_number_of_cases_map_or_family_is_another_truth(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed = counting(monkeypatch)
    problem, store = course.problem("adjugate"), TruthCache(tmp_path)
    other = course.problem("det-differential").f
    (item,) = problem.inputs
    for changed in (
        (problem, 1, 6), (problem, 2, 6), (problem, 1, 7), (dataclasses.replace(problem, norm="max"), 1, 6),
        (dataclasses.replace(problem, f=other), 1, 6),
        (dataclasses.replace(problem, inputs=(dataclasses.replace(item, families=item.families[:2]),)), 1, 6),
    ):  # fmt: skip
        store.find(*changed)
    assert len(computed) == 6
    store.find(dataclasses.replace(problem, statement="Other words.", hints=()), 1, 6)
    assert len(computed) == 6, "words for people do not change a truth"


@pytest.mark.parametrize("damage", [b"", b"\0" * 40, b"not a file of truths", None])
def test_a_damaged_file_is_computed_anew(
    course: Course, tmp_path: Path, damage: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem, store = course.problem("adjugate"), TruthCache(tmp_path)
    right = store.find(problem, 1, 6)
    (path,) = tmp_path.glob("*.truths")
    path.write_bytes(path.read_bytes()[:-50] if damage is None else damage)
    computed = counting(monkeypatch)
    assert same(store.find(problem, 1, 6), right)
    assert same(store.find(problem, 1, 6), right)
    assert computed == ["adjugate"]


def test_a_folder_that_cannot_be_written_to_only_costs_time(course: Course, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert TruthCache(tmp_path / "file").find(course.problem("adjugate"), 1, 6)[0]


@pytest.mark.slow
def test_old_files_make_room(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "MOST_FILES", 2)
    for seed in range(4):
        TruthCache(tmp_path).find(course.problem("adjugate"), seed, 4)
    assert len(list(tmp_path.glob("*.truths"))) == 2


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a file of truths"):
        unpack(data)


def test_functions_given_to_students_are_kept_as_expressions(tmp_path: Path) -> None:
    from grader.problems.language import parse

    formula = CallableFormula("X", parse("inv(X) @ A", ["X", "A"]), {"A": np.eye(2), "kind": "fro"})
    again = unpack(pack(formula))
    assert same(again, formula) and same(again(2 * np.eye(2)), 0.5 * np.eye(2))


@pytest.mark.parametrize("value", [print, Path("/"), subprocess.Popen, compute, np.load, "".join])
def test_nothing_but_the_values_of_truths_comes_out_of_a_file(value: Any) -> None:
    with pytest.raises(ValueError, match="is not a part of a truth"):
        unpack(pack([1.0, value]))


def test_a_file_that_would_run_a_command_is_refused(tmp_path: Path) -> None:
    class Attack:
        def __reduce__(self) -> Any:
            return os.system, (f"touch {tmp_path / 'reached'}",)

    with pytest.raises(ValueError, match="is not a part of a truth"):
        unpack(pack(Attack()))
    assert not (tmp_path / "reached").exists()


def test_the_curve_of_a_kept_problem_is_about_one_of_its_cases(course: Course) -> None:
    cases, curve = unpack(pack(compute(course.problem("inv-differential"), 4, 6)))
    assert any(curve.solved is case for case in cases)
