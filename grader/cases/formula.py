"""Functions that students are given, in double precision."""

from __future__ import annotations

from typing import Any

from grader.cases.case import Formula
from grader.problems.algebras import NUMPY


class CallableFormula(Formula):
    """A formula that can be called with arrays."""

    __slots__ = ()

    def __call__(self, x: Any) -> Any:
        """Its value in double precision."""
        return self.over(NUMPY)(x)
