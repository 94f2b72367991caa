"""Fingerprints of wrong numbers: the same for the same mistake however it is programmed, others for others."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from grader.findings.compare import compare_all
from grader.findings.error_fingerprint import find_fingerprint
from grader.grading.prepare import PreparedAssignment
from grader.problems.course import Course
from grader.reports.misconceptions import Fingerprint, group_fingerprints, is_telling, read_fingerprint
from grader.truths.cache import user_cache
from grader.truths.solve import keep_decided
from tests.corpus.build import RIGHT, WRONG, set_up
from tests.corpus.judge import exam_on
from tests.corpus.rightly import REARRANGED
from tests.corpus.variant import Function
from tests.corpus.wrappers import NEAR_MISSES, RELATIONS
from tests.judging import answers_to, judged, question

pytestmark = pytest.mark.slow

PROBLEMS = ("det-gradient", "inv-differential", "solve-pullback")
SEEDS = (1, 2)
MISTAKES = {
    name: wrapper
    for name, wrapper in {**RELATIONS, **NEAR_MISSES}.items()
    # What rounding does to some is no one thing, NaN cannot be put among whole numbers, and some count their calls.
    if not any(
        word in name for word in ("float32", "digits", "decimals", "noise", "nan-entry", "call", "cached")
    )
}


@pytest.fixture(scope="module")
def exams(course: Course) -> Mapping[int, PreparedAssignment]:
    return {seed: exam_on(course, PROBLEMS, seed, user_cache()) for seed in SEEDS}


def wrong_formulas(course: Course, id: str) -> dict[str, Function]:
    solution = course.solution(id)
    assert solution is not None
    return {mistake.id: mistake.answer for mistake in solution.mistakes} | {
        f"other-{name}": entry.function for name, entry in WRONG[id].items()
    }


def right_programs(course: Course, id: str) -> list[Function]:
    solution = course.solution(id)
    assert solution is not None
    alternatives = [alternative.answer for alternative in solution.alternatives]
    return [remembering(right) for right in (solution.reference, *alternatives, *RIGHT[id].values())]


def remembering(function: Function) -> Function:
    """The same function, which computes each answer once: sixty mistakes are made in it at the same inputs."""
    known: dict[Sequence[object], Any] = {}

    def answer(*arguments: Any) -> Any:
        arrays = [np.asarray(argument) for argument in arguments]
        inputs = tuple((x.shape, x.dtype, x.tobytes("A"), x.flags.f_contiguous) for x in arrays)
        if inputs not in known:
            known[inputs] = function(*arguments)
        return copy.deepcopy(known[inputs])

    return answer


def programs_of_one_mistake(course: Course, id: str) -> Iterator[tuple[str, list[Function]]]:
    """A mistake made in every right program, and every wrong formula with its roundings moved."""
    problem, solution = course.problems[id], course.solution(id)
    assert solution is not None
    rights = right_programs(course, id)
    bench = set_up(problem, solution)
    for name, wrapper in MISTAKES.items():
        made = [wrapper.wrap(problem, right) for right in rights]
        if all(answer is not None for answer in bench.answers(made[0])):
            yield name, made
    for name, formula in wrong_formulas(course, id).items():
        moved = (
            REARRANGED[way].wrap(problem, formula) for way in ("last-bits-of-answer", "last-bits-of-inputs")
        )
        yield name, [formula, *moved]


def residual(exam: PreparedAssignment, id: str, function: Callable[..., Any]) -> str:
    """The fingerprint of a function that answers alike when it is asked again."""
    asked = question(exam, id)
    cases = keep_decided(asked.cases)
    answers = compare_all(asked.problem, cases, answers_to(cases, function))
    return find_fingerprint(answers, asked.directions)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("id", PROBLEMS)
def test_programs_that_make_the_same_mistake_belong_together(
    id: str, seed: int, course: Course, exams: Mapping[int, PreparedAssignment]
) -> None:
    apart, pairs = [], 0
    for name, programs in programs_of_one_mistake(course, id):
        first, *others = (residual(exams[seed], id, program) for program in programs)
        for other in others if first else ():
            pairs += 1
            if not read_fingerprint(first).agrees(read_fingerprint(other)):
                apart.append(f"{name}: {first} and {other}")
    assert pairs > 100
    assert apart == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("id", PROBLEMS)
def test_different_mistakes_do_not(
    id: str, seed: int, course: Course, exams: Mapping[int, PreparedAssignment]
) -> None:
    problem, solution = course.problems[id], course.solution(id)
    assert solution is not None
    formulas = wrong_formulas(course, id) | {
        name: wrapper.wrap(problem, solution.reference) for name, wrapper in MISTAKES.items()
    }
    bench = set_up(problem, solution)
    answers_of = {name: bench.answers(formula) for name, formula in formulas.items()}
    prints = {name: residual(exams[seed], id, formula) for name, formula in formulas.items()}
    together, pairs = [], 0
    for a, b in combinations(sorted(name for name in prints if prints[name]), 2):
        if bench.is_plainly_off(answers_of[a], answers_of[b], 0.1):
            pairs += 1
            if read_fingerprint(prints[a]).agrees(read_fingerprint(prints[b])):
                together.append((a, b))
    assert pairs > 100
    assert together == []


def test_right_numbers_have_no_fingerprint(exam: PreparedAssignment) -> None:
    def inverse(A: Any) -> Any:
        return np.linalg.inv(A).conj().T

    def impure(A: Any) -> Any:
        result = inverse(A)
        A += 1
        return result

    judgement = judged(exam, "logdet-gradient", impure)
    assert (judgement.verdict, judgement.residual) == ("wrong", "")
    assert judged(exam, "logdet-gradient", inverse).residual == ""
    assert judged(exam, "logdet-gradient", lambda A: 1 / 0).residual == ""  # an error, not wrong numbers


def test_wrong_shapes_missing_answers_and_nan_have_words_of_their_own(exam: PreparedAssignment) -> None:
    def spoilt(A: Any) -> Any:
        if len(A) == 2:
            raise ValueError
        return np.full(A.shape, np.nan) if len(A) == 3 else np.zeros((2, 3, 1))

    words = set(residual(exam, "det-gradient", spoilt).split())
    assert words <= {"!", "?", "~", "#2x3x1", "="} and {"!", "?", "#2x3x1"} <= words


def test_numbers_that_agree_may_stand_on_both_sides_of_an_edge() -> None:
    groups = group_fingerprints({"0.995 2": 5, "1.0 2.01": 2, "1.01 1.99": 1, "1.2 2": 1, "1.0 2.01 !": 1})
    assert groups["1.0 2.01"] == groups["1.01 1.99"] == "0.995 2"
    assert groups["1.2 2"] == "1.2 2" and groups["1.0 2.01 !"] == "1.0 2.01 !"


@pytest.mark.parametrize(
    ("a", "b", "together"),
    [
        ("1e-13 2", "= 2", True),
        ("1e-9 2", "= 2", False),
        ("~ 2", "= 2", True),
        ("! 2", "? 2", True),
        ("! 2", "3e14 2", True),
        ("! 2", "1 2", False),
        ("~ ~ ~ =", "~ ~ = =", True),
        ("~ ~ = =", "= = ~ ~", False),
        ("~ = = =", "~ 1 = =", False),
        ("#2x3 1", "#3x2 1", False),
        ("#2x3 1", "#2x3 1.01", True),
        ("1 2 3", "1 2", False),
        ("", "1", False),
    ],
)
def test_two_fingerprints_agree_in_every_case_or_not_at_all(a: str, b: str, together: bool) -> None:
    one, other = read_fingerprint(a), read_fingerprint(b)
    assert one.agrees(other) is other.agrees(one) is together
    assert not together or set(one.buckets()) & set(other.buckets())


def test_a_class_in_which_everybody_errs_alone_needs_no_comparison_of_all_with_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared = 0
    agrees = Fingerprint.agrees

    def counted(self: Fingerprint, other: Fingerprint) -> bool:
        nonlocal compared
        compared += 1
        return agrees(self, other)

    monkeypatch.setattr(Fingerprint, "agrees", counted)
    rng = np.random.default_rng(1)
    texts = {" ".join(f"{x:.3g}" for x in np.exp(rng.normal(size=24))): 1 for _ in range(5000)}
    groups = group_fingerprints(texts)
    assert len(set(groups.values())) == len(texts)
    assert compared < 5000 * 5000 / 2 / 10


def test_few_numbers_tell_little() -> None:
    assert is_telling("1 2 3 4 = = ~")
    assert not is_telling("1 2 3 = ! ? ~ #2")
