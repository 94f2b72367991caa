"""Functions of matrices by name, on arrays of balls; what is not bounded is undecided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flint import acb_mat

from grader.problems.language import Several
from grader.truths.balls import Ball, NotExactError, from_entries
from grader.truths.functions.factorizations import cholesky, lu, qr
from grader.truths.functions.general_eigen import eig, eigvals
from grader.truths.functions.hermitian import eigh, eigvalsh, svd, svdvals
from grader.truths.functions.least_squares import lstsq, null_space, pinv, sylvester
from grader.truths.functions.matrices import Mat
from grader.truths.functions.powers import expm, funm, logm, sqrtm

_OF_MATRICES: Mapping[str, Callable[..., Any]] = {
    **{"cholesky": cholesky, "qr": qr, "lu": lu, "svd": svd, "svdvals": svdvals},
    **{"eigh": eigh, "eigvalsh": eigvalsh, "eig": eig, "eigvals": eigvals},
    **{"pinv": pinv, "null_space": null_space, "sylvester": sylvester},
    **{"expm": expm, "logm": logm, "sqrtm": sqrtm, "funm": funm},
}


def _on_arrays(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def apply(*arguments: Any) -> Any:
        found = function(*(item.mat if isinstance(item, Ball) else item for item in arguments))
        if isinstance(found, tuple):
            return Several([_array(name, part) for part in found])
        return _array(name, found)

    return apply


def _array(name: str, found: Any) -> Ball:
    """A matrix, or a list of numbers, as an array of balls."""
    array = (
        from_entries(found, (len(found),))
        if isinstance(found, list)
        else Ball(found, (found.nrows(), found.ncols()))
    )
    if not all(entry.is_finite() for entry in array.entries()):
        raise NotExactError(f"{name} is not bounded there")
    return array


def _lstsq(A: Ball, b: Ball) -> Ball:
    kind: Any = acb_mat if A.is_complex or b.is_complex else type(A.mat)
    X: Mat = lstsq(kind(A.mat), kind(b.mat))
    return Ball(X, (X.nrows(), *b.shape[1:]))


MATRIX_BALLS: Mapping[str, Callable[..., Any]] = {
    **{name: _on_arrays(name, function) for name, function in _OF_MATRICES.items()},
    "lstsq": _lstsq,
}
