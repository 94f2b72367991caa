"""Find out whether there is anything to answer: a map that does not depend on its inputs lets `return 0` pass."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from grader.cases.case import Case
from grader.core.grouping import group_pairs
from grader.core.norms import Array
from grader.findings.compare import decided
from grader.problems.problem import Problem
from grader.truths.solve import SolvedCase
from grader.truths.truth import Truth


def find_constant(problem: Problem, cases: Sequence[SolvedCase]) -> str:
    """Say what is constant in a problem, in words; empty if nothing is."""
    truths = decided(cases)
    if not truths or not problem.has_map:
        return ""

    is_constant = _has_one_value if problem.order == 0 else _are_zero
    if not is_constant(truths):
        return ""
    return _WORDS[problem.order]


_WORDS = (
    "f has the same value for all inputs of a size",
    "the derivative of f is 0 everywhere",
    "the second derivative of f is 0 everywhere",
)
"""What is said where values, derivatives or second derivatives are constant."""


def _are_zero(truths: Sequence[tuple[Case, Truth]]) -> bool:
    parts = chain.from_iterable(truth.parts for _, truth in truths)
    return not any(part.hi.any() for part in parts)


def _has_one_value(truths: Sequence[tuple[Case, Truth]]) -> bool:
    """Are values equal wherever the sizes are? Not said where no two cases have the same sizes."""
    groups = group_pairs((repr(case.sizes), _values(truth)) for case, truth in truths)
    return len(groups) < len(truths) and all(map(_are_equal, groups.values()))


def _values(truth: Truth) -> list[Array]:
    return [part.hi for part in truth.parts]


def _are_equal(values: Sequence[list[Array]]) -> bool:
    first, *others = values
    return all(all(map(np.array_equal, first, other)) for other in others)
