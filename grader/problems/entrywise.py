"""The functions of the language on numpy arrays that compute with entries, and what is made of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from grader.core.norms import Array
from grader.problems import entry_functions
from grader.problems.axes import Axes


def _by_math(function: Callable[[float], float]) -> Callable[[Any], Any]:
    """A function of the standard library on arrays."""
    apply = np.frompyfunc(function, 1, 1)

    def on_arrays(x: Any) -> Any:
        if np.iscomplexobj(x):
            raise TypeError("defined for real numbers only")
        return np.asarray(apply(x), dtype=float)[()]

    return on_arrays


def _gammaln(x: float) -> float:
    try:
        return math.lgamma(x)
    except (ValueError, OverflowError):
        return math.inf


def _sigmoid(x: Any) -> Any:
    """1 / (1 + exp(−x)), without overflow."""
    return np.exp(-softplus(-np.asarray(x)))


def softplus(x: Any) -> Any:
    """log(1 + exp(x)), without overflow."""
    return np.logaddexp(0.0, x) if np.isrealobj(x) else np.log1p(np.exp(x))


def logsumexp(x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """Log Σ exp(x), without overflow."""
    top = np.max(np.real(x), axis=axis, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0.0)
    result = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    if keepdims:
        return result
    return np.squeeze(result, axis=axis)[()]


def softmax(x: Any, axis: int | None = None) -> Any:
    """exp(x) / Σ exp(x)."""
    return np.exp(x - logsumexp(x, axis, keepdims=True))


_OURS: Mapping[str, Callable[..., Any]] = {
    "erf": _by_math(math.erf),
    "erfc": _by_math(math.erfc),
    "gammaln": _by_math(_gammaln),
    "sigmoid": _sigmoid,
    "softplus": softplus,
    "relu": lambda x: np.maximum(x, 0.0),
    "logsumexp": logsumexp,
    "softmax": softmax,
}


def _table(names: Sequence[str]) -> Mapping[str, Callable[..., Any]]:
    return {name: _OURS.get(name) or getattr(np, name) for name in names}


UNARY = _table(entry_functions.UNARY)
BINARY = _table(entry_functions.BINARY)
REDUCTIONS = _table(entry_functions.REDUCTIONS)
ALONG_AN_AXIS = _table(entry_functions.ALONG_AN_AXIS)


def duplication(n: int) -> Array:
    """D with D·vech(S) = vec(S) for symmetric S."""
    D = np.zeros((n * n, n * (n + 1) // 2))
    k = 0
    for j in range(n):
        for i in range(j, n):
            D[[i + n * j, j + n * i], k] = 1.0
            k += 1
    return D


def elimination(n: int) -> Array:
    """L with L·vec(A) = vech(A)."""
    L = np.zeros((n * (n + 1) // 2, n * n))
    places = [i + n * j for j in range(n) for i in range(j, n)]
    L[np.arange(len(places)), places] = 1.0
    return L


def commutation(m: int, n: int) -> Array:
    """K with K·vec(A) = vec(Aᵀ) for m×n matrices A."""
    K = np.zeros((m * n, m * n))
    for i in range(m):
        for j in range(n):
            K[j + n * i, i + m * j] = 1.0
    return K


def eye(n: int, m: int | None = None, k: int = 0) -> Array:
    """The identity, or a matrix with ones on another diagonal."""
    return np.eye(n, m, k)


CONSTRUCTORS: Mapping[str, Callable[..., Array]] = {
    "eye": eye,
    "zeros": lambda *shape: np.zeros(shape),
    "ones": lambda *shape: np.ones(shape),
    "arange": lambda *bounds: np.arange(*bounds, dtype=float),
    "duplication": duplication,
    "elimination": elimination,
    "commutation": commutation,
}
"""Arrays that are made of whole numbers alone."""
