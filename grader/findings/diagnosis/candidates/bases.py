"""Relations to the truth: its transpose, other signs, another order of vec."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np

from grader.core.norms import Array
from grader.findings.diagnosis.part_case import PartCase
from grader.problems.problem import Problem
from grader.problems.sides import Shape, is_square


def _reordered(at: PartCase, *, rows: bool, columns: bool) -> Array:
    """The Jacobian as it is for a vec that stacks rows."""
    J, output = at.truth, at.problem.output
    inside = np.asarray(at.case.values[at.problem.wrt[at.part]]).shape
    outside = tuple(at.case.sizes[side] if isinstance(side, str) else side for side in output)
    J = J[_row_major(outside)] if rows else J
    return J[:, _row_major(inside)] if columns else J


def _row_major(shape: tuple[int, ...]) -> Array:
    """The place in column-major order of each entry in row-major order."""
    return np.arange(int(np.prod(shape))).reshape(shape, order="F").ravel()


class Base(NamedTuple):
    """A relation to the truth.

    Args:
        evaluate: in a case.
        needs: all of these must be `traits` of the problem.
    """

    evaluate: Callable[[PartCase], Array]
    needs: frozenset[str] = frozenset()


_ENTRIES = frozenset({"entries"})
_SQUARE = frozenset({"square"})
_VEC = frozenset({"vec"})

BASES: Mapping[str, Base] = {
    "same": Base(lambda at: at.truth),
    "transpose": Base(lambda at: at.truth.T, _SQUARE),
    "checkerboard": Base(
        lambda at: np.fromfunction(lambda i, j: (-1.0) ** (i + j), at.truth.shape) * at.truth,
        _ENTRIES | _SQUARE,
    ),
    "absolute": Base(lambda at: np.abs(at.truth), _ENTRIES),
    "off-diagonal": Base(
        lambda at: 2 * at.truth - np.diag(np.diag(at.truth)), _ENTRIES | _SQUARE | {"scalar f"}
    ),
    "row-major": Base(partial(_reordered, rows=True, columns=True), _VEC),
    "row-major rows": Base(partial(_reordered, rows=True, columns=False), _VEC),
    "row-major columns": Base(partial(_reordered, rows=False, columns=True), _VEC),
    "row-major transpose": Base(lambda at: _reordered(at, rows=True, columns=True).T, _VEC | _SQUARE),
}


def traits_of(problem: Problem, shape: Shape) -> set[str]:
    """List what a problem, with a truth of a symbolic shape, offers to relations.

    `square`: it can be transposed; `entries`: its entries stand for themselves, and it is no Jacobian; `vec`: rows and
    columns of a Jacobian are stacked columns of matrices; `scalar f`: f must be a number.
    """
    if problem.form == "matrix":
        inside, outside = [problem.input(name).shape for name in problem.wrt], problem.output
        is_plain = problem.is_plain_jacobian
        rows = {
            "square": is_plain and set(inside) == {outside},
            "vec": is_plain and {len(outside), *map(len, inside)} == {2},
        }
    elif problem.form == "stacked":
        rows = {"square": True}
    else:
        rows = {"square": is_square(shape), "entries": True, "scalar f": problem.definition.scalar_only}
    return {trait for trait, holds in rows.items() if holds}
