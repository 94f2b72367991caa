"""Functions of the language that compute with entries, in balls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import accumulate
from operator import methodcaller
from typing import Any

from flint import acb, arb

from grader.truths.ball_arrays import (
    along_axis,
    entries_at,
    largest,
    reduction,
    smallest,
)
from grader.truths.ball_matrices import broadcast, entry_by_entry
from grader.truths.balls import Ball, NotExactError, from_entries, whole_power

_FLINT = {
    **{
        name: name
        for name in (
            "sqrt",
            "log",
            "exp",
            "sin",
            "cos",
            "tan",
            "sinh",
            "cosh",
            "tanh",
            "log1p",
            "erf",
            "erfc",
        )
    },
    **{f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "expm1": "expm1",
}
"""Our name → FLINT's."""


def _sign(a: Any) -> Any:
    """−1, 0 or 1."""
    if not isinstance(a, arb):
        raise NotExactError("the sign of a complex number")
    if a == 0:
        return arb(0)
    if a.contains(0):
        raise NotExactError("the sign of a number that may be 0")
    return arb(1 if a > 0 else -1)


def _gammaln(a: Any) -> Any:
    """log|Γ(a)|."""
    if isinstance(a, arb) and not a > 0:
        return abs(a.gamma()).log()
    return a.lgamma()


def _hypot(a: Any, b: Any) -> Any:
    return (a * a + b * b).sqrt()


def _mean(values: list[Any]) -> Any:
    if not values:
        raise NotExactError("the mean of no entries")
    return sum(values, arb(0)) / len(values)


def _variance(values: list[Any]) -> Any:
    mean = _mean(values)
    return _mean([whole_power(abs(value - mean), 2) for value in values])


def _product(values: list[Any]) -> Any:
    product = arb(1)
    for value in values:
        product = product * value
    return product


def _logsumexp(values: list[Any]) -> Any:
    return sum((value.exp() for value in values), arb(0)).log()


def _softmax(values: list[Any]) -> list[Any]:
    powers = [value.exp() for value in values]
    total = sum(powers, arb(0))
    return [power / total for power in powers]


_softmax_along = along_axis(_softmax)


def _softmax_of(x: Ball, axis: int | None = None) -> Ball:
    """Without an axis, over all entries."""
    result = _softmax_along(x, axis)
    return Ball(result.mat, x.shape) if axis is not None else from_entries(result.entries(), x.shape)


def _outer(a: Ball, b: Ball) -> Ball:
    return entry_by_entry(lambda p, q: p * q)(*_crossed(a, b))


def _crossed(a: Ball, b: Ball) -> list[Ball]:
    """Two vectors, one down and the other across."""
    column, row = (from_entries(x.entries(), (len(x.entries()),)) for x in (a, b))
    return broadcast(entries_at(column, (slice(None), None)), entries_at(row, (None, slice(None))))


def _cross(x: Ball, y: Ball) -> Ball:
    a, b = x.entries(), y.entries()
    return from_entries([a[i] * b[j] - a[j] * b[i] for i, j in ((1, 2), (2, 0), (0, 1))], (3,))


def _convolve(x: Ball, y: Ball) -> Ball:
    a, b = x.entries(), y.entries()
    sums: list[Any] = [arb(0)] * (len(a) + len(b) - 1)
    for i, p in enumerate(a):
        for j, q in enumerate(b):
            sums[i + j] = sums[i + j] + p * q
    return from_entries(sums, (len(sums),))


def _diff(x: Ball) -> Ball:
    return entries_at(x, (..., slice(1, None))) - entries_at(x, (..., slice(None, -1)))


ENTRIES: Mapping[str, Callable[..., Ball]] = {
    **{name: entry_by_entry(methodcaller(method)) for name, method in _FLINT.items()},
    "abs": entry_by_entry(abs),
    "sign": entry_by_entry(_sign),
    "square": entry_by_entry(lambda a: a * a),
    "real": entry_by_entry(lambda a: a.real),
    "imag": entry_by_entry(lambda a: a.imag),
    "conj": entry_by_entry(lambda a: a.conjugate() if isinstance(a, acb) else a),
    "gammaln": entry_by_entry(_gammaln),
    "sigmoid": entry_by_entry(lambda a: 1 / (1 + (-a).exp())),
    "softplus": entry_by_entry(lambda a: (1 + a.exp()).log()),
    "relu": entry_by_entry(lambda a: a.max(arb(0))),
    "maximum": entry_by_entry(lambda a, b: largest([a, b])),
    "minimum": entry_by_entry(lambda a, b: smallest([a, b])),
    "clip": entry_by_entry(lambda a, low, high: smallest([largest([a, low]), high])),
    "arctan2": entry_by_entry(lambda y, x: arb.atan2(y, x)),
    "hypot": entry_by_entry(_hypot),
    "logaddexp": entry_by_entry(lambda a, b: (a.exp() + b.exp()).log()),
    "mean": reduction(_mean),
    "prod": reduction(_product),
    "var": reduction(_variance),
    "std": reduction(lambda values: _variance(values).sqrt()),
    "logsumexp": reduction(_logsumexp),
    "cumsum": along_axis(lambda values: list(accumulate(values))),
    "cumprod": along_axis(lambda values: list(accumulate(values, lambda p, q: p * q))),
    "softmax": _softmax_of,
    "outer": _outer,
    "cross": _cross,
    "convolve": _convolve,
    "diff": _diff,
}
"""Name → operation."""
