"""Functions on a tape, with their derivatives, at many points at once in doubles: what is found so is a guess.

The derivative of an analytic function is Im f(x + ih)/h, which has no rounding of differences, so that h may be tiny.

Source: W. Squire, G. Trapp, "Using complex variables to estimate derivatives of real functions", SIAM Review 40 (1998).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb, ctx

from grader.core.norms import Array
from grader.truths.functions.tape import Numbers

H = 1e-100
_BITS = 106
"""The working precision in which what becomes doubles is computed one by one."""


def values_and_slopes(g: Numbers, Y: Array, times: Array) -> tuple[Array, Array]:
    """G at rows of doubles and times, and its derivative in y there (row, entry, entry)."""
    try:
        with np.errstate(all="ignore"):
            return _at_once(g, Y, times)
    except (TypeError, AttributeError):
        # Not on a tape, or by an operation that is not one of complex doubles.
        return _one_by_one(g, Y, times)


def _at_once(g: Numbers, Y: Array, times: Array) -> tuple[Array, Array]:
    count, n = Y.shape
    moved = np.repeat(Y.T[:, None, :], n + 1, axis=1).astype(complex)
    for k in range(n):
        moved[k, k] += 1j * H

    entries = g(list(map(_Points, moved)), _Points(times))
    found = [np.broadcast_to(_plain(entry), (n + 1, count)) for entry in entries]
    values = np.array([entry[0].real for entry in found]).T
    slopes = np.array([entry[:n].imag for entry in found]) / H
    return values, slopes.transpose(2, 0, 1)


def _one_by_one(g: Numbers, Y: Array, times: Array) -> tuple[Array, Array]:
    values, slopes = [], []
    with ctx.workprec(_BITS):
        h = arb(2) ** -45
        for row, time in zip(Y.tolist(), times.tolist(), strict=True):
            y, t = [arb(entry) for entry in row], arb(time)
            value = g(y, t)
            values.append(list(map(float, value)))

            columns = []
            for k in range(len(y)):
                moved = g([*y[:k], y[k] + h, *y[k + 1 :]], t)
                columns.append([float((a - b) / h) for a, b in zip(moved, value, strict=True)])
            slopes.append(columns)
    return np.array(values), np.array(slopes).transpose(0, 2, 1)


def _plain(x: Any) -> Any:
    """The array of a number, or a number that is the same at all points."""
    return x.array if isinstance(x, _Points) else float(x)


def _turned(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], _Points]:
    return lambda self, other: _Points(operation(_plain(other), self.array))


def _two(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], _Points]:
    return lambda self, other: _Points(operation(self.array, _plain(other)))


def _one(operation: Callable[[Any], Any]) -> Callable[[Any], _Points]:
    return lambda self: _Points(operation(self.array))


def _erf(x: Array) -> Array:
    """The error function, and its derivative where the imaginary part is tiny."""
    real = np.vectorize(math.erf, otypes=[float])(x.real)
    return np.asarray(real + 1j * x.imag * 2 / math.sqrt(math.pi) * np.exp(-(x.real**2)))


class _Points:
    """A number at many points, as tapes use it."""

    def __init__(self, array: Array) -> None:
        self.array = array

    __add__, __radd__ = _two(np.add), _turned(np.add)
    __sub__, __rsub__ = _two(np.subtract), _turned(np.subtract)
    __mul__, __rmul__ = _two(np.multiply), _turned(np.multiply)
    __truediv__, __rtruediv__ = _two(np.divide), _turned(np.divide)
    __pow__ = _two(np.power)
    __neg__, __abs__ = _one(np.negative), _one(lambda x: x * np.sign(x.real))
    sqrt, log, exp, log1p, expm1 = map(_one, (np.sqrt, np.log, np.exp, np.log1p, np.expm1))
    sin, cos, tan, asin, acos, atan = map(_one, (np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan))
    sinh, cosh, tanh = map(_one, (np.sinh, np.cosh, np.tanh))
    erf, erfc = _one(_erf), _one(lambda x: 1 - _erf(x))
