"""Builds the corpus from a course, and finds out on cases of its own what a variant is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from grader.cases.case import Case
from grader.cases.draw import draw_cases
from grader.problems.course import Course
from grader.problems.problem import Problem
from grader.problems.solution import Solution
from tests.corpus.differences import COMPLEX_STEP, SCHEMES, can_difference, differenced, is_holomorphic
from tests.corpus.formulas import determinant, further, inverse, solve
from tests.corpus.hidden_paths import PATHS, go_wrong
from tests.corpus.rightly import REARRANGED
from tests.corpus.variant import Array, Function, Kind, Variant, Wrong
from tests.corpus.wrappers import BREACHES, NEAR_MISSES, RELATIONS, Wrapper

MODULES = (determinant, inverse, solve, further)
RIGHT: Mapping[str, Mapping[str, Function]] = {id: t for module in MODULES for id, t in module.RIGHT.items()}
WRONG: Mapping[str, Mapping[str, Wrong]] = {id: t for module in MODULES for id, t in module.WRONG.items()}

DRAW = 20_240_517
"""The seed of the draws that tell whether a variant is wrong; none that a verifier is tried on."""
CASES = 24
REALLY_WRONG = 2e-12
"""What a near miss errs by at a well-conditioned input at least: some ten times what is allowed there."""
PLAIN = ("generic", "integer", "symmetric", "orthogonal", "triangular", "diagonal", "one_by_one", "complex")
"""Families of well-conditioned matrices of moderate size."""
DELICATE = ("ill_conditioned", "corank_1")
"""Families at which right algorithms differ by rounding, up to SAME, and wrong ones may show themselves."""
SAME = 1e-6
"""Two formulas that agree to this are the same formula."""

Answers = list[tuple[Array, ...] | None]

FEW_DIGITS = frozenset({"few-digits"})
"""Said of numbers that agree so far and no further; that much is counted, so it is true of whatever it is said of."""


def build_corpus(course: Course) -> tuple[Variant, ...]:
    """All variants of all problems that have a solution."""
    solutions = {id: course.solution(id) for id in course.problems}
    return tuple(
        variant
        for id, solution in solutions.items()
        if solution is not None
        for variant in variants_of(course.problems[id], solution)
    )


def variants_of(problem: Problem, solution: Solution) -> Iterator[Variant]:
    """All variants of one problem: right ones, wrong formulas, near misses and breaches."""
    bench = set_up(problem, solution)
    yield from right_ones(problem, solution, bench)
    yield from wrong_formulas(problem, solution, bench)
    yield from near_misses(problem, solution, bench)
    yield from hidden_paths(problem, solution)


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """Cases to try variants on, with the reference's answers, and those of the listed mistakes by id."""

    cases: Sequence[Case]
    right: Answers
    mistakes: Mapping[str, Answers]

    @property
    def is_real(self) -> bool:
        """Whether no case is complex."""
        return all(case.family != "complex" for case in self.cases)

    def answers(self, function: Function) -> Answers:
        """What a function returns for each case; None where it raises."""
        return [answer(function, case) for case in self.cases]

    def off(self, found: Answers, other: Answers) -> dict[int, float]:
        """The relative distance at each plain case, and at each delicate one where rounding cannot make it."""
        return dict(self._distances(found, other))

    def _distances(self, found: Answers, other: Answers) -> Iterator[tuple[int, float]]:
        for k, (case, x, y) in enumerate(zip(self.cases, found, other, strict=True)):
            if y is None or not all(np.all(np.isfinite(part)) for part in y):
                continue
            distance = distance_of(x, y) if x is None or not _vanish(case, x, y) else 0.0
            if case.family in PLAIN or (case.family in DELICATE and distance > SAME):
                yield k, distance

    def is_off(self, found: Answers, other: Answers, most: float) -> bool:
        """Whether some distance is larger; the first that is decides."""
        return any(distance > most for _, distance in self._distances(found, other))

    def is_plainly_off(self, found: Answers, other: Answers, most: float) -> bool:
        """Whether some distance at a plain case is larger."""
        plain = (pair for pair in self._distances(found, other) if self.cases[pair[0]].family in PLAIN)
        return any(distance > most for _, distance in plain)

    def is_wrong(self, found: Answers, least: float) -> bool:
        """Whether a function that can be called errs by more than `least`, relatively."""
        called = any(parts is not None for parts in found)
        return called and self.is_off(found, self.right, least)

    def named(self, found: Answers) -> set[str]:
        """The listed mistakes that give the same answers, wherever they give any.

        One that is right wherever it answers is told by the cases where it does not: there nothing may come.
        """
        return {id for id, predicted in self.mistakes.items() if self._is_same(found, predicted)}

    def _is_same(self, found: Answers, mistake: Answers) -> bool:
        if self.is_off(found, mistake, SAME):
            return False
        beside_the_truth = self.off(mistake, self.right)
        if any(SAME < distance < np.inf for distance in beside_the_truth.values()):
            return True
        silent = [k for k, distance in beside_the_truth.items() if distance == np.inf]
        return bool(silent) and all(self.off(found, self.right).get(k) == np.inf for k in silent)


