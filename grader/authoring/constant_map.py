"""Find out whether there is anything to answer: a map that does not depend on its inputs lets `return 0` pass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.cases.case import Case
from grader.problems.problem import Problem
from grader.truths.solve import SolvedCase
from grader.truths.truth import Truth


def find_constant(problem: Problem, cases: Sequence[SolvedCase]) -> str:
    """Say what is constant in a problem, in words; empty if nothing is."""
    truths = [(solved.case, solved.truth) for solved in cases if solved.truth is not None]
    if not truths:
        return ""
    if problem.order == 0:
        return "f has the same value for all inputs of a size" if _has_one_value(truths) else ""

    if any(part.hi.any() for _, truth in truths for part in truth.parts):
        return ""
    what = "derivative" if problem.order == 1 else "second derivative"
    return f"the {what} of f is 0 everywhere"


def _has_one_value(truths: Sequence[tuple[Case, Truth]]) -> bool:
    """Are values equal wherever the sizes are? Not said where no two cases have the same sizes."""
    groups: dict[str, list[Truth]] = {}
    for case, truth in truths:
        groups.setdefault(repr(case.sizes), []).append(truth)
    return len(groups) < len(truths) and all(map(_are_alike, groups.values()))


def _are_alike(truths: Sequence[Truth]) -> bool:
    first = [part.hi for part in truths[0].parts]
    return all(
        x.shape == y.hi.shape and np.array_equal(x, y.hi)
        for truth in truths[1:]
        for x, y in zip(first, truth.parts, strict=True)
    )
