"""Balls as arrays of doubles."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from flint import acb, arb

from grader.core.norms import Array
from grader.truths.balls import Ball


def split(x: Ball) -> tuple[Array, Array]:
    """The midpoints as an unevaluated sum of two double arrays, hi + lo, good to about 106 bits."""
    pairs = [_split_entry(entry) for entry in x.entries()]
    dtype = np.complex128 if x.is_complex else np.float64
    hi = np.array([pair[0] for pair in pairs], dtype=dtype).reshape(x.shape)
    lo = np.array([pair[1] for pair in pairs], dtype=dtype).reshape(x.shape)
    return hi, lo


def _split_entry(entry: Any) -> tuple[complex, complex]:
    if isinstance(entry, acb):
        (a, b), (c, d) = _split_entry(entry.real), _split_entry(entry.imag)
        return complex(a.real, c.real), complex(b.real, d.real)
    hi = float(entry.mid())
    if not math.isfinite(hi):
        return hi, 0.0
    return hi, float((entry.mid() - arb(hi)).mid())