def set_up(problem: Problem, solution: Solution) -> Bench:
    """Draw cases, and answer them by the reference and by every listed mistake."""
    cases = draw_cases(problem, DRAW, CASES)
    empty = Bench(cases, [], {})
    mistakes = {item.id: empty.answers(item.answer) for item in solution.mistakes}
    return Bench(cases, empty.answers(solution.reference), mistakes)


def right_ones(problem: Problem, solution: Solution, bench: Bench) -> Iterator[Variant]:
    """The reference, the author's alternatives, others by hand, and the reference a little rearranged."""

    def right(id: str, make: Callable[[], Function]) -> Variant:
        return Variant(problem.id, id, "right", make)

    yield right("reference", partial(_same, solution.reference))
    for item in solution.alternatives:
        yield right(f"alternative-{item.id}", partial(_same, item.answer))
    for id, function in RIGHT.get(problem.id, {}).items():
        yield right(f"by-{id}", partial(_same, function))
    for id, rearranged in REARRANGED.items():
        if rearranged.fits(problem):
            yield right(id, partial(rearranged.wrap, problem, solution.reference))
    if bench.is_real and problem.order == 1 and can_difference(problem) and is_holomorphic(problem):
        yield right("complex-step", partial(differenced, problem, COMPLEX_STEP))


def wrong_formulas(problem: Problem, solution: Solution, bench: Bench) -> Iterator[Variant]:
    """The author's mistakes, others by hand, and relations to the right answer."""

    def wrong(id: str, function: Function, truthful: Collection[str]) -> Variant:
        return _spoilt(problem, id, "wrong formula", partial(_same, function), truthful, bench)

    for item in solution.mistakes:
        yield wrong(f"mistake-{item.id}", item.answer, {item.id})
    for id, entry in WRONG.get(problem.id, {}).items():
        yield wrong(f"formula-{id}", entry.function, entry.truthful)
    yield from _wrapped(problem, solution, bench, RELATIONS, 1e-3)


def near_misses(problem: Problem, solution: Solution, bench: Bench) -> Iterator[Variant]:
    """Spoilt references, difference quotients and breaches of the contract."""
    yield from _wrapped(problem, solution, bench, NEAR_MISSES, REALLY_WRONG)
    for id, wrapper in BREACHES.items():
        make = partial(wrapper.wrap, problem, solution.reference)
        if None not in bench.answers(make()):
            yield Variant(problem.id, id, "breach", make)
    if not can_difference(problem):
        return
    for id, scheme in SCHEMES.items():
        make = partial(differenced, problem, scheme)
        if bench.is_wrong(bench.answers(make()), REALLY_WRONG):
            yield Variant(problem.id, id, "near miss", make, FEW_DIGITS | {"finite-differences"})
    if is_holomorphic(problem) and problem.order == 1 and not bench.is_real:
        make = partial(differenced, problem, COMPLEX_STEP)
        yield _spoilt(problem, "complex-step", "near miss", make, {"complex-step", "only-real"}, bench)


