"""Roots, logarithms and other functions of a matrix, in balls and without eigenvalues, so at repeated ones too.

The square root is the limit of Denman and Beavers's iteration in its product form,

    X ← ½μX(I + μ⁻²M⁻¹),   M ← ½(I + ½(μ²M + μ⁻²M⁻¹)),   X = M = A at first, μ > 0 any scaling.

Every iterate has X² = AM and commutes with A, and an eigenvalue of X is one of √A times a number with positive real
part. So with M = I + F and ‖F‖ < 1 the principal root is X(I + F)^(−½), and ‖(I + F)^(−½) − I‖ ≤ (1 − ‖F‖)^(−½) − 1.

The logarithm is 2ᵏ log A^(2⁻ᵏ) with k roots, and log S = 2 artanh Z with Z = (S − I)(S + I)⁻¹, ‖Z‖ small.
All else is made of exponentials, logarithms and roots.

Source: N. Higham, Functions of Matrices, SIAM 2008, §6.3 (product form, scaling), §11.5 (inverse scaling and squaring).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from flint import acb, acb_mat, arb, arb_mat, ctx

from grader.truths.balls import NotExactError
from grader.truths.functions.diagonalise import diagonalise
from grader.truths.functions.matrices import (
    Mat,
    diagonal,
    frobenius,
    identity,
    inverse,
    is_complex,
    is_finite,
    surround,
)

_GUARD_BITS = 100
_MOST_STEPS = 60
MOST_ROOTS = 80
_SMALL = 1 / 4
"""‖A^(2⁻ᵏ) − I‖ at which the series of the logarithm is summed."""
ON_THE_CUT = "an eigenvalue is 0 or negative, or nearly so, where the {} of a matrix is not defined"


def expm(A: Mat) -> Mat:
    """e^A, by flint."""
    return A.exp()


def sqrtm(A: Mat) -> Mat:
    """The principal square root, whose eigenvalues have positive real parts.

    Raises:
        NotExactError: an eigenvalue is 0 or negative, or may be.
    """
    with ctx.workprec(ctx.prec + _GUARD_BITS):
        return _root(A, "square root")


def logm(A: Mat) -> Mat:
    """The principal logarithm, whose eigenvalues have imaginary parts between −π and π.

    Raises:
        NotExactError: an eigenvalue is 0 or negative, or may be.
    """
    with ctx.workprec(ctx.prec + _GUARD_BITS):
        one, S = identity(A.nrows(), A), A
        for roots in range(MOST_ROOTS):
            if frobenius(S - one) < _SMALL:
                return _log_near_one(S) * 2**roots
            S = _root(S, "logarithm")
    raise NotExactError(ON_THE_CUT.format("logarithm"))


def _root(A: Mat, name: str) -> Mat:
    one, X, M = identity(A.nrows(), A), A, A
    distance = frobenius(M - one)
    for _ in range(_MOST_STEPS):
        try:
            inverted = inverse(M)
        except NotExactError:
            break
        scale = _scaling(M) if distance > 0.5 else arb(1)
        next_X = X * (scale / 2) + X * inverted * (1 / (2 * scale))
        M = one * (arb(1) / 2) + M * (scale**2 / 4) + inverted * (1 / (4 * scale**2))

        next_distance = frobenius(M - one)
        if not next_distance.is_finite():
            break
        # A distance below a half is squared by a step, until it is that of rounding.
        if distance < 0.5 and not next_distance < distance / 2:
            return X + X * surround(one * 0, 1 / (1 - distance).sqrt() - 1)
        X, distance = next_X, next_distance
    raise NotExactError(ON_THE_CUT.format(name))


def _scaling(M: Mat) -> arb:
    """μ = |det M|^(−1/2n), about: any positive number is right."""
    size = float(abs(M.det()).log().mid()) if M.nrows() else 0.0
    return arb(2) ** round(-size / (2 * M.nrows()) / math.log(2)) if math.isfinite(size) else arb(1)


def _log_near_one(S: Mat) -> Mat:
    """2 Σ Z²ʲ⁺¹/(2j + 1), and a bound on what is left out."""
    one = identity(S.nrows(), S)
    Z = (S - one) * inverse(S + one)
    size = frobenius(Z)
    if not size > 0:
        return Z

    terms = max(1, math.ceil(ctx.prec * math.log(2) / (-2 * float(size.log()))))
    total = _polynomial([arb(1) / (2 * j + 1) for j in range(terms)], Z * Z)
    rest = size ** (2 * terms + 1) / ((2 * terms + 1) * (1 - size**2))
    return surround(Z * total * 2, 2 * rest)


def _polynomial(coefficients: Sequence[arb], Y: Mat) -> Mat:
    """Σ cⱼYʲ in about 2√terms products (Paterson and Stockmeyer)."""
    width = max(1, math.isqrt(len(coefficients)))
    powers = [identity(Y.nrows(), Y)]
    for _ in range(width):
        powers.append(powers[-1] * Y)

    total = powers[0] * 0
    for start in reversed(range(0, len(coefficients), width)):
        total = total * powers[width]
        for power, coefficient in zip(powers, coefficients[start : start + width], strict=False):
            total = total + power * coefficient
    return total


def funm(A: Mat, name: str) -> Mat:
    """A function of a matrix, by the name it has for numbers.

    Raises:
        NotExactError: it is not defined at an eigenvalue, or may not be; for `erf` and `gammaln` also where two
            eigenvalues are equal.
    """
    return _FUNCTIONS[name](A)


def _half_sum(A: Mat) -> tuple[Mat, Mat]:
    """(e^A + e^(−A))/2 and (e^A − e^(−A))/2."""
    up, down = expm(A), expm(-A)
    return (up + down) * (arb(1) / 2), (up - down) * (arb(1) / 2)


def _turned(A: Mat) -> Mat:
    return acb_mat(A) * acb(0, 1)


def _real_like(X: Mat, A: Mat) -> Mat:
    """X, known to be real if A is."""
    if is_complex(A):
        return X
    return arb_mat(X.nrows(), X.ncols(), [entry.real for entry in acb_mat(X).entries()])


def _cos(A: Mat) -> Mat:
    return _real_like(_half_sum(_turned(A))[0], A)


def _sin(A: Mat) -> Mat:
    return _real_like(_half_sum(_turned(A))[1] * acb(0, -1), A)


def _tanh(A: Mat) -> Mat:
    cosh, sinh = _half_sum(A)
    return sinh * inverse(cosh)


def _plus_one(A: Mat) -> Mat:
    return A + identity(A.nrows(), A)


def _arctan(A: Mat) -> Mat:
    turned = _turned(A)
    difference = logm(_plus_one(turned)) - logm(_plus_one(-turned))
    return _real_like(difference * acb(0, -0.5), A)


def _by_eigenvalues(method: str) -> Callable[[Mat], Mat]:
    def apply(A: Mat) -> Mat:
        eigen = diagonalise(A)
        if method == "lgamma" and not all(value.real > 0 for value in eigen.values):
            raise NotExactError("gammaln of a matrix with an eigenvalue left of the imaginary axis")
        images = diagonal([getattr(value, method)() for value in eigen.values])
        if not is_finite(images):
            raise NotExactError("a function of a matrix that is not defined at an eigenvalue")
        X = type(images)(eigen.vectors)
        return _real_like(X * images * inverse(X), A)

    return apply


_FUNCTIONS: Mapping[str, Callable[[Mat], Mat]] = {
    "exp": expm,
    "expm1": lambda A: expm(A) - identity(A.nrows(), A),
    "log": logm,
    "log1p": lambda A: logm(_plus_one(A)),
    "sqrt": sqrtm,
    "sin": _sin,
    "cos": _cos,
    "tan": lambda A: _sin(A) * inverse(_cos(A)),
    "sinh": lambda A: _half_sum(A)[1],
    "cosh": lambda A: _half_sum(A)[0],
    "tanh": _tanh,
    "arctan": _arctan,
    "sigmoid": lambda A: inverse(_plus_one(expm(-A))),
    "softplus": lambda A: logm(_plus_one(expm(A))),
    "erf": _by_eigenvalues("erf"),
    "gammaln": _by_eigenvalues("lgamma"),
}
"""What `funm` takes."""
