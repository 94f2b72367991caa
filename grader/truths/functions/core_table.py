"""Functions of matrices that FLINT's arithmetic alone computes, by name, on arrays of balls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flint import acb_mat

from grader.problems.language import Several
from grader.truths.balls import Ball, NotExactError, from_entries
from grader.truths.functions.factorizations import cholesky, lu, qr
from grader.truths.functions.least_squares import lstsq, null_space, pinv, sylvester
from grader.truths.functions.matrices import Mat

_OF_MATRICES: Mapping[str, Callable[..., Any]] = {
    **{"cholesky": cholesky, "qr": qr, "lu": lu},
    **{"pinv": pinv, "null_space": null_space, "sylvester": sylvester},
}


def on_arrays(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of FLINT's matrices as one of arrays; a result that is not bounded is none."""

    def apply(*arguments: Any) -> Any:
        matrices = [item.mat if isinstance(item, Ball) else item for item in arguments]
        found = function(*matrices)
        if isinstance(found, tuple):
            return Several([_array(name, part) for part in found])
        return _array(name, found)

    return apply


def _array(name: str, found: Any) -> Ball:
    """A matrix, or a list of numbers, as an array of balls."""
    if isinstance(found, list):
        array = from_entries(found, (len(found),))
    else:
        array = Ball(found, (found.nrows(), found.ncols()))
    if not all(entry.is_finite() for entry in array.entries()):
        raise NotExactError(f"{name} is not bounded there")
    return array


def _lstsq(A: Ball, b: Ball) -> Ball:
    kind: Any = acb_mat if A.is_complex or b.is_complex else type(A.mat)
    X: Mat = lstsq(kind(A.mat), kind(b.mat))
    return Ball(X, (X.nrows(), *b.shape[1:]))


CORE_MATRIX_BALLS: Mapping[str, Callable[..., Any]] = {
    **{name: on_arrays(name, function) for name, function in _OF_MATRICES.items()},
    "lstsq": _lstsq,
}