def hidden_paths(problem: Problem, solution: Solution) -> Iterator[Variant]:
    """The reference, wrong on one path only."""
    for id, (where, truthful) in PATHS.get(problem.id, {}).items():
        make = partial(go_wrong, where, solution.reference)
        yield Variant(problem.id, f"path-{id}", "near miss", make, truthful | FEW_DIGITS)


def _wrapped(
    problem: Problem, solution: Solution, bench: Bench, wrappers: Mapping[str, Wrapper], least: float
) -> Iterator[Variant]:
    """Those of the wrapped references that can be called and are wrong, each once: Aᴴ is Aᵀ if all is real."""
    before: list[Answers] = []
    for id, wrapper in wrappers.items():
        make = partial(wrapper.wrap, problem, solution.reference)
        found = bench.answers(make())
        fits = all(x is not None or y is None for x, y in zip(found, bench.right, strict=True))
        if fits and bench.is_wrong(found, least) and not any(_equal(found, other) for other in before):
            before.append(found)
            truthful = wrapper.truthful | bench.named(found) | FEW_DIGITS
            if "one-row" in truthful and _is_one_entry(found, bench.right):
                truthful |= {"one-entry"}
            yield Variant(problem.id, id, wrapper.kind, make, truthful)


def _spoilt(
    problem: Problem, id: str, kind: Kind, make: Callable[[], Function], truthful: Collection[str], bench: Bench
) -> Variant:  # fmt: skip
    named = bench.named(bench.answers(make()))
    return Variant(problem.id, id, kind, make, frozenset({*truthful, *named}) | FEW_DIGITS)


def _is_one_entry(found: Answers, right: Answers) -> bool:
    """Whether no answer is off in more than one entry, as that of a row of a diagonal matrix."""
    pairs = [(x[0], y[0]) for x, y in zip(found, right, strict=True) if x is not None and y is not None]
    return all(np.count_nonzero(p != q) <= 1 for p, q in pairs)


def _equal(found: Answers, other: Answers) -> bool:
    return all(
        x is y or (x is not None and y is not None and distance_of(x, y) == 0)
        for x, y in zip(found, other, strict=True)
    )


def _same(function: Function) -> Function:
    return function


def answer(function: Function, case: Case) -> tuple[Array, ...] | None:
    """What a function returns for a case, as arrays; None if it raises."""
    arguments = [np.array(v) if isinstance(v, np.ndarray) else v for v in case.values.values()]
    try:
        with np.errstate(all="ignore"):
            result: Any = function(*arguments)
        return tuple(np.asarray(part) for part in (result if isinstance(result, tuple) else (result,)))
    except Exception:  # whether it can be called is what is to be found out
        return None


def _vanish(case: Case, x: tuple[Array, ...], y: tuple[Array, ...]) -> bool:
    """Whether both are 0 up to rounding at a singular matrix of small whole numbers."""
    return case.family == "corank_1" and all(np.max(np.abs(part), initial=0.0) < 1e-9 for part in (*x, *y))


def distance_of(x: tuple[Array, ...] | None, y: tuple[Array, ...]) -> float:
    """The largest relative distance of any part; inf for other shapes, for NaN and for no answer."""
    if x is None or [part.shape for part in x] != [part.shape for part in y]:
        return np.inf
    worst = 0.0
    for p, q in zip(x, y, strict=True):
        with np.errstate(all="ignore"):
            off, size = np.max(np.abs(p - q), initial=0.0), np.max(np.abs(q), initial=0.0)
            ratio = 0.0 if off == 0 else float(np.float64(off) / size)
        worst = max(worst, np.inf if np.isnan(ratio) else ratio)
    return worst
