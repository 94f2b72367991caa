"""The random trials: what is right stays right, problems are differentiated rightly, and a killed run goes on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.random_trials.__main__ import SEEDS, _read, grounds, table
from benchmarks.random_trials.problems import draw_problem
from benchmarks.random_trials.rewrite import rewrite
from benchmarks.random_trials.trial import (
    Base,
    Said,
    Subject,
    draw_subjects,
    find_outcomes,
    judge,
    lay_bench,
    load,
)
from grader.answers.sandbox import Limits
from grader.grading.prepare import prepare_problem
from grader.problems.course import Course

pytestmark = pytest.mark.sampled

SOURCE = "import numpy as np\n\n\ndef f(A, B):\n    return np.linalg.inv(A) @ B + np.trace(A @ B) * A.T\n"


def test_identities_change_the_text_and_only_rounding_of_the_value() -> None:
    rng = np.random.default_rng(1)
    A, B = rng.standard_normal((2, 4, 4))
    right = load(Base(SOURCE, "f"))(A, B)
    texts = {rewrite(SOURCE, "f", rng, 3) for _ in range(40)}
    assert len(texts) > 20 and SOURCE not in texts
    for text in texts:
        np.testing.assert_allclose(load(Base(text, "f"))(A, B), right, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("number", range(4))
def test_random_problems_come_with_right_answers(number: int) -> None:
    drawn = draw_problem(number)
    assert drawn.problem == draw_problem(number).problem
    bases = [Base(drawn.source, drawn.problem.function)]
    subjects = list(draw_subjects(lay_bench(drawn.problem, bases), bases, 8, np.random.default_rng(1)))
    prepared = prepare_problem(drawn.problem, 1, 8)
    for subject in subjects:
        said = judge(prepared, subject, Limits())
        assert said is not None and said.accepted == subject.is_right
    assert {subject.is_right for subject in subjects} == {True, False}


def test_a_name_is_false_where_most_seeds_give_another() -> None:
    wrong = Subject("", "f", is_right=False)
    said = {
        seed: Said("wrong", False, name)
        for seed, name in enumerate(["minus", "minus", None, "zero", "minus"])
    }
    outcomes = ["named", "named", "not named", "named falsely", "named"]
    assert list(find_outcomes(wrong, said).values()) == outcomes
    assert find_outcomes(wrong, {0: Said("right", True, None)}) == {0: "false accept"}
    assert find_outcomes(wrong, {0: Said("inconclusive", False, None)}) == {0: "undecided"}


def test_a_right_function_loses_no_point() -> None:
    right = Subject("", "f", is_right=True)
    for verdict, accepted, outcome in (
        ("right", True, "right"),
        ("right", False, "false reject"),
        ("loses_digits", False, "loses digits"),
        ("inconclusive", False, "undecided"),
    ):
        assert find_outcomes(right, {0: Said(verdict, accepted, None)}) == {0: outcome}


def test_grounds_are_exercises_and_random_problems_in_turn(course: Course) -> None:
    ahead = grounds(course, 5)
    first = [next(ahead) for _ in range(2 * len(course.problems) + 1)]
    assert [id for id, _ in first[: 2 * len(course.problems) : 2]] == list(course.problems)
    assert first[1] == ("random-5000", 5) and first[-1] == (next(iter(course.problems)), 5 + SEEDS)


def test_a_line_that_was_cut_is_run_again(tmp_path: Path) -> None:
    path = tmp_path / "trials.jsonl"
    path.write_text('{"problem": "adjugate", "seed": 1, "counts": {"right": 3, "named": 2}}\n{"problem": "tr')
    (line,) = _read(path)
    assert "| all | 1 | 5 | 3 | 0 | 0 | 2 | 0 | 0 | 0 | 0 |" in table([line])
