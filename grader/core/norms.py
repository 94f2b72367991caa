"""Norms of plain arrays, safe against overflow, and the real inner product that gradients refer to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

SAFE_SQUARE = (1e-250, 1e250)
"""Squared norms in this range have lost nothing to over- or underflow."""

Array = NDArray[Any]
"""Doubles, real or complex."""

UNIT = 2.0**-53
"""u, the unit round-off of double precision."""

ORDERS: Mapping[str, Any] = {"fro": "fro", "1": 1, "2": 2, "inf": np.inf, "nuc": "nuc"}
"""What numpy calls these norms."""


def norm(x: Array, kind: str = "fro") -> float:
    """Compute ‖x‖ of a scalar, vector or matrix; NaN if any entry is NaN.

    fro: √Σ|xᵢⱼ|²; 2: largest singular value; nuc: sum of singular values; 1, inf: largest column and row
    sum; max: largest entry. A vector counts as one column. Where squares would over- or underflow, the
    largest entry is factored out first.
    """
    if x.ndim == 0:
        kind = "fro"
    if kind == "fro":
        square = float(np.vdot(x, x).real)
        if SAFE_SQUARE[0] < square < SAFE_SQUARE[1]:
            return math.sqrt(square)
    if x.size == 0:
        return 0.0

    scale = float(np.max(np.abs(x)))
    if scale == 0 or not math.isfinite(scale) or kind == "max":
        return scale

    y = x / scale
    if kind == "fro":
        return scale * math.sqrt(float(np.vdot(y, y).real))
    columns = y if y.ndim == 2 else y[:, None]
    return scale * float(np.linalg.norm(columns, ORDERS[kind]))


def inner(P: Array, Q: Array) -> float:
    """⟨P, Q⟩ = Re tr(PᴴQ), the Frobenius inner product of real and complex arrays."""
    return float(np.vdot(P, Q).real)
