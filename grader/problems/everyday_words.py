"""What people call families, spaces, asks, norms and checks → what they are called here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from grader.core.errors import suggest

_DEFINITE = "a space: write space: positive_definite"
_SINGULAR = "write corank_1, dense_singular or zero for singular matrices"
EVERYDAY_WORDS: Mapping[str, Mapping[str, str]] = {
    "family": {
        **dict.fromkeys(("singular", "rank_deficient", "noninvertible", "degenerate"), _SINGULAR),
        **dict.fromkeys(("rank_1", "low_rank"), "write corank_1 or corank_2"),
        **dict.fromkeys(("spd", "psd", "pd", "posdef", "positive_definite"), f"that is {_DEFINITE}"),
        **dict.fromkeys(("identity", "eye", "scalar"), "write multiple_of_identity"),
        **dict.fromkeys(("random", "normal", "gaussian", "uniform", "dense", "real"), "write generic"),
        **dict.fromkeys(("sym", "hermitian"), "write symmetric, or space: symmetric if all inputs are"),
        **dict.fromkeys(("invertible", "nonsingular", "regular", "general"), "write generic"),
        **dict.fromkeys(("zeros", "null"), "write zero"),
        **dict.fromkeys(("large", "small", "tiny", "huge"), "write scaled"),
        **dict.fromkeys(("rectangular", "tall", "wide"), "write thin, and shape: [m, n]"),
        **dict.fromkeys(("whole", "int"), "write integer"),
        **dict.fromkeys(("unitary", "rotation"), "write orthogonal"),
        **dict.fromkeys(("nilpotent", "jordan", "defective"), "write nearly_defective"),
        **dict.fromkeys(("illconditioned", "ill", "kappa"), "write ill_conditioned"),
    },
    "space": {
        **dict.fromkeys(("spd", "psd", "pd", "posdef"), "write positive_definite"),
        **dict.fromkeys(("sym",), "write symmetric"),
        **dict.fromkeys(("antisymmetric", "skew_symmetric", "antisym", "so"), "write skew"),
        **dict.fromkeys(("sphere", "normalized", "normalised"), "write unit"),
        **dict.fromkeys(("simplex", "distribution", "stochastic"), "write probability"),
        **dict.fromkeys(("triangular",), "write lower_triangular or upper_triangular"),
        **dict.fromkeys(("rotation", "unitary", "SO", "O"), "write orthogonal"),
        **dict.fromkeys(("grassmann", "orthonormal"), "write stiefel"),
        **dict.fromkeys(("real", "any", "reals", "full", "matrix"), "write general"),
        **dict.fromkeys(("diagonal", "complex"), "that is a family: write family: [{}]"),
        **dict.fromkeys(("nonnegative", "positive_entries"), "write positive"),
        **dict.fromkeys(("integers", "labels", "index"), "write integer, or index: n for labels"),
    },
    "ask": {
        **dict.fromkeys(("derivative", "jvp", "directional", "frechet", "pushforward"), "write differential"),
        **dict.fromkeys(("vjp", "adjoint", "backward", "backprop"), "write pullback"),
        **dict.fromkeys(("grad",), "write gradient"),
        **dict.fromkeys(("hess", "second_derivative"), "write hessian, or second_differential"),
        **dict.fromkeys(("function", "evaluate", "answer", "f"), "write value"),
    },
    "norm": {
        **dict.fromkeys(("frobenius", "f", "F", "l2"), "write fro"),
        **dict.fromkeys(("spectral", "operator"), 'write "2"'),
        **dict.fromkeys(("nuclear", "trace"), "write nuc"),
    },
    "check": {
        **dict.fromkeys(("exact", "equal", "correct", "value", "compare"), "write reference"),
        **dict.fromkeys(("finite_difference", "numerical"), "write taylor"),
    },
}


def suggest_word(noun: str, word: str, allowed: Iterable[str]) -> str:
    """Help with the word for a family, a space and so on, in half a sentence."""
    known = EVERYDAY_WORDS.get(noun, {})
    plain = word.strip().replace("-", "_").replace(" ", "_")
    here = known.get(plain) or known.get(plain.lower())
    return here.format(plain) if here else suggest(word, allowed)
