"""One part of what is asked in a case, with its truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grader.cases.case import Case
from grader.core.norms import Array, norm
from grader.findings.compare import arrays_of
from grader.problems.problem import Problem
from grader.truths.truth import Truth

WELL_BEHAVED = ("generic", "integer", "symmetric", "orthogonal", "triangular", "diagonal")
"""Real and well-conditioned: a difference quotient has its usual accuracy, and so has any formula."""
DELICATE = (
    "ill_conditioned", "corank_1", "corank_2", "dense_singular", "zero", "eigenvalue", "multiple_eigenvalue", "empty",
    "graded", "clustered", "nearly_defective", "hilbert", "badly_scaled_rows",
)  # fmt: skip
"""Nearly or exactly singular, or of size 0: a formula may lose its digits there, or fail."""
INCOMPARABLE = ("dense_singular",)
"""Families whose last pivot is rounding alone: what a wrong formula makes of it depends on the algorithm."""
HUGE = 1e50
"""Numbers beyond this, or below its inverse, overflow in products."""
PILOTS = ("generic", "integer")
"""Families in which another formula has another value, so that candidates are tried there first."""


@dataclass(frozen=True, slots=True, eq=False)
class PartCase:
    """One part of what is asked in a case: one gradient of several, or all.

    Args:
        part: which part.
        whole_truth: the truth of all parts.
    """

    problem: Problem
    part: int
    case: Case
    whole_truth: Truth

    @property
    def truth(self) -> Array:
        """The right value."""
        return self.whole_truth.parts[self.part].hi

    @property
    def tolerance(self) -> float:
        """The distance from the truth that is allowed."""
        return self.whole_truth.tolerances[self.part]

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes of the case."""
        return tuple(self.case.sizes.values())

    @property
    def is_complex(self) -> bool:
        """Is some argument complex?"""
        return any(np.asarray(value).dtype.kind == "c" for value in self.case.values.values())

    @property
    def is_delicate(self) -> bool:
        """May a right formula fail here, or lose its digits?"""
        return self.case.family in DELICATE

    @property
    def can_overflow(self) -> bool:
        """Are inputs so large or so small that a formula may overflow?"""
        if self.case.family == "scaled":
            return True
        largest_entries = [norm(array, "max") for array in arrays_of(self.case)]
        return any(size > HUGE or 0 < size < 1 / HUGE for size in largest_entries)

    @property
    def is_one_by_one(self) -> bool:
        """Is every size 1 or 0, so that matrices commute and many formulas agree?"""
        return max(self.sizes, default=2) <= 1

    @property
    def can_be_pilot(self) -> bool:
        """Does another formula have another value here, and no second direction come in?"""
        has_one_direction = self.case.combination_of is None
        return self.case.family in PILOTS and has_one_direction and not self.is_one_by_one
