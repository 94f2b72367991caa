"""The plan of cases: what meets what, at every seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.cases.draw import draw_cases
from grader.cases.families import generator
from grader.cases.plan import Plan, plan_cases
from grader.cases.sizes import cover_sizes
from grader.problems.course import Course, load_course
from grader.problems.load import make_problem
from grader.problems.problem import Problem, SizeOrder
from tests.conftest import ROOT
from tests.judging import matrix

COURSE = load_course(ROOT)
SEEDS = range(1, 6)
SINGULAR = {"corank_1", "corank_2", "dense_singular", "zero", "eigenvalue", "multiple_eigenvalue"}
SCALED = {"scaled", "ill_conditioned"}


def plans() -> Iterator[tuple[Problem, list[Plan]]]:
    for problem in COURSE.problems.values():
        for seed in SEEDS:
            yield problem, plan_cases(problem, seed, COURSE.cases)


def families(problem: Problem) -> set[str]:
    return {family.name for item in problem.inputs for family in item.families}


def test_every_family_listed_is_drawn_and_no_fewer_cases_than_asked_for() -> None:
    for problem, planned in plans():
        drawn = {plan.family.name for plan in planned}
        assert drawn - {"zero_direction", "generic"} == families(problem) - {"generic"}
        assert len(planned) >= COURSE.cases


def test_every_special_family_is_drawn_at_every_size_that_it_can_have() -> None:
    for problem, planned in plans():
        for family in families(problem) - {"one_by_one", "empty", "thin", "generic"}:
            sizes = {
                (letter, side)
                for plan in planned
                if plan.family.name == family
                for letter, side in plan.sizes.items()
            }
            wanted = {(letter, side) for letter, sides in problem.sizes.items() for side in sides if side > 1}
            assert sizes >= wanted, (problem.id, family)


def test_two_cases_are_larger_than_all_sizes_unless_the_author_says_no() -> None:
    met: set[int] = set()
    for problem, planned in plans():
        largest = {letter: max(sides) for letter, sides in problem.sizes.items()}
        larger = [
            plan for plan in planned if all(plan.sizes[letter] > side for letter, side in largest.items())
        ]
        assert len(larger) == 2, problem.id
        assert all(max(plan.sizes.values()) >= 6 for plan in larger)
        assert problem.larger is True or {*larger[0].sizes.values()} == {problem.larger}
        met |= {side for plan in larger for side in plan.sizes.values()}
        without = plan_cases(replace(problem, larger=False), 1, COURSE.cases)
        assert all(plan.sizes[letter] <= side for plan in without for letter, side in largest.items())
    assert met == {6, 7, 8}


def a_problem(f: str, shape: list[str], sizes: dict[str, list[int]]) -> Problem:
    fields = {"title": "t", "statement": "s", "signature": "g(X)", "f": f, "ask": "value", "sizes": sizes}
    checks = [{"check": "reference", "points": 1}]
    return make_problem({**fields, "inputs": {"X": {"shape": shape}}, "checks": checks}, "p")


def test_larger_sizes_are_ordered_as_some_that_are_listed() -> None:
    tall = a_problem("logdet(X.T @ X)", ["m", "n"], {"m": [3, 4], "n": [2, 3]})
    for seed in SEEDS:
        assert all(plan.sizes["m"] >= plan.sizes["n"] for plan in plan_cases(tall, seed, 24))


def test_larger_sizes_are_such_that_f_fits_its_input() -> None:
    halves = a_problem("sum(X[0::2] * X[1::2])", ["n"], {"n": [2, 4]})
    for seed in SEEDS:
        sizes = {plan.sizes["n"] for plan in plan_cases(halves, seed, 24)}
        assert sizes & {6, 8} and not any(side % 2 for side in sizes)


def test_sizes_are_below_equal_and_above_each_other() -> None:
    problem = replace(
        COURSE.problems["gram-gradient"], sizes={"m": (2, 3, 4), "n": (2, 3, 4)}, size_orders=()
    )
    for seed in SEEDS:
        for family in ("generic", "scaled"):
            found = [plan.sizes for plan in plan_cases(problem, seed, 24) if plan.family.name == family]
            assert {(s["m"] > s["n"]) - (s["m"] < s["n"]) for s in found} == {-1, 0, 1}


def test_an_order_of_sizes_is_kept_by_every_case() -> None:
    problem = replace(COURSE.problems["gram-gradient"], size_orders=(SizeOrder("m", "n", is_strict=True),))
    for seed in SEEDS:
        assert all(plan.sizes["m"] > plan.sizes["n"] for plan in plan_cases(problem, seed, 24))


@given(
    st.dictionaries(st.sampled_from("mnp"), st.lists(st.integers(1, 6), min_size=1, max_size=4), min_size=1)
)
def test_few_combinations_show_each_value_and_each_order(lists: dict[str, list[int]]) -> None:
    problem = replace(COURSE.problems["gram-gradient"], size_orders=())
    chosen = cover_sizes(problem, lists, generator("x"))
    for letter, values in lists.items():
        assert {sizes[letter] for sizes in chosen} == set(values)
    for first in lists:
        for second in lists:
            possible = (
                {np.sign(a - b) for a in lists[first] for b in lists[second]} if first != second else {0}
            )
            assert {np.sign(sizes[first] - sizes[second]) for sizes in chosen} == possible
    assert len(chosen) <= sum(map(len, lists.values())) + 9


@pytest.mark.parametrize("group", [{"complex"}, SINGULAR, SCALED, {"integer"}])
def test_every_value_of_a_parameter_meets_each_group_of_families(group: set[str]) -> None:
    for problem, planned in plans():
        if not group & families(problem):
            continue
        for parameter in problem.parameters:
            met = {plan.values[parameter.name] for plan in planned if plan.family.name in group}
            assert met >= set(parameter.values), (problem.id, parameter.name)
        choices = max((len(item.choices) for item in problem.functions), default=0)
        assert {plan.choice for plan in planned if plan.family.name in group} >= set(range(choices))


def test_over_seeds_every_two_values_of_parameters_meet() -> None:
    problem = COURSE.problems["frechet-ratio"]
    met = {
        (plan.values["norm_in"], plan.values["norm_out"])
        for seed in range(30)
        for plan in plan_cases(problem, seed, 24)
        if plan.family.name == "complex"
    }
    assert len(met) == 25


def test_values_between_bounds_are_drawn_that_nobody_listed() -> None:
    drawn: set[object] = set()
    for seed in range(12):
        planned = plan_cases(COURSE.problems["matrix-power-differential"], seed, 24)
        (parameter,) = COURSE.problems["matrix-power-differential"].parameters
        further = {plan.values["k"] for plan in planned} - set(parameter.values)
        assert len(further) == 2 and all(-5 <= k <= 7 for k in further)
        drawn |= further
    assert len(drawn) >= 5


def test_each_direction_or_cotangent_is_zero_once() -> None:
    for problem, planned in plans():
        zero = [plan.zero for plan in planned if plan.family.name == "zero_direction"]
        together = [group for group in problem.linear_groups if len(group) > 1]
        assert zero == [*((name,) for name in problem.linear_arguments), *together]
        assert (("dA", "db") in together) == (problem.id == "solve-differential")
    cases = draw_cases(COURSE.problems["det-second-differential"], 1, 24)
    V, W = (case for case in cases if case.family == "zero_direction")
    assert not np.any(matrix(V, "V")) and np.any(matrix(V, "W")) and np.any(matrix(V, "A"))
    assert np.any(matrix(W, "V")) and not np.any(matrix(W, "W"))


def test_directions_and_cotangents_are_of_ordinary_size_large_and_small() -> None:
    for problem, planned in plans():
        met = {plan.exponent for plan in planned}
        assert met == {None, 11, -10} or not problem.definition.is_linear, problem.id
    for name, id in (("g", "det-pullback"), ("dA", "det-differential"), ("W", "det-second-differential")):
        for seed in range(1, 13):
            cases = draw_cases(COURSE.problems[id], seed, 24)
            sizes = [
                np.max(np.abs(np.asarray(case.values[name]))) for case in cases if case.family == "generic"
            ]
            assert max(sizes) >= 1024 and any(0 < size < 2.0**-10 for size in sizes)


def test_triangular_matrices_are_lower_and_upper_with_determinants_of_both_signs() -> None:
    for seed in SEEDS:
        cases = draw_cases(COURSE.problems["det-pullback"], seed, 24)
        drawn = [matrix(case, "A") for case in cases if case.family == "triangular" and case.sizes["n"] > 1]
        lower = [A for A in drawn if np.array_equal(A, np.tril(A))]
        upper = [A for A in drawn if np.array_equal(A, np.triu(A))]
        assert len(lower) + len(upper) == len(drawn) >= 4
        assert (
            {np.sign(np.linalg.det(A)) for A in lower}
            == {np.sign(np.linalg.det(A)) for A in upper}
            == {-1, 1}
        )


def test_the_same_seed_plans_the_same_and_another_something_else(course: Course) -> None:
    problem = course.problems["frechet-ratio"]
    assert plan_cases(problem, 1, 24) == plan_cases(problem, 1, 24) != plan_cases(problem, 2, 24)
