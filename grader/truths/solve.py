"""Solved cases: the cases of a problem with their truths, some of them drawn again until they show something."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from grader.cases.case import Case
from grader.cases.draw import draw_case, draw_cases
from grader.cases.plan import Plan, plan_cases
from grader.problems.problem import Problem
from grader.truths.truth import Truth, Undecided, find_truth

ATTEMPTS = 8
"""Draws of a case before it is kept as it is, or given up if it is undecided."""
HOPELESS = 3
"""Draws after which it is taken to be no accident that a truth is 0, or that no case at all is decided."""


@dataclass(frozen=True, slots=True, eq=False)
class SolvedCase:
    """A case with its truth; None if the oracle could not decide it.

    Args:
        cause: why there is no truth; causes: why earlier draws of the case had none.
    """

    case: Case
    truth: Truth | None
    cause: str = ""
    causes: tuple[str, ...] = ()

    @property
    def all_causes(self) -> tuple[str, ...]:
        """Why earlier draws of the case had no truth, and why this one has none."""
        return (*self.causes, self.cause) if self.cause else self.causes

    @property
    def is_zero(self) -> bool:
        """Whether some part of the truth is exactly 0."""
        return self.truth is not None and not all(np.any(part.hi) for part in self.truth.parts)

    @property
    def sign(self) -> int:
        """The sign of a real scalar truth; 0 for all others."""
        if self.truth is None or len(self.truth.parts) != 1:
            return 0
        (part,) = self.truth.parts
        is_real_number = part.hi.ndim == 0 and part.hi.dtype.kind == "f"
        if not is_real_number:
            return 0
        return int(np.sign(part.hi))


def keep_decided(cases: Iterable[SolvedCase]) -> list[SolvedCase]:
    """Those that have a truth."""
    return [solved for solved in cases if solved.truth is not None]


def _ignore(decided: int, of: int) -> None:
    """Nobody watches."""


def solve_cases(
    problem: Problem, seed: int, count: int, watch: Callable[[int, int], None] = _ignore
) -> tuple[SolvedCase, ...]:
    """Draw the cases of a problem and find their truths.

    A case is drawn again if it is undecided; if its truth happens to be 0, since a function that returns 0 would pass
    there; or if all truths of its family or size happen to have the same sign, since a function that returns the
    absolute value would pass. Where the next draws do not change that, it is no accident.

    Args:
        count: how many cases there are at least; watch: is told, after each, how many are decided, and of how many.
    """
    plans = plan_cases(problem, seed, count)
    line = _cases_on_a_line(plans)
    solved: list[SolvedCase] = []

    def tell() -> None:
        watch(len(keep_decided(solved)), len(plans))

    for case in draw_cases(problem, seed, count):
        solved.append(_solve(problem, case, seed))
        tell()

    settled: set[int] = set()
    for attempt in range(1, ATTEMPTS):
        if attempt >= HOPELESS and not keep_decided(solved):
            break

        unsettled = [index for index in range(len(solved)) if index not in settled]
        weak = [index for index in unsettled if _shows_less(index, plans, solved, line)]
        for index in weak:
            old = solved[index]
            new = _solve(problem, draw_case(problem, plans, index, seed, attempt), seed)
            if index in line or _shows_more(new, old):
                solved[index] = replace(new, causes=old.all_causes)
                tell()
            elif old.is_zero and attempt >= HOPELESS:
                settled.add(index)
    return tuple(solved)


def _shows_less(
    index: int, plans: Sequence[Plan], solved: Sequence[SolvedCase], line: Collection[int]
) -> bool:
    """Does a case show less than it could?"""
    case = solved[index]
    if index in line:
        return any(solved[other].truth is None for other in line)
    if case.truth is None:
        return True
    if plans[index].zero:
        return False
    return case.is_zero or _is_one_sided(index, plans, solved)


def _solve(problem: Problem, case: Case, seed: int) -> SolvedCase:
    truth = find_truth(problem, case, seed)
    if isinstance(truth, Undecided):
        return SolvedCase(case, None, truth.cause)
    return SolvedCase(case, truth)


def _cases_on_a_line(plans: Sequence[Plan]) -> frozenset[int]:
    """The cases that linearity is judged by: they are drawn again together or not at all."""
    indices: set[int] = set()
    for index, plan in enumerate(plans):
        if plan.combination_of:
            indices.update((index, *plan.combination_of))
    return frozenset(indices)


def _is_one_sided(index: int, plans: Sequence[Plan], solved: Sequence[SolvedCase]) -> bool:
    """Whether it is the last of its family, or of its group and size, and all of them have the same sign."""
    if not solved[index].sign:
        return False

    signed = [other for other, case in enumerate(solved) if case.sign]
    for kind in (_family, _group_and_size):
        alike = [other for other in signed if kind(plans[other]) == kind(plans[index])]
        signs = {solved[other].sign for other in alike}
        is_last_of_several = len(alike) > 1 and alike[-1] == index
        if is_last_of_several and len(signs) == 1:
            return True
    return False


def _family(plan: Plan) -> str:
    return plan.family.name


def _group_and_size(plan: Plan) -> tuple[str, Mapping[str, int]]:
    return plan.family.definition.group, plan.sizes


def _shows_more(new: SolvedCase, old: SolvedCase) -> bool:
    """Whether another draw is decided where the first is not, not 0 where it is 0, or of the other sign."""
    if old.truth is None:
        return True
    if new.truth is None or new.is_zero:
        return False
    return old.is_zero or new.sign != old.sign
