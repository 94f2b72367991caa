"""Rules of HIPS/autograd for numpy and scipy, backward."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd.numpy as np
import autograd.scipy.linalg as scipy_linalg
import numpy
from autograd import make_vjp
from autograd.numpy import linalg

from benchmarks.rules_of_others.rule import DEFINITE, M_BY_N, N_BY_N, NONSINGULAR, SYMMETRIC, Rule, in_space

_S = {"S": {"shape": ["n", "n"], "space": "symmetric", "family": SYMMETRIC}}
_P = {"S": {"shape": ["n", "n"], "space": "positive_definite", "family": DEFINITE}}
_B = {"shape": ["n"], "family": ["generic"]}
_L = {"L": {"shape": ["n", "n"], "space": "lower_triangular", "family": SYMMETRIC}, "b": _B}
_REGULAR = {"A": {"shape": ["n", "n"], "family": NONSINGULAR}}
_A = {"A": M_BY_N}
_TALL = {"sizes": {"m": [3, 4], "n": [1, 2, 3]}, "where": ["m >= n"]}
_SQUARES = {name: {"shape": ["n", "n"], "family": ["generic"]} for name in ("B", "C")}


def backward(rule: Rule) -> Callable[..., Any]:
    """Answer the pullback; autograd's gradients by complex numbers are the conjugates of ours."""

    def function(*given: Any) -> Any:
        *inputs, cotangent = [numpy.asarray(one) * 1.0 for one in given]
        pull, value = make_vjp(lambda together: rule.call(*together))(tuple(inputs))
        # What is real pulls back real parts, and so does what a real input can change.
        found = pull(_like(value, numpy.conj(cotangent)))
        answers = [
            in_space(space, _like(own, numpy.conj(one)))
            for space, own, one in zip(rule.spaces, inputs, found, strict=True)
        ]
        return answers[0] if len(answers) == 1 else tuple(answers)

    return function


def _like(own: Any, given: Any) -> Any:
    return given if numpy.iscomplexobj(own) else numpy.real(given)


def _signs(V: Any) -> Any:
    largest = V[np.argmax(np.abs(V), 0), np.arange(V.shape[1])]
    return np.conj(largest) / np.abs(largest)


def _eigh(S: Any) -> Any:
    w, V = linalg.eigh(S)
    return np.vstack([w[None], V * _signs(V)])


def _through_eigh(S: Any) -> Any:
    w, V = linalg.eigh(S)
    return np.dot(V * np.exp(w), V.T)


def _eig(A: Any) -> Any:
    w, V = linalg.eig(A)
    order = sorted(range(len(A)), key=lambda k: (np.real(w[k])._value, np.imag(w[k])._value))
    w, V = w[np.array(order)], V[:, np.array(order)]
    return np.vstack([w[None], V * _signs(V)])


def _sum_of_cubes(A: Any) -> Any:
    total = np.sum(linalg.eig(A)[0] ** 3)
    return total if numpy.iscomplexobj(A) else np.real(total)


def _svd(A: Any) -> Any:
    U, s, Vh = linalg.svd(A, full_matrices=False)
    phases = _signs(U)
    return np.vstack([U * phases, s[None], Vh * np.conj(phases)[:, None]])


def _through_svd(A: Any) -> Any:
    U, s, Vh = linalg.svd(A, full_matrices=False)
    return np.dot(np.conj(Vh.T) / s, np.conj(U.T))


RULES = [
    Rule("numpy.linalg.norm", "norm(A)", linalg.norm, _A),
    Rule("numpy.linalg.norm (squared)", "norm(A) ** 2", lambda A: linalg.norm(A) ** 2, _A),
    Rule("numpy.linalg.norm (nuc)", "norm(A, 'nuc')", lambda A: linalg.norm(A, "nuc"), _A),
    Rule("numpy.linalg.det", "det(A)", linalg.det),
    Rule("numpy.linalg.slogdet", "logdet(A)", lambda A: linalg.slogdet(A)[1]),
    Rule("numpy.linalg.inv", "inv(A)", linalg.inv),
    Rule("numpy.linalg.pinv", "pinv(A)", linalg.pinv, _A),
    Rule("numpy.linalg.solve", "solve(A, b)", linalg.solve, {"A": N_BY_N, "b": _B}),
    Rule("numpy.linalg.cholesky", "cholesky(S)", linalg.cholesky, _P),
    Rule("numpy.linalg.eigh", "w, V = eigh(S)\nreturn vstack(w[None, :], V)", _eigh, _S),
    Rule("numpy.linalg.eigh (V exp(w) Vᵀ)", "expm(S)", _through_eigh, _S),
    Rule("numpy.linalg.eig", "w, V = eig(A)\nreturn vstack(w[None, :], V)", _eig),
    Rule(
        "numpy.linalg.eig (sum of cubes)",
        "trace(A @ A @ A)",
        _sum_of_cubes,
    ),
    Rule("numpy.linalg.svd", "U, s, Vh = svd(A)\nreturn vstack(U, s[None, :], Vh)", _svd, _A, _TALL),
    Rule("numpy.linalg.svd (V s⁻¹ Uᵀ)", "inv(A)", _through_svd, _REGULAR),
    Rule(
        "numpy.linalg.svd (sum of squares)",
        "norm(A) ** 2",
        lambda A: np.sum(linalg.svd(A, compute_uv=False) ** 2),
        _A,
    ),
    Rule("scipy.linalg.sqrtm", "sqrtm(A)", scipy_linalg.sqrtm),
    Rule("scipy.linalg.sqrtm (definite)", "sqrtm(S)", scipy_linalg.sqrtm, _P),
    Rule(
        "scipy.linalg.solve_triangular",
        "solve(L, b)",
        lambda L, b: scipy_linalg.solve_triangular(L, b, lower=True),
        _L,
    ),
    Rule(
        "scipy.linalg.solve_sylvester",
        "sylvester(A, B, C)",
        scipy_linalg.solve_sylvester,
        {"A": N_BY_N, **_SQUARES},
    ),
]
