"""Cases of whole numbers, asked with arrays of integers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.cases.case import Case

_LARGEST = 1000
"""Nobody types larger numbers."""


def is_whole(case: Case) -> bool:
    """Are there arrays, and are all of their entries whole numbers, as people type them?"""
    arrays = [value for value in case.values.values() if isinstance(value, np.ndarray)]
    return bool(arrays) and all(map(_is_whole, arrays))


def _is_whole(array: NDArray[Any]) -> bool:
    if np.iscomplexobj(array):
        return False
    return bool(np.all(array == np.rint(array)) and np.all(np.abs(array) < _LARGEST))


def in_integers(case: Case) -> Case:
    """The same case with arrays of integers."""
    values = dict(case.values)
    for name, value in case.values.items():
        if isinstance(value, np.ndarray):
            values[name] = value.astype(np.int64)
    return replace(case, values=values, of_integers=True)
