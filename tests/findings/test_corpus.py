"""The verifier on the corpus, at one seed; `python -m benchmarks.verifier` does it at twenty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache, partial

import numpy as np
import pytest

from grader.problems.course import Course
from grader.truths.cache import user_cache
from tests.conftest import EVERY, ROOT
from tests.corpus import Variant, build_corpus
from tests.corpus.build import RIGHT, WRONG, distance_of, set_up
from tests.corpus.differences import SCHEMES
from tests.corpus.judge import Trial, exam_on, judge_all
from tests.corpus.rightly import REARRANGED
from tests.corpus.wrappers import BREACHES, NEAR_MISSES, RELATIONS

pytestmark = pytest.mark.slow

SEED = 1
NAMED = 0.95
"""The part of the wrong formulas that gets a diagnosis; nobody knows a word for some of them."""
Judge = Callable[[str], Sequence[Trial]]
PROBLEMS = sorted(path.parent.name for path in (ROOT / "exercises").glob("*/problem.yaml"))


@pytest.fixture(scope="module")
def corpus(course: Course) -> tuple[Variant, ...]:
    return build_corpus(course)


@pytest.fixture(scope="module")
def judge(course: Course, corpus: Sequence[Variant]) -> Judge:
    """Judges all variants of one problem; those of each problem once."""
    return cache(lambda id: tuple(judge_all(exam_on(course, [id], SEED, user_cache()), corpus)))


def names(trials: Sequence[Trial]) -> list[str]:
    return [f"{trial.variant.name}: {trial.judgement.verdict}, named {trial.named}" for trial in trials]


@pytest.mark.parametrize("id", PROBLEMS)
def test_every_right_function_gets_all_points(id: str, judge: Judge) -> None:
    right = [trial for trial in judge(id) if trial.variant.is_right]
    assert len(right) >= 5
    assert names([trial for trial in right if trial.verdict != "accepted"]) == []


@pytest.mark.parametrize("id", PROBLEMS)
def test_every_wrong_function_is_rejected(id: str, judge: Judge) -> None:
    wrong = [trial for trial in judge(id) if not trial.variant.is_right]
    assert len(wrong) >= 20
    assert names([trial for trial in wrong if trial.verdict != "rejected"]) == []


@pytest.mark.parametrize("id", PROBLEMS)
def test_listed_mistakes_are_named_whoever_wrote_them(id: str, course: Course, judge: Judge) -> None:
    solution = course.solution(id)
    assert solution is not None
    listed = {mistake.id for mistake in solution.mistakes}
    made = [t for t in judge(id) if t.variant.kind == "wrong formula" and t.variant.truthful & listed]
    assert names([trial for trial in made if trial.named not in listed]) == []


@pytest.mark.parametrize("id", PROBLEMS)
def test_no_wrong_formula_is_named_falsely(id: str, judge: Judge) -> None:
    formulas = [trial for trial in judge(id) if trial.variant.kind == "wrong formula"]
    assert names([trial for trial in formulas if trial.is_named_falsely]) == []


@pytest.mark.parametrize("ids", [PROBLEMS[::EVERY], PROBLEMS], ids=["some", "all"])
def test_nearly_all_wrong_formulas_are_named(ids: Sequence[str], judge: Judge) -> None:
    formulas = [trial for id in ids for trial in judge(id) if trial.variant.kind == "wrong formula"]
    assert sum(trial.named is not None for trial in formulas) >= NAMED * len(formulas)


def test_the_corpus_is_large_and_its_names_are_unique(corpus: Sequence[Variant]) -> None:
    kinds = Counter(variant.kind for variant in corpus)
    assert len(corpus) >= 400
    assert min(kinds["right"], kinds["wrong formula"], kinds["near miss"]) >= 100
    assert len({variant.name for variant in corpus}) == len(corpus)


def test_every_way_to_be_right_or_wrong_serves_some_problem(corpus: Sequence[Variant]) -> None:
    ways = {*NEAR_MISSES, *BREACHES, *RELATIONS, *SCHEMES, *REARRANGED, "complex-step"}
    assert ways - {variant.id for variant in corpus} == set()


def test_every_problem_has_formulas_by_hand(course: Course) -> None:
    assert {*course.problems} <= {*RIGHT} & {*WRONG}


def test_a_variant_is_made_afresh_each_time(corpus: Sequence[Variant]) -> None:
    variant = next(variant for variant in corpus if variant.name == "det-gradient/seventh-call")
    A = np.array([[1.0, 2.0], [3.0, 4.0]])
    first, second = variant.make(), variant.make()
    answers = [first(A) for _ in range(7)]
    assert not np.array_equal(answers[6], answers[0])
    assert np.array_equal(second(A), answers[0])


def test_what_is_not_wrong_is_no_near_miss(course: Course, corpus: Sequence[Variant]) -> None:
    ids = {variant.name for variant in corpus}
    assert "inv-differential/transpose-of-it" in ids
    assert "det-differential/transpose-of-it" not in ids
    assert "det-pullback/only-nonsingular" not in ids
    assert "det-gradient/only-nonsingular" in ids
    assert "det-gradient/only-real" not in ids


def test_wrong_is_told_from_right_on_cases_of_its_own(course: Course) -> None:
    problem, solution = course.problems["det-gradient"], course.solution("det-gradient")
    assert solution is not None
    bench = set_up(problem, solution)
    alternatives = [bench.answers(alternative.answer) for alternative in solution.alternatives]
    assert not any(bench.is_wrong(answers, 1e-12) or bench.named(answers) for answers in alternatives)
    for mistake in solution.mistakes:
        assert mistake.id in bench.named(bench.answers(mistake.answer))
    off = partial(np.multiply, 1 + 1e-9)
    assert bench.is_wrong(bench.answers(lambda A: off(solution.reference(A))), 1e-12)


def test_distances_are_relative_and_infinite_where_nothing_fits() -> None:
    x = (np.array([1.0, 2.0]),)
    assert distance_of((np.array([1.0, 2.2]),), x) == pytest.approx(0.1)
    assert distance_of((np.array([1.0, np.nan]),), x) == np.inf
    assert distance_of((np.ones((2, 1)),), x) == np.inf
    assert distance_of(None, x) == np.inf


def test_a_formula_that_equals_the_right_one_where_it_has_a_value_is_no_mistake(
    course: Course, corpus: Sequence[Variant]
) -> None:
    """At this seed `det(A) * pinv(A)` was said to be det(Aᵀ)·A⁻¹, with a factor transposed."""
    variant = next(variant for variant in corpus if variant.name == "adjugate/formula-pseudo-inverse")
    (trial,) = judge_all(exam_on(course, ["adjugate"], 6, user_cache()), [variant])
    assert trial.named == "only-nonsingular"
