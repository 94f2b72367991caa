"""Tests of `lecture05` as an instructor would write them for another autograder: one piece of code per problem.

They compare with central differences and reference formulas at some thirty inputs, as ours does, in numpy alone.
"""

from __future__ import annotations

PRELUDE = """\
import numpy as np
rng = np.random.default_rng(7)
shapes = [n for n in (1, 2, 2, 3, 3, 4, 5) for _ in range(4)]
def draw(n): return rng.standard_normal((n, n)) + 2 * np.eye(n)
def central(f, A, V, h=1e-6): return (f(A + h * V) - f(A - h * V)) / (2 * h)
def close(a, b): return np.linalg.norm(np.asarray(a) - b) <= 1e-6 * (1 + np.linalg.norm(b))
"""

_EACH = "for n in shapes:\n    A, V, G = draw(n), rng.standard_normal((n, n)), rng.standard_normal((n, n))\n"

_CLAIMS = {
    "det-gradient": ("det_gradient(A)", "close(np.sum({0} * V), central(np.linalg.det, A, V))"),
    "adjugate": ("adjugate(A)", "close({0} @ A, np.linalg.det(A) * np.eye(n))"),
    "det-differential": ("det_differential(A, V)", "close({0}, central(np.linalg.det, A, V))"),
    "logdet-gradient": (
        "logdet_gradient(A)",
        "close(np.sum({0} * V), central(lambda X: np.linalg.slogdet(X)[1], A, V))",
    ),
    "inv-differential": ("inv_differential(A, V)", "close({0}, central(np.linalg.inv, A, V))"),
    "inv-jacobian": (
        "inv_jacobian(A)",
        'close({0} @ V.ravel(order="F"), central(np.linalg.inv, A, V).ravel(order="F"))',
    ),
    "det-pullback": ("det_pullback(A, 1.5)", "close(np.sum({0} * V), 1.5 * central(np.linalg.det, A, V))"),
    "inv-pullback": (
        "inv_pullback(A, G)",
        "close(np.sum({0} * V), np.sum(G * central(np.linalg.inv, A, V)))",
    ),
}

TESTS = {
    id: f"{_EACH}    answer = {call}\n    assert np.all(np.isfinite(answer))\n    assert {claim.format('answer')}\n"
    for id, (call, claim) in _CLAIMS.items()
}
"""Problem → statements that raise if the function of that problem is wrong; to be run after `PRELUDE`."""
