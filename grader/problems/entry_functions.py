"""Names of the functions that compute with entries: numpy's, and some of ours."""

from __future__ import annotations

UNARY = (
    *("sqrt", "log", "exp", "expm1", "log1p", "square", "sign", "abs", "real", "imag", "conj"),
    *("sin", "cos", "tan", "sinh", "cosh", "tanh"),
    *("arcsin", "arccos", "arctan", "arcsinh", "arccosh", "arctanh"),
    *("erf", "erfc", "gammaln", "sigmoid", "softplus", "relu"),
)
"""Of one argument, entry by entry."""

BINARY = ("maximum", "minimum", "arctan2", "hypot", "logaddexp")
"""Of two arguments, entry by entry."""

REDUCTIONS = ("sum", "mean", "prod", "max", "min", "var", "std", "logsumexp")
"""Of all entries, or of those along an axis."""

ALONG_AN_AXIS = ("cumsum", "cumprod", "softmax")
"""Along an axis, which they keep."""
