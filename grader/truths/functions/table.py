"""Functions of matrices by name, on arrays of balls; what is not bounded is undecided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from grader.truths.functions.core_table import CORE_MATRIX_BALLS, on_arrays
from grader.truths.functions.general_eigen import eig, eigvals
from grader.truths.functions.hermitian import eigh, eigvalsh, svd, svdvals
from grader.truths.functions.powers import expm, funm, logm, sqrtm

_OF_MATRICES: Mapping[str, Callable[..., Any]] = {
    **{"svd": svd, "svdvals": svdvals},
    **{"eigh": eigh, "eigvalsh": eigvalsh, "eig": eig, "eigvals": eigvals},
    **{"expm": expm, "logm": logm, "sqrtm": sqrtm, "funm": funm},
}

MATRIX_BALLS: Mapping[str, Callable[..., Any]] = {
    **CORE_MATRIX_BALLS,
    **{name: on_arrays(name, function) for name, function in _OF_MATRICES.items()},
}
