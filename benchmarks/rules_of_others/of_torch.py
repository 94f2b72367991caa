"""Rules of `torch.linalg`, backward and forward."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, linalg

from benchmarks.rules_of_others.rule import (
    DEFINITE,
    LENGTH_N,
    M_BY_N,
    N_BY_N,
    NONSINGULAR,
    SQUARE,
    SYMMETRIC,
    VECTOR,
    Rule,
    in_space,
)

_S = {"S": {"shape": ["n", "n"], "space": "symmetric", "family": SYMMETRIC}}
_P = {"S": {"shape": ["n", "n"], "space": "positive_definite", "family": DEFINITE}}
_B = {"shape": ["n"], "family": ["generic"]}
_L = {"L": {"shape": ["n", "n"], "space": "lower_triangular", "family": SYMMETRIC}, "b": _B}
_SYSTEM = {"A": N_BY_N, "b": _B}
_A = {"A": M_BY_N}
_REGULAR = {"A": {"shape": ["n", "n"], "family": NONSINGULAR}}
_X = {"x": LENGTH_N}
_XY = {"x": LENGTH_N, "y": _B}
_TALL = {"sizes": {"m": [3, 4], "n": [1, 2, 3]}, "where": ["m >= n"]}
_EVEN = {"sizes": {"n": [2, 4]}}
_BLOCKS = {"shape": ["n", "n"], "family": [family for family in SQUARE if family != "one_by_one"]}
_THREE = {"shape": [3], "family": ["integer", "generic", "scaled", "zero", "complex"]}
_PRODUCT = {name: {"shape": ["n", "n"], "family": ["generic"]} for name in ("B", "C")}
_REFLECTORS = """\
V = tril(A, -1) + eye(m, n)
Q = eye(m, n)
for k in range(n):
    Q = Q - tau[n - 1 - k] * outer(V[:, n - 1 - k], conj(V[:, n - 1 - k]) @ Q)
return Q
"""
_POWERS = """\
V = ones(n, n)
for k in range(1, n):
    V[:, k] = V[:, k - 1] * x
