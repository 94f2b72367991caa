"""Functions of entries in balls are proven against mpmath at 50 digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import arb, ctx

from grader.problems.entrywise import UNARY
from grader.truths.ball_algebra import BALLS
from grader.truths.balls import Ball, NotExactError, from_array

pytestmark = pytest.mark.sampled

DIGITS = 50
MP: dict[str, Callable[[Any], Any]] = {
    **{name: getattr(mpmath, name) for name in ("sqrt", "log", "exp", "expm1", "log1p", "erf", "erfc")},
    **{name: getattr(mpmath, name) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{f"arc{name}": getattr(mpmath, f"a{name}") for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "abs": abs,
    "sign": mpmath.sign,
    "square": lambda x: x * x,
    "real": mpmath.re,
    "imag": mpmath.im,
    "conj": mpmath.conj,
    "gammaln": lambda x: mpmath.log(abs(mpmath.gamma(x))),
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "relu": lambda x: x if x > 0 else mpmath.mpf(0),
}
POSITIVE = {"sqrt", "log"}
INSIDE = {"arcsin", "arccos", "arctanh"}
REAL_ONLY = {"sign", "relu", "gammaln"}


def inputs(name: str, rng: np.random.Generator) -> np.ndarray[Any, Any]:
    x = rng.normal(size=8) * 10.0 ** rng.integers(-2, 2, size=8)
    if name in POSITIVE:
        return np.abs(x)
    if name in INSIDE:
        return np.tanh(x) * 0.999
    if name == "arccosh":
        return 1 + np.abs(x)
    return np.abs(x) - 0.9 if name == "log1p" else x


def digits(entry: Any) -> mpmath.mpf | mpmath.mpc:
    if isinstance(entry, arb):
        return mpmath.mpf(entry.mid().str(DIGITS + 5, radius=False))
    return mpmath.mpc(digits(entry.real), digits(entry.imag))


def lifted(x: Any) -> Any:
    return mpmath.mpc(x) if isinstance(x, complex) else mpmath.mpf(x)


def agree(found: Ball, right: list[Any]) -> None:
    for entry, value in zip(found.entries(), right, strict=True):
        assert abs(digits(entry) - value) <= mpmath.mpf(10) ** (3 - DIGITS) * max(1, abs(value))


def test_every_function_of_one_argument_is_compared() -> None:
    assert set(MP) == set(UNARY)


@pytest.mark.parametrize("name", UNARY)
def test_real_values_are_those_of_mpmath(name: str) -> None:
    x = inputs(name, np.random.default_rng(7))
    with ctx.workprec(300), mpmath.workdps(DIGITS + 10):
        agree(BALLS.operations[name](from_array(x)), [MP[name](lifted(value)) for value in x.tolist()])


@pytest.mark.parametrize("name", sorted(UNARY.keys() - REAL_ONLY))
def test_complex_values_are_those_of_mpmath(name: str) -> None:
    rng = np.random.default_rng(8)
    x = rng.normal(size=6) + 1j * rng.normal(size=6)
    with ctx.workprec(300), mpmath.workdps(DIGITS + 10):
        agree(BALLS.operations[name](from_array(x)), [MP[name](lifted(value)) for value in x.tolist()])


@pytest.mark.parametrize("name", ["sign", "relu", "max", "maximum", "clip"])
def test_what_has_no_order_is_undecided(name: str) -> None:
    z = from_array(np.array([1 + 2j, 3]))
    arguments = {"maximum": (z, z), "clip": (z, z, z)}.get(name, (z,))
    with pytest.raises(NotExactError):
        BALLS.operations[name](*arguments)


def test_a_comparison_that_a_ball_straddles_is_undecided() -> None:
    nearly = Ball(from_array(np.zeros((1, 1))).mat + arb(0, 1e-30), ())
    with pytest.raises(NotExactError):
        BALLS.operations[">"](nearly, from_array(0.0))
    with pytest.raises(NotExactError):
        BALLS.operations["sign"](nearly)


def test_reductions_along_axes_are_those_of_mpmath() -> None:
    x = np.random.default_rng(9).normal(size=(3, 4)) * 5
    with ctx.workprec(300), mpmath.workdps(DIGITS + 10):
        columns = [[lifted(value) for value in column] for column in x.T.tolist()]
        sums = [mpmath.fsum(map(mpmath.exp, column)) for column in columns]
        agree(BALLS.operations["logsumexp"](from_array(x), axis=0), [mpmath.log(total) for total in sums])
        means = [mpmath.fsum(c) / 3 for c in columns]
        agree(BALLS.operations["mean"](from_array(x), axis=0), means)
        variances = [mpmath.fsum((v - m) ** 2 for v in c) / 3 for c, m in zip(columns, means, strict=True)]
        agree(BALLS.operations["std"](from_array(x), axis=0), [mpmath.sqrt(v) for v in variances])
        softmax = [mpmath.exp(columns[j][i]) / sums[j] for i in range(3) for j in range(4)]
        agree(BALLS.operations["softmax"](from_array(x), axis=0), softmax)
