"""Find out whether there is anything to answer: a map that does not depend on its inputs lets `return 0` pass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.cases.case import Case
from grader.core.grouping import group_pairs
from grader.findings.compare import decided
from grader.problems.problem import Problem
from grader.truths.solve import SolvedCase
from grader.truths.truth import Truth


def find_constant(problem: Problem, cases: Sequence[SolvedCase]) -> str:
    """Say what is constant in a problem, in words; empty if nothing is."""
    truths = decided(cases)
    if not truths or not problem.has_map:
        return ""

    if problem.order == 0:
        return "f has the same value for all inputs of a size" if _has_one_value(truths) else ""
    if not all(_is_zero(truth) for _, truth in truths):
        return ""
    what = "derivative" if problem.order == 1 else "second derivative"
    return f"the {what} of f is 0 everywhere"


def _is_zero(truth: Truth) -> bool:
    return not any(part.hi.any() for part in truth.parts)


def _has_one_value(truths: Sequence[tuple[Case, Truth]]) -> bool:
    """Are values equal wherever the sizes are? Not said where no two cases have the same sizes."""
    groups = group_pairs((repr(case.sizes), truth) for case, truth in truths)
    return len(groups) < len(truths) and all(map(_are_alike, groups.values()))


def _are_alike(truths: Sequence[Truth]) -> bool:
    first, *others = truths
    return all(_is_equal(first, other) for other in others)


def _is_equal(one: Truth, other: Truth) -> bool:
    return all(map(np.array_equal, [part.hi for part in one.parts], [part.hi for part in other.parts]))