return V
"""


def backward(rule: Rule) -> Callable[..., Any]:
    """Answer the pullback: the last argument is the cotangent."""

    def function(*given: Any) -> Any:
        *tensors, cotangent = [_tensor(one) for one in given]
        inputs = [one.requires_grad_() for one in tensors]
        value = rule.call(*inputs)
        found = torch.autograd.grad(value, inputs, cotangent.to(value.dtype))
        answers = [in_space(space, one.numpy()) for space, one in zip(rule.spaces, found, strict=True)]
        return answers[0] if len(answers) == 1 else tuple(answers)

    return function


def forward(rule: Rule) -> Callable[..., Any]:
    """Answer the differential: the second half of the arguments are directions."""

    def function(*given: Any) -> Any:
        tensors = tuple(_tensor(one) for one in given)
        count = len(tensors) // 2
        _, tangent = torch.func.jvp(rule.call, tensors[:count], tensors[count:])
        return tangent.numpy()

    return function


def _tensor(given: Any) -> Tensor:
    """A copy, of floating point numbers also where whole numbers are given."""
    tensor = torch.tensor(given)
    return tensor if tensor.is_floating_point() or tensor.is_complex() else tensor.double()


def _phases(V: Tensor) -> Tensor:
    """The factor of each column that makes its largest entry positive."""
    largest = V.gather(-2, V.detach().abs().argmax(-2, keepdim=True))
    return largest.conj() / largest.abs()


def _order(w: Tensor) -> Tensor:
    """By real, then by imaginary parts."""
    parts = w.detach()
    return torch.as_tensor(sorted(range(len(w)), key=lambda k: (parts[k].real.item(), parts[k].imag.item())))


def _eig(A: Tensor) -> Tensor:
    w, V = linalg.eig(A)
    w, V = w[_order(w)], V[:, _order(w)]
    return torch.cat([w[None], V * _phases(V)])


def _eigvals(A: Tensor) -> Tensor:
    w = linalg.eigvals(A)
    return w[_order(w)]


def _eigh(S: Tensor) -> Tensor:
    w, V = linalg.eigh(S)
    return torch.cat([w[None].to(V.dtype), V * _phases(V)])


def _through_eigh(S: Tensor) -> Tensor:
    w, V = linalg.eigh(S)
    return (V * torch.exp(w)) @ V.mH


def _svd(A: Tensor) -> Tensor:
    U, s, Vh = linalg.svd(A, full_matrices=False)
    phases = _phases(U)
    return torch.cat([U * phases, s[None].to(U.dtype), Vh * phases.mH])


def _through_svd(A: Tensor) -> Tensor:
    U, s, Vh = linalg.svd(A)
    return (Vh.mH / s) @ U.mH


def _polar(A: Tensor) -> Tensor:
    U, _, Vh = linalg.svd(A)
    return U @ Vh


def _qr(A: Tensor) -> Tensor:
    Q, R = linalg.qr(A)
    signs = R.detach().diagonal().sgn()
    return torch.cat([Q * signs, signs.conj()[:, None] * R])


def _halves(A: Tensor) -> Tensor:
    return A.reshape(len(A), 2, len(A) // 2)


RULES = [
    Rule("norm", "norm(A)", linalg.norm, _A),
    Rule("norm (squared)", "norm(A) ** 2", lambda A: linalg.norm(A) ** 2, _A),
    Rule("vector_norm", "norm(x)", linalg.vector_norm, _X),
    Rule("vector_norm (ord 3)", "sum(abs(x) ** 3) ** (1/3)", lambda x: linalg.vector_norm(x, 3), _X),
    Rule("vector_norm (ord 4)", "sum(abs(x) ** 4)", lambda x: linalg.vector_norm(x, 4) ** 4, _X),
    Rule("matrix_norm (2)", "norm(A, '2')", lambda A: linalg.matrix_norm(A, 2), _A),
    Rule("matrix_norm (nuc)", "norm(A, 'nuc')", lambda A: linalg.matrix_norm(A, "nuc"), _A),
    Rule("matrix_norm (1)", "norm(A, '1')", lambda A: linalg.matrix_norm(A, 1), _A),
    Rule("diagonal", "diag(A)", linalg.diagonal),
    Rule("det", "det(A)", linalg.det),
    Rule("slogdet", "logdet(A)", lambda A: linalg.slogdet(A)[1]),
    Rule("cond", "svdvals(A)[0] / svdvals(A)[n - 1]", linalg.cond, _REGULAR),
    Rule("cholesky", "cholesky(S)", linalg.cholesky, _P),
    Rule("cholesky_ex", "cholesky(S)", lambda S: linalg.cholesky_ex(S)[0], _P),
    Rule("qr", "Q, R = qr(A)\nreturn vstack(Q, R)", _qr, _A, _TALL),
    Rule("eig", "w, V = eig(A)\nreturn vstack(w[None, :], V)", _eig),
    Rule("eigvals", "eigvals(A)", _eigvals),
    Rule("eigvals (sum of cubes)", "trace(A @ A @ A)", lambda A: (linalg.eigvals(A) ** 3).sum()),
    Rule("eigh", "w, V = eigh(S)\nreturn vstack(w[None, :], V)", _eigh, _S),
    Rule("eigh (V exp(w) Vᵀ)", "expm(S)", _through_eigh, _S),
    Rule("eigvalsh", "eigvalsh(S)", linalg.eigvalsh, _S),
    Rule("eigvalsh (sum of cubes)", "trace(S @ S @ S)", lambda S: (linalg.eigvalsh(S) ** 3).sum(), _S),
    Rule("svd", "U, s, Vh = svd(A)\nreturn vstack(U, s[None, :], Vh)", _svd, _A, _TALL),
    Rule("svd (V s⁻¹ Uᵀ)", "inv(A)", _through_svd, _REGULAR),
    Rule("svd (U Vᵀ)", "A @ inv(sqrtm(A.H @ A))", _polar, _REGULAR),
    Rule("svdvals", "svdvals(A)", linalg.svdvals, _A),
    Rule("svdvals (sum of squares)", "norm(A) ** 2", lambda A: (linalg.svdvals(A) ** 2).sum(), _A),
    Rule("solve", "solve(A, b)", linalg.solve, _SYSTEM),
    Rule("solve_ex", "solve(A, b)", lambda A, b: linalg.solve_ex(A, b)[0], _SYSTEM),
    Rule(
        "solve_triangular",
        "solve(L, b)",
        lambda L, b: linalg.solve_triangular(L, b[:, None], upper=False)[:, 0],
        _L,
    ),
    Rule("lu", "P, L, U = lu(A)\nreturn vstack(L, U)", lambda A: torch.cat(linalg.lu(A)[1:])),
    Rule("lu_factor", "P, L, U = lu(A)\nreturn tril(L, -1) + U", lambda A: linalg.lu_factor(A)[0]),
    Rule("lu_factor_ex", "P, L, U = lu(A)\nreturn tril(L, -1) + U", lambda A: linalg.lu_factor_ex(A)[0]),
    Rule(
        "lu_solve",
        "solve(A, b)",
        lambda A, b: linalg.lu_solve(*linalg.lu_factor(A), b[:, None])[:, 0],
        _SYSTEM,
    ),
    Rule(
        "lstsq",
        "lstsq(A, b)",
        lambda A, b: linalg.lstsq(A, b[:, None])[0][:, 0],
        {"A": M_BY_N, "b": {"shape": ["m"], "family": ["generic"]}},
        _TALL,
    ),
    Rule("inv", "inv(A)", linalg.inv),
    Rule("inv_ex", "inv(A)", lambda A: linalg.inv_ex(A)[0]),
    Rule("pinv", "pinv(A)", linalg.pinv, _A),
    Rule("matrix_exp", "expm(A)", linalg.matrix_exp),
    Rule("matrix_power (3)", "power(A, 3)", lambda A: linalg.matrix_power(A, 3)),
    Rule("matrix_power (-2)", "power(A, -2)", lambda A: linalg.matrix_power(A, -2)),
    Rule(
        "cross",
        "[x[1]*y[2] - x[2]*y[1], x[2]*y[0] - x[0]*y[2], x[0]*y[1] - x[1]*y[0]]",
        linalg.cross,
        {"x": _THREE, "y": {"shape": [3], "family": ["generic"]}},
    ),
    Rule("matmul", "A @ B", linalg.matmul, {"A": N_BY_N, "B": _PRODUCT["B"]}),
    Rule("vecdot", "inner(conj(x), y)", linalg.vecdot, _XY),
    Rule("multi_dot", "A @ B @ C", lambda *given: linalg.multi_dot(given), {"A": N_BY_N, **_PRODUCT}),
    Rule(
        "householder_product",
        _REFLECTORS,
        linalg.householder_product,
        {"A": M_BY_N, "tau": _B},
        _TALL,
    ),
    Rule(
        "tensorinv",
        "inv(A)",
        lambda A: linalg.tensorinv(A.reshape(2, len(A) // 2, len(A)), ind=2).reshape(A.shape),
        {"A": _BLOCKS},
        _EVEN,
    ),
    Rule(
        "tensorsolve",
        "solve(A, b)",
        lambda A, b: linalg.tensorsolve(_halves(A), b).reshape(b.shape),
        {"A": _BLOCKS, "b": _B},
        _EVEN,
    ),
    Rule("vander", _POWERS, linalg.vander, {"x": {"shape": ["n"], "family": VECTOR[:-2]}}),
]
